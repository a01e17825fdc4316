"""Trajectories: the solution of an initial value problem, in traced arithmetic, at any times.

Owns how a solution that SciPy found becomes the stages of a scheme on its mesh.  Must not know which
results are asked for.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev.core.operands import base_of
from dualrev.errors import NotConvergedError
from dualrev.implicit.corrections import orders_of
from dualrev.scipy.integrate.jumps import warn_of_comparisons, warn_of_jumps
from dualrev.scipy.integrate.large_steps import LargeSteps
from dualrev.scipy.integrate.resolution import parts_of_steps
from dualrev.scipy.integrate.right_sides import RightSide
from dualrev.scipy.integrate.schemes import Scheme, gauss
from dualrev.scipy.integrate.steps import Mesh, Steps
from dualrev.scipy.integrate.systems import System, differentiated
from dualrev.transforms import jvp

__all__ = ["Trajectory", "moved"]

#: Steps on plain numbers that solve for the stages: how many with one Jacobian, and how many Jacobians.
_STEPS, _TURNS = 20, 6
#: The part of a state that is rounding; a move that leaves the Jacobian as good as it was.
_ROUNDING, _SAME, _TINY = 1e-12, 1e-9, 1e-300
#: Numbers of the matrices of all steps, and of one, up to which all steps are solved at once.
_JACOBIANS, _JACOBIAN = 2**22, 2**14
#: How often steps are cut for the derivatives, and into how many each, and a hundred more, at most.
_REFINEMENTS, _MOST = 12, 50


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
    rtol : float
        The solver's.
    """

    def __init__(
        self,
        right_side: RightSide,
        plain: RightSide,
        scheme: Scheme,
        y0: Any,
        times: np.ndarray,
        found: Callable,
        rtol: float,
    ):
        self.right_side, self.plain, self.scheme = right_side, plain, scheme
        self.found = found
        system = self._system(times)
        orders = orders_of(system.residual(right_side, y0))
        accepted = times, found(times).T
        if not warn_of_jumps(right_side, plain, *accepted):
            warn_of_comparisons(right_side, *accepted)
        for turn in range(_REFINEMENTS):
            if not orders:
                break
            parts = parts_of_steps(system, right_side, y0, orders, rtol, is_smooth=turn < 1)
            if parts.max() == 1:
                break
            times = _divided(times, parts)
            if len(times) > _MOST * (len(accepted[0]) + 100):
                raise _unresolved()
            system = self._system(times, system)
        else:
            raise _unresolved()
        self.times = times
        #: The states at all times, of shape (steps + 1, n), and at those that SciPy's solver accepted.
        self.states = system.states(system.differentiated(right_side, y0), y0)
        kept = np.flatnonzero(np.isin(times, accepted[0]))
        self.at_accepted = self.states if len(kept) == len(times) else self.states[kept]

    def _system(self, times, before=None):
        """The system of a mesh, with the steps that it has in common with one before."""
        mesh = Mesh(self.scheme, times[:-1], np.diff(times))
        states = self.found(times).T
        if before is not None and isinstance(before.inverse, LargeSteps):
            stages, inverse = self._with_known(mesh, states[:-1], before)
        else:
            stages, inverse = self._solved(mesh, states[:-1])
        return System(mesh, stages, states[1:] - stages[:, -1], inverse)

    def _with_known(self, mesh, starts, before):
        known = {place: k for k, place in enumerate(zip(before.mesh.t, before.mesh.h))}
        places = [known.get(place) for place in zip(mesh.t, mesh.h)]
        new = [k for k, place in enumerate(places) if place is None]
        some = Mesh(self.scheme, mesh.t[new], mesh.h[new])
        stages_of_new, inverse_of_new = self._solved(some, starts[new], is_large=True)
        pairs = iter(zip(stages_of_new, inverse_of_new.steps))
        chosen = [
            next(pairs) if k is None else (before.stages[k], before.inverse.steps[k])
            for k in places
        ]
        stages, steps = zip(*chosen)
        return np.stack(stages), LargeSteps((len(steps), *stages[0].shape), steps)

    def at(self, times) -> Any:
        """The states at times (m,) of plain numbers, of shape (m, n): by a step from the last before."""
        if not len(times):
            return np.zeros((0, self.states.shape[1]))
        direction = np.sign(self.times[-1] - self.times[0]) or 1.0
        k = np.searchsorted(direction * self.times, direction * times, side="right") - 1
        k = np.clip(k, 0, len(self.times) - 2)
        mesh = Mesh(self.scheme, self.times[k], times - self.times[k])
        starts = self.states[k]
        stages, inverse = self._solved(mesh, base_of(starts))
        stages = differentiated(mesh, stages, lambda stages: starts, self.right_side, inverse)
        return stages[:, -1]

    def _solved(self, mesh, starts, is_large=False):
        """The stages from states of plain numbers, and the inverse of their Jacobian."""
        steps, (s, u), n = len(mesh.t), mesh.scheme.a.shape, starts.shape[1]
        size = n**2 * (u if mesh.scheme.is_explicit else s**2)
        is_large = is_large or size > _JACOBIAN or steps * size > _JACOBIANS

        def inverse_at(stages):
            if is_large:
                return LargeSteps.of(mesh, stages, self.plain)
            jacobians = self.plain.jacobians(*mesh.evaluated(stages))
            return Steps(mesh, jacobians.reshape(-1, u, n, n))

        if mesh.scheme.is_explicit:
            stages = mesh.stages(starts, self.plain)
            return stages, inverse_at(stages)
        stages = self.found(mesh.times.reshape(-1)).T.reshape(-1, s, n)
        for _ in range(_TURNS):
            inverse, before = inverse_at(stages), stages
            stages, moved = self._carried_on(mesh, stages, starts, inverse)
            if moved < _SAME or self._is_linear(mesh, before, stages):
                return stages, inverse
        raise NotConvergedError(
            "The steps of a solution of differential equations are too long for its derivatives, or the "
            "right-hand side jumps in one: the equations of an implicit step have not been solved.",
            fix="give the solver a smaller rtol and atol; make the moment of a jump a terminal event, "
            "and go on from there",
        )

    def _carried_on(self, mesh, stages, starts, inverse):
        """The stages after steps with one Jacobian; and the first of these, as a part of the largest."""
        first = before = np.inf
        for turn in range(_STEPS):
            missing = mesh.residual(stages, starts, self.plain)
            step = inverse.solve(missing.reshape(-1), False).reshape(stages.shape)
            size = np.abs(stages).max(axis=(0, 1))
            length = np.max(np.abs(step) / np.maximum(size, _ROUNDING * size.max() + _TINY))
            if not turn:
                first = length
            if not length < before / 2:
                break
            before, stages = length, stages - step
            if length < _ROUNDING:
                break
        return stages, first

    def _is_linear(self, mesh, before, after):
        """Whether the Jacobians at two sets of stages are the same, by a random product with them."""
        direction = np.random.default_rng(0).uniform(1, 2, before.shape)[:, : len(mesh.scheme.c)]

        def product(stages):
            t, y = mesh.evaluated(stages)
            return jvp(lambda y: self.plain.rows(t, y), (y,), (direction.reshape(y.shape),))[1]

        return np.array_equal(product(before), product(after))


def _divided(times, parts):
    """The mesh with each step cut into so many parts."""
    cut = [np.linspace(a, b, n, endpoint=False) for a, b, n in zip(times, times[1:], parts)]
    return np.concatenate([*cut, times[-1:]])


def _unresolved():
    return NotConvergedError(
        "The derivatives of a solution of differential equations do not converge as its steps are cut: "
        "they are infinite, jump or oscillate where the solution does not show it.",
        fix="make the right-hand side smooth: np.tanh(t) for np.sign(t)",
    )


def moved(right_side: RightSide, t, y, to) -> Any:
    """States (m, n) at times (m,), carried to times that differ in their derivatives only.

    As the distance is 0, Picard's iteration of Gauss's collocation gains one order a turn.
    """
    h = to - t
    orders = orders_of(h)
    if not orders:
        return y
    scheme = gauss((orders + 1) // 2)
    a, c = scheme.a, scheme.c
    u, n = a.shape[1], y.shape[1]
    times = (t[:, None] + h[:, None] * c).reshape(-1)
    stages = np.broadcast_to(y[:, None], (len(y), u + 1, n))
    for _ in range(orders):
        rates = right_side.rows(times, stages[:, :u].reshape(-1, n)).reshape(-1, u, n)
        stages = y[:, None] + (h[:, None, None] * a) @ rates
    return stages[:, -1]
