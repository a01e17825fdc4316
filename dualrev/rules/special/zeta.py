"""Riemann's and Hurwitz's zeta functions: chapter 25 of DLMF.

Must not know NumPy's own functions' rules.
"""

import math

import numpy as np
from scipy import special

# What the public zeta calls; unlike it, ufuncs.
from scipy.special import _ufuncs
from scipy.special._ufuncs import _zeta as hurwitz_zeta

from dualrev.core.arrays import nowhere
from dualrev.core.elementwise import elementwise
from dualrev.errors import no_rule
from dualrev.rules.special.removable import pieces

_TERMS = 10
# Bernoulli's numbers over factorials: B_2k / (2k)!.
_CORRECTIONS = [b / math.factorial(2 * k) for k, b in enumerate(special.bernoulli(24)[2::2], 1)]


def _zeta_by_exponent(x, q):
    """The sum of -log(k + q) (k + q)^-x: Euler's and Maclaurin's 25.11.5, differentiated by x."""
    total = 0.0
    for k in range(_TERMS):
        log = np.log(q + k)
        total = total - log * np.exp(-x * log)
    c = q + _TERMS
    log = np.log(c)
    power = np.exp(-x * log)
    total = total - power * (c * (log + 1 / (x - 1)) / (x - 1) + log / 2)
    rising, slope = x, 1.0  # x (x + 1) ... (x + 2k - 2), and its derivative
    for k, correction in enumerate(_CORRECTIONS, 1):
        power = power / c if k == 1 else power / (c * c)
        total = total + correction * power * (slope - rising * log)
        low, high = x + 2 * k - 1, x + 2 * k
        slope = slope * low * high + rising * (low + high)
        rising = rising * low * high
    return total


elementwise(  # 25.11.17
    hurwitz_zeta,
    lambda ans, x, q: _zeta_by_exponent(x, q),
    lambda ans, x, q: -x * hurwitz_zeta(x + 1, q),
    guarded=True,
)


def _riemann_slope(ans, x):
    """zeta'(x); left of -1 from the reflection, of which both factors are singular at 0."""
    if x.dtype.kind == "c":
        raise no_rule("scipy.special.zeta of a complex argument", "use real arguments")
    return pieces(x < -1, x, _reflected_slope, lambda x: _zeta_by_exponent(x, 1.0), (-2, 2))


def _reflected_slope(x):
    """Of 25.4.1."""
    slope, value = _zeta_by_exponent(1 - x, 1.0), special.zetac(1 - x) + 1
    sine, cosine = np.sin(0.5 * math.pi * x), np.cos(0.5 * math.pi * x)
    logarithmic = math.log(2 * math.pi) - special.digamma(1 - x)
    factor = 2 * np.power(2 * math.pi, x - 1) * special.gamma(1 - x)
    return factor * (value * (logarithmic * sine + 0.5 * math.pi * cosine) - sine * slope)


elementwise(special.zetac, _riemann_slope, guarded=True)
if hasattr(_ufuncs, "_riemann_zeta"):
    elementwise(_ufuncs._riemann_zeta, _riemann_slope, guarded=True)


def _complex_zeta(s, q):
    """zeta(s, q) of a whole s > 1 and complex q: 25.11.5; left of 0 by the reflection 5.15.6."""
    # Farther from the negative axis the expansion converges there too.
    left = (np.real(q) < 0) & (np.abs(np.imag(q)) < 10)
    right = np.where(left, 1 - q, q)
    total = 0.0
    # Twice as many terms: q may be small, and imaginary.
    for k in range(2 * _TERMS):
        total = total + (right + k) ** -s
    c = right + 2 * _TERMS
    total = total + c ** (1 - s) / (s - 1) + c**-s / 2
    for k, correction in enumerate(_CORRECTIONS, 1):
        total = total + correction * special.poch(s, 2 * k - 1) * c ** (1 - s - 2 * k)
    if nowhere(left):
        return total
    # cot' = -1 / sin^2, and each derivative is a polynomial in cot times that.
    polynomial = np.polynomial.Polynomial([0, 1])
    for _ in range(s - 2):
        polynomial = polynomial.deriv() * np.polynomial.Polynomial([-math.pi, 0, -math.pi])
    angle = math.pi * np.where(left, q, 0.5)
    of_cot = -math.pi / np.sin(angle) ** 2 * polynomial.deriv()(1 / np.tan(angle))
    reflected = (-1) ** (s - 1) * (math.pi / math.factorial(s - 1) * of_cot + total)
    return np.where(left, reflected, total)


complex_zeta = elementwise(
    _complex_zeta, None, lambda ans, s, q: -s * complex_zeta(s + 1, q), guarded=True
)
