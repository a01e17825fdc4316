"""Struve functions by their order and Wright's by its parameters, from series with 1 / gamma of these.

Must not know which functions need them.  Equation numbers are those of https://dlmf.nist.gov.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.rules.special.parameters import Jets, derivative_of, rgamma_slopes, series, trusted
from dualrev.rules.special.quadrature import half_line, in_domain

_NODES, _WEIGHTS = half_line()


# ---------------------------------------------------------------------------------------- Struve


def _struve_series(sign, k, m, v, x):
    """11.2.1 for sign -1, 11.2.2 for 1."""
    first = np.power(x / 2, v + 1) * special.rgamma(v + 1.5) / math.gamma(1.5)
    # By v, of (x / 2)^(v + 1) / gamma(v + 3 / 2) over it.
    log, slopes = np.log(x / 2), rgamma_slopes(v + 1.5, k)
    coefficients = np.zeros((k + 1, m + 1, x.size))
    for i in range(k + 1):
        rise = sum(math.comb(i, j) * slopes[j] * log ** (i - j) for j in range(i + 1))
        coefficients[i, 0] = first * rise / math.factorial(i)
    total, power = coefficients.copy(), Jets(coefficients)
    for r in range(1, m + 1):  # (1 + t / x)^(v + 1), of which the exponent moves
        power = power.times((v + 2 - r) / (r * x), [(0, 1 / (r * x))])
        total[:, r] += power.coefficients[:, 0]
    half = x / 2, [(1, 0.5)]
    one, still = np.ones_like(x), []
    total, moduli = series(
        Jets(total),
        [(one, still)],
        [(1.5 * one, still), (v + 1.5, [(0, 1)])],
        sign * one,
        [half, half],
    )
    return trusted(derivative_of(total, (k, m)), derivative_of(moduli, (k, m)))


def _struve_slope(sign, k, m, v, x):
    return in_domain(
        lambda v, x: _struve_series(sign, k, m, v, x),
        lambda v, x: (x > 0) & (np.absolute(v) < 500),
        v,
        x,
    )


#: ``struve_slope(sign, k, m, v, x)``: (d/dv)^k (d/dx)^m of struve (-1) or modstruve (1); nan where the
#: terms of the series cancel, as those of struve do from x = 14 on.
struve_slope = elementwise(
    _struve_slope,
    None,
    None,
    None,
    lambda ans, sign, k, m, v, x: struve_slope(sign, k + 1, m, v, x),
    lambda ans, sign, k, m, v, x: struve_slope(sign, k, m + 1, v, x),
    guarded=True,
    name="struve_slope",
)


def _struve_moment(p, q, v, x):
    def of_flat(v, x):
        t = _NODES / x
        square = np.log1p(t * t)
        terms = _WEIGHTS * np.exp((v - 0.5) * square - _NODES) * square**p * (-t) ** q
        return np.sum(terms, axis=0) / x

    return in_domain(of_flat, lambda v, x: x >= np.maximum(12, v), v, x)


#: ``struve_moment(p, q, v, x)``: the integral of exp(-x t) (1 + t^2)^(v - 1/2) log(1 + t^2)^p (-t)^q
#: over t > 0, of which struve less yv is a multiple: 11.5.2.
struve_moment = elementwise(
    _struve_moment,
    None,
    None,
    lambda ans, p, q, v, x: struve_moment(p + 1, q, v, x),
    lambda ans, p, q, v, x: struve_moment(p, q + 1, v, x),
    guarded=True,
    name="struve_moment",
)

# ---------------------------------------------------------------------------------------- Wright


def _wright_series(i, j, m, a, b, x):
    total, term_power = np.zeros_like(x), np.ones_like(x)
    # The largest term is near x^(1 / (1 + a)).
    largest = np.max(x ** (1 / (1 + a)), initial=1)
    for k in range(int(6 * largest) + 200):
        y = a * (k + m) + b
        # At 0 gamma has a pole: 1 / gamma(y) = y / gamma(y + 1).
        slopes = rgamma_slopes(y + 1, i + j)
        slope = y * slopes[i + j]
        if i + j:
            slope = slope + (i + j) * slopes[i + j - 1]
        total = total + float(k + m) ** i * term_power * special.rgamma(y + 1) * slope
        term_power = term_power * x / (k + 1)
    return total


def _wright_slope(i, j, m, a, b, x):
    return in_domain(
        lambda a, b, x: _wright_series(i, j, m, a, b, x),
        lambda a, b, x: (a >= 0) & (b >= 0) & (x >= 0) & (x ** (1 / (1 + np.maximum(a, 0))) < 100),
        a,
        b,
        x,
    )


#: ``wright_slope(i, j, m, a, b, x)``: (d/da)^i (d/db)^j (d/dx)^m of the sum over k of
#: x^k / (k! gamma(a k + b)), for a, b, x >= 0.
wright_slope = elementwise(
    _wright_slope,
    None,
    None,
    None,
    lambda ans, i, j, m, a, b, x: wright_slope(i + 1, j, m, a, b, x),
    lambda ans, i, j, m, a, b, x: wright_slope(i, j + 1, m, a, b, x),
    lambda ans, i, j, m, a, b, x: wright_slope(i, j, m + 1, a, b, x),
    guarded=True,
    name="wright_slope",
)
