"""Weak: Python's own numbers among the arguments, which take the dtype of what they meet.

Owns what Python's operators answer for them, and which dtype they take.  Must not know how a call is
noted.
"""

import operator

import numpy as np

__all__ = ["PYTHONS", "WEAK", "computed_alike", "dtypes_taken"]

WEAK = frozenset({bool, int, float, complex})
#: Python's operators, by NumPy's functions.
PYTHONS = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.divide: operator.truediv,
    np.floor_divide: operator.floordiv,
    np.remainder: operator.mod,
    operator.pow: operator.pow,
    np.matmul: operator.matmul,
    np.negative: operator.neg,
    np.positive: operator.pos,
    np.absolute: operator.abs,
}
_ALIKE = {np.add, np.subtract, np.multiply, np.divide, np.negative, np.positive, np.absolute}


def computed_alike(function, numbers):
    """The function of NumPy's that computes what Python's operator does, whatever the numbers are.

    None where it does not: Python's integers have no end, and its powers and remainders are others.
    """
    if int in map(type, numbers) and not {float, complex} & set(map(type, numbers)):
        return None
    if function is operator.pow:
        return np.square if type(numbers[1]) is int and numbers[1] == 2 else None
    return function if function in _ALIKE else None


def dtypes_taken(function, arrays):
    """The dtype that each argument of a call takes; None where that hangs on the number itself."""
    if isinstance(function, np.ufunc):
        kinds = [type(x) if type(x) in WEAK - {bool} else np.asarray(x).dtype for x in arrays]
        return function.resolve_dtypes((*kinds, *[None] * function.nout))[: len(arrays)]
    if function is np.where:
        return (None, *[np.result_type(*arrays[1:])] * 2)
    others = [x.dtype for x in arrays if hasattr(x, "dtype")]
    if any(dtype != np.result_type(dtype, float) for dtype in others):
        return None
    return [np.asarray(x).dtype if type(x) in WEAK else None for x in arrays]
