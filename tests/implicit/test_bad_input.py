"""What is no solution, not determined by its equations, or hardly so: loud, by every solver."""

import numpy as np
import pytest
import scipy.sparse
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev import implicit
from dualrev.implicit.inverses import DenseInverse, SparseInverse

SOLVERS = [None, "dense", "sparse", "gmres", "bicgstab", "cg", "minres"]


def gradient(f, p=2.0):
    return dr.grad(lambda p: np.sum(f(p)))(p)


def gradient_in_rows(f, p=2.0):
    return dr.vmap(lambda p: gradient(f, p))(np.array([p, p]))


# ---------------------------------------------------------------------------- what is no solution


@pytest.mark.parametrize("ask", [gradient, gradient_in_rows])
def test_what_is_no_solution_raises_with_the_norm_of_its_residual(ask):
    def rough(p, **near):
        return implicit.root(lambda x: x**2 - p, np.full(3, 1.42), **near)

    with pytest.raises(dr.NotConvergedError, match=r"implicit\.root .* residual is 2\.84e-02"):
        gradient(rough)
    with pytest.raises(dr.NotConvergedError):
        gradient_in_rows(rough)
    # It may be as rough as one says, and its derivative is that at the root.
    assert_allclose(3 / 8**0.5, ask(lambda p: rough(p, rtol=0.01)), rtol=1e-13)
    assert_allclose(3 / 8**0.5, ask(lambda p: rough(p, atol=0.1)), rtol=1e-13)


def test_a_point_without_a_root_near_raises():
    with pytest.raises(dr.NotConvergedError):
        gradient(lambda p: implicit.root(lambda x: x**2 + p, 0.3, rtol=np.inf))
    with pytest.raises(dr.NotConvergedError):
        gradient(lambda p: implicit.root(lambda x: x**2 - p, 1e4))
    with pytest.raises(dr.NotConvergedError, match="nan"):
        gradient(lambda p: implicit.root(lambda x: x * p + np.where(x < 0, np.nan, x), -1.0))


def test_a_row_that_is_no_solution_raises():
    f = lambda p: implicit.root(lambda x: x**2 - p, np.sqrt(2.0) + 0 * p)  # noqa: E731
    assert_allclose([1 / 8**0.5] * 2, dr.vmap(dr.grad(f))(np.array([2.0, 2.0])), rtol=1e-13)
    with pytest.raises(dr.NotConvergedError):
        dr.vmap(dr.grad(f))(np.array([2.0, 2.1]))


def test_a_compiled_function_raises_where_the_solver_that_it_recorded_does_not_arrive():
    def f(p):
        x = 1.0 + 0 * p
        for _ in range(4):
            x = (x + p / x) / 2
        return implicit.root(lambda x: x**2 - p, x)

    fast = dr.compile(dr.grad(f))
    assert_allclose(1 / 8**0.5, fast(2.0), rtol=1e-13)
    with pytest.raises(dr.NotConvergedError):
        fast(1e4)


@pytest.mark.parametrize("ask", [gradient, gradient_in_rows])
@pytest.mark.parametrize("off", [0.0, 1e-320, 1e-16, 1e-12])
def test_a_solution_at_zero_may_be_off_by_the_rounding_of_its_equations(ask, off):
    """Which is that of the numbers that cancel there, not of the solution."""
    A, c = (
        np.array([[2.0, 1.0, 0.3], [0.0, 1.0, 3.0], [1.0, 0.1, 1.0]]),
        np.array([10.1, -3.3, 0.7]),
    )
    expected = np.sum(np.linalg.solve(A + 0.1 * np.eye(3), A @ c)) / 2

    def f(p, **near):
        off_zero = off * np.array([1.0, -2.0, 3.0])
        equations = lambda x: A @ (x + c) - p * (A @ c) / 2 + 0.1 * np.sin(x)  # noqa: E731
        return implicit.root(equations, off_zero, **near)

    assert_allclose(expected, ask(f), rtol=1e-11)
    assert_allclose(expected, ask(lambda p: f(p, rtol=np.inf)), rtol=1e-11)


def test_equations_that_are_not_holomorphic_raise():
    with pytest.raises(dr.ComplexError, match="holomorphic"):
        gradient(lambda p: implicit.root(lambda z: z * np.conj(z) - p, 2**0.5 + 0j).real)
    with pytest.raises(dr.ComplexError, match="holomorphic"):
        gradient(lambda p: implicit.linear_solve(np.conj, p + 0j).real)


def test_nothing_is_checked_where_nothing_is_differentiated():
    assert implicit.root(lambda x: x**2 - 2.0, 5.0) == 5.0


# ------------------------------------------------------------------ what is not, or hardly, determined


def nearly_singular(p, e, solver=None):
    """A sum that is known, and a difference of which the equations know e times as much."""
    A = np.array([[1 + e, 1 - e], [1 - e, 1 + e]])
    return implicit.root(lambda x: A @ x - p, np.full(2, p / 2), solver=solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_singular_jacobian_raises(solver):
    with pytest.raises((dr.SingularError, dr.NotConvergedError)):
        gradient(lambda p: nearly_singular(p, 0.0, solver))
    with pytest.raises((dr.SingularError, dr.NotConvergedError)):
        gradient(lambda p: implicit.root(lambda x: 0 * x * p, np.zeros(2), solver=solver))


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_badly_conditioned_jacobian_warns(solver):
    assert_allclose(1.0, gradient(lambda p: nearly_singular(p, 1e-2, solver)), rtol=1e-9)
    e = 1e-11 if solver in (None, "dense", "sparse") else 1e-10
    with pytest.warns(dr.ConditionWarning):
        gradient(lambda p: nearly_singular(p, e, solver))


def test_a_badly_conditioned_jacobian_is_told_by_its_condition_number():
    with pytest.warns(dr.ConditionWarning, match=r"condition number 1\.0e\+11"):
        gradient(lambda p: nearly_singular(p, 1e-11))
    with pytest.warns(dr.ConditionWarning, match=r"condition number 1\.0e\+11"):
        gradient_in_rows(lambda p: nearly_singular(p, 1e-11))
    with pytest.raises(dr.SingularError):
        gradient_in_rows(lambda p: nearly_singular(p, 0.0))


@pytest.mark.filterwarnings("ignore:linear_solve runs row by row:dualrev.PerformanceWarning")
@pytest.mark.parametrize("solver", ["dense", "sparse"])
@pytest.mark.parametrize("ask", [gradient, gradient_in_rows])
def test_units_of_unknowns_and_equations_do_not_count(ask, solver):
    units, scales = np.array([1e-9, 1.0, 1e12]), np.array([1e8, 1.0, 1e-7])
    A = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 3.0], [1.0, 0.0, 1.0]])
    expected = units * np.linalg.solve(A, np.ones(3))

    def f(p):
        x = expected * dr.stop_gradient(p)
        return implicit.root(lambda x: scales * (A @ (x / units) - p), x, solver=solver) / units

    assert_allclose(np.sum(expected / units), ask(f), rtol=1e-12)


@pytest.mark.parametrize("ask", [gradient, gradient_in_rows])
@pytest.mark.parametrize("off", [1e-15, 1e-13, 1e-9, 1e-6])
@pytest.mark.parametrize("power", [2, 3, 4])
def test_a_multiple_root_is_not_simple_however_near_it_is(ask, off, power):
    """Its derivative is infinite; at what a solver finds it is a finite number."""
    with pytest.raises((dr.SingularError, dr.NotConvergedError)):
        ask(lambda p: implicit.root(lambda x: (x - 1.0) ** power - (p - 2.0), 1.0 + off))
    with pytest.raises((dr.SingularError, dr.NotConvergedError)):
        ask(lambda p: implicit.root(lambda x: x**power - (p - 2.0), off))
    with pytest.raises((dr.SingularError, dr.NotConvergedError)):
        ask(
            lambda p: implicit.root(
                lambda x: [(x[0] - 1.0) ** power - (p - 2.0), x[1] - 500 * p], [1.0 + off, 1e3]
            )
        )


def test_a_root_beside_a_kink_that_its_rounding_crosses_has_no_derivative():
    with pytest.raises(dr.SingularError):
        gradient(
            lambda p: implicit.root(
                lambda x: x - 1.0 + 5 * np.maximum(x - 1.0, 0) - (p - 2), 1 + 1e-15
            )
        )


# ------------------------------------------------------------------------------------------- minima


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("n", [2, 40])
def test_a_saddle_is_no_minimum(solver, n):
    def f(p, signs):
        loss = lambda x: np.sum(signs * (x - p) ** 2) + 0.1 * np.sum((x - p)[1:] * (x - p)[:-1])  # noqa: E731
        return implicit.minimum(loss, np.full(n, p), solver=solver)

    signs = np.ones(n)
    assert_allclose(n, gradient(lambda p: f(p, signs)), rtol=1e-9)
    with pytest.raises((dr.NotConvergedError, dr.SingularError)):
        gradient(lambda p: f(p, -signs))
    signs[n // 2] = -1.0
    with pytest.raises(dr.NotConvergedError, match="saddle"):
        gradient(lambda p: f(p, signs))


def test_a_saddle_in_a_row_is_no_minimum():
    def f(p, sign):
        return implicit.minimum(
            lambda x: x[0] ** 2 + sign * x[1] ** 2 - p * x[0], np.append(p / 2, 0.0)
        )

    gradients = dr.vmap(lambda p, sign: dr.grad(lambda p: np.sum(f(p, sign)))(p))
    assert_allclose([0.5, 0.5], gradients(np.ones(2), np.array([1.0, 2.0])), rtol=1e-14)
    with pytest.raises(dr.NotConvergedError, match="saddle"):
        gradients(np.ones(2), np.array([1.0, -1.0]))


def test_a_flat_minimum_is_not_determined():
    with pytest.raises(dr.SingularError):
        gradient(lambda p: implicit.minimum(lambda x: (x[0] + x[1] - p) ** 2, np.ones(2)))


# ---------------------------------------------------------------------------------- iterative solvers


def chain(n=50):
    A = scipy.sparse.diags_array(
        [-np.ones(n - 1), 2.1 * np.ones(n), -np.ones(n - 1)], offsets=[-1, 0, 1]
    )
    return A.tocsr() + scipy.sparse.csr_array(([0.5], ([0], [n - 1])), shape=(n, n))


def preconditioners(A):
    import scipy.sparse.linalg as linalg

    lu = linalg.splu(A.tocsc())
    yield linalg.LinearOperator(A.shape, matvec=lu.solve, rmatvec=lambda r: lu.solve(r, "T"))
    yield np.linalg.inv(A.toarray())
    inverse = np.linalg.inv(A.toarray())
    yield lambda r: inverse @ r  # transposed by itself


@pytest.mark.parametrize("which", range(3), ids=["operator", "matrix", "callable"])
@pytest.mark.parametrize("solver", ["gmres", "bicgstab"])
def test_a_preconditioner_serves_both_directions(solver, which):
    A = chain()
    b = np.linspace(-1.0, 1.0, A.shape[0])
    M = list(preconditioners(A))[which]

    def solution(b, **how):
        return implicit.linear_solve(lambda x: A @ x, b, solver=solver, **how)

    few = {"preconditioner": M, "options": {"maxiter": 3}}
    with pytest.raises((dr.NotConvergedError, dr.SingularError)):
        solution(b, options={"maxiter": 1, **({"restart": 3} if solver == "gmres" else {})})
    inverse = np.linalg.inv(A.toarray())
    for mode in ("forward", "reverse"):
        J = dr.jacobian(lambda b: solution(b, **few), mode=mode)(b)
        assert_allclose(inverse, J, rtol=1e-9, atol=1e-10)


def test_a_solver_of_the_user_s_is_given_the_operator_and_checked():
    A = chain().toarray()
    b = np.linspace(-1.0, 1.0, len(A))
    seen = []

    def solver(operator, b):
        seen.append(operator.shape)
        return np.linalg.solve(operator.matmat(np.eye(len(b))), b)

    f = lambda b: np.sum(implicit.linear_solve(lambda x: A @ x, b, solver=solver) ** 2)  # noqa: E731
    inverse = np.linalg.inv(A)
    assert_allclose(2 * inverse.T @ (inverse @ b), dr.grad(f)(b), rtol=1e-10)
    assert set(seen) == {A.shape}

    def lazy(operator, b):
        return b

    with pytest.raises(dr.NotConvergedError, match="lazy did not solve"):
        implicit.linear_solve(lambda x: A @ x, b, solver=lazy)


# ---------------------------------------------------------------------------------- factors themselves


@pytest.mark.parametrize("kind", [DenseInverse, SparseInverse])
@pytest.mark.parametrize("n", [1, 2, 7])
@pytest.mark.parametrize("of", ["real", "complex"])
def test_factors_solve_both_systems_for_every_kind_of_right_hand_side(kind, n, of, rng):
    A = rng.normal(size=(n, n)) + n * np.eye(n)
    if of == "complex":
        A = A + 1j * rng.normal(size=(n, n))
    inverse = kind(A if kind is DenseInverse else scipy.sparse.csr_array(A))
    for shape in [(n,), (3, n), (2, 3, n)]:
        for b in (rng.normal(size=shape), rng.normal(size=shape) + 1j * rng.normal(size=shape)):
            assert_allclose(b @ np.linalg.inv(A).T, inverse.solve(b, False), rtol=1e-12, atol=1e-14)
            assert_allclose(b @ np.linalg.inv(A), inverse.solve(b, True), rtol=1e-12, atol=1e-14)


def test_no_unknowns_at_all():
    f = lambda p: np.sum(implicit.root(lambda x: x * p, np.zeros(0))) + p**2  # noqa: E731
    assert dr.grad(f)(3.0) == 6.0
