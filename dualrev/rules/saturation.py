"""Slopes of sigmoids, which keep their digits where the sigmoid itself has rounded to 1.

Must not know a function by name but tanh, in which the slopes of the slopes are written.
"""

import numpy as np

from dualrev.core.primitive import elementwise

# Below it 1 - s would lose more than ten of sixteen digits.
_LOST = 1e-5


def _keeps_digits(rest):
    """Whether no element of 1 - s has lost its digits; not known of what is no plain array."""
    kind = type(rest)
    if kind is np.float64:
        return rest > _LOST
    # A fifth of the cost of the exponentials that it saves.
    return kind is np.ndarray and rest.dtype.kind == "f" and rest.size and rest.min() > _LOST


def _fall(x):
    """exp(-|x|), with the sign of the real part of a complex x."""
    return np.exp(-np.copysign(1, np.real(x)) * x)


def _tanh_slope(ans, x):
    rest = 1 - ans * ans
    if _keeps_digits(rest):
        return rest
    fall = _fall(2 * x)
    return 4 * fall / (1 + fall) ** 2


def _logistic_slope(ans, x):
    rest = 1 - ans
    if _keeps_digits(rest):
        return ans * rest
    fall = _fall(x)
    return fall / (1 + fall) ** 2


#: ``tanh_slope(tanh(x), x)`` is 1 - tanh(x)^2: a function of both, it varies with the first.
tanh_slope = elementwise(_tanh_slope, lambda ans, y, x: -2 * y, None, guarded="pull")
#: ``logistic_slope(s, x)`` is s (1 - s) with s = 1 / (1 + exp(-x)); it varies with x.
logistic_slope = elementwise(
    _logistic_slope, None, lambda ans, s, x: -ans * np.tanh(x / 2), guarded="pull"
)
