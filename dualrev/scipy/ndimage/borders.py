"""How an array continues beyond its borders, and what filters may write into.

Owns the extension of an axis and its transpose, folding.  Must not know any filter.

A filter is an extension followed by one that sees no border; so its transpose is that of the latter
followed by a fold, exact at the borders in all modes.
"""

import functools

import numpy as np

from dualrev import errors
from dualrev.axes import axes_of, with_length
from dualrev.core.words import linear
from dualrev.scipy.twin import least_dimensions, twin

__all__ = [
    "axis_by_axis",
    "by_axis",
    "check_output",
    "extended",
    "folded",
    "image_twin",
    "is_constant",
    "one_for_each",
    "reach",
    "reaches_of",
    "refuse_output_array",
    "sources",
    "surrounded",
]

# SciPy's names of the modes, and NumPy's.
_NAMES = {
    "reflect": "symmetric",
    "grid-mirror": "symmetric",
    "mirror": "reflect",
    "nearest": "edge",
    "wrap": "wrap",
    "grid-wrap": "wrap",
}
_CONSTANT = ("constant", "grid-constant")


def is_constant(n, mode):
    """Whether beyond an axis of n elements a constant stands: of none nothing can be repeated."""
    return n == 0 or mode in _CONSTANT


def sources(n, before, after, mode):
    """Which element stands at the places ``-before`` to ``n + after``; -1 for the constant."""
    if is_constant(n, mode):
        return np.pad(np.arange(n), (before, after), constant_values=-1)
    return np.pad(np.arange(n), (before, after), _NAMES[mode])


def _extended(x, before, after, axis, mode):
    if is_constant(x.shape[axis], mode):
        return np.pad(x, with_length([(0, 0)] * x.ndim, axis, (before, after)))
    return np.take(x, sources(x.shape[axis], before, after, mode), axis)


def _folded(y, before, after, axis, mode):
    n = y.shape[axis] - before - after
    y = np.moveaxis(y, axis, 0)
    x = y[before : before + n].copy()
    if not is_constant(n, mode):
        source = sources(n, before, after, mode)
        for place in (*range(before), *range(before + n, len(y))):
            x[source[place]] += y[place]
    return np.moveaxis(x, 0, axis)


def _extended_transpose(ct, x, before, after, axis, mode):
    return folded(ct, before=before, after=after, axis=axis, mode=mode)


def _folded_transpose(ct, y, before, after, axis, mode):
    return extended(ct, before=before, after=after, axis=axis, mode=mode)


#: x with elements before and after an axis; zeros where the mode says a constant.
extended = linear(_extended, _extended_transpose)
#: Its transpose: what stands beyond the borders is added to the elements that it continues.
folded = linear(_folded, _folded_transpose)


def reach(length, origin):
    """How far a filter of a length reaches before and after an element."""
    before = length // 2 + origin
    return before, length - 1 - before


def surrounded(input, reaches, mode, cval):
    """The input with what lies before and after some axes, the constant included."""
    for axis, before, after in reaches:
        input = extended(input, before=before, after=after, axis=axis, mode=mode)
    if cval == 0 or "constant" not in mode:
        return input
    outside = np.ones(input.shape, bool)
    inner = [slice(None)] * input.ndim
    for axis, before, after in reaches:
        inner[axis] = slice(before, input.shape[axis] - after)
    outside[tuple(inner)] = False
    return np.where(outside, cval, input)


def one_for_each(option, axes):
    """An option of a filter over several axes: one for each, or the same for all."""
    if isinstance(option, str) or not np.iterable(option):
        return [option] * len(axes)
    if len(option) != len(axes):
        raise RuntimeError("sequence argument must have length equal to input rank")
    return list(option)


def axis_by_axis(step, input, output, axes, *options):
    """``step(input, axis, *options)``, with the options of the axis, along one axis after the other."""
    ans = np.copy(input)  # which is the answer where no step changes it
    axes = axes_of(axes, input.ndim)
    for axis, *given in zip(axes, *(one_for_each(option, axes) for option in options)):
        ans = step(ans, axis, *given)
    return ans if output is None else ans.astype(output)


def by_axis(option, axes, ndim):
    """An option of each axis, by its number.

    It comes in the order of the axes; of all axes SciPy reads it in the order of the array.
    """
    return dict(zip(range(ndim) if len(axes) == ndim else axes, one_for_each(option, axes)))


def reaches_of(lengths, origin, axes, ndim):
    """How far windows reach before and after each axis that they have, in the order of the array."""
    if len(lengths) != len(axes):
        raise RuntimeError(f"weights or a footprint of {len(lengths)} axes for {len(axes)} axes")
    origins = by_axis(origin, axes, ndim)
    return [(axis, *reach(n, origins[axis])) for axis, n in zip(sorted(axes), lengths)]


_check_dimensions = least_dimensions(1, 1)


def refuse_output_array(*arrays, output=None, **options):
    """Refuse an ``output`` that cannot hold a traced value."""
    if output is not None and not isinstance(output, type | np.dtype | str):
        raise errors.InPlaceError(
            "A filter was to write a traced result into a given array (output=).",
            fix="leave out output=",
        )


def check_output(input, *others, output=None, **options):
    """Refuse an image without axes, and an ``output`` that cannot hold a derivative."""
    _check_dimensions(input)
    refuse_output_array(output=output)
    before = getattr(input, "dtype", float)
    dtype = np.dtype(before if output is None else output)
    if dtype.kind not in "fc":
        raise errors.ArgumentError(
            f"A filter of an array of {before} rounds its result to {dtype}, "
            "which has no derivative.",
            fix="give output=float",
        )


#: Declares a twin that may write into output= only where nothing is traced.
image_twin = functools.partial(twin, check=check_output)
