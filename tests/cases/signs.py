"""Cases of rules/signs.py."""

import numpy as np

from tests.cases import (
    A,
    C,
    F,
    case,
    complex_,
    forms,
    like,
    positive,
    real,
)

CASES = [
    case(np.absolute, real(4), dtypes="fFD"),
    case(np.absolute, complex_(4), dtypes=""),
    case(np.fabs, real(4)),
    case(np.copysign, real(4), real(4, seed=5)),
    case(np.sign, real(4)),
    case(np.sign, complex_(4), dtypes="FD"),
    case(np.maximum, real(4, 1), real(3)),
    case(np.maximum, real(4), 0.0),
    case(np.minimum, real(4), real(4, seed=5)),
    case(np.fmax, real(4), call=lambda x: np.fmax(x, [1.0, np.nan, -1.0, np.nan])),
    case(np.fmin, real(4), real(3, 1)),
    case(np.clip, real(6), -1.0, 1.0),
    case(np.clip, real(6), real(6, low=-1.5, high=-0.5), positive(6)),
    case(np.clip, real(6), None, 0.5),
    case(np.clip, real(6), label="clip(min=-0.5)", call=lambda x: x.clip(min=-0.5)),
    case(np.heaviside, real(4), real(4, seed=5)),
    case(np.nextafter, real(4), np.inf),
]

# ---------------------------------------------------------------------------- with every option

CASES += [
    *forms(
        np.clip,
        ((A, -1.0, 1.0), {}),
        ((A, None, F(1.0)), {}),
        ((A, F(-1.0), None), {}),
        ((A, real(4, low=-1.5, high=-1), real(3, 1, low=1, high=1.5)), {}),
        ((A,), {"a_min": -1.0, "a_max": F(1.0)}),
        ((A, -1, 1), {"out": like(A, 3, 4)}),
        ((A, -1, 1, like(A, 3, 4)), {}),
        ((A, -1, 1), {"dtype": "g"}),
    ),
    *forms(
        lambda a, *args, **options: a.clip(*args, **options),
        ((A, -1, 1), {}),
        ((A,), {"max": F(0.5)}),
    ),
    *forms(np.heaviside, ((A, C), {})),
    *forms(np.absolute, ((complex_(4),), {"dtype": float}), ((A,), {"dtype": "g"})),
]
if np.lib.NumpyVersion(np.__version__) >= "2.1.0":
    CASES += forms(np.clip, ((A,), {"min": F(-1.0), "max": 1.0}), ((A,), {"max": F(0.5)}))
