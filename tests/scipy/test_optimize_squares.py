"""Derivatives of what dualrev.scipy.optimize.least_squares and curve_fit find."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize as scipy_optimize

import dualrev as dr
from dualrev import errors
from dualrev.scipy.optimize import (
    curve_fit,
    isotonic_regression,
    least_squares,
    lsq_linear,
    minimize,
)
from tests.numeric import numeric_jacobian

pytestmark = [
    pytest.mark.filterwarnings("ignore:least_squares runs row by row"),
    pytest.mark.filterwarnings("ignore:curve_fit runs row by row"),
]

rng = np.random.default_rng(4)
A = rng.normal(size=(8, 3))
B = rng.normal(size=8)
T = np.linspace(0, 4, 30)
BOUNDED = np.array([0.1257, -0.1321, 0.6404, 0.1049, -0.5357, 0.3616, 1.304, 0.9471])
NOISE = 0.05 * rng.normal(size=30)
SIGMA = rng.uniform(0.5, 1.5, 30)
#: As far as SciPy's searches go.
TIGHT = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15}
#: Derivatives are those at the exact minimum: what remains is the rounding of small linear systems.
EXACT = 1e-12
#: Differences of step 1e-5 of what SciPy finds to 1e-9.
DIFFERENCES = 2e-3


def decay(t, amount, rate, rest):
    return amount * np.exp(-rate * t) + rest


Y = decay(T, 2.5, 1.3, 0.5) + NOISE
START = np.array([2.0, 1.0, 1.0])


def line(t, slope, offset):
    return slope * t + offset


def check(f, x):
    """SciPy's values; the derivative along a direction against a difference, and its adjoint."""
    v, h = np.cos(np.arange(x.size)), 1e-5
    ans, t = dr.jvp(f, (x,), (v,))
    assert_array_equal(f(x), ans)
    assert_allclose((f(x + h * v) - f(x - h * v)) / (2 * h), t, atol=DIFFERENCES)
    ct = np.sin(1 + np.arange(t.size))
    (pulled,) = dr.vjp(f, x)[1](ct)
    assert_allclose(ct @ t, pulled @ v, rtol=1e-9)


# ---------------------------------------------------------------------------------------- least_squares


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_linear_problem_has_the_pseudoinverse_as_derivative(method, mode):
    def solution(b):
        return least_squares(lambda x: A @ x - b, np.zeros(3), method=method).x

    assert_allclose(np.linalg.pinv(A), dr.jacobian(solution, mode=mode)(B), atol=EXACT)
    assert_array_equal(solution(B), dr.jvp(solution, (B,), (B,))[0])


def test_ridge_regression_by_its_parameter():
    """dx = -(A^T A + s)^-1 x ds, twice."""

    def solution(s):
        residuals = lambda x, s: np.concatenate([A @ x - B, np.sqrt(s) * x])  # noqa: E731
        return least_squares(residuals, np.zeros(3), args=(s,)).x

    inverse = np.linalg.inv(A.T @ A + 0.3 * np.eye(3))
    x = inverse @ (A.T @ B)
    assert_allclose(-inverse @ x, dr.jacobian(solution)(0.3), atol=EXACT)
    assert_allclose(2 * inverse @ inverse @ x, dr.jacobian(dr.jacobian(solution))(0.3), atol=EXACT)


def test_residuals_that_are_not_small_have_their_part():
    """The whole Hessian of the cost, not that of Gauss and Newton: the derivative that minimize has."""
    residuals = lambda x, b: np.sin(A @ x) - b  # noqa: E731
    cost = lambda x, b: 0.5 * np.sum(residuals(x, b) ** 2)  # noqa: E731
    by_squares = lambda b: least_squares(residuals, np.zeros(3), args=(b,), **TIGHT).x  # noqa: E731
    by_cost = lambda b: minimize(cost, np.zeros(3), (b,), tol=1e-9).x  # noqa: E731
    assert_allclose(dr.jacobian(by_cost)(B), dr.jacobian(by_squares)(B), atol=1e-9)
    assert_allclose(dr.hessian(lambda b: by_cost(b)[1])(B), dr.hessian(lambda b: by_squares(b)[1])(B),
                    atol=1e-8)  # fmt: skip


@pytest.mark.parametrize("loss", ["linear", "soft_l1", "huber", "cauchy", "arctan"])
@pytest.mark.parametrize("method", ["trf", "dogbox"])
def test_losses_bounds_and_fields_against_differences(loss, method):
    """x, cost, fun, grad and jac, with a bound that is active and depends on b."""

    def fields(b):
        result = least_squares(
            *(lambda x: np.sin(A @ x) - b, np.zeros(3)),
            **{"method": method, "loss": loss, "f_scale": 0.7, **TIGHT},
            bounds=(np.array([-9.0, -0.05, -9.0]) * b[0], 9.0),
        )
        # dogbox tells the gradient at active bounds, or 0, as its last step happens to be.
        grad = [] if method == "dogbox" else result.grad
        return np.concatenate([result.x, [result.cost], result.fun, grad, result.jac.reshape(-1)])

    assert_allclose(-0.05 * BOUNDED[0], fields(BOUNDED)[1], rtol=1e-6)
    check(fields, BOUNDED)


def test_a_loss_of_ones_own_and_its_scale():
    """rho(z) = log(1 + z), as cauchy."""

    def own(z):
        return np.stack([np.log1p(z), 1 / (1 + z), -1 / (1 + z) ** 2])

    def solution(q, loss):
        residuals = lambda x: A @ x - B * q[0]  # noqa: E731
        return least_squares(residuals, np.zeros(3), loss=loss, f_scale=q[1], **TIGHT).x

    q = np.array([1.0, 0.8])
    expected = dr.jacobian(lambda q: solution(q, "cauchy"))(q)
    check(lambda q: solution(q, "cauchy"), q)
    assert_allclose(expected, dr.jacobian(lambda q: solution(q, own))(q), atol=1e-7)


def test_structures_keyword_arguments_and_lists_of_residuals():
    def solution(b):
        def residuals(x, *, b):
            return [x["a"] - b[0], x["c"] * 2 - b[1], x["a"] + x["c"] - b[2]]

        return least_squares(residuals, {"a": 0.0, "c": 0.0}, kwargs={"b": b}).x

    b = np.array([1.0, 2.0, 3.0])
    expected = np.linalg.pinv([[1.0, 0], [0, 2], [1, 1]])
    derivative = dr.jacobian(solution)(b)
    assert_allclose(expected, np.stack([derivative["a"], derivative["c"]]), atol=EXACT)


def test_rows_of_a_batch_of_least_squares():
    residuals = lambda x, b: np.sin(A @ x) - b  # noqa: E731
    one = lambda b: np.sum(least_squares(residuals, np.zeros(3), args=(b,), **TIGHT).x)  # noqa: E731
    bs = np.stack([B, 0.5 * B])
    expected = [dr.grad(one)(b) for b in bs]
    assert_allclose(expected, dr.vmap(dr.grad(one))(bs), atol=1e-9)
    assert_allclose(expected, dr.grad(lambda bs: np.sum(dr.vmap(one)(bs)))(bs), atol=1e-9)


def test_a_flat_direction_of_least_squares_is_an_error():
    def solution(b):
        return least_squares(
            lambda x: np.array([x[0] + x[1] - b, 2 * (x[0] + x[1])]), [0.0, 0.0]
        ).x[0]

    with pytest.raises(errors.SingularError):
        dr.grad(solution)(1.0)


# -------------------------------------------------------------------------------------------- curve_fit


@pytest.mark.parametrize("absolute", [False, True])
def test_the_covariance_of_a_line_is_that_of_the_normal_equations(absolute):
    """(J^T W J)^-1 times the variance of the residuals; as the closed form of data and sigma."""

    def fitted(y, sigma):
        popt, pcov = curve_fit(line, T, y, sigma=sigma, absolute_sigma=absolute)
        return np.concatenate([popt, pcov.reshape(-1)])

    def by_normal_equations(y, sigma):
        matrix = np.stack([T, np.ones_like(T)], axis=1) / sigma[:, None]
        inverse = np.linalg.inv(matrix.T @ matrix)
        popt = inverse @ (matrix.T @ (y / sigma))
        rest = matrix @ popt - y / sigma
        variance = 1.0 if absolute else rest @ rest / (len(T) - 2)
        return np.concatenate([popt, (inverse * variance).reshape(-1)])

    assert_allclose(by_normal_equations(Y, SIGMA), fitted(Y, SIGMA), rtol=1e-6)
    for k in (0, 1):
        expected = dr.jacobian(by_normal_equations, argnums=k)(Y, SIGMA)
        for mode in ("forward", "reverse"):
            derivative = dr.jacobian(fitted, argnums=k, mode=mode)(Y, SIGMA)
            assert_allclose(expected, derivative, atol=1e-10)
    assert_array_equal(fitted(Y, SIGMA), dr.jvp(lambda y: fitted(y, SIGMA), (Y,), (Y,))[0])


def test_a_constant_fitted_with_errors_is_the_weighted_mean():
    def mean(y, sigma):
        popt, pcov = curve_fit(lambda t, m: m, T, y, sigma=sigma, absolute_sigma=True)
        return np.stack([popt[0], pcov[0, 0]])

    def weighted(y, sigma):
        weights = sigma**-2.0
        return np.stack([np.sum(weights * y), 1.0]) / np.sum(weights)

    for k in (0, 1):
        expected = dr.jacobian(weighted, argnums=k)(Y, SIGMA)
        assert_allclose(expected, dr.jacobian(mean, argnums=k)(Y, SIGMA), atol=1e-10)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"sigma": 2.0},
        {"sigma": SIGMA},
        {"sigma": np.diag(SIGMA) + 0.1, "absolute_sigma": True},
        {"bounds": ([0.0, 0.0, 0.6], np.inf)},
        {"method": "dogbox", "loss": "soft_l1", "f_scale": 0.05},
        {"full_output": True},
    ],
    ids=lambda options: "-".join(options),
)
def test_every_output_by_data_and_times_against_differences(options):
    def fitted(y, t):
        out = curve_fit(decay, t, y, START, **TIGHT, **options)
        return np.concatenate([out[0], out[1].reshape(-1), *([out[2]["fvec"]] if out[2:] else [])])

    check(lambda y: fitted(y, T), Y)
    check(lambda t: fitted(Y, t), T)


def test_a_covariance_matrix_of_the_data_counts_by_its_lower_triangle():
    """As SciPy reads it."""

    def fitted(q):
        matrix = np.diag(SIGMA + q[0]) + 0.1 * q[1] * np.tri(30)
        return np.concatenate(curve_fit(decay, T, Y, START, sigma=matrix, **TIGHT)[1])

    q = np.array([0.2, 1.0])
    check(fitted, q)


def test_structured_parameters_and_data_with_nan():
    t, y = T.copy(), Y.copy()
    y[3] = t[7] = np.nan

    def fitted(shift):
        start = {"amount": 2.0, "rate": 1.0, "rest": 1.0}
        popt, pcov = curve_fit(decay, t + shift, y, start, nan_policy="omit")
        return np.stack([popt["amount"], popt["rate"], popt["rest"]])

    kept = np.isfinite(y + t)
    without = lambda s: curve_fit(decay, T[kept] + s, y[kept], START)[0]  # noqa: E731
    assert_allclose(dr.jacobian(without)(0.0), dr.jacobian(fitted)(0.0), atol=1e-9)
    # A shift of the times is undone by the amount alone.
    assert_allclose([dr.jacobian(fitted)(0.0)[1], dr.jacobian(fitted)(0.0)[2]], 0, atol=1e-9)


def test_rows_of_a_batch_of_fits():
    one = lambda y: np.sum(curve_fit(decay, T, y, START)[1])  # noqa: E731
    ys = np.stack([Y, Y + 0.1 * np.sin(T)])
    expected = [dr.grad(one)(y) for y in ys]
    assert_allclose(expected, dr.vmap(dr.grad(one))(ys), atol=1e-8)
    rest = lambda y: curve_fit(decay, T, y, START, full_output=True)[2]["fvec"]  # noqa: E731
    assert_array_equal([rest(y) for y in ys], dr.vmap(rest)(ys))


def test_what_minpack_tells_of_its_search_has_the_derivative_nan():
    def told(y):
        return np.sum(curve_fit(decay, T, y, START, full_output=True)[2]["qtf"])

    assert np.isnan(dr.grad(told)(Y)).all()
    assert np.isnan(dr.jvp(told, (Y,), (Y,))[1])
    assert np.isnan(dr.hessian(told)(Y)).all()


@pytest.mark.filterwarnings("ignore:Covariance of the parameters")
def test_a_covariance_that_scipy_does_not_know_has_the_derivative_nan():
    """As many data as parameters."""
    fitted = lambda y: np.sum(curve_fit(line, T[:2], y)[1])  # noqa: E731
    assert np.isposinf(fitted(Y[:2]))
    assert np.isnan(dr.grad(fitted)(Y[:2])).all()
    popt = lambda y: curve_fit(line, T[:2], y)[0]  # noqa: E731
    assert_allclose(numeric_jacobian(popt, Y[:2]), dr.jacobian(popt)(Y[:2]), atol=1e-6)


@pytest.mark.filterwarnings("ignore:Covariance of the parameters")
def test_a_parameter_without_a_slope_leaves_the_others_their_derivatives():
    """A square that would have to be negative: its slope is 0, and the covariance infinite."""
    lifted = lambda t, slope, root: slope * t + root**2  # noqa: E731
    y = 2 * T - 1
    popt, pcov = dr.jacobian(lambda y: curve_fit(lifted, T, y, [1.0, 0.0]))(y)
    assert_allclose([T / (T @ T), 0 * T], popt, atol=1e-10)
    assert np.isnan(pcov).all()


def test_a_fit_that_fails_is_scipys_error():
    with pytest.raises(RuntimeError, match="Optimal parameters not found"):
        dr.grad(lambda y: curve_fit(decay, T, y, maxfev=2)[0][0])(Y)
    with pytest.raises(RuntimeError, match="Optimal parameters not found"):
        scipy_optimize.curve_fit(decay, T, Y, maxfev=2)


def test_fewer_axes_than_a_matrix_has_are_scipys():
    slopes = dr.jacobian(lambda a: lsq_linear(a, 0.6).x)(np.array([3.0]))
    np.testing.assert_allclose([[-0.6 / 9]], slopes)
    assert dr.jacobian(lambda y: isotonic_regression(y).x)(0.4).tolist() == [1.0]
