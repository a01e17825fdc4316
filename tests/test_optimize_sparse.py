"""dualrev.scipy.optimize with sparse derivatives: when they are made, handed over, and right."""

import numpy as np
import pytest
import scipy.sparse
from scipy import optimize as scipy_optimize

import dualrev as dr
from dualrev.program.recorder import Recorder
from dualrev.scipy import callables, optimize
from dualrev.sparse import sparse_or_dense

N = 324  # 18 x 18: above the least number of variables


def bratu(u, strength=3.0):
    """Laplace's equation with an exponential source on a square."""
    k = round(u.size**0.5)
    g = np.pad(u.reshape(k, k), 1)
    inner = g[1:-1, 1:-1]
    laplacian = g[2:, 1:-1] + g[:-2, 1:-1] + g[1:-1, 2:] + g[1:-1, :-2] - 4 * inner
    return (laplacian + strength * np.exp(inner) / (k + 1) ** 2).reshape(-1)


def chain(x):
    """Rosenbrock's function with a valley that is less narrow."""
    return np.sum((x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def counted(f):
    """f, and how often it is called with tracers: on a tape, or recorded."""

    def call(x, *args):
        call.traced += type(x) is not np.ndarray
        return f(x, *args)

    call.traced = 0
    return call


def never(*args, **kwargs):
    raise AssertionError("a dense matrix was computed")


# --------------------------------------------------------------------------------------- the rule


def jacobian_of(f, n, **use):
    return callables.jacobian_matrix(f, (np.full(n, 0.5),), {}, **use)


@pytest.mark.parametrize(
    ("n", "sparse", "sought"), [(299, None, 0), (300, None, 1), (300, False, 0)]
)
def test_a_pattern_is_sought_from_300_variables_on(n, sparse, sought):
    """Below nothing changes, by a run of f neither."""
    f = counted(lambda x: x**2)
    made = jacobian_of(f, n, sparse=sparse)
    assert bool(f.traced) == sought
    assert type(made) is (sparse_or_dense.SparseMatrix if sought else callables.Matrix)


def test_a_search_among_many_dependent_numbers_is_given_up(monkeypatch):
    """Each of three steps makes 300 sets of 2, 3 and 4 variables, beside the 300 of one."""

    def steps(x):
        for _ in range(3):
            x = np.sin(x) * np.append(x[1:], 1.0)
        return x

    monkeypatch.setattr(sparse_or_dense, "_DEPENDENT", 9)
    assert type(jacobian_of(steps, 300)) is callables.Matrix
    monkeypatch.setattr(sparse_or_dense, "_DEPENDENT", 10)
    assert type(jacobian_of(steps, 300)) is sparse_or_dense.SparseMatrix


def test_a_matrix_is_made_sparsely_where_three_quarters_of_the_products_are_saved():
    """Blocks of 75 of 300 take 75 products, of 100 take 100."""

    def blocks(size):
        return lambda x: np.tanh(np.repeat(x.reshape(-1, size).sum(axis=1) ** 2, size))

    assert type(jacobian_of(blocks(75), 300)) is sparse_or_dense.SparseMatrix
    assert type(jacobian_of(blocks(100), 300)) is callables.Matrix


def test_a_matrix_is_handed_over_as_sparse_by_its_share():
    """A tenth at most, or a fiftieth where it is factorized; else made sparsely, and dense."""

    def made(size, **use):
        return jacobian_of(lambda x: np.repeat(x.reshape(-1, size).sum(axis=1), size), 300, **use)

    assert made(30).is_sparse
    assert not made(50).is_sparse
    assert made(6, factorized=True).is_sparse
    assert not made(10, factorized=True).is_sparse
    assert not made(6, taken=False).is_sparse
    for size in (30, 50):
        matrix = made(size)(np.ones(300))
        dense = matrix.toarray() if scipy.sparse.issparse(matrix) else matrix
        np.testing.assert_array_equal(np.kron(np.eye(300 // size), np.ones((size, size))), dense)


def test_a_matrix_whose_factors_are_full_is_not_handed_over_as_sparse(rng):
    """Of a random pattern with five entries a row; of a lattice they are sparse."""
    near = rng.integers(0, 400, (5, 400))
    network = jacobian_of(lambda x: np.tanh(x[near]).sum(axis=0), 400, factorized=True)
    assert type(network) is sparse_or_dense.SparseMatrix
    assert not network.is_sparse
    assert jacobian_of(bratu, 400, factorized=True).is_sparse


def test_a_function_of_which_no_pattern_is_found_has_a_dense_matrix():
    """What the search cannot pass, the derivatives can."""

    def rough(x):
        if isinstance(x, Recorder):
            raise RuntimeError("not recorded")
        return x**2

    matrix = jacobian_of(rough, 300)
    np.testing.assert_array_equal(np.eye(300), matrix(np.full(300, 0.5)))
    with pytest.raises(RuntimeError, match="not recorded"):
        jacobian_of(rough, 300, sparse=True)(np.full(300, 0.5))


# ---------------------------------------------------------------------------------- least_squares


@pytest.mark.parametrize("method", ["trf", "dogbox"])
def test_least_squares_solves_with_sparse_jacobians(method):
    """The solution of the dense way, from runs of few products."""
    fun = counted(bratu)
    result = optimize.least_squares(fun, np.zeros(N), method=method)
    dense = optimize.least_squares(bratu, np.zeros(N), method=method, sparse=False)
    assert scipy.sparse.issparse(result.jac)
    assert type(dense.jac) is np.ndarray
    assert result.njev < fun.traced <= result.njev + 2  # a tape a Jacobian, and the search
    np.testing.assert_allclose(result.x, dense.x, atol=1e-6)
    expected = dr.jacobian(bratu)(result.x)
    np.testing.assert_allclose(result.jac.toarray(), expected, rtol=1e-12)


@pytest.mark.parametrize("options", [{"method": "lm"}, {"tr_solver": "exact"}], ids=str)
def test_least_squares_hands_dense_matrices_to_what_takes_no_sparse_ones(options):
    """Made of few products all the same: no dense Jacobian is computed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(callables.Matrix, "__call__", never)
        result = optimize.least_squares(bratu, np.zeros(N), **options)
    assert type(result.jac) is np.ndarray
    assert result.cost < 1e-12


def test_least_squares_takes_args_compile_and_structures():
    """As with dense Jacobians."""
    expected = optimize.least_squares(bratu, np.zeros(N), args=(2.0,)).x
    by_name = optimize.least_squares(bratu, np.zeros(N), kwargs={"strength": 2.0}, compile=True)
    named = optimize.least_squares(
        lambda p: bratu(p["u"].reshape(-1), 2.0), {"u": np.zeros((18, 18))}
    )
    for result in (by_name, named):
        assert scipy.sparse.issparse(result.jac)
    np.testing.assert_allclose(by_name.x, expected, atol=1e-9)
    np.testing.assert_allclose(named.x["u"].reshape(-1), expected, atol=1e-9)


def test_sparse_is_taken_at_its_word_for_few_variables():
    """sparse=True, and jac_sparsity, which says the same."""
    x0 = np.zeros(16)
    for options in ({"sparse": True}, {"jac_sparsity": np.ones((16, 16))}):
        assert scipy.sparse.issparse(optimize.least_squares(bratu, x0, **options).jac)
    assert type(optimize.least_squares(bratu, x0).jac) is np.ndarray


@pytest.mark.parametrize("compile", [False, True])
def test_a_branch_that_changes_on_the_way_changes_the_pattern(compile):
    """Far from the solution each residual sees one variable, near it two: no Jacobian is wrong."""

    def residuals(x):
        rest = x - 1
        if np.sum(rest**2) < 100:
            rest = rest + np.roll(x, 1) ** 3 - 1
        return rest

    jac = jacobian_of(residuals, 400, compiled=compile)
    for x in (np.full(400, 9.0), np.full(400, 1.1), np.full(400, -9.0), np.full(400, 0.9)):
        np.testing.assert_allclose(jac(x).toarray(), dr.jacobian(residuals)(x), rtol=1e-12)
    result = optimize.least_squares(residuals, np.full(400, 9.0), compile=compile)
    np.testing.assert_allclose(result.x, 1, atol=1e-6)


def test_an_entry_that_is_infinite_is_not_missed():
    """The check sees what the pattern lacks by a product that is not finite, too."""

    def f(x):
        return x[1:] * (1e200 * x[0]) ** 2 if x[0] > 1 else x[1:]

    jac = jacobian_of(f, 300)
    jac(np.full(300, 0.5))
    with np.errstate(over="ignore", invalid="ignore"):
        x = np.full(300, 1.5)
        np.testing.assert_array_equal(dr.jacobian(f)(x), jac(x).toarray())


# ------------------------------------------------------------------------------------------- root


@pytest.mark.parametrize("method", ["hybr", "lm"])
def test_root_makes_its_jacobian_of_few_products(method):
    """Handed over as a dense matrix, which MINPACK wants."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(callables.Matrix, "__call__", never)
        result = optimize.root(bratu, np.zeros(N), method=method)
    assert result.success
    np.testing.assert_allclose(bratu(result.x), 0, atol=1e-12)
    dense = optimize.root(bratu, np.zeros(N), method=method, sparse=False)
    np.testing.assert_allclose(result.x, dense.x, atol=1e-9)


# --------------------------------------------------------------------------------------- minimize


@pytest.mark.parametrize("method", ["trust-exact", "dogleg"])
def test_whole_hessians_are_made_of_few_products(method):
    """Dense, as the methods take them; the same steps."""
    x0 = np.linspace(0.8, 1.2, 300)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(callables.Objective, "hessian", never)
        result = optimize.minimize(chain, x0, method=method)
    dense = optimize.minimize(chain, x0, method=method, sparse=False)
    assert result.nit == dense.nit
    np.testing.assert_allclose(result.x, dense.x, atol=1e-9)


@pytest.mark.parametrize("method", ["Newton-CG", "trust-constr", "trust-ncg"])
@pytest.mark.parametrize("compile", [False, True])
def test_sparse_hessians_on_request(method, compile):
    """The solution of products with the Hessian."""
    result = optimize.minimize(chain, np.full(40, 0.8), method=method, sparse=True, compile=compile)
    np.testing.assert_allclose(result.x, 1, atol=1e-3)


def constraint_of(c, **options):
    return scipy_optimize.NonlinearConstraint(c, -np.inf, 0.9, **options)


def neighbours(x):
    return x[1:] ** 2 + x[:-1] * x[1:]


@pytest.mark.parametrize(
    ("sparse", "bounds"),
    [(None, None), (True, None), (False, None), (None, [(-2, 2)] * 300)],
    ids=["by the rule", "sparse", "dense", "with bounds"],
)
def test_trust_constr_with_sparse_constraints(sparse, bounds):
    """A NonlinearConstraint beside one of few rows and a LinearConstraint that are dense."""
    n = 300
    given = [
        constraint_of(neighbours),
        scipy_optimize.NonlinearConstraint(lambda x: np.sum(x**2), 0, 200),
        scipy_optimize.LinearConstraint(np.ones((1, n)), -np.inf, 290),
    ]
    result = optimize.minimize(
        chain,
        np.full(n, 0.5),
        method="trust-constr",
        constraints=given,
        bounds=bounds,
        sparse=sparse,
        options={"maxiter": 12},
    )
    assert all(scipy.sparse.issparse(jac) == (sparse is not False) for jac in result.jac)
    assert result.constr_violation < 1e-3
    np.testing.assert_allclose(
        result.jac[0].toarray() if sparse is not False else result.jac[0],
        dr.jacobian(neighbours)(result.x),
        rtol=1e-12,
    )


def test_trust_constr_of_ten_thousand_variables():
    """Where dense Jacobians would take 800 MB each."""
    result = optimize.minimize(
        chain,
        np.full(10_000, 0.5),
        method="trust-constr",
        constraints=constraint_of(neighbours),
        options={"maxiter": 10},
    )
    assert result.jac[0].nnz == 2 * 9_999
    assert result.fun < 0.9 * chain(np.full(10_000, 0.5))
    assert result.constr_violation < 1e-2


def test_sparse_hessians_of_constraints_on_request():
    """Of v @ c(x), as csr, for a method that takes them."""
    seen = []

    def spy(fun, x0, args=(), *, constraints, hess, **unused):
        v = np.arange(1.0, 40.0)
        seen.extend([constraints[0].jac(x0), constraints[0].hess(x0, v), hess(x0)])
        return scipy_optimize.OptimizeResult(x=x0)

    x0 = np.full(40, 0.5)
    given = [constraint_of(neighbours)]
    optimize.minimize(chain, x0, method=spy, constraints=given, sparse=True)
    v = np.arange(1.0, 40.0)
    expected = [
        dr.jacobian(neighbours)(x0),
        dr.hessian(lambda x: v @ neighbours(x))(x0),
        dr.hessian(chain)(x0),
    ]
    for matrix, dense in zip(seen, expected):
        assert scipy.sparse.issparse(matrix)
        np.testing.assert_allclose(matrix.toarray(), dense, atol=1e-12)


def test_a_method_of_ones_own_gets_dense_matrices():
    """Unless sparse ones are asked for."""
    seen = []

    def spy(fun, x0, args=(), *, constraints, **unused):
        seen.append(constraints[0].jac(x0))
        return scipy_optimize.OptimizeResult(x=x0)

    given = [constraint_of(neighbours)]
    optimize.minimize(chain, np.full(400, 0.5), method=spy, constraints=given)
    assert type(seen[0]) is np.ndarray


def test_slsqp_takes_dense_jacobians_of_sparse_constraints():
    """Dict constraints with args, at a size where the pattern is sought."""

    def c(x, height):
        return height - x[::100]

    result = optimize.minimize(
        lambda x: np.sum((x - 1) ** 2),
        np.zeros(300),
        method="SLSQP",
        constraints={"type": "ineq", "fun": c, "args": (0.5,)},
        options={"maxiter": 20},
    )
    expected = np.where(np.arange(300) % 100 == 0, 0.5, 1.0)
    np.testing.assert_allclose(result.x, expected, atol=1e-4)  # SLSQP's ftol is 1e-6


# ------------------------------------------------------------------- a differential equation, whole


def test_bratu_by_newton_and_by_least_squares_equals_scipys_differences():
    """30 x 30: the same solution, of fewer evaluations than with known sparsity."""
    n = 900
    u = np.zeros(n)
    J = dr.prepare_jacobian(bratu, u)
    for _ in range(6):
        u = u - scipy.sparse.linalg.spsolve(J(u).tocsc(), bratu(u))
    np.testing.assert_allclose(bratu(u), 0, atol=1e-14)

    calls = 0

    def watched(u):
        nonlocal calls
        calls += 1
        return bratu(u)

    tight = {"ftol": 1e-12, "xtol": 1e-12, "gtol": 1e-12}
    result = optimize.least_squares(watched, np.zeros(n), **tight)
    exact, calls = calls, 0
    differences = scipy_optimize.least_squares(
        watched, np.zeros(n), jac_sparsity=dr.sparsity(bratu, u), **tight
    )
    for x in (result.x, differences.x):
        np.testing.assert_allclose(x, u, atol=1e-6)
    assert exact < calls / 2
