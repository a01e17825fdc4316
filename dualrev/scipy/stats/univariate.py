"""The table of univariate distributions: what is known of each in its standard form.

Must not know how derivatives by location and scale follow, nor what lies outside the support.
"""

import numpy as np
from scipy import special, stats

from dualrev.core.primitive import RULES
from dualrev.rules.special.rises import digamma_rise
from dualrev.rules.special.statistical import normal_hazard
from dualrev.scipy.stats.areas import Areas
from dualrev.scipy.stats.continuous import Continuous
from dualrev.scipy.stats.discrete import Discrete
from dualrev.scipy.stats.distributions import unknown
from dualrev.scipy.stats.edges import ratio, scaled_i0
from dualrev.scipy.stats.formulas import Formula

__all__ = [
    "bernoulli",
    "beta",
    "binom",
    "cauchy",
    "chi2",
    "expon",
    "f",
    "gamma",
    "geom",
    "gumbel_l",
    "gumbel_r",
    "halfnorm",
    "invgamma",
    "laplace",
    "logistic",
    "lognorm",
    "nbinom",
    "norm",
    "pareto",
    "poisson",
    "rayleigh",
    "skewnorm",
    "t",
    "truncnorm",
    "uniform",
    "vonmises",
    "weibull_max",
    "weibull_min",
]


def _positive(*shapes):
    return 0.0, 1.0, np.inf


def _negative(*shapes):
    return -np.inf, -1.0, 0.0


def _unit(*shapes):
    return 0.0, 0.5, 1.0


# ------------------------------------------------------------------------------- without shape

norm = Continuous(
    stats.norm,
    lambda z: -z,
    hazards=(normal_hazard, lambda z: normal_hazard(-z)),
)
halfnorm = Continuous(
    stats.halfnorm,
    lambda z: -z,
    support=_positive,
    hazards=(None, lambda z: normal_hazard(-z)),
)
expon = Continuous(stats.expon, lambda z: -1.0, support=_positive, hazards=(None, lambda z: 1.0))
uniform = Continuous(stats.uniform, lambda z: 0.0, support=_unit)


def _laplace_hazard(z):
    """Left of 0 it is 1, right of 0 it is exp(-z) / (2 - exp(-z))."""
    fall = np.exp(-np.maximum(z, 0))
    return fall / (2 - fall)


laplace = Continuous(
    stats.laplace,
    lambda z: -np.sign(z),
    hazards=(_laplace_hazard, lambda z: _laplace_hazard(-z)),
)
logistic = Continuous(
    stats.logistic,
    lambda z: -np.tanh(z / 2),
    hazards=(lambda z: special.expit(-z), special.expit),
)
cauchy = Continuous(stats.cauchy, lambda z: -2 * z / (1 + z * z))
rayleigh = Continuous(
    stats.rayleigh, lambda z: 1 / z - z, support=_positive, hazards=(None, lambda z: z)
)
gumbel_r = Continuous(stats.gumbel_r, lambda z: np.expm1(-z), hazards=(lambda z: np.exp(-z), None))
gumbel_l = Continuous(stats.gumbel_l, lambda z: -np.expm1(z), hazards=(None, np.exp))

# --------------------------------------------------------------- powers and exponentials of those

lognorm = Continuous(
    stats.lognorm,
    lambda z, s: -(1 + np.log(z) / (s * s)) / z,
    [lambda z, s: (np.log(z) / s) ** 2 / s - 1 / s],
    drifts=[lambda z, s: special.xlogy(z, z) / s],
    support=_positive,
    hazards=(
        lambda z, s: ratio(normal_hazard(np.log(z) / s), s * z),
        lambda z, s: ratio(normal_hazard(-np.log(z) / s), s * z),
    ),
)
weibull_min = Continuous(
    stats.weibull_min,
    lambda z, c: ratio(c - 1, z) - c * z ** (c - 1),
    [lambda z, c: 1 / c + np.log(z) - special.xlogy(z**c, z)],
    drifts=[lambda z, c: -special.xlogy(z, z) / c],
    support=_positive,
    hazards=(None, lambda z, c: c * z ** (c - 1)),
)
weibull_max = Continuous(
    stats.weibull_max,
    lambda z, c: ratio(c - 1, z) + c * (-z) ** (c - 1),
    [lambda z, c: 1 / c + np.log(-z) - special.xlogy((-z) ** c, -z)],
    drifts=[lambda z, c: -special.xlogy(z, -z) / c],
    support=_negative,
    hazards=(lambda z, c: c * (-z) ** (c - 1), None),
)
pareto = Continuous(
    stats.pareto,
    lambda z, b: -(b + 1) / z,
    [lambda z, b: 1 / b - np.log(z)],
    drifts=[lambda z, b: -special.xlogy(z, z) / b],
    support=lambda b: (1.0, 2.0, np.inf),
    hazards=(None, lambda z, b: b / z),
)

# ------------------------------------------------------------------------- of the normal density


def _truncnorm_support(a, b):
    return a, np.clip(0.0, a, b), b


def _truncnorm_end(end):
    """The density at one end of the interval."""
    return lambda z, a, b: truncnorm.pdf((a, b)[end], a, b)


truncnorm: Continuous = Continuous(
    stats.truncnorm,
    lambda z, a, b: -z,
    [
        lambda z, a, b: truncnorm.pdf(a, a, b),
        lambda z, a, b: -truncnorm.pdf(b, a, b),
    ],
    drifts=[
        lambda z, a, b: truncnorm.sf(z, a, b) * truncnorm.pdf(a, a, b) / truncnorm.pdf(z, a, b),
        lambda z, a, b: truncnorm.cdf(z, a, b) * truncnorm.pdf(b, a, b) / truncnorm.pdf(z, a, b),
    ],
    support=_truncnorm_support,
    ends=[
        (lambda a, b: 1.0, lambda a, b: 0.0),
        (lambda a, b: 0.0, lambda a, b: 1.0),
    ],
)
# dF/da = -2 dT/da with Owen's T function.
skewnorm = Continuous(
    stats.skewnorm,
    lambda z, a: a * normal_hazard(a * z) - z,
    [lambda z, a: z * normal_hazard(a * z)],
    drifts=[lambda z, a: normal_hazard(a * z) / (1 + a * a)],
)

# ----------------------------------------------------------------------- incomplete gamma and beta


def _slope_of(function, position):
    """The derivative of a function of scipy.special by one of its arguments."""
    return lambda *args: RULES[function].partials[position](function(*args), *args)


_gamma_rise = _slope_of(special.gammainc, 0)

gamma = Continuous(
    stats.gamma,
    lambda z, a: ratio(a - 1, z) - 1,
    [lambda z, a: np.log(z) - special.digamma(a)],
    rises=[lambda z, a: _gamma_rise(a, z)],
    support=_positive,
)
invgamma = Continuous(
    stats.invgamma,
    lambda z, a: (1 - (a + 1) * z) / (z * z),
    [lambda z, a: -np.log(z) - special.digamma(a)],
    rises=[lambda z, a: -_gamma_rise(a, 1 / z)],
    support=_positive,
)
chi2 = Continuous(
    stats.chi2,
    lambda z, df: ratio(df / 2 - 1, z) - 0.5,
    [lambda z, df: (np.log(z / 2) - special.digamma(df / 2)) / 2],
    rises=[lambda z, df: _slope_of(special.chdtr, 0)(df, z)],
    support=_positive,
)
beta = Continuous(
    stats.beta,
    lambda z, a, b: ratio(a - 1, z) - ratio(b - 1, 1 - z),
    [
        lambda z, a, b: np.log(z) + digamma_rise(a, b),
        lambda z, a, b: np.log1p(-z) + digamma_rise(b, a),
    ],
    rises=[
        lambda z, a, b: _slope_of(special.betainc, 0)(a, b, z),
        lambda z, a, b: _slope_of(special.betainc, 1)(a, b, z),
    ],
    support=_unit,
)


def _student_log_slope(z, df):
    w = z * z / df
    difference = digamma_rise(df / 2, 0.5) - 1 / df
    return (difference - np.log1p(w) + (1 + 1 / df) * w / (1 + w)) / 2


t = Continuous(
    stats.t,
    lambda z, df: -(1 + 1 / df) * z / (1 + z * z / df),
    [_student_log_slope],
    rises=[lambda z, df: _slope_of(special.stdtr, 0)(df, z)],
)


def _f_log_slope(own, other, share):
    """By one number of degrees of freedom, which has a share of dfn z + dfd."""
    rise = digamma_rise(own / 2, other / 2)
    return (np.log(share) + 1 - (1 + other / own) * share + rise) / 2


f = Continuous(
    stats.f,
    lambda z, dfn, dfd: ratio(dfn / 2 - 1, z) - (dfn + dfd) / 2 * dfn / (dfd + dfn * z),
    [
        lambda z, dfn, dfd: _f_log_slope(dfn, dfd, dfn * z / (dfd + dfn * z)),
        lambda z, dfn, dfd: _f_log_slope(dfd, dfn, dfd / (dfd + dfn * z)),
    ],
    rises=[
        lambda z, dfn, dfd: _slope_of(special.fdtr, 0)(dfn, dfd, z),
        lambda z, dfn, dfd: _slope_of(special.fdtr, 1)(dfn, dfd, z),
    ],
    support=_positive,
)
# From -pi to pi: beyond, a whole number of turns is added, which the shape does not move.
_vonmises_areas = Areas(
    Formula(
        lambda z, kappa: kappa * special.cosm1(z) - np.log(2 * np.pi * scaled_i0(kappa)),
        2,
        lambda z, kappa: kappa >= 0,
    ),
    lambda kappa: (-np.pi, np.pi),
    lambda z, kappa: (stats.vonmises.logcdf(z, kappa), stats.vonmises.logsf(z, kappa)),
)
vonmises = Continuous(
    stats.vonmises,
    lambda z, kappa: -kappa * np.sin(z),
    [lambda z, kappa: np.cos(z) - special.i1e(kappa) / special.i0e(kappa)],
    rises=[
        lambda z, kappa: _vonmises_areas.by(1, 0, lambda *args: np.nan)(
            z - 2 * np.pi * np.round(z / (2 * np.pi)), kappa
        )
    ],
)

# ------------------------------------------------------------------------------- whole numbers


def _counts(*shapes):
    return 0, np.inf


# A slope is a difference of two masses: one of them times 1 less their quotient loses no digits.


def _poisson_slope(k, mu):
    at = np.maximum(k, 1)
    return np.where(k > 0, poisson.pmf(at - 1, mu) * (1 - mu / at), -poisson.pmf(0, mu))


poisson: Discrete = Discrete(
    stats.poisson,
    [lambda k, mu: ratio(k, mu) - 1],
    [_poisson_slope],
    [lambda k, mu: -poisson.pmf(k, mu)],
    _counts,
)
bernoulli = Discrete(
    stats.bernoulli,
    [lambda k, p: ratio(k, p) - ratio(1 - k, 1 - p)],
    [lambda k, p: 2 * k - 1],
    [lambda k, p: -1.0],
    lambda p: (0, 1),
)


def _binom_rise(k, n, p):
    return -n * binom.pmf(k, np.maximum(n - 1, 0), p)


def _binom_slope(k, n, p):
    is_lower = np.where(np.less(p, 0.5), k > 0, np.equal(k, n))
    taken, left = np.maximum(k, 1), np.maximum(n - k, 1)
    lower = np.where(is_lower & (k < n), p, 0.5)
    upper = np.where(is_lower | np.equal(k, 0), 0.5, p)
    rise = -_binom_rise(k - 1, n, p) * (1 - (n - k) * lower / (taken * (1 - lower)))
    fall = _binom_rise(k, n, p) * (1 - k * (1 - upper) / (left * upper))
    return np.where(is_lower, rise, fall)


binom: Discrete = Discrete(
    stats.binom,
    [unknown, lambda k, n, p: ratio(k, p) - ratio(n - k, 1 - p)],
    [unknown, _binom_slope],
    [unknown, _binom_rise],
    lambda n, p: (0, n),
)


def _nbinom_slope(k, n, p):
    at = np.maximum(k, 1)
    others = nbinom.pmf(at - 1, n + 1, p) * (n * (1 - p) / (at * p) - 1)
    return n / p * np.where(k > 0, others, nbinom.pmf(0, n, p))


nbinom: Discrete = Discrete(
    stats.nbinom,
    [
        lambda k, n, p: digamma_rise(n, k) + np.log(p),
        lambda k, n, p: n / p - ratio(k, 1 - p),
    ],
    [
        lambda k, n, p: nbinom.pmf(k, n, p) * (digamma_rise(n, k) + np.log(p)),
        _nbinom_slope,
    ],
    [
        lambda k, n, p: _slope_of(special.betainc, 0)(n, k + 1, p),
        lambda k, n, p: (n + k) / p * nbinom.pmf(k, n, p),
    ],
    _counts,
)
geom: Discrete = Discrete(
    stats.geom,
    [lambda k, p: 1 / p - ratio(k - 1, 1 - p)],
    [lambda k, p: _nbinom_slope(k - 1, 1, p)],
    [lambda k, p: k / p * geom.pmf(k, p)],
    lambda p: (1, np.inf),
)
