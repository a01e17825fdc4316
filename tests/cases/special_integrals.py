"""Cases of rules/special/integrals.py."""

import numpy as np
from scipy import special

from tests.cases import case, positive

POSITIVE = positive(4)
ORDERS = positive(4, low=-1.0, high=3.0, seed=5)
FROM_ZERO = np.array([0.0, 0.4, 0.97, 1.03, 5.0])

CASES = [
    case(special.struve, 0, POSITIVE),
    case(special.struve, 1.5, POSITIVE),
    case(special.modstruve, 0, POSITIVE),
    case(special.modstruve, 1.5, POSITIVE),
    case(special.struve, ORDERS, np.array([0.4, 5.0, 11.0, 30.0])),
    case(special.modstruve, ORDERS, POSITIVE),
    case(special.itj0y0, POSITIVE),
    case(special.iti0k0, POSITIVE),
    case(special.it2j0y0, POSITIVE),
    case(special.it2i0k0, POSITIVE),
    case(special.it2j0y0, FROM_ZERO, call=lambda x: special.it2j0y0(x)[0]),
    case(special.it2i0k0, FROM_ZERO, call=lambda x: special.it2i0k0(x)[0]),
    case(special.itstruve0, FROM_ZERO),
    case(special.itmodstruve0, FROM_ZERO),
    case(special.it2struve0, POSITIVE),
]
