"""Parabolic cylinder functions: chapter 12 of DLMF.

Must not know NumPy's own functions' rules.
"""

from scipy import special

from dualrev.rules.special.outputs import several_outputs
from dualrev.rules.special.refusal import refuse


def _growing_slopes(ans, v, x):
    """w'' = (x^2 / 4 + a) w with a = -v - 1/2: 12.2.2."""
    w, slope = ans
    return slope, (x * x / 4 - v - 0.5) * w


def _oscillating_slopes(ans, a, x):
    """w'' = (a - x^2 / 4) w: 12.14.1."""
    w, slope = ans
    return slope, (a - x * x / 4) * w


several_outputs(special.pbdv, refuse(special.pbdv, "v"), _growing_slopes)
several_outputs(special.pbvv, refuse(special.pbvv, "v"), _growing_slopes)
several_outputs(special.pbwa, refuse(special.pbwa, "a"), _oscillating_slopes)
