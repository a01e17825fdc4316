"""The trees that the edges between two colours of an acyclic colouring form.

Must not know what is read from them.
"""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from dualrev.sparse.patterns import mirrors, numbered, rows_of

__all__ = ["two_coloured_trees"]


def two_coloured_trees(pattern, colours):
    """The places of all trees of a symmetric pattern (n, n), and how they are joined.

    A place is a vertex with one colour of its neighbours.

    Returns
    -------
    places : array of integers (count,)
        vertex + n * colour of each place.
    one, other : arrays of integers
        For each entry off the diagonal, in csr order: the numbers of the place of its row with the
        colour of its column, and of that of its column with the colour of its row.
    parent : array of integers (count,)
        The number of the place above; count of a root, one of the most edges of its tree.
    """
    n = pattern.shape[0]
    rows, columns = rows_of(pattern), pattern.indices
    off = rows != columns
    size = n * (int(colours.max(initial=-1)) + 1)
    places, number = numbered((colours[columns] * n + rows)[off], size)
    one = np.zeros(pattern.nnz, np.intp)
    one[off] = number
    other = one[mirrors(pattern)][off]
    return places, number, other, _parents(number, other, places % max(n, 1))


def _parents(one, other, vertices):
    count = len(vertices)
    graph = csr_array((np.ones(len(one), bool), (one, other)), shape=(count, count))
    trees, tree = connected_components(graph, directed=False)
    edges = np.diff(graph.indptr)
    # of the vertices with the most edges the middle one, which halves the depth of a band's paths
    by_tree = np.lexsort((vertices, -edges, tree))
    most = np.zeros(trees, edges.dtype)
    np.maximum.at(most, tree, edges)
    equals = np.bincount(tree[edges == most[tree]], minlength=trees)
    first = np.cumsum(np.bincount(tree, minlength=trees)) - np.bincount(tree, minlength=trees)
    roots = by_tree[first + equals // 2]
    # from one place more the roots are reached
    every = csr_array(
        (
            np.ones(graph.nnz + trees, bool),
            np.append(graph.indices, roots),
            np.append(graph.indptr, graph.nnz + trees),
        ),
        shape=(count + 1, count + 1),
    )
    _, parent = breadth_first_order(every, count)
    return parent[:count].astype(np.intp)
