"""Derivatives to third order over the whole axis, to overflow and underflow, against mpmath.

Those of mpmath are differences of its own functions to hundreds of digits: nothing is shared with
the rules.  What is no normal float64 number is not asked for.  ``tests/thorough`` has more points.
"""

import functools
import math

import mpmath as mp
import numpy as np
import pytest
from scipy import special

import dualrev as dr
from dualrev.scipy.special import log_softmax, logsumexp, softmax
from tests.tails import ROWS, disagreements

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_three_derivatives_hold_in_the_tails_and_near_zero(row):
    assert disagreements(row, row.points(sparse=True)) == []


@pytest.mark.parametrize("inner", ["forward", "reverse"])
@pytest.mark.parametrize("outer", ["forward", "reverse"])
def test_the_log_of_a_tiny_likelihood_has_its_curvature(inner, outer):
    """log(exp(-400 x^2)): the slope of log is 1e174, and its own is none that a float64 holds."""

    def f(x):
        return np.log(np.exp(-400 * x * x))

    second = dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(1.0)
    np.testing.assert_allclose(-800, second, rtol=1e-12)
    np.testing.assert_allclose(-800, dr.hessian(f)(1.0), rtol=1e-12)
    np.testing.assert_allclose(-800, dr.hvp(f)(1.0, 1.0), rtol=1e-12)


@pytest.mark.parametrize(("v", "f"), [(0, special.k0e), (1, special.k1e)])
@pytest.mark.parametrize("x", [3.0, 24.9, 25.1, 1e4, 1e10])
def test_scaled_bessel_functions_fall_as_their_integral(v, f, x):
    """10.32.9: exp(x) K_v(x) is the integral of exp(-x (cosh t - 1)) cosh(v t) over t > 0."""
    step = 0.02
    t = np.arange(-12, 12, step) / np.sqrt(x)
    rise = 2 * np.sinh(t / 2) ** 2
    for n in (1, 2, 3):
        f = dr.derivative(f)
        terms = (-rise) ** n * np.exp(-x * rise) * np.cosh(v * t)
        np.testing.assert_allclose(np.sum(terms) * step / np.sqrt(x) / 2, f(x), rtol=1e-9)


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize(("x", "sigma"), [(1.07, 1e-4), (1.07, 0.3), (0.4, 2.0), (3.0, 0.0)])
def test_voigt_has_the_derivatives_of_its_convolution(position, x, sigma):
    """The mean of the Lorentzian over a normal variable, differentiated under the integral."""
    gamma = 1.0
    step = 0.02
    s = np.arange(-12, 12, step)
    weights = step * np.exp(-s * s / 2) / np.sqrt(2 * np.pi)
    z = x - sigma * s + 1j * gamma
    inner = (1.0, -s, 1j)[position]
    for n in (1, 2):
        slopes = 1j / np.pi * (-1) ** n * n / z ** (n + 1) * inner**n
        expected = np.sum(weights * np.real(slopes))
        f = special.voigt_profile
        for _ in range(n):
            f = dr.grad(f, argnums=position)
        np.testing.assert_allclose(expected, f(x, sigma, gamma), rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("x", [-700.0, -40.0, -3.0, 0.0, 20.0, 40.0, 700.0])
@pytest.mark.parametrize("inner", ["forward", "reverse"])
@pytest.mark.parametrize("outer", ["forward", "reverse"])
def test_shares_of_two_are_sigmoids_in_both_tails(x, inner, outer):
    """softmax(x, 0)[0] is expit(x); the others are log(expit(x)) and log1p(exp(x))."""
    slope = special.expit(x) * special.expit(-x)
    for f, first, second in (
        (lambda x: softmax(np.stack([x, 0 * x]))[0], slope, -slope * np.tanh(x / 2)),
        (lambda x: log_softmax(np.stack([x, 0 * x]))[0], special.expit(-x), -slope),
        (lambda x: logsumexp(np.stack([x, 0 * x])), special.expit(x), slope),
        (lambda x: logsumexp(np.stack([x, 0 * x]), return_sign=True)[0], special.expit(x), slope),
    ):
        g = dr.jacobian(f, mode=inner)
        np.testing.assert_allclose(first, g(x), rtol=1e-12)
        np.testing.assert_allclose(second, dr.jacobian(g, mode=outer)(x), rtol=1e-9)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("f", [np.tanh, special.expit])
def test_slopes_of_sigmoids_keep_the_digits_of_float32_in_their_tails(f, mode):
    x = np.linspace(-40, 40, 801).astype(np.float32)
    wide = x.astype(float) / (2 if f is special.expit else 1)
    expected = 1 / np.cosh(wide) ** 2 / (4 if f is special.expit else 1)
    slope = dr.jacobian(lambda x: np.sum(f(x)), mode=mode)
    found = np.array([slope(x[i : i + 1])[0] for i in range(len(x))])
    assert found.dtype == np.float32
    np.testing.assert_allclose(expected, found, rtol=2e-5, atol=1e-37)


@pytest.mark.parametrize("v", [0, 1, 2, 0.5, 1.5, -0.5, -1])
@pytest.mark.parametrize(
    ("f", "exact"), [(special.struve, mp.struveh), (special.modstruve, mp.struvel)]
)
def test_struve_functions_have_three_derivatives_near_zero(f, exact, v):
    for x in (1e-9, 1e-6, 1e-3, 0.3, 0.99, 1.01, 4.0):
        slope = functools.partial(f, v)
        for n in (1, 2, 3):
            slope = dr.derivative(slope)
            with mp.workdps(60):
                expected = float(mp.diff(lambda t: exact(v, t), mp.mpf(x), n, relative=True))
            np.testing.assert_allclose(expected, slope(x), rtol=1e-9)
    if v in (0, 1, 2):
        # H and L begin alike: x^(v + 1) / (2^v sqrt(pi) gamma(v + 3/2)).
        first = 0.5**v / math.sqrt(math.pi) / math.gamma(v + 1.5)
        slopes = [dr.derivative(lambda x: f(v, x))]
        slopes.append(dr.derivative(slopes[0]))
        expected = [first, 0.0] if v == 0 else [0.0, 2 * first if v == 1 else 0.0]
        np.testing.assert_allclose(expected, [slope(0.0) for slope in slopes], rtol=1e-14)


def _three_scaled_slopes(f, beside, c, sign, v, x):
    """Of exp(c x) f(v, x) by Bessel's equation: f'' = (sign + v^2 / x^2) f - f' / x."""
    with mp.workdps(50):
        x, v = mp.mpf(x), mp.mpf(v)
        f0, f1 = f(v, x), beside * f(v + 1, x) + v / x * f(v, x)
        q = sign + v * v / x**2
        f2 = q * f0 - f1 / x
        f3 = q * f1 - 2 * v * v / x**3 * f0 - f2 / x + f1 / x**2
        slopes = (f1 + c * f0, f2 + 2 * c * f1 + c**2 * f0, f3 + 3 * c * (f2 + c * f1) + c**3 * f0)
        return [complex(mp.exp(c * x) * slope) for slope in slopes]


@pytest.mark.one_in(2)
@pytest.mark.parametrize("v", [0, 0.5, 2.3, 7, -1.5])
@pytest.mark.parametrize(
    ("f", "exact"),
    [
        (special.ive, (mp.besseli, 1, -1, 1)),
        (special.kve, (mp.besselk, -1, 1, 1)),
        (special.hankel1e, (mp.hankel1, -1, -1j, -1)),
        (special.hankel2e, (mp.hankel2, -1, 1j, -1)),
    ],
)
def test_scaled_bessel_functions_of_any_order_keep_their_digits_far_out(f, exact, v):
    for x in (0.3, 26.0, 60.0, 1e4):
        slope = functools.partial(f, v)
        for expected in _three_scaled_slopes(*exact, v, x):
            slope = functools.partial(lambda f, x: dr.jvp(f, (x,), (1.0,))[1], slope)
            np.testing.assert_allclose(expected, slope(x), rtol=1e-9)


def test_the_slope_of_arcsinh_does_not_underflow_to_zero():
    x = np.array([1e150, 1e160, -1e200])
    np.testing.assert_allclose(
        1 / np.abs(x), dr.grad(lambda x: np.sum(np.arcsinh(x)))(x), rtol=1e-14
    )
