"""Functional programming: functions that call a function of the user's on parts of an array.

Must not know what that function computes: it may capture tracers of its own.
"""

import numpy as np

from dualrev.core.words import composition
from dualrev.rules.indexing import scatter
from dualrev.rules.refused import passes


def _apply_along_axis(func1d, axis, arr, *args, **kwargs):
    axis = range(arr.ndim)[axis]
    rows = np.moveaxis(arr, axis, -1)
    frame = rows.shape[:-1]
    if 0 in frame:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    results = [func1d(rows[i], *args, **kwargs) for i in np.ndindex(frame)]
    results = np.stack([np.stack(r) if isinstance(r, list | tuple) else r for r in results])
    inner = results.ndim - 1
    results = results.reshape(frame + results.shape[1:])
    return np.moveaxis(results, range(-inner, 0), range(axis, axis + inner))


def _apply_over_axes(func, a, axes):
    ndim = a.ndim
    for axis in np.ravel(axes).tolist():
        axis = axis + ndim if axis < 0 else axis
        folded = func(a, axis)
        a = folded if folded.ndim == a.ndim else np.expand_dims(folded, axis)
        if a.ndim != ndim:
            raise ValueError("function is not returning an array of the correct shape")
    return a


def _piecewise(x, condlist, funclist, *args, **kw):
    one = np.isscalar(condlist) or (np.ndim(condlist[0]) == 0 and x.ndim != 0)
    conditions = np.stack([condlist] if one else list(condlist)).astype(bool)
    n, count = len(conditions), len(funclist)
    if n == count - 1:
        conditions = np.concatenate([conditions, ~conditions.any(axis=0, keepdims=True)])
    elif n != count:
        raise ValueError(f"with {n} condition(s), either {n} or {n + 1} functions are expected")
    y = np.zeros(x.shape, x.dtype)
    for condition, function in zip(conditions, funclist):
        if callable(function):
            part = x[condition]
            part = np.broadcast_to(function(part, *args, **kw) if part.size else part, part.shape)
            function = scatter(part, keys=(condition,), shape=x.shape, dtype=x.dtype)
        y = np.where(condition, function, y)
    return y


composition(np.apply_along_axis, _apply_along_axis)
composition(np.apply_over_axes, _apply_over_axes)
composition(np.piecewise, _piecewise, arity=1)
# The function is called on traced elements; np.vectorize and np.frompyfunc are classes and makers.
passes(np.fromfunction, np.frompyfunc)
passes(np.vectorize.__call__)
