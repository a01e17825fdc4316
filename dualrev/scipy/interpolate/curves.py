"""Curves through points by one formula: interp1d, KroghInterpolator, BarycentricInterpolator.

Owns these formulas.  Must not know how SciPy evaluates them.
"""

from typing import Any

import numpy as np
import scipy.interpolate
from scipy.special import factorial

from dualrev.axes import along
from dualrev.core.arrays import somewhere
from dualrev.core.binding import elements_of
from dualrev.core.operands import base_of
from dualrev.core.traced import is_traced
from dualrev.core.words import constant
from dualrev.errors import ArgumentError, no_rule
from dualrev.scipy.interpolate.fits import make_interp_spline
from dualrev.scipy.interpolate.held import Interpolator, datum
from dualrev.scipy.interpolate.knots import interval_of
from dualrev.scipy.interpolate.points import as_points, moved_to, real_points
from dualrev.scipy.twin import check_constant, like
from dualrev.ways import same_beside

__all__ = ["BarycentricInterpolator", "KroghInterpolator", "interp1d"]

_ORDERS = {"zero": 0, "slinear": 1, "quadratic": 2, "cubic": 3}
_STEPS = ("nearest", "nearest-up", "previous", "next", "zero", 0)


def _step(at, x, kind):
    n = len(x)
    options = {"bounds_error": False, "fill_value": (0.0, n - 1.0)}
    numbers = scipy.interpolate.interp1d(x, np.arange(float(n)), kind, **options)
    return numbers(at).astype(int)


_step = constant(_step, batch=same_beside, name="interp1d")


class interp1d(Interpolator):
    """Interpolation of data in one dimension; equals :class:`scipy.interpolate.interp1d`.

    Differentiable in the points of evaluation, in y and in x.

    Parameters
    ----------
    x : array, shape (n,)
        Sites.
    y : array
        Values, of length n along ``axis``.
    kind : str or int
        "linear", "nearest", "nearest-up", "zero", "slinear", "quadratic", "cubic", "previous",
        "next", or the degree of a spline.
    axis : int
        Of y along which x runs; the last by default.
    copy, assume_sorted : bool
        As SciPy has them.
    bounds_error : bool, optional
        Whether a point outside raises ValueError; by default unless ``fill_value`` extrapolates.
    fill_value : number, array, pair of them or "extrapolate"
        The values outside, held constant.

    Notes
    -----
    The derivative is that of the interval on the right of a site; steps have derivative 0 by the
    points.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import interp1d
    >>> x = np.arange(3.0)
    >>> dr.grad(lambda y: interp1d(x, y)(0.25))(x)
    array([0.75, 0.25, 0.  ])
    """

    @like(scipy.interpolate.interp1d.__init__)
    def __init__(self, x, y, kind="linear", axis=-1, **options):
        x, y = as_points(x), as_points(y)
        self._kind = kind
        self.axis = axis % max(y.ndim, 1)
        self._options = {"axis": axis, **options}
        check_constant(scipy.interpolate.interp1d, self._options)
        self._hold(x, y)

    def _axis_of_rows(self, ndim, options):
        return self.axis

    def _build(self, x, y):
        return scipy.interpolate.interp1d(x, y, self._kind, **self._options)

    @property
    def x(self) -> Any:
        """The sites, increasing."""
        return self._data[0][self._order(self._data[0])]

    @property
    def y(self) -> Any:
        """The values, in the order of x."""
        return np.take(self._data[1], self._order(self._data[0]), axis=self.axis)

    @property
    def fill_value(self) -> Any:
        """The values outside."""
        return self._plain.fill_value

    @property
    def bounds_error(self) -> Any:
        """Whether a point outside raises ValueError."""
        return self._plain.bounds_error

    def _order(self, x):
        if self._options.get("assume_sorted"):
            return np.arange(len(x))
        return np.argsort(base_of(x), kind="mergesort")

    def __call__(self, x: Any) -> Any:
        """Values at x, whose shape stands where the axis of y was."""
        return self._at(as_points(x) if self._kind == "linear" else real_points(x))

    def _program(self, at, x, y):
        order = self._order(x)
        x, y = elements_of(x, order), elements_of(np.moveaxis(y, self.axis, 0), order)
        flat = at.reshape(-1)
        kind = _ORDERS.get(self._kind, self._kind)
        if kind in _STEPS or len(x) == 1:
            ans = elements_of(y, self._step(x, flat))
        elif kind in ("linear", 1):
            i = interval_of(flat, x, k=0)
            (x0, y0), (x1, y1) = ((elements_of(x, k), elements_of(y, k)) for k in (i, i + 1))
            ans = y0 + along((flat - x0) / (x1 - x0), 0, y.ndim) * (y1 - y0)
        else:
            ans = make_interp_spline(x, y, kind)(flat)
        ans = np.where(along(self._constant(x, flat), 0, y.ndim), 0.0, ans)
        ans = ans.reshape(at.shape + y.shape[1:])
        return moved_to(ans, at.ndim, self.axis) if at.ndim else ans

    def _step(self, x, at):
        """Which site's value a point takes: SciPy's own answer, for the numbers of the sites."""
        return _step(at, x, kind=self._kind if self._kind in _STEPS else "nearest")

    def _constant(self, x, at):
        """Where the value is filled in."""
        below, above = np.less(at, x[0]), np.greater(at, x[-1])
        if isinstance(self._options.get("fill_value"), str):
            return {"previous": below, "next": above}.get(self._kind, below & above)
        return below | above


# ------------------------------------------------------------------------------- polynomials


class _Polynomial(Interpolator):
    """The polynomial through data: Newton's form, with as many derivatives as are asked."""

    def _program(self, at, x, y, der=None):
        y = np.moveaxis(y, self._axis, 0)
        c = self._coefficients(x, y)
        flat = along(at, 0, y.ndim)
        highest = 0 if der is None else int(np.max(der))
        zero = 0.0 * (flat + c[0])
        derivatives = [zero] * (highest + 1)
        for site, row in zip(reversed(list(x)), reversed(c)):
            h = flat - site
            derivatives = [
                p * h + (j * derivatives[j - 1] if j else row) for j, p in enumerate(derivatives)
            ]
        shaped = [
            moved_to(p.reshape(at.shape + y.shape[1:]), at.ndim, self._axis if at.ndim else 0)
            for p in derivatives
        ]
        if der is None or np.ndim(der) == 0:
            return shaped[highest]
        return np.stack([shaped[j] for j in der])

    def _set(self, xi, yi, axis):
        xi, yi = as_points(xi), as_points(yi)
        sites = base_of(xi)
        if is_traced(xi) and somewhere(np.equal(sites[:, None], sites).sum() > len(sites)):
            raise no_rule(
                "A polynomial of traced sites that coincide",
                "hold them constant: dualrev.stop_gradient(xi)",
            )
        self._axis = axis % max(yi.ndim, 1)
        self._hold(xi, yi)

    def _axis_of_rows(self, ndim, options):
        return None if options else self._axis

    def _build(self, xi, yi):
        made = self._make(xi, yi)

        def evaluate(at, der=None):
            if der is None:
                return made(at)
            if np.ndim(der) == 0:
                return made.derivative(at, der)
            return made.derivatives(at, int(np.max(der)) + 1)[list(der)]

        return evaluate

    xi = datum(0, "The sites.")
    yi = datum(1, "The values.")

    def __call__(self, x: Any) -> Any:
        """Values at x, whose shape stands where the axis of yi was."""
        return self._at(as_points(x))

    def derivative(self, x: Any, der: int = 1) -> Any:
        """The derivative of order ``der`` at x."""
        return self._at(as_points(x), der=der)

    def derivatives(self, x: Any, der: Any = None) -> Any:
        """The value and derivatives of orders below ``der``, or of those in a list, stacked."""
        if der is None:
            der = self.xi.shape[0]
        return self._at(as_points(x), der=list(range(der)) if np.ndim(der) == 0 else list(der))


class KroghInterpolator(_Polynomial):
    """The polynomial through data, with derivatives at repeated sites; equals
    :class:`scipy.interpolate.KroghInterpolator`.

    Differentiable in the points of evaluation and yi, and in xi where its elements differ.

    Parameters
    ----------
    xi : array, shape (n,)
        Sites; where some coincide yi holds the value and derivatives there.
    yi : array
        Values, of length n along ``axis``.
    axis : int
        Of yi along which xi runs.

    Notes
    -----
    Krogh (1970), "Efficient algorithms for polynomial interpolation and numerical differentiation".

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import KroghInterpolator
    >>> x = np.array([0.0, 1.0, 2.0])
    >>> dr.derivative(KroghInterpolator(x, x**2))(3.0).round(12)
    np.float64(6.0)
    """

    def __init__(self, xi: Any, yi: Any, axis: int = 0):
        self._set(xi, yi, axis)

    def _make(self, xi, yi):
        return scipy.interpolate.KroghInterpolator(xi, yi, self._axis)

    def _coefficients(self, x, y):
        """Divided differences; where sites coincide y holds derivatives (section 2)."""
        n = len(x)
        sites = base_of(x)
        first = np.argmax(np.equal(sites[:, None], sites), axis=-1)
        level = elements_of(y, first)
        c = [level[0]]
        for j in range(1, n):
            same = sites[j:] == sites[:-j]
            gap = along(np.where(same, 1.0, x[j:] - x[:-j]), 0, y.ndim)
            derivative = elements_of(y, np.minimum(first[j:] + j, n - 1)) / factorial(j)
            level = np.where(along(same, 0, y.ndim), derivative, np.diff(level, axis=0) / gap)
            c.append(level[0])
        return c


class BarycentricInterpolator(_Polynomial):
    """The polynomial through data; equals :class:`scipy.interpolate.BarycentricInterpolator`.

    Differentiable in the points of evaluation, yi and xi.

    Parameters
    ----------
    xi : array, shape (n,)
        Sites, all different.
    yi : array, optional
        Values, of length n along ``axis``; may be set later by ``set_yi``.
    axis : int
        Of yi along which xi runs.
    **options
        SciPy's ``wi`` and ``rng``.  Without a seed SciPy orders the sites at random, so that the last
        digits of the values vary.

    Notes
    -----
    Berrut and Trefethen (2004), "Barycentric Lagrange interpolation"; the derivatives are those of
    the same polynomial in Newton's form, O(n^2), with the sites in an order that keeps the digits at
    hundreds of Chebyshev points (Fischer and Reichel 1989, "Newton interpolation in Fejér and
    Chebyshev points").  With ``wi`` of another function, which is rational, there are none.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import BarycentricInterpolator
    >>> x = np.array([0.0, 1.0, 2.0])
    >>> dr.derivative(BarycentricInterpolator(x, x**2, rng=0))(3.0).round(12)
    np.float64(6.0)
    """

    def __init__(self, xi: Any, yi: Any = None, axis: int = 0, **options: Any):
        self._options = options
        check_constant(scipy.interpolate.BarycentricInterpolator, options)
        if yi is None:
            self._unset = real_points(xi), axis
        else:
            self._set(real_points(xi), yi, axis)

    def _make(self, xi, yi):
        return scipy.interpolate.BarycentricInterpolator(xi, yi, self._axis, **self._options)

    def _program(self, at, x, y, der=None):
        self._check_weights(base_of(x))
        if x.ndim > 1:
            raise ArgumentError(
                f"BarycentricInterpolator was given sites of shape {x.shape}.",
                fix="give sites of shape (n,)",
            )
        order = np.argsort(x)[_spread(len(x))]
        y = np.moveaxis(elements_of(np.moveaxis(y, self._axis, 0), order), 0, self._axis)
        scale = 1.0 / _capacity(base_of(x))
        ans = super()._program(at * scale, elements_of(x, order) * scale, y, der)
        if der is None:
            return ans
        return ans * along(scale ** np.asarray(der, float), 0, ans.ndim)

    def _coefficients(self, x, y):
        """Divided differences, each from the first that is left."""
        c = []
        while len(y):
            c.append(y[0])
            x, y = x[1:], (y[1:] - y[0]) / along(x[1:] - x[0], 0, y.ndim)
        return c

    def _check_weights(self, sites):
        if self._options.get("wi") is None:
            return
        gaps = (sites[:, None] - sites) / _capacity(sites) + np.eye(len(sites))
        shares = np.asarray(self._options["wi"]) * np.prod(gaps, axis=1)
        if somewhere(np.logical_not(abs(shares - shares[0]) <= 1e-6 * abs(shares[0]))):
            raise no_rule("A BarycentricInterpolator with wi of no polynomial", "leave wi out")

    def set_yi(self, yi: Any, axis: Any = None) -> None:
        """Take other values at the same sites."""
        xi, old = vars(self).pop("_unset", None) or (self.xi, self._axis)
        self._set(xi, yi, old if axis is None else axis)

    def add_xi(self, xi: Any, yi: Any = None) -> None:
        """Take further sites and their values, along the first axis; none where none are set yet."""
        unset = hasattr(self, "_unset")
        if unset and yi is not None:
            raise ValueError("No previous yi value to update!")
        if not unset and yi is None:
            raise ValueError("No update to yi provided!")
        old, axis = self._unset if unset else (self.xi, self._axis)
        self._options = {**self._options, "wi": None}  # which were those of fewer sites
        xi = np.concatenate([old, real_points(xi)])
        if unset:
            self._unset = xi, axis
        else:
            values = np.concatenate([np.moveaxis(self.yi, axis, 0), as_points(yi)])
            self._set(xi, np.moveaxis(values, 0, axis), axis)


def _capacity(sites):
    """A fourth of the interval: products of distances in this unit do not overflow."""
    return np.ptp(sites) / 4 if len(sites) > 1 else 1.0


def _spread(n):
    """The order of van der Corput: the ends of ever finer halves."""
    width = (n - 1).bit_length()
    places = (int(f"{i:0{width}b}"[::-1], 2) for i in range(1 << width))
    return np.array([place for place in places if place < n])
