"""Correlations and convolutions of an array with weights, over one axis and all.

Owns their rules.  Must not know which filters are made of them.
"""

from collections.abc import Callable

import numpy as np
import scipy.ndimage

from dualrev.axes import axes_of, sliced
from dualrev.core.cotangents import sum_of_terms
from dualrev.core.words import linear, rule
from dualrev.scipy.lags import inner, lagged_products
from dualrev.scipy.ndimage.borders import (
    extended,
    folded,
    image_twin,
    is_constant,
    one_for_each,
    reach,
    reaches_of,
    sources,
    surrounded,
)
from dualrev.ways import along_axis_of, shift

__all__ = [
    "convolve",
    "convolve1d",
    "correlate",
    "correlate1d",
]

# ------------------------------------------------------------------------------ over one axis
#
# y[i] = sum_j conj(w[j]) x[i + j - before], where x continues beyond its borders.  The transpose is
# the correlation with the reversed weights of ct among zeros, folded (Briggs and Henson, The DFT,
# 1995, section 8.2, for the inner part).


def _correlate1d_jvp(tangents, ans, input, weights, cval=0.0, **options):
    """dy = w * dx + dw * x, where the constant beyond the borders of dx is 0."""
    return sum_of_terms(
        tangents,
        lambda t: correlate1d(t, weights, **options),
        lambda t: correlate1d(input, t, cval=cval, **options),
    )


def _correlate1d_vjp(
    ct, wanted, ans, input, weights, axis=-1, output=None, mode="reflect", cval=0.0, origin=0
):
    options = {"axis": axis, "mode": mode, "origin": origin}
    return (
        _pulled1d(ct, weights, **options) if wanted[0] else None,
        _pull1d_weights(ct, input, weights, cval=cval, **options) if wanted[1] else None,
    )


def _pull1d_weights(ct, input, weights, axis, mode, origin, cval=0.0):
    around = surrounded(input, [(axis, *reach(len(weights), origin))], mode, cval)
    return np.conj(lagged_products(ct, around, len(weights), axis))


def _pull1d(ct, weights, axis, mode, origin):
    """The transpose in the input, by parts: only what a border folds needs ct among zeros."""
    n, length = ct.shape[axis], len(weights)
    before, after = reach(length, origin)
    options = {"axis": axis, "mode": "constant", "origin": after - length // 2}
    pulled = scipy.ndimage.correlate1d(ct, weights[::-1], **options)
    if is_constant(n, mode):
        return pulled

    def fold(near, beyond, places):
        near = extended(near, before=before, after=after, axis=axis, mode="constant")
        spread = scipy.ndimage.correlate1d(near, weights[::-1], **options)
        for place, line in zip(places, np.moveaxis(spread, axis, 0)[beyond]):
            lines[place] += line

    lines = np.moveaxis(pulled, axis, 0)
    source = sources(n, before, after, mode)
    if before:
        fold(sliced(ct, axis, 0, before), slice(before), source)
    if after:
        fold(sliced(ct, axis, max(n - after, 0)), slice(-after, None), source[before + n :])
    return pulled


def _push1d(c, ct, weights, **options):
    """The transpose of the pull in ct: ``<c, pull(ct)>`` is ``<correlate(c), ct>``."""
    return correlate1d(c, weights, **options)


_pulled1d: Callable = linear(
    _pull1d,
    _push1d,
    lambda c, ct, weights, **options: _pull1d_weights(ct, c, weights, **options),
    batch=along_axis_of(0, None),
    name="correlate1d",
)


@image_twin(
    scipy.ndimage.correlate1d,
    rule,
    jvp=_correlate1d_jvp,
    vjp=_correlate1d_vjp,
    batch=along_axis_of(0, -1),
    affine=True,
)
def correlate1d(input, weights):
    """Correlation of every line along an axis with the vector of weights; of the input's shape.

    Equals :func:`scipy.ndimage.correlate1d`: :func:`correlate` along one axis, whose notes on
    derivatives, cost and errors hold here too.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import correlate1d
    >>> dr.grad(lambda x: correlate1d(x, [1.0, 2.0, 4.0])[0])(np.zeros(4))
    array([3., 4., 0., 0.])
    """


@image_twin(scipy.ndimage.convolve1d)
def convolve1d(input, weights, *, origin, **options):
    """Convolution of every line along an axis with the vector of weights; of the input's shape.

    Equals :func:`scipy.ndimage.convolve1d`: :func:`correlate1d` with the reversed weights, whose
    notes on derivatives, cost and errors hold here too.
    """
    origin = -origin - (len(weights) + 1) % 2
    return correlate1d(input, np.conj(weights)[::-1], origin=origin, **options)


# ---------------------------------------------------------------------------- over several axes


def _in_all_axes(input, weights, axes, origin):
    """Weights with an axis for each of the input, and for each how far they reach."""
    axes = axes_of(axes, input.ndim)
    shape, reaches = [1] * input.ndim, [(axis, 0, 0) for axis in range(input.ndim)]
    for axis, before, after in reaches_of(weights.shape, origin, axes, input.ndim):
        shape[axis], reaches[axis] = before + 1 + after, (axis, before, after)
    return weights.reshape(shape), reaches


def _correlate_jvp(tangents, ans, input, weights, cval=0.0, **options):
    """dy = w * dx + dw * x, where the constant beyond the borders of dx is 0."""
    return sum_of_terms(
        tangents,
        lambda t: correlate(t, weights, **options),
        lambda t: correlate(input, t, cval=cval, **options),
    )


def _correlate_vjp(
    ct, wanted, ans, input, weights, output=None, mode="reflect", cval=0.0, origin=0, axes=None
):
    full, reaches = _in_all_axes(input, weights, axes, origin)
    pulled = [None, None]
    if wanted[0]:
        spread = ct
        for axis, before, after in reaches:
            spread = extended(spread, before=before, after=after, axis=axis, mode="constant")
        spread = correlate(
            spread,
            np.flip(full),
            mode="constant",
            origin=[after - n // 2 for n, (_, _, after) in zip(full.shape, reaches)],
        )
        for axis, before, after in reaches:
            spread = folded(spread, before=before, after=after, axis=axis, mode=mode)
        pulled[0] = spread
    if wanted[1]:
        around = surrounded(input, reaches, mode, cval)
        pulled[1] = np.conj(_products_in_all(ct, around, full.shape)).reshape(weights.shape)
    return pulled


def _products_in_all(ct, around, shape):
    """Inner products of ct with every window of an array, along all axes."""
    products = [
        inner(ct, around[tuple(map(_window, lags, ct.shape))]) for lags in np.ndindex(*shape)
    ]
    return np.stack(products)


def _window(start, length):
    return slice(start, start + length)


def _correlate_batch(call, batched, input, weights, origin=0, axes=None, **options):
    """Weights with an axis of length 1 before theirs."""
    if batched[1]:
        return NotImplemented
    ndim = input.ndim - 1
    if axes is not None:
        axes = shift(axes_of(axes, ndim), ndim)
        return call(input, weights, origin=origin, axes=axes, **options)
    origin = [0, *one_for_each(origin, range(ndim))]
    return call(input, weights[None], origin=origin, **options)


@image_twin(
    scipy.ndimage.correlate,
    rule,
    jvp=_correlate_jvp,
    vjp=_correlate_vjp,
    batch=_correlate_batch,
    affine=True,
)
def correlate(input, weights):
    """Correlation of an array with an array of weights; of the input's shape.

    Equals :func:`scipy.ndimage.correlate`.

    Parameters
    ----------
    input, weights : array
        Both are differentiated; real or complex.
    output : dtype, optional
        An array is written only where nothing is traced.
    mode, cval, origin, axes
        As SciPy's.

    Raises
    ------
    InPlaceError
        Where output is an array and something is traced.
    ArgumentError
        Where something is traced and the result would be rounded to integers.

    Notes
    -----
    The derivative in the input is the correlation with the reversed weights of the cotangent among
    zeros, folded at the borders; it costs one correlation.  That in the weights costs one inner
    product a weight.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import correlate
    >>> image = np.arange(9.0).reshape(3, 3)
    >>> dr.grad(lambda w: correlate(image, w)[1, 1])(np.ones((2, 2)))
    array([[0., 1.],
           [3., 4.]])
    """


@image_twin(scipy.ndimage.convolve)
def convolve(input, weights, *, origin, axes, **options):
    """Convolution of an array with an array of weights; of the input's shape.

    Equals :func:`scipy.ndimage.convolve`: :func:`correlate` with the reversed weights, whose notes
    on derivatives, cost and errors hold here too.
    """
    reaches = reaches_of(weights.shape, origin, axes_of(axes, input.ndim), input.ndim)
    axes = tuple(axis for axis, _, _ in reaches)
    origin = [after - n // 2 for n, (_, _, after) in zip(weights.shape, reaches)]
    return correlate(input, np.flip(np.conj(weights)), origin=origin, axes=axes, **options)
