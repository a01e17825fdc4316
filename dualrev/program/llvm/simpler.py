"""Simpler: functions of arrays as copies, ufuncs and their reductions.

Owns what a step of each function is in simpler steps.  Must not know engines.

A function of ``SIMPLER`` is given the notes to add to, and a step's arguments, options and answer; it
answers False where the step must stay as it is.  Numbers are computed as NumPy's own code does it, to
the bit.
"""

import math
import operator

import numpy as np
from numpy.linalg import _umath_linalg

from dualrev.axes import part_of
from dualrev.errors import name_of
from dualrev.program.steps import Ref, is_basic, refs_in, strides_of, view_of
from dualrev.rules.indexing import scatter
from dualrev.rules.saturation import LEAST, logistic_slope, tanh_slope

__all__ = ["SIMPLER", "Otherwise"]


# ------------------------------------------------------------------------------- by constant places


def _scattered(notes, ans, *cts, keys, shape, dtype, zeros=None):
    """Zeros, to which each ct is added at its key, in turn."""
    if any(refs_in(keys)) or dtype.kind not in "iufc" or any(ct.dtype != dtype for ct in cts):
        return False
    notes.copy(0, ans)
    for key, ct in zip(keys, cts):
        if is_basic(key):
            place = view_of(ans, key)
            notes.call(np.add, (place, ct), (place,))
        else:
            notes.write(np.add.at, (ans, key, ct))


def _taken(notes, ans, a, indices, axis=None):
    if axis is None or any(refs_in(indices)):
        return False
    notes.call(operator.getitem, (a, part_of(axis, indices, len(a.shape))), (ans,))


def _put(notes, ans, target, key, value):
    if type(key) is Ref and key.dtype == bool and key.shape == ans.shape:
        if value.shape if type(value) is Ref else np.shape(value):
            return False
        notes.call(np.where, (key, value, ans), (ans,))
    else:
        value = notes.converted(value, ans.dtype)
        notes.write(operator.setitem, (ans, key, value))


def _reshaped(notes, ans, a, shape=None, *, newshape=None, order="C", copy=None):
    if order != "C" or not ans.is_in_order() or not a.shape:
        return False
    notes.copy(a, ans.shown(a.shape, strides_of(a.shape, ans.dtype.itemsize)))


def _broadcast(notes, ans, array, shape, subok=False):
    notes.copy(array, ans)


# --------------------------------------------------------------------------------- reductions


def _counted(notes, ans, a, axis=None, *, keepdims=False):
    if a.dtype != bool:
        return False
    numbers = notes.converted(a, ans.dtype)
    notes.call(np.add.reduce, (numbers,), (ans,), axis=axis, keepdims=keepdims)


def _reducing(ufunc):
    def simpler(notes, ans, a, axis=None, *, keepdims=False):
        notes.call(ufunc.reduce, (a,), (ans,), axis=axis, keepdims=keepdims)

    return simpler


def _mean(notes, ans, a, axis=None, *, keepdims=False):
    if ans.dtype not in (np.float64, np.float32, np.complex128):
        return False
    terms = notes.converted(a, ans.dtype)
    notes.call(np.add.reduce, (terms,), (ans,), axis=axis, keepdims=keepdims)
    count = math.prod(a.shape) // max(math.prod(ans.shape), 1)
    notes.call(np.divide, (ans, np.asarray(count, ans.dtype)), (ans,))


def _accumulating(ufunc):
    def simpler(notes, ans, a, axis=None):
        if axis is None and len(a.shape) == 1:
            axis = 0
        if axis is None or a.dtype != ans.dtype:
            return False
        notes.call(ufunc.accumulate, (a,), (ans,), axis=axis)

    return simpler


# ----------------------------------------------------------------------------------- products


def _dot(notes, ans, a, b):
    if not np.shape(a) or not np.shape(b) or len(b.shape) > 2:
        return False
    notes.call(np.matmul, (a, b), (ans,))


def _inner(notes, ans, a, b):
    if len(np.shape(a)) != 1 or len(np.shape(b)) != 1:
        return False
    notes.call(np.matmul, (a, b), (ans,))


def _outer(notes, ans, a, b):
    if len(np.shape(a)) != 1 or len(np.shape(b)) != 1:
        return False
    column = a.shown((*a.shape, 1), (*a.strides, 0)) if type(a) is Ref else a[:, np.newaxis]
    notes.call(np.multiply, (column, b), (ans,))


# ------------------------------------------------- what is computed in a simple way, or in another


class Otherwise:
    """A function whose answer has been tried in a simpler way, and which is called where that fails.

    As a function it writes into its first argument, that answer, where an element of its second is
    less than ``limit``, or a nan; its further ones are the function's own.
    """

    def __init__(self, function, limit=-math.inf):
        self.function, self.limit = function, limit
        self.__name__ = f"{name_of(function)}, where that fails"

    def __call__(self, ans, tried, *args):
        if not np.all(tried >= self.limit):
            ans[...] = self.function(*args)


def _linalg(function, ufunc_of):
    """Of a function of numpy.linalg, whose ufunc answers nan where the function raises."""

    def simpler(notes, ans, *args):
        if any(getattr(x, "dtype", None) != ans.dtype for x in args):
            return False
        if ans.dtype not in (np.float64, np.complex128):
            return False
        notes.call(ufunc_of(*args), args, (ans,))
        notes.write(Otherwise(function), (ans, ans, *args))

    return simpler


def _tanh_slope(notes, ans, s, x):
    if not _keeps_kind(ans, s, x):
        return False
    notes.call(np.multiply, (s, s), (ans,))
    notes.call(np.subtract, (1, ans), (ans,))
    notes.write(Otherwise(tanh_slope, LEAST[ans.dtype]), (ans, ans, s, x))


def _logistic_slope(notes, ans, s, x):
    if not _keeps_kind(ans, s, x):
        return False
    rest = notes.new(ans.shape, ans.dtype)
    notes.call(np.subtract, (1, s), (rest,))
    notes.call(np.multiply, (s, rest), (ans,))
    notes.write(Otherwise(logistic_slope, LEAST[ans.dtype]), (ans, rest, s, x))


def _keeps_kind(*arrays):
    dtypes = {getattr(x, "dtype", None) for x in arrays}
    return dtypes == {np.dtype(np.float64)}


SIMPLER = {
    scatter: _scattered,
    np.take: _taken,
    operator.setitem: _put,
    np.reshape: _reshaped,
    np.broadcast_to: _broadcast,
    np.count_nonzero: _counted,
    np.any: _reducing(np.logical_or),
    np.all: _reducing(np.logical_and),
    np.mean: _mean,
    np.cumsum: _accumulating(np.add),
    np.cumprod: _accumulating(np.multiply),
    np.dot: _dot,
    np.inner: _inner,
    np.outer: _outer,
    np.linalg.inv: _linalg(np.linalg.inv, lambda a: _umath_linalg.inv),
    np.linalg.cholesky: _linalg(np.linalg.cholesky, lambda a: _umath_linalg.cholesky_lo),
    np.linalg.solve: _linalg(
        np.linalg.solve,
        lambda a, b: _umath_linalg.solve1 if len(b.shape) == 1 else _umath_linalg.solve,
    ),
    tanh_slope: _tanh_slope,
    logistic_slope: _logistic_slope,
}
