"""Cases of rules/special/exponential.py."""

import numpy as np
from scipy import special

from tests.cases import case, complex_, positive, real

X = real(5)
POSITIVE = positive(5)

CASES = [
    case(special.expi, X, dtypes="f"),
    case(special.expi, complex_(3), dtypes="FD"),
    case(special.exp1, POSITIVE, dtypes="fFD"),
    case(special.expn, np.array([0, 1, 2, 3, 7]), POSITIVE),
    case(special.expn, 1, POSITIVE),
    case(special.sici, 3 * POSITIVE, dtypes="fFD"),
    case(special.shichi, POSITIVE, dtypes="fFD"),
    # cos(x) / x has no value at 0, sin(x) / x has.
    case(special.sici, np.array([0.0, 0.9, -1.1]), call=lambda x: special.sici(x)[0]),
    case(special.shichi, np.array([0.0, 0.9, -1.1]), call=lambda x: special.shichi(x)[0]),
    case(special.spence, POSITIVE, dtypes="fFD"),
    case(special.spence, np.array([1.0, 1 + 1e-9, 0.88, 0.1, 7.0])),
    case(special.wrightomega, X, dtypes="fFD"),
    case(special.lambertw, POSITIVE),
    case(special.lambertw, np.array([0.0, 1e-8, -0.3])),
    case(special.lambertw, complex_(3), dtypes="FD"),
    case(special.lambertw, complex_(3), k=-1, dtypes=""),
]
