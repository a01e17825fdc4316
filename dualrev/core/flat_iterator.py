"""FlatIterator: what ``x.flat`` is.

Must not know what a tracer does: it reads and writes elements as anybody does.
"""

import numpy as np

from dualrev import errors
from dualrev.core.operands import as_operand

__all__ = ["FlatIterator"]


class FlatIterator:
    """The elements of an array in C order, to iterate over, to read and to write.

    Equals ``numpy.flatiter``.
    """

    def __init__(self, base):
        self.base = base
        self._places = np.ndindex(base.shape)

    def __len__(self):
        return self.base.size

    def __iter__(self):
        return self

    def __next__(self):
        return self.base[next(self._places)]

    def __getitem__(self, key):
        chosen = self.base.reshape(-1)[key]
        return chosen.copy() if chosen.ndim else chosen

    def __setitem__(self, key, value):
        numbers = np.arange(self.base.size)[key]
        value = as_operand(value)
        if self.base.overlaps(value) and np.ndim(value):
            raise errors.overlap("The assignment to .flat")
        if np.ndim(value) and numbers.size:
            value = np.resize(value, numbers.shape)  # NumPy repeats the values as needed
        self.base[np.unravel_index(numbers, self.base.shape)] = value

    def __array__(self, dtype=None, copy=None):
        return self.base.reshape(-1).__array__(dtype, copy=copy)

    def copy(self):
        """A copy of the elements, in one dimension."""
        return self.base.reshape(-1).copy()
