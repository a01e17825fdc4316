"""Recursive filters that are a cascade of sections of second order.

Owns the cascade.  Must not know how a section is differentiated.
"""

from typing import Any

import numpy as np
import scipy.signal

from dualrev.core.binding import as_operand
from dualrev.core.primitive import composition, linear
from dualrev.core.traced import is_traced
from dualrev.scipy.by_program import by_program
from dualrev.scipy.signal.filters import lfilter, lfilter_zi

__all__ = ["sosfilt", "sosfilt_zi"]

_ONE = np.ones(1)


def _section(row):
    """b and a of a section, of which a_0 is 1, and stays so."""
    return row[:3], np.concatenate([_ONE, row[4:]])


def _owned(sos):
    """A copy in C order: SciPy's loop takes only such coefficients, and such that could be written."""
    return np.array(sos, order="C")


def _sosfilt(sos, x, axis):
    return scipy.signal.sosfilt(_owned(sos), x, axis)


def _sosfilt_program(sos, x, axis):
    for row in sos:
        x = lfilter(*_section(row), x, axis)
    return x


def _sosfilt_from(sos, x, zi, axis):
    return scipy.signal.sosfilt(_owned(sos), x, axis, zi)[0]


def _sosfilt_from_program(sos, x, zi, axis):
    for row, state in zip(sos, zi):
        x, _ = lfilter(*_section(row), x, axis, state)
    return x


def _final_states(sos, x, zi, axis):
    return scipy.signal.sosfilt(_owned(sos), x, axis, zi)[1]


def _final_states_program(sos, x, zi, axis):
    ends = []
    for row, state in zip(sos, zi):
        x, end = lfilter(*_section(row), x, axis, state)
        ends.append(end)
    return np.stack(ends)


def _sosfilt_of_x_transpose(ct, x, sos, axis):
    return np.flip(_sosfilt_of_x(np.flip(ct, axis), sos=sos, axis=axis), axis)


_sosfilt = by_program(_sosfilt, _sosfilt_program)
# With constant coefficients the transpose is the same filter in reversed time.
_sosfilt_of_x = linear(
    lambda x, sos, axis: scipy.signal.sosfilt(_owned(sos), x, axis),
    _sosfilt_of_x_transpose,
    name="sosfilt",
)
_sosfilt_from = by_program(_sosfilt_from, _sosfilt_from_program)
_final_states = by_program(_final_states, _final_states_program)


def sosfilt(sos: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
    """x filtered along an axis by a cascade of sections of second order.

    Equals :func:`scipy.signal.sosfilt`; with zi also the final states, as there.  Differentiated in
    sos (n, 6), whose column of ones is held, in x and in zi: :func:`lfilter` by each section.
    """
    sos, x = as_operand(sos), as_operand(x)
    if zi is None:
        if not is_traced(sos):
            return _sosfilt_of_x(x, sos=sos, axis=axis)
        return _sosfilt(sos, x, axis=axis)
    zi = as_operand(zi)
    if not is_traced(sos, x, zi):
        return scipy.signal.sosfilt(_owned(sos), x, axis, zi)
    return _sosfilt_from(sos, x, zi, axis=axis), _final_states(sos, x, zi, axis=axis)


def _sosfilt_zi(sos):
    states, gain = [], 1.0
    for row in sos:
        b, a = _section(row)
        states.append(gain * lfilter_zi(b, a))
        gain = gain * (np.sum(b) / np.sum(a))
    return np.stack(states)


_sosfilt_zi = composition(scipy.signal.sosfilt_zi, _sosfilt_zi, arity=1)


def sosfilt_zi(sos: Any) -> Any:
    """The states (n, 2) in which a cascade answers a unit step at once with its final value.

    Equals :func:`scipy.signal.sosfilt_zi`.  Differentiated in sos (n, 6), by :func:`lfilter_zi`.
    """
    return _sosfilt_zi(as_operand(sos))
