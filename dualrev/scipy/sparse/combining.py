"""What sparse matrices make together: sums and products, as numbers and their pattern.

Owns which entries meet.  Must not know the class that holds them, but for its data and pattern.
"""

import numpy as np

from dualrev.scipy.sparse.pattern import (
    Pattern,
    Places,
    gathered,
    ones,
    pattern_of_entries,
    summed,
)

__all__ = ["elementwise_product_of", "joined", "product_of", "sum_of"]


def joined(parts):
    """Vectors one behind the other."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def sum_of(matrices, shape):
    """The sum of matrices in csr, each place once; an array or matrix as the first is."""
    is_array = matrices[0].pattern.is_array
    rows, cols = (joined(axis) for axis in zip(*(matrix.pattern.coords for matrix in matrices)))
    pattern, places = pattern_of_entries(rows, cols, shape, is_array)
    return summed(joined([matrix.data for matrix in matrices]), places=places), pattern


def product_of(a, b):
    """The product of two matrices in csr, each place once: a term for each pair of entries that meet."""
    starts = b.pattern.sample.indptr.astype(np.intp)
    inner = a.pattern.cols
    counts = np.diff(starts)[inner]
    in_a = np.repeat(np.arange(a.nnz), counts)
    first = np.cumsum(counts) - counts  # of the terms of each entry of a
    in_b = np.arange(in_a.size) + np.repeat(starts[inner] - first, counts)
    shape = a.shape[0], b.shape[1]
    rows, cols = a.pattern.rows[in_a], b.pattern.cols[in_b]
    pattern, places = pattern_of_entries(rows, cols, shape, is_array=a.pattern.is_array)
    return summed(_terms(a, in_a, b, in_b), places=places), pattern


def elementwise_product_of(a, b):
    """That of two matrices in csr, each place once: it has entries where both have."""
    keys = [m.pattern.rows * m.shape[1] + m.pattern.cols for m in (a, b)]
    _, in_a, in_b = np.intersect1d(*keys, assume_unique=True, return_indices=True)
    coords = a.pattern.rows[in_a], a.pattern.cols[in_a]
    sample = type(a.pattern.sample)((ones(in_a.size), coords), a.shape)
    return _terms(a, in_a, b, in_b), Pattern(sample)


def _terms(a, in_a, b, in_b):
    """Products of entries of two matrices."""
    return gathered(a.data, places=Places(in_a, a.nnz)) * gathered(
        b.data, places=Places(in_b, b.nnz)
    )
