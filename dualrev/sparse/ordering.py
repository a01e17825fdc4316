"""The orders in which the vertices of a graph are coloured, one after the other.

Must not know what the vertices are, nor how they are coloured.
"""

import numpy as np

__all__ = ["ORDERS", "ordered"]


def _natural(graph):
    return np.arange(graph.shape[0])


def _largest_first(graph):
    """By falling degree."""
    return np.argsort(-np.diff(graph.indptr), kind="stable")


def _smallest_last(graph):
    """The last one has the fewest neighbours, the one before it the fewest among the rest, and so on.

    Matula and Beck (1983), "Smallest-last ordering and clustering and graph coloring algorithms".
    """
    return _by_falling_keys(graph, np.diff(graph.indptr))[::-1]


def _incidence_degree(graph):
    """The next one has the most neighbours among those before it.

    Coleman and More (1983), "Estimation of sparse Jacobian matrices and graph coloring problems".
    """
    degrees = np.diff(graph.indptr)
    return _by_falling_keys(graph, np.full_like(degrees, degrees.max(initial=0)))


ORDERS = {
    "natural": _natural,
    "largest_first": _largest_first,
    "smallest_last": _smallest_last,
    "incidence_degree": _incidence_degree,
}


def ordered(graph, order):
    """The numbers of the vertices of a graph (n, n), csr without diagonal, in an order of ORDERS.

    Of linear cost in the entries of the graph; the last two orders are loops of Python over them.
    """
    return ORDERS[order](graph)


def _by_falling_keys(graph, keys):
    """Always the vertex of the smallest key; then the keys of its neighbours fall by one.

    A key is at least the degree.
    """
    starts, neighbours = graph.indptr.tolist(), graph.indices.tolist()
    keys = keys.tolist()
    waiting = [[] for _ in range(max(keys, default=0) + 1)]
    # what waits in a list is taken from its end: of equal keys the one of the largest degree first
    for vertex in np.argsort(np.diff(graph.indptr), kind="stable").tolist():
        waiting[keys[vertex]].append(vertex)
    order = []
    low = 0
    while len(order) < len(keys):
        if not waiting[low]:
            low += 1
            continue
        vertex = waiting[low].pop()
        if keys[vertex] != low:
            continue  # its key has fallen, and it waits there too
        keys[vertex] = -1
        order.append(vertex)
        for neighbour in neighbours[starts[vertex] : starts[vertex + 1]]:
            key = keys[neighbour] - 1
            if key >= 0:
                keys[neighbour] = key
                waiting[key].append(neighbour)
        low = max(low - 1, 0)
    return np.array(order, dtype=np.intp)
