"""Cases of rules/reductions.py."""

import numpy as np

from tests.cases import HOLED, MASK, A, B, F, Z, case, complex_, each, forms, like, real

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

# ---------------------------------------------------------------------------- with every option

SUMS = (np.sum, np.prod, np.nansum, np.nanprod)
EXTREMA = (np.max, np.min, np.amax, np.amin, np.nanmax, np.nanmin)
MEANS = (np.mean, np.nanmean)
SPREADS = (np.var, np.std, np.nanvar, np.nanstd)
MEDIANS = (np.median, np.nanmedian)
RUNNING = (np.cumsum, np.cumprod, np.nancumsum, np.nancumprod)

CASES += [
    *(
        c
        for f in (*SUMS, *EXTREMA, *MEANS, *SPREADS, *MEDIANS, np.ptp)
        for c in forms(
            f,
            ((B, 0), {}),
            ((B, -1), {}),
            ((B, (0, 2)), {}),
            ((B, (-1, 0)), {"keepdims": True}),
            ((B, [0, 2]) if f in MEDIANS else (B, (1,)), {"keepdims": True}),
            ((B, None), {"keepdims": True}),
            ((B,), {"axis": np.int64(1)}),
            ((A, 1), {"out": like(A, 3)}),
            ((np.zeros((3, 1)) + 0.3, 1), {}),
        )
    ),
    *(
        c
        for f in (*SUMS, *EXTREMA, *MEANS, *SPREADS)
        for c in forms(
            f,
            ((B, ()), {}) if f not in SPREADS else ((B, 1), {}),
            ((B, 0), {"keepdims": np._NoValue}),
            ((A,), {"where": MASK, **({"initial": 0.5} if f in EXTREMA else {})}),
            ((A, 1), {"where": MASK, **({"initial": 0.5} if f in EXTREMA else {})}),
            ((A, 1), {"where": MASK[0], **({"initial": 0.5} if f in EXTREMA else {})}),
            (
                (A, 0),
                {
                    "where": MASK[:, :1],
                    "keepdims": True,
                    **(
                        {"initial": -9.0}
                        if f in (np.max, np.amax, np.nanmax)
                        else {"initial": 9.0}
                        if f in EXTREMA
                        else {}
                    ),
                },
            )
            if f not in (*MEANS, *SPREADS)
            else ((A, 1), {"where": MASK, "keepdims": True}),
        )
    ),
    *(
        c
        for f in (*SUMS, *EXTREMA)
        for c in forms(
            f,
            ((A, 1, None, None, True) if f in SUMS else (A, 1, None, True), {}),
            ((A,), {"initial": 0.5}),
            ((A, 1), {"initial": 0.5, "keepdims": True}),
            ((A, 1), {"initial": 0.4, "where": MASK}),
        )
    ),
    *(
        c
        for f in (*SUMS, *MEANS)
        for c in forms(
            f, ((A, 1, np.longdouble), {}), ((A, 1), {"dtype": "c16"}), ((A, 0, None), {})
        )
    ),
    *(
        c
        for f in SPREADS
        for c in forms(
            f,
            ((A, 1, None, None, 1, True), {}),
            ((A,), {"ddof": 1.5}),
            ((A, 0), {"ddof": F(0.5)}),
            ((A, 0), {"correction": 1}),
            ((A, 1), {"ddof": 1, "where": MASK}),
            ((A, 1), {"mean": real(3, 1), "keepdims": True}),
            ((A, 1), {"mean": real(3, 1), "where": MASK, "ddof": 1}),
            ((A, (0, 1)), {"mean": real(1, 1)}),
            ((A, 1), {"dtype": np.longdouble}),
            ((Z, 1), {"ddof": 1}),
            ((Z, 1), {"mean": complex_(3, 1)}),
        )
    ),
    *each(
        (
            np.nansum,
            np.nanprod,
            np.nanmax,
            np.nanmin,
            np.nanmean,
            np.nanvar,
            np.nanstd,
            np.nanmedian,
        ),
        HOLED,
        1,
    ),
    *each((np.nanvar, np.nanstd), HOLED, 1, mean=real(3, 1), ddof=1),
    *each((np.nanvar, np.nanstd, np.nanmean), HOLED, where=MASK),
    *(
        c
        for f in RUNNING
        for c in forms(
            f,
            ((B,), {}),
            ((B, 0), {}),
            ((B, -1, "c16"), {}),
            ((B, 1, None, None), {}),
            ((A,), {"axis": 0, "out": like(A, 3, 4)}),
            ((Z, 1), {}),
        )
    ),
    *(
        c
        for f in (np.add, np.multiply)
        for c in forms(
            f.reduce,
            ((A, 1, None, None, True, 2.0, MASK), {}),
            ((A,), {"axis": None}),
            ((B,), {"axis": (0, -1)}),
            ((A,), {"out": like(A, 4)}),
            ((A,), {"dtype": complex}),
        )
    ),
    *(
        c
        for f in (np.maximum, np.minimum, np.fmax, np.fmin)
        for c in forms(
            f.reduce,
            ((A, 1, None, None, True), {}),
            ((A,), {"axis": None, "initial": 0.1, "where": MASK}),
            ((B,), {"axis": (0, -1)}),
        )
    ),
    *(
        c
        for f in (np.logaddexp, np.logaddexp2)
        for c in forms(
            f.reduce,
            ((A,), {}),
            ((A, 1), {"keepdims": True}),
            ((A,), {"axis": 0, "initial": 0.3}),
            ((A,), {"axis": 1, "initial": 0.3, "where": MASK}),
            ((A,), {"dtype": "g"}),
            ((A, -1), {}),
        )
    ),
    *(
        c
        for f in (
            np.add,
            np.multiply,
            np.maximum,
            np.minimum,
            np.fmax,
            np.fmin,
            np.logaddexp,
            np.logaddexp2,
        )
        for c in forms(
            f.accumulate,
            ((A, 0), {}),
            ((A, -1), {"out": like(A, 3, 4)}),
            ((A,), {"axis": 1, "dtype": float}),
        )
    ),
]
