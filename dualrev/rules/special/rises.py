"""By how much digamma and its derivatives rise along an interval: chapter 5 of DLMF.

Their difference loses the digits that both ends share.  Must not know NumPy's own functions' rules.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.rules.special.zeta import hurwitz_zeta

_STEPS = np.arange(12.0)
_BERNOULLI = special.bernoulli(40)[::2].tolist()


def polygamma(n, x):
    """The derivative of digamma of that order: 25.11.12."""
    if n == 0:
        return special.digamma(x)
    return (-1) ** (n + 1) * math.factorial(n) * hurwitz_zeta(n + 1, x)


def _rise(n, x, length):
    low, size = np.minimum(x, x + length), np.absolute(length)
    with np.errstate(all="ignore"):
        is_short = (low > 0) & (size < low / 4)  # where values at both ends share digits
        if not np.any(is_short):
            return polygamma(n, x + length) - polygamma(n, x)
        rise = np.copysign(_rise_of_positive(n, low, size), length * (-1.0) ** n)
        if np.all(is_short):
            return rise
        return np.where(is_short, rise, polygamma(n, x + length) - polygamma(n, x))


def _rise_of_positive(n, x, size):
    """Twelve steps of 5.15.5, then the differences of the terms of 5.11.2 or 5.15.8, without sign."""
    *_, steps = _falls(n + 1, x + _STEPS.reshape(-1, *[1] * np.ndim(x)), size)
    end, terms = x + len(_STEPS), 7 + n
    falls = _falls(n + 2 * terms, end, size)
    total = np.log1p(size / end) if n == 0 else falls[n - 1] / n
    total = np.sum(steps, axis=0) + total + falls[n] / 2
    for k in range(1, terms + 1):
        rising = math.factorial(n + 2 * k - 1) / math.factorial(n)
        total = total + _BERNOULLI[k] / math.factorial(2 * k) * rising * falls[n + 2 * k - 1]
    return math.factorial(n) * total


def _falls(count, x, size):
    """Of so many powers of 1 / x, from the first on, between x and x + size."""
    u, v = 1 / x, 1 / (x + size)
    power = shared = 1.0
    falls = [size * v * u]
    for _ in range(1, count):  # u^p - v^p over u - v
        power = power * v
        shared = shared * u + power
        falls.append(falls[0] * shared)
    return falls


#: ``polygamma_rise(n, x, length)``: that of the n-th derivative of digamma from x to x + length.
polygamma_rise = elementwise(
    _rise,
    None,
    lambda ans, n, x, length: polygamma_rise(n + 1, x, length),
    lambda ans, n, x, length: polygamma(n + 1, x + length),
    guarded=True,
)


def digamma_rise(x, length):
    """digamma(x + length) - digamma(x)"""
    return polygamma_rise(0, x, length)


def _log_poch(x, length):
    is_far = (x > len(_STEPS)) & (np.absolute(length) < x / 4)
    plain = special.gammaln(x + length) - special.gammaln(x)
    if not np.any(is_far):
        return plain
    x, size = np.where(is_far, x, len(_STEPS)), np.where(is_far, length, 0.0)
    falls = _falls(14, x, size)
    far = (x - 0.5) * np.log1p(size / x) + size * np.log(x + size) - size  # 5.11.1
    for k in range(1, 8):
        far = far - _BERNOULLI[k] / (2 * k * (2 * k - 1)) * falls[2 * k - 2]
    return np.where(is_far, far, plain)[()]


#: ``log_poch(x, length)``: log(gamma(x + length) / gamma(x)), to the digits that both have.
log_poch = elementwise(
    _log_poch,
    lambda ans, x, length: digamma_rise(x, length),
    lambda ans, x, length: special.digamma(x + length),
    guarded=True,
)
