"""Views of memory as values: what a Ref shows of a buffer, and the buffer after a write.

Owns how offset and strides become slices.  Must not know steps.

A buffer is a flat array of its elements, in the order of memory.  Sorted by stride, the axes of a view
are nested: a row of the first holds whole rows of the second.  Mostly they are parts of the axes of a
grid, so that a view is a reshape and a slice.  Where rows are not whole, it is cut out by a slice and a
reshape for each axis.  A write puts it back the same way.  That also holds where arrays are immutable,
and costs a compiler little.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from dualrev.program.steps import Ref

__all__ = ["added_at", "read", "set_at", "written"]


@dataclass(frozen=True, slots=True)
class _Axes:
    """How a view lies in a flat array.

    Attributes
    ----------
    offset : int
        Number of its lowest element.
    sizes, strides : tuple of int
        Of the axes along which memory is walked, the longest stride first, in elements.
    order : tuple of int
        Which axes of the view these are.
    flips : tuple
        The index that turns axes with a negative stride.
    """

    offset: int
    sizes: tuple
    strides: tuple
    order: tuple
    flips: tuple

    @property
    def are_nested(self):
        """Whether no two elements of the view are the same, nor interleave with another axis."""
        spans = [(n - 1) * s for n, s in zip(self.sizes, self.strides)]
        inner = itertools.accumulate(reversed(spans), initial=0)
        return all(span < s for span, s in zip(inner, reversed(self.strides)))


def _axes(ref: Ref):
    itemsize = ref.dtype.itemsize
    strides = [s // itemsize for s in ref.strides]
    walked = [i for i, n in enumerate(ref.shape) if n > 1 and strides[i]]
    walked.sort(key=lambda i: -abs(strides[i]))
    low = sum((ref.shape[i] - 1) * strides[i] for i in walked if strides[i] < 0)
    flips = tuple(slice(None, None, -1 if s < 0 else 1) for s in strides)
    return _Axes(
        ref.offset // itemsize + low,
        tuple(ref.shape[i] for i in walked),
        tuple(abs(strides[i]) for i in walked),
        tuple(walked),
        flips,
    )


def read(module, flat, ref: Ref):
    """The array that a Ref shows of a buffer."""
    if 0 in ref.shape:
        return module.zeros(ref.shape, ref.dtype)
    if flat.dtype != ref.dtype:
        return _part(module, flat, ref)
    axes = _axes(ref)
    grid = _grid(axes, flat.size)
    if grid is not None:
        shape, index = grid
        rows = flat.reshape(shape)[index]
    elif axes.are_nested:
        rows = _cut(module, flat[axes.offset :], axes.sizes, axes.strides)
    else:  # as windows overlap
        places = sum(
            (np.arange(n) * s).reshape(-1, *(1,) * (len(axes.sizes) - i - 1))
            for i, (n, s) in enumerate(zip(axes.sizes, axes.strides))
        )
        rows = flat[axes.offset + places]
    sizes = [ref.shape[i] if i in axes.order else 1 for i in range(len(ref.shape))]
    view = rows.transpose(np.argsort(axes.order, kind="stable").tolist()).reshape(sizes)
    if -1 in (part.step for part in axes.flips):
        view = view[axes.flips]
    return view if tuple(sizes) == ref.shape else module.broadcast_to(view, ref.shape)


def written(module, flat, ref: Ref, value):
    """The buffer after a value of its shape has been written into what a Ref shows."""
    if 0 in ref.shape:
        return flat
    if flat.dtype != ref.dtype:
        return _with_part(module, flat, ref, value)
    axes = _axes(ref)
    grid = _grid(axes, flat.size)
    if grid is None and not axes.are_nested:
        raise NotImplementedError("a write into a view that overlaps itself")
    # Of an answer that was broadcast, all lie in one place.
    value = value[tuple(slice(None if s else 1) for s in ref.strides)]
    if -1 in (part.step for part in axes.flips):
        value = value[axes.flips]
    rest = [i for i in range(len(ref.shape)) if i not in axes.order]
    rows = value.transpose([*axes.order, *rest]).reshape(axes.sizes)
    if rows.size == flat.size:
        return rows.reshape(-1)
    if grid is not None:
        shape, index = grid
        return set_at(flat.reshape(shape), index, rows).reshape(-1)
    put = _put(module, flat[axes.offset :], axes.sizes, axes.strides, rows)
    return module.concatenate([flat[: axes.offset], put]) if axes.offset else put


def _grid(axes, size):
    """A shape of the flat array, and the index of it that a view is; None where there is none."""
    shape, index, rest = [], [], axes.offset
    for n, stride in zip(axes.sizes, axes.strides):
        first, rest = divmod(rest, stride)
        if size % stride or first + n > size // stride:
            return None
        shape.append(size // stride)
        index.append(slice(first, first + n))
        size = stride
    if size > 1:
        shape.append(size)
        index.append(rest)
    return tuple(shape), tuple(index)


def _cut(module, flat, sizes, strides):
    """The rows of which an array's last axis consists, for each axis of a view."""
    if not sizes:
        return flat[0]
    *outer, (size, stride) = zip(sizes, strides)
    for n, s in outer:
        flat = _wide(module, flat, n * s).reshape(*flat.shape[:-1], n, s)
    return flat[..., : (size - 1) * stride + 1 : stride]


def _put(module, flat, sizes, strides, value):
    """The array of which _cut answers value."""
    if not sizes:
        return set_at(flat, 0, value)
    if len(sizes) == 1:
        return set_at(flat, (..., slice(0, (sizes[0] - 1) * strides[0] + 1, strides[0])), value)
    count = sizes[0] * strides[0]
    rows = _wide(module, flat, count).reshape(*flat.shape[:-1], sizes[0], strides[0])
    rows = _put(module, rows, sizes[1:], strides[1:], value).reshape(*flat.shape[:-1], count)
    return set_at(flat, (..., slice(0, count)), rows[..., : flat.shape[-1]])


def _wide(module, flat, count):
    """The first elements along the last axis; with zeros, which are in no view, where it is shorter."""
    missing = count - flat.shape[-1]
    if missing <= 0:
        return flat[..., :count]
    return module.concatenate([flat, module.zeros((*flat.shape[:-1], missing), flat.dtype)], -1)


def set_at(x, index, value):
    """A copy of x with other elements at an index."""
    if hasattr(x, "at"):
        return x.at[index].set(value)
    x = x.copy()
    x[index] = value
    return x


def added_at(module, x, index, value):
    """A copy of x to whose elements at an index a value is added, as often as they are named."""
    if hasattr(x, "at"):
        return x.at[index].add(value)
    x = x.copy()
    module.add.at(x, index, value)
    return x


# ---------------------------------------------------------------- parts of complex numbers


def _whole(flat, ref):
    """The Ref of the complex numbers of which it shows a part; whether that is the imaginary one."""
    dtype = np.dtype(flat.dtype)
    if dtype.kind != "c" or ref.dtype.kind != "f" or 2 * ref.dtype.itemsize != dtype.itemsize:
        raise NotImplementedError(f"memory of {dtype} seen as {ref.dtype}")
    half = ref.offset % dtype.itemsize
    return Ref(ref.buffer, ref.offset - half, ref.shape, ref.strides, dtype), bool(half)


def _part(module, flat, ref):
    whole, imaginary = _whole(flat, ref)
    numbers = read(module, flat, whole)
    return numbers.imag if imaginary else numbers.real


def _with_part(module, flat, ref, value):
    whole, imaginary = _whole(flat, ref)
    numbers = read(module, flat, whole)
    numbers = numbers.real + 1j * value if imaginary else value + 1j * numbers.imag
    return written(module, flat, whole, numbers.astype(whole.dtype))
