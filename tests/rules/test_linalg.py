"""What the laws cannot hold of rules/linalg.py: kinks, singular matrices, refusals."""

import itertools

import numpy as np
import pytest

import dualrev as dr
import dualrev.scipy.linalg
from dualrev.errors import MissingRuleError
from tests.numeric import slope

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


CUT = 0.3
SPECTRA = {
    "a singular value of 0": [1.0, 0.7, 0.0],
    "a small one that is dropped": [1.0, 0.7, 0.1],
    "equal ones beside it": [1.0, 1.0, 0.1],
    "two that are dropped": [1.0, 0.2, 0.1],
    "full rank": [1.0, 0.8, 0.6],
    "equal ones of full rank": [1.0, 1.0, 1.0],
}


def with_singular_values(s, shape, rng, imaginary=False):
    u, v = (
        la.qr(rng.standard_normal((n, n)) + (1j * rng.standard_normal((n, n)) if imaginary else 0))[
            0
        ]
        for n in shape
    )
    return (u[:, : len(s)] * s) @ v[: len(s)]


@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (3, 4)], ids=str)
@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("name", ["pinv", "complex pinv", "lstsq", "scipy.pinv", "scipy.lstsq"])
def test_what_a_pseudoinverse_drops_stays_dropped(name, spectrum, shape, rng):
    """Up to second order, in every nesting: the slopes of the function that NumPy computes."""
    a = with_singular_values(SPECTRA[spectrum], shape, rng, name == "complex pinv")
    weights, b = rng.standard_normal(shape[::-1]), rng.standard_normal(shape[0])
    f = {
        "pinv": lambda a: np.sum(weights * la.pinv(a, rcond=CUT)),
        "complex pinv": lambda a: np.sum(weights * la.pinv(a, rcond=CUT).real),
        "lstsq": lambda a: np.sum(weights[:, 0] * la.lstsq(a, b, rcond=CUT)[0]),
        "scipy.pinv": lambda a: np.sum(weights * dr.scipy.linalg.pinv(a, rtol=CUT)),
        "scipy.lstsq": lambda a: np.sum(weights[:, 0] * dr.scipy.linalg.lstsq(a, b, cond=CUT)[0]),
    }[name]
    t, s = rng.standard_normal((2, *shape))
    if name == "complex pinv":
        t, s = t + 1j * s, s - 2j * t
    t, s = t / la.norm(t), s / la.norm(s)
    first, second = slope(f, a, t), slope(lambda a: slope(f, a, t), a, s)
    directed = {
        "forward": lambda f, t: lambda a: dr.jvp(f, (a,), (t,))[1],
        "reverse": lambda f, t: lambda a: np.sum((np.conj(dr.grad(f)(a)) * t).real),
    }
    for inner in directed.values():
        np.testing.assert_allclose(first, inner(f, t)(a), rtol=1e-7, atol=1e-7)
        for outer in directed.values():
            np.testing.assert_allclose(second, outer(inner(f, t), s)(a), rtol=1e-5, atol=1e-5)


def test_lstsq_has_second_derivatives_where_singular_values_are_equal():
    f = lambda a: np.sum(la.lstsq(a, np.array([1.0, 2.0]))[0])  # noqa: E731
    t = np.array([[1.0, 2.0], [0.5, -1.0]])
    # x = (1 + t)^-1 b: the second derivative is 2 t t b, along t
    expected = 2 * np.sum(t @ t @ [1.0, 2.0])
    np.testing.assert_allclose(expected, np.sum(t * dr.hvp(f)(np.eye(2), t)))


def test_a_rank_that_pivots_have_cut_is_refused():
    a, b = np.diag([1.0, 0.5, 0.1]), np.ones(3)
    solve = lambda a: dr.scipy.linalg.lstsq(a, b, cond=0.2, lapack_driver="gelsy")[0]  # noqa: E731
    with pytest.raises(MissingRuleError, match="gelsd"):
        dr.jacobian(solve)(a)


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


def test_tensorsolve_takes_python_s_numbers():
    assert dr.grad(lambda a: np.linalg.tensorsolve(a, 6.0))(2.0) == -1.5
    assert dr.grad(lambda b: np.linalg.tensorsolve(2.0, b))(6.0) == 0.5
