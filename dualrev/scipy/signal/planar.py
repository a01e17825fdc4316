"""Filters of images, and the symmetric recursions of their lines.

Must not know the coefficients of a recursion: what is linear in an image is a matrix for each axis.
"""

import functools

import numpy as np
import scipy.signal

from dualrev import errors
from dualrev.core.words import linear
from dualrev.scipy.lags import inner
from dualrev.scipy.signal.rest import REST
from dualrev.scipy.twin import twin

__all__ = ["medfilt2d", "sepfir2d", "symiirorder1", "symiirorder2"]


def _of_lines(function):
    """Declare a function of each line of a matrix, linear in it: by what it makes of unit lines."""

    @functools.wraps(function)
    def filtered(x, *args, **options):
        # SciPy takes the elements of other arrays in the order in which they lie in memory.
        return function(np.ascontiguousarray(x), *args, **options)

    def transpose(ct, x, **options):
        units = np.eye(x.shape[-1], dtype=ct.dtype)
        return ct @ function(units, **options).T

    return linear(filtered, transpose)


@twin(scipy.signal.symiirorder1, _of_lines)
def symiirorder1(signal):
    """Lines filtered from both sides by a recursion of first order.

    Equals :func:`scipy.signal.symiirorder1`.  Linear in the signal (n,) or (m, n); a gradient costs n^2
    multiplications a line.
    """


@twin(scipy.signal.symiirorder2, _of_lines)
def symiirorder2(input):
    """Lines filtered from both sides by a recursion of second order.

    Equals :func:`scipy.signal.symiirorder2`.  Linear in the input (n,) or (m, n); a gradient costs n^2
    multiplications a line.
    """


def _sepfir2d(input, hrow, hcol):
    """SciPy's, with a signature."""
    return scipy.signal.sepfir2d(input, hrow, hcol)


def _sepfir2d_transpose(ct, input, hrow, hcol):
    rows, columns = (
        sepfir2d(np.eye(n, dtype=ct.dtype), h, np.ones(1, ct.dtype))
        for n, h in zip(ct.shape[::-1], (hrow, hcol))
    )
    return columns @ ct @ rows.T


def _sepfir2d_transpose_in_row(ct, input, hrow, hcol):
    return _products(ct, lambda h: sepfir2d(input, h, hcol), hrow)


def _sepfir2d_transpose_in_column(ct, input, hrow, hcol):
    return _products(ct, lambda h: sepfir2d(input, hrow, h), hcol)


def _check_borders(input, hrow, hcol, **options):
    """SciPy reads and writes beyond its memory where an image is too short to be mirrored so far."""
    for n, h in zip(np.shape(input)[::-1], (hrow, hcol)):
        if n <= len(h) // 2:
            raise errors.ArgumentError(
                f"scipy.signal.sepfir2d of {n} pixels by a filter of {len(h)} knows no border.",
                fix="give convolve2d(input, np.outer(hcol, hrow), 'same')",
            )


def _products(ct, filtered, h):
    """The inner products of ct with what each unit filter makes of the image."""
    units = np.eye(len(h), dtype=ct.dtype)
    return np.stack([inner(ct, filtered(unit)) for unit in units])


@twin(
    _sepfir2d,
    linear,
    _sepfir2d_transpose,
    _sepfir2d_transpose_in_row,
    _sepfir2d_transpose_in_column,
    check=_check_borders,
    name="sepfir2d",
)
def sepfir2d(input, hrow, hcol):
    """An image filtered along rows and along columns, mirrored at its borders.

    Equals :func:`scipy.signal.sepfir2d`.  Linear in each of the three; a gradient in
    the image costs a product of matrices for each axis, one in a filter a filter each element of it.

    Raises
    ------
    ArgumentError
        Where something is traced, and a filter is twice as long as the image: SciPy reads beyond it.
    """


@twin(scipy.signal.medfilt2d)
def medfilt2d(input, *, kernel_size):
    """The median of the pixels around each one of an image, which 0 surrounds.

    Equals :func:`scipy.signal.medfilt2d`.  Differentiated in the image, as :func:`scipy.signal.medfilt`.
    """
    if input.ndim != 2:
        scipy.signal.medfilt2d(np.zeros(input.shape))  # raises
    return REST("medfilt")(input, 3 if kernel_size is None else kernel_size)
