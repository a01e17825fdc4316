"""Cases of rules/special/hypergeometric.py."""

import numpy as np
from scipy import special

from tests.cases import case, complex_, positive, real

X = real(5)
POSITIVE = positive(5)

CASES = [
    case(special.hyp0f1, 1.5, X, dtypes="fFD"),
    case(special.hyp1f1, 0.5, 1.5, X, dtypes="fFD"),
    case(special.hyp2f1, 0.5, 1.5, 2.2, 0.4 * X),
    case(special.hyp2f1, 0.5, 1.5, 2.2, 0.2 * complex_(3), dtypes="D"),
    case(special.hyp2f1, 1, 1, 2, np.array([0.0, -3.0, 0.9])),
    case(special.hyperu, 0.5, 1.2, POSITIVE),
    case(special.hyperu, 0.0, 1.2, POSITIVE),
    case(special.wright_bessel, 0.5, 1.2, POSITIVE),
]
if hasattr(special, "log_wright_bessel"):
    CASES.append(case(special.log_wright_bessel, 0.5, 1.2, POSITIVE))
