"""Shortest paths: their lengths, as sums of weights.

Owns which edges a path has.  Must not know how paths are found: SciPy finds them by plain numbers.

The length of a shortest path is the sum of its weights, and so is its derivative, as long as no other
path becomes shorter: where several are shortest, it is that along the path that SciPy found.
"""

import numpy as np
import scipy.sparse.csgraph as _scipy

from dualrev.known import valued
from dualrev.scipy.each_row import each_row
from dualrev.scipy.sparse.csgraph.edges import Edges
from dualrev.scipy.twin import twin

__all__ = [
    "bellman_ford",
    "construct_dist_matrix",
    "dijkstra",
    "floyd_warshall",
    "johnson",
    "shortest_path",
    "yen",
]

_NOBODY = -9999


def _edges_of(predecessors, starts):
    """Of the paths to all nodes, in each row of predecessors: the edges, and which path each is of."""
    count, n = predecessors.shape
    path = np.flatnonzero(starts.reshape(-1))
    row, node = np.divmod(path, n)
    found = []
    while path.size:
        before = predecessors[row, node]
        goes_on = before != _NOBODY
        path, row, before, node = (x[goes_on] for x in (path, row, before, node))
        found.append((before, node, path))
        node = before
    if not found:
        return (np.zeros(0, np.intp),) * 3
    return tuple(np.concatenate(parts) for parts in zip(*found))


def _differentiated(edges, lengths, predecessors, directed, ends=None):
    """SciPy's lengths with the derivatives of the sums of weights."""
    rows = predecessors.reshape(-1, predecessors.shape[-1])
    ends = np.ones(rows.shape, bool) if ends is None else ends
    before, after, paths = _edges_of(rows, ends)
    total = edges.lengths(before, after, paths, rows.size, directed)
    return valued(total.reshape(predecessors.shape), lengths)


def _shortest(function):
    """Declare a function that finds the shortest paths from some nodes."""

    @each_row
    def find(csgraph, **options):
        with_predecessors = options.pop("return_predecessors")
        options.pop("overwrite", None)
        edges = Edges(csgraph)
        lengths, predecessors, *sources = function(edges.graph, return_predecessors=True, **options)
        if not options["unweighted"]:
            lengths = _differentiated(edges, lengths, predecessors, options["directed"])
        return (lengths, predecessors, *sources) if with_predecessors else lengths

    return find


@twin(_scipy.shortest_path, _shortest)
def shortest_path(csgraph, /):
    """The lengths of the shortest paths between nodes of a graph.

    Equals :func:`scipy.sparse.csgraph.shortest_path`.

    Parameters
    ----------
    csgraph : array or sparse matrix, shape (n, n)
        Weights.
    method, directed, return_predecessors, unweighted, overwrite, indices
        As in SciPy; nothing is overwritten.

    Returns
    -------
    dist_matrix : array, shape (n, n)
        The derivative is the sum of those of the weights along the path that SciPy found; 0 with
        ``unweighted``, and where there is no path.
    predecessors : array of int, shape (n, n)
        With ``return_predecessors``.

    Notes
    -----
    A derivative costs one gathering of all edges of all paths.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse.csgraph import shortest_path
    >>> weights = np.array([[0.0, 1.0, 5.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    >>> dr.grad(lambda w: shortest_path(w)[0, 2])(weights)
    array([[0., 1., 0.],
           [0., 0., 1.],
           [0., 0., 0.]])
    """


@twin(_scipy.dijkstra, _shortest)
def dijkstra(csgraph, /):
    """The lengths of the shortest paths from nodes, by Dijkstra's algorithm.

    Equals :func:`scipy.sparse.csgraph.dijkstra`; derivatives as of :func:`shortest_path`.
    """


@twin(_scipy.bellman_ford, _shortest)
def bellman_ford(csgraph, /):
    """The lengths of the shortest paths from nodes, by the Bellman-Ford algorithm.

    Equals :func:`scipy.sparse.csgraph.bellman_ford`; derivatives as of :func:`shortest_path`.
    """


@twin(_scipy.johnson, _shortest)
def johnson(csgraph, /):
    """The lengths of the shortest paths from nodes, by Johnson's algorithm.

    Equals :func:`scipy.sparse.csgraph.johnson`; derivatives as of :func:`shortest_path`.
    """


@twin(_scipy.floyd_warshall, _shortest)
def floyd_warshall(csgraph, /):
    """The lengths of all shortest paths, by the Floyd-Warshall algorithm.

    Equals :func:`scipy.sparse.csgraph.floyd_warshall`; derivatives as of :func:`shortest_path`.
    """


@twin(_scipy.yen)
@each_row
def yen(csgraph, /, *, source, sink, K, directed, return_predecessors, unweighted):
    """The lengths of the K shortest paths between two nodes, by Yen's algorithm.

    Equals :func:`scipy.sparse.csgraph.yen`; derivatives as of :func:`shortest_path`.
    """
    options = {"directed": directed, "unweighted": unweighted}
    edges = Edges(csgraph)
    lengths, predecessors = _scipy.yen(
        edges.graph, source, sink, K, return_predecessors=True, **options
    )
    if not unweighted and len(lengths):
        ends = np.zeros(predecessors.shape, bool)
        ends[:, sink] = True
        all_lengths = np.zeros(predecessors.shape)
        all_lengths[:, sink] = lengths
        lengths = _differentiated(edges, all_lengths, predecessors, directed, ends)[:, sink]
    return (lengths, predecessors) if return_predecessors else lengths


@twin(_scipy.construct_dist_matrix)
@each_row
def construct_dist_matrix(graph, /, *, predecessors, directed, null_value):
    """The lengths of the paths that predecessors tell of.

    Equals :func:`scipy.sparse.csgraph.construct_dist_matrix`; derivatives as of :func:`shortest_path`.
    """
    edges = Edges(graph)
    lengths = _scipy.construct_dist_matrix(edges.graph, predecessors, directed, null_value)
    return _differentiated(edges, lengths, np.asarray(predecessors), directed)
