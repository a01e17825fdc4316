"""sinc, by spherical Bessel functions, and i0: what NumPy computes by series and polynomials.

Must not know shapes.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.rules.digits import as_precise_as

_PI = math.pi, 4 * np.arctan(np.longdouble(1))


def _spherical_partial(ans, n, z):
    """(2n + 1) j_n' = n j_(n-1) - (n + 1) j_(n+1): DLMF 10.51.2, without a division by z."""
    below = n * spherical_jn(n - 1, z) if n else 0
    return (below - (n + 1) * spherical_jn(n + 1, z)) / (2 * n + 1)


def _spherical_jn(n, z):
    if z.dtype.char in "gG":
        return _long_spherical_jn(n, z)
    return special.spherical_jn(n, z)


def _long_spherical_jn(n, z):
    """SciPy knows no long doubles: DLMF 10.51.1 upwards where z is large, else the series 10.53.1."""
    large = np.abs(z) > n + 1
    far = np.where(large, z, 1)
    below, ans = np.cos(far) / far, np.sin(far) / far
    for k in range(n):
        below, ans = ans, (2 * k + 1) / far * ans - below
    near = np.where(large, 0, z)
    term = near**n / math.prod(range(1, 2 * n + 2, 2))
    total = term
    for k in range(1, 20 + 2 * n):
        term = -term * near * near / (2 * k * (2 * n + 2 * k + 1))
        total = total + term
    return np.where(large, ans, total)


spherical_jn = elementwise(_spherical_jn, None, _spherical_partial)


# sinc(x) = j_0(pi x): exact near 0 in every order, where (cos(pi x) - sinc(x)) / x is not.
def _sinc_partial(ans, x):
    pi = as_precise_as(x, _PI)
    return -pi * spherical_jn(1, pi * x)


elementwise(np.sinc, _sinc_partial, guarded=True)


def _in_double(x):
    # NumPy's polynomials have the digits of a double; of long doubles SciPy knows nothing.
    return x.astype(float) if x.dtype == np.longdouble else x


elementwise(np.i0, lambda ans, x: special.i1(_in_double(x)), guarded=True)
