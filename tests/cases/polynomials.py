"""Cases of rules/polynomials.py."""

import numpy as np

from tests.cases import case, complex_, positive, real

CASES = [
    case(np.polyval, real(4), real(3), dtypes="fFD"),
    case(np.polyval, real(4), real(2, 3)),
    case(np.polyval, real(4), 0.7),
    case(np.polyval, [1.0, 2.0, 3.0], real(3)),
    case(np.polyadd, real(4), real(2), dtypes="fFD"),
    case(np.polyadd, real(2), real(4)),
    case(np.polyadd, real(3), real(3, 3)),  # rows of coefficients
    case(np.polysub, real(4), real(2)),
    case(np.polysub, real(2), real(4)),
    case(np.polysub, real(3, 2), real(3, 2, seed=1)),
    case(np.polymul, real(4), real(2), dtypes="fFD"),
    case(np.polymul, real(3), [0.0, 2.0, 3.0]),
    case(np.polydiv, real(5), real(3), dtypes="fFD"),
    case(np.polydiv, [1.0, 2.0, 3.0, 4.0], real(2)),
    case(np.polydiv, real(2), real(4)),
    case(np.polydiv, real(3), 2.0),
    case(np.polyder, real(4), dtypes="fFD"),
    case(np.polyder, real(4), 2),
    case(np.polyder, real(4), call=lambda p: np.polyder(p, 2.0), label="polyder(4, m=2.0)"),
    case(np.polyder, real(2), 3),
    case(np.polyint, real(4), dtypes="fFD"),
    case(np.polyint, real(4), 2, k=[1.0, 2.0]),
    case(np.polyint, real(4), 2, k=3.0),
    case(np.poly, real(4), dtypes="fFD"),
    case(np.poly, complex_(3), dtypes=""),
    case(np.poly, real(3, 3) + 3 * np.diag([1.0, 2.0, 4.0])),
    case(np.vander, real(4), dtypes="fFD"),
    case(np.vander, real(4), 3, increasing=True),
    case(np.vander, np.array([0.0, 1.0, -2.0]), 4),
    case(np.vander, real(3), 1),
    case(np.vander, real(3), 0),
    case(np.polyfit, real(6), real(6, seed=1), 2),
    case(np.polyfit, real(6), real(6, 2), 1, w=positive(6)),
    case(np.polyfit, real(6), real(6, seed=1), 2, cov=True),
    case(np.polyfit, real(6), real(6, seed=1), 2, cov="unscaled"),
    case(np.roots, np.array([1.0, -6.0, 11.0, -6.5])),
    case(np.roots, np.array([2.0, 1.0, 3.0])),
    case(np.roots, np.array([1.0 + 2j, -3.0, 2.0 - 1j]), dtypes=""),
    case(np.polynomial.polynomial.polyval, real(3), real(4)),
]
