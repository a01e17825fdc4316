"""Corners of rules/polynomials.py that the laws cannot hold."""

import numpy as np
import pytest

import dualrev as dr


def test_leading_zeros_are_trimmed_from_a_product_as_in_numpy():
    p = np.array([0.0, 1.0, 2.0])
    ans, tangent = dr.jvp(lambda p: np.polymul(p, [2.0, 3.0]), (p,), (np.ones(3),))
    np.testing.assert_array_equal([2.0, 7.0, 6.0], ans)
    np.testing.assert_array_equal([2.0, 5.0, 3.0], tangent)


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
