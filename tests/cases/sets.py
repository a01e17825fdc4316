"""Cases of rules/sets.py."""

import numpy as np

from tests.cases import case, complex_, real

X = real(6)


def own(function, **options):
    """The function of x and some elements of x, which stay common to both as x moves."""
    label = f"{function.__name__}({options})"
    return case(function, X, call=lambda x: function(x, x[2:5], **options), label=label, dtypes="f")


CASES = [
    own(np.intersect1d),
    own(np.intersect1d, assume_unique=True, return_indices=True),
    own(np.setdiff1d),
    own(np.setdiff1d, assume_unique=True),
    own(np.setxor1d),
    own(np.union1d),
    case(np.intersect1d, real(2, 2), [7.0]),
    case(np.setxor1d, X, real(3, seed=2)),
    case(np.setxor1d, X, real(3, seed=2), assume_unique=True),
    case(np.union1d, X, real(2, 3, seed=2), dtypes="f"),
    case(np.union1d, real(2, 2), [7.0]),
    case(np.unique_all, real(2, 3)),
    case(np.unique_counts, real(2, 3), dtypes="f"),
    case(np.unique_inverse, real(2, 3)),
    case(np.unique_values, real(2, 3)),
    case(np.sort_complex, real(4)),
    case(np.sort_complex, complex_(4), dtypes="F"),
]
