"""Outcomes: what SciPy's solver of initial value problems found, with derivatives.

Owns which field of a result follows from what.  Must not know how steps are differentiated.
"""

import copy
from typing import Any

import numpy as np

from dualrev.core.operands import as_operand, base_of
from dualrev.core.traced import Traced, is_traced
from dualrev.errors import SingularError, name_of
from dualrev.implicit.corrections import corrected
from dualrev.implicit.inverses import DenseInverse
from dualrev.jacobians import jacobian
from dualrev.known import valued
from dualrev.scipy.integrate.right_sides import RightSide
from dualrev.scipy.integrate.schemes import scheme_of
from dualrev.scipy.integrate.trajectories import Trajectory, moved

__all__ = ["with_derivatives"]

#: As a part of the time between the ends of a solution: so near an event its slope is to be the same.
_NEARBY = 1e-7


def with_derivatives(found, given, plain, method, vectorized, dense_output) -> Any:
    """SciPy's result, with the derivatives of its times, states, events and interpolant.

    Parameters
    ----------
    found : OdeResult
        With a dense output.
    given, plain : tuple
        ``fun, t_span, y0, t_eval, events, args, options`` as they were given, and under all
        derivatives.
    method : type
        SciPy's class.
    """
    fun, (t0, tf), y0, t_eval, events, args, _ = given
    plain_fun, *_, plain_events, plain_args, options = plain
    right_side = RightSide(fun, args or (), vectorized)
    on_numbers = RightSide(plain_fun, plain_args or (), vectorized)
    if plain is given:
        found.sol = _Solution(found.sol, right_side, on_numbers)
        return found
    y0 = as_operand(y0)
    y0 = y0 if y0.dtype.kind in "fc" else y0.astype(float)
    start = y0
    if isinstance(t0, Traced):
        start = moved(right_side, as_operand([t0]), y0[None], found.sol.ts[:1])[0]
    rtol = float(np.min(options.get("rtol", 1e-3)))
    trajectory = Trajectory(
        *(right_side, on_numbers, scheme_of(method), start, found.sol.ts, found.sol, rtol)
    )
    solution = _Solution(found.sol, right_side, on_numbers, trajectory)
    events = _several(events), _several(plain_events)
    found.t_events, found.y_events = _events(found, solution, *events, args, plain_args)
    found.sol = solution if dense_output else None
    if not len(found.t):  # an event has ended it before the first time that was asked for
        return found
    if t_eval is None:
        end = _last_event(found) if found.status == 1 else tf
        times = _with_ends(found.t, t0, end)
        # In between there are the times that SciPy's solver chose.
        between = trajectory.at_accepted[1:-1]
        states = np.concatenate([y0[None], between, solution.states(times[-1:])])
    else:
        times = as_operand(t_eval)[: len(found.t)]
        states = solution.states(times)
    found.t, found.y = valued(times, found.t), valued(states.T, found.y)
    return found


class _Solution:
    """SciPy's interpolant, of plain or traced times, with derivatives.

    It has SciPy's attributes, and pickles as SciPy's.

    Parameters
    ----------
    found : OdeSolution
    right_side, on_numbers : RightSide
        As they were given, and on what is under all derivatives.
    trajectory : Trajectory, optional
        None where nothing is traced but the times, perhaps.
    """

    def __init__(self, found, right_side, on_numbers, trajectory=None):
        self._found, self._trajectory = found, trajectory
        self._right_side, self._on_numbers = right_side, on_numbers

    def __reduce__(self):
        return copy.copy, (self._found,)

    def __getattr__(self, name):
        return getattr(self.__dict__["_found"], name)

    def __call__(self, t):
        if self._trajectory is None and not is_traced(t):
            return self._found(t)
        t = as_operand(t)
        value = self._found(base_of(t))
        states = self.states(np.reshape(t, -1))
        return valued(states.T if np.ndim(t) else states[0], value)

    def plain(self, t):
        """SciPy's states at times (m,), of shape (m, n)."""
        return self._found(t).T

    @property
    def span(self):
        """The time from its start to its end."""
        return abs(self._found.ts[-1] - self._found.ts[0])

    def near(self, t):
        """The states at times that differ from t in derivatives only, without those of the solution."""
        y = base_of(self._states(t))
        return lambda times: moved(self._on_numbers, t, y, times)

    def states(self, times):
        """The states at times (m,), of shape (m, n)."""
        plain = np.asarray(base_of(times), float)
        return moved(self._right_side, plain, self._states(plain), times)

    def _states(self, plain):
        return self._found(plain).T if self._trajectory is None else self._trajectory.at(plain)


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
    if found.t_events is None:
        return None, None
    all_times: list = []
    all_states: list = []
    for event, on_numbers, t, y in zip(events, plain_events, found.t_events, found.y_events):
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


def _several(events):
    return (events,) if callable(events) else events


def _last_event(found):
    """The time of the event that ended the solution."""
    times = [t[-1] for t in found.t_events if len(t)]
    return next(t for t in times if base_of(t) == found.t[-1])


def _time_of(solution, event, plain_event, t, args, plain_args):
    """The time (1,) of an event, a root of its function along the solution."""

    def value(event, states, args):
        return lambda t: np.reshape(as_operand(event(t[0], states(t)[0], *args)), 1)

    slope = jacobian(value(plain_event, solution.near(t), plain_args))(t)
    # As next to a double root: the slope is another one so near that the solver saw nothing of it.
    around = t + _NEARBY * solution.span * np.array([[-1.0], [1.0]])
    before, after = (value(plain_event, solution.plain, plain_args)(one)[0] for one in around)
    (width,) = around[1] - around[0]
    if not abs(slope[0, 0]) * abs(width) > abs(after - before) / 2:
        raise SingularError(
            f"The event function `{name_of(event)}` has no slope where it is 0, at t = {t[0]:.6g}: the "
            "time of the event has no derivative.",
            fix="take an event function that crosses 0 with a slope: y - 1 for np.sign(y - 1)",
        )
    return corrected(value(event, solution.states, args), t, DenseInverse(slope))[0]
