"""Public functions that take a function, side by side: how they are called, and what they refuse.

``python -m tests.interface`` prints the tables of docs/reference/api.
"""

import inspect
import re

import numpy as np

import dualrev as dr

#: Each function as it is called, by what its f is: one number, an array like x, or of one number.
FORMS = {
    "scalar": [
        "dr.grad(f, **options)(x)",
        "dr.value_and_grad(f, **options)(x)",
        "dr.hessian(f, **options)(x)",
        "dr.hvp(f, **options)(x, v)",
        "dr.laplacian(f, **options)(x)",
        "dr.hessian_diagonal(f, **options)(x)",
        "dr.bilaplacian(f, **options)(x)",
        "dr.prepare_hessian(f, x, **options)",
        "dr.implicit.minimum(f, x, **options)",
    ],
    "array": [
        "dr.elementwise_grad(f, **options)(x)",
        "dr.jacobian(f, **options)(x)",
        "dr.divergence(f, **options)(x)",
        "dr.curl(f, **options)(x)",
        "dr.gauss_newton_product(f, **options)(x, v)",
        "dr.partial(f, (1, 0, 1), **options)(x)",
        "dr.derivative_tensor(f, 2, **options)(x)",
        "dr.prepare_jacobian(f, x, **options)",
        "dr.sparsity(f, x, **options)",
        "dr.jvp(f, (x,), (v,), **options)",
        "dr.vjp(f, x, **options)",
        "dr.linearize(f, x, **options)",
        "dr.taylor(f, x, v, 2, **options)",
        "dr.taylor_ode(f, x, 2, **options)",
        "dr.propagate(f, x, std=v, **options)",
        "dr.implicit.root(f, x, **options)",
        "dr.implicit.fixed_point(f, x, **options)",
        "dr.implicit.linear_solve(f, x, **options)",
        "dr.testing.check_derivatives(f, x, **options)",
        "dr.show.trace_table(f, x, **options)",
        "dr.show.draw(f, x, **options)",
        "dr.show.difference_errors(f, x, **options)",
        "dr.show.plot_error(f, x, **options)",
    ],
    "number": [
        "dr.derivative(f, **options)(x)",
        "dr.derivatives(f, 2, **options)(x)",
    ],
    # What these do with x is f's own.
    "any": [
        "dr.vmap(f, **options)(x)",
        "dr.checkpoint(f, **options)(x)",
        "dr.checkpoint_chain(f, x, 3, snapshots=2, **options)",
        "dr.compile(f, **options)(x)",
    ],
}
DIFFERENTIATING = ("scalar", "array", "number")
#: What declares a rule takes a function otherwise.
_WORDS = {"constant", "elementwise", "linear", "rule"}
_ARRAY = np.array([1.0, 2.0, 3.0])


class Plain:
    """An object that is no container."""


def function(answer):
    """A function of this answer, called f in all messages."""

    def f(x):
        return answer(x)

    return f


TWICE, TOTAL = function(lambda x: 2 * x), function(lambda x: np.sum(x**2))


#: What is wrong: for which functions, and what is given in the place of f and x, and as options.
REFUSED = {
    "a number in the place of f": (tuple(FORMS), {"f": 3.0}),
    "f answers None": (DIFFERENTIATING, {"f": function(lambda x: None)}),
    "f answers a text": (DIFFERENTIATING, {"f": function(lambda x: "text")}),
    "f answers an object": (DIFFERENTIATING, {"f": function(lambda x: Plain())}),
    "f answers an array": (("scalar",), {"f": TWICE}),
    "f answers two numbers": (("scalar",), {"f": function(lambda x: (x[0], x[1]))}),
    "x is None": (DIFFERENTIATING, {"x": None}),
    "x is a text": (DIFFERENTIATING, {"x": "text"}),
    "x is an array of objects": (DIFFERENTIATING, {"x": np.array([1.0, None])}),
    "x is a masked array": (DIFFERENTIATING, {"x": np.ma.array([1.0, 2.0, 3.0])}),
    "x is an object": (DIFFERENTIATING, {"x": Plain()}),
    "`argnums=1` of one argument": ("argnums", {"argnums": 1}),
    "`argnums=0.0`": ("argnums", {"argnums": 0.0}),
    "`argnums=True`": ("argnums", {"argnums": True}),
    "`argnums=(0, 0)`": ("argnums", {"argnums": (0, 0)}),
    '`argnames="y"`, unknown to f': ("argnames", {"argnames": "y"}),
    "`argnames=0`": ("argnames", {"argnames": 0}),
    '`argnames=("x", "x")`': ("argnames", {"argnames": ("x", "x")}),
    '`argnums=0, argnames="x"`': ("argnames", {"argnums": 0, "argnames": "x"}),
    "`has_aux=True`, f answers no pair": ("has_aux", {"has_aux": True}),
    "`holomorphic=True`, x is real": ("holomorphic", {"holomorphic": True}),
    "`chunk_size=0`": ("chunk_size", {"chunk_size": 0}),
    "`progress=3`": ("progress", {"progress": 3}),
}
#: What reads None for an argument that was left out.
_EXCEPT = {"x is None": ("dr.hvp", "dr.gauss_newton_product")}


def name_of(form):
    """``dr.grad`` of ``dr.grad(f)(x)``."""
    return form.partition("(")[0]


def function_of(form):
    return eval(name_of(form))


def parameters_of(form):
    return inspect.signature(function_of(form)).parameters


def public_functions():
    """The names of all public functions whose first parameter is a function."""
    modules = {"dr": dr, "dr.implicit": dr.implicit, "dr.show": dr.show, "dr.testing": dr.testing}
    for path, module in modules.items():
        for name in module.__all__:
            member = getattr(module, name)
            if callable(member) and name not in _WORDS and not _is_error(member):
                first = next(iter(inspect.signature(member).parameters.values()), None)
                if first is not None and "Callable" in str(first.annotation):
                    yield f"{path}.{name}"


def _is_error(member):
    return isinstance(member, type) and issubclass(member, BaseException)


def forms(which):
    """The calls of these kinds, or those with an option."""
    if isinstance(which, tuple):
        return [form for kind in which for form in FORMS[kind]]
    return [form for form in forms(tuple(FORMS)) if which in parameters_of(form)]


def called(form, **given):
    """What a call answers; what is not given is right."""
    is_scalar, is_number = form in FORMS["scalar"], form in FORMS["number"]
    x = 2.0 if is_number else _ARRAY
    right = {"f": TOTAL if is_scalar else TWICE, "x": x, "v": np.ones_like(x)}
    options = {name: value for name, value in given.items() if name not in right}
    return eval(form, {"dr": dr}, {**right, **given, "options": options})


def errors_of(what):
    """The error that each call raises; None where there is none."""
    which, given = REFUSED[what]
    found = {}
    for form in forms(which):
        if name_of(form) not in _EXCEPT.get(what, ()):
            try:
                called(form, **given)
            except Exception as error:
                found[form] = error
            else:
                found[form] = None
    return found


#: How the argument is called that x is.
_PLACES = r"(\[0\] of )?the arguments|the (only argument|argument|solution|right-hand side)|y0"


def message(form, error):
    """The error and what it says, with dots for the function and x for the argument."""
    text = re.sub(_PLACES, "x", getattr(error, "what", str(error))).replace("(None,)", "None")
    *_, name = name_of(form).split(".")
    for word in (f"implicit.{name}", f"testing.{name}", name, name.removeprefix("prepare_")):
        text = re.sub(rf"\b{word}\b(?= (takes|needs|was given)\b)", "...", text)
    return f"{type(error).__name__} | {text}"


def refusals():
    """The table of what is refused: one row a message."""
    yield "| given | to | error | it says |"
    yield "|---|---|---|---|"
    for what, (which, _) in REFUSED.items():
        if which == ("scalar",):
            to = "all that need one number"
        else:
            to = "all" if isinstance(which, tuple) else f"all with `{which}`"
        for said in sorted({message(*item) for item in errors_of(what).items()}):
            yield f"| {what} | {to} | {said} |"


def options():
    """The table of parameters: those that are given by position, and those by name alone."""
    yield "| call | by position or by name | by name |"
    yield "|---|---|---|"
    for form in forms(tuple(FORMS)):
        parameters = parameters_of(form).values()
        by_name = [
            str(p.replace(annotation=p.empty)) for p in parameters if p.kind is p.KEYWORD_ONLY
        ]
        others = [
            str(p.replace(annotation=p.empty)) for p in parameters if p.kind is not p.KEYWORD_ONLY
        ]
        cells = [form.replace(", **options", ""), ", ".join(others), ", ".join(by_name)]
        yield f"| {' | '.join(f'`{cell}`' if cell else '' for cell in cells)} |"


if __name__ == "__main__":
    print(
        "### What they take", "", *options(), "", "### What they refuse", "", *refusals(), sep="\n"
    )
