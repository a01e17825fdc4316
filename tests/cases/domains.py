"""Cases of rules/domains.py."""

import numpy as np
from numpy.lib import scimath

from tests.cases import case, complex_, positive, real

X = real(2, 3)

CASES = [
    *(
        row
        for f in (scimath.sqrt, scimath.log, scimath.log2, scimath.log10)
        for row in (
            case(f, X, dtypes="fFD"),
            case(f, positive(3), dtypes="fFD"),
        )
    ),
    *(
        row
        for f in (scimath.arccos, scimath.arcsin, scimath.arctanh)
        for row in (
            case(f, X),
            case(f, real(3, low=-0.8, high=0.8), dtypes="fFD"),
            case(f, complex_(3), dtypes="FD"),
        )
    ),
    case(scimath.logn, positive(3, low=1.5), X, dtypes="fFD"),
    case(scimath.logn, 2, X),
    case(scimath.logn, -X[0], 3.0),
    case(scimath.power, X, 0.5),
    case(scimath.power, X, -2),
    case(scimath.power, X, [2, -1, 3]),
    case(scimath.power, X, real(3, seed=1)),
    case(scimath.power, 2, X),
    case(scimath.power, positive(3), real(3), dtypes="fFD"),
    case(scimath.sqrt, np.float64(-0.7)),
]
