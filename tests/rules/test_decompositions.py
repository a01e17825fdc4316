"""What the laws cannot hold of rules/decompositions.py: equal values, free bases, refusals."""

import numpy as np
import pytest

import dualrev as dr
from dualrev.errors import MissingRuleError
from tests.matrices import nestings, rotated, symmetric_gradient

la = np.linalg


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


@pytest.mark.parametrize("mode", ["reduced", "complete", "r"])
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
@pytest.mark.parametrize("order", [1, 2])
def test_a_qr_of_columns_that_depend_to_rounding_has_no_derivative(shape, mode, order):
    """R has a kink there; what divides by its pivot of 1e-17 would be rounding.

    The columns of a wide matrix beyond its rows are multiplied by Q^H, and no more.
    """
    a = np.full(shape, 0.7) * np.arange(1.0, shape[0] + 1)[:, None]

    def f(a):
        ans = la.qr(a, mode)
        return np.sum(np.sin(ans if mode == "r" else ans.R))

    for inner in ("forward", "reverse"):
        derivative = dr.jacobian(f, mode=inner)
        for outer in ("forward", "reverse") if order == 2 else (None,):
            ans = dr.jacobian(derivative, mode=outer)(a) if outer else derivative(a)
            assert np.isnan(ans[:, : shape[0]][..., : shape[0]]).all()


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_qr_of_columns_of_any_size_has_its_derivative(mode):
    """Columns that are scaled, also out of all proportion, scale R's."""
    a, scales = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 1.5]]), np.array([1.0, 1e-20])
    expected = dr.jacobian(lambda a: la.qr(a).R, mode=mode)(a)
    ans = dr.jacobian(lambda a: la.qr(a).R, mode=mode)(a * scales)
    np.testing.assert_allclose(
        expected * scales[:, None, None] / scales, ans, rtol=1e-9, atol=1e-24
    )


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_matrix_of_dependent_columns_that_is_not_asked_for_is_no_matter(mode):
    a = np.array([[[1.0, 1.0], [1.0, 1.0]], [[1.0, 2.0], [3.0, 4.0]]])
    asked = np.array([False, True])[:, None, None]
    ans = dr.jacobian(lambda a: np.sum(np.where(asked, la.qr(a).R, 0)), mode=mode)(a)
    assert (ans[0] == 0).all()
    expected = dr.jacobian(lambda a: np.sum(la.qr(a).R), mode=mode)(a[1])
    np.testing.assert_allclose(expected, ans[1], rtol=1e-12)


@pytest.mark.parametrize(
    "values", [lambda a: la.svd(a, compute_uv=False), lambda a: la.svd(a)[1], la.svdvals]
)
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
def test_even_functions_of_singular_values_are_smooth_where_they_are_equal_or_zero(
    values, shape, rng
):
    """sum(log(1 + s^2)) is log det(1 + a^T a)."""
    m, n = shape
    k = min(shape)
    u, v = la.qr(rng.standard_normal((m, m)))[0], la.qr(rng.standard_normal((n, n)))[0]
    f = lambda a: np.sum(np.log1p(values(a) ** 2))  # noqa: E731
    g = lambda a: la.slogdet(np.eye(n) + a.mT @ a)[1]  # noqa: E731
    for s in (np.full(k, 1.5), np.arange(k) * 1.0, (np.arange(k) == 0) * 2.0, np.zeros(k)):
        a, t = (u[:, :k] * s) @ v[:, :k].T, rng.standard_normal(shape)
        np.testing.assert_allclose(dr.grad(g)(a), dr.grad(f)(a), atol=1e-13)
        np.testing.assert_allclose(dr.hvp(g)(a, t), dr.hvp(f)(a, t), atol=1e-12)


@pytest.mark.parametrize("full_matrices", [True, False])
def test_the_polar_factor_has_its_gradient_where_singular_values_are_equal(full_matrices, rng):
    """At a = 2 q: the factor moves by (da - q da^T q) / 4, and da / 2 outside the range."""

    def factor(a):
        u, s, vh = la.svd(a, full_matrices=full_matrices)
        return u[:, : s.size] @ vh

    for q in (np.eye(2), la.qr(rng.standard_normal((4, 3)))[0]):
        weights = rng.standard_normal(q.shape)
        inside = q @ (q.T @ weights - weights.T @ q) / 4
        expected = inside + (weights - q @ (q.T @ weights)) / 2
        gradient = dr.grad(lambda a, w=weights: np.sum(w * factor(a)))(2 * q)
        np.testing.assert_allclose(expected, gradient, atol=1e-13)


@pytest.mark.parametrize("full_matrices", [True, False])
def test_u_s_vh_has_the_gradient_of_the_matrix_at_every_rank_or_nan(full_matrices, rng):
    exact = [np.zeros((3, 3)), np.diag([2.0, 0.0, 0.0]), np.diag([1.0, 1.0, 0.0])[:2]]
    rounded = [
        rng.standard_normal((m, r)) @ rng.standard_normal((r, n))
        for m, n, r in ((3, 5, 2), (4, 4, 1), (5, 3, 2), (3, 3, 2))
    ]
    for a in exact + rounded:
        weights = rng.standard_normal(a.shape)

        def product(a, weights=weights):
            u, s, vh = la.svd(a, full_matrices=full_matrices)
            return np.sum(weights * ((u[:, : s.size] * s) @ vh[: s.size]))

        gradient = dr.grad(product)(a)
        if any(a is x for x in rounded):
            assert np.isfinite(gradient).all()
        for result, expected in (
            (gradient, weights),
            (dr.jacobian(product, mode="forward")(a), weights),
            (dr.hvp(product)(a, weights), weights * 0),
            *((hessian, np.zeros((a.size, a.size))) for _, hessian in nestings(product, a)),
        ):
            seen = np.isfinite(result)
            np.testing.assert_allclose(expected[seen], result[seen], atol=1e-10)


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize(
    "completed",
    [
        lambda a: la.svd(a)[0],
        lambda a: la.svd(a.mT)[2].mT,
        lambda a: la.qr(a, "complete")[0],
    ],
)
def test_columns_that_complete_a_basis_have_the_gradient_of_their_projector_or_none(
    completed, dtype, rng
):
    """Z Z^H is 1 - A A^+; how Z is turned within its subspace has no derivative."""
    a, weights = rng.standard_normal((5, 2)).astype(dtype), rng.standard_normal((5, 5))
    if dtype is complex:
        a = a + 1j * rng.standard_normal(a.shape)

    def projection(a):
        z = completed(a)[:, 2:]
        return np.sum(weights * (z @ z.conj().T)).real

    complement = lambda a: np.sum(weights * (np.eye(5) - a @ la.pinv(a))).real  # noqa: E731
    np.testing.assert_allclose(dr.grad(complement)(a), dr.grad(projection)(a), atol=1e-13)
    turned = lambda a: np.sum(completed(a)[0, 2:]).real  # noqa: E731
    assert np.isnan(dr.grad(turned)(a)).all()


def test_equal_singular_values_leave_the_other_matrices_of_a_stack_alone(rng):
    def projector(a):
        vh = np.linalg.svd(a)[2][..., 2:, :]
        return vh.mT.conj() @ vh

    a = rng.standard_normal((2, 4)) + 1j * rng.standard_normal((2, 4))
    ct = rng.standard_normal((2, 4, 4)) + 0j
    (expected,) = dr.vjp(projector, a)[1](ct[0])
    (gradients,) = dr.vjp(projector, np.stack([a, np.eye(2, 4)]))[1](ct)
    np.testing.assert_allclose(expected, gradients[0], rtol=1e-12)
