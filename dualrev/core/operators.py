"""Operators: the methods that Python's operators and comparisons call on a tracer.

Must not know what a tracer does with a primitive.
"""

import operator

import numpy as np

from dualrev import losses
from dualrev.core.arrays import PLAIN
from dualrev.core.binding import constant_of
from dualrev.core.operands import SCALARS, as_operand, base_of
from dualrev.core.traced import Traced
from dualrev.core.watching import EQUALITY_WATCHERS, WATCHERS, tell_of_equality, watched
from dualrev.errors import name_of
from dualrev.insides.askers import search_that_compares, shortens_a_polynomial

__all__ = ["comparison", "give_operators"]

_ARITHMETIC = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.divide,
    "pow": operator.pow,
    "matmul": np.matmul,
    "mod": np.remainder,
}


def give_operators(cls, make):
    """Give a class of tracers its arithmetic: ``make(ufunc, reflected)`` is one operator.

    Each operator is a function of its own, from the user's ``x * y`` to the answer without a
    further call: 60 ns of 800.
    """
    for name, ufunc in _ARITHMETIC.items():
        operate = make(ufunc, False)
        methods = {"": operate, "r": make(ufunc, True), "i": _in_place(ufunc, operate)}
        for prefix, method in methods.items():
            method.__name__ = f"__{prefix}{name}__"
            method.__qualname__ = f"{cls.__name__}.{method.__name__}"
            setattr(cls, method.__name__, method)


def _in_place(ufunc, operate):
    name = f"The in-place operator of {name_of(ufunc)}"

    def in_place(self, other):
        if self._is_scalar():
            return NotImplemented
        new = operate(self, other)
        if new is NotImplemented:
            return new
        self._write_result(new, name)
        return self

    return in_place


def comparison(compute, zero=None):
    """A comparison, whose answer carries no derivative.

    With ``zero`` the answer by which NumPy's polynomials find that a coefficient is 0, and may go.
    """
    is_equality = compute in (operator.eq, operator.ne)

    def operate(self, other):
        search = search_that_compares()
        if search is not None:
            raise losses.only_compares(search)
        if WATCHERS:
            watched(self, other)
        primal = self.primal
        if type(primal) in PLAIN and type(other) in SCALARS and self.alias is None:
            ans = compute(primal, other)  # most: a third of the time
        else:
            ans = constant_of(compute, (self, as_operand(other)))
            if zero is not None and isinstance(ans, Traced) and type(other) in (int, float):
                if other == 0 and shortens_a_polynomial():
                    return ~zero  # of numbers to come too: the coefficient stays
        if is_equality and EQUALITY_WATCHERS:
            tell_of_equality(compute is operator.eq, self, other, ans)
        if ans is zero and type(other) in (int, float) and other == 0 == base_of(self):
            return ans ^ shortens_a_polynomial()
        return ans

    return operate
