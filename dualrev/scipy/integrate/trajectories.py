"""Trajectories: the solution of an initial value problem, in traced arithmetic, at any times.

Owns how a solution that SciPy found becomes the stages of a scheme on its mesh.  Must not know which
results are asked for.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev.core.binding import base_of
from dualrev.implicit.corrections import corrected, orders_of
from dualrev.scipy.integrate.right_sides import RightSide
from dualrev.scipy.integrate.schemes import Scheme, gauss
from dualrev.scipy.integrate.steps import Chain, Mesh, Steps

__all__ = ["Trajectory", "moved"]

#: Newton's steps on plain numbers for the stages, and the part of a state that is rounding.
_STEPS, _ROUNDING = 10, 1e-12


class Trajectory:
    """The solution from one state at a time of plain numbers.

    Parameters
    ----------
    right_side, plain : RightSide
        Traced, and with what is under all derivatives.
    scheme : Scheme
    y0 : array, shape (n,)
        May be traced.
    times : array, shape (steps + 1,)
        The mesh that SciPy's solver accepted.
    found : callable
        ``found(t)``: SciPy's solution at times (m,), of shape (n, m).
    """

    def __init__(
        self,
        right_side: RightSide,
        plain: RightSide,
        scheme: Scheme,
        y0: Any,
        times: np.ndarray,
        found: Callable,
    ):
        self.right_side, self.plain, self.scheme = right_side, plain, scheme
        self.found, self.times = found, times
        mesh = Mesh(scheme, times[:-1], np.diff(times))
        start = base_of(y0)

        def starts_of(stages, start):
            return np.concatenate([start[None], stages[:-1, -1]])

        stages, inverse = self._plain(
            mesh, lambda stages: starts_of(stages, start), found(times[:-1]).T, Chain
        )
        stages = self._corrected(mesh, stages, lambda stages: starts_of(stages, y0), inverse)
        #: The states at the times, of shape (steps + 1, n).
        self.states = np.concatenate([y0[None], stages[:, -1]])

    def at(self, times) -> Any:
        """The states at times (m,) of plain numbers, of shape (m, n): by a step from the last before."""
        if not len(times):
            return np.zeros((0, self.states.shape[1]))
        direction = np.sign(self.times[-1] - self.times[0]) or 1.0
        k = np.searchsorted(direction * self.times, direction * times, side="right") - 1
        k = np.clip(k, 0, len(self.times) - 2)
        mesh = Mesh(self.scheme, self.times[k], times - self.times[k])
        starts = self.states[k]
        plain = base_of(starts)
        stages, inverse = self._plain(mesh, lambda stages: plain, plain, Steps)
        return self._corrected(mesh, stages, lambda stages: starts, inverse)[:, -1]

    def _plain(self, mesh, starts_of, starts, kind):
        """The stages on plain numbers, and the inverse of their Jacobian."""
        right_side = self.plain

        def inverse_at(stages):
            u, n = mesh.scheme.a.shape[1], stages.shape[-1]
            jacobians = right_side.jacobians(mesh.times.reshape(-1), stages[:, :u].reshape(-1, n))
            return kind(mesh, jacobians.reshape(-1, u, n, n))

        if mesh.scheme.is_explicit:
            stages = mesh.stages(starts, right_side)
            return stages, inverse_at(stages)
        s, n = len(mesh.scheme.a), starts.shape[1]
        stages = self.found(mesh.times.reshape(-1)).T.reshape(-1, s, n)
        before = np.inf
        for _ in range(_STEPS):
            inverse = inverse_at(stages)
            missing = mesh.residual(stages, starts_of(stages), right_side)
            step = inverse.solve(missing.reshape(-1), False).reshape(stages.shape)
            length = np.max(np.abs(step) / np.maximum(np.abs(stages).max(axis=(0, 1)), 1e-300))
            if not length > _ROUNDING or length >= before:
                break
            before = length
            stages = stages - step
        if not np.isfinite(stages).all() or not before < 1e-3:
            pass
        return stages, inverse

    def _corrected(self, mesh, stages, starts_of, inverse):
        shape = stages.shape

        def residual(flat):
            stages = flat.reshape(shape)
            return mesh.residual(stages, starts_of(stages), self.right_side).reshape(-1)

        return corrected(residual, stages.reshape(-1), inverse).reshape(shape)


def moved(right_side: RightSide, t, y, to) -> Any:
    """States (m, n) at times (m,), carried to times that differ in their derivatives only.

    As the distance is 0, Picard's iteration of Gauss's collocation gains one order a turn.
    """
    h = to - t
    orders = orders_of(h)
    if not orders:
        return y
    scheme = gauss((orders + 1) // 2)
    a, c = scheme
    u, n = a.shape[1], y.shape[1]
    times = (t[:, None] + h[:, None] * c).reshape(-1)
    stages = np.broadcast_to(y[:, None], (len(y), u + 1, n))
    for _ in range(orders):
        rates = right_side.rows(times, stages[:, :u].reshape(-1, n)).reshape(-1, u, n)
        stages = y[:, None] + (h[:, None, None] * a) @ rates
    return stages[:, -1]
