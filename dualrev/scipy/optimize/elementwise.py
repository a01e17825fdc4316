"""Roots and minima of many functions of one number each, with their derivatives.

Owns what is asked of SciPy's searches by elements.  Must not know how derivatives are computed.
"""

from typing import Any

import numpy as np
import scipy.optimize.elementwise as _scipy
from scipy.optimize import OptimizeResult

from dualrev.core.operands import as_operand
from dualrev.implicit.elementwise import solved_by_elements
from dualrev.scipy.optimize.fields import result_of
from dualrev.scipy.optimize.scalar_roots import slope_of
from dualrev.scipy.rest import Rest
from dualrev.scipy.searches import searched
from dualrev.scipy.twin import like, with_named_arguments

__all__ = ["find_minimum", "find_root"]

REST = Rest(
    _scipy,
    refused={
        "bracket_root bracket_minimum": (
            "where a search stops is no function of what it searches",
            "give it plain numbers: dualrev.stop_gradient(args)",
        )
    },
)
__getattr__ = REST

#: How near SciPy comes by default, as a part of x and as a distance besides.
_ROOT, _MINIMUM = (1e-7, 1e-9), (1e-4, 1e-5)


def _found(function, f, init, args, tolerances, options):
    def search(f, init, args):
        return OptimizeResult(function(f, init, args=args, tolerances=tolerances, **options))

    return searched(function.__name__, search, f, init, args)


@like(_scipy.find_root)
@with_named_arguments
def find_root(f, init, /, *, args=(), tolerances=None, **options):
    """Roots of a function of one number, one for each element of arrays.

    Equals :func:`scipy.optimize.elementwise.find_root`; ``x`` of the result has the derivatives by all
    that f computes with, in ``args``, closures and attributes: ``dx = -df / f'(x)``, element by element.

    Parameters
    ----------
    f : callable
        ``f(x, *args)``: plain NumPy, element by element.
    init : pair of arrays
        A bracket for each element.
    args : tuple of arrays
        Broadcast with each other and with init.
    kwargs : dict of arrays
        Arguments that f takes by name.
    tolerances, maxiter, callback
        As SciPy has them.

    Returns
    -------
    Result object of SciPy's
        Its arrays have the shape of args and init broadcast.

    Raises
    ------
    NotConvergedError, SingularError
        As by :func:`~dualrev.scipy.optimize.brentq`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize.elementwise import find_root
    >>> roots = lambda a: find_root(lambda x, a: x**3 - a, (0.0, 9.0), args=(a,)).x
    >>> dr.elementwise_grad(roots)(np.array([8.0, 27.0])).round(6)  # 1 / (3 x**2)
    array([0.083333, 0.037037])
    """
    found, differentiated = _found(_scipy.find_root, f, init, args, tolerances, options)
    if not differentiated:
        return found
    residual = lambda x: f(x, *_broadcast(x, args))  # noqa: E731
    x = solved_by_elements(residual, found.x, name="find_root", near=_near(_ROOT, tolerances))
    return result_of(found, x)


@like(_scipy.find_minimum)
@with_named_arguments
def find_minimum(f, init, /, *, args=(), tolerances=None, **options):
    """Minima of a function of one number, one for each element of arrays.

    Equals :func:`scipy.optimize.elementwise.find_minimum`; ``x`` and ``f_x`` of the result have
    derivatives as those of :func:`~dualrev.scipy.optimize.minimize_scalar` have.

    Parameters
    ----------
    f : callable
        ``f(x, *args)``: plain NumPy, element by element.
    init : triple of arrays
        A bracket for each element.
    args, kwargs, tolerances, maxiter, callback
        As :func:`find_root` has them.

    Returns
    -------
    Result object of SciPy's
        Its arrays have the shape of args and init broadcast.

    Raises
    ------
    NotConvergedError, SingularError
        As by :func:`~dualrev.scipy.optimize.minimize_scalar`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize.elementwise import find_minimum
    >>> cheapest = lambda p: find_minimum(lambda n, p: p / n + n, (0.1, 1.0, 9.0), args=(p,)).x
    >>> dr.elementwise_grad(cheapest)(np.array([1.0, 4.0])).round(6)  # of sqrt(p)
    array([0.5 , 0.25])
    """
    found, differentiated = _found(_scipy.find_minimum, f, init, args, tolerances, options)
    if not differentiated:
        return found
    value = lambda x: f(x, *_broadcast(x, args))  # noqa: E731
    near = _near(_MINIMUM, tolerances)
    x = solved_by_elements(slope_of(value), found.x, name="find_minimum", near=near, rising=True)
    return result_of(found, x, f_x=lambda: value(x))


def _broadcast(x, args):
    """As SciPy hands them over: of the shape of x."""
    return [np.broadcast_to(as_operand(arg), np.shape(x)) for arg in args]


def _near(usual: tuple, tolerances: Any) -> tuple:
    """How far an exact solution may be, where one is asked for coarsely."""
    given = tolerances or {}
    part, distance = (given.get(name) or 0 for name in ("xrtol", "xatol"))
    return max(usual[0], 10 * part), max(usual[1], 10 * distance)
