"""Hypergeometric functions: chapters 13, 15 and 16 of DLMF.

Must not know NumPy's own functions' rules.
"""

import numpy as np
from scipy import special

from dualrev.core.arrays import nowhere
from dualrev.core.elementwise import elementwise
from dualrev.rules.special.gamma_series import wright_slope
from dualrev.rules.special.orders import first_kind, scaled_i
from dualrev.rules.special.parameters import (
    hyp0f1_slope,
    hyp1f1_slope,
    hyp2f1_slope,
    hyperu_slope,
)


def _hyp0f1_by_parameter(ans, v, z):
    """From the series, or by 10.16.9 and 10.39.9 where z is large beside v, and it cancels."""
    far = np.isreal(z) & (np.absolute(z) > np.maximum(36, 8 * v))
    if nowhere(far):
        return hyp0f1_slope(1, 0, v, z)
    near = hyp0f1_slope(1, 0, np.where(far, 1.0, v), np.where(far, 0.0, z))
    v, x = np.where(far, v, 1.0), np.where(far, np.real(z), 36.0)
    root = np.sqrt(np.absolute(x))
    positive = x > 0
    of_i = special.iv(v - 1, 2 * np.where(positive, root, 6.0))
    of_j = special.jv(v - 1, 2 * np.where(positive, 6.0, root))
    i_slope = np.exp(2 * np.where(positive, root, 6.0)) * scaled_i(
        1, 0, v - 1, 2 * np.where(positive, root, 6.0)
    )
    j_slope = first_kind(1, 0, v - 1, 2 * np.where(positive, 6.0, root))
    bessel, slope = np.where(positive, of_i, of_j), np.where(positive, i_slope, j_slope)
    rate = special.digamma(v) - np.log(root)
    return np.where(far, special.gamma(v) * root ** (1 - v) * (rate * bessel + slope), near)


elementwise(  # 16.3.1
    special.hyp0f1,
    _hyp0f1_by_parameter,
    lambda ans, v, z: special.hyp0f1(v + 1, z) / v,
    guarded=True,
)
elementwise(  # 13.3.15
    special.hyp1f1,
    lambda ans, a, b, x: hyp1f1_slope(1, 0, 0, a, b, x),
    lambda ans, a, b, x: hyp1f1_slope(0, 1, 0, a, b, x),
    lambda ans, a, b, x: a / b * special.hyp1f1(a + 1, b + 1, x),
    guarded=True,
)
elementwise(  # 15.5.1
    special.hyp2f1,
    lambda ans, a, b, c, z: hyp2f1_slope(1, 0, 0, 0, a, b, c, z),
    lambda ans, a, b, c, z: hyp2f1_slope(0, 1, 0, 0, a, b, c, z),
    lambda ans, a, b, c, z: hyp2f1_slope(0, 0, 1, 0, a, b, c, z),
    lambda ans, a, b, c, z: a * b / c * special.hyp2f1(a + 1, b + 1, c + 1, z),
    guarded=True,
)
elementwise(  # 13.3.22
    special.hyperu,
    lambda ans, a, b, x: hyperu_slope(1, 0, 0, a, b, x),
    lambda ans, a, b, x: hyperu_slope(0, 1, 0, a, b, x),
    lambda ans, a, b, x: -a * special.hyperu(a + 1, b + 1, x),
    guarded=True,
)
# Wright (1935), "The asymptotic expansion of the generalized Bessel function": the sum over k of
# x^k / (k! gamma(a k + b)).  10.46.1.
elementwise(
    special.wright_bessel,
    lambda ans, a, b, x: wright_slope(1, 0, 0, a, b, x),
    lambda ans, a, b, x: wright_slope(0, 1, 0, a, b, x),
    lambda ans, a, b, x: special.wright_bessel(a, a + b, x),
    guarded=True,
)
if hasattr(special, "log_wright_bessel"):
    elementwise(
        special.log_wright_bessel,
        lambda ans, a, b, x: wright_slope(1, 0, 0, a, b, x) * np.exp(-ans),
        lambda ans, a, b, x: wright_slope(0, 1, 0, a, b, x) * np.exp(-ans),
        lambda ans, a, b, x: np.exp(special.log_wright_bessel(a, a + b, x) - ans),
        guarded=True,
    )
