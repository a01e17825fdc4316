"""Views by their memory: what a view of an array shows of the traced array that stands for it now.

Owns how strides become an index, or a primitive where no index leads there.  Must not know when an
array is filled.
"""

import numpy as np

from dualrev import errors
from dualrev.core.assignment import own_copy, strides_of_rows
from dualrev.core.cotangents import PartialCotangent
from dualrev.core.words import linear
from dualrev.rules.indexing import added

__all__ = ["is_writeable", "view_of"]


def is_writeable(array):
    """Whether an array can be written, asked without a warning."""
    # The flag itself warns of what np.broadcast_arrays has made, which this takes for read-only.
    return not array.__array_interface__["data"][1]


def view_of(tracer, view, offset):
    """What a view shows that begins so many bytes after the array for which a tracer stands now."""
    if view.dtype != tracer.dtype:
        size = view.dtype.itemsize
        if tracer.dtype.kind != "c" or view.dtype.kind != "f" or 2 * size != tracer.dtype.itemsize:
            raise errors.InPlaceError(
                f"A traced value was written into an array that is viewed as {view.dtype} too.",
                fix="view it as another type after it is written",
            )
        imaginary = offset % tracer.dtype.itemsize == size
        tracer, offset = (tracer.imag, offset - size) if imaginary else (tracer.real, offset)
    writeable = is_writeable(view)
    index = _index_of(tracer, view, offset) if writeable else None
    if index is not None:
        return tracer[index]
    layout = tracer.strides, offset, view.shape, view.strides, writeable
    if writeable and _repeats(tracer, layout):
        # Which of several values stays would be decided anew by every write.
        layout = (*layout[:-1], False)
    return shown(tracer, layout=layout)


def _index_of(tracer, view, offset):
    """The index by which a view was taken, a quarter of the work later; None where it was no index."""
    strides, shape = tracer.strides, tracer.shape
    if not view.size or min(strides, default=1) <= 0:
        return None
    first = _first_of(shape, strides, offset)
    index = []
    axis = 0
    for n, stride in zip(view.shape, view.strides):
        if n == 1:
            index.append(None)
            continue
        while axis < len(shape):
            step, rest = divmod(stride, strides[axis])
            last = first[axis] + step * (n - 1)
            axis += 1
            if step and not rest and 0 <= last < shape[axis - 1]:
                stop = last + (1 if step > 0 else -1)
                index.append(slice(first[axis - 1], stop if stop >= 0 else None, step))
                break
            index.append(first[axis - 1])
        else:
            return None
    return (*index, *first[axis:], ...)


def _first_of(shape, strides, offset):
    """The index of the element at which a view begins."""
    first = [0] * len(shape)
    for axis in sorted(range(len(shape)), key=strides.__getitem__, reverse=True):
        if strides[axis] and shape[axis] > 1:
            first[axis], offset = divmod(offset, strides[axis])
    return first


def _shown(x, layout=None):
    """What an array shows that was a view of another, whose memory x has now."""
    strides, offset, shape, own_strides, writeable = layout
    if x.strides != strides:
        x = own_copy(x, strides)
    if 0 in shape:
        return np.reshape(x, -1)[:0].reshape(shape)
    begin = x[(*_first_of(x.shape, strides, offset), ...)]
    return np.lib.stride_tricks.as_strided(begin, shape, own_strides, writeable=writeable)


def _numbers_of(x, layout):
    """The numbers, in C order, of the elements of x that are shown."""
    strides, offset, shape, own_strides, _ = layout
    size = x.dtype.itemsize
    numbers = np.arange(x.size).reshape(x.shape)
    # Distances in memory, of integers in place of the elements.
    scaled = [[8 * s // size for s in part] for part in (strides, own_strides)]
    strides, own_strides = map(tuple, scaled)
    layout = strides, 8 * offset // size, shape, own_strides, False
    return _shown(own_copy(numbers, strides), layout)


def _repeats(x, layout):
    """Whether an element is shown twice."""
    numbers = _numbers_of(x, layout)
    return np.unique(numbers).size < numbers.size


def _shown_transpose(ct, x, layout=None):
    places = np.unravel_index(_numbers_of(x, layout), x.shape)
    return PartialCotangent(places, ct, x, added)


def _shown_batch(call, batched, x, layout=None):
    strides, offset, shape, own_strides, writeable = layout
    strides = strides_of_rows(x.shape[1:], strides, x.dtype.itemsize)
    own_strides = strides[0], *own_strides
    return call(x, layout=(strides, offset, (len(x), *shape), own_strides, writeable))


#: Views that were taken while the array was ordinary: NumPy made them, their strides say what they show.
shown = linear(_shown, _shown_transpose, batch=_shown_batch, view=True, name="view")
