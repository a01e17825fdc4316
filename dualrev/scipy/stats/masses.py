"""Formulas of distributions on whole numbers, where SciPy's code cancels.

Owns tails of which SciPy knows the rest only.  Must not know what a method of a distribution is to its
users.  Only derivatives are taken of these: values stay SciPy's.
"""

import numpy as np
from scipy import special, stats
from scipy.special import _ufuncs

from dualrev.closures import without_derivatives
from dualrev.errors import MissingRuleError
from dualrev.rules.special.exponential import expm1_over
from dualrev.rules.special.rises import log_poch
from dualrev.scipy.bodies import remade
from dualrev.scipy.stats.near_zero import method_of

__all__ = ["FORMULAS"]

#: How many numbers are added for a moment.
_MOST_ADDED = 1000
_boltzmann_series = remade(type(stats.boltzmann)._stats)

# ---------------------------------------------------------------------- quotients of gamma functions


@method_of(stats.betabinom, "_logpmf")
def _betabinom(k, n, a, b):
    ways = -np.log(n + 1) - special.betaln(n - k + 1, k + 1)
    return ways + log_poch(a, k) + log_poch(b, n - k) - log_poch(a + b, n)


@method_of(stats.betanbinom, "_logpmf")
def _betanbinom(k, n, a, b):
    ways = -np.log(n + k) - special.betaln(n, k + 1)
    return ways + log_poch(a, n) + log_poch(b, k) - log_poch(a + b, n + k)


@method_of(stats.yulesimon, "_logpmf")
def _yulesimon(k, alpha):
    return np.log(alpha) + special.gammaln(k) - log_poch(alpha + 1, k)


@method_of(stats.yulesimon, "_logsf")
def _yulesimon_log_above(k, alpha):
    return special.gammaln(k + 1) - log_poch(alpha + 1, k)


# ----------------------------------------------------------------------------- geometric series


def _geometric(count, rate):
    """The sum of exp(-rate k) over k < count, times 1 - exp(-rate) over the rate."""
    return expm1_over(count, -rate)


@method_of(stats.boltzmann, "_pmf")
def _boltzmann_mass(k, rate, N):
    return np.exp(-rate * k) * _geometric(1.0, rate) / _geometric(N, rate)


@method_of(stats.boltzmann, "_cdf")
def _boltzmann_below(k, rate, N):
    return _geometric(k + 1, rate) / _geometric(N, rate)


def _boltzmann_above(k, rate, N):
    return np.exp(-rate * (k + 1)) * _geometric(N - 1 - k, rate) / _geometric(N, rate)


def _boltzmann_log_mass(k, rate, N):
    return -rate * k + np.log(_geometric(1.0, rate)) - np.log(_geometric(N, rate))


def _boltzmann_log_above(k, rate, N):
    rest = np.log(_geometric(N - 1 - k, rate)) - np.log(_geometric(N, rate))
    return rest - rate * (k + 1)


def _dlaplace_log_mass(k, a):
    return np.log(-np.expm1(-a)) - np.log1p(np.exp(-a)) - a * np.abs(k)


def _dlaplace_log_tail(far, a):
    """Of what is at least as far from 0, on one side."""
    return -a * far - np.log1p(np.exp(-a))


def _dlaplace_below(k, a):
    is_left = k < 0
    tail = np.exp(_dlaplace_log_tail(np.where(is_left, -k, k + 1), a))
    return np.where(is_left, tail, 1 - tail)


def _dlaplace_log_below(k, a):
    is_left = k < 0
    log_tail = _dlaplace_log_tail(np.where(is_left, -k, k + 1), a)
    return np.where(is_left, log_tail, np.log1p(-np.exp(log_tail)))


@method_of(stats.boltzmann, "_stats")
def _boltzmann_stats(rate, N):
    """Of a few numbers by their sums, where SciPy's geometric series cancel."""
    if np.max(N, initial=1) > _MOST_ADDED:
        if np.any(np.less(without_derivatives(rate), 0.1)):
            raise MissingRuleError("")
        return _boltzmann_series(stats.boltzmann, rate, N)
    shape = np.broadcast_shapes(np.shape(rate), np.shape(N))
    k = np.arange(np.max(N, initial=1)).reshape(-1, *[1] * len(shape))
    weights = np.where(k < N, np.exp(-rate * k), 0.0)
    weights = weights / np.sum(weights, axis=0)
    mean = np.sum(weights * k, axis=0)
    var, third, fourth = (np.sum(weights * (k - mean) ** n, axis=0) for n in (2, 3, 4))
    return mean, var, third / var**1.5, fourth / var**2 - 3


# ----------------------------------------------------------------------------------- others


def _skellam_above(k, mu1, mu2):
    return remade(stats.skellam)._cdf(-k - 1, mu2, mu1)


def _zipf_below(k, a):
    return 1 - _zipf_above(k, a)


def _zipf_above(k, a):
    return _ufuncs._zeta(a, k + 1) / _ufuncs._zeta(a, 1)


#: By the name of a distribution and of its method, which SciPy's has not.
FORMULAS = {
    ("boltzmann", "_logpmf"): _boltzmann_log_mass,
    ("boltzmann", "_sf"): _boltzmann_above,
    ("boltzmann", "_logsf"): _boltzmann_log_above,
    ("dlaplace", "_logpmf"): _dlaplace_log_mass,
    ("dlaplace", "_cdf"): _dlaplace_below,
    ("dlaplace", "_logcdf"): _dlaplace_log_below,
    ("dlaplace", "_sf"): lambda k, a: _dlaplace_below(-k - 1, a),
    ("dlaplace", "_logsf"): lambda k, a: _dlaplace_log_below(-k - 1, a),
    ("skellam", "_sf"): _skellam_above,
    ("skellam", "_logsf"): lambda *args: np.log(_skellam_above(*args)),
    ("zipf", "_cdf"): _zipf_below,
    ("zipf", "_sf"): _zipf_above,
    ("zipf", "_logpmf"): lambda k, a: -a * np.log(k) - np.log(_ufuncs._zeta(a, 1)),
    ("zipf", "_logsf"): lambda k, a: np.log(_zipf_above(k, a)),
}
