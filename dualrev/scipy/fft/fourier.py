"""Discrete Fourier transforms: complex, of real arrays, of Hermitian ones; over one axis and several.

Must not know their transposes, which are those of :mod:`dualrev.scipy.fft.primitives`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dualrev.core.binding import as_operand
from dualrev.scipy.fft import primitives

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


def fft(
    x: Any,
    n: int | None = None,
    axis: int = -1,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
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
    return primitives.fft(as_operand(x), n=n, axis=axis, norm=norm, workers=workers, plan=plan)


def fft2(
    x: Any,
    s: Sequence[int] | None = None,
    axes: Sequence[int] = (-2, -1),
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Discrete Fourier transform over two axes.

    Equals :func:`scipy.fft.fft2`.  Linear in x; it is its own transpose.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.fftn(as_operand(x), s=s, axes=axes, norm=norm, workers=workers, plan=plan)


def fftn(
    x: Any,
    s: int | Sequence[int] | None = None,
    axes: int | Sequence[int] | None = None,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Discrete Fourier transform over several axes.

    Equals :func:`scipy.fft.fftn`.  Linear in x; it is its own transpose.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.fftn(as_operand(x), s=s, axes=axes, norm=norm, workers=workers, plan=plan)


def ifft(
    x: Any,
    n: int | None = None,
    axis: int = -1,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Inverse of the discrete Fourier transform over one axis, of length n there.

    Equals :func:`scipy.fft.ifft`.  Linear in x; it is its own transpose.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.ifft(as_operand(x), n=n, axis=axis, norm=norm, workers=workers, plan=plan)


def ifft2(
    x: Any,
    s: Sequence[int] | None = None,
    axes: Sequence[int] = (-2, -1),
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Inverse of the discrete Fourier transform over two axes.

    Equals :func:`scipy.fft.ifft2`.  Linear in x; it is its own transpose.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.ifftn(as_operand(x), s=s, axes=axes, norm=norm, workers=workers, plan=plan)


def ifftn(
    x: Any,
    s: int | Sequence[int] | None = None,
    axes: int | Sequence[int] | None = None,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Inverse of the discrete Fourier transform over several axes.

    Equals :func:`scipy.fft.ifftn`.  Linear in x; it is its own transpose.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.ifftn(as_operand(x), s=s, axes=axes, norm=norm, workers=workers, plan=plan)


def rfft(
    x: Any,
    n: int | None = None,
    axis: int = -1,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Discrete Fourier transform of a real array, frequencies 0 to n // 2, over one axis.

    Equals :func:`scipy.fft.rfft`.  Linear in x; the transpose is the real part of :func:`fft`.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.rfft(as_operand(x), n=n, axis=axis, norm=norm, workers=workers, plan=plan)


def rfft2(
    x: Any,
    s: Sequence[int] | None = None,
    axes: Sequence[int] = (-2, -1),
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Discrete Fourier transform of a real array, frequencies 0 to n // 2, over two axes.

    Equals :func:`scipy.fft.rfft2`.  Linear in x; the transpose is the real part of :func:`fft`.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.rfftn(as_operand(x), s=s, axes=axes, norm=norm, workers=workers, plan=plan)


def rfftn(
    x: Any,
    s: int | Sequence[int] | None = None,
    axes: int | Sequence[int] | None = None,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Discrete Fourier transform of a real array, frequencies 0 to n // 2, over several axes.

    Equals :func:`scipy.fft.rfftn`.  Linear in x; the transpose is the real part of :func:`fft`.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.rfftn(as_operand(x), s=s, axes=axes, norm=norm, workers=workers, plan=plan)


def irfft(
    x: Any,
    n: int | None = None,
    axis: int = -1,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Real array of which the frequencies 0 to n // 2 are given, over one axis.

    Equals :func:`scipy.fft.irfft`.  Linear in x; the transpose is a transform of the real array.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.irfft(as_operand(x), n=n, axis=axis, norm=norm, workers=workers, plan=plan)


def irfft2(
    x: Any,
    s: Sequence[int] | None = None,
    axes: Sequence[int] = (-2, -1),
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Real array of which the frequencies 0 to n // 2 are given, over two axes.

    Equals :func:`scipy.fft.irfft2`.  Linear in x; the transpose is a transform of the real array.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.irfftn(as_operand(x), s=s, axes=axes, norm=norm, workers=workers, plan=plan)


def irfftn(
    x: Any,
    s: int | Sequence[int] | None = None,
    axes: int | Sequence[int] | None = None,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Real array of which the frequencies 0 to n // 2 are given, over several axes.

    Equals :func:`scipy.fft.irfftn`.  Linear in x; the transpose is a transform of the real array.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.irfftn(as_operand(x), s=s, axes=axes, norm=norm, workers=workers, plan=plan)


def hfft(
    x: Any,
    n: int | None = None,
    axis: int = -1,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Real transform of a Hermitian array, of which the first half is given, over one axis.

    Equals :func:`scipy.fft.hfft`.  Linear in x; it is ``irfft(conj(x))`` but for the norm.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.hfft(as_operand(x), n=n, axis=axis, norm=norm, workers=workers, plan=plan)


def hfft2(
    x: Any,
    s: Sequence[int] | None = None,
    axes: Sequence[int] = (-2, -1),
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Real transform of a Hermitian array, of which the first half is given, over two axes.

    Equals :func:`scipy.fft.hfft2`.  Linear in x; it is ``irfft(conj(x))`` but for the norm.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.hfftn(as_operand(x), s=s, axes=axes, norm=norm, workers=workers, plan=plan)


def hfftn(
    x: Any,
    s: int | Sequence[int] | None = None,
    axes: int | Sequence[int] | None = None,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Real transform of a Hermitian array, of which the first half is given, over several axes.

    Equals :func:`scipy.fft.hfftn`.  Linear in x; it is ``irfft(conj(x))`` but for the norm.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.hfftn(as_operand(x), s=s, axes=axes, norm=norm, workers=workers, plan=plan)


def ihfft(
    x: Any,
    n: int | None = None,
    axis: int = -1,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Inverse of :func:`hfft`: the first half of a Hermitian array, over one axis.

    Equals :func:`scipy.fft.ihfft`.  Linear in x; it is ``conj(rfft(x))`` but for the norm.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.ihfft(as_operand(x), n=n, axis=axis, norm=norm, workers=workers, plan=plan)


def ihfft2(
    x: Any,
    s: Sequence[int] | None = None,
    axes: Sequence[int] = (-2, -1),
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Inverse of :func:`hfft`: the first half of a Hermitian array, over two axes.

    Equals :func:`scipy.fft.ihfft2`.  Linear in x; it is ``conj(rfft(x))`` but for the norm.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.ihfftn(as_operand(x), s=s, axes=axes, norm=norm, workers=workers, plan=plan)


def ihfftn(
    x: Any,
    s: int | Sequence[int] | None = None,
    axes: int | Sequence[int] | None = None,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    plan: None = None,
) -> Any:
    """Inverse of :func:`hfft`: the first half of a Hermitian array, over several axes.

    Equals :func:`scipy.fft.ihfftn`.  Linear in x; it is ``conj(rfft(x))`` but for the norm.
    A derivative costs one transform.  x is never overwritten.
    """
    return primitives.ihfftn(as_operand(x), s=s, axes=axes, norm=norm, workers=workers, plan=plan)


def fftshift(x: Any, axes: int | Sequence[int] | None = None) -> Any:
    """x with the frequency zero moved from the start to the middle, along axes.

    Equals :func:`scipy.fft.fftshift`.  A permutation: its transpose is :func:`ifftshift`.
    """
    return np.fft.fftshift(as_operand(x), axes)


def ifftshift(x: Any, axes: int | Sequence[int] | None = None) -> Any:
    """Inverse of :func:`fftshift`.

    Equals :func:`scipy.fft.ifftshift`.  A permutation: its transpose is :func:`fftshift`.
    """
    return np.fft.ifftshift(as_operand(x), axes)
