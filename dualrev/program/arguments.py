"""Arguments: what of those of a call a program is made for.

Must not know programs, nor the function that is called.
"""

import enum
import types

import numpy as np

from dualrev import trees
from dualrev.core.traced import Fillable

__all__ = [
    "NUMBERS",
    "STATIC",
    "details",
    "flattened",
    "is_array",
    "kind_of",
    "kinds_of_arrays",
]

_ndarray = np.ndarray
NUMBERS = frozenset({float, complex})
_PLAIN = frozenset({_ndarray, float})
#: Most of what holds nothing.
_LEAVES = frozenset({_ndarray, float, int, str, bool, np.float64, type(None)})
#: Arguments that are no arrays, by whose value a program is kept.
STATIC = (
    int,
    np.integer,
    np.bool,
    str,
    bytes,
    enum.Enum,
    np.dtype,
    type,
    types.FunctionType,
    types.BuiltinFunctionType,
)


def flattened(args, kwargs):
    """The leaves of the arguments, and their treedef."""
    leaves, treedef = trees.flatten((args, kwargs))
    if not _PLAIN.issuperset(map(type, leaves)):
        leaves = [np.asarray(x) if isinstance(x, Fillable) else x for x in leaves]
    return leaves, treedef


def details(x) -> tuple:
    """What structures with equal treedefs may differ in, and f can see; of most there is nothing.

    The order of the keys of dicts, and the types of these and of metadata: 1 equals True.
    """
    found: tuple = ()
    if isinstance(x, dict):
        parts = x.values()
        if len(x) > 1 or not {str}.issuperset(map(type, x)):
            found = tuple(map(_exactly, x))
    else:
        parts, metadata = trees.taken_apart(x)
        if metadata:
            found = (_exactly(metadata),)
    for part in parts:
        if type(part) not in _LEAVES:
            found += details(part)
    return found


def _exactly(x):
    """A hashable value that equals that of the same only."""
    if isinstance(x, tuple | list):
        return type(x), *map(_exactly, x)
    return (type(x), str(x)) if isinstance(x, float) else (type(x), x)


def is_array(x):
    """Whether an argument is an array of numbers, or a number, which is an input of a program.

    A whole number is none: it counts, names a case or an axis, and a program is for its value.
    """
    kind = type(x)
    return kind in NUMBERS or isinstance(x, np.inexact) or (kind is _ndarray and _is_numeric(x))


def _is_numeric(x):
    return x.dtype.kind in "biufc"


def kind_of(x):
    """What of an argument a program is made for."""
    if type(x) is _ndarray and _is_numeric(x):
        # By the layout NumPy decides what reshape copies, and what it shows.
        return (x.shape, x.dtype) if x.flags.c_contiguous else (x.shape, x.dtype, x.strides)
    if is_array(x):
        return type(x)
    return (type(x), x) if isinstance(x, STATIC) else (type(x), id(x))


def kinds_of_arrays(leaves):
    """The kind of each argument where all are arrays in C order, or floats; else None."""
    kinds = []
    for x in leaves:  # most calls: 15 us less for six arrays
        kind = type(x)
        if kind is _ndarray and x.flags.c_contiguous and _is_numeric(x):
            kinds.append((x.shape, x.dtype))
        elif kind is float:
            kinds.append(kind)
        else:
            return None
    return tuple(kinds)
