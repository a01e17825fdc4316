"""Cases of rules/linalg.py."""

import numpy as np

from tests.cases import case, complex_, real

la = np.linalg
SINGULAR = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [5.0, 7.0, 9.0]])


def regular(*shape, seed=0):
    """Matrices whose determinant is far from 0, with complex parts too small to change that."""
    return real(*shape, seed=seed) + 3 * np.eye(*shape[-2:])


CASES = [
    # norms
    case(la.norm, real(4), dtypes="fFD"),
    case(la.norm, real(2, 3), keepdims=True, dtypes="fD"),
    case(la.norm, real(2, 3, 2), dtypes="fD"),
    case(la.norm, complex_(3), dtypes=""),
    *(case(la.norm, real(4), ord=ord, dtypes="fD") for ord in (1, 2, 3, 2.5, -2, np.inf, -np.inf)),
    *(case(la.norm, real(3, 4), ord=ord, axis=0) for ord in (None, 1, 2, 3, np.inf, -np.inf)),
    *(case(la.norm, real(3, 4), axis=(1,), ord=ord, keepdims=True) for ord in (None, 1, 3, np.inf)),
    *(
        case(la.norm, real(3, 4), ord=ord, dtypes="fD")
        for ord in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)
    ),
    *(
        case(la.norm, real(3, 2, 4), ord=ord, axis=(2, 0), keepdims=k)
        for ord in (None, "nuc", 1, 2, np.inf)
        for k in (False, True)
    ),
    case(la.vector_norm, real(2, 3), dtypes="fD"),
    case(la.vector_norm, real(2, 3), keepdims=True, ord=3),
    case(la.vector_norm, real(2, 3, 2), axis=(2, 0), keepdims=True),
    case(la.vector_norm, real(2, 3, 2), axis=-2, ord=1),
    case(la.matrix_norm, real(2, 3, 2), dtypes="fD"),
    case(la.matrix_norm, real(2, 3, 2), ord=2, keepdims=True),
    *(case(la.cond, regular(3, 3), p=p) for p in (None, 2, -2, "fro", 1, np.inf, "nuc")),
    case(la.cond, real(2, 3, 4)),
    # determinants
    case(la.det, regular(3, 3), dtypes="fFD"),
    case(la.det, regular(2, 3, 3), dtypes="fD"),
    case(la.det, SINGULAR),
    case(la.det, np.stack([SINGULAR, regular(3, 3)])),
    case(la.slogdet, regular(3, 3), dtypes="fFD"),
    case(la.slogdet, regular(2, 3, 3), dtypes="fD"),
    case(la.slogdet, regular(2, 3, 3) + 1j * real(2, 3, 3, seed=1), dtypes=""),
    # inverses and equations
    case(la.inv, regular(3, 3), dtypes="fFD"),
    case(la.inv, regular(2, 3, 3), dtypes="fD"),
    case(la.solve, regular(3, 3), real(3), dtypes="fFD"),
    case(la.solve, regular(3, 3), real(3, 2), dtypes="fD"),
    case(la.solve, regular(2, 3, 3), real(3), dtypes="fD"),
    case(la.solve, regular(2, 1, 3, 3), real(4, 3, 2), dtypes="fD"),
    case(la.solve, regular(3, 3), real(2, 3, 2)),
    case(la.tensorinv, regular(6, 6).reshape(2, 3, 6), ind=2),
    case(la.tensorinv, regular(6, 6).reshape(6, 2, 3), ind=1),
    case(la.tensorsolve, regular(6, 6).reshape(2, 3, 6), real(2, 3)),
    case(la.tensorsolve, regular(6, 6).reshape(2, 3, 6), real(6), axes=(0, 1)),
    *(case(la.matrix_power, regular(2, 2) / 2, n, dtypes="fD") for n in (-3, -1, 1, 2, 3, 5, 6)),
    case(la.matrix_power, regular(2, 3, 3) / 2, 4),
    # pseudoinverse, least squares
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
