"""Pattern: where the entries of a sparse matrix are; and the linear primitives over its numbers.

Owns the product of a sparse matrix and a dense one, differentiable by both.  Must not know what a
sparse matrix of traced numbers looks like to a user.
"""

import copy
import functools
import math
from typing import Any

import numpy as np
import scipy.sparse

from dualrev.core.words import linear
from dualrev.ways import columns, stacked

__all__ = [
    "Pattern",
    "Places",
    "gathered",
    "ones",
    "pattern_of_entries",
    "product",
    "sampled",
    "summed",
]

# Numbers of a dense matrix that are gathered at a time: they stay in the cache.
_BLOCK = 64 * 1024


class Places:
    """Where the elements of one vector are in another of a given length; some may share a place."""

    __slots__ = ("index", "size")

    def __init__(self, index, size):
        self.index = index
        self.size = size


def _sum(x, places):
    if x.ndim > 1:  # of all vectors of a stack one vector
        stack = x.shape[:-1]
        count, size = math.prod(stack), places.size
        index = np.arange(0, count * size, size)[:, None] + places.index
        every = Places(index.reshape(-1), count * size)
        return _sum(x.reshape(-1), every).reshape(*stack, size)
    if x.dtype.kind == "c":
        return _sum(x.real, places) + 1j * _sum(x.imag, places)
    if x.dtype.char == "g":  # np.bincount adds in double precision
        total = np.zeros(places.size, x.dtype)
        np.add.at(total, places.index, x)
        return total
    return np.bincount(places.index, x, places.size).astype(x.dtype, copy=False)


gathered: Any = linear(
    lambda x, places: x[..., places.index],
    lambda ct, x, places: summed(ct, places=places),
    batch=stacked(1),
    name="gathered",
)

summed: Any = linear(_sum, lambda ct, x, places: gathered(ct, places=places), batch=stacked(1))


class Pattern:
    """The entries of a matrix of SciPy's, in their order, without their numbers.

    Parameters
    ----------
    sample : sparse matrix
        In csr, csc or coo format, where a transposition leaves the order of the entries as it is.
    """

    def __init__(self, sample):
        self.sample = sample
        self.shape = sample.shape
        self.format = sample.format
        self.size = sample.data.size

    @property
    def is_array(self):
        """Whether the matrix is a `*_array`, and no `*_matrix`."""
        return isinstance(self.sample, scipy.sparse.sparray)

    def fill(self, data):
        """SciPy's matrix with these numbers."""
        filled = copy.copy(self.sample)
        filled.data = np.ascontiguousarray(data)  # SuperLU takes no other
        return filled

    @functools.cached_property
    def T(self):
        """The pattern of the transpose."""
        transpose = Pattern(self.sample.T)
        transpose.T = self
        return transpose

    @property
    def coords(self):
        """Rows and columns of the entries, in an integer dtype of SciPy's choice."""
        sample = self.sample
        if self.format == "coo":
            return sample.coords
        counts = np.diff(sample.indptr)
        expanded = np.repeat(np.arange(counts.size, dtype=sample.indices.dtype), counts)
        return (expanded, sample.indices)[:: 1 if self.format == "csr" else -1]

    @functools.cached_property
    def rows(self):
        """Row of each entry."""
        return self.coords[0].astype(np.intp)

    @functools.cached_property
    def cols(self):
        """Column of each entry."""
        return self.coords[1].astype(np.intp)


def _product(data, x, pattern):
    return pattern.fill(data) @ x


def _sampled(y, x, pattern):
    """``(y @ x.T)`` at the entries of the pattern, without the rest of it."""
    if y.ndim > 1:
        return _sampled_from_matrices(y, x, pattern)
    if pattern.format == "csc":
        return _sampled(x, y, pattern.T)
    taken = np.empty(pattern.size, np.result_type(y, x))
    sample = pattern.sample
    if pattern.format == "coo":
        for block in _blocks(pattern.size, 1):
            rows, cols = (of_axis[block] for of_axis in sample.coords)
            np.multiply(np.take(y, rows), np.take(x, cols), out=taken[block])
        return taken
    counts = np.diff(sample.indptr)
    for rows in _blocks(counts.size, pattern.size / max(1, counts.size)):
        start, stop = sample.indptr[rows.start], sample.indptr[rows.stop]
        spread = np.repeat(y[rows], counts[rows])
        np.multiply(spread, np.take(x, sample.indices[start:stop]), out=taken[start:stop])
    return taken


def _sampled_from_matrices(y, x, pattern):
    rows, cols = pattern.coords
    taken = np.empty(pattern.size, np.result_type(y, x))
    for block in _blocks(pattern.size, y.shape[1]):
        # take, not y[rows]: a third of the time
        factors = np.take(y, rows[block], axis=0), np.take(x, cols[block], axis=0)
        np.einsum("ij,ij->i", *factors, out=taken[block])
    return taken


def _blocks(count, width):
    """Slices of a range, of so many items of this width that they stay in the cache."""
    step = max(1, int(_BLOCK / max(1, width)))
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]


# <ct, A(data) x> = <data, sampled(ct, x)>: each is linear in both of its arguments, and the
# transposes of one are the other, so that derivatives exist in any order.
product: Any = linear(
    _product,
    lambda ct, data, x, pattern: sampled(ct, x, pattern=pattern),
    lambda ct, data, x, pattern: product(data, ct, pattern=pattern.T),
    batch=columns,
    name="product",
)
sampled: Any = linear(
    _sampled,
    lambda ct, y, x, pattern: product(ct, x, pattern=pattern),
    lambda ct, y, x, pattern: product(ct, y, pattern=pattern.T),
    name="product",
)


def pattern_of_entries(rows, cols, shape, is_array):
    """The pattern in csr of entries in any order, and the place of each in it."""
    dtype = np.int32 if rows.size < 2**31 else np.int64
    coo = scipy.sparse.coo_array((np.arange(rows.size, dtype=dtype), (rows, cols)), shape)
    coo.has_canonical_format = True  # leaves numbers at the same place apart
    csr = coo.tocsr()
    csr.sort_indices()
    order, indices, indptr = csr.data, csr.indices, csr.indptr
    is_new = np.ones(order.size, bool)
    np.not_equal(indices[1:], indices[:-1], out=is_new[1:])
    is_new[indptr[:-1][np.diff(indptr) > 0]] = True  # the first of each row
    count = np.cumsum(is_new, dtype=dtype)
    place = np.empty(order.size, np.intp)
    place[order] = count - 1
    starts = np.concatenate([np.zeros(1, dtype), count])[indptr]
    make = scipy.sparse.csr_array if is_array else scipy.sparse.csr_matrix
    sample = make((ones(starts[-1]), indices[is_new], starts), shape)
    sample.has_canonical_format = True
    return Pattern(sample), Places(place, sample.data.size)


def ones(*shape):
    """Numbers for a sample, without memory."""
    return np.broadcast_to(1.0, shape)
