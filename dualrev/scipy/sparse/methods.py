"""Methods of SciPy's sparse matrices that need their numbers alone, or a constant of them.

Owns functions element by element that are 0 at 0, and what is known without derivatives.  Must not
know the arithmetic of matrices.
"""

import math
import operator
from typing import Any

import numpy as np

from dualrev.core.operands import base_of, numbers_of
from dualrev.errors import no_rule

__all__ = ["Methods"]

_OF_ELEMENTS = (
    *(np.sin, np.tan, np.arcsin, np.arctan, np.sinh, np.tanh, np.arcsinh, np.arctanh),
    *(np.sqrt, np.expm1, np.log1p, np.deg2rad, np.rad2deg),
    *(np.sign, np.floor, np.ceil, np.rint, np.trunc),
)


class Methods:
    """What a sparse matrix of traced numbers has besides its arithmetic."""

    __slots__ = ()
    # Given by the matrix itself.
    data: Any
    pattern: Any
    canonical: Any
    conj: Any
    T: Any

    def of_elements(self, function):
        """The function of each element, one that is 0 at 0."""
        # Numbers at the same place count as their sum.
        matrix = self if self.has_canonical_format else self.canonical()
        return matrix.over(function(matrix.data))

    def __abs__(self):
        return self.of_elements(np.abs)

    @property
    def real(self):
        return self.of_elements(np.real)

    @property
    def imag(self):
        return self.of_elements(np.imag)

    @property
    def has_canonical_format(self):
        return self.pattern.sample.has_canonical_format

    def getH(self):
        """The conjugate transpose."""
        return self.T.conj()

    def getformat(self):
        """Its format."""
        return self.pattern.format

    def get_shape(self):
        """Its shape."""
        return self.pattern.shape

    def plain(self):
        """SciPy's matrix of the plain numbers, under all derivatives; a batch has none."""
        return self.pattern.fill(numbers_of(self.data))

    def __bool__(self):
        return bool(self.plain())

    def getnnz(self, axis=None):
        """The number of entries, or that in each row or column."""
        return self.pattern.sample.getnnz(axis) if axis is not None else self.pattern.size

    def count_nonzero(self, axis=None):
        """The number of entries that are not 0."""
        return self.plain().count_nonzero(axis)

    def nonzero(self):
        """Rows and columns of the entries that are not 0."""
        return self.plain().nonzero()

    def argmax(self, axis=None, out=None):
        """Where the largest element is."""
        return self.plain().argmax(axis, out)

    def argmin(self, axis=None, out=None):
        """Where the least element is."""
        return self.plain().argmin(axis, out)

    def max(self, axis=None, out=None, *, explicit=False):
        """The largest element."""
        return np.max(self._elements("max", axis, out, explicit))

    def min(self, axis=None, out=None, *, explicit=False):
        """The least element."""
        return np.min(self._elements("min", axis, out, explicit))

    def _elements(self, name, axis, out, explicit):
        """The elements once each, one zero for all that are no entries."""
        if axis is not None or out is not None or explicit:
            raise no_rule(
                f"{name} with arguments, of a sparse matrix of traced numbers",
                f"compute with A.toarray(): A.toarray().{name}(axis=0)",
            )
        matrix = self.canonical()
        is_full = matrix.pattern.size == math.prod(matrix.pattern.shape)
        return matrix.data if is_full else np.append(matrix.data, 0)


def _of_elements(function):
    def method(self):
        return self.of_elements(function)

    method.__name__ = function.__name__
    method.__doc__ = f"numpy.{function.__name__} of each element."
    return method


for _function in _OF_ELEMENTS:
    setattr(Methods, _function.__name__, _of_elements(_function))


def _comparison(compare):
    return lambda self, other: compare(self.plain(), base_of(other))


for _name in ("lt", "le", "eq", "ne", "gt", "ge"):
    setattr(Methods, f"__{_name}__", _comparison(getattr(operator, _name)))
