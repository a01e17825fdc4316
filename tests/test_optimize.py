"""dualrev.scipy.optimize: SciPy's solvers, signatures and results, with exact derivatives."""

import dataclasses
import inspect

import numpy as np
import pytest
from scipy import optimize as scipy_optimize

import dualrev as dr
from dualrev.scipy import callables, optimize

START = np.array([-1.2, 1.0])
GRADIENT_ONLY = ["CG", "BFGS", "L-BFGS-B", "TNC", "SLSQP"]
SECOND_ORDER = ["Newton-CG", "dogleg", "trust-ncg", "trust-krylov", "trust-exact", "trust-constr"]
DERIVATIVE_FREE = ["Nelder-Mead", "Powell", "COBYLA", "COBYQA"]
#: Methods whose stopping test leaves the minimum of a narrow valley that far away.
LOOSE = {"COBYLA": 0.5, "SLSQP": 1e-3, "trust-krylov": 1e-3, "TNC": 1e-3}


def rosenbrock(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def residuals(x):
    return np.array([10 * (x[1] - x[0] ** 2), 1 - x[0]])


def residuals_jacobian(x):
    return np.array([[-20 * x[0], 10.0], [-1.0, 0.0]])


def decay(t, amount, rate, rest):
    return amount * np.exp(-rate * t) + rest


T = np.linspace(0, 4, 30)
NOISE = 0.05 * np.random.default_rng(7).standard_normal(30)
Y = decay(T, 2.5, 1.3, 0.5) + NOISE


def decay_jacobian(t, amount, rate, rest):
    e = np.exp(-rate * t)
    return np.stack([e, -amount * t * e, np.ones_like(t)], axis=1)


def same_result(expected, result, fields=("x", "fun", "nit", "nfev")):
    for field in fields:
        if field in expected:
            np.testing.assert_allclose(result[field], expected[field], rtol=1e-6, atol=1e-9)


# ------------------------------------------------------------------------------------- minimize


@pytest.mark.parametrize("method", GRADIENT_ONLY + SECOND_ORDER + DERIVATIVE_FREE)
def test_minimize_solves_rosenbrock_by_every_method(method):
    """From the classic start to (1, 1), and never by finite differences."""
    result = optimize.minimize(rosenbrock, START, method=method)
    np.testing.assert_allclose(result.x, 1, atol=LOOSE.get(method, 1e-4))
    assert type(result.x) is np.ndarray


@pytest.mark.parametrize("method", GRADIENT_ONLY + SECOND_ORDER)
def test_minimize_equals_scipy_given_analytic_derivatives(method):
    """The same steps as with scipy.optimize.rosen_der and rosen_hess."""
    second = {"hess": scipy_optimize.rosen_hess} if method in SECOND_ORDER else {}
    expected = scipy_optimize.minimize(
        rosenbrock, START, method=method, jac=scipy_optimize.rosen_der, **second
    )
    result = optimize.minimize(rosenbrock, START, method=method)
    if method == "TNC":  # its steps follow the rounding of the gradient
        np.testing.assert_allclose(result.x, expected.x, atol=1e-3)
    else:
        same_result(expected, result)


@pytest.mark.parametrize("n", [2, 9])
def test_minimize_takes_value_and_gradient_from_one_sweep(n):
    """The function runs once an evaluation: no second time for the gradient."""
    calls = 0

    def f(x):
        nonlocal calls
        calls += 1
        return np.sum((x - 1) ** 4)

    result = optimize.minimize(f, np.zeros(n), method="BFGS")
    assert calls == result.nfev == result.njev


@pytest.mark.parametrize("method", DERIVATIVE_FREE)
def test_minimize_leaves_derivative_free_methods_alone(method):
    """No gradient is computed (the function has none), and SciPy does not warn of an unused one."""

    def rough(x):
        assert type(x) is np.ndarray  # never traced
        return float(abs(x[0] - 1) + abs(x[1]))

    expected = scipy_optimize.minimize(rough, START, method=method)
    result = optimize.minimize(rough, START, method=method)
    np.testing.assert_array_equal(result.x, expected.x)


def test_minimize_chooses_the_method_as_scipy_does():
    """BFGS; L-BFGS-B with bounds; SLSQP with constraints."""
    bounds = [(None, 0.5), (None, None)]
    constraints = {"type": "ineq", "fun": lambda x: 0.5 - x[0]}
    expected = [
        scipy_optimize.minimize(rosenbrock, START, jac=scipy_optimize.rosen_der),
        scipy_optimize.minimize(rosenbrock, START, jac=scipy_optimize.rosen_der, bounds=bounds),
    ]
    same_result(expected[0], optimize.minimize(rosenbrock, START))
    same_result(expected[1], optimize.minimize(rosenbrock, START, bounds=bounds))
    constrained = optimize.minimize(rosenbrock, START, constraints=constraints)
    np.testing.assert_allclose(constrained.x, [0.5, 0.25], atol=1e-6)


@pytest.mark.parametrize("method", ["BFGS", "trust-exact", "trust-ncg"])
def test_minimize_passes_args_to_every_derivative(method):
    """f(x, *args), its gradient and its Hessian."""

    def f(x, center, scale):
        return scale * np.sum((x - center) ** 2) + np.sum((x - center) ** 4)

    result = optimize.minimize(f, np.zeros(3), args=(np.arange(3.0), 2.0), method=method)
    np.testing.assert_allclose(result.x, [0, 1, 2], atol=1e-5)


def test_minimize_uses_the_derivatives_that_are_given():
    """jac, hess and hessp of the user's own, each called; finite differences where named."""
    called = set()

    def note(name, f):
        def noted(*args):
            called.add(name)
            return f(*args)

        return noted

    jac = note("jac", scipy_optimize.rosen_der)
    hess = note("hess", scipy_optimize.rosen_hess)
    hessp = note("hessp", scipy_optimize.rosen_hess_prod)
    optimize.minimize(rosenbrock, START, method="trust-exact", jac=jac, hess=hess)
    assert called == {"jac", "hess"}
    called.clear()
    optimize.minimize(rosenbrock, START, method="trust-ncg", hessp=hessp)
    assert called == {"hessp"}
    both = lambda x: (rosenbrock(x), scipy_optimize.rosen_der(x))  # noqa: E731
    result = optimize.minimize(both, START, method="trust-ncg", jac=True)
    np.testing.assert_allclose(result.x, 1, atol=1e-5)
    expected = scipy_optimize.minimize(rosenbrock, START, jac="2-point")
    same_result(expected, optimize.minimize(rosenbrock, START, jac="2-point"))


def test_minimize_hands_a_custom_method_every_derivative():
    """A callable method gets jac and hessp, and its own options."""

    def newton(fun, x0, args=(), *, jac, hessp, steps, **unused):
        x = x0
        for _ in range(steps):
            hessian = np.stack([hessp(x, e) for e in np.eye(x.size)])
            x = x - np.linalg.solve(hessian, jac(x))
        return scipy_optimize.OptimizeResult(x=x, fun=fun(x))

    result = optimize.minimize(rosenbrock, START, method=newton, options={"steps": 8})
    np.testing.assert_allclose(result.x, 1, atol=1e-9)


@pytest.mark.parametrize("n", [2, 9])
def test_what_minimize_hands_over_is_plain_float64(n):
    """Contiguous, writeable float64 arrays that own their memory."""
    seen = []

    def spy(fun, x0, args=(), *, jac, hessp, **unused):
        seen.extend([jac(x0), hessp(x0, np.ones(n))])
        value = fun(x0)
        assert type(value) in (float, np.float64)
        return scipy_optimize.OptimizeResult(x=x0, fun=value)

    optimize.minimize(lambda x: np.sum(x[::-1] ** 3), np.arange(1.0, n + 1), method=spy)
    for array in seen:
        assert type(array) is np.ndarray
        assert array.dtype == np.float64
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert array.flags.owndata


def test_minimize_takes_an_array_of_one_element_for_the_value():
    """As SciPy does."""
    result = optimize.minimize(lambda x: (x - 3) ** 2, 0.0)
    np.testing.assert_allclose(result.x, [3.0])


def test_minimize_names_the_mistake_of_a_vector_valued_function():
    """The same error as grad's, for few and for many variables."""
    for n in (2, 9):
        with pytest.raises(dr.NonScalarError, match=r"minimize needs(.|\n)*return one real number"):
            optimize.minimize(lambda x: x**2, np.ones(n))


# ---------------------------------------------------------------------------------- constraints


def circle(x):
    return x[0] ** 2 + x[1] ** 2


@pytest.mark.parametrize("method", ["SLSQP", "trust-constr"])
@pytest.mark.parametrize("form", ["dict", "NonlinearConstraint"])
def test_constraints_are_differentiated_exactly(method, form):
    """Minimum of x + y on a circle; the constraint sees few calls and no differences."""
    plain_points = []

    def constraint(x):
        if type(x) is np.ndarray:
            plain_points.append(x.copy())
        return circle(x) - 2

    given = (
        {"type": "eq", "fun": constraint}
        if form == "dict"
        else scipy_optimize.NonlinearConstraint(constraint, 0, 0)
    )
    before = dict(given) if form == "dict" else dict(vars(given))
    result = optimize.minimize(
        lambda x: x[0] + x[1], np.array([-1.5, -0.5]), method=method, constraints=given
    )
    np.testing.assert_allclose(result.x, [-1, -1], atol=1e-4)
    steps = [
        np.abs(a - b).max() for a, b in zip(plain_points, plain_points[1:]) if not np.all(a == b)
    ]
    # Forward differences would evaluate at points 1.5e-8 apart from the start on.
    assert steps[0] > 1e-7
    assert (given if form == "dict" else vars(given)) == before


def test_constraint_hessian_is_exact():
    """The curvature of a constraint that SciPy's BFGS would have to guess."""
    seen = []

    def spy(fun, x0, args=(), *, constraints, **unused):
        (constraint,) = constraints
        v = np.array([2.0, 3.0])
        seen.append(constraint.hess(x0, v) @ np.eye(2))
        seen.append(constraint.jac(x0))
        return scipy_optimize.OptimizeResult(x=x0)

    def pair(x):
        return [x[0] ** 2 * x[1], x[1] ** 3]

    constraint = scipy_optimize.NonlinearConstraint(pair, 0, 1)
    optimize.minimize(circle, np.array([1.0, 2.0]), method=spy, constraints=[constraint])
    np.testing.assert_allclose(seen[0], [[2 * 2 * 2, 2 * 2], [2 * 2, 3 * 6 * 2]])
    np.testing.assert_allclose(seen[1], [[4, 1], [0, 12]])


def test_constraints_keep_the_derivatives_that_they_have():
    """jac of a dict; jac and hess of a NonlinearConstraint."""
    marker = object()

    def jac(x):
        return marker

    strategy = scipy_optimize.SR1()
    given = [
        {"type": "eq", "fun": circle, "jac": jac},
        scipy_optimize.NonlinearConstraint(circle, 0, 1, jac=jac, hess=strategy),
        scipy_optimize.LinearConstraint(np.eye(2)),
    ]

    def spy(fun, x0, args=(), *, constraints, **unused):
        assert constraints[0]["jac"] is jac
        assert (constraints[1].jac, constraints[1].hess) == (jac, strategy)
        assert constraints[2] is given[2]
        return scipy_optimize.OptimizeResult(x=x0)

    optimize.minimize(circle, START, method=spy, constraints=given)


@pytest.mark.parametrize("method", ["COBYLA", "COBYQA"])
def test_constraints_of_derivative_free_methods_stay_as_they_are(method):
    """No derivative is made of a constraint that has none."""

    def rough(x):
        assert type(x) is np.ndarray
        return 2 - x[0] - x[1]

    constraints = {"type": "ineq", "fun": rough}
    result = optimize.minimize(
        lambda x: -x[0] * x[1], np.array([0.5, 0.5]), method=method, constraints=constraints
    )
    np.testing.assert_allclose(result.x, [1, 1], atol=1e-2)


# ---------------------------------------------------------------------------------- structured x


@dataclasses.dataclass
class Plane:
    normal: np.ndarray
    offset: float


def test_minimize_takes_a_dict():
    """fun and callback see the dict; result.x is one, its derivatives are flat."""
    seen = []

    def f(p):
        return np.sum((p["w"] - np.arange(6.0).reshape(2, 3)) ** 2) + (p["b"] - 7) ** 2

    x0 = {"w": np.zeros((2, 3)), "b": 0.0}
    result = optimize.minimize(f, x0, callback=lambda p: seen.append(p["w"].shape))
    np.testing.assert_allclose(result.x["w"], np.arange(6.0).reshape(2, 3), atol=1e-6)
    np.testing.assert_allclose(result.x["b"], 7, atol=1e-6)
    assert result.jac.shape == (7,)
    assert result.hess_inv.shape == (7, 7)
    assert set(seen) == {(2, 3)}
    assert result.x["w"].flags.owndata
    assert x0["w"].sum() == 0


@pytest.mark.parametrize("method", ["Nelder-Mead", "L-BFGS-B", "trust-ncg", "trust-exact"])
def test_minimize_takes_a_dataclass(method):
    """With every kind of method."""

    def f(plane):
        return np.sum((plane.normal - 1) ** 2) + (plane.offset - 2) ** 2

    result = optimize.minimize(f, Plane(np.zeros(2), 0.0), method=method)
    assert type(result.x) is Plane
    np.testing.assert_allclose(result.x.normal, 1, atol=1e-3)
    np.testing.assert_allclose(result.x.offset, 2, atol=1e-3)


def test_minimize_takes_a_matrix():
    """An array of two dimensions keeps them."""
    target = np.arange(6.0).reshape(2, 3)
    result = optimize.minimize(lambda a: np.sum((a - target) ** 2), np.zeros((2, 3)))
    np.testing.assert_allclose(result.x, target, atol=1e-6)


def test_functions_of_a_structure_may_write_into_it():
    """The leaves are arrays of their own, not views of the vector."""

    def f(p):
        p["w"][0] = 3.0
        return np.sum((p["w"] - 1) ** 2)

    result = optimize.minimize(f, {"w": np.zeros(2)})
    np.testing.assert_allclose(result.x["w"][1], 1)


@pytest.mark.parametrize("pair", [False, True])
def test_derivatives_that_are_given_see_the_structure(pair):
    """jac answers the same structure, hessp takes it twice; or value and gradient together."""

    def f(p):
        return np.sum((p["w"] - 1) ** 4) + (p["b"] - 2) ** 2

    x0 = {"w": np.zeros(2), "b": 0.0}
    if pair:
        result = optimize.minimize(dr.value_and_grad(f), x0, jac=True)
    else:
        result = optimize.minimize(f, x0, method="trust-ncg", jac=dr.grad(f), hessp=dr.hvp(f))
    np.testing.assert_allclose(result.x["b"], 2, atol=1e-3)
    np.testing.assert_allclose(result.x["w"], 1, atol=0.05)


def test_intermediate_result_shows_the_structure():
    """The newer of SciPy's two kinds of callback."""
    seen = []

    def callback(intermediate_result):
        seen.append(set(intermediate_result.x))

    optimize.minimize(lambda p: (p["a"] - 1) ** 2, {"a": 0.0}, callback=callback)
    assert seen
    assert set().union(*seen) == {"a"}


def test_callback_of_a_structure_stops_the_solver():
    """StopIteration reaches SciPy."""

    def stop(p):
        raise StopIteration

    result = optimize.minimize(lambda p: (p["a"] - 1) ** 4, {"a": 0.0}, callback=stop)
    assert result.status == 99


@pytest.mark.parametrize("method", ["SLSQP", "trust-constr"])
def test_constraints_of_a_structure_see_it(method):
    """Dict and object constraints."""
    x0 = {"a": -1.5, "b": -0.5}

    def on_circle(p):
        return p["a"] ** 2 + p["b"] ** 2

    for constraint in (
        {"type": "eq", "fun": lambda p: on_circle(p) - 2},
        scipy_optimize.NonlinearConstraint(on_circle, 2, 2),
    ):
        result = optimize.minimize(
            lambda p: p["a"] + p["b"], x0, method=method, constraints=constraint
        )
        np.testing.assert_allclose([result.x["a"], result.x["b"]], -1, atol=1e-4)


def test_complex_parameters_are_refused():
    """SciPy optimizes by real numbers."""
    with pytest.raises(dr.ComplexError, match="real and imaginary parts two entries"):
        optimize.minimize(lambda p: abs(p["z"]), {"z": 1j})


# -------------------------------------------------------------------------------- least squares


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_least_squares_equals_scipy_given_the_analytic_jacobian(method):
    """The same steps."""
    expected = scipy_optimize.least_squares(residuals, START, residuals_jacobian, method=method)
    result = optimize.least_squares(residuals, START, method=method)
    same_result(expected, result, ("x", "fun", "jac", "grad", "cost", "nfev", "njev"))


@pytest.mark.parametrize("options", [{"loss": "soft_l1"}, {"bounds": (-2, 1.5)}, {"verbose": 0}])
def test_least_squares_passes_options_on(options):
    """Every keyword of SciPy's."""
    expected = scipy_optimize.least_squares(residuals, START, residuals_jacobian, **options)
    same_result(expected, optimize.least_squares(residuals, START, **options), ("x", "cost"))


def test_least_squares_takes_lists_args_and_kwargs():
    """residuals(x, *args, **kwargs) as a list, as in SciPy's own examples."""

    def f(x, stiffness, *, target):
        return [stiffness * (x[1] - x[0] ** 2), target - x[0]]

    result = optimize.least_squares(f, [-1.2, 1.0], args=(10,), kwargs={"target": 2.0})
    np.testing.assert_allclose(result.x, [2, 4])
    np.testing.assert_allclose(result.jac, [[-40, 10], [-1, 0]])


def test_least_squares_takes_a_structure():
    """Residuals as an array of more dimensions, or as a structure of their own."""
    target = np.arange(4.0).reshape(2, 2)
    x0 = {"a": np.zeros((2, 2)), "b": 1.0}
    for f in (
        lambda p: np.stack([p["a"] * p["b"] - target, p["a"] * 0 + p["b"] - 2]),
        lambda p: {"a": p["a"] * p["b"] - target, "b": p["b"] - 2},
        lambda p: [*np.reshape(p["a"] * p["b"] - target, -1), p["b"] - 2],
    ):
        result = optimize.least_squares(f, x0)
        np.testing.assert_allclose(result.x["a"], target / 2, atol=1e-6)
        np.testing.assert_allclose(result.x["b"], 2, atol=1e-6)
        assert result.jac.shape == (result.fun.size, 5)


def test_least_squares_takes_a_jacobian_in_blocks():
    """What dr.jacobian answers of a structure."""

    def f(p):
        return p["a"] * np.arange(1.0, 4.0) - p["b"]

    x0 = {"a": 5.0, "b": np.zeros(3)}
    exact = optimize.least_squares(f, x0)
    given = optimize.least_squares(f, x0, jac=dr.jacobian(f))
    np.testing.assert_allclose(given.jac, exact.jac)


@pytest.mark.parametrize(("m", "n"), [(3, 3), (50, 40), (100, 3), (2, 50), (1, 70), (90, 70)])
def test_jacobians_of_every_shape_are_plain_matrices(m, n, rng):
    """Tall, square and wide: (m, n), contiguous, writeable, its own, equal to the formula."""
    a = rng.standard_normal((m, n))
    jac = callables.Matrix(lambda x: np.tanh(a @ x) + np.sum(x**2))
    for x in rng.standard_normal((3, n)):
        expected = (1 - np.tanh(a @ x) ** 2)[:, None] * a + 2 * x
        matrix = jac(x)
        np.testing.assert_allclose(matrix, expected, atol=1e-12)
        assert type(matrix) is np.ndarray
        assert matrix.flags.forc
        assert matrix.flags.writeable


def test_jacobian_of_the_identity_is_its_own_array():
    """Writing into it changes no later answer."""
    jac = callables.Matrix(lambda x: x)
    jac(np.ones(2))[:] = 7
    np.testing.assert_array_equal(jac(np.ones(2)), np.eye(2))


# ----------------------------------------------------------------------------------------- root


@pytest.mark.parametrize("method", ["hybr", "lm"])
def test_root_equals_scipy_given_the_analytic_jacobian(method):
    """The same steps, also where the user's option says that jac would answer columns."""
    expected = scipy_optimize.root(residuals, START, jac=residuals_jacobian, method=method)
    for options in (None, {"col_deriv": True}):
        result = optimize.root(residuals, START, method=method, options=options)
        same_result(expected, result)
        assert result.success


@pytest.mark.parametrize("method", ["krylov", "broyden1", "df-sane"])
def test_root_leaves_methods_without_jacobian_alone(method):
    """No warning of an unused Jacobian, no tracing; arrays of any shape, as in SciPy."""

    def f(x):
        assert type(x) is np.ndarray
        return x + 0.1 * x**3 - 1

    x0 = np.zeros((2, 2))
    expected = scipy_optimize.root(f, x0, method=method)
    np.testing.assert_array_equal(optimize.root(f, x0, method=method).x, expected.x)


@pytest.mark.parametrize("method", ["hybr", "lm", "krylov"])
def test_root_takes_lists_args_and_structures(method):
    """Equations as a list of numbers; unknowns by name."""

    def equations(p, radius):
        return [p["x"] ** 2 + p["y"] ** 2 - radius**2, p["x"] - p["y"] + 1]

    result = optimize.root(equations, {"x": 2.5, "y": 3.5}, args=(5.0,), method=method)
    np.testing.assert_allclose([result.x["x"], result.x["y"]], [3, 4], atol=1e-4)


def test_root_of_one_unknown():
    """A number in, a number out: the Jacobian is a matrix of one element."""
    result = optimize.root(lambda x: x[0] ** 2 - 2, 1.0)
    np.testing.assert_allclose(result.x, np.sqrt(2))


# ------------------------------------------------------------------------------------ curve_fit


@pytest.mark.parametrize("method", [None, "lm", "trf", "dogbox"])
def test_curve_fit_equals_scipy_given_the_analytic_jacobian(method):
    """Parameters and covariance."""
    expected = scipy_optimize.curve_fit(decay, T, Y, jac=decay_jacobian, method=method)
    popt, pcov = optimize.curve_fit(decay, T, Y, method=method)
    np.testing.assert_allclose(popt, expected[0], rtol=1e-9)
    np.testing.assert_allclose(pcov, expected[1], rtol=1e-7)


COVARIANCE = 0.01 * np.eye(30) + 0.002


@pytest.mark.parametrize(
    "options",
    [
        {"sigma": 0.1 + 0.01 * T, "absolute_sigma": True},
        {"sigma": 0.1 + 0.01 * T},
        {"sigma": 0.1, "absolute_sigma": True},
        {"sigma": COVARIANCE, "absolute_sigma": True},
        {"bounds": (0, [3.0, 1.0, 1.0])},
        {"p0": [1.0, 2.0, 0.0]},
        {
            "bounds": scipy_optimize.Bounds([0] * 3, [5] * 3),
            "method": "trf",
            "x_scale": [1.0, 2.0, 1.0],
        },
    ],
    ids=lambda options: ", ".join(options),
)
def test_curve_fit_takes_scipys_options(options):
    """Weights, covariances, bounds and starting points: as far as differences can say."""
    expected = scipy_optimize.curve_fit(decay, T, Y, **options)
    popt, pcov = optimize.curve_fit(decay, T, Y, **options)
    np.testing.assert_allclose(popt, expected[0], rtol=1e-5)
    np.testing.assert_allclose(pcov, expected[1], rtol=1e-3, atol=1e-6)


def test_curve_fit_leaves_out_missing_data():
    """nan_policy and full_output, as in SciPy."""
    y = Y.copy()
    y[3] = np.nan
    expected = scipy_optimize.curve_fit(decay, T, y, nan_policy="omit", full_output=True)
    answer = optimize.curve_fit(decay, T, y, nan_policy="omit", full_output=True)
    assert len(answer) == 5
    np.testing.assert_allclose(answer[0], expected[0], rtol=1e-5)


def test_curve_fit_takes_models_of_several_predictors_and_constants():
    """xdata of shape (k, m); and a model that is one number for all the data."""
    x = np.stack([T, T[::-1] ** 2])
    popt, _ = optimize.curve_fit(lambda x, a, b: a * x[0] + b * x[1], x, 2 * x[0] - 3 * x[1])
    np.testing.assert_allclose(popt, [2, -3])
    popt, pcov = optimize.curve_fit(lambda x, mean: mean, T, Y)
    np.testing.assert_allclose(popt, [Y.mean()])
    np.testing.assert_allclose(pcov, [[Y.var(ddof=1) / Y.size]], rtol=1e-6)


def test_curve_fit_of_many_data_equals_that_of_few():
    """Beyond the size at which the parameters are pushed one by one."""
    t = np.linspace(0, 4, 50_000)
    popt, _ = optimize.curve_fit(decay, t, decay(t, 2.5, 1.3, 0.5))
    np.testing.assert_allclose(popt, [2.5, 1.3, 0.5])


def test_curve_fit_takes_structured_parameters():
    """By name, or arrays among them."""
    expected, covariance = optimize.curve_fit(decay, T, Y)
    named, pcov = optimize.curve_fit(decay, T, Y, p0={"amount": 1.0, "rate": 1.0, "rest": 1.0})
    np.testing.assert_allclose([named["amount"], named["rate"], named["rest"]], expected, rtol=1e-6)
    np.testing.assert_allclose(pcov, covariance, rtol=1e-4)

    def polynomial(t, coefficients, scale):
        return scale * (coefficients[0] + coefficients[1] * t) + 0 * scale**2

    def fixed(t, coefficients):
        return polynomial(t, coefficients, 1.0)

    (coefficients,), _ = optimize.curve_fit(fixed, T, 2 + 3 * T, p0=(np.ones(2),))
    np.testing.assert_allclose(coefficients, [2, 3])


# --------------------------------------------------------------------------------------- all four


@pytest.mark.usefixtures("unwrap_without_rule")
@pytest.mark.parametrize("n", [2, 40])
def test_a_function_without_rule_is_an_error_not_a_difference(n):
    """MissingRuleError from each of the four."""
    x0 = np.ones(n)
    with pytest.raises(dr.MissingRuleError):
        optimize.minimize(lambda x: np.sum(np.unwrap(x)), x0)
    with pytest.raises(dr.MissingRuleError):
        optimize.least_squares(lambda x: np.unwrap(x), x0)
    with pytest.raises(dr.MissingRuleError):
        optimize.root(lambda x: np.unwrap(x), x0)
    with pytest.raises(dr.MissingRuleError):
        optimize.curve_fit(lambda t, a: np.unwrap(a * t), T, Y)


@pytest.mark.parametrize("name", ["minimize", "root", "curve_fit"])
def test_signatures_are_scipys(name):
    """The same parameters in the same order, with the same defaults; and ours, by keyword."""
    expected = inspect.signature(getattr(scipy_optimize, name)).parameters
    own = dict(inspect.signature(getattr(optimize, name)).parameters)
    assert own.pop("compile").kind is inspect.Parameter.KEYWORD_ONLY
    if name != "curve_fit":  # a model has few parameters
        assert own.pop("sparse").kind is inspect.Parameter.KEYWORD_ONLY
    assert list(own) == list(expected)
    assert [p.default for p in own.values()] == [p.default for p in expected.values()]


def test_scipys_own_functions_take_the_derivatives_as_written():
    """jac=True, jac with hessp, and a Jacobian, as the README writes them."""
    f, r = rosenbrock, residuals
    results = [
        scipy_optimize.minimize(dr.value_and_grad(f), START, jac=True),
        scipy_optimize.minimize(f, START, jac=dr.grad(f), hessp=dr.hvp(f), method="trust-ncg"),
        scipy_optimize.minimize(f, START, jac=dr.grad(f), hess=dr.hessian(f), method="trust-exact"),
        scipy_optimize.least_squares(r, START, jac=dr.jacobian(r)),
    ]
    for result in results:
        np.testing.assert_allclose(result.x, 1, atol=1e-5)
