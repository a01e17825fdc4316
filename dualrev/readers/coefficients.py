"""Coefficients: the Taylor coefficients of a series, as a kind of tangent.

Owns how they are written, copied and read.  Must not know how a series passes a rule that is not affine.
"""

import numpy as np

from dualrev.core.arrays import has_nan
from dualrev.core.assignment import own_copy, write_into
from dualrev.core.cotangents import zeros_of
from dualrev.core.tracer import next_level
from dualrev.readers.expansion import Expansion, affine_coefficient
from dualrev.readers.kinds import Kind

__all__ = ["Coefficients"]


class Coefficients(Kind):
    """The coefficients 1 to n of a series: a tuple, in which None is a 0 that nothing can change."""

    __slots__ = ("level", "order")

    def __init__(self, order):
        self.order = order
        # Rules run on series of the tracers below; above those of the scope that this kind is for
        # there are none yet.
        self.level = next_level()

    @np.errstate(divide="ignore", invalid="ignore")
    def push(self, rule, tangents, ans, args, kwargs):
        if self.order <= 1:
            return self._first(rule, tangents, ans, args, kwargs)
        moving = [i for i, t in enumerate(tangents) if t is not None]
        if rule.is_affine_by(moving):
            return self._affine(rule, moving, tangents, ans, args, kwargs)
        pushed = Expansion(self.level, self.order).run(rule, tangents, ans, args, kwargs)
        if _meets_nan(pushed, ans):
            # Once more, with every product looking for a 0 that hides what is not finite.
            pushed = Expansion(self.level, self.order, wary=True).run(
                rule, tangents, ans, args, kwargs
            )
        return pushed

    def _first(self, rule, tangents, ans, args, kwargs):
        """A tangent like any other: its rule need not know series."""
        if not self.order:
            return ((),) * len(ans) if isinstance(ans, tuple) else ()
        ts = [t if t is None or t[0] is None else t[0] for t in tangents]
        ts = [zeros_of(x) if type(t) is tuple else t for t, x in zip(ts, args)]
        t = rule.jvp(ts, ans, args, kwargs)
        return tuple(None if s is None else (s,) for s in t) if isinstance(ans, tuple) else (t,)

    def _affine(self, rule, moving, tangents, ans, args, kwargs):
        columns = zip(*(tangents[i] for i in moving))
        pushed = [affine_coefficient(rule, moving, cs, ans, args, kwargs) for cs in columns]
        if not isinstance(ans, tuple):
            return tuple(pushed)
        nothing = (None,) * len(ans)
        return tuple(zip(*(nothing if cs is None else cs for cs in pushed)))

    def write(self, tangents, ans, args, kwargs):
        old, new = tangents
        whole = args[0]
        index, steps, strides = kwargs["index"], kwargs["steps"], kwargs["strides"]
        written = []
        for k in range(self.order):
            t, value = old[k], None if new is None else new[k]
            if t is None and value is not None:
                t = own_copy(zeros_of(whole), strides)
            if t is not None:
                t = write_into(t, 0.0 if value is None else value, index, steps, strides)
            written.append(t)
        return tuple(written)

    def zeros(self, ans):
        return (None,) * self.order

    def each(self, function, *tangents):
        return tuple(map(function, *tangents))


def _meets_nan(pushed, ans):
    several = pushed if isinstance(ans, tuple) else (pushed,)
    return any(has_nan(c) for t in several if t is not None for c in t if c is not None)
