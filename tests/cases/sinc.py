"""Cases of rules/sinc.py."""

import numpy as np

from tests.cases import (
    B,
    case,
    each,
    real,
)

CASES = [
    case(np.sinc, real(5), dtypes="fFD"),
    case(np.sinc, np.array([0.0, 1e-9, 1e-3, 1.0])),
    case(np.i0, real(5)),
    *each((np.sinc, np.i0), B),
]
