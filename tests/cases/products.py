"""Cases of rules/products.py."""

import numpy as np

from tests.cases import case, complex_, real

MATMUL_SHAPES = [
    ((3,), (3,)),
    ((3,), (3, 2)),
    ((4, 3), (3,)),
    ((4, 3), (3, 2)),
    ((2, 4, 3), (3,)),
    ((3,), (2, 3, 4)),
    ((2, 4, 3), (3, 2)),
    ((4, 3), (2, 3, 2)),
    ((2, 4, 3), (2, 3, 2)),
    ((5, 1, 2, 3), (2, 3, 2)),
]
DOT_SHAPES = [
    ((2, 3), (4, 3, 2)),
    ((2, 2, 3), (3,)),
    ((3,), (2, 3, 2)),
    ((2, 2, 3), (4, 3, 2)),
    ((), (3,)),
]
INNER_SHAPES = [((3,), (3,)), ((2, 3), (3,)), ((2, 3), (4, 3)), ((2, 2, 3), (4, 2, 3)), ((3,), ())]
EINSUMS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ba", (2, 3)),
    ("ij->", (2, 3)),
    ("ij->j", (2, 3)),
    ("ij,kl->il", (2, 3), (2, 4)),
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("iij->j", (3, 3, 2)),
    ("iii->i", (3, 3, 3)),
    ("iji,j->i", (3, 2, 3), (2,)),
    ("...ij,...jk->...ik", (2, 1, 3, 2), (4, 2, 3)),
    ("...ij,jk", (3, 1, 2, 3), (3, 2)),
    ("i...,i", (3, 2), (3,)),
    ("ij,ij->i", (2, 3), (2, 1)),
    ("ij,jk,kl->il", (2, 3), (3, 2), (2, 4)),
    (" i , i -> ", (3,), (3,)),
    ("i,j->ij", (2,), (3,)),
]

CASES = [
    *(case(np.matmul, real(*a), real(*b, seed=1), dtypes="fFD") for a, b in MATMUL_SHAPES),
    case(np.matmul, complex_(2, 3), real(3, 2), dtypes=""),
    *(case(np.dot, real(*a), real(*b, seed=1), dtypes="fD") for a, b in DOT_SHAPES),
    case(np.dot, real(2, 3), real(3, 2), dtypes="fD"),
    *(case(np.inner, real(*a), real(*b, seed=1), dtypes="fD") for a, b in INNER_SHAPES),
    case(np.outer, real(3), real(2), dtypes="fD"),
    case(np.outer, real(2, 2), real(3), dtypes="fD"),
    case(np.linalg.outer, real(3), real(2), dtypes="fD"),
    case(np.vdot, real(3), real(3, seed=1), dtypes="fD"),
    case(np.vdot, real(2, 3), real(3, 2), dtypes="fD"),
    case(np.vdot, complex_(3), real(3), dtypes=""),
    case(np.vecdot, real(4, 1, 3), real(2, 3), dtypes="fD"),
    case(np.linalg.vecdot, real(2, 3), real(2, 3, seed=1), axis=0, dtypes="fD"),
    case(np.linalg.matmul, real(2, 3), real(3, 2), dtypes="fD"),
    case(np.linalg.tensordot, real(2, 3), real(3, 2), axes=1, dtypes="fD"),
    case(
        np.linalg.multi_dot, real(2, 3), real(3, 4), call=lambda a, b: np.linalg.multi_dot([a, b])
    ),
    case(
        np.linalg.multi_dot,
        *(real(2, 5), real(5, 3), real(3, 4), real(4, 2)),
        call=lambda *arrays: np.linalg.multi_dot(arrays),
        dtypes="fD",
    ),
    case(
        np.linalg.multi_dot,
        *(real(3), real(3, 4), real(4)),
        call=lambda *arrays: np.linalg.multi_dot(arrays),
    ),
    case(
        np.linalg.multi_dot,
        *(real(2, 3), real(3, 4), real(4)),
        call=lambda *arrays: np.linalg.multi_dot(arrays),
    ),
    *(
        case(np.tensordot, real(2, 3, 4), real(3, 4, 2), axes=axes, dtypes="fD")
        for axes in (2, ([1], [0]), (-1, 1), ([2, 0], [1, 2]), ([1, 2], [0, 1]))
    ),
    case(np.tensordot, real(2, 3), real(3), axes=0, dtypes="fD"),
    *(
        case(
            np.einsum,
            subscripts,
            *(real(*shape, seed=i) for i, shape in enumerate(shapes)),
            dtypes="fD",
        )
        for subscripts, *shapes in EINSUMS
    ),
    case(np.einsum, "ij,jk,kl->il", real(2, 3), real(3, 2), real(2, 4), optimize=True),
    case(np.einsum, "ij,jk,kl->il", real(2, 3), real(3, 2), real(2, 4), optimize="optimal"),
    case(
        np.einsum,
        *("ij,jk,kl->il", real(2, 3), real(3, 2), real(2, 4)),
        optimize=["einsum_path", (1, 2), (0, 1)],
    ),
    case(np.einsum, real(2, 3), [0, 1], real(3, 4), [1, 2], [2, 0], dtypes="fD"),
    case(np.einsum, real(2, 3), [0, 1], real(3, 4), [1, 30]),
    case(np.einsum, real(2, 3, 3), [Ellipsis, 1, 1], [Ellipsis, 1]),
    *(
        case(np.kron, real(*a), real(*b, seed=1), dtypes="fD")
        for a, b in [((2, 3), (3, 2)), ((2,), (3,)), ((2,), (2, 3)), ((2, 1, 3), (2, 2))]
    ),
    case(np.cross, real(3), real(3, seed=1), dtypes="fD"),
    case(np.cross, real(2, 3), real(4, 1, 3, seed=1), dtypes="fD"),
    case(np.cross, real(3, 2), real(2, 3, seed=1), axisa=0, axisb=-1, axisc=0),
    case(np.cross, real(2, 3, 4), real(3, 4, seed=1), axisa=1, axisb=0, axisc=1),
    case(np.linalg.cross, real(3, 2), real(3, 2, seed=1), axis=0),
    case(np.trace, real(3, 4), dtypes="fD"),
    case(np.trace, real(3, 4), offset=1),
    case(np.trace, real(2, 3, 4), offset=-1, axis1=2, axis2=0, dtypes="fD"),
    case(np.linalg.trace, real(2, 3, 3), offset=1, dtypes="fD"),
]
if hasattr(np, "matvec"):
    CASES += [
        case(np.matvec, real(4, 1, 2, 3), real(2, 3), dtypes="fD"),
        case(np.vecmat, real(4, 1, 3), real(2, 3, 2), dtypes="fD"),
    ]
