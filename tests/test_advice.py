"""The advice of every error works: applied to the program that raised it, the derivative is right.

Programs are texts, so that what an error says to write can be put into them.
"""

import ast
import cmath
import functools
import inspect
import itertools
import linecache
import math
import re
import types
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev.core.primitive import RULES
from tests.advice import FUNCTIONS, OTHERWISE, SETUP, VALUES
from tests.numeric import numeric_jacobian

X = np.array([1.5, 0.5, 2.0])
HEAD = """\
import cmath, decimal, math, random, statistics, struct
import numpy as np
import scipy
import dualrev, dualrev as dr
"""
OWN_HEAD = HEAD.replace("import numpy as np", "import dualrev.numpy as np")
_number = itertools.count()


def program(body, head=HEAD, place=""):
    """``f(x)``, as if it stood in a file: of an expression of x, or of statements."""
    if "return" not in body:
        body = f"return {body}"
    lines = body.replace("; ", "\n").splitlines()
    text = head + "def f(x):\n" + "".join(f"    {line}\n" for line in lines)
    file = f"{place}program_{next(_number)}.py"
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
    module = types.ModuleType("program")
    exec(compile(text, file, "exec"), vars(module))
    return module.f


def raised(f):
    """The error of ours, in both modes of one text."""
    with pytest.raises(dr.DualrevError) as caught:
        dr.jacobian(f, mode="reverse")(X)
    with pytest.raises(dr.DualrevError) as again:
        dr.jacobian(f, mode="forward")(X)
    assert caught.value.fix == again.value.fix
    return caught.value


def check(f):
    expected = numeric_jacobian(f, X)
    assert_allclose(expected, dr.jacobian(f, mode="reverse")(X), atol=1e-6)
    assert_allclose(expected, dr.jacobian(f, mode="forward")(X), atol=1e-6)


def check_replaced(body):
    """What the error says to write, written for the expression that it shows."""
    error = raised(program(body))
    (shown,) = re.findall("`(.*?)`", error.what)
    assert error.fix.startswith("write ")
    assert shown in body
    instead = error.fix.removeprefix("write ")
    repaired = program(body.replace(shown, instead if " = " in instead else f"({instead})"))
    assert_allclose(program(body)(X), repaired(X), rtol=1e-12)
    check(repaired)


# ------------------------------------------------------------------------- one expression for another

EXPRESSIONS = [
    "float(x[0])",
    "float(x[0] + x[1]) * x[2]",
    "np.float64(x[0])",
    "complex(x[0]).real",
    "complex(x[0], x[1] * 2).imag",
    "np.complex128(x[0]).real",
    "statistics.fmean(x)",
    '"%g" % x[0]; return x',
    '"%.2f {%s}" % (x[0], "a"); return x',
    "y = np.ones(3); y += x; return y",
    "y = np.ones(3); y *= x + 1.0; return y",
    "y = [np.ones(3)]; z = y[0]; z -= x; return z",
]
DRAWS = [
    "normal(x)",
    "normal(x, 2.0)",
    "normal(1.0 - x[0], scale=x[1], size=3)",
    "normal(loc=x[0])",
    "uniform(x[0], 3.0)",
    "uniform(high=x, size=3)",
    "exponential(x[0], 2)",
    "laplace(x[0], x[1], 2)",
    "logistic(x)",
    "gumbel(x[0])",
    "rayleigh(x[0], size=(2, 2))",
]


@pytest.mark.parametrize("body", EXPRESSIONS)
def test_what_an_error_says_to_write_is_right(body):
    check_replaced(body)


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize(
    "rng", ["rng = np.random.default_rng(3); return rng.", "np.random.seed(3); return np.random.",
            "np.random.default_rng(3)."],
)  # fmt: skip
def test_a_random_number_is_written_as_a_function_of_its_parameters(rng, draw):
    check_replaced(rng + draw)


@pytest.mark.parametrize(
    ("body", "fix", "repaired"),
    [
        ("list(map(float, x))[1]", "leave out float, which makes plain numbers", "list(x)[1]"),
        ("sorted(x, key=float)[0]", "leave out float, which makes plain numbers", "sorted(x)[0]"),
        ("sum(map(math.exp, x))", "write np.exp for math.exp", "sum(map(np.exp, x))"),
        ("max(x, key=math.gamma)", "write scipy.special.gamma for math.gamma",
         "max(x, key=scipy.special.gamma)"),
        ("np.vectorize(math.sin)(x)", "compute it by functions of NumPy, which keep the derivative",
         "np.sin(x)"),
    ],
)  # fmt: skip
def test_a_function_that_another_one_calls_is_found_or_not_named(body, fix, repaired):
    assert raised(program(body)).fix == fix
    check(program(repaired))


def test_other_random_numbers_are_drawn_with_plain_parameters():
    body = "np.random.default_rng(3).gamma(x[0]) * x"
    error = raised(program(body))
    assert error.fix.startswith("give it dualrev.stop_gradient(x), ")
    f = program(body.replace("gamma(x[0])", "gamma(dualrev.stop_gradient(x[0]))"))
    assert_allclose(np.eye(3) * np.random.default_rng(3).gamma(1.5), dr.jacobian(f)(X))


def functions_of(module):
    return [name for name, f in vars(module).items() if inspect.isbuiltin(f) and name[0] != "_"]


#: What takes whole numbers, sees the primal, or computes with any numbers.
WHOLE = {"ceil", "comb", "factorial", "floor", "gcd", "isqrt", "lcm", "ldexp", "perm", "prod",
         "sumprod", "trunc"}  # fmt: skip
SEVERAL = {"atan2": 2, "copysign": 2, "fma": 3, "fmod": 2, "hypot": 2, "isclose": 2, "pow": 2,
           "rect": 2, "remainder": 2, "nextafter": 2}  # fmt: skip
GIVEN = {"acosh": "x[0]", "dist": "x, 2.0 * x[::-1]", "frexp": "x[0]", "fsum": "[x[0], x[1]]"}


def calls_of_math():
    for module in (math, cmath):
        for name in sorted({*functions_of(module)} - WHOLE):
            given = ", ".join(("x[1]", "x[2]", "x[0]")[: SEVERAL.get(name, 1)])
            yield f"{module.__name__}.{name}({GIVEN.get(name, given)})"
    yield from ("math.log(x[0], 2)", "math.hypot(x[0], x[1], x[2])", "cmath.log(x[0], 2)")


def used(call):
    """A function's body that makes real numbers of the call's answer."""
    name = call.partition(".")[2]
    if name.startswith("is"):
        return f"{call} * x[0]"
    if name.startswith(("polar", "modf", "frexp")):
        return f"y = {call}; return y[0]"
    return f"y = {call}; return y.real + y.imag" if call.startswith("cmath") else call


@pytest.mark.parametrize("call", list(calls_of_math()))
def test_a_function_of_math_has_one_of_numpy_s_or_is_patched(call):
    error = raised(program(used(call)))
    assert f"`{call}`" in error.what
    if not error.fix.startswith("call dualrev.patch_numpy() once"):
        check_replaced(used(call))
        return
    f = program(used(call))
    with dr.patch_numpy():
        check(f)


def test_an_error_without_the_source_knows_what_was_called():
    """In Python's prompt, before version 3.13, as in text that is executed."""
    names = dict(vars(math), np=np, rng=np.random.default_rng(3))
    exec(
        "def f(x): return sin(x[0])\ndef g(x):\n    y = np.ones(3)\n    y += x\n    return y", names
    )
    exec("def h(x): return rng.normal(x)\ndef k(x):\n    y = np.ones(3)\n    y[1:] += x[1:]", names)
    instead = {"f": "np.sin(x)", "g": "y = y + ...", "h": "x + 1.0 * rng.normal(size=np.shape(x))"}
    for name, text in instead.items():
        assert raised(names[name]).fix == f"write {text}"
    assert "import dualrev.numpy as np" in raised(names["k"]).fix


def test_an_error_names_the_user_s_line_and_not_python_s_own():
    error = raised(program("statistics.fmean(x)"))
    assert re.fullmatch(r"in your function `f` \(program_\d+\.py:6\)", error.where)


# ------------------------------------------------------------------- arrays that hold traced values

FILLED = [
    "y = np.zeros(3); y[0] = x[0] * 2; return y",
    "y = np.zeros((2, 3)); y[1] = x; return y",
    "y = np.ones(3); y[:2] += x[:2]; return y",
    "y = np.zeros(3); y.fill(x[0]); return y",
    "y = np.zeros(3); np.add.at(y, [0, 0, 1], x); return y",
    "y = np.empty(3); np.multiply(x, x, out=y); return y",
    "y = np.zeros(3); np.copyto(y, x); return y",
    "np.asarray(x, dtype=float) ** 2",
    "np.array([x[0], 1.0], dtype=float) ** 2",
    "np.asarray([a for a in x]).astype(float)",
    "np.exp(np.array([x[0], 1.0]))",
    "np.linalg.det(np.array([[x[0], 0.5], [0.5, x[2]]]))",
    "np.linalg.solve(np.eye(3), np.asarray(x))",
    "np.interp(np.asarray(x), [-1.0, 0.0, 3.0], [0.0, 1.0, 5.0])",
]


@pytest.mark.parametrize("body", FILLED)
def test_a_file_that_imports_dualrev_numpy_fills_its_arrays(body):
    fix = raised(program(body)).fix
    assert fix.startswith(
        "write `import dualrev.numpy as np` for `import numpy as np` in this file"
    )
    check(program(body, OWN_HEAD))


@pytest.mark.parametrize("body", [*FILLED, "math.sin(x[0])"])
def test_a_package_that_nobody_edits_is_patched(body):
    place = "/somewhere/site-packages/package/"
    assert raised(program(body, place=place)).fix.startswith("call dualrev.patch_numpy() once")
    f = program(body, place=place)
    with dr.patch_numpy():
        check(f)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("np.add.at(b, [0, 1], x[0])", "b"),
        ("np.fill_diagonal(b, x[0])", "b"),
        ("np.add(x, 1.0, out=b[0])", "b"),
        ("b.fill(x[0])", "b"),
        ("b.flat[0] = x[0]", "b"),
        ("b[0][1] = x[0]", "b"),
        ("b[0] += x", "b"),
        ("all['b'][1:] += x", "all['b']"),
        ("b[[0, 1]], c = x, 0", "y"),
        ("row = b[0]; row[1] = x[0]", "y"),
    ],
)
def test_the_array_that_is_written_is_the_one_to_copy(body, name):
    head = OWN_HEAD + "buffer = np.zeros((3, 3))\n"
    start, end = "b = buffer; all = {'b': b}; ", f"{body}; return (b + all['b']) * 1.0"
    fix = raised(program(start + end, head)).fix
    step = f"{name} = np.array({name})"
    assert fix == f"copy the array inside the differentiated function, before: {step}"
    if name != "y":
        check(program(start + f"{step}; {end}", head))


def test_an_array_from_elsewhere_is_copied_in_the_function():
    head = OWN_HEAD + "buffer = np.zeros(3)\n"
    error = raised(program("buffer[0] = x[0]; return buffer * 1.0", head))
    step = "buffer = np.array(buffer)"
    assert f"copy the array inside the differentiated function, before: {step}" == error.fix
    check(program("b = buffer; b = np.array(b); b[0] = x[0]; return b * 1.0", head))


# --------------------------------------------------------------------------------- the two tables


@functools.cache
def error_of_function(failing):
    return raised(program(failing))


def evaluated(expression):
    namespace = {"__name__": "program"}
    exec(HEAD + SETUP, namespace)
    return eval(expression, namespace)


@functools.cache
def error_of_value(failing):
    with pytest.raises(dr.DualrevError) as caught:
        evaluated(failing)
    return caught.value


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("failing", "advice", "repaired"), FUNCTIONS, ids=[r[0] for r in FUNCTIONS]
)
def test_advice_applied_to_a_function_gives_its_value_and_derivative(failing, advice, repaired):
    check_advice(failing, advice, repaired)
    value = np.asarray(program(repaired)(X))
    # Of objects where NumPy was given a list of them.
    assert_allclose(np.asarray(program(failing)(X), value.dtype), value, rtol=1e-10, atol=1e-12)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("failing", "advice", "repaired"), OTHERWISE, ids=[r[0] for r in OTHERWISE]
)
def test_advice_applied_to_a_function_that_does_otherwise_gives_a_derivative(
    failing, advice, repaired
):
    check_advice(failing, advice, repaired)


def check_advice(failing, advice, repaired):
    error = error_of_function(failing)
    assert advice in error.fix
    assert "traced" not in error.what or "(as x is inside dr.grad)" in error.what
    f = program(repaired)
    if "stop_gradient" in repaired or "grad(" in repaired:  # not what differences see
        for mode in ("forward", "reverse"):
            assert np.isfinite(dr.jacobian(f, mode=mode)(X)).all()
        return
    check(f)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("failing", "advice", "repaired", "value"), VALUES, ids=[r[0] for r in VALUES]
)
def test_advice_applied_to_a_call_gives_the_value(failing, advice, repaired, value):
    assert advice in error_of_value(failing).fix
    answer = evaluated(repaired)
    assert answer is value is None or np.allclose(value, answer, rtol=1e-6, atol=1e-6)


# ---------------------------------------------------------------------------- no advice is untried


def texts_of(node, values, asked=()):
    """Patterns of the texts that an expression may be."""
    if isinstance(node, ast.Constant):
        return [] if node.value is None else [re.escape(node.value)]
    if isinstance(node, ast.JoinedStr):
        return [
            "".join(
                re.escape(v.value) if isinstance(v, ast.Constant) else ".*" for v in node.values
            )
        ]
    if isinstance(node, ast.IfExp):
        return texts_of(node.body, values, asked) + texts_of(node.orelse, values, asked)
    if isinstance(node, ast.BoolOp):
        return [text for part in node.values for text in texts_of(part, values, asked)]
    if isinstance(node, ast.BinOp):
        return [f"{left}.*" for left in texts_of(node.left, values, asked)]
    if isinstance(node, ast.Subscript):
        return texts_of(node.value, values, asked)
    if isinstance(node, ast.Dict):
        return [text for part in node.values for text in texts_of(part, values, asked)]
    name = node.func if isinstance(node, ast.Call) else node
    if isinstance(name, ast.Name) and name.id not in asked:
        found = values.get(name.id, [])
        return [text for part in found for text in texts_of(part, values, (*asked, name.id))]
    return []


def advice_in(path):
    """What is given as ``fix`` in a module: patterns of the texts."""
    text = path.read_text("utf-8")
    if not re.search(r"\bfix=|\bno_rule\(|\bmissing_rule\(", text):
        return
    tree = ast.parse(text)
    values: dict = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                values.setdefault(getattr(target, "id", None), []).append(node.value)
        elif isinstance(node, ast.FunctionDef):
            returned = [n.value for n in ast.walk(node) if isinstance(n, ast.Return) and n.value]
            values.setdefault(node.name, []).extend(returned)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = [k.value for k in node.keywords if k.arg == "fix"]
        given += (
            node.args[1:2] if called == "no_rule" else node.args[3:4] * (called == "missing_rule")
        )
        for advice in given:
            yield from texts_of(advice, values)


PACKAGE = Path(dr.__file__).parent


@functools.cache
def written():
    """All advice of the package, with the files in which it stands."""
    return {
        (str(path.relative_to(PACKAGE)), text)
        for path in PACKAGE.rglob("*.py")
        if path.name != "repairs.py"  # whose texts the tests above put into programs
        and path.parent.name != "bridges"  # which need their libraries: tests/bridges try those
        for text in advice_in(path)
    }


def test_the_advice_of_all_errors_is_found():
    assert len(written()) > 120
    assert len({path for path, _ in written()}) > 30


@pytest.mark.filterwarnings("ignore")
def test_all_advice_is_tried():
    tried = {error_of_function(row[0]).fix for row in (*FUNCTIONS, *OTHERWISE)}
    tried |= {error_of_value(row[0]).fix for row in VALUES}
    tried |= {rule.fix for rule in RULES.values() if rule.word == "refused"}
    untried = [
        (path, text)
        for path, text in sorted(written())
        if not any(re.fullmatch(text, fix, re.DOTALL) for fix in tried)
    ]
    assert untried == []


@pytest.mark.filterwarnings("ignore")
def test_the_advice_of_every_refusal_is_tried():
    tried = {error_of_function(row[0]).fix for row in (*FUNCTIONS, *OTHERWISE)}
    refusals = {rule.fix: name for name, rule in RULES.items() if rule.word == "refused"}
    # A fit is written in each of the five series alike; a matrix is refused where it is met.
    alike = re.compile(r"use np\.linalg\.lstsq\(np\.stack|convert the series|.* @ for its product")
    assert [fix for fix in refusals if fix not in tried and not alike.match(fix)] == []
