"""Cases of rules/elementwise.py."""

import numpy as np

from tests.cases import case, complex_, positive, real

CASES = [
    case(np.add, real(3, 4), real(4)),
    case(np.multiply, real(3, 1), real(1, 4), dtypes="fFD"),
    case(np.divide, real(3), positive(3), dtypes="fFD"),
    case(np.power, positive(3), real(3)),
    case(np.sin, real(3), dtypes="fFD"),
    case(np.exp, complex_(3), dtypes=""),
]
