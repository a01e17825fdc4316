"""The right-hand side of a system of differential equations, at many times and states at once.

Owns how it is called.  Must not know how the system is solved.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev.columns import push_columns
from dualrev.core.batch import Rows
from dualrev.core.binding import as_operand, base_of
from dualrev.core.traced import is_traced

__all__ = ["RightSide"]

#: Numbers of tangents that are pushed together.
_ELEMENTS = 2**20


class RightSide:
    """``fun(t, y, *args)`` as SciPy calls it.

    Attributes
    ----------
    at_once : bool
        Whether one call serves many states: it does not where fun branches on them, or is of what
        knows no batch.
    """

    def __init__(self, fun: Callable, args: tuple, vectorized: bool):
        self.fun, self.args, self.vectorized = fun, args, vectorized
        self.at_once = True

    def __call__(self, t, y) -> Any:
        """At one time and state, of shape (n,)."""
        if self.vectorized:
            return as_operand(self.fun(t, y[:, None], *self.args)).reshape(-1)
        value = self.fun(t, y, *self.args)
        if isinstance(value, list | tuple):
            value = as_operand(list(value))
        return value.reshape(-1) if np.ndim(value) else value

    def rows(self, t, y) -> Any:
        """At times of shape (m,) and states of shape (m, n)."""
        if self.at_once:
            try:
                return self._at_once(t, y)
            except Exception:  # what a batch cannot pass; what fun itself raises it raises again
                self.at_once = False
        values = [self(t[k], y[k]) for k in range(len(t))]
        return np.stack([np.broadcast_to(v, y.shape[1:]) for v in values])

    def _at_once(self, t, y):
        rows = Rows(len(t), quiet=True)
        try:
            values = rows.spread(self(rows.batch(t), rows.batch(y)))
        finally:
            rows.close()
        return values if values.shape == y.shape else np.broadcast_to(values[..., None], y.shape)

    def jacobians(self, t, y) -> np.ndarray:
        """The derivatives by the state, of shape (m, n, n)."""
        m, n = y.shape
        matrices = np.empty((m, n, n), y.dtype)
        count = max(1, _ELEMENTS // max(m * n, 1))
        for start in range(0, n, count):
            stop = min(start + count, n)
            units = np.eye(stop - start, n, start, y.dtype)
            directions = np.broadcast_to(units[:, None], (stop - start, m, n))
            _, columns = push_columns(lambda y: self.rows(t, y), [y], [directions.copy()])
            columns = base_of(columns) if is_traced(columns) else columns
            matrices[:, :, start:stop] = np.moveaxis(columns, 0, 2)
        return matrices
