"""minimize, with exact derivatives, and its own.

Owns which derivative each method wants, and which limits it keeps; everything else is SciPy's.  Must
not know how a derivative is computed.
"""

from collections.abc import Callable
from typing import Any

from scipy import optimize

from dualrev import errors
from dualrev.calls import check_callable
from dualrev.closures import without_derivatives
from dualrev.gradients import grad
from dualrev.jacobians import hessian
from dualrev.scipy.callables import (
    CompiledObjective,
    Objective,
    arguments_at,
    compiled,
    hessian_matrix,
)
from dualrev.scipy.constraints import (
    any_sparse,
    bounds_of,
    pieces_of,
    states_of,
    with_derivatives,
    with_states,
)
from dualrev.scipy.layout import layout_of
from dualrev.scipy.optimize.fields import result_of
from dualrev.scipy.optimize.optimality import Problem, minimum_of
from dualrev.scipy.searches import has_converged, not_found, searched

__all__ = ["limits_of", "method_name", "minimize", "minimum_near"]

_DERIVATIVE_FREE = {"nelder-mead", "powell", "cobyla", "cobyqa"}
_TAKES_HESSP = {"newton-cg", "trust-ncg", "trust-krylov", "trust-constr", "custom"}
_TAKES_HESS = {"dogleg", "trust-exact"}
_TAKES_SPARSE_HESS = {"newton-cg", "trust-constr", "custom"}
_TAKES_CONSTRAINT_HESS = {"trust-constr", "custom"}
#: The others warn, and go on without.
_TAKES_CONSTRAINTS = {"cobyla", "cobyqa", "slsqp", "trust-constr", "custom"}
#: How near a minimum is that a solver has reached, whatever it says of itself, as a part of x.
_REACHED = 1e-3
_TAKES_BOUNDS = _TAKES_CONSTRAINTS | {"nelder-mead", "powell", "l-bfgs-b", "tnc"}


def minimize(
    fun: Callable,
    x0: Any,
    args: tuple = (),
    method: str | Callable | None = None,
    jac: Callable | str | bool | None = None,
    hess: Any = None,
    hessp: Callable | None = None,
    bounds: Any = None,
    constraints: Any = (),
    tol: float | None = None,
    callback: Callable | None = None,
    options: dict | None = None,
    *,
    compile: bool = False,
    sparse: bool | None = None,
):
    """Minimum of a scalar function, found with exact derivatives.

    Equals :func:`scipy.optimize.minimize` with ``jac=dr.grad(fun)`` and, for the methods that take
    second derivatives, ``hessp=dr.hvp(fun)`` or ``hess=dr.hessian(fun)``; but value and gradient
    come from one sweep, and all Hessian-vector products at one x from one linearization of the
    gradient.  Parameters and result are SciPy's, with these differences.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``: plain NumPy, one real number.
    x0 : array or structure of arrays
        A vector, as in SciPy; or a dict, dataclass, tuple of arrays, or array of more dimensions.
        ``fun``, ``callback``, the constraints' functions and derivatives that you give yourself are
        called with that structure, and ``result.x`` has it; all else is flat.
    jac, hess, hessp : optional
        What is given is used as SciPy would, finite differences by name included; what is left out
        (or ``jac=False``) and is wanted by the method is filled in.
    constraints : optional
        Where a dict has no ``"jac"`` it is filled in; so are the derivatives of a
        ``NonlinearConstraint`` whose ``jac`` is '2-point' and whose ``hess`` is BFGS, SciPy's
        defaults.  Yours are not changed.
    compile : bool
        Whether fun and its derivatives are recorded at the first call and replayed from then on, as by
        :func:`dualrev.compile`.
    sparse : bool, optional
        Whether Jacobians of constraints, and Hessians for the methods that take whole ones, are made
        sparsely: True, False, or None, the default, for where that pays, see Notes.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``jac``, ``hess_inv`` and the like are flat arrays also where x is structured, in optree's
        order of the leaves (dicts by sorted keys).  Inside a differentiated function ``x``, ``fun`` and
        the gradient (``jac``; of trust-constr ``grad``) have derivatives, see Notes.

    Raises
    ------
    MissingRuleError
        Where fun calls what has no derivative rule: there is no silent way back to differences.
    NotConvergedError
        Where a derivative is taken of what is no minimum: the solver stopped further from one than 1 %
        of x, or gave up (``success=False``) further than a thousandth of x, or found a saddle.
    SingularError
        Where a derivative is taken of a minimum that has none: in a flat direction, at a limit that just
        begins to act (it is reached, and its multiplier is 0), at more limits than are independent.

    See Also
    --------
    least_squares, dualrev.implicit.root

    Notes
    -----
    Methods without derivatives (Nelder-Mead, Powell, COBYLA, COBYQA) are SciPy's own, unchanged.
    What derivatives cost in evaluations of fun: :doc:`/explanation/cost`.

    Derivatives of the minimum, by all that fun, args, bounds and constraints compute with, of any order,
    in both modes and in batches, whatever the method: at the minimum the gradient of the Lagrangian, and
    the distances of the active constraints from their limits, are 0, and stay so (the conditions of
    Karush, Kuhn and Tucker; Fiacco 1976, theorem 2.1).  Numbers are SciPy's, derivatives those at the
    exact minimum next to x, to which Newton's method goes on.  That costs one to three Hessians, of
    n + m products where m is the number of active constraints, and as many factorizations; without
    limits, from 300 variables on, sparse ones where that pays, from 5000 on by products alone.  x0 and
    ``tol`` have no influence, and no derivatives.  Counts and flags of the result are constants; what
    else SciPy tells of its search (``hess_inv``, ``maxcv``, ...) has the derivative nan.

    Sparse derivatives: with 300 variables or more the pattern is sought at x0, and where it saves
    three quarters of the products the matrix is made of so few.  trust-constr is given sparse Jacobians
    of a ``NonlinearConstraint`` where at most 2 % of the entries can be other than 0, which its
    factorization needs, and its option ``sparse_jacobian`` with them; the other methods take dense
    matrices.  Where a method takes products with a Hessian it is given these: one costs as much as with
    a sparse matrix.  With ``sparse=True`` Newton-CG and trust-constr are given sparse Hessians, too.

    Examples
    --------
    >>> import numpy as np
    >>> from dualrev.scipy.optimize import minimize
    >>> def energy(spring):
    ...     return (spring["length"] - 2) ** 2 + np.sum((spring["ends"] - 1) ** 4)
    >>> result = minimize(energy, {"length": 1.0, "ends": np.array([1.0, 1.0])})
    >>> result.x
    {'length': np.float64(2.0), 'ends': array([1., 1.])}

    The best share of a risky asset, and how it depends on the aversion to risk:

    >>> import dualrev as dr
    >>> def share(aversion):
    ...     loss = lambda w: aversion * 0.04 * w[0] ** 2 - 0.06 * w[0]
    ...     return minimize(loss, [0.5], bounds=[(0, 1)]).x[0]
    >>> share(1.5).round(6), dr.grad(share)(1.5).round(6), dr.grad(share)(0.5)
    (np.float64(0.5), np.float64(-0.333333), np.float64(0.0))
    """
    check_callable(fun, "dr.scipy.optimize.minimize(fun, x0)")
    x0 = without_derivatives(x0)
    name = method_name(method, constraints, bounds)
    layout = layout_of(x0)
    if layout is not None:
        x0 = layout.flat
        fun = layout.pair(fun) if jac is True else layout.function(fun)
        jac, hessp = layout.derivative(jac), layout.product(hessp)
        hess = layout.function(hess) if callable(hess) else hess
        callback = None if callback is None else layout.callback(callback)
    value = (lambda x, *args: fun(x, *args)[0]) if jac is True else fun
    exact, curved = name not in _DERIVATIVE_FREE, name in _TAKES_CONSTRAINT_HESS

    def search(x0, fun, value, args, jac, hess, hessp, states, options):
        bounds, constraints = with_states(limits, states)
        if exact or compile:
            objective = (CompiledObjective if compile else Objective)(value)
        if exact and (jac is None or jac is False):
            fun, jac = objective.value, objective.gradient
        elif compile:
            fun = compiled(fun)
        at = arguments_at(x0, args)
        if hess is None and hessp is None:
            if sparse and name in _TAKES_SPARSE_HESS:
                hess = hessian_matrix(value, at, compile, sparse)
            elif name in _TAKES_HESSP:
                hessp = objective.hessian_product
            elif name in _TAKES_HESS:
                few = hessian_matrix(value, at, compile, sparse, taken=False)
                hess = few or objective.hessian
        # What a method of the user's own does with a sparse matrix is not known.
        taken = name == "trust-constr" or (name == "custom" and bool(sparse))
        constraints = with_derivatives(
            constraints, layout, exact, curved, at[0], compile, sparse, taken
        )
        if any_sparse(constraints):
            # SciPy wants those of all constraints alike.
            options = {"sparse_jacobian": True, **(options or {})}
        return optimize.minimize(
            fun, x0, args, method, jac, hess, hessp, bounds, constraints, tol, callback, options
        )

    limits = bounds, constraints
    given = x0, fun, value, args, jac, hess, hessp, states_of(limits), options
    result, differentiated = searched("minimize", search, *given, is_checked=True)
    if differentiated:
        objective = lambda x: value(x, *arguments_at(x, args)[1:])  # noqa: E731
        problem = Problem(objective, *limits_of(name, bounds, constraints, layout))
        x = minimum_near("minimize", problem, result, result.x, x0)
        gradient = lambda: grad(objective)(x)  # noqa: E731
        slopes = {"grad": gradient} if "grad" in result else {"jac": gradient}
        curvature = lambda: hessian(objective)(x)  # noqa: E731
        result = result_of(result, x, fun=lambda: objective(x), hess=curvature, **slopes)
    return result if layout is None else layout.result(result)


def limits_of(method: str, bounds: Any, constraints: Any, layout: Any = None) -> tuple:
    """Lower and upper bounds, and pieces of constraints, that a method keeps."""
    lower, upper = bounds_of(bounds if method in _TAKES_BOUNDS else None)
    return lower, upper, pieces_of(constraints if method in _TAKES_CONSTRAINTS else (), layout)


def minimum_near(name: str, problem: Problem, result: Any, x: Any, start: Any) -> Any:
    """The exact minimum next to x, as :func:`minimum_of` has it, of what a solver found.

    Many a solver reaches a minimum, and complains of rounding on the way: what says that it has not
    converged has to be nearer.
    """
    if has_converged(result):
        return minimum_of(name, problem, x, start)
    try:
        return minimum_of(name, problem, x, start, far=_REACHED)
    except (errors.NotConvergedError, errors.SingularError) as error:
        raise not_found(name, result) from error


def method_name(method, constraints, bounds):
    """The method's name in lower case; the one that SciPy chooses where none is given."""
    if callable(method):
        return "custom"
    if method is not None:
        return method.lower()
    if constraints:
        return "slsqp"
    return "bfgs" if bounds is None else "l-bfgs-b"
