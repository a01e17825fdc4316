"""What the laws cannot hold of rules/determinants.py: singular matrices."""

import itertools

import numpy as np
import pytest

import dualrev as dr
import dualrev.scipy.linalg

la = np.linalg


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


def mixed_derivative_of_det(a, directions):
    """By multilinearity in the rows: the sum over all ways of putting in rows of the directions."""
    total = 0.0
    for rows in itertools.permutations(range(len(a)), len(directions)):
        changed = a.copy()
        for i, t in zip(rows, directions):
            changed[i] = t[i]
        total = total + la.det(changed)
    return total


def along(f, t, mode):
    """The derivative of f along t, as a function again."""
    if mode == "forward":
        return lambda x: dr.jvp(f, (x,), (t,))[1]
    return lambda x: np.sum(dr.grad(f)(x) * t)


@pytest.mark.parametrize("det", [la.det, dr.scipy.linalg.det], ids=["numpy", "scipy"])
@pytest.mark.parametrize(("n", "rank"), [(n, r) for n in (1, 2, 3, 5) for r in range(n + 1)])
def test_a_determinant_has_derivatives_of_every_order_at_every_rank(det, n, rank, rng):
    a = rng.standard_normal((n, rank)) @ rng.standard_normal((rank, n))
    for order in (1, 2, 3):
        directions = rng.standard_normal((order, n, n))
        expected = mixed_derivative_of_det(a, directions)
        for modes in itertools.product(("forward", "reverse"), repeat=order):
            f = det
            for t, mode in zip(directions, modes):
                f = along(f, t, mode)
            np.testing.assert_allclose(expected, f(a), rtol=1e-10, atol=1e-10, err_msg=modes)


@pytest.mark.parametrize("small", [1e-2, 1e-4, 1e-7, 1e-12])
def test_a_determinant_near_a_singular_matrix_keeps_its_digits(small, rng):
    q, w = (la.qr(rng.standard_normal((4, 4)))[0] for _ in range(2))
    a = q * [1.0, 0.7, 2 * small, small] @ w
    directions = rng.standard_normal((3, 4, 4))
    expected = mixed_derivative_of_det(a, directions)
    for modes in itertools.product(("forward", "reverse"), repeat=3):
        f = la.det
        for t, mode in zip(directions, modes):
            f = along(f, t, mode)
        np.testing.assert_allclose(expected, f(a), rtol=1e-9, err_msg=modes)


def test_a_stack_of_determinants_may_mix_ranks(rng):
    stack = np.stack(
        [rng.standard_normal((3, 3)), np.zeros((3, 3)), np.outer([1, 2, 3], [1, -1, 2])]
    )
    directions = rng.standard_normal((3, 3, 3, 3))
    for modes in (("forward",) * 3, ("reverse",) * 3, ("reverse", "forward", "reverse")):
        f = lambda x: np.sum(la.det(x))  # noqa: E731
        for t, mode in zip(directions, modes):
            f = along(f, t, mode)
        expected = sum(
            mixed_derivative_of_det(*pair) for pair in zip(stack, directions.swapaxes(0, 1))
        )
        np.testing.assert_allclose(expected, f(stack), rtol=1e-10)


def test_log_determinant_of_a_singular_matrix_raises():
    with pytest.raises(la.LinAlgError):
        dr.grad(lambda a: la.slogdet(a).logabsdet)(np.ones((2, 2)))


def test_gradient_of_a_log_determinant_is_the_transposed_inverse():
    a = np.array([[2.0, 1.0], [-1.0, 3.0]])
    expected = np.array([[3.0, 1.0], [-1.0, 2.0]]) / 7
    np.testing.assert_allclose(expected, dr.grad(lambda a: la.slogdet(a).logabsdet)(a))
