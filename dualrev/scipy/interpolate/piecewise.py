"""Piecewise polynomials: their evaluation, calculus and the class PPoly.

Owns the primitives in the coefficients, the breakpoints and the points of evaluation.  Must not know
how coefficients come from data.

With the local coordinate ``h = at - x[i]`` of the interval i of a point, the value is
``sum_j c[j, i] h^(k-1-j)``: linear in c, and its partial by h is the derivative polynomial, which is
one more evaluation (de Boor, "A Practical Guide to Splines", 2001, chapter VII).  At a breakpoint
the derivative is that of the interval on the right; where a point leaves its interval the
polynomials of both agree to the order of their smoothness, and beyond it the derivative jumps.
"""

import math
from typing import Any

import numpy as np
import scipy.interpolate
import scipy.special
from scipy.sparse import csr_array

from dualrev.axes import along
from dualrev.core.binding import elements_of
from dualrev.core.operands import as_operand, sample_of
from dualrev.core.traced import is_traced
from dualrev.core.words import constant
from dualrev.errors import no_rule
from dualrev.implicit.elementwise import solved_by_elements
from dualrev.known import valued
from dualrev.scipy.by_program import by_program
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.interpolate.points import moved_to, real_points, values_and_transpose
from dualrev.ways import behind, same_beside

__all__ = ["PPoly"]

# ------------------------------------------------------------------------------- evaluation


def _interval_of(at, x):
    """The interval of each point."""
    if x[-1] >= x[0]:
        interval = np.searchsorted(x, at, side="right") - 1
    else:
        interval = len(x) - 1 - np.searchsorted(x[::-1], at, side="left")
    return np.clip(interval, 0, len(x) - 2)


_interval_of = constant(_interval_of, batch=same_beside, name="spline")


def points_in(x, at, extrapolate):
    """Interval of each point, its coordinate there, whether it is outside, periods gone by."""
    at = np.reshape(at, -1)
    periods = None
    if extrapolate == "periodic":
        periods = np.floor_divide(at - x[0], x[-1] - x[0])
        at = x[0] + np.remainder(at - x[0], x[-1] - x[0])
    interval = _interval_of(at, x)
    outside = None
    if not extrapolate:
        low, high = np.minimum(x[0], x[-1]), np.maximum(x[0], x[-1])
        outside = np.less(at, low) | np.greater(at, high)
    return interval, at - elements_of(x, interval), outside, periods


def _evaluate(c, x, at, nu=0, extrapolate=True):
    return scipy.interpolate.PPoly.construct_fast(c, x, extrapolate)(at, nu)


def _spread(ct, x, at, n=1, nu=0, extrapolate=True):
    """Coefficients that meet c in the inner product as ct meets the values: (n, m, ...)."""
    interval, h, outside, _ = points_in(x, at, extrapolate)
    trailing = ct.shape[np.ndim(at) :]
    ct = ct.reshape(h.size, math.prod(trailing))
    if outside is not None and outside.any():
        ct = np.where(outside[:, None] & (ct != 0), np.nan, ct)  # the value is nan there too
    m = len(x) - 1
    ans = np.zeros((n, m, ct.shape[1]), ct.dtype)
    # One row a point, one entry a row: its transpose adds up the points of each interval.
    gather = csr_array((np.ones(h.size), interval, np.arange(h.size + 1)), shape=(h.size, m)).T
    for p in range(nu, n):
        factor = scipy.special.poch(p - nu + 1, nu)
        if p > nu:
            ct = ct * h[:, None]
        ans[n - 1 - p] = factor * (gather @ ct)
    return ans.reshape(n, m, *trailing)


def _offset(tangents, x, at, extrapolate=True):
    """Tangent of the local coordinate: that of the point, less that of its breakpoint."""
    t_x, t_at = tangents
    if t_x is None:
        return t_at
    interval, _, _, periods = points_in(x, at, extrapolate)
    t = -elements_of(t_x, interval)
    if periods is not None:
        # at = x[0] + (at - x[0] - periods (x[-1] - x[0])): the first and last move it too.
        t = t - periods * (t_x[-1] - t_x[0])
    t = np.reshape(t, at.shape)
    return t if t_at is None else t_at + t


def _offset_transpose(s, wanted, x, at, extrapolate=True):
    """Cotangents of the breakpoints and the points, from that of the local coordinate."""
    if not wanted[0]:
        return None, s
    interval, _, _, periods = points_in(x, at, extrapolate)
    flat = s.reshape(-1)
    ct_x = -np.bincount(interval, flat, minlength=len(x))
    if periods is not None:
        turned = np.sum(flat * periods)
        ends = np.zeros(len(x))
        ends[0], ends[-1] = 1.0, -1.0
        ct_x = ct_x + turned * ends
    return ct_x, (s if wanted[1] else None)


evaluate, _ = values_and_transpose(_evaluate, _spread, _offset, _offset_transpose)

# --------------------------------------------------------------------------------- calculus


def rising(k, nu, ndim):
    """The factors that nu derivatives put to the powers k, ..., 1, as a column of ndim axes."""
    return along(scipy.special.poch(np.arange(k, 0, -1), nu), 0, ndim)


def _antiderivative_of(c, x, nu=1):
    return scipy.interpolate.PPoly.construct_fast(c, x).antiderivative(nu).c


def _antiderivative_program(c, x, nu=1):
    for _ in range(nu):
        k = c.shape[0]
        powers = c / along(np.arange(k, 0, -1), 0, c.ndim)
        dx = along(np.diff(x), 0, c.ndim - 1)
        gain = powers[0]
        for row in powers[1:]:
            gain = gain * dx + row
        gain = gain * dx  # the integral over each interval
        start = np.concatenate([0.0 * gain[:1], np.cumsum(gain[:-1], axis=0)])
        c = np.concatenate([powers, start[None]])
    return c


antiderivative = by_program(_antiderivative_of, _antiderivative_program, batch=behind)


def _integrate(c, x, a, b, extrapolate=True):
    return scipy.interpolate.PPoly.construct_fast(c, x, extrapolate).integrate(a, b)


def _integrate_program(c, x, a, b, extrapolate=True):
    primitive = antiderivative(c, x)
    if extrapolate != "periodic":
        ends = [evaluate(primitive, x, end, extrapolate=extrapolate) for end in (a, b)]
        return ends[1] - ends[0]
    whole = evaluate(primitive, x, x[-1])
    ends = []
    for end in (a, b):
        turns = np.floor_divide(end - x[0], x[-1] - x[0])
        rest = end - turns * (x[-1] - x[0])
        ends.append(turns * whole + evaluate(primitive, x, rest))
    return ends[1] - ends[0]


integrate = by_program(_integrate, _integrate_program, batch=behind, name="spline")

# --------------------------------------------------------------------------------- solutions


@each_row
def _solutions(c, x, y, discontinuity, extrapolate):
    """Where a polynomial is y, with the derivatives of simple zeros."""
    plain = numbers_under((c, x, y))
    made = scipy.interpolate.PPoly.construct_fast(*plain[:2], extrapolate)
    found = made.solve(float(plain[2]), discontinuity, extrapolate)
    near = 1e-7, 1e-9 * np.ptp(plain[1])
    at = solved_by_elements(lambda at: evaluate(c, x, at) - y, found, name="PPoly.solve", near=near)
    return valued(at, found)


# -------------------------------------------------------------------------------- the class


class PPoly:
    """Piecewise polynomial of coefficients and breakpoints; equals :class:`scipy.interpolate.PPoly`.

    ``p(at) = sum_j c[j, i] (at - x[i])^(k-1-j)`` for a point in the interval i.  Differentiable in
    c, x and the points.

    Parameters
    ----------
    c : array, shape (k, m, ...)
        Coefficients, the highest power first.
    x : array, shape (m + 1,)
        Breakpoints, increasing or decreasing.
    extrapolate : bool or "periodic"
        Whether the first and last polynomials go on outside; nan otherwise.
    axis : int
        Interpolation axis.

    Raises
    ------
    ValueError
        As SciPy's does, where shapes disagree or x is not sorted.

    Notes
    -----
    The derivative by the points is the polynomial of ``nu + 1``; by c it is the powers of the local
    coordinate; a breakpoint moves the polynomial that starts there (and leaves which interval a
    point is in).  A gradient costs two evaluations and one pass of sums.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import PPoly
    >>> c, x = np.array([[1.0, -1.0], [0.0, 2.0]]), np.array([0.0, 1.0, 3.0])
    >>> dr.derivative(lambda at: PPoly(c, x)(at))(0.5)
    np.float64(1.0)
    """

    def __init__(self, c: Any, x: Any, extrapolate: Any = None, axis: int = 0):
        c, x = as_operand(c), as_operand(x)
        # SciPy's own checks, on the values.
        plain = scipy.interpolate.PPoly(sample_of(c), sample_of(x), extrapolate, axis)
        if is_traced(c):
            moved = np.moveaxis(c, (axis, axis + 1), (0, 1))
            c = moved if moved.dtype == plain.c.dtype else moved.astype(plain.c.dtype)
        else:
            c = plain.c
        self._fill(c, x if is_traced(x) else plain.x, plain.extrapolate, axis)

    def _fill(self, c, x, extrapolate, axis):
        self.c = c
        self.x = x if x.dtype == np.float64 else x.astype(np.float64)
        self.extrapolate = extrapolate
        self.axis = axis

    # As the bodies of SciPy's other classes read them.
    _c = property(lambda self: self.c)
    _x = property(lambda self: self.x)
    _asarray = staticmethod(as_operand)

    @classmethod
    def construct_fast(cls, c: Any, x: Any, extrapolate: Any = None, axis: int = 0) -> Any:
        """The same without checks; c has the interpolation axis second."""
        self = object.__new__(cls)
        self._fill(as_operand(c), as_operand(x), True if extrapolate is None else extrapolate, axis)
        return self

    def __call__(self, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
        """Values of the nu-th derivative at x, of shape ``c.shape[2:]`` with that of x in the axis."""
        if extrapolate is None:
            extrapolate = self.extrapolate
        x = real_points(x)
        ans = evaluate(self.c, self.x, x, nu=nu, extrapolate=extrapolate)
        return moved_to(ans, x.ndim, self.axis)

    def derivative(self, nu: int = 1) -> Any:
        """The piecewise polynomial that is the nu-th derivative."""
        if nu < 0:
            return self.antiderivative(-nu)
        k = self.c.shape[0] - nu
        if k > 0:
            c = self.c[:k] * rising(k, nu, self.c.ndim)
        else:
            c = 0.0 * self.c[:1]
        return self.construct_fast(c, self.x, self.extrapolate, self.axis)

    def antiderivative(self, nu: int = 1) -> Any:
        """The continuous piecewise polynomial whose nu-th derivative this is, 0 at ``x[0]``."""
        if nu <= 0:
            return self.derivative(-nu)
        c = antiderivative(self.c, self.x, nu=nu)
        extrapolate = False if self.extrapolate == "periodic" else self.extrapolate
        return self.construct_fast(c, self.x, extrapolate, self.axis)

    def integrate(self, a: Any, b: Any, extrapolate: Any = None) -> Any:
        """The integral from a to b, of shape ``c.shape[2:]``."""
        if extrapolate is None:
            extrapolate = self.extrapolate
        return integrate(self.c, self.x, real_points(a), real_points(b), extrapolate=extrapolate)

    def solve(self, y: Any = 0.0, discontinuity: bool = True, extrapolate: Any = None) -> Any:
        """Where the polynomial is y; a zero moves by ``dr = (dy - dp(r)) / p'(r)``.

        Differentiable for one polynomial, of c of two axes, and where all zeros are simple: else a
        MissingRuleError, a SingularError, or, where it jumps over y, a NotConvergedError.
        """
        if not is_traced(self.c, self.x, y):
            return self._plain().solve(y, discontinuity, extrapolate)
        if self.c.ndim > 2:
            raise no_rule(
                "PPoly.solve of several traced polynomials",
                "solve for one at a time: PPoly(c[:, :, 0], x).solve(y)",
            )
        if extrapolate is None:
            extrapolate = self.extrapolate
        return _solutions(self.c, self.x, as_operand(y), discontinuity, extrapolate)

    def roots(self, discontinuity: bool = True, extrapolate: Any = None) -> Any:
        """Where the polynomial is zero, as :meth:`solve` has it."""
        return self.solve(0.0, discontinuity, extrapolate)

    def extend(self, c: Any, x: Any) -> None:
        """Add polynomials and breakpoints at one end; plain ones only."""
        if is_traced(self.c, self.x, c, x):
            raise no_rule(
                "PPoly.extend with a traced polynomial",
                "join c along its axis 1 and x, and make a PPoly of both",
            )
        plain = self._plain()
        plain.extend(c, x)
        self.c, self.x = plain.c, plain.x

    @classmethod
    def from_spline(cls, tck: Any, extrapolate: Any = None) -> Any:
        """The same spline in powers, a plain one; equals ``scipy.interpolate.PPoly.from_spline``."""
        if hasattr(tck, "tck"):  # a BSpline
            extrapolate = tck.extrapolate if extrapolate is None else extrapolate
            tck = tck.tck
        if is_traced(*tck):
            raise no_rule(
                "PPoly.from_spline of a traced spline", "leave it out: the BSpline is the same"
            )
        return cls._from(scipy.interpolate.PPoly.from_spline(tck, extrapolate))

    @classmethod
    def from_bernstein_basis(cls, bp: Any, extrapolate: Any = None) -> Any:
        """The same polynomials in powers; equals ``scipy.interpolate.PPoly.from_bernstein_basis``."""
        if not is_traced(bp.c, bp.x):
            plain = scipy.interpolate.BPoly.construct_fast(bp.c, bp.x, bp.extrapolate, bp.axis)
            return cls._from(scipy.interpolate.PPoly.from_bernstein_basis(plain, extrapolate))
        k, ndim = bp.c.shape[0] - 1, bp.c.ndim
        width = along(np.diff(bp.x), 0, ndim - 1)
        # The power j of s = h / width has the j-th forward difference of the coefficients.
        powers = [bp.c[0]]
        c = bp.c
        for j in range(1, k + 1):
            c = np.diff(c, axis=0)
            powers.append(scipy.special.comb(k, j) * c[0] / width**j)
        extrapolate = bp.extrapolate if extrapolate is None else extrapolate
        return cls.construct_fast(np.stack(powers[::-1]), bp.x, extrapolate, bp.axis)

    @classmethod
    def _from(cls, plain):
        return cls.construct_fast(plain.c, plain.x, plain.extrapolate, plain.axis)

    def _plain(self):
        return scipy.interpolate.PPoly.construct_fast(self.c, self.x, self.extrapolate, self.axis)
