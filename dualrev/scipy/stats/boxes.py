"""The probability of a box under the normal distribution, in up to three dimensions.

Must not know who asks, nor how the distribution is called.
"""

import numpy as np
from scipy import stats

from dualrev.core.cotangents import sum_of_terms
from dualrev.core.words import rule
from dualrev.errors import ArgumentError, no_rule
from dualrev.rules.triangles import mirrored
from dualrev.scipy import special

__all__ = ["box"]

_MOST = 3


def box(low, high, cov, compute=None):
    """Probability that a normal vector of mean 0 lies between low and high.

    Parameters
    ----------
    low, high : array of shape (n,)
        The limits, which may be infinite.
    cov : array of shape (n, n)
        Covariance, of which the upper triangle is read, as SciPy does.
    compute : callable, optional
        ``compute(low, high, cov)``, the value; by default SciPy's, which is exact for n <= 2.
    """
    n = cov.shape[0]
    if low.shape != (n,):
        raise ArgumentError(
            f"A box of {len(low)} dimensions was asked of a distribution of {n}.",
            fix=f"give limits along a last axis of length {n}",
        )
    if n == 0:
        return 1.0
    if n == 1:
        return _below(high[0], cov[0, 0]) - _below(low[0], cov[0, 0])
    return _box(low, high, cov, compute=compute or _exact)


def _below(limit, var):
    finite = np.isfinite(limit)  # infinity divided by a scale that moves would move
    return np.where(finite, special.ndtr(np.where(finite, limit, 0.0) / np.sqrt(var)), limit > 0)


def _exact(low, high, cov):
    return stats.multivariate_normal.cdf(high, None, cov, True, lower_limit=low)


# Plackett (1954), "A reduction formula for normal multivariate integrals": a limit moves the
# probability by the density there times that of the others given it; a covariance, by the density
# at both limits times that of the others given both.  A variance follows, as the probability stays
# where a coordinate is measured in other units.


def _slopes(low, high, cov):
    """By low, by high and by the upper triangle of cov."""
    n = cov.shape[0]
    if n > _MOST:
        raise no_rule(
            f"The probability of a box in {n} dimensions",
            "hold the parameters constant: dualrev.stop_gradient(x)",
            "SciPy estimates those in more than three at random points",
        )
    cov = mirrored(cov.T)
    ends = (low, -1.0), (high, 1.0)
    by_end = [[sign * _at([i], [end], low, high, cov) for i in range(n)] for end, sign in ends]
    by_cov = np.zeros((n, n), object)
    for i in range(n):
        for j in range(i):
            by_cov[j, i] = sum(
                s * t * _at([j, i], [a, b], low, high, cov) for a, s in ends for b, t in ends
            )
    for i in range(n):
        by_limits = _times(low[i], by_end[0][i]) + _times(high[i], by_end[1][i])
        by_others = sum(cov[i, j] * by_cov[min(i, j), max(i, j)] for j in range(n) if j != i)
        by_cov[i, i] = -(by_limits + by_others) / (2 * cov[i, i])
    rows = [np.stack([by + 0.0 * cov[0, 0] for by in row]) for row in by_cov]
    return np.stack(by_end[0]), np.stack(by_end[1]), np.stack(rows)


def _times(limit, slope):
    return np.where(np.isfinite(limit), limit, 0.0) * slope


def _at(places, ends, low, high, cov):
    """Density at some limits, times the probability of the others given these."""
    limits = np.stack([end[i] for i, end in zip(places, ends)])
    finite = np.isfinite(limits).all()
    limits = np.where(finite, limits, 0.0)
    others = [i for i in range(cov.shape[0]) if i not in places]
    own, between = cov[np.ix_(places, places)], cov[np.ix_(others, places)]
    whitened = np.linalg.solve(own, limits)
    size = np.sqrt(np.linalg.det(own) * (2 * np.pi) ** len(places))
    density = np.exp(-limits @ whitened / 2) / size
    mean = between @ whitened
    given = cov[np.ix_(others, others)] - between @ np.linalg.solve(own, between.T)
    return np.where(finite, density, 0.0) * box(low[others] - mean, high[others] - mean, given)


def _box_jvp(tangents, ans, low, high, cov, compute):
    """The sums of the slopes times the tangents"""
    slopes = _slopes(low, high, cov)
    return sum_of_terms(tangents, *(lambda t, by=by: np.sum(by * t) for by in slopes))


def _box_vjp(ct, wanted, ans, low, high, cov, compute):
    """ct times the slopes"""
    return [ct * by if w else None for w, by in zip(wanted, _slopes(low, high, cov))]


def _value(low, high, cov, compute):
    return np.float64(compute(low, high, cov))


_box = rule(_value, _box_jvp, _box_vjp, name="box")
