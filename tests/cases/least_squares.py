"""Cases of rules/least_squares.py."""

import numpy as np

from tests.cases import ZS, A, B, C, S, Z, case, complex_, forms, real, row
from tests.cases.decompositions import symmetric
from tests.cases.equations import regular

la = np.linalg

CASES = [
    case(la.pinv, real(4, 2), dtypes="fD"),
    case(la.pinv, real(2, 4), dtypes="fD"),
    case(la.pinv, regular(3, 3), rcond=1e-8),
    case(la.pinv, real(2, 3, 2)),
    case(la.pinv, regular(3, 3), call=lambda a: la.pinv(a + a.T, hermitian=True)),
    case(la.lstsq, real(4, 2), real(4), dtypes="fD"),
    case(la.lstsq, real(4, 2), real(4, 3), dtypes="fD"),
    case(la.lstsq, real(2, 4), real(2), dtypes="fD"),
    case(la.lstsq, regular(3, 3), real(3, 2), rcond=-1),
]

# ---------------------------------------------------------------------------- with every option

CASES += [
    *forms(
        np.linalg.pinv,
        ((A,), {}),
        ((A, 1e-10), {}),
        ((A,), {"rtol": 1e-12}),
        ((B,), {"rcond": np.array([1e-10, 1e-9]).tolist()}),
        ((Z,), {}),
    ),
    row(symmetric(np.linalg.pinv), S, hermitian=True),
    row(symmetric(np.linalg.pinv), ZS, None, True),
    *forms(
        np.linalg.lstsq,
        ((A.T, C), {}),
        ((A.T, real(4, 2)), {"rcond": None}),
        ((A.T, C, 1e-10), {}),
        ((A.T, C), {"rcond": -1}),
        ((A, real(3)), {}),
        ((Z.T, complex_(4)), {}),
    ),
]
