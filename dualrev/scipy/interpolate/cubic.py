"""Piecewise cubics through data: CubicSpline, CubicHermiteSpline, PchipInterpolator and Akima's.

Owns the slopes at the data points as functions of the data.  Must not know how the polynomials are
evaluated.

All of them are Hermite's cubics of the values y and slopes s; they differ in s.  The coefficients
are SciPy's own; their derivatives those of the formulas below.
"""

import numpy as np
import scipy.interpolate

from dualrev.axes import along
from dualrev.core.traced import is_traced
from dualrev.core.words import computed_below_by
from dualrev.readers.captured import owned
from dualrev.rules.signs import abs_below
from dualrev.scipy.by_program import by_program
from dualrev.scipy.interpolate.piecewise import PPoly
from dualrev.scipy.interpolate.points import as_points
from dualrev.scipy.linalg import solve_banded
from dualrev.ways import in_all_rows, row_by_row, shift

__all__ = [
    "Akima1DInterpolator",
    "CubicHermiteSpline",
    "CubicSpline",
    "PchipInterpolator",
    "pchip_interpolate",
]


def hermite_coefficients(x, y, s):
    """Coefficients of the cubics with values y and slopes s (de Boor 2001, chapter IV, eq. 5)."""
    h = _steps(x, y)
    m = np.diff(y, axis=0) / h
    twist = (s[:-1] + s[1:] - 2 * m) / h
    return np.stack([twist / h, (m - s[:-1]) / h - twist, s[:-1], y[:-1]])


def _coefficients_batch(call, batched, x, *data, axis=0, **options):
    """Of values with an axis more than they have, for all of which x is the same."""
    ndim = data[0].ndim - batched[1]
    if batched[0] or any(np.ndim(values) - b != ndim for values, b in zip(data, batched[1:])):
        return NotImplemented
    data = in_all_rows(batched[1:], data)
    return np.moveaxis(call(x, *data, axis=shift(axis, ndim), **options), 2, 0)


def _coefficients(cls, program, batch=_coefficients_batch):
    """Declare the coefficients of a class of SciPy's as functions of its data."""
    return by_program(lambda *data, **options: cls(*data, **options).c, program, batch=batch)


def _steps(x, y):
    """The distances of neighboring x, as a column beside y."""
    return along(np.diff(x), 0, y.ndim)


# ----------------------------------------------------------------------------- cubic splines


def _spline_slopes(x, y, first, last, bc):
    """Slopes for which the second derivatives agree (de Boor 2001, chapter IV, eqs. 7 to 11)."""
    n = len(x)
    dx, h = np.diff(x), _steps(x, y)
    m = np.diff(y, axis=0) / h
    if bc == "periodic":
        return _periodic_slopes(dx, h, m)
    start, end = (bc, bc) if isinstance(bc, str) else bc
    if n == 2:
        # One interval knows no other: it is straight where no condition is given.
        start, first = (1, m[0]) if start == "not-a-knot" else (start, first)
        end, last = (1, m[0]) if end == "not-a-knot" else (end, last)
    elif n == 3 and start == end == "not-a-knot":  # a parabola
        bend = (m[1] - m[0]) / (h[0] + h[1])
        return np.stack([m[0] - h[0] * bend, m[0] + h[0] * bend, m[1] + h[1] * bend])
    top = _end_row(start, first, h, m, 1)
    bottom = _end_row(end, last, h[::-1], m[::-1], -1)
    diagonal = np.concatenate([top[0], 2 * (dx[:-1] + dx[1:]), bottom[0]])
    upper = np.concatenate([top[1], dx[:-1]])
    lower = np.concatenate([dx[1:], bottom[1]])
    inside = 3 * (h[1:] * m[:-1] + h[:-1] * m[1:])
    b = np.concatenate([top[2][None], inside, bottom[2][None]])
    return _tridiagonal(lower, diagonal, upper, b)


def _tridiagonal(lower, diagonal, upper, b):
    """s with ``lower[i-1] s[i-1] + diagonal[i] s[i] + upper[i] s[i+1] = b[i]``."""
    zero = np.zeros(1)
    bands = [np.concatenate([zero, upper]), diagonal, np.concatenate([lower, zero])]
    columns = b.reshape(len(diagonal), -1)
    return solve_banded((1, 1), np.stack(bands), columns, check_finite=False).reshape(b.shape)


def _end_row(condition, value, h, m, sign):
    """Diagonal, neighbor and right-hand side of one end; seen from the last, x runs backwards."""
    shape = m.shape[1:]
    if condition == "not-a-knot":
        both = h[0] + h[1]
        b = ((h[0] + 2 * both) * h[1] * m[0] + h[0] ** 2 * m[1]) / both
        return h[1].reshape(-1)[:1], both.reshape(-1)[:1], b
    if condition in ("clamped", 1):
        return np.ones(1), np.zeros(1), np.broadcast_to(value, shape)
    one = h[0].reshape(-1)[:1]
    return 2 * one, one, 3 * h[0] * m[0] - sign * 0.5 * value * h[0] ** 2


def _periodic_slopes(dx, h, m):
    """The slopes of a closed curve: the last unknown is found from the two ends it couples."""
    n = len(dx)
    if n == 1:
        return np.concatenate([m, m])
    if n == 2:
        s = (m / h).sum(axis=0) / (1 / h).sum(axis=0)
        return np.stack([s, s, s])
    before = np.concatenate([dx[-1:], dx[:-1]])  # length of the interval on the left
    h_before = np.concatenate([h[-1:], h[:-1]])
    m_before = np.concatenate([m[-1:], m[:-1]])
    b = 3 * (h * m_before + h_before * m)
    diagonal = 2 * (before + dx)
    # Without the last row and column the system is tridiagonal: s = u + v s[-1].
    couple = np.concatenate([-dx[:1], np.zeros(n - 3), -before[-2:-1]])
    lower, upper = dx[1:-1], before[:-2]
    u = _tridiagonal(lower, diagonal[:-1], upper, b[:-1])
    v = _tridiagonal(lower, diagonal[:-1], upper, couple)
    v = along(v, 0, m.ndim)
    last = (b[-1] - h[-1] * u[-1] - h_before[-1] * u[0]) / (
        diagonal[-1] + h[-1] * v[-1] + h_before[-1] * v[0]
    )
    s = u + v * last
    return np.concatenate([s, last[None], s[:1]])


def _spline(x, y, first, last, axis=0, bc="not-a-knot"):
    if not isinstance(bc, str):
        shape = np.delete(np.shape(y), axis)
        bc = tuple(
            (order, np.broadcast_to(value, shape) if np.ndim(value) == 0 else value)
            if isinstance(order, int)
            else order
            for order, value in zip(bc, (first, last))
        )
    return scipy.interpolate.CubicSpline(x, y, axis, bc).c


def _spline_program(x, y, first, last, axis=0, bc="not-a-knot"):
    y = np.moveaxis(y, axis, 0)
    return hermite_coefficients(x, y, _spline_slopes(x, y, first, last, bc))


def _spline_batch(call, batched, x, y, first, last, **options):
    if any(batched[2:]) or np.ndim(first) or np.ndim(last):
        return NotImplemented
    of_values = lambda x, y, **given: call(x, y, first, last, **given)  # noqa: E731
    return _coefficients_batch(of_values, batched[:2], x, y, **options)


_spline_coefficients = by_program(_spline, _spline_program, batch=_spline_batch, name="CubicSpline")

# ------------------------------------------------------------------------- monotone, Akima's


def pchip_slopes(x, y, absolute=np.absolute):
    """Fritsch and Butland (1984), "A method for constructing local monotone piecewise cubic
    interpolants", eq. 5; at the ends Moler (2004), "Numerical computing with MATLAB", section 3.4.
    """
    h = _steps(x, y)
    m = np.diff(y, axis=0) / h
    if len(x) == 2:
        return np.concatenate([m, m])
    rising = m[:-1] * m[1:] > 0
    left, right = np.where(rising, m[:-1], 1.0), np.where(rising, m[1:], 1.0)
    near, far = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    mean = (near + far) / (near / left + far / right)
    # Where data begin to turn the derivative 0 is a choice, that of abs at 0.
    flat = np.where(np.equal(m, 0), absolute(m), 0.0)
    inside = np.where(rising, mean, flat[:-1] + flat[1:])
    first, last = _pchip_end(h, m), _pchip_end(h[::-1], m[::-1])
    return np.concatenate([first[None], inside, last[None]])


def _pchip_end(h, m):
    """The slope of the parabola at an end, limited where it would not be monotone."""
    s = ((2 * h[0] + h[1]) * m[0] - h[0] * m[1]) / (h[0] + h[1])
    turns = np.sign(s) != np.sign(m[0])
    steep = (np.sign(m[0]) != np.sign(m[1])) & (np.absolute(s) > 3 * np.absolute(m[0]))
    return np.where(turns, 0.0, np.where(steep, 3 * m[0], s))


def _akima_slopes(x, y, method, absolute=np.absolute):
    """Akima (1970), "A new method of interpolation and smooth curve fitting based on local
    procedures", eq. 1 and section 2.3; "makima": Moler and Ionita (2019).
    """
    m = np.diff(y, axis=0) / _steps(x, y)
    if len(x) == 2:
        return np.concatenate([m, m])
    left, right = 2 * m[:1] - m[1:2], 2 * m[-1:] - m[-2:-1]
    m = np.concatenate([2 * left - m[:1], left, m, right, 2 * right - m[-1:]])
    weight = absolute(np.diff(m, axis=0))
    if method == "makima":
        weight = weight + 0.5 * absolute(m[1:] + m[:-1])
    total = weight[2:] + weight[:-2]
    # Four slopes that agree in pairs leave no weight: the mean of the outer two is taken.
    weighted = total > 1e-9 * np.max(total, initial=0.0)
    share = weight[:-2] / np.where(weighted, total, 1.0)
    # Their derivative is a choice, that of abs at 0.
    mean = 0.5 * (m[3:] + m[:-3]) + np.where(np.equal(total, 0), total, 0.0)
    return np.where(weighted, m[1:-2] + share * (m[2:-1] - m[1:-2]), mean)


def _pchip_program(x, y, axis=0, **below):
    y = np.moveaxis(y, axis, 0)
    return hermite_coefficients(x, y, pchip_slopes(x, y, **below))


_pchip_coefficients = _coefficients(scipy.interpolate.PchipInterpolator, _pchip_program)


def _akima_program(x, y, axis=0, method="akima", **below):
    y = np.moveaxis(y, axis, 0)
    return hermite_coefficients(x, y, _akima_slopes(x, y, method, **below))


# Not in one call for all rows: what is no weight is seen beside the largest one of all curves.
_akima_coefficients = _coefficients(
    scipy.interpolate.Akima1DInterpolator, _akima_program, batch=row_by_row
)


def _doubt_kinks(coefficients, program):
    """Let the kinks of slopes be known below: SciPy's values tell nothing of them; see kinked."""

    def strict(x, y, **options):
        doubts = program(x, y, absolute=abs_below, **options)
        return coefficients(x, y, **options) + 0.0 * doubts

    computed_below_by(strict, coefficients)


_doubt_kinks(_pchip_coefficients, _pchip_program)
_doubt_kinks(_akima_coefficients, _akima_program)


def _hermite_program(x, y, dydx, axis=0):
    return hermite_coefficients(x, np.moveaxis(y, axis, 0), np.moveaxis(dydx, axis, 0))


_hermite_coefficients = _coefficients(scipy.interpolate.CubicHermiteSpline, _hermite_program)

# ------------------------------------------------------------------------------- the classes


class CubicHermiteSpline(PPoly):
    """Piecewise cubic with given values and slopes; equals
    :class:`scipy.interpolate.CubicHermiteSpline`.

    Differentiable in x, y, dydx and the points of evaluation.

    Parameters
    ----------
    x : array, shape (n,)
        Sites, strictly increasing.
    y, dydx : array
        Values and slopes, of length n along ``axis``.
    axis : int
        Of y along which x runs.
    extrapolate : bool or "periodic", optional
        True by default.

    Notes
    -----
    de Boor (2001), "A Practical Guide to Splines", chapter IV, eq. 5.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import CubicHermiteSpline
    >>> x, s = np.array([0.0, 1.0]), np.array([1.0, 0.0])
    >>> dr.grad(lambda y: CubicHermiteSpline(x, y, s)(0.5))(np.array([0.0, 1.0]))
    array([0.5, 0.5])
    """

    def __init__(self, x, y, dydx, axis=0, extrapolate=None):
        self._fit(_hermite_coefficients, extrapolate, x, y, dydx, axis=axis)

    def _fit(self, coefficients, extrapolate, *data, axis, **options):
        x, y, *others = map(as_points, data)
        c = coefficients(x, y, *others, axis=axis, **options)
        x = owned(x) if is_traced(x) else np.array(x, np.float64, order="C")
        if extrapolate != "periodic":
            extrapolate = extrapolate is None or bool(extrapolate)
        self._fill(c, x, extrapolate, axis % y.ndim)


class CubicSpline(CubicHermiteSpline):
    """Twice differentiable piecewise cubic through data; equals
    :class:`scipy.interpolate.CubicSpline`.

    Differentiable in x, y, the given end derivatives and the points of evaluation.

    Parameters
    ----------
    x : array, shape (n,)
        Sites, strictly increasing.
    y : array
        Values, of length n along ``axis``.
    axis : int
        Of y along which x runs.
    bc_type : str or pair
        "not-a-knot", "clamped", "natural", "periodic", or for both ends one of these or
        ``(order, value)`` with order 1 or 2.
    extrapolate : bool or "periodic", optional
        By default "periodic" where ``bc_type`` is, else True.

    Notes
    -----
    The slopes solve a tridiagonal system ``A(x) s = b(x, y)``; its derivative is one more solution,
    with A transposed in reverse mode: O(n) (de Boor 2001, "A Practical Guide to Splines", chapter IV;
    Giles 2008, section 2.3.1).  With "periodic" the first and last y, which must be equal, are
    independent of each other to a derivative: differentiate ``np.append(y, y[0])`` by y.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import CubicSpline
    >>> x = np.arange(4.0)
    >>> dr.grad(lambda y: CubicSpline(x, y)(1.5))(x**2)
    array([-0.0625,  0.5625,  0.5625, -0.0625])
    """

    def __init__(self, x, y, axis=0, bc_type="not-a-knot", extrapolate=None):
        bc, values = _conditions(bc_type)
        if extrapolate is None and bc == "periodic":
            extrapolate = bc
        self._fit(_spline_coefficients, extrapolate, x, y, *values, axis=axis, bc=bc)


def _conditions(bc_type):
    """The kinds of end conditions, and the values of the derivatives that they prescribe."""
    if isinstance(bc_type, str) or len(bc_type) != 2:
        return bc_type, (np.float64(0), np.float64(0))
    pairs = [
        (end, 0.0) if isinstance(end, str) or len(end) != 2 else (int(end[0]), end[1])
        for end in bc_type
    ]
    return tuple(kind for kind, _ in pairs), tuple(as_points(value) for _, value in pairs)


class PchipInterpolator(CubicHermiteSpline):
    """Monotone piecewise cubic through data; equals :class:`scipy.interpolate.PchipInterpolator`.

    Differentiable in x, y and the points of evaluation.

    Parameters
    ----------
    x : array, shape (n,)
        Sites, strictly increasing.
    y : array
        Real values, of length n along ``axis``.
    axis : int
        Of y along which x runs.
    extrapolate : bool or "periodic", optional
        True by default.

    Notes
    -----
    The slopes are harmonic means of their neighbors where the data rise or fall, else 0 (Fritsch and
    Butland 1984); where the data begin to turn they have a kink, at which the derivative taken is 0,
    and the second one by the data is nan.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import PchipInterpolator
    >>> x = np.arange(3.0)
    >>> dr.derivative(PchipInterpolator(x, x**2))(1.0)
    np.float64(1.5)
    """

    def __init__(self, x, y, axis=0, extrapolate=None):
        self._fit(_pchip_coefficients, extrapolate, x, y, axis=axis)


class Akima1DInterpolator(CubicHermiteSpline):
    """Akima's piecewise cubic; equals :class:`scipy.interpolate.Akima1DInterpolator`.

    Differentiable in x, y and the points of evaluation.

    Parameters
    ----------
    x : array, shape (n,)
        Sites, strictly increasing.
    y : array
        Real values, of length n along ``axis``.
    axis : int
        Of y along which x runs.
    method : {"akima", "makima"}
        Akima's weights (1970), or those of Moler and Ionita (2019).
    extrapolate : bool or "periodic", optional
        False by default: nan outside.

    Notes
    -----
    The slopes are weighted means of their neighbors; where two differences of slopes vanish together
    the weights have a kink, at which the second derivative by the data is nan.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import Akima1DInterpolator
    >>> x = np.arange(5.0)
    >>> dr.derivative(Akima1DInterpolator(x, x**2))(2.0).round(12)
    np.float64(4.0)
    """

    def __init__(self, x, y, axis=0, *, method="akima", extrapolate=None):
        extrapolate = False if extrapolate is None else extrapolate
        self._fit(_akima_coefficients, extrapolate, x, y, axis=axis, method=method)


def pchip_interpolate(xi, yi, x, der=0, axis=0):
    """Values, or derivatives of order ``der``, of the monotone cubic through xi, yi at x.

    Equals :func:`scipy.interpolate.pchip_interpolate`; differentiable in all three arrays.
    """
    curve = PchipInterpolator(xi, yi, axis=axis)
    if np.ndim(der) == 0:
        return curve(x) if der == 0 else curve.derivative(der)(x)
    return [curve.derivative(nu)(x) for nu in der]
