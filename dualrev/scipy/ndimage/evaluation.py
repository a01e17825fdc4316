"""The value of a spline at any coordinates, its derivatives, and the transposes of both.

Owns their rules, which hold in every order.  Must not know where coordinates come from.

A spline is ``s(x) = sum_k c_k B(x_1 - k_1) B(x_2 - k_2) ...``, B the centered B-spline of the order
(Unser, Aldroubi and Eden 1993, IEEE Trans. Signal Processing 41, part I, eqs. 2.1 and 3.1).  Several
of its derivatives are found together, since the coefficients are then read once.
"""

import math

import numpy as np
import scipy.ndimage

from dualrev.core.cotangents import sum_of_terms
from dualrev.core.words import rule
from dualrev.scipy.ndimage.knots import taps

__all__ = ["evaluated"]

# Temporaries of so many points stay in the processor's cache.
_BLOCK = 1 << 15


def _blocks(coordinates, shape, order, mode, derivatives):
    """For each block of points and each axis: indices of its coefficients, in the flat array, and
    for each wanted derivative their weights.
    """
    points = np.reshape(coordinates, (len(shape), -1)).astype(np.float64, copy=False)
    wanted = [sorted(set(by_axis)) for by_axis in zip(*derivatives)]
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    for start in range(0, points.shape[1], _BLOCK):
        block = slice(start, start + _BLOCK)
        axes = []
        for x, n, stride, times in zip(points[:, block], shape, strides, wanted):
            indices, weights = taps(x, n, order, mode, times)
            axes.append(([index * stride for index in indices], weights))
        yield block, axes


def _gather(coefficients, axes, place, derivatives):
    """Sums over the taps of all axes, for each of the derivatives."""
    if not axes:
        return {(): coefficients[place]}
    (indices, weights), *others = axes
    inner = {d[1:] for d in derivatives}
    totals = dict.fromkeys(derivatives, 0.0)
    for k, index in enumerate(indices):
        terms = _gather(coefficients, others, place + index, inner)
        for d in derivatives:
            totals[d] = totals[d] + terms[d[1:]] * weights[d[0]][k]
    return totals


def _scatter(total, axes, place, values):
    """Its transpose: add the values, times the weights, to the elements that the sums were of."""
    if not axes:
        np.add.at(total, place, values[()])
        return
    (indices, weights), *others = axes
    for k, index in enumerate(indices):
        inner = {}
        for d, value in values.items():
            term = value * weights[d[0]][k]
            inner[d[1:]] = inner[d[1:]] + term if d[1:] in inner else term
        _scatter(total, others, place + index, inner)


def _slopes(coefficients, coordinates, order, mode, derivatives):
    """Partial derivatives of the spline, stacked; each as often by every axis as it says."""
    flat = np.reshape(coefficients, -1)
    dtype = np.result_type(flat.dtype, np.float64)
    ans = np.zeros((len(derivatives), coordinates[0].size), dtype)
    for block, axes in _blocks(coordinates, coefficients.shape, order, mode, derivatives):
        found = _gather(flat, axes, 0, set(derivatives))
        for row, d in zip(ans, derivatives):
            row[block] = found[d]
    return ans.reshape(len(derivatives), *coordinates.shape[1:])


def _spread(values, coordinates, shape, order, mode, derivatives):
    """The transpose of ``_slopes`` in the coefficients, whose array has the shape."""
    values = np.reshape(values, (len(derivatives), -1))
    ans = np.zeros(math.prod(shape), np.result_type(values.dtype, np.float64))
    for block, axes in _blocks(coordinates, shape, order, mode, derivatives):
        given = {}
        for row, d in zip(values, derivatives):
            given[d] = given[d] + row[block] if d in given else row[block]
        _scatter(ans, axes, 0, given)
    return ans.reshape(shape)


def _once_more(derivatives):
    """Each derivative, with one more by each axis in turn."""
    return tuple(
        (*d[:i], d[i] + 1, *d[i + 1 :]) for d in derivatives for i in range(len(derivatives[0]))
    )


def _gradients(coefficients, coordinates, derivatives, options):
    """The gradient, along axis 1, of each of the derivatives."""
    more = slopes_at(coefficients, coordinates, derivatives=_once_more(derivatives), **options)
    return more.reshape(len(derivatives), *coordinates.shape)


def _slopes_jvp(tangents, ans, coefficients, coordinates, derivatives, **options):
    """d s^(a)(x) = (ds)^(a)(x) + sum_i s^(a + e_i)(x) dx_i"""

    def by_coordinates(t):
        gradients = _gradients(coefficients, coordinates, derivatives, options)
        return np.sum(gradients * t, axis=1)

    return sum_of_terms(
        tangents,
        lambda t: slopes_at(t, coordinates, derivatives=derivatives, **options),
        by_coordinates,
    )


def _slopes_vjp(ct, wanted, ans, coefficients, coordinates, derivatives, **options):
    pulled = [None, None]
    if wanted[0]:
        pulled[0] = spread_from(
            ct, coordinates, shape=coefficients.shape, derivatives=derivatives, **options
        )
    if wanted[1]:
        gradients = _gradients(coefficients, coordinates, derivatives, options)
        pulled[1] = np.sum(ct[:, None] * gradients, axis=0)
    return pulled


def _spread_jvp(tangents, ans, values, coordinates, derivatives, **options):
    """The transposes of the terms of ``_slopes_jvp``."""

    def by_coordinates(t):
        products = (values[:, None] * t).reshape(-1, *values.shape[1:])
        return spread_from(products, coordinates, derivatives=_once_more(derivatives), **options)

    return sum_of_terms(
        tangents,
        lambda t: spread_from(t, coordinates, derivatives=derivatives, **options),
        by_coordinates,
    )


def _spread_vjp(ct, wanted, ans, values, coordinates, derivatives, shape, **options):
    pulled = [None, None]
    if wanted[0]:
        pulled[0] = slopes_at(ct, coordinates, derivatives=derivatives, **options)
    if wanted[1]:
        gradients = _gradients(ct, coordinates, derivatives, options)
        pulled[1] = np.sum(values[:, None] * gradients, axis=0)
    return pulled


def _slopes_batch(call, batched, coefficients, coordinates, **options):
    if batched[0]:
        return NotImplemented
    return np.moveaxis(call(coefficients, np.moveaxis(coordinates, 0, 1), **options), 1, 0)


_OF_SPLINE = {"arity": 2, "name": "map_coordinates"}
slopes_at = rule(_slopes, jvp=_slopes_jvp, vjp=_slopes_vjp, batch=_slopes_batch, **_OF_SPLINE)
spread_from = rule(_spread, jvp=_spread_jvp, vjp=_spread_vjp, **_OF_SPLINE)


def _evaluated(coefficients, coordinates, order, mode, cval=0.0, output=None):
    return scipy.ndimage.map_coordinates(
        coefficients, coordinates, output, order, mode, cval, prefilter=False
    )


def _above(coefficients, mode, cval):
    """Coefficients of which the constant beyond the borders is 0: all weights sum up to 1."""
    return coefficients - cval if mode == "grid-constant" and cval != 0 else coefficients


def _evaluated_jvp(tangents, ans, coefficients, coordinates, order, mode, cval=0.0, output=None):
    """ds(x) = (ds)(x) + sum_i s'_i(x) dx_i"""
    options = {"order": order, "mode": mode}

    def by_coordinates(t):
        value = ((0,) * coefficients.ndim,)
        above = _above(coefficients, mode, cval)
        (gradient,) = _gradients(above, coordinates, value, options)
        return np.sum(gradient * t, axis=0)

    return sum_of_terms(
        tangents, lambda t: evaluated(t, coordinates, output=output, **options), by_coordinates
    )


def _evaluated_vjp(ct, wanted, ans, coefficients, coordinates, order, mode, cval=0.0, output=None):
    above = _above(coefficients, mode, cval)
    value = ((0,) * coefficients.ndim,)
    return _slopes_vjp(
        ct[None], wanted, ans, above, coordinates, derivatives=value, order=order, mode=mode
    )


def _evaluated_batch(call, batched, coefficients, coordinates, **options):
    if batched[0]:
        return NotImplemented
    return call(coefficients, np.moveaxis(coordinates, 0, 1), **options)


#: The value of the spline at coordinates (ndim, ...), differentiated in both arguments.
evaluated = rule(
    _evaluated, jvp=_evaluated_jvp, vjp=_evaluated_vjp, batch=_evaluated_batch, **_OF_SPLINE
)
