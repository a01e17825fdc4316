"""Recursive filters: lfilter, cascades of sections, and both run forward and backward.

Owns the transpose of a recursion, which is a recursion in reversed time.  Must not know how
coefficients are designed.
"""

from typing import Any

import numpy as np
import scipy.signal

from dualrev.core import errors
from dualrev.core.binding import Traced, as_operand
from dualrev.core.primitive import composition, linear, rule
from dualrev.scipy.lags import lagged_products, resized, sliced
from dualrev.scipy.twin import twin

__all__ = [
    "filtfilt",
    "lfilter",
    "lfilter_zi",
    "sosfilt",
    "sosfilt_zi",
    "sosfiltfilt",
]

_ONE = np.ones(1)

# ---------------------------------------------------------------------------------------- lfilter
#
# a_0 y[n] + a_1 y[n-1] + ... = b_0 x[n] + b_1 x[n-1] + ...  (Oppenheim and Schafer 2010,
# Discrete-Time Signal Processing, eq. 6.1).  With the recursion in reversed time,
# a_0 g[n] + a_1 g[n+1] + ... = ct[n], the cotangents are x~[n] = sum_k b_k g[n+k],
# b~_k = sum_n x[n] g[n+k] and a~_k = -sum_n y[n] g[n+k].


def _filtered_jvp(tangents, ans, b, a, x, axis):
    """dy = (db * x + b * dx - da * y) / a, as filters."""
    t_b, t_a, t_x = tangents
    t = 0
    if t_b is not None:
        t = t + _filtered(t_b, a, x, axis=axis)
    if t_a is not None:
        t = t - _filtered(t_a, a, ans, axis=axis)
    if t_x is not None:
        t = t + _filtered(b, a, t_x, axis=axis)
    return t


def _filtered_vjp(ct, wanted, ans, b, a, x, axis):
    ct = np.flip(ct, axis)
    if not (wanted[0] or wanted[1]):
        return None, None, np.flip(_filtered(b, a, ct, axis=axis), axis)
    g = _filtered(_ONE, a, ct, axis=axis)
    x_bar = np.flip(_filtered(b, _ONE, g, axis=axis), axis) if wanted[2] else None
    return *_pull_coefficients(wanted, np.flip(g, axis), b, a, x, ans, axis), x_bar


def _pull_coefficients(wanted, g, b, a, x, y, axis):
    shape = list(g.shape)
    shape[axis] = max(g.shape[axis], x.shape[axis] + max(len(b), len(a)) - 1)
    g = resized(g, shape)
    b_bar = lagged_products(x, g, len(b), axis) if wanted[0] else None
    a_bar = -lagged_products(y, g, len(a), axis) if wanted[1] else None
    return b_bar, a_bar


_filtered = rule(
    lambda b, a, x, axis: scipy.signal.lfilter(b, a, x, axis),
    jvp=_filtered_jvp,
    vjp=_filtered_vjp,
    arity=3,
)


# With states a_0 is 1, and held: the final state's cotangent is what g is after the end, the initial
# state's is how g begins.


def _but_first(a):
    """A change of a, of which a_0 is held."""
    return a * (np.arange(a.shape[0]) > 0)


def _filtered_from_jvp(tangents, ans, b, a, x, zi, axis):
    """The same for the states too, in which the filter is linear as in x."""
    t_b, t_a, t_x, t_zi = tangents
    shape = list(x.shape)
    shape[axis] = states = max(len(b), len(a)) - 1
    at_rest = np.zeros(shape, x.dtype)
    terms = []
    if t_b is not None:
        terms.append((resized(t_b, (states + 1,)), x, at_rest))
    if t_a is not None:
        terms.append((resized(-_but_first(t_a), (states + 1,)), ans[0], at_rest))
    if t_x is not None or t_zi is not None:
        still = np.zeros(x.shape, x.dtype)
        terms.append((b, still if t_x is None else t_x, at_rest if t_zi is None else t_zi))
    found = [_filtered_from(b, a, x, zi, axis=axis) for b, x, zi in terms]
    return tuple(sum(parts[1:], parts[0]) for parts in zip(*found))


def _filtered_from_vjp(ct, wanted, ans, b, a, x, zi, axis):
    ct, ct_end = ct
    n, states = x.shape[axis], zi.shape[axis]
    # What makes g, run from rest, be ct_end after the end.
    after = np.flip(_filtered(a, _ONE, np.flip(ct_end, axis), axis=axis), axis)
    whole = np.concatenate([ct, after], axis)
    g = _filtered(_ONE, a, np.flip(whole, axis), axis=axis)
    x_bar = np.flip(_filtered(b, _ONE, g, axis=axis), axis) if wanted[2] else None
    g = np.flip(g, axis)
    b_bar, a_bar = _pull_coefficients(wanted, g, b, a, x, ans[0], axis)
    return (
        b_bar,
        None if a_bar is None else _but_first(a_bar),
        None if x_bar is None else sliced(x_bar, axis, 0, n),
        sliced(g, axis, 0, states),
    )


_filtered_from = rule(
    lambda b, a, x, zi, axis: scipy.signal.lfilter(b, a, x, axis, zi),
    jvp=_filtered_from_jvp,
    vjp=_filtered_from_vjp,
    arity=4,
)


def lfilter(b: Any, a: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
    """x filtered along an axis by the rational transfer function b / a.

    Equals :func:`scipy.signal.lfilter`; with zi also the final state, as there.

    Parameters
    ----------
    b, a, x, zi : array
        All are differentiated.
    axis : int
        Of x.

    Notes
    -----
    The derivative in x is the filter in reversed time; b and a have the inner products of x and -y,
    shifted, with the cotangent filtered by 1 / a in reversed time.  A gradient in x costs one filter,
    one in all arguments two, and one inner product a coefficient.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.signal import lfilter
    >>> dr.grad(lambda x: lfilter([1.0], [1.0, -0.5], x)[2])(np.zeros(4))
    array([0.25, 0.5 , 1.  , 0.  ])
    """
    b, a, x = as_operand(b), as_operand(a), as_operand(x)
    zi = None if zi is None else as_operand(zi)
    if not any(isinstance(operand, Traced) for operand in (b, a, x, zi)):
        return scipy.signal.lfilter(b, a, x, axis, zi)
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    if zi is None:
        return _filtered(b, a, x, axis=axis)
    if isinstance(a, Traced) or a[0] != 1:
        b, a = b / a[0], a / a[0]
    return _filtered_from(b, a, x, zi, axis=axis)


def _lfilter_zi(b, a):
    return scipy.signal.lfilter_zi(b, a)


def _lfilter_zi_program(b, a):
    """The state z of which a constant input makes itself: ``z_k = sum_(j > k) b_j - y a_j``."""
    n = max(len(b), len(a))
    b, a = resized(b / a[0], (n,)), resized(a / a[0], (n,))
    return np.flip(np.cumsum(np.flip(b - np.sum(b) / np.sum(a) * a)))[1:]


_lfilter_zi = twin(_lfilter_zi, _lfilter_zi_program)


def lfilter_zi(b: Any, a: Any) -> Any:
    """The state in which a filter answers a unit step at once with its final value.

    Equals :func:`scipy.signal.lfilter_zi`.  Differentiated in b and a.
    """
    return _lfilter_zi(np.atleast_1d(as_operand(b)), np.atleast_1d(as_operand(a)))


# ---------------------------------------------------------------------------------------- sections


def _section(row):
    """b and a of a section, of which a_0 is 1, and stays so."""
    return row[:3], np.concatenate([_ONE, row[4:]])


def _sosfilt(sos, x, axis):
    return scipy.signal.sosfilt(sos, x, axis)


def _sosfilt_program(sos, x, axis):
    for row in sos:
        x = lfilter(*_section(row), x, axis)
    return x


def _sosfilt_from(sos, x, zi, axis):
    return scipy.signal.sosfilt(sos, x, axis, zi)[0]


def _sosfilt_from_program(sos, x, zi, axis):
    for row, state in zip(sos, zi):
        x, _ = lfilter(*_section(row), x, axis, state)
    return x


def _final_states(sos, x, zi, axis):
    return scipy.signal.sosfilt(sos, x, axis, zi)[1]


def _final_states_program(sos, x, zi, axis):
    ends = []
    for row, state in zip(sos, zi):
        x, end = lfilter(*_section(row), x, axis, state)
        ends.append(end)
    return np.stack(ends)


def _sosfilt_of_x_transpose(ct, x, sos, axis):
    return np.flip(_sosfilt_of_x(np.flip(ct, axis), sos=sos, axis=axis), axis)


_sosfilt = twin(_sosfilt, _sosfilt_program)
# With constant coefficients the transpose is the same filter in reversed time.
_sosfilt_of_x = linear(
    # A copy: SciPy's loop takes only coefficients that could be written.
    lambda x, sos, axis: scipy.signal.sosfilt(np.array(sos), x, axis),
    _sosfilt_of_x_transpose,
)
_sosfilt_from = twin(_sosfilt_from, _sosfilt_from_program)
_final_states = twin(_final_states, _final_states_program)


def sosfilt(sos: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
    """x filtered along an axis by a cascade of sections of second order.

    Equals :func:`scipy.signal.sosfilt`; with zi also the final states, as there.  Differentiated in
    sos (n, 6), whose column of ones is held, in x and in zi: :func:`lfilter` by each section.
    """
    sos, x = as_operand(sos), as_operand(x)
    if zi is None:
        if not isinstance(sos, Traced):
            return _sosfilt_of_x(x, sos=sos, axis=axis)
        return _sosfilt(sos, x, axis=axis)
    zi = as_operand(zi)
    if not any(isinstance(operand, Traced) for operand in (sos, x, zi)):
        return scipy.signal.sosfilt(sos, x, axis, zi)
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


# --------------------------------------------------------------------------- forward and backward


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
    if not length:
        return x, 0
    first, last = sliced(x, axis, 0, 1), sliced(x, axis, n - 1)
    before = sliced(x, axis, length, 0, -1)
    after = sliced(x, axis, n - 2, n - 2 - length if length < n - 1 else None, -1)
    if padtype == "odd":
        before, after = 2 * first - before, 2 * last - after
    elif padtype == "constant":
        before, after = 0 * before + first, 0 * after + last
    return np.concatenate([before, x, after], axis), length


def _both_ways(run, x, axis, length):
    """Run a filter forward, then backward."""
    y = np.flip(run(np.flip(run(x), axis)), axis)
    return sliced(y, axis, length, y.shape[axis] - length)


def _along(states, axis, ndim):
    """The states of a filter, for every line of x along an axis."""
    shape = [-1 if i == axis % ndim else 1 for i in range(ndim)]
    return states.reshape(*states.shape[:-1], *shape)


def _steady(run):
    """A filter that starts in the state of its first value; its coefficients are constant.

    ``run(x, axis, zi, *coefficients)``.  The answer is that from rest, and the first value times a
    transient; so the transpose is the filter in reversed time, and at the first element the inner
    product with the transient.
    """

    def value(x, coefficients, states, axis):
        return run(x, axis, _along(states, axis, x.ndim) * sliced(x, axis, 0, 1), *coefficients)

    def transpose(ct, x, coefficients, states, axis):
        pulled = np.flip(run(np.flip(ct, axis), axis, None, *coefficients), axis)
        transient = run(np.zeros(x.shape[axis]), 0, states, *coefficients)
        products = np.sum(ct * _along(transient, axis, ct.ndim), axis, keepdims=True)
        first = sliced(pulled, axis, 0, 1) + products
        return np.concatenate([first, sliced(pulled, axis, 1)], axis)

    return linear(value, transpose)


def _filtfilt(b, a, x, axis=-1, padtype="odd", padlen=None, method="pad", irlen=None):
    if method != "pad":
        raise errors.MissingRuleError(
            f"scipy.signal.filtfilt with method={method!r} has no derivative rule.",
            fix="use method='pad'",
        )
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    x, length = _continued(x, padtype, padlen, axis, max(len(a), len(b)))
    states = lfilter_zi(b, a)

    def run(x):
        if isinstance(b, Traced) or isinstance(a, Traced):
            zi = _along(states, axis, x.ndim) * sliced(x, axis, 0, 1)
            return lfilter(b, a, x, axis, zi)[0]
        return _lfilter_steady(x, coefficients=(b.copy(), a.copy()), states=states, axis=axis)

    return _both_ways(run, x, axis, length)


def _run_lfilter(x, axis, zi, b, a):
    return lfilter(b, a, x, axis) if zi is None else lfilter(b, a, x, axis, zi)[0]


_lfilter_steady = _steady(_run_lfilter)
_filtfilt = composition(scipy.signal.filtfilt, _filtfilt, arity=3)


def filtfilt(
    b: Any,
    a: Any,
    x: Any,
    axis: int = -1,
    padtype: str | None = "odd",
    padlen: int | None = None,
    method: str = "pad",
    irlen: int | None = None,
) -> Any:
    """x filtered forward and backward along an axis, so that no frequency is delayed.

    Equals :func:`scipy.signal.filtfilt`.  Differentiated in b, a and x: two of :func:`lfilter`.

    Raises
    ------
    MissingRuleError
        Where something is traced, and method is 'gust'.
    """
    return _filtfilt(
        as_operand(b),
        as_operand(a),
        as_operand(x),
        axis=axis,
        padtype=padtype,
        padlen=padlen,
        method=method,
        irlen=irlen,
    )


def _sosfiltfilt(sos, x, axis=-1, padtype="odd", padlen=None):
    taps = 2 * len(sos) + 1 - min(np.sum(sos[:, 2] == 0), np.sum(sos[:, 5] == 0))
    x, length = _continued(x, padtype, padlen, axis, int(taps))
    states = sosfilt_zi(sos)

    def run(x):
        if isinstance(sos, Traced):
            zi = _along(states, axis, x.ndim) * sliced(x, axis, 0, 1)
            return _sosfilt_from(sos, x, zi, axis=axis)
        return _sosfilt_steady(x, coefficients=(sos.copy(),), states=states, axis=axis)

    return _both_ways(run, x, axis, length)


def _run_sosfilt(x, axis, zi, sos):
    return sosfilt(sos, x, axis) if zi is None else sosfilt(sos, x, axis, zi)[0]


_sosfilt_steady = _steady(_run_sosfilt)
_sosfiltfilt = composition(scipy.signal.sosfiltfilt, _sosfiltfilt, arity=2)


def sosfiltfilt(
    sos: Any,
    x: Any,
    axis: int = -1,
    padtype: str | None = "odd",
    padlen: int | None = None,
) -> Any:
    """x filtered forward and backward along an axis by a cascade of sections of second order.

    Equals :func:`scipy.signal.sosfiltfilt`.  Differentiated in sos and x: two of :func:`sosfilt`.
    """
    return _sosfiltfilt(as_operand(sos), as_operand(x), axis=axis, padtype=padtype, padlen=padlen)
