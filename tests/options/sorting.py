"""Options of rules/sorting.py."""

import numpy as np

from tests.options import A, Row, forms

ROWS = [
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
    ROWS += [Row(np.unique, A, sorted=True), Row(np.unique, A, sorted=False)]
if NEWER >= "2.5.0":
    ROWS += [Row(np.sort, A, descending=True), Row(np.sort, A, 0, descending=True, stable=True)]
