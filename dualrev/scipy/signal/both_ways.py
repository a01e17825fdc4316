"""Filters run forward and backward, so that no frequency is delayed.

Owns how a signal is continued at its ends, and the states in which both runs start.  Must not know how
a filter is differentiated from rest.
"""

import numpy as np
import scipy.signal

from dualrev import errors
from dualrev.axes import sliced
from dualrev.core.traced import is_traced
from dualrev.core.words import constant, linear
from dualrev.scipy.signal.filters import lfilter, lfilter_zi
from dualrev.scipy.signal.sections import sosfilt, sosfilt_zi
from dualrev.scipy.twin import twin
from dualrev.ways import agreed

__all__ = ["filtfilt", "sosfiltfilt"]


def _continued(x, padtype, padlen, axis, taps):
    """x with padlen elements before and after, and padlen."""
    if padtype not in ("even", "odd", "constant", None):
        raise ValueError(
            f"Unknown value '{padtype}' given to padtype. padtype must be 'even', 'odd', "
            "'constant', or None."
        )
    n = x.shape[axis]
    length = 0 if padtype is None else 3 * taps if padlen is None else padlen
    if n <= length:
        raise ValueError(
            f"The length of the input vector x must be greater than padlen, which is {length}."
        )
    if length <= 0:
        return x, 0
    first, last = sliced(x, axis, 0, 1), sliced(x, axis, n - 1)
    before = sliced(x, axis, length, 0, -1)
    after = sliced(x, axis, n - 2, n - 2 - length if length < n - 1 else None, -1)
    if padtype == "odd":
        before, after = 2 * first - before, 2 * last - after
    elif padtype == "constant":
        before, after = 0 * before + first, 0 * after + last
    return np.concatenate([before, x, after], axis), length


def _along(states, axis, ndim):
    """The states of a filter, for every line of x along an axis."""
    shape = [-1 if i == axis % ndim else 1 for i in range(ndim)]
    return states.reshape(*states.shape[:-1], *shape)


def _steady(run):
    """A filter that starts in the state of its first value, run forward and then backward.

    ``run(x, axis, zi, *coefficients)``.  Of constant coefficients the answer is that from rest, and the
    first value times a transient; so the transpose is the filter in reversed time, and at the first
    element the inner product with the transient.
    """

    def value(x, coefficients, states, axis):
        return run(x, axis, _along(states, axis, x.ndim) * sliced(x, axis, 0, 1), *coefficients)

    def transpose(ct, x, coefficients, states, axis):
        pulled = np.flip(run(np.flip(ct, axis), axis, None, *coefficients), axis)
        transient = run(np.zeros(x.shape[axis]), 0, states, *coefficients)
        products = np.sum(ct * _along(transient, axis, ct.ndim), axis, keepdims=True)
        first = sliced(pulled, axis, 0, 1) + products
        return np.concatenate([first, sliced(pulled, axis, 1)], axis)

    steady = linear(value, transpose)

    def both_ways(x, coefficients, states, axis, length):
        """What is left of x without its length elements at both ends."""
        if is_traced(*coefficients):
            once = value
        else:
            once, coefficients = steady, tuple(part.copy() for part in coefficients)
        options = {"coefficients": coefficients, "states": states, "axis": axis}
        y = np.flip(once(np.flip(once(x, **options), axis), **options), axis)
        return sliced(y, axis, length, y.shape[axis] - length)

    return both_ways


def _run_lfilter(x, axis, zi, b, a):
    return lfilter(b, a, x, axis) if zi is None else lfilter(b, a, x, axis, zi)[0]


_lfilter_both_ways = _steady(_run_lfilter)


@twin(scipy.signal.filtfilt)
def filtfilt(b, a, x, *, axis, padtype, padlen, method, irlen):
    """x filtered forward and backward along an axis, so that no frequency is delayed.

    Equals :func:`scipy.signal.filtfilt`.  Differentiated in b, a and x: two of :func:`lfilter`.

    Raises
    ------
    MissingRuleError
        Where something is traced, and method is 'gust'.
    """
    if method != "pad":
        raise errors.no_rule(f"scipy.signal.filtfilt with method={method!r}", "use method='pad'")
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    x, length = _continued(x, padtype, padlen, axis, max(len(a), len(b)))
    return _lfilter_both_ways(x, (b, a), lfilter_zi(b, a), axis, length)


def _run_sosfilt(x, axis, zi, sos):
    return sosfilt(sos, x, axis) if zi is None else sosfilt(sos, x, axis, zi)[0]


_sosfilt_both_ways = _steady(_run_sosfilt)


def _taps(sos):
    return int(2 * len(sos) + 1 - min(np.sum(sos[:, 2] == 0), np.sum(sos[:, 5] == 0)))


_taps = constant(_taps, batch=agreed)


@twin(scipy.signal.sosfiltfilt)
def sosfiltfilt(sos, x, *, axis, padtype, padlen):
    """x filtered forward and backward along an axis by a cascade of sections of second order.

    Equals :func:`scipy.signal.sosfiltfilt`.  Differentiated in sos and x: two of :func:`sosfilt`.
    """
    x, length = _continued(x, padtype, padlen, axis, int(_taps(sos)))
    return _sosfilt_both_ways(x, (sos,), sosfilt_zi(sos), axis, length)
