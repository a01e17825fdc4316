"""Interpolation on a rectangular grid: RegularGridInterpolator, interpn and NdBSpline.

Owns the weights of the neighbors on the grid.  Must not know how SciPy finds them.

Every method but "pchip" is a sum over the neighbors of a point, each weighted by the product of one
factor an axis: of the values themselves ("linear", "nearest"), or of the coefficients of a tensor
product of splines (de Boor, "A Practical Guide to Splines", 2001, chapter XVII).
"""

import itertools
from typing import Any

import numpy as np
import scipy.interpolate

from dualrev.axes import along
from dualrev.core.binding import elements_of
from dualrev.core.operands import as_operand, sample_of
from dualrev.core.traced import is_traced
from dualrev.core.words import constant
from dualrev.errors import no_rule
from dualrev.scipy.interpolate.bspline import differentiated
from dualrev.scipy.interpolate.cubic import hermite_coefficients, pchip_slopes
from dualrev.scipy.interpolate.fits import make_interp_spline, plain_sites
from dualrev.scipy.interpolate.held import Interpolator, datum
from dualrev.scipy.interpolate.knots import basis_values, interval_of
from dualrev.scipy.interpolate.points import as_points, real_points
from dualrev.scipy.twin import check_constant, like, twin
from dualrev.ways import agreed

__all__ = ["NdBSpline", "RegularGridInterpolator", "interpn"]

_DEGREES = {"slinear": 1, "cubic": 3, "quintic": 5}

# --------------------------------------------------------------- splines on several axes


def _spline_values(at, c, t, k, nu):
    """Values at points (m, n) of the derivative of orders nu, all of them by default."""
    nu = [0] * len(t) if nu is None else nu
    c, t, degrees = differentiated(c, t, k, map(min, nu, k))
    ans = _weighted_sum(c, list(map(_spline_factors, at.T, t, degrees)))
    return 0.0 * ans if np.any(np.greater(nu, k)) else ans


def _spline_factors(at, t, k):
    """Neighbors and their factors on one axis."""
    interval = interval_of(at, t, k=k)
    values = basis_values(at, t, k, interval)
    return [(interval - k + j, values[:, j]) for j in range(k + 1)]


# ------------------------------------------------------------------------------- the methods


def _linear_factors(at, x):
    i = interval_of(at, x, k=0) if len(x) > 1 else np.zeros(len(at), int)
    if len(x) == 1:
        return [(i, np.ones(len(at)))]
    low, high = elements_of(x, i), elements_of(x, i + 1)
    share = (at - low) / (high - low)
    return [(i, 1 - share), (i + 1, share)]


def _nearest_factors(at, x):
    (i, _), *right = _linear_factors(at, x)
    if right:
        i = i + np.greater(right[0][1], 0.5)
    return [(i, np.ones(len(at)))]


def _weighted_sum(values, factors):
    """The sum over all neighbors of a value times its factors, one an axis."""
    total = 0.0
    for corner in itertools.product(*factors):
        indices, weights = zip(*corner)
        weight = weights[0]
        for other in weights[1:]:
            weight = weight * other
        near = elements_of(values, indices)
        total = total + near * along(weight, 0, near.ndim)
    return total


def _monotone(values, at, grid):
    """Axis by axis, the last one first, as SciPy does."""
    n = at.shape[0]
    for axis in reversed(range(len(grid))):
        x, points = grid[axis], at[:, axis]
        y = np.moveaxis(values, axis if axis == len(grid) - 1 else axis + 1, 0)
        c = hermite_coefficients(x, y, pchip_slopes(x, y))
        i = interval_of(points, x, k=0)
        # The last axis is one curve for all points; after it each point has its own.
        own = (i,) if axis == len(grid) - 1 else (i, np.arange(n))
        c = elements_of(c, (slice(None), *own))
        h = along(points - elements_of(x, i), 0, c.ndim - 1)
        values = ((c[0] * h + c[1]) * h + c[2]) * h + c[3]
    return values


def _outside(at, ends):
    """Which points are beyond the ends on an axis."""
    outside = np.zeros(len(at), bool)
    for x, (low, high) in zip(at.T, ends):
        outside = outside | np.less(x, low) | np.greater(x, high)
    return outside


def _descends(points):
    return bool(points[0] > points[-1])


_descends = constant(_descends, batch=agreed)


class RegularGridInterpolator(Interpolator):
    """Interpolation of values on a grid; equals :class:`scipy.interpolate.RegularGridInterpolator`.

    Differentiable in the points of evaluation, the values and the coordinates of the grid.

    Parameters
    ----------
    points : tuple of arrays, shapes (m1,), ..., (mn,)
        Coordinates of the grid, monotone along each axis.
    values : array, shape (m1, ..., mn, ...)
        Values on the grid.
    method : str
        "linear", "nearest", "slinear", "cubic", "quintic" or "pchip".
    bounds_error : bool
        Whether a point outside raises ValueError.
    fill_value : number or None
        The value outside; None extrapolates.
    solver, solver_args
        Of SciPy's spline coefficients; the derivatives are those of the exact ones.

    Notes
    -----
    By a point, the derivative is that of its cell: on the faces between cells of "linear" the one on
    the right is taken.  SciPy finds the coefficients of "cubic" and "quintic" iteratively, so that
    its values, and only they, are off by the solver's tolerance.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import RegularGridInterpolator
    >>> x = np.arange(3.0)
    >>> f = RegularGridInterpolator((x, x), np.multiply.outer(x, x))
    >>> dr.grad(lambda at: f(at)[0])(np.array([0.5, 1.5]))
    array([1.5, 0.5])
    """

    @like(scipy.interpolate.RegularGridInterpolator.__init__)
    def __init__(
        self, points, values, method="linear", bounds_error=True, fill_value=np.nan, **solver
    ):
        check_constant(scipy.interpolate.RegularGridInterpolator, {"fill_value": fill_value})
        self.method = method
        self.bounds_error = bounds_error
        self.fill_value = fill_value
        self._solver = solver
        points = [real_points(p) for p in points]
        self._hold(as_operand(values), *points)

    def _axis_of_rows(self, ndim, options):
        return 0 if ndim > 1 else None

    def _build(self, values, *points):
        return scipy.interpolate.RegularGridInterpolator(
            points, values, self.method, self.bounds_error, self.fill_value, **self._solver
        )

    @property
    def grid(self) -> tuple:
        """The coordinates, increasing."""
        return tuple(np.flip(p) if _descends(p) else p for p in map(as_points, self._data[1:]))

    @property
    def values(self) -> Any:
        """The values, along increasing coordinates."""
        down = tuple(i for i, p in enumerate(map(as_points, self._data[1:])) if _descends(p))
        return np.flip(as_points(self._data[0]), down) if down else self._data[0]

    def __call__(self, xi: Any, method: Any = None, *, nu: Any = None) -> Any:
        """Values at the points xi, of shape (..., n); ``nu`` derivatives an axis of the splines."""
        if isinstance(xi, tuple):
            xi = np.stack(np.broadcast_arrays(*map(as_operand, xi)), axis=-1)
        options = {"method": method} | ({} if nu is None else {"nu": nu})
        return self._at(real_points(xi), **options)

    def _program(self, xi, values, *points, method=None, nu=None):
        method = (self.method if method is None else method).removesuffix("_legacy")
        down = [i for i, p in enumerate(points) if _descends(p)]
        values = np.flip(values, down) if down else values
        grid = [np.flip(p) if i in down else p for i, p in enumerate(points)]
        n = len(grid)
        shape = xi.shape[:-1] if xi.ndim > 1 else xi.shape if n == 1 else (1,)
        at = xi.reshape(-1, n)
        if method == "pchip":
            ans = _monotone(values, at, grid)
        elif method in _DEGREES:
            k, knots = _DEGREES[method], []
            for axis, x in enumerate(grid):
                x = x if is_traced(x) else plain_sites(x)
                spline = make_interp_spline(x, np.moveaxis(values, axis, 0), k)
                values = np.moveaxis(spline.c, 0, axis)
                knots.append(spline.t)
            ans = _spline_values(at, values, knots, [k] * n, nu)
        else:
            factors = {"linear": _linear_factors, "nearest": _nearest_factors}[method]
            ans = _weighted_sum(values, [factors(at[:, i], x) for i, x in enumerate(grid)])
        if self.fill_value is not None:
            outside = _outside(at, [(x[0], x[-1]) for x in grid])
            ans = np.where(along(outside, 0, ans.ndim), 0.0, ans)
        return ans.reshape(shape + values.shape[n:])


class NdBSpline(Interpolator):
    """A spline on several axes; equals :class:`scipy.interpolate.NdBSpline`.

    Differentiable in the points of evaluation, the coefficients and the knots.

    Parameters
    ----------
    t : tuple of arrays
        Knots on each axis.
    c : array, shape (n1, ..., nd, ...)
        Coefficients.
    k : int or tuple of int
        Degrees.
    extrapolate : bool
        Whether the outermost polynomials go on outside; nan otherwise.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import NdBSpline
    >>> t = np.array([0.0, 0.0, 1.0, 1.0])
    >>> dr.grad(lambda c: NdBSpline((t, t), c, 1)([0.25, 0.5]))(np.ones((2, 2)))
    array([[0.375, 0.375],
           [0.125, 0.125]])
    """

    def __init__(self, t: Any, c: Any, k: Any, *, extrapolate: Any = None):
        self.k = tuple(k) if np.ndim(k) else (k,) * len(t)
        self.extrapolate = True if extrapolate is None else bool(extrapolate)
        self._hold(as_points(c), *map(real_points, t))

    c = datum(0, "The coefficients.")

    @property
    def t(self) -> tuple:
        """The knots on each axis."""
        return self._data[1:]

    def _build(self, c, *t):
        return scipy.interpolate.NdBSpline(t, c, self.k, extrapolate=self.extrapolate)

    def __call__(self, xi: Any, *, nu: Any = None, extrapolate: Any = None) -> Any:
        """Values at points of shape (..., d), or those of derivatives of orders ``nu``."""
        return self._at(real_points(xi), nu=nu, extrapolate=extrapolate)

    def _program(self, xi, c, *t, nu=None, extrapolate=None):
        extrapolate = self.extrapolate if extrapolate is None else bool(extrapolate)
        at = xi.reshape(-1, len(t))
        ans = _spline_values(at, c, t, self.k, nu)
        if not extrapolate:  # the value is nan there, and its derivative
            ends = [(knots[k], knots[len(knots) - k - 1]) for knots, k in zip(t, self.k)]
            outside = _outside(at, ends)
            ans = ans * along(np.where(outside, np.nan, 1.0), 0, ans.ndim)
        return ans.reshape(xi.shape[:-1] + c.shape[len(t) :])

    def derivative(self, nu: Any) -> "NdBSpline":
        """The spline that is the derivative of orders ``nu``."""
        c, t, k = differentiated(self.c, self.t, self.k, nu)
        return NdBSpline(tuple(t), c, tuple(k), extrapolate=self.extrapolate)

    @classmethod
    def design_matrix(cls, xvals: Any, t: Any, k: Any, extrapolate: Any = True) -> Any:
        """Values of the basis functions, of plain arrays; equals SciPy's."""
        if is_traced(xvals, t):
            raise no_rule(
                "NdBSpline.design_matrix, a sparse matrix,",
                "evaluate a spline of unit coefficients: NdBSpline(t, c, k)(x)",
            )
        return scipy.interpolate.NdBSpline.design_matrix(xvals, t, k, extrapolate)


@twin(scipy.interpolate.interpn)
def interpn(points, values, xi, /, *, method, bounds_error, fill_value):
    """Values at the points xi of data on a grid; equals :func:`scipy.interpolate.interpn`.

    The same as ``RegularGridInterpolator(points, values, ...)(xi)``, with its derivatives; "splinef2d"
    on plain arrays only.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import interpn
    >>> x = np.arange(3.0)
    >>> dr.grad(lambda y: interpn((x,), y, np.array([[0.25]]))[0])(x)
    array([0.75, 0.25, 0.  ])
    """
    if method == "splinef2d":
        raise no_rule("interpn with method='splinef2d'", "use method='cubic'")
    options = method, bounds_error, fill_value
    # SciPy's own complaints, on the values.
    scipy.interpolate.interpn(*sample_of((points, values, xi)), *options)
    return RegularGridInterpolator(points, values, *options)(xi)
