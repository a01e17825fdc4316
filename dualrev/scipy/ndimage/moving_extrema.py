"""Moving maxima and minima: each element of the answer is one of the window's.

Owns the choice.  Must not know any other filter.
"""

import functools

import numpy as np
import scipy.ndimage
from scipy.ndimage import _filters

from dualrev.axes import axes_of, sliced
from dualrev.core.operands import as_operand
from dualrev.core.words import constant
from dualrev.rules.indexing import picked
from dualrev.scipy.bodies import means
from dualrev.scipy.ndimage.borders import (
    axis_by_axis,
    check_output,
    image_twin,
    reach,
    reaches_of,
    surrounded,
)
from dualrev.scipy.ndimage.ranks import by_rank, everything, refuse_complex

__all__ = ["maximum_filter", "maximum_filter1d", "minimum_filter", "minimum_filter1d"]


def _along_one_axis(pick, input, cval, size, axis, output, mode, origin):
    """One element of every window along an axis."""
    refuse_complex(input)
    (axis,) = axes_of(axis, input.ndim)
    best = surrounded(input, [(axis, *reach(size, origin))], mode, cval)
    # Two overlapping windows make one of up to twice their length.
    length = 1
    while length < size:
        step = min(length, size - length)
        best = pick(sliced(best, axis, step), sliced(best, axis, stop=-step))
        length += step
    return best if output is None else best.astype(output)


def _along_several_axes(pick, input, cval, size, footprint, output, mode, origin, axes):
    """The same of windows with several axes, one axis after the other, or of what a footprint shows."""
    if footprint is not None:
        footprint = np.asarray(footprint, bool)
        if not footprint.all():
            options = {"mode": mode, "origin": origin, "axes": axes}
            return _BY_RANK[pick](input, cval, output=output, footprint=footprint, **options)
        size = footprint.shape
    refuse_complex(input)

    def along_one(x, axis, n, m, o):
        return _along_one_axis(pick, x, cval, int(n), axis, None, m, o) if n > 1 else x

    return axis_by_axis(along_one, input, output, axes, size, mode, origin)


def _filter_of(function):
    """A filter of SciPy's, its arrays by position."""
    return lambda input, cval, **options: function(input, cval=cval, **options)


_BY_RANK = {
    np.maximum: by_rank(_filter_of(scipy.ndimage.maximum_filter)),
    np.minimum: by_rank(_filter_of(scipy.ndimage.minimum_filter)),
}


def _window_of(around, place, reaches, shape):
    """The elements that stand at one place of the windows around all elements."""
    for (axis, _, _), start in zip(reaches, place):
        around = sliced(around, axis, start, start + shape[axis])
    return around


def _best(input, cval, structure, *, footprint, minimum, mode, origin, axes):
    """Which element of everything stands in the answer, and which of the structure beside it."""
    reaches = reaches_of(footprint.shape, origin, axes, input.ndim)
    elements = everything(input, cval)
    own = np.arange(input.size).reshape(input.shape)
    around = surrounded(own, reaches, mode, input.size)
    best = None
    # In SciPy's order, and replaced by what is strictly better as there: of equal ones the first.
    for k in np.flatnonzero(footprint):
        place = np.unravel_index(k, footprint.shape)
        window = _window_of(around, place, reaches, input.shape)
        candidate = elements[window]
        if minimum:
            candidate -= structure.flat[k]
        else:
            candidate += structure.flat[k]
        if best is None:
            best, places, shares = candidate, window.copy(), np.full(input.shape, k)
            continue
        better = candidate < best if minimum else candidate > best
        best[better], places[better], shares[better] = candidate[better], window[better], k
    return np.stack([places, shares])


_best = constant(_best, arity=3)


@functools.partial(means, _filters._min_or_max_filter)
def extremum(input, size, footprint, structure, output, mode, cval, origin, minimum, axes=None):
    """Maximum or minimum of a window that a structure is added to, or subtracted from.

    What grey morphology is made of.  Input, cval and structure are differentiated.  It costs a pass for
    each element of the footprint, and memory of some arrays of the size of the input, whatever the
    footprint; a gradient costs one pass.
    """
    if structure is None:
        options = {"mode": mode, "cval": cval, "origin": origin, "axes": axes}
        moving = minimum_filter if minimum else maximum_filter
        return moving(input, size, footprint, output, **options)
    input, structure = as_operand(input), as_operand(structure)
    check_output(input, output=output)
    refuse_complex(input)
    shape = structure.shape
    footprint = np.ones(shape, bool) if footprint is None else np.asarray(footprint, bool)
    if footprint.shape != shape:
        raise ValueError(f"a structure {shape} and a footprint {footprint.shape} differ in shape")
    options = {"minimum": bool(minimum), "mode": mode, "origin": origin}
    axes = axes_of(axes, input.ndim)
    places, shares = _best(input, cval, structure, footprint=footprint, axes=axes, **options)
    chosen = picked(everything(input, cval), places)
    beside = picked(np.reshape(structure, -1), shares)
    ans = chosen - beside if minimum else chosen + beside
    return ans.astype(input.dtype if output is None else output)


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
    notes on derivatives and errors hold here too.  Of a footprint it is a choice by rank, as
    :func:`rank_filter` makes it.

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

    Equals :func:`scipy.ndimage.minimum_filter1d`; notes of :func:`maximum_filter1d` hold here too.
    """
    return _along_one_axis(np.minimum, input, cval, **options)


@image_twin(scipy.ndimage.minimum_filter)
def minimum_filter(input, cval, **options):
    """Minimum of a window, or of what a footprint shows, that moves through the array.

    Equals :func:`scipy.ndimage.minimum_filter`; notes of :func:`maximum_filter` hold here too.
    """
    return _along_several_axes(np.minimum, input, cval, **options)
