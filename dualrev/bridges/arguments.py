"""Arguments: a function of whatever it takes as one of arrays alone; what is asked of arrays.

Must not know which way a bridge leads.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from dualrev import errors, trees
from dualrev.errors import name_of

__all__ = [
    "Kept",
    "Spec",
    "among",
    "bound",
    "check_function",
    "chosen",
    "is_inexact",
    "is_same",
    "lent",
    "spec_of",
    "specs_of",
    "taken_apart",
]


class Spec(NamedTuple):
    """Shape and dtype of an array."""

    shape: Any  # a tuple; None, or lengths in it that are, where it is not known
    dtype: np.dtype


def spec_of(x) -> Spec:
    """That of an array, a number, or what has a shape and a dtype of NumPy's."""
    x = x if hasattr(x, "dtype") else np.asarray(x)
    return Spec(tuple(x.shape), np.dtype(x.dtype))


def specs_of(arrays: Iterable) -> tuple[Spec, ...]:
    """Those of several."""
    return tuple(map(spec_of, arrays))


def is_inexact(x) -> bool:
    """Whether an array, or its spec, can have a derivative."""
    return x.dtype.kind in "fc"


def is_same(a, b) -> bool:
    """Whether two arrays are equal to the bit."""
    if a is b:
        return True
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return _share_place(a, b) or a.tobytes() == b.tobytes()


def _share_place(a, b):
    """Whether two arrays of one shape are the same memory, which needs no copies to compare."""
    if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
        return False  # a number shows the memory of a copy
    first, second = (x.__array_interface__["data"][0] for x in (a, b))
    return first == second and a.strides == b.strides


class Kept(NamedTuple):
    """What is kept of a call: where it was, by which arguments it can be differentiated, how."""

    arrays: Sequence
    moving: tuple
    derivative: Any

    def holds(self, moving, arrays) -> bool:
        """Whether it has the derivative by these arguments, at these arrays."""
        known = all(k or not m for k, m in zip(self.moving, moving))
        return known and all(map(is_same, self.arrays, arrays))


def lent(x):
    """The memory of another library's array, which a function of NumPy is not to write into."""
    x = np.asarray(x)
    x.flags.writeable = False
    return x[()]


def chosen(values: Iterable, mask: Iterable) -> tuple:
    """The values at which the mask is true."""
    return tuple(x for x, m in zip(values, mask) if m)


def among(some: Iterable, mask: Iterable, others: Iterable) -> list:
    """Some values, one after the other, where the mask is true; elsewhere the others."""
    given = iter(some)
    return [next(given) if m else x for m, x in zip(mask, others)]


def taken_apart(f: Callable, args: tuple, kwargs: dict, is_array: Callable) -> tuple:
    """f as a function of those arguments, or parts of them, that are arrays; these; and the others."""
    leaves, treedef = trees.flatten((args, kwargs))
    mask = [is_array(x) for x in leaves]
    arrays = chosen(leaves, mask)
    others: Sequence = [None if m else x for m, x in zip(mask, leaves)]

    def of_arrays(*arrays):
        args, kwargs = trees.unflatten(treedef, among(arrays, mask, others))
        return f(*args, **kwargs)

    of_arrays.__name__ = name_of(f)
    return of_arrays, arrays, chosen(leaves, [not m for m in mask])


def check_function(f) -> None:
    """Raise where something else was given to a bridge."""
    if not callable(f):
        raise errors.ArgumentError(
            f"A bridge leads a function across; it was given a {type(f).__name__}.",
            fix="give it the function itself: f, and not f(x)",
        )


def bound(call: Callable, f: Callable, **options) -> Callable:
    """``call(f, args, kwargs, **options)`` as a function that has f's name, and pickles if f does."""
    check_function(f)
    made = functools.update_wrapper(functools.partial(_call, call, f, options), f, updated=())
    vars(made).setdefault("__name__", name_of(f))  # a module of PyTorch has none
    return made


def _call(call, f, options, /, *args, **kwargs):
    return call(f, args, kwargs, **options)
