"""Resolution: whether the steps that serve a solution serve its derivatives, too.

Owns how tangents are tried, and which error is small enough.  Must not know how a mesh is refined.

A solver chooses its steps by the solution alone.  A forcing whose amplitude is 0 just now, or a solution
at rest, has no part in it, but may have one in its derivatives.
"""

from typing import Any

import numpy as np

from dualrev.closures import traced_apart
from dualrev.core.operands import base_of
from dualrev.readers.batch import Rows
from dualrev.readers.coefficients import Coefficients
from dualrev.readers.forward import Dual, Scope
from dualrev.readers.kinds import ONE
from dualrev.scipy.integrate.right_sides import RightSide
from dualrev.scipy.integrate.systems import System

__all__ = ["parts_of_steps"]

#: The error of a step, as a part of the largest tangent of the component, in units of the solver's
#: relative tolerance; and at most.
_UNITS, _MOST = 10, 0.01
#: Numbers of all tangents of all stages up to which each number is moved by itself.
_ELEMENTS = 2**20
#: How much more is let pass, where no step exceeds it by more: all is solved again for one step.
_SLACK = 5
#: Into how many parts a step is cut at once; the part of a tangent that is rounding.
_PARTS, _ROUNDING = 8, 1e-10


def parts_of_steps(
    system: System, right_side: RightSide, y0: Any, orders: int, rtol: float, is_smooth: bool = True
) -> np.ndarray:
    """Into how many parts each step is to be cut, (steps,), for the tangents of so many orders.

    Where it is not thought to be smooth, an error is thought to be that of a jump.

    What is traced in the right-hand side and in y0 is moved by each of its numbers, and by all together
    at random; where these are too many, in one direction, in proportion to itself.
    """
    held, leaves = traced_apart((right_side.fun, right_side.args, y0))
    leaves = list(map(base_of, leaves))
    directions = _directions(leaves, _ELEMENTS // max(system.stages.size, 1))
    rows = Rows(len(directions[0]), quiet=True)
    scope = Scope(Coefficients(orders) if orders > 1 else ONE)
    later = (None,) * (orders - 1)
    try:
        tangents = [(rows.batch(t), *later) if later else rows.batch(t) for t in directions]
        fun, args, start = held.with_leaves(list(map(scope.dual, leaves, tangents))).root
        moved = RightSide(fun, args, right_side.vectorized, right_side.at_once)
        stages = system.differentiated(moved, start)
        found = stages, system.states(stages, start), system.rates(moved, stages, start)
        by_order = zip(*(_tangents(x, scope, rows, orders) for x in found))
        worst = [_worst(system.errors(*tangents), tangents[1]) for tangents in by_order]
    finally:
        scope.close()
        rows.close()
    excess = np.max(worst, axis=0) / min(_UNITS * rtol, _MOST)
    if not excess.max() > _SLACK:  # nan, too: so are the derivatives
        return np.ones(len(excess), int)
    parts = np.ceil(excess ** (1 / (system.mesh.scheme.order + 1 if is_smooth else 2)))
    return np.clip(parts, 1, _PARTS).astype(int)


def _directions(leaves, most):
    """Tangents of the leaves, each along a leading axis."""
    sizes = [x.size for x in leaves]
    total, stops = sum(sizes), np.cumsum(sizes)[:-1]
    rng = np.random.default_rng(0)
    if total < most:
        moves = np.concatenate([np.eye(total), rng.normal(size=(1, total))])
        parts = np.split(moves, stops, axis=1)
        pairs = zip(parts, leaves, strict=True)
        return [part.reshape(-1, *x.shape).astype(x.dtype) for part, x in pairs]
    # In proportion to themselves: what moves each number at random is rough, and takes steps that
    # nothing else needs.
    return [rng.uniform(0.5, 1.5) * (x if np.any(x) else np.ones_like(x))[None] for x in leaves]


def _tangents(x, scope, rows, orders):
    """The tangents of each order, along a leading axis; 0 where there are none."""
    if type(x) is not Dual or x.scope is not scope:
        return [np.zeros((rows.count, *np.shape(x)))] * orders
    x.settle()
    parts = x.tangent if isinstance(x.tangent, tuple) else (x.tangent,)
    return [
        np.zeros((rows.count, *x.shape)) if t is None else np.asarray(rows.spread(t)) for t in parts
    ]


def _worst(errors, tangents):
    """The largest error of each step, as a part of the largest tangent of its component."""
    size = np.abs(tangents).max(axis=1)
    size = np.maximum(size, _ROUNDING * size.max(axis=-1, keepdims=True))[:, None]
    with np.errstate(divide="ignore"):
        part = np.divide(errors, size, out=np.zeros_like(errors), where=errors > 0)
    return part.max(axis=(0, 2))
