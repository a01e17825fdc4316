"""Cases of dualrev.scipy.sparse.csgraph: functions of the weights of a graph."""

import numpy as np

from dualrev.scipy import sparse
from dualrev.scipy.sparse import csgraph
from tests.cases import case, positive, row

# Nine edges between five nodes, so that all are reached.
ROWS = np.array([0, 0, 1, 1, 2, 3, 3, 4, 4], np.int32)
COLS = np.array([1, 2, 2, 3, 4, 0, 4, 0, 2], np.int32)
# Of so few digits that sums are exact, in whatever order.
WEIGHTS = np.round(positive(9, low=1.0, high=4.0) * 64) / 64


def graph(weights):
    return sparse.csr_array((weights, (ROWS, COLS)), shape=(5, 5))


def dense(weights):
    return graph(weights).toarray()


def of(f, make=graph, **options):
    """A function of the weights, and what of its answer is a number."""

    def call(weights):
        ans = f(make(weights), **options)
        ans = ans if isinstance(ans, tuple) else (ans,)
        return [x.toarray() if hasattr(x, "toarray") else x for x in ans if x.dtype.kind == "f"]

    call.__name__ = f.__name__
    return call


PREDECESSORS = csgraph.dijkstra(graph(WEIGHTS), return_predecessors=True)[1]

CASES = [
    case(of(csgraph.shortest_path, dense), WEIGHTS),
    *(
        row(of(f, **options), WEIGHTS)
        for f, options in (
            (csgraph.dijkstra, {"indices": [1, 3], "min_only": True, "return_predecessors": True}),
            (csgraph.bellman_ford, {"directed": False, "indices": [0]}),
            (csgraph.johnson, {}),
            (csgraph.floyd_warshall, {"directed": False}),
            (csgraph.yen, {"source": 0, "sink": 4, "K": 3}),
            (csgraph.construct_dist_matrix, {"predecessors": PREDECESSORS}),
            (csgraph.reconstruct_path, {"predecessors": PREDECESSORS[1]}),
            (csgraph.breadth_first_tree, {"i_start": 0, "directed": False}),
            (csgraph.depth_first_tree, {"i_start": 0}),
            (csgraph.csgraph_to_dense, {"null_value": 3.0}),
            (csgraph.laplacian, {"normed": True, "return_diag": True}),
            (csgraph.laplacian, {"symmetrized": True, "use_out_degree": True}),
        )
    ),
    case(of(csgraph.minimum_spanning_tree), WEIGHTS),
    row(of(csgraph.csgraph_from_dense, dense), WEIGHTS),
    case(of(csgraph.laplacian, dense, normed=True, return_diag=True), WEIGHTS),
]
