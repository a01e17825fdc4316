"""Moving maxima and minima: each element of the answer is one of the window's.

Owns the choice.  Must not know any other filter.
"""

import functools

import numpy as np
import scipy.ndimage

from dualrev.axes import sliced
from dualrev.scipy.ndimage.borders import axes_of, image_twin, one_for_each, reach, surrounded

__all__ = ["maximum_filter", "maximum_filter1d", "minimum_filter", "minimum_filter1d"]


def _along_one_axis(pick, input, cval, size, axis, output, mode, origin):
    """One element of every window along an axis."""
    best = surrounded(input, [(axis, *reach(size, origin))], mode, cval)
    # Two overlapping windows make one of up to twice their length.
    length = 1
    while length < size:
        step = min(length, size - length)
        best = pick(sliced(best, axis, step), sliced(best, axis, stop=-step))
        length += step
    return best if output is None else best.astype(output)


def _along_several_axes(pick, input, cval, size, footprint, output, mode, origin, axes):
    """The same of windows with several axes: one axis after the other, or by a footprint."""
    axes = axes_of(axes, input.ndim)
    if footprint is not None:
        footprint = np.asarray(footprint, bool)
        size = footprint.shape
    if footprint is None or footprint.all():
        options = (one_for_each(option, axes) for option in (size, mode, origin))
        for axis, n, m, o in zip(axes, *options):
            if n > 1:
                input = _along_one_axis(pick, input, cval, int(n), axis, None, m, o)
    else:
        origins = dict(zip(axes, one_for_each(origin, axes)))
        input = _picked(pick, input, footprint, mode, cval, origins)
    return input if output is None else input.astype(output)


def _picked(pick, input, footprint, mode, cval, origins):
    """One of the elements under the footprint, around every element."""
    reaches = [
        (axis, *reach(n, origins[axis]))
        for axis, n in zip(sorted(origins), footprint.shape, strict=True)
    ]
    around = surrounded(input, reaches, mode, cval)

    def shifted(place):
        window = around
        for (axis, _, _), start in zip(reaches, place.tolist()):
            window = sliced(window, axis, start, start + input.shape[axis])
        return window

    return functools.reduce(pick, map(shifted, np.argwhere(footprint)))


@image_twin(scipy.ndimage.maximum_filter1d)
def maximum_filter1d(input, cval, **options):
    """Maximum of a window that moves along an axis; of the input's shape.

    Equals :func:`scipy.ndimage.maximum_filter1d`.  The derivative is that of the element which
    stands in the answer; where several are equal they share it, in no particular proportion.  It
    costs ``2 log2(size)`` passes over the array.

    Raises
    ------
    InPlaceError
        Where output is an array and the input is traced.
    ArgumentError
        Where the input is traced and the result would be rounded to integers.
    """
    return _along_one_axis(np.maximum, input, cval, **options)


@image_twin(scipy.ndimage.maximum_filter)
def maximum_filter(input, cval, **options):
    """Maximum of a window, or of what a footprint shows, that moves through the array.

    Equals :func:`scipy.ndimage.maximum_filter`; :func:`maximum_filter1d` along each axis, whose
    notes on derivatives and errors hold here too.  A footprint costs a pass for each of its elements.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import maximum_filter
    >>> dr.grad(lambda x: np.sum(maximum_filter(x, 3)))(np.array([1.0, 5.0, 2.0, 3.0]))
    array([0., 3., 0., 1.])
    """
    return _along_several_axes(np.maximum, input, cval, **options)


@image_twin(scipy.ndimage.minimum_filter1d)
def minimum_filter1d(input, cval, **options):
    """Minimum of a window that moves along an axis; of the input's shape.

    Equals :func:`scipy.ndimage.minimum_filter1d`.  The derivative is that of the element which
    stands in the answer; where several are equal they share it, in no particular proportion.  It
    costs ``2 log2(size)`` passes over the array.

    Raises
    ------
    InPlaceError
        Where output is an array and the input is traced.
    ArgumentError
        Where the input is traced and the result would be rounded to integers.
    """
    return _along_one_axis(np.minimum, input, cval, **options)


@image_twin(scipy.ndimage.minimum_filter)
def minimum_filter(input, cval, **options):
    """Minimum of a window, or of what a footprint shows, that moves through the array.

    Equals :func:`scipy.ndimage.minimum_filter`; :func:`minimum_filter1d` along each axis, whose
    notes on derivatives and errors hold here too.  A footprint costs a pass for each of its elements.
    """
    return _along_several_axes(np.minimum, input, cval, **options)
