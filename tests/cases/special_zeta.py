"""Cases of rules/special/zeta.py."""

import numpy as np
from scipy import special

from tests.cases import case, positive

CASES = [
    case(special.zeta, positive(5), call=lambda q: special.zeta(2.5, q)),
    case(special.zeta, positive(5, low=1.2, high=6.0), positive(5)),
    case(special.zeta, np.array([3.5, 0.5, 0.0, -0.4, -4.3])),
    case(special.zetac, np.array([3.5, 0.5, -2.0, -7.7])),
]
