"""Cases of rules/norms.py."""

import numpy as np

from tests.cases import ZM, A, B, C, M, S, Z, case, complex_, forms, real, row
from tests.cases.equations import regular

la = np.linalg

CASES = [
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
]
