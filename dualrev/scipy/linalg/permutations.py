"""Orders of rows, as LAPACK's factorizations choose them.

Must not know what is ordered.
"""

import numpy as np

from dualrev.core.traced import is_traced
from dualrev.core.words import constant
from dualrev.ways import stacked

__all__ = ["order_of", "rows_of", "undone"]


def order_of(piv, rows):
    """The order of rows after LAPACK's exchanges of row i with row piv_i."""

    def exchanged(piv):
        order = list(range(rows))
        for i, j in enumerate(piv.tolist()):
            order[i], order[j] = order[j], order[i]
        return np.array(order, dtype=np.intp)

    return np.apply_along_axis(exchanged, -1, piv)


order_of = constant(order_of, batch=stacked(1))


def rows_of(b, order):
    """Rows in this order, for each matrix of a stack its own."""
    if order.ndim == 1 and not is_traced(
        order
    ):  # b may be plain, which takes no batch for an index
        return b[..., order, :]
    stack = np.broadcast_shapes(b.shape[:-2], order.shape[:-1])
    b = np.broadcast_to(b, (*stack, *b.shape[-2:]))
    return np.take_along_axis(b, np.broadcast_to(order, (*stack, order.shape[-1]))[..., None], -2)


def undone(order):
    """The order that undoes this one."""
    return np.argsort(order, axis=-1)
