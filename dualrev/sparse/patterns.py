"""Patterns: scipy.sparse.csr_array (m, n) whose stored entries count, whatever their values.

Owns what is made of their indices, which are sorted and without duplicates.  Must not know colours.
"""

import numpy as np
from scipy.sparse import csr_array

__all__ = ["booleans", "kept", "mirrors", "rows_of", "transposed", "without_diagonal"]


def rows_of(pattern):
    """The row of each entry (nnz,)."""
    return np.repeat(np.arange(pattern.shape[0]), np.diff(pattern.indptr))


def booleans(pattern):
    """The same pattern, all of whose values are true: a sum of them is never 0 and dropped."""
    ones = np.ones(pattern.nnz, bool)
    return csr_array((ones, pattern.indices, pattern.indptr), shape=pattern.shape)


def transposed(pattern):
    """The pattern (n, m) of the transpose."""
    return booleans(pattern).T.tocsr()


def mirrors(pattern):
    """The places (nnz,) of the entries of the transpose, in its order, among those of the pattern."""
    places = np.arange(pattern.nnz)
    numbered = csr_array((places, pattern.indices, pattern.indptr), shape=pattern.shape)
    return numbered.T.tocsr().data


def kept(pattern, entries):
    """The pattern with some of its entries only, told by a mask (nnz,)."""
    starts = np.concatenate([[0], np.cumsum(entries)])[pattern.indptr]
    indices = pattern.indices[entries]
    return csr_array((np.ones(len(indices), bool), indices, starts), shape=pattern.shape)


def without_diagonal(pattern):
    """The pattern without its diagonal: the graph of which it is the adjacency."""
    return kept(pattern, pattern.indices != rows_of(pattern))
