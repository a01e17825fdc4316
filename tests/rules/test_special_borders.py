"""Distribution functions at the ends of their axis, where they are one-sided polynomials."""

import functools
import math

import numpy as np
import pytest
from scipy import special

import dualrev as dr


def beta_polynomial(a, b):
    """betainc(a, b, x) of whole a and b."""
    density = np.polynomial.Polynomial([0, 1]) ** (a - 1) * np.polynomial.Polynomial([1, -1]) ** (
        b - 1
    )
    return (density / special.beta(a, b)).integ()


def gamma_slopes(a):
    """Of gammainc(a, x) at 0, of whole a: the density begins with x^(a - 1) (1 - x) / (a - 1)!."""
    first, second = {1: (1, -1), 2: (0, 1)}.get(a, (0, 0))
    return first, second


def rows():
    for a in (1, 2, 3):
        first, second = gamma_slopes(a)
        yield lambda x, a=a: special.gammainc(a, x), 0.0, first, second
        yield lambda x, a=a: special.gammaincc(a, x), 0.0, -first, -second
        yield lambda x, a=a: special.chdtr(2 * a, 2 * x), 0.0, first, second
        yield lambda x, a=a: special.gdtr(2.0, a, x), 0.0, 2 * first, 4 * second
        yield lambda r, a=a: special.gdtrc(r, a, 2.0), 0.0, -2 * first, -4 * second
        for b in (1, 2, 3):
            polynomial = beta_polynomial(a, b)
            for x in (0.0, 1.0):
                slopes = polynomial.deriv(1)(x), polynomial.deriv(2)(x)
                yield lambda x, a=a, b=b: special.betainc(a, b, x), x, *slopes
    for a in (0.5, 1.0, 2.5):
        yield lambda x, a=a: special.gammainc(a, x), math.inf, 0, 0
        yield lambda x, a=a: special.gdtr(2.0, a, x), math.inf, 0, 0


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("f", "x", "first", "second"), list(rows()))
def test_distribution_functions_have_two_derivatives_at_the_ends(f, x, first, second):
    np.testing.assert_allclose(first, dr.grad(f)(x), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(second, dr.hessian(f)(x), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(second, dr.hvp(f)(x, 1.0), rtol=1e-12, atol=1e-15)
    for inner in ("forward", "reverse"):
        for outer in ("forward", "reverse"):
            found = dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(x)
            np.testing.assert_allclose(second, found, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("x", [1e-12, 1e-8, 1e-4])
def test_distribution_functions_keep_their_higher_derivatives_near_zero(x):
    """1 - exp(-x) and its inverse -log(1 - y); betainc(2, 3, x) is 6 x^2 - 8 x^3 + 3 x^4."""
    exact = [-((-1) ** n) * np.exp(-x) for n in (1, 2, 3)]
    inverse = [math.factorial(n - 1) / (1 - x) ** n for n in (1, 2, 3)]
    polynomial = [12 * x - 24 * x**2 + 12 * x**3, 12 - 48 * x + 36 * x**2, -48 + 72 * x]
    for f, expected in (
        (lambda x: special.gammainc(1.0, x), exact),
        (lambda x: special.gdtr(1.0, 1.0, x), exact),
        (lambda y: special.gammaincinv(1.0, y), inverse),
        (lambda x: special.betainc(2.0, 3.0, x), polynomial),
    ):
        for n in range(3):
            f = dr.derivative(f)
            np.testing.assert_allclose(expected[n], f(x), rtol=1e-10)


@pytest.mark.parametrize("x", [1e-12, 1e-8, 1e-4])
def test_gdtr_keeps_its_higher_derivatives_by_the_rate(x):
    """1 - exp(-r x)"""
    f = functools.partial(lambda x, r: special.gdtr(r, 1.0, x), x)
    for n in (1, 2, 3):
        f = dr.derivative(f)
        np.testing.assert_allclose(-((-x) ** n) * np.exp(-0.3 * x), f(0.3), rtol=1e-10)


def test_the_density_of_large_shapes_neither_overflows_nor_underflows():
    """Near its middle beta(a, a) is normal, with the variance 1 / (8 a + 4)."""
    a = 1e6
    expected = np.sqrt((8 * a + 4) / (2 * np.pi))
    np.testing.assert_allclose(
        expected, dr.derivative(lambda x: special.betainc(a, a, x))(0.5), rtol=1e-6
    )
    np.testing.assert_allclose(
        1 / np.sqrt(2 * np.pi * a), dr.derivative(lambda x: special.gammainc(a, x))(a), rtol=1e-6
    )
