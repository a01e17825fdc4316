"""Tangents and cotangents: their shapes and dtypes, and how parts of one are collected.

Broadcasting and dtypes are settled here, once, for every rule.  Must not know rules.
"""

import functools
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualrev.core.arrays import foundation, has_memory

__all__ = [
    "PartialCotangent",
    "broadcast",
    "cast",
    "combined",
    "fit",
    "fit_or_none",
    "sum_of_terms",
    "unbroadcast",
    "zeros_of",
]

_FLOAT = np.float64
_ndarray = np.ndarray


@dataclass(slots=True, eq=False)
class PartialCotangent:
    """A cotangent of some elements (or outputs) only; the sweep collects them and adds them once.

    Attributes
    ----------
    key : object
        Which elements: an index, or the options of an output.
    ct : array
        Their cotangent.
    primal : array
        The whole primal, for its shape and dtype; or all outputs.
    combine : callable
        ``combine(cts, keys, primal)``: the whole cotangent; that of elements also takes out, an
        array to which they are added.
    """

    key: Any
    ct: Any
    primal: Any
    combine: Callable
    # Looked up when needed: most parts are only collected.
    shape = property(operator.attrgetter("primal.shape"))
    dtype = property(operator.attrgetter("primal.dtype"))


def combined(parts):
    """The whole cotangent of a list of PartialCotangents and dense ones among them."""
    keys, cts, dense = [], [], []
    for part in parts:
        if type(part) is PartialCotangent:
            keys.append(part.key)
            cts.append(part.ct)
            sample = part
        else:
            dense.append(part)
    whole = sample.combine(cts, keys, sample.primal)
    for part in dense:
        whole = whole + part
    return whole


def unbroadcast(ct, x):
    """Sum ct over the axes along which x was broadcast, and give it the dtype of x."""
    if ct is None or (type(ct) is _FLOAT and type(x) is _FLOAT):
        return ct
    shape = x.shape
    if ct.shape != shape:
        extra = ct.ndim - len(shape)
        if extra > 0:
            ct = ct.sum(axis=tuple(range(extra)))
        elif extra < 0:
            ct = ct.reshape((1,) * -extra + ct.shape)
        narrow = tuple(i for i, n in enumerate(shape) if n == 1 and ct.shape[i] != 1)
        if narrow:
            one = len(narrow) == 1
            ct = _sum_of_axis(ct, *narrow) if one else ct.sum(axis=narrow, keepdims=True)
        if ct.shape != shape:  # a partial that is the same for all elements
            ct = broadcast(ct, x)
    # Dtypes are singletons but for byte order and the like: `is` first, equality in cast.
    if ct.dtype is not x.dtype:
        ct = cast(ct, x.dtype)
    return ct


def _sum_of_axis(ct, axis):
    """Sum over one axis, which stays with length 1.

    Where the axes after it are short, NumPy adds in loops as short: a product with ones takes a
    tenth of the time.
    """
    shape = ct.shape
    inner = math.prod(shape[axis + 1 :])
    if inner > 64 or ct.size < 4096 or type(ct) is not _ndarray or ct.dtype.kind != "f":
        return ct.sum(axis=axis, keepdims=True)
    stack = ct.reshape(-1, shape[axis], inner)
    total = np.matmul(np.ones((1, shape[axis]), ct.dtype), stack)
    return total.reshape((*shape[:axis], 1, *shape[axis + 1 :]))


def broadcast(t, x):
    """A tangent or cotangent at every element of x."""
    # np.broadcast_to makes one chunk of an array of Dask's.
    return np.broadcast_to(t, x.shape) if has_memory(x) else t + zeros_of(x)


def fit(t, ans):
    """Broadcast a tangent to the shape of the answer, and give it the answer's dtype."""
    if type(t) is _FLOAT and type(ans) is _FLOAT:
        return t
    if t.shape != ans.shape:
        t = broadcast(t, ans)
    if t.dtype is not ans.dtype:
        t = cast(t, ans.dtype)
    return t


def zeros_of(x):
    """A zero tangent or cotangent of x; an integer has none, float64 stands for it."""
    dtype = x.dtype if x.dtype.kind in "fc" else np.dtype(_FLOAT)
    if not has_memory(x):  # it may be larger than memory
        return np.zeros_like(foundation(x), dtype=dtype)
    return np.zeros(x.shape, dtype)[()]


def cast(t, dtype):
    """Change the dtype of a tangent or cotangent; the transpose of real -> complex is the real part."""
    if t.dtype.kind == "c" and dtype.kind != "c":
        t = t.real
    return t if t.dtype == dtype else t.astype(dtype)


def sum_of_terms(tangents, *terms):
    """A jvp given as one term an argument: the sum of ``term(t)`` over the tangents there are."""
    moving = (term(t) for t, term in zip(tangents, terms) if t is not None)
    return functools.reduce(operator.add, moving)


def fit_or_none(t, ans):
    """``fit``, where an output of several may carry no tangent: None."""
    return None if t is None else fit(t, ans)
