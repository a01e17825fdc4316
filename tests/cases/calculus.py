"""Cases of rules/calculus.py."""

import numpy as np

from tests.cases import case, positive, real

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
