"""Traced: what every tracer is, and the one answer to whether something is traced.

Must not know what a tracer does.
"""

from typing import Any

import numpy as np

from dualrev.insides.askers import namespace_shown

__all__ = [
    "NEVER_TRACED",
    "Fillable",
    "Holder",
    "Traced",
    "is_differentiated",
    "is_traced",
    "tracer_in",
]

_ndarray = np.ndarray
_SEQUENCES = list, tuple  # as a union it costs 0.3 us more
#: Most arguments and options: what holds no tracer, known by its type.
NEVER_TRACED = frozenset(
    {np.float64, float, int, bool, str, slice, type(None), *map(type, map(np.dtype, "fdFD"))}
)

#: What stands for NumPy where a traced array is asked for its namespace.
namespace: Any = np


class Traced:
    """What every tracer is: a primal of a level.  See tracer.Tracer.

    Attributes
    ----------
    differentiates : bool
        Whether it carries a derivative.  Else it stands for an array, below all derivatives.
    below : array or None
        Of one without a derivative what it stands on, of which derivatives may be taken.
    """

    __slots__ = ()
    differentiates = True
    below: Any = None

    def __array_namespace__(self, *, api_version=None):
        """The array API's functions for traced arrays."""
        return namespace_shown(namespace)


class Holder:
    """What is no tracer, but computes with one: its ``data``."""

    __slots__ = ()
    data: Any

    def over(self, data):
        """The same with other data."""
        raise NotImplementedError


class Fillable:
    """What is an ndarray until a traced value is written into it, and then stands for a tracer."""

    __slots__ = ()

    def content(self):
        """What computations take for it: an ndarray that shows its memory, or the tracer."""
        raise NotImplementedError

    def filled(self, value, name):
        """The tracer that it stands for, now that ``name`` writes a traced value into it."""
        raise NotImplementedError


def is_differentiated(x) -> bool:
    """Whether derivatives are being taken of what is computed with an array."""
    while isinstance(x, Traced) and not x.differentiates:
        x = x.below
    return isinstance(x, Traced)


def is_traced(*arguments) -> bool:
    """Whether a derivative is being taken through an argument, or through what one holds."""
    for x in arguments:  # noqa: SIM110 (a generator costs 0.5 us more)
        if tracer_in(x) is not None:
            return True
    return False


def tracer_in(x, top=None):
    """The tracer of the highest level among top and what an argument holds; None where there is none.

    That is itself, or inside lists, tuples, dicts, object arrays, sparse matrices of traced numbers.
    """
    kind = type(x)
    if kind in NEVER_TRACED or (kind is _ndarray and not x.dtype.hasobject):
        return top
    if isinstance(x, Traced):
        return x if top is None or x.level > top.level else top
    if isinstance(x, Fillable):
        return tracer_in(x.content(), top)
    if isinstance(x, _ndarray):
        parts = x.flat if x.dtype.hasobject else ()
    elif isinstance(x, _SEQUENCES):
        parts = x
    else:
        parts = x.values() if isinstance(x, dict) else (x.data,) if isinstance(x, Holder) else ()
    for part in parts:
        if type(part) not in NEVER_TRACED:  # of a shape, mostly
            top = tracer_in(part, top)
    return top
