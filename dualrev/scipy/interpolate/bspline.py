"""BSpline: splines in the basis of B-splines, their evaluation and calculus.

Owns the primitives in the coefficients and the points.  Must not know how coefficients come from
data.

The value ``sum_j c[j] B_j(at)`` is linear in c; its partial by the point is the spline's own
derivative (de Boor, "A Practical Guide to Splines", 2001, chapter X, eq. 15).  Where the knots t are
traced too, it is differentiated as the recurrence of the B-splines.
"""

import math
from typing import Any

import numpy as np
import scipy.interpolate

from dualrev.axes import along, beside
from dualrev.core.binding import elements_of
from dualrev.core.operands import as_operand, sample_of
from dualrev.core.traced import is_traced
from dualrev.errors import no_rule
from dualrev.scipy.by_program import by_program
from dualrev.scipy.interpolate.knots import basis_values, interval_of
from dualrev.scipy.interpolate.points import in_double, moved_to, real_points, values_and_transpose
from dualrev.scipy.lags import resized
from dualrev.scipy.sparse import csr_array
from dualrev.ways import behind

__all__ = ["BSpline"]

# ------------------------------------------------------------------------------- evaluation


def _evaluate(c, at, t=None, k=3, nu=0, extrapolate=True):
    spline = scipy.interpolate.BSpline.construct_fast(t, c, k, extrapolate)
    # Not spline(at, nu): before 1.17 SciPy writes past its memory where nu > k.
    return spline(at, nu) if nu <= k else 0.0 * spline(at, k)


def spread(ct, at, n=0, t=None, k=3, nu=0, extrapolate=True):
    """Coefficients that meet c in the inner product as ct meets the values: (n, ...)."""
    trailing = ct.shape[at.ndim :]
    ct = ct.reshape(at.size, math.prod(trailing))
    at = np.array(at, np.float64).reshape(-1)
    ans = np.zeros((n, ct.shape[1]), ct.dtype)
    if nu > k:
        return ans.reshape(n, *trailing)
    low, high = t[k], t[len(t) - k - 1]
    if extrapolate == "periodic":
        at = low + (at - low) % (high - low)
    elif not extrapolate:
        outside = ((at < low) | (at > high))[:, None]
        at = np.clip(at, low, high)
        ct = np.where(outside & (ct != 0), np.nan, ct)  # the value is nan there too
    basis = scipy.interpolate.BSpline.design_matrix(at, t[nu : len(t) - nu], k - nu, True)
    part = basis.T @ ct
    # Back through the nu differences that make the coefficients of the derivative.
    for order in range(nu, 0, -1):
        part = _difference_transpose(part, t[order - 1 : len(t) - order + 1], k - order + 1)
    ans[: len(part)] = part
    return ans.reshape(n, *trailing)


def _gaps(t, k):
    """``t[j+k] - t[j]``, by which differences are divided; infinite where the knots coincide."""
    gaps = t[k + 1 : -1] - t[1 : -k - 1]
    return np.where(gaps > 0, gaps, np.inf)


def _difference_transpose(ct, t, k):
    weighted = (k / _gaps(t, k))[:, None] * ct  # de Boor (2001), chapter X, eq. 16
    zero = np.zeros((1, ct.shape[1]), ct.dtype)
    return np.concatenate([zero, weighted]) - np.concatenate([weighted, zero])


_values, _ = values_and_transpose(
    _evaluate,
    spread,
    lambda tangents, at, **options: tangents[0],
    lambda s, wanted, at, **options: (s,),
)


def _by_knots_program(c, at, t, k=3, nu=0, extrapolate=True):
    if nu > k:
        return 0.0 * _by_knots_program(c, at, t, k, k, extrapolate)
    low, high = t[k], t[len(t) - k - 1]
    flat = at.reshape(-1)
    if extrapolate == "periodic":
        flat = flat - np.floor_divide(flat - low, high - low) * (high - low)
    c = _derivative_program(c, t, k, nu)
    t, k = t[nu : len(t) - nu], k - nu
    interval = interval_of(flat, t, k=k)
    near = elements_of(c, (interval - k)[:, None] + np.arange(k + 1))
    ans = np.sum(beside(basis_values(flat, t, k, interval), near.ndim) * near, axis=1)
    if not extrapolate:  # the value is nan there, and its derivative
        outside = np.less(flat, low) | np.greater(flat, high)
        ans = ans * along(np.where(outside, np.nan, 1.0), 0, ans.ndim)
    return ans.reshape(at.shape + c.shape[1:])


_values_by_knots = by_program(_evaluate, _by_knots_program, name="spline")


def evaluate(c, at, t=None, k=3, nu=0, extrapolate=True):
    """Values of the nu-th derivative at points: the axes of these, then those of c behind its first."""
    c, options = in_double(c), {"k": k, "nu": nu, "extrapolate": extrapolate}
    if is_traced(t):
        return _values_by_knots(c, at, t, **options)
    return _values(c, at, t=t, **options)


# --------------------------------------------------------------------------------- calculus


def _derivative_program(c, t=None, k=3, nu=1):
    n = len(t) - k - 1
    c = c[:n]
    for order in range(nu):
        gaps = _gaps(t[order : len(t) - order], k - order)
        c = np.diff(c, axis=0) * (k - order) / along(gaps, 0, c.ndim)
    return resized(c, (len(t) - 2 * nu, *c.shape[1:]))  # SciPy keeps as many as knots


def _antiderivative_program(c, t=None, k=3, nu=1):
    for _ in range(nu):
        c = c[: len(t) - k - 1]
        gain = c * along(t[k + 1 :] - t[: -k - 1], 0, c.ndim)
        total = np.cumsum(gain, axis=0) / (k + 1)
        behind = np.repeat(total[-1:], k + 2, axis=0)
        c = np.concatenate([0.0 * total[:1], total, behind])
        t, k = np.concatenate([t[:1], t, t[-1:]]), k + 1
    return c


def _calculus(name, program):
    def coefficients(c, t=None, k=3, nu=1):
        return getattr(scipy.interpolate.BSpline.construct_fast(t, c, k), name)(nu).c

    return by_program(coefficients, program, batch=behind)


#: Coefficients of a spline from those of another, by the method of SciPy's that makes it.
_CALCULUS = {
    "derivative": _calculus("derivative", _derivative_program),
    "antiderivative": _calculus("antiderivative", _antiderivative_program),
}
#: The same of traced knots, and the knots.
_BY_KNOTS = {
    "derivative": (_derivative_program, lambda t, nu: t[nu : len(t) - nu]),
    "antiderivative": (
        _antiderivative_program,
        lambda t, nu: np.concatenate([np.repeat(t[:1], nu), t, np.repeat(t[-1:], nu)]),
    ),
}


def _integrate(c, a, b, t=None, k=3, extrapolate=True):
    spline = scipy.interpolate.BSpline.construct_fast(t, c, k, extrapolate)
    return np.asarray(spline.integrate(a, b))


def _integrate_program(c, a, b, t=None, k=3, extrapolate=True):
    c = _antiderivative_program(c, t, k)
    options = {"t": np.concatenate([t[:1], t, t[-1:]]), "k": k + 1}
    low, high = t[k], t[len(t) - k - 1]
    ends = []
    for end in (a, b):
        if extrapolate == "periodic":
            turns = np.floor_divide(end - low, high - low)
            at = end - turns * (high - low)
            whole = evaluate(c, high, **options) - evaluate(c, low, **options)
            ends.append(turns * whole + evaluate(c, at, **options))
        else:
            at = end if extrapolate else np.clip(end, low, high)
            ends.append(evaluate(c, at, **options))
    return ends[1] - ends[0]


_integral = by_program(_integrate, _integrate_program, batch=behind, name="spline")


def integrate(c, a, b, t=None, k=3, extrapolate=True):
    """The integral from a to b, of the shape of c without its first axis."""
    if is_traced(t):
        return _integrate_program(c, a, b, t=t, k=k, extrapolate=extrapolate)[...]
    return _integral(c, a, b, t=t, k=k, extrapolate=extrapolate)


# -------------------------------------------------------------------------------- the class


class BSpline:
    """Spline of knots, coefficients and degree; equals :class:`scipy.interpolate.BSpline`.

    Differentiable in c, the points of evaluation and the knots.

    Parameters
    ----------
    t : array, shape (n + k + 1,)
        Knots.
    c : array, shape (>= n, ...)
        Coefficients.
    k : int
        Degree.
    extrapolate : bool or "periodic"
        Whether the first and last polynomials go on outside; nan otherwise.
    axis : int
        Interpolation axis.

    Notes
    -----
    The partial by a point is the spline's derivative, one more evaluation; that by c the values of the
    basis functions, a sparse matrix (de Boor 2001, "A Practical Guide to Splines", chapter X).  By the
    knots it is that of the recurrence, k + 1 values a point.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import BSpline
    >>> t = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    >>> dr.grad(lambda c: BSpline(t, c, 1)(1.75))(np.ones(3))
    array([0.25, 0.75, 0.  ])
    """

    def __init__(self, t: Any, c: Any, k: int, extrapolate: Any = True, axis: int = 0):
        t, c = as_operand(t), as_operand(c)
        plain = scipy.interpolate.BSpline(sample_of(t), sample_of(c), k, extrapolate, axis)
        if is_traced(c):
            c = np.moveaxis(c, axis, 0)
            c = c if c.dtype == plain.c.dtype else c.astype(plain.c.dtype)
        else:
            c = plain.c
        t = t.astype(np.float64) if is_traced(t) else plain.t
        self._fill(t, c, plain.k, plain.extrapolate, plain.axis)

    def _fill(self, t, c, k, extrapolate, axis):
        self.t = t
        self.c = c
        self.k = k
        self.extrapolate = extrapolate
        self.axis = axis

    @classmethod
    def construct_fast(
        cls, t: Any, c: Any, k: int, extrapolate: Any = True, axis: int = 0
    ) -> "BSpline":
        """The same without checks; c has the interpolation axis first."""
        self = object.__new__(cls)
        self._fill(t, as_operand(c), k, extrapolate, axis)
        return self

    @property
    def tck(self) -> tuple:
        """``(t, c, k)``."""
        return self.t, self.c, self.k

    def __call__(self, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
        """Values of the nu-th derivative at x, of shape ``c.shape[1:]`` with that of x in the axis."""
        if extrapolate is None:
            extrapolate = self.extrapolate
        x = real_points(x)
        ans = evaluate(self.c, x, t=self.t, k=self.k, nu=nu, extrapolate=extrapolate)
        return moved_to(ans, x.ndim, self.axis)

    def derivative(self, nu: int = 1) -> "BSpline":
        """The spline that is the nu-th derivative."""
        if nu < 0:
            return self.antiderivative(-nu)
        return self._changed("derivative", nu)

    def antiderivative(self, nu: int = 1) -> "BSpline":
        """The spline whose nu-th derivative this is, 0 at the first knot."""
        if nu < 0:
            return self.derivative(-nu)
        return self._changed("antiderivative", nu)

    def _changed(self, name, nu):
        plain = getattr(self._plain(sample_of(self.t), sample_of(self.c)), name)(nu)
        t, c = plain.t, plain.c
        if is_traced(self.t):
            program, moved = _BY_KNOTS[name]
            t, c = moved(self.t, nu), program(self.c, self.t, self.k, nu)
        elif is_traced(self.c):
            c = _CALCULUS[name](self.c, t=self.t, k=self.k, nu=nu)
        return self.construct_fast(t, c, plain.k, plain.extrapolate, plain.axis)

    def integrate(self, a: Any, b: Any, extrapolate: Any = None) -> Any:
        """The integral from a to b; without extrapolation the spline is 0 outside."""
        if extrapolate is None:
            extrapolate = self.extrapolate
        a, b = real_points(a), real_points(b)
        return integrate(self.c, a, b, t=self.t, k=self.k, extrapolate=extrapolate)

    def insert_knot(self, x: Any, m: int = 1) -> "BSpline":
        """The same spline with a knot more; a MissingRuleError where a derivative is asked."""
        if is_traced(self.t, self.c, x):
            raise no_rule("BSpline.insert_knot", "leave it out: the spline is the same")
        return self._from(self._plain(self.t, self.c).insert_knot(x, m))

    @classmethod
    def basis_element(cls, t: Any, extrapolate: Any = True) -> "BSpline":
        """The B-spline of the knots t; equals ``scipy.interpolate.BSpline.basis_element``."""
        return cls._from(scipy.interpolate.BSpline.basis_element(t, extrapolate))

    @classmethod
    def design_matrix(cls, x: Any, t: Any, k: int, extrapolate: Any = False) -> Any:
        """Values of the basis functions; equals ``scipy.interpolate.BSpline.design_matrix``."""
        if is_traced(x, t):
            x, t = np.atleast_1d(real_points(x)), real_points(t)
            scipy.interpolate.BSpline.design_matrix(*sample_of((x, t)), k, extrapolate)  # may raise
            if extrapolate == "periodic":
                x = t[k] + np.remainder(x - t[k], t[len(t) - k - 1] - t[k])
            interval = interval_of(x, t, k=k)
            columns = ((interval - k)[:, None] + np.arange(k + 1)).reshape(-1)
            starts = np.arange(0, columns.size + 1, k + 1)
            values = basis_values(x, t, k, interval).reshape(-1)
            return csr_array((values, columns, starts), shape=(x.size, len(t) - k - 1))
        return scipy.interpolate.BSpline.design_matrix(x, t, k, extrapolate)

    @classmethod
    def from_power_basis(cls, pp: Any, bc_type: str = "not-a-knot") -> "BSpline":
        """A cubic spline in this basis; equals ``scipy.interpolate.BSpline.from_power_basis``."""
        if is_traced(pp.c, pp.x):
            raise no_rule("BSpline.from_power_basis", "write make_interp_spline(x, y)")
        plain = scipy.interpolate.CubicSpline.construct_fast(pp.c, pp.x, pp.extrapolate, pp.axis)
        return cls._from(scipy.interpolate.BSpline.from_power_basis(plain, bc_type))

    @classmethod
    def _from(cls, plain):
        return cls.construct_fast(plain.t, plain.c, plain.k, plain.extrapolate, plain.axis)

    def _plain(self, t, c):
        return scipy.interpolate.BSpline.construct_fast(t, c, self.k, self.extrapolate, self.axis)


def differentiated(c, t, k, nu):
    """Coefficients, knots and degrees of a derivative of orders nu, one an axis, up to the degrees."""
    knots, degrees = [], []
    for axis, (sites, degree, order) in enumerate(zip(t, k, nu)):
        spline = BSpline.construct_fast(sites, np.moveaxis(c, axis, 0), degree)
        spline = spline.derivative(order) if order else spline
        c = np.moveaxis(spline.c[: len(spline.t) - spline.k - 1], 0, axis)
        knots.append(spline.t)
        degrees.append(spline.k)
    return c, knots, degrees
