"""Functions of data: which words :mod:`scipy.stats` has for them, and what its compiled code means.

Must not know the distributions.
"""

import numpy as np
from scipy.stats import _ksstats, _morestats, _stats_mstats_common, _stats_py

from dualrev.core.operands import as_operand
from dualrev.numpy.vectorizing import vectorize
from dualrev.scipy import special
from dualrev.scipy.bodies import instead, means, remade
from dualrev.scipy.one_point import CHECKS

__all__ = ["BODIES", "CONSTANT", "REFUSED"]

BODIES = """
    describe moment skew kurtosis variation sem tmean tvar tstd tsem tmin tmax trim1 trimboth trim_mean
    gmean hmean pmean gstd zscore gzscore zmap iqr median_abs_deviation scoreatpercentile quantile
    estimated_cdf
    mode kstat kstatvar lmoment expectile sigmaclip obrientransform bayes_mvs mvsdist
    circmean circvar circstd directional_stats
    entropy differential_entropy wasserstein_distance energy_distance
    boxcox boxcox_llf boxcox_normmax boxcox_normplot
    median_test ks_2samp
    yeojohnson yeojohnson_llf yeojohnson_normmax yeojohnson_normplot probplot ppcc_max ppcc_plot
    pearsonr pointbiserialr linregress theilslopes siegelslopes
    binned_statistic binned_statistic_2d binned_statistic_dd cumfreq relfreq
    ttest_1samp ttest_ind ttest_ind_from_stats ttest_rel f_oneway alexandergovern bartlett levene
    skewtest kurtosistest normaltest jarque_bera anderson epps_singleton_2samp
    ks_1samp kstest cramervonmises quantile_test binomtest poisson_means_test
    power_divergence chisquare chi2_contingency combine_pvalues false_discovery_control
    bootstrap permutation_test monte_carlo_test ecdf logrank
    CensoredData
"""

# Of ranks, counts and tables of counts.
CONSTANT = """
    rankdata tiecorrect percentileofscore spearmanr kendalltau weightedtau somersd
    chatterjeexi spearmanrho
    cramervonmises_2samp anderson_ksamp bws_test mannwhitneyu wilcoxon ranksums kruskal
    friedmanchisquare brunnermunzel ansari mood fligner page_trend_test
    fisher_exact barnard_exact boschloo_exact power find_repeats
    BootstrapMethod MonteCarloMethod PermutationMethod
"""

REFUSED = {
    "shapiro": (
        "its p-value is that of a table of approximations",
        "use scipy.stats.jarque_bera or normaltest, of skewness and kurtosis",
    ),
    "tukey_hsd": (
        "its p-values are integrals in compiled code",
        "use scipy.stats.f_oneway, or ttest_ind of each pair",
    ),
    "dunnett": (
        "its p-values are estimated at random points",
        "use scipy.stats.ttest_ind of each sample and the control",
    ),
    "multiscale_graphcorr": (
        "its scale is searched in compiled code",
        "use scipy.stats.pearsonr of the distances, scipy.spatial.distance.pdist(x) and pdist(y)",
    ),
    "wasserstein_distance_nd": (
        "its plan of transport is the solution of a linear program",
        "find it by linprog of plain points, and compute np.sum(plan * cdist(u, v))",
    ),
    "fit": (
        "it searches at random points",
        "minimize the nnlf of the distribution with dualrev.scipy.optimize.minimize",
    ),
    "goodness_of_fit": (
        "it fits to samples drawn at random",
        "use scipy.stats.kstest or cramervonmises with the parameters that you have",
    ),
    "sobol_indices": (
        "it collects its indices in arrays of objects",
        "hold what func computes with constant: dualrev.stop_gradient(x)",
    ),
}

# Where these compare values for equality they look for data that are constant, or that are no
# probabilities, of which SciPy answers nan, or raises; or count values that occur more than once.
CHECKS.update(("pearsonr", "boxcox", "f_oneway", "false_discovery_control"))
CHECKS.update(("_find_repeats", "_rankdata", "interval_contains_root"))
# Pairs of points with the same x have no slope, and are left out.
CHECKS.add("_robust_slopes")


def _boxcox_llf(data, axis=0, *, lmb):
    """Box and Cox (1964), "An analysis of transformations", equation 8, without its constant"""
    logs = np.log(data)
    exponents = lmb * logs
    if np.max(np.abs(exponents), initial=0) < 1:
        # SciPy's formula loses digits near lmb = 0, and its derivative twice as many.
        logvar = np.log(np.var(special.boxcox(data, lmb), axis=axis))
    else:
        top = np.max(exponents, axis=axis, keepdims=True)
        powers = np.exp(exponents - top)
        logvar = np.log(np.var(powers, axis=axis)) + 2 * (top.sum(axis) - np.log(np.abs(lmb)))
    return (lmb - 1) * np.sum(logs, axis=axis) - data.shape[axis] / 2 * logvar


def _yeojohnson_transform(x, lmbda, xp=None):
    """Yeo and Johnson (2000), "A new family of power transformations", equation 2.1

    SciPy's has formulas of their own near 0 and 2, in which lmbda does not stand.
    """
    up, down = _halves(x)
    return special.boxcox1p(up, lmbda) - special.boxcox1p(down, 2 - lmbda)


def _halves(x):
    """What is positive of x, and of -x; each has a slope of its own at 0, as np.abs(x) has not."""
    return np.where(x >= 0, x, 0), np.where(x >= 0, 0, -x)


def _yeojohnson_llf(data, axis=0, *, lmb):
    """Yeo and Johnson (2000), equation 3.1, without its constant"""
    up, down = _halves(data)
    slopes = np.sum(np.log1p(up) - np.log1p(down), axis=axis)
    var = np.var(_yeojohnson_transform(data, lmb), axis=axis)
    tiny = var < np.finfo(var.dtype).tiny
    llf = (lmb - 1) * slopes - data.shape[axis] / 2 * np.log(np.where(tiny, 1, var))
    return np.where(tiny, np.inf, llf)


def _siegelslopes(y, x, method):
    """Siegel (1982), "Robust regression using repeated medians": slope and intercept"""
    slopes, intercepts = [], []
    for j in range(len(x)):
        others = x != x[j]
        run = x[j] - x[others]
        slopes.append(np.median((y[j] - y[others]) / run))
        intercepts.append(np.median((y[others] * x[j] - y[j] * x[others]) / run))
    slope = np.median(np.stack(slopes))
    if method == "separate":
        return slope, np.median(np.stack(intercepts))
    return slope, np.median(y - slope * x)


for _name, _llf in (("boxcox_llf", _boxcox_llf), ("yeojohnson_llf", _yeojohnson_llf)):
    if hasattr(_morestats, f"_{_name}"):  # from SciPy 1.16 on: the part that knows no options
        means(getattr(_morestats, f"_{_name}").__wrapped__, _llf)
    else:
        instead(getattr(_morestats, _name), lambda lmb, data, f=_llf: f(as_operand(data), lmb=lmb))
means(_morestats._yeojohnson_transform, _yeojohnson_transform)
if hasattr(_stats_py, "_square_of_sums"):  # up to SciPy 1.15
    means(_stats_py._square_of_sums, lambda a, axis=0: np.sum(a, axis) ** 2)
if hasattr(_stats_mstats_common, "siegelslopes_pythran"):  # SciPy 1.18 has its loop elsewhere
    means(_stats_mstats_common.siegelslopes_pythran, _siegelslopes)
means(_ksstats.kolmogn, vectorize(remade(_ksstats._kolmogn), otypes=[float]))
