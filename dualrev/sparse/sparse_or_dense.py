"""Whether a solver gets sparse derivatives: the rule, in one place.

Owns when a pattern is sought, and when it pays.  Must not know which solver asks.

By themselves derivatives are sparse where all of this holds:

- x has 300 numbers or more: there, finding the pattern costs as much as one to four dense Jacobians,
  which below is as much as all of a solve;
- a sparse matrix takes at most a quarter of the products of a dense one, which takes as many as it
  has columns, or rows if these are fewer;
- and, so that the matrix itself is handed over as a sparse one, at most a tenth of its entries can
  be other than 0, or a fiftieth where the solver factorizes it;
- and then the factors of a square matrix have at most a fifth of the entries of dense ones: lattices
  of 1000 points are factorized six times as fast as dense matrices, random patterns with 10 entries
  a row five times as slowly.  From 5000 columns on a dense matrix is no alternative.
"""

import numpy as np
import scipy.sparse
from scipy.sparse.linalg import splu

from dualrev.sparse.detection import pattern_of
from dualrev.sparse.preparing import SparseCalls

__all__ = ["LARGE", "SparseMatrix", "sparse_matrix"]

_VARIABLES = 300
_PRODUCTS = 1 / 4
#: How many numbers that depend on all variables the search may meet, or more that depend on fewer:
#: a program of many steps, at the end of which all depends on all, is given up in the time of a dense
#: Jacobian.
_DEPENDENT = 5000
#: Of a matrix that is multiplied with vectors, and of one that is factorized.
_MULTIPLIED, _FACTORIZED = 1 / 10, 1 / 50
_FACTORS = 1 / 5
#: Columns from which on a dense matrix is no alternative.
LARGE = 5000


class SparseMatrix:
    """A matrix of derivatives that takes few products, as ``jacobian(f, sparse=True)`` makes it.

    Attributes
    ----------
    is_sparse : bool
        Whether it is handed over as a csr_array, and not as an array.
    prepared : PreparedMatrix or None
        What makes it at the start; None where that is not known before a first call.
    """

    def __init__(self, calls, is_sparse, prepared=None):
        self._calls = calls
        self.prepared = prepared
        self.is_sparse = is_sparse

    def __call__(self, *args, **kwargs):
        matrix = self._calls(args, kwargs)
        return matrix if self.is_sparse else matrix.toarray()


def sparse_matrix(
    derivative,
    args,
    kwargs,
    sparse,
    *,
    taken=True,
    factorized=False,
    compiled=False,
    least=_VARIABLES,
):
    """The matrix of a derivative made sparsely, or None where that does not pay.

    Parameters
    ----------
    derivative : Derivative
        Named "jacobian" or "hessian".
    args, kwargs
        Of the function, where the solver starts.
    sparse : bool or None
        None for the rule above.
    taken : bool
        Whether the solver takes sparse matrices; a dense one is made of few products too.
    factorized : bool
        Whether it factorizes them.
    compiled : bool
        Whether the products are recorded and replayed.
    least : int
        The number of variables from which on a pattern is sought.
    """
    if sparse is not None and not sparse:
        return None
    mode = "symmetric" if derivative.within == "hessian" else "auto"
    calls = SparseCalls(derivative, mode, compiled)
    if sparse:
        return SparseMatrix(calls, taken)
    variables = np.size(args[derivative.argnums])
    if variables < least:
        return None
    try:
        found = pattern_of(derivative, args, kwargs, limit=_DEPENDENT * variables)
    except Exception:  # what the search for a pattern cannot pass, derivatives, or f itself, may
        return None
    m, n = found.pattern.shape
    share = found.pattern.nnz / max(m * n, 1)
    # Each product gives at most as many entries as the longer side has.
    if share > _PRODUCTS:
        return None
    prepared = calls.prepare(args, kwargs, found)
    if prepared.products > _PRODUCTS * min(m, n):
        return None
    if factorized and taken:
        taken = share <= _FACTORIZED and (m != n or _has_sparse_factors(found.pattern))
    return SparseMatrix(calls, taken and share <= _MULTIPLIED, prepared)


def _has_sparse_factors(pattern):
    """Whether a matrix with this pattern, as 1 - h J is, has.  Costs one factorization of a solve."""
    n = pattern.shape[0]
    if n >= LARGE:
        return True
    dominant = pattern.astype(float) + n * scipy.sparse.eye_array(n)
    return splu(dominant.tocsc()).nnz <= _FACTORS * n**2
