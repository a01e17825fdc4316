"""Matrices of a structure: toeplitz, circulant, hankel, block_diag and their kin.

Must not know equations.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy
import scipy.linalg as sla

from dualrev.core.operands import as_operand
from dualrev.core.words import linear
from dualrev.errors import no_rule
from dualrev.scipy.by_program import by_program
from dualrev.scipy.linalg.operands import scipys_stacks
from dualrev.scipy.twin import twin
from dualrev.ways import stacked

__all__ = [
    "block_diag",
    "circulant",
    "companion",
    "convolution_matrix",
    "diagsvd",
    "fiedler",
    "fiedler_companion",
    "hankel",
    "khatri_rao",
    "leslie",
    "toeplitz",
]

# ------------------------------------------------------------------------------- constructors
# The rows of a Hankel matrix are windows of its values, first to last; of a Toeplitz matrix, last to
# first.


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

# Since SciPy 1.17 columns and rows are stacks; before it, they were flattened.
_STACKS = np.lib.NumpyVersion(scipy.__version__) >= "1.17.0"


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
    if not _STACKS:
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


def _block_diag_vjp(ct, wanted, ans, *arrs):
    cts = []
    row = column = 0
    for x in arrs:
        rows, columns = (1, 1, *np.shape(x))[-2:]
        cts.append(ct[..., row : row + rows, column : column + columns])
        row, column = row + rows, column + columns
    return cts


def _block_diag_batch(call, batched, *arrs):
    """Of blocks with two axes each."""
    if not _STACKS:
        return NotImplemented
    arrs = [
        x.reshape(x.shape[:b] + (1,) * (2 - x.ndim + b) + x.shape[b:])
        for x, b in zip(map(as_operand, arrs), batched)
    ]
    return stacked(*[2] * len(arrs))(call, batched, *arrs)


_block_diag = linear(
    lambda *arrs: sla.block_diag(*arrs),
    together=_block_diag_vjp,
    batch=_block_diag_batch,
    name="block_diag",
)


def block_diag(*arrs: Any) -> Any:
    """The matrix with these blocks along its diagonal, and zeros elsewhere.

    Equals :func:`scipy.linalg.block_diag`.  It is linear; a gradient cuts the blocks out.

    Parameters
    ----------
    *arrs : array, shape (m_i, n_i)
        Of one dimension, a row; a number, one element.

    Returns
    -------
    array, shape (sum of m_i, sum of n_i)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import block_diag
    >>> dr.grad(lambda a: (block_diag(a, 3.0) @ [1.0, 2.0, 4.0]).sum())(np.eye(2))
    array([[1., 2.],
           [1., 2.]])
    """
    return _block_diag(*map(as_operand, arrs))


@twin(sla.companion)
def companion(a):
    """The companion matrix of a polynomial, whose eigenvalues are its roots.

    Equals :func:`scipy.linalg.companion`.  Its first row is ``-a[1:] / a[0]``, and the derivative is
    that of the quotient.

    Parameters
    ----------
    a : array, shape (..., n)
        Coefficients, the highest first.

    Returns
    -------
    array, shape (..., n - 1, n - 1)

    Raises
    ------
    ValueError
        Where the first coefficient is 0, or n < 2.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import companion
    >>> dr.grad(lambda a: companion(a)[0, 1])(np.array([2.0, 3.0, 4.0]))
    array([ 1. ,  0. , -0.5])
    """
    a = np.atleast_1d(a)
    first = -a[..., None, 1:] / a[..., None, :1]
    shifted = np.eye(a.shape[-1] - 2, a.shape[-1] - 1)
    shifted = np.broadcast_to(shifted, (*a.shape[:-1], *shifted.shape))
    return np.concatenate((first, shifted), -2)


@twin(sla.fiedler)
def fiedler(a):
    """The matrix of the distances ``|a_i - a_j|``.

    Equals :func:`scipy.linalg.fiedler`.  The derivative is that of the absolute value: 0 where
    elements are equal.

    Parameters
    ----------
    a : array, shape (..., n)

    Returns
    -------
    array, shape (..., n, n)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import fiedler
    >>> dr.grad(lambda a: fiedler(a)[0, 1])(np.array([1.0, 3.0]))
    array([-1.,  1.])
    """
    a = np.atleast_1d(a)
    n = a.shape[-1]
    if a.size == 0:
        return np.zeros(0)
    same = np.eye(n, dtype=bool)  # the distance from itself is no kink
    return np.where(same, 0, np.abs(np.where(same, 1, a[..., :, None] - a[..., None, :])))


def _fiedler_companion_program(a):
    """Where the quotients -a_k / a_0 stand, between ones; Fiedler (2003)."""
    n = a.shape[-1] - 1
    if n < 1:
        return a[..., :0]
    ratio = -a / a[..., :1]
    ones, index = np.zeros((n, n)), np.zeros((n, n), int)
    if n > 1:
        ones[1, 0] = 1
        index[0, 0] = 1
        ones[range(3, n, 2), range(1, n - 2, 2)] = 1
        ones[range(0, n - 2, 2), range(2, n, 2)] = 1
        index[range(2, n, 2), range(1, n - 1, 2)] = range(3, n + 1, 2)
        index[range(0, n - 1, 2), range(1, n, 2)] = range(2, n + 1, 2)
    else:
        index[0, 0] = 1
    return np.where(index > 0, np.take(ratio, index, -1), ones)


_fiedler_companion = by_program(
    lambda a: sla.fiedler_companion(a), _fiedler_companion_program, batch=stacked(1)
)


@twin(sla.fiedler_companion)
def fiedler_companion(a):
    """The companion matrix of Fiedler, of five diagonals, whose eigenvalues are a polynomial's roots.

    Equals :func:`scipy.linalg.fiedler_companion`.  Its elements are ``-a[k] / a[0]``, and the
    derivative is that of the quotients.

    Parameters
    ----------
    a : array, shape (..., n)
        Coefficients, the highest first.

    Returns
    -------
    array, shape (..., n - 1, n - 1)

    Raises
    ------
    ValueError
        Where the first coefficient is 0.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import fiedler_companion
    >>> dr.grad(lambda a: fiedler_companion(a)[0, 0])(np.array([2.0, 3.0, 4.0]))
    array([ 0.75, -0.5 ,  0.  ])
    """
    return _fiedler_companion(np.atleast_1d(a))


@twin(
    sla.diagsvd,
    linear,
    lambda ct, s, M=0, N=0: np.diagonal(ct, axis1=-2, axis2=-1),
    batch=scipys_stacks(1),
    name="diagsvd",
)
def diagsvd(s):
    """The matrix of M rows and N columns with s on its diagonal.

    Equals :func:`scipy.linalg.diagsvd`.  It is linear.

    Parameters
    ----------
    s : array, shape (M,) or (N,)
    M, N : int

    Returns
    -------
    array, shape (M, N)

    Raises
    ------
    ValueError
        Where s has another length.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import diagsvd
    >>> dr.grad(lambda s: (diagsvd(s, 2, 3) @ [1.0, 2.0, 3.0]).sum())(np.ones(2))
    array([1., 2.])
    """


@twin(sla.leslie)
def leslie(f, s):
    """The Leslie matrix of fecundities f and survival rates s.

    Equals :func:`scipy.linalg.leslie`.  It is linear in f and s together.

    Parameters
    ----------
    f : array, shape (n,)
    s : array, shape (n - 1,)

    Returns
    -------
    array, shape (n, n)

    Raises
    ------
    ValueError
        Where the lengths do not match.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import leslie
    >>> dr.grad(lambda s: leslie(np.ones(3), s)[2, 1])(np.array([0.5, 0.7]))
    array([0., 1.])
    """
    f, s = np.atleast_1d(f), np.atleast_1d(s)
    stack, n = np.broadcast_shapes(f.shape[:-1], s.shape[:-1]), f.shape[-1]
    if s.shape[-1] != n - 1:
        raise ValueError(f"the lengths of f and s are {n} and {s.shape[-1]}: s has one less")
    f, s = (np.broadcast_to(x, (*stack, x.shape[-1])) for x in (f, s))
    survivors = np.concatenate((np.eye(n - 1) * s[..., None, :], np.zeros((*stack, n - 1, 1))), -1)
    return np.concatenate((f[..., None, :], survivors), -2)


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
    zeros = np.zeros((*a.shape[:-1], n - 1))
    values = np.concatenate((zeros, a[..., ::-1], zeros), -1)
    full = _windows(values, width=n, reverse=True)
    if mode == "full":
        return full
    trim = min(n, a.shape[-1]) - 1
    first = trim if mode == "valid" else trim // 2
    last = full.shape[-2] - (trim if mode == "valid" else trim - first)
    return full[..., first:last, :]


@twin(sla.khatri_rao)
def khatri_rao(a, b):
    """The product of Khatri and Rao: the Kronecker products of matching columns.

    Equals :func:`scipy.linalg.khatri_rao`.  It is linear in each matrix.

    Parameters
    ----------
    a : array, shape (n, k)
    b : array, shape (m, k)

    Returns
    -------
    array, shape (n * m, k)

    Raises
    ------
    ValueError
        Where the numbers of columns differ.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import khatri_rao
    >>> dr.grad(lambda a: khatri_rao(a, np.array([[2.0, 3.0]])).sum())(np.ones((2, 2)))
    array([[2., 3.],
           [2., 3.]])
    """
    if a.shape[-1] != b.shape[-1]:
        raise ValueError(f"the numbers of columns differ: {a.shape[-1]} and {b.shape[-1]}")
    product = a[..., :, None, :] * b[..., None, :, :]
    return product.reshape(*product.shape[:-3], a.shape[-2] * b.shape[-2], a.shape[-1])
