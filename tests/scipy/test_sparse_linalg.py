"""Solvers of sparse linear equations, where the laws do not look."""

import inspect

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from dualrev.scipy import sparse
from dualrev.scipy.sparse import linalg

RNG = np.random.default_rng(7)
N = 6
A = scipy.sparse.csc_array(
    scipy.sparse.random_array((N, N), density=0.4, rng=RNG) + 4 * scipy.sparse.eye_array(N)
)
SYMMETRIC = scipy.sparse.csr_array(A + A.T)
B = RNG.standard_normal(N)
INVERSE = np.linalg.inv(A.toarray())
ITERATIVE = [
    "bicg",
    "bicgstab",
    "cg",
    "cgs",
    "gmres",
    "minres",
    "qmr",
    "lgmres",
    "gcrotmk",
    "tfqmr",
]
OTHERS = ["spsolve", "splu", "factorized", "expm_multiply", "eigs", "eigsh", "svds"]
OTHERS += ["lsqr", "lsmr", "spilu", "inv", "norm", "expm"]


def filled(d):
    return sparse.csc_array((d, A.indices, A.indptr), shape=A.shape)


def matrix_for(name):
    return SYMMETRIC if name in ("cg", "minres") else A


@pytest.mark.parametrize(
    "name", [*ITERATIVE, *OTHERS, "spsolve_triangular", "matrix_power", "aslinearoperator"]
)
def test_signature_is_scipys(name):
    expected = inspect.signature(getattr(scipy.sparse.linalg, name)).parameters
    got = inspect.signature(getattr(linalg, name)).parameters
    assert list(expected) == list(got)
    for parameter in expected:
        assert expected[parameter].default == got[parameter].default
        assert expected[parameter].kind == got[parameter].kind


@pytest.mark.parametrize("name", ITERATIVE)
def test_plain_equations_give_scipys_own_answer(name):
    S = matrix_for(name)
    expected, info = getattr(scipy.sparse.linalg, name)(S, B, rtol=1e-3)
    x, got = getattr(linalg, name)(S, B, rtol=1e-3)
    assert_array_equal(expected, x)
    assert info == got


@pytest.mark.parametrize("name", ITERATIVE)
def test_answer_and_info_are_scipys_for_traced_equations_too(name):
    S = matrix_for(name)
    expected, info = getattr(scipy.sparse.linalg, name)(S, B, maxiter=2)
    seen = []

    def f(b):
        x, info = getattr(linalg, name)(S, b, maxiter=2)
        seen.append(info)
        return x

    value, _ = dr.vjp(f, B)
    assert_array_equal(expected, value)
    assert seen == [info]
    assert type(seen[0]) is type(info)


def test_derivative_by_every_number_of_the_matrix():
    """x = A^-1 b: dx = -A^-1 dA x."""
    x = INVERSE @ B
    rows, cols = A.tocoo().coords
    jacobian = dr.jacobian(lambda d: linalg.spsolve(filled(d), B))(A.data)
    assert_allclose(-INVERSE[:, rows] * x[cols], jacobian, rtol=1e-10)


@pytest.mark.parametrize("format", ["csr", "csc", "coo", "bsr", "dia", "dok", "lil"])
@pytest.mark.filterwarnings("ignore::scipy.sparse.SparseEfficiencyWarning")
def test_constant_matrices_of_every_format(format):
    S = A.asformat(format)
    assert_allclose(INVERSE, dr.jacobian(lambda b: linalg.spsolve(S, b))(B), atol=1e-12)
    assert_allclose(INVERSE, dr.jacobian(lambda b: linalg.splu(S).solve(b))(B), atol=1e-12)
    jacobian = dr.jacobian(lambda b: linalg.gmres(S, b, rtol=1e-12)[0])(B)
    assert_allclose(INVERSE, jacobian, atol=1e-10)


def test_a_matrix_that_is_overwritten_later_does_not_change_the_derivative():
    def f(b):
        S = A.copy()
        x = linalg.spsolve(S, b) + linalg.cg(S + S.T, b, rtol=1e-12)[0]
        S.data[:] = 1e3
        return x

    expected = INVERSE + np.linalg.inv(SYMMETRIC.toarray())
    assert_allclose(expected, dr.jacobian(f)(B), atol=1e-9)


def test_one_factorization_serves_all_derivatives(monkeypatch):
    """A Jacobian of 6 rows, and its own derivative, factor once after the solution."""
    count = []
    splu = scipy.sparse.linalg.splu
    monkeypatch.setattr(
        scipy.sparse.linalg, "splu", lambda *a, **k: (count.append(1), splu(*a, **k))[1]
    )
    dr.jacobian(lambda d: linalg.spsolve(filled(d), B))(A.data)
    assert len(count) == 1
    count.clear()
    dr.hessian(lambda d: linalg.splu(filled(d)).solve(B).sum())(A.data)
    assert len(count) == 1


def test_column_is_a_vector():
    """As SciPy has it: (n, 1) gives (n,)."""
    assert linalg.spsolve(A, B[:, None]).shape == (N,)
    assert dr.vjp(lambda b: linalg.spsolve(A, b), B[:, None])[0].shape == (N,)
    jacobian = dr.jacobian(lambda b: linalg.cg(SYMMETRIC, b)[0])(B[:, None])
    assert jacobian.shape == (N, N, 1)


def test_complex_right_hand_side_of_a_real_matrix():
    b = B + 1j * B[::-1]
    f = linalg.splu(A).solve
    tangent = dr.jvp(lambda b: linalg.spsolve(A, b), (b,), (b,))[1]
    assert_allclose(INVERSE @ b, tangent, rtol=1e-12)
    with pytest.raises(TypeError):  # SciPy's own: real factors solve real equations
        f(b)


@pytest.mark.parametrize("name", ITERATIVE)
def test_first_guess_has_no_derivative(name):
    def f(x0):
        return getattr(linalg, name)(matrix_for(name), B, x0, rtol=1e-12)[0] + 0 * x0

    assert_array_equal(np.zeros((N, N)), dr.jacobian(f)(B))


@pytest.mark.parametrize("name", ["cg", "minres"])
def test_symmetric_solvers_need_no_transpose_of_an_operator(name):
    operator = scipy.sparse.linalg.LinearOperator(A.shape, matvec=lambda x: SYMMETRIC @ x)
    f = dr.jacobian(lambda b: getattr(linalg, name)(operator, b, rtol=1e-12)[0])
    assert_allclose(np.linalg.inv(SYMMETRIC.toarray()), f(B), atol=1e-10)


def test_hermitian_operator():
    """Its transpose is its conjugate."""
    skew = scipy.sparse.csr_array(A - A.T)
    H = scipy.sparse.csr_array(SYMMETRIC + 4 * scipy.sparse.eye_array(N) + 1j * skew)
    operator = scipy.sparse.linalg.LinearOperator(H.shape, matvec=lambda x: H @ x, dtype=complex)
    b = B + 1j * B[::-1]
    for M in (H, operator):
        _, pullback = dr.vjp(lambda b, M=M: linalg.cg(M, b, rtol=1e-12)[0], b)
        # The pullback is the adjoint: the inverse of H is Hermitian.
        assert_allclose(np.linalg.solve(H.toarray(), b), pullback(b)[0], rtol=1e-10)


def test_other_solvers_say_that_they_need_the_transpose():
    operator = scipy.sparse.linalg.LinearOperator(A.shape, matvec=lambda x: A @ x)
    f = lambda b: linalg.gmres(operator, b, rtol=1e-12)[0]  # noqa: E731
    assert_allclose(INVERSE, dr.jacobian(f, mode="forward")(B), atol=1e-10)
    with pytest.raises(dr.MissingRuleError, match="rmatvec="):
        dr.jacobian(f, mode="reverse")(B)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", ITERATIVE)
def test_a_solution_that_did_not_converge_has_no_derivative(name, mode):
    def f(b):
        return getattr(linalg, name)(matrix_for(name), b, rtol=1e-12, maxiter=1, **options)[0]

    options = {"restart": 1} if name == "gmres" else {}
    with pytest.raises(linalg.NotConvergedError, match="maxiter"):
        dr.jacobian(f, mode=mode)(B)


def test_equations_of_a_derivative_that_do_not_converge_raise():
    """The solution is found at once from its own value; that of the derivative is not."""
    x = INVERSE @ B

    def f(b):
        return linalg.gmres(A, b, x, rtol=1e-12, restart=1, maxiter=1)[0]

    assert_allclose(x, f(B))
    with pytest.raises(linalg.NotConvergedError, match="equations of its derivative"):
        dr.jacobian(f)(B)


def test_absolute_tolerance_is_relative_to_b_in_derivatives():
    """A small cotangent is not taken for zero."""
    _, pullback = dr.vjp(lambda b: linalg.cg(SYMMETRIC, b, rtol=0.0, atol=1e-8)[0], B)
    ct = 1e-12 * np.ones(N)
    assert_allclose(np.linalg.solve(SYMMETRIC.toarray(), ct), pullback(ct)[0], rtol=1e-6)


def test_callback_sees_the_first_equations_only():
    seen = []
    dr.grad(lambda b: linalg.cg(SYMMETRIC, b, callback=seen.append)[0].sum())(B)
    expected = []
    scipy.sparse.linalg.cg(SYMMETRIC, B, callback=expected.append)
    assert len(expected) == len(seen)
    assert all(type(x) is np.ndarray for x in seen)


REFUSED = {
    "sparse right-hand side": lambda d: linalg.spsolve(
        filled(d), scipy.sparse.eye_array(N, format="csc")
    ),
    "factor": lambda d: linalg.splu(filled(d)).L,
    "buckling": lambda d: linalg.eigsh(filled(d), 2, sigma=1.0, mode="buckling")[0],
    "operator beside a matrix": lambda d: linalg.eigsh(
        filled(d), 2, M=scipy.sparse.linalg.aslinearoperator(SYMMETRIC), Minv=SYMMETRIC
    )[0],
    "incomplete factors": lambda d: linalg.spilu(filled(d)).solve(B),
    "preconditioned": lambda d: linalg.tfqmr(filled(d), B, M=SYMMETRIC)[0],
    "norm of singular values": lambda d: linalg.norm(filled(d), 2),
    "norm of rows": lambda d: linalg.norm(filled(d), 3, 0),
    "shift": lambda d: linalg.minres(SYMMETRIC, B, shift=d[0])[0],
    "time of an operator": lambda d: linalg.expm_multiply(
        scipy.sparse.linalg.aslinearoperator(A), B, start=d[0], stop=2.0, num=2, endpoint=True
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_known_raises_with_a_repair(name):
    with pytest.raises(dr.MissingRuleError, match="fix:"):
        dr.jacobian(REFUSED[name])(A.data)


def test_refused_functions_serve_plain_matrices():
    assert_allclose(
        scipy.sparse.linalg.eigsh(SYMMETRIC, 2, v0=B)[0], linalg.eigsh(SYMMETRIC, 2, v0=B)[0]
    )
    assert linalg.lsqr(A, B)[1] == scipy.sparse.linalg.lsqr(A, B)[1]
    assert linalg.splu(A).nnz == scipy.sparse.linalg.splu(A).nnz


def test_singular_matrix_raises_in_the_derivative():
    d = np.zeros(A.data.size)
    with pytest.raises(RuntimeError, match="singular"), pytest.warns(
        scipy.sparse.linalg.MatrixRankWarning
    ):  # fmt: skip
        dr.grad(lambda d: linalg.spsolve(filled(d), B).sum())(d)


@pytest.mark.parametrize("name", ["cg", "cgs", "bicg", "bicgstab", "gmres", "minres"])
def test_a_right_hand_side_of_zeros_that_changes_before_a_pull_does_not_matter(name):
    """SciPy answers the very zeros that it was given, or a view of them."""
    b = np.zeros(3)
    matrix = np.diag([2.0, 3.0, 4.0])
    _, pull = dr.vjp(lambda matrix: getattr(linalg, name)(matrix, b)[0], matrix)
    b[...] = 5.0
    (ct,) = pull(np.ones(3))
    assert_array_equal(np.zeros((3, 3)), ct)


# ---------------------------------------------------------------------------- least squares


@pytest.mark.parametrize("name", ["lsqr", "lsmr"])
def test_what_an_iteration_estimates_has_the_derivative_nan(name):
    value, t = dr.jvp(lambda b: getattr(linalg, name)(A[:, :3], b)[3], (B,), (B,))
    assert getattr(scipy.sparse.linalg, name)(A[:, :3], B)[3] == value
    assert np.isnan(t)


def test_least_squares_that_did_not_converge_have_no_derivative():
    with pytest.raises(dr.NotConvergedError, match="iter_lim"):
        dr.grad(lambda b: linalg.lsqr(A, b, iter_lim=1)[0].sum())(B)


@pytest.mark.parametrize("by", ["matrix", "b"])
def test_least_norm_solutions_keep_their_rank(by):
    """Of a matrix of rank 2, as numpy.linalg.pinv has it."""
    u, v = RNG.standard_normal((6, 2)), RNG.standard_normal((2, 4))

    def by_lsqr(u, b):
        return linalg.lsqr(u @ v, b, atol=1e-14, btol=1e-14, conlim=0, iter_lim=99)[0]

    def by_pinv(u, b):
        return np.linalg.pinv(u @ v, rcond=1e-10) @ b

    argnums = 0 if by == "matrix" else 1
    expected = dr.jacobian(by_pinv, argnums=argnums)(u, B)
    assert_allclose(expected, dr.jacobian(by_lsqr, argnums=argnums)(u, B), rtol=1e-7, atol=1e-9)


# ------------------------------------------------------------------------------ eigenvalues


def test_eigenvalues_that_are_not_simple_have_the_derivative_nan():
    """Also where the second one was not asked for."""
    a = np.diag([1.0, 1.0, 3.0, 4.0, 5.0])
    for k in (1, 2):
        t = dr.jvp(lambda a: linalg.eigsh(a, k, which="SA", v0=np.arange(5.0))[0], (a,), (a + 1,))[
            1
        ]
        assert np.isnan(t).all()
    zero = np.zeros((3, 2))
    zero[0, 0] = 1.0
    assert np.isnan(dr.grad(lambda a: linalg.svds(a, 1, which="SM")[1][0])(zero)).all()


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_a_row_of_zeros_has_the_derivative_zero_of_its_norm(axis):
    def norms(data):
        return linalg.norm(
            sparse.csr_array((data, ([0, 0, 1], [0, 2, 1])), shape=(2, 3)), axis=axis
        )

    data = np.array([3.0, 4.0, 0.0])
    _, pushed = dr.jvp(norms, (data,), (np.ones(3),))
    jacobian = dr.jacobian(norms, mode="reverse")(data)
    assert_array_equal(np.zeros_like(jacobian[:, 2]), jacobian[:, 2])
    assert_allclose(jacobian.sum(1), pushed, rtol=1e-15)


def test_generalized_eigenvectors_keep_their_length():
    def lengths(d, m):
        M = sparse.diags_array(m * np.arange(1.0, N + 1), format="csc")
        v = linalg.eigsh(filled(d) + filled(d).T, 2, M=M, v0=B)[1]
        return np.diagonal(v.T @ (M @ v))

    value, t = dr.jvp(lengths, (A.data, 2.0), (A.data, 1.0))
    assert_allclose([1, 1], value)
    assert_allclose([0, 0], t, atol=1e-12)


def test_pairs_that_solve_nothing_have_no_derivative():
    """ARPACK answers some for an M that is not positive definite, and so does SciPy."""
    M = scipy.sparse.diags_array([1.0, -1.0, 2.0, 1.0, -2.0, 1.0], format="csc")
    w, v = linalg.eigsh(SYMMETRIC, 2, M=M, v0=B)
    assert np.abs(SYMMETRIC @ v - M @ v * w).max() > 0.1
    f = lambda d: linalg.eigsh(filled(d) + filled(d).T, 2, M=M, v0=B)[0]  # noqa: E731
    assert_array_equal(np.nan, dr.jvp(f, (A.data,), (A.data,))[1])


# -------------------------------------------------------------------------------- operators


def test_a_class_of_operators_maps_traced_arrays():
    class Stretch(linalg.LinearOperator):
        def __init__(self, k):
            self.k = k
            super().__init__(float, (N, N))

        def _matvec(self, x):
            return self.k * x

        def _adjoint(self):
            return self

    total = dr.grad(lambda k: ((Stretch(k) + Stretch(k)).H @ B).sum())(2.0)
    assert_allclose(2 * B.sum(), total)
    assert_allclose(6 * INVERSE @ B, scipy.sparse.linalg.gmres(Stretch(1 / 6), INVERSE @ B)[0])


def test_operators_have_scipys_answers_and_errors():
    ours, scipys = linalg.aslinearoperator(A), scipy.sparse.linalg.aslinearoperator(A)
    for f in (
        lambda S: (S @ S - 2 * S.T + (-S).H) @ B,
        lambda S: B @ (S**2),
        lambda S: (S * 0.5).rmatmat(np.stack([B, B], 1)),
        lambda S: S.dot(B[:, None]),
    ):
        assert_allclose(f(scipys), f(ours), rtol=1e-12)
        assert f(scipys).shape == f(ours).shape
    for f in (lambda S: S @ B[1:], lambda S: S @ 2, lambda S: S.matmat(B), lambda S: S @ (B, 3)):
        for S in (ours, scipys):
            with pytest.raises(ValueError, match="."):
                f(S)


@pytest.mark.skipif(
    not hasattr(scipy.sparse.linalg.LinearOperator, "rdot"), reason="SciPy's from 1.18"
)
def test_an_operator_is_multiplied_from_the_left_by_name():
    ours, scipys = linalg.aslinearoperator(A), scipy.sparse.linalg.aslinearoperator(A)
    for f in (
        lambda S, x: S.rdot(x),
        lambda S, x: S.rdot(np.stack([x, 2 * x])),
        lambda S, x: S.rdot(2.0) @ x,
        lambda S, x: S.rdot(S.T) @ x,
    ):
        assert_allclose(f(scipys, B), f(ours, B), rtol=1e-12)
        # It is linear in what it is multiplied by.
        assert_allclose(f(scipys, B), dr.jvp(lambda x, f=f: f(ours, x), (B,), (B,))[1], rtol=1e-12)


@pytest.mark.filterwarnings("ignore:find runs row by row:dualrev.PerformanceWarning")
def test_the_matrix_of_a_row_lies_as_superlu_wants_it():
    """The entries of a diagonal, as those of many others, are columns of the batch in memory."""

    def f(m):
        mass = sparse.diags_array(m, format="csc")
        return linalg.eigsh(SYMMETRIC, 2, mass, v0=np.ones(N), return_eigenvectors=False)

    rows = 1.0 + np.arange(2 * N).reshape(2, N) / 9
    assert_allclose(np.stack([f(m) for m in rows]), dr.vmap(f)(rows), rtol=1e-12)
