"""Looking: what Python and others see of the numbers of an array while it is recorded, each a guard.

Must not know what NumPy computes with it, nor how a guard is noted.
"""

import operator

import numpy as np

from dualrev import errors
from dualrev.core.operands import STACK_WARNING
from dualrev.core.tracer import Tracer
from dualrev.insides.askers import who_asks_for_an_array
from dualrev.insides.calls import scipy_call
from dualrev.insides.lines import user_line

__all__ = ["Looking", "Unrecordable"]

_ndarray = np.ndarray


class Unrecordable(BaseException):
    """What a function did cannot be replayed; the reason is its text."""


class Looking(Tracer):
    """A tracer without a derivative, of whose numbers a program holds what was seen."""

    __slots__ = ()

    @property
    def primal(self):
        return self.look()

    def look(self):
        """Its numbers, as plain ones; the program holds for these only."""
        self.check_open()
        self.settle()
        array = np.asarray(self.array)
        self.recording.guard(self, array.tobytes())
        return array.copy() if isinstance(self.array, _ndarray) else self.array

    def numbers(self):
        """Raise: what searches with numbers takes another way each time."""
        where = user_line()
        raise Unrecordable(
            f"a function of SciPy's searches with its numbers{where and ', '}{where}"
        )

    def __bool__(self):
        return bool(self.look())

    def __int__(self):
        return int(self.look())

    def __index__(self):
        return operator.index(self.look())

    def __float__(self):
        return float(self.look())

    def __complex__(self):
        return complex(self.look())

    def __trunc__(self):
        return self.look().__trunc__()

    def __floor__(self):
        return int(np.floor(self.look()))

    def __ceil__(self):
        return int(np.ceil(self.look()))

    def __round__(self, ndigits=None):
        return round(self.look(), ndigits)

    def __format__(self, spec):
        return format(self.look(), spec)

    def __str__(self):
        return str(self.look())

    def is_integer(self):
        """Whether a number is a whole one; equals ``numpy.float64.is_integer``."""
        return self.look().is_integer()

    def has_nan(self):
        """Whether it holds a nan: that it does not is a guard; what is done else is always right."""
        if self.dtype.kind not in "fc":
            return False
        if np.isnan(self.array).any():
            return True
        self.recording.guard(self, None)
        return False

    def nowhere(self):
        """Whether it is false for all elements: either is a guard, of one number."""
        return not (self.any() if self.ndim else self)

    def __array__(self, dtype=None, copy=None):
        if self.dtype.kind in "iub":  # an index of an array that is no recorder, as a rule
            return self._as_numbers(dtype, copy)
        asker = who_asks_for_an_array()
        wants_numbers = dtype is not None and np.dtype(dtype) != object
        if asker in ("numbers", "parts", "strides") or wants_numbers:
            return self._as_numbers(dtype, copy)
        # Data of many numbers stay what they are, as a rule: cheaper to compare than to take apart.
        caller = scipy_call()
        if self.recording.follows:
            # A twin builds objects of SciPy's from numbers; other functions may do with objects.
            as_data = caller is not None and errors.twin_of and errors.twin_of(caller)
        else:
            as_data = self.size > STACK_WARNING or caller is not None
        if asker != "whole" and as_data:
            return self._as_numbers(dtype, copy)
        return self._as_objects(asker, copy)

    def _as_numbers(self, dtype, copy):
        """Its numbers; where NumPy would show the same memory, an array that nobody may write."""
        numbers = np.asarray(self.look())
        if copy is True or dtype not in (None, self.dtype) or not self.stands_for_array():
            return numbers.astype(numbers.dtype if dtype is None else dtype, copy=False)
        numbers.flags.writeable = False
        self.recording.shown(self._owner(), numbers)
        return numbers
