"""Corners of rules/polynomials.py that the laws cannot hold."""

import numpy as np
import pytest

import dualrev as dr
from dualrev.scipy import optimize


def test_a_leading_zero_of_a_traced_factor_stays_in_the_product():
    """It has a derivative, which would have no place in NumPy's shorter answer."""
    p = np.array([0.0, 1.0, 2.0])
    ans, tangent = dr.jvp(lambda p: np.polymul(p, [0.0, 2.0, 3.0]), (p,), (np.ones(3),))
    np.testing.assert_array_equal([0.0, 2.0, 7.0, 6.0], ans)
    np.testing.assert_array_equal([2.0, 5.0, 5.0, 3.0], tangent)


def test_a_remainder_has_the_length_of_the_divisor_less_one():
    """u = q v + r, where v = x - 2: r is u(2), also where that is 0."""
    remainder = lambda u: np.polydiv(u, [1.0, -2.0])[1]  # noqa: E731
    for u in ([1.0, -3.0, 2.0], [0.0, 0.0, 0.0]):
        np.testing.assert_array_equal([[4.0, 2.0, 1.0]], dr.jacobian(remainder)(np.array(u)))
    whole = lambda u: np.polydiv(u, [1.0, 0.0, 0.0, 1.0])[1]  # noqa: E731
    np.testing.assert_array_equal(np.eye(2), dr.jacobian(whole)(np.zeros(2)))


def test_a_polynomial_of_a_polynomial():
    f = lambda c: np.poly1d(c)(np.poly1d([2.0, 3.0]))(2.0)  # noqa: E731
    np.testing.assert_array_equal([49.0, 7.0, 1.0], dr.grad(f)(np.zeros(3)))


@pytest.mark.parametrize("start", [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
@pytest.mark.parametrize("kind", [np.poly1d, np.polynomial.Polynomial, np.polynomial.Chebyshev])
def test_a_fit_that_starts_at_zeros_moves(kind, start):
    t = np.linspace(0, 1, 9)
    y = 3 * t**2 + 1
    loss = lambda c: np.sum((kind(c)(t) - y) ** 2)  # noqa: E731
    found = optimize.minimize(loss, np.array(start)).x
    np.testing.assert_allclose(y, kind(found)(t), atol=1e-4)
    found = optimize.least_squares(lambda c: (kind(c) * kind([1.0]))(t) - y, np.array(start)).x
    np.testing.assert_allclose(y, kind(found)(t), atol=1e-8)


def test_powers_of_zero_have_finite_derivatives():
    jacobian = dr.jacobian(lambda x: np.vander(x, 4))(np.zeros(1))
    np.testing.assert_array_equal([0.0, 0.0, 1.0, 0.0], jacobian[0, :, 0])


def test_the_product_of_the_roots_has_the_slope_that_vieta_gives():
    p = np.array([1.0, -6.0, 11.0, -6.0])
    slope = dr.grad(lambda p: np.prod(np.roots(p)).real)(p)
    np.testing.assert_allclose([-6.0, 0.0, 0.0, -1.0], slope, atol=1e-9)


@pytest.mark.parametrize("function", [np.polyder, np.polyint])
def test_negative_orders_raise_as_in_numpy(function):
    with pytest.raises(ValueError, match="must be positive"):
        dr.jacobian(lambda p: function(p, -1))(np.ones(3))
