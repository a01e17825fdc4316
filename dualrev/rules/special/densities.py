"""Densities of distributions: the derivatives of their distribution functions, and of these.

Owns formulas in functions that have a rule; must not declare one but for what they need themselves.
Equation numbers without a source are those of https://dlmf.nist.gov.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.arrays import nowhere

SQRT_TWO_PI = math.sqrt(2 * math.pi)


def normal_density(x):
    return np.exp(-0.5 * x * x) / SQRT_TWO_PI


def beta_density(a, b, x, y=None):
    """x^(a - 1) y^(b - 1) / beta(a, b), where y is 1 - x, given where it has more digits: 8.17.20."""
    rest = 1 - x if y is None else y
    valid = (x >= 0) & (x <= 1)
    # Powers have all their derivatives at 0 and near it, where those of logarithms cancel.  But the
    # factors of large powers underflow.
    powers = valid & ((np.maximum(a, b) < 100) | np.equal(x, 0) | np.equal(rest, 0))
    if nowhere(~powers):
        return _beta_powers(a, b, x, rest)
    log_rest = special.xlog1py(b - 1, -x) if y is None else special.xlogy(b - 1, y)
    large = np.exp(special.xlogy(a - 1, x) + log_rest - special.betaln(a, b))
    large = np.where(valid, large, np.nan)
    if nowhere(powers):
        return large
    safe = [np.where(powers, v, other) for v, other in ((a, 1), (b, 1), (x, 0.5), (rest, 0.5))]
    return np.where(powers, _beta_powers(*safe), large)


def _beta_powers(a, b, x, y):
    return np.power(x, a - 1) * np.power(y, b - 1) * np.exp(-special.betaln(a, b))


def student_density(v, t):
    """Gamma((v + 1) / 2) / (sqrt(pi v) Gamma(v / 2)) (1 + t^2 / v)^(-(v + 1) / 2)."""
    scale = special.poch(v / 2, 0.5) / np.sqrt(math.pi * v)
    return scale * np.exp(-(v + 1) / 2 * np.log1p(t * t / v))


def chi_square_density(x, df, nc):
    """Noncentral: half of exp(-(x + nc) / 2) (x / nc)^(df/4 - 1/2) I_(df/2 - 1)(sqrt(nc x)).

    Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, equation 29.4.
    """
    # I as a 0F1 (10.39.9), which is finite at nc = 0, but overflows where nc x is large.
    far = nc * x > 1e4
    near = np.where(far, 0.0, nc)
    log = special.xlogy(df / 2 - 1, x / 2) - special.gammaln(df / 2) - (x + near) / 2
    central = np.exp(log) * special.hyp0f1(df / 2, near * x / 4) / 2
    if nowhere(far):
        return central
    root_x, root_nc = np.sqrt(np.where(far, x, 1.0)), np.sqrt(np.where(far, nc, 1.0))
    distant = special.ive(df / 2 - 1, root_nc * root_x) * (root_x / root_nc) ** (df / 2 - 1)
    return np.where(far, np.exp(-((root_x - root_nc) ** 2) / 2) * distant / 2, central)


def kolmogorov_density(y):
    """Of the limit of Kolmogorov's statistic: one theta series in two forms, 20.2.4 and 20.7.32."""
    # Three terms serve below 0.8 and six above it; below 0.03 all is 0 to double precision.
    small = np.clip(y, 0.03, 0.8)
    near = 0.0
    for k in (1, 3, 5):
        c = (k * math.pi) ** 2 / 8
        near = near + np.exp(-c / small**2) * (2 * c / small**2 - 1) / small**2
    large = np.maximum(y, 0.8)
    far = 0.0
    for k in range(1, 7):
        far = far - (-1) ** k * k * k * np.exp(-2 * (k * large) ** 2)
    return np.where(y < 0.8, SQRT_TWO_PI * near, 8 * large * far)


def f_density(dfn, dfd, f):
    """That of beta(dfn/2, dfd/2) at w = dfn f / (dfn f + dfd), times dw/df."""
    weight, w, y = _beta_of_f(dfn, dfd, f)
    return weight * dfn * y / (dfn * f + dfd)


def noncentral_f_density(dfn, dfd, nc, f):
    """A mixture of densities of beta(dfn/2 + j, dfd/2); its sum is 13.2.2.

    Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, equation 30.10.
    """
    weight, w, y = _beta_of_f(dfn, dfd, f)
    series = np.exp(-nc / 2) * special.hyp1f1((dfn + dfd) / 2, dfn / 2, nc * w / 2)
    return weight * series * dfn * y / (dfn * f + dfd)


def noncentral_f_decrease(dfn, dfd, nc, f):
    """Of the noncentral distribution in nc, where each term meets its neighbor: 8.17.20."""
    weight, w, y = _beta_of_f(dfn, dfd, f)
    series = np.exp(-nc / 2) * special.hyp1f1((dfn + dfd) / 2, dfn / 2 + 1, nc * w / 2)
    return weight * series * w * y / dfn


def _beta_of_f(dfn, dfd, f):
    total = dfn * f + dfd
    w, y = dfn * f / total, dfd / total
    return beta_density(dfn / 2, dfd / 2, w, y), w, y
