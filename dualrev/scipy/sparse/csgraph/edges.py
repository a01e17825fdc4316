"""Edges: the weights of a graph, dense or sparse, and where they stand.

Must not know what is found in a graph.
"""

from typing import Any

import numpy as np
import scipy.sparse

from dualrev.core.operands import as_operand
from dualrev.errors import no_rule
from dualrev.scipy.each_row import numbers_under
from dualrev.scipy.sparse.pattern import Places, gathered, summed
from dualrev.scipy.sparse.traced import entries_of, is_sparse

__all__ = ["Edges", "check_places"]


def check_places(matrix: Any) -> None:
    """Refuse several weights at one place, whose meaning differs from function to function."""
    if not matrix.pattern.sample.has_canonical_format:
        raise no_rule("A graph with several traced weights at one place", "use A.tocoo().tocsr()")


class Edges:
    """The weights of a graph.

    Attributes
    ----------
    graph : array or sparse matrix
        Of plain numbers, for SciPy's functions.
    n : int
        The number of nodes.
    weights : traced array
    """

    def __init__(self, graph: Any):
        if is_sparse(graph):
            entries = entries_of(graph)
            if entries.format == "coo":
                entries = entries.tocsr()
            check_places(entries)
            self.graph = entries.plain()
            # SciPy before 1.16 takes no other indices for some functions.
            self.graph.indices = self.graph.indices.astype(np.int32)
            self.graph.indptr = self.graph.indptr.astype(np.int32)
            self.n = entries.shape[0]
            self.weights = entries.data
            keys = entries.pattern.rows * self.n + entries.pattern.cols
        else:
            dense = as_operand(graph)
            self.graph = np.array(numbers_under(dense))  # SciPy may write into it
            self.n = dense.shape[0]
            self.weights = dense.reshape(-1)
            keys = np.arange(dense.size)
        order = np.argsort(keys)
        self._keys, self._order = keys[order], order
        self._numbers = numbers_under(self.weights)
        self._is_dense = not scipy.sparse.issparse(self.graph)

    def of_pairs(self, rows, cols, directed=True):
        """The weights of the edges between nodes, of which undirected ones are the lesser of two."""
        places = self._places(rows, cols)
        if not directed:
            back = self._places(cols, rows)
            places = np.where(self._sizes(back) < self._sizes(places), back, places)
        return gathered(self.weights, places=Places(places, self.weights.size))

    def _places(self, rows, cols):
        """Where a weight is; -1 where there is none."""
        keys = np.asarray(rows, np.intp) * self.n + np.asarray(cols, np.intp)
        if not self._keys.size:
            return np.full(keys.shape, -1)
        found = np.minimum(np.searchsorted(self._keys, keys), self._keys.size - 1)
        return np.where(self._keys[found] == keys, self._order[found], -1)

    def _sizes(self, places):
        """The weights at places, infinite where there is none."""
        sizes = np.where(places < 0, np.inf, self._numbers[places])
        if self._is_dense:
            sizes = np.where((sizes == 0) | np.isnan(sizes), np.inf, sizes)
        return sizes

    def lengths(self, rows, cols, paths, count, directed=True):
        """The lengths of paths, from their edges and which path each is of."""
        return summed(self.of_pairs(rows, cols, directed), places=Places(paths, count))
