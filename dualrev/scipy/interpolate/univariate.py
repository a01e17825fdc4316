"""UnivariateSpline and its kin: a curve that FITPACK fits to data.

Owns these classes, and what of their fits is differentiated.  Must not know the equations of a fit.
"""

import functools
from typing import Any, NamedTuple

import numpy as np
import scipy.interpolate

from dualrev.core.traced import is_traced
from dualrev.known import valued
from dualrev.readers.captured import owned
from dualrev.scipy.each_row import numbers_under
from dualrev.scipy.interpolate.bspline import BSpline
from dualrev.scipy.interpolate.curve_fits import near_data
from dualrev.scipy.interpolate.fitpack import spalde, splev, splint, sproot
from dualrev.scipy.interpolate.held import Fitted
from dualrev.scipy.interpolate.points import as_points, real_points
from dualrev.scipy.lags import resized
from dualrev.scipy.twin import like

__all__ = ["InterpolatedUnivariateSpline", "LSQUnivariateSpline", "UnivariateSpline"]

_OUTSIDE = {"extrapolate": 0, "zeros": 1, "raise": 2, "const": 3}


class _Curve(NamedTuple):
    """Knots, coefficients as many as knots, the degree, and the sum of squares that is left."""

    t: Any
    c: Any
    k: int
    residual: Any = None

    @property
    def tck(self):
        return self.t, self.c, self.k


def _made(make, k, check_finite, x, y, w, low, high, inner, s):
    """SciPy's object of a class, whose arguments differ."""
    sites = (x, y) if inner is None else (x, y, inner)
    bound = (s,) if make is scipy.interpolate.UnivariateSpline else ()
    return make(*sites, w, [low, high], k, *bound, 0, check_finite)


def _fitted(make, data, k, bounds):
    """The curve that SciPy's object of plain data has, with its derivatives by these."""
    x, y, w, low, high, inner, s = data
    first, *others = numbers_under(bounds)
    made = make(*numbers_under(data[:-1]), None if first is None else float(first))
    for bound in others:
        made.set_smoothing_factor(float(bound))
    knots, c, residual = made.get_knots(), made.get_coeffs(), made.get_residual()
    t = np.concatenate([[knots[0]] * k, knots, [knots[-1]] * k])
    if is_traced(*data):
        s = np.float64(x.shape[0]) if s is None else s
        given = ("UnivariateSpline", (t, c), x, y, k, w, s, (low, high), inner)
        t, c, squares = near_data(*given)
        residual = valued(squares, np.float64(residual))
    return _Curve(t, resized(c, t.shape), k, residual)


class UnivariateSpline(Fitted):
    """A smoothing spline through data; equals :class:`scipy.interpolate.UnivariateSpline`.

    Differentiable in the points of evaluation, and in x, y, w, bbox and s.

    Parameters
    ----------
    x, y : array, shape (m,)
        Sites, increasing, and values.
    w : array, shape (m,), optional
        Weights.
    bbox : pair, optional
        The ends; by default the first and last site.
    k : int
        Degree, 1 to 5.
    s : number, optional
        Bound of ``sum((w * (y - f(x)))**2)``; m by default.  0 interpolates.
    ext : int or str
        Outside: 0 "extrapolate", 1 "zeros", 2 "raise", 3 "const".
    check_finite : bool
        Whether nan and inf raise.

    Raises
    ------
    NotConvergedError
        Where a derivative is asked for, and FITPACK found no spline of that s.

    Notes
    -----
    FITPACK chooses which of the sites are knots; this choice, which changes in jumps, is held, and the
    knots move with their sites.  A smoothing spline has ``sum(...) = s``, which FITPACK meets to a
    thousandth: the derivatives are those of the spline that has exactly the sum which it found
    (implicit function theorem).  In a batch each row is fitted again by each method that is called.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import UnivariateSpline
    >>> x = np.linspace(0, 3, 20)
    >>> y = np.exp(-4 * (x - 1) ** 2)
    >>> dr.grad(lambda s: UnivariateSpline(x, y, s=s)(1.0))(0.03).round(3)
    np.float64(-1.232)
    """

    @like(scipy.interpolate.UnivariateSpline.__init__)
    def __init__(self, x, y, w=None, bbox=(None, None), k=3, s=None, ext=0, check_finite=False):
        make = scipy.interpolate.UnivariateSpline
        self._fit(make, x, y, w, bbox, None, s, k, ext, check_finite)

    def _fit(self, make, x, y, w, bbox, inner, s, k, ext, check_finite):
        data = map(real_points, (x, y, w, *bbox, inner, s))
        self.ext = _OUTSIDE.get(ext, ext)
        if self.ext not in _OUTSIDE.values():
            raise ValueError(f"Unknown extrapolation mode {ext}.")
        self._make, self._k = functools.partial(_made, make, k, check_finite), k
        self._bounds = (s,)
        self._refit(tuple(map(owned, data)))

    def _refit(self, data):
        make, k, before = self._make, self._k, self._bounds
        self._hold(lambda data: _fitted(make, data, k, (*before[:-1], data[-1])), data)

    def _changed(self, method, n, ext):
        made = object.__new__(UnivariateSpline)
        made.ext = ext

        def change(curve):
            return _Curve(*getattr(BSpline.construct_fast(*curve.tck), method)(n).tck)

        return self._then(made, change)

    def __call__(self, x: Any, nu: int = 0, ext: Any = None) -> Any:
        """Values at x, or those of the derivative of order ``nu``; ``ext`` as at construction."""
        x = real_points(x)
        if x.size == 0:
            return np.array([])
        ext = self.ext if ext is None else _OUTSIDE.get(ext, ext)
        return self._ask(lambda curve, x: splev(x, curve.tck, nu, ext), x)

    def get_knots(self) -> Any:
        """The interior knots, and the ends once."""
        return self._ask(lambda curve: curve.t[curve.k : len(curve.t) - curve.k])

    def get_coeffs(self) -> Any:
        """The coefficients."""
        return self._ask(lambda curve: curve.c[: len(curve.t) - curve.k - 1])

    def get_residual(self) -> Any:
        """``sum((w * (y - f(x)))**2)``"""
        return self._ask(lambda curve: curve.residual)

    def integral(self, a: Any, b: Any) -> Any:
        """The integral from a to b, 0 outside of the knots."""
        return self._ask(lambda curve, a, b: splint(a, b, curve.tck), a, b)

    def derivatives(self, x: Any) -> Any:
        """The value and all derivatives at a point: (k + 1,)."""
        return self._ask(lambda curve, x: spalde(x, curve.tck), x)

    def roots(self) -> Any:
        """The zeros of a cubic spline, with derivatives where they are simple."""
        if self._found is not None and self._found.k != 3:
            raise NotImplementedError("finding roots unsupported for non-cubic splines")
        return self._ask(lambda curve: sproot(curve.tck, 3 * (len(curve.t) - 7)))

    def derivative(self, n: int = 1) -> "UnivariateSpline":
        """The spline that is the derivative of order n."""
        return self._changed("derivative", n, 1 if self.ext == 3 else self.ext)

    def antiderivative(self, n: int = 1) -> "UnivariateSpline":
        """The spline of which this is the derivative of order n."""
        return self._changed("antiderivative", n, self.ext)

    def set_smoothing_factor(self, s: Any) -> None:
        """Fit again with another s, starting from the knots that there are."""
        self._bounds = (*self._bounds, s)
        self._refit((*self._data[:-1], as_points(s)))


class InterpolatedUnivariateSpline(UnivariateSpline):
    """A spline through data; equals :class:`scipy.interpolate.InterpolatedUnivariateSpline`.

    Differentiable in the points of evaluation, in x, y and bbox; w has no influence.

    Parameters
    ----------
    x, y, w, bbox, k, ext, check_finite
        As in :class:`UnivariateSpline`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import InterpolatedUnivariateSpline
    >>> x = np.arange(4.0)
    >>> dr.grad(lambda y: InterpolatedUnivariateSpline(x, y)(1.5))(x**2).round(12)
    array([-0.0625,  0.5625,  0.5625, -0.0625])
    """

    @like(scipy.interpolate.InterpolatedUnivariateSpline.__init__)
    def __init__(self, x, y, w=None, bbox=(None, None), k=3, ext=0, check_finite=False):
        make = scipy.interpolate.InterpolatedUnivariateSpline
        self._fit(make, x, y, w, bbox, None, 0, k, ext, check_finite)


class LSQUnivariateSpline(UnivariateSpline):
    """The spline of given knots nearest to data; equals :class:`scipy.interpolate.LSQUnivariateSpline`.

    Differentiable in the points of evaluation, in x, y, t, w and bbox.

    Parameters
    ----------
    x, y : array, shape (m,)
        Sites, increasing, and values.
    t : array
        Interior knots.
    w, bbox, k, ext, check_finite
        As in :class:`UnivariateSpline`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import LSQUnivariateSpline
    >>> x = np.linspace(0, 3, 20)
    >>> dr.derivative(lambda t: LSQUnivariateSpline(x, abs(x - 1), [t], k=1)(1.0))(1.2).round(3)
    np.float64(0.922)
    """

    @like(scipy.interpolate.LSQUnivariateSpline.__init__)
    def __init__(self, x, y, t, w=None, bbox=(None, None), k=3, ext=0, check_finite=False):
        make = scipy.interpolate.LSQUnivariateSpline
        self._fit(make, x, y, w, bbox, t, 0, k, ext, check_finite)
