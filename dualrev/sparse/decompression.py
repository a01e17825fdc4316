"""Decompression: the entries of a sparse matrix, read from its products with the seeds of a colouring.

Owns where each entry is read.  Must not know how the colouring was found, nor how products are made.
"""

from dataclasses import dataclass

import numpy as np

from dualrev.sparse.colouring import alone
from dualrev.sparse.patterns import mirrors, rows_of, transposed
from dualrev.sparse.trees import two_coloured_trees

__all__ = ["Direct", "Substitution", "plan"]


def plan(pattern, colouring):
    """How the entries of a pattern are read from products with the seeds of its colouring.

    Parameters
    ----------
    pattern : csr_array (m, n)
        Indices sorted and without duplicates; symmetric where the colouring is.
    colouring : Colouring
        One that was made of this pattern.

    Returns
    -------
    Direct or Substitution
        ``entries(forward, backward)`` of it answers the entries; it pickles.  Of a symmetric matrix an
        entry and its mirror are the same number, whatever the products hold.
    """
    if colouring.kind == "acyclic":
        return _substitution(pattern, colouring)
    m, n = pattern.shape
    rows, columns = rows_of(pattern), pattern.indices.astype(np.int64)
    index = np.full(pattern.nnz, -1)
    if colouring.rows is not None:
        read = np.empty(pattern.nnz, bool)
        read[mirrors(pattern)] = alone(transposed(pattern), colouring.rows)
        index[read] = (colouring.forward * m + colouring.rows[rows] * n + columns)[read]
    if colouring.columns is not None:
        read = alone(pattern, colouring.columns)
        index[read] = (colouring.columns[columns] * m + rows)[read]
    if colouring.kind == "star":
        # the entries above the diagonal where they can be, those below where these are
        mirror = mirrors(pattern)
        index = np.where(index < 0, index[mirror], index)
        index = np.where(rows > columns, index[mirror], index)
    _check((index >= 0).all())
    return Direct(index)


def _check(readable):
    if not readable:
        raise ValueError("the colouring is not one of this pattern")


@dataclass(frozen=True)
class Direct:
    """Each entry is an element of the products.

    Attributes
    ----------
    index : array of integers (nnz,)
        The element of each entry in csr order, among those of J s, then those of J^T s.
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
        products = [p.reshape(-1) for p in (forward, backward) if p is not None]
        elements = products[0] if len(products) == 1 else np.concatenate(products)
        return elements[self.index]


@dataclass(frozen=True)
class Substitution:
    """Each entry off the diagonal is an element of the products, less the entries of a subtree.

    The edges between two colours are trees.  The product with the one colour holds at each vertex of
    the other the sum of the entries of its edges, so that ``entry to the parent = element - entries to
    the children``: elements with alternating signs, summed over the subtree.  Sums over 1, 2, 4, ...
    generations at a time take as many steps as the depth has binary digits.

    No entry is read at a root, which has the most edges of its tree.  Each vertex gives one addition a
    digit of its depth.  Rounding: (number of digits + largest number of children) units in the last
    place of the sum of the magnitudes of the elements of the subtree, at most.  What is not finite
    stays within its tree.

    Attributes
    ----------
    elements : array of integers
        Where the numbers that are summed, and behind them the entries of the diagonal, are in H s.
    steps : list of (array of integers, array of integers)
        Which sum each sum is subtracted from in the first step, and added to in the later ones.
    index : array of integers (nnz,)
        The sum of each entry in csr order.
    """

    elements: np.ndarray
    steps: list[tuple[np.ndarray, np.ndarray]]
    index: np.ndarray

    def entries(self, forward, backward=None):
        """The entries (nnz,), in csr order and of the dtype of the products.

        Parameters
        ----------
        forward : array (colours, n)
            H s of each seed.
        """
        sums = forward.reshape(-1)[self.elements]
        add = np.subtract
        for below, above in self.steps:
            add.at(sums, above, sums[below])
            add = np.add
        return sums[self.index]


def _substitution(pattern, colouring):
    colours = colouring.columns
    rows, columns = rows_of(pattern), pattern.indices
    off = rows != columns
    diagonal = rows[~off]
    _check((colours[columns] >= 0).all() and (colours[rows] != colours[columns])[off].all())
    places, one, other, parent = two_coloured_trees(pattern, colours)
    upwards = parent[one] == other
    _check((upwards | (parent[other] == one)).all())
    index = np.empty(pattern.nnz, np.intp)
    index[off] = np.where(upwards, one, other)
    index[~off] = len(places) + np.arange(len(diagonal))
    elements = np.append(places, colours[diagonal] * pattern.shape[0] + diagonal)
    return Substitution(elements, _steps(parent), index)


def _steps(parent):
    """From each place to that 1, 2, 4, ... generations above, where it has one below the root."""
    count = len(parent)
    above = np.append(parent, count)
    above[above[above] == count] = count
    steps = []
    while len(below := np.nonzero(above != count)[0]):
        steps.append((below, above[below]))
        above = above[above]
    return steps
