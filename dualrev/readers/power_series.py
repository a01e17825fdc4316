"""Terms and PowerSeries: a series that computes its next coefficient when it is asked for.

Owns what stands for an array in the body of a rule that runs on series.  Must not know how the series of
an answer comes about: its expansion does.
"""

from dualrev.core.arrays import has_nan
from dualrev.core.assignment import WRITE, in_order
from dualrev.core.binding import NO_KWARGS, bind_operator
from dualrev.core.operands import SCALARS, like
from dualrev.core.operators import give_operators
from dualrev.core.primitive import RULES
from dualrev.core.traced import Traced
from dualrev.core.tracer import Tracer
from dualrev.errors import escaped

__all__ = ["PowerSeries", "Terms", "primals_of"]


class Terms:
    """A power series: the coefficients that are known, and what computes the next one."""

    __slots__ = ("known", "rest", "slope")

    def __init__(self, known, rest=None):
        self.known = known
        self.rest = rest
        self.slope = None

    def upto(self, k):
        """The list of coefficients, as far as k or further."""
        known = self.known
        while len(known) <= k:
            known.append(self.rest(len(known)))
        return known


def primals_of(fields):
    """The values at 0 of series and constants."""
    return [x.known[0] if type(x) is Terms else x for x in fields]


class PowerSeries(Tracer):
    """A series in the body of a rule: its first coefficient is the primal.  Made by Expansion.tracer."""

    mode = "forward"
    __slots__ = ("terms", "within")

    order = property(lambda self: self.within.order)

    def _apply(self, rule, args, kwargs):
        within = self.within
        self.check_open()
        fields = []
        for a in args:
            if within.is_own(a):
                if a.alias is not None:
                    a.settle()
                fields.append(a.terms)
            else:
                fields.append(within.own(a))
        key = within.key(rule, fields, kwargs)
        found = None if key is None else within.equal.get(key)
        if found is None:
            ans = rule.call(*primals_of(fields), **kwargs)
            found = fields, within.answer(rule, fields, ans, kwargs)
            if key is not None:
                within.equal[key] = found
        _, answer = found
        if isinstance(answer, tuple):
            return like(answer, map(within.tracer, answer))
        series = within.tracer(answer)
        if rule.view:
            series.alias = self.alias_of(rule, series.primal, kwargs)
        return series

    def has_nan(self):
        return self.within.wary or has_nan(self.primal)

    def tangents(self):
        """The coefficients that are known."""
        return tuple(c for c in self.terms.known[1:] if c is not None)

    def may_meet_nan(self, ct):
        primal = self.primal
        if not isinstance(primal, Traced):
            return False
        return primal.may_meet_nan(ct.primal if self.within.is_own(ct) else ct)

    def doubted(self, where):
        return self  # a coefficient is nan already

    def check_open(self):
        if self.within.closed:
            raise escaped("taylor")

    def copy(self, order="C"):
        self.settle()
        series = self.within.tracer(self.terms)
        series.primal = in_order(series.primal, order)
        return series

    def _take_over(self, other):
        self.primal = other.primal
        self.terms = other.terms

    def _make_exclusive(self):
        pass  # a write makes new terms

    def _overwrite(self, value, index, steps):
        strides = None if steps is None else self.primal.strides
        kwargs = {"index": index, "steps": steps, "strides": strides}
        old = self.within.tracer(self.terms)
        self._take_over(old._apply(WRITE, (old, value), kwargs))


def _operator(ufunc, reflected):
    def operate(self, other):
        rule = RULES[ufunc]
        if type(other) in SCALARS or self.within.is_own(other):
            return self._apply(rule, (other, self) if reflected else (self, other), NO_KWARGS)
        return bind_operator(rule, self, other, reflected)

    return operate


give_operators(PowerSeries, _operator)
