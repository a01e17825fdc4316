"""Airy functions and their integrals: chapter 9 of DLMF.

Must not know NumPy's own functions' rules.
"""

import numpy as np
from scipy import special

from dualrev.errors import no_rule
from dualrev.rules.special.outputs import several_outputs


def _airy_slopes(ans, z):
    """w'' = z w: 9.2.1."""
    ai, ai_slope, bi, bi_slope = ans
    return ai_slope, z * ai, bi_slope, z * bi


def _scaled_airy_slopes(ans, z):
    """Those of w exp(-+ 2/3 z^(3/2)), where z > 0."""
    if z.dtype.kind == "c":
        raise no_rule(
            "scipy.special.airye of a complex argument",
            "use scipy.special.airy",
            why="the scaled Bi is not holomorphic",
        )
    ai, ai_slope, bi, bi_slope = ans
    right = np.greater(z, 0)
    root = np.where(right, np.sqrt(np.where(right, z, 1)), 0)
    return (
        ai_slope + root * ai,
        z * ai + root * ai_slope,
        bi_slope - root * bi,
        z * bi - root * bi_slope,
    )


def _airy_integral_slopes(ans, x):
    ai, _, bi, _ = special.airy(x)
    ai_of_minus, _, bi_of_minus, _ = special.airy(-x)
    return ai, bi, ai_of_minus, bi_of_minus


several_outputs(special.airy, _airy_slopes)
several_outputs(special.airye, _scaled_airy_slopes)
several_outputs(special.itairy, _airy_integral_slopes)
