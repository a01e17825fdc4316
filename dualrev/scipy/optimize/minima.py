"""minimize, with exact derivatives.

Owns which derivative each method wants, and hands it over; everything else is SciPy's.  Must not
know how a derivative is computed.
"""

from collections.abc import Callable
from typing import Any

from scipy import optimize

from dualrev.scipy.callables import (
    CompiledObjective,
    Objective,
    arguments_at,
    compiled,
    hessian_matrix,
)
from dualrev.scipy.constraints import any_sparse, with_derivatives
from dualrev.scipy.layout import layout_of

__all__ = ["minimize"]

_DERIVATIVE_FREE = {"nelder-mead", "powell", "cobyla", "cobyqa"}
_TAKES_HESSP = {"newton-cg", "trust-ncg", "trust-krylov", "trust-constr", "custom"}
_TAKES_HESS = {"dogleg", "trust-exact"}
_TAKES_SPARSE_HESS = {"newton-cg", "trust-constr", "custom"}
_TAKES_CONSTRAINT_HESS = {"trust-constr", "custom"}


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
        order of the leaves (dicts by sorted keys).

    Raises
    ------
    MissingRuleError
        Where fun calls what has no derivative rule: there is no silent way back to differences.

    See Also
    --------
    least_squares

    Notes
    -----
    Methods without derivatives (Nelder-Mead, Powell, COBYLA, COBYQA) are SciPy's own, unchanged.
    What derivatives cost in evaluations of fun: :doc:`/explanation/cost`.

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
    """
    name = _method_name(method, constraints, bounds)
    layout = layout_of(x0)
    if layout is None and name in _DERIVATIVE_FREE and not compile:
        return optimize.minimize(
            fun, x0, args, method, jac, hess, hessp, bounds, constraints, tol, callback, options
        )
    if layout is not None:
        x0 = layout.flat
        fun = layout.pair(fun) if jac is True else layout.function(fun)
        jac, hessp = layout.derivative(jac), layout.product(hessp)
        hess = layout.function(hess) if callable(hess) else hess
        callback = None if callback is None else layout.callback(callback)
    at = arguments_at(x0, args)
    made = CompiledObjective if compile else Objective
    objective = made((lambda x, *args: fun(x, *args)[0]) if jac is True else fun)
    if name not in _DERIVATIVE_FREE and (jac is None or jac is False):
        fun, jac = objective.value, objective.gradient
    elif compile:
        fun = compiled(fun)
    if hess is None and hessp is None:
        if sparse and name in _TAKES_SPARSE_HESS:
            hess = hessian_matrix(objective.fun, at, compile, sparse)
        elif name in _TAKES_HESSP:
            hessp = objective.hessian_product
        elif name in _TAKES_HESS:
            few = hessian_matrix(objective.fun, at, compile, sparse, taken=False)
            hess = few or objective.hessian
    exact, curved = name not in _DERIVATIVE_FREE, name in _TAKES_CONSTRAINT_HESS
    # What a method of the user's own does with a sparse matrix is not known.
    taken = name == "trust-constr" or (name == "custom" and bool(sparse))
    constraints = with_derivatives(
        constraints, layout, exact, curved, at[0], compile, sparse, taken
    )
    if any_sparse(constraints):
        # SciPy wants those of all constraints alike.
        options = {"sparse_jacobian": True, **(options or {})}
    result = optimize.minimize(
        fun, x0, args, method, jac, hess, hessp, bounds, constraints, tol, callback, options
    )
    return result if layout is None else layout.result(result)


def _method_name(method, constraints, bounds):
    """The method's name in lower case; the one that SciPy chooses where none is given."""
    if callable(method):
        return "custom"
    if method is not None:
        return method.lower()
    if constraints:
        return "slsqp"
    return "bfgs" if bounds is None else "l-bfgs-b"
