"""Attributes: what a tracer is asked for by name, as an ndarray has it, or NumPy.

Must not know what a tracer is, but that its functions have rules.
"""

import numpy as np

from dualrev import errors
from dualrev.core.binding import apply
from dualrev.core.operands import base_of
from dualrev.core.primitive import RULES

__all__ = ["NONE_SUCH", "give_attributes", "no_attribute"]

_ndarray = np.ndarray

NONE_SUCH = errors.explained("a traced array has no attribute")


def no_attribute(name, why=""):
    """The error where a tracer is asked for what it has not, which ``hasattr`` understands."""
    return AttributeError(f"{NONE_SUCH} {name!r}{why}")


# np.put(x, ...) and the like write into x: never mistaken for functions that answer a new array.
_WRITING_METHODS = frozenset({"byteswap", "resize", "setfield", "setflags"})


def give_attributes(cls):
    """Give a class of tracers what an ndarray has besides, and the names of ufuncs."""
    for name in _names():
        if not hasattr(cls, name):
            setattr(cls, name, _Attribute(name))


def _names():
    yield from (name for name in dir(_ndarray) if not name.startswith("__"))
    for name, function in vars(np).items():
        # Not np.matvec, by which SciPy would take a matrix for a linear operator.
        if isinstance(function, np.ufunc) and function.signature is None:
            yield name


class _Attribute:
    """An attribute of ndarray, or a ufunc's name, by which NumPy computes np.sin of an object array.

    What its rule makes of it, found when it is asked for.  Not a ``__getattr__``, with which CPython
    3.11 looks up every attribute by name: 3 us of a gradient's 45.
    """

    def __init__(self, name):
        self.name = name

    def __get__(self, x, kind=None):
        if x is None:
            return self
        method = getattr(_ndarray, self.name, None)
        rule = RULES.get(method) if method is not None else None
        if rule is None and self.name not in _WRITING_METHODS:
            rule = RULES.get(getattr(np, self.name, None))
        if rule is None:
            hint = "" if method is None else "; it has no derivative rule"
            raise no_attribute(self.name, hint)
        # device; data, base, ctypes
        if method is not None and not callable(method):
            if rule.word == "refused":
                raise no_attribute(self.name, f": {rule.why}")
            return getattr(base_of(x), self.name)

        def bound(*args, **kwargs):
            return apply(rule, (x, *args), kwargs)

        return bound
