"""Surfaces of splines through, or near, values on a grid: RectBivariateSpline.

Owns the equations of their fits.  Must not know how surfaces are evaluated.

With the values X and Y of the B-splines on both axes a surface on a grid is ``X C Y^T``.  One that
interpolates has ``X C Y^T = Z``; a smoothing one ``(X^T X + l D^T D) C (Y^T Y + l E^T E) = X^T Z Y``
with the jumps D, E of the highest derivatives at the knots and the l for which ``|X C Y^T - Z|^2 = s``
(Dierckx 1982, "A fast algorithm for smoothing data on a rectangular grid while using spline
functions").
"""

import numpy as np
import scipy.interpolate
from scipy.optimize import brentq

from dualrev import errors
from dualrev.core.traced import is_traced
from dualrev.implicit.solutions import solved
from dualrev.known import valued
from dualrev.readers.captured import owned
from dualrev.scipy.each_row import numbers_under
from dualrev.scipy.interpolate.fits import linear_fit
from dualrev.scipy.interpolate.knots import collocation, jumps
from dualrev.scipy.interpolate.points import real_points
from dualrev.scipy.interpolate.smoothing import moved_knots, no_fit
from dualrev.scipy.interpolate.surfaces import BivariateSpline, Surface
from dualrev.scipy.twin import like

__all__ = ["RectBivariateSpline"]

#: A sum of squares that is smaller, as a part of that of the values, is 0.
_NOTHING = 1e-18
#: What the error calls a fit that has failed.
_NO_SURFACE = "FITPACK", "surface"


def _roughness(t, k):
    """Jumps as FITPACK scales them, which both axes share a factor of."""
    n = len(t) - k - 1
    return jumps(t, k) * ((t[n] - t[k]) / (n - k)) ** k


def _grid_fit(data, made, degrees, s):
    """The surface on a grid that SciPy's object of plain data has, with its derivatives by these."""
    x, y, z, *ends = data[:7]
    knots, c, residual = made.get_knots(), made.get_coeffs(), made.get_residual()
    if not is_traced(*data):
        return Surface(*knots, c, residual)
    *sites, plain_z, plain_s = numbers_under((x, y, z, s))
    matrix = c.reshape([len(t) - k - 1 for t, k in zip(knots, degrees)])
    bases = list(map(collocation, sites, knots, degrees))
    left = np.sum((bases[0] @ matrix @ bases[1].T - plain_z) ** 2)
    # With a knot for each site it may still be held off the data, by s.
    passes = matrix.shape == plain_z.shape and left <= _NOTHING * np.sum(plain_z**2)
    if passes and not is_traced(x, y, *ends):
        fits = [linear_fit(at, t, k, None) for at, t, k in zip(sites, knots, degrees)]
        found = fits[1](fits[0](z, interpolates=True).T, interpolates=True).T
    else:
        share = None if passes else _share_of(bases, knots, degrees, plain_z, matrix, left)
        knots = list(map(moved_knots, knots, (x, y), degrees, (ends[:2], ends[2:])))
        bases = list(map(collocation, (x, y), knots, degrees))
        if passes:
            found = np.linalg.solve(bases[0], np.linalg.solve(bases[1], z.T).T)
        elif share is None:
            found = _smoothed(bases, z)
        else:
            rough = list(map(_roughness, knots, degrees))
            found = _held_off(bases, rough, z, s * (left / plain_s), share)
    found = valued(found, matrix)
    rows, columns = map(collocation, (x, y), knots, degrees)
    rest = rows @ found @ columns.T - z
    return Surface(*knots, found.reshape(-1), valued(np.sum(rest**2), np.float64(residual)))


def _held_off(bases, rough, z, bound, share):
    """The coefficients with this sum of squares; the logarithm of l is next to the one that is given."""

    def excess(log):
        found = _smoothed(bases, z, rough, np.exp(log))
        rest = bases[0] @ found @ bases[1].T - z
        return np.reshape(np.sum(rest**2) / bound - 1, (1,))

    try:
        log = solved(excess, share, name="RectBivariateSpline")
    except (errors.NotConvergedError, errors.SingularError) as error:
        raise no_fit(*_NO_SURFACE) from error
    return _smoothed(bases, z, rough, np.exp(log))


def _smoothed(bases, z, rough=None, share=None):
    grams = [basis.T @ basis for basis in bases]
    if rough is not None:
        grams = [gram + share * (part.T @ part) for gram, part in zip(grams, rough)]
    rows = np.linalg.solve(grams[0], bases[0].T @ z @ bases[1])
    return np.linalg.solve(grams[1], rows.T).T


def _share_of(bases, knots, degrees, z, matrix, left):
    """The logarithm of l, an array of one; None for least squares without."""
    size = np.abs(matrix).max()
    if np.abs(_smoothed(bases, z) - matrix).max() <= 1e-9 * size:
        return None
    rough = list(map(_roughness, knots, degrees))

    def excess(log):
        found = _smoothed(bases, z, rough, np.exp(log))
        return np.sum((bases[0] @ found @ bases[1].T - z) ** 2) / left - 1

    # The sum of squares grows with l.  Beyond e^34 the data are lost in rounding.
    places = np.arange(-34.0, 35.0, 4.0)
    above = next((i for i, log in enumerate(places) if excess(log) > 0), 0)
    if not above:
        raise no_fit(*_NO_SURFACE)
    log = brentq(excess, places[above - 1], places[above], xtol=1e-13)
    if np.abs(_smoothed(bases, z, rough, np.exp(log)) - matrix).max() > 1e-6 * size:
        raise no_fit(*_NO_SURFACE)
    return np.array([log])


class RectBivariateSpline(BivariateSpline):
    """A surface of splines through, or near, values on a grid; equals
    :class:`scipy.interpolate.RectBivariateSpline`.

    Differentiable in the points of evaluation, and in x, y, z, bbox and s.

    Parameters
    ----------
    x, y : array, shapes (m,) and (n,)
        Coordinates of the grid, increasing.
    z : array, shape (m, n)
        Values.
    bbox : array, shape (4,), optional
        The ends on both axes; by default the first and last coordinates.
    kx, ky : int
        Degrees.
    s : number
        Bound of the sum of squares; 0, the default, interpolates.
    maxit : int
        SciPy's limit of iterations.

    Notes
    -----
    Knots are coordinates of the grid, and move with them; the choice of those of a smoothing surface,
    which changes in jumps, is held, and its sum of squares is s, as far as FITPACK met it.  By z alone a
    derivative of an interpolating surface costs two passes of banded systems; else dense ones.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import RectBivariateSpline
    >>> x = np.arange(5.0)
    >>> surface = RectBivariateSpline(x, x, np.multiply.outer(x, x**2))
    >>> dr.grad(lambda at: surface.ev(*at))(np.array([1.5, 2.5])).round(12)
    array([6.25, 7.5 ])
    """

    @like(scipy.interpolate.RectBivariateSpline.__init__)
    def __init__(self, x, y, z, bbox=(None,) * 4, kx=3, ky=3, s=0, **options):
        self.degrees = kx, ky
        data = map(real_points, (x, y, z, *bbox, s))

        def find(data):
            x, y, z, *ends, s = numbers_under(data)
            made = scipy.interpolate.RectBivariateSpline(x, y, z, ends, kx, ky, float(s), **options)
            return _grid_fit(data, made, (kx, ky), data[-1])

        self._hold(find, tuple(map(owned, data)))
