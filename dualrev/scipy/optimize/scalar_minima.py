"""Minima of functions of one number, with their derivatives.

Owns where a minimum lies at a bound, and what stands in its answer; everything else is SciPy's.  Must
not know how derivatives are computed.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import optimize

from dualrev import errors
from dualrev.calls import as_tuple
from dualrev.closures import without_derivatives
from dualrev.core.operands import as_operand, under_all
from dualrev.core.traced import Traced
from dualrev.implicit.elementwise import solved_by_elements
from dualrev.known import valued
from dualrev.scipy.optimize.scalar_roots import slope_of
from dualrev.scipy.searches import searched
from dualrev.scipy.twin import like

__all__ = ["brent", "fminbound", "golden", "minimize_scalar"]

#: SciPy's searches end within a few times this part of x and a third of ``xatol``, by default 1e-5.
_PART, _XATOL = 1.5e-8, 1e-5
#: A slope at a bound that would be 0 within this part of the interval may as well be 0.
_DEGENERATE = 1e-10


def minimize_scalar(
    fun: Callable,
    bracket: Any = None,
    bounds: Any = None,
    args: tuple = (),
    method: str | Callable | None = None,
    tol: float | None = None,
    options: dict | None = None,
):
    """Minimum of a function of one number, with its derivatives.

    Equals :func:`scipy.optimize.minimize_scalar`.  ``x`` of the result has the derivatives by all that
    fun computes with, in ``args``, closures and attributes, those of the root of its slope:
    ``dx = -dfun' / fun''(x)``.  At a bound it has those of the bound.  ``fun`` of the result is
    differentiable, too.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``: plain NumPy, one number.
    bracket : optional
        Where to search; the minimum does not depend on it.
    bounds : pair of float, optional
        Between which the minimum is sought.

    Returns
    -------
    scipy.optimize.OptimizeResult

    Raises
    ------
    NotConvergedError
        Where a derivative is asked for, and nothing was found, or no minimum.
    SingularError
        Where a derivative is asked for and the curvature of fun is 0 at the minimum, as of ``x**4``, or
        there is none, as of ``abs(x)``; and where the slope is 0 at a bound.

    See Also
    --------
    brent, golden, fminbound, root_scalar

    Notes
    -----
    SciPy searches with plain numbers, and ends where the values of fun do not differ any more, or at
    ``xatol``: five to eight digits.  The derivatives are those of the exact minimum.  They cost two to
    four evaluations of fun, of its derivatives to the third order.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize import minimize_scalar
    >>> def cheapest(price):
    ...     return minimize_scalar(lambda n: price / n + n, bounds=(0.1, 9.0)).x
    >>> dr.grad(cheapest)(4.0).round(6)  # of sqrt(price)
    np.float64(0.25)
    """

    def search(fun, bracket, bounds, args):
        return optimize.minimize_scalar(fun, bracket, bounds, args, method, tol, options)

    result, differentiated = searched("minimize_scalar", search, fun, bracket, bounds, args)
    if differentiated:
        given = options or {}
        tolerance = given.get("xatol", given.get("xtol", tol))
        found = result.x, result.fun
        result.x, result.fun = _minimum_of("minimize_scalar", fun, found, args, bounds, tolerance)
    return result


@like(optimize.fminbound)
def fminbound(func, x1, x2, args=(), xtol=_XATOL, *, full_output=0, **options):
    """Minimum of a function between two numbers.

    Equals :func:`scipy.optimize.fminbound`; differentiable as :func:`minimize_scalar` is.
    """

    def search(func, x1, x2, args):
        return optimize.fminbound(func, x1, x2, args, xtol, full_output=1, **options)

    (*found, status, calls), differentiated = searched("fminbound", search, func, x1, x2, args)
    if differentiated:
        found = _minimum_of("fminbound", func, found, args, (x1, x2), xtol)
    return (*found, status, calls) if full_output else found[0]


@like(optimize.brent)
def brent(func, args=(), brack=None, *, full_output=0, **options):
    """Minimum of a function, by Brent's method.

    Equals :func:`scipy.optimize.brent`; differentiable as :func:`minimize_scalar` is.
    """
    return _in_bracket(optimize.brent, func, args, brack, full_output, options)


@like(optimize.golden)
def golden(func, args=(), brack=None, *, full_output=0, **options):
    """Minimum of a function, by golden sections.

    Equals :func:`scipy.optimize.golden`; differentiable as :func:`minimize_scalar` is.
    """
    return _in_bracket(optimize.golden, func, args, brack, full_output, options)


def _in_bracket(function, func, args, brack, full_output, options):
    def search(func, args, brack):
        return function(func, args, brack, full_output=1, **options)

    name = function.__name__
    (*found, iterations), differentiated = searched(name, search, func, args, brack)
    found, counts = found[:2], (*found[2:], iterations)
    if differentiated:
        found = _minimum_of(name, func, found, args, tolerance=options.get("tol"))
    return (*found, *counts) if full_output else found[0]


def _minimum_of(name, fun, found, args, bounds=None, tolerance=None):
    """A minimum that was found and the value there, with their derivatives."""
    args = as_tuple(args)
    x, value = (part if isinstance(part, Traced) else np.asarray(part)[()] for part in found)
    tolerance = tolerance or _XATOL

    def on_numbers(x):
        return as_operand(fun(x, *args)).reshape(np.shape(value))

    slope = slope_of(on_numbers)
    if bounds is not None:
        slope = _held_at_bounds(name, slope, x, bounds, tolerance)
    near = 10 * max(tolerance, 1e-4), 10 * max(tolerance, _XATOL)
    exact = solved_by_elements(slope, x, name=name, near=near, rising=True)
    return valued(exact, x), valued(on_numbers(exact), value)


def _held_at_bounds(name, slope, x, bounds, xatol):
    """The slope; where a bound holds the minimum the distance from it, which is 0 there too."""
    low, high = bounds
    plain, ends = without_derivatives((slope, (low, high)))
    is_near = [abs(x - end) <= 3 * _PART * abs(x) + xatol for end in ends]
    if not np.any([under_all(near) for near in is_near]):
        return slope
    width = ends[1] - ends[0]
    held = []
    with np.errstate(all="ignore"):
        for end, near, sign in zip(ends, is_near, (1, -1)):
            at_end = plain(end * 1.0) * sign
            may_be_0 = abs(at_end) <= _DEGENERATE * abs(slope_of(plain)(end * 1.0)) * width
            if np.any(under_all(near & may_be_0 & np.isfinite(at_end))):
                raise errors.SingularError(
                    f"{name} found a minimum at a bound where the slope of the function is 0, too: "
                    "which of the two holds it is not determined, and it has no derivative.",
                    fix="move the bound away from the minimum, or past it",
                )
            held.append(near & (at_end > 0))
    at_low, at_high = held

    def slope_or_distance(x):
        return np.where(at_low, x - low, np.where(at_high, x - high, slope(x)))

    return slope_or_distance
