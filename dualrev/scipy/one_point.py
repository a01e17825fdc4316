"""One point: a number for which SciPy has a formula apart, whose derivative is not that of the function.

Owns how a body is noticed that chooses such a formula, by a test for equality.  Must not know how bodies
are made, nor any function by name.
"""

import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.core.operands import base_of
from dualrev.core.traced import is_differentiated, is_traced
from dualrev.core.watching import EQUALITY_WATCHERS

__all__ = ["CHECKS", "OnePointError", "near", "watch"]

#: Names of functions of SciPy's that only say whether arguments are allowed: these choose no formula.
#: Of a method also the name with that of its class.
CHECKS: set[str] = set()
#: A comprehension is a function of its own up to Python 3.11, and a generator always.
_WITHIN = "<listcomp>", "<genexpr>"


class OnePointError(errors.MissingRuleError):
    """A body has found a traced number equal to the one for which it has a formula apart."""


def watch(namespace: type) -> None:
    """From now on equality raises where it holds, in code whose global names are such a dict."""

    def refuse(x, y, equal):
        frame: Any = sys._getframe(3)  # past what tells, and what compares
        while frame.f_code.co_name in _WITHIN:
            frame = frame.f_back
        if type(frame.f_globals) is not namespace or x is y or _is_check(frame.f_code):
            return
        if (is_differentiated(x) or is_differentiated(y)) and np.any(base_of(equal)):
            raise _one_point(frame.f_code)

    EQUALITY_WATCHERS.append(refuse)


def near(function: Callable) -> Callable:
    """A test of NumPy's for equality, or nearly so, as bodies call it."""

    @functools.wraps(function)
    def call(x, y, *args, **kwargs):
        ans = function(x, y, *args, **kwargs)
        code = sys._getframe(1).f_code
        differs = is_traced(x, y) and x is not y and not _is_check(code)
        if differs and np.any(base_of(ans)):
            raise _one_point(code)
        return ans

    return call


def _is_check(code):
    return not CHECKS.isdisjoint((code.co_name, code.co_qualname))


def _one_point(code):
    # Nearer, what the other formulas subtract leaves a derivative no digits: eps / h**2 is its loss.
    return OnePointError(
        f"A number for which SciPy has a formula apart, in `{code.co_name}`, has no derivative rule: "
        "the formula holds there alone.",
        fix="move it off that number: x + 1e-5",
    )
