"""Cases of rules/products.py."""

import operator

import numpy as np

from tests.cases import A, B, C, F, V, Z, case, complex_, each, forms, like, real

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

# ---------------------------------------------------------------------------- with every option

CASES += [
    *forms(
        np.tensordot,
        ((B, real(3, 4, 2)), {}),
        ((C, V, 0), {}),
        ((B, real(4, 2), 1), {}),
        ((B, B, ((0, 1), (0, 1))), {}),
        ((B, B, ([2, 0], [2, 0])), {}),
        ((B, A, (2, 1)), {}),
        ((B, A, (-1, -1)), {}),
        ((B, A), {"axes": [[1, 2], [0, 1]]}),
        ((B, A, np.array([[1, 2], [0, 1]])), {}),
        ((B, real(4, 3, 2), ((0, 2), (2, 0))), {}),
        ((B, [[1.0], [2.0], [3.0], [4.0]], 1), {}),
        ((Z, Z, ([0], [0])), {}),
        ((B, B, 3), {}),
    ),
    *(
        c
        for a, b in (
            (C, C),
            (A, C),
            (A, A.T),
            (B, A.T),
            (F(2.0), A),
            (A, F(2.0)),
            (C, A.T),
            (B, real(4, 4, 3)),
            (C, real(2, 4, 3)),
            (B, C),
        )
        for c in forms(np.dot, ((a, b), {}))
    ),
    *forms(
        np.dot,
        ((A, C), {"out": like(A, 3)}),
        ((A, C, like(A, 3)), {}),
        ((A, [1, 2, 3, 4]), {}),
        (([1, 2, 3], A), {}),
        ((A, 2.0), {}),
    ),
    *(
        c
        for a, b in ((C, C), (A, C), (C, A), (A, A), (B, A), (A, B), (F(2.0), A), (B, C))
        for c in forms(np.inner, ((a, b), {}))
    ),
    *forms(
        np.outer,
        ((A, C), {}),
        ((F(1.0), C), {}),
        ((V, C), {"out": like(V, 5, 4)}),
        ((V, [1, 2]), {}),
    ),
    *forms(
        np.vdot,
        ((A, A), {}),
        ((Z, Z), {}),
        ((Z, A), {}),
        ((A, Z), {}),
        ((A, A.T.ravel()), {}),
        ((C, [1, 2, 3, 4j]), {}),
    ),
    *(
        c
        for a, b in ((V, C), (A, C), (C, A), (A, B), (F(2.0), A), (B, A), (Z, A), (A, [[1, 2]]))
        for c in forms(np.kron, ((a, b), {}))
    ),
    *forms(
        np.cross,
        ((real(4, 3), real(4, 3, seed=1)), {}),
        ((real(3, 4), real(3, 4, seed=1), 0, 0), {}),
        ((real(3, 4), real(4, 3, seed=1), 0, 1, 0), {}),
        ((real(3, 4), real(3, 4, seed=1)), {"axis": 0}),
        ((real(3), real(4, 3)), {}),
        ((real(2, 1, 3), real(4, 3)), {"axisc": 0}),
        ((real(3), [1, 2, 3]), {}),
        ((real(3, 2, 4), real(3, 4)), {"axisa": 0, "axisb": 0, "axisc": 1}),
    ),
    *forms(
        np.trace,
        ((A,), {}),
        ((A, 1), {}),
        ((B, -1, 1, 2), {}),
        ((B,), {"axis1": 2, "axis2": 0}),
        ((A, 0, 0, 1, "g"), {}),
        ((B, 0, 0, 1, None), {"out": like(B, 4)}),
        ((B,), {"axis1": -1, "axis2": -2, "dtype": complex}),
    ),
    *each((np.matmul, operator.matmul), B, real(2, 4, 2)),
    *each((np.matmul, operator.matmul), C, A.T),
    *each((np.matmul, operator.matmul), B, C),
    *each((np.matmul, operator.matmul), A, real(5, 4, 2)),
    *forms(
        np.matmul,
        ((A, C), {}),
        ((A, A.T), {"out": like(A, 3, 3)}),
        ((A, [1, 2, 3, 4]), {}),
        ((A, A.T), {"dtype": complex}),
    ),
    *forms(np.vecdot, ((A, C), {}), ((Z, Z), {}), ((A, A), {"axis": 0}), ((Z, Z), {"axis": 0})),
    *forms(np.linalg.vecdot, ((A, A), {"axis": 0}), ((Z, Z), {}), ((A, C), {})),
    *forms(
        np.linalg.cross,
        ((real(4, 3), real(4, 3, seed=1)), {}),
        ((real(3, 4), real(3, 4, seed=1)), {"axis": 0}),
    ),
    *forms(np.linalg.trace, ((B,), {}), ((B,), {"offset": 1, "dtype": complex})),
    *forms(np.linalg.tensordot, ((B, A), {"axes": ((1, 2), (0, 1))}), ((B, real(3, 4, 2)), {})),
    *forms(np.linalg.outer, ((V, C), {})),
    *forms(np.linalg.matmul, ((A, A.T), {})),
    *forms(
        np.linalg.multi_dot,
        (([A, A.T, A],), {}),
        (((C, A.T, A, C),), {}),
        (([C, A.T],), {}),
        (([A, A.T, A, C],), {}),
        (([A, A.T, A],), {"out": like(A, 3, 4)}),
        (([A, [[1.0], [2.0], [3.0], [4.0]], real(1, 2)],), {}),
    ),
    *forms(
        np.vander,
        ((C,), {}),
        ((C, 3), {}),
        ((C, 5, True), {}),
        ((C,), {"N": 2, "increasing": True}),
        ((complex_(3),), {}),
    ),
]
