"""Arrays read between their elements: at given coordinates, shifted, scaled, rotated, transformed.

Owns which coordinates each function reads.  Must not know how a spline is evaluated.
"""

import functools

import numpy as np
import scipy.ndimage
import scipy.special

from dualrev.axes import along, axes_of
from dualrev.core.arrays import anywhere
from dualrev.core.words import constant
from dualrev.scipy.by_program import by_program
from dualrev.scipy.ndimage.borders import check_output, image_twin, one_for_each
from dualrev.scipy.ndimage.evaluation import evaluated
from dualrev.scipy.ndimage.lines import read_along
from dualrev.scipy.ndimage.splines import spline_filter
from dualrev.scipy.reals import check_real
from dualrev.scipy.twin import twin
from dualrev.ways import agreed

__all__ = ["affine_transform", "map_coordinates", "rotate", "shift", "zoom"]


# SciPy knows no exact coefficients in these two modes: it solves in an array wider by so much.
_MARGIN = 12


def _coefficients(input, order, mode, cval, prefilter):
    """The coefficients that SciPy interpolates with, and how far their array begins before."""
    if not prefilter or order < 2:
        return input, 0
    margin = _MARGIN if mode in ("nearest", "grid-constant") else 0
    if mode == "nearest":
        input = np.pad(input, margin, mode="edge")
    elif margin:
        input = np.pad(input, margin, mode="constant", constant_values=cval)
    return spline_filter(input, order, np.result_type(input.dtype, np.float64), mode), margin


@image_twin(scipy.ndimage.map_coordinates)
def map_coordinates(input, coordinates, *, output, order, mode, cval, prefilter):
    """Values of the spline through the array at coordinates; of shape ``coordinates.shape[1:]``.

    Equals :func:`scipy.ndimage.map_coordinates`.

    Parameters
    ----------
    input : array
        n-dimensional, real or complex; differentiated.
    coordinates : array
        (n, ...), in units of the distance of elements; differentiated.
    output : dtype, optional
        An array is written only where nothing is traced.
    order, mode, cval, prefilter
        As SciPy's: all orders from 0 to 5, all modes.

    Raises
    ------
    InPlaceError
        Where output is an array and something is traced.
    ArgumentError
        Where something is traced and the result would be rounded to integers: an image of integers
        needs ``output=float``.

    Notes
    -----
    The derivative in the coordinates is that of the spline, ``B_n'(x) = B_{n-1}(x + 1/2) -
    B_{n-1}(x - 1/2)`` (de Boor 2001, chapter X), with the sign by which a border mirrors; that in the
    input is the transpose of the sum over coefficients, and of the filter that finds them.  At the
    knots of orders 0 and 1 and where a border begins, the derivative is that of one side.  A gradient
    costs one to two interpolations for the input, and one for each axis of the coordinates.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import map_coordinates
    >>> image = np.arange(20.0).reshape(4, 5)
    >>> dr.grad(lambda x: map_coordinates(image, x, order=1)[0])(np.array([[1.5], [2.3]]))
    array([[5.],
           [1.]])
    """
    spline, margin = _coefficients(input, order, mode, cval, prefilter)
    if output is None:
        output = input.dtype
    if margin:
        coordinates = coordinates + margin
    return evaluated(spline, coordinates, order=order, mode=mode, cval=cval, output=output)


# ------------------------------------------------------------------------------ shift and zoom
#
# SciPy's value; the derivative is that of splines along one axis after the other.  Of the constant
# beyond the borders only what the weights take of it depends on coordinates: all sum up to 1.


def _read_lines(
    input, coordinates, order=3, mode="constant", cval=0.0, prefilter=True, output=None
):
    ans, margin = _coefficients(input, order, mode, cval, prefilter)
    if mode == "grid-constant":
        ans = ans - cval
    for axis, x in enumerate(coordinates):
        ans = read_along(ans, x + margin, axis=axis, order=order, mode=mode)
    return ans


def _shift_program(input, shift, **options):
    moved = np.broadcast_to(shift, (input.ndim,))
    return _read_lines(input, [np.arange(n) - s for n, s in zip(input.shape, moved)], **options)


def _check_shift(input, shift, **options):
    check_output(input, **options)
    check_real("scipy.ndimage.shift", shift, "shift")


@twin(scipy.ndimage.shift, by_program, _shift_program, check=_check_shift)
def shift(input, shift):
    """The array moved along its axes, read from the spline through it; of its shape.

    Equals :func:`scipy.ndimage.shift`.  Differentiated in the input and in the shift, a number or one
    for each axis: :func:`map_coordinates` at the coordinates less the shift, whose notes on
    derivatives and errors hold here too.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import shift
    >>> ramp = np.array([0.0, 2.0, 4.0, 6.0])
    >>> dr.jacobian(lambda s: shift(ramp, s, order=1))(0.5) + 0.0
    array([ 0., -2., -2., -2.])
    """


def _zoom_program(input, *, zoom, grid_mode, **options):
    factors = one_for_each(zoom, range(input.ndim))
    grid_mode = grid_mode and input.dtype.kind != "c"  # of complex ones SciPy does not read it
    # SciPy copies then: its spline, of short lines inexact, does not go through the elements.
    if options["prefilter"] and all(factor == 1 for factor in factors):
        return input * 1.0
    coordinates = []
    for n, factor in zip(input.shape, factors):
        m = round(n * factor)
        if grid_mode:
            coordinates.append((np.arange(m) + 0.5) * (n / m) - 0.5)
        else:
            coordinates.append(np.arange(m) * ((n - 1) / (m - 1) if m != 1 else 1.0))
    return _read_lines(input, coordinates, **options)


@image_twin(scipy.ndimage.zoom, by_program, _zoom_program)
def zoom(input):
    """The array with more or fewer elements, read from the spline through it.

    Equals :func:`scipy.ndimage.zoom`, of shape ``round(n * zoom)`` along each axis.  Differentiated in
    the input; the derivative is that of :func:`map_coordinates`, whose notes on cost and errors hold
    here too.

    Raises
    ------
    MissingRuleError
        Where zoom is traced: the shape depends on it.
    """


# ---------------------------------------------------------------------------------------- affine


def _coordinates(shape):
    """Indices of the elements of an array, for each axis in its own direction only."""
    return [along(np.arange(float(n)), axis, len(shape)) for axis, n in enumerate(shape)]


def _combination(indices, row, offset, offset_is_first):
    terms = [x * m for x, m in zip(indices, row)]
    return sum(terms, offset) if offset_is_first else sum(terms) + offset


@functools.cache
def _offset_is_first():
    """Whether this version of SciPy begins the sum with the offset, which shows in the last bit."""
    ramp, row = np.arange(40.0).reshape(2, 20), np.array([0.3, 0.7])
    indices = _coordinates((2, 20))
    found = scipy.ndimage.affine_transform(ramp, np.stack([0 * row, row]), [0, 0.1], order=1)
    read = np.stack([np.zeros((2, 20)), _combination(indices, row, 0.1, True)])
    return np.array_equal(found, scipy.ndimage.map_coordinates(ramp, read, order=1))


@image_twin(scipy.ndimage.affine_transform)
def affine_transform(input, matrix, offset, *, output_shape, **options):
    """The array read at ``matrix @ o + offset`` for the indices o of the answer.

    Equals :func:`scipy.ndimage.affine_transform`; of shape output_shape, or the input's.
    Differentiated in the input, the matrix, in each of its forms (n,), (n, n), (n, n + 1) and
    (n + 1, n + 1), and the offset: :func:`map_coordinates` at these coordinates, whose notes on
    derivatives, cost and errors hold here too.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import affine_transform
    >>> image = np.arange(9.0).reshape(3, 3)
    >>> dr.grad(lambda o: affine_transform(image, np.eye(2), o, order=1)[1, 1])(np.array([0.1, 0.2]))
    array([3., 1.])
    """
    for x, name in ((matrix, "matrix"), (offset, "offset")):
        check_real("scipy.ndimage.affine_transform", x, name)
    ndim = input.ndim
    shape = input.shape if output_shape is None else tuple(output_shape)
    if matrix.shape in ((ndim, ndim + 1), (ndim + 1, ndim + 1)):  # of homogeneous coordinates
        if anywhere(matrix[ndim:] != np.eye(ndim + 1)[ndim]):
            raise ValueError("the bottom row of a homogeneous matrix is not 0, ..., 0, 1")
        matrix, offset = matrix[:ndim, :ndim], matrix[:ndim, ndim]
    if matrix.shape not in ((ndim,), (ndim, len(shape))):
        raise RuntimeError(
            f"a matrix {matrix.shape} takes no indices of a shape {shape} to those of {input.shape}: "
            "it has the wrong number of rows or columns"
        )
    offset = one_for_each(offset, range(ndim))
    indices = _coordinates(shape)
    if matrix.ndim == 1:
        read = [(x + o / m) * m for x, m, o in zip(indices, matrix, offset, strict=True)]
    else:
        read = [_combination(indices, *pair, _offset_is_first()) for pair in zip(matrix, offset)]
    return map_coordinates(input, np.stack([np.broadcast_to(x, shape) for x in read]), **options)


# --------------------------------------------------------------------------------------- rotation


def _shape_rotated(angle, shape):
    """SciPy's own, which it rounds."""
    return scipy.ndimage.rotate(np.zeros(shape, np.float32), angle, order=0).shape


_shape_rotated = constant(_shape_rotated, batch=agreed)


@image_twin(scipy.ndimage.rotate)
def rotate(input, angle, *, axes, reshape, **options):
    """The array rotated in the plane of two axes, by an angle in degrees.

    Equals :func:`scipy.ndimage.rotate`; of the input's shape, or, with reshape, of one that holds all
    of it.  Differentiated in the input and the angle, with the shape held: :func:`map_coordinates` at
    the rotated coordinates, whose notes on derivatives, cost and errors hold here too.
    """
    # SciPy rotates plane by plane: the spline knows the two axes only.
    plane = axes_of(axes, input.ndim)
    if len(plane) != 2:
        raise ValueError(f"a plane has two axes, not {len(plane)}")
    others = [axis for axis in range(input.ndim) if axis not in plane]
    planes = np.moveaxis(input, others, range(len(others)))
    stack, shape = planes.shape[:-2], planes.shape[-2:]
    cos, sin = scipy.special.cosdg(angle), scipy.special.sindg(angle)
    matrix = np.stack([np.stack([cos, sin]), np.stack([-sin, cos])])
    wanted = tuple(map(int, _shape_rotated(angle, shape))) if reshape else shape
    offset = (np.array(shape) - 1) / 2 - matrix @ ((np.array(wanted) - 1) / 2)
    rotated = [
        affine_transform(one, matrix, offset, wanted, **options)
        for one in planes.reshape(-1, *shape)
    ]
    ans = np.stack(rotated).reshape(*stack, *wanted)
    return np.moveaxis(ans, range(len(others)), others)
