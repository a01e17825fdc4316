"""The discrete Fourier transforms of SciPy as primitives: complex, of real arrays, of Hermitian ones.

Must not know how a transform is computed: the transpose of each is again a transform.

The matrix of the transform, ``F_jk = exp(-2 pi i jk/n)``, is symmetric: the complex transforms are
their own transposes (Briggs and Henson, The DFT, 1995, section 3).  The transforms of real arrays
keep half of the frequencies, of which those with a mirror count twice.
"""

import numpy as np
import scipy.fft

from dualrev.core.primitive import linear
from dualrev.scipy.lags import resized

# The scale of a forward transform is that of the backward transform under the other name.
_DUAL_NORM = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def _axes(x, s, axes):
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
        return resized(made(ct, axes=_axes(x, s, axes), **options), x.shape)

    # Of an array without axes SciPy answers the array itself.
    made = linear(function, transpose, view="perhaps")
    return made


def _half_weighted(half, n, axis, inner):
    """Frequencies 0 to n // 2, times 1 where a frequency is its own mirror, else times inner."""
    weights = np.full(n // 2 + 1, inner, np.finfo(half.dtype).dtype)
    weights[0] = 1
    if n % 2 == 0:
        weights[-1] = 1
    return half * weights.reshape([-1 if i == axis % half.ndim else 1 for i in range(half.ndim)])


def _pull_to_real(ct, x, s, axes, norm, options):
    """The transpose of rfftn: ``J^T ct = Re F ct``, by a transform that makes real arrays."""
    axes = _axes(x, s, axes)
    s = [x.shape[axis] for axis in axes] if s is None else np.atleast_1d(s).tolist()
    half = _half_weighted(ct.conj(), s[-1], axes[-1], 0.5)
    return resized(irfftn(half, s=s, axes=axes, norm=_DUAL_NORM[norm], **options), x.shape)


def _pull_to_half(ct, x, s, axes, norm, options):
    """The transpose of irfftn."""
    axes = _axes(x, s, axes)
    half = rfftn(ct, axes=axes, norm=_DUAL_NORM[norm], **options).conj()
    return resized(_half_weighted(half, ct.shape[axes[-1]], axes[-1], 2.0), x.shape)


def _of_one_axis(function, pull):
    """Declare a transform from or to real arrays over one axis."""

    def transpose(ct, x, n=None, axis=-1, norm=None, **options):
        return pull(ct, x, None if n is None else (n,), (axis,), norm, options)

    return linear(function, transpose)


def _of_several_axes(function, pull):
    """The same over several axes."""

    def transpose(ct, x, s=None, axes=None, norm=None, **options):
        return pull(ct, x, s, axes, norm, options)

    return linear(function, transpose)


# hfft(x) is irfft(conj(x)) and ihfft(x) is conj(rfft(x)), each with the other's norm.
def _pull_to_hermitian(ct, x, s, axes, norm, options):
    return _pull_to_half(ct, x, s, axes, _DUAL_NORM[norm], options).conj()


def _pull_from_hermitian(ct, x, s, axes, norm, options):
    return _pull_to_real(ct.conj(), x, s, axes, _DUAL_NORM[norm], options)


fft = _symmetric(scipy.fft.fft)
ifft = _symmetric(scipy.fft.ifft)
fftn = _symmetric_in_all(scipy.fft.fftn)
ifftn = _symmetric_in_all(scipy.fft.ifftn)
rfft = _of_one_axis(scipy.fft.rfft, _pull_to_real)
irfft = _of_one_axis(scipy.fft.irfft, _pull_to_half)
hfft = _of_one_axis(scipy.fft.hfft, _pull_to_hermitian)
ihfft = _of_one_axis(scipy.fft.ihfft, _pull_from_hermitian)
rfftn = _of_several_axes(scipy.fft.rfftn, _pull_to_real)
irfftn = _of_several_axes(scipy.fft.irfftn, _pull_to_half)
hfftn = _of_several_axes(scipy.fft.hfftn, _pull_to_hermitian)
ihfftn = _of_several_axes(scipy.fft.ihfftn, _pull_from_hermitian)
