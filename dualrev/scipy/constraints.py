"""Constraints of scipy.optimize.minimize, with the derivatives that they lack.

Must not know which method asks, but what it wants.
"""

import copy

from scipy import optimize

from dualrev.scipy.callables import Matrix, curvature

__all__ = ["with_derivatives"]


def _with_derivatives(constraints, method, layout):
    """The constraints, with the derivatives that are missing and wanted."""
    if isinstance(constraints, dict) or not isinstance(constraints, list | tuple):
        return None if constraints is None else _constraint(constraints, method, layout)
    return [_constraint(one, method, layout) for one in constraints]


def _constraint(constraint, method, layout):
    exact = method not in _DERIVATIVE_FREE
    if isinstance(constraint, dict):
        constraint = dict(constraint)
        fun, jac = constraint["fun"], constraint.get("jac")
        if layout is not None:
            fun, jac = _flat_residuals(fun, layout), _packed(jac, layout)
        if jac is None and exact:
            jac = _Matrix(fun)
        constraint.update(fun=fun)
        if jac is not None:
            constraint.update(jac=jac)
    elif isinstance(constraint, optimize.NonlinearConstraint):
        constraint = copy.copy(constraint)
        if layout is not None:
            constraint.fun = _flat_residuals(constraint.fun, layout)
            constraint.jac = _packed(constraint.jac, layout)
            if callable(constraint.hess):
                constraint.hess = layout.takes_structure(constraint.hess)
        fun = constraint.fun
        if exact and (constraint.jac is None or constraint.jac == "2-point"):
            constraint.jac = _Matrix(fun)
        if method in _TAKES_CONSTRAINT_HESS and isinstance(constraint.hess, optimize.BFGS):
            constraint.hess = _constraint_hessian(fun)
    return constraint
