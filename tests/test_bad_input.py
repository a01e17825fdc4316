"""Every error says what happened, where in the user's code, and what to type instead."""

import dataclasses
import fractions
import functools
import inspect
import re
import statistics

import numpy as np
import pytest
import scipy.sparse

import dualrev as dr
from dualrev import errors
from dualrev.core import words
from dualrev.core.primitive import RULES

X = np.array([1.0, 2.0, 3.0])


class Spring:
    """A container that nobody has registered."""

    def __init__(self, stiffness=1.0):
        self.stiffness = stiffness


def energy(x):
    return np.sum(x**2)


def line_of(function, mark="HERE"):
    lines, start = inspect.getsourcelines(function)
    return start + next(i for i, line in enumerate(lines) if mark in line)


def shown(x):
    """A name for ``-k`` that does not change from run to run, as an object's address does."""
    return re.sub(" at 0x[0-9a-f]+", "", repr(x))


def raised(cls, function, *args, **kwargs):
    """The error, checked to be one message of what, where and fix."""
    with pytest.raises(cls) as caught:
        function(*args, **kwargs)
    error = caught.value
    assert type(error) is cls
    lines = [error.what]
    lines += [f"  where: {error.where}"] * bool(error.where)
    lines += [f"  fix:   {error.fix}"] * bool(error.fix)
    assert str(error) == "\n".join(lines)
    assert error.what.rstrip().endswith((".", "?"))
    assert error.fix, "an error without a repair"
    return error


# ------------------------------------------------------------------------------- rules, tracers


def unwraps(x):
    return np.sum(np.unwrap(x))  # HERE


@pytest.mark.usefixtures("unwrap_without_rule")
@pytest.mark.parametrize("mode", [dr.grad, dr.jacobian, lambda f: lambda x: dr.jvp(f, (x,), (x,))])
def test_function_without_a_rule(mode):
    error = raised(dr.MissingRuleError, mode(unwraps), X)
    assert "numpy.unwrap has no derivative rule" in error.what
    assert f"in your function `unwraps` (test_bad_input.py:{line_of(unwraps)})" in error.where
    assert "argument 0: float64 array of shape (3,)" in error.where
    assert "dualrev.rule(numpy.unwrap" in error.fix
    assert isinstance(error, NotImplementedError)


@pytest.mark.usefixtures("unwrap_without_rule")
@pytest.mark.parametrize(("mode", "word"), [(dr.grad, "reverse"), (dr.derivative, "forward")])
def test_missing_rule_names_the_mode(mode, word):
    error = raised(dr.MissingRuleError, mode(lambda x: np.sum(np.unwrap(x * np.ones(3)))), 1.0)
    assert f"{word} mode" in error.where


def test_option_that_the_rule_does_not_know():
    scaled = words.rule(
        lambda x, scale=1.0: x * scale,
        jvp=lambda tangents, ans, x: tangents[0],
        vjp=lambda ct, wanted, ans, x: (ct,),
    )
    assert dr.grad(scaled)(2.0) == 1.0
    error = raised(dr.MissingRuleError, dr.grad(lambda x: scaled(x, scale=2.0)), 2.0)
    assert "`scale`" in error.what
    error = raised(dr.MissingRuleError, dr.grad(lambda x: scaled(2.0 * x, x)), 2.0)
    assert "`scale` traced" in error.what


def test_ufunc_method_without_a_rule(monkeypatch):
    monkeypatch.delitem(RULES, np.arctan2)
    monkeypatch.delitem(RULES, np.arctan2.outer, raising=False)  # derived at look-up
    error = raised(dr.MissingRuleError, dr.grad(lambda x: np.sum(np.arctan2.outer(x, x))), X)
    assert "numpy.arctan2.outer" in error.what


def test_used_up_tracer_in_reverse_mode():
    kept = []
    dr.grad(lambda x: (kept.append(x), x @ x)[1])(X)

    def again():
        return kept[0] + 1  # HERE

    error = raised(dr.EscapedTracerError, again)
    assert "after its transform" in error.what
    assert f"(test_bad_input.py:{line_of(again)})" in error.where
    assert "has_aux=True" in error.fix
    for use in (
        lambda x: np.sin(x),
        lambda x: x[0],
        lambda x: x @ X,
        lambda x: np.sum(x),
        lambda x: X * x,
        lambda x: -x,
        lambda x: x.reshape(3, 1),
        lambda x: np.concatenate([x, X]),
        lambda x: x.__setitem__(0, 1.0),
    ):
        raised(dr.EscapedTracerError, use, kept[0])


def test_used_up_tracer_in_forward_mode():
    kept = []
    dr.jvp(lambda x: (kept.append(x), x @ x)[1], (X,), (X,))
    for use in (
        lambda x: x + 1,
        lambda x: np.sin(x),
        lambda x: x[0],
        lambda x: x @ X,
        lambda x: np.sum(x),
        lambda x: X * x,
        lambda x: np.concatenate([x, X]),
        lambda x: x.__setitem__(0, 1.0),
    ):
        error = raised(dr.EscapedTracerError, use, kept[0])
        assert "has_aux=True" in error.fix


@pytest.mark.parametrize("second", [dr.grad, dr.derivative, dr.jacobian, dr.hessian])
@pytest.mark.parametrize("first", [dr.grad, dr.derivative])
def test_tracer_of_a_finished_transform_as_a_result(first, second):
    """Taken for a constant it would answer zero."""
    kept = []
    first(lambda x: (kept.append(x * 2), x)[1])(3.0)
    raised(dr.EscapedTracerError, second(lambda x: kept[0]), 2.0)


@pytest.mark.parametrize("first", [dr.grad, dr.derivative])
def test_tracer_of_a_finished_transform_inside_a_result(first):
    kept = []
    first(lambda x: (kept.append(x * 2), x)[1])(3.0)
    for f in (
        lambda x: np.array([x, kept[0]]),
        lambda x: x * kept[0],
        lambda x: {"a": x, "b": kept[0]},
        lambda x: np.stack([x, kept[0]]),
    ):
        raised(dr.EscapedTracerError, dr.jacobian(f), 2.0)
        raised(dr.EscapedTracerError, dr.jvp, f, (2.0,), (1.0,))


def test_tracer_of_a_finished_transform_as_an_argument():
    kept = []
    dr.grad(lambda x: (kept.append(x), x @ x)[1])(X)
    raised(dr.EscapedTracerError, dr.grad(energy), kept[0])
    raised(dr.EscapedTracerError, dr.vjp(np.sin, X)[1], kept[0])
    raised(dr.EscapedTracerError, dr.jvp, energy, (X,), (kept[0],))


# ----------------------------------------------------------------------------------- results


def returns_array(x):
    return x**2


@pytest.mark.parametrize("operator", [dr.grad, dr.value_and_grad, dr.hessian])
def test_gradient_of_an_array(operator):
    error = raised(dr.NonScalarError, operator(returns_array), X)
    assert "`returns_array` returned an array of shape (3,)" in error.what
    assert error.what.startswith(f"{operator.__name__} needs a function with a scalar result")
    assert "dr.jacobian(" in error.fix
    assert isinstance(error, TypeError)


def test_hvp_of_an_array():
    error = raised(dr.NonScalarError, dr.hvp(returns_array), X, X)
    assert error.what.startswith("hvp needs a function with a scalar result")
    assert "jacobian" in error.fix


@pytest.mark.parametrize("shape", [(3, 1), (), (1,)])
def test_slopes_of_a_result_of_another_shape(shape):
    def returns_another_shape(x):
        return np.resize(x, shape)

    error = raised(dr.ShapeError, dr.elementwise_grad(returns_another_shape), X)
    assert "the shape (3,)" in error.what
    assert f"`returns_another_shape` returned an array of shape {shape}" in error.what
    assert "jacobian(f)" in error.fix
    assert dr.jacobian(returns_another_shape)(X).shape == (*shape, 3)


def test_slopes_of_complex_results():
    error = raised(dr.ComplexError, dr.elementwise_grad(lambda x: x * 1j), X)
    assert "real result" in error.what


def test_gradient_of_a_structure():
    error = raised(dr.NonScalarError, dr.grad(lambda x: (x[0], x[1])), X)
    assert "2 arrays" in error.what
    assert "has_aux=True" in error.fix


@pytest.mark.parametrize("operator", [dr.grad, dr.jacobian, dr.derivative, dr.hessian])
def test_function_that_returns_none(operator):
    def forgets(x):
        x * 2

    error = raised(dr.ArgumentError, operator(forgets), 1.0)
    assert "`forgets` returned None" in error.what
    assert "return" in error.fix


@pytest.mark.parametrize("result", ["text", Spring(), object(), {1, 2}, fractions.Fraction(1, 2)])
def test_function_that_returns_no_array(result):
    for operator in (dr.grad, dr.jacobian, dr.derivative):
        with pytest.raises((dr.ArgumentError, dr.StructureError)) as caught:
            operator(lambda x: result)(1.0)
        assert type(result).__name__ in caught.value.what
        assert "result of" in caught.value.what


def test_function_that_returns_strings():
    error = raised(dr.ArgumentError, dr.jacobian(lambda x: np.array(["a", "b"])), 1.0)
    assert "an array of texts" in error.what


def test_complex_result():
    error = raised(dr.ComplexError, dr.grad(lambda x: x * 1j), 1.0)
    assert "complex" in error.what
    assert "dr.jacobian(f)" in error.fix
    assert isinstance(error, TypeError)


def test_complex_result_of_a_complex_argument():
    error = raised(dr.ComplexError, dr.grad(np.square), 1 + 2j)
    assert "holomorphic=True" in error.fix
    error = raised(dr.ComplexError, dr.jacobian(np.square), np.array([1 + 2j]))
    assert "holomorphic=True" in error.fix


def test_holomorphic_with_a_real_argument():
    for operator in (dr.grad, dr.value_and_grad, dr.jacobian, dr.hessian):
        error = raised(dr.ComplexError, operator(np.square, holomorphic=True), 2.0)
        assert "holomorphic" in error.what
        assert "leave out holomorphic=True" in error.fix


@pytest.mark.parametrize("operator", [dr.grad, dr.value_and_grad, dr.jacobian])
def test_holomorphic_with_a_real_result(operator):
    """abs is not holomorphic, whatever was promised."""
    error = raised(dr.ComplexError, operator(lambda z: abs(z) ** 2, holomorphic=True), 1 + 2j)
    assert "holomorphic" in error.what + error.fix


def test_aux_without_a_pair():
    for operator in (dr.grad, dr.value_and_grad, dr.jacobian, dr.derivative, dr.hessian):
        error = raised_without_fix(dr.StructureError, operator(lambda x: x, has_aux=True), 1.0)
        assert "(result, aux)" in error.what
    with pytest.raises(dr.StructureError, match=r"\(result, aux\)"):
        dr.jvp(lambda x: (x, x, x), (1.0,), (1.0,), has_aux=True)
    with pytest.raises(dr.StructureError, match=r"\(result, aux\)"):
        dr.vjp(lambda x: x, 1.0, has_aux=True)


def raised_without_fix(cls, function, *args):
    with pytest.raises(cls) as caught:
        function(*args)
    return caught.value


# --------------------------------------------------------------------------------- arguments

OPERATORS = {
    "grad": dr.grad(energy),
    "value_and_grad": dr.value_and_grad(energy),
    "jacobian": dr.jacobian(energy),
    "hessian": dr.hessian(energy),
    "vjp": lambda x: dr.vjp(energy, x),
    "linearize": lambda x: dr.linearize(energy, x),
    "jvp": lambda x: dr.jvp(energy, (x,), (x,)),
    "hvp": lambda x: dr.hvp(energy)(x, x),
}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize(
    "x",
    [
        "text",
        b"bytes",
        np.str_("text"),
        np.array(["a", "b"]),
        np.array([b"a"]),
        np.array([1.0, None]),
        np.array([object()]),
        ["a", 1.0],
        {"w": X, "name": "adam"},
    ],
    ids=shown,
)
def test_text_or_objects_where_an_array_is_due(operator, x):
    with pytest.raises((dr.ArgumentError, dr.StructureError)) as caught:
        OPERATORS[operator](x)
    assert "numbers" in caught.value.what
    assert caught.value.fix


def test_text_names_the_repair():
    error = raised(dr.ArgumentError, dr.grad(two), "text", 1.0)
    assert "a str" in error.what
    assert "argnums counts" in error.fix
    assert isinstance(error, TypeError)
    assert isinstance(error, ValueError)


@pytest.mark.parametrize("x", [np.datetime64("2020-01-01"), np.timedelta64(3, "s")])
def test_scalars_that_are_no_floating_point_numbers(x):
    with pytest.raises((dr.ArgumentError, dr.StructureError)):
        dr.grad(energy)(x)


def test_integer_that_is_no_float64_is_an_error():
    with pytest.raises((dr.ArgumentError, OverflowError)):
        dr.grad(energy)(10**400)


def test_structured_dtype():
    with pytest.raises((dr.ArgumentError, dr.StructureError)):
        dr.grad(energy)(np.zeros(3, dtype=[("a", float), ("b", float)]))


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize(
    "x", [Spring(), {"a": Spring()}, [X, Spring()]], ids=["bare", "dict", "list"]
)
def test_container_that_is_not_registered(operator, x):
    with pytest.raises(dr.StructureError) as caught:
        OPERATORS[operator](x)
    assert "Spring" in caught.value.what
    assert "dualrev.register_container(Spring, flatten, unflatten)" in caught.value.fix


@pytest.mark.parametrize(
    "x",
    [{1.0, 2.0}, frozenset([1.0]), range(3), iter([1.0]), fractions.Fraction(1, 2), object(), type,
     scipy.sparse.eye_array(2)],
    ids=lambda x: type(x).__name__,
)  # fmt: skip
def test_other_objects_as_arguments(x):
    error = raised(dr.StructureError, dr.grad(energy), x)
    assert type(x).__name__ in error.what


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("x", [None, [], {}, ()], ids=repr)
def test_nothing_to_differentiate_by(operator, x):
    """Never a silent None."""
    with pytest.raises((dr.ArgumentError, dr.StructureError)):
        OPERATORS[operator](x)


def two(x, y, *, scale=1.0):
    return np.sum(x * y) * scale


@pytest.mark.parametrize(
    "operator", [dr.grad, dr.value_and_grad, dr.jacobian, dr.hessian, dr.derivative]
)
@pytest.mark.parametrize("argnums", [2, -3, (0, 2), 5])
def test_argnums_out_of_range(operator, argnums):
    error = raised(dr.ArgumentError, operator(two, argnums=argnums), 1.0, 2.0)
    assert str(argnums) in error.what
    assert "`two`" in error.what
    assert "2 positional arguments" in error.what
    assert "argnums=1" in error.fix
    assert isinstance(error, TypeError)


def test_argnums_of_an_argument_given_by_name():
    error = raised(dr.ArgumentError, dr.grad(two, argnums=1), 1.0, y=2.0)
    assert "1 positional argument" in error.what
    assert "argnames=" in error.fix


def test_no_positional_argument_at_all():
    error = raised(dr.ArgumentError, dr.grad(energy), x=X)
    assert "argnames=" in error.fix


@pytest.mark.parametrize("argnums", ["x", (1.0,), (0, "y"), [0.5]])
def test_argnums_that_are_no_integers(argnums):
    error = raised(dr.ArgumentError, dr.grad, two, argnums)
    assert "argnums" in error.what
    assert repr(argnums) in error.what
    assert ("argnames=" if "x" in argnums or "y" in argnums else "dr.grad(f)(x)") in error.fix


def test_the_point_given_beside_the_function():
    """dr.grad(f, x) instead of dr.grad(f)(x)."""
    for operator in (dr.grad, dr.jacobian, dr.hessian, dr.derivative):
        error = raised(dr.ArgumentError, operator, energy, X)
        assert "an array of shape (3,)" in error.what
        assert error.fix == f"write dr.{operator.__name__}(f)(x)"


@pytest.mark.parametrize("operator", [dr.grad, dr.jacobian, dr.hessian, dr.hvp, dr.derivative])
def test_no_function_at_all(operator):
    error = raised(dr.ArgumentError, operator)
    assert error.what == f"{operator.__name__} takes a function, it was given none."
    raised(dr.ArgumentError, lambda: operator(argnums=0))


@pytest.mark.parametrize("operator", [dr.grad, dr.laplacian, dr.curl, dr.partial])
def test_an_unknown_option_is_named_with_what_is_meant(operator):
    error = raised(dr.ArgumentError, operator, energy, argnum=0)
    assert error.what == f"{operator.__name__} has no option `argnum`."
    assert error.fix == "perhaps you meant argnums="


@pytest.mark.parametrize("operator", [dr.grad, dr.jacobian, dr.hessian, dr.derivative])
def test_no_argument_at_all(operator):
    error = raised(dr.ArgumentError, operator(energy))
    assert f"The {operator.__name__} of `energy` was called without an argument" in error.what


def test_hvp_without_its_vector():
    assert "without v" in raised(dr.ArgumentError, dr.hvp(energy), X).what
    assert "without x" in raised(dr.ArgumentError, dr.hvp(energy)).what


@pytest.mark.parametrize("argnums", [(0, 0), (1, -1)])
def test_argnums_that_name_an_argument_twice(argnums):
    with pytest.raises(dr.ArgumentError, match="twice"):
        dr.grad(two, argnums=argnums)(1.0, 2.0)


def test_argnums_and_argnames_that_name_an_argument_twice():
    with pytest.raises(dr.ArgumentError, match="twice"):
        dr.grad(two, argnums=0, argnames="x")(1.0, 2.0)


@pytest.mark.parametrize(
    "operator", [dr.grad, dr.value_and_grad, dr.jacobian, dr.hessian, dr.derivative]
)
def test_unknown_argname(operator):
    error = raised(dr.ArgumentError, operator(two, argnames="z"), 1.0, 2.0)
    assert "'z'" in error.what
    assert "unknown" in error.what
    assert "choose among those of `two`: x, y, scale" in error.fix


def test_argname_that_was_not_given():
    error = raised(dr.ArgumentError, dr.grad(two, argnames="scale"), 1.0, 2.0)
    assert "was not given" in error.what


def test_argname_of_a_keyword_only_parameter_behind_a_star():
    def f(a, *rest, b=5.0):
        return a * b

    error = raised(dr.ArgumentError, dr.grad(f, argnames="b"), 1.0, 2.0, 3.0)
    assert "was not given" in error.what


@pytest.mark.parametrize("operator", [dr.grad, dr.jacobian, dr.hessian, dr.hvp, dr.derivative])
def test_value_where_the_function_is_due(operator):
    """dr.grad(f(x)) instead of dr.grad(f)(x)."""
    error = raised(dr.ArgumentError, operator, energy(X))
    assert "takes a function" in error.what
    assert f"dr.{operator.__name__}(f)(x" in error.fix


@pytest.mark.parametrize("solver", ["minimize", "root", "least_squares"])
def test_a_solver_is_given_a_function(solver):
    error = raised(dr.ArgumentError, getattr(dr.scipy.optimize, solver), energy(X), X)
    assert error.what == f"scipy.optimize.{solver} takes a function, it was given a float64."
    assert error.fix.startswith(f"write dr.scipy.optimize.{solver}(fun, x0)")


def test_unknown_mode():
    error = raised(dr.ArgumentError, dr.jacobian, energy, mode="backward")
    assert "'backward'" in error.what
    for mode in ("auto", "forward", "reverse"):
        assert mode in error.fix


def test_derivative_of_a_function_of_an_array():
    error = raised(dr.NonScalarError, dr.derivative(energy), X)
    assert "(3,)" in error.what
    assert "jacobian(f)" in error.fix
    assert dr.jacobian(energy)(X).shape == (3,)


# ---------------------------------------------------------------------- tangents and cotangents


def test_tangent_of_another_shape():
    error = raised(dr.ShapeError, dr.jvp, energy, (X,), (np.ones(2),))
    assert "(2,)" in error.what
    assert "(3,)" in error.what
    assert "(3,)" in error.fix
    assert isinstance(error, ValueError)


@pytest.mark.parametrize("t", [1.0, np.ones((3, 1)), np.ones((1, 3)), np.ones(0), np.float64(1.0)])
def test_tangents_are_not_broadcast(t):
    raised(dr.ShapeError, dr.jvp, energy, (X,), (t,))
    raised(dr.ShapeError, dr.vjp(np.sin, X)[1], t)
    raised(dr.ShapeError, dr.linearize(np.sin, X)[1].push, t)
    raised(dr.ShapeError, dr.linearize(np.sin, X)[1].pull, t)
    raised(dr.ShapeError, dr.hvp(energy), X, t)


def test_cotangent_names_itself():
    error = raised(dr.ShapeError, dr.vjp(np.sin, X)[1], np.ones(2))
    assert "cotangent" in error.what
    assert "cotangent" in error.fix


@pytest.mark.parametrize("ct", [None, "text", object(), np.array(["a", "b", "c"])], ids=shown)
def test_cotangent_that_is_no_array(ct):
    with pytest.raises((dr.ArgumentError, dr.StructureError, dr.ShapeError)):
        dr.vjp(np.sin, X)[1](ct)
    with pytest.raises((dr.ArgumentError, dr.StructureError, dr.ShapeError)):
        dr.vjp(energy, X)[1](ct)


@pytest.mark.parametrize("t", [None, "text", object(), [1.0, 1.0]], ids=shown)
def test_tangent_that_is_no_array(t):
    with pytest.raises((dr.ArgumentError, dr.StructureError, dr.ShapeError)):
        dr.jvp(energy, (X,), (t,))
    with pytest.raises((dr.ArgumentError, dr.StructureError, dr.ShapeError)):
        dr.linearize(energy, X)[1].push(t)


def test_jvp_without_tuples():
    error = raised(dr.ArgumentError, dr.jvp, energy, X, X)
    assert "tuples" in error.what
    assert "dr.jvp(f, (x,), (t,))" in error.fix


def test_another_number_of_tangents():
    error = raised(dr.StructureError, dr.jvp, two, (X, X), (X,))
    assert "2 primals" in error.what
    assert "1 tangent" in error.what
    error = raised(dr.StructureError, dr.linearize(two, X, X)[1].push, X)
    assert "tangent" in error.what


def test_tangent_of_another_structure():
    for t in ({"a": X}, {"a": X, "c": X}, [X, X], (X, X), X, {"a": X, "b": [X]}):
        error = raised(
            dr.StructureError, dr.jvp, lambda p: p["a"] @ p["b"], ({"a": X, "b": X},), (t,)
        )
        assert "tangent" in error.what
    _, pull = dr.vjp(lambda x: {"a": x, "b": x}, X)
    error = raised(dr.StructureError, pull, {"a": X})
    assert "cotangent" in error.what


def test_complex_tangent_of_a_real_primal():
    error = raised(dr.ComplexError, dr.jvp, energy, (X,), (X * 1j,))
    assert "complex" in error.what
    raised(dr.ComplexError, dr.vjp(np.sin, X)[1], X * 1j)


def test_wrong_vector_of_an_operator():
    """scipy's own error for a vector of another size."""
    operator = dr.linearize(np.sin, X)[1].operator
    with pytest.raises(ValueError, match="[Dd]imension mismatch"):
        operator @ np.ones(2)


# --------------------------------------------------------------------------------- containers


def test_registering_a_container_twice():
    class Twice(Spring):
        pass

    dr.register_container(Twice, lambda s: ((s.stiffness,), None), lambda _, c: Twice(*c))
    with pytest.raises(dr.StructureError, match="already registered"):
        dr.register_container(Twice, lambda s: ((s.stiffness,), None), lambda _, c: Twice(*c))


def test_subclasses_of_registered_containers_are_not_guessed():
    class Base(Spring):
        pass

    class Derived(Base):
        pass

    dr.register_container(Base, lambda s: ((s.stiffness,), None), lambda _, c: Base(*c))
    error = raised(dr.StructureError, dr.grad(lambda s: s.stiffness**2), Derived(2.0))
    assert "Derived" in error.what


def test_dataclass_with_text_names_the_static_field():
    @dataclasses.dataclass
    class Named:
        name: str
        weight: float

    with pytest.raises(dr.ArgumentError) as caught:
        dr.grad(lambda m: m.weight**2)(Named("a", 2.0))
    assert "static" in caught.value.fix


# --------------------------------------------------------------------------- the messages as such


def test_user_line_is_the_user_s_own():
    """Not a line of dualrev, numpy, scipy or the standard library."""
    from scipy.optimize import minimize

    def loss(x):
        return float(x[0])  # HERE

    with pytest.raises(dr.CoercionError) as caught:
        minimize(loss, X, jac=dr.grad(loss))
    assert f"in your function `loss` (test_bad_input.py:{line_of(loss)})" in caught.value.where


def test_user_s_file_beside_the_package_is_the_user_s(tmp_path):
    """A file whose name begins like the package's folder is not the package's."""
    import os

    place = os.path.dirname(errors.__file__) + "_demo.py"
    code = compile("def loss(x):\n    return float(x)\n", place, "exec")
    namespace = {"__name__": "demo"}
    exec(code, namespace)
    with pytest.raises(dr.CoercionError) as caught:
        dr.grad(namespace["loss"])(1.0)
    assert "`loss` (dualrev_demo.py:2)" in caught.value.where


def error_classes():
    return [
        c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, dr.DualrevError)
    ]


@pytest.mark.parametrize("cls", error_classes(), ids=lambda c: c.__name__)
def test_every_error_is_public_and_has_its_page(cls):
    """The docstring says when it happens, with a failing example, and what to do."""
    assert getattr(dr, cls.__name__) is cls
    assert cls.__doc__
    assert len(cls.__doc__.split()) > 5


@pytest.mark.parametrize(
    ("cls", "builtin"),
    [
        (dr.MissingRuleError, NotImplementedError),
        (dr.CoercionError, TypeError),
        (dr.MissingNameError, AttributeError),
        (dr.MissingPackageError, ImportError),
        (dr.EscapedTracerError, RuntimeError),
        (dr.MutationError, RuntimeError),
        (dr.InPlaceError, TypeError),
        (dr.ShapeError, ValueError),
        (dr.StructureError, TypeError),
        (dr.ArgumentError, ValueError),
        (dr.NonScalarError, TypeError),
        (dr.ComplexError, TypeError),
        (dr.RuleError, ValueError),
        (dr.NonFiniteError, FloatingPointError),
        (dr.PerformanceWarning, UserWarning),
    ],
)
def test_every_error_is_the_builtin_that_old_code_expects(cls, builtin):
    assert issubclass(cls, builtin)


def test_message_without_a_place_has_no_empty_line():
    error = dr.ShapeError("Something.", where="", fix="do it")
    assert str(error) == "Something.\n  fix:   do it"


def test_error_inside_f_of_another_kind_is_left_alone():
    class Mine(Exception):
        pass

    def f(x):
        raise Mine

    with pytest.raises(Mine):
        dr.grad(f)(X)
    with pytest.raises(ZeroDivisionError):
        dr.grad(lambda x: 1 // 0)(X)
    with pytest.raises(TypeError, match=re.escape("missing 1 required positional argument")):
        dr.grad(two)(X)
    with pytest.raises(IndexError):
        dr.grad(lambda x: x[7])(X)
    with pytest.raises(ValueError, match="shapes|mismatch|broadcast"):
        dr.grad(lambda x: np.sum(x + np.ones(2)))(X)
    with pytest.raises(np.linalg.LinAlgError):
        dr.grad(lambda x: np.sum(np.linalg.inv(x * np.zeros((3, 3)))))(X)


async def awaited(x):
    return x


def yielded(x):
    yield x


@pytest.mark.parametrize("f", [awaited, yielded])
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_function_that_does_not_run_to_its_end_is_refused(f):
    with pytest.raises(dr.StructureError, match="runs to its end"):
        dr.grad(f)(1.0)


def test_a_complex_slope_of_a_real_solution_is_refused():
    """Its imaginary part would be dropped, and all coefficients with it."""
    error = raised(dr.ComplexError, dr.taylor_ode, lambda y: 1j * y, 1.0, 3)
    assert error.what == "`<lambda>` answers a complex slope of y, which is real."


@pytest.mark.parametrize("b", [np.ones((2, 3)), {"u": np.ones(2), "v": np.ones((2, 1))}], ids=shown)
def test_a_product_of_another_structure_than_the_right_hand_side_is_refused(b):
    def transposed(x):
        return {"u": x["v"].T[0], "v": x["u"][:1]} if isinstance(x, dict) else 2.0 * x.T

    raised(dr.ShapeError, dr.implicit.linear_solve, transposed, b)


@pytest.mark.parametrize(
    "result",
    [np.ma.array([1.0, 2.0], mask=[0, 1]), np.matrix([[1.0]]), scipy.sparse.eye_array(2)],
    ids=lambda x: type(x).__name__,
)
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_results_that_are_no_ordinary_arrays_are_refused(result):
    for transform in (dr.grad, dr.jacobian, lambda f: dr.derivatives(f, 2)):
        error = raised(dr.StructureError, transform(lambda x: result), 1.0)
        assert type(result).__name__ in error.what


@pytest.mark.parametrize("order", [10**9, 10**30])
def test_orders_that_no_memory_holds_are_refused(order):
    raised(dr.ArgumentError, dr.derivatives, np.sin, order)
    raised(dr.ArgumentError, dr.taylor, np.sin, 1.0, 1.0, order)
    raised(dr.SizeError, dr.derivative_tensor(energy, 40), X)


def test_the_last_of_all_checks_cannot_be_left_out():
    """Without a direction check_derivatives would find nothing wrong."""
    raised(dr.ArgumentError, dr.testing.check_derivatives, energy, X, directions=0)
    raised(dr.ArgumentError, dr.testing.check_derivatives, energy, X, atol=np.nan)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("ct", [np.ma.array(X), np.matrix(X)], ids=lambda x: type(x).__name__)
def test_cotangents_that_are_no_ordinary_arrays_are_refused(ct):
    error = raised(dr.ArgumentError, dr.vjp(np.sin, X)[1], ct)
    assert type(ct).__name__ in error.what


def test_a_ragged_cotangent_is_refused():
    error = raised(dr.ShapeError, dr.vjp(np.sin, X)[1], [[1.0, 2.0], [3.0]])
    assert "rows differ in length" in error.what


@dataclasses.dataclass
class Scaled:
    w: float
    scale = 1.0

    def __post_init__(self):
        self.scale = 10.0


@dataclasses.dataclass
class Square:
    w: float

    @functools.cached_property
    def squared(self):
        return self.w**2


def test_an_attribute_of_a_dataclass_that_is_no_field_is_named():
    """It would be lost where the traced one is made: that of the class would take its place."""
    error = raised(dr.StructureError, dr.grad(lambda p: p.w * p.scale), Scaled(2.0))
    assert "`scale`, which is no field" in error.what


def test_what_a_dataclass_computes_when_asked_is_computed_of_what_is_traced():
    p = Square(3.0)
    assert p.squared == 9.0
    assert dr.grad(lambda p: p.squared)(p).w == 6.0


def test_a_structure_that_holds_itself_is_refused():
    x = [1.0]
    x.append(x)
    raised(dr.StructureError, dr.grad(lambda x: x[0]), x)


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (lambda x: "a" + x, "can only concatenate str"),
        (lambda x: ~x, "bad operand type for unary ~"),
        (lambda x: x & 1, "unsupported operand type"),
        (lambda x: x(), "is not callable"),
        (lambda x: {**x}, "is not a mapping"),
        (statistics.mean, "numerator"),
    ],
)
def test_what_python_says_of_a_traced_value_names_no_class_of_ours(f, said):
    with pytest.raises(TypeError, match=said) as caught:
        dr.grad(f)(X)
    assert "a traced value (as x is inside dr.grad)" in str(caught.value)
    assert "Var" not in str(caught.value)


def test_an_error_that_names_a_class_of_the_user_s_is_left_alone():
    class Batch:
        pass

    for f in (lambda x: Batch() + 1, lambda x: Batch()()):
        with pytest.raises(TypeError, match="'Batch'"):
            dr.grad(f)(X)


def test_an_index_that_a_row_does_not_have_is_told_of_the_row():
    with pytest.raises(IndexError, match="scalar"):
        dr.vmap(lambda x: x[0])(X)
    with pytest.raises(IndexError, match="index 5 is out of bounds for axis 0 with size 3"):
        dr.vmap(lambda x: x[5])(np.ones((2, 3)))


def test_an_array_of_objects_that_are_no_numbers_beside_a_solver_ends():
    """It was taken for an array of numbers again and again."""
    with pytest.raises(ValueError, match="truth value"):
        dr.scipy.integrate.quad(np.sin, np.array([1.0, None], object), 1.0)


@pytest.mark.parametrize("solver", ["fmin_bfgs", "minimize", "nnls"])
def test_an_option_that_a_solver_does_not_have_is_told_with_its_name(solver):
    with pytest.raises(TypeError, match=rf"{solver}\(\) .*\bfoo\b"):
        getattr(dr.scipy.optimize, solver)(energy, X, foo=1)
