"""Operators of tracers whose numbers nobody sees, as of a batch: comparisons and bits, by elements.

Must not know what a tracer does with a primitive.
"""

import operator

import numpy as np

from dualrev.core.binding import constant_of
from dualrev.core.operands import as_operand
from dualrev.insides.askers import shortens_a_polynomial

__all__ = ["give_bitwise", "give_comparisons"]

_BITWISE = {
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "lshift": np.left_shift,
    "rshift": np.right_shift,
}


def give_bitwise(cls):
    """Give a class of tracers, of what need be no floating-point numbers, the operators of bits."""
    for name, ufunc in _BITWISE.items():
        setattr(cls, f"__{name}__", _bitwise(ufunc, False))
        setattr(cls, f"__r{name}__", _bitwise(ufunc, True))
    cls.__invert__ = lambda self: np.invert(self)


def _bitwise(ufunc, reflected):
    def operate(self, other):
        pair = (other, self) if reflected else (self, other)
        return self.__array_ufunc__(ufunc, "__call__", *pair)

    return operate


def give_comparisons(cls, zeros=None):
    """Give a class of tracers, whose numbers nobody sees, comparisons of elements.

    With ``zeros``, by name, the answers of those by which NumPy's polynomials ask whether a coefficient
    is 0, and may go: here it stays.
    """
    for name in ("lt", "le", "gt", "ge", "eq", "ne"):
        compute = getattr(operator, name)
        setattr(cls, f"__{name}__", _of_elements(compute, (zeros or {}).get(name)))


def _of_elements(compute, zero):
    def operate(self, other):
        if zero is not None and type(other) in (int, float) and other == 0:
            if shortens_a_polynomial():
                return ~zero
        return constant_of(compute, (self, as_operand(other)))

    return operate
