"""The coefficients of the spline through an array, and the transpose of the filter that finds them.

Must not know where a spline is evaluated.
"""

import numpy as np
import scipy.ndimage

from dualrev.axes import along
from dualrev.core.words import linear
from dualrev.scipy.ndimage.borders import image_twin

__all__ = ["spline_filter", "spline_filter1d"]

# The filter solves for the coefficients.  Its matrix is symmetric where a border mirrors between
# elements or the array repeats, and else, for the diagonal D = diag(1/2, 1, ..., 1, 1/2), the
# matrix is M with M^T = D M D^-1 (the border mirrors at the elements at the ends).
_SYMMETRIC = frozenset({"reflect", "grid-mirror", "nearest", "grid-wrap"})
# SciPy 1.15 starts the filter at a border by a sum that is cut off: symmetric in long lines only.
_EXACT_FROM = 32


def _ends_times(x, axis, factor):
    weights = np.ones(x.shape[axis])
    weights[:1] = weights[-1:] = factor
    return x * along(weights, axis, x.ndim)


def _spline_filter1d_transpose(ct, input, order=3, axis=-1, output=np.float64, mode="mirror"):
    output = np.result_type(ct.dtype, np.float64)
    options = {"order": order, "axis": axis, "output": output, "mode": mode}
    if order < 2:
        return spline_filter1d(ct, **options)
    if mode in _SYMMETRIC:
        n = ct.shape[axis]
        if n >= _EXACT_FROM:
            return spline_filter1d(ct, **options)
        matrix = scipy.ndimage.spline_filter1d(np.eye(n), order, 0, mode=mode)
        return np.moveaxis(np.tensordot(matrix, ct, (0, axis)), 0, axis)
    return _ends_times(spline_filter1d(_ends_times(ct, axis, 2.0), **options), axis, 0.5)


def _spline_filter_transpose(ct, input, order=3, output=np.float64, mode="mirror"):
    for axis in range(ct.ndim):
        ct = _spline_filter1d_transpose(ct, input, order, axis, output, mode)
    return ct


@image_twin(scipy.ndimage.spline_filter1d, linear, _spline_filter1d_transpose)
def spline_filter1d(input):
    """Coefficients, along one axis, of the spline through the elements; of the input's shape.

    Equals :func:`scipy.ndimage.spline_filter1d`.  Linear in the input; the transpose is the filter
    itself, in modes that mirror at the elements with the ends weighted.  It costs one filter.

    Raises
    ------
    InPlaceError
        Where output is an array and the input is traced.
    ArgumentError
        Where the input is traced and the result would be rounded to integers.
    """


def _spline_filter_batch(call, batched, input, order=3, output=np.float64, mode="mirror"):
    for axis in range(1, input.ndim):
        input = spline_filter1d(input, order, axis, output, mode)
    return input if input.ndim > 1 else input.astype(output)


@image_twin(
    scipy.ndimage.spline_filter,
    linear,
    _spline_filter_transpose,
    batch=_spline_filter_batch,
)
def spline_filter(input):
    """Coefficients of the spline through the elements; of the input's shape.

    Equals :func:`scipy.ndimage.spline_filter`: :func:`spline_filter1d` along all axes, whose notes
    on the derivative, cost and errors hold here too.
    """
