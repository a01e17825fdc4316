"""Cases of rules/special/kelvin.py."""

import numpy as np
from scipy import special

from tests.cases import case, positive

POSITIVE = 2 * positive(5)
FROM_ZERO = np.array([0.0, 0.4, 0.97, 1.03, 5.0])

CASES = [
    case(special.ber, FROM_ZERO),
    case(special.bei, FROM_ZERO),
    case(special.berp, FROM_ZERO),
    case(special.beip, FROM_ZERO),
    case(special.ker, POSITIVE),
    case(special.kei, POSITIVE),
    case(special.kerp, POSITIVE),
    case(special.keip, POSITIVE),
    case(special.kelvin, POSITIVE),
]
