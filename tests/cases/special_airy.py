"""Cases of rules/special/airy.py."""

import numpy as np
from scipy import special

from tests.cases import case, complex_, positive, real

CASES = [
    case(special.airy, real(4), dtypes="fFD"),
    case(special.airy, np.array([0.0, 4.0, -6.0])),
    case(special.airy, complex_(3), dtypes=""),
    case(special.airye, positive(4)),
    case(special.airye, real(4), call=lambda x: special.airye(x)[2]),
    case(special.itairy, real(4)),
]
