"""Cases of dualrev.scipy.spatial: distances of two vectors and of many pairs."""

import numpy as np

from dualrev.scipy import spatial
from dualrev.scipy.spatial import distance
from dualrev.scipy.spatial.transform import RigidTransform, Rotation, RotationSpline, Slerp
from tests.cases import case, positive, real

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


QUATERNIONS, VECTORS, MATRICES = real(2, 4), real(2, 3), real(2, 3, 3) + 3 * np.eye(3)
TIMES, AMONG = np.array([0.0, 0.7, 1.6, 2.1]), np.array([0.3, 1.1, 1.9])
# Turns of a radian at most, of which SciPy's iteration for the spline converges.
TURNS = 0.4 * real(4, 3)


def rotation_from(form, how):
    """Quaternions of what a form makes of samples."""
    return case(
        getattr(Rotation, f"from_{form}"),
        how[-1],
        call=lambda x: getattr(Rotation, f"from_{form}")(*how[:-1], x).as_quat(),
        dtypes="",
    )


def rotation_as(form, *args):
    """A form of quaternions."""
    return case(
        getattr(Rotation, f"as_{form}"),
        QUATERNIONS,
        call=lambda q: getattr(Rotation.from_quat(q), f"as_{form}")(*args),
        dtypes="",
    )


def rotations(name, *args, call, **options):
    return case(getattr(Rotation, name), *args, call=call, dtypes="", **options)


ROTATIONS = [
    rotation_from("quat", [QUATERNIONS]),
    rotation_from("matrix", [MATRICES]),
    rotation_from("rotvec", [VECTORS]),
    rotation_from("mrp", [VECTORS]),
    rotation_from("euler", ["xyz", VECTORS]),
    rotation_from("davenport", [np.array([[2.0, 0, 0], [0, 1, 1], [1, 0, 0]]), "i", VECTORS]),
    rotation_as("quat", True),
    rotation_as("matrix"),
    rotation_as("rotvec", True),
    rotation_as("mrp"),
    rotation_as("euler", "ZXZ"),
    rotation_as("euler", "xyz"),
    rotation_as("davenport", [[2.0, 0, 0], [0, 1, 1], [1, 0, 0]], "e"),
    rotations("magnitude", VECTORS, call=lambda v: Rotation.from_rotvec(v).magnitude()),
    rotations(
        "apply",
        *(QUATERNIONS, VECTORS),
        call=lambda q, v: Rotation.from_quat(q).apply(v, inverse=True),
    ),
    rotations(
        "__mul__",
        *(QUATERNIONS, VECTORS),
        call=lambda q, v: (Rotation.from_quat(q) * Rotation.from_rotvec(v).inv()).as_quat(),
    ),
    rotations(
        "__pow__",
        *(VECTORS, np.float64(1.7)),
        call=lambda v, n: (Rotation.from_rotvec(v) ** n).as_quat(),
    ),
    rotations(
        "mean",
        *(QUATERNIONS, positive(2)),
        call=lambda q, w: Rotation.from_quat(q).mean(w).as_quat(),
    ),
    rotations(
        "reduce",
        QUATERNIONS,
        call=lambda q: Rotation.from_quat(q).reduce(Rotation.create_group("O")).as_quat(),
    ),
    *(
        rotations(
            "align_vectors",
            *(real(4, 3), real(4, 3, seed=1), positive(4)),
            call=lambda a, b, w, k=k: (
                Rotation.align_vectors(a, b, w, True)[k]
                if k
                else Rotation.align_vectors(a, b, w)[0].as_quat()
            ),
        )
        for k in range(3)
    ),
    rotations(
        "align_vectors",
        *(real(3, 3), real(3, 3, seed=1)),
        call=lambda a, b: Rotation.align_vectors(a, b, [1.0, np.inf, 2.0])[0].as_quat(),
    ),
    case(
        Slerp,
        *(TIMES, TURNS, AMONG),
        call=lambda t, v, x: Slerp(t, Rotation.from_rotvec(v))(x).as_quat(),
        dtypes="",
    ),
    case(
        RotationSpline,
        *(TIMES[:3], TURNS[:3], AMONG[:2]),
        call=lambda t, v, x: RotationSpline(t, Rotation.from_rotvec(v))(x, 2),
        dtypes="",
    ),
    *(
        case(getattr(RigidTransform, name), real(2, n), call=call, dtypes="")
        for name, n, call in (
            ("from_exp_coords", 6, lambda x: RigidTransform.from_exp_coords(x).as_matrix()),
            ("from_dual_quat", 8, lambda x: RigidTransform.from_dual_quat(x).as_exp_coords()),
            ("as_dual_quat", 6, lambda x: RigidTransform.from_exp_coords(x).as_dual_quat()),
            ("inv", 6, lambda x: RigidTransform.from_exp_coords(x).inv().apply([1.0, 2.0, 3.0])),
            ("mean", 6, lambda x: RigidTransform.from_exp_coords(x).mean([1.0, 2.0]).as_matrix()),
        )
    ),
    case(
        RigidTransform.__mul__,
        *(VECTORS, QUATERNIONS),
        call=lambda v, q: (
            RigidTransform.from_components(v, Rotation.from_quat(q))
            * RigidTransform.from_translation(v) ** 0.5
        ).as_matrix(),
        dtypes="",
    ),
]
SOLID = real(7, 3)
HALFSPACES = np.hstack([real(6, 2, seed=5), -positive(6, 1)])


def attribute(cls, points, name, *args):
    """A number of what Qhull finds."""
    return case(
        cls,
        points,
        call=lambda x: getattr(cls(x, *args), name),
        label=f"{cls.__name__}.{name}",
        dtypes="",
    )


def on_the_way(a, b, t):
    a, b = (x / np.linalg.norm(x) for x in (a, b))
    return spatial.geometric_slerp(a, b, t)


GEOMETRY = [
    *(
        case(
            spatial.procrustes,
            *(XA, XA[::-1] ** 2),
            call=lambda x, y, k=k: spatial.procrustes(x, y)[k],
            dtypes="",
        )
        for k in (1, 2)
    ),
    case(spatial.geometric_slerp, U, V, AMONG / 2, call=on_the_way, dtypes=""),
    case(spatial.geometric_slerp, U, U * [1, 1, 1.1], np.float64(0.3), call=on_the_way, dtypes=""),
    case(
        spatial.Rectangle,
        *(U, V + 3),
        call=lambda a, b: spatial.Rectangle(b, a).max_distance_point(np.ones(3)),
        dtypes="",
    ),
    case(distance.hamming, U, V, W, call=lambda u, v, w: distance.hamming(u > 1, v > 1, w)),
    attribute(spatial.ConvexHull, SOLID, "volume"),
    attribute(spatial.ConvexHull, SOLID, "area"),
    # Of other points there may be more facets.
    attribute(spatial.ConvexHull, SOLID[:4], "equations"),
    attribute(spatial.Voronoi, SOLID[:, :2], "vertices"),
    attribute(spatial.HalfspaceIntersection, HALFSPACES, "intersections", np.zeros(2)),
    case(spatial.distance_matrix, XA, XB, p=3),
    case(spatial.minkowski_distance, XA[:, None], XB, p=1.5),
    case(spatial.minkowski_distance_p, XA[:, None], XB, p=2),
    case(
        distance.directed_hausdorff,
        *(XA, XB),
        call=lambda u, v: 1.0 * distance.directed_hausdorff(u, v)[0],
        dtypes="",
    ),
    case(
        spatial.KDTree,
        *(XA, XB),
        call=lambda x, data: spatial.KDTree(data % 2, boxsize=2).query(x, k=2, p=3)[0],
        dtypes="",
    ),
]

CASES = [
    *ROTATIONS,
    *GEOMETRY,
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
    *(case(distance.jensenshannon, positive(2, 3, 3), XB, axis=axis) for axis in (1, -1)),
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
