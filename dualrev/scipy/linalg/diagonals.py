"""Matrices that are constant along diagonals: toeplitz, hankel, circulant, convolution_matrix.

The rows of a Hankel matrix are windows of its values, first to last; of a Toeplitz matrix, last to
first.  Must not know equations.
"""

from collections.abc import Callable

import numpy as np
import scipy.linalg as sla

from dualrev.core.words import linear
from dualrev.errors import no_rule
from dualrev.scipy.linalg.operands import VECTOR_STACKS
from dualrev.scipy.twin import twin
from dualrev.ways import stacked

__all__ = ["circulant", "convolution_matrix", "hankel", "toeplitz"]


def _windows_value(values, width, reverse=False):
    """The windows of this width, as rows."""
    rows = np.lib.stride_tricks.sliding_window_view(values, width, axis=-1)
    return (rows[..., ::-1, :] if reverse else rows).copy()


def _sums_value(ct, reverse=False):
    """For each value the sum over its places: the transpose of the windows."""
    ct = ct[..., ::-1, :] if reverse else ct
    n, m = ct.shape[-2:]
    ans = np.zeros((*ct.shape[:-2], n + m - 1), ct.dtype)
    if n > m:  # fewer and longer additions
        ct, n, m = ct.mT, m, n
    for i in range(n):
        ans[..., i : i + m] += ct[..., i, :]
    return ans


_windows: Callable = linear(
    _windows_value,
    lambda ct, values, width=1, reverse=False: _sums(ct, reverse=reverse),
    batch=stacked(1),
)
_sums: Callable = linear(
    _sums_value,
    lambda ct, x, reverse=False: _windows(ct, width=x.shape[-1], reverse=reverse),
    batch=stacked(2),
)


def _one_dimension(name, *arrays):
    if any(x.ndim > 1 for x in arrays):
        raise no_rule(
            f"scipy.linalg.{name} of arrays of more than one dimension", "give each x as x.ravel()"
        )


@twin(sla.toeplitz)
def toeplitz(c, r):
    """The Toeplitz matrix with this first column and first row.

    Equals :func:`scipy.linalg.toeplitz`.  It is linear in c and r; a gradient sums diagonals.

    Parameters
    ----------
    c : array, shape (n,)
    r : array, shape (m,), optional
        Its first element is not used.  By default the conjugate of c.

    Returns
    -------
    array, shape (n, m)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import toeplitz
    >>> dr.grad(lambda c: toeplitz(c).sum())(np.arange(3.0))
    array([3., 4., 2.])
    """
    c = np.atleast_1d(c)
    r = c.conj() if r is None else np.atleast_1d(r)
    if not VECTOR_STACKS:
        _one_dimension("toeplitz", c, r)
    stack = np.broadcast_shapes(c.shape[:-1], r.shape[:-1])
    c, r = (np.broadcast_to(x, (*stack, x.shape[-1])) for x in (c, r))
    values = np.concatenate((c[..., ::-1], r[..., 1:]), -1)
    return _windows(values, width=r.shape[-1], reverse=True)


@twin(sla.hankel)
def hankel(c, r):
    """The Hankel matrix with this first column and last row.

    Equals :func:`scipy.linalg.hankel`.  It is linear in c and r; a gradient sums antidiagonals.

    Parameters
    ----------
    c : array, shape (n,)
    r : array, shape (m,), optional
        Its first element is not used.  By default zeros.

    Returns
    -------
    array, shape (n, m)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import hankel
    >>> dr.grad(lambda c: hankel(c).sum())(np.arange(3.0))
    array([1., 2., 3.])
    """
    r = np.zeros_like(c) if r is None else r
    _one_dimension("hankel", c, r)
    return _windows(np.concatenate((c, r[1:])), width=r.shape[-1])


@twin(sla.circulant)
def circulant(c):
    """The circulant matrix with this first column.

    Equals :func:`scipy.linalg.circulant`.  It is linear in c.

    Parameters
    ----------
    c : array, shape (..., n)

    Returns
    -------
    array, shape (..., n, n)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import circulant
    >>> dr.grad(lambda c: circulant(c).sum())(np.arange(3.0))
    array([3., 3., 3.])
    """
    c = np.atleast_1d(c)
    values = np.concatenate((c[..., ::-1], c[..., :0:-1]), -1)
    return _windows(values, width=c.shape[-1], reverse=True)


@twin(sla.convolution_matrix)
def convolution_matrix(a, *, n, mode):
    """The matrix whose product with v, of length n, is the convolution of a and v.

    Equals :func:`scipy.linalg.convolution_matrix`.  It is linear in a.

    Parameters
    ----------
    a : array, shape (..., m)
    n : int
    mode : {"full", "valid", "same"}

    Returns
    -------
    array, shape (..., k, n)
        With k as in :func:`numpy.convolve`.

    Raises
    ------
    ValueError
        Where n is not positive, a is empty or mode is unknown.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import convolution_matrix
    >>> dr.grad(lambda a: convolution_matrix(a, 3).sum())(np.ones(2))
    array([3., 3.])
    """
    if n < 1 or not a.shape[-1] or mode not in ("full", "valid", "same"):
        sla.convolution_matrix(np.zeros(a.shape), n, mode)  # raises
    zeros = np.zeros((*a.shape[:-1], n - 1), a.dtype)
    values = np.concatenate((zeros, a[..., ::-1], zeros), -1)
    full = _windows(values, width=n, reverse=True)
    if mode == "full":
        return full
    trim = min(n, a.shape[-1]) - 1
    first = trim if mode == "valid" else trim // 2
    last = full.shape[-2] - (trim if mode == "valid" else trim - first)
    return full[..., first:last, :]
