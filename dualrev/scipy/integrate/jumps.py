"""Jumps of a right-hand side, of which a derivative misses the moment, and what is only compared in it.

Owns how they are noticed.  Must not know how steps are differentiated.
"""

import functools
import warnings

import numpy as np

from dualrev.closures import traced_apart
from dualrev.columns import push_columns
from dualrev.core.operands import base_of
from dualrev.core.traced import Traced
from dualrev.errors import ComparisonWarning, name_of
from dualrev.insides.lines import user_place
from dualrev.scipy.integrate.right_sides import RightSide
from dualrev.transforms import jvp

__all__ = ["warn_of_comparisons", "warn_of_jumps"]

#: A jump is met by steps that are this much shorter than others near by, within so many steps; it moves
#: the rate by this part of the largest, and so many times as much as its slope at both ends does.
#: Seen over smooth systems: 12 times; over jumps: from 1e4 on.
_SHORT, _NEAR, _PART, _TIMES = 0.2, 5, 1e-3, 200
#: By how much all that a jump may depend on is moved, to see whether it does; and at how many states it
#: is looked first.
_SIZES, _SEEN = (1e-2, 1e-1, 1.0), 64


def warn_of_jumps(right_side: RightSide, plain: RightSide, t, y) -> bool:
    """Warn where the rate at states (steps + 1, n) changes by more than its slope explains; whether so.

    Where that happens at the same time whatever is traced, and whatever the state is, a derivative
    misses nothing.
    """
    h = np.abs(np.diff(t))
    around = np.pad(h, _NEAR, mode="edge")
    longest = np.lib.stride_tricks.sliding_window_view(around, 2 * _NEAR + 1).max(axis=1)
    short = np.flatnonzero(h < _SHORT * longest)
    if not len(short):
        return False
    rates = plain.rows(t, y)
    moves = np.abs(np.diff(rates, axis=0))[short]
    large = moves > _PART * np.abs(rates).max(axis=0)
    short, moves = short[large.any(axis=1)], np.where(large, moves, 0)[large.any(axis=1)]
    if not len(short):
        return False
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
    return place is not None


def warn_of_comparisons(right_side: RightSide, t, y) -> None:
    """Warn where the rate at states (steps + 1, n) depends on what is traced, but has no slope by it."""
    held, leaves = traced_apart((right_side.fun, right_side.args))
    numbers = [base_of(x) for x in leaves]
    if not leaves or any(
        isinstance(x, Traced) for x in numbers
    ):  # what a callback keeps has escaped
        return

    def rates(*numbers, t=t, y=y):
        fun, args = held.with_leaves(numbers).root
        return RightSide(fun, args, right_side.vectorized, right_side.at_once).rows(t, y)

    def have_slopes(numbers, **places):
        directions = [np.zeros((len(leaves), *x.shape), x.dtype) for x in numbers]
        for k, one in enumerate(directions):
            one[k] = np.random.default_rng(k).uniform(0.5, 1.5, numbers[k].shape)
        _, slopes = push_columns(functools.partial(rates, **places), numbers, directions)
        return np.any(base_of(slopes) != 0, axis=(1, 2))

    some = np.unique(np.linspace(0, len(t) - 1, _SEEN).astype(int))
    for k in np.flatnonzero(~have_slopes(numbers, t=t[some], y=y[some])):
        for size in _SIZES:
            moved = [_other(x, size) if i == k else x for i, x in enumerate(numbers)]
            try:
                # Elsewhere a smooth dependence, as on a**2 at a = 0, has a slope.
                is_compared = np.any(rates(*moved) != rates(*numbers)) and not have_slopes(moved)[k]
            except Exception:  # what fun does not take; it says nothing
                continue
            if is_compared:
                warnings.warn_explicit(
                    f"`{name_of(right_side.fun)}` depends on a value that derivatives are taken by, but "
                    "only compares it: derivatives of the solution miss what the moment of the jump "
                    "contributes; make it a terminal event, and go on from t_events and y_events.",
                    ComparisonWarning,
                    *user_place(),
                )
                return


def _other(x, size):
    """Numbers near by."""
    random = np.random.default_rng(0).uniform(0.5, 1.5, np.shape(x))
    return x + size * random * np.maximum(np.abs(x), 1)


def _moves(k, right_side, t, y):
    """Whether the rate jumps no more between two times, where all else is another."""
    held, leaves = traced_apart((right_side.fun, right_side.args))
    fun, args = held.with_leaves([_other(base_of(x), _SIZES[0]) for x in leaves]).root
    moved = RightSide(fun, args, right_side.vectorized, at_once=False)
    ends = t[k : k + 2]
    before = base_of(right_side.rows(ends, y[k : k + 2]))
    after = base_of(moved.rows(ends, np.repeat(_other(y[k : k + 1], _SIZES[0]), 2, axis=0)))
    jump, same = np.abs(np.diff(before, axis=0)).max(), np.abs(np.diff(after, axis=0)).max()
    return not same > jump / 2
