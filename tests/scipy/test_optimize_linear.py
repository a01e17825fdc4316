"""Solvers of linear problems in dualrev.scipy.optimize: derivatives of what they find.

Truth is an enumeration of all sets of active constraints, of which the optimality conditions choose one.
"""

import itertools

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.linalg import aslinearoperator

import dualrev as dr
import dualrev.scipy.sparse
from dualrev import errors
from dualrev.core.operands import base_of
from dualrev.scipy import optimize
from tests import numeric
from tests.numeric import numeric_jacobian
from tests.rows import examples

MODES = ["reverse", "forward"]
#: What central differences of an exact solution leave.
DIFFERENCES = {"rtol": 1e-6, "atol": 1e-7}


def check_derivatives(expected, f, x):
    """A function by a solver has those of an enumeration: in both modes, two orders, batches."""
    np.testing.assert_allclose(expected(x), f(x), rtol=1e-6, atol=1e-8)
    first = numeric_jacobian(expected, x)
    for mode in MODES:
        np.testing.assert_allclose(first, dr.jacobian(f, mode=mode)(x), **DIFFERENCES)

    def by_x(x):
        return dr.grad(lambda x: np.sum(np.sin(f(x))))(x)

    # Along a direction: a difference for each number of a matrix would be most of the test.
    t = np.random.default_rng(0).normal(size=x.shape)
    second = np.tensordot(dr.jacobian(by_x)(x), t, x.ndim)
    np.testing.assert_allclose(numeric.slope(by_x, x, t), second, **DIFFERENCES)
    rows = np.stack([x, 1.001 * x])
    expected = np.stack([by_x(r) for r in rows])
    np.testing.assert_allclose(expected, dr.vmap(by_x)(rows), rtol=1e-10)
    total = dr.grad(lambda rows: np.sum(np.sin(dr.vmap(f)(rows))))(rows)
    np.testing.assert_allclose(expected, total, rtol=1e-10)


# ------------------------------------------------------------------------------- least squares


def enumerated_squares(A, b, lower, upper):
    """The minimum of |A x - b| between bounds: the one set of active bounds whose multipliers press."""
    n = A.shape[1]
    for side in itertools.product((-1, 0, 1), repeat=n):
        side = np.array(side)
        x = np.where(side < 0, lower, np.where(side > 0, upper, 0.0))
        if not np.isfinite(x).all():
            continue
        free = side == 0
        part = A[:, free]
        x[free] = np.linalg.solve(part.T @ part, part.T @ (b - A[:, ~free] @ x[~free]))
        slope = A.T @ (A @ x - b)
        if (
            (x >= lower - 1e-12).all()
            and (x <= upper + 1e-12).all()
            and (side * slope <= 1e-12).all()
        ):
            return x
    raise AssertionError("no solution")


RNG = np.random.default_rng(5)
A, B = RNG.normal(size=(7, 4)), RNG.normal(size=7)
LOWER, UPPER = np.full(4, -0.1), np.full(4, 0.15)
NO_BOUND = np.full(4, np.inf)
SPARSE = scipy.sparse.csr_array(np.where(RNG.random((7, 4)) < 0.6, A, 0.0) + np.eye(7, 4))


def with_numbers(package, data):
    return package.csr_array((data, SPARSE.indices, SPARSE.indptr), SPARSE.shape)


SQUARES = {
    "nnls by b": (
        lambda b: enumerated_squares(A, b, 0 * LOWER, NO_BOUND),
        lambda b: optimize.nnls(A, b)[0],
        B,
    ),
    "nnls by A": (
        lambda A: enumerated_squares(A, B, 0 * LOWER, NO_BOUND),
        lambda A: optimize.nnls(A, B)[0],
        A,
    ),
    "by b": (
        lambda b: enumerated_squares(A, b, LOWER, UPPER),
        lambda b: optimize.lsq_linear(A, b, (LOWER, UPPER)).x,
        B,
    ),
    "by A": (
        lambda A: enumerated_squares(A, B, LOWER, UPPER),
        lambda A: optimize.lsq_linear(A, B, (LOWER, UPPER)).x,
        A,
    ),
    "by bounds": (
        lambda b: enumerated_squares(A, B, b[:4], b[4]),
        lambda b: optimize.lsq_linear(A, B, scipy.optimize.Bounds(b[:4], b[4]), method="bvls").x,
        np.concatenate([LOWER, UPPER[:1]]),
    ),
    "cost by b": (
        lambda b: np.sum((A @ enumerated_squares(A, b, LOWER, UPPER) - b) ** 2)[None] / 2,
        lambda b: np.reshape(optimize.lsq_linear(A, b, (LOWER, UPPER)).cost, 1),
        B,
    ),
    "residuals by A": (
        lambda A: A @ enumerated_squares(A, B, LOWER, UPPER) - B,
        lambda A: optimize.lsq_linear(A, B, (LOWER, UPPER)).fun,
        A,
    ),
    "sparse, by b": (
        lambda b: enumerated_squares(SPARSE.toarray(), b, LOWER, UPPER),
        lambda b: optimize.lsq_linear(SPARSE, b, (LOWER, UPPER)).x,
        B,
    ),
    "sparse, by its numbers": (
        lambda data: enumerated_squares(
            with_numbers(scipy.sparse, data).toarray(), B, LOWER, UPPER
        ),
        lambda data: optimize.lsq_linear(with_numbers(dr.scipy.sparse, data), B, (LOWER, UPPER)).x,
        SPARSE.data,
    ),
    "an operator, by b": (
        lambda b: enumerated_squares(A, b, LOWER, UPPER),
        lambda b: optimize.lsq_linear(aslinearoperator(A), b, (LOWER, UPPER)).x,
        B,
    ),
}


@pytest.mark.one_in(2)
@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
@pytest.mark.parametrize("name", SQUARES)
def test_least_squares_between_bounds_have_the_derivatives_of_their_active_set(name):
    check_derivatives(*SQUARES[name])


@given(st.integers(0, 10**6), st.integers(1, 4), st.booleans())
@settings(max_examples=examples(12), deadline=None)
def test_least_squares_of_random_problems(seed, n, above):
    rng = np.random.default_rng(seed)
    A, b = rng.normal(size=(n + 2, n)), rng.normal(size=n + 2)
    lower, upper = np.full(n, -0.2), np.full(n, 0.3 if above else np.inf)

    def by_scipy(b):
        return optimize.lsq_linear(A, b, (lower, upper)).x

    expected = numeric_jacobian(lambda b: enumerated_squares(A, b, lower, upper), b)
    np.testing.assert_allclose(expected, dr.jacobian(by_scipy)(b), **DIFFERENCES)


def test_values_of_least_squares_are_those_of_scipy_to_the_bit():
    expected = dict(scipy.optimize.lsq_linear(A, B, (LOWER, UPPER)), nnls=scipy.optimize.nnls(A, B))
    seen = {}

    def f(b):
        result = optimize.lsq_linear(A, b, (LOWER, UPPER))
        fields = dict(result, nnls=optimize.nnls(A, b))
        seen.update((name, base_of(field)) for name, field in fields.items())
        return result.cost

    dr.grad(f)(B)
    assert seen.keys() == expected.keys()
    for name, field in expected.items():
        parts = field if isinstance(field, tuple) else (field,)
        found = seen[name] if isinstance(field, tuple) else (seen[name],)
        for part, other in zip(parts, found, strict=True):
            np.testing.assert_array_equal(part, other)


def test_a_number_of_the_search_has_no_derivative():
    assert np.isnan(dr.grad(lambda b: optimize.lsq_linear(A, b).optimality)(B)).all()


def test_a_variable_that_scipy_takes_for_one_at_its_bound_is_freed():
    """Of three, one at its bound, and one nearer to it than ``tol``, which nothing presses there."""
    b, how = np.array([0.01, -1.0, 8.0]), {"bounds": (0, 9), "tol": 0.1}
    result = scipy.optimize.lsq_linear(np.eye(3), b, **how)
    np.testing.assert_array_equal([-1, -1, 0], result.active_mask)
    slopes = dr.jacobian(lambda b: optimize.lsq_linear(np.eye(3), b, **how).x)(b)
    np.testing.assert_allclose(np.diag([1.0, 0.0, 1.0]), slopes, atol=1e-15)


def test_an_ill_conditioned_matrix_costs_its_condition_once():
    """A Vandermonde matrix of condition 3e9, whose square would leave nothing."""
    V = np.vander(np.linspace(1, 2, 30), 9)
    assert 1e9 < np.linalg.cond(V) < 1e10
    slopes = dr.jacobian(lambda b: optimize.lsq_linear(V, b).x)(np.sin(np.arange(30.0)))
    np.testing.assert_allclose(np.linalg.pinv(V), slopes, rtol=1e-5)


@pytest.mark.parametrize(
    ("f", "error", "what"),
    [
        # An exact fit with a variable at its bound, which nothing presses against it.
        (
            lambda b: optimize.nnls(np.eye(2), b)[0],
            errors.SingularError,
            r"x\[1\] just begins to act",
        ),
        (
            lambda b: optimize.lsq_linear(np.eye(2), b, (0, 9)).x,
            errors.SingularError,
            "just begins",
        ),
        (lambda b: optimize.lsq_linear(np.ones((2, 2)), b).x, errors.SingularError, "not unique"),
        (
            lambda b: optimize.lsq_linear(scipy.sparse.csr_array(np.ones((2, 2))), b).x,
            errors.SingularError,
            "not unique",
        ),
        (lambda b: optimize.lsq_linear(np.ones((2, 3)), b).x, errors.SingularError, "not unique"),
        (
            lambda b: optimize.lsq_linear([[2, 1], [1, 9]], b, (-2, 0.1), max_iter=1).x,
            errors.NotConvergedError,
            "lsq_linear did not converge",
        ),
    ],
    ids=[
        "nnls at 0",
        "at a bound",
        "dependent",
        "sparse, dependent",
        "too few rows",
        "not converged",
    ],
)
def test_least_squares_without_a_derivative_are_loud(f, error, what):
    with pytest.raises(error, match=what):
        dr.jacobian(f)(np.array([1.0, 0.0]))


# ------------------------------------------------------------------------------ linear programs


def enumerated_vertex(c, A_ub, b_ub, A_eq, b_eq, lower, upper):
    """The best vertex, and its multipliers: of all sets of n constraints the one that is optimal."""
    n = c.size
    rows = np.concatenate([A_eq, A_ub, -np.eye(n), np.eye(n)])
    limits = np.concatenate([b_eq, b_ub, -lower, upper])
    finite = np.flatnonzero(np.isfinite(limits[len(b_eq) :])) + len(b_eq)
    best = None
    for chosen in itertools.combinations(finite, n - len(b_eq)):
        active = [*range(len(b_eq)), *chosen]
        if abs(np.linalg.det(rows[active])) < 1e-12:
            continue
        x = np.linalg.solve(rows[active], limits[active])
        if (rows[len(b_eq) :] @ x <= limits[len(b_eq) :] + 1e-9).all() and (
            best is None or c @ x < c @ best[0]
        ):
            y = np.zeros(len(rows))
            y[active] = np.linalg.solve(rows[active].T, c)
            best = x, y
    x, y = best
    ub = len(b_eq) + len(b_ub)
    return np.concatenate([x, [c @ x], b_ub - A_ub @ x, y[:ub], -y[ub : ub + n], y[ub + n :]])


def by_linprog(c, A_ub, b_ub, A_eq, b_eq, lower, upper):
    """The same from the fields of a result."""
    bounds = np.stack([lower, upper], axis=1)
    return fields_of(optimize.linprog(c, A_ub, b_ub, A_eq, b_eq, bounds))


def fields_of(result):
    return np.concatenate(
        [
            result.x,
            np.stack([result.fun]),
            result.slack,
            *(result[name].marginals for name in ("eqlin", "ineqlin", "lower", "upper")),
        ]
    )


def random_program(seed):
    rng = np.random.default_rng(seed)
    c = -rng.uniform(0.5, 1, 3)
    A_ub, b_ub = rng.uniform(0.1, 1, (3, 3)), rng.uniform(1, 2, 3)
    return [
        c,
        A_ub,
        b_ub,
        rng.uniform(0.1, 1, (1, 3)),
        np.array([0.8]),
        np.zeros(3),
        np.full(3, 0.7),
    ]


PROGRAM = random_program(4)
NAMES = ["c", "A_ub", "b_ub", "A_eq", "b_eq", "lower", "upper"]


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
@pytest.mark.parametrize("name", NAMES)
def test_a_linear_program_has_the_derivatives_of_its_vertex(name):
    place = NAMES.index(name)

    def of_one(f):
        return lambda x: f(*PROGRAM[:place], x, *PROGRAM[place + 1 :])

    check_derivatives(of_one(enumerated_vertex), of_one(by_linprog), PROGRAM[place])


@given(st.integers(0, 10**6), st.sampled_from(NAMES))
@settings(max_examples=examples(12), deadline=None)
def test_random_programs_have_the_derivatives_of_their_vertices(seed, name):
    program, place = random_program(seed), NAMES.index(name)

    def of_one(f):
        return lambda x: f(*program[:place], x, *program[place + 1 :])

    x = program[place]
    expected = numeric_jacobian(of_one(enumerated_vertex), x)
    np.testing.assert_allclose(expected, dr.jacobian(of_one(by_linprog))(x), **DIFFERENCES)


def test_sparse_programs_have_the_derivatives_of_dense_ones():
    c, A_ub, b_ub, A_eq, b_eq, *_ = PROGRAM
    constant, ub = scipy.sparse.csr_array(A_eq), scipy.sparse.csr_array(A_ub)

    def by_numbers(data, b_ub):
        A = dr.scipy.sparse.csr_array((data, ub.indices, ub.indptr), ub.shape)
        return fields_of(optimize.linprog(c, A, b_ub, constant, b_eq))

    def dense(data, b_ub):
        return fields_of(optimize.linprog(c, data.reshape(3, 3), b_ub, A_eq, b_eq))

    for k in range(2):
        expected = dr.jacobian(dense, k)(A_ub.reshape(-1), b_ub)
        np.testing.assert_allclose(
            expected, dr.jacobian(by_numbers, k)(ub.data, b_ub), rtol=1e-12, atol=1e-13
        )


BOUNDS = {
    "one pair": lambda p: (p[0], p[1]),
    "a list of pairs": lambda p: [(p[0], None), (None, p[1]), (0, p[1])],
    "an array": lambda p: np.stack([p, p + 0.5, p - 0.1]),
    "an array of one pair": lambda p: p.reshape(1, 2),
}


@pytest.mark.parametrize("name", BOUNDS)
def test_bounds_may_be_given_as_scipy_takes_them(name):
    c, *others = PROGRAM[:5]

    def f(p):
        return np.stack([dr.scipy.optimize.linprog(c, *others, BOUNDS[name](p)).fun])

    def by_scipy(p):
        return np.stack([scipy.optimize.linprog(c, *others, BOUNDS[name](p)).fun])

    p = np.array([0.02, 0.7])
    np.testing.assert_allclose(numeric_jacobian(by_scipy, p), dr.jacobian(f)(p), **DIFFERENCES)


@pytest.mark.parametrize("bounds", [None, [], (0, None)])
def test_without_bounds_variables_are_positive(bounds):
    c, *others = PROGRAM[:5]

    def f(c):
        return optimize.linprog(c, *others, bounds=bounds).fun

    expected = scipy.optimize.linprog(c, *others)
    assert (expected.lower.marginals > 0).any()
    np.testing.assert_allclose(expected.x, dr.grad(f)(c), atol=1e-15)


def test_marginals_are_the_derivatives_of_the_value():
    """Prices: what a resource is worth is how the value changes with it."""
    c, A_ub, b_ub, A_eq, b_eq, lower, upper = PROGRAM
    result = scipy.optimize.linprog(c, A_ub, b_ub, A_eq, b_eq, np.stack([lower, upper], 1))

    def value(b_ub, b_eq, lower, upper):
        return optimize.linprog(c, A_ub, b_ub, A_eq, b_eq, np.stack([lower, upper], 1)).fun

    prices = dr.grad(value, (0, 1, 2, 3))(b_ub, b_eq, lower, upper)
    for name, price in zip(("ineqlin", "eqlin", "lower", "upper"), prices):
        np.testing.assert_allclose(result[name].marginals, price, rtol=1e-12, atol=1e-15)


TRANSPORT = np.concatenate([np.kron(np.eye(3), np.ones(3)), np.kron(np.ones(3), np.eye(3))])
COSTS = np.array([[1.0, 4.1, 6.3], [5.2, 1.5, 7.4], [3.6, 8.1, 2.2]])


@pytest.mark.parametrize("supply", [[0.22, 0.31, 0.47], [1 / 3, 1 / 3, 1 / 3]])
def test_a_transport_plan_is_the_derivative_of_its_cost(supply):
    """Where one equation follows from the others, and where more constraints meet, too."""
    amounts = np.concatenate([supply, [1 / 3, 1 / 3, 1 / 3]])

    def cost(costs):
        return optimize.linprog(costs.reshape(-1), A_eq=TRANSPORT, b_eq=amounts).fun

    plan = scipy.optimize.linprog(COSTS.reshape(-1), A_eq=TRANSPORT, b_eq=amounts).x
    np.testing.assert_allclose(plan.reshape(3, 3), dr.grad(cost)(COSTS), atol=1e-14)
    potentials = lambda costs: optimize.linprog(  # noqa: E731
        costs.reshape(-1), A_eq=TRANSPORT, b_eq=amounts
    ).eqlin.marginals.sum()
    assert np.isnan(dr.grad(potentials)(COSTS)).all()


def test_values_of_programs_are_those_of_scipy_to_the_bit():
    seen = []
    expected = scipy.optimize.linprog(*PROGRAM[:5])

    def f(b_ub):
        seen.append(optimize.linprog(*PROGRAM[:2], b_ub, *PROGRAM[3:5]))
        return seen[0].fun

    dr.grad(f)(PROGRAM[2])
    assert seen[0].keys() == expected.keys()
    for name, field in expected.items():
        parts = field if isinstance(field, dict) else {"": field}
        for key, part in parts.items():
            found = base_of(seen[0][name][key] if key else seen[0][name])
            np.testing.assert_array_equal(part, found)


@pytest.mark.parametrize(
    ("f", "error", "what"),
    [
        (
            lambda b: optimize.linprog([1, 1], [[-1, -1]], -b[:1]).fun,
            errors.SingularError,
            "only one",
        ),
        (
            lambda b: optimize.linprog([-1, -2], [[1, 0], [0, 1], [1, 1]], b).fun,
            errors.SingularError,
            "row . of A_ub",
        ),
        (
            lambda b: optimize.linprog([1, 2], A_eq=[[1, 1], [2, 2]], b_eq=b[::2]).fun,
            errors.SingularError,
            "2 rows for",
        ),
        (
            lambda b: optimize.linprog([1, 1], [[1, 1]], -b[:1]).fun,
            errors.NotConvergedError,
            "infeasible",
        ),
        (
            lambda b: optimize.linprog([-1, 0], [[0, 1]], b[:1]).fun,
            errors.NotConvergedError,
            "nbounded",
        ),
        (
            lambda b: optimize.linprog([-1, -2], [[1, 1]], b[:1], integrality=1).fun,
            errors.MissingRuleError,
            "integrality",
        ),
    ],
    ids=["two solutions", "degenerate", "dependent", "infeasible", "unbounded", "whole numbers"],
)
def test_programs_without_a_derivative_are_loud(f, error, what):
    with pytest.raises(error, match=what):
        dr.grad(f)(np.array([1.0, 1.0, 2.0]))


def test_the_vertex_of_a_degenerate_program_stands_still_with_its_costs():
    def x(c):
        return optimize.linprog(c, [[1, 0], [0, 1], [1, 1]], [1, 1, 2]).x

    np.testing.assert_array_equal(np.zeros((2, 2)), dr.jacobian(x)(np.array([-1.0, -2.0])))


# --------------------------------------------------------------------- assignments, isotonic means


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
@pytest.mark.parametrize("maximize", [False, True])
def test_the_cost_of_an_assignment_has_the_derivative_of_the_elements_chosen(maximize):
    costs = np.random.default_rng(2).normal(size=(2, 3, 4))

    def total(C):
        rows, columns = optimize.linear_sum_assignment(C, maximize)
        return np.sum(C[rows, columns] ** 2)

    expected = np.zeros_like(costs)
    for C, slope in zip(costs, expected):
        chosen = scipy.optimize.linear_sum_assignment(C, maximize=maximize)
        slope[chosen] = 2 * C[chosen]
    np.testing.assert_array_equal(expected[0], dr.grad(total)(costs[0]))
    np.testing.assert_array_equal(expected, dr.vmap(dr.grad(total))(costs))
    np.testing.assert_array_equal(expected, dr.grad(lambda C: dr.vmap(total)(C).sum())(costs))


def enumerated_isotonic(y, w):
    """By the formula of minima of maxima (Barlow et al. 1972, equation 1.9)."""

    def mean(i, j):
        return w[i : j + 1] @ y[i : j + 1] / w[i : j + 1].sum()

    n = y.size
    return np.array(
        [min(max(mean(i, j) for i in range(k + 1)) for j in range(k, n)) for k in range(n)]
    )


WEIGHTS = np.random.default_rng(8).uniform(0.5, 2, 7)
NOISY = 0.3 * np.arange(7) + np.random.default_rng(9).normal(size=7)
ISOTONIC = {
    "by y": (
        lambda y: enumerated_isotonic(y, WEIGHTS),
        lambda y: optimize.isotonic_regression(y, weights=WEIGHTS).x,
        NOISY,
    ),
    "by weights": (
        lambda w: enumerated_isotonic(NOISY, w),
        lambda w: optimize.isotonic_regression(NOISY, weights=w).x,
        WEIGHTS,
    ),
    "decreasing": (
        lambda y: -enumerated_isotonic(-y, np.ones(7)),
        lambda y: optimize.isotonic_regression(y, increasing=False).x,
        NOISY[::-1].copy(),
    ),
}


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
@pytest.mark.parametrize("name", ISOTONIC)
def test_isotonic_means_have_the_derivatives_of_their_blocks(name):
    check_derivatives(*ISOTONIC[name])


def test_weights_of_isotonic_blocks_are_sums():
    def sizes(w):
        return optimize.isotonic_regression(NOISY, weights=w).weights

    blocks = scipy.optimize.isotonic_regression(NOISY, weights=WEIGHTS).blocks
    expected = [(k >= blocks[:-1]) & (k < blocks[1:]) for k in range(7)]
    np.testing.assert_array_equal(np.transpose(expected), dr.jacobian(sizes)(WEIGHTS))


def test_equal_labels_have_no_derivative_by_themselves_and_one_by_weights():
    labels = np.array([0.0, 0.0, 1.0, 0.0, 1.0, 1.0])
    with pytest.raises(errors.SingularError, match="about to join or to divide"):
        dr.jacobian(lambda y: optimize.isotonic_regression(y).x)(labels)
    slopes = dr.jacobian(lambda w: optimize.isotonic_regression(labels, weights=w).x)(np.ones(6))
    expected = np.zeros((6, 6))
    expected[2:4, 2:4] = [[0.25, -0.25], [0.25, -0.25]]
    np.testing.assert_allclose(expected, slopes, atol=1e-16)
    with pytest.raises(errors.SingularError, match="behind element 1"):
        dr.jacobian(lambda w: optimize.isotonic_regression([2.0, 0, 1], weights=w).x)(np.ones(3))
    with pytest.raises(errors.SingularError, match="behind element 0"):
        dr.jacobian(lambda y: optimize.isotonic_regression(y).x)(
            np.array([1.0, np.nextafter(1, 2)])
        )


# --------------------------------------------------------------------------- whole numbers: ties

#: Problems of small whole numbers, of which most are degenerate, each as a function of one array.
TIES = {
    "linprog by c": lambda A, b, c, lib: (
        c,
        lambda c: lib.linprog(c, A, np.abs(b), bounds=(0, 3)).fun,
    ),
    "linprog by b": lambda A, b, c, lib: (
        np.abs(b),
        lambda b: lib.linprog(c, A, b, bounds=(0, 3)).x @ [1.0, 0.3, 0.7],
    ),
    "linprog by A": lambda A, b, c, lib: (
        A,
        lambda A: lib.linprog(c, A, np.abs(b), bounds=(0, 3)).fun,
    ),
    "nnls by A": lambda A, b, c, lib: (A, lambda A: lib.nnls(A, b)[0] @ [1.0, 0.3, 0.7]),
    "nnls by b": lambda A, b, c, lib: (b, lambda b: lib.nnls(A, b)[0] @ [1.0, 0.3, 0.7]),
    "lsq_linear by b": lambda A, b, c, lib: (
        b,
        lambda b: lib.lsq_linear(A, b, (0, 1), method="bvls").x @ [1.0, 0.3, 0.7],
    ),
    "isotonic by y": lambda A, b, c, lib: (
        b,
        lambda y: lib.isotonic_regression(y).x @ np.arange(1.0, 5.0),
    ),
    "isotonic by weights": lambda A, b, c, lib: (
        np.abs(b) + 1,
        lambda w: lib.isotonic_regression(b, weights=w).x @ np.arange(1.0, 5.0),
    ),
}


@given(st.integers(0, 10**6), st.sampled_from(sorted(TIES)))
@settings(max_examples=examples(25), deadline=None)
def test_where_there_are_only_derivatives_to_each_side_there_is_none(seed, name):
    """An answer is the derivative to both sides, in a direction at random; else there is an error."""
    rng = np.random.default_rng(seed)
    A, b, c = (rng.integers(-2, 3, shape).astype(float) for shape in ((4, 3), 4, 3))
    x, f = TIES[name](A, b, c, optimize)
    try:
        slope = dr.grad(f)(x)
    except (errors.SingularError, errors.NotConvergedError):
        return
    _, by_scipy = TIES[name](A, b, c, scipy.optimize)
    direction = rng.normal(size=x.shape)
    h = 1e-5
    behind, at, before = (by_scipy(x + step * direction) for step in (-h, 0.0, h))
    expected = np.sum(slope * direction)
    # What differences of this step leave, of solutions with second derivatives of up to 100.
    np.testing.assert_allclose([at - behind, before - at], h * expected, rtol=1e-3, atol=1e-3 * h)
