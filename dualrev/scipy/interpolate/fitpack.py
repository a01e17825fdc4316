"""The functions of FITPACK that take a spline as a tuple ``(t, c, k)``: splev, splint and their kin.

Owns these tuples.  Must not know how splines are evaluated or found.
"""

import functools

import numpy as np
import scipy.interpolate

from dualrev.core.traced import is_traced
from dualrev.errors import no_rule
from dualrev.implicit.elementwise import solved_by_elements
from dualrev.known import valued
from dualrev.scipy.by_program import by_program
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.interpolate.bspline import BSpline, evaluate
from dualrev.scipy.interpolate.points import as_points, one_number, real_points

__all__ = ["insert", "spalde", "splantider", "splder", "splev", "splint", "sproot"]


def _parts(tck):
    """Knots, coefficients and degree, and whether the latter are a list of those of several curves."""
    if isinstance(tck, BSpline | scipy.interpolate.BSpline):
        t, c, k = tck.tck
        return t, c, k, False
    t, c, k = tck
    several = np.ndim(c[0]) > 0
    return real_points(t), list(c) if several else as_points(c), k, several


def _is_traced(*given):
    """Whether points or a tuple are traced; the classes are asked for their parts."""
    *points, tck = given
    parts = (
        tck.tck[:2] if isinstance(tck, BSpline) else tck[:2] if type(tck) in (tuple, list) else ()
    )
    return is_traced(*points, *parts)


def _plain(tck):
    """As SciPy takes it."""
    return tck._plain(tck.t, tck.c) if isinstance(tck, BSpline) else tck


def _of_curves(function):
    """Where a tuple holds several curves, call the definition for each: a list; it knows t, c, k."""

    @functools.wraps(function)
    def call(*args, **options):
        *given, tck = args
        t, c, k, several = _parts(tck)
        if several:
            return [function(*given, t, as_points(row), k, **options) for row in c]
        return function(*given, t, c, k, **options)

    return call


def splint(a, b, tck, full_output=0):
    """The integral of a spline from a to b, 0 outside its knots.

    Equals :func:`scipy.interpolate.splint`; differentiable in a, b, the knots and the coefficients of
    tck.
    """
    if not _is_traced(a, b, tck):
        return scipy.interpolate.splint(a, b, _plain(tck), full_output)
    if full_output:
        raise no_rule("splint with full_output", "leave it out")
    _refuse_columns("splint", tck)
    return _integral(one_number(a), one_number(b), tck)


@_of_curves
def _integral(a, b, t, c, k):
    return BSpline.construct_fast(t, c, k, False).integrate(a, b)[()]


def _refuse_columns(name, tck):
    if isinstance(tck, BSpline) and tck.c.ndim > 1:
        raise ValueError(f"Calling {name}() with BSpline objects with c.ndim > 1 is not allowed.")


def _splev(c, x, t=None, k=3, der=0, ext=0):
    return np.asarray(scipy.interpolate.splev(x, (t, c, k), der, ext))


def _splev_program(c, x, t=None, k=3, der=0, ext=0):
    low, high = t[k], t[len(t) - k - 1]
    at = np.clip(x, low, high) if ext == 3 and not der else x  # derivatives are extrapolated
    ans = evaluate(c, at, t=t, k=k, nu=der)
    return np.where(np.less(x, low) | np.greater(x, high), 0.0, ans) if ext == 1 else ans


def _splev_batch(call, batched, c, x, **options):
    return NotImplemented if batched[0] else call(c, x, **options)


_on_knots = by_program(_splev, _splev_program, batch=_splev_batch)
_by_knots = by_program(_splev, lambda c, x, t, **options: _splev_program(c, x, t, **options))


@_of_curves
def _values(x, t, c, k, **options):
    if is_traced(t):
        return _by_knots(c, x, t, k=k, **options)
    return _on_knots(c, x, t=t, k=k, **options)


def splev(x, tck, der=0, ext=0):
    """Values of a spline, or of its derivative of order ``der``, at x.

    Equals :func:`scipy.interpolate.splev`; differentiable in x, the knots and the coefficients of tck.

    Parameters
    ----------
    x : array
        Points.
    tck : tuple (t, c, k) or BSpline
        From :func:`splrep` or :func:`~dualrev.scipy.interpolate.make_interp_spline`; with a list of
        coefficients, as from :func:`splprep`, the answer is a list, too.
    der : int
        Order of the derivative, up to k.
    ext : {0, 1, 2, 3}
        Outside the knots: extrapolate, 0, an error, or the value at the end.

    Returns
    -------
    array of the shape of x

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import splev, splrep
    >>> x = np.arange(5.0)
    >>> dr.derivative(lambda at: splev(at, splrep(x, x**2)))(1.5).round(12)
    np.float64(3.0)
    """
    if isinstance(tck, BSpline):
        _refuse_columns("splev", tck)
        if ext not in (0, "extrapolate"):
            raise ValueError(f"Extrapolation mode {ext} is not supported by BSpline.")
        return tck(x, der)
    if not _is_traced(x, tck):
        return scipy.interpolate.splev(x, tck, der, ext)
    return _values(real_points(x), tck, der=der, ext=ext)


def spalde(x, tck):
    """The value and all k derivatives of a spline at a point, or a list of them for several points.

    Equals :func:`scipy.interpolate.spalde`; differentiable in x, the knots and the coefficients of tck.
    """
    if isinstance(tck, BSpline):
        raise TypeError("spalde does not accept BSpline instances.")
    if not _is_traced(x, tck):
        return scipy.interpolate.spalde(x, tck)
    return _derivatives(real_points(x).reshape(-1), tck)


@_of_curves
def _derivatives(x, t, c, k):
    # ext=2: SciPy raises outside.
    parts = [_values(x, (t, c, k), der=der, ext=2) for der in range(k + 1)]
    rows = np.stack(parts, axis=-1)
    return list(rows) if x.size > 1 else rows[0]


def sproot(tck, mest=10):
    """The zeros of a cubic spline; equals :func:`scipy.interpolate.sproot`.

    Differentiable in the knots and the coefficients of tck: ``dr = -dp(r) / p'(r)``; where a zero is no
    simple one, a SingularError.
    """
    if not _is_traced(tck):
        return scipy.interpolate.sproot(_plain(tck), mest)
    _refuse_columns("sproot", tck)
    return _zeros(tck, mest=mest)


@_of_curves
def _zeros(t, c, k, mest):
    return _zeros_of_one(t, c, k, mest)


@each_row
def _zeros_of_one(t, c, k, mest):
    found = scipy.interpolate.sproot((*numbers_under((t, c)), k), mest)
    near = 1e-9, 1e-9 * np.ptp(numbers_under(t))
    root = solved_by_elements(lambda x: evaluate(c, x, t=t, k=k), found, name="sproot", near=near)
    return valued(root, found)


def _changed(tck, n, method, function):
    """A tuple, by a method of the class or by SciPy's function, or a BSpline."""
    if isinstance(tck, BSpline):
        return getattr(tck, method)(n)
    if not _is_traced(tck):
        return function(tck, n)
    t, c, k, _ = _parts(tck)
    return getattr(BSpline.construct_fast(t, as_points(c), k), method)(n).tck


def splder(tck, n=1):
    """The derivative of order n of a spline, as a tuple or BSpline; equals
    :func:`scipy.interpolate.splder`.

    Differentiable in the knots and the coefficients of tck.
    """
    return _changed(tck, n, "derivative", scipy.interpolate.splder)


def splantider(tck, n=1):
    """The antiderivative of order n of a spline, 0 at the first knot; equals
    :func:`scipy.interpolate.splantider`.

    Differentiable in the knots and the coefficients of tck.
    """
    return _changed(tck, n, "antiderivative", scipy.interpolate.splantider)


#: Why a knot that is inserted has no derivative, and what to type.
INSERTED = "a knot more changes no value", "leave it out: the spline is the same"


def insert(x, tck, m=1, per=0):
    """The same spline with a knot more, m times; equals :func:`scipy.interpolate.insert`.

    A MissingRuleError where a derivative is asked.
    """
    if _is_traced(x, tck):
        why, fix = INSERTED
        raise no_rule(f"scipy.interpolate.insert ({why})", fix)
    if isinstance(tck, BSpline):
        return BSpline._from(scipy.interpolate.insert(x, _plain(tck), m, per))
    return scipy.interpolate.insert(x, tck, m, per)
