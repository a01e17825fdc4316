"""A vector that lies along one axis of an array.

Must not know what array that is.
"""

__all__ = ["along"]


def along(vector, axis, ndim):
    """The vector with ndim axes, all but the one of length 1."""
    shape = [1] * ndim
    shape[axis] = -1
    return vector.reshape(shape)
