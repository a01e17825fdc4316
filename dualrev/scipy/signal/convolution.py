"""Convolutions and correlations of two arrays of any number of axes; upsampling filters.

Owns their transposes.  Must not know recursive filters.

``y = a * b`` has the transposes ``y~ -> y~ * reversed b`` and ``y~ -> y~ * reversed a``, of which the
valid part is taken where y was whole, and the whole where y was the valid part (Briggs and Henson,
The DFT, 1995, section 8.2).
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.fft
import scipy.signal

from dualrev import errors
from dualrev.axes import axes_of, sliced
from dualrev.core.words import linear
from dualrev.scipy import fft
from dualrev.scipy.by_program import by_program
from dualrev.scipy.lags import inner, resized
from dualrev.scipy.ndimage.borders import extended
from dualrev.scipy.twin import twin
from dualrev.ways import along_axis_of, in_all_rows, shift

__all__ = [
    "convolve",
    "convolve2d",
    "correlate",
    "correlate2d",
    "fftconvolve",
    "oaconvolve",
    "upfirdn",
]

# ------------------------------------------------------------------------------------ convolution


def _whole(ct, in1, in2, mode, axes):
    """The cotangent of the whole convolution, of which mode 'same' took the middle."""
    if mode == "full":
        return ct
    widths = []
    for axis, (n, m) in enumerate(zip(in1.shape, in2.shape)):
        length = n + m - 1 if axis in axes else max(n, m)
        before = (length - n) // 2
        widths.append((before, length - n - before))
    return np.pad(ct, widths)


def _pull_first(family, ct, in1, in2, mode, axes):
    """The transpose in ``in1``."""
    if not np.ndim(in1):
        return ct * in2
    if not (in1.size and in2.size):  # of which SciPy makes shapes of its own
        return np.zeros(in1.shape, ct.dtype)
    axes = axes_of(axes, ct.ndim)
    reversed2 = np.flip(in2, axes)
    if mode != "valid":
        return _valid(family, _whole(ct, in1, in2, mode, axes), reversed2, axes)
    if all(in1.shape[axis] >= in2.shape[axis] for axis in axes):
        return family.convolved(ct, reversed2, "full")
    return _valid(family, reversed2, ct, axes)


def _pull_second(family, ct, in1, in2, mode, axes):
    """The transpose in ``in2``: a convolution commutes, but for the middle that is taken of it."""
    if mode == "same" and np.ndim(in1):
        ct, mode = _whole(ct, in1, in2, mode, axes_of(axes, ct.ndim)), "full"
    return _pull_first(family, ct, in2, in1, mode, axes)


def _valid(family, large, small, axes):
    """The valid part of a convolution; it is often short, where both arrays are long."""
    shape = [n - m + 1 for n, m in zip(large.shape, small.shape)]
    if len(axes) == large.ndim and math.prod(shape) <= _FEW:
        small = np.flip(small)
        windows = (
            large[tuple(slice(k, k + m) for k, m in zip(place, small.shape))]
            for place in np.ndindex(*shape)
        )
        return np.stack([inner(small, window) for window in windows]).reshape(shape)
    if family.is_direct(large, small):
        return family.convolved(large, small, "valid")
    return _valid_by_transforms(large, small, axes)


# One inner product an element is faster than transforms up to about so many.
_FEW = 64


def _valid_by_transforms(large, small, axes):
    """Transforms as long as the larger array: what they wrap falls beside the valid part."""
    lengths = [scipy.fft.next_fast_len(large.shape[axis], True) for axis in axes]
    is_complex = large.dtype.kind == "c" or small.dtype.kind == "c"
    there, back = (fft.fftn, fft.ifftn) if is_complex else (fft.rfftn, fft.irfftn)
    whole = back(there(large, lengths, axes) * there(small, lengths, axes), lengths, axes)
    for axis in axes:
        whole = sliced(whole, axis, small.shape[axis] - 1, large.shape[axis])
    return whole


class _Family(NamedTuple):
    """A convolution of SciPy, and whether it finds a valid part without transforms of the whole."""

    convolved: Callable
    is_direct: Callable


def _family(convolved, is_direct, axes=None, **options):
    """The family of a convolution, of which options say how it is computed."""
    given = options if axes is None else {"axes": axes, **options}
    return _Family(
        lambda x, y, mode: convolved(x, y, mode=mode, **given),
        lambda large, small: is_direct(large, small, **options),
    )


def _convolution(function, is_direct, batch):
    """Declare a convolution of SciPy."""

    def transpose_in_first(ct, in1, in2, mode="full", axes=None, **options):
        family = _family(made, is_direct, axes, **options)
        return _pull_first(family, ct, in1, in2, mode, axes)

    def transpose_in_second(ct, in1, in2, mode="full", axes=None, **options):
        family = _family(made, is_direct, axes, **options)
        return _pull_second(family, ct, in1, in2, mode, axes)

    made = linear(function, transpose_in_first, transpose_in_second, batch=batch)
    return made


def _chooses_direct(large, small, method="auto"):
    if method == "auto":
        large, small = (np.ones(x.shape, x.dtype) for x in (large, small))
        method = scipy.signal.choose_conv_method(large, small, "valid")
    return method == "direct"


def _beside(reverses):
    """The way of a function of all axes: an axis of length 1 of one array beside the rows of the other.

    ``reverses`` tells whether the second is read backwards.
    """

    def batch(call, batched, in1, in2, mode="full", **options):
        if all(batched):
            return NotImplemented
        of_first, _ = batched
        shape1, shape2 = in1.shape[of_first:], in2.shape[not of_first :]
        if len(shape1) != len(shape2) or 0 in (*shape1, *shape2):
            return NotImplemented  # that is for SciPy to judge
        if of_first and mode == "same":
            return call(in1, in2[None], mode=mode, **options)
        in1, in2 = (in1, in2[None]) if of_first else (in1[None], in2)
        ans = call(in1, in2, mode="full", **options)
        if reverses and not of_first:
            ans = ans[::-1]
        return ans[:, *_part_of_whole(shape1, shape2, mode)]

    return batch


def _part_of_whole(shape1, shape2, mode):
    """The index of the part of a whole convolution that is asked for."""
    if mode == "full":
        return ()
    if mode == "same":
        return tuple(slice((m - 1) // 2, (m - 1) // 2 + n) for n, m in zip(shape1, shape2))
    if mode != "valid":
        raise ValueError("acceptable mode flags are 'valid', 'same', or 'full'")
    swaps = [n < m for n, m in zip(shape1, shape2) if n != m]
    if any(swaps) and not all(swaps):
        raise ValueError(
            "For 'valid' mode, one must be at least as large as the other in every dimension"
        )
    return tuple(slice(min(n, m) - 1, max(n, m)) for n, m in zip(shape1, shape2))


def _along_axes(call, batched, in1, in2, mode="full", axes=None, **options):
    """The way of a function along axes: the others broadcast."""
    ndim = in1.ndim - batched[0]
    in1, in2 = in_all_rows(batched, (in1, in2))
    return call(in1, in2, mode=mode, axes=shift(axes_of(axes, ndim), ndim), **options)


def _is_much_longer(large, small):
    return all(n > 2 * m or n == m for n, m in zip(large.shape, small.shape))


@twin(scipy.signal.convolve, _convolution, _chooses_direct, _beside(reverses=False))
def convolve(in1, in2):
    """Convolution of two arrays with the same number of axes.

    Equals :func:`scipy.signal.convolve`, shapes, modes and methods included.

    Notes
    -----
    Linear in each array; the derivative in one is the convolution of the cotangent with the other,
    reversed.  Each costs one convolution.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.signal import convolve
    >>> dr.grad(lambda x: convolve(x, [1.0, 2.0, 4.0])[2])(np.zeros(4))
    array([4., 2., 1., 0.])
    """


@twin(scipy.signal.fftconvolve, _convolution, lambda large, small: False, _along_axes)
def fftconvolve(in1, in2):
    """Convolution of two arrays along axes, by Fourier transforms; the other axes broadcast.

    Equals :func:`scipy.signal.fftconvolve`.  Derivatives are those of :func:`convolve`.
    """


@twin(scipy.signal.oaconvolve, _convolution, _is_much_longer, _along_axes)
def oaconvolve(in1, in2):
    """Convolution of a long array with a short one along axes, by Fourier transforms of pieces.

    Equals :func:`scipy.signal.oaconvolve`.  Derivatives are those of :func:`convolve`.
    """


# ------------------------------------------------------------------------------------ correlation


def _correlate_transpose_in_first(ct, in1, in2, mode="full", method="auto"):
    family = _family(convolve, _chooses_direct, method=method)
    return _pull_first(family, ct, in1, np.conj(np.flip(in2)), mode, None)


def _correlate_transpose_in_second(ct, in1, in2, mode="full", method="auto"):
    family = _family(convolve, _chooses_direct, method=method)
    return np.conj(np.flip(_pull_second(family, ct, in1, np.conj(np.flip(in2)), mode, None)))


@twin(
    scipy.signal.correlate,
    linear,
    _correlate_transpose_in_first,
    _correlate_transpose_in_second,
    batch=_beside(reverses=True),
)
def correlate(in1, in2):
    """Correlation of two arrays with the same number of axes: with the second's conjugate.

    Equals :func:`scipy.signal.correlate`: the convolution with ``conj(in2)`` reversed, from which it
    has its derivatives and their cost.
    """


# --------------------------------------------------------------------------------- two dimensions

_BOUNDARIES = {"fill": "constant", "wrap": "wrap", "symm": "reflect"}


def _planar(function, correlates):
    """Declare a convolution of two matrices: that of the first, continued, without borders."""

    def program(in1, in2, mode="full", boundary="fill", fillvalue=0):
        if not (in1.size and in2.size):
            return function(np.zeros(in1.shape), np.zeros(in2.shape), mode=mode)
        if mode == "valid" and any(n < m for n, m in zip(in1.shape, in2.shape)):
            # SciPy lets them change places, and conjugates what is then the second.
            in1, in2 = (np.flip(in2), np.conj(in1)) if correlates else (in2, in1)
        elif correlates:
            in2 = np.flip(np.conj(in2))
        for axis, m in enumerate(in2.shape):
            before = after = m - 1
            if mode == "same":
                middle = (m - 1) // 2
                before, after = (middle, m - 1 - middle)
                if not correlates:
                    before, after = after, before
            elif mode == "valid":
                continue
            in1 = _continued(in1, before, after, axis, boundary, fillvalue)
        return convolve(in1, in2, mode="valid")

    return by_program(function, program)


def _continued(x, before, after, axis, boundary, fillvalue):
    if boundary == "fill" and fillvalue != 0:
        widths = [(0, 0)] * x.ndim
        widths[axis] = before, after
        return np.pad(x, widths, constant_values=fillvalue)
    return extended(x, before=before, after=after, axis=axis, mode=_BOUNDARIES[boundary])


@twin(scipy.signal.convolve2d, _planar, correlates=False)
def convolve2d(in1, in2):
    """Convolution of two matrices, the first of which continues beyond its borders.

    Equals :func:`scipy.signal.convolve2d`.  The derivatives are those of :func:`convolve`; what the
    boundary continued is folded back.  They cost two convolutions each.
    """


@twin(scipy.signal.correlate2d, _planar, correlates=True)
def correlate2d(in1, in2):
    """Correlation of two matrices, the first of which continues beyond its borders.

    Equals :func:`scipy.signal.correlate2d`.  The derivatives are those of :func:`convolve`; what the
    boundary continued is folded back.  They cost two convolutions each.
    """


# -------------------------------------------------------------------------- upsampling and filtering
#
# y[m] = sum_n h[m down - n up] x[n]


def _upfirdn_transpose_in_h(ct, h, x, up=1, down=1, axis=-1, mode="constant", cval=0):
    """``h~[j] = sum ct[m] x[n]`` over all m and n with ``m down - n up = j``."""
    axis %= x.ndim
    common = math.gcd(up, down)
    zero = np.zeros((), ct.dtype)
    products = []
    for j in range(len(h)):
        first = next((m for m in range(up // common) if (m * down - j) % up == 0), None)
        if first is None:
            products.append(zero)
            continue
        n = (first * down - j) // up
        if n < 0:
            steps = -(n // (down // common))
            first, n = first + steps * (up // common), n + steps * (down // common)
        of_ct = sliced(ct, axis, first, None, up // common)
        of_x = sliced(x, axis, n, None, down // common)
        count = min(of_ct.shape[axis], of_x.shape[axis])
        products.append(inner(sliced(of_ct, axis, 0, count), sliced(of_x, axis, 0, count)))
    return np.stack(products)


def _upfirdn_transpose_in_x(ct, h, x, up=1, down=1, axis=-1, mode="constant", cval=0):
    """The same filter reversed, where up and down change places."""
    axis %= x.ndim
    n = x.shape[axis]
    lead = -(len(h) - 1) % up
    reversed_h = np.concatenate([np.zeros(lead, h.dtype), h[::-1]])
    pulled = upfirdn(reversed_h, ct, up=down, down=up, axis=axis)
    start = (len(reversed_h) - 1) // up
    return resized(sliced(pulled, axis, start, start + n), x.shape)


def _check_mode(h, x, *, mode, cval, **options):
    if mode != "constant" or cval != 0:
        raise errors.no_rule(
            f"scipy.signal.upfirdn with mode={mode!r} and cval={cval!r}",
            "continue x beyond its ends by np.pad, and leave mode and cval out",
        )


@twin(
    scipy.signal.upfirdn,
    linear,
    _upfirdn_transpose_in_h,
    _upfirdn_transpose_in_x,
    check=_check_mode,
    batch=along_axis_of(1, -1),
)
def upfirdn(h, x):
    """x with zeros put between its elements, filtered by h, of which every down-th element is kept.

    Equals :func:`scipy.signal.upfirdn`.  Linear in h and in x; the transpose in x is the reversed
    filter, with up and down changed; that in h costs one inner product an element of h.

    Raises
    ------
    MissingRuleError
        Where h or x is traced, and the mode is not that of zeros beyond the ends.
    """
