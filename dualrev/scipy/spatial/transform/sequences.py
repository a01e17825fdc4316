"""Arrays of transforms: what Rotation and RigidTransform have in common.

Owns products, powers and what makes sequences of them.  Must not know which numbers make one.
"""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Self

import numpy as np

from dualrev.core.operands import as_operand
from dualrev.core.traced import is_traced
from dualrev.scipy.reals import check_real
from dualrev.scipy.spatial.transform.quaternions import replaced

__all__ = ["Transforms", "real", "shape_of"]


def real(x: Any, width: int | None = None, name: str = "") -> Any:
    """An array of float64, which may be traced; of vectors of a width, or a ValueError says so."""
    x = as_operand(x)
    if not hasattr(x, "dtype"):  # a number of Python's
        x = np.asarray(x, np.float64)
    if is_traced(x):
        check_real("scipy.spatial.transform", x)
    if width is not None and (x.ndim == 0 or x.shape[-1] != width):
        raise ValueError(f"Expected `{name}` to have shape (..., {width}), got {x.shape}.")
    return x if x.dtype == np.float64 else x.astype(np.float64)


def shape_of(num: int | None, shape: Any) -> tuple:
    """Of an array of so many, or of a shape; of one alone where neither is given."""
    if num is not None and shape is not None:
        raise ValueError("Only one of `num` or `shape` can be specified.")
    given = shape if num is None else num
    return () if given is None else tuple(np.atleast_1d(np.asarray(given, int)))


class Transforms:
    """One transform, or an array of them.

    A class of them says what one is called, and of the array of numbers that makes them the name of the
    attribute, how many axes one takes, which ours or SciPy's hold (None of anything else), and the
    product of two.  Beside these it has ``inv``, ``identity``, ``as_matrix`` and a power.
    """

    _noun: ClassVar[str]
    _array_name: ClassVar[str]
    _axes_of_one: ClassVar[int]
    _array_of: ClassVar[Callable]
    _product: ClassVar[Callable]
    inv: Callable
    identity: Callable
    as_matrix: Callable
    _power: Callable

    @classmethod
    def _of(cls, array, normalize=False):
        return cls(array, normalize=normalize)

    @classmethod
    def _joined(cls, transforms):
        whole = cls._array_of(transforms)
        if whole is not None:
            return cls._of(whole)
        arrays = list(map(cls._array_of, transforms))
        if any(x is None for x in arrays):
            raise TypeError(f"input must contain {cls.__name__} objects only")
        return cls._of(
            np.concatenate([x if x.ndim > cls._axes_of_one else x[None] for x in arrays])
        )

    @property
    def _array(self):
        return getattr(self, self._array_name)

    def __mul__(self, other: Any) -> Self:
        array = self._array_of(other)
        if array is None:
            return NotImplemented
        return self._of(self._product(self._array, array), normalize=True)

    def __rmul__(self, other: Any) -> Self:
        array = self._array_of(other)
        if array is None:
            return NotImplemented
        return self._of(self._product(array, self._array), normalize=True)

    def __pow__(self, n: Any) -> Self:
        n = real(n)
        if n.shape == (1,):
            n = n[0]
        elif n.ndim:
            raise ValueError("Array exponent must be a scalar")
        if not is_traced(n) and n in (0, 1, -1):
            return self.identity(shape=self.shape) if n == 0 else self if n == 1 else self.inv()
        return self._power(n)

    @property
    def single(self) -> bool:
        """Whether it is one alone."""
        return self._array.ndim == self._axes_of_one

    @property
    def shape(self) -> tuple:
        """That of the array of them."""
        return self._array.shape[: -self._axes_of_one]

    def _check_sequence(self, fault):
        if self.single:
            raise TypeError(f"Single {self._noun} {fault}.")

    def __len__(self) -> int:
        self._check_sequence("has no len()")
        return len(self._array)

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, indexer: Any) -> Self:
        self._check_sequence("is not subscriptable")
        return self._of(self._array[indexer, ...])

    def __setitem__(self, indexer: Any, value: Any) -> None:
        self._check_sequence("is not subscriptable")
        array = self._array_of(value)
        if array is None:
            raise TypeError(f"value must be a {type(self).__name__} object")
        setattr(self, self._array_name, replaced(self._array, indexer, array, self.shape))

    def __iter__(self) -> Iterator[Self]:
        self._check_sequence("is not iterable")
        return map(self._of, self._array)

    def __repr__(self) -> str:
        return f"{type(self).__name__}.from_matrix({self.as_matrix()!r})"
