"""Var: a primal and its entry on a tape, on which each primitive that meets it is recorded.

Owns what an entry holds of a call.  Must not know how a tape is swept.
"""

import numpy as np

from dualrev.core.arrays import has_nan, nowhere
from dualrev.core.assignment import WRITE, own_copy, write_into
from dualrev.core.binding import NO_KWARGS, bind_operator
from dualrev.core.cotangents import PartialCotangent, zeros_of
from dualrev.core.operands import SCALARS
from dualrev.core.operators import give_operators
from dualrev.core.primitive import RULES
from dualrev.core.tracer import Tracer
from dualrev.readers.doubts import doubted

__all__ = ["OUTPUT", "Var"]

_ndarray = np.ndarray


class Var(Tracer):
    """A primal, and its entry on a tape.  Made by Tape.record."""

    mode = "reverse"
    __slots__ = ("entry", "tape")

    order = property(lambda self: self.tape.order)

    def _apply(self, rule, args, kwargs):
        tape = self.tape
        primals = []
        saved = []
        parents = []
        for a in args:
            if type(a) is Var and a.tape is tape:
                if a.alias is not None:
                    a.settle()
                primals.append(a.primal)
                saved.append(a.lasting() if rule.reads_values else a.primal)
                parents.append(a.entry)
            else:
                primals.append(a)
                saved.append(a if type(a) in SCALARS else tape.own(a, rule, args))
                parents.append(None)
        if kwargs:
            kwargs = tape.captured.own_nested(kwargs)
        ans = rule.call(*primals, **kwargs)
        return self._recorded(rule, ans, saved, parents, kwargs, ans)

    # From method to entry without bind and _apply: 0.5 us less.
    def _unary(self, rule, kwargs=NO_KWARGS):
        alias = self.alias
        if self.writes is not None or (alias is not None and alias[0].writes is not None):
            return self._apply(rule, (self,), kwargs)
        primal = self.primal
        ans = rule.call(primal, **kwargs)
        return self._recorded(rule, ans, (primal,), (self.entry,), kwargs, primal)

    def _recorded(self, rule, ans, args, parents, kwargs, largest):
        """The answer of a primitive as a Var, or of one with several outputs one Var an output."""
        var = self.tape.record(rule, ans, args, parents, kwargs, largest)
        if isinstance(ans, tuple):
            return self._outputs(ans, var.entry, rule.fills)
        if rule.view:
            var.alias = self.alias_of(rule, ans, kwargs)
        return var

    def _view(self, rule, index):
        if self.alias is not None:
            self.settle()
        primal = self.primal
        ans = primal[index]
        kwargs = {"index": index}
        var = self.tape.record(rule, ans, (primal,), (self.entry,), kwargs, primal)
        is_array = type(ans) is _ndarray or (ans.ndim and primal.ndim)
        if self.alias is self.writes is None and type(ans) is type(primal) and is_array:
            # As alias_of says: 0.15 us less, and 1 us of an array that is traced itself.
            var.alias = self, (None, rule, kwargs), 0
        else:
            var.alias = self.alias_of(rule, ans, kwargs)
        return var

    def _outputs(self, ans, parent, fills):
        """One Var an output of a primitive with several; integer outputs stay plain."""
        outputs = []
        for k, output in enumerate(ans):
            if output.dtype.kind in "fc":
                kwargs = {"k": k, "fills": fills}
                output = self.tape.record(OUTPUT, output, (ans,), (parent,), kwargs, None)
            outputs.append(output)
        return type(ans)(*outputs) if hasattr(ans, "_fields") else tuple(outputs)

    def has_nan(self):
        return has_nan(self.primal)

    def may_meet_nan(self, ct):
        # A tangent pushed over this tape later may be infinite, which a zero in ct must stop.
        return not nowhere(np.equal(ct, 0))

    doubted = doubted

    def check_open(self):
        self.tape.check_open()

    def copy(self, order="C"):
        self.settle()
        var = Var()
        var.primal = self.lasting(order)
        var.tape, var.entry, var.level = self.tape, self.entry, self.level
        var.alias = var.writes = None
        return var

    def _take_over(self, other):
        self.primal = other.primal
        self.entry = other.entry

    def _make_exclusive(self):
        self.primal = own_copy(self.primal, self.primal.strides)

    def _overwrite(self, value, index, steps):
        tape = self.tape
        parent = None
        if type(value) is Var and value.tape is tape:
            parent = value.entry
            value = value.primal
        strides = None if steps is None else self.primal.strides
        ans = write_into(self.primal, value, index, steps, strides)
        kwargs = {"index": index, "steps": steps, "strides": strides}
        self.primal = ans
        self.entry = tape.record(WRITE, ans, (ans, value), (self.entry, parent), kwargs, ans).entry


# The hot path of a Python loop over scalars.
def _operator(ufunc, reflected):
    if ufunc is np.matmul:  # a smaller answer than arguments: _apply looks at them too
        return lambda self, other: bind_operator(RULES[ufunc], self, other, reflected)

    def operate(self, other):
        rule = RULES[ufunc]
        tape = self.tape
        kind = type(other)
        if kind in SCALARS:
            primal = other
            parent = None
        elif kind is Var and other.tape is tape:
            alias = other.alias
            if other.writes is not None or (alias is not None and alias[0].writes is not None):
                return self._apply(rule, (other, self) if reflected else (self, other), NO_KWARGS)
            primal = other.primal
            parent = other.entry
        elif kind is _ndarray and not other.dtype.hasobject:
            # Without the questions of bind: 1 us less.
            return self._apply(rule, (other, self) if reflected else (self, other), NO_KWARGS)
        else:
            return bind_operator(rule, self, other, reflected)
        alias = self.alias
        if self.writes is not None or (alias is not None and alias[0].writes is not None):
            return self._apply(rule, (other, self) if reflected else (self, other), NO_KWARGS)
        if reflected:
            args = (primal, self.primal)
            parents = (parent, self.entry)
        else:
            args = (self.primal, primal)
            parents = (self.entry, parent)
        ans = rule.call(*args)
        return tape.record(rule, ans, args, parents, NO_KWARGS, ans)

    return operate


give_operators(Var, _operator)


class _Output:
    """The rule of picking one output of several: linear, by its number k."""

    word = "linear"
    view = reads_values = chooses = False
    chosen = None

    def jvp(self, tangents, ans, args, kwargs):
        t = tangents[0][kwargs["k"]]
        return zeros_of(ans) if t is None else t

    def vjp(self, ct, ans, args, kwargs, parents):
        (outputs,) = args
        return (PartialCotangent(kwargs, ct, outputs, _collected),)


def _collected(cts, keys, outputs):
    """All cotangents of a primitive with several outputs; zero (or None) where none came."""
    whole = [None] * len(outputs)
    for ct, key in zip(cts, keys):
        k = key["k"]
        whole[k] = ct if whole[k] is None else whole[k] + ct
    if not key["fills"]:
        return tuple(whole)
    return tuple(np.zeros_like(y) if ct is None else ct for ct, y in zip(whole, outputs))


OUTPUT = _Output()
