"""Incomplete gamma and beta functions: chapter 8 of DLMF.

Must not know NumPy's own functions' rules.

By its parameters the derivative of such a function is the integral of the density times the slope of
its logarithm (the score) over one tail: the one in which the score keeps its sign, so that nothing
cancels.
"""

import math

import numpy as np
from scipy import special

# x^a exp(-x) / gamma(a), without a loss of digits for large a.
from scipy.special._ufuncs import _igam_fac

from dualrev.core.arrays import nowhere
from dualrev.core.elementwise import elementwise
from dualrev.rules.special.densities import beta_density
from dualrev.rules.special.quadrature import by_chunks, half_line
from dualrev.rules.special.rises import polygamma, polygamma_rise

_NODES, _WEIGHTS = half_line()


def score(cumulants, j, k=0):
    """(d/da)^j (d/db)^k f over f; the cumulants are the same of log f."""
    if j == 0:
        if k == 0:
            return 1.0
        return sum(
            math.comb(k - 1, n) * cumulants[0, n + 1] * score(cumulants, 0, k - 1 - n)
            for n in range(k)
        )
    return sum(
        math.comb(j - 1, i)
        * math.comb(k, n)
        * cumulants[i + 1, n]
        * score(cumulants, j - 1 - i, k - n)
        for i in range(j)
        for n in range(k + 1)
    )


def _in_parts(parts, *args):
    """Each function of the parts on the elements of its mask; 0 at the ends, nan outside the domain."""
    *parameters, x = args
    valid = np.logical_and.reduce([a > 0 for a in parameters]) & (x >= 0)
    out = np.where(valid, 0.0, np.nan)
    for mask, function in parts:
        mask = mask & valid
        if np.any(mask):
            out[mask] = by_chunks(function, *(a[mask] for a in args))
    return out[()]


# --------------------------------------------------------------------------------- gamma

elementwise(
    _igam_fac,
    lambda ans, a, x: ans * (np.log(x) - special.digamma(a)),
    lambda ans, a, x: ans * (a - x) / x,
    guarded=True,
)


def _gamma_power(a, x, less):
    """x^(a - less) exp(-x) / gamma(a), also at the ends of the axis."""
    # A power has all its derivatives at 0 and near it, where those of x^a / x cancel.
    near = (x >= 0) & (x < 1) & (a < 100) | np.equal(x, 0)
    inside = ~near & (x > 0) & (x < np.inf)
    if nowhere(~inside):
        return _igam_fac(a, x) / x if less else _igam_fac(a, x)
    at = np.where(near, x, np.nan)
    others = np.power(at, a - less) * np.exp(-at) * special.rgamma(a)
    if not nowhere(inside):
        safe = np.where(inside, x, 1)
        fac = _igam_fac(a, safe)
        others = np.where(inside, fac / safe if less else fac, others)
    return np.where(np.equal(x, np.inf), 0.0, others)


def gamma_density(a, x):
    """x^(a - 1) exp(-x) / gamma(a): 8.8.13."""
    return _gamma_power(a, x, 1)


def gamma_rise(a, x):
    """x times the density."""
    return _gamma_power(a, x, 0)


def _gamma_cumulants(k, a, log_x):
    """Of f = x^a / gamma(a), up to order k."""
    cumulants = {(i, 0): -polygamma(i - 1, a) for i in range(1, k + 1)}
    cumulants[1, 0] = cumulants[1, 0] + log_x
    return cumulants


def _gammainc_slope(k, a, x):
    a, x = np.broadcast_arrays(np.asarray(a, float), np.asarray(x, float))
    inside = (x > 0) & (x < np.inf)
    upper = x > np.maximum(a, 1)
    parts = (
        (inside & upper, lambda a, x: _upper_gamma(k, a, x)),
        (inside & ~upper, lambda a, x: _lower_gamma(k, a, x)),
    )
    return _in_parts(parts, a, x)


def _upper_gamma(k, a, x):
    """Minus the integral over t = x + w."""
    scale = x / (x - a + 1 + np.sqrt(np.maximum(a - 1, 0)))
    cumulants = _gamma_cumulants(k, a, np.log(x))
    w = scale * _NODES
    rise = np.log1p(w / x)
    cumulants[1, 0] = cumulants[1, 0] + rise
    total = np.sum(_WEIGHTS * score(cumulants, k) * np.exp((a - 1) * rise - w), axis=0)
    return -total * scale * _igam_fac(a, x) / x


def _lower_gamma(k, a, x):
    """The integral over t = x exp(-w), after 8.8.5 has raised a by 1, since a may be small."""
    above = a + 1
    scale = 1 / (above - x + np.sqrt(x))
    cumulants = _gamma_cumulants(k, above, np.log(x))
    first = score(cumulants, k)
    w = scale * _NODES
    cumulants[1, 0] = cumulants[1, 0] - w
    shape = np.exp(-above * w - x * np.expm1(-w))
    total = np.sum(_WEIGHTS * score(cumulants, k) * shape, axis=0)
    # That of above is x / a times it, and nothing before x is taken out of it.
    return (first + x * scale * total) * (_igam_fac(a, x) / a)


#: ``gammainc_slope(k, a, x)``: the k-th derivative of gammainc(a, x) by a.
gammainc_slope = elementwise(
    _gammainc_slope,
    None,
    lambda ans, k, a, x: gammainc_slope(k + 1, a, x),
    lambda ans, k, a, x: score(_gamma_cumulants(k, a, np.log(x)), k) * gamma_density(a, x),
    guarded=True,
)

elementwise(
    special.gammainc,
    lambda ans, a, x: gammainc_slope(1, a, x),
    lambda ans, a, x: gamma_density(a, x),
    guarded=True,
)
elementwise(
    special.gammaincc,
    lambda ans, a, x: -gammainc_slope(1, a, x),
    lambda ans, a, x: -gamma_density(a, x),
    guarded=True,
)
elementwise(
    special.gammaincinv,
    lambda ans, a, y: -gammainc_slope(1, a, ans) / gamma_density(a, ans),
    lambda ans, a, y: 1 / gamma_density(a, ans),
    guarded=True,
)
elementwise(
    special.gammainccinv,
    lambda ans, a, y: -gammainc_slope(1, a, ans) / gamma_density(a, ans),
    lambda ans, a, y: -1 / gamma_density(a, ans),
    guarded=True,
)

# ---------------------------------------------------------------------------------- beta


def _beta_cumulants(j, k, a, b, total, log_x, log_y):
    """Of f = x^a y^b gamma(total) / (gamma(a) gamma(b)), total = a + b + a constant."""
    cumulants = {}
    for i in range(j + 1):
        for n in range(k + 1):
            if i + n:
                if not n:
                    cumulants[i, n] = polygamma_rise(i - 1, a, total - a)
                elif not i:
                    cumulants[i, n] = polygamma_rise(n - 1, b, total - b)
                else:
                    cumulants[i, n] = polygamma(i + n - 1, total)
    for order, log in (((1, 0), log_x), ((0, 1), log_y)):
        if order in cumulants:
            cumulants[order] = cumulants[order] + log
    return cumulants


def _is_of_lower(a, b, x):
    """Where slopes by a are those of the integral from 0 to x.

    That from x to 1 has a tail next to x of which it sees too little where a is tiny; and where b is,
    all its mass next to 1.
    """
    at = x * (a + b)
    return (at <= a) | (x < 0.5) & (at < 0.1) | (b < 1e-6 * a)


def _betainc_slope(j, k, a, b, x):
    a, b, x = np.broadcast_arrays(*(np.asarray(v, float) for v in (a, b, x)))
    inside = (x > 0) & (x < 1)
    if j and k:
        lower = x * (a + b) <= a
    else:
        lower = _is_of_lower(a, b, x) if j else ~_is_of_lower(b, a, 1 - x)
    parts = (
        (inside & lower, lambda a, b, x: _lower_beta(j, k, a, b, x)),
        # 8.17.4
        (inside & ~lower, lambda a, b, x: -_lower_beta(k, j, b, a, 1 - x)),
    )
    return _in_parts(parts, a, b, x)


def _lower_beta(j, k, a, b, x):
    """The integral over t = x exp(-w), after 8.17.20 has raised a by 1, since a may be small."""
    above = a + 1
    odds = x / (1 - x)
    more = np.maximum(b - 1, 0)
    scale = 1 / (np.maximum(above - more * odds, 0) + np.sqrt(more * odds / (1 - x)))
    scale = np.minimum(scale, 1.0)
    log_x, log_y = np.log(x), np.log1p(-x)
    base = np.exp(a * log_x + (b - 1) * log_y - special.betaln(above, b))
    cumulants = _beta_cumulants(j, k, above, b, a + b, log_x, log_y)
    raised = score(cumulants, j, k) * ((1 - x) / (a + b))
    w = scale * _NODES
    rise = np.log1p(-odds * np.expm1(-w))
    cumulants = _beta_cumulants(j, k, above, b, above + b, log_x - w, log_y + rise)
    shape = np.exp((b - 1) * rise - above * w)
    total = np.sum(_WEIGHTS * score(cumulants, j, k) * shape, axis=0)
    return (raised + x * scale * total) * base


#: ``betainc_slope(j, k, a, b, x)``: (d/da)^j (d/db)^k betainc(a, b, x).
betainc_slope = elementwise(
    _betainc_slope,
    None,
    None,
    lambda ans, j, k, a, b, x: betainc_slope(j + 1, k, a, b, x),
    lambda ans, j, k, a, b, x: betainc_slope(j, k + 1, a, b, x),
    lambda ans, j, k, a, b, x: (
        beta_density(a, b, x)
        * score(_beta_cumulants(j, k, a, b, a + b, np.log(x), np.log1p(-x)), j, k)
    ),
    guarded=True,
)


# Of Student's distribution x is 1 at t = 0, where it is stationary and its density infinite: their
# products are smooth in t.


def _student_mass(j, df, t):
    a, total = df / 2, df + t * t
    near = -betainc_slope(0, j, 0.5, a, t * t / total)  # 8.17.4, which keeps the digits of 1 - x
    return np.sign(t) * np.where(t * t < df, near, betainc_slope(j, 0, a, 0.5, df / total))


def _student_score(j, df, t):
    """The derivative of student_mass by t, over -2 df."""
    a, total = df / 2, df + t * t
    log_x = np.log(df / total)
    density = np.exp((a - 1) * log_x - special.betaln(a, 0.5)) / total**1.5
    return density * score(_beta_cumulants(j, 0, a, 0.5, a + 0.5, log_x, 0.0), j, 0)


#: ``student_mass(j, df, t)``: sign(t) (d/da)^j betainc(a, 1 / 2, x), j > 0, a = df / 2,
#: x = df / (df + t^2).
student_mass = elementwise(
    _student_mass,
    None,
    lambda ans, j, df, t: student_mass(j + 1, df, t) / 2 + t * _student_score(j, df, t),
    lambda ans, j, df, t: -2 * df * _student_score(j, df, t),
    guarded=True,
)


def _incomplete_beta(function, sign):
    elementwise(
        function,
        lambda ans, a, b, x: sign * betainc_slope(1, 0, a, b, x),
        lambda ans, a, b, x: sign * betainc_slope(0, 1, a, b, x),
        lambda ans, a, b, x: sign * beta_density(a, b, x),
        guarded=True,
    )


def _inverse_of_incomplete_beta(function, sign):
    elementwise(
        function,
        lambda ans, a, b, y: -betainc_slope(1, 0, a, b, ans) / beta_density(a, b, ans),
        lambda ans, a, b, y: -betainc_slope(0, 1, a, b, ans) / beta_density(a, b, ans),
        lambda ans, a, b, y: sign / beta_density(a, b, ans),
        guarded=True,
    )


_incomplete_beta(special.betainc, 1)
_inverse_of_incomplete_beta(special.betaincinv, 1)
if hasattr(special, "betaincc"):
    _incomplete_beta(special.betaincc, -1)
    _inverse_of_incomplete_beta(special.betainccinv, -1)
