"""math and cmath on traced numbers: math's own value and errors, the derivative by both modes."""

import cmath
import math

import numpy as np
import pytest

import dualrev as dr
from dualrev.numpy.mathematics import MATHEMATICS
from tests import numeric
from tests.nestings import second_derivatives

X = np.array([0.7, 1.3, 0.4])

CALLS = {
    "acos": lambda m, x: m.acos(x[0]),
    "acosh": lambda m, x: m.acosh(x[1]),
    "asin": lambda m, x: m.asin(x[0]),
    "asinh": lambda m, x: m.asinh(x[1]),
    "atan": lambda m, x: m.atan(x[1]),
    "atanh": lambda m, x: m.atanh(x[0]),
    "cos": lambda m, x: m.cos(x[1]),
    "cosh": lambda m, x: m.cosh(x[1]),
    "exp": lambda m, x: m.exp(x[1]),
    "log": lambda m, x: m.log(x[1]),
    "log base": lambda m, x: m.log(x[1], 3 + x[0]),
    "log10": lambda m, x: m.log10(x[1]),
    "sin": lambda m, x: m.sin(x[1]),
    "sinh": lambda m, x: m.sinh(x[1]),
    "sqrt": lambda m, x: m.sqrt(x[1]),
    "tan": lambda m, x: m.tan(x[1]),
    "tanh": lambda m, x: m.tanh(x[1]),
}
REAL = {
    **CALLS,
    "atan2": lambda m, x: m.atan2(x[0], x[1]),
    "atan2 of a constant": lambda m, x: m.atan2(1, x[1]),
    "cbrt": lambda m, x: m.cbrt(-x[1]),
    "copysign": lambda m, x: m.copysign(x[0], -x[1]),
    "degrees": lambda m, x: m.degrees(x[0]),
    "dist": lambda m, x: m.dist(x, [0, 1, x[1]]),
    "erf": lambda m, x: m.erf(x[0]),
    "erfc": lambda m, x: m.erfc(x[0]),
    "exp2": lambda m, x: m.exp2(x[0]),
    "expm1": lambda m, x: m.expm1(x[0]),
    "fabs": lambda m, x: m.fabs(-x[0]),
    "fmod": lambda m, x: m.fmod(5 * x[0], x[1]),
    "frexp": lambda m, x: m.frexp(9 * x[0])[0],
    "fsum": lambda m, x: m.fsum([x[0] / 7] * 30 + [x[1]]),
    "fsum of any": lambda m, x: m.fsum(v * v for v in x),
    "gamma": lambda m, x: m.gamma(x[1]),
    "hypot": lambda m, x: m.hypot(x[0], x[1]),
    "hypot of three": lambda m, x: m.hypot(*x),
    "hypot of one": lambda m, x: m.hypot(-x[0]),
    "ldexp": lambda m, x: m.ldexp(x[0], 3),
    "lgamma": lambda m, x: m.lgamma(-x[0]),
    "log1p": lambda m, x: m.log1p(x[0]),
    "log2": lambda m, x: m.log2(x[0]),
    "modf": lambda m, x: m.modf(-7 * x[0])[0],
    "nextafter": lambda m, x: m.nextafter(x[0], 9),
    "pow": lambda m, x: m.pow(x[0], x[1]),
    "prod": lambda m, x: m.prod([x[0], 2, x[1]], start=x[2]),
    "radians": lambda m, x: m.radians(x[0]),
    "remainder": lambda m, x: m.remainder(7 * x[0], x[1]),
    "sumprod": lambda m, x: m.sumprod(x, [x[1], 2, 3]),
    "array of one number": lambda m, x: m.sin(x[:1].reshape(())),
}
COMPLEX = {
    **{name: lambda m, x, call=call: call(m, x * (1 + 0.5j)) for name, call in CALLS.items()},
    "of real": lambda m, x: m.sqrt(-x[0]),
    "phase": lambda m, x: m.phase(x[0] + 1j * x[1]),
    "polar": lambda m, x: m.polar(x[0] + 1j * x[1])[0],
    "rect": lambda m, x: m.rect(x[0], x[1]),
}
ROWS = [(math, name, call) for name, call in REAL.items()]
ROWS += [(cmath, name, call) for name, call in COMPLEX.items()]
# Of two or more functions of NumPy's: not to the bit.
COMPOSED = {"dist", "hypot of three", "remainder", "sumprod", "prod", "rect", "phase", "polar"}


@pytest.fixture(autouse=True, scope="module")
def patched():
    with dr.patch_numpy():
        yield


@pytest.mark.parametrize(
    ("module", "name", "call"), ROWS, ids=lambda v: v if isinstance(v, str) else ""
)
def test_the_value_is_maths_and_the_derivative_that_of_differences(module, name, call):
    if not hasattr(module, name.split()[0]) and name in ("sumprod",):
        pytest.skip("math.sumprod came with Python 3.12")
    t = np.array([0.3, 1.1, -0.4])
    ans, tangent = dr.jvp(lambda x: call(module, x), (X,), (t,))
    expected = call(module, X)
    if name in COMPOSED:
        np.testing.assert_allclose(ans, expected, rtol=1e-15)
    else:
        assert ans == expected
    slope = numeric.slope(lambda x: call(module, x), X, t, 1e-4)
    np.testing.assert_allclose(tangent, slope, rtol=1e-7, atol=1e-9)
    _, pull = dr.vjp(lambda x: call(module, x), X)
    np.testing.assert_allclose(
        pull(type(ans)(1.0))[0] @ t, np.real(tangent), rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("module", MATHEMATICS, ids=lambda module: module.__name__)
def test_every_function_of_reals_is_there(module):
    """What is missing takes whole numbers, or is asked of the number itself."""
    names = {name for name in dir(module) if callable(getattr(module, name))}
    missing = {name for name in names - MATHEMATICS[module].keys() if not name.startswith("_")}
    whole = {"ceil", "comb", "factorial", "floor", "gcd", "isqrt", "lcm", "perm", "trunc", "fma"}
    assert missing <= whole


def test_every_function_has_a_row():
    constants = {"isclose", "isfinite", "isinf", "isnan", "ulp"}
    for module, rows in (math, REAL), (cmath, COMPLEX):
        assert MATHEMATICS[module].keys() - constants <= {name.split()[0] for name in rows}


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda x: math.sqrt(-x[0]), ValueError),
        (lambda x: math.log(x[0] * 0), ValueError),
        (lambda x: math.exp(1e4 * x[0]), OverflowError),
        (lambda x: math.acos(2 + x[0]), ValueError),
        (lambda x: math.sin(x), TypeError),
        (lambda x: math.sin(x[0], x[1]), TypeError),
        (lambda x: math.dist(x, [1.0]), ValueError),
    ],
)
def test_its_errors_are_maths(call, error):
    with pytest.raises(error) as plain:
        call(X)
    with pytest.raises(error) as traced:
        dr.grad(call)(X)
    assert str(traced.value) == str(plain.value)


def test_questions_carry_no_derivative():
    def f(x):
        assert math.isfinite(x[0])
        assert not math.isnan(x[0])
        assert math.isclose(x[0], 0.7)
        return x[0] * math.floor(x[1] + 1) * math.ulp(x[0])

    np.testing.assert_allclose(dr.grad(f)(X), [2 * math.ulp(0.7), 0, 0])


def test_second_derivatives_in_every_nesting():
    def f(x):
        return math.atan2(math.exp(x[0] * x[1]), math.hypot(*x)) * math.log(x[1], 2 + x[2])

    expected = numeric.numeric_jacobian(dr.grad(f), X)
    for inner in ("forward", "reverse"):
        for outer in ("forward", "reverse"):
            found = dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(X)
            np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


def test_a_kink_keeps_its_second_derivative_nan():
    """What was chosen at 0 for the first derivative has no derivative itself."""
    for f in math.fabs, lambda x: math.hypot(x, 0.0):
        assert dr.derivative(f)(0.0) == 0
        for g in f, lambda x: f(x) ** 2:
            for name, second in second_derivatives(g, 0.0):
                assert np.isnan(second), name
