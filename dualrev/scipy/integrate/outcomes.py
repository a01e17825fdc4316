"""Outcomes: what SciPy's solver of initial value problems found, with derivatives.

Owns which field of a result follows from what.  Must not know how steps are differentiated.
"""

from typing import Any

import numpy as np

from dualrev.core.binding import as_operand, base_of, valued
from dualrev.core.errors import SingularError, name_of
from dualrev.core.traced import Traced, is_traced
from dualrev.implicit.corrections import corrected
from dualrev.implicit.inverses import DenseInverse
from dualrev.jacobians import jacobian
from dualrev.scipy.integrate.right_sides import RightSide
from dualrev.scipy.integrate.schemes import scheme_of
from dualrev.scipy.integrate.trajectories import Trajectory, moved

__all__ = ["with_derivatives"]


def with_derivatives(found, given, plain, method, vectorized, dense_output) -> Any:
    """SciPy's result, with the derivatives of its times, states, events and interpolant.

    Parameters
    ----------
    found : OdeResult
        With a dense output.
    given, plain : tuple
        ``fun, t_span, y0, t_eval, events, args`` as they were given, and under all derivatives.
    method : type
        SciPy's class.
    """
    fun, (t0, tf), y0, t_eval, events, args = given
    right_side = RightSide(fun, args or (), vectorized)
    on_numbers = RightSide(plain[0], plain[5] or (), vectorized)
    solution = _Solution(found.sol, right_side, on_numbers, scheme_of(method), t0, y0)
    found.t_events, found.y_events = _events(found, solution, events, plain[4], args, plain[5])
    if t_eval is None:
        end = _last_event(found) if found.status == 1 else tf
        times = _with_ends(found.t, t0, end)
        states = solution.states_of_mesh(y0, times[-1:])
    else:
        times = as_operand(t_eval)[: len(found.t)]
        states = solution.states(times)
    found.t, found.y = valued(times, found.t), valued(states.T, found.y)
    found.sol = solution if dense_output else None
    return found


class _Solution:
    """SciPy's interpolant, of plain or traced times, with derivatives.

    It has SciPy's attributes.
    """

    def __init__(self, found, right_side, on_numbers, scheme, t0, y0):
        self._found = found
        self._right_side, self._on_numbers = right_side, on_numbers
        y0 = as_operand(y0)
        y0 = y0 if y0.dtype.kind in "fc" else y0.astype(float)
        start = found.ts[0]
        if isinstance(t0, Traced):
            y0 = moved(right_side, as_operand([t0]), y0[None], np.array([start]))[0]
        self._trajectory = Trajectory(right_side, on_numbers, scheme, y0, found.ts, found)

    def __getattr__(self, name):
        return getattr(self.__dict__["_found"], name)

    def __call__(self, t):
        t = as_operand(t)
        value = self._found(base_of(t))
        states = self.states(np.reshape(t, -1))
        return valued(states.T if np.ndim(t) else states[0], value)

    def states_of_mesh(self, first, end):
        """The states at all times of the mesh, the last of which may be traced."""
        states = self._trajectory.states
        return np.concatenate([as_operand(first)[None], states[1:-1], self.states(end)])

    def near(self, t):
        """The states at times that differ from t in derivatives only, without those of the solution."""
        y = base_of(self._trajectory.at(t))
        return lambda times: moved(self._on_numbers, t, y, times)

    def states(self, times):
        """The states at times (m,), of shape (m, n)."""
        plain = np.asarray(base_of(times), float)
        return moved(self._right_side, plain, self._trajectory.at(plain), times)


def _with_ends(times, first, last):
    """Times of plain numbers, of which the ends may be traced."""
    ends = np.zeros((2, len(times)))
    ends[0, 0] = ends[1, -1] = 1.0
    for end, t in zip(ends, (first, last)):
        if is_traced(t):
            times = times + end * (t - base_of(t))
    return times


def _events(found, solution, events, plain_events, args, plain_args):
    """The times and states of events, a list of arrays each."""
    if events is None:
        return found.t_events, found.y_events
    several = (events,) if callable(events) else events
    plain = (plain_events,) if callable(plain_events) else plain_events
    all_times: list = []
    all_states: list = []
    for event, on_numbers, t, y in zip(several, plain, found.t_events, found.y_events):
        if len(t):
            times = np.stack(
                [
                    _time_of(
                        solution, event, on_numbers, t[k : k + 1], args or (), plain_args or ()
                    )
                    for k in range(len(t))
                ]
            )
            t, y = valued(times, t), valued(solution.states(times), y)
        all_times.append(t)
        all_states.append(y)
    return all_times, all_states


def _last_event(found):
    """The time of the event that ended the solution."""
    times = [t[-1] for t in found.t_events if len(t)]
    return next(t for t in times if base_of(t) == found.t[-1])


def _time_of(solution, event, plain_event, t, args, plain_args):
    """The time (1,) of an event, a root of its function along the solution."""

    def value(event, states, args):
        return lambda t: np.reshape(as_operand(event(t[0], states(t)[0], *args)), 1)

    slope = jacobian(value(plain_event, solution.near(t), plain_args))(t)
    try:
        inverse = DenseInverse(slope)
    except SingularError as error:
        raise SingularError(
            f"The event function `{name_of(event)}` only touches 0 at t = {t[0]:.6g}: the time of "
            "the event has no derivative.",
            fix="take an event function that crosses 0",
        ) from error
    return corrected(value(event, solution.states, args), t, inverse)[0]
