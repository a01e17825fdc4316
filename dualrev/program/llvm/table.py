"""The table that the driver walks: what runs one loop over arrays of any shape and strides.

Owns the words of the table, and the order in which elements are met, which is NumPy's.  Must not
know what loops compute.
"""

import math

import numpy as np

from dualrev.program.llvm import driver
from dualrev.program.llvm.loops import Loop
from dualrev.program.steps import Ref, broadcast_strides

__all__ = ["Pointers", "Table", "nested"]

#: Words of an entry.
_ENTRY = 6
#: Elements below which a longer dimension is better run through by the loop itself.
_SHORT = 16


class Pointers:
    """The words of a table that point into one buffer."""

    def __init__(self, words, numbers, places):
        self._words, self._numbers, self._places = words, numbers, places
        self._address = None

    def point_to(self, address: int):
        """Make them point to where the buffer lies now."""
        if address != self._address:
            self._words[self._numbers] = address + self._places
            self._address = address


class Table:
    """Entries, each a loop with its arguments, and the words that they point to.

    Attributes
    ----------
    stop : Ref
        The word into which a loop of guards writes 1.
    """

    def __init__(self):
        self._pointers: dict[int, list] = {}  # by buffer: word that points there, place in it
        self._constants: list = []  # alive as long as their addresses are
        self.stop = self.placed(np.zeros((), np.int64))
        self._entries: list = []
        self._work: list = []  # elements of each
        self._words: list = []
        self._numbered: list = []
        self._tuples: dict = {}

    def __len__(self):
        return len(self._entries)

    def placed(self, x):
        """An array of the program itself; one that is constant by its address; None for the rest."""
        if type(x) is Ref:
            return x
        if not isinstance(x, np.ndarray | np.generic):
            return None
        x = np.asarray(x)
        self._constants.append(x)
        return Ref(None, x.ctypes.data, x.shape, x.strides, x.dtype)

    def map(self, loop: Loop, shape: tuple, arrays: list, *, by=None, inner=None, core=None):
        """Add an entry that runs a loop over arrays, broadcast to a shape; none for no elements.

        ``by`` are strides in whose order elements are met, ``inner`` is the dimension that the loop
        itself runs through, where that matters.  A generalised ufunc's loop gets ``core`` besides, its
        own dimensions and steps.
        """
        if 0 in shape:
            return
        strides = [broadcast_strides(x.shape, x.strides, shape) for x in arrays]
        nest = nested(shape, strides, strides if by is None else [by], inner)
        if not nest:
            nest = [(1, tuple(x.dtype.itemsize for x in arrays))]
        elif by is None and inner is None and nest[0][0] < _SHORT:
            nest.sort(key=lambda level: -level[0])
        (n, steps), *outer = nest
        dims = (n,)
        if core is not None:
            dims, steps = (n, *core[0]), (*steps, *core[1])
        self.add(loop, [(x.buffer, x.offset) for x in arrays], dims, steps, outer)

    def add(self, loop: Loop, starts: list, dims: tuple, steps: tuple, outer=(), moves=True):
        """Add an entry: a loop on arguments that start at ``(buffer, place)`` or ``(None, address)``.

        ``outer`` has the dimensions in which it is repeated, the innermost first: n, steps.  ``moves``
        is False of a loop that leaves args as they are; it has any number of them, and no outer.
        """
        function, data = loop
        nargs = len(starts) if moves else 0
        args = self._put([start for _, start in starts])
        for word, (buffer, start) in enumerate(starts, args):
            if buffer is not None:
                self._pointers.setdefault(buffer, []).append((word, start))
        entry = function, args, self._once(dims), self._once(steps), data, nargs
        nested = False
        for n, moves in outer:
            inner = self._put(entry)
            self._point(inner, nested)
            nested = True
            entry = driver.repeat(), args, self._once((n,)), self._once(moves), inner, nargs
        self._entries.append((entry, nested))
        self._work.append(math.prod(dims) * math.prod(n for n, _ in outer))

    def _point(self, entry, nested):
        """Note which words of an entry hold the number of a word, and will point to it."""
        self._numbered += range(entry + 1, entry + 4 + nested)

    def _once(self, words):
        place = self._tuples.get(words)
        if place is None:
            place = self._tuples[words] = self._put(words)
        return place

    def _put(self, words):
        place = len(self._words)
        self._words += words
        return place

    def fill(self, home: int, starts: list):
        """Put addresses in: that of the memory, and where in it each buffer starts."""
        self._first = len(self._words)
        for entry, nested in self._entries:
            self._point(self._put(entry), nested)
        words = self._settled = np.array(self._words, np.int64)
        words[self._numbered] = words.ctypes.data + words.itemsize * words[self._numbered]
        for buffer in self._pointers:
            self.pointers_to(buffer).point_to(home + starts[buffer])

    def pointers_to(self, buffer: int) -> Pointers:
        """What points into a buffer."""
        words = np.array(self._pointers.get(buffer, []), np.int64)
        return Pointers(self._settled, *words.reshape(-1, 2).T)

    def work(self, begin: int, end: int) -> int:
        """How many elements these entries run through, matrices with their sums."""
        return sum(self._work[begin:end])

    def part(self, begin: int, end: int) -> np.ndarray:
        """A table of these entries, to be walked alone."""
        words = self._settled
        first = words.ctypes.data + words.itemsize * (self._first + _ENTRY * begin)
        return np.array([first, end - begin, self.stop.offset])


def nested(shape, strides, by, first=None):
    """The dimensions as loops, the innermost first, as few as there can be: n, steps.

    In the order in which NumPy's nditer meets elements, by which sums are equal to the bit (before 2.3
    it met them in blocks): the smallest strides innermost, in C's order where strides disagree.  But
    ``first`` is the innermost, and alone.
    """
    nest: list = []
    if first is not None:
        nest.append((shape[first], tuple(s[first] for s in strides)))
        shape = (*shape[:first], 1, *shape[first + 1 :])
    for axis in _ordered(shape, by):
        n, steps = shape[axis], tuple(s[axis] for s in strides)
        if len(nest) > (first is not None):
            inner, inner_steps = nest[-1]
            if all(inner * before == step for before, step in zip(inner_steps, steps)):
                nest[-1] = inner * n, inner_steps
                continue
        nest.append((n, steps))
    return nest


def _ordered(shape, by):
    """The dimensions longer than 1, the innermost first."""
    ordered: list = []
    for axis in reversed(range(len(shape))):
        if shape[axis] == 1:
            continue
        place = len(ordered)
        for i in range(len(ordered) - 1, -1, -1):
            inside = _is_inside(axis, ordered[i], by)
            if inside is False:
                break
            if inside:
                place = i
        ordered.insert(place, axis)
    return ordered


def _is_inside(axis, other, by):
    """Whether a dimension is run through inside of a later one; None where their strides say nothing."""
    answer = None
    for strides in by:
        mine, others = abs(strides[axis]), abs(strides[other])
        if mine and others:
            if others <= mine:
                return False
            answer = True
    return answer
