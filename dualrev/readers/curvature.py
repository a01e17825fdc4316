"""Curvature: a kind of tangent that holds first and second derivatives along many directions.

Owns what a primitive does to them.  Must not know any function by name.

Of the second derivatives the sum over all directions can be kept alone: one array in the place of as
many as there are directions (Li et al. 2023, "Forward Laplacian: a new computational framework for
neural network-based variational Monte Carlo").
"""

import numpy as np

from dualrev.core.cotangents import zeros_of
from dualrev.core.guarded import guarded_product
from dualrev.core.operands import base_of, like
from dualrev.readers.forward import Dual, Scope
from dualrev.readers.kinds import Kind

__all__ = ["Bend", "Curvature"]


class Bend:
    """One tangent of this kind.

    Attributes
    ----------
    slopes : array
        The first derivatives along all directions, a batch; or the same along all.
    bend : array
        The second derivatives, a batch; or their sum.
    """

    __slots__ = ("bend", "slopes")

    def __init__(self, slopes, bend):
        self.slopes = slopes
        self.bend = bend


class Curvature(Kind):
    """Tangents along the directions of a batch, with second derivatives along each, or their sum.

    Parameters
    ----------
    rows : Rows
        The batch of directions.
    added : bool
        Whether the second derivatives are added up.
    """

    __slots__ = ("added", "rows")
    order = 2

    def __init__(self, rows, added):
        self.rows = rows
        self.added = added

    def push(self, rule, tangents, ans, args, kwargs):
        slopes = [None if t is None else t.slopes for t in tangents]
        pushed = rule.jvp(slopes, ans, args, kwargs)
        bent = rule.jvp([None if t is None else t.bend for t in tangents], ans, args, kwargs)
        turned = self._turned(rule, slopes, pushed, ans, args, kwargs)
        if not isinstance(ans, tuple):
            return _bent(pushed, bent, turned)
        turned = [None] * len(ans) if turned is None else turned
        return tuple(map(_bent, pushed, bent, turned))

    def _turned(self, rule, slopes, pushed, ans, args, kwargs):
        """What the slopes alone make of the second derivatives; None for 0."""
        moving = [i for i, t in enumerate(slopes) if t is not None]
        if rule.is_affine_by(moving):
            return None
        i = moving[0]
        if rule.word == "elementwise" and len(moving) == 1 and _are_real(ans, args[i]):
            return self._turned_elementwise(rule, i, slopes, ans, args, kwargs)
        turned = _derivative_of_push(rule, slopes, pushed, ans, args, kwargs)
        several = isinstance(ans, tuple)
        return list(map(self._collected, turned)) if several else self._collected(turned)

    def _turned_elementwise(self, rule, i, slopes, ans, args, kwargs):
        """Of each element once, for the largest of its slopes; of the others by their ratios to it."""
        # Not for a slope of 1: a partial may overflow where its product with a slope does not.  But
        # where all are 0, whose second derivatives are none, if slopes are differentiated.
        largest = base_of(np.max(np.abs(self.rows.spread(slopes[i])), axis=0))
        largest = np.where(np.equal(largest, 0), 1, largest)[()]
        units = [None] * len(args)
        units[i] = largest
        partial = rule.jvp(units, ans, args, kwargs)
        second = _derivative_of_push(rule, units, partial, ans, args, kwargs)
        if second is None:
            return None
        ratios = slopes[i] / largest
        return guarded_product(self._collected(ratios * ratios), second)

    def _collected(self, t):
        return np.sum(self.rows.spread(t), axis=0) if self.added and t is not None else t

    def zeros(self, ans):
        return Bend(zeros_of(ans), zeros_of(ans))

    def each(self, function, *tangents):
        return Bend(function(*(t.slopes for t in tangents)), function(*(t.bend for t in tangents)))

    def stirred(self, t, function):
        return Bend(function(t.slopes), t.bend)  # which may be a sum


def _bent(slopes, bend, turned):
    if slopes is None:
        return None
    return Bend(slopes, bend if turned is None else bend + turned)


def _are_real(*arrays):
    return all(x.dtype.kind == "f" for x in arrays)


def _derivative_of_push(rule, tangents, pushed, ans, args, kwargs):
    """How ``rule.jvp(tangents)``, which is pushed, changes along these tangents; None for 0."""
    scope = Scope()

    def dual(x, t):
        return x if t is None else scope.dual(x, t)

    def change(t):
        return t.tangent if type(t) is Dual and t.scope is scope else None

    try:
        duals = list(map(dual, args, tangents))
        if rule.below is not None:  # what the rule chose at a kink has no derivative
            ans = rule.below(*duals, **kwargs)
        elif isinstance(ans, tuple):
            ans = like(ans, map(dual, ans, pushed))
        else:
            ans = dual(ans, pushed)
        turned = rule.jvp(tangents, ans, duals, kwargs)
        return list(map(change, turned)) if isinstance(ans, tuple) else change(turned)
    finally:
        scope.close()
