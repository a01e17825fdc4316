"""One call of a function of a number for many places, each of them as if it were alone.

Owns what is known to act on each place alone: by what an operation is and the shapes it meets, never
by numbers, which agree by accident where a term is multiplied by 0.  Must not know what the function
is for.
"""

import numpy as np

from dualrev.core.binding import NO_KWARGS, apply, bind
from dualrev.core.operands import as_operand
from dualrev.core.operators import give_operators
from dualrev.core.primitive import RULES, Primitive
from dualrev.core.traced import Traced, is_traced
from dualrev.core.tracer import next_level
from dualrev.ways import aligned, way_of

__all__ = ["at_each"]


def at_each(f, places, *args):
    """``f(x, *args)`` at each place x, stacked; None where f does not act on each number alone.

    Parameters
    ----------
    f : callable
        Of a number.
    places : array, shape (n,)
        Where.
    *args
        Further arguments of f.
    """
    trial = _Trial()
    try:
        y = as_operand(f(_Each(places, trial), *args))
    except Exception:  # whatever f raises: it was not asked to take such a number
        return None
    return y.values if type(y) is _Each and y.trial is trial and not trial.failed else None


class _Trial:
    """One call, of a level of its own."""

    __slots__ = ("failed", "level")

    def __init__(self):
        self.level = next_level()
        self.failed = False


class _Mixed(TypeError):
    """Something was to be done to a number that is not done to each place alone."""


class _Each(Traced):
    """A number, which is another one at each place: to the function it has no dimensions.

    Attributes
    ----------
    values : array or tracer, shape (n,)
    trial : _Trial
    """

    __slots__ = ("trial", "values")
    __array_priority__ = 1000.0
    alias = writes = None
    shape = ()
    ndim = 0
    size = 1

    def __init__(self, values, trial):
        self.values = values
        self.trial = trial

    @property
    def level(self):
        return self.trial.level

    @property
    def dtype(self):
        return self.values.dtype

    def _mixed(self, *args):
        # Also where the function catches this error.
        self.trial.failed = True
        raise _Mixed

    #: Nobody sees the numbers, so that nothing is decided by them.
    primal = property(_mixed)
    __bool__ = __float__ = __complex__ = __int__ = __index__ = _mixed
    __len__ = __iter__ = __getitem__ = __setitem__ = __array__ = __hash__ = _mixed

    def _apply(self, rule, args, kwargs=NO_KWARGS):
        # A condition alone is a function of its own, which np.where is too.
        if kwargs or not (
            way_of(rule) is aligned or (rule.function is np.where and len(args) == 3)
        ):
            self._mixed()
        values = []
        for a in args:
            if type(a) is _Each and a.trial is self.trial:
                a = a.values
            elif np.ndim(a):
                self._mixed()
            values.append(a)
        if rule.word == "constant":
            return _Each(apply(rule, values, NO_KWARGS), self.trial)
        return _Each(bind(rule, values), self.trial)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if method != "__call__" or kwargs or ufunc not in RULES:
            self._mixed()
        return self._apply(RULES[ufunc], list(map(as_operand, inputs)))

    def __array_function__(self, function, types, args, kwargs):
        rule = RULES.get(function)
        if rule is None:
            self._mixed()
        if isinstance(function, Primitive):  # its body may act on each number alone
            if is_traced([a for a in (*args, *kwargs.values()) if type(a) is not _Each]):
                self._mixed()
            return function.function(*args, **kwargs)
        if rule.word == "constant":
            return self._apply(rule, args, kwargs)
        return apply(rule, args, kwargs)

    def _is_scalar(self):
        return True

    #: So that ``isinstance(x, float)`` answers what it does for each place.
    __class__ = property(lambda self: float)
    real = property(lambda self: np.real(self))
    imag = property(lambda self: np.imag(self))


def _operator(ufunc, reflected):
    def operate(self, other):
        other = as_operand(other)
        return self._apply(RULES[ufunc], (other, self) if reflected else (self, other))

    return operate


give_operators(_Each, _operator)
_BINARY = {
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "floordiv": np.floor_divide,
}
_UNARY = {"neg": np.negative, "pos": np.positive, "abs": np.absolute, "invert": np.invert}
for _name, _binary in _BINARY.items():
    setattr(_Each, f"__{_name}__", _operator(_binary, False))
for _name, _unary in _UNARY.items():
    setattr(_Each, f"__{_name}__", lambda self, _rule=RULES[_unary]: self._apply(_rule, (self,)))
