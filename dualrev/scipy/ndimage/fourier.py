"""Filters of Fourier transforms: each element times a number that its frequency and a size give.

Owns those numbers.  Must not know transforms.
"""

import functools

import numpy as np
import scipy.ndimage
from scipy import special

from dualrev.axes import along
from dualrev.scipy.by_program import by_program
from dualrev.scipy.ndimage.borders import one_for_each, refuse_output_array
from dualrev.scipy.reals import check_real
from dualrev.scipy.twin import twin

__all__ = ["fourier_ellipsoid", "fourier_gaussian", "fourier_shift", "fourier_uniform"]


def _sizes_and_frequencies(shape, size, n, axis):
    """The size along each axis, and the frequencies there; ``n`` tells that an axis holds half."""
    axes = range(len(shape))
    for k, s in zip(axes, one_for_each(size, axes)):
        of_half = n >= 0 and k == axis % len(shape)
        f = np.arange(shape[k]) / n if of_half else np.fft.fftfreq(shape[k])
        yield s, along(f, k, len(shape))


def _filter(response):
    """The word of a filter: SciPy's value, and the derivatives of the input times its response."""

    def declare(function):
        def program(input, size, n=-1, axis=-1, output=None):
            return input * response(_sizes_and_frequencies(input.shape, size, n, axis), input.ndim)

        def batch(call, batched, input, size, **options):
            if batched[1]:
                return NotImplemented
            numbers = call(np.ones(input.shape[1:], input.dtype), size, **options)
            return (input * numbers).astype(numbers.dtype)

        return by_program(function, program, batch=batch, name=function.__name__)

    return declare


def _gaussian(terms, ndim):
    """exp(-2 pi^2 sum (sigma f)^2)"""
    return np.exp(-2 * sum((np.pi * s * f) ** 2 for s, f in terms))


def _uniform(terms, ndim):
    """prod sinc(size f); SciPy's box without a size is an average over everything."""
    factors = (np.where(np.greater(s, 0), np.sinc(s * f), f == 0) for s, f in terms)
    return functools.reduce(np.multiply, factors)


def _ellipsoid(terms, ndim):
    """0F1(; d/2 + 1; -q/4) with q = sum (pi size f)^2: of a ball it is J_d/2 (DLMF 10.16.9)."""
    q = sum((np.pi * s * f) ** 2 for s, f in terms)
    return special.hyp0f1(ndim / 2 + 1, -q / 4)


def _shift(terms, ndim):
    """exp(-2 pi i sum shift f)"""
    return np.exp(-2j * np.pi * sum(s * f for s, f in terms))


def _check(input, size, output=None, **options):
    refuse_output_array(output=output)
    check_real("A filter of a Fourier transform, of its sizes or shifts,", size, "size")


_twin = functools.partial(twin, check=_check)


@_twin(scipy.ndimage.fourier_gaussian, _filter(_gaussian))
def fourier_gaussian(input, sigma):
    """Fourier transform of an array smoothed by a Gaussian, from its transform; of its shape.

    Equals :func:`scipy.ndimage.fourier_gaussian`: the input times ``exp(-2 pi^2 (sigma f)^2)`` along
    each axis.  Linear in the input; sigma is differentiated too.

    Raises
    ------
    InPlaceError
        Where output is an array and something is traced.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import fourier_gaussian
    >>> transform = np.fft.fft([1.0, 2.0, 4.0])
    >>> dr.derivative(lambda s: np.fft.ifft(fourier_gaussian(transform, s)).real)(0.5).round(4)
    array([ 1.69  ,  0.4225, -2.1126])
    """


@_twin(scipy.ndimage.fourier_uniform, _filter(_uniform))
def fourier_uniform(input, size):
    """Fourier transform of an array averaged over a box, from its transform; of its shape.

    Equals :func:`scipy.ndimage.fourier_uniform`: the input times ``sinc(size f)`` along each axis, whose
    derivative by a size that is not positive is 0.  Notes of :func:`fourier_gaussian` hold here too.
    """


@_twin(scipy.ndimage.fourier_ellipsoid, _filter(_ellipsoid))
def fourier_ellipsoid(input, size):
    """Fourier transform of an array averaged over an ellipsoid, from its transform; of its shape.

    Equals :func:`scipy.ndimage.fourier_ellipsoid`, in up to three dimensions: the input times
    ``0F1(; d/2 + 1; -q/4)``, q the sum of ``(pi size f)^2`` (DLMF 10.16.9).  Notes of
    :func:`fourier_gaussian` hold here too.
    """


@_twin(scipy.ndimage.fourier_shift, _filter(_shift))
def fourier_shift(input, shift):
    """Fourier transform of an array that is shifted, from its transform; complex, of its shape.

    Equals :func:`scipy.ndimage.fourier_shift`: the input times ``exp(-2 pi i shift f)`` along each axis.
    Notes of :func:`fourier_gaussian` hold here too.
    """
