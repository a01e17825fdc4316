"""Cases of rules/reductions.py."""

import numpy as np

from tests.cases import case, complex_, real

MASK = np.arange(12).reshape(3, 4) % 5 != 0
HOLED = real(3, 4)
HOLED[1, 2] = np.nan
ZEROS = real(3, 4)
ZEROS[0, 1] = ZEROS[1, 0] = ZEROS[1, 3] = ZEROS[2, 3] = 0.0


def options_of(function, x, *more, dtypes="fFD"):
    """The ways in which every reduction may be asked to fold."""
    return [
        case(function, x, dtypes=dtypes),
        case(function, x, axis=0, dtypes=dtypes),
        case(function, x, axis=-1, keepdims=True),
        case(function, x, axis=(0, 1)),
        case(function, x, axis=None, keepdims=True),
        case(function, real(2, 3, 4), axis=(2, 0)),
        case(function, real(2, 3, 4), axis=(-1, 1), keepdims=True),
        case(function, np.array(0.7)),
        case(function, np.array(0.7), axis=-1),
        *more,
    ]


CASES = [
    *options_of(
        np.sum,
        real(3, 4),
        case(np.sum, real(3, 4), axis=1, initial=2.0),
        case(np.sum, real(3, 4), axis=1, where=MASK, initial=2.0),
        case(np.sum, real(3, 4), where=MASK[0], dtypes="fFD"),
        case(np.sum, real(3, 4), dtype=np.complex128),
        case(np.sum, real(100, 100), axis=0),
        case(np.sum, real(100, 100)),
        case(np.sum, real(0, 3), axis=0),
        case(np.sum, real(3), call=lambda x: x.sum(0, np.float64)),
    ),
    *options_of(
        np.prod,
        real(3, 4),
        case(np.prod, ZEROS),
        case(np.prod, ZEROS, axis=0, dtypes="fFD"),
        case(np.prod, ZEROS, axis=1, keepdims=True, initial=3.0),
        case(np.prod, ZEROS, axis=1, where=MASK, initial=3.0),
        case(np.prod, ZEROS.reshape(2, 3, 2), axis=(2, 0)),
        case(np.prod, real(3, 4), axis=1, where=MASK, initial=3.0),
        case(np.prod, np.zeros(3)),
        case(np.prod, real(0, 3), axis=0),
    ),
    case(np.max, complex_(5), dtypes=""),
    case(np.min, complex_(5), dtypes=""),
]
for extremum in (np.max, np.min, np.amax, np.amin):
    CASES += options_of(
        extremum,
        real(3, 4),
        case(extremum, real(3, 4), axis=1, initial=0.3),
        case(extremum, real(3, 4), axis=1, where=MASK, initial=0.3),
        case(extremum, real(3, 4), initial=0.3, where=MASK[0]),
        dtypes="f",
    )
CASES += [
    case(np.ptp, real(3, 4)),
    case(np.ptp, real(3, 4), axis=1, keepdims=True),
    case(np.ptp, real(3, 4), axis=(0, 1)),
    *(
        case(running, *(x,), **options)
        for running in (np.cumsum, np.cumprod)
        for x, options in (
            (real(5), {"dtypes": "fFD"}),
            (real(3, 4), {"dtypes": "fFD"}),
            (real(3, 4), {"axis": 0}),
            (real(2, 3, 4), {"axis": -2, "dtypes": "fFD"}),
            (ZEROS, {}),
            (ZEROS, {"axis": 1, "dtypes": "fFD"}),
            (np.array(0.7), {}),
            (real(3, 4), {"axis": 0, "dtype": np.complex128}),
        )
    ),
    *(
        case(function, HOLED, dtypes="f", **options)
        for function in (np.nansum, np.nanprod, np.nanmax, np.nanmin)
        for options in ({}, {"axis": 0}, {"axis": 1, "keepdims": True}, {"initial": 0.1})
    ),
    case(np.nancumsum, HOLED),
    case(np.nancumsum, HOLED, axis=1),
    case(np.nancumprod, HOLED),
    case(np.nancumprod, HOLED, axis=1),
    *(
        case(ufunc.reduce, real(3, 4), label=f"{ufunc.__name__}.reduce{options}", **options)
        for ufunc in (np.add, np.multiply, np.maximum, np.minimum, np.logaddexp, np.fmax, np.fmin)
        for options in ({}, {"axis": 1, "keepdims": True}, {"axis": -1})
    ),
    case(np.add.reduce, real(3, 4), axis=None, initial=2.0, where=MASK, label="add.reduce where"),
    *(
        case(ufunc.accumulate, real(3, 4), label=f"{ufunc.__name__}.accumulate{options}", **options)
        for ufunc in (np.add, np.multiply, np.maximum, np.minimum)
        for options in ({}, {"axis": 1}, {"axis": -2})
    ),
]
