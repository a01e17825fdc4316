"""Dual: a primal with its tangent, and how one primitive is pushed forward.

Must not know the tape.
"""

from contextvars import ContextVar

import numpy as np

from dualrev.core import errors
from dualrev.core.binding import NO_KWARGS, SCALARS, as_operand, bind, check_alias, is_array
from dualrev.core.cotangents import has_nan
from dualrev.core.primitive import RULES
from dualrev.core.tracer import Tracer, give_operators, next_level

_ndarray = np.ndarray
#: Who watches the primals, tangents and cotangents of new transforms: None, or debug's observer.
OBSERVER: ContextVar = ContextVar("dualrev_observer", default=None)


class Scope:
    """The extent of one forward-mode transform.

    Attributes
    ----------
    level : int
        Level of its tracers.
    jvp : callable or None
        ``jvp(rule, tangents, ans, args, kwargs)`` instead of the rules' own: another kind of
        tangent, such as many at once.
    check : callable or None
        ``check(rule, ans, t)`` sees every answer: debug's eyes, and the refusal after the end.
    """

    __slots__ = ("check", "jvp", "level")

    def __init__(self, jvp=None):
        self.level = next_level()
        self.jvp = jvp
        observer = OBSERVER.get()
        self.check = None if observer is None else observer.pushed

    def close(self):
        """A Dual that is used from now on has escaped."""
        self.check = _refuse


def _refuse(rule, ans, t):
    raise escaped("jvp")


class Dual(Tracer):
    """Dual number: ``primal + tangent * epsilon`` with ``epsilon**2 = 0``."""

    mode = "forward"
    __slots__ = ("scope", "tangent")

    def __init__(self, primal, tangent, scope):
        self.primal = primal
        self.tangent = tangent
        self.scope = scope
        self.level = scope.level
        self.alias = None

    def _apply(self, rule, args, kwargs):
        scope = self.scope
        primals = []
        tangents = []
        for a in args:
            if type(a) is Dual and a.scope is scope:
                if a.alias is not None:
                    check_alias(a)
                primals.append(a.primal)
                tangents.append(a.tangent)
            else:
                primals.append(a)
                tangents.append(None)
        ans = rule.call(*primals, **kwargs)
        return self._answer(rule, tangents, ans, primals, kwargs)

    def _unary(self, rule, kwargs=NO_KWARGS):
        alias = self.alias
        if alias is not None and alias[0].primal is not alias[1]:
            check_alias(self)
        args = (self.primal,)
        ans = rule.call(*args, **kwargs)
        return self._answer(rule, (self.tangent,), ans, args, kwargs)

    def _answer(self, rule, tangents, ans, args, kwargs):
        scope = self.scope
        if scope.jvp is None:
            t = rule.jvp(tangents, ans, args, kwargs)
        else:
            t = scope.jvp(rule, tangents, ans, args, kwargs)
        if scope.check is not None:
            scope.check(rule, ans, t)
        if isinstance(ans, tuple):
            duals = [a if s is None else Dual(a, s, scope) for a, s in zip(ans, t)]
            return type(ans)(*duals) if hasattr(ans, "_fields") else tuple(duals)
        dual = Dual(ans, t, scope)
        if rule.view and (type(ans) is _ndarray or is_array(ans)):
            dual.alias = self.alias or (self, self.primal)
        return dual

    def has_nan(self):
        return has_nan(self.primal) or has_nan(self.tangent)

    def check_open(self):
        if self.scope.check is _refuse:
            _refuse(None, None, None)

    def copy(self, order="C"):
        if self.alias is not None:
            check_alias(self)
        return Dual(self.primal, self.tangent, self.scope)

    def _rebind(self, new):
        if type(new) is not Dual or new.scope is not self.scope:
            raise inner_write()
        self.primal = new.primal
        self.tangent = new.tangent


def _operator(ufunc, reflected):
    def operate(self, other):
        rule = RULES[ufunc]
        scope = self.scope
        kind = type(other)
        if kind in SCALARS:
            primal = other
            t = None
        elif kind is Dual and other.scope is scope:
            alias = other.alias
            if alias is not None and alias[0].primal is not alias[1]:
                check_alias(other)
            primal = other.primal
            t = other.tangent
        else:
            other = as_operand(other)
            if not hasattr(other, "shape"):
                return NotImplemented
            return bind(rule, (other, self) if reflected else (self, other))
        alias = self.alias
        if alias is not None and alias[0].primal is not alias[1]:
            check_alias(self)
        if reflected:
            args = (primal, self.primal)
            tangents = (t, self.tangent)
        else:
            args = (self.primal, primal)
            tangents = (self.tangent, t)
        ans = rule.call(*args)
        return self._answer(rule, tangents, ans, args, NO_KWARGS)

    return operate


give_operators(Dual, _operator)


def escaped(transform):
    """The error for a tracer that is used after its transform has ended."""
    return errors.EscapedTracerError(
        f"A traced value is used after its transform ({transform}) has ended.",
        fix="return it from the differentiated function (has_aux=True gives it back as a plain "
        "array) instead of storing it outside",
    )


def inner_write():
    """The error for a value of an inner transform written into an array of an outer one."""
    return errors.InPlaceError(
        "A value that is traced by an inner transform was written into an array of an outer one, "
        "which cannot hold its derivative.",
        fix="make the array from the inner variable: y = np.zeros_like(w, shape=...)",
    )
