"""Cases of rules/determinants.py."""

import numpy as np

from tests.cases import ZM, M, S, case, each, real
from tests.cases.equations import regular

la = np.linalg
SINGULAR = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [5.0, 7.0, 9.0]])

CASES = [
    case(la.det, regular(3, 3), dtypes="fFD"),
    case(la.det, regular(2, 3, 3), dtypes="fD"),
    case(la.det, SINGULAR),
    case(la.det, np.stack([SINGULAR, regular(3, 3)])),
    case(la.slogdet, regular(3, 3), dtypes="fFD"),
    case(la.slogdet, regular(2, 3, 3), dtypes="fD"),
    case(la.slogdet, regular(2, 3, 3) + 1j * real(2, 3, 3, seed=1), dtypes=""),
]

# ---------------------------------------------------------------------------- with every option

CASES += [
    *each((np.linalg.det, np.linalg.slogdet), np.stack([M, S])),
    *each((np.linalg.det, np.linalg.slogdet), ZM),
]
