"""Triangular factorizations: cholesky, cho_factor, lu, lu_factor, qr.

Must not know singular values or eigenvalues.
"""

import numpy as np
import scipy.linalg as sla

from dualrev.core.operands import base_of
from dualrev.core.primitive import RULES
from dualrev.core.words import constant, rule
from dualrev.errors import no_rule
from dualrev.known import with_answer
from dualrev.rules.decompositions import lower_inverse
from dualrev.scipy.linalg.operands import like_numpy, scipys_stacks, value_of
from dualrev.scipy.linalg.permutations import order_of, rows_of, undone
from dualrev.scipy.twin import least_dimensions, twin
from dualrev.ways import stacked

__all__ = ["cho_factor", "cholesky", "lu", "lu_factor", "qr"]

# ------------------------------------------------------------------------------------- cholesky

_CHOLESKY = RULES[np.linalg.cholesky]


def _factor_of(c, lower, clean):
    """The factor alone, without what cho_factor leaves in the other triangle."""
    if clean:
        return c
    return np.tril(c) if lower else np.triu(c)


#: Whether cho_factor leaves the other triangle as it was: SciPy up to 1.17; since then it is 0.
_LEAVES_OTHER = bool(sla.cho_factor(np.array([[1.0, 0.5], [0.5, 1.0]]), lower=True)[0][0, 1])


def _left(a, lower):
    """What cho_factor leaves of a in the other triangle."""
    if not _LEAVES_OTHER:
        return 0.0
    return np.triu(a, 1) if lower else np.tril(a, -1)


def _cholesky_jvp(tangents, ans, a, lower=False, clean=True, check_finite=True):
    factor = _factor_of(ans, lower, clean)
    t = _CHOLESKY.jvp(tangents, factor, (a,), {"upper": not lower})
    return t if clean else t + _left(tangents[0], lower)


def _cholesky_vjp(ct, wanted, ans, a, lower=False, clean=True, check_finite=True):
    factor, ct_factor = _factor_of(ans, lower, clean), _factor_of(ct, lower, clean)
    (pulled,) = _CHOLESKY.vjp(ct_factor, factor, (a,), {"upper": not lower}, (True,))
    return (pulled if clean else pulled + _left(ct, lower),)


def _cholesky_value(a, lower=False, clean=True, check_finite=True):
    if clean:
        return sla.cholesky(a, lower, False, check_finite)
    return sla.cho_factor(a, lower, False, check_finite)[0]


_cholesky = rule(
    _cholesky_value, _cholesky_jvp, _cholesky_vjp, batch=scipys_stacks(2), name="cholesky"
)


@twin(sla.cholesky, check=least_dimensions(2))
def cholesky(a, **options):
    """The triangular factor of a positive definite matrix: ``u^H @ u``, or ``l @ l^H``.

    Equals :func:`scipy.linalg.cholesky`: the upper factor by default.  The derivative is that of
    Murray (2016, eqs. 8 and 10); the triangle that is read counts for both, the other has none.

    Parameters
    ----------
    a : array, shape (..., n, n)
    lower, check_finite
        As in SciPy.
    overwrite_a
        Ignored.

    Returns
    -------
    array, shape (..., n, n)

    Raises
    ------
    LinAlgError
        Where a is not positive definite.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import cholesky
    >>> dr.grad(lambda a: cholesky(a)[0, 0])(4 * np.eye(2))
    array([[0.25, 0.  ],
           [0.  , 0.  ]])
    """
    return _cholesky(a, **options)


@twin(sla.cho_factor, check=least_dimensions(2))
def cho_factor(a, *, lower, check_finite):
    """The triangular factor of a positive definite matrix, in the form that cho_solve takes.

    Equals :func:`scipy.linalg.cho_factor`.  The derivative is that of ``cholesky``; the other
    triangle of c is that of a, and zero since SciPy 1.18.

    Parameters
    ----------
    a : array, shape (..., n, n)
    lower, check_finite
        As in SciPy.
    overwrite_a
        Ignored.

    Returns
    -------
    c : array, shape (..., n, n)
    lower : bool

    Raises
    ------
    LinAlgError
        Where a is not positive definite.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import cho_factor
    >>> dr.grad(lambda a: cho_factor(a)[0][0, 0])(np.array([[4.0]]))
    array([[0.25]])
    """
    # SciPy 1.18 answers an array of bools, one a matrix.
    _, flag = sla.cho_factor(np.ones((*a.shape[:-2], 1, 1)), lower)
    return _cholesky(a, lower=lower, clean=False, check_finite=check_finite), flag


# ------------------------------------------------------------------------------------------- lu
# de Hoog, Anderssen and Lukas (2011), "Differentiation of matrix functionals using triangular
# factorization", Math. Comp. 80: with F = L^-1 dA U^-1, dL = L tril(F, -1) and
# dU = triu(F) U = triu(L^-1 dA - tril(F, -1) U); the rows below a square L, and the columns beside a
# square U, by the product rule.  A square matrix may be singular in its last pivot: tril(F, -1) is
# free of it.


def _halves(x):
    """Both factors' parts of packed factors, (m, k) and (k, n)."""
    k = min(x.shape[-2:])
    return np.tril(x[..., :k], -1), np.triu(x[..., :k, :])


def _inverse_value(a):
    if a.ndim > 2 or not a.size:
        return lower_inverse(a)
    # A fifth of the time of NumPy's functions, a quarter of that of n triangular solutions.
    (trtri,) = sla.get_lapack_funcs(("trtri",), (a,))
    inverse, singular = trtri(a, lower=True)
    return np.full_like(a, np.nan) if singular else inverse


_lower_inverse = like_numpy(_inverse_value, lower_inverse, batch=stacked(2))


def _inverses(packed, square):
    """L^-1 and U^-1 of the leading square; the last pivot counts as 1 where nothing divides by it."""
    k = min(packed.shape[-2:])
    lower, upper = _halves(packed[..., :k, :k])
    if square and k:
        last = np.arange(k) == k - 1
        upper = np.where(last & last[:, None], 1, upper)
    return _lower_inverse(lower + np.eye(k)), _lower_inverse(upper.mT).mT


def _packed_jvp(tangents, ans, a):
    """[dL | dU] as they are packed."""
    (t,) = tangents
    k = min(a.shape[-2:])
    lower, upper = _halves(ans)
    lower_inv, upper_inv = _inverses(ans, square=a.shape[-2] <= k)
    pushed = lower_inv @ t[..., :k, :k]
    inner = pushed @ upper_inv
    below = np.tril(inner, -1)
    packed = below + lower[..., :k, :] @ below + np.triu(pushed - below @ upper[..., :k])
    if a.shape[-2] > k:
        rest = t[..., k:, :] @ upper_inv - lower[..., k:, :] @ np.triu(inner)
        return np.concatenate((packed, rest), -2)
    if a.shape[-1] > k:
        rest = lower_inv @ t[..., k:] - below @ upper[..., k:]
        return np.concatenate((packed, rest), -1)
    return packed


# Up to this size the whole product is cheaper than the recursion.
_BLOCK = 64


def _packed_vjp(ct, wanted, ans, a):
    """The transpose of the above, by halves: a quarter of the products that the whole takes."""
    return (_packed_pull(ans, ct),)


def _packed_pull(packed, ct):
    """A* = L^-T (U* + tril(L^T L* - U* U^T, -1) U^-T) of a small square; else, in blocks, those of
    U12 = L11^-1 A12, L21 = A21 U11^-1 and L22 U22 = A22 - L21 U12, backwards
    """
    k = min(packed.shape[-2:])
    m = k if k <= _BLOCK else k // 2
    first, above = packed[..., :m, :m], packed[..., :m, m:]
    below, second = packed[..., m:, :m], packed[..., m:, m:]
    lower_inv, upper_inv = _inverses(first, square=packed.shape[-2] <= m)
    if packed.shape[-2:] == (m, m):
        lower, upper = _halves(first)
        ct_lower, ct_upper = _halves(ct)
        inner = np.tril(ct_lower + lower.mT @ ct_lower - ct_upper @ upper.mT, -1)
        return lower_inv.mT @ (ct_upper + inner @ upper_inv.mT)
    ct22 = ct[..., m:, m:]
    if ct22.size:
        ct22 = _packed_pull(second, ct22)
    ct12 = lower_inv.mT @ (ct[..., :m, m:] - below.mT @ ct22)
    ct21 = (ct[..., m:, :m] - ct22 @ above.mT) @ upper_inv.mT
    ct11 = ct[..., :m, :m] - np.tril(ct12 @ above.mT, -1) - np.triu(below.mT @ ct21)
    ct11 = _packed_pull(first, ct11)
    left, right = np.concatenate((ct11, ct21), -2), np.concatenate((ct12, ct22), -2)
    return np.concatenate((left, right), -1)


# The factors of a matrix whose rows are in the order of the pivots already: both in one array.
_packed = rule(
    lambda a: sla.lu_factor(a)[0],
    _packed_jvp,
    _packed_vjp,
    batch=scipys_stacks(2),
    name="lu_factor",
)


_value_of_lu_factor = value_of(sla.lu_factor)


@twin(sla.lu_factor, check=least_dimensions(2))
def lu_factor(a, *, check_finite):
    """The factors of a matrix with rows exchanged, in the form that lu_solve takes.

    Equals :func:`scipy.linalg.lu_factor`.  The derivative is that for fixed pivots (de Hoog,
    Anderssen and Lukas 2011) and costs six products of matrices.

    Parameters
    ----------
    a : array, shape (m, n)
    check_finite
        As in SciPy.
    overwrite_a
        Ignored.

    Returns
    -------
    lu : array, shape (m, n)
        The upper factor and, below the diagonal, the lower one.
    piv : array of int, shape (min(m, n),)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import lu_factor
    >>> dr.grad(lambda a: lu_factor(a)[0][1, 1])(np.array([[2.0, 1.0], [1.0, 3.0]]))
    array([[ 0.25, -0.5 ],
           [-0.5 ,  1.  ]])
    """
    packed, piv = _value_of_lu_factor(a, check_finite=check_finite)
    return with_answer(packed, _packed, rows_of(a, order_of(piv, a.shape[-2]))), piv


def _packed_and_order(a, check_finite):
    order, lower, upper = sla.lu(a, p_indices=True, check_finite=check_finite)
    k = min(a.shape[-2:])
    packed = np.zeros(a.shape, upper.dtype)
    packed[..., :k] = np.tril(lower, -1)
    packed[..., :k, :] += upper
    return packed, order


_packed_and_order = constant(_packed_and_order, batch=stacked(2))


@twin(sla.lu)
def lu(a, *, permute_l, check_finite, p_indices):
    """The factors of ``a = p @ l @ u``: a permutation, a unit lower and an upper triangle.

    Equals :func:`scipy.linalg.lu`.  The derivative is that for fixed pivots (de Hoog, Anderssen and
    Lukas 2011) and costs six products of matrices.

    Parameters
    ----------
    a : array, shape (..., m, n)
    permute_l, p_indices, check_finite
        As in SciPy.
    overwrite_a
        Ignored.

    Returns
    -------
    p : array, shape (..., m, m), or (..., m) with ``p_indices``
        Left out with ``permute_l``.
    l : array, shape (..., m, min(m, n))
        ``p @ l`` with ``permute_l``.
    u : array, shape (..., min(m, n), n)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import lu
    >>> dr.grad(lambda a: lu(a)[2][1, 1])(np.array([[2.0, 1.0], [1.0, 3.0]]))
    array([[ 0.25, -0.5 ],
           [-0.5 ,  1.  ]])
    """
    packed, order = _packed_and_order(a, check_finite=check_finite)
    packed = with_answer(packed, _packed, rows_of(a, undone(order)))
    lower, upper = _halves(packed)
    rows = a.shape[-2]
    lower = lower + np.eye(*lower.shape[-2:], dtype=lower.dtype)
    if permute_l:
        return rows_of(lower, order), upper
    if not p_indices:
        order = (order[..., None] == np.arange(rows)).astype(packed.real.dtype)
    return order, lower, upper


# ------------------------------------------------------------------------------------------- qr


_value_of_qr = value_of(sla.qr)


@twin(sla.qr)
def qr(a, *, lwork, mode, pivoting, check_finite):
    """The factors of ``a = q @ r``: orthonormal columns and an upper triangle.

    Equals :func:`scipy.linalg.qr`.  The derivative is that of Walter and Lehmann (2010, section
    3.1); with ``pivoting``, for fixed pivots.

    Parameters
    ----------
    a : array, shape (..., m, n)
    mode : {"full", "r", "economic", "raw"}
    pivoting, check_finite
        As in SciPy.
    overwrite_a, lwork
        Ignored.

    Returns
    -------
    q : array, shape (..., m, m), or (..., m, min(m, n)) with mode "economic"
        Left out with mode "r".
    r : array, shape (..., m, n), or (..., min(m, n), n) with mode "economic"
    p : array of int, shape (n,)
        With ``pivoting``.

    Raises
    ------
    MissingRuleError
        With mode "full" for m > n, where a derivative is taken: the other columns of q are any
        basis of what is left.  With mode "raw".

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import qr
    >>> dr.grad(lambda a: qr(a, mode="economic")[1][0, 0])(np.array([[3.0], [4.0]]))
    array([[-0.6],
           [-0.8]])
    """
    options = {"pivoting": pivoting, "check_finite": check_finite}
    rows, columns = a.shape[-2:]
    if mode == "raw" or (mode in ("full", "qr") and rows > columns):
        raise no_rule(
            f"scipy.linalg.qr with mode={mode!r} for a matrix of shape ({rows}, {columns})",
            "use mode='economic': the other columns of q are any basis of what is left",
        )
    if mode not in ("full", "qr", "r", "economic"):
        return sla.qr(base_of(a), mode=mode, **options)  # SciPy's own error
    q, r, *order = _value_of_qr(a, mode="economic", **options)
    if order:
        a = rows_of(a.mT, order[0]).mT
    # SciPy's factors, to serve every mode and pivoting, with NumPy's derivatives.
    q, r = with_answer((q, r), np.linalg.qr, a)
    if mode == "r":
        if rows > columns:
            below = np.zeros((*r.shape[:-2], rows - columns, columns), r.dtype)
            r = np.concatenate((r, below), -2)
        return (r, *order)
    return (q, r, *order)
