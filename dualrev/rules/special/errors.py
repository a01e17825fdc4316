"""Error functions and Fresnel integrals: chapter 7 of DLMF.

Must not know NumPy's own functions' rules.
"""

import cmath
import math

import numpy as np
from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.rules.special.faddeeva import faddeeva_slope
from dualrev.rules.special.outputs import several_outputs

_TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)


def _as_real_as(x, value):
    return value if x.dtype.kind == "c" else np.real(value)


elementwise(special.erf, lambda ans, x: _TWO_OVER_SQRT_PI * np.exp(-x * x))
elementwise(special.erfc, lambda ans, x: -_TWO_OVER_SQRT_PI * np.exp(-x * x))
elementwise(special.erfi, lambda ans, x: _TWO_OVER_SQRT_PI * np.exp(x * x), guarded=True)
# In derivatives of w, since 2 x erfcx(x) - 2 / sqrt(pi) and its kin cancel far out.
elementwise(special.wofz, lambda ans, z: faddeeva_slope(1, z), guarded=True)
elementwise(
    special.erfcx, lambda ans, x: _as_real_as(x, 1j * faddeeva_slope(1, 1j * x)), guarded=True
)


def _dawson_slope(ans, z):
    """7.5.1: the imaginary part of w, where z is real."""
    slope = faddeeva_slope(1, z + 0j)
    if z.dtype.kind != "c":
        return np.imag(slope) / _TWO_OVER_SQRT_PI
    return -1j * (2 * z * np.exp(-z * z) + slope) / _TWO_OVER_SQRT_PI


elementwise(special.dawsn, _dawson_slope, guarded=True)
elementwise(special.erfinv, lambda ans, y: np.exp(ans * ans) / _TWO_OVER_SQRT_PI, guarded=True)
elementwise(special.erfcinv, lambda ans, y: -np.exp(ans * ans) / _TWO_OVER_SQRT_PI, guarded=True)

several_outputs(  # 7.2.7 and 7.2.8
    special.fresnel,
    lambda ans, z: (np.sin(0.5 * math.pi * z * z), np.cos(0.5 * math.pi * z * z)),
)


def _modified_fresnel_slopes(sign):
    """F' = -exp(+-i x^2), and of K = exp(-+i (x^2 + pi/4)) F / sqrt(pi), half of w(turn x)."""
    turn = cmath.exp(1j * math.pi * (0.5 - 0.25 * sign))

    def slopes(ans, x):
        return -np.exp(x * x * (1j * sign)), 0.5 * turn * faddeeva_slope(1, turn * x)

    return slopes


several_outputs(special.modfresnelp, _modified_fresnel_slopes(1))
several_outputs(special.modfresnelm, _modified_fresnel_slopes(-1))
