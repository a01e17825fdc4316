"""Constraints of scipy.optimize.minimize, with the derivatives that they lack.

Must not know which method asks, but what it wants.
"""

import copy
from typing import Any

from scipy import optimize

from dualrev.scipy.callables import Matrix, compiled_curvature, compiled_matrix, curvature

__all__ = ["with_derivatives"]


def with_derivatives(constraints, layout, exact, curved, compiled=False):
    """The constraints, with the derivatives that are missing and wanted.

    Parameters
    ----------
    constraints
        One or a sequence, as SciPy takes them; left as they are.
    layout : Layout or None
        Of x, where their functions take a structure.
    exact, curved : bool
        Whether the method wants their Jacobians, and their Hessians.
    compiled : bool
        Whether these are recorded and replayed.
    """
    if constraints is None or not isinstance(constraints, list | tuple):
        return _completed(constraints, layout, exact, curved, compiled)
    return [_completed(one, layout, exact, curved, compiled) for one in constraints]


def _completed(constraint, layout, exact, curved, compiled):
    if isinstance(constraint, dict):
        return _completed_dict(constraint, layout, exact, compiled)
    if isinstance(constraint, optimize.NonlinearConstraint):
        return _completed_object(constraint, layout, exact, curved, compiled)
    return constraint


def _completed_dict(constraint, layout, exact, compiled):
    fun, jac = constraint["fun"], constraint.get("jac")
    if layout is not None:
        fun, jac = layout.residuals(fun), layout.derivative(jac)
    if jac is None and exact:
        jac = _matrix(fun, compiled)
    return {**constraint, "fun": fun} | ({} if jac is None else {"jac": jac})


def _completed_object(constraint, layout, exact, curved, compiled):
    constraint: Any = copy.copy(constraint)
    if layout is not None:
        constraint.fun = layout.residuals(constraint.fun)
        constraint.jac = layout.derivative(constraint.jac)
        if callable(constraint.hess):
            constraint.hess = layout.function(constraint.hess)
    # SciPy's defaults stand for what was not given.
    if exact and constraint.jac in (None, "2-point"):
        constraint.jac = _matrix(constraint.fun, compiled)
    if curved and isinstance(constraint.hess, optimize.BFGS):
        of_fun = compiled_curvature if compiled else curvature
        constraint.hess = of_fun(constraint.fun)
    return constraint


def _matrix(fun, compiled):
    return compiled_matrix(fun) if compiled else Matrix(fun)
