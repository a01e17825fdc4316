"""Decompression: the entries of a sparse matrix, read from its products with the seeds of a colouring.

Owns where each entry is read.  Must not know how the colouring was found, nor how products are made.
"""

from dataclasses import dataclass

import numpy as np

from dualrev.sparse.colouring import alone
from dualrev.sparse.patterns import rows_of, transposed

__all__ = ["plan"]


@dataclass(frozen=True)
class Gather:
    """Each entry is an element of the products: those of the columns, then those of the rows.

    Attributes
    ----------
    index : array of integers (nnz,)
        The element of each entry, in csr order.
    """

    index: np.ndarray

    def entries(self, forward=None, backward=None):
        """The entries (nnz,), in csr order and of the dtype of the products.

        Parameters
        ----------
        forward : array (colours of columns, m), optional
            J s of each seed of the columns.
        backward : array (colours of rows, n), optional
            J^T s of each seed of the rows.
        """
        return _joined(forward, backward)[self.index]


def _joined(forward, backward):
    products = [p.reshape(-1) for p in (forward, backward) if p is not None]
    return products[0] if len(products) == 1 else np.concatenate(products)


def plan(pattern, colouring):
    """How the entries of a pattern are read from products with the seeds of its colouring.

    Parameters
    ----------
    pattern : csr_array (m, n)
        Indices sorted and without duplicates; symmetric where the colouring is.
    colouring : Colouring
        One of the functions of :mod:`dualrev.sparse.colouring`.

    Returns
    -------
    object
        ``entries(forward, backward)``; it pickles.
    """
    m, n = pattern.shape
    rows, columns = rows_of(pattern), pattern.indices.astype(np.int64)
    index = np.full(pattern.nnz, -1)
    if colouring.rows is not None:
        across = transposed(pattern)
        # the entries of the transpose, in the order of the pattern's
        back = np.lexsort((rows_of(across), across.indices))
        read = alone(across, colouring.rows)[back]
        index[read] = (colouring.forward * m + colouring.rows[rows] * n + columns)[read]
    if colouring.columns is not None:
        read = alone(pattern, colouring.columns)
        index[read] = (colouring.columns[columns] * m + rows)[read]
    if index.min(initial=0) < 0:
        raise ValueError("the colouring is not one of this pattern")
    return Gather(index)
