"""Cases of rules/special/bessel.py."""

import numpy as np
from scipy import special

from tests.cases import case, complex_, positive, real

X = real(5)
POSITIVE = positive(5)
ANY_ORDERS = real(5, low=-4.0, high=4.0, seed=5)
ORDERS = np.array([0, 1, 2, 3, 5])

CASES = [
    case(special.j0, X),
    case(special.j1, np.array([0.0, 1.0, -2.0])),
    case(special.y0, POSITIVE),
    case(special.y1, POSITIVE),
    case(special.i0, X),
    case(special.i1, np.array([0.0, 1.0, -2.0])),
    case(special.k0, POSITIVE),
    case(special.k1, POSITIVE),
    case(special.jv, ORDERS, POSITIVE),
    case(special.jv, 1.5, POSITIVE, dtypes="fFD"),
    case(special.jv, 0, np.array([0.0, 0.5])),
    case(special.yv, 1.5, POSITIVE, dtypes="fFD"),
    case(special.yn, 0, POSITIVE),
    case(special.yn, ORDERS, POSITIVE),
    case(special.iv, 1.5, POSITIVE, dtypes="fFD"),
    case(special.kv, 1.5, POSITIVE, dtypes="fFD"),
    case(special.kn, ORDERS, POSITIVE),
    case(special.hankel1, 1.5, complex_(3) + 3, dtypes="FD"),
    case(special.hankel2, 1.5, complex_(3) + 3, dtypes="FD"),
    case(special.i0e, X),
    case(special.i1e, X),
    case(special.k0e, POSITIVE),
    case(special.k1e, POSITIVE),
    case(special.ive, 1.5, POSITIVE),
    case(special.kve, 1.5, POSITIVE, dtypes="fFD"),
    case(special.hankel1e, 1.5, complex_(3) + 3, dtypes="FD"),
    case(special.hankel2e, 1.5, complex_(3) + 3, dtypes="FD"),
    case(special.jve, ORDERS, POSITIVE),
    case(special.yve, 1.5, POSITIVE),
    *(
        case(function, ANY_ORDERS, POSITIVE)
        for function in (special.jv, special.yv, special.iv, special.kv, special.ive, special.kve)
    ),
    case(special.hankel1, ANY_ORDERS, POSITIVE),
    case(special.hankel2e, ANY_ORDERS, POSITIVE),
    case(special.besselpoly, POSITIVE, 1.0, 0.0),
    case(special.besselpoly, POSITIVE, 0.5, 1.5),
]
