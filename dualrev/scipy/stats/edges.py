"""Slopes from within, at the edge of a support or of what a shape may be.

Must not know any distribution.
"""

from typing import Any

import numpy as np
from scipy import special

__all__ = ["ratio", "scaled_i0"]


def ratio(x: Any, y: Any) -> Any:
    """``x / y``, but 0 where both are 0: the slope ``c / y`` of ``c * log(y)`` is 0 for c = 0."""
    return x / np.where(np.equal(x, 0) & np.equal(y, 0), 1, y)


def scaled_i0(x: Any) -> Any:
    """``i0e(x)`` of x >= 0: at 0 with the slope -1, where that of ``exp(-abs(x)) i0(x)`` has a kink."""
    is_near = np.less(x, 1)
    near = np.where(is_near, x, 0)
    return np.where(is_near, np.exp(-near) * special.i0(near), special.i0e(np.where(is_near, 1, x)))
