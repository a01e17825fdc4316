"""Options of rules/linalg.py."""

import numpy as np

from tests.cases import complex_, real
from tests.options import ZM, ZS, A, B, C, M, Row, S, Z, each, forms
from tests.options.decompositions import symmetric

ROWS = [
    *(
        row
        for x in (C, complex_(4))
        for ord in (None, 2, 1, 0, 3, 1.5, -1, -2, 0.5, -0.5, np.inf, -np.inf)
        for row in forms(
            np.linalg.norm, ((x, ord), {}), ((x,), {"ord": ord, "axis": 0, "keepdims": True})
        )
    ),
    *(
        row
        for x in (A, Z)
        for ord in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)
        for row in forms(
            np.linalg.norm, ((x, ord), {}), ((x, ord, (1, 0), True), {}), ((x, ord, (-2, -1)), {})
        )
    ),
    *(
        row
        for ord in (None, 2, 1, 0, 3, -1, np.inf, -np.inf)
        for row in forms(
            np.linalg.norm,
            ((B, ord, 1), {}),
            ((B,), {"ord": ord, "axis": -1, "keepdims": True}),
            ((B, ord, (0,)), {}),
        )
    ),
    *(
        row
        for ord in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)
        for row in forms(
            np.linalg.norm,
            ((B, ord, (0, 2)), {}),
            ((B, ord, (2, 0), True), {}),
            ((B, ord, (0, 1)), {}),
        )
    ),
    *forms(np.linalg.norm, ((B,), {}), ((B,), {"keepdims": True})),
    *(
        row
        for ord in (2, 1, 0, 3, -1, 0.5, np.inf, -np.inf)
        for row in forms(
            np.linalg.vector_norm,
            ((B,), {"ord": ord}),
            ((B,), {"axis": (0, 2), "keepdims": True, "ord": ord}),
            ((Z,), {"axis": 0, "ord": ord}),
        )
    ),
    *(
        row
        for ord in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)
        for row in forms(
            np.linalg.matrix_norm,
            ((B,), {"ord": ord}),
            ((B,), {"keepdims": True, "ord": ord}),
            ((Z,), {"ord": ord}),
        )
    ),
    *(
        row
        for p in (None, "fro", 1, -1, 2, -2, np.inf, -np.inf)
        for row in forms(np.linalg.cond, ((M, p), {}), ((np.stack([M, S]),), {"p": p}))
    ),
    Row(np.linalg.cond, A),
    *(Row(np.linalg.cond, ZM, p) for p in (None, 2, -2)),
    *forms(
        np.linalg.pinv,
        ((A,), {}),
        ((A, 1e-10), {}),
        ((A,), {"rtol": 1e-12}),
        ((B,), {"rcond": np.array([1e-10, 1e-9]).tolist()}),
        ((Z,), {}),
    ),
    Row(symmetric(np.linalg.pinv), S, hermitian=True),
    Row(symmetric(np.linalg.pinv), ZS, None, True),
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
