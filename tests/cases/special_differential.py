"""Cases of rules/special/parabolic.py, mathieu.py and spheroidal.py: solutions of an equation."""

import numpy as np
from scipy import special

from tests.cases import case, positive, real

X = real(3)
POSITIVE = positive(3)
INSIDE = real(3, low=-0.8, high=0.8)
# Nearer to 1 (to 0 for the oblate ones) SciPy's own second kind is wrong in places.
BEYOND = positive(3, low=1.3, high=3.0)
ONCE = {
    "order": 1,
    "reason": "its derivative is an integral of a function refused by that argument",
}

# No float32: SciPy's own loops for it do not end.
CASES = [
    case(special.pbdv, 1.5, X),
    case(special.pbdv, 2 * X + 0.5, X, dtypes=""),
    case(special.pbvv, 1.5, X),
    case(special.pbwa, 0.5, X),
    case(special.mathieu_cem, 2, 1.5, 30 * X),
    case(special.mathieu_sem, 2, 1.5, 30 * X),
    case(special.mathieu_modcem1, 2, 1.5, 0.5 * POSITIVE),
    case(special.mathieu_modcem2, 2, 1.5, 0.5 * POSITIVE),
    case(special.mathieu_modsem1, 2, 1.5, 0.5 * POSITIVE),
    case(special.mathieu_modsem2, 2, 1.5, 0.5 * POSITIVE),
    case(special.mathieu_a, np.array([0, 1, 2]), POSITIVE, **ONCE),
    case(special.mathieu_b, np.array([1, 2, 3]), POSITIVE, **ONCE),
    case(special.pro_ang1, 1, 2, 1.5, INSIDE, dtypes=""),
    case(special.pro_ang1_cv, 1, 2, 1.5, float(special.pro_cv(1, 2, 1.5)), INSIDE, dtypes=""),
    case(special.pro_rad1, 1, 2, 1.5, BEYOND, dtypes=""),
    case(special.pro_rad2, 1, 2, 1.5, 1 + BEYOND, dtypes=""),
    case(special.obl_ang1, 1, 2, 1.5, INSIDE, dtypes=""),
    case(special.obl_rad1, 1, 2, 1.5, POSITIVE, dtypes=""),
    case(special.obl_rad2, 1, 2, 1.5, 1 + BEYOND, dtypes=""),
    case(special.pro_cv, 1, 2, POSITIVE, dtypes="", **ONCE),
    case(special.obl_cv, 1, 2, POSITIVE, dtypes="", **ONCE),
]
