"""What the laws cannot hold of rules/norms.py: kinks, zeros."""

import numpy as np
import pytest

import dualrev as dr

la = np.linalg


@pytest.mark.parametrize("ord", [None, 2, 1, 3, 1.5, np.inf])
def test_norm_of_zero_has_gradient_zero(ord):
    for norm in (la.norm, la.vector_norm):
        if ord is None and norm is la.vector_norm:
            continue
        gradient = dr.grad(lambda x: norm(x, ord=ord))(np.zeros(3))
        np.testing.assert_array_equal(np.zeros(3), gradient)


@pytest.mark.parametrize("ord", [None, "fro", "nuc", 2, 1, np.inf])
def test_norm_of_a_zero_matrix_has_a_finite_gradient(ord):
    assert np.all(np.isfinite(dr.grad(lambda x: la.norm(x, ord))(np.zeros((2, 3)))))


def test_a_zero_row_does_not_disturb_the_others():
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    expected = [[0.6, 0.8], [0.0, 0.0]]
    np.testing.assert_allclose(expected, dr.grad(lambda x: np.sum(la.norm(x, axis=1)))(x))
    hessian = dr.hessian(lambda x: np.sum(la.norm(x, axis=1)))(x)
    np.testing.assert_allclose([[0.128, -0.096], [-0.096, 0.072]], hessian[0, :, 0])
    np.testing.assert_array_equal(0, hessian[0, :, 1])
    np.testing.assert_array_equal(0, hessian[1, :, 0])
    np.testing.assert_array_equal(np.nan, hessian[1, :, 1])


def test_a_zero_element_has_no_influence_on_a_p_norm():
    for p in (1.5, 3):
        assert dr.grad(lambda x: la.norm(x, p))(np.array([1.0, 0.0, 2.0]))[1] == 0.0


def test_norm_of_tiny_numbers_has_a_unit_gradient():
    x = np.array([3e-150, 4e-150])
    np.testing.assert_allclose([0.6, 0.8], dr.grad(la.norm)(x))


def test_the_largest_of_equal_magnitudes_share_the_gradient():
    x = np.array([2.0, -2.0, 1.0])
    np.testing.assert_array_equal([0.5, -0.5, 0.0], dr.grad(lambda x: la.norm(x, np.inf))(x))


def test_counting_nonzeros_has_derivative_zero():
    x = np.array([2.0, 0.0, 1.0])
    np.testing.assert_array_equal(np.zeros(3), dr.grad(lambda x: la.norm(x, 0))(x))
