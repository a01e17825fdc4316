"""What the plain values of an integrand do not show: its derivatives, of every order that is traced.

Owns how sums of traced values are compared in all their derivatives, without ending any transform.
Must not know where the integrand was evaluated.

A term that is multiplied by 0 has no part in the values, by which subintervals are found good; for its
derivative they may be too coarse.
"""

from functools import cached_property, lru_cache

import numpy as np

from dualrev.axes import along
from dualrev.core.binding import NO_KWARGS
from dualrev.core.operands import numbers_of
from dualrev.core.traced import Traced, is_differentiated
from dualrev.readers.tape import INPUT, Tape

__all__ = ["Comparison", "irregular", "mark"]

#: Differences of rules that are left, as a part of the derivative; that of a kink which the values
#: show is less.
_TRUSTED = 1e-6
#: Rounding, as a part of the values: a derivative that is 0 by cancellation is left with that.
_ROUNDING = 1e-14


@lru_cache(maxsize=64)
def irregular(shape):
    """Numbers of size 1 to 2 and of no pattern, by which parts of a sum do not cancel."""
    c = np.cos(np.arange(1.0, 1.0 + np.prod(shape)) ** 2).reshape(shape)
    return c + np.copysign(1.0, c)


def mark(x, marks):
    """Note of each tape on which x stands how long it is: what comes later is the integrand."""
    if type(x) in (list, tuple):
        for part in x:
            mark(part, marks)
    while is_differentiated(x):
        if not x.differentiates:
            x.numbers()  # raises
        below = x.primal
        if x.mode == "forward":
            mark(x.tangents(), marks)
        elif x.tape not in marks:
            marks[x.tape] = len(x.tape.entries)
        x = below


class Comparison:
    """Two rules over the same traced values, in all derivatives: their difference, and the size.

    Parameters
    ----------
    values : Traced, shape (n, ...)
    difference, weights : array, shape (n,)
        How the weights of two rules differ; and those of the better rule.
    marks : dict of Tape to int
    """

    def __init__(self, values, difference, weights, marks):
        self.at = values, marks
        self.difference, self.weights = difference, weights
        values = numbers_of(values).reshape(len(weights), -1)
        self.modulus = (weights @ np.absolute(values)).max(initial=0.0)

    @cached_property
    def size(self):
        return self._of(self.weights * (1 + 0.5 * irregular(self.weights.shape)))

    @cached_property
    def errors(self):
        return self._of(self.difference)

    @property
    def is_finite(self):
        """Whether all derivatives are."""
        return all(np.isfinite(error).all() for error in self.errors.values())

    def _of(self, weights):
        with np.errstate(all="ignore"):
            return _derivatives(weights, *self.at, ())

    def agrees(self, tolerance=_TRUSTED, whole=None, rounding=_ROUNDING):
        """Whether each error is that part of its size, or a thousandth of that of the whole's.

        Or it is rounding, as a part of the values.
        """
        least = rounding * (whole or self).modulus
        for path, error in self.errors.items():
            # What is not finite is no finite wrong number.
            if not path or not (np.isfinite(error) & (error > least)).any():
                continue
            allowed = tolerance * self.size.get(path, 0.0)
            if whole is not None:
                allowed = np.maximum(allowed, tolerance * 1e-3 * whole.size.get(path, 0.0))
            if (np.isfinite(error) & (error > np.maximum(allowed, least))).any():
                return False
        return True


def _derivatives(weights, values, marks, path):
    """The size of a weighted sum over the first axis of each plain array in traced values.

    By the way to it: such an array is a tangent, or the cotangent of an entry.
    """
    if isinstance(values, Traced) and not values.differentiates:  # a batch: all of its rows
        values = np.moveaxis(values.below, 1, 0)
    if not is_differentiated(values):
        return {path: np.absolute(weights @ values.reshape(len(values), -1))}
    if values.alias is not None:
        values.settle()
    found = _derivatives(weights, values.primal, marks, path)
    if values.mode == "forward":
        for k, t in enumerate(values.tangents()):
            found |= _derivatives(weights, t, marks, (*path, values.level, k))
        return found
    section, inputs, place = _section(values.tape, values.entry, marks.get(values.tape, 0))
    shape = values.shape[1:]
    ct = along(weights, 0, values.ndim) * irregular(shape)
    pulled = section.pull({place: ct}, inputs.values())
    together = 0.0
    for i, ct in zip(inputs, pulled):
        if ct is None:
            continue
        found[(*path, values.level, i)] = np.absolute(np.ravel(numbers_of(ct)))
        if is_differentiated(ct):
            together = together + (irregular(ct.shape) * np.cos(i) * ct).sum()
    if is_differentiated(together):
        together = together.reshape(1)
        found |= _derivatives(np.ones(1), together, marks, (*path, values.level, "cotangents"))
    return found


def _section(tape, index, since):
    """What an entry was computed from, back to entries before a given one, as a tape of its own.

    So that a sweep over a few operations costs those few.

    Returns
    -------
    section : Tape
    inputs : dict of int to int
        The places of its inputs in it, by their own.
    place : int
        That of the entry.
    """
    entries = tape.entries
    reached = {}
    waiting = [index]
    while waiting:
        i = waiting.pop()
        if i in reached:
            continue
        if i < since:
            reached[i] = INPUT, None, (), (), NO_KWARGS, i
            continue
        if i >= len(entries) or entries[i][5] != i:  # threads record in another order
            entries = {entry[5]: entry for entry in list(tape.entries)}
        reached[i] = entries[i]
        waiting += [p for p in entries[i][3] if p is not None]
    places = {i: place for place, i in enumerate(sorted(reached))}
    section = Tape()
    for i, place in places.items():
        rule, ans, args, parents, kwargs, _ = reached[i]
        parents = [None if p is None else places[p] for p in parents]
        section.entries.append((rule, ans, args, parents, kwargs, place))
    inputs = {i: place for i, place in places.items() if reached[i][0] is INPUT}
    return section, inputs, places[index]
