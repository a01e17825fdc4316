"""Matrices of a structure: block_diag, companions, diagsvd, leslie, khatri_rao.

Must not know equations.
"""

from typing import Any

import numpy as np
import scipy.linalg as sla

from dualrev.core.operands import as_operand
from dualrev.core.words import linear
from dualrev.scipy.by_program import by_program
from dualrev.scipy.linalg.operands import VECTOR_STACKS, scipys_stacks
from dualrev.scipy.twin import least_dimensions, twin
from dualrev.ways import stacked

__all__ = [
    "block_diag",
    "companion",
    "diagsvd",
    "fiedler",
    "fiedler_companion",
    "khatri_rao",
    "leslie",
]


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
    if not VECTOR_STACKS:
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
    shifted = np.eye(a.shape[-1] - 2, a.shape[-1] - 1, dtype=first.dtype)
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
    none = np.zeros((*stack, n - 1, 1), s.dtype)
    survivors = np.concatenate((np.eye(n - 1, dtype=s.dtype) * s[..., None, :], none), -1)
    return np.concatenate((f[..., None, :], survivors), -2)


@twin(sla.khatri_rao, check=least_dimensions(2))
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
