"""Options of rules/statistics.py."""

import numpy as np

from tests.cases import positive, real
from tests.options import HOLED, A, B, F, Row, V, W, Z, each, forms, like

MEDIANS = (np.median, np.nanmedian)
QUANTILES = (np.quantile, np.nanquantile)
PERCENTILES = (np.percentile, np.nanpercentile)

ROWS = [
    *(
        row
        for f in (*QUANTILES, *PERCENTILES)
        for scale in ((1,) if f in QUANTILES else (100,))
        for row in forms(
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
    ROWS.append(Row(np.quantile, B, 0.33, (0, 2), weights=positive(2, 4), method="inverted_cdf"))
