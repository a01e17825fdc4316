"""Functions of data of scipy.stats: each against differences, and at data that are special."""

import dataclasses

import numpy as np
import pytest
import scipy.stats

import dualrev as dr
from dualrev.scipy import stats

RNG = np.random.default_rng(5)
X, Y, Z, W = RNG.uniform(0.2, 2, (4, 9))
A, B = RNG.uniform(0.2, 2, (2, 4, 5))
GAPS = A.copy()
GAPS[0, 1] = np.nan
ROWS = {"axis": 1}, {"axis": None}, {"axis": 0, "keepdims": True}
OMITTED = {"nan_policy": "omit"}


def forms(*args, options=({},), arrays=None, since=""):
    """Calls with the same arguments; ``arrays`` are the positions of those that move."""
    if np.lib.NumpyVersion(scipy.__version__) < (since or "1.0.0"):
        return []
    return [(args, kwargs, arrays) for kwargs in options]


#: By name: arguments, options, positions of the arguments that move (None: of all arrays).
CALLS = {
    "describe": forms(A, options=({}, {"axis": 1, "bias": False}, {"axis": None, "ddof": 0})),
    "skew": forms(A, options=({}, *ROWS, {"bias": False})) + forms(GAPS, options=[OMITTED]),
    "kurtosis": forms(A, options=({}, *ROWS, {"bias": False}, {"fisher": False})),
    "moment": forms(A, 3, options=({}, *ROWS, {"center": 0.3})) + forms(A, [1, 2, 4]),
    "zscore": forms(A, options=({}, {"axis": 1, "ddof": 1})) + forms(GAPS, options=[OMITTED]),
    "gzscore": forms(A, options=({}, {"axis": None})),
    "zmap": forms(X, Y) + forms(A, B, options=[{"axis": 1, "ddof": 1}]),
    "variation": forms(A, options=({}, *ROWS, {"ddof": 1})),
    "sem": forms(A, options=({}, *ROWS, {"ddof": 0})),
    "gmean": forms(A, options=({}, *ROWS)) + forms(X, options=[{"weights": W}]),
    "hmean": forms(A, options=({}, *ROWS)) + forms(X, options=[{"weights": W}]),
    "pmean": forms(A, 2.5, options=({}, *ROWS)) + forms(X, 0) + forms(X, -1.5),
    "gstd": forms(A, options=({}, {"axis": 1, "ddof": 0})),
    "tmean": forms(A, options=({}, *ROWS)) + forms(X, (0.5, 1.5)),
    "tvar": forms(A) + forms(X, (0.5, 1.5), options=[{"ddof": 0}]),
    "tstd": forms(X, (0.5, 1.5)),
    "tsem": forms(X, (0.5, 1.5)),
    "tmin": forms(A) + forms(X, 0.7),
    "tmax": forms(A) + forms(X, 1.5),
    "trim_mean": forms(A, 0.25, options=({}, *ROWS[:2])),
    "trim1": forms(X, 0.2, options=({}, {"tail": "left"})),
    "trimboth": forms(X, 0.2),
    "iqr": forms(A, options=({}, *ROWS, {"rng": (10, 60), "scale": "normal"})),
    "median_abs_deviation": forms(A, options=({}, *ROWS[:2], {"scale": "normal"}))
    + forms(X, options=[{"center": np.mean}]),
    "scoreatpercentile": forms(X, [10, 70], options=({}, {"interpolation_method": "lower"})),
    "quantile": forms(X, 0.33, arrays=(0, 1), since="1.16.0")
    + forms(A, np.array([0.2, 0.66]), options=[{"axis": 1, "method": "hazen"}], since="1.16.0"),
    "estimated_cdf": forms(X, np.array([0.4, 0.9, 5.0]), since="1.18.0")
    + forms(A, 0.8, options=[{"axis": 1, "method": "hazen"}], since="1.18.0"),
    "mode": forms(X),
    "kstat": forms(X, 4) + forms(A, 3, options=ROWS),
    "kstatvar": forms(X, 1) + forms(X, 2),
    "lmoment": forms(A) + forms(X, options=[{"order": [1, 2], "standardize": False}]),
    "expectile": forms(X, 0.3, options=({}, {"weights": W})),
    "sigmaclip": forms(X, 1.5, 1.5),
    "obrientransform": forms(X, Y),
    "bayes_mvs": forms(X),
    "circmean": forms(A, options=({}, *ROWS)) + forms(X, options=[{"high": 2.5, "low": 0.1}]),
    "circvar": forms(A, options=({}, *ROWS)),
    "circstd": forms(A, options=({}, *ROWS, {"normalize": True})),
    "directional_stats": forms(A, options=({}, {"normalize": False})),
    "entropy": forms(A, options=({}, *ROWS)) + forms(X, Y, options=({}, {"base": 2})),
    "differential_entropy": forms(
        X, options=[{"method": m} for m in ("vasicek", "van es", "ebrahimi", "correa")]
    ),
    "wasserstein_distance": forms(X, Y) + forms(X, Y, Z, W),
    "energy_distance": forms(X, Y) + forms(X, Y, Z, W),
    "boxcox": forms(X, 0.5, arrays=(0, 1)),
    "boxcox_llf": forms(0.5, X, arrays=(0, 1)) + forms(1e-4, X, arrays=(0, 1)),
    "yeojohnson": forms(X - 1, 0.5, arrays=(0, 1)),
    "yeojohnson_llf": forms(0.5, X - 1, arrays=(0, 1)) + forms(0.0, X - 1, arrays=(0, 1)),
    "probplot": forms(X),
    "ppcc_plot": forms(X, 0.1, 0.5, options=[{"N": 3}]),
    "boxcox_normplot": forms(X, 0.1, 0.5, options=[{"N": 3}]),
    "yeojohnson_normplot": forms(X, 0.1, 0.5, options=[{"N": 3}]),
    "pearsonr": forms(X, Y, options=({}, {"alternative": "less"})),
    "pointbiserialr": forms((X > 1) * 1.0, Y, arrays=(1,)),
    "linregress": forms(X, Y, options=({}, {"alternative": "greater"})),
    "theilslopes": forms(X, Y, options=({}, {"method": "joint"})),
    "siegelslopes": forms(X, Y, options=({}, {"method": "separate"})),
    "binned_statistic": [
        ((X, Y, statistic), {}, None)
        for statistic in ("mean", "sum", "std", "median", "min", "max", np.sum)
    ],
    "binned_statistic_2d": forms(X, Y, Z, "mean", 3, arrays=(2,)),
    "binned_statistic_dd": forms(A, A[:, 0], "std", 1, arrays=(1,)),
    "cumfreq": forms(X, 4, options=({}, {"weights": W})),
    "relfreq": forms(X, 4, options=[{"weights": W}]),
    "ttest_1samp": forms(A, 0.7, options=({}, *ROWS, {"alternative": "less"}), arrays=(0, 1))
    + forms(GAPS, 0.5, options=[OMITTED]),
    "ttest_ind": forms(A, B, options=({}, *ROWS, {"equal_var": False}, {"trim": 0.25})),
    "ttest_ind_from_stats": forms(1.2, 0.7, 8, 1.5, 0.9, 11, arrays=(0, 1, 3, 4)),
    "ttest_rel": forms(A, B, options=({}, *ROWS)),
    "f_oneway": forms(X, Y, Z) + forms(A, B, A * B, options=ROWS),
    "alexandergovern": forms(X, Y, Z),
    "bartlett": forms(X, Y, Z),
    "levene": forms(X, Y, options=({}, {"center": "mean"}, {"center": "trimmed"})),
    "skewtest": forms(X, options=({}, {"alternative": "less"})),
    "kurtosistest": forms(X),
    "normaltest": forms(np.vstack([A, B]), options=({}, ROWS[1])),
    "jarque_bera": forms(A, options=({}, *ROWS)),
    "anderson": [((X, law), {}, None) for law in ("norm", "expon", "logistic", "gumbel_r")],
    "epps_singleton_2samp": forms(np.concatenate([X, W]), np.concatenate([Y, Z])),
    "kstest": forms(X, "norm", options=({}, {"alternative": "less"}, {"method": "asymp"})),
    "cramervonmises": forms(X, "norm", (0.1, 2.0)),
    "median_test": forms(X, Y),
    "power_divergence": forms(
        X, options=[{"lambda_": p} for p in ("pearson", "neyman", 0, -0.5, 0.4)]
    ),
    "chisquare": forms(A, options=({}, ROWS[0])),
    "chi2_contingency": forms(9 * A)
    + forms(9 * A[:2, :2] + 9 * np.eye(2), options=({}, {"lambda_": "log-likelihood"})),
    "combine_pvalues": forms(
        X / 3, options=[{"method": m} for m in ("fisher", "pearson", "tippett", "mudholkar_george")]
    )
    + forms(X / 3, "stouffer", W),
    "false_discovery_control": forms(X / 3) + forms(A / 3, options=[{"axis": 1, "method": "by"}]),
}


def numbers_in(ans):
    """All numbers of an answer: of results, tuples and lists of arrays."""
    if dataclasses.is_dataclass(ans):
        ans = list(vars(ans).values())
    if isinstance(ans, tuple | list):
        return np.concatenate([np.zeros(0), *map(numbers_in, ans)])
    kind = getattr(getattr(ans, "dtype", None), "kind", "f" if isinstance(ans, float) else "")
    return np.reshape(ans, -1) if kind in "fO" and kind else np.zeros(0)


def functions_of_one(name, args, kwargs, arrays):
    """Ours and SciPy's as functions of each argument that moves, and the argument."""
    if arrays is None:
        arrays = [i for i, a in enumerate(args) if isinstance(a, np.ndarray)]
    for i in [*arrays, *(k for k, a in kwargs.items() if isinstance(a, np.ndarray))]:

        def call(x, module, i=i):
            given, options = list(args), dict(kwargs)
            if isinstance(i, int):
                given[i] = x
            else:
                options[i] = x
            return numbers_in(getattr(module, name)(*given, **options))

        x = np.asarray(args[i] if isinstance(i, int) else kwargs[i], float)
        yield (lambda x, call=call: call(x, stats)), (lambda x, call=call: call(x, scipy.stats)), x


def slope(f, x, t, h=1e-5):
    """Differences of order four."""
    at = (lambda s: f(x + s * h * t)) if x.ndim else (lambda s: f(float(x + s * h * t)))
    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "arrays"),
    [(name, *call) for name, calls in CALLS.items() for call in calls],
)
# of SciPy's, about nan, small samples, and options to come
@pytest.mark.filterwarnings(
    "ignore::RuntimeWarning", "ignore::UserWarning", "ignore::FutureWarning"
)
def test_the_derivatives_are_those_of_differences(name, args, kwargs, arrays):
    for ours, scipys, x in functions_of_one(name, args, kwargs, arrays):
        t = 0.3 * np.cos(3 * x)
        expected = slope(scipys, x, t)
        known = np.isfinite(expected)
        value, tangent = dr.jvp(ours, (x,), (t,))
        np.testing.assert_allclose(scipys(x if x.ndim else float(x)), value, rtol=1e-10, atol=1e-12)
        # rounding over the step: 1e-16 / 1e-5, times what the derivative has of conditions
        np.testing.assert_allclose(expected[known], tangent[known], rtol=2e-6, atol=1e-7)
        ct = np.where(known, np.cos(np.arange(known.size)), 0.0)
        (pulled,) = dr.vjp(ours, x)[1](ct)
        np.testing.assert_allclose(
            ct[known] @ tangent[known], np.nansum(pulled * t), rtol=1e-8, atol=1e-12
        )


@pytest.mark.parametrize("name", ["boxcox_normmax", "yeojohnson_normmax", "ppcc_max"])
def test_a_parameter_of_the_most_normal_data_moves_with_the_data(name):
    t = np.cos(3 * X)
    value, tangent = dr.jvp(getattr(stats, name), (X,), (t,))
    function = getattr(scipy.stats, name)
    assert function(X) == value
    # SciPy's search ends at a relative 1e-8, over the step
    np.testing.assert_allclose(slope(function, X, t, 1e-3), tangent, rtol=2e-3)


def test_a_power_of_0_is_as_smooth_as_its_neighbours():
    """SciPy has formulas of their own there, and loses the digits of the powers around it."""
    for llf, x in ((stats.boxcox_llf, X), (stats.yeojohnson_llf, X - 1)):
        by_lmb = dr.grad(llf)
        np.testing.assert_allclose(by_lmb(1e-5, x), by_lmb(0.0, x), rtol=1e-4)
        np.testing.assert_allclose(by_lmb(1e-12, x), by_lmb(0.0, x), rtol=1e-10)
    by_lmb = dr.derivative(lambda lmb: stats.yeojohnson(X - 1, lmb))
    for lmb in (0.0, 2.0):
        np.testing.assert_allclose(by_lmb(lmb + 1e-9), by_lmb(lmb), rtol=1e-7)


def test_the_transform_of_yeo_and_johnson_has_slope_1_at_0():
    at_0 = np.array([0.0, -1.0, 2.0])
    by_x = dr.jacobian(lambda x: stats.yeojohnson(x, 0.7))(at_0)
    np.testing.assert_allclose([1, 2**0.3, 3**-0.3], np.diag(by_x), rtol=1e-13)
    by_x = dr.grad(lambda x: stats.yeojohnson_llf(0.7, x))
    np.testing.assert_allclose(by_x(at_0 + np.array([1e-9, 0, 0])), by_x(at_0), rtol=1e-7)


def test_values_that_occur_twice_are_no_special_data():
    x, y = np.array([1.0, 2, 2, 4, 5, 5]), np.array([1.0, 0, 3, 3, 4, 6])
    for f in (
        lambda x: stats.f_oneway(x, y).statistic,
        lambda x: stats.pearsonr(x, y).pvalue,
        lambda x: stats.theilslopes(y, x, alpha=0.8)[0],
        lambda x: stats.bartlett(x, y).pvalue,
        lambda x: stats.false_discovery_control(x / 5).sum(),
    ):
        assert np.isfinite(dr.grad(f)(x)).all()


def test_data_of_which_scipy_has_a_value_apart_are_an_error():
    """Of symmetric data SciPy computes skewtest as if their skewness were 1."""
    with pytest.raises(dr.MissingRuleError, match="formula apart"):
        dr.grad(lambda x: stats.skewtest(x).statistic)(np.arange(9.0))


def test_what_ranks_and_counts_is_constant():
    assert (dr.grad(lambda x: stats.rankdata(x).sum())(X) == 0).all()
    assert (dr.grad(lambda x: stats.spearmanr(x, Y).statistic)(X) == 0).all()
    assert scipy.stats.mannwhitneyu(X, Y) == stats.mannwhitneyu(X, Y)
    # where an answer is a number of the data beside counts, it moves with them
    assert dr.grad(lambda x: stats.ks_2samp(x, Y).statistic_location)(X).sum() == 1
    assert dr.grad(lambda x: stats.median_test(x, Y)[2])(X).sum() in (0, 0.5, 1)


def test_a_user_writes_a_distribution_of_ours_for_a_test():
    by_x = dr.grad(lambda x: stats.kstest(x, stats.norm.cdf, args=(0.1, 2.0)).pvalue)
    of_scipy = scipy.stats.norm(0.1, 2.0).cdf  # its "norm" takes no parameters in SciPy 1.18
    expected = slope(lambda x: scipy.stats.kstest(x, of_scipy).pvalue, X, np.cos(X))
    np.testing.assert_allclose(expected, by_x(X) @ np.cos(X), rtol=1e-6)


@pytest.mark.parametrize("n", [4, 40, 150, 200])
def test_the_distribution_of_kolmogorov_is_differentiated_by_each_of_its_formulas(n):
    x = np.sort(RNG.uniform(0, 1, n)) ** 1.2
    for f in (
        lambda x, of=stats: of.kstest(x, "uniform").pvalue,
        lambda x, of=stats: of.kstest(x, "uniform", alternative="greater").pvalue,
    ):
        expected = slope(lambda x, f=f: f(x, scipy.stats), x, x)
        np.testing.assert_allclose(expected, dr.jvp(f, (x,), (x,))[1], rtol=1e-5, atol=1e-9)


def test_a_batch_has_the_results_of_its_rows():
    """Named tuples and records of SciPy's: what they have of numbers is that of each row."""
    rows = RNG.uniform(0.2, 2, (3, 6))
    for f in (
        lambda x: stats.pearsonr(x, np.arange(6.0)).pvalue,
        lambda x: stats.ttest_1samp(x, 1.0).df,
        lambda x: stats.linregress(x, np.arange(6.0)).intercept_stderr,
        lambda x: stats.mannwhitneyu(x, np.arange(6.0)).statistic,
        lambda x: stats.describe(x).variance,
        lambda x: stats.alexandergovern(x, np.arange(6.0)).statistic,
    ):
        with pytest.warns(dr.PerformanceWarning, match="row by row"):
            of_rows = dr.vmap(f)(rows)
        np.testing.assert_array_equal([f(x) for x in rows], of_rows)


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_the_test_of_a_proportion_moves_with_what_is_tested(alternative):
    def pvalue(p, of=stats):
        return of.binomtest(3, 9, p, alternative).pvalue

    expected = slope(lambda p: pvalue(float(p), scipy.stats), np.array(0.35), 1.0)
    np.testing.assert_allclose(expected, dr.grad(pvalue)(0.35), rtol=1e-8)
