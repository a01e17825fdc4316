"""Cases of rules/windows.py."""

import numpy as np

from tests.cases import case, real

view = np.lib.stride_tricks.sliding_window_view

CASES = [
    case(view, real(5), 2, dtypes="fFD"),
    case(view, real(4), 4),
    case(view, real(3, 4), (2, 3)),
    case(view, real(3, 4), 2, axis=1),
    case(view, real(3, 4), (2, 2), axis=(1, 0)),
    case(view, real(2, 5), (2, 3), axis=(-1, -1)),
    case(view, real(4), (), axis=()),
]
