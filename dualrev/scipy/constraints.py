"""Bounds and constraints of scipy.optimize.minimize: what they say, and the derivatives that they lack.

Must not know which method asks, but what it wants.
"""

import copy
from typing import Any

import numpy as np
from scipy import optimize

from dualrev.scipy.callables import (
    compiled_curvature,
    curvature,
    hessian_matrix,
    jacobian_matrix,
    weighted,
)

__all__ = [
    "any_sparse",
    "bounds_of",
    "pieces_of",
    "states_of",
    "with_derivatives",
    "with_states",
]

_OBJECTS = (optimize.Bounds, optimize.LinearConstraint, optimize.NonlinearConstraint)


def with_derivatives(
    constraints, layout, exact, curved, x0, compiled=False, sparse=None, taken=False
):
    """The constraints, with the derivatives that are missing and wanted.

    Parameters
    ----------
    constraints
        One or a sequence, as SciPy takes them; left as they are.
    layout : Layout or None
        Of x, where their functions take a structure.
    exact, curved : bool
        Whether the method wants their Jacobians, and their Hessians.
    x0 : array
        Where the method starts, flat.
    compiled : bool
        Whether these are recorded and replayed.
    sparse : bool or None
        Whether they are made sparsely; None where that pays.
    taken : bool
        Whether the method takes sparse matrices.
    """
    made: dict = {"compiled": compiled, "sparse": sparse, "taken": taken, "factorized": True}
    if constraints is None or not isinstance(constraints, list | tuple):
        return _completed(constraints, layout, exact, curved, x0, made)
    return [_completed(one, layout, exact, curved, x0, made) for one in constraints]


def any_sparse(constraints):
    """Whether we made a sparse Jacobian of one of them."""
    constraints = constraints if isinstance(constraints, list) else [constraints]
    return any(getattr(getattr(c, "jac", None), "is_sparse", False) for c in constraints)


def _completed(constraint, layout, exact, curved, x0, made):
    if isinstance(constraint, dict):
        return _completed_dict(constraint, layout, exact, x0, {**made, "taken": False})
    if isinstance(constraint, optimize.NonlinearConstraint):
        return _completed_object(constraint, layout, exact, curved, x0, made)
    return constraint


def _completed_dict(constraint, layout, exact, x0, made):
    fun, jac = constraint["fun"], constraint.get("jac")
    if layout is not None:
        fun, jac = layout.residuals(fun), layout.derivative(jac)
    if jac is None and exact:
        jac = jacobian_matrix(fun, (x0, *constraint.get("args", ())), {}, **made)
    return {**constraint, "fun": fun} | ({} if jac is None else {"jac": jac})


def _completed_object(constraint, layout, exact, curved, x0, made):
    constraint: Any = copy.copy(constraint)
    if layout is not None:
        constraint.fun = layout.residuals(constraint.fun)
        constraint.jac = layout.derivative(constraint.jac)
        if callable(constraint.hess):
            constraint.hess = layout.function(constraint.hess)
    # SciPy's defaults stand for what was not given.
    if exact and constraint.jac in (None, "2-point"):
        constraint.jac = jacobian_matrix(constraint.fun, (x0,), {}, **made)
    if curved and isinstance(constraint.hess, optimize.BFGS):
        constraint.hess = _hessian(constraint.fun, x0, **made)
    return constraint


def _hessian(fun, x0, compiled, sparse, taken, factorized):
    if taken and sparse:
        return hessian_matrix(weighted(fun), (x0, None), compiled, sparse)
    return (compiled_curvature if compiled else curvature)(fun)


def states_of(limits):
    """The same, with what SciPy's objects hold in their places: closures are not followed into these."""
    if isinstance(limits, _OBJECTS):
        return _state(limits)
    return list(map(states_of, limits)) if isinstance(limits, list | tuple) else limits


def _state(limits):
    state = vars(limits)
    if not any(isinstance(x, np.ndarray) and x.dtype.hasobject for x in state.values()):
        return state
    # Of traced numbers beside others.  Copies, because NumPy warns of those that it has broadcast.
    return {name: x.copy() if isinstance(x, np.ndarray) else x for name, x in state.items()}


def with_states(limits, states):
    """The same, with SciPy's objects that hold what may have been made anew."""
    if isinstance(limits, _OBJECTS):
        if states is vars(limits):
            return limits
        limits = copy.copy(limits)
        vars(limits).update(states)
        return limits
    if isinstance(limits, list | tuple):
        return list(map(with_states, limits, states))
    return states


def bounds_of(bounds):
    """Lower and upper bounds, as arrays or lists that may be traced."""
    if bounds is None:
        return -np.inf, np.inf
    if isinstance(bounds, optimize.Bounds):
        state = _state(bounds)
        return state["lb"], state["ub"]
    lower, upper = zip(*bounds)
    return (
        [-np.inf if low is None else low for low in lower],
        [np.inf if high is None else high for high in upper],
    )


def pieces_of(constraints, layout):
    """Functions of a flat x, each with its lower and upper limits."""
    if constraints is None:
        return []
    alone = isinstance(constraints, (dict, *_OBJECTS))
    return [_piece(one, layout) for one in ([constraints] if alone else constraints)]


def _piece(constraint, layout):
    if isinstance(constraint, dict):
        fun, args = constraint["fun"], constraint.get("args", ())
        high = 0.0 if constraint["type"].lower() == "eq" else np.inf
        limits = 0.0, high
    else:
        state, args = _state(constraint), ()
        limits = state["lb"], state["ub"]
        if "A" in state:
            matrix = state["A"]
            return lambda x: matrix @ x, *limits
        fun = state["fun"]
    if layout is not None:
        fun = layout.residuals(fun)
    return lambda x: fun(x, *args), *limits
