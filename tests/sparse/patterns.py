"""Patterns that colourings are tried on, and the products of matrices that have them."""

import hypothesis.strategies as st
import numpy as np
from scipy.sparse import csr_array

from dualrev.sparse.colouring import seeds


def pattern_of(rows, columns, shape):
    """The pattern with these entries, csr with sorted indices."""
    met = csr_array((np.ones(len(rows), bool), (rows, columns)), shape=shape)
    met.sum_duplicates()
    met.sort_indices()
    return met


def of_dense(dense):
    rows, columns = np.nonzero(dense)
    return pattern_of(rows, columns, np.shape(dense))


def banded(n, offsets, periodic=False):
    rows = np.repeat(np.arange(n), len(offsets))
    columns = rows + np.tile(offsets, n)
    if periodic:
        return pattern_of(rows, columns % n, (n, n))
    inside = (columns >= 0) & (columns < n)
    return pattern_of(rows[inside], columns[inside], (n, n))


def arrowhead(n):
    first, rest = np.zeros(n, int), np.arange(1, n)
    rows = np.concatenate([first, rest, rest])
    columns = np.concatenate([np.arange(n), rest * 0, rest])
    return pattern_of(rows, columns, (n, n))


def grid(*lengths):
    """Each point of a grid and its neighbours along the axes."""
    n = int(np.prod(lengths))
    points = np.arange(n).reshape(lengths)
    rows, columns = [points.ravel()], [points.ravel()]
    for axis in range(len(lengths)):
        low = points.take(range(lengths[axis] - 1), axis).ravel()
        high = points.take(range(1, lengths[axis]), axis).ravel()
        rows += [low, high]
        columns += [high, low]
    return pattern_of(np.concatenate(rows), np.concatenate(columns), (n, n))


NAMED = {
    "of no size": of_dense(np.zeros((0, 0))),
    "without rows": of_dense(np.zeros((0, 4))),
    "without columns": of_dense(np.zeros((4, 0))),
    "of one entry": of_dense([[1]]),
    "of one empty place": of_dense([[0]]),
    "empty": of_dense(np.zeros((3, 5))),
    "diagonal": banded(6, [0]),
    "dense": of_dense(np.ones((5, 5))),
    "dense and wide": of_dense(np.ones((3, 6))),
    "tridiagonal": banded(12, [-1, 0, 1]),
    "tridiagonal and periodic": banded(13, [-1, 0, 1], periodic=True),
    "pentadiagonal and periodic": banded(17, [-2, -1, 0, 1, 2], periodic=True),
    "bidiagonal": banded(9, [0, 1]),
    "a path without diagonal": banded(9, [-1, 1]),
    "a circle without diagonal": banded(8, [-1, 1], periodic=True),
    "an arrowhead": arrowhead(9),
    "a grid": grid(7, 6),
    "a grid in three dimensions": grid(3, 4, 3),
    "a long row": of_dense(np.vstack([np.ones(8), np.eye(8), np.zeros(8)])),
    "a long column": of_dense(np.hstack([np.ones((8, 1)), np.eye(8), np.zeros((8, 1))])),
}
SYMMETRIC = {
    name: pattern
    for name, pattern in NAMED.items()
    if pattern.shape[0] == pattern.shape[1] and (pattern != pattern.T).nnz == 0
}


@st.composite
def patterns(draw, symmetric=False):
    """Random ones, with empty and with dense rows and columns."""
    m, n = draw(st.integers(0, 9)), draw(st.integers(0, 9))
    if symmetric:
        m = n
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dense = rng.random((m, n)) < draw(st.sampled_from([0.1, 0.2, 0.4, 0.8]))
    for value in (False, True):
        dense[rng.random(m) < draw(st.sampled_from([0, 0.2]))] = value
        dense[:, rng.random(n) < draw(st.sampled_from([0, 0.2]))] = value
    if symmetric:
        dense |= dense.T
        dense[np.arange(n), np.arange(n)] = rng.random(n) < draw(st.sampled_from([0, 0.5, 1]))
    return of_dense(dense)


def integers_on(pattern, rng, dtype=float, symmetric=False):
    """A random matrix with this pattern; its sums are exact in the dtype."""
    data = rng.integers(-9, 10, pattern.nnz).astype(dtype)
    if np.issubdtype(dtype, np.complexfloating):
        data += 1j * rng.integers(-9, 10, pattern.nnz)
    dense = np.zeros(pattern.shape, dtype)
    dense[pattern.nonzero()] = data
    if symmetric:
        dense = np.tril(dense) + np.tril(dense, -1).T
    return dense


def products(dense, colouring):
    """What the decompression reads: J s and J^T s of all seeds, in the dtype of the matrix."""
    forward = backward = None
    if colouring.columns is not None:
        forward = seeds(colouring.columns, dense.dtype) @ dense.T
    if colouring.rows is not None:
        backward = seeds(colouring.rows, dense.dtype) @ dense
    return forward, backward
