"""Traced: what every tracer is, and the one answer to whether something is traced.

Must not know what a tracer does.
"""

import numpy as np

__all__ = ["NEVER_TRACED", "Traced", "is_traced", "tracer_in"]

#: Most arguments and options: what holds no tracer, known by its type.
NEVER_TRACED = frozenset({np.float64, float, int, bool, str, slice, type(None)})


class Traced:
    """What every tracer is: a primal of a level.  See tracer.Tracer."""

    __slots__ = ()


def is_traced(*arguments) -> bool:
    """Whether a derivative is being taken through an argument, or through what one holds."""
    return tracer_in(arguments) is not None


def tracer_in(x, kind=Traced):
    """A tracer among what an argument holds: itself, or inside lists, tuples, dicts, object arrays.

    None where there is none.
    """
    if type(x) in NEVER_TRACED:
        return None
    if isinstance(x, kind):
        return x
    if isinstance(x, np.ndarray):
        parts = x.flat if x.dtype.hasobject else ()
    elif isinstance(x, list | tuple):
        parts = x
    else:
        parts = x.values() if isinstance(x, dict) else ()
    for part in parts:  # of a shape, mostly
        if type(part) not in NEVER_TRACED:
            found = tracer_in(part, kind)
            if found is not None:
                return found
    return None
