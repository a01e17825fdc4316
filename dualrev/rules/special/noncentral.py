"""Noncentral distribution functions by their degrees of freedom: mixtures of central ones.

Must not know which functions need them.  Equation numbers are those of Johnson, Kotz and Balakrishnan
(1995), Continuous Univariate Distributions 2.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.core.words import constant
from dualrev.rules.special.densities import noncentral_f_density, normal_density
from dualrev.rules.special.incomplete import betainc_slope, gammainc_slope, score
from dualrev.rules.special.quadrature import in_domain
from dualrev.ways import aligned

#: Of Poisson's distribution; beyond it there is no derivative, but nan.
_LARGEST_MEAN = 5e3


def _count_of_terms(nc):
    mean = float(np.max(nc, initial=0, where=np.isfinite(nc))) / 2
    return math.ceil(min(mean, _LARGEST_MEAN) + 9 * math.sqrt(min(mean, _LARGEST_MEAN))) + 40


_count_of_terms = constant(_count_of_terms, batch=aligned)


def _mean(nc, term):
    """Of ``term(j, ...)`` for a count j with Poisson's distribution of mean nc / 2, on a last axis."""
    j = np.arange(int(_count_of_terms(nc)))
    half = np.expand_dims(nc, -1) / 2
    half = np.where(half > _LARGEST_MEAN, np.nan, half)
    weights = np.exp(special.xlogy(j, half) - half - special.gammaln(j + 1))
    return np.sum(weights * term(j), axis=-1)


def chi_square_by_df(x, df, nc):
    """29.2"""
    a, x = np.expand_dims(df, -1) / 2, np.expand_dims(x, -1) / 2
    return _mean(nc, lambda j: gammainc_slope(1, a + j, x)) / 2


def f_by_dfn(dfn, dfd, nc, f):
    """30.10; the last term is that of f times dfn"""
    return _f_by_shape(1, dfn, dfd, nc, f) + f / dfn * noncentral_f_density(dfn, dfd, nc, f)


def f_by_dfd(dfn, dfd, nc, f):
    return _f_by_shape(0, dfn, dfd, nc, f) - f / dfd * noncentral_f_density(dfn, dfd, nc, f)


def _f_by_shape(first, dfn, dfd, nc, f):
    a, b, x = (np.expand_dims(v, -1) for v in (dfn / 2, dfd / 2, dfn * f / (dfn * f + dfd)))
    return _mean(nc, lambda j: betainc_slope(first, 1 - first, a + j, b, x)) / 2


def _student_mixture(k, p, n, df, nc, t):
    """Integral of s^p (d/du)^n Phi(u) (d/d df)^k f(s), u = t s - nc, f the density of chi over sqrt(df).

    In steps of log(s); k or n is above 0.  Of Phi itself the smaller tail is taken: f' has no mass.
    """
    return in_domain(
        lambda df, nc, t: _mixture(k, p, n, df, nc, t),
        lambda df, nc, t: (df > 0) & (_span(n, df, nc, t)[3] <= _MOST_NODES),
        df,
        nc,
        t,
    )


#: Of more there is no derivative, but nan.
_MOST_NODES = 8000


def _span(n, df, nc, t):
    """The least and the largest log(s), the step, and the number of steps."""
    size, most = np.absolute(nc), np.maximum(np.absolute(t), 1)
    with np.errstate(all="ignore"):
        step = np.minimum(0.1, 0.25 / np.sqrt(df + (size + 4) ** 2))
        # The terms may be largest anywhere between s = 1 and nc / t; a tail may begin at s = 1 / t.
        low = np.minimum(np.log(np.maximum(size, 1) / most), 0) - 7 / np.sqrt(df) - 42 / df
        high = np.log1p((nc * nc + 84) / df) / 2 + 3 / np.sqrt(df)
        if n:  # around the largest, at least as narrow as the normal density of t s
            both = nc * t
            largest = (both + np.sqrt(both * both + 4 * df * (df + t * t))) / (2 * (df + t * t))
            width = 10 / np.absolute(t)
            low = np.where(largest > width, np.maximum(low, np.log(largest - width)), low)
            high = np.minimum(high, np.log(largest + width))
        return low, high, step, np.ceil((high - low) / step)


def _mixture(k, p, n, df, nc, t):
    low, high, step, count = _span(n, df, nc, t)
    log = np.minimum(low + step * np.arange(int(np.max(count, initial=0)) + 1)[:, None], high)
    s = np.exp(log)
    rise = 2 * log - np.expm1(2 * log)
    peak = special.xlogy(df / 2, df / 2) - df / 2 - special.gammaln(df / 2)
    density = 2 * np.exp(df / 2 * rise + peak)
    cumulants = {(1, 0): (np.log(df / 2) - special.digamma(df / 2) + rise) / 2}
    for i in range(2, k + 1):
        of_log = (-1) ** i * math.factorial(i - 2) / df ** (i - 1)
        cumulants[i, 0] = of_log / 2 - special.polygamma(i - 1, df / 2) / 2.0**i
    u = t * s - nc
    if n:
        hermite = special.eval_hermitenorm(n - 1, u)
        shape = (-1) ** (n - 1) * hermite * normal_density(u)
    else:
        side = np.sign(t - nc)
        shape = -side * special.ndtr(-side * u)
        shape = np.where(side == 0, special.ndtr(u) - 0.5, shape)
    terms = score(cumulants, k) * density * shape * s**p
    return step * np.sum(terms, axis=0)


student_mixture = elementwise(
    _student_mixture,
    None,
    None,
    None,
    lambda ans, k, p, n, df, nc, t: student_mixture(k + 1, p, n, df, nc, t),
    lambda ans, k, p, n, df, nc, t: -student_mixture(k, p, n + 1, df, nc, t),
    lambda ans, k, p, n, df, nc, t: student_mixture(k, p + 1, n + 1, df, nc, t),
)


def student_by_df(df, nc, t):
    return student_mixture(1, 0, 0, df, nc, t)


def student_by_nc(df, nc, t):
    return -student_mixture(0, 0, 1, df, nc, t)


def student_by_t(df, nc, t):
    return student_mixture(0, 1, 1, df, nc, t)
