"""The functions of FITPACK that are kept for old programs: splrep, splev and splint.

Owns their tuples ``(t, c, k)``.  Must not know how splines are evaluated or found.
"""

import numpy as np
import scipy.interpolate

from dualrev.core.binding import as_operand, sample_of
from dualrev.core.errors import no_rule
from dualrev.core.traced import is_traced
from dualrev.scipy.by_program import by_program
from dualrev.scipy.interpolate.bspline import BSpline, evaluate
from dualrev.scipy.interpolate.fits import interpolating, plain_sites, refuse_sites
from dualrev.scipy.interpolate.piecewise import as_points
from dualrev.scipy.twin import twin

__all__ = ["splev", "splint", "splrep"]


@twin(scipy.interpolate.splrep)
def splrep(x, y, w, xb, xe, t, /, *, k, s, quiet, **others):
    """``(t, c, k)`` of the spline through data; equals :func:`scipy.interpolate.splrep`.

    Differentiable in y where the spline interpolates: without w, and s 0 or not given.

    Parameters
    ----------
    x, y : array, shape (m,)
        Sites, held constant, and values.
    w, xb, xe, task, s, t, full_output, per, quiet
        As SciPy has them; with a traced y only their defaults, and ``s=0``.
    k : int
        Degree.

    Returns
    -------
    tck : tuple

    Raises
    ------
    MissingRuleError
        For a smoothing spline of traced data, whose knots FITPACK chooses in jumps: give them to
        :func:`~dualrev.scipy.interpolate.make_lsq_spline`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import splev, splrep
    >>> x = np.arange(4.0)
    >>> dr.grad(lambda y: splev(1.5, splrep(x, y)))(x**2).round(12)
    array([-0.0625,  0.5625,  0.5625, -0.0625])
    """
    refuse_sites("splrep", x, t)
    if s or any(others.values()) or any(given is not None for given in (w, xb, xe, t)):
        raise no_rule(
            "splrep of traced data that does not interpolate them, with x, y, k and s=0 alone,",
            "choose the knots t and call make_lsq_spline(x, y, t, k)",
        )

    def make(y):
        return scipy.interpolate.splrep(x, y, k=k, s=0, quiet=quiet)

    def coefficients(y):
        if y.ndim == 1:
            return make(y)[1]
        return np.stack([make(column)[1] for column in y.T], -1)

    y = as_operand(y)
    knots = make(sample_of(y))[0]
    c = interpolating(y, x=plain_sites(x), t=knots, k=k, call=coefficients)
    return knots, c, k


def splint(a, b, tck, full_output=0):
    """The integral of a spline from a to b, 0 outside its knots.

    Equals :func:`scipy.interpolate.splint`; differentiable in a, b and the coefficients of tck.
    """
    if isinstance(tck, BSpline):
        tck = tck.tck
    t, c, k = tck if isinstance(tck, tuple) else tck.tck
    a, b, c = as_points(a), as_points(b), as_operand(c)
    if not is_traced(a, b, c):
        return scipy.interpolate.splint(a, b, (t, c, k), full_output)
    if full_output:
        raise no_rule("splint with full_output", "leave it out")
    if c.ndim > 1:
        raise no_rule(
            "splint of a parametric curve",
            "call it once for each list of coefficients: splint(a, b, (t, c[0], k))",
        )
    return BSpline.construct_fast(t, c, k, False).integrate(a, b)[()]


def _splev(c, x, t=None, k=3, der=0, ext=0):
    return np.asarray(scipy.interpolate.splev(x, (t, c, k), der, ext))


def _splev_program(c, x, t=None, k=3, der=0, ext=0):
    low, high = t[k], t[len(t) - k - 1]
    at = np.clip(x, low, high) if ext == 3 and not der else x  # derivatives are extrapolated
    ans = evaluate(c, at, t=t, k=k, nu=der)
    return np.where(np.less(x, low) | np.greater(x, high), 0.0, ans) if ext == 1 else ans


def _splev_batch(call, batched, c, x, **options):
    return NotImplemented if batched[0] else call(c, x, **options)


_splev_primitive = by_program(_splev, _splev_program, batch=_splev_batch)


def splev(x, tck, der=0, ext=0):
    """Values of a spline, or of its derivative of order ``der``, at x.

    Equals :func:`scipy.interpolate.splev`; differentiable in x and in the coefficients of tck.

    Parameters
    ----------
    x : array
        Points.
    tck : tuple (t, c, k) or BSpline
        From :func:`splrep` or :func:`~dualrev.scipy.interpolate.make_interp_spline`.
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
        if tck.c.ndim > 1:
            raise ValueError(
                "Calling splev() with BSpline objects with c.ndim > 1 is not allowed. "
                "Use BSpline.__call__(x) instead."
            )
        return tck(x, der, extrapolate=ext in (0, "extrapolate"))
    if isinstance(tck, scipy.interpolate.BSpline):
        tck = tck.tck
    t, c, k = tck
    x = as_points(x)
    if not is_traced(x, c):
        return scipy.interpolate.splev(x, tck, der, ext)
    if isinstance(c, list | tuple):
        raise no_rule(
            "splev of a parametric curve",
            "call it once for each list of coefficients: splev(x, (t, c[0], k))",
        )
    return _splev_primitive(c, x, t=t, k=k, der=der, ext=ext)
