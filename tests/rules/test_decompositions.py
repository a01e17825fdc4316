"""What the laws cannot hold of rules/decompositions.py: equal eigenvalues, free bases, refusals."""

import numpy as np
import pytest
from scipy.linalg import expm

import dualrev as dr
from dualrev.core.errors import MissingRuleError

la = np.linalg
REPEATED = [np.eye(3), 2 * np.eye(3) + 1.0, np.diag([1.0, 1.0, 3.0]), np.zeros((2, 2))]


def rotated(values):
    """A symmetric matrix with these eigenvalues, equal to rounding only where they are equal."""
    q = la.qr(np.random.default_rng(0).standard_normal((len(values),) * 2))[0]
    a = (q * values) @ q.T
    return (a + a.T) / 2


def symmetric_gradient(f, a):
    """For perturbations of both triangles alike."""
    gradient = dr.grad(f)(a)
    return (gradient + gradient.T) / 2


@pytest.mark.parametrize("a", [*REPEATED, rotated([1.0, 1.0, 1.0, 2.0])], ids=str)
def test_trace_of_exp_has_gradient_exp_also_where_eigenvalues_are_equal(a):
    for trace_exp in (
        lambda a: np.sum(np.exp(la.eigvalsh(a))),
        lambda a: np.sum(np.exp(la.eigh(a).eigenvalues)),
        lambda a: np.sum(np.exp(la.eigh(a)[0])),
    ):
        np.testing.assert_allclose(expm(a), symmetric_gradient(trace_exp, a), atol=1e-12)
        t = rotated(np.arange(1.0, len(a) + 1))
        np.testing.assert_allclose(
            np.sum(expm(a) * t), dr.jvp(trace_exp, (a,), (t,))[1], atol=1e-12
        )


@pytest.mark.parametrize("a", [*REPEATED, rotated([1.0, 1.0, 1.0, 2.0])], ids=str)
def test_trace_through_the_eigenvectors_is_right_where_eigenvalues_are_equal(a):
    def trace_exp(a):
        w, v = la.eigh(a)
        return np.trace((v * np.exp(w)) @ v.T)

    np.testing.assert_allclose(expm(a), symmetric_gradient(trace_exp, a), atol=1e-12)


def test_a_derivative_that_equal_eigenvalues_hide_is_nan_and_not_wrong():
    def off_diagonal(a):
        w, v = la.eigh(a)
        return ((v * np.exp(w)) @ v.T)[0, 1]

    assert np.isnan(dr.grad(off_diagonal)(np.eye(2))).any()
    t = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert np.isnan(dr.jvp(off_diagonal, (np.eye(2),), (t,))[1])


def test_the_eigenvector_of_a_simple_eigenvalue_is_right_beside_equal_ones():
    """d(v v^T) = R dA v v^T + transpose, R = 1/(3 - 1) on the other eigenspace."""
    a, t = np.diag([1.0, 1.0, 3.0]), rotated([1.0, 2.0, 4.0])

    def projector(a):
        v = la.eigh(a).eigenvectors[:, 2]
        return np.outer(v, v)

    expected = np.zeros((3, 3))
    expected[:2, 2] = expected[2, :2] = t[:2, 2] / 2
    np.testing.assert_allclose(expected, dr.jvp(lambda a: projector(a), (a,), (t,))[1], atol=1e-14)
    weights = rotated([0.5, -1.0, 2.0])
    gradient = dr.grad(lambda a: np.sum(weights * projector(a)))(a)
    np.testing.assert_allclose(np.sum(expected * weights), np.sum(gradient * t))


def test_gradients_lie_in_the_triangle_that_is_read_and_count_twice_beside_the_diagonal():
    a = rotated([1.0, 2.0, 4.0])
    twice = la.inv(a) * (2 - np.eye(3))
    for f, expected in (
        (lambda a: np.sum(np.log(np.diagonal(la.cholesky(a)))), np.tril(twice)),
        (lambda a: np.sum(np.log(np.diagonal(la.cholesky(a, upper=True)))), np.triu(twice)),
        (lambda a: np.sum(np.log(la.eigvalsh(a, "U"))) / 2, np.triu(twice)),
        (lambda a: np.sum(np.log(la.eigh(a, "L")[0])) / 2, np.tril(twice)),
    ):
        np.testing.assert_allclose(expected / 2, dr.grad(f)(a), atol=1e-14)


def test_cholesky_larger_than_a_block_has_the_right_gradient():
    a = rotated(np.linspace(1.0, 3.0, 71))
    gradient = symmetric_gradient(lambda a: 2 * np.sum(np.log(np.diagonal(la.cholesky(a)))), a)
    np.testing.assert_allclose(la.inv(a), gradient, atol=1e-12)


def test_cholesky_of_an_indefinite_matrix_is_numpys_own_error():
    with pytest.raises(la.LinAlgError):
        dr.grad(lambda a: np.sum(la.cholesky(a)))(-np.eye(2))


def test_nuclear_norm_is_differentiable_where_singular_values_are_equal():
    """Its gradient is U V^H."""
    q = la.qr(np.random.default_rng(1).standard_normal((3, 3)))[0]
    np.testing.assert_allclose(q, dr.grad(lambda a: la.norm(2 * a, "nuc"))(q) / 2, atol=1e-14)
    np.testing.assert_allclose(q, dr.grad(lambda a: np.sum(la.svd(a).S))(q), atol=1e-14)


def test_singular_values_of_a_matrix_of_low_rank_have_finite_gradients():
    a = np.outer([1.0, 2.0, 3.0], [1.0, -1.0])
    for f in (
        lambda a: la.svd(a, full_matrices=False)[1][0],
        lambda a: la.svd(a)[1][0],
        lambda a: la.svd(a, compute_uv=False)[0],
    ):
        np.testing.assert_allclose(a / la.norm(a), dr.grad(f)(a), atol=1e-14)


@pytest.mark.parametrize(("shape", "mode"), [((3, 2), "raw"), ((2, 2), "raw")])
def test_a_qr_in_the_form_of_lapack_is_refused(shape, mode):
    a = np.arange(6.0)[: np.prod(shape)].reshape(shape) + 1
    with pytest.raises(MissingRuleError, match="reduced"):
        dr.jvp(lambda a: la.qr(a, mode), (a,), (a,))


def test_eigenvalues_of_a_rotation_turn_with_its_angle():
    """exp(+-i t) has derivative +-i exp(+-i t)."""
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])

    def eigenvalues(t):
        return la.eigvals(np.cos(t) * np.eye(2) + np.sin(t) * quarter)

    value, t = dr.jvp(eigenvalues, (0.7,), (1.0,))
    np.testing.assert_allclose(value * 1j * np.sign(value.imag), t, atol=1e-15)
