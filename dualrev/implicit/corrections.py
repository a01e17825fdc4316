"""Corrections: steps in traced arithmetic that give a solution, found on plain numbers, its derivatives.

Owns how many steps the transforms around ask for.  Must not know what is solved, nor how linear
systems are.

At a solution x of ``F(x, p) = 0`` the step ``x - J^-1 F(x, p)``, J being the plain numbers of
``dF/dx``, has the right first derivatives by p, in all modes (Griewank and Walther 2008, section
15.1): what is missing of x is of first order, and ``(1 - J^-1 dF/dx)`` of it of second.  Each step
with the same J gains one order.  Newton's steps, with a J that is traced too, gain more from the
third on, and cost the derivatives of J.
"""

from collections.abc import Callable
from typing import Any

from dualrev.core.tracer import Tracer
from dualrev.implicit.inverses import Inverse
from dualrev.known import valued

__all__ = ["corrected", "orders_of"]


def corrected(residual: Callable, solution, inverse: Inverse, value=None, r=None, more: int = 0):
    """A solution with its derivatives.

    Parameters
    ----------
    residual : callable
        Of an array of shape (n,), which may be traced; what it computes with besides may be, too.
    solution : array, shape (n,)
        A root of it, of plain numbers.
    inverse : Inverse
        Of the residual's Jacobian there.
    value : array, optional
        Of the shape of the solution: what the answer is in plain numbers; by default the solution.
    r : array, optional
        The residual there, where it is known.
    more : int
        Steps beyond those that are asked for, where the Jacobian is that of a point next by: each
        takes its difference once more.
    """
    r = residual(solution) if r is None else r
    orders = orders_of(r)
    x = solution
    for k in range(orders + more):
        if k:
            r = residual(x)
        x = x - inverse.times(r)
    return valued(x, solution if value is None else value)


def orders_of(x: Any) -> int:
    """Of how many first derivatives a traced value may be asked: of each level as many as its order."""
    orders: dict = {}
    waiting: list[Any] = [x]
    while waiting:
        x = waiting.pop()
        while isinstance(x, Tracer):
            if not x.differentiates:
                x = x.below
                continue
            orders[x.level] = x.order
            waiting.extend(x.tangents())
            x = x.primal
    return sum(orders.values())
