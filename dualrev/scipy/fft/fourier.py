"""Discrete Fourier transforms: complex, of real arrays, of Hermitian ones; over one axis and several.

Must not know how a transform is computed: the transpose of each is again a transform.

The matrix of the transform, ``F_jk = exp(-2 pi i jk/n)``, is symmetric: the complex transforms are
their own transposes (Briggs and Henson, The DFT, 1995, section 3).  The transforms of real arrays
keep half of the frequencies, of which those with a mirror count twice.
"""

import numpy as np
import scipy.fft

from dualrev.core.words import linear
from dualrev.rules.fourier import DUAL_NORM, half_weighted
from dualrev.scipy.lags import resized
from dualrev.scipy.twin import twin
from dualrev.ways import shifted_axes

__all__ = [
    "fft",
    "fft2",
    "fftn",
    "fftshift",
    "hfft",
    "hfft2",
    "hfftn",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "ihfft2",
    "ihfftn",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftn",
]


def transformed_axes(x, s, axes):
    """The axes of a transform to lengths s: the last ones, or all, where they are not given."""
    if axes is None:
        return tuple(range(-x.ndim if s is None else -np.size(s), 0))
    return tuple(np.atleast_1d(axes).tolist())


def _symmetric(function):
    """Declare a complex transform over one axis."""

    def transpose(ct, x, n=None, **options):
        return resized(made(ct, **options), x.shape)

    made = linear(function, transpose)
    return made


def _symmetric_in_all(function):
    """Declare a complex transform over several axes."""

    def transpose(ct, x, s=None, axes=None, **options):
        return resized(made(ct, axes=transformed_axes(x, s, axes), **options), x.shape)

    # Of an array without axes SciPy answers the array itself.
    made = linear(function, transpose, view=True, may_copy=True, batch=shifted_axes)
    return made


def _pull_to_real(ct, x, s, axes, norm, options):
    """The transpose of rfftn: ``J^T ct = Re F ct``, by a transform that makes real arrays."""
    axes = transformed_axes(x, s, axes)
    given = [-1] * len(axes) if s is None else np.atleast_1d(s).tolist()
    s = [x.shape[axis] if n == -1 else n for n, axis in zip(given, axes)]
    half = half_weighted(ct.conj(), s[-1], axes[-1], 0.5)
    return resized(irfftn(half, s=s, axes=axes, norm=DUAL_NORM[norm], **options), x.shape)


def _pull_to_half(ct, x, s, axes, norm, options):
    """The transpose of irfftn."""
    axes = transformed_axes(x, s, axes)
    half = rfftn(ct, axes=axes, norm=DUAL_NORM[norm], **options).conj()
    return resized(half_weighted(half, ct.shape[axes[-1]], axes[-1], 2.0), x.shape)


def _of_one_axis(function, pull):
    """Declare a transform from or to real arrays over one axis."""

    def transpose(ct, x, n=None, axis=-1, norm=None, **options):
        return pull(ct, x, None if n is None else (n,), (axis,), norm, options)

    return linear(function, transpose)


def _of_several_axes(function, pull):
    """The same over several axes."""

    def transpose(ct, x, s=None, axes=None, norm=None, **options):
        return pull(ct, x, s, axes, norm, options)

    return linear(function, transpose, batch=shifted_axes)


# hfft(x) is irfft(conj(x)) and ihfft(x) is conj(rfft(x)), each with the other's norm.
def _pull_to_hermitian(ct, x, s, axes, norm, options):
    return _pull_to_half(ct, x, s, axes, DUAL_NORM[norm], options).conj()


def _pull_from_hermitian(ct, x, s, axes, norm, options):
    return _pull_to_real(ct.conj(), x, s, axes, DUAL_NORM[norm], options)


@twin(scipy.fft.fft, _symmetric)
def fft(x):
    """Discrete Fourier transform over one axis, of length n there.

    Equals :func:`scipy.fft.fft`.  Linear in x; it is its own transpose.
    A derivative costs one transform.  x is never overwritten.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.fft import fft
    >>> power = dr.grad(lambda x: np.sum(np.abs(fft(x)) ** 2))
    >>> power(np.array([1.0, 2.0, 4.0])).round(12)
    array([ 6., 12., 24.])
    """


@twin(scipy.fft.fft2, _symmetric_in_all)
def fft2(x):
    """Discrete Fourier transform over two axes.

    Equals :func:`scipy.fft.fft2`.  Linear in x; it is its own transpose.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.fftn, _symmetric_in_all)
def fftn(x):
    """Discrete Fourier transform over several axes.

    Equals :func:`scipy.fft.fftn`.  Linear in x; it is its own transpose.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.ifft, _symmetric)
def ifft(x):
    """Inverse of the discrete Fourier transform over one axis, of length n there.

    Equals :func:`scipy.fft.ifft`.  Linear in x; it is its own transpose.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.ifft2, _symmetric_in_all)
def ifft2(x):
    """Inverse of the discrete Fourier transform over two axes.

    Equals :func:`scipy.fft.ifft2`.  Linear in x; it is its own transpose.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.ifftn, _symmetric_in_all)
def ifftn(x):
    """Inverse of the discrete Fourier transform over several axes.

    Equals :func:`scipy.fft.ifftn`.  Linear in x; it is its own transpose.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.rfft, _of_one_axis, _pull_to_real)
def rfft(x):
    """Discrete Fourier transform of a real array, frequencies 0 to n // 2, over one axis.

    Equals :func:`scipy.fft.rfft`.  Linear in x; the transpose is the real part of :func:`fft`.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.rfft2, _of_several_axes, _pull_to_real)
def rfft2(x):
    """Discrete Fourier transform of a real array, frequencies 0 to n // 2, over two axes.

    Equals :func:`scipy.fft.rfft2`.  Linear in x; the transpose is the real part of :func:`fft`.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.rfftn, _of_several_axes, _pull_to_real)
def rfftn(x):
    """Discrete Fourier transform of a real array, frequencies 0 to n // 2, over several axes.

    Equals :func:`scipy.fft.rfftn`.  Linear in x; the transpose is the real part of :func:`fft`.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.irfft, _of_one_axis, _pull_to_half)
def irfft(x):
    """Real array of which the frequencies 0 to n // 2 are given, over one axis.

    Equals :func:`scipy.fft.irfft`.  Linear in x; the transpose is a transform of the real array.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.irfft2, _of_several_axes, _pull_to_half)
def irfft2(x):
    """Real array of which the frequencies 0 to n // 2 are given, over two axes.

    Equals :func:`scipy.fft.irfft2`.  Linear in x; the transpose is a transform of the real array.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.irfftn, _of_several_axes, _pull_to_half)
def irfftn(x):
    """Real array of which the frequencies 0 to n // 2 are given, over several axes.

    Equals :func:`scipy.fft.irfftn`.  Linear in x; the transpose is a transform of the real array.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.hfft, _of_one_axis, _pull_to_hermitian)
def hfft(x):
    """Real transform of a Hermitian array, of which the first half is given, over one axis.

    Equals :func:`scipy.fft.hfft`.  Linear in x; it is ``irfft(conj(x))`` but for the norm.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.hfft2, _of_several_axes, _pull_to_hermitian)
def hfft2(x):
    """Real transform of a Hermitian array, of which the first half is given, over two axes.

    Equals :func:`scipy.fft.hfft2`.  Linear in x; it is ``irfft(conj(x))`` but for the norm.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.hfftn, _of_several_axes, _pull_to_hermitian)
def hfftn(x):
    """Real transform of a Hermitian array, of which the first half is given, over several axes.

    Equals :func:`scipy.fft.hfftn`.  Linear in x; it is ``irfft(conj(x))`` but for the norm.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.ihfft, _of_one_axis, _pull_from_hermitian)
def ihfft(x):
    """Inverse of :func:`hfft`: the first half of a Hermitian array, over one axis.

    Equals :func:`scipy.fft.ihfft`.  Linear in x; it is ``conj(rfft(x))`` but for the norm.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.ihfft2, _of_several_axes, _pull_from_hermitian)
def ihfft2(x):
    """Inverse of :func:`hfft`: the first half of a Hermitian array, over two axes.

    Equals :func:`scipy.fft.ihfft2`.  Linear in x; it is ``conj(rfft(x))`` but for the norm.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.ihfftn, _of_several_axes, _pull_from_hermitian)
def ihfftn(x):
    """Inverse of :func:`hfft`: the first half of a Hermitian array, over several axes.

    Equals :func:`scipy.fft.ihfftn`.  Linear in x; it is ``conj(rfft(x))`` but for the norm.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.fftshift)
def fftshift(x, *, axes):
    """x with the frequency zero moved from the start to the middle, along axes.

    Equals :func:`scipy.fft.fftshift`.  A permutation: its transpose is :func:`ifftshift`.
    """
    return np.fft.fftshift(x, axes)


@twin(scipy.fft.ifftshift)
def ifftshift(x, *, axes):
    """Inverse of :func:`fftshift`.

    Equals :func:`scipy.fft.ifftshift`.  A permutation: its transpose is :func:`fftshift`.
    """
    return np.fft.ifftshift(x, axes)
