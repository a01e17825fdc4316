"""Cases of rules/special/hypergeometric.py."""

import numpy as np
from scipy import special

from tests.cases import case, complex_, positive, real

X = real(5)
Y = real(5, seed=5)
POSITIVE = positive(5)

CASES = [
    case(special.hyp0f1, 1.5, X, dtypes="fFD"),
    case(special.hyp1f1, 0.5, 1.5, X, dtypes="fFD"),
    case(special.hyp2f1, 0.5, 1.5, 2.2, 0.4 * X),
    case(special.hyp2f1, 0.5, 1.5, 2.2, 0.2 * complex_(3), dtypes="D"),
    case(special.hyp2f1, 1, 1, 2, np.array([0.0, -3.0, 0.9])),
    case(special.hyperu, 0.5, 1.2, POSITIVE),
    case(special.hyperu, 0.0, 1.2, POSITIVE),
    case(special.hyp0f1, POSITIVE, X),
    case(special.hyp0f1, POSITIVE, 60 * X),
    case(special.hyp1f1, X, POSITIVE, 2 * Y),
    case(special.hyp2f1, X, Y, POSITIVE, 0.4 * X),
    case(special.hyp2f1, X, Y, POSITIVE, np.array([-30.0, -2.0, 0.7, 0.95, 0.99])),
    case(special.hyperu, X, Y, POSITIVE),
    case(special.wright_bessel, POSITIVE, POSITIVE, POSITIVE),
    case(special.wright_bessel, 0.5, 1.2, POSITIVE),
]
if hasattr(special, "log_wright_bessel"):
    CASES += [
        case(special.log_wright_bessel, 0.5, 1.2, POSITIVE),
        case(special.log_wright_bessel, POSITIVE, POSITIVE, POSITIVE),
    ]
