"""Exponential integrals and their relatives: chapter 6 of DLMF, the dilogarithm, Lambert's W.

Must not know NumPy's own functions' rules.
"""

import math

import numpy as np
from scipy import special

# What the public lambertw calls; unlike it, a ufunc.
from scipy.special._ufuncs import _lambertw

from dualrev.core.elementwise import elementwise
from dualrev.rules.special.outputs import several_outputs
from dualrev.rules.special.refusal import refuse
from dualrev.rules.special.removable import near, power_series

# sin(x) / x and sinh(x) / x in powers of x^2, with terms for eight derivatives at |x| < 1.
_SINHC = [1 / math.factorial(2 * k + 1) for k in range(14)]
_SINC = [(-1) ** k * c for k, c in enumerate(_SINHC)]
# log(1 + w) / w, with terms for four derivatives at |w| < 1/16.
_LOG1P_RATIO = [(-1) ** k / (k + 1) for k in range(16)]
# (exp(w) - 1) / w, the same at |w| < 1/4.
_EXPM1_RATIO = [1 / math.factorial(k + 1) for k in range(18)]


def log1p_over(x, c):
    """log(1 + c x) / c, which is x where c is 0."""
    w = c * x
    is_near = np.absolute(w) < 0.0625
    series = x * power_series(np.where(is_near, w, 0.0), _LOG1P_RATIO)
    return np.where(
        is_near, series, np.log1p(np.where(is_near, 0.0, w)) / np.where(is_near, 1.0, c)
    )


def expm1_over(x, c):
    """(exp(c x) - 1) / c, which is x where c is 0."""
    w = c * x
    is_near = np.absolute(w) < 0.25
    series = x * power_series(np.where(is_near, w, 0.0), _EXPM1_RATIO)
    return np.where(
        is_near, series, np.expm1(np.where(is_near, 0.0, w)) / np.where(is_near, 1.0, c)
    )


def _sin_ratio(x):
    return near(x, 0, lambda x: power_series(x * x, _SINC), lambda x: np.sin(x) / x, 1)


def _sinh_ratio(x):
    return near(x, 0, lambda x: power_series(x * x, _SINHC), lambda x: np.sinh(x) / x, 1)


elementwise(special.expi, lambda ans, x: np.exp(x) / x, guarded=True)
elementwise(special.exp1, lambda ans, z: -np.exp(-z) / z, guarded=True)


def _expn_slope(ans, n, x):
    """8.19.13; the function of order -1 by 8.19.12.  SciPy cuts the fraction of the order off."""
    n = np.trunc(n)
    return np.where(n > 0, -special.expn(np.maximum(n - 1, 0), x), -(np.exp(-x) + ans) / x)


elementwise(special.expn, refuse(special.expn, "n"), _expn_slope, guarded=True)
several_outputs(special.sici, lambda ans, x: (_sin_ratio(x), np.cos(x) / x))
several_outputs(special.shichi, lambda ans, x: (_sinh_ratio(x), np.cosh(x) / x))
elementwise(  # 25.12.2
    special.spence,
    lambda ans, z: near(
        z,
        1,
        lambda w: -power_series(w, _LOG1P_RATIO),
        lambda z: np.log(z) / (1 - z),
        0.0625,
    ),
    guarded=True,
)
# 4.13.4, without a division by z.
elementwise(_lambertw, lambda ans, z, k, tol: np.exp(-ans) / (1 + ans), None, None, guarded=True)
# Corless and Jeffrey (2002), "The Wright omega function", equation 19.
elementwise(special.wrightomega, lambda ans, z: ans / (1 + ans), guarded=True)
