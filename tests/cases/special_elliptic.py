"""Cases of rules/special/elliptic.py and carlson.py."""

import numpy as np
from scipy import special

from tests.cases import case, complex_, positive

M = np.array([0.0, 0.11, 0.14, 0.7, -3.0])
PHI = np.array([0.5, -1.2, 1.8, 4.0, -7.3])
X = positive(4)
Y = positive(4, seed=1)
Z = positive(4, seed=2)
EQUAL = np.array([0.7, 1.3])

CASES = [
    case(special.ellipk, M),
    case(special.ellipkm1, np.array([1.0, 0.9, 0.3, 0.1, 4.0])),
    case(special.ellipe, M),
    case(special.ellipkinc, PHI, np.array([0.0, 0.3, 0.9, 0.5, -2.0])),
    case(special.ellipeinc, PHI, np.array([0.0, 0.3, 0.9, 0.5, -2.0])),
    case(special.ellipj, np.array([0.5, -1.2, 1.8, 4.0]), np.array([0.05, 0.3, 0.9, 0.5])),
    case(special.agm, X, Y),
    case(special.agm, EQUAL, EQUAL),
    case(special.elliprc, X, Y),
    case(special.elliprc, EQUAL, EQUAL),
    case(special.elliprc, X, -Y),
    case(special.elliprf, X, Y, Z),
    case(special.elliprf, EQUAL, EQUAL, EQUAL),
    case(special.elliprf, 0.0, Y, Z),
    case(special.elliprd, X, Y, Z),
    case(special.elliprd, EQUAL, EQUAL, EQUAL),
    case(special.elliprd, 0.0, Y, Z),
    case(special.elliprg, X, Y, Z),
    case(special.elliprg, EQUAL, EQUAL, EQUAL),
    case(special.elliprj, X, Y, Z, positive(4, seed=3)),
    case(special.elliprj, EQUAL, EQUAL, EQUAL, EQUAL),
    case(
        special.elliprf,
        complex_(2) + 3,
        complex_(2, seed=4) + 3,
        complex_(2, seed=6) + 3,
        order=1,
        dtypes="",
        reason="the derivatives of elliprd are integrals over positive arguments",
    ),
]
