"""Gamma and beta functions, their logarithms and derivatives: chapter 5 of DLMF.

Must not know NumPy's own functions' rules.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.primitive import constant, elementwise
from dualrev.rules.special.removable import pieces, power_series
from dualrev.rules.special.zeta import complex_zeta, hurwitz_zeta

elementwise(special.gamma, lambda ans, x: ans * special.digamma(x), guarded=True)
elementwise(special.gammaln, lambda ans, x: special.digamma(x), guarded=True)
elementwise(special.loggamma, lambda ans, z: special.digamma(z), guarded=True)
constant(special.gammasgn)

_BERNOULLI = special.bernoulli(20)[2::2].tolist()


def _reflected_slope(z):
    """The derivative of 1 / gamma(z) by the reflection 5.5.3: finite at the poles of gamma."""
    angle = math.pi * z
    slope = np.cos(angle) - special.digamma(1 - z) * np.sin(angle) / math.pi
    return special.gamma(1 - z) * slope


def _reciprocal_gamma_slope(ans, z):
    return pieces(
        np.real(z) < 0.5,
        z,
        _reflected_slope,
        lambda z: -special.digamma(z) * special.rgamma(z),
        (0, 1),
    )


elementwise(special.rgamma, _reciprocal_gamma_slope, guarded=True)


def _trigamma(x):
    """zeta(2, x): a fifth of the time of SciPy's zeta."""
    x = np.asarray(x)
    values = pieces(~(x > 0), x, lambda x: hurwitz_zeta(2.0, x), _trigamma_of_positive, (-0.5, 1.0))
    return values[()]


def _trigamma_of_positive(x):
    """Eight steps of 5.15.5, then the asymptotic expansion 5.15.8."""
    total = 0.0
    for k in range(8):
        total = total + 1 / (x + k) ** 2
    r = 1 / (x + 8)
    return total + r * (1 + r * (0.5 + r * power_series(r * r, _BERNOULLI)))


trigamma = elementwise(_trigamma, lambda ans, x: -2 * hurwitz_zeta(3.0, x), guarded=True)
elementwise(  # 25.11.12
    special.digamma,
    lambda ans, z: complex_zeta(2, z) if z.dtype.kind == "c" else trigamma(z),
    guarded=True,
)
elementwise(
    special.poch,
    lambda ans, z, m: ans * (special.digamma(z + m) - special.digamma(z)),
    lambda ans, z, m: ans * special.digamma(z + m),
    guarded=True,
)
elementwise(
    special.binom,
    lambda ans, n, k: ans * (special.digamma(n + 1) - special.digamma(n - k + 1)),
    lambda ans, n, k: ans * (special.digamma(n - k + 1) - special.digamma(k + 1)),
    guarded=True,
)
elementwise(
    special.beta,
    lambda ans, a, b: ans * (special.digamma(a) - special.digamma(a + b)),
    lambda ans, a, b: ans * (special.digamma(b) - special.digamma(a + b)),
    guarded=True,
)
elementwise(
    special.betaln,
    lambda ans, a, b: special.digamma(a) - special.digamma(a + b),
    lambda ans, a, b: special.digamma(b) - special.digamma(a + b),
    guarded=True,
)
