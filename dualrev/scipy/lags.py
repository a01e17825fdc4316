"""Frames and inner products of shifted arrays: what filters are differentiated with.

Must not know any filter.
"""

import numpy as np

from dualrev.axes import sliced
from dualrev.core.words import linear
from dualrev.ways import stacked

__all__ = ["framed", "inner", "lagged_products", "resized"]


def resized(x, shape):
    """The first elements along every axis, with zeros behind where there are too few."""
    if x.shape == tuple(shape):
        return x
    x = x[tuple(map(slice, shape))]
    missing = [(0, n - m) for n, m in zip(shape, x.shape)]
    return np.pad(x, missing) if any(n for _, n in missing) else x


def lagged_products(short, long, count, axis):
    """Vector of ``sum(short * long[k : k + n])`` over all axes, k from 0 to ``count`` along one."""
    n = short.shape[axis]
    return np.stack([inner(short, sliced(long, axis, k, k + n)) for k in range(count)])


def inner(x, y):
    """The sum of the products of all elements, without a temporary array."""
    # einsum, not a BLAS product, whose threads wait for each other on a busy machine.
    axes = list(range(x.ndim))
    return np.einsum(x, axes, y, axes)


def _framed(x, length, step):
    return np.lib.stride_tricks.sliding_window_view(x, length, -1)[..., ::step, :].copy()


def _added(frames, n, step):
    """Each frame in parts of step elements, of which the k-th of all frames lie side by side."""
    *stack, count, length = frames.shape
    blocks = np.zeros((*stack, count + -(-length // step), step), frames.dtype)
    for k, start in enumerate(range(0, length, step)):
        part = frames[..., start : start + step]
        blocks[..., k : k + count, : part.shape[-1]] += part
    return resized(blocks.reshape(*stack, -1), (*stack, n))


def _framed_transpose(ct, x, length, step):
    return _added_frames(ct, n=x.shape[-1], step=step)


def _added_transpose(ct, frames, n, step):
    return framed(ct, length=frames.shape[-1], step=step)


#: Frames (..., count, length) along the last axis, each step elements after the one before.
framed = linear(_framed, _framed_transpose, batch=stacked(1))
#: Their transpose: the frames are added where they were taken.
_added_frames = linear(_added, _added_transpose, batch=stacked(2))
