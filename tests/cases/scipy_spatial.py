"""Cases of dualrev.scipy.spatial: distances of two vectors and of many pairs."""

import numpy as np

from dualrev.scipy.spatial import distance
from tests.cases import case, positive

U, V, W = positive(3), positive(3, seed=1), positive(3, seed=2)
XA, XB = positive(4, 3, seed=3), positive(3, 3, seed=4)
INVERSE = np.array([[2.0, 0.3, 0.1], [0.2, 1.5, 0.4], [0.0, 0.1, 1.0]])
WEIGHTED = (
    distance.euclidean,
    distance.sqeuclidean,
    distance.cityblock,
    distance.chebyshev,
    distance.minkowski,
    distance.cosine,
    distance.correlation,
    distance.braycurtis,
    distance.canberra,
)


def of_many(metric, **options):
    return [
        case(distance.cdist, XA, XB, metric, **options),
        case(distance.pdist, XA, metric, **options),
    ]


def of_many_by_parameter(metric, name, value):
    return [
        case(
            distance.cdist,
            XA,
            XB,
            value,
            call=lambda a, b, w: distance.cdist(a, b, metric, **{name: w}),
            label=f"cdist({metric}, {name})",
        ),
        case(
            distance.pdist,
            XA,
            value,
            call=lambda a, w: distance.pdist(a, metric, **{name: w}),
            label=f"pdist({metric}, {name})",
        ),
    ]


CASES = [
    *(case(metric, U, V) for metric in WEIGHTED),
    *(
        case(metric, U, V, W, call=lambda u, v, w, metric=metric: metric(u, v, w=w))
        for metric in WEIGHTED
    ),
    *(case(distance.minkowski, U, V, p=p) for p in (1, 1.5, 3, np.inf)),
    case(distance.correlation, U, V, centered=False),
    case(distance.seuclidean, U, V, W),
    case(distance.mahalanobis, U, V, INVERSE),
    case(distance.jensenshannon, U, V, base=2.0),
    case(distance.jensenshannon, XA[:3], XB, axis=1, keepdims=True),
    *(row for metric in WEIGHTED for row in of_many(metric.__name__)),
    *(row for metric in WEIGHTED for row in of_many_by_parameter(metric.__name__, "w", W)),
    *(row for p in (1, 1.5, np.inf) for row in of_many("minkowski", p=p)),
    *of_many("jensenshannon"),
    *of_many("seuclidean"),
    *of_many_by_parameter("seuclidean", "V", W),
    case(distance.cdist, XA, XB, "mahalanobis"),
    case(distance.pdist, positive(6, 2), "mahalanobis"),
    *of_many_by_parameter("mahalanobis", "VI", INVERSE),
    *of_many(lambda u, v: np.sum((u - v) ** 4)),
    case(distance.squareform, positive(6)),
    case(distance.squareform, positive(4, 4), checks=False),
]
