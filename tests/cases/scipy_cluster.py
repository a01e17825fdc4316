"""Cases of dualrev.scipy.cluster and dualrev.scipy.constants."""

import numpy as np
import scipy.cluster.hierarchy

from dualrev.scipy import constants
from dualrev.scipy.cluster import hierarchy, vq
from tests.cases import case, positive, real, row

METHODS = ("single", "complete", "average", "weighted", "centroid", "median", "ward")
X, D = real(6, 2), positive(10)
Z = scipy.cluster.hierarchy.linkage(X, "average")
HEIGHTS = Z[:, 2].copy()


def merged(heights):
    """The merges of X at other distances."""
    return np.concatenate([Z[:, :2], heights[:, None], Z[:, 3:]], axis=1)


def of_heights(function, *others, **options):
    return case(
        function,
        *(HEIGHTS, *others),
        call=lambda h, *others: function(merged(h), *others, **options),
        label=f"{function.__name__}({options})",
        dtypes="",
    )


CASES = [
    *(row(hierarchy.linkage, D, method) for method in METHODS),
    case(hierarchy.linkage, X, "ward", dtypes=""),
    row(hierarchy.linkage, X, "average", "cityblock", optimal_ordering=True),
    *(row(getattr(hierarchy, method), D) for method in METHODS),
    of_heights(hierarchy.cophenet),
    case(
        hierarchy.cophenet,
        *(HEIGHTS, positive(15)),
        call=lambda h, y: hierarchy.cophenet(merged(h), y)[0],
        dtypes="",
    ),
    of_heights(hierarchy.inconsistent, d=3),
    of_heights(hierarchy.maxdists),
    of_heights(hierarchy.maxinconsts, positive(5, 4)),
    of_heights(hierarchy.maxRstat, positive(5, 4), i=1),
    of_heights(hierarchy.optimal_leaf_ordering, positive(15)),
    of_heights(hierarchy.to_mlab_linkage),
    case(
        hierarchy.from_mlab_linkage,
        HEIGHTS,
        call=lambda h: hierarchy.from_mlab_linkage(hierarchy.to_mlab_linkage(merged(h))),
        dtypes="",
    ),
    case(vq.whiten, X),
    case(vq.vq, X, real(3, 2, seed=1), call=lambda x, c: vq.vq(x, c)[1], dtypes=""),
    case(constants.convert_temperature, real(3), "Celsius", "Fahrenheit"),
    case(constants.lambda2nu, positive(3)),
    case(constants.nu2lambda, positive(3)),
]
