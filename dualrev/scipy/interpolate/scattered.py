"""Scattered data on simplices: LinearNDInterpolator, NearestNDInterpolator, CloughTocher2DInterpolator.

Owns which simplex or site a point belongs to, and what is computed from its corners.  Must not know
how SciPy evaluates them.

Which sites a point looks at changes in jumps, and is held: between these jumps values are smooth in
points, sites and data.  At an edge the derivative is that of the simplex which SciPy takes.
"""

from typing import Any

import numpy as np
import scipy.interpolate
from scipy.spatial import Delaunay, KDTree

from dualrev.axes import beside
from dualrev.core.binding import elements_of
from dualrev.core.traced import is_traced
from dualrev.core.words import constant
from dualrev.scipy.interpolate.curves import interp1d
from dualrev.scipy.interpolate.held import Interpolator, datum
from dualrev.scipy.interpolate.points import as_points, real_points
from dualrev.scipy.twin import check_constant, like, twin

__all__ = [
    "CloughTocher2DInterpolator",
    "LinearNDInterpolator",
    "NearestNDInterpolator",
    "coordinates",
    "griddata",
]


def coordinates(points, n=None):
    """Points of shape (..., n), from such, from a tuple of their coordinates, or from numbers."""
    if isinstance(points, tuple) and len(points) == 1:
        points = points[0]
    if isinstance(points, tuple):
        return np.stack(np.broadcast_arrays(*map(real_points, points)), axis=-1)
    points = real_points(points)
    return points if points.ndim > 1 else points.reshape(-1, 1 if n is None else n)


# ----------------------------------------------------------------------------- which sites count


#: How far outside a simplex a point may be by default, as a part of its size.
_ROUNDING = 100 * np.finfo(float).eps


def _scaled(points, rescale):
    """How SciPy shifts and scales coordinates with ``rescale``: to the unit cube."""
    if not rescale:
        return 0.0, 1.0
    extent = np.ptp(points, axis=0)
    return points.mean(axis=0), np.where(extent > 0, extent, 1.0)


def _triangulation(points, rescale):
    shift, scale = _scaled(points, rescale)
    return Delaunay((points - shift) / scale)


def _simplices(at, points, rescale, tri, tolerance):
    shift, scale = _scaled(points, rescale)
    tri = _triangulation(points, rescale) if tri is None else tri
    return tri, tri.find_simplex((at - shift) / scale, tol=tolerance * _ROUNDING)


def _corners(at, points, rescale=False, tri=None, tolerance=1.0):
    """The corners of the simplex of each point, by number, and whether it is in none: (..., n + 2)."""
    tri, found = _simplices(at, points, rescale, tri, tolerance)
    return np.concatenate([tri.simplices[found], np.less(found, 0)[..., None]], axis=-1)


def _opposite(at, points, rescale=False, tri=None, tolerance=1.0):
    """Of the triangle of each point the corners of its three neighbors, -1 without one: (..., 3, 3)."""
    tri, found = _simplices(at, points, rescale, tri, tolerance)
    beside = tri.neighbors[found]
    return np.where(beside[..., None] < 0, -1, tri.simplices[beside])


def _edges(points, rescale=False, tri=None):
    """1 for each pair of sites with an edge between them: (m, m)."""
    tri = _triangulation(points, rescale) if tri is None else tri
    starts, ends = tri.vertex_neighbor_vertices
    edges = np.zeros((len(points), len(points)))
    edges[np.repeat(np.arange(len(points)), np.diff(starts)), ends] = 1.0
    return edges


def _nearest(at, points, rescale=False, tree=None, query=None):
    """The number of the site nearest to each point, -1 without one."""
    shift, scale = _scaled(points, rescale)
    made = KDTree((points - shift) / scale, **(tree or {}))
    distance, found = made.query((at - shift) / scale, **(query or {}))
    return np.where(np.isfinite(distance), found, -1)


_corners = constant(_corners, arity=2, name="LinearNDInterpolator")
_opposite = constant(_opposite, arity=2, name="CloughTocher2DInterpolator")
_edges = constant(_edges, arity=1, name="CloughTocher2DInterpolator")
_nearest = constant(_nearest, arity=2, name="NearestNDInterpolator")


def _barycentric(at, corners):
    """The coordinates of points (..., n) in simplices (..., n + 1, n), which add up to 1."""
    sides = corners[..., :-1, :] - corners[..., -1:, :]
    rest = (at - corners[..., -1, :])[..., None]
    inner = np.linalg.solve(np.swapaxes(sides, -1, -2), rest)[..., 0]
    return np.concatenate([inner, 1 - np.sum(inner, axis=-1, keepdims=True)], axis=-1)


# ------------------------------------------------------------------------------- the classes


class _Scattered(Interpolator):
    """What the three have in common: points as SciPy takes them, and simplices."""

    points = datum(0, "The sites.")
    values = datum(1, "The values.")

    def _set(self, points, values, options):
        self._options = options
        check_constant(self._class, options)
        # SciPy takes a triangulation, too.
        made = isinstance(points, Delaunay)
        self._given = points if made else None
        self._hold(points.points if made else coordinates(points), as_points(values))

    def _build(self, points, values):
        sites = points if self._given is None else self._given
        return self._class(sites, values, **self._options)

    @property
    def tri(self) -> Delaunay:
        """The triangulation, of plain numbers; of scaled sites with ``rescale``."""
        return self._plain.tri

    def _axis_of_rows(self, ndim, options):
        return 0 if ndim else None

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Values at points of shape (..., n), or at those of n arrays of coordinates.

        From SciPy 1.18 on with ``simplex_tolerance``, as SciPy has it.
        """
        return self._at(coordinates(args, self.points.shape[1]), **options)

    def _found(self, find, at, points, tolerance):
        """What a search for simplices finds; the triangulation of plain sites is made once."""
        held = {} if is_traced(points) else {"tri": self._plain.tri}
        rescale = self._options.get("rescale", False)
        return find(at, points, rescale=rescale, tolerance=tolerance, **held)


def _filled(ans, outside):
    """The same, constant outside."""
    return np.where(beside(outside, ans.ndim), 0.0, ans)


class LinearNDInterpolator(_Scattered):
    """Scattered data, linear on simplices; equals :class:`scipy.interpolate.LinearNDInterpolator`.

    Differentiable in the points of evaluation, the sites and the values.

    Parameters
    ----------
    points : array, shape (m, n), tuple of arrays, or Delaunay
        Sites.
    values : array, shape (m, ...)
        Data.
    fill_value : number
        The value outside, held constant.
    rescale : bool
        Whether the triangulation is that of sites scaled to the unit cube.

    Notes
    -----
    The triangulation is held: a derivative by the sites is that of the simplex of a point.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import LinearNDInterpolator
    >>> points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> f = lambda values: LinearNDInterpolator(points, values)(0.25, 0.25)[0]
    >>> dr.grad(f)(np.ones(3))
    array([0.5 , 0.25, 0.25])
    """

    _class = scipy.interpolate.LinearNDInterpolator

    @like(scipy.interpolate.LinearNDInterpolator.__init__)
    def __init__(self, points, values, **options):
        self._set(points, values, options)

    def _program(self, at, points, values, simplex_tolerance=1.0):
        found = self._found(_corners, at, points, simplex_tolerance)
        corners, outside = found[..., :-1], found[..., -1] > 0
        weights = _barycentric(at, elements_of(points, corners))
        near = elements_of(values, corners)
        ans = np.sum(beside(weights, weights.ndim + values.ndim - 1) * near, at.ndim - 1)
        return _filled(ans, outside)


class NearestNDInterpolator(_Scattered):
    """The value of the nearest site; equals :class:`scipy.interpolate.NearestNDInterpolator`.

    Differentiable in the values; by points and sites the derivative of steps is 0.

    Parameters
    ----------
    x : array, shape (m, n), or tuple of arrays
        Sites.
    y : array, shape (m, ...)
        Data.
    rescale : bool
        Whether distances are those of coordinates scaled to the unit cube.
    tree_options : dict, optional
        Of the tree that searches.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import NearestNDInterpolator
    >>> points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> dr.grad(lambda y: NearestNDInterpolator(points, y)(0.9, 0.2)[0])(np.ones(3))
    array([0., 1., 0.])
    """

    _class = scipy.interpolate.NearestNDInterpolator

    @like(scipy.interpolate.NearestNDInterpolator.__init__)
    def __init__(self, x, y, **options):
        self._set(x, y, options)

    def __call__(self, *args: Any, **query_options: Any) -> Any:
        """Values at points of shape (..., n); options are those of the tree's ``query``."""
        return self._at(coordinates(args, self.points.shape[1]), **query_options)

    def _program(self, at, points, values, **query_options):
        found = _nearest(
            at,
            points,
            rescale=self._options.get("rescale", False),
            tree=self._options.get("tree_options"),
            query=query_options,
        )
        return _filled(elements_of(values, found), np.less(found, 0))


class CloughTocher2DInterpolator(_Scattered):
    """A smooth surface through scattered data in the plane; equals
    :class:`scipy.interpolate.CloughTocher2DInterpolator`.

    Differentiable in the points of evaluation, the sites and the values.

    Parameters
    ----------
    points : array, shape (m, 2), tuple of two arrays, or Delaunay
        Sites.
    values : array, shape (m, ...)
        Data.
    fill_value : number
        The value outside, held constant.
    tol, maxiter
        Of the search for the slopes at the sites; the derivatives are those of the exact ones.
    rescale : bool
        Whether sites are scaled to the unit square first.

    Notes
    -----
    A cubic on each third of a triangle, with one derivative (Alfeld 1984, "A trivariate Clough-Tocher
    scheme for tetrahedral data"; Farin 1986, "Triangular Bernstein-Bezier patches"); the slopes at
    the sites make the squared curvature along all edges least (Nielson 1983, Renka and Cline 1984).
    A gradient costs a dense solution of 2 m equations for them.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import CloughTocher2DInterpolator
    >>> points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> plane = CloughTocher2DInterpolator(points, points @ np.array([2.0, 3.0]))
    >>> dr.grad(lambda at: plane(at)[0])(np.array([0.3, 0.4])).round(6)
    array([2., 3.])
    """

    _class = scipy.interpolate.CloughTocher2DInterpolator

    @like(scipy.interpolate.CloughTocher2DInterpolator.__init__)
    def __init__(self, points, values, **options):
        self._set(points, values, options)

    def _program(self, at, points, values, simplex_tolerance=1.0):
        found = self._found(_corners, at, points, simplex_tolerance)
        corners, outside = found[..., :-1], found[..., -1] > 0
        opposite = self._found(_opposite, at, points, simplex_tolerance)
        shift, scale = _scaled(points, self._options.get("rescale", False))
        at, points = (at - shift) / scale, (points - shift) / scale
        data = values.reshape(values.shape[0], -1)
        slopes = _slopes(points, data, self._found_edges(points))
        place = elements_of(points, corners)
        b = _barycentric(at, place)
        c = _barycentric(np.mean(elements_of(points, opposite), axis=-2), place[..., None, :, :])
        border = np.less(opposite[..., 0], 0)
        f, df = elements_of(data, corners), elements_of(slopes, corners)
        ans = _clough_tocher(b, c, border, place, f, df).reshape(at.shape[:-1] + values.shape[1:])
        return _filled(ans, outside)

    def _found_edges(self, points):
        # Of scaled sites already.
        return _edges(points, **({} if is_traced(points) else {"tri": self._plain.tri}))


def _slopes(points, data, edges):
    """The gradients at the sites of least squared curvature along all edges: (m, columns, 2).

    Along an edge e from i to j the cubic of Hermite has the integral of its squared second derivative
    stationary where ``sum_j (4 e e^T g_i + 2 e e^T g_j + 6 (f_i - f_j) e) / |e|^3 = 0``.
    """
    m = points.shape[0]
    e = points[None] - points[:, None]
    length = np.sum(np.where(edges[..., None] > 0, e, 1.0) ** 2, axis=-1)
    weight = edges / length**1.5
    outer = weight[..., None, None] * e[..., :, None] * e[..., None, :]
    own = 4 * np.sum(outer, axis=1)[:, None] * np.eye(m)[:, :, None, None]
    matrix = np.swapaxes(own + 2 * outer, 1, 2).reshape(2 * m, 2 * m)
    rise = data[None] - data[:, None]
    right = 6 * np.sum((weight[..., None] * e)[..., None] * rise[:, :, None, :], axis=1)
    g = np.linalg.solve(matrix, right.reshape(2 * m, -1))
    return np.swapaxes(g.reshape(m, 2, -1), 1, 2)


def _clough_tocher(b, c, border, place, f, df):
    """The value at barycentric coordinates b of the triangle of corners ``place``.

    From the data f (..., 3, columns) and gradients df (..., 3, columns, 2) at the corners.  Across an
    edge the slope changes linearly in a direction that both triangles share: that of the line between
    their centers, c being the coordinates of the neighbors' ones, or, at the border, the symmetric one.
    """
    after, before = [1, 2, 0], [2, 0, 1]

    def turned(x, order):
        return np.stack([x[..., k, :] for k in order], axis=-2)

    # Coefficients of Bernstein's polynomials, stacked over corners: at the corner, on both edges from
    # it at a third of their lengths, and between these.
    toward = [
        f + np.sum(df * (turned(place, order) - place)[..., None, :], axis=-1) / 3
        for order in (after, before)
    ]
    near = (toward[0] + toward[1] + f) / 3
    # Of the edge opposite to a corner, from the next one to the one before.
    first, last = turned(f, after), turned(f, before)
    second, third = turned(toward[0], after), turned(toward[1], before)
    one, two = (
        np.stack([c[..., k, order[k]] for k in range(3)], axis=-1) for order in (after, before)
    )
    ratio = (2 * two + one - 1) / np.where(border, 1.0, 2 - 3 * two - 3 * one)
    g = np.where(border, -0.5, ratio)[..., None]
    across = g * (3 * second - 3 * third + last - first)
    middle = (across + 2 * second - third - first + turned(near, after) + turned(near, before)) / 2
    inner = (near + turned(middle, after) + turned(middle, before)) / 3
    center = np.sum(inner, axis=-2) / 3
    # Barycentric coordinates of the third of the triangle, the least of them spent on its center.
    least = np.min(b, axis=-1, keepdims=True)
    u, v = (b - least)[..., None], 3 * least
    du, after_u = turned(u, after), turned(u, before)
    v3 = v[..., None]
    per_corner = (
        u**3 * f
        + 3 * u**2 * (du * toward[0] + after_u * toward[1] + v3 * near)
        + 6 * du * after_u * v3 * middle
        + 3 * u * v3**2 * inner
    )
    return np.sum(per_corner, axis=-2) + v**3 * center


# ---------------------------------------------------------------------------------- griddata

_BY_METHOD = {
    "nearest": NearestNDInterpolator,
    "linear": LinearNDInterpolator,
    "cubic": CloughTocher2DInterpolator,
}


@twin(scipy.interpolate.griddata)
def griddata(points, values, xi, /, *, method, fill_value, rescale, simplex_tolerance=1.0):
    """Values at the points xi of scattered data; equals :func:`scipy.interpolate.griddata`.

    Differentiable in xi, the values and the points.

    Parameters
    ----------
    points : array, shape (m, n), or tuple of n arrays
        Sites.
    values : array, shape (m, ...)
        Data.
    xi : array, shape (..., n), or tuple of n arrays
        Points of evaluation.
    method : {"linear", "nearest", "cubic"}
        As :class:`LinearNDInterpolator`, :class:`NearestNDInterpolator` and, in the plane,
        :class:`CloughTocher2DInterpolator` have it; in one dimension :class:`interp1d`.
    fill_value : number
        The value outside, held constant.
    rescale : bool
        As these classes have it.
    simplex_tolerance : float
        As their calls have it, from SciPy 1.18 on.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import griddata
    >>> points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> dr.grad(lambda y: griddata(points, y, np.array([[0.25, 0.5]]))[0])(np.ones(3))
    array([0.25, 0.25, 0.5 ])
    """
    if simplex_tolerance <= 0:
        raise ValueError("simplex_tolerance must be positive")
    points = coordinates(points)
    n = points.shape[-1]
    if n == 1 and method in _BY_METHOD:
        at = xi[0] if isinstance(xi, tuple) and len(xi) == 1 else xi
        fill = "extrapolate" if method == "nearest" else fill_value
        curve = interp1d(
            points.reshape(-1), values, method, axis=0, bounds_error=False, fill_value=fill
        )
        return curve(at)
    if method not in _BY_METHOD or (method == "cubic" and n != 2):
        raise ValueError(f"Unknown interpolation method {method!r} for {n} dimensional data")
    options = {} if method == "nearest" else {"fill_value": fill_value}
    interpolate = _BY_METHOD[method](points, values, rescale=rescale, **options)
    if method == "nearest" or simplex_tolerance == 1:
        return interpolate(xi)
    return interpolate(xi, simplex_tolerance=simplex_tolerance)
