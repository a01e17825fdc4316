"""Recursive filters with the coefficients of a rational transfer function.

Owns the transpose of a recursion, which is a recursion in reversed time.  Must not know how
coefficients are designed.
"""

import numpy as np
import scipy.signal

from dualrev import errors
from dualrev.axes import sliced, with_length
from dualrev.core.arrays import somewhere
from dualrev.core.binding import bind
from dualrev.core.cotangents import sum_of_terms
from dualrev.core.operands import base_of
from dualrev.core.primitive import RULES
from dualrev.core.traced import is_traced
from dualrev.core.words import rule
from dualrev.scipy.by_program import by_program
from dualrev.scipy.lags import lagged_products, resized
from dualrev.scipy.twin import twin
from dualrev.ways import along_axis_of, in_all_rows, shift

__all__ = ["lfilter", "lfilter_zi"]

_ONE = np.ones(1)

# a_0 y[n] + a_1 y[n-1] + ... = b_0 x[n] + b_1 x[n-1] + ...  (Oppenheim and Schafer 2010,
# Discrete-Time Signal Processing, eq. 6.1).  With the recursion in reversed time,
# a_0 g[n] + a_1 g[n+1] + ... = ct[n], the cotangents are x~[n] = sum_k b_k g[n+k],
# b~_k = sum_n x[n] g[n+k] and a~_k = -sum_n y[n] g[n+k].


def _filtered_jvp(tangents, ans, b, a, x, axis):
    """dy = (db * x + b * dx - da * y) / a, as filters."""
    return sum_of_terms(
        tangents,
        lambda t_b: _filtered(t_b, a, x, axis=axis),
        lambda t_a: -_filtered(t_a, a, ans, axis=axis),
        lambda t_x: _filtered(b, a, t_x, axis=axis),
    )


def _filtered_vjp(ct, wanted, ans, b, a, x, axis):
    ct = np.flip(ct, axis)
    if not (wanted[0] or wanted[1]):
        return None, None, np.flip(_filtered(b, a, ct, axis=axis), axis)
    g = _filtered(_ONE, a, ct, axis=axis)
    x_bar = np.flip(_filtered(b, _ONE, g, axis=axis), axis) if wanted[2] else None
    return *_pull_coefficients(wanted, np.flip(g, axis), b, a, x, ans, axis), x_bar


def _pull_coefficients(wanted, g, b, a, x, y, axis):
    length = max(g.shape[axis], x.shape[axis] + max(len(b), len(a)) - 1)
    g = resized(g, with_length(g.shape, axis, length))
    b_bar = lagged_products(x, g, len(b), axis) if wanted[0] else None
    a_bar = -lagged_products(y, g, len(a), axis) if wanted[1] else None
    return b_bar, a_bar


_filtered = rule(
    lambda b, a, x, axis: scipy.signal.lfilter(b, a, x, axis),
    jvp=_filtered_jvp,
    vjp=_filtered_vjp,
    arity=3,
    batch=along_axis_of(2, -1),
    name="lfilter",
)


# With states a_0 is 1, and held: the final state's cotangent is what g is after the end, the initial
# state's is how g begins.


def _but_first(a):
    """A change of a, of which a_0 is held."""
    return a * (np.arange(a.shape[0]) > 0)


def _filtered_from_jvp(tangents, ans, b, a, x, zi, axis):
    """The same for the states too, in which the filter is linear as in x."""
    t_b, t_a, t_x, t_zi = tangents
    states = max(len(b), len(a)) - 1
    at_rest = np.zeros(with_length(x.shape, axis, states), x.dtype)
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


def _filtered_from_batch(call, batched, b, a, x, zi, axis):
    if batched[0] or batched[1]:
        return NotImplemented
    x, zi = in_all_rows(batched[2:], (x, zi))
    return call(b, a, x, zi, axis=shift(axis, x.ndim - 1))


_filtered_from = rule(
    lambda b, a, x, zi, axis: scipy.signal.lfilter(b, a, x, axis, zi),
    jvp=_filtered_from_jvp,
    vjp=_filtered_from_vjp,
    arity=4,
    batch=_filtered_from_batch,
    name="lfilter",
)


@twin(scipy.signal.lfilter)
def lfilter(b, a, x, zi, *, axis):
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
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    # The twin has sorted the arguments: to bind them is 10 us less than to have them dispatched.
    if zi is None:
        return bind(RULES[_filtered], (b, a, x), {"axis": axis})
    if is_traced(a) or a[0] != 1:
        b, a = b / a[0], a / a[0]
    return bind(RULES[_filtered_from], (b, a, x, zi), {"axis": axis})


def _lfilter_zi_program(b, a):
    """The state z of which a constant input makes itself: ``z_k = sum_(j > k) b_j - y a_j``."""
    n = max(len(b), len(a))
    b, a = resized(b / a[0], (n,)), resized(a / a[0], (n,))
    return np.flip(np.cumsum(np.flip(b - np.sum(b) / np.sum(a) * a)))[1:]


_lfilter_zi = by_program(scipy.signal.lfilter_zi, _lfilter_zi_program)


@twin(scipy.signal.lfilter_zi)
def lfilter_zi(b, a):
    """The state in which a filter answers a unit step at once with its final value.

    Equals :func:`scipy.signal.lfilter_zi`.  Differentiated in b and a.
    """
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    if a.ndim == 1 and a.size and somewhere(np.equal(base_of(a[0]), 0)):
        raise errors.ArgumentError(
            "scipy.signal.lfilter_zi leaves out leading coefficients that are 0, by which there is no "
            "derivative.",
            fix="give a without its leading zeros",
        )
    return _lfilter_zi(b, a)
