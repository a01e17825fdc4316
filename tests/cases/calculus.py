"""Cases of rules/calculus.py."""

import numpy as np

from tests.cases import GRID, A, B, C, F, V, case, complex_, forms, positive, real

RISING = np.cumsum(positive(5))
PLACES = np.array([-3.0, 0.7, 1.9, 3.1, 5.2, 40.0])

CASES = [
    case(np.diff, real(5), dtypes="fFD"),
    case(np.diff, real(5), n=2),
    case(np.diff, real(5), n=0),
    case(np.diff, real(3), n=4),
    case(np.diff, real(3, 4), n=3, axis=0),
    case(np.diff, real(3, 4), axis=0, prepend=0.0, append=2.0),
    case(np.diff, real(3, 4), real(3, 2), call=lambda a, b: np.diff(a, prepend=b, n=2)),
    case(np.ediff1d, real(3, 4)),
    case(np.ediff1d, real(4), to_end=real(2), to_begin=1.0, dtypes="fFD"),
    case(np.gradient, real(5), dtypes="fFD"),
    case(np.gradient, real(3, 4)),
    case(np.gradient, real(3, 4), axis=(1,)),
    case(np.gradient, real(2, 3, 4), 0.5, axis=[2, 0]),
    case(np.gradient, real(3, 4), axis=-2, edge_order=2),
    case(np.gradient, real(5), 0.3),
    case(np.gradient, real(3, 4), 0.3, 0.7, edge_order=2),
    case(np.gradient, real(5), np.arange(5)),
    case(np.gradient, real(5), RISING),
    case(np.gradient, real(5), RISING, edge_order=2, dtypes="f"),
    case(np.gradient, real(3, 5), 0.5, RISING, edge_order=2),
    case(np.gradient, real(5, 3), RISING, axis=0),
    case(np.gradient, real(5), np.array(0.4)),
    case(np.trapezoid, real(5), dtypes="fFD"),
    case(np.trapezoid, real(3, 4), dx=0.3, axis=0),
    case(np.trapezoid, real(3, 5), RISING),
    case(np.trapezoid, real(5, 3), RISING, axis=0),
    case(np.trapezoid, real(3, 4), real(3, 4, seed=1), axis=0),
    case(np.interp, PLACES, RISING, real(5)),
    case(np.interp, PLACES, RISING, real(5), left=1.0, right=-2.0),
    case(np.interp, PLACES.reshape(2, 3), RISING, real(5) + 1j * real(5, seed=1), dtypes=""),
    case(np.interp, 2.2, RISING, real(5)),
    case(np.interp, PLACES, real(5), real(5, seed=1), period=2.7),
    case(np.interp, PLACES, np.array([1.0]), np.array([2.0])),
    *(
        case(function, real(n), real(m, seed=1), mode=mode, dtypes="fFD")
        for function in (np.convolve, np.correlate)
        for n, m in ((7, 3), (3, 7), (4, 4), (6, 2), (2, 6), (1, 4))
        for mode in ("full", "same", "valid")
    ),
]

# ---------------------------------------------------------------------------- with every option

CASES += [
    *forms(
        np.diff,
        ((A,), {}),
        ((A, 2, 0), {}),
        ((A, 0), {}),
        ((A,), {"n": 3, "axis": -1}),
        ((A, 1, 1, 0), {}),
        ((A, 1, 1, real(3, 1), real(3, 2)), {}),
        ((A,), {"append": F(1.0), "axis": 0, "n": 2}),
        ((A,), {"prepend": [[1.0], [2.0], [3.0]]}),
        ((A, 9), {}),
    ),
    *forms(
        np.ediff1d,
        ((A,), {}),
        ((A, 1.0), {}),
        ((A, V, C), {}),
        ((A,), {"to_begin": F(1.0), "to_end": [1.0, 2.0]}),
    ),
    *(
        c
        for order in (1, 2)
        for c in forms(
            np.gradient,
            ((A,), {"edge_order": order}),
            ((A, 0.5), {"edge_order": order}),
            ((A, F(0.5)), {"edge_order": order}),
            ((A, 0.5, F(2.0)), {"edge_order": order}),
            ((A, [0.0, 1.0, 3.0], np.array([0.0, 1.0, 2.5, 3.0])), {"edge_order": order}),
            ((A, [0.0, 1.0, 2.0], 2.0), {"edge_order": order}),
            ((A, 2.0), {"axis": 0, "edge_order": order}),
            ((B, 2.0, [0.0, 1.0, 3.0, 3.5]), {"axis": (1, -1), "edge_order": order}),
            ((B,), {"axis": (1, 2), "edge_order": order}),
            ((GRID**2, GRID), {"edge_order": order}),
            ((V, np.array([0.0, 1.0, 2.0, 3.0, 4.0])), {"edge_order": order}),
            ((A.tolist(), F(2.0), 1.0), {"edge_order": order}),
        )
    ),
    *forms(
        np.trapezoid,
        ((A,), {}),
        ((A, C), {}),
        ((A, A), {}),
        ((A, None, 0.5, 0), {}),
        ((A,), {"dx": F(0.5)}),
        ((A, real(3)), {"axis": 0}),
        ((A, [0.0, 1.0, 3.0, 4.0]), {}),
        ((A.tolist(), C), {}),
        ((B, real(3)), {"axis": 1}),
        ((A,), {"dx": real(3)}),
    ),
    *forms(
        np.interp,
        ((real(6, low=-0.5, high=2.9), GRID, V), {}),
        ((real(2, 3, low=-0.5, high=2.9), GRID, V, F(1.0), F(2.0)), {}),
        ((F(0.7), GRID, V), {}),
        ((F(0.7), GRID.tolist(), V.tolist()), {}),
        ((real(6, low=-0.5, high=2.9), GRID, V), {"left": 0.0}),
        ((real(6, low=-0.5, high=2.9), GRID, V), {"right": F(0.3)}),
        ((real(6, low=-4, high=6), GRID, V), {"period": 3.1}),
        ((real(6, low=-4, high=6), GRID[[3, 1, 0, 4, 2]], V, None, None, F(3.1)), {}),
        ((real(4, low=0, high=2), GRID, complex_(5)), {}),
        ((real(4, low=-1, high=3), GRID, complex_(5)), {"left": 1j}),
        ((0.7, GRID, V), {}),
        ((0.7, GRID, V, F(2.0)), {"period": 3.0}),
    ),
    *(
        c
        for f in (np.convolve, np.correlate)
        for mode in ("full", "same", "valid")
        for c in forms(
            f,
            ((V, C, mode), {}),
            ((C, V), {"mode": mode}),
            ((V, [1.0, 2.0], mode), {}),
            ((complex_(5), complex_(3)), {"mode": mode}),
        )
    ),
    *forms(np.convolve, ((V, F(2.0)), {}), ((2.0, V, "same"), {})),
]
