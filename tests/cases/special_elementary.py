"""Cases of rules/special/elementary.py."""

import numpy as np
from scipy import special

from tests.cases import case, positive, real

X = real(5)
POSITIVE = positive(5)

CASES = [
    case(special.cbrt, X),
    case(special.exp2, X),
    case(special.exp10, X),
    case(special.expm1, X, dtypes="fFD"),
    case(special.log1p, POSITIVE, dtypes="fFD"),
    case(special.cosm1, X),
    case(special.exprel, X),
    case(special.exprel, np.array([0.0, 1e-9, -1e-4])),
    case(special.powm1, POSITIVE, real(5, seed=5)),
    case(special.powm1, 2.5, X),
    case(special.sindg, 40 * X),
    case(special.cosdg, 40 * X),
    case(special.tandg, 40 * X),
    case(special.cotdg, 40 * X),
    case(special.radian, X, 30 * X, 40 * X),
]
