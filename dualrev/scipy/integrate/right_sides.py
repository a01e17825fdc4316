"""The right-hand side of a system of differential equations, at many times and states at once.

Owns how it is called.  Must not know how the system is solved.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev.checkpoints import checkpoint
from dualrev.columns import push_columns
from dualrev.core.operands import as_operand, base_of
from dualrev.readers.batch import Rows
from dualrev.scipy.integrate.exact_jacobians import jacobian_of

__all__ = ["RightSide"]

#: Numbers of tangents that are pushed together.
_ELEMENTS = 2**20
#: Numbers of states that fun is called with at once.  Of more a tape keeps the states alone; what fun
#: computes on the way is computed again.
_STATES = 2**18
#: Equations from which on a pattern of the Jacobian is sought, which all steps share.
_SOUGHT = 50


class RightSide:
    """``fun(t, y, *args)`` as SciPy calls it.

    Attributes
    ----------
    at_once : bool
        Whether one call serves many states: it does not where fun branches on them, or is of what
        knows no batch.
    """

    def __init__(self, fun: Callable, args: tuple, vectorized: bool, at_once: bool = True):
        self.fun, self.args, self.vectorized = fun, args, vectorized
        self._matrix: Any = None
        self.at_once = at_once

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
        count = max(1, _STATES // max(y.shape[1], 1))
        if len(t) <= count:
            return self._rows(t, y)
        parts = [slice(start, start + count) for start in range(0, len(t), count)]
        some = checkpoint(self._rows)
        return np.concatenate([some(t[part], y[part]) for part in parts])

    def _rows(self, t, y):
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

    def pattern(self, t, y) -> Any:
        """The pattern that all Jacobians have; None where they are not sparse, or differ."""
        if self._matrix is None:
            at = t[0], y[0], *self.args
            self._matrix = jacobian_of(self.fun, self.vectorized, at, least=_SOUGHT)
        prepared = getattr(self._matrix, "prepared", None)
        if prepared is None or prepared.directions is None or not self.at_once:
            return None
        return prepared.pattern if self._matrix.is_sparse else None

    def entries(self, t, y) -> Any:
        """The entries of all Jacobians in that pattern, of shape (m, nnz); None where one has others."""
        prepared = self._matrix.prepared
        directions = prepared.directions
        count = max(1, _ELEMENTS // directions.size)
        found = []
        for start in range(0, len(t), count):
            some = slice(start, start + count)
            products = np.moveaxis(self._pushed(t[some], y[some], directions), 1, 0)
            entries, fits = prepared.entries_of_products(products)
            if not fits.all():
                return None
            found.append(entries)
        return np.concatenate(found)

    def jacobians(self, t, y) -> np.ndarray:
        """The derivatives by the state, of shape (m, n, n)."""
        m, n = y.shape
        matrices = np.empty((m, n, n), y.dtype)
        count = max(1, _ELEMENTS // max(m * n, 1))
        for start in range(0, n, count):
            stop = min(start + count, n)
            units = np.eye(stop - start, n, start, y.dtype)
            matrices[:, :, start:stop] = np.moveaxis(self._pushed(t, y, units), 0, 2)
        return matrices

    def _pushed(self, t, y, directions):
        """The products of all Jacobians with directions (k, n), of shape (k, m, n)."""
        tangents = np.repeat(directions[:, None], len(t), axis=1)
        return base_of(push_columns(lambda y: self.rows(t, y), [y], [tangents])[1])
