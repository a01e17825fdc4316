"""Cases of rules/statistics.py and rules/quantiles.py."""

import numpy as np

from tests.cases import (
    HOLED,
    MASK,
    A,
    B,
    F,
    V,
    W,
    Z,
    case,
    complex_,
    each,
    forms,
    like,
    positive,
    real,
    row,
)

METHODS = (
    *("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf"),
    *("hazen", "weibull", "linear", "median_unbiased", "normal_unbiased"),
    *("lower", "higher", "midpoint", "nearest"),
)
FOLDS = (
    {},
    {"axis": 0},
    {"axis": -1, "keepdims": True},
    {"axis": (0, 1)},
    {"axis": (1, 0), "keepdims": True},
)

CASES = [
    *(
        case(function, real(3, 4), dtypes=dtypes, **options)
        for function, dtypes in (
            (np.mean, "fFD"),
            (np.average, "fFD"),
            (np.var, "fFD"),
            (np.std, "fFD"),
            (np.median, "f"),
        )
        for options in FOLDS
    ),
    *(
        case(function, HOLED, **options)
        for function in (np.nanmean, np.nanvar, np.nanstd, np.nanmedian)
        for options in FOLDS
    ),
    case(np.mean, real(100, 100), axis=1),
    case(np.mean, real(100, 100)),
    case(np.mean, real(3, 4), axis=1, where=MASK, dtypes="fFD"),
    case(np.mean, real(3, 4), where=MASK[0]),
    case(np.mean, np.array(0.7)),
    case(np.mean, real(3), dtype=np.complex128),
    case(np.nanmean, HOLED, axis=1, where=MASK),
    case(np.average, real(3, 4), weights=positive(3, 4)),
    case(np.average, real(3, 4), axis=0, weights=positive(3)),
    case(np.average, real(3, 4), axis=-1, weights=[1.0, 2.0, 3.0, 4.0]),
    case(np.average, real(2, 3, 4), axis=[2, 0], weights=positive(4, 2)),
    case(
        np.average,
        real(3, 4),
        positive(4),
        call=lambda a, w: np.average(a, axis=1, weights=w, returned=True),
        label="average with traced weights",
        dtypes="fFD",
    ),
]
for spread in (np.var, np.std):
    CASES += [
        case(spread, real(5), ddof=1),
        case(spread, real(3, 4), axis=0, correction=1),
        case(spread, real(3, 4), axis=1, where=MASK, ddof=1),
        case(spread, real(3, 4), where=MASK, keepdims=True, dtypes="fFD"),
        case(spread, real(3, 4), axis=0, dtype=np.complex128),
        case(spread, complex_(5), ddof=1, dtypes=""),
        case(spread, complex_(5), dtype=complex, dtypes=""),
        case(spread, real(3, 4), axis=1, mean=np.array([[0.1], [0.2], [0.3]])),
        case(
            spread,
            real(3, 4),
            real(3, 1),
            call=lambda a, m, spread=spread: spread(a, axis=1, mean=m, ddof=1),
            label=f"{spread.__name__} with traced mean",
            dtypes="fFD",
        ),
    ]
CASES += [
    case(np.nanvar, HOLED, axis=0, ddof=1),
    case(np.nanstd, HOLED, axis=1, correction=1, where=MASK),
    case(np.median, real(5)),
    case(np.median, real(6)),
    case(np.median, real(2, 3, 4), axis=(0, 2)),
    case(np.median, np.array(0.7)),
    case(np.nanmedian, real(5)),
    *(
        case(function, x, q, dtypes="f", **options)
        for function, x, scale in (
            (np.quantile, real(3, 4), 1),
            (np.percentile, real(3, 4), 100),
            (np.nanquantile, HOLED, 1),
            (np.nanpercentile, HOLED, 100),
        )
        for q, options in (
            (0.3 * scale, {}),
            (0.5 * scale, {"axis": 0}),
            (1.0 * scale, {"axis": 1, "keepdims": True}),
            ([0.1 * scale, 0.9 * scale], {"axis": 1}),
            (
                np.array([10, 70]) * scale // 100 if scale == 100 else [0.25],
                {"axis": (1, 0), "keepdims": True},
            ),
        )
    ),
    *(case(np.quantile, real(7), 0.3, method=method) for method in METHODS),
    case(np.quantile, real(7), 0.01, method="weibull"),
    case(np.quantile, real(2, 3, 4), 0.3, axis=[0, 2], keepdims=True),
    case(np.quantile, real(3, 4), np.array([[0.2, 0.3], [0.45, 0.8]]), axis=1),
    case(np.quantile, real(7), np.array([0.32, 0.77]), method="hazen"),
    case(np.nanquantile, HOLED, 0.4, axis=1, method="lower"),
    case(
        np.average,
        real(2, 3),
        call=lambda x: np.average(x[0], weights=[x[1, 0] ** 2, x[1, 1] + 3, x[1, 0] + 5]),
        label="average with a list of traced weights",
    ),
    case(np.cov, real(5), dtypes="fFD"),
    case(np.cov, real(3, 5), dtypes="fFD"),
    case(np.cov, real(5), real(5, seed=1)),
    case(np.cov, real(5, 2), real(5, 3), rowvar=False),
    case(np.cov, real(3, 5), bias=True),
    case(np.cov, real(3, 5), ddof=2),
    case(np.cov, real(3, 5), fweights=np.array([1, 2, 1, 3, 1])),
    case(np.cov, real(3, 5), aweights=positive(5)),
    case(np.cov, real(3, 5), aweights=positive(5), fweights=np.array([1, 2, 1, 3, 1])),
    case(np.corrcoef, real(3, 5), dtypes="fFD"),
    case(np.corrcoef, real(5), real(5, seed=1)),
    case(np.corrcoef, real(5, 2), rowvar=False),
]

# ---------------------------------------------------------------------------- with every option

MEDIANS = (np.median, np.nanmedian)
QUANTILES = (np.quantile, np.nanquantile)
PERCENTILES = (np.percentile, np.nanpercentile)

CASES += [
    *(
        c
        for f in (*QUANTILES, *PERCENTILES)
        for scale in ((1,) if f in QUANTILES else (100,))
        for c in forms(
            f,
            ((B, 0.3 * scale), {}),
            ((B, F(0.3 * scale), (0, 2)), {}),
            ((B, np.array([0.31, 0.62]) * scale, -1), {"keepdims": True}),
            ((B, [0.2 * scale, 0.7 * scale], None, None, False, "hazen"), {}),
            ((B, np.array([[0.31], [0.62]]) * scale, 1), {}),
            ((A, 0.3 * scale, 1), {"out": like(A, 3)}),
            ((A, 0.33 * scale), {"weights": positive(3, 4), "method": "inverted_cdf"}),
            *(
                ((A, [0.1 * scale, 0.4 * scale, 0.9 * scale], 1), {"method": method})
                for method in (
                    *("inverted_cdf", "averaged_inverted_cdf", "closest_observation"),
                    *("interpolated_inverted_cdf", "hazen", "weibull", "linear", "median_unbiased"),
                    *("normal_unbiased", "lower", "higher", "midpoint", "nearest"),
                )
            ),
        )
    ),
    *forms(
        np.quantile,
        ((A, 0.33, 1), {"weights": positive(4), "method": "inverted_cdf"}),
        (
            (A, [0.33, 0.8], 0),
            {"weights": [1, 2, 3], "method": "inverted_cdf", "keepdims": True},
        ),
    ),
    *each((np.nanquantile,), HOLED, [0.3, 0.6], 1),
    *each((np.nanquantile,), HOLED, 0.3, 1, weights=positive(3, 4), method="inverted_cdf"),
    *each(MEDIANS, B, (0, 2), None, False, True),
    *forms(
        np.average,
        ((A,), {}),
        ((A, 1), {"keepdims": True}),
        ((A, 0, positive(3)), {}),
        ((A, None, positive(3, 4), True), {}),
        ((B, (0, 2), positive(2, 4)), {}),
        ((B, (2, 0), positive(4, 2)), {"returned": True, "keepdims": True}),
        ((A, -1, [1, 2, 3, 4]), {}),
        ((A, 1), {"returned": True}),
        ((Z, 1), {"weights": positive(4)}),
        ((A.tolist(), 1, positive(4)), {}),
    ),
    *forms(
        np.cov,
        ((A,), {}),
        ((V,), {}),
        ((A, real(2, 4)), {}),
        ((V, W), {}),
        ((A, None, False), {}),
        ((A, None, True, True), {}),
        ((A,), {"ddof": 0}),
        ((A,), {"fweights": [1, 2, 1, 3]}),
        ((A,), {"aweights": positive(4)}),
        ((A,), {"aweights": [1, 2, 1, 3]}),
        ((A,), {"fweights": [1, 2, 1, 3], "aweights": positive(4), "ddof": 1}),
        ((A,), {"dtype": np.longdouble}),
        ((Z,), {}),
        ((A.tolist(), real(4)), {}),
    ),
    *forms(
        np.corrcoef,
        ((A,), {}),
        ((A, real(2, 4)), {}),
        ((V, W), {}),
        ((A,), {"rowvar": False}),
        ((Z,), {}),
        ((A,), {"dtype": np.longdouble}),
    ),
]
if np.lib.NumpyVersion(np.__version__) >= "2.3.0":  # before, weights of several axes were mixed up
    CASES.append(row(np.quantile, B, 0.33, (0, 2), weights=positive(2, 4), method="inverted_cdf"))
