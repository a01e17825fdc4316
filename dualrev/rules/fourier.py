"""Discrete Fourier transforms: numpy.fft.

Must not know how a transform is computed: the transpose of each is again a transform.

The matrix of the transform, ``F_jk = exp(-2 pi i jk/n)``, is symmetric: the complex transforms are
their own transposes (Briggs and Henson, The DFT, 1995, section 3).  Transforms over several axes
are those over one axis, one after the other.
"""

import numpy as np

from dualrev.axes import along, sliced, with_length
from dualrev.core.words import composition, linear
from dualrev.rules.shape import as_array
from dualrev.ways import shifted_axes

#: The scale of a forward transform is that of the backward transform under the other name.
DUAL_NORM = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def _resized(x, length, axis):
    """The first elements along an axis, or all of them and zeros: the transpose of n= itself."""
    missing = length - x.shape[axis]
    if missing == 0:
        return x
    if missing < 0:
        return sliced(x, axis, None, length)
    zeros = np.zeros(with_length(x.shape, axis, missing), x.dtype)
    return np.concatenate([x, zeros], axis)


def half_weighted(half, n, axis, inner):
    """Frequencies 0 to n // 2, times 1 where a frequency is its own mirror, else times inner."""
    weights = np.full(n // 2 + 1, inner, np.finfo(half.dtype).dtype)
    weights[0] = 1
    if n % 2 == 0:
        weights[-1] = 1
    return half * along(weights, axis, half.ndim)


def _own_transpose(function):
    def transpose(ct, a, n=None, axis=-1, norm=None):
        return _resized(function(ct, n, axis, norm), a.shape[axis], axis)

    return transpose


def _rfft_transpose(ct, a, n=None, axis=-1, norm=None):
    n = a.shape[axis] if n is None else n
    half = half_weighted(ct.conj(), n, axis, 0.5)
    return _resized(np.fft.irfft(half, n, axis, DUAL_NORM[norm]), a.shape[axis], axis)


def _irfft_transpose(ct, a, n=None, axis=-1, norm=None):
    n = ct.shape[axis]
    half = np.fft.rfft(ct, n, axis, DUAL_NORM[norm]).conj()
    return _resized(half_weighted(half, n, axis, 2.0), a.shape[axis], axis)


linear(np.fft.fft, _own_transpose(np.fft.fft))
linear(np.fft.ifft, _own_transpose(np.fft.ifft))
linear(np.fft.rfft, _rfft_transpose)
linear(np.fft.irfft, _irfft_transpose)
linear(np.fft.fftshift, lambda ct, x, axes=None: np.fft.ifftshift(ct, axes), batch=shifted_axes)
linear(np.fft.ifftshift, lambda ct, x, axes=None: np.fft.fftshift(ct, axes), batch=shifted_axes)


def _hfft(a, n=None, axis=-1, norm=None):
    return np.fft.irfft(np.conj(a), n, axis, DUAL_NORM.get(norm, norm))


def _ihfft(a, n=None, axis=-1, norm=None):
    return np.conj(np.fft.rfft(a, n, axis, DUAL_NORM.get(norm, norm)))


composition(np.fft.hfft, _hfft, arity=1)
composition(np.fft.ihfft, _ihfft, arity=1)


def _steps(a, s, axes):
    """The ``(n, axis)`` of each transform over one axis."""
    if axes is None:
        axes = range(a.ndim) if s is None else range(-len(s), 0)
    axes = [int(axis) for axis in axes]
    lengths = [a.shape[axis] for axis in axes] if s is None else s
    if len(lengths) != len(axes):
        raise ValueError("Shape and axes have different lengths.")
    # Of a: an axis that is named twice has another length by its second turn.
    return [(a.shape[axis] if n == -1 else n, axis) for n, axis in zip(lengths, axes)]


def _along_each(function):
    def call(a, s=None, axes=None, norm=None):
        for n, axis in reversed(_steps(a, s, axes)):
            a = function(a, n, axis, norm)
        return as_array(a)

    return call


# NumPy 2.1 turned the order of the other axes round, which shows in the last bit.
_LAST_AXIS_FIRST = np.lib.NumpyVersion(np.__version__) >= "2.1.0"


def _rfftn(a, s=None, axes=None, norm=None):
    *others, (n, axis) = _steps(a, s, axes)
    a = np.fft.rfft(a, n, axis, norm)
    for n, axis in reversed(others) if _LAST_AXIS_FIRST else others:
        a = np.fft.fft(a, n, axis, norm)
    return a


def _irfftn(a, s=None, axes=None, norm=None):
    *others, (last, last_axis) = _steps(a, s, axes)
    for n, axis in others:
        a = np.fft.ifft(a, n, axis, norm)
    return np.fft.irfft(a, None if s is None else last, last_axis, norm)


def _last_two(call):
    return lambda a, s=None, axes=(-2, -1), norm=None: call(a, s, axes, norm)


for _of_all, _of_two, _call in (
    (np.fft.fftn, np.fft.fft2, _along_each(np.fft.fft)),
    (np.fft.ifftn, np.fft.ifft2, _along_each(np.fft.ifft)),
    (np.fft.rfftn, np.fft.rfft2, _rfftn),
    (np.fft.irfftn, np.fft.irfft2, _irfftn),
):
    composition(_of_all, _call, arity=1)
    composition(_of_two, _last_two(_call), arity=1)
