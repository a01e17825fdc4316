"""Surfaces z(x, y) of tensor products of splines: BivariateSpline and bisplev.

Owns their evaluation and calculus.  Must not know how they come from data.
"""

from typing import Any, NamedTuple

import numpy as np
import scipy.interpolate

from dualrev.core.traced import is_traced
from dualrev.scipy.by_program import by_program
from dualrev.scipy.interpolate.bspline import differentiated, evaluate, integrate
from dualrev.scipy.interpolate.held import Fitted
from dualrev.scipy.interpolate.points import one_number, real_points

__all__ = ["BivariateSpline", "Surface", "bisplev"]


def surface_of(kind, tx, ty, c, degrees, **attributes):
    """SciPy's object of these coefficients."""
    made = object.__new__(kind)
    made.tck, made.degrees = (tx, ty, np.reshape(c, -1)), degrees
    vars(made).update(attributes)
    return made


def _values(c, x, y, tx, ty, degrees=(), kind=None, dx=0, dy=0, grid=True):
    return surface_of(kind, tx, ty, c, degrees)(x, y, dx, dy, grid)


def _values_program(c, x, y, tx, ty, degrees=(), kind=None, dx=0, dy=0, grid=True):
    kx, ky = degrees
    x, y = (
        np.clip(at, t[k], t[len(t) - k - 1])  # FITPACK's surfaces are constant outside
        for at, t, k in ((x, tx, kx), (y, ty, ky))
    )
    if not grid:
        x, y = np.broadcast_arrays(x, y)
    shape = x.shape
    n = len(ty) - ky - 1
    rows = evaluate(c.reshape(-1, n), x.reshape(-1), t=tx, k=kx, nu=dx)
    if grid:
        return evaluate(rows.T, y.reshape(-1), t=ty, k=ky, nu=dy).T
    columns = evaluate(np.eye(n), y.reshape(-1), t=ty, k=ky, nu=dy)
    return np.sum(rows * columns, axis=1).reshape(shape)


def _integral(c, xa, xb, ya, yb, tx, ty, degrees=()):
    made = surface_of(scipy.interpolate.BivariateSpline, tx, ty, c, degrees)
    return np.asarray(made.integral(xa, xb, ya, yb))


def _integral_program(c, xa, xb, ya, yb, tx, ty, degrees=()):
    kx, ky = degrees
    rows = c.reshape(-1, len(ty) - ky - 1)
    row = integrate(rows, xa, xb, t=tx, k=kx, extrapolate=False)
    return integrate(row, ya, yb, t=ty, k=ky, extrapolate=False)


_evaluated = by_program(_values, _values_program, name="BivariateSpline")
_integrated = by_program(_integral, _integral_program, name="BivariateSpline")


class Surface(NamedTuple):
    """Knots on both axes, coefficients, and the sum of squares that is left."""

    tx: Any
    ty: Any
    c: Any
    residual: Any = None


class BivariateSpline(Fitted):
    """A surface of splines on two axes; equals :class:`scipy.interpolate.BivariateSpline`.

    Differentiable in the points of evaluation and in the data of which it is made, by
    :class:`RectBivariateSpline`, :class:`SmoothBivariateSpline` or :class:`LSQBivariateSpline`.  Outside
    of its knots it is constant.
    """

    _kind: type = scipy.interpolate.BivariateSpline
    degrees: tuple

    def __call__(self, x: Any, y: Any, dx: int = 0, dy: int = 0, grid: bool = True) -> Any:
        """Values, or those of derivatives of orders dx and dy.

        On the grid of x and y, of shape (m, n), or, without ``grid``, at the points of both.
        """
        options = {"degrees": self.degrees, "kind": self._kind, "dx": dx, "dy": dy, "grid": grid}

        def answer(surface, x, y):
            return _evaluated(surface.c, x, y, surface.tx, surface.ty, **options)

        return self._ask(answer, real_points(x), real_points(y))

    def ev(self, xi: Any, yi: Any, dx: int = 0, dy: int = 0) -> Any:
        """Values at points, or those of derivatives."""
        return self(xi, yi, dx, dy, grid=False)

    def integral(self, xa: Any, xb: Any, ya: Any, yb: Any) -> Any:
        """The integral over a rectangle, 0 outside of the knots."""

        def answer(surface, *ends):
            return _integrated(surface.c, *ends, surface.tx, surface.ty, degrees=self.degrees)[()]

        return self._ask(answer, *map(one_number, (xa, xb, ya, yb)))

    def get_knots(self) -> Any:
        """The knots on both axes."""
        return self._ask(lambda surface: (surface.tx, surface.ty))

    def get_coeffs(self) -> Any:
        """The coefficients, flat."""
        return self._ask(lambda surface: surface.c)

    def get_residual(self) -> Any:
        """The sum of squares that is left."""
        return self._ask(lambda surface: surface.residual)

    def partial_derivative(self, dx: int, dy: int) -> Any:
        """The surface that is the derivative of orders dx and dy, below the degrees."""
        if dx == 0 and dy == 0:
            return self
        if dx < 0 or dy < 0:
            raise ValueError("order of derivative must be positive or zero")
        if dx >= self.degrees[0] or dy >= self.degrees[1]:
            raise ValueError("order of derivative must be less than degree of spline")
        degrees = self.degrees

        def change(surface):
            c = surface.c.reshape(-1, len(surface.ty) - degrees[1] - 1)
            c, knots, _ = differentiated(c, (surface.tx, surface.ty), degrees, (dx, dy))
            return Surface(*knots, c.reshape(-1))

        made = object.__new__(BivariateSpline)
        made.degrees = degrees[0] - dx, degrees[1] - dy
        return self._then(made, change)


def bisplev(x, y, tck, dx=0, dy=0):
    """Values of a surface on the grid of x and y; equals :func:`scipy.interpolate.bisplev`.

    Differentiable in x, y, the knots and the coefficients of tck.

    Parameters
    ----------
    x, y : array, shapes (m,) and (n,), or number
        Coordinates of the grid, increasing.
    tck : list
        ``[tx, ty, c, kx, ky]`` from :func:`bisplrep`.
    dx, dy : int
        Orders of derivatives, below the degrees.

    Returns
    -------
    array, shape (m, n), without the axes of length 1
    """
    tx, ty, c, kx, ky = tck
    if not is_traced(x, y, tx, ty, c):
        return scipy.interpolate.bisplev(x, y, tck, dx, dy)
    if np.ndim(x) > 1 or np.ndim(y) > 1:
        raise ValueError("First two entries should be rank-1 arrays.")
    made = object.__new__(BivariateSpline)
    made.degrees = kx, ky
    made._hold(lambda data: Surface(*data), tuple(map(real_points, (tx, ty, c))))
    z = made(real_points(x).reshape(-1), real_points(y).reshape(-1), dx, dy)
    return z if z.shape[0] > 1 else z[0] if z.shape[1] > 1 else z[0, 0]
