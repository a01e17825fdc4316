"""Constraints of scipy.optimize.minimize, with the derivatives that they lack.

Must not know which method asks, but what it wants.
"""

import copy
from typing import Any

from scipy import optimize

from dualrev.scipy.callables import (
    compiled_curvature,
    curvature,
    hessian_matrix,
    jacobian_matrix,
    weighted,
)

__all__ = ["any_sparse", "with_derivatives"]


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
