"""A vector along one axis of an array, and slices along one.

Must not know what array that is.
"""

__all__ = ["along", "sliced"]


def along(vector, axis, ndim):
    """The vector with ndim axes, all but the one of length 1."""
    shape = [1] * ndim
    shape[axis] = -1
    return vector.reshape(shape)


def sliced(x, axis, start=None, stop=None, step=None):
    """``x[start:stop:step]`` along an axis."""
    index = [slice(None)] * x.ndim
    index[axis] = slice(start, stop, step)
    return x[tuple(index)]
