"""Recursive filters that are a cascade of sections of second order.

Owns the cascade.  Must not know how a section is differentiated.
"""

import functools

import numpy as np
import scipy.signal

from dualrev.core.binding import bind
from dualrev.core.primitive import RULES
from dualrev.core.traced import is_traced
from dualrev.core.words import linear
from dualrev.scipy.by_program import by_program
from dualrev.scipy.signal.filters import lfilter, lfilter_zi
from dualrev.scipy.twin import twin
from dualrev.ways import along_axis_of

__all__ = ["sosfilt", "sosfilt_zi"]

_ONE = np.ones(1)


@functools.wraps(scipy.signal.sosfilt)
def _filtered(sos, x, axis=-1, zi=None):
    # SciPy's loop takes only coefficients in C order, and such that could be written.
    return scipy.signal.sosfilt(np.array(sos, order="C"), x, axis, zi)


def _section(row):
    """b and a of a section, of which a_0 is 1, and stays so."""
    return row[:3], np.concatenate([_ONE, row[4:]])


def _sosfilt_program(sos, x, *, axis):
    for row in sos:
        x = lfilter(*_section(row), x, axis)
    return x


def _sosfilt_from_program(sos, x, zi, *, axis):
    ends = []
    for row, state in zip(sos, zi):
        x, end = lfilter(*_section(row), x, axis, state)
        ends.append(end)
    return x, np.stack(ends)


def _sosfilt_of_x_transpose(ct, x, sos, axis):
    return np.flip(_sosfilt_of_x(np.flip(ct, axis), sos=sos, axis=axis), axis)


_sosfilt = by_program(_filtered, _sosfilt_program, batch=along_axis_of(1, -1))
# With constant coefficients the transpose is the same filter in reversed time.
_sosfilt_of_x = linear(
    lambda x, sos, axis: _filtered(sos, x, axis), _sosfilt_of_x_transpose, name="sosfilt"
)
_sosfilt_from = by_program(
    lambda sos, x, zi, axis: _filtered(sos, x, axis, zi), _sosfilt_from_program, name="sosfilt"
)


@twin(_filtered)
def sosfilt(sos, x, zi, *, axis):
    """x filtered along an axis by a cascade of sections of second order.

    Equals :func:`scipy.signal.sosfilt`; with zi also the final states, as there.  Differentiated in
    sos (n, 6), whose column of ones is held, in x and in zi: :func:`lfilter` by each section.
    """
    if zi is not None:
        return _sosfilt_from(sos, x, zi, axis=axis)
    if is_traced(sos):
        return _sosfilt(sos, x, axis=axis)
    # The twin has sorted the arguments: to bind them is 10 us less than to have them dispatched.
    return bind(RULES[_sosfilt_of_x], (x,), {"sos": sos, "axis": axis})


@twin(scipy.signal.sosfilt_zi)
def sosfilt_zi(sos):
    """The states (n, 2) in which a cascade answers a unit step at once with its final value.

    Equals :func:`scipy.signal.sosfilt_zi`.  Differentiated in sos (n, 6), by :func:`lfilter_zi`.
    """
    states, gain = [], 1.0
    for row in sos:
        b, a = row[:3], row[3:]
        states.append(gain * lfilter_zi(b, a))
        gain = gain * (np.sum(b) / np.sum(a))
    return np.stack(states)
