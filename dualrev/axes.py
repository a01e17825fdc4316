"""Axes: how a vector stands beside an array, and what a part of one axis is.

Must not know what the arrays are for.  All are functions of public methods of arrays, traced too.
"""

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

__all__ = ["along", "axes_of", "beside", "one_or_many", "part_of", "sliced", "with_length"]


def axes_of(axes, ndim):
    """Axes as a tuple of numbers that are not negative; all where None."""
    if axes is None:
        return tuple(range(ndim))
    return normalize_axis_tuple(np.atleast_1d(axes).tolist(), ndim)


def one_or_many(axis, ndim):
    """An axis, or None, as it is; several as a tuple: of medians and averages also a list or array."""
    return axis if axis is None or isinstance(axis, int) else axes_of(axis, ndim)


def beside(x, ndim):
    """x with axes of length 1 behind its own, up to ndim in all."""
    return x.reshape(x.shape + (1,) * (ndim - x.ndim))


def along(vector, axis, ndim):
    """A vector as an array of ndim axes, all but the one of length 1."""
    return vector.reshape(with_length((1,) * ndim, axis, -1))


def part_of(axis, part, ndim):
    """The index that takes a part (a slice, or places) of one axis and all of the others."""
    return (slice(None),) * (axis % ndim) + (part,)


def sliced(x, axis, start=None, stop=None, step=None):
    """``x[start:stop:step]`` along an axis."""
    return x[part_of(axis, slice(start, stop, step), x.ndim)]


def with_length(shape, axis, length):
    """The shape with another length of one axis."""
    lengths = list(shape)
    lengths[axis] = length
    return tuple(lengths)
