"""What the laws cannot hold of rules/eigenvalues.py: equal eigenvalues, one triangle."""

import numpy as np
import pytest
from scipy.linalg import expm, expm_frechet

import dualrev as dr
from tests.matrices import hermitian_part, nestings, rotated, symmetric_gradient

la = np.linalg
REPEATED = [np.eye(3), 2 * np.eye(3) + 1.0, np.diag([1.0, 1.0, 3.0]), np.zeros((2, 2))]


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


def test_eigenvalues_of_a_rotation_turn_with_its_angle():
    """exp(+-i t) has derivative +-i exp(+-i t)."""
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])

    def eigenvalues(t):
        return la.eigvals(np.cos(t) * np.eye(2) + np.sin(t) * quarter)

    value, t = dr.jvp(eigenvalues, (0.7,), (1.0,))
    np.testing.assert_allclose(value * 1j * np.sign(value.imag), t, atol=1e-15)


# ------------------------------------------------------------- second derivatives at equal values


def unitary(n, seed=0):
    rng = np.random.default_rng(seed)
    return la.qr(rng.standard_normal((n, n)) + 1j * rng.standard_normal((n, n)))[0]


EQUAL = [*REPEATED, rotated([1.0, 1.0, 1.0, 2.0]), rotated([0.5, 0.5, 2.0, 2.0])]
VALUES = [
    la.eigvalsh,
    lambda a: la.eigvalsh(a, "U"),
    lambda a: la.eigh(a)[0],
    lambda a: la.eigh(a, "U").eigenvalues,
]


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("a", EQUAL, ids=str)
def test_hessian_of_the_trace_of_exp_is_its_frechet_derivative(a, values, rng):
    f = lambda a: np.sum(np.exp(values(hermitian_part(a))))  # noqa: E731
    for t in (hermitian_part(rng.standard_normal(a.shape)), np.eye(len(a)), a):
        expected = expm_frechet(a, t, compute_expm=False)
        np.testing.assert_allclose(expected, dr.hvp(f)(a, t), rtol=1e-11, atol=1e-12)
        hessian = dr.hessian(f)(a)
        np.testing.assert_allclose(expected, np.tensordot(hessian, t, 2), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("a", EQUAL, ids=str)
def test_no_nesting_gives_another_number_than_the_second_derivative(a):
    f = lambda a: np.sum(np.exp(la.eigvalsh(hermitian_part(a))))  # noqa: E731
    expected = dr.hessian(f)(a).reshape(a.size, a.size)
    assert np.isfinite(expected).all()
    for name, hessian in nestings(f, a):
        seen = np.isfinite(hessian)
        np.testing.assert_allclose(expected[seen], hessian[seen], atol=1e-10, err_msg=name)


def test_second_derivatives_of_a_complex_hermitian_matrix_with_equal_eigenvalues(rng):
    v = unitary(4)
    a = hermitian_part((v * [1.0, 1.0, 3.0, 3.0]) @ v.conj().T)
    t = hermitian_part(rng.standard_normal((4, 4)) + 1j * rng.standard_normal((4, 4)))
    gradient = dr.grad(lambda a: np.sum(np.exp(la.eigvalsh(hermitian_part(a)))))
    expected = expm_frechet(a, t, compute_expm=False)
    np.testing.assert_allclose(expected, dr.jvp(gradient, (a,), (t,))[1], rtol=1e-11)


def test_a_stack_may_hold_matrices_with_equal_eigenvalues_and_others(rng):
    a = np.stack([np.eye(3), rotated([1.0, 2.0, 4.0]), np.diag([1.0, 1.0, 3.0])])
    t = hermitian_part(rng.standard_normal(a.shape))
    expected = [expm_frechet(x, y, compute_expm=False) for x, y in zip(a, t)]
    result = dr.hvp(lambda a: np.sum(np.exp(la.eigvalsh(hermitian_part(a)))))(a, t)
    np.testing.assert_allclose(expected, result, rtol=1e-11, atol=1e-12)


def test_energies_that_are_least_at_equal_stretches_have_their_stiffness(rng):
    """sum(log(w)**2) is |log C|^2, at the unit matrix |C - 1|^2 to second order."""
    q = unitary(3).real
    q = la.qr(q)[0]
    t = hermitian_part(rng.standard_normal((3, 3)))
    for c in (np.eye(3), hermitian_part(q @ q.T)):  # to the bit, and to rounding
        energy = lambda c: np.sum(np.log(la.eigvalsh(hermitian_part(c))) ** 2)  # noqa: E731
        np.testing.assert_allclose(2 * t, dr.hvp(energy)(c, t), atol=1e-12)


def test_functions_of_several_equal_eigenvalues_need_not_be_sums(rng):
    a, t = np.diag([1.0, 1.0, 3.0]), hermitian_part(rng.standard_normal((3, 3)))
    log_trace = lambda a: np.log(np.sum(np.exp(la.eigvalsh(hermitian_part(a)))))  # noqa: E731
    e, d = expm(a), expm_frechet(a, t, compute_expm=False)
    expected = d / np.trace(e) - e * np.trace(d) / np.trace(e) ** 2
    np.testing.assert_allclose(expected, dr.hvp(log_trace)(a, t), atol=1e-13)
    product = lambda a: np.prod(la.eigvalsh(hermitian_part(a)))  # noqa: E731
    np.testing.assert_allclose(
        hermitian_part(dr.hvp(la.det)(a, t)), dr.hvp(product)(a, t), atol=1e-13
    )


def test_third_derivatives_at_equal_eigenvalues_are_nan():
    f = lambda a: np.sum(np.exp(la.eigvalsh(hermitian_part(a))))  # noqa: E731
    t = np.array([[1.0, 0.5], [0.5, 2.0]])
    second = lambda a: np.sum(t * dr.hvp(f)(a, t))  # noqa: E731
    assert np.isnan(dr.grad(second)(np.eye(2))).any()
    assert np.isnan(dr.jvp(second, (np.eye(2),), (t,))[1])


# --------------------------------------------------------- what the cotangents of both do not tell


def test_a_matrix_of_low_rank_put_together_again_has_the_gradient_of_the_matrix(rng):
    a = np.outer([1.0, 2.0, -1.0, 3.0], [1.0, 2.0, -1.0, 3.0])
    weights = hermitian_part(rng.standard_normal((4, 4)))

    def together(a):
        w, v = la.eigh(hermitian_part(a))
        return np.sum(weights * ((v * w) @ v.T))

    np.testing.assert_allclose(weights, dr.grad(together)(a), atol=1e-12)


def test_a_component_beside_equal_eigenvalues_that_are_not_used_has_its_derivative():
    x = np.array([[1.0, 2.0, 0.5, -1.0], [0.3, -1.0, 2.0, 0.7]])  # x^T x has rank 2 of 4

    def component(x):
        w, v = la.eigh(x.T @ x)
        return w[-1] * v[0, -1] ** 2 / np.sum(w)

    h = 1e-6
    units = np.eye(x.size).reshape(-1, *x.shape)
    expected = [(component(x + h * e) - component(x - h * e)) / (2 * h) for e in units]
    np.testing.assert_allclose(np.reshape(expected, x.shape), dr.grad(component)(x), atol=1e-8)


def by_eigh(a, f):
    w, v = la.eigh(hermitian_part(a))
    return (v * f(w)) @ v.T


def by_eig(a, f):
    w, v = la.eig(a)
    return ((v * f(w)) @ la.inv(v)).real


@pytest.mark.parametrize("by", [by_eigh, by_eig])
@pytest.mark.parametrize(("f", "slope"), [(np.exp, np.e), (np.log, 1), (lambda w: (w - 1) ** 3, 0)])
def test_a_function_of_the_matrix_is_right_or_nan_where_eigenvalues_are_equal(by, f, slope):
    """Also where it is 0 there, and its cotangents with it."""
    for i, j in np.ndindex(2, 2):
        unit = np.zeros((2, 2))
        unit[i, j] = slope
        expected = hermitian_part(unit) if by is by_eigh else unit
        for mode in ("forward", "reverse"):
            entry = lambda a, i=i, j=j: by(a, f)[i, j]  # noqa: E731
            gradient = dr.jacobian(entry, mode=mode)(np.eye(2))
            seen = np.isfinite(gradient)
            np.testing.assert_allclose(expected[seen], gradient[seen], atol=1e-14)


@pytest.mark.parametrize("by", [by_eigh, by_eig])
def test_equal_eigenvalues_of_a_branch_that_is_not_taken_say_nothing(by):
    f = lambda a: np.where(a[0, 0] > 0, a[0, 0] ** 2, by(a, np.exp)[0, 1])  # noqa: E731
    np.testing.assert_array_equal([[2.0, 0.0], [0.0, 0.0]], dr.grad(f)(np.eye(2)))


DEFECTIVE = np.array([[2.0, 1.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0]])
SHEAR = np.array([[1.0, 0.4, -2.0], [0.3, 1.5, 0.2], [0.0, -0.7, 1.1]])


@pytest.mark.parametrize("a", [DEFECTIVE, SHEAR @ DEFECTIVE @ la.inv(SHEAR)], ids=str)
def test_no_derivative_of_the_eigenvalues_of_a_defective_matrix_is_finite(a):
    for f in (lambda a: la.eigvals(a)[0].real, lambda a: la.eig(a)[0][0].real):
        for mode in ("forward", "reverse"):
            assert not np.isfinite(dr.jacobian(f, mode=mode)(a)).any()


@pytest.mark.parametrize("shape", [(0, 3, 3), (0, 0), (2, 0, 0)])
@pytest.mark.parametrize("f", [la.eig, la.eigvals, la.eigh, la.eigvalsh, la.svd, la.svdvals])
def test_there_are_derivatives_of_no_numbers(f, shape):
    def total(a):
        ans = f(a)
        return sum(np.sum(x.real) for x in (ans if isinstance(ans, tuple) else (ans,)))

    a = np.zeros(shape)
    assert dr.grad(total)(a).shape == dr.hvp(total)(a, a).shape == shape
    assert dr.jvp(total, (a,), (a,))[1] == 0
