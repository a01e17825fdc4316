"""Cases of rules/sorting.py."""

import numpy as np

from tests.cases import case, complex_, real

CASES = [
    case(np.sort, real(6)),
    case(np.sort, complex_(6), dtypes=""),
    case(np.sort, real(3, 4)),
    case(np.sort, real(3, 4), axis=0, kind="stable"),
    case(np.sort, real(2, 3, 4), axis=-2, stable=True),
    case(np.sort, real(3, 4), axis=None),
    case(np.sort, real(0)),
    case(np.partition, real(9), 4),
    case(np.partition, real(3, 9), (2, 5), axis=-1),
    case(np.partition, real(9, 2), 3, axis=0),
    case(np.partition, real(3, 4), 5, axis=None),
    case(np.unique, np.array([0.3, -1.2, 0.8, 2.1])),
    case(np.unique, real(3, 4), axis=1),
    case(np.unique, real(5), call=lambda x: np.unique(x, return_inverse=True)[0][1:] ** 2),
]
