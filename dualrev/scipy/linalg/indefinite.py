"""The factors of symmetric and Hermitian matrices that are not definite: ldl.

Must not know how pivots are chosen.
"""

import numpy as np
import scipy.linalg as sla

from dualrev.core.guarded import guarded_product
from dualrev.core.words import constant
from dualrev.known import with_answer
from dualrev.rules.matrices import adjoint
from dualrev.rules.triangles import mirrored
from dualrev.scipy.by_push import by_push
from dualrev.scipy.linalg.operands import scipys_stacks, value_of
from dualrev.scipy.linalg.permutations import rows_of, undone
from dualrev.scipy.twin import least_dimensions, twin
from dualrev.ways import stacked

__all__ = ["ldl"]

# A = L D L^H, the rows of L in the order of the pivots, D of blocks of order 1 and 2.  With
# F = L^-1 dA L^-H, dD is the blocks of F, and L^-1 dL = G what is below them of F, times D^-1.  The
# upper form is the same with rows and columns in reverse order.


def _is_within(d):
    """Where an element is within the blocks of d."""
    n = d.shape[-1]
    coupled = (d != 0) & ~np.eye(n, dtype=bool)
    return np.eye(n, dtype=bool) | coupled | coupled.mT


def _inverse_of_blocks(d):
    """D^-1, and where a column of it is unknown: nan for it."""
    block = np.where(_is_within(d), np.abs(d), 0)
    size = np.max(block, -1)
    eps = 10 * d.shape[-1] * np.finfo(d.dtype).eps
    singular = size <= eps * np.max(size, -1, keepdims=True, initial=0)
    return np.where(singular, np.nan, 0.0)


_is_within = constant(_is_within, batch=stacked(2))
_inverse_of_blocks = constant(_inverse_of_blocks, batch=stacked(2))


def _ldl_push(tangents, ans, a, lower=True, hermitian=True):
    """dL = L G, dD = the blocks of F."""
    (t,) = tangents
    factor, d = ans
    turned = adjoint if hermitian else _transpose
    inverse = np.linalg.inv(factor)
    inner = inverse @ t @ turned(inverse)
    within = _is_within(d)
    beside = np.tril(np.where(within, 0, inner)) if lower else np.triu(np.where(within, 0, inner))
    lost = _inverse_of_blocks(d)[..., None, :]
    known = np.where(np.isnan(lost), np.eye(d.shape[-1]), d)
    beside = guarded_product(beside, 1 + lost) @ np.linalg.inv(known)
    return factor @ beside, np.where(within, inner, 0)


def _transpose(x):
    return x.mT


_ldl = by_push(
    lambda a, lower=True, hermitian=True: sla.ldl(a, lower, hermitian)[:2],
    _ldl_push,
    batch=scipys_stacks(2),
    name="ldl",
)
_value_of_ldl = value_of(sla.ldl)


@twin(sla.ldl, check=least_dimensions(2))
def ldl(A, *, lower, hermitian, check_finite):
    """The factors of ``a = l @ d @ l^H``: l a triangle, rows exchanged, d of blocks of order 1 and 2.

    Equals :func:`scipy.linalg.ldl`.  The derivative is that for fixed pivots: with ``f = l^-1 da
    l^-H``, dd is the blocks of f, and ``l^-1 dl`` what is below them, times ``d^-1``.  The triangle
    that is read counts for both, the other has none.

    Parameters
    ----------
    A : array, shape (n, n)
    lower : bool
    hermitian : bool
        Whether a complex A is Hermitian, or symmetric: ``a = l @ d @ l^T``.
    check_finite
        As in SciPy.
    overwrite_a
        Ignored.

    Returns
    -------
    lu, d : array, shape (n, n)
    perm : array of int, shape (n,)
        The order of rows that makes lu a triangle.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import ldl
    >>> dr.grad(lambda a: ldl(a)[1][1, 1])(np.array([[2.0, 1.0], [1.0, 3.0]]))
    array([[ 0.25,  0.  ],
           [-1.  ,  1.  ]])
    """
    factor, d, order = _value_of_ldl(A, lower=lower, hermitian=hermitian, check_finite=check_finite)
    # LAPACK reads one triangle: that of the reordered matrix is in both.
    whole = mirrored(A, lower=lower, conjugate=hermitian)
    reordered = rows_of(rows_of(whole, order).mT, order).mT
    value = rows_of(factor, order), d
    triangle, d = with_answer(value, _ldl, reordered, lower=lower, hermitian=hermitian)
    return rows_of(triangle, undone(order)), d, order
