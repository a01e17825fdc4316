"""Marks: what NumPy, SciPy and pickle know of a function, and do not say."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["dispatches", "name_for_pickle", "ufunc_behind"]

_ndarray = np.ndarray


def name_for_pickle(made: Any) -> str | None:
    """The name under which pickle finds it: as a decorator it took that of the function; or None."""
    place = getattr(made, "__qualname__", "")
    found = sys.modules.get(made.__module__)
    for name in place.split("."):
        found = getattr(found, name, None)
    return place if found is made else None


def ufunc_behind(function: Callable) -> Callable:
    """The ufunc that a function of scipy.special hides with SCIPY_ARRAY_API=1, or the function itself.

    It looks for the library of its arguments, and says nowhere what is behind.  Asked once a rule.
    """
    inner = getattr(function, "__wrapped__", None)
    return inner if isinstance(inner, np.ufunc) else function


def dispatches(function: Callable) -> bool:
    """Whether NumPy or Python hands a call of it to traced arguments.  Asked once a rule."""
    return (
        isinstance(function, np.ufunc)
        or hasattr(function, "_implementation")  # NumPy's mark on its array functions
        or isinstance(getattr(function, "__self__", None), np.ufunc)  # np.add.reduce
        or getattr(function, "__module__", None) == "_operator"
        or getattr(function, "__objclass__", None) is _ndarray  # np.ndarray.astype
    )
