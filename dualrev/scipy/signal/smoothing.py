"""Polynomials fitted to pieces of a signal, and penalties of roughness: smoothing, removal of trends.

Owns their transposes.  Must not know recursive filters.
"""

import numpy as np
import scipy.signal

from dualrev.axes import sliced
from dualrev.core.words import linear
from dualrev.scipy import linalg
from dualrev.scipy.bodies import means
from dualrev.scipy.by_program import by_program
from dualrev.scipy.ndimage import convolve1d
from dualrev.scipy.one_point import CHECKS
from dualrev.scipy.twin import twin

__all__ = ["detrend", "savgol_filter"]


def _savgol_program(
    x, *, window_length, polyorder, deriv=0, delta=1.0, axis=-1, mode="interp", cval=0.0
):
    """A convolution; at the ends, with mode 'interp', the values of the polynomial fitted there."""
    fit = (window_length, polyorder, deriv, delta)
    weights = scipy.signal.savgol_coeffs(*fit)
    if mode != "interp":
        return convolve1d(x, weights, axis, mode=mode, cval=cval)
    n, half = x.shape[axis], window_length // 2
    fitted = scipy.signal.savgol_filter(np.eye(window_length), *fit, axis=0)
    lines = np.moveaxis(x, axis, -1)
    ends = [
        lines[..., :window_length] @ fitted[:half].T,
        lines[..., n - window_length :] @ fitted[window_length - half :].T,
    ]
    inner = sliced(convolve1d(lines, weights, mode="constant"), -1, half, n - half)
    return np.moveaxis(np.concatenate([ends[0], inner, ends[1]], -1), -1, axis)


@twin(scipy.signal.savgol_filter, by_program, _savgol_program)
def savgol_filter(x):
    """x smoothed along an axis by polynomials fitted to a moving window, or a derivative of them.

    Equals :func:`scipy.signal.savgol_filter`.  Linear in x (Savitzky and Golay 1964, Analytical
    Chemistry 36): a convolution, at the ends a matrix of the polynomial's values there.  A gradient
    costs two convolutions.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.signal import savgol_filter
    >>> dr.grad(lambda x: savgol_filter(x, 3, 1)[1])(np.zeros(4)).round(12)
    array([0.33333333, 0.33333333, 0.33333333, 0.        ])
    """


# What is left of a least-squares fit is an orthogonal projection, which is symmetric (Golub and Van
# Loan 2013, Matrix Computations, section 5.3.3).
def _detrend_transpose(ct, data, **options):
    return detrend(ct, **options)


@twin(scipy.signal.detrend, linear, _detrend_transpose)
def detrend(data):
    """Data less the straight line, or the mean, fitted along an axis, between break points.

    Equals :func:`scipy.signal.detrend`.  Linear in the data, and its own transpose.  Data are never
    overwritten.
    """


def _solved_with_logdet(ab, b, calc_logdet=False):
    """The solution, log of the determinant, and 0; where the matrix is not definite its last is 1."""
    try:
        factor = linalg.cholesky_banded(ab, lower=True) if calc_logdet else None
        x = linalg.solveh_banded(ab, b, lower=True)
    except np.linalg.LinAlgError:
        return b, 0.0, 1
    return x, 2 * np.sum(np.log(factor[0])) if calc_logdet else 0.0, 0


def _fitted_polynomial(y, lamb, order=2, weights=None, calc_logdet=False):
    """What is left of y where the penalty has no bound, weighted as by Polynomial.fit."""
    basis = np.polynomial.legendre.legvander(np.linspace(-1, 1, len(y)), order - 1)
    w = np.ones(len(y)) if weights is None else weights
    x = basis @ np.linalg.lstsq(basis * w[:, None], y * w, rcond=None)[0]
    if not calc_logdet:
        return x, 0.0
    rank = len(y) - order
    return x, rank * np.log(lamb) + _whittaker._logdet_difference_matrix(order=order, n=len(y))


_whittaker = getattr(scipy.signal, "_whittaker", None)
if _whittaker is not None:  # from SciPy 1.18 on
    means(_whittaker._solveh_banded, _solved_with_logdet)
    means(_whittaker._polynomial_fit, _fitted_polynomial)
    # It asks whether the penalty is so large that the rest is lost in rounding: then x is a polynomial.
    CHECKS.add("_solve_WH_banded")
