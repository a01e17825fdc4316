"""Options of rules/reductions.py."""

import numpy as np

from tests.cases import complex_, real
from tests.options import HOLED, MASK, A, B, F, Z, each, forms, like

SUMS = (np.sum, np.prod, np.nansum, np.nanprod)
EXTREMA = (np.max, np.min, np.amax, np.amin, np.nanmax, np.nanmin)
MEANS = (np.mean, np.nanmean)
SPREADS = (np.var, np.std, np.nanvar, np.nanstd)
MEDIANS = (np.median, np.nanmedian)
RUNNING = (np.cumsum, np.cumprod, np.nancumsum, np.nancumprod)

ROWS = [
    *(
        row
        for f in (*SUMS, *EXTREMA, *MEANS, *SPREADS, *MEDIANS, np.ptp)
        for row in forms(
            f,
            ((B, 0), {}),
            ((B, -1), {}),
            ((B, (0, 2)), {}),
            ((B, (-1, 0)), {"keepdims": True}),
            ((B, [1]) if f in MEDIANS else (B, (1,)), {}),
            ((B, None), {"keepdims": True}),
            ((B,), {"axis": np.int64(1)}),
            ((A, 1), {"out": like(A, 3)}),
            ((np.zeros((3, 1)) + 0.3, 1), {}),
        )
    ),
    *(
        row
        for f in (*SUMS, *EXTREMA, *MEANS, *SPREADS)
        for row in forms(
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
        row
        for f in (*SUMS, *EXTREMA)
        for row in forms(
            f,
            ((A, 1, None, None, True) if f in SUMS else (A, 1, None, True), {}),
            ((A,), {"initial": 0.5}),
            ((A, 1), {"initial": 0.5, "keepdims": True}),
            ((A, 1), {"initial": 0.4, "where": MASK}),
        )
    ),
    *(
        row
        for f in (*SUMS, *MEANS)
        for row in forms(
            f, ((A, 1, np.longdouble), {}), ((A, 1), {"dtype": "c16"}), ((A, 0, None), {})
        )
    ),
    *(
        row
        for f in SPREADS
        for row in forms(
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
        row
        for f in RUNNING
        for row in forms(
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
        row
        for f in (np.add, np.multiply)
        for row in forms(
            f.reduce,
            ((A, 1, None, None, True, 2.0, MASK), {}),
            ((A,), {"axis": None}),
            ((B,), {"axis": (0, -1)}),
            ((A,), {"out": like(A, 4)}),
            ((A,), {"dtype": complex}),
        )
    ),
    *(
        row
        for f in (np.maximum, np.minimum, np.fmax, np.fmin)
        for row in forms(
            f.reduce,
            ((A, 1, None, None, True), {}),
            ((A,), {"axis": None, "initial": 0.1, "where": MASK}),
            ((B,), {"axis": (0, -1)}),
        )
    ),
    *(
        row
        for f in (np.logaddexp, np.logaddexp2)
        for row in forms(
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
        row
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
        for row in forms(
            f.accumulate,
            ((A, 0), {}),
            ((A, -1), {"out": like(A, 3, 4)}),
            ((A,), {"axis": 1, "dtype": float}),
        )
    ),
]
