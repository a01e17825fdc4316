"""Cases of rules/sorting.py."""

import numpy as np

from tests.cases import A, case, complex_, forms, real, row

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

# ---------------------------------------------------------------------------- with every option

CASES += [
    *forms(
        np.sort,
        ((A,), {}),
        ((A, 0), {}),
        ((A, None), {}),
        ((A, -1, "stable"), {}),
        ((A,), {"kind": "heapsort", "axis": 0}),
        ((A, -1, None, None), {}),
        ((A,), {"stable": True}),
    ),
    *forms(
        np.partition,
        ((A, 1), {}),
        ((A, (0, 2), 0), {}),
        ((A, [1], None), {}),
        ((A, -1, 1, "introselect", None), {}),
        ((A,), {"kth": 2}),
    ),
    *forms(
        np.unique,
        ((A,), {}),
        ((A, True, True, True), {}),
        ((A,), {"axis": 0}),
        ((A,), {"axis": 1, "return_index": True}),
        ((A,), {"equal_nan": False}),
    ),
]
NEWER = np.lib.NumpyVersion(np.__version__)
if NEWER >= "2.3.0":
    CASES += [row(np.unique, A, sorted=True), row(np.unique, A, sorted=False)]
if NEWER >= "2.5.0":
    CASES += [row(np.sort, A, descending=True), row(np.sort, A, 0, descending=True, stable=True)]
