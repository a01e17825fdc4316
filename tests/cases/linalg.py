"""Cases of rules/linalg.py."""

import numpy as np

from tests.cases import ZM, ZS, A, B, C, M, S, Z, case, complex_, each, forms, real, row
from tests.cases.decompositions import symmetric

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

# ---------------------------------------------------------------------------- with every option

CASES += [
    *(
        c
        for x in (C, complex_(4))
        for ord in (None, 2, 1, 0, 3, 1.5, -1, -2, 0.5, -0.5, np.inf, -np.inf)
        for c in forms(
            np.linalg.norm, ((x, ord), {}), ((x,), {"ord": ord, "axis": 0, "keepdims": True})
        )
    ),
    *(
        c
        for x in (A, Z)
        for ord in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)
        for c in forms(
            np.linalg.norm, ((x, ord), {}), ((x, ord, (1, 0), True), {}), ((x, ord, (-2, -1)), {})
        )
    ),
    *(
        c
        for ord in (None, 2, 1, 0, 3, -1, np.inf, -np.inf)
        for c in forms(
            np.linalg.norm,
            ((B, ord, 1), {}),
            ((B,), {"ord": ord, "axis": -1, "keepdims": True}),
            ((B, ord, (0,)), {}),
        )
    ),
    *(
        c
        for ord in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)
        for c in forms(
            np.linalg.norm,
            ((B, ord, (0, 2)), {}),
            ((B, ord, (2, 0), True), {}),
            ((B, ord, (0, 1)), {}),
        )
    ),
    *forms(np.linalg.norm, ((B,), {}), ((B,), {"keepdims": True})),
    *(
        c
        for ord in (2, 1, 0, 3, -1, 0.5, np.inf, -np.inf)
        for c in forms(
            np.linalg.vector_norm,
            ((B,), {"ord": ord}),
            ((B,), {"axis": (0, 2), "keepdims": True, "ord": ord}),
            ((Z,), {"axis": 0, "ord": ord}),
        )
    ),
    *(
        c
        for ord in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)
        for c in forms(
            np.linalg.matrix_norm,
            ((B,), {"ord": ord}),
            ((B,), {"keepdims": True, "ord": ord}),
            ((Z,), {"ord": ord}),
        )
    ),
    *(
        c
        for p in (None, "fro", 1, -1, 2, -2, np.inf, -np.inf)
        for c in forms(np.linalg.cond, ((M, p), {}), ((np.stack([M, S]),), {"p": p}))
    ),
    row(np.linalg.cond, A),
    *(row(np.linalg.cond, ZM, p) for p in (None, 2, -2)),
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
    *forms(
        np.linalg.solve,
        ((M, real(3)), {}),
        ((M, A), {}),
        ((np.stack([M, S]), real(3, 2)), {}),
        ((np.stack([M, S]), real(3)), {}),
        ((M, [1, 2, 3]), {}),
        ((M.tolist(), A), {}),
        ((ZM, A), {}),
    ),
    *each((np.linalg.inv, np.linalg.det, np.linalg.slogdet), np.stack([M, S])),
    *each((np.linalg.inv, np.linalg.det, np.linalg.slogdet), ZM),
    *forms(np.linalg.matrix_power, *(((M, n), {}) for n in (0, 1, 2, 3, 7, -1, -3))),
    *forms(
        np.linalg.tensorinv,
        ((real(2, 3, 6),), {}),
        ((real(6, 2, 3), 1), {}),
        ((real(2, 3, 6),), {"ind": 2}),
    ),
    *forms(
        np.linalg.tensorsolve,
        ((real(2, 3, 6), real(2, 3)), {}),
        ((real(6, 2, 3), real(6)), {}),
        ((real(2, 6, 3), real(2, 3), (1,)), {}),
        ((real(2, 6, 3), real(2, 3)), {"axes": (1,)}),
    ),
    *forms(np.linalg.diagonal, ((B,), {"offset": 1})),
]
