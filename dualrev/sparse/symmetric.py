"""Colourings of symmetric matrices, whose entries are read on either side of the diagonal.

Owns star and acyclic colourings of a graph, and their lower bounds.  Must not know how the entries
are read.  The graph has a vertex for each column, and an edge for each pair of entries off the diagonal.

Gebremedhin, Tarafdar, Pothen and Walther (2009), "Efficient computation of sparse Hessians using
coloring and automatic differentiation", INFORMS Journal on Computing 21, sections 2 and 3.
"""

import numpy as np

from dualrev.sparse.colouring import alone, coloured
from dualrev.sparse.lattices import lattice_colours
from dualrev.sparse.ordering import ordered
from dualrev.sparse.patterns import mirrors, rows_of, transposed, with_diagonal, without_diagonal
from dualrev.sparse.trees import two_coloured_trees

__all__ = ["colour_symmetric"]


def colour_symmetric(pattern, order="best", substitution=False):
    """Star colouring: each entry, or its mirror, stands alone in a product H s.

    Neighbours have different colours, and each path of four vertices has three.  An acyclic colouring,
    by substitution, has two or more on each path and three on each cycle: fewer products, but most
    entries are differences of what they hold.

    Parameters
    ----------
    pattern : csr_array (n, n)
        Symmetric; indices sorted and without duplicates.  Entries of the diagonal may be there or not:
        in both cases neighbours have different colours.
    order : str
        As of :func:`dualrev.sparse.colouring.colour_columns`; degrees are those of the graph.
    substitution : bool
        An acyclic colouring in the place of a star colouring.
    """
    mirrored = transposed(pattern)
    if not (
        np.array_equal(pattern.indptr, mirrored.indptr)
        and np.array_equal(pattern.indices, mirrored.indices)
    ):
        raise ValueError("the pattern is not symmetric")
    graph = without_diagonal(pattern)
    kind, greedy, wrong = "star", _star, _unreadable
    if substitution:
        kind, greedy, wrong = "acyclic", _acyclic, _on_cycles
    bound = _lower_bound(graph, pattern.nnz > 0, kind)
    lengths = np.diff(pattern.indptr)

    def colour(order):
        if order == "lattice":
            full = with_diagonal(pattern)
            ball = _ball(full)
            if not len(ball):
                return None
            return lattice_colours(full, lengths > 0, ball, ball, bound, wrong)
        places = ordered(graph, order)
        return greedy(graph, places[lengths[places] > 0])

    return coloured(kind, pattern, bound, order, colour)


def _ball(pattern):
    """The neighbours of one vertex and theirs: paths of four vertices and short cycles are seen there.

    None of them where more than half of the entries are in other distances from the diagonal.
    """
    lengths = np.diff(pattern.indptr)
    (longest,) = np.nonzero(lengths == lengths.max(initial=0))
    middle = longest[len(longest) // 2 :][:1]
    near = pattern[middle].indices
    alike = np.isin(pattern.indices - rows_of(pattern), near - middle)
    return np.unique(pattern[near].indices) if 2 * alike.sum() >= pattern.nnz else near[:0]


def _unreadable(pattern, colours):
    """One end of each edge whose entries stand alone on neither side."""
    read = alone(pattern, colours)
    return _ends(pattern, ~(read | read[mirrors(pattern)]))


def _on_cycles(pattern, colours):
    """One end of each edge that closes a cycle of two colours, or whose ends have one colour."""
    one_colour = colours[rows_of(pattern)] == colours[pattern.indices]
    closing = np.zeros(pattern.nnz, bool)
    _, one, other, parent = two_coloured_trees(pattern, colours)
    closing[rows_of(pattern) != pattern.indices] = (parent[one] != other) & (parent[other] != one)
    return _ends(pattern, one_colour | closing)


def _ends(pattern, entries):
    return np.unique(pattern.indices[entries & (rows_of(pattern) < pattern.indices)])


def _star(graph, order):
    """Each vertex takes the first colour with which no path of four vertices has two colours.

    A hub is a vertex two of whose neighbours have one colour: its colour is closed to the other
    neighbours of these, and the colours of their other neighbours are closed to it.
    """
    n = graph.shape[0]
    starts, neighbours = graph.indptr.tolist(), graph.indices.tolist()
    colours = [-1] * n
    # colours as bits: those of one neighbour or more, of two or more, and of the neighbours that have
    # another neighbour of this one's colour
    once, twice, hubs = [0] * n, [0] * n, [0] * n
    first = {}  # the neighbour that brought a colour to a vertex, by colour * n + vertex
    for vertex in order.tolist():
        near = neighbours[starts[vertex] : starts[vertex + 1]]
        taken, many = once[vertex], twice[vertex]
        for other in near:
            colour = colours[other]
            if colour >= 0:
                taken |= hubs[other]
                if many >> colour & 1:
                    taken |= once[other]
        bit = ~taken & (taken + 1)
        mine = colours[vertex] = bit.bit_length() - 1
        for other in near:
            colour = colours[other]
            if once[other] & bit:
                twice[other] |= bit
                if colour >= 0:
                    hubs[vertex] |= 1 << colour
                    hubs[first[mine * n + other]] |= 1 << colour
            else:
                once[other] |= bit
                first[mine * n + other] = vertex
            if colour >= 0 and many >> colour & 1:
                hubs[other] |= bit
    return np.array(colours, dtype=np.intp)


def _acyclic(graph, order):
    """Each vertex takes the first colour with which no cycle has two colours.

    The edges between two colours are trees.  A place in one is a vertex with the other of its colours,
    as the number colour * n + vertex; places lead to the root of their tree.
    """
    n = graph.shape[0]
    starts, neighbours = graph.indptr.tolist(), graph.indices.tolist()
    colours = [-1] * n
    met = [0] * n  # the colours of the neighbours as bits
    above = {}

    def root_of(place):
        while (higher := above.setdefault(place, place)) != place:
            above[place] = place = above[higher]
        return place

    for vertex in order.tolist():
        near = neighbours[starts[vertex] : starts[vertex + 1]]
        coloured = [other for other in near if colours[other] >= 0]
        taken = met[vertex]
        if taken.bit_count() < len(coloured):
            roots = set()
            for other in coloured:
                closed = 0
                rest = met[other] & ~taken
                while rest:
                    bit = rest & -rest
                    rest ^= bit
                    root = colours[other], root_of((bit.bit_length() - 1) * n + other)
                    if root in roots:
                        closed |= bit
                    roots.add(root)
                taken |= closed
        bit = ~taken & (taken + 1)
        mine = colours[vertex] = bit.bit_length() - 1
        for other in near:
            met[other] |= bit
        for other in coloured:
            above[root_of(colours[other] * n + vertex)] = root_of(mine * n + other)
    return np.array(colours, dtype=np.intp)


def _lower_bound(graph, any_entry, kind):
    """A lower bound.

    The edges between two colours of sizes a and b are a forest, of at most a + b - 1: in all, the edges
    among v vertices in k colours are at most (k - 1) v - k (k - 1) / 2, for the whole graph and for
    its vertices of each degree and above.  A star colouring has three colours where an edge goes on
    at both ends: there is a path of four vertices, or a triangle.
    """
    degrees = np.diff(graph.indptr)
    if not degrees.any():
        return int(any_entry)
    rows, columns = rows_of(graph), graph.indices
    once = rows < columns
    lower = np.minimum(degrees[rows[once]], degrees[columns[once]])
    vertices, edges = (np.cumsum(np.bincount(d)[:0:-1])[::-1] for d in (degrees, lower))
    vertices = vertices[: len(edges)].astype(float)
    # the smaller root of the quadratic, less 1 for its rounding
    half, rest = vertices + 0.5, 2 * (vertices + edges)
    colours = np.ceil(rest / (half + np.sqrt(half**2 - rest))) - 1
    while (few := (colours - 1) * vertices - colours * (colours - 1) / 2 < edges).any():
        colours[few] += 1
    bound = int(colours.max())
    return max(bound, 3) if kind == "star" and lower.max() > 1 else bound
