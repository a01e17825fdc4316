"""Corners of rules/statistics.py and rules/quantiles.py that the laws cannot hold."""

import itertools

import numpy as np
import pytest

import dualrev as dr


@pytest.mark.parametrize("function", [np.std, np.var, np.nanstd, np.nanvar])
def test_the_spread_of_constant_data_has_derivative_zero(function):
    x = np.full(4, 1.7)
    np.testing.assert_array_equal(np.zeros(4), dr.grad(function)(x))
    assert dr.jvp(function, (x,), (np.arange(4.0),))[1] == 0


@pytest.mark.parametrize("n", [4, 5])
def test_the_median_moves_with_the_elements_in_the_middle(n):
    x = np.array([3.0, -1.0, 2.0, 7.0, 9.0])[:n]
    expected = [0.5, 0.0, 0.5, 0.0] if n == 4 else [1.0, 0.0, 0.0, 0.0, 0.0]
    np.testing.assert_array_equal(expected, dr.grad(np.median)(x))


@pytest.mark.parametrize("function", [np.median, lambda x: np.quantile(x, 0.3)])
def test_order_statistics_of_data_with_nan_are_nan(function):
    assert np.isnan(dr.value_and_grad(function)(np.array([1.0, np.nan, 2.0]))[0])


def test_order_statistics_take_nan_slices_apart():
    x = np.array([[1.0, np.nan, 2.0], [1.0, 5.0, 2.0]])
    ans, _ = dr.vjp(lambda x: np.median(x, axis=1), x)
    np.testing.assert_array_equal([np.nan, 2.0], ans)


@pytest.mark.parametrize("method", ["linear", "hazen", "weibull", "median_unbiased"])
def test_a_quantile_has_a_slope_in_its_probability(method):
    x = np.array([0.0, 1.0, 3.0, 7.0, 15.0])
    low, high = np.quantile(x, [0.45, 0.46], method=method)
    slope = dr.derivative(lambda q: np.quantile(x, q, method=method))(0.455)
    np.testing.assert_allclose((high - low) / 0.01, slope)


def test_a_step_quantile_has_slope_zero_in_its_probability():
    x = np.array([0.0, 1.0, 3.0])
    assert dr.derivative(lambda q: np.quantile(x, q, method="lower"))(0.3) == 0


def test_a_correlation_of_a_variable_with_itself_is_one_and_stays_so():
    x = np.random.default_rng(3).standard_normal((2, 7))
    jacobian = dr.jacobian(np.corrcoef)(x)
    np.testing.assert_allclose(0, jacobian[[0, 1], [0, 1]], atol=1e-15)


def test_weights_that_sum_to_zero_raise_as_in_numpy():
    with pytest.raises(ZeroDivisionError, match="sum to zero"):
        dr.grad(lambda x: np.average(x, weights=[1.0, -1.0]))(np.ones(2))


def test_weights_that_do_not_fit_raise_as_in_numpy():
    with pytest.raises(ValueError, match="consistent"):
        dr.grad(lambda x: np.average(x, axis=0, weights=np.ones(3)))(np.ones(2))


@pytest.mark.parametrize(
    ("function", "method"),
    [
        (lambda x: np.mean(x, axis=1), lambda x: x.mean(1)),
        (lambda x: np.std(x, ddof=1), lambda x: x.std(ddof=1)),
        (lambda x: np.var(x, axis=0), lambda x: x.var(0)),
    ],
)
def test_methods_equal_functions(function, method):
    x = np.array([[0.3, -1.2], [0.8, 2.1]])
    np.testing.assert_array_equal(dr.jacobian(function)(x), dr.jacobian(method)(x))


@pytest.mark.parametrize("std", [np.std, np.nanstd])
def test_the_deviation_of_one_number_is_zero_and_so_is_every_derivative(std):
    x = np.array([1.0, 2.0, 3.0])
    for f in (
        lambda x: np.sum(std(x[:, None], axis=1)),
        lambda x: std(x, where=np.array([False, True, False])),
    ):
        for inner, outer in itertools.product(("forward", "reverse"), repeat=2):
            hessian = dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(x)
            np.testing.assert_array_equal(np.zeros((3, 3)), hessian)


def test_a_single_observation_is_a_python_number_to_the_covariance():
    jacobian = dr.jacobian(lambda y: np.cov(2.0, y, ddof=0))(3.0)
    np.testing.assert_array_equal(np.zeros((2, 2)), jacobian)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    "options",
    [
        {"bias": None},
        {"ddof": 4},
        {"ddof": 5},
        {"ddof": 7},
        {"aweights": np.ones(5, "f"), "ddof": 6},
    ],
)
def test_a_covariance_counts_its_degrees_of_freedom_as_numpy_does(options):
    """Fewer than none are none, and bias=None is no 0."""
    x = np.array([1.0, 2.0, 4.0, 8.0, 3.0])
    np.testing.assert_array_equal(
        np.cov(x, **options), dr.jvp(lambda x: np.cov(x, **options), (x,), (x,))[0]
    )


@pytest.mark.parametrize("y", [None, np.ones((2, 3))])
def test_a_covariance_of_no_variables_has_no_elements(y):
    ans = dr.jvp(lambda x: np.cov(x, y), (np.zeros((0, 3)),), (np.zeros((0, 3)),))[0]
    assert ans.shape == (0, 0)


def test_a_covariance_has_the_dtype_that_is_asked_for():
    x = np.arange(4.0)
    expected = np.cov(x, x**2, dtype=np.float32)
    found = dr.jvp(lambda x: np.cov(x, x**2, dtype=np.float32), (x,), (x,))[0]
    np.testing.assert_array_equal(expected, found)
    assert expected.dtype == found.dtype


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function", [np.var, np.std, np.nanvar, np.nanstd])
@pytest.mark.parametrize("ddof", [2, 3, 5])
def test_a_spread_without_degrees_of_freedom_is_numpys_and_has_no_finite_slope(function, ddof):
    x = np.array([1.0, 3.0, 4.0])
    for options in ({"ddof": ddof}, {"ddof": np.float64(ddof)}, {"ddof": ddof, "mean": x[:1]}):
        ans, slope = dr.jvp(lambda x: function(x, **options), (x,), (np.array([1.0, 2.0, 4.0]),))
        np.testing.assert_array_equal(function(x, **options), ans)
        assert np.isfinite(slope) == (ddof < 3)
        gradient = dr.grad(lambda x: function(x, **options))(x)
        assert np.isfinite(gradient).all() == (ddof < 3)
    by_ddof = dr.jvp(lambda x, ddof: function(x, ddof=ddof), (x, float(ddof)), (np.zeros(3), 1.0))
    np.testing.assert_array_equal(function(x, ddof=ddof), by_ddof[0])


@pytest.mark.parametrize("function", [np.nanmean, np.nanvar, np.nanstd, np.nansum])
def test_each_row_of_a_batch_has_numbers_of_its_own_where_others_are_nan(function):
    rows = np.cos(np.arange(24.0)).reshape(2, 3, 4)
    rows[0, 1, 2] = rows[1, 0, 2] = rows[1, 2, 0] = np.nan
    t = np.sin(np.arange(12.0)).reshape(3, 4)
    f = lambda a: np.sum(np.cos(function(a, axis=0)))  # noqa: E731
    for derivative in (
        lambda a: dr.jvp(f, (a,), (t,))[1],
        lambda a: dr.hvp(f)(a, t),
        lambda a: dr.taylor(f, a, t, 2),
    ):
        expected = np.stack([derivative(a) for a in rows])
        np.testing.assert_allclose(expected, dr.vmap(derivative)(rows), rtol=1e-12)


def test_a_variance_of_real_numbers_about_a_complex_mean_is_numpys():
    x, mean = np.array([1.0, 3.0, 4.0]), np.array([2 + 1j])
    expected = np.var(x, mean=mean)
    assert expected == dr.jvp(lambda x: np.var(x, mean=mean), (x,), (x,))[0]


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize("spread", [np.var, np.nanstd])
def test_a_spread_of_complex_numbers_in_a_real_dtype_is_about_the_mean_of_their_real_parts(spread):
    z = np.array([1.2 + 1j, 2.7 - 2j, 0.3 + 0.4j])
    t = np.array([0.3 - 1j, 0.1 + 0.2j, 1.0])
    expected = (spread(z + 1e-6 * t, dtype=float) - spread(z - 1e-6 * t, dtype=float)) / 2e-6
    value, slope = dr.jvp(lambda z: spread(z, dtype=float), (z,), (t,))
    gradient = dr.grad(lambda z: spread(z, dtype=float))(z)
    assert spread(z, dtype=float) == value
    np.testing.assert_allclose(expected, slope, rtol=1e-8)
    np.testing.assert_allclose(expected, np.vdot(gradient, t).real, rtol=1e-8)
