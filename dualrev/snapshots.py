"""Snapshots: which states of a chain of steps are stored while it is reversed, step by step.

Owns the schedule that runs the fewest steps (Griewank and Walther 2000, "Algorithm 799: revolve", ACM
TOMS 26, equations 2 to 4).  Must not know what a step is.
"""

from collections.abc import Callable, Iterator
from math import comb
from typing import Any

__all__ = ["extra_steps", "part", "places", "reversal"]


def _reach(snapshots, runs):
    """The longest chain of which no step runs more often, but for the run that reverses it."""
    return comb(snapshots + runs, snapshots) if runs >= 0 else 0


def _runs(length, snapshots):
    """How often a step runs at most."""
    runs = 0
    while _reach(snapshots, runs) < length:
        runs += 1
    return runs


def extra_steps(length: int, snapshots: int) -> int:
    """The least number of steps that run to reverse a chain, beside one a step that reverses it.

    With the state before the first step among the snapshots.
    """
    runs = _runs(length, snapshots)
    return runs * length - _reach(snapshots + 1, runs - 1)


def part(length: int, snapshots: int) -> int:
    """How many steps of a chain come before the next snapshot; all but the last where none is left."""
    if snapshots == 1:
        return length - 1
    runs = _runs(length, snapshots)
    return max(1, _reach(snapshots, runs - 2), length - _reach(snapshots - 1, runs))


def places(length: int, snapshots: int) -> list[int]:
    """Before which steps a state is stored by the run to the last step: the first is 0."""
    stored = [0]
    while length - stored[-1] > 1 and len(stored) < snapshots:
        k = stored[-1] + part(length - stored[-1], snapshots - len(stored) + 1)
        if k == length - 1:
            break
        stored.append(k)
    return stored


def reversal(
    length: int, snapshots: int, stored: list[tuple[int, Any]], advance: Callable
) -> Iterator[tuple[int, Any]]:
    """The steps from the last to the first, each with the state before it.

    Parameters
    ----------
    length, snapshots : int
    stored : list of tuple
        States by the steps that they are before, from the first step on.
    advance : callable
        ``advance(k, state, m)``: the state before step m from the one before step k.
    """
    while length:
        k, state = stored[-1]
        while k < length - 1:
            m = k + part(length - k, snapshots - len(stored) + 1)
            state = advance(k, state, m)
            k = m
            if k < length - 1:
                stored.append((k, state))
        if stored[-1][0] == k:
            stored.pop()
        length -= 1
        yield length, state
