"""Parabolic cylinder functions: chapter 12 of DLMF.

Must not know NumPy's own functions' rules.
"""

import math

import numpy as np
from scipy import special

from dualrev.rules.special.gamma import rgamma_slope
from dualrev.rules.special.outputs import several_outputs
from dualrev.rules.special.parameters import hyp1f1_slope, hyperu_slope
from dualrev.rules.special.refusal import refuse

_HALF_LOG_TWO = math.log(2) / 2


def _growing_slopes(ans, v, x):
    """w'' = (x^2 / 4 + a) w with a = -v - 1/2: 12.2.2."""
    w, slope = ans
    return slope, (x * x / 4 - v - 0.5) * w


def _oscillating_slopes(ans, a, x):
    """w'' = (a - x^2 / 4) w: 12.14.1."""
    w, slope = ans
    return slope, (a - x * x / 4) * w


def _by_order(v, x):
    """Of D_v(x): 12.7.14 where x > 1, and 12.4.1 with 12.2.6, 12.2.7, 12.4.3 elsewhere."""
    right = x > 1
    at_right, at_left = np.where(right, x, 2.0), np.where(right, 0.0, x)
    square = at_right * at_right / 2
    falling = _HALF_LOG_TWO * special.hyperu(-v / 2, 0.5, square)
    falling = falling - hyperu_slope(1, 0, 0, -v / 2, 0.5, square) / 2
    square = at_left * at_left / 2
    total = 0.0
    for shift, factor in ((1, 1.0), (0, -math.sqrt(2) * at_left)):
        a, b = (1 - shift - v) / 2, 1.5 - shift
        reciprocal = special.rgamma((shift - v) / 2)
        even = hyp1f1_slope(0, 0, 0, a, b, square)
        slope = (_HALF_LOG_TWO * reciprocal - rgamma_slope((shift - v) / 2) / 2) * even
        total = total + factor * (slope - reciprocal / 2 * hyp1f1_slope(1, 0, 0, a, b, square))
    power = np.exp2(v / 2) * np.exp(-x * x / 4)
    return power * np.where(right, falling, math.sqrt(math.pi) * total)


def _growing_by_order(ans, v, x):
    """12.8.2 for the slope"""
    slope = _by_order(v, x)
    return slope, x / 2 * slope - _by_order(v + 1, x)


several_outputs(special.pbdv, _growing_by_order, _growing_slopes)
several_outputs(special.pbvv, refuse(special.pbvv, "v"), _growing_slopes)
several_outputs(special.pbwa, refuse(special.pbwa, "a"), _oscillating_slopes)
