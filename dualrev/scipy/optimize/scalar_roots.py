"""Roots of functions of one number, with their derivatives.

Owns how near each search comes, and what stands in its answer; everything else is SciPy's.  Must not
know how derivatives are computed.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import optimize

from dualrev.calls import as_tuple
from dualrev.core.traced import Traced
from dualrev.implicit.elementwise import solved_by_elements
from dualrev.known import valued
from dualrev.scipy.searches import searched
from dualrev.scipy.twin import like
from dualrev.transforms import jvp

__all__ = [
    "bisect",
    "brenth",
    "brentq",
    "fixed_point",
    "newton",
    "ridder",
    "root_scalar",
    "slope_of",
    "toms748",
]


#: SciPy's tolerances of searches between two ends, and of those from a start.
_BETWEEN, _FROM_START = 2e-12, 1.48e-8


def _between(function: Callable) -> Callable[[Callable], Callable]:
    """Declare the twin of a search between two ends: a decorator of its definition."""

    def declare(definition):
        @like(function)
        @functools.wraps(definition)
        def call(f, a, b, args=(), *, full_output=False, **options):
            def search(f, a, b, args):
                return function(f, a, b, args, full_output=True, **options)[1]

            found, differentiated = searched(function.__name__, search, f, a, b, args)
            if differentiated:
                tolerances = options.get("xtol", _BETWEEN), options.get("rtol", 0)
                found.root = _root_of(function, f, found.root, args, *tolerances)
            return (found.root, found) if full_output else found.root

        return call

    return declare


@_between(optimize.brentq)
def brentq(f, a, b):
    """Root of a function between two numbers at which its signs differ, by Brent's method.

    Equals :func:`scipy.optimize.brentq`.  The root has the derivatives by all that f computes with,
    in ``args``, closures and attributes: ``dx = -df / f'(x)`` (implicit function theorem).  It does not
    depend on a and b.

    Parameters
    ----------
    f : callable
        ``f(x, *args)``: plain NumPy, one number.
    a, b : float
        The ends.

    Returns
    -------
    root : float
    r : scipy.optimize.RootResults
        With ``full_output=True``; its ``root`` has the same derivatives.

    Raises
    ------
    NotConvergedError
        Where a derivative is asked for, and f jumps over 0, or ``disp=False`` hid that nothing was
        found.
    SingularError
        Where a derivative is asked for and the slope of f is 0 at the root.

    See Also
    --------
    brenth, bisect, ridder, toms748, newton, root_scalar

    Notes
    -----
    SciPy searches with plain numbers.  A derivative costs two to four evaluations of f, of its slope and
    its curvature, and one more an order.

    Examples
    --------
    Kepler's equation, and how the anomaly moves with the eccentricity e, ``sin(E) / (1 - e cos(E))``:

    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize import brentq
    >>> def anomaly(e):
    ...     return brentq(lambda E: E - e * np.sin(E) - 1.0, 0.0, np.pi)
    >>> E = anomaly(0.3)
    >>> float(E), bool(np.isclose(dr.grad(anomaly)(0.3), np.sin(E) / (1 - 0.3 * np.cos(E))))
    (1.288091313212..., True)
    """


@_between(optimize.brenth)
def brenth(f, a, b):
    """Root of a function between two numbers, by Brent's method with hyperbolic extrapolation.

    Equals :func:`scipy.optimize.brenth`; differentiable as :func:`brentq` is.
    """


@_between(optimize.bisect)
def bisect(f, a, b):
    """Root of a function between two numbers, by bisection.

    Equals :func:`scipy.optimize.bisect`; differentiable as :func:`brentq` is.
    """


@_between(optimize.ridder)
def ridder(f, a, b):
    """Root of a function between two numbers, by Ridder's method.

    Equals :func:`scipy.optimize.ridder`; differentiable as :func:`brentq` is.
    """


@_between(optimize.toms748)
def toms748(f, a, b):
    """Root of a function between two numbers, by Algorithm 748 of Alefeld, Potra and Shi.

    Equals :func:`scipy.optimize.toms748`; differentiable as :func:`brentq` is.
    """


@like(optimize.newton)
def newton(
    func: Callable,
    x0: Any,
    fprime: Callable | None = None,
    args: tuple = (),
    *,
    fprime2: Callable | None = None,
    x1: Any = None,
    full_output: bool = False,
    **options,
):
    """Root of a function near a number, by the secant method, Newton's or Halley's.

    Equals :func:`scipy.optimize.newton`; differentiable as :func:`brentq` is.  Without ``fprime`` it is
    the secant method, as SciPy's is: no derivative is filled in, but by :func:`root_scalar` with
    ``method="newton"``.

    Parameters
    ----------
    func : callable
        ``func(x, *args)``: plain NumPy; one number, complex where x0 is, or an array of the shape of x0.
    x0 : float, complex, or array
        An array starts as many searches as it has elements, each of its own equation; the roots'
        derivatives are by elements too, and no matrix is formed.

    Returns
    -------
    root : float, complex, or array
        And more with ``full_output=True``, as SciPy has it.

    Raises
    ------
    NotConvergedError, SingularError
        As by :func:`brentq`; of an array where one element has no simple root.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize import newton
    >>> a = np.array([8.0, 27.0])
    >>> roots = lambda a: newton(lambda x: x**3 - a, np.ones(2))
    >>> dr.elementwise_grad(roots)(a).round(6)  # 1 / (3 x**2)
    array([0.083333, 0.037037])
    """

    def search(func, x0, fprime, args, fprime2, x1):
        found = optimize.newton(
            func, x0, fprime, args, fprime2=fprime2, x1=x1, full_output=True, **options
        )
        return found if hasattr(found, "zero_der") else found[1]  # the former of an array

    found, differentiated = searched("newton", search, func, x0, fprime, args, fprime2, x1)
    is_array = isinstance(found, tuple)
    if differentiated:
        tolerances = options.get("tol", _FROM_START), options.get("rtol", 0)
        root = _root_of(optimize.newton, func, found.root, args, *tolerances)
        if is_array:
            found = found._replace(root=root)
        else:
            found.root = root
    if not full_output:
        return found.root
    return found if is_array else (found.root, found)


def root_scalar(
    f: Callable,
    args: tuple = (),
    method: str | None = None,
    bracket: Any = None,
    fprime: Callable | bool | None = None,
    fprime2: Callable | bool | None = None,
    x0: Any = None,
    x1: Any = None,
    xtol: float | None = None,
    rtol: float | None = None,
    maxiter: int | None = None,
    options: dict | None = None,
):
    """Root of a function of one number, found with exact derivatives.

    Equals :func:`scipy.optimize.root_scalar` with ``fprime=dr.derivative(f)``, and ``fprime2`` that of
    fprime, for the methods that take them, newton and halley.  ``root`` of the result is differentiable
    as :func:`brentq` is.

    Parameters
    ----------
    f : callable
        ``f(x, *args)``: plain NumPy, one number.
    fprime, fprime2 : optional
        What is given is used as SciPy would; what is left out, and the method wants, is filled in.

    Returns
    -------
    scipy.optimize.RootResults

    Raises
    ------
    NotConvergedError, SingularError
        As by :func:`brentq`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize import root_scalar
    >>> dr.grad(lambda a: root_scalar(lambda x: x**3 - a, x0=1.0).root)(8.0).round(6)
    np.float64(0.083333)
    """
    by_start = bracket is None and x0 is not None and x1 is None
    name = method.lower() if method else "newton" * by_start
    gives_pair = any(not callable(given) and bool(given) for given in (fprime, fprime2))

    def search(f, args, bracket, fprime, fprime2, x0, x1):
        if name in ("newton", "halley") and not gives_pair:
            fprime = fprime or slope_of(f)
            if name == "halley":
                fprime2 = fprime2 or slope_of(slope_of(f))
        return optimize.root_scalar(
            f, args, method, bracket, fprime, fprime2, x0, x1, xtol, rtol, maxiter, options
        )

    given = f, args, bracket, fprime, fprime2, x0, x1
    found, differentiated = searched("root_scalar", search, *given)
    if differentiated:
        value = (lambda x, *args: f(x, *args)[0]) if gives_pair else f
        said = {"xtol": xtol, "rtol": rtol, **(options or {})}
        usual = _BETWEEN if bracket is not None else _FROM_START
        tolerances = said.get("tol") or said["xtol"] or usual, said["rtol"] or 0
        found.root = _root_of(optimize.root_scalar, value, found.root, args, *tolerances)
    return found


def fixed_point(
    func: Callable,
    x0: Any,
    args: tuple = (),
    xtol: float = 1e-8,
    maxiter: int = 500,
    method: str = "del2",
):
    """Point that a function leaves where it is, ``func(x) = x``.

    Equals :func:`scipy.optimize.fixed_point`.  The point has the derivatives by all that func computes
    with: ``(1 - dfunc/dx) dx = dfunc``.  Where the elements of func depend each on that of x in its
    place, no matrix is formed.

    Parameters
    ----------
    func : callable
        ``func(x, *args)``: plain NumPy, of the shape of x.
    x0 : float or array
        Where the iteration starts.

    Returns
    -------
    float or array
        Of the shape of x0.

    Raises
    ------
    NotConvergedError, SingularError
        As by :func:`brentq`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize import fixed_point
    >>> dr.grad(lambda a: fixed_point(lambda x: np.cos(a * x), 0.5))(1.0).round(6)
    np.float64(-0.297474)
    """

    def search(func, x0, args):
        return optimize.fixed_point(func, x0, args, xtol, maxiter, method)

    found, differentiated = searched("fixed_point", search, func, x0, args)
    if not differentiated:
        return found
    # The last step, which the tolerance bounds, is a part of the distance where convergence is slow.
    tolerances = _FROM_START, 1e3 * xtol
    return _root_of(
        optimize.fixed_point, lambda x, *args: x - func(x, *args), found, args, *tolerances
    )


def _root_of(function, f, x, args, xtol, rtol):
    """A root of ``f(x, *args)`` that was found, with its derivatives."""
    args = as_tuple(args)
    # Rounding may lead further than a small tolerance says.
    near = 10 * max(rtol, 1e-7), min(10 * max(xtol, 2e-10), 1e3 * xtol)
    x = x if isinstance(x, Traced) else np.asarray(x)[()]
    root = solved_by_elements(lambda x: f(x, *args), x, name=function.__name__, near=near)
    return valued(root, x)


def slope_of(f: Callable) -> Callable:
    """The derivative of a function by its first argument, element by element."""

    def slope(x, *args):
        return jvp(lambda x: f(x, *args), (x,), (np.ones_like(x),))[1]

    return slope
