"""Windows that slide over an array: every window is a row of views, which the transpose adds up.

Must not know strides.
"""

import numpy as np

from dualrev.core.words import linear
from dualrev.rules.indexing import scatter
from dualrev.ways import shift

_view = np.lib.stride_tricks.sliding_window_view


def _axes(axis, ndim):
    axis = range(ndim) if axis is None else axis
    return [i % ndim for i in (axis if np.iterable(axis) else [axis])]


def _added_up(windows, shape=None, axis=None):
    """The array to which every window adds its elements in their places."""
    axes = _axes(axis, len(shape))
    parts, keys = [], []
    for offsets in np.ndindex(windows.shape[len(shape) :]):
        # An axis may be named twice: its offsets add.
        start = [0] * len(shape)
        for i, offset in zip(axes, offsets):
            start[i] += offset
        parts.append(windows[(..., *offsets)])
        keys.append(tuple(slice(i, i + n) for i, n in zip(start, windows.shape)))
    return scatter(*parts, keys=keys, shape=shape, dtype=windows.dtype)


# Without writeable=: a write would reach several windows.
def _view_transpose(ct, x, window_shape=None, axis=None):
    return _overlapped(ct, shape=x.shape, axis=axis)


def _overlapped_transpose(ct, windows, shape=None, axis=None):
    return _view(ct, windows.shape[len(shape) :], _axes(axis, len(shape)))


def _view_batch(call, batched, x, window_shape=None, axis=None):
    ndim = x.ndim - 1
    return call(x, window_shape=window_shape, axis=shift(_axes(axis, ndim), ndim))


def _overlapped_batch(call, batched, windows, shape=None, axis=None):
    axis = shift(_axes(axis, len(shape)), len(shape))
    return call(windows, shape=(len(windows), *shape), axis=axis)


linear(_view, _view_transpose, view=True, batch=_view_batch)
_overlapped = linear(_added_up, _overlapped_transpose, batch=_overlapped_batch)
