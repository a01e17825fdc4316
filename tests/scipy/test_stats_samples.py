"""Kernel densities, resampling, quasi-random points and tables: against differences."""

import numpy as np
import pytest
import scipy.stats
import scipy.stats.contingency
import scipy.stats.qmc

import dualrev as dr
from dualrev.scipy import stats
from tests.scipy.test_stats_functions import numbers_in
from tests.scipy.test_stats_functions import slope as slope_of_numbers

RNG = np.random.default_rng(3)
X, Y, WEIGHTS = RNG.uniform(0.2, 2, (3, 9))
DATA, POINTS = RNG.normal(size=(2, 7)), RNG.normal(size=(2, 4))
BANDS = RNG.uniform(0.5, 1.5, 7)
UNIT = RNG.uniform(size=(6, 3))
SEED = {"rng": 1} if "rng" in str(scipy.stats.bootstrap.__doc__) else {"random_state": 1}


def assert_slopes(f, x):
    """Of f(x, stats) for both modules: value and derivatives."""

    def ours(x):
        return numbers_in(f(x, stats))

    def scipys(x):
        return numbers_in(f(x, scipy.stats))

    x = np.asarray(x, float)[()]
    t = np.cos(3 * x)
    value, tangent = dr.jvp(ours, (x,), (t,))
    np.testing.assert_allclose(scipys(x), value, rtol=1e-10)
    expected = slope_of_numbers(scipys, np.asarray(x), t)
    np.testing.assert_allclose(expected, tangent, rtol=1e-6, atol=1e-6)
    (pulled,) = dr.vjp(ours, x)[1](np.ones_like(value))
    np.testing.assert_allclose(tangent.sum(), np.sum(pulled * t), rtol=1e-9, atol=1e-12)


def rebanded(kde):
    kde.set_bandwidth(0.3)
    return kde(POINTS)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda v, of: of.gaussian_kde(v)(POINTS), DATA),
        (lambda v, of: of.gaussian_kde(v).pdf(0.3), DATA[0]),
        (lambda v, of: of.gaussian_kde(v, "silverman", weights=BANDS).logpdf(POINTS), DATA),
        (lambda v, of: of.gaussian_kde(DATA).evaluate(v), POINTS),
        (lambda v, of: of.gaussian_kde(DATA).logpdf(v), POINTS),
        (lambda v, of: of.gaussian_kde(DATA, weights=v)(POINTS), BANDS),
        (lambda v, of: of.gaussian_kde(DATA, bw_method=v)(POINTS), 0.4),
        (lambda v, of: of.gaussian_kde(v, lambda k: k.scotts_factor() / 2)(POINTS), DATA),
        (lambda v, of: rebanded(of.gaussian_kde(v)), DATA),
        (lambda v, of: of.gaussian_kde(v).integrate_box_1d(-0.5, 0.7), DATA[0]),
        (lambda v, of: of.gaussian_kde(DATA[0]).integrate_box_1d(-0.5, v), 0.4),
        (lambda v, of: of.gaussian_kde(v).integrate_box([-1, -1], [1, 0.5]), DATA),
        (lambda v, of: of.gaussian_kde(v).integrate_gaussian([0.0, 0.1], np.eye(2)), DATA),
        (lambda v, of: of.gaussian_kde(v).integrate_kde(of.gaussian_kde(DATA / 2)), DATA),
        (lambda v, of: of.gaussian_kde(v).marginal(0)(POINTS[:1]), DATA),
        (lambda v, of: of.gaussian_kde(v).covariance, DATA),
    ],
)
def test_a_kernel_density_moves_with_data_weights_bandwidth_and_points(f, x):
    assert_slopes(f, x)


def difference(a, b, axis=-1):
    return np.mean(a, axis=axis) - np.mean(b, axis=axis)


@pytest.mark.parametrize(
    "f",
    [
        *(
            lambda v, of, m=m: vars(
                of.bootstrap((v, Y), difference, method=m, n_resamples=30, **SEED)
            )
            for m in ("percentile", "basic", "BCa")
        ),
        lambda v, of: (
            of.permutation_test((v, Y), difference, n_resamples=30, **SEED).null_distribution
        ),
        lambda v, of: of.permutation_test((v, Y), difference, n_resamples=30, **SEED).statistic,
        lambda v, of: of.monte_carlo_test(v, lambda size: np.zeros(size), np.mean).statistic,
        lambda v, of: of.ecdf(v).cdf.quantiles,
    ],
)
def test_what_is_drawn_anew_of_data_moves_with_them(f):
    def numbers(x, of):
        ans = f(x, of)
        if not isinstance(ans, dict):
            return ans
        return *ans["confidence_interval"], ans["standard_error"], ans["bootstrap_distribution"]

    assert_slopes(numbers, X)


@pytest.mark.parametrize(
    "f",
    [
        lambda v, of: tuple(of.pearsonr(v, Y).confidence_interval()),
        lambda v, of: tuple(of.ttest_1samp(v, 0.3).confidence_interval(0.9)),
        lambda v, of: tuple(of.ttest_ind(v, Y).confidence_interval()),
        lambda v, of: of.linregress(v, Y).intercept_stderr,
        lambda v, of: tuple(of.quantile_test(v, q=0.9, p=0.5).confidence_interval(0.9)),
        lambda v, of: [d.ppf(0.3) for d in of.mvsdist(v)],
    ],
)
def test_the_methods_of_results_have_derivatives(f):
    assert_slopes(f, X)


@pytest.mark.parametrize("method", ["CD", "WD", "MD", "L2-star"])
@pytest.mark.parametrize("iterative", [False, True])
def test_discrepancies_are_those_of_scipy(method, iterative):
    def f(u, of=stats):
        return of.qmc.discrepancy(u, method=method, iterative=iterative)

    assert_slopes(f, UNIT)
    second = dr.hvp(f)(UNIT, UNIT)
    np.testing.assert_allclose(
        slope_of_numbers(dr.grad(f), UNIT, UNIT), second, rtol=1e-7, atol=1e-9
    )


def test_a_discrepancy_with_one_point_more_is_that_of_all():
    def f(u):
        first = stats.qmc.discrepancy(u[1:], iterative=True)
        return stats.qmc.update_discrepancy(u[0], u[1:], first)

    np.testing.assert_allclose(scipy.stats.qmc.discrepancy(UNIT), f(UNIT), rtol=1e-12)
    np.testing.assert_allclose(dr.grad(stats.qmc.discrepancy)(UNIT), dr.grad(f)(UNIT), rtol=1e-10)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda u, of: of.qmc.geometric_discrepancy(u), UNIT),
        (lambda u, of: of.qmc.geometric_discrepancy(u, "mst", "cityblock"), UNIT),
        (lambda u, of: of.qmc.scale(u, [0.0, 1, 2], [2.0, 3, 5]), UNIT),
        (lambda v, of: of.qmc.scale(UNIT, -v, [2.0, 3, 5], reverse=True), UNIT[0]),
        (lambda x, of: of.contingency.crosstab(x, np.arange(3)).elements[0], UNIT[0, :3]),
        (lambda x, of: of.contingency.crosstab(x, levels=(None,)).elements[0], UNIT[0]),
        (lambda a, of: of.contingency.margins(a), UNIT),
        (lambda a, of: of.contingency.expected_freq(a), UNIT),
        (lambda a, of: of.contingency.chi2_contingency(9 * a), UNIT),
    ],
)
def test_points_and_tables(f, x):
    assert_slopes(f, x)


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (lambda x: stats.mstats.skew(x), "nan_policy='omit'"),
        (lambda x: stats.tukey_hsd(x, Y).pvalue, "ttest_ind"),
        (lambda x: stats.wasserstein_distance_nd(x[:, None], Y[:, None]), "linprog"),
    ],
)
def test_what_is_refused_says_what_to_type(call, advice):
    with pytest.raises(dr.MissingRuleError, match=advice):
        dr.grad(lambda x: np.sum(call(x)))(X)


def test_of_plain_numbers_refused_functions_are_scipys():
    assert scipy.stats.mstats.skew(X) == stats.mstats.skew(X)
    assert scipy.stats.shapiro(X) == stats.shapiro(X)
    np.testing.assert_array_equal(
        scipy.stats.qmc.Halton(2, scramble=False).random(3),
        stats.qmc.Halton(2, scramble=False).random(3),
    )


def test_censored_data_move_their_quantiles():
    def quantiles(x, of):
        return of.ecdf(of.CensoredData.right_censored(x, X > 1)).sf.quantiles

    assert_slopes(quantiles, X)
    assert_slopes(lambda x, of: of.logrank(X, of.CensoredData(Y)).statistic + x.sum(), X)
