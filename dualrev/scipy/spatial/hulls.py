"""What Qhull finds: convex hulls, cells of Voronoi and Delaunay, corners of halfspaces.

Owns the numbers that follow from the facets which Qhull chooses.  Must not know how it chooses: its
facets, and all that it says in indices, carry no derivative.
"""

import functools
from math import factorial
from typing import Any

import numpy as np
import scipy.spatial

from dualrev import errors
from dualrev.core.operands import as_operand
from dualrev.core.traced import is_traced
from dualrev.rules.indexing import picked
from dualrev.scipy.by_program import by_program
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.reals import check_real

__all__ = ["ConvexHull", "Delaunay", "HalfspaceIntersection", "Voronoi"]

# --------------------------------------------------------------------------------- the numbers


def _areas(corners):
    """Vectors across simplices (n, d, d) of corners, as long as these are large."""
    edges = corners[:, 1:] - corners[:, :1]
    d = edges.shape[-1]
    columns = [edges[..., [j for j in range(d) if j != i]] for i in range(d)]
    minors = np.stack([(-1) ** i * np.linalg.det(m) for i, m in enumerate(columns)], axis=-1)
    return minors / factorial(d - 1)


def _outward(points, found):
    """The area vectors of a hull's facets, and how far out of the center they are."""
    corners = picked(points, found.simplices)
    areas = _areas(corners)
    center = np.mean(picked(points, found.vertices), axis=0)
    heights = np.sum((corners[:, 0] - center) * areas, axis=-1)
    signs = np.sign(heights)
    return areas * signs[:, None], heights * signs, corners


def _volume(points, found):
    """The sum of the pyramids from the center to the facets"""
    return np.sum(_outward(points, found)[1]) / points.shape[1]


def _area(points, found):
    return np.sum(np.linalg.norm(_outward(points, found)[0], axis=-1))


def _equations(points, found):
    """Unit normals and offsets: n . x + offset is 0 on a facet, and below it inside."""
    areas, _, corners = _outward(points, found)
    normals = areas / np.sqrt(np.sum(areas * areas, axis=-1, keepdims=True))
    offsets = -np.sum(normals * corners[:, 0], axis=-1, keepdims=True)
    return np.concatenate([normals, offsets], axis=-1)


def _chosen(points, groups, size):
    """The points (n, size, d) of groups, and 0; of a larger group nan, by all of its points."""
    longest = max(map(len, groups), default=size)
    indices = np.array([[*g, *g[:1] * (longest - len(g))] for g in groups], int)
    points = picked(points, indices.reshape(-1, longest))
    surplus = np.array([np.nan if len(g) > size else 0.0 for g in groups])
    return points[:, :size], surplus[:, None] * np.sum(points, axis=(1, 2))[:, None]


def _centers(points, found):
    """Of each vertex the center of the sphere through the points whose cells meet there.

    Where more than d + 1 meet, it splits as soon as they move: it has no derivative.
    """
    groups: list = [set() for _ in found.vertices]
    for pair, ridge in zip(found.ridge_points, found.ridge_vertices):
        for k in ridge:
            if k >= 0:
                groups[k].update(pair.tolist())
    d = points.shape[1]
    for group, vertex in zip(groups, found.vertices):
        if len(group) <= d:  # of furthest sites Qhull does not tell all ridges
            distances = np.linalg.norm(found.points - vertex, axis=1)
            group.update(np.flatnonzero(distances > (1 - 1e-9) * np.max(distances)).tolist())
    corners, undefined = _chosen(points, [sorted(g) for g in groups], d + 1)
    edges = corners[:, 1:] - corners[:, :1]
    squares = np.sum(edges * edges, axis=-1)
    ans = corners[:, 0] + np.linalg.solve(2 * edges, squares[..., None])[..., 0]
    return ans + undefined


def _intersections(halfspaces, found):
    """Of each corner the point where the planes of its halfspaces meet: none where more than d meet."""
    d = halfspaces.shape[1] - 1
    planes, undefined = _chosen(halfspaces, found.dual_facets, d)
    ans = np.linalg.solve(planes[..., :d], -planes[..., d:])[..., 0]
    return ans + undefined


_PROGRAMS = {
    "volume": _volume,
    "area": _area,
    "equations": _equations,
    "vertices": _centers,
    "intersections": _intersections,
    "max_bound": lambda points, found: np.max(points, axis=0),
    "min_bound": lambda points, found: np.min(points, axis=0),
}


def _value(points, found=None, name=""):
    return np.asarray(getattr(found, name))[()]


def _value_program(points, found=None, name=""):
    return _PROGRAMS[name](points, found)


_number = by_program(_value, _value_program, name="Qhull")


@each_row
def _of_points(points, find, name):
    return _number(points, found=find(numbers_under(points)), name=name)


# ------------------------------------------------------------------------------- as SciPy has them


class _Found:
    """What Qhull finds of traced points: numbers that have derivatives, and indices as SciPy's."""

    _scipys: Any
    _given = "points"
    _numbers: tuple = ()
    _methods: tuple = ("close",)
    _instead = "give all points at once"

    def __new__(cls, *args: Any, **options: Any) -> Any:
        """SciPy's own object of plain points."""
        given = (*args, *options.values())  # nothing where an instance is copied
        if given and not is_traced(*given):
            return cls._scipys(*args, **options)
        return super().__new__(cls)

    def _of(self, points, *others, **options):
        self._points, self._plain = as_operand(points), None
        check_real(f"scipy.spatial.{type(self).__name__}", self._points, self._given)
        self._find = functools.partial(_found, self._scipys, others, options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name == self._given:
            return self._points
        if name in self._numbers:
            return _of_points(self._points, self._find, name)
        if self._plain is None:
            self._plain = self._find(numbers_under(self._points))
        found = getattr(self._plain, name)
        if name in self._methods or not (callable(found) or _holds_numbers(found)):
            return found
        raise errors.no_rule(
            f"scipy.spatial.{type(self).__name__}.{name}",
            self._instead,
        )


def _found(find, others, options, points):
    return find(points, *numbers_under(others), **options)


def _holds_numbers(x):
    return np.asarray(x).dtype.kind in "fc" if isinstance(x, np.ndarray | float) else False


class ConvexHull(_Found):
    """The convex hull of points: its volume, area and equations with derivatives by them.

    Equals :class:`scipy.spatial.ConvexHull`, and is it where points are plain.

    Parameters
    ----------
    points : array, shape (n, d)
        Differentiated.
    incremental : bool
        Points are added where nothing is traced.
    qhull_options : str, optional

    Attributes
    ----------
    points, min_bound, max_bound : array
    volume, area : float
        In the plane, the area and the length of the border.
    equations : array, shape (m, d + 1)
        Normals and offsets of the facets.
    simplices, vertices, neighbors, ... : array
        Indices, constants.

    Notes
    -----
    The derivative of the volume by a corner is the sum of the area vectors of its facets over d.  Where
    more than d points lie in a facet, it is another inwards than outwards: that of the simplices into
    which Qhull cuts the facet.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.spatial import ConvexHull
    >>> triangle = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.5, 0.2]])
    >>> dr.grad(lambda x: ConvexHull(x).volume)(triangle).round(12) + 0.0
    array([[-0.5, -1. ],
           [ 0.5,  0. ],
           [ 0. ,  1. ],
           [ 0. ,  0. ]])
    """

    _scipys = scipy.spatial.ConvexHull
    _numbers = "volume", "area", "equations", "min_bound", "max_bound"

    def __init__(self, points: Any, incremental: bool = False, qhull_options: Any = None):
        self._of(points, incremental=incremental, qhull_options=qhull_options)


class _OfNearest(_Found):
    """What Qhull finds of who is nearest, or furthest."""

    def __init__(
        self,
        points: Any,
        furthest_site: bool = False,
        incremental: bool = False,
        qhull_options: Any = None,
    ):
        self._of(points, furthest_site, incremental=incremental, qhull_options=qhull_options)


class Delaunay(_OfNearest):
    """The Delaunay triangulation of points, whose simplices are indices: constants.

    Equals :class:`scipy.spatial.Delaunay`, and is it where points are plain.  What depends on the places
    of its corners is computed from ``points[simplices]``, which carries the derivatives.

    Parameters
    ----------
    points : array, shape (n, d)
        Differentiated.
    furthest_site, incremental, qhull_options
        As SciPy's.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.spatial import Delaunay
    >>> def total(x):
    ...     corners = x[Delaunay(x).simplices]
    ...     return np.sum(np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1]))) / 2
    >>> dr.grad(total)(np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.5, 0.2]])).round(12) + 0.0
    array([[-0.5, -1. ],
           [ 0.5,  0. ],
           [ 0. ,  1. ],
           [ 0. ,  0. ]])
    """

    _scipys = scipy.spatial.Delaunay
    _numbers = "min_bound", "max_bound"
    _methods = "close", "find_simplex"
    _instead = "compute it from points[simplices]"


class Voronoi(_OfNearest):
    """The Voronoi cells of points, whose corners have derivatives by them.

    Equals :class:`scipy.spatial.Voronoi`, and is it where points are plain.

    Parameters
    ----------
    points : array, shape (n, d)
        Differentiated.
    furthest_site, incremental, qhull_options
        As SciPy's.

    Attributes
    ----------
    points, min_bound, max_bound : array
    vertices : array, shape (m, d)
        Centers of spheres through d + 1 points each; nan is the derivative of those through more.
    regions, ridge_points, ridge_vertices, point_region, ... : list, array
        Indices, constants.
    """

    _scipys = scipy.spatial.Voronoi
    _numbers = "vertices", "min_bound", "max_bound"


class HalfspaceIntersection(_Found):
    """The corners of an intersection of halfspaces, with derivatives by these.

    Equals :class:`scipy.spatial.HalfspaceIntersection`, and is it where halfspaces are plain.

    Parameters
    ----------
    halfspaces : array, shape (n, d + 1)
        Rows of a and b of ``a . x + b <= 0``; differentiated.
    interior_point : array, shape (d,)
        What it is has no say.
    incremental, qhull_options
        As SciPy's.

    Attributes
    ----------
    halfspaces : array
    intersections : array, shape (m, d)
        Where d planes meet; nan is the derivative of those where more do.
    dual_facets, dual_vertices, ... : list, array
        Indices, constants.
    """

    _scipys = scipy.spatial.HalfspaceIntersection
    _given = "halfspaces"
    _numbers = ("intersections",)
    _instead = "compute it from intersections"

    def __init__(
        self,
        halfspaces: Any,
        interior_point: Any,
        incremental: bool = False,
        qhull_options: Any = None,
    ):
        self._of(halfspaces, interior_point, incremental=incremental, qhull_options=qhull_options)
