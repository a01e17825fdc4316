"""Minima that are sought everywhere between bounds, with their derivatives.

Owns what each search of SciPy's is asked; everything else is SciPy's.  Must not know how derivatives of
minima follow.
"""

import numpy as np
from scipy import optimize

from dualrev.calls import as_tuple
from dualrev.errors import no_rule
from dualrev.gradients import grad
from dualrev.scipy.constraints import states_of, with_states
from dualrev.scipy.optimize.fields import result_of
from dualrev.scipy.optimize.minima import limits_of, method_name, minimum_near
from dualrev.scipy.optimize.optimality import Problem
from dualrev.scipy.searches import searched
from dualrev.scipy.twin import like

__all__ = [
    "basinhopping",
    "brute",
    "differential_evolution",
    "direct",
    "dual_annealing",
    "shgo",
]


def _found(function, func, bounds, args, constraints, options, value=None, check=None):
    """A result of SciPy's, with its derivatives: at bounds and constraints, those of these.

    ``check()`` raises where there are none.
    """
    name = function.__name__

    def search(func, args, states, options):
        limits, held = with_states((bounds, constraints), states)
        given = {} if constraints is None else {"constraints": held}
        return function(func, limits, args=args, **given, **options)

    states = states_of((bounds, constraints))
    found, differentiated = searched(name, search, func, args, states, options, is_checked=True)
    if not differentiated:
        return found
    if check is not None:
        check()
    limits = limits_of("trust-constr", bounds, () if constraints is None else constraints)
    return _with_derivatives(name, found, value or func, args, limits)


def _with_derivatives(name, found, func, args, limits):
    args = as_tuple(args)
    objective = lambda x: func(x, *args)  # noqa: E731
    x = minimum_near(name, Problem(objective, *limits), found, found.x, found.x)
    gradient = {"jac": lambda: grad(objective)(x)} if "jac" in found else {}
    return result_of(found, x, fun=lambda: objective(x), **gradient)


@like(optimize.differential_evolution)
def differential_evolution(func, bounds, args=(), *, constraints=(), **options):
    """Minimum of a function of several numbers between bounds, by differential evolution.

    Equals :func:`scipy.optimize.differential_evolution`; ``x`` and ``fun`` of the result have
    derivatives as those of :func:`minimize` have.

    Parameters
    ----------
    func : callable
        ``func(x, *args)``: plain NumPy, one number.
    bounds : sequence or Bounds
        Within which is sought.
    args, constraints, **options
        As SciPy has them.

    Returns
    -------
    scipy.optimize.OptimizeResult

    Raises
    ------
    NotConvergedError, SingularError
        As by :func:`minimize`.
    MissingRuleError
        With ``integrality``, where a derivative is asked for.

    Notes
    -----
    Which of several minima is the least changes in jumps; between these the derivatives are those of
    the one that was found.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize import differential_evolution
    >>> def lowest(a):
    ...     f = lambda x: (x[0] - a) ** 2 + 0.3 * np.sin(5 * x[0]) ** 2
    ...     return differential_evolution(f, [(-3, 3)], rng=0).fun
    >>> dr.grad(lowest)(1.0).round(4)
    np.float64(-0.452)
    """
    value = None
    if options.get("vectorized"):
        value = lambda x, *args: func(x[:, None], *args)[0]  # noqa: E731

    def check():
        if np.any(options.get("integrality", False)):
            raise no_rule(
                "differential_evolution with integrality",
                "hold the integers, and use minimize for the others",
            )

    return _found(
        optimize.differential_evolution, func, bounds, args, constraints, options, value, check
    )


@like(optimize.dual_annealing)
def dual_annealing(func, bounds, args=(), **options):
    """Minimum of a function of several numbers between bounds, by annealing.

    Equals :func:`scipy.optimize.dual_annealing`; differentiable as :func:`differential_evolution` is.
    """
    return _found(optimize.dual_annealing, func, bounds, args, None, options)


@like(optimize.shgo)
def shgo(func, bounds, args=(), constraints=None, **options):
    """Minimum of a function of several numbers between bounds, by simplicial homology.

    Equals :func:`scipy.optimize.shgo`; differentiable as :func:`differential_evolution` is.  The other
    minima of the result, ``xl`` and ``funl``, have the derivative nan.
    """
    return _found(optimize.shgo, func, bounds, args, constraints, options)


@like(optimize.direct)
def direct(func, bounds, *, args=(), **options):
    """Minimum of a function of several numbers between bounds, by dividing rectangles.

    Equals :func:`scipy.optimize.direct`; differentiable as :func:`differential_evolution` is, where it
    came as near to a minimum as 1 %.
    """
    return _found(optimize.direct, func, bounds, args, None, options)


@like(optimize.basinhopping)
def basinhopping(func, x0, *, minimizer_kwargs=None, **options):
    """Minimum of a function of several numbers, by hops between its basins.

    Equals :func:`scipy.optimize.basinhopping`; differentiable as :func:`minimize` is, with the bounds,
    constraints and args of ``minimizer_kwargs``.
    """
    inner = minimizer_kwargs or {}
    limits = inner.get("bounds"), inner.get("constraints", ())

    def search(func, x0, states, inner):
        bounds, constraints = with_states(limits, states)
        given = {
            k: v for k, v in {"bounds": bounds, "constraints": constraints}.items() if k in inner
        }
        return optimize.basinhopping(func, x0, minimizer_kwargs={**inner, **given}, **options)

    given = func, x0, states_of(limits), inner
    found, differentiated = searched("basinhopping", search, *given, is_checked=True)
    if not differentiated:
        return found
    value = (lambda x, *args: func(x, *args)[0]) if inner.get("jac") is True else func
    name = method_name(inner.get("method"), limits[1], limits[0])
    kept = limits_of(name, *limits)
    return _with_derivatives("basinhopping", found, value, inner.get("args", ()), kept)


@like(optimize.brute)
def brute(func, ranges, args=(), *, full_output=0, finish=optimize.fmin, **options):
    """Minimum of a function of several numbers, from the least of those on a grid.

    Equals :func:`scipy.optimize.brute`; ``x0`` and ``fval`` are differentiable as those of
    :func:`minimize` are.  The grid is held constant.
    """

    def search(func, ranges, args):
        return optimize.brute(func, ranges, args, full_output=1, finish=finish, **options)

    (x, value, *grid), differentiated = searched("brute", search, func, ranges, args)
    if differentiated:
        if finish is None:
            raise no_rule("brute with finish=None, a place on a grid,", "leave finish out")
        args = as_tuple(args)
        flat = np.atleast_1d(x)
        objective = lambda x: func(x, *args)  # noqa: E731
        result = optimize.OptimizeResult(x=flat, fun=value, success=True)
        limits = limits_of("", None, ())
        found = _with_derivatives("brute", result, objective, (), limits)
        x, value = found.x.reshape(np.shape(x)), found.fun
    return (x, value, *grid) if full_output else x
