"""solve_ivp and odeint, with exact Jacobians of the right-hand side, and derivatives of what they find.

Owns which arguments may be traced.  Must not know how a derivative is computed.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.integrate
from scipy.optimize import OptimizeResult

from dualrev.core.operands import as_operand
from dualrev.errors import no_rule
from dualrev.known import valued
from dualrev.scipy.callables import compiled
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.integrate.exact_jacobians import with_jacobian
from dualrev.scipy.integrate.outcomes import with_derivatives
from dualrev.scipy.searches import not_found
from dualrev.scipy.twin import check_constant, like

__all__ = ["odeint", "solve_ivp"]

#: Of odeint.
_TOLERANCE = 1.49012e-8
_SAME_OPTIONS = {
    "rtol": "rtol",
    "atol": "atol",
    "h0": "first_step",
    "hmax": "max_step",
    "hmin": "min_step",
    "ml": "lband",
    "mu": "uband",
}
_SUCCESSES = "Integration successful.", "Nothing was done; the integration time was 0."
_AFTER_FAILURE = "end t_span before the solution does, or choose a method for stiff systems: Radau"


@each_row
def solve_ivp(
    fun: Callable,
    t_span: Any,
    y0: Any,
    method: str | type = "RK45",
    t_eval: Any = None,
    dense_output: bool = False,
    events: Any = None,
    vectorized: bool = False,
    args: tuple | None = None,
    *,
    compile: bool = False,
    sparse: bool | None = None,
    **options,
):
    """Solution of an initial value problem ``y' = fun(t, y)``, with its derivatives.

    Equals :func:`scipy.integrate.solve_ivp`; with the methods that take a Jacobian, Radau, BDF and
    LSODA, the exact one of fun by y is filled in.  Parameters and result are SciPy's, with these
    differences.

    Parameters
    ----------
    fun : callable
        ``fun(t, y, *args)``: plain NumPy; shape (n,), or a list of n numbers.  The solution is
        differentiable in what it computes with, args and what is in its closure; in y0, t_span and
        t_eval.
    events : callable or list of callable, optional
        As in SciPy; the times and states of events are differentiable too, and so is the end at a
        terminal one.
    compile : bool
        Whether fun and its Jacobian are recorded at the first call and replayed from then on, as by
        :func:`dualrev.compile`.
    sparse : bool, optional
        Whether the Jacobian is made sparsely: True, False, or None, the default, for where that pays,
        see Notes.  ``jac_sparsity`` says True.
    **options
        SciPy's further parameters, by name: ``rtol``, ``atol``, ``max_step``, ...  With ``jac`` of your
        own nothing is filled in.  With ``lband`` and ``uband`` LSODA is given the band.

    Returns
    -------
    Bunch object of SciPy's
        ``y``, ``t``, ``sol``, ``t_events`` and ``y_events`` have derivatives; their numbers are SciPy's.
        ``nfev`` does not count the runs of fun for derivatives; ``njev`` counts Jacobians.

    Raises
    ------
    MissingRuleError
        Where fun calls what has no derivative rule: there is no silent way back to differences.
    NotConvergedError
        Inside of a derivative, where the solver failed.
    SingularError
        Inside of a derivative, where an event function has no slope at its 0.
    ArgumentError
        Where an entry of the Jacobian stands outside of the band that LSODA holds.

    Notes
    -----
    Derivatives: SciPy chooses its steps on plain numbers.  The stages of all these steps, as one system
    of equations, are differentiated by the implicit function theorem: a gradient is the discrete
    adjoint, of which one sweep runs backward over the steps (Hager 2000, "Runge-Kutta methods in optimal
    control and the transformed adjoint system").  The explicit methods are differentiated as they are;
    for Radau, BDF and LSODA it is Radau IIA of order 5 on the accepted mesh.  Where the derivatives
    need shorter steps than the solution, as by a forcing whose amplitude is 0 just now, these are cut:
    tangents are tried by each number that is traced, in large systems in one direction, and let pass
    with an error of 50 times rtol a step, relative to the largest tangent.  Times in ``t_eval`` are
    reached by a step from the last one before.  Costs one to five times as much as the solution, in
    both modes, and keeps the stages of all steps.
    A batch is solved row by row, where its results have one shape: with ``t_eval``.
    Where fun jumps, as a switch does, a derivative misses what the moment of the jump contributes: make
    it a terminal event, and go on from ``t_events`` and ``y_events``.

    Sparse Jacobians: with 300 equations or more the pattern is sought at the start, and where it saves
    three quarters of the products the Jacobian is made of so few; each looks by one more whether the
    pattern still holds, at other times too.  Where at most 2 % of the entries can be other than 0, and
    the factors are sparse too (at most a fifth; not looked at from 5000 equations on), Radau and BDF
    are given a sparse matrix, which they factorize as one; LSODA takes dense matrices, and bands: it is
    given the band where that takes at most a quarter of the matrix.

    Complex y: fun must be holomorphic, as SciPy says.

    Examples
    --------
    >>> import numpy as np
    >>> from dualrev.scipy.integrate import solve_ivp
    >>> def heat(t, u):
    ...     around = np.pad(u, 1)
    ...     return u.size**2 * (around[2:] - 2 * u + around[:-2]) + np.exp(u)
    >>> result = solve_ivp(heat, (0, 1), np.zeros(500), method="BDF")
    >>> result.success, result.njev
    (True, 1)

    >>> import dualrev as dr
    >>> def left(rate):  # exp(-rate) of a decay
    ...     return solve_ivp(lambda t, y: -rate * y, (0, 1), [1.0], rtol=1e-9).y[0, -1]
    >>> dr.derivative(left)(2.0).round(6)
    np.float64(-0.135335)
    """
    check_constant("solve_ivp", options)
    args = tuple(args) if np.iterable(args) else args
    given = fun, tuple(t_span), y0, t_eval, events, args, options
    how = method, dense_output, vectorized, compile, sparse
    return _solution(given, *how)


def _solution(given, method, dense_output, vectorized, compile, sparse):
    plain = numbers_under(given)
    traced = plain is not given
    fun, t_span, y0, t_eval, events, args, options = plain
    kind = getattr(scipy.integrate, method, method) if isinstance(method, str) else method
    options = with_jacobian(kind, fun, t_span[0], y0, args, vectorized, options, compile, sparse)
    found = scipy.integrate.solve_ivp(
        compiled(fun) if compile else fun,
        t_span,
        y0,
        method,
        t_eval,
        dense_output or traced,
        events,
        vectorized,
        args,
        **options,
    )
    if traced and not found.success:
        raise not_found("solve_ivp", found, _AFTER_FAILURE)
    if traced or dense_output:
        return with_derivatives(found, given, plain, kind, vectorized, dense_output)
    return found


@like(scipy.integrate.odeint)
@each_row
def odeint(func, y0, t, args=(), *, full_output=0, tfirst=False, **options):
    """Solution of an initial value problem ``y' = func(y, t)`` at given times.

    Equals :func:`scipy.integrate.odeint`; differentiable, as :func:`solve_ivp` is, in what ``func``
    computes with, in args, y0 and t.

    Parameters
    ----------
    func : callable
        ``func(y, t, *args)``, or ``func(t, y, *args)`` with ``tfirst=True``.
    y0 : array, shape (n,)
    t : array, shape (m,)
        Times; the first is that of y0.
    args : tuple
        Further arguments of func.
    Dfun, col_deriv, full_output, ml, mu, rtol, atol, tcrit, h0, hmax, hmin, ixpr, mxstep, mxhnil,\
    mxordn, mxords, printmessg, tfirst
        As in SciPy; ``tcrit`` for plain solutions only.

    Returns
    -------
    y : array, shape (m, n)
    infodict : dict
        As SciPy has it, where ``full_output`` is set.

    Raises
    ------
    MissingRuleError
        With ``tcrit`` inside of a derivative.
    NotConvergedError
        Inside of a derivative, where the solver failed.

    Notes
    -----
    The values are SciPy's.  The steps that are differentiated are those of ``solve_ivp`` with
    ``method="LSODA"``, the same solver, and the same tolerances.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import odeint
    >>> def left(rate):  # exp(-rate) of a decay
    ...     return odeint(lambda y, t: -rate * y, [1.0], [0.0, 1.0])[-1, 0]
    >>> dr.derivative(left)(2.0).round(6)
    np.float64(-0.135335)
    """
    check_constant("odeint", options)
    how = full_output, tfirst, options
    return _at_times((func, y0, t, args, options), *how)


def _at_times(given, full_output, tfirst, options):
    plain = numbers_under(given)
    func, y0, t, args, plain_options = plain
    if plain is given:
        return scipy.integrate.odeint(
            func, y0, t, args, full_output=full_output, tfirst=tfirst, **options
        )
    found = scipy.integrate.odeint(
        func, y0, t, args, full_output=True, tfirst=tfirst, **plain_options
    )
    value, info = found
    if info["message"] not in _SUCCESSES:
        raise not_found("odeint", OptimizeResult(info), _AFTER_FAILURE)
    if options.get("tcrit") is not None:
        raise no_rule(
            "odeint with the argument `tcrit`", "split the times there, and call it for each"
        )
    func, y0, t, args, _ = given
    t = as_operand(t)
    steps = {
        ours: options[theirs]
        for theirs, ours in _SAME_OPTIONS.items()
        if np.any(options.get(theirs))
    }
    solution = solve_ivp(
        func if tfirst else lambda t, y, *args: func(y, t, *args),
        (t[0], t[-1]),
        np.atleast_1d(y0),
        "LSODA",
        dense_output=True,
        args=args,
        **{"rtol": _TOLERANCE, "atol": _TOLERANCE, **steps},
    )
    y = valued(solution.sol(t).T, value)
    return (y, info) if full_output else y
