"""Witness: a tape that tells whether a second run is the first one again.

Owns what is looked at, and how things are told apart: by their content, however it is held.  Must not
know what runs.
"""

import types

import numpy as np

from dualrev.closures import held_in
from dualrev.core.primitive import RULES
from dualrev.core.traced import is_differentiated, tracer_in
from dualrev.core.tracer import Tracer
from dualrev.readers.captured import digest_of
from dualrev.readers.tape import INPUT, Tape

__all__ = ["Marked", "Witness"]

_ndarray = np.ndarray


class Marked:
    """What a primitive is given that has been witnessed itself."""

    #: What a run recorded, as one number; None before the first.
    mark: int | None = None


class Witness(Tape):
    """A tape that marks what it records: two runs of one mark have the same derivatives.

    Attributes
    ----------
    mark : int
        Of the primitives, in their order, of all numbers that they met, and of their options.
    reads_others : bool
        Whether one met a traced value of another transform, which is none of the inputs.
    """

    __slots__ = ("mark", "reads_others")

    def __init__(self):
        super().__init__()
        self.mark = 0
        self.reads_others = False

    def record(self, rule, ans, args, parents, kwargs, largest):
        function = getattr(rule, "function", rule)
        parts = [self.mark, function if function in RULES else _mark_of(function), *parents]
        if rule is INPUT:
            parts.append(_mark_of(_numbers(ans)))
        for x, parent in zip(args, parents):
            if parent is None:
                parts.append(self._met(x))
        if kwargs:
            parts.append(self._met(kwargs))
        self.mark = hash(tuple(parts))
        return super().record(rule, ans, args, parents, kwargs, largest)

    def _met(self, x):
        """The mark of what is not on this tape."""
        if type(x) is float:
            return x.hex()
        if not self.reads_others and is_differentiated(tracer_in(x)):
            self.reads_others = True
        return _mark_of(x)


#: What tells itself from others; -0.0 equals 0.0, and nan itself not, so not float.
_HASHED = frozenset({int, bool, str, bytes, type(None)})


def _numbers(x):
    """The array under all levels; what stands for it where its numbers are not known."""
    while isinstance(x, Tracer):
        below = x.primal if x.differentiates else x.below
        if below is None:
            return x
        x = below
    return x


def _mark_of(x, seen=None):
    """A number that tells values from others: equal for equal ones, however they are held."""
    kind = type(x)
    if kind is float:
        return hash(x.hex())
    if kind in _HASHED:
        return hash((kind, x))
    x = _numbers(x)
    if isinstance(x, _ndarray | np.generic) and x.dtype.char in "gG":
        return hash((x.shape, repr(x.tolist())))  # some of their bytes are of no number
    if isinstance(x, np.generic):
        return hash((kind, x.tobytes()))
    if isinstance(x, Tracer):
        return hash((x.shape, x.dtype))
    if isinstance(x, _ndarray) and not x.dtype.hasobject:
        # A copy of an array may lie in memory otherwise, where a digest reads other bytes.
        return hash((digest_of(np.ascontiguousarray(x)), x.shape, x.dtype))
    if isinstance(x, Marked):
        return x.mark
    if hasattr(x, "tocsr"):
        return _mark_of((x.shape, *_entries_of(x)))
    seen = {} if seen is None else seen
    if id(x) in seen:
        return seen[id(x)][0]
    seen[id(x)] = len(seen), x
    return hash((kind, *(_mark_of(part, seen) for part in _insides(x))))


def _entries_of(matrix):
    """The numbers of a matrix of scipy.sparse and where they stand, however it holds them."""
    if matrix.ndim != 2:
        return matrix.data, *matrix.coords
    rows = matrix.tocsr()
    rows = rows if rows.has_sorted_indices else rows.sorted_indices()
    return rows.data, rows.indices.astype(np.int64), rows.indptr.astype(np.int64)


def _insides(x):
    """What tells an object from another."""
    if isinstance(x, dict):
        return (*x.keys(), *x.values())
    if isinstance(x, list | tuple | set | frozenset):
        return tuple(x)
    if isinstance(x, _ndarray):
        return tuple(x.flat)
    if isinstance(x, types.FunctionType):
        defaults = x.__defaults__, x.__kwdefaults__
        return (hash(x.__code__), *defaults, *map(held_in, x.__closure__ or ()))
    if isinstance(x, type):
        return (hash(x),)
    try:
        # What pickle keeps: attributes, the state of a random generator.
        return x.__reduce_ex__(2)
    except TypeError:  # a cache of what else tells, as a factorization is
        return ()
