"""What :mod:`scipy.sparse.csgraph` has beside what has a rule here, each name with its word."""

import scipy.sparse.csgraph as _scipy

from dualrev.scipy.rest import Rest

__all__ = ["REST"]

REST = Rest(
    _scipy,
    constant=(
        "breadth_first_order connected_components depth_first_order maximum_bipartite_matching "
        "min_weight_full_bipartite_matching reverse_cuthill_mckee structural_rank"
    ),
    refused={
        "csgraph_from_masked csgraph_masked_from_dense csgraph_to_masked": (
            "masked arrays hold no traced numbers",
            "use csgraph_from_dense or csgraph_to_dense, and infinite weights",
        ),
        "maximum_flow": (
            "its capacities are whole numbers",
            "give plain ones: dualrev.stop_gradient(csgraph)",
        ),
    },
)
