"""Patterns: scipy.sparse.csr_array (m, n) whose stored entries count, whatever their values.

Owns what is made of their indices, which are sorted and without duplicates.  Must not know colours.
"""

import numpy as np
from scipy.sparse import csr_array, eye_array

from dualrev import errors
from dualrev.calls import noun_of

__all__ = [
    "blocks",
    "booleans",
    "given",
    "is_small",
    "kept",
    "mirrors",
    "numbered",
    "rows_of",
    "stored",
    "transposed",
    "with_diagonal",
    "without_diagonal",
]


def given(x):
    """A pattern as a user gives it, sparse or dense, of which stored entries count: a copy."""
    numbers = isinstance(x, np.ndarray) and x.dtype.kind in "fciub"
    try:
        pattern = csr_array(x != 0 if numbers else x, copy=True)
    except (TypeError, ValueError):
        pattern = None
    if pattern is None or pattern.ndim != 2:
        raise errors.ArgumentError(
            f"The pattern is {noun_of(x)}, which is no matrix.",
            fix="give a sparse matrix, or an array with two axes",
        )
    pattern.sum_duplicates()
    return pattern


def rows_of(pattern):
    """The row of each entry (nnz,)."""
    return np.repeat(np.arange(pattern.shape[0]), np.diff(pattern.indptr))


def stored(matrix):
    """The pattern of the stored entries of a matrix, sorted."""
    matrix = matrix.tocsr()
    matrix.sort_indices()
    return booleans(matrix)


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


def with_diagonal(pattern):
    """The pattern with all of its diagonal."""
    return booleans((booleans(pattern) + eye_array(pattern.shape[0], dtype=bool)).tocsr())


def is_small(size, keys):
    """Whether a table of a size costs little beside the keys that are looked up in it."""
    return size <= 8 * len(keys) + 1000


def numbered(keys, size):
    """The distinct keys, integers below a size, in rising order; and the number of each key in them."""
    if not is_small(size, keys):
        return np.unique(keys, return_inverse=True)
    met = np.zeros(size, bool)
    met[keys] = True
    return np.flatnonzero(met), (np.cumsum(met) - 1)[keys]


#: A side of a picture is not shrunk below this many blocks, or those of a long row were one.
_SHORTEST = 8


def blocks(pattern, height, width):
    """How many entries are in each block, and places: two arrays (rows, columns) of blocks.

    The fewest blocks of one size, about as high as wide, of which height x width hold the pattern.
    """
    size = max(pattern.shape[0] / height, pattern.shape[1] / width, 1)
    sides = [min(n, max(round(n / size), _SHORTEST)) for n in pattern.shape]
    places = [
        np.arange(n, dtype=np.int64) * side // max(n, 1) for n, side in zip(pattern.shape, sides)
    ]
    rows, columns = places[0][rows_of(pattern)], places[1][pattern.indices]
    counts = np.bincount(rows * sides[1] + columns, minlength=sides[0] * sides[1]).reshape(sides)
    return counts, np.outer(*(np.bincount(p, minlength=k) for p, k in zip(places, sides)))
