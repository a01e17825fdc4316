"""Error functions and Fresnel integrals: chapter 7 of DLMF.

Must not know NumPy's own functions' rules.
"""

import cmath
import math

import numpy as np
from scipy import special

from dualrev.core.primitive import elementwise
from dualrev.rules.special.outputs import several_outputs

_TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)


elementwise(special.erf, lambda ans, x: _TWO_OVER_SQRT_PI * np.exp(-x * x))
elementwise(special.erfc, lambda ans, x: -_TWO_OVER_SQRT_PI * np.exp(-x * x))
elementwise(special.erfi, lambda ans, x: _TWO_OVER_SQRT_PI * np.exp(x * x), guarded=True)
elementwise(special.erfcx, lambda ans, x: 2 * x * ans - _TWO_OVER_SQRT_PI, guarded=True)
elementwise(special.dawsn, lambda ans, x: 1 - 2 * x * ans, guarded=True)
elementwise(special.wofz, lambda ans, z: 1j * _TWO_OVER_SQRT_PI - 2 * z * ans, guarded=True)
elementwise(special.erfinv, lambda ans, y: np.exp(ans * ans) / _TWO_OVER_SQRT_PI, guarded=True)
elementwise(special.erfcinv, lambda ans, y: -np.exp(ans * ans) / _TWO_OVER_SQRT_PI, guarded=True)

several_outputs(  # 7.2.7 and 7.2.8
    special.fresnel,
    lambda ans, z: (np.sin(0.5 * math.pi * z * z), np.cos(0.5 * math.pi * z * z)),
)


def _modified_fresnel_slopes(sign):
    """F' = -exp(+-i x^2), and of K = exp(-+i (x^2 + pi/4)) F / sqrt(pi)."""
    corner = cmath.exp(-0.25j * sign * math.pi) / math.sqrt(math.pi)

    def slopes(ans, x):
        return -np.exp(x * x * (1j * sign)), x * ans[1] * (-2j * sign) - corner

    return slopes


several_outputs(special.modfresnelp, _modified_fresnel_slopes(1))
several_outputs(special.modfresnelm, _modified_fresnel_slopes(-1))
