"""The fields of a result of SciPy's of which derivatives are taken.

Owns which are constants, and what stands for those without a derivative.  Must not know the solvers.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import OptimizeResult

from dualrev.core.traced import Traced
from dualrev.core.words import rule
from dualrev.errors import MissingRuleError
from dualrev.known import valued
from dualrev.ways import aligned

__all__ = ["result_of", "without_derivative"]


def result_of(found: OptimizeResult, x: Any, **makers: Callable) -> OptimizeResult:
    """A result with derivatives: its numbers are SciPy's.

    Counts, flags and texts are constants.  Other numbers that are no fields of the makers are SciPy's
    account of its search: they come with the derivative nan.

    Parameters
    ----------
    found : OptimizeResult
        On plain numbers.
    x : array
        The solution, with its derivatives.
    **makers
        Functions without arguments that make fields, called where these are asked for.
    """
    result = _Result((name, field) for name, field in found.items() if _is_constant(field))
    result.x = valued(x, found.x)
    result.__dict__.update(found=found, x_of=x, makers=makers)
    return result


class _Result(OptimizeResult):
    """Fields that are made when they are asked for: most never are."""

    found: OptimizeResult
    x_of: Any
    makers: dict

    def __missing__(self, name):
        field = self.found[name]
        if type(field) is float:
            field = np.float64(field)
        if name in self.makers and _is_numeric(field):
            field = valued(self.makers[name](), field)
        else:
            field = without_derivative(field, self.x_of, name)
        self[name] = field
        return field

    def __getattr__(self, name):
        # Not SciPy's own: an error of ours that passes through it counts as one of its.
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def without_derivative(field, x, name):
    """Numbers that have no derivative, as what has the derivative nan by all that x depends on."""
    if isinstance(field, list | tuple):
        return type(field)(without_derivative(part, x, name) for part in field)
    if _is_constant(field):
        return field
    if not _is_numeric(field):
        raise MissingRuleError(
            f"The field `{name}` of a result of SciPy's has no derivative.",
            fix="compute it from the x of the result",
        )
    field = np.float64(field) if type(field) is float else field  # a primal has a dtype
    return valued(field + _nothing_known(np.sum(x)), field)


# 0, of which nothing is known beside.  What is not asked for is not nan: a jacobian asks for the
# results one after the other, with cotangents that are 0 for all others.
_nothing_known = rule(
    lambda x: 0.0 * x,
    lambda tangents, ans, x: np.nan * tangents[0],
    lambda ct, wanted, ans, x: (np.where(ct == 0, 0.0, np.nan * ct),),
    batch=aligned,
    name="no_derivative",
)


def _is_numeric(field):
    return isinstance(field, float | np.floating | np.ndarray | Traced)


def _is_constant(field):
    if isinstance(field, np.ndarray | Traced):
        return field.dtype.kind in "biuSU"
    return field is None or isinstance(field, str | bool | int | np.integer | np.bool_)
