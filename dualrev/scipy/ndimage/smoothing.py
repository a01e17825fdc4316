"""Filters made of correlations: Gaussians and their derivatives, Sobel, Prewitt and Laplace.

Owns their composition.  Must not know how a correlation is differentiated.
"""

import numpy as np
import scipy.ndimage

from dualrev.axes import axes_of
from dualrev.core.arrays import somewhere
from dualrev.core.words import constant
from dualrev.scipy.by_program import by_program
from dualrev.scipy.ndimage.borders import axis_by_axis, by_axis, image_twin, one_for_each
from dualrev.scipy.ndimage.correlation import correlate1d
from dualrev.ways import agreed

__all__ = [
    "gaussian_filter",
    "gaussian_filter1d",
    "gaussian_gradient_magnitude",
    "gaussian_laplace",
    "laplace",
    "prewitt",
    "sobel",
]

# ------------------------------------------------------------------------------------ Gaussians


def _response(sigma, order, radius):
    """The weights of SciPy's filter: what it makes of a single 1, conjugate as in a correlation."""
    impulse = np.zeros(2 * radius + 1)
    impulse[radius] = 1
    return np.conj(
        scipy.ndimage.gaussian_filter1d(impulse, sigma, order=order, mode="constant", radius=radius)
    )


def _hermite_response(sigma, order, radius):
    """``(-1/sigma)^order He_order(x/sigma) phi(x/sigma)``, phi with sum 1 (DLMF 18.5.9, 18.9.1)."""
    x = np.arange(-radius, radius + 1) / sigma
    phi = np.exp(-0.5 * x**2)
    before, hermite = 0.0, 1.0
    for k in range(order):
        before, hermite = hermite, x * hermite - k * before
    return (-1 / sigma) ** order * hermite * phi / np.sum(phi)


_weights = by_program(_response, _hermite_response, name="gaussian_filter1d")


def _radius(sigma, truncate):
    return int(truncate * sigma + 0.5)


_radius = constant(_radius, batch=agreed)


@image_twin(scipy.ndimage.gaussian_filter1d)
def gaussian_filter1d(input, sigma, *, axis, order, output, mode, cval, truncate, radius):
    """Every line along an axis smoothed by a Gaussian, or by a derivative of one.

    Equals :func:`scipy.ndimage.gaussian_filter1d`.

    Parameters
    ----------
    input, sigma : array, number
        Both are differentiated; sigma with the radius held, which ``truncate * sigma`` is rounded to.
    axis, order, mode, cval, truncate, radius
        As SciPy's.
    output : dtype, optional
        An array is written only where nothing is traced.

    Raises
    ------
    InPlaceError
        Where output is an array and something is traced.
    ArgumentError
        Where something is traced and the result would be rounded to integers.

    Notes
    -----
    A :func:`correlate1d` with the weights ``(-1/sigma)^k He_k(x/sigma) phi(x/sigma)``, k the order
    (DLMF 18.5.9).  A gradient in the input costs one more filter.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import gaussian_filter1d
    >>> x = np.array([0.0, 1.0, 4.0, 9.0])
    >>> dr.grad(lambda x: gaussian_filter1d(x, 1.0)[2])(x).round(4)
    array([0.0584, 0.2422, 0.4034, 0.296 ])
    """
    if radius is None:
        radius = int(_radius(sigma, truncate))
    weights = _weights(sigma, order=order, radius=radius)[::-1]
    return correlate1d(input, weights, axis, output, mode, cval)


@image_twin(scipy.ndimage.gaussian_filter)
def gaussian_filter(input, sigma, *, order, output, mode, cval, truncate, radius, axes):
    """Array smoothed by a Gaussian, or by a derivative of one, along all axes; of its shape.

    Equals :func:`scipy.ndimage.gaussian_filter`: :func:`gaussian_filter1d` along each axis, whose
    notes on derivatives, cost and errors hold here too.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import gaussian_filter
    >>> image = np.eye(3)
    >>> float(dr.derivative(lambda s: gaussian_filter(image, s)[1, 1])(0.8).round(4))
    -0.3036
    """

    def along_one(x, axis, s, k, m, r):
        if not somewhere(s > 1e-15):
            return x
        return gaussian_filter1d(x, s, axis, k, output, m, cval, truncate, radius=r)

    return axis_by_axis(along_one, input, output, axes, sigma, order, mode, radius)


# ------------------------------------------------------------------- derivatives by differences


def _edges(across, input, axis, output, mode, cval):
    """A difference along one axis, weighted across along the others."""
    (axis,) = axes_of(axis, input.ndim)
    modes = one_for_each(mode, range(input.ndim))
    ans = correlate1d(input, [-1, 0, 1], axis, output, modes[axis], cval)
    for other in range(input.ndim):
        if other != axis:
            ans = correlate1d(ans, across, other, output, modes[other], cval)
    return ans


@image_twin(scipy.ndimage.prewitt)
def prewitt(input, **options):
    """Differences along an axis, summed across the others: Prewitt's filter; of the input's shape.

    Equals :func:`scipy.ndimage.prewitt`: :func:`correlate1d` along each axis, whose notes on
    derivatives, cost and errors hold here too.
    """
    return _edges([1, 1, 1], input, **options)


@image_twin(scipy.ndimage.sobel)
def sobel(input, **options):
    """Differences along an axis, smoothed across the others: Sobel's filter; of the input's shape.

    Equals :func:`scipy.ndimage.sobel`: :func:`correlate1d` along each axis, whose notes on
    derivatives, cost and errors hold here too.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import sobel
    >>> dr.grad(lambda x: sobel(x)[1, 1])(np.zeros((3, 3)))
    array([[-1.,  0.,  1.],
           [-2.,  0.,  2.],
           [-1.,  0.,  1.]])
    """
    return _edges([1, 2, 1], input, **options)


def over_axes(term, input, mode, axes):
    """Sum of a term for each axis; the input where there is none."""
    axes = axes_of(axes, input.ndim)
    terms = map(term, axes, one_for_each(mode, axes))
    ans = next(terms, None)
    if ans is None:
        return np.copy(input)
    for term in terms:
        ans = ans + term
    return ans


def length_of(slope, input, mode, axes):
    """Length of the vector of a slope for each axis; the input where there is none."""
    axes = axes_of(axes, input.ndim)
    slopes = list(map(slope, axes, one_for_each(mode, axes)))
    if not slopes:
        return np.copy(input)
    if slopes[0].dtype.kind == "c":  # SciPy takes no absolute values
        return np.sqrt(sum(slope * slope for slope in slopes))
    # Not the root of a sum: where all are 0 a norm has derivative 0.
    return np.linalg.norm(np.stack(slopes), axis=0)


@image_twin(scipy.ndimage.laplace)
def laplace(input, *, output, mode, cval, axes):
    """Sum of the second differences along the axes; of the input's shape.

    Equals :func:`scipy.ndimage.laplace`: :func:`correlate1d` along each axis, whose notes on
    derivatives, cost and errors hold here too.
    """

    def second_difference(axis, mode):
        return correlate1d(input, [1, -2, 1], axis, output, mode, cval)

    return over_axes(second_difference, input, mode, axes)


def _gaussian_derivative(input, sigma, axis, order, output, mode, cval, options):
    orders = [order if i == axis else 0 for i in range(input.ndim)]
    return gaussian_filter(input, sigma, orders, output, mode, cval, **options)


@image_twin(scipy.ndimage.gaussian_laplace)
def gaussian_laplace(input, sigma, *, output, mode, cval, axes, **options):
    """Laplacian of the array smoothed by a Gaussian; of the input's shape.

    Equals :func:`scipy.ndimage.gaussian_laplace`: a sum of :func:`gaussian_filter` of order 2,
    whose notes on derivatives, cost and errors hold here too.
    """
    axes = axes_of(axes, input.ndim)
    # What is not an axis of the sum is not smoothed.
    sigmas = by_axis(sigma, axes, input.ndim)
    sigmas = [sigmas.get(axis, 0.0) for axis in range(input.ndim)]

    def second_derivative(axis, mode):
        return _gaussian_derivative(input, sigmas, axis, 2, output, mode, cval, options)

    return over_axes(second_derivative, input, mode, axes)


@image_twin(scipy.ndimage.gaussian_gradient_magnitude)
def gaussian_gradient_magnitude(input, sigma, *, output, mode, cval, axes, **options):
    """Length of the gradient of the array smoothed by a Gaussian; of the input's shape.

    Equals :func:`scipy.ndimage.gaussian_gradient_magnitude`: the root of a sum of squares of
    :func:`gaussian_filter` of order 1, whose notes on derivatives, cost and errors hold here too.
    """

    def slope(axis, mode):
        return _gaussian_derivative(input, sigma, axis, 1, output, mode, cval, options)

    return length_of(slope, input, mode, axes)
