"""Derivatives of the minima that dualrev.scipy.optimize.minimize finds."""

import itertools

import numpy as np
import pytest
import scipy.sparse.linalg
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize as scipy_optimize
from scipy.optimize import Bounds, LinearConstraint, NonlinearConstraint

import dualrev as dr
from dualrev import errors
from dualrev.scipy.optimize import minimize
from tests.rows import examples

# trust-constr tells of linear constraints that are given as functions.
pytestmark = [
    pytest.mark.filterwarnings("ignore:minimize runs row by row"),
    pytest.mark.filterwarnings("ignore:delta_grad == 0.0"),
]

A = np.array([[3.0, 1.0], [1.0, 2.0]])
P = np.array([0.7, 1.3])
Q = np.array([0.9, 0.5, -0.6])
UNBOUNDED = ["CG", "BFGS", "Newton-CG", "dogleg", "trust-ncg", "trust-krylov", "trust-exact"]
BOUNDED = ["Nelder-Mead", "Powell", "L-BFGS-B", "TNC"]
EQUALITIES = ["COBYQA", "SLSQP", "trust-constr"]
CONSTRAINED = ["COBYLA", *EQUALITIES]
#: A derivative is that at the exact minimum: what remains is the rounding of solutions of small systems.
EXACT = 1e-11


def quadratic(x, p):
    return 0.5 * x @ A @ x - p @ x


def projection(p, method=None, **options):
    """On the simplex."""
    return minimize(
        lambda x: np.sum((x - p) ** 2),
        np.full(len(p), 1 / len(p)),
        method=method,
        bounds=[(0, None)] * len(p),
        constraints={"type": "eq", "fun": lambda x: np.sum(x) - 1},
        **options,
    ).x


def in_ball(p, method=None):
    """The nearest point there."""
    ball = NonlinearConstraint(lambda x: x @ x, -np.inf, 1)
    start = np.full(3, 0.3)
    return minimize(lambda x: np.sum((x - p) ** 2), start, method=method, constraints=ball).x


# -------------------------------------------------------------------------------------- interior minima


@pytest.mark.parametrize("method", UNBOUNDED + BOUNDED + CONSTRAINED)
def test_the_minimum_of_a_quadratic_has_the_inverse_hessian_as_derivative_by_every_method(method):
    """x = A^-1 p, whatever distance from it the method stops at; in both modes."""

    def solution(p):
        return minimize(lambda x: quadratic(x, p), np.ones(2), method=method).x

    assert_array_equal(solution(P), dr.jvp(solution, (P,), (P,))[0])
    for mode in ("forward", "reverse"):
        assert_allclose(np.linalg.inv(A), dr.jacobian(solution, mode=mode)(P), atol=EXACT)


@pytest.mark.parametrize("method", ["Powell", "CG", "SLSQP", "L-BFGS-B", "Newton-CG", "trust-ncg"])
def test_derivatives_in_a_narrow_valley_are_those_of_the_exact_minimum(method):
    """x0 = p, x1 = p^3, though methods stop as far away as 1e-3."""

    def solution(p):
        valley = lambda x: 100 * (x[1] - p * x[0] ** 2) ** 2 + (p - x[0]) ** 2  # noqa: E731
        return minimize(valley, np.full(2, 0.5), method=method).x

    # The condition number is 2500.
    assert_allclose([1, 3 * 1.1**2], dr.jacobian(solution)(1.1), rtol=1e-11)


def test_parameters_in_args_count_as_those_in_closures():
    in_args = dr.jacobian(lambda p: minimize(quadratic, np.ones(2), p).x)(P)
    assert_allclose(np.linalg.inv(A), in_args, atol=EXACT)
    in_args = dr.jacobian(lambda p: minimize(quadratic, np.ones(2), args=(p,)).x)(P)
    assert_allclose(np.linalg.inv(A), in_args, atol=EXACT)


def test_the_least_value_has_the_derivative_of_the_function_where_x_is_held():
    """The envelope theorem, with its second derivative -A^-1; exact where the solver is not."""
    for method in ("BFGS", "Nelder-Mead"):
        value = lambda p: minimize(quadratic, np.ones(2), (p,), method).fun  # noqa: E731
        assert_allclose(-np.linalg.solve(A, P), dr.grad(value)(P), atol=EXACT)
        assert_allclose(-np.linalg.inv(A), dr.hessian(value)(P), atol=EXACT)


def test_the_gradient_at_an_interior_minimum_stays_0():
    derivative = dr.jacobian(lambda p: minimize(quadratic, np.ones(2), (p,)).jac)(P)
    assert_allclose(0, derivative, atol=EXACT)


def test_a_structured_x_has_structured_derivatives():
    def solution(p):
        r = minimize(
            lambda s: (s["a"] - p) ** 2 + np.sum((s["b"] - p**2) ** 2), {"a": 0.0, "b": np.zeros(2)}
        )
        return r.x["a"] * np.sum(r.x["b"])

    assert_allclose(
        6 * 1.5**2, dr.grad(solution)(1.5), rtol=1e-5
    )  # 2 p^3; the factors as BFGS left them


def test_the_hessian_of_a_result_has_the_derivative_of_the_hessian():
    """2 + 12 x^2 with x^3 + x = p / 2: 24 x dx, dx = 1 / (2 + 6 x^2) by p."""

    def curvature(p):
        function = lambda x: x[0] ** 2 + x[0] ** 4 / 2 - p * x[0]  # noqa: E731
        return minimize(function, [0.5], method="trust-exact", tol=1e-9).hess[0, 0]

    x = 1.0
    assert_allclose(12 * x / (2 + 6 * x**2), dr.grad(curvature)(4.0), rtol=1e-9)


def test_jac_true_is_taken_apart():
    def both(x, p):
        return quadratic(x, p), A @ x - p

    derivative = dr.jacobian(lambda p: minimize(both, np.ones(2), (p,), jac=True).x)(P)
    assert_allclose(np.linalg.inv(A), derivative, atol=EXACT)


@pytest.mark.parametrize("n", [300, 900])
def test_a_large_minimum_has_the_derivative_of_a_sparse_system(n):
    """A string with a stiffening spring at each node, under a load: K dx = dp."""

    def energy(x, load):
        return np.sum(np.diff(x, prepend=0, append=0) ** 2) / 2 + np.sum(x**4 / 4 - load * x)

    load = np.sin(np.arange(n))
    solution = lambda load: minimize(energy, np.zeros(n), (load,), "Newton-CG", tol=1e-9).x  # noqa: E731
    x, t = dr.jvp(solution, (load,), (load,))
    system = scipy.sparse.diags_array([-1.0, 2.0, -1.0], offsets=[-1, 0, 1], shape=(n, n))
    expected = scipy.sparse.linalg.spsolve(
        (system + scipy.sparse.diags_array(3 * x**2)).tocsc(), load
    )
    assert_allclose(expected, t, rtol=1e-5, atol=1e-7)  # at x as the method left it
    gradient = dr.grad(lambda load: np.sum(load * solution(load)))(load)
    assert_allclose(x + expected, gradient, rtol=1e-5, atol=1e-7)


# ----------------------------------------------------------------------------------- under constraints


@pytest.mark.parametrize("method", BOUNDED + CONSTRAINED)
def test_an_active_bound_moves_with_its_parameter_and_the_rest_follows(method):
    """x0 = 0.01 below its free value; x1 = (p1 - x0) / 2."""

    def solution(p):
        bounds = Bounds([-np.inf, -np.inf], [p[2], np.inf])
        return minimize(quadratic, [-1.0, 1.0], (p[:2],), method, bounds=bounds).x

    derivative = dr.jacobian(solution)(np.array([0.7, 1.3, 0.01]))
    assert_allclose([[0, 0, 1], [0, 0.5, -0.5]], derivative, atol=EXACT)


@pytest.mark.parametrize("method", EQUALITIES)
def test_a_projection_on_the_simplex_projects_tangents(method):
    """On the entries that are positive: these minus their mean."""
    for mode in ("forward", "reverse"):
        derivative = dr.jacobian(projection, mode=mode)(Q, method)
        assert_allclose([[0.5, -0.5, 0], [-0.5, 0.5, 0], [0, 0, 0]], derivative, atol=EXACT)


@pytest.mark.parametrize("method", CONSTRAINED)
def test_a_projection_on_the_ball_is_the_derivative_of_a_direction(method):
    size = np.linalg.norm(Q)
    expected = np.eye(3) / size - np.outer(Q, Q) / size**3
    assert_allclose(expected, dr.jacobian(in_ball)(Q, method), atol=EXACT)


@pytest.mark.parametrize("method", CONSTRAINED)
def test_a_vertex_of_a_linear_program_moves_with_its_limits(method):
    """The solution of the equations of the two constraints that meet there."""
    matrix = np.array([[1.0, 2.0], [3.0, 1.0]])

    def solution(p):
        limits = LinearConstraint(matrix, -np.inf, p)
        return minimize(lambda x: -x[0] - x[1], [0.5, 0.5], method=method, bounds=[(0, None)] * 2,
                        constraints=limits).x  # fmt: skip

    derivative = dr.jacobian(solution)(np.array([4.0, 6.0]))
    assert_allclose(np.linalg.inv(matrix), derivative, atol=EXACT)


def test_rows_of_a_batch_have_active_constraints_of_their_own():
    qs = np.stack([Q, -2 * Q, [0.1, 0.2, 0.3]])
    for solution in (projection, in_ball):
        one = lambda p: solution(p)[0] ** 2  # noqa: E731
        expected = [dr.grad(one)(q) for q in qs]
        assert_allclose(expected, dr.vmap(dr.grad(one))(qs), atol=1e-12)
        together = lambda qs: np.sum(dr.vmap(one)(qs))  # noqa: E731
        assert_allclose(expected, dr.grad(together)(qs), atol=1e-12)
        assert_array_equal([solution(q) for q in qs], dr.vmap(solution)(qs))


@pytest.mark.parametrize(
    ("n", "floor", "method", "ftol"),
    [(40, -0.2, "L-BFGS-B", 1e-6), (40, -1.0, "L-BFGS-B", 1e-4), (20, -0.1, "Powell", 1e-4)],
)
def test_a_rough_solution_is_led_to_the_right_active_set(n, floor, method, ftol):
    """A string over a floor that it touches at a part of its nodes."""
    system = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    load = -32 / n**2 * np.exp(-(np.linspace(-2, 2, n) ** 2))

    def solution(load):
        function = lambda x: x @ system @ x / 2 - load @ x  # noqa: E731
        bounds, options = [(floor, None)] * n, {"ftol": ftol}
        return minimize(function, np.zeros(n), method=method, bounds=bounds, options=options).x

    root = np.linalg.cholesky(system)
    exact = scipy_optimize.lsq_linear(
        root.T, np.linalg.solve(root, load), (floor, np.inf), tol=1e-14
    ).x
    free = np.flatnonzero(exact > floor + 1e-6)
    expected = np.zeros(n)
    expected[free] = np.linalg.solve(system[np.ix_(free, free)], load[free])
    x, t = dr.jvp(solution, (load,), (load,))
    assert np.linalg.norm(x - exact) > 1e-4 * np.linalg.norm(exact)
    assert_allclose(expected, t, atol=EXACT)


def test_many_constraints_near_the_solution_are_told_apart():
    """In a corner of a polygon of 60 sides neighbours are as near as a half percent."""
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    sides = np.stack([np.cos(angles), np.sin(angles)], axis=1)

    def nearest(p, size):
        limits = LinearConstraint(sides, -np.inf, size)
        return minimize(lambda x: np.sum((x - p) ** 2), np.zeros(2), constraints=limits).x

    p = np.array([2.0, 0.13])
    corner = np.linalg.solve(sides[:2], np.ones(2))
    assert_allclose(0, dr.jacobian(nearest)(p, 1.0), atol=EXACT)
    assert_allclose(corner, dr.jacobian(nearest, argnums=1)(p, 1.0), atol=EXACT)


def test_where_both_limits_are_one_number_that_which_holds_x_counts():
    """x + y = 1 by two limits; x + y wants to be 4."""

    def solution(low, high):
        limits = LinearConstraint([1, 1], low, high)
        return minimize(lambda x: np.sum((x - 2) ** 2), [0.1, 0.1], constraints=limits).x

    assert_allclose([0, 0], dr.jacobian(solution)(1.0, 1.0), atol=EXACT)
    assert_allclose([0.5, 0.5], dr.jacobian(solution, argnums=1)(1.0, 1.0), atol=EXACT)
    assert_allclose([0.5, 0.5], dr.jacobian(lambda p: solution(p, p))(1.0), atol=EXACT)


@pytest.mark.parametrize("method", ["SLSQP", "L-BFGS-B", "TNC", "trust-constr"])
def test_a_variable_that_its_bounds_fix_is_a_parameter(method):
    def least(p):
        function = lambda x: x[0] ** 2 + 2 * x[1] ** 2 + x[0] * x[1] - x[1]  # noqa: E731
        return minimize(function, [0.3, 1.0], method=method, bounds=[(p, p), (None, None)]).fun

    # x1 = (1 - p) / 4, and 2 p + x1 is the slope by p.
    assert_allclose(0.6 + 0.7 / 4, dr.grad(least)(0.3), atol=EXACT)


def test_constraints_of_lists_with_arguments_and_of_structures():
    """On the line x0 + x1 = b alone: 2 b^2 / 3."""

    def least(p):
        limits = {"type": "ineq", "fun": lambda x, a, b: [x[0] - a, x[0] + x[1] - b], "args": p}
        return minimize(lambda x: x[0] ** 2 + 2 * x[1] ** 2, [1.0, 1.0], constraints=limits).fun

    def of_structure(p):
        slacks = lambda s: {"a": s["u"] - p[0], "b": s["u"] + s["v"] - p[1:]}  # noqa: E731
        limits = NonlinearConstraint(slacks, 0, np.inf)
        function = lambda s: s["u"] ** 2 + 2 * np.sum(s["v"] ** 2)  # noqa: E731
        return minimize(function, {"u": 1.0, "v": np.ones(1)}, constraints=limits).fun

    p = np.array([0.3, 1.0])
    for f in (lambda p: least((p[0], p[1])), of_structure):
        assert_allclose([0, 4 / 3], dr.grad(f)(p), atol=EXACT)
        assert_allclose([[0, 0], [0, 4 / 3]], dr.hessian(f)(p), atol=EXACT)


def test_derivatives_that_the_user_gives_and_a_callback_are_left_alone():
    """4 (x - p)^3 + 2 p0 x = 0, differentiated by hand at x as the method left it."""
    seen = []

    def solution(p):
        return minimize(
            *(lambda x, a: np.sum((x - p) ** 4) + a * np.sum(x**2), np.zeros(2), (p[0],)),
            method="trust-exact",
            jac=lambda x, a: 4 * (x - p) ** 3 + 2 * a * x,
            hess=lambda x, a: np.diag(12 * (x - p) ** 2 + 2 * a),
            callback=lambda x: seen.append(x - p),
        ).x

    p = np.array([1.2, 0.7])
    x = solution(p)
    curvature = 12 * (x - p) ** 2
    expected = (np.diag(curvature) - np.outer(2 * x, [1, 0])) / (curvature + 2 * p[0])[:, None]
    assert_allclose(expected, dr.jacobian(solution)(p), rtol=1e-5, atol=1e-9)
    assert seen


# --------------------------------------------------------------------------- orders, minima in minima


def test_third_derivatives_are_those_of_the_inverse_function():
    """x^3 + x = p: 1 / d, -6 x / d^3, 108 x^2 / d^5 - 6 / d^4 with d = 1 + 3 x^2."""

    def solution(p):
        quartic = lambda x: x[0] ** 4 / 4 + x[0] ** 2 / 2 - p * x[0]  # noqa: E731
        return minimize(quartic, [0.5], tol=1e-9).x[0]

    x = solution(1.3)
    d = 1 + 3 * x**2
    expected = [x, 1 / d, -6 * x / d**3, 108 * x**2 / d**5 - 6 / d**4]
    once, twice = dr.grad(solution), dr.grad(dr.grad(solution))
    assert_allclose(expected[1:], [once(1.3), twice(1.3), dr.grad(twice)(1.3)], rtol=1e-8)
    assert_allclose(expected, dr.derivatives(solution, 3)(1.3), rtol=1e-8)


def test_a_penalty_is_chosen_by_a_validation_loss():
    """Gradient and Hessian of a bilevel problem, whose inner one has a closed form."""
    rng = np.random.default_rng(2)
    matrix, b, new, new_b = (rng.normal(size=s) for s in ((9, 4), 9, (6, 4), 6))

    def loss(log_penalties, solution):
        return np.mean((new @ solution(np.exp(log_penalties)) - new_b) ** 2)

    def by_search(penalties):
        inner = lambda x: np.sum((matrix @ x - b) ** 2) + penalties @ x**2  # noqa: E731
        return minimize(inner, np.zeros(4), tol=1e-9, method="Newton-CG").x

    def by_solve(penalties):
        return np.linalg.solve(matrix.T @ matrix + np.diag(penalties), matrix.T @ b)

    p = np.array([-1.0, 0.0, 0.5, 1.0])
    assert_allclose(dr.grad(loss)(p, by_solve), dr.grad(loss)(p, by_search), atol=1e-8)
    assert_allclose(dr.hessian(loss)(p, by_solve), dr.hessian(loss)(p, by_search), atol=1e-8)


def test_a_gaussian_process_with_its_best_hyperparameters_by_its_data():
    """The prediction at a new place, against differences of what the search finds to 1e-6."""
    x = np.linspace(0, 5, 12)
    y = np.sin(x) + 0.1 * np.cos(7 * x)

    def kernel(a, b, p):
        return np.exp(2 * p[0] - 0.5 * (a[:, None] - b) ** 2 * np.exp(-2 * p[1]))

    def predicted(y):
        def evidence(p):
            factor = np.linalg.cholesky(kernel(x, x, p) + np.exp(2 * p[2]) * np.eye(12))
            z = np.linalg.solve(factor, y)
            return 0.5 * z @ z + np.sum(np.log(np.diagonal(factor)))

        p = minimize(evidence, [0.0, 0.0, -1.0], tol=1e-6).x
        noisy = kernel(x, x, p) + np.exp(2 * p[2]) * np.eye(12)
        return (kernel(np.array([2.2]), x, p) @ np.linalg.solve(noisy, y))[0]

    v, h = np.cos(np.arange(12.0)), 1e-3
    difference = (predicted(y + h * v) - predicted(y - h * v)) / (2 * h)
    assert_allclose(difference, dr.grad(predicted)(y) @ v, rtol=2e-3)


def test_a_minimum_inside_the_function_of_another():
    """The inner one is w = z / (1 + a); the outer z minimizes (z - p)^2 + w^2."""

    def solution(p, a):
        def outer(z):
            w = minimize(lambda w: np.sum((w - z) ** 2) + a * np.sum(w**2), np.zeros(1)).x
            return np.sum((z - p) ** 2) + np.sum(w**2)

        return minimize(outer, np.zeros(1)).x[0]

    share = 1 / (1 + 1.5**-2)
    assert_allclose(share, dr.grad(solution)(2.0, 0.5), rtol=1e-6)
    assert_allclose(2 * 2.0 * share**2 * 1.5**-3, dr.grad(solution, argnums=1)(2.0, 0.5), rtol=1e-6)


# --------------------------------------------------------------------------------------------- refused


def refused(f, p=0.0):
    with pytest.raises(dr.DualrevError) as caught:
        dr.grad(f)(p)
    return caught.value


@pytest.mark.parametrize("start", [[1.0], [0.0]])
@pytest.mark.parametrize("method", BOUNDED + CONSTRAINED)
def test_a_bound_that_just_begins_to_act_is_an_error(start, method):
    """Also where the solver stops a little before it, or starts there."""

    def solution(p):
        options = {"method": method, "bounds": [(0, None)]}
        return minimize(lambda x: (x[0] - p) ** 2, start, **options).x[0]

    error = refused(solution)
    assert isinstance(error, errors.SingularError)
    assert "the bound of x[0] just begins to act" in error.what


def test_a_bound_that_is_nearer_than_the_method_can_tell_is_an_error():
    """The minimum is at 1e-17, the method stops at 1e-5."""
    solution = lambda p: minimize(  # noqa: E731
        lambda x: (x[0] - p) ** 2, [1.0], method="trust-constr", bounds=[(0, None)]
    ).x[0]
    assert solution(1e-17) > 1e-9
    assert "just begins to act" in refused(solution, 1e-17).what


@pytest.mark.filterwarnings("ignore:Singular Jacobian matrix")
def test_dependent_constraints_are_an_error():
    limits = LinearConstraint([[1, 1], [2, 2]], [1, 2], [1, 2])
    error = refused(lambda p: minimize(lambda x: np.sum((x - p) ** 2), [1.0, 0.0], method="trust-constr",
                                       constraints=limits).x[0])  # fmt: skip
    assert isinstance(error, errors.SingularError)
    assert "more constraints meet than are independent" in error.what


@pytest.mark.parametrize("function", [lambda x: x[0] ** 2 - x[1] ** 2, lambda x: -x @ x])
def test_a_saddle_or_a_maximum_is_an_error(function):
    error = refused(lambda p: minimize(lambda x: function(x - p), [0.0, 0.0]).x[0])
    assert isinstance(error, errors.NotConvergedError)
    assert "a saddle point or a maximum" in error.what


def test_a_flat_direction_is_an_error():
    error = refused(lambda p: minimize(lambda x: (x[0] + x[1] - p) ** 2, [0.0, 1.0]).x[0])
    assert isinstance(error, errors.SingularError)


def test_a_kink_or_no_curvature_at_the_minimum_is_an_error():
    kink = lambda x, p: np.maximum(x[0] - p, 2 * (p - x[0]))  # noqa: E731
    error = refused(lambda p: minimize(kink, [0.3], (p,), "Nelder-Mead").x[0], 0.9)
    assert isinstance(error, errors.SingularError)
    quartic = lambda x, p: (x[0] - p) ** 4  # noqa: E731
    error = refused(lambda p: minimize(quartic, [0.3], (p,)).x[0], 0.9)
    assert isinstance(error, errors.NotConvergedError)
    assert "a kink there, or no curvature" in error.what


def test_a_solver_that_stops_elsewhere_is_an_error():
    """A gradient in small units is small everywhere: SciPy's success=True at the start."""
    small = lambda x, p: 1e-8 * (x[0] - p) ** 2  # noqa: E731
    assert scipy_optimize.minimize(small, [0.5], (1.0,)).success
    error = refused(lambda p: minimize(small, [0.5], (p,)).x[0], 1.0)
    assert isinstance(error, errors.NotConvergedError)
    assert "the next one is 5.0e-01 away" in error.what
    assert_allclose(
        1, dr.grad(lambda p: minimize(small, [0.5], (p,), tol=1e-10).x[0])(1.0), atol=EXACT
    )


def test_a_solver_that_gives_up_is_an_error():
    valley = lambda x, p: 100 * (x[1] - x[0] ** 2) ** 2 + (p - x[0]) ** 2  # noqa: E731
    error = refused(lambda p: minimize(valley, [-1.2, 1], (p,), options={"maxiter": 3}).x[0], 1.0)
    assert isinstance(error, errors.NotConvergedError)
    assert "minimize did not converge" in error.what
    assert not minimize(valley, [-1.2, 1], (1.0,), options={"maxiter": 3}).success


# ------------------------------------------------------------------------------------- random programs


def quadratic_program(data):
    """By trying all active sets: the only one that is feasible and has positive multipliers."""
    hessian, p, matrix, limits = data
    n, m = len(p), len(limits)
    for active in itertools.chain.from_iterable(
        itertools.combinations(range(m), k) for k in range(n + 1)
    ):
        rows = matrix[list(active)]
        system = np.block([[hessian, rows.T], [rows, np.zeros((len(rows), len(rows)))]])
        if np.linalg.matrix_rank(system) < len(system):
            continue
        z = np.linalg.solve(system, np.concatenate([p, limits[list(active)]]))
        slack = limits - matrix @ z[:n]
        if (z[n:] > -1e-9).all() and (slack > -1e-9).all():
            margin = min([*z[n:], *np.delete(slack, active), np.inf])
            return z[:n], margin
    return None, 0.0


@settings(max_examples=examples(20), deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(0, 3))
def test_random_quadratic_programs_against_all_active_sets(seed, n, m):
    """The derivative along a random direction in all data: H, p, A, b, and the bounds x <= u."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(n, n))
    data = root @ root.T + np.eye(n), 2 * rng.normal(size=n), rng.normal(size=(m, n)), rng.random(m)
    data = *data, rng.random(n)
    tangents = [rng.normal(size=x.shape) for x in data]
    tangents[0] = tangents[0] + tangents[0].T

    def moved(h):
        hessian, p, matrix, b, u = (x + h * t for x, t in zip(data, tangents))
        return hessian, p, np.concatenate([matrix, np.eye(n)]), np.concatenate([b, u])

    _, margin = quadratic_program(moved(0.0))
    assume(margin > 1e-3)  # then none changes within the difference

    def found(hessian, p, matrix, b, u):
        return minimize(
            lambda x: 0.5 * x @ hessian @ x - p @ x,
            np.zeros(n),
            method="SLSQP",
            bounds=Bounds(-np.inf, u),
            constraints=[LinearConstraint(matrix, -np.inf, b)] if m else [],
        ).x

    h = 1e-6
    expected = (quadratic_program(moved(h))[0] - quadratic_program(moved(-h))[0]) / (2 * h)
    x, t = dr.jvp(found, data, tangents)
    # Differences of smooth functions of such sizes: rounding over h, and h**2.
    assert_allclose(expected, t, rtol=1e-6, atol=1e-7)
    pulled = dr.vjp(found, *data)[1](np.ones(n))
    assert_allclose(np.sum(t), sum(np.sum(ct * v) for ct, v in zip(pulled, tangents)), atol=1e-9)


def test_a_minimum_that_was_reached_is_one_whatever_the_solver_says():
    """BFGS stops at the minimum, and says that it lost precision on the way."""

    def found(a):
        return minimize(
            lambda x: np.sum((x - a) ** 4 * 1e-3 + (x - 2 * a) ** 2) + 1e3, [3.0, 4.0], tol=1e-15
        )

    assert not found(1.0).success
    slope = dr.derivative(lambda a: found(a).x[0])(1.0)
    # 4e-3 (x - a)**3 + 2 (x - 2 a) = 0
    x = found(1.0).x[0]
    curve = 12e-3 * (x - 1.0) ** 2
    assert slope == pytest.approx((curve + 4) / (curve + 2), rel=1e-6)
