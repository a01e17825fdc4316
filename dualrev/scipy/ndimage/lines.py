"""Splines read line by line: along one axis, at the same coordinates in every line.

Owns the rules of that; they hold in every order.  Must not know where coordinates come from.

Along an axis the spline is a sparse matrix, whose transpose is the transpose.
"""

import numpy as np
import scipy.sparse

from dualrev.axes import along
from dualrev.core.cotangents import sum_of_terms
from dualrev.core.words import rule
from dualrev.scipy.ndimage.knots import taps
from dualrev.ways import along_axis_of

__all__ = ["read_along"]


def _times(matrix, x, axis):
    """A matrix times every line along an axis."""
    lines = np.moveaxis(x, axis, 0)
    ans = matrix @ lines.reshape(len(lines), -1)
    return np.moveaxis(ans.reshape(-1, *lines.shape[1:]), 0, axis)


def _matrix(coordinates, n, order, mode, derivative):
    indices, weights = taps(np.asarray(coordinates, np.float64), n, order, mode, (derivative,))
    starts = np.arange(len(coordinates) + 1) * (order + 1)
    weights, indices = (np.stack(k, axis=1).ravel() for k in (weights[derivative], indices))
    return scipy.sparse.csr_array((weights, indices, starts), shape=(len(coordinates), n))


def _read(coefficients, coordinates, axis, derivative=0, **options):
    n = coefficients.shape[axis]
    return _times(_matrix(coordinates, n, derivative=derivative, **options), coefficients, axis)


def _spread(values, coordinates, axis, n, derivative=0, **options):
    return _times(_matrix(coordinates, n, derivative=derivative, **options).T, values, axis)


def _across(products, axis):
    """What belongs to one coordinate: the sum over all axes but one."""
    return np.sum(products, axis=tuple(i for i in range(products.ndim) if i != axis))


def _read_jvp(tangents, ans, coefficients, coordinates, axis, derivative=0, **options):
    """d s^(a)(x) = (ds)^(a)(x) + s^(a + 1)(x) dx"""
    options["axis"] = axis

    def by_coordinates(t):
        slope = read_along(coefficients, coordinates, derivative=derivative + 1, **options)
        return slope * along(t, axis, slope.ndim)

    return sum_of_terms(
        tangents,
        lambda t: read_along(t, coordinates, derivative=derivative, **options),
        by_coordinates,
    )


def _read_vjp(ct, wanted, ans, coefficients, coordinates, axis, derivative=0, **options):
    options["axis"] = axis
    pulled = [None, None]
    if wanted[0]:
        n = coefficients.shape[axis]
        pulled[0] = spread_along(ct, coordinates, n=n, derivative=derivative, **options)
    if wanted[1]:
        slope = read_along(coefficients, coordinates, derivative=derivative + 1, **options)
        pulled[1] = _across(ct * slope, axis)
    return pulled


def _spread_jvp(tangents, ans, values, coordinates, axis, derivative=0, **options):
    """The transposes of the terms of ``_read_jvp``."""
    options["axis"] = axis

    def by_coordinates(t):
        products = values * along(t, axis, values.ndim)
        return spread_along(products, coordinates, derivative=derivative + 1, **options)

    return sum_of_terms(
        tangents,
        lambda t: spread_along(t, coordinates, derivative=derivative, **options),
        by_coordinates,
    )


def _spread_vjp(ct, wanted, ans, values, coordinates, axis, n, derivative=0, **options):
    options["axis"] = axis
    pulled = [None, None]
    if wanted[0]:
        pulled[0] = read_along(ct, coordinates, derivative=derivative, **options)
    if wanted[1]:
        slope = read_along(ct, coordinates, derivative=derivative + 1, **options)
        pulled[1] = _across(values * slope, axis)
    return pulled


#: The spline with the coefficients along one axis, at coordinates (m,) there.
_OF_LINES = {"arity": 2, "batch": along_axis_of(0, None), "name": "spline"}
read_along = rule(_read, jvp=_read_jvp, vjp=_read_vjp, **_OF_LINES)
spread_along = rule(_spread, jvp=_spread_jvp, vjp=_spread_vjp, **_OF_LINES)
