"""Searches of SciPy's: what they find on plain numbers, of functions that compute with traced ones.

Owns what is handed to SciPy instead, and what is kept of its results.  Must not know the solvers.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import OptimizeResult

from dualrev.calls import as_tuple
from dualrev.closures import traced_in, without_derivatives
from dualrev.core.operands import as_operand, numbers_of, under_all
from dualrev.core.traced import Traced, is_differentiated
from dualrev.errors import NotConvergedError
from dualrev.implicit.solutions import solved
from dualrev.scipy.each_row import each_row

__all__ = ["has_converged", "not_found", "root_of", "searched"]


def searched(
    name: str, search: Callable, *given: Any, is_checked: bool = False
) -> tuple[Any, bool]:
    """What ``search(*given)`` finds on what is under all derivatives; whether there are derivatives.

    Of a batch it is called row by row.

    Parameters
    ----------
    name : str
        What errors call it.
    search : callable
        Calls SciPy; its answer is an array, a tuple of arrays, or an OptimizeResult.
    *given
        All that may be traced, or compute with what is: functions, arguments, bounds.
    is_checked : bool
        Whether who asks looks whether a result is one, whatever it says.

    Returns
    -------
    found : object
        What search answers.  In a batch a result has batches as its fields, those that are numbers.
    differentiated : bool
        Whether what is given holds what derivatives are taken of.

    Raises
    ------
    NotConvergedError
        Where there are derivatives, and a result says that it is none: what was not found has none.
    """
    plain = without_derivatives(given)
    if plain is given:
        return search(*given), False
    batched = bool(traced_in(plain))
    differentiated = any(is_differentiated(as_operand(x)) for x in traced_in(given))

    def checked(*given):
        numbers_of(traced_in(given))  # raises, for what is recorded
        found = search(*given)
        if differentiated and not is_checked and not has_converged(found):
            raise not_found(name, found)
        if batched and isinstance(found, OptimizeResult):  # of all else there would be one a row
            return OptimizeResult({k: field for k, field in found.items() if _is_numeric(field)})
        return found

    checked.__name__ = name
    return each_row(checked)(*plain), differentiated


def root_of(name: str, fun: Callable, x: Any, args: Any) -> Any:
    """A root of ``fun(x, *args)`` that was found, of any shape, with its derivatives."""
    args = as_tuple(args)
    shape = x.shape

    def residual(x):
        r = fun(x.reshape(shape), *args)
        return (np.stack(r) if isinstance(r, list | tuple) else r).reshape(-1)

    return solved(residual, x.reshape(-1), name=name).reshape(shape)


def _is_numeric(field):
    return isinstance(field, bool | int | float | np.generic | np.ndarray | Traced)


def has_converged(found: Any) -> Any:
    """As results say it, and those of root_scalar and of newton, of an array element by element."""
    says = getattr(found, "success", getattr(found, "converged", True))
    return np.all(under_all(says))


def not_found(
    name: str,
    result: Any,
    fix: str = "give another x0, method or tolerance, or allow more iterations",
) -> NotConvergedError:
    """The error for a result of SciPy's that says that it is none, where a derivative is asked for."""
    message = getattr(result, "message", getattr(result, "flag", "some elements are no roots"))
    message = " ".join(str(message).split()).rstrip(".")
    return NotConvergedError(
        f"{name} did not converge, so that there is no solution to differentiate: {message}.",
        fix=fix,
    )
