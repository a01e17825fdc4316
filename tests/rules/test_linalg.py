"""What the laws cannot hold of rules/linalg.py: kinks, singular matrices, refusals."""

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
    assert np.all(np.isfinite(dr.hessian(lambda x: np.sum(la.norm(x, axis=1)))(x)))


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


def test_determinant_of_a_singular_matrix_has_its_cofactors_as_gradient():
    a = np.array([[1.0, 2.0], [2.0, 4.0]])
    np.testing.assert_allclose([[4.0, -2.0], [-2.0, 1.0]], dr.grad(la.det)(a))
    np.testing.assert_allclose(
        np.eye(2)[0][:, None] * np.eye(2)[0], dr.grad(la.det)(np.diag([0.0, 1.0])), atol=1e-15
    )


def test_determinant_of_a_matrix_of_low_rank_has_gradient_zero():
    np.testing.assert_array_equal(np.zeros((3, 3)), dr.grad(la.det)(np.zeros((3, 3))))
    np.testing.assert_allclose(np.zeros((3, 3)), dr.grad(la.det)(np.ones((3, 3))), atol=1e-15)


@pytest.mark.parametrize(
    "a", [np.zeros((2, 2)), np.eye(2), np.array([[1.0, 2.0], [2.0, 4.0]])], ids=str
)
def test_hessian_of_a_2x2_determinant_is_that_of_ad_minus_bc(a):
    expected = np.zeros((4, 4))
    expected[0, 3] = expected[3, 0] = 1.0
    expected[1, 2] = expected[2, 1] = -1.0
    np.testing.assert_allclose(expected, dr.hessian(la.det)(a).reshape(4, 4), atol=1e-14)


def test_log_determinant_of_a_singular_matrix_raises():
    with pytest.raises(la.LinAlgError):
        dr.grad(lambda a: la.slogdet(a).logabsdet)(np.ones((2, 2)))


def test_gradient_of_a_log_determinant_is_the_transposed_inverse():
    a = np.array([[2.0, 1.0], [-1.0, 3.0]])
    expected = np.array([[3.0, 1.0], [-1.0, 2.0]]) / 7
    np.testing.assert_allclose(expected, dr.grad(lambda a: la.slogdet(a).logabsdet)(a))


def test_rank_and_residuals_of_lstsq_are_numpys():
    a, b = np.arange(8.0).reshape(4, 2) ** 2, np.ones(4)
    expected = la.lstsq(a, b)

    def solve(a):
        x, residuals, rank, values = la.lstsq(a, b)
        assert rank == expected[2]
        assert isinstance(rank, int | np.integer)
        return residuals

    np.testing.assert_array_equal(expected[1], dr.jvp(solve, (a,), (a,))[0])


def test_residuals_that_lstsq_does_not_give_have_no_elements():
    a, b = np.eye(2), np.ones(2)
    residuals, t = dr.jvp(lambda a: la.lstsq(a, b)[1], (a,), (a,))
    assert residuals.shape == t.shape == (0,)


def test_power_zero_has_derivative_zero():
    a = np.array([[2.0, 1.0], [-1.0, 3.0]])
    value, t = dr.jvp(lambda a: la.matrix_power(a, 0), (a,), (a,))
    np.testing.assert_array_equal(np.eye(2), value)
    np.testing.assert_array_equal(np.zeros((2, 2)), t)


def test_named_results_keep_their_names():
    a = np.array([[2.0, 1.0], [1.0, 3.0]])

    def named(a):
        return (
            la.slogdet(a).logabsdet
            + np.sum(la.eigh(a).eigenvalues)
            + np.sum(la.svd(a).S)
            + np.sum(la.qr(a).R)
            + np.sum(np.real(la.eig(a).eigenvectors))
        )

    assert np.all(np.isfinite(dr.grad(named)(a)))
    assert np.isfinite(dr.jvp(named, (a,), (a,))[1])
