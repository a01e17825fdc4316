"""Jumps of a right-hand side, of which a derivative misses the moment.

Owns how they are noticed.  Must not know how steps are differentiated.
"""

import warnings

import numpy as np

from dualrev.core.errors import ComparisonWarning, name_of
from dualrev.insides import user_place
from dualrev.scipy.integrate.right_sides import RightSide
from dualrev.transforms import jvp

__all__ = ["warn_of_jumps"]

#: A jump is met by steps that are this much shorter than others near by, within so many steps; it moves
#: the rate by this part of the largest, and so many times as much as its slope at both ends does.
#: Seen over smooth systems: 12 times; over jumps: from 1e4 on.
_SHORT, _NEAR, _PART, _TIMES = 0.2, 5, 1e-3, 200


def warn_of_jumps(right_side: RightSide, t, y) -> None:
    """Warn where the rate at states (steps + 1, n) changes by more than its slope explains."""
    h = np.abs(np.diff(t))
    around = np.pad(h, _NEAR, mode="edge")
    longest = np.lib.stride_tricks.sliding_window_view(around, 2 * _NEAR + 1).max(axis=1)
    short = np.flatnonzero(h < _SHORT * longest)
    if not len(short):
        return
    rates = right_side.rows(t, y)
    moves = np.abs(np.diff(rates, axis=0))[short]
    large = moves > _PART * np.abs(rates).max(axis=0)
    short, moves = short[large.any(axis=1)], np.where(large, moves, 0)[large.any(axis=1)]
    if not len(short):
        return
    ends = np.concatenate([short, short + 1])
    given = t[ends], y[ends]
    _, slopes = jvp(right_side.rows, given, (np.ones(len(ends)), rates[ends]))
    explained = np.abs(slopes).reshape(2, len(short), -1).sum(axis=0) * h[short, None]
    jumps = short[(moves > _TIMES * explained).any(axis=1)]
    if len(jumps):
        warnings.warn_explicit(
            f"`{name_of(right_side.fun)}` jumps at t = {t[jumps[0]]:.6g}: derivatives of the solution "
            "miss what the moment of a jump contributes; where it moves, make it a terminal event, and "
            "go on from t_events and y_events.",
            ComparisonWarning,
            *user_place(),
        )
