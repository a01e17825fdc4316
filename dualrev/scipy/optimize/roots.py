"""root, with the exact Jacobian, and its own derivatives.

Owns which method takes a Jacobian; everything else is SciPy's.  Must not know how derivatives are
computed.
"""

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import optimize

from dualrev.calls import check_callable
from dualrev.closures import without_derivatives
from dualrev.core.traced import Traced
from dualrev.insides.lines import user_place
from dualrev.scipy.callables import arguments_at, compiled, jacobian_matrix
from dualrev.scipy.layout import layout_of
from dualrev.scipy.searches import root_of, searched
from dualrev.scipy.twin import like

__all__ = [
    "anderson",
    "broyden1",
    "broyden2",
    "diagbroyden",
    "excitingmixing",
    "fsolve",
    "linearmixing",
    "newton_krylov",
    "root",
]

_TAKES_JAC = {"hybr", "lm"}


def root(
    fun: Callable,
    x0: Any,
    args: tuple = (),
    method: str = "hybr",
    jac: Callable | bool | None = None,
    tol: float | None = None,
    callback: Callable | None = None,
    options: dict | None = None,
    *,
    compile: bool = False,
    sparse: bool | None = None,
):
    """Root of a vector function, found with the exact Jacobian.

    Equals :func:`scipy.optimize.root` with ``jac=dr.jacobian(fun)``; the root has derivatives itself.
    Parameters and result are SciPy's, with these differences.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``: plain NumPy; shape (n,), or a list of n numbers.  With a structured x0
        also arrays of more dimensions, or a structure of them.
    x0 : array or structure of arrays
        Shape (n,), as in SciPy; or a dict, dataclass, tuple of arrays, or array of more dimensions.
        ``fun`` is called with that structure, and ``result.x`` has it; all else is flat.
    jac : optional
        What is given is used as SciPy would; left out it is filled in for "hybr" and "lm".
    compile : bool
        Whether fun and its Jacobian are recorded at the first call and replayed from then on, as by
        :func:`dualrev.compile`.
    sparse : bool, optional
        Whether the Jacobian, which is handed over as a dense matrix, is made of the few products that
        a sparse one takes: True, False, or None, the default, for where that pays, as in
        :func:`least_squares`.

    Returns
    -------
    scipy.optimize.OptimizeResult

        ``x`` has the derivatives by all that fun computes with, in ``args``, closures and
        attributes: ``dx = -(dfun/dx)^-1 dfun`` (implicit function theorem).  It does not depend on
        x0.  ``fun`` is 0 at all of them, and constant; what methods keep of their Jacobians is too.

    Raises
    ------
    MissingRuleError
        Where fun calls what has no derivative rule: there is no silent way back to differences.
    NotConvergedError
        Where a derivative is asked for, and no root was found.
    SingularError
        Where a derivative is asked for and the Jacobian is singular at the root.

    Notes
    -----
    The other methods (krylov, broyden1, df-sane, ...) take no Jacobian and are SciPy's own,
    unchanged.  hybr and lm run inside MINPACK, whose finite differences cost nothing but calls of
    fun: for two equations of a few scalar operations they are about ten times faster than an exact
    Jacobian, for 40 up to twice.

    Examples
    --------
    >>> import numpy as np
    >>> from dualrev.scipy.optimize import root
    >>> root(lambda x: [x[0] ** 2 + x[1] ** 2 - 25, x[0] - x[1] + 1], [2.0, 3.0]).x.round(9)
    array([3., 4.])

    How it moves with the radius of the circle:

    >>> import dualrev as dr
    >>> def crossing(radius):
    ...     return root(lambda p: [p @ p - radius**2, p[0] - p[1] + 1], [2.0, 3.0]).x
    >>> dr.jacobian(crossing)(5.0).round(6)
    array([0.714286, 0.714286])
    """
    return _root(
        "root", optimize.root, fun, x0, args, method, jac, tol, callback, options, compile, sparse
    )


def fsolve(
    func: Callable,
    x0: Any,
    args: tuple = (),
    fprime: Callable | None = None,
    full_output: bool = False,
    col_deriv: bool = False,
    xtol: float = 1.49012e-8,
    maxfev: int = 0,
    band: tuple | None = None,
    epsfcn: float | None = None,
    factor: float = 100,
    diag: Any = None,
):
    """Root of a vector function, found with the exact Jacobian.

    Equals :func:`scipy.optimize.fsolve` with ``fprime=dr.jacobian(func)``; differentiable as
    :func:`root` is, of which it is the method hybr.

    Parameters
    ----------
    func : callable
        ``func(x, *args)``: plain NumPy; shape (n,), or a list of n numbers.
    x0 : array or structure of arrays
        As in :func:`root`; but an array of more dimensions is made flat, as in SciPy.
    fprime : callable, optional
        What is given is used as SciPy would; left out it is filled in.

    Returns
    -------
    x : array
        Of shape (n,), or of the structure of x0.
    infodict, ier, mesg
        With ``full_output=True``.

    Raises
    ------
    MissingRuleError, NotConvergedError, SingularError
        As by :func:`root`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize import fsolve
    >>> def crossing(radius):
    ...     return fsolve(lambda p: [p @ p - radius**2, p[0] - p[1] + 1], [2.0, 3.0])
    >>> dr.jacobian(crossing)(5.0).round(6)  # of (3, 4)
    array([0.714286, 0.714286])
    """

    def solve(*given):
        result = optimize.root(*given)
        if not full_output:
            _tell(result)
        return result

    options = {
        "col_deriv": col_deriv,
        "xtol": xtol,
        "maxfev": maxfev,
        "band": band,
        "eps": epsfcn,
        "factor": factor,
        "diag": diag,
    }
    if hasattr(x0, "reshape"):
        x0 = x0.reshape(-1)
    result = _root("fsolve", solve, func, x0, args, "hybr", fprime, None, None, options)
    if not full_output:
        return result.x
    details = {k: result[k] for k in ("nfev", "njev", "fjac", "r", "qtf") if k in result}
    return result.x, {**details, "fvec": result.fun}, result.status, result.get("message")


def _tell(result):
    """What fsolve raises, or warns of, where it answers nothing but x."""
    if result.status not in (1, 2, 3, 4, 5):
        raise TypeError(result.message)
    if result.status != 1:
        warnings.warn_explicit(result.message, RuntimeWarning, *user_place())


def _root(
    name, solve, fun, x0, args, method, jac, tol, callback, options, compile=False, sparse=None
):
    exact = method.lower() in _TAKES_JAC and (jac is None or jac is False)
    check_callable(fun, "dr.scipy.optimize.root(fun, x0)")
    x0 = without_derivatives(x0)
    # Methods without Jacobian take arrays of any shape, and keep it, by themselves.
    plain = not exact and isinstance(x0, np.ndarray | Traced)
    layout = None if plain else layout_of(x0)
    if layout is not None:
        x0 = layout.flat
        fun = layout.pair(fun) if jac is True else layout.residuals(fun)
        jac = layout.derivative(jac)
        callback = None if callback is None else layout.callback(callback)

    def search(fun, x0, args, jac, options):
        if exact:
            jac = jacobian_matrix(fun, arguments_at(x0, args), {}, compile, sparse, taken=False)
            # Says that the user's own jac answers columns; ours answers rows.
            options = {k: v for k, v in (options or {}).items() if k != "col_deriv"}
        f = compiled(fun) if compile else fun
        return solve(f, x0, args, method, jac, tol, callback, options)

    result, differentiated = searched(name, search, fun, x0, args, jac, options)
    if differentiated:
        value = (lambda x, *args: fun(x, *args)[0]) if jac is True else fun
        result.x = root_of(name, value, result.x, args)
    return result if layout is None else layout.result(result)


# ------------------------------------------------------------------ searches that take no Jacobian


def _by_steps(function: Callable) -> Callable[[Callable], Callable]:
    """Declare the twin of a search that is called as these are: a decorator of its definition."""

    def declare(definition):
        @like(function)
        @functools.wraps(definition)
        def call(F, xin, **options):
            def search(F, xin):
                return function(F, xin, **options)

            x, differentiated = searched(function.__name__, search, F, xin)
            return root_of(function.__name__, F, x, ()) if differentiated else x

        return call

    return declare


@_by_steps(optimize.newton_krylov)
def newton_krylov(F, xin):
    """Root of a function of an array of any shape, by inexact Newton steps of Krylov's methods.

    Equals :func:`scipy.optimize.newton_krylov`; differentiable as :func:`root` is.
    """


@_by_steps(optimize.broyden1)
def broyden1(F, xin):
    """Root of a function of an array of any shape, by Broyden's first approximation.

    Equals :func:`scipy.optimize.broyden1`; differentiable as :func:`root` is.
    """


@_by_steps(optimize.broyden2)
def broyden2(F, xin):
    """Root of a function of an array of any shape, by Broyden's second approximation.

    Equals :func:`scipy.optimize.broyden2`; differentiable as :func:`root` is.
    """


@_by_steps(optimize.anderson)
def anderson(F, xin):
    """Root of a function of an array of any shape, by Anderson's mixing.

    Equals :func:`scipy.optimize.anderson`; differentiable as :func:`root` is.
    """


@_by_steps(optimize.linearmixing)
def linearmixing(F, xin):
    """Root of a function of an array of any shape, by linear mixing.

    Equals :func:`scipy.optimize.linearmixing`; differentiable as :func:`root` is.
    """


@_by_steps(optimize.diagbroyden)
def diagbroyden(F, xin):
    """Root of a function of an array of any shape, by a diagonal of Broyden's approximation.

    Equals :func:`scipy.optimize.diagbroyden`; differentiable as :func:`root` is.
    """


@_by_steps(optimize.excitingmixing)
def excitingmixing(F, xin):
    """Root of a function of an array of any shape, by a diagonal that is tuned.

    Equals :func:`scipy.optimize.excitingmixing`; differentiable as :func:`root` is.
    """
