"""Corners of rules/elementwise.py that the laws do not reach: kinks, guarded points, options."""

import math
from fractions import Fraction

import numpy as np
import pytest

import dualrev as dr
from dualrev.core.primitive import RULES
from tests.rules.slopes import curvatures, slopes

PRODUCTS = {"matmul", "matvec", "vecmat", "vecdot"}  # of rules/products.py
UFUNCS = {f for f in vars(np).values() if isinstance(f, np.ufunc)}


@pytest.mark.parametrize("ufunc", sorted(UFUNCS, key=str), ids=lambda f: f.__name__)
def test_every_ufunc_of_numpy_has_a_rule(ufunc):
    assert ufunc.__name__ in PRODUCTS or ufunc in RULES


# ------------------------------------------------------------------------------ guarded points

SINGULAR_AT_0 = {
    "sqrt": np.sqrt,
    "cbrt": np.cbrt,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": lambda x: np.log1p(x - 1),
    "x**0.5": lambda x: x**0.5,
    "x**1.5": lambda x: x**1.5,
    "x**-1": lambda x: x**-1.0,
    "x**array": lambda x: x ** np.array([0.5, 0.5]),
    "float_power": lambda x: np.float_power(x, -0.5),
    "1/x": lambda x: 1 / x,
    "x/x**2": lambda x: x / x**2,
    "reciprocal": np.reciprocal,
    "arcsin": lambda x: np.arcsin(1 - x),
    "arccos": lambda x: np.arccos(1 - x),
    "arctanh": lambda x: np.arctanh(1 - x),
    "arccosh": lambda x: np.arccosh(1 + x),
    "arctan2": lambda x: np.arctan2(x, 2 * x),
    "hypot": lambda x: np.hypot(x, 2 * x),
}


@pytest.mark.parametrize("f", SINGULAR_AT_0.values(), ids=SINGULAR_AT_0)
@pytest.mark.parametrize("derivative", [slopes, curvatures])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_masked_singularity_contributes_zero(derivative, f):
    """The derivative of np.where(x > 0, f(x), 0) is 0 at 0, and that of f elsewhere."""
    x = np.array([0.0, 0.25])
    masked = derivative(lambda x: np.where(x > 0, f(x), 0), x)
    assert masked[0] == 0
    np.testing.assert_allclose(masked[1], derivative(f, np.array([0.5, 0.25]))[1], atol=1e-14)


@pytest.mark.parametrize("f", [np.exp, np.exp2, np.expm1, np.sinh, np.cosh])
@pytest.mark.parametrize("derivative", [slopes, curvatures])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_masked_overflow_contributes_zero(derivative, f):
    x = np.array([2000.0, 1.5])
    masked = derivative(lambda x: np.where(x < 100, f(x), x), x)
    assert masked[0] == (1 if derivative is slopes else 0)
    assert masked[1] == derivative(f, x[1:])[0]


# -------------------------------------------------------------------------------------- powers


@pytest.mark.parametrize(
    ("exponent", "slope", "curvature"),
    [(0, 0, 0), (1, 1, 0), (2, 0, 2), (3, 0, 0), (4, 0, 0), (2.0, 0, 2), (2.5, 0, 0)],
)
def test_powers_of_zero_have_the_derivative_of_the_polynomial(exponent, slope, curvature):
    for form in (exponent, np.float64(exponent), np.array([exponent])):
        x = np.zeros(1)
        assert slopes(lambda x: x**form, x) == slope
        assert curvatures(lambda x: x**form, x) == curvature
    assert dr.derivative(lambda x: x**exponent)(0.0) == slope


@pytest.mark.parametrize("exponent", [2, 3, 3.0, -1, -2.0])
def test_whole_powers_of_negative_numbers_have_derivatives(exponent):
    x = np.array([-1.0, -2.0])
    expected = [exponent * v ** int(exponent - 1) for v in (-1.0, -2.0)]
    np.testing.assert_allclose(slopes(lambda x: x**exponent, x), expected)
    np.testing.assert_allclose(slopes(lambda x: np.float_power(x, exponent), x), expected)


def test_a_power_of_zero_has_zero_derivative_by_a_positive_exponent():
    for base in (0.0, 0, np.zeros(3)):
        np.testing.assert_array_equal([0, 0, 0], slopes(lambda p: base**p, [0.5, 1.0, 2.0]))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_power_of_zero_by_a_negative_exponent_has_no_finite_derivative():
    assert not np.isfinite(dr.grad(lambda p: np.zeros(1)[0] ** p)(-1.0))


def test_powers_of_both_arguments_at_zero():
    """d2(x^y)/dx dy = x^(y - 1) (1 + y log x) has no value at x = 0 up to y = 1."""

    def f(z):
        return np.sum(z[0] ** z[1])

    z = np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 2.0]])
    np.testing.assert_array_equal([[0, 1, 0], [0, 0, 0]], dr.grad(f)(z))
    hessian = dr.hessian(f)(z)
    np.testing.assert_array_equal(np.diag([0, 0, 2]), hessian[0, :, 0])
    np.testing.assert_array_equal(np.diag([np.nan, np.nan, 0]), hessian[0, :, 1])
    np.testing.assert_array_equal(np.diag([np.nan, np.nan, 0]), hessian[1, :, 0])
    np.testing.assert_array_equal(np.zeros((3, 3)), hessian[1, :, 1])


def test_the_mixed_derivative_of_a_power_is_right_where_the_exponent_is_zero():
    """d2(x^y)/dx dy = x^(y - 1) (1 + y log x), which is 1/x at y = 0."""
    mixed = dr.hessian(lambda z: z[0] ** z[1])(np.array([2.0, 0.0]))[0, 1]
    np.testing.assert_allclose(0.5, mixed, rtol=1e-14)


# ------------------------------------------------------------------------------------ the rest


def test_two_zero_probabilities_add_up_without_a_nan():
    for f in (np.logaddexp, np.logaddexp2):
        assert dr.grad(f, argnums=(0, 1))(-np.inf, -np.inf) == (0, 0)
        assert dr.grad(f, argnums=(0, 1))(2.0, -np.inf) == (1, 0)
        assert dr.derivative(dr.derivative(lambda x: f(x, -np.inf)))(2.0) == 0


def test_nan_to_num_passes_derivatives_of_finite_elements_only():
    x = np.array([1.0, np.nan, np.inf, -np.inf])
    np.testing.assert_array_equal([1, 0, 0, 0], slopes(lambda x: np.nan_to_num(x, nan=3.0), x))
    z = np.array([1 + 1j, complex(np.nan, 1.0)])
    tangent = dr.jvp(np.nan_to_num, (z,), (np.full(2, 2 + 3j),))[1]
    np.testing.assert_array_equal([2 + 3j, 3j], tangent)


def test_nan_to_num_in_place_writes_into_its_argument():
    def f(x):
        y = x * 2
        assert np.nan_to_num(y, copy=False) is y
        return y

    np.testing.assert_array_equal([2, 0], slopes(f, np.array([1.0, np.nan])))


def test_a_constant_python_zero_divides_as_in_numpy():
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal([np.inf], slopes(lambda x: x / 0, np.ones(1)))
        np.testing.assert_array_equal(
            [0.0], slopes(lambda x: np.where(x > 0, 0.0, x / 0), np.ones(1))
        )


def test_real_if_close_keeps_real_numbers_differentiable():
    z = np.array([1.0, 2.0]) + 1e-17j
    gradient = dr.grad(lambda z: np.sum(np.real_if_close(z) ** 2))(z)
    np.testing.assert_array_equal([2, 4], gradient)


def test_angle_turns_against_the_real_axis():
    """At z = 1 moving along i turns the angle by the step, moving along 1 does not."""
    assert dr.grad(np.angle)(1 + 0j) == 1j
    np.testing.assert_allclose(180 / np.pi, dr.grad(lambda z: np.angle(z, deg=True))(1 + 0j).imag)


def test_quotient_and_remainder_of_divmod_are_differentiated_together():
    def f(x, y):
        quotient, remainder = np.divmod(x, y)
        return quotient * remainder

    by_x, by_y = dr.grad(f, argnums=(0, 1))(7.5, 2.0)
    assert (by_x, by_y) == (3, -9)
    assert dr.jvp(f, (7.5, 2.0), (1.0, 0.0))[1] == 3


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x**2,
        lambda x: x**2.5,
        lambda x: 2**x,
        lambda x: 0**x,
        lambda x: x / 3,
        lambda x: 3 / x,
        lambda x: np.log2(x) + np.exp2(x) + np.log10(x) + np.degrees(x),
        lambda x: np.maximum(x, 0.5) + np.clip(x, 0.25, 0.75) + abs(x),
        lambda x: np.logaddexp(x, 0.0) + np.hypot(x, 1) + np.arctan2(x, 2.0),
        lambda x: np.sinc(x) + np.tanh(x) + np.nan_to_num(x),
    ],
)
@pytest.mark.parametrize("x", [np.float32(0.5), np.array([0.5, 0.75], np.float32)])
def test_float32_stays_float32(f, x):
    reverse = dr.grad(lambda x: np.sum(f(x)))(x)
    forward = dr.jvp(f, (x,), (np.ones_like(x),))[1]
    assert np.float32 == reverse.dtype == forward.dtype


def test_empty_arrays_have_empty_derivatives():
    for f in (np.sqrt, np.log, np.exp, lambda x: x**2.5, lambda x: x / x, np.sinc, np.abs):
        assert slopes(f, np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "f", [lambda x: x * 3.0, lambda x: x / 3.0, lambda x: x**2, np.sqrt, np.tanh]
)
def test_tangents_beyond_the_root_of_the_largest_number_do_not_warn(f):
    x = np.array([1.0, 2.0])
    _, t = dr.jvp(f, (x,), (np.array([1e200, 1e150]),))
    assert np.all(np.isfinite(t))
    assert np.all(np.isfinite(dr.vjp(f, x)[1](np.array([1e200, 1e150]))))


def test_a_quotient_that_is_rounded_up_is_not_counted_by_fmod():
    # 1 / 0.1 is 10 by rounding: the floating-point number 0.1 goes nine times into 1
    assert dr.grad(lambda y: np.fmod(1.0, y))(0.1) == -9.0
    rng = np.random.default_rng(0)
    x, y = rng.integers(-30, 30, 300) / 10, rng.choice([-0.7, -0.3, 0.1, 0.2, 0.6], 300)
    exact = [-math.trunc(Fraction(a) / Fraction(b)) for a, b in zip(x, y)]
    np.testing.assert_array_equal(exact, dr.grad(lambda y: np.sum(np.fmod(x, y)))(y))


@pytest.mark.parametrize("size", [1e-22, 1e-30, 1e25])
def test_an_angle_turns_alike_at_every_size(size):
    """arctan2 at (s, 2 s) has the slope 0.4 / s, where the squares have no place in a float32 too."""
    x1, x2 = np.array([[size], [2 * size]], np.float32)
    np.testing.assert_allclose(0.4 / size, slopes(lambda x: np.arctan2(x, x2), x1)[0], rtol=1e-6)
    tiny = size**6
    np.testing.assert_allclose(0.4 / tiny, slopes(lambda x: np.arctan2(x, 2 * tiny), tiny))


@pytest.mark.parametrize("away", [1e-9, -1e-9, 1e-9j, -1e-9 + 1e-9j])
def test_slopes_next_to_a_branch_point_keep_their_digits(away):
    """With z = i + a, 1 + z^2 is a (2 i + a)."""
    z = 1j + away
    a = z - 1j
    square = a * (2j + a)
    slope = dr.derivative(np.arctan, holomorphic=True)(z)
    np.testing.assert_allclose(1 / square, slope, rtol=1e-14)
    slope = dr.derivative(np.arcsinh, holomorphic=True)(z)
    np.testing.assert_allclose(1 / np.sqrt(square), slope, rtol=1e-14)


def test_tan_keeps_the_digits_of_its_slope_far_from_the_real_axis():
    """There it is 1 / cos^2, and |cos| large; next to a pole 1 / (z - pi/2)^2."""
    z = np.array([0.1 + 10j, -0.4 - 20j, 1.2 + 40j])
    slope = dr.derivative(np.tan, holomorphic=True)(z)
    np.testing.assert_allclose(1 / np.cos(z) ** 2, slope, rtol=1e-13)
    a = np.array([1e-7 + 1e-7j, 1e-3j])
    slope = dr.derivative(np.tan, holomorphic=True)(np.pi / 2 + a)
    np.testing.assert_allclose(1 / np.sin(a) ** 2, slope, rtol=1e-8)
