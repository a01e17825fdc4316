"""Formulas for shapes next to 0, for which SciPy has another formula, or slopes that cancel.

Must not know what a method of a distribution is to its users.  Only derivatives are taken of these:
values stay SciPy's.
"""

import math

import numpy as np
from scipy import special, stats

from dualrev.closures import without_derivatives
from dualrev.core.traced import is_differentiated
from dualrev.errors import MissingRuleError
from dualrev.rules.special.exponential import expm1_over, log1p_over
from dualrev.rules.special.removable import near, power_series
from dualrev.scipy.bodies import means, remade

__all__ = ["genextreme_at", "method_of", "pearson3_support"]


def method_of(law, name):
    """Declare what a method of a distribution means: a decorator of its formula, without ``self``."""

    def declare(formula):
        def method(self, *args):
            return formula(*args)

        return means(getattr(type(law), name), method)

    return declare


# ------------------------------------------------------------ where SciPy has another formula for 0


@method_of(stats.genextreme, "_loglogcdf")
def _genextreme_loglog(x, c):
    return -log1p_over(x, -c)


@method_of(stats.genextreme, "_logpdf")
def _genextreme(x, c):
    rest = _genextreme_loglog(None, x, c)
    return rest - np.exp(rest) - np.log1p(-c * x)


def genextreme_at(y, c):
    """Where log(-log F) is -y."""
    return expm1_over(y, -c)


@method_of(stats.genpareto, "_logsf")
def _genpareto_tail(x, c):
    return -log1p_over(x, c)


@method_of(stats.genpareto, "_logpdf")
def _genpareto(x, c):
    return (c + 1) * _genpareto_tail(None, x, c)


def _kappa4_log(x, k):
    return -log1p_over(x, -k)


@method_of(stats.kappa4, "_logcdf")
def _kappa4_log_below(x, h, k):
    return -log1p_over(np.exp(_kappa4_log(x, k)), -h)


@method_of(stats.kappa4, "_logpdf")
def _kappa4(x, h, k):
    log = _kappa4_log(x, k)
    rise = log - np.log1p(-k * x) - np.log1p(-h * np.exp(log))
    return rise + _kappa4_log_below(None, x, h, k)


# ----------------------------------------------- where SciPy's slopes by a shape cancel, next to 0 of it


@method_of(stats.genhalflogistic, "_pdf")
def _genhalflogistic_density(x, c):
    y = log1p_over(x, -c)
    return 2 * special.expit(y) * special.expit(-y) / (1 - c * x)


@method_of(stats.genhalflogistic, "_cdf")
def _genhalflogistic_below(x, c):
    return np.tanh(log1p_over(x, -c) / 2)


def _argus_rest(chi):
    """3 sqrt(2 pi) Psi(chi) / chi**3 of SciPy's Psi, which is an incomplete gamma function: 8.5.1."""
    return special.hyp1f1(1.5, 2.5, -chi * chi / 2)


@method_of(stats.argus, "_logpdf")
def _argus(x, chi):
    rest = (1 - x) * (1 + x)
    return np.log(3 * x) - np.log(_argus_rest(chi)) + np.log(rest) / 2 - chi * chi * rest / 2


@method_of(stats.argus, "_sf")
def _argus_above(x, chi):
    share = np.sqrt((1 - x) * (1 + x))
    return share**3 * _argus_rest(chi * share) / _argus_rest(chi)


@method_of(stats.bradford, "_pdf")
def _bradford_density(x, c):
    return 1 / ((1 + c * x) * log1p_over(1.0, c))


@method_of(stats.bradford, "_cdf")
def _bradford_below(x, c):
    return log1p_over(x, c) / log1p_over(1.0, c)


@method_of(stats.bradford, "_entropy")
def _bradford_entropy(c):
    return np.log1p(c) / 2 + np.log(log1p_over(1.0, c))


@method_of(stats.truncpareto, "_logpdf")
def _truncpareto(x, b, c):
    return -(b + 1) * np.log(x) - np.log(expm1_over(np.log(c), -b))


@method_of(stats.truncpareto, "_pdf")
def _truncpareto_density(*args):
    return np.exp(_truncpareto(None, *args))


@method_of(stats.truncpareto, "_cdf")
def _truncpareto_below(x, b, c):
    return expm1_over(np.log(x), -b) / expm1_over(np.log(c), -b)


@method_of(stats.truncpareto, "_sf")
def _truncpareto_above(x, b, c):
    return x**-b * expm1_over(np.log(c / x), -b) / expm1_over(np.log(c), -b)


@method_of(stats.truncpareto, "_logcdf")
def _truncpareto_log_below(*args):
    return np.log(_truncpareto_below(None, *args))


@method_of(stats.truncpareto, "_logsf")
def _truncpareto_log_above(*args):
    return np.log(_truncpareto_above(None, *args))


def _is_level(c, a, b):
    return (a > 0) & (b**c - a**c < 0.5)


def _log_weibull_mass(x, y, c, a, b):
    """log(exp(-x^c) - exp(-y^c)), less log(c) where the power is level from a to b."""
    is_level = _is_level(c, a, b)
    low, high = np.where(is_level, x, 1.0), np.where(is_level, y, 2.0)
    rise = low**c * expm1_over(np.log(high / low), c)  # from low^c to high^c, over c
    near = np.log(rise) + np.log(expm1_over(1.0, -c * rise))
    x, y = np.where(is_level, 1.0, x), np.where(is_level, 2.0, y)
    return np.where(is_level, near - low**c, np.log(-np.expm1(x**c - y**c)) - x**c)


@method_of(stats.truncweibull_min, "_logpdf")
def _truncweibull(x, c, a, b):
    log = np.where(_is_level(c, a, b), 0.0, np.log(c)) + special.xlogy(c - 1, x) - x**c
    return log - _log_weibull_mass(a, b, c, a, b)


@method_of(stats.truncweibull_min, "_pdf")
def _truncweibull_density(*args):
    return np.exp(_truncweibull(None, *args))


@method_of(stats.truncweibull_min, "_logcdf")
def _truncweibull_log_below(x, c, a, b):
    return _log_weibull_mass(a, x, c, a, b) - _log_weibull_mass(a, b, c, a, b)


@method_of(stats.truncweibull_min, "_cdf")
def _truncweibull_below(*args):
    return np.exp(_truncweibull_log_below(None, *args))


@method_of(stats.truncweibull_min, "_logsf")
def _truncweibull_log_above(x, c, a, b):
    return _log_weibull_mass(x, b, c, a, b) - _log_weibull_mass(a, b, c, a, b)


@method_of(stats.truncweibull_min, "_sf")
def _truncweibull_above(*args):
    return np.exp(_truncweibull_log_above(None, *args))


@method_of(stats.wrapcauchy, "_pdf")
def _wrapcauchy_density(x, c):
    return (1 - c) * (1 + c) / (2 * math.pi * ((1 - c) ** 2 + 4 * c * np.sin(x / 2) ** 2))


#: Of log gamma(a) less Stirling's formula, times a, by powers of 1 / a**2: 5.11.1.
_STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156]


def _stirling_rest(a):
    stirling = (a - 0.5) * np.log(a) - a + math.log(2 * math.pi) / 2
    return special.gammaln(a) - stirling


@method_of(stats.pearson3, "_logpdf")
def _pearson3(x, skew):
    """That of gamma with a = 4 / skew**2 at a (1 + w), in what stays finite for the skew 0."""
    w = skew * x / 2
    square = x * x * special.hyp2f1(1, 2, 3, -w) / 2  # a (w - log1p(w))
    inverse = skew * skew / 4
    rest = near(
        inverse,
        0,
        lambda v: v * power_series(v * v, _STIRLING),
        lambda v: _stirling_rest(1 / v),
        0.04,
    )
    return -square - np.log1p(w) - rest - math.log(2 * math.pi) / 2


def _away_from_zero(law, name, width):
    """Refuse a shape near 0, for which SciPy takes a constant, or a difference without digits."""
    original = getattr(type(law), name)

    def method(self, *args, **options):
        shape = args[-1]
        if is_differentiated(shape) and np.any(np.absolute(without_derivatives(shape)) < width):
            raise MissingRuleError("")
        return remade(original)(self, *args, **options)

    means(original, method)


#: A skewness that is 0 to SciPy.
_NORMAL = 1.6e-5
_away_from_zero(stats.pearson3, "_preprocess", _NORMAL)  # of samples
# Two slopes cancel, of which each is as large as skew**-3: areas under the density take their place.
for _name in ("_cdf", "_sf"):
    _away_from_zero(stats.pearson3, _name, 0.1)


_away_from_zero(stats.genextreme, "_stats", 3e-4)
_away_from_zero(stats.bradford, "_stats", 1e-2)


def pearson3_support(skew):
    """Beyond, the density is 0; to SciPy it is the whole line, as it is for what is normal to SciPy."""
    is_normal = np.absolute(skew) < _NORMAL
    end = -2 / np.where(is_normal, 1, skew)
    return (
        np.where((skew > 0) & ~is_normal, end, -np.inf),
        np.where((skew < 0) & ~is_normal, end, np.inf),
    )
