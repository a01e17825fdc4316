"""Filters by functions of the user's: of windows, of lines, of derivatives, of coordinates.

Owns how they are called on traced values, which may stand in them too.  Must not know what they compute.
"""

from typing import Any

import numpy as np
import scipy.ndimage

from dualrev.axes import axes_of
from dualrev.closures import traced_in
from dualrev.core.operands import as_operand
from dualrev.core.traced import is_traced
from dualrev.scipy.ndimage.borders import (
    check_output,
    one_for_each,
    reach,
    reaches_of,
    surrounded,
)
from dualrev.scipy.ndimage.geometry import map_coordinates
from dualrev.scipy.ndimage.ranks import everything, refuse_complex
from dualrev.scipy.ndimage.smoothing import length_of, over_axes
from dualrev.scipy.twin import like

__all__ = [
    "generic_filter",
    "generic_filter1d",
    "generic_gradient_magnitude",
    "generic_laplace",
    "geometric_transform",
]


def _with_extra(function, extra_arguments=(), extra_keywords=None):
    """The function of what a filter gives it, with the user's extra arguments."""
    return lambda *given: function(*given, *extra_arguments, **(extra_keywords or {}))


def _real_operand(traced, input, output):
    """The input as an array, and as a traced one where a function would write what is traced into it."""
    input = as_operand(input)
    check_output(input, output=output)
    refuse_complex(input)
    if not is_traced(input):
        input = input + np.zeros_like(traced[0], shape=())
    return input


def _windows(input, cval, footprint, mode, origin, axes):
    """What the footprint shows around every element, along a last axis."""
    axes = axes_of(axes, input.ndim)
    reaches = reaches_of(footprint.shape, origin, axes, input.ndim)
    own = np.arange(input.size).reshape(input.shape)
    around = surrounded(own, reaches, mode, input.size)
    order = tuple(axis for axis, _, _ in reaches)
    places = np.lib.stride_tricks.sliding_window_view(around, footprint.shape, order)
    return np.take(everything(input, cval), places[..., footprint])


@like(scipy.ndimage.generic_filter)
def generic_filter(
    input: Any,
    function: Any,
    size: Any = None,
    footprint: Any = None,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    origin: Any = 0,
    *,
    axes: Any = None,
    **extra: Any,
) -> Any:
    """What a function makes of each window that moves through the array; of the array's shape.

    Equals :func:`scipy.ndimage.generic_filter`.

    Parameters
    ----------
    input : array
        Real; differentiated, as cval is.
    function : callable
        Of the elements of a window, in one dimension; in functions that have derivatives.  What it
        captures, and what extra arguments hold, is differentiated too.
    output : dtype, optional
        An array is written only where nothing is traced.
    size, footprint, mode, cval, origin, extra_arguments, extra_keywords, axes
        As SciPy's.

    Notes
    -----
    It costs a call of the function for each element, and memory for all windows:
    ``vectorized_filter`` calls once.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import generic_filter
    >>> spread = lambda x: generic_filter(x, np.ptp, size=3)
    >>> dr.grad(lambda x: np.sum(spread(x)))(np.array([1.0, 5.0, 2.0, 3.0]))
    array([-2.,  3., -2.,  1.])
    """
    options = {"mode": mode, "origin": origin, "axes": axes}
    traced = traced_in((input, cval, function, extra))
    if not traced:
        return scipy.ndimage.generic_filter(
            input, function, size, footprint, output, cval=cval, **options, **extra
        )
    input = _real_operand(traced, input, output)
    if footprint is None:
        axes = axes_of(axes, input.ndim)
        footprint = np.ones(one_for_each(size, axes))
    windows = _windows(input, cval, np.asarray(footprint, bool), **options)
    lines = windows.reshape(-1, windows.shape[-1])
    numbers = list(map(_with_extra(function, **extra), lines))
    ans = np.stack(numbers).reshape(input.shape) if numbers else np.copy(input)
    return ans.astype(input.dtype if output is None else output)


@like(scipy.ndimage.generic_filter1d)
def generic_filter1d(
    input: Any,
    function: Any,
    filter_size: Any,
    axis: Any = -1,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    origin: Any = 0,
    **extra: Any,
) -> Any:
    """What a function makes of each line of the array, continued beyond its ends; of the array's shape.

    Equals :func:`scipy.ndimage.generic_filter1d`.  The function is given a line and writes into another,
    an array that holds traced values; else as :func:`generic_filter`.  It costs a call for each line.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import generic_filter1d
    >>> def steps(line, out):
    ...     out[:] = line[1:] - line[:-1]
    >>> dr.grad(lambda x: np.sum(generic_filter1d(x, steps, 2) ** 2))(np.array([1.0, 5.0, 2.0]))
    array([-8., 14., -6.])
    """
    options = {"mode": mode, "origin": origin}
    traced = traced_in((input, cval, function, extra))
    if not traced:
        return scipy.ndimage.generic_filter1d(
            input, function, filter_size, axis, output, cval=cval, **options, **extra
        )
    input = _real_operand(traced, input, output)
    (axis,) = axes_of(axis, input.ndim)
    around = surrounded(input, [(axis, *reach(filter_size, origin))], mode, cval)
    around = np.moveaxis(around, axis, -1).astype(np.float64)
    write, lines = _with_extra(function, **extra), []
    for line in around.reshape(-1, around.shape[-1]):
        out = np.zeros_like(line, shape=input.shape[axis])
        write(line, out)
        lines.append(out)
    if not lines:
        return np.copy(input)
    ans = np.stack(lines).reshape(*around.shape[:-1], input.shape[axis])
    return np.moveaxis(ans, -1, axis).astype(input.dtype if output is None else output)


def _derivatives(scipys, combined):
    """A filter of SciPy's that calls a function for a derivative along each axis, and combines them."""

    def call(input, function, output=None, mode="reflect", cval=0.0, axes=None, **extra):
        traced = traced_in((input, cval, function, extra))
        if not traced:
            return scipys(input, function, output, mode, cval, **extra, axes=axes)
        input = as_operand(input)
        check_output(input, output=output)
        dtype = np.dtype(input.dtype if output is None else output)
        of_axis = _with_extra(function, **extra)

        def along(axis, mode):
            return of_axis(input, axis, dtype, mode, cval)

        return combined(along, input, mode, axes).astype(dtype)

    return call


_laplace = _derivatives(scipy.ndimage.generic_laplace, over_axes)
_gradient_magnitude = _derivatives(scipy.ndimage.generic_gradient_magnitude, length_of)


@like(scipy.ndimage.generic_laplace)
def generic_laplace(input: Any, derivative2: Any, **options: Any) -> Any:
    """Sum of what a function makes of the array along each axis; of the array's shape.

    Equals :func:`scipy.ndimage.generic_laplace`.  The function is asked for the answer, of a dtype:
    where something is traced it is given no array to write into.  What it captures is differentiated
    too.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import correlate1d, generic_laplace
    >>> def second(input, axis, output, mode, cval):
    ...     return correlate1d(input, [1, -2, 1], axis, output, mode, cval)
    >>> dr.grad(lambda x: generic_laplace(x, second)[1, 1])(np.zeros((3, 3)))
    array([[ 0.,  1.,  0.],
           [ 1., -4.,  1.],
           [ 0.,  1.,  0.]])
    """
    return _laplace(input, derivative2, **options)


@like(scipy.ndimage.generic_gradient_magnitude)
def generic_gradient_magnitude(input: Any, derivative: Any, **options: Any) -> Any:
    """Length of the vector of what a function makes of the array along each axis; of its shape.

    Equals :func:`scipy.ndimage.generic_gradient_magnitude`.  Where all are 0 its derivative is 0, as
    that of a norm; else as :func:`generic_laplace`.
    """
    return _gradient_magnitude(input, derivative, **options)


@like(scipy.ndimage.geometric_transform)
def geometric_transform(
    input: Any,
    mapping: Any,
    output_shape: Any = None,
    output: Any = None,
    *,
    extra_arguments: Any = (),
    extra_keywords: Any = None,
    **options: Any,
) -> Any:
    """Values of the spline through the array where a function maps each place to; of output_shape.

    Equals :func:`scipy.ndimage.geometric_transform`: :func:`map_coordinates` at the coordinates that
    the function answers, whose notes hold here too.  What it captures is differentiated, and what extra
    arguments hold.  It costs a call for each place.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import geometric_transform
    >>> line = np.array([0.0, 1.0, 4.0, 9.0])
    >>> f = lambda s: geometric_transform(line, lambda place: (place[0] * s,), (3,), order=1)
    >>> dr.derivative(f)(0.7).round(4)
    array([0., 1., 6.])
    """
    extra = {"extra_arguments": extra_arguments, "extra_keywords": extra_keywords}
    if not traced_in((input, mapping, options, extra)):
        return scipy.ndimage.geometric_transform(
            input, mapping, output_shape, output, **options, **extra
        )
    input = as_operand(input)
    shape = input.shape if output_shape is None else tuple(output_shape)
    mapped = map(_with_extra(mapping, **extra), np.ndindex(*shape))
    coordinates = np.stack([np.stack(list(place)) for place in mapped], axis=-1)
    return map_coordinates(input, coordinates.reshape(-1, *shape), output, **options)
