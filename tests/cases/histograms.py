"""Cases of rules/histograms.py."""

import numpy as np

from tests.cases import case, positive, real

DATA, WEIGHTS = real(12), positive(12)
EDGES = np.array([-1.7, -0.3, 0.2, 1.1])
POINTS = real(12, 2)


def _flat(answer):
    hist, edges = answer
    return hist, *edges


CASES = [
    case(np.histogram_bin_edges, DATA, dtypes="f"),
    case(np.histogram_bin_edges, DATA, "auto"),
    case(np.histogram_bin_edges, real(3, 4), 4),
    case(np.histogram_bin_edges, DATA, 4, (-1.0, 1.0)),
    case(np.histogram_bin_edges, DATA, EDGES),
    case(np.histogram, DATA, weights=WEIGHTS),
    case(np.histogram, DATA, WEIGHTS, call=lambda a, w: np.histogram(a, 5, weights=w)),
    case(np.histogram, DATA, 5, density=True),
    case(np.histogram, DATA, "sturges", density=True),
    case(np.histogram, DATA, 5, (-1.0, 1.5), density=True),
    case(
        np.histogram,
        *(DATA, WEIGHTS, EDGES),
        call=lambda a, w, bins: np.histogram(a, bins, weights=w, density=True),
    ),
    case(np.histogram, WEIGHTS, call=lambda w: np.histogram(DATA, 4, weights=w)[0], dtypes="fFD"),
    case(np.histogram, WEIGHTS, call=lambda w: np.histogram(DATA, EDGES, weights=list(w))[0]),
    case(
        np.histogram,
        positive(3, 4),
        call=lambda w: np.histogram(DATA.reshape(3, 4), 4, (-1.0, 1.0), weights=w)[0],
    ),
    case(np.histogram2d, DATA, real(12, seed=1), 3, density=True),
    case(
        np.histogram2d,
        *(DATA, real(12, seed=1), WEIGHTS),
        call=lambda x, y, w: np.histogram2d(x, y, [3, EDGES], weights=w),
    ),
    case(np.histogram2d, DATA, real(12, seed=1), EDGES, density=True),
    case(np.histogram2d, DATA, np.arange(12), 5, density=True),
    case(np.histogramdd, POINTS, call=lambda x: _flat(np.histogramdd(x, 3, density=True))),
    case(np.histogramdd, DATA, call=lambda x: _flat(np.histogramdd(list(x), 3, density=True))),
    case(
        np.histogramdd,
        *(POINTS, WEIGHTS),
        call=lambda x, w: _flat(np.histogramdd(x, (2, 4), [(-1, 1), None], True, w)),
    ),
    case(
        np.histogramdd,
        *(DATA, WEIGHTS),
        call=lambda x, w: _flat(np.histogramdd([x, x * x, -x], 2, weights=w)),
    ),
]
