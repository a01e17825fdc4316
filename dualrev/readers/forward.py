"""Dual: a primal with its tangent, and how one primitive is pushed forward.

Must not know the tape.
"""

from typing import Any

import numpy as np

from dualrev import errors
from dualrev.core.arrays import has_nan
from dualrev.core.assignment import own_copy, write_into
from dualrev.core.binding import NO_KWARGS, bind_operator
from dualrev.core.operands import SCALARS, like
from dualrev.core.operators import give_operators
from dualrev.core.primitive import RULES
from dualrev.core.tracer import Tracer, next_level
from dualrev.core.watching import OBSERVER
from dualrev.readers.captured import owned
from dualrev.readers.kinds import ONE, One

_ndarray = np.ndarray


class Scope:
    """The extent of one forward-mode transform.

    Attributes
    ----------
    level : int
        Level of its tracers.
    kind : Kind
        Of their tangents; in debug one that watches, and after the end one that refuses.
    push : callable or None
        That of the kind; None for the plain one, whose rules are called directly.
    """

    __slots__ = ("kind", "level", "push")

    def __init__(self, kind=ONE):
        self.level = next_level()
        observer = OBSERVER.get()
        self._take(kind if observer is None else observer.watching(kind))

    def _take(self, kind):
        self.kind = kind
        self.push = None if kind is ONE else kind.push

    def dual(self, primal, tangent):
        """A primal with its tangent."""
        # Not by an __init__: 0.15 us less.
        dual = Dual()
        dual.primal = primal
        dual.tangent = tangent
        dual.scope = self
        dual.level = self.level
        dual.alias = dual.writes = None
        return dual

    def close(self):
        """A Dual that is used from now on has escaped."""
        self._take(ENDED)


class _Ended(One):
    def push(self, *given):
        raise errors.escaped("jvp")

    write = push


ENDED = _Ended()


class Dual(Tracer):
    """Dual number: ``primal + tangent * epsilon`` with ``epsilon**2 = 0``.  Made by Scope.dual."""

    mode = "forward"
    __slots__ = ("scope", "tangent")
    scope: Any
    tangent: Any

    order = property(lambda self: self.scope.kind.order)

    def _apply(self, rule, args, kwargs):
        scope = self.scope
        primals = []
        tangents = []
        written = False
        for a in args:
            if type(a) is Dual and a.scope is scope:
                if a.alias is not None:
                    a.settle()
                written |= a.is_exclusive()
                primals.append(a.primal)
                tangents.append(a.tangent)
            else:
                primals.append(a)
                tangents.append(None)
        if kwargs and rule.view:
            kwargs = {name: owned(option) for name, option in kwargs.items()}
        ans = rule.call(*primals, **kwargs)
        answer = self._answer(rule, tangents, ans, primals, kwargs)
        if written:
            for dual in answer if isinstance(answer, tuple) else (answer,):
                if type(dual) is not Dual or dual.alias is not None:
                    continue
                # A tangent that passed through, as that of x + 1 does, must not be written with x.
                kind = scope.kind
                if any(t is not None and kind.shares_memory(dual.tangent, t) for t in tangents):
                    dual.tangent = kind.own_copy(dual.tangent)
        return answer

    def _unary(self, rule, kwargs=NO_KWARGS):
        alias = self.alias
        if self.writes is not None or (alias is not None and alias[0].writes is not None):
            return self._apply(rule, (self,), kwargs)
        args = (self.primal,)
        ans = rule.call(*args, **kwargs)
        return self._answer(rule, (self.tangent,), ans, args, kwargs)

    def _view(self, rule, index):
        scope = self.scope
        if scope.push is not None or self.alias is not None or self.writes is not None:
            return self._unary(rule, {"index": index})
        primal = self.primal
        ans = primal[index]
        dual = scope.dual(ans, self.tangent[index])
        kwargs = {"index": index}
        plain = type(ans) is type(primal) is _ndarray  # as alias_of says
        dual.alias = (self, (None, rule, kwargs), 0) if plain else self.alias_of(rule, ans, kwargs)
        return dual

    def _answer(self, rule, tangents, ans, args, kwargs):
        scope = self.scope
        if scope.push is None:
            t = rule.jvp(tangents, ans, args, kwargs)
        else:
            t = scope.push(rule, tangents, ans, args, kwargs)
        if isinstance(ans, tuple):
            duals = [a if s is None else scope.dual(a, s) for a, s in zip(ans, t)]
            return like(ans, duals)
        dual = scope.dual(ans, t)
        if rule.view:
            dual.alias = self.alias_of(rule, ans, kwargs)
        return dual

    def has_nan(self):
        if has_nan(self.primal):
            return True
        scope, t = self.scope, self.tangent
        return has_nan(t) if scope.push is None else any(map(has_nan, scope.kind.parts(t)))

    def tangents(self):
        """The arrays of which its tangent consists."""
        return self.scope.kind.parts(self.tangent)

    def zeros_around(self, shape, dtype):
        if self.scope.push is None and type(self.primal) is type(self.tangent) is _ndarray:
            return self.scope.dual(np.zeros(shape, dtype), np.zeros(shape, dtype))
        return None

    def add_slice(self, key, other):
        """Add another to the elements of a slice of what ``zeros_around`` made; whether it could."""
        if type(other) is Dual and other.scope is self.scope:
            other.settle()
            if not type(other.primal) is type(other.tangent) is _ndarray:
                return False
            shown = self.tangent[key]
            shown += other.tangent
            other = other.primal
        elif type(other) is not _ndarray:
            return False
        shown = self.primal[key]
        shown += other
        return True

    def doubted(self, where):
        return self  # a tangent is nan already

    def check_open(self):
        if self.scope.kind is ENDED:
            raise errors.escaped("jvp")

    def copy(self, order="C"):
        self.settle()
        tangent = self.tangent
        if self.is_exclusive():
            tangent = self.scope.kind.own_copy(tangent)
        return self.scope.dual(self.lasting(order), tangent)

    def _take_over(self, other):
        self.primal = other.primal
        self.tangent = other.tangent

    def _make_exclusive(self):
        strides = self.primal.strides
        self.primal = own_copy(self.primal, strides)
        self.tangent = self.scope.kind.own_copy(self.tangent, strides)

    def _overwrite(self, value, index, steps):
        scope = self.scope
        t = None
        if type(value) is Dual and value.scope is scope:
            t = value.tangent
            value = value.primal
        strides = None if steps is None else self.primal.strides
        args = self.primal, value
        self.primal = write_into(*args, index, steps, strides)
        if scope.push is None:
            t = 0.0 if t is None else t
            self.tangent = write_into(self.tangent, t, index, steps, strides)
        else:
            kwargs = {"index": index, "steps": steps, "strides": strides}
            self.tangent = scope.kind.write((self.tangent, t), self.primal, args, kwargs)


def _operator(ufunc, reflected):
    def operate(self, other):
        rule = RULES[ufunc]
        scope = self.scope
        kind = type(other)
        # Of an array without the questions of bind: 1.5 us less.
        if kind in SCALARS or (kind is _ndarray and not other.dtype.hasobject):
            primal = other
            t = None
        elif kind is Dual and other.scope is scope:
            alias = other.alias
            if other.writes is not None or (alias is not None and alias[0].writes is not None):
                return self._apply(rule, (other, self) if reflected else (self, other), NO_KWARGS)
            primal = other.primal
            t = other.tangent
        else:
            return bind_operator(rule, self, other, reflected)
        alias = self.alias
        if self.writes is not None or (alias is not None and alias[0].writes is not None):
            return self._apply(rule, (other, self) if reflected else (self, other), NO_KWARGS)
        if reflected:
            args = (primal, self.primal)
            tangents = (t, self.tangent)
        else:
            args = (self.primal, primal)
            tangents = (self.tangent, t)
        ans = rule.call(*args)
        if scope.push is None:  # as _answer does: 0.1 us less
            return scope.dual(ans, rule.jvp(tangents, ans, args, NO_KWARGS))
        return self._answer(rule, tangents, ans, args, NO_KWARGS)

    return operate


give_operators(Dual, _operator)
