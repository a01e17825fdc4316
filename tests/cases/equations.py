"""Cases of rules/equations.py."""

import numpy as np

from tests.cases import ZM, A, M, S, case, forms, real

la = np.linalg


def regular(*shape, seed=0):
    """Matrices whose determinant is far from 0, with complex parts too small to change that."""
    return real(*shape, seed=seed) + 3 * np.eye(*shape[-2:])


CASES = [
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
]

# ---------------------------------------------------------------------------- with every option

CASES += [
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
    *forms(np.linalg.inv, ((np.stack([M, S]),), {}), ((ZM,), {})),
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
]
