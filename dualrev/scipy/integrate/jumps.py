"""Jumps of a right-hand side, of which a derivative misses the moment.

Owns how they are noticed.  Must not know how steps are differentiated.
"""

import warnings

import numpy as np

from dualrev.closures import traced_apart
from dualrev.core.binding import base_of
from dualrev.core.errors import ComparisonWarning, name_of
from dualrev.insides import user_place
from dualrev.scipy.integrate.right_sides import RightSide
from dualrev.transforms import jvp

__all__ = ["warn_of_jumps"]

#: A jump is met by steps that are this much shorter than others near by, within so many steps; it moves
#: the rate by this part of the largest, and so many times as much as its slope at both ends does.
#: Seen over smooth systems: 12 times; over jumps: from 1e4 on.
_SHORT, _NEAR, _PART, _TIMES = 0.2, 5, 1e-3, 200
#: By how much all that a jump may depend on is moved, to see whether it does.
_OTHER = 1e-2


def warn_of_jumps(right_side: RightSide, plain: RightSide, t, y) -> None:
    """Warn where the rate at states (steps + 1, n) changes by more than its slope explains.

    Where that happens at the same time whatever is traced, and whatever the state is, a derivative
    misses nothing.
    """
    h = np.abs(np.diff(t))
    around = np.pad(h, _NEAR, mode="edge")
    longest = np.lib.stride_tricks.sliding_window_view(around, 2 * _NEAR + 1).max(axis=1)
    short = np.flatnonzero(h < _SHORT * longest)
    if not len(short):
        return
    rates = plain.rows(t, y)
    moves = np.abs(np.diff(rates, axis=0))[short]
    large = moves > _PART * np.abs(rates).max(axis=0)
    short, moves = short[large.any(axis=1)], np.where(large, moves, 0)[large.any(axis=1)]
    if not len(short):
        return
    ends = np.concatenate([short, short + 1])
    given = t[ends], y[ends]
    _, slopes = jvp(plain.rows, given, (np.ones(len(ends)), rates[ends]))
    explained = np.abs(slopes).reshape(2, len(short), -1).sum(axis=0) * h[short, None]
    jumps = moves > _TIMES * explained
    place = next(
        (k for k, jump in zip(short, jumps) if jump.any() and _moves(k, right_side, t, y)), None
    )
    if place is not None:
        warnings.warn_explicit(
            f"`{name_of(right_side.fun)}` jumps at t = {t[place]:.6g}: derivatives of the solution "
            "miss what the moment of a jump contributes; make it a terminal event, and go on from "
            "t_events and y_events.",
            ComparisonWarning,
            *user_place(),
        )


def _moves(k, right_side, t, y):
    """Whether the rate jumps no more between two times, where all else is another."""
    held, leaves = traced_apart((right_side.fun, right_side.args))
    rng = np.random.default_rng(0)

    def other(x):
        return x + _OTHER * rng.uniform(0.5, 1.5, np.shape(x)) * np.maximum(np.abs(x), 1)

    fun, args = held.with_leaves([other(base_of(x)) for x in leaves]).root
    moved = RightSide(fun, args, right_side.vectorized, at_once=False)
    ends = t[k : k + 2]
    before = base_of(right_side.rows(ends, y[k : k + 2]))
    after = base_of(moved.rows(ends, np.repeat(other(y[k : k + 1]), 2, axis=0)))
    jump, same = np.abs(np.diff(before, axis=0)).max(), np.abs(np.diff(after, axis=0)).max()
    return not same > jump / 2
