"""Distribution functions at the ends of their axis, where they are one-sided polynomials."""

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
