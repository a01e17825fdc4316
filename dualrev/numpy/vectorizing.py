"""vectorize: NumPy's, whose function may answer traced numbers.

NumPy's makes plain numbers of them where ``otypes`` say which.
"""

import threading

import numpy as np

from dualrev.calls import RUNNING
from dualrev.core.operands import as_operand
from dualrev.core.traced import is_traced

__all__ = ["vectorize"]


class vectorize(np.vectorize):
    """A function of numbers as one of arrays; equals ``numpy.vectorize``."""

    def __call__(self, *args, **kwargs):
        """The function at each element of the arrays, broadcast against each other."""
        otypes = self.otypes
        decorates = self.pyfunc is np._NoValue
        if decorates or self.signature is not None or threading.get_ident() not in RUNNING:
            return super().__call__(*args, **kwargs)
        if otypes is None:
            answers = super().__call__(*args, **kwargs)
            return tuple(map(_numbers, answers)) if type(answers) is tuple else _numbers(answers)
        # One of its own: threads may share this one.
        of_objects = np.vectorize(self.pyfunc, otypes="O" * len(otypes), excluded=self.excluded)
        answers = of_objects(*args, **kwargs)
        if len(otypes) == 1:
            return _of_type(answers, otypes[0])
        return tuple(map(_of_type, answers, otypes))


def _numbers(x):
    return as_operand(x) if is_traced(x) else x


def _of_type(objects, otype):
    if is_traced(objects):
        return as_operand(objects).astype(otype)
    return np.asarray(objects).astype(otype)


vectorize.__module__ = "dualrev.numpy"
