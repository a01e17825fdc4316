"""What :mod:`scipy.ndimage` has beside what has a rule here, each name with its word."""

import scipy.ndimage as _scipy

from dualrev.scipy.one_point import CHECKS
from dualrev.scipy.rest import Rest

__all__ = ["REST"]

# Finds where the extrema stand, by their values.
CHECKS.add("single_group")

REST = Rest(
    _scipy,
    bodies="""
        sum sum_labels mean variance standard_deviation minimum maximum median extrema center_of_mass
        labeled_comprehension
        grey_closing grey_dilation grey_erosion grey_opening black_tophat white_tophat
        morphological_gradient morphological_laplace
        vectorized_filter
    """,
    constant="""
        binary_closing binary_dilation binary_erosion binary_fill_holes binary_hit_or_miss
        binary_opening binary_propagation generate_binary_structure
        distance_transform_cdt
        find_objects histogram label maximum_position minimum_position value_indices watershed_ift
    """,
    refused={
        "iterate_structure": (
            "it takes numbers for truth values, and answers them as they are for one iteration",
            "write iterate_structure(structure != 0, iterations)",
        ),
    },
)
