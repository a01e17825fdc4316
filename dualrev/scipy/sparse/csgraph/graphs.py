"""Graphs made of a graph: trees, paths, Laplacians, dense and sparse forms.

Must not know how a tree is found: SciPy finds it by plain numbers, and its weights are some of the
graph's.
"""

import numpy as np
import scipy.sparse.csgraph as _scipy

from dualrev.core.guarded import guarded_product
from dualrev.core.operands import as_operand, base_of
from dualrev.errors import no_rule
from dualrev.scipy.sparse.constructors import from_coordinates
from dualrev.scipy.sparse.csgraph.edges import Edges, check_places
from dualrev.scipy.sparse.pattern import Pattern
from dualrev.scipy.sparse.traced import TracedSparse, matrix_of
from dualrev.scipy.twin import twin

__all__ = [
    "breadth_first_tree",
    "csgraph_from_dense",
    "csgraph_to_dense",
    "depth_first_tree",
    "laplacian",
    "minimum_spanning_tree",
    "reconstruct_path",
]


def _weighed(found, edges, directed=True):
    """A graph that SciPy found, with the weights of the edges."""
    pattern = Pattern(found)
    return matrix_of(edges.of_pairs(pattern.rows, pattern.cols, directed), pattern)


def _part_of(function):
    """Declare a function that chooses edges of a graph."""

    def choose(csgraph, **options):
        options.pop("overwrite", None)
        edges = Edges(csgraph)
        found = function(edges.graph, **options)
        return _weighed(found, edges, options.get("directed", True))

    return choose


@twin(_scipy.minimum_spanning_tree, _part_of)
def minimum_spanning_tree(csgraph, /):
    """The spanning tree of least weight, a sparse matrix.

    Equals :func:`scipy.sparse.csgraph.minimum_spanning_tree`.  Its weights are those of the graph, with
    their derivatives; where several trees are least, those of the one that SciPy found.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse.csgraph import minimum_spanning_tree
    >>> weights = np.array([[0.0, 1.0, 5.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    >>> dr.grad(lambda w: minimum_spanning_tree(w).sum())(weights)
    array([[0., 1., 0.],
           [0., 0., 1.],
           [0., 0., 0.]])
    """


@twin(_scipy.breadth_first_tree, _part_of)
def breadth_first_tree(csgraph, /):
    """The tree of a breadth-first search, a sparse matrix of weights of the graph.

    Equals :func:`scipy.sparse.csgraph.breadth_first_tree`.
    """


@twin(_scipy.depth_first_tree, _part_of)
def depth_first_tree(csgraph, /):
    """The tree of a depth-first search, a sparse matrix of weights of the graph.

    Equals :func:`scipy.sparse.csgraph.depth_first_tree`.
    """


@twin(_scipy.reconstruct_path, _part_of)
def reconstruct_path(csgraph, /):
    """The tree that predecessors tell of, a sparse matrix of weights of the graph.

    Equals :func:`scipy.sparse.csgraph.reconstruct_path`.
    """


@twin(_scipy.csgraph_from_dense, _part_of)
def csgraph_from_dense(graph, /):
    """A dense graph as a sparse one, without what stands for no edge.

    Equals :func:`scipy.sparse.csgraph.csgraph_from_dense`.
    """


@twin(_scipy.csgraph_to_dense)
def csgraph_to_dense(csgraph, /, *, null_value):
    """A sparse graph as a dense one, with a value where there is no edge.

    Equals :func:`scipy.sparse.csgraph.csgraph_to_dense`.
    """
    matrix = csgraph.tocsr()
    check_places(matrix)
    is_edge = np.zeros(matrix.shape, bool)
    is_edge[matrix.pattern.rows, matrix.pattern.cols] = True
    return np.where(is_edge, matrix.toarray(), null_value)


@twin(_scipy.laplacian)
def laplacian(
    csgraph, /, *, normed, return_diag, use_out_degree, form, dtype, symmetrized, **options
):
    """The Laplacian of a graph: degrees on the diagonal, less the weights.

    Equals :func:`scipy.sparse.csgraph.laplacian`.  It is linear in the weights; with ``normed``,
    divided by the roots of both degrees, with their derivatives.

    Parameters
    ----------
    csgraph : array or sparse matrix, shape (n, n)
    normed, return_diag, use_out_degree, copy, form, dtype, symmetrized
        As in SciPy, but ``form="array"`` alone where numbers are traced.

    Returns
    -------
    lap : array or sparse matrix, shape (n, n)
    diag : array, shape (n,)
        With ``return_diag``.

    Raises
    ------
    MissingRuleError
        For another form.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse.csgraph import laplacian
    >>> dr.grad(lambda w: laplacian(w)[1, 1])(np.array([[0.0, 2.0], [2.0, 0.0]]))
    array([[0., 1.],
           [0., 0.]])
    """
    if form != "array":
        raise no_rule(f"scipy.sparse.csgraph.laplacian with form={form!r}", "use form='array'")
    a = csgraph if isinstance(csgraph, TracedSparse) else as_operand(csgraph)
    if a.ndim != 2 or a.shape[0] != a.shape[1]:
        raise ValueError("csgraph must be a square matrix or array")
    if symmetrized:
        a = a + a.T.conj()
    is_sparse = isinstance(a, TracedSparse)
    axis = int(use_out_degree)
    if is_sparse:
        w = a.over_axis(axis) - a.diagonal()
    else:
        beside = ~np.eye(a.shape[0], dtype=bool)
        w = np.where(beside, a, 0).sum(axis)
    isolated = base_of(w) == 0
    if normed:  # the root of 0, which SciPy takes for 1, has no derivative
        unknown = guarded_product(w, np.where(isolated, np.nan, 0))
        scale = np.sqrt(np.where(isolated, 1, w) + unknown)
    else:
        scale = w
    diagonal = np.where(isolated, 0, 1) if normed else w
    if is_sparse:
        rows, cols = a.pattern.rows, a.pattern.cols
        places = np.flatnonzero(rows != cols)
        rows, cols, along = rows[places], cols[places], np.arange(a.shape[0])
        weights = a.data[places] / scale[rows] / scale[cols] if normed else a.data[places]
        places = np.concatenate((rows, along)), np.concatenate((cols, along))
        numbers = np.concatenate((-weights, diagonal))
        lap = from_coordinates(numbers, places, a.shape, a.pattern.is_array)
    else:
        weights = a / scale / scale[:, None] if normed else a
        lap = np.where(beside, -weights, diagonal)
    if dtype is not None:
        lap, scale = lap.astype(dtype), scale.astype(dtype)
    return (lap, scale) if return_diag else lap
