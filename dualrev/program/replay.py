"""Replay: one program for arguments of one kind, with the memory in which it runs.

Owns what of its arguments a program is made for, and what becomes of its outputs.  Must not know the
function that was recorded.
"""

import enum
import types

import numpy as np

from dualrev import trees
from dualrev.core.traced import Fillable
from dualrev.program.numpy_engine import Workspace
from dualrev.program.planning import simplified
from dualrev.program.steps import Diverged

__all__ = [
    "NUMBERS",
    "STATIC",
    "Replay",
    "flattened",
    "is_array",
    "key_orders",
    "kind_of",
    "kinds_of_arrays",
]

_ndarray = np.ndarray
NUMBERS = frozenset({float, complex})
_PLAIN = frozenset({_ndarray, float})
_CONTAINERS = frozenset({dict, list, tuple})
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
    if not all(type(x) in _PLAIN for x in leaves):
        leaves = [np.asarray(x) if isinstance(x, Fillable) else x for x in leaves]
    return leaves, treedef


def key_orders(x) -> tuple:
    """The order of the keys of each dict, in which f finds them: equal treedefs differ in it."""
    keys, parts = (tuple(x), x.values()) if type(x) is dict else ((), x)
    if _CONTAINERS.isdisjoint(map(type, parts)):
        return keys
    return keys, *(key_orders(part) for part in parts if type(part) in _CONTAINERS)


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


class Replay:
    """One program, and the structure of its result.

    Attributes
    ----------
    program : Program
    tree
        Treedef of the result; None where it is one array or number.
    outcomes : dict
        What was seen at each guard, by its number.
    """

    def __init__(self, program, tree, workspace_of):
        self.outcomes = program.outcomes()
        self.program = simplified(program)
        self.tree = tree
        self._workspace_of = workspace_of
        self._free: list = []  # workspaces that no thread uses

    def run(self, arrays):
        """The result for these arrays; Diverged where this is not their program."""
        try:
            workspace = self._free.pop()
        except IndexError:
            workspace = self._workspace_of(self.program)
        try:
            outputs = workspace.run(arrays)
        except Diverged as diverged:
            if diverged.number is not None:
                raise
            # An output holds a nan, which may be right: each guard is looked at where it stands.
            outputs = Workspace(self.program, careful=True).run(arrays)
        finally:
            self._free.append(workspace)
        return outputs[0] if self.tree is None else trees.unflatten(self.tree, outputs)
