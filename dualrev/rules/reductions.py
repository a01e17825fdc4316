"""Sums, products, extrema: functions that fold an axis, with their running and nan-ignoring kinds.

Must not know sorting: order statistics are in quantiles.py.
"""

import numpy as np

from dualrev.axes import along, part_of, sliced
from dualrev.core.arrays import PLAIN, has_memory, nowhere
from dualrev.core.cotangents import broadcast
from dualrev.core.guarded import guarded_product
from dualrev.core.traced import Traced
from dualrev.core.words import composition, constant, linear, rule
from dualrev.errors import no_rule
from dualrev.insides.askers import is_product_over_roots
from dualrev.rules.digits import have_all_digits
from dualrev.rules.recurrences import recurrence
from dualrev.ways import shifted

# Up to this size a filled array is cheaper than np.broadcast_to, which takes 3 us; above it the
# view costs nothing, an array of 10^6 elements 2 ms.
FILL_LIMIT = 8192


def kept_shape(a, axis):
    """The shape of a after axis was folded with keepdims=True."""
    if axis is None:
        return (1,) * a.ndim
    shape = list(a.shape)
    for i in axis if isinstance(axis, tuple) else (axis,):
        shape[i] = 1
    return tuple(shape)


def keep_dims(ct, a, axis, keepdims=False):
    """What broadcasts against a, from a result of folding it along axis."""
    if axis is None or keepdims or not a.ndim:
        return ct
    # reshape, not expand_dims: 0.1 us against 2
    return ct.reshape(kept_shape(a, axis))


def spread(ct, a):
    """ct at every element of a."""
    if a.size > FILL_LIMIT or (type(ct) not in PLAIN and not has_memory(a)):
        return broadcast(ct, a)
    if type(ct) is np.float64:
        if not a.ndim:
            return ct
        # a quarter of the time of np.full
        whole = np.empty(a.shape)
        whole.fill(ct)
        return whole
    return ct + np.zeros(a.shape, ct.dtype)


def count(a, axis, where=True, keepdims=True):
    """How many elements are folded into one."""
    if where is not True:
        return np.broadcast_to(where, a.shape).sum(axis=axis, keepdims=keepdims)
    if axis is None or not a.ndim:
        return a.size
    n = 1
    for i in axis if isinstance(axis, tuple) else (axis,):
        n *= a.shape[i]
    return n


def last_axis(a, axis):
    """a with the axes that are folded merged into one, the last."""
    if axis is None or not a.ndim:
        return a.reshape(-1)
    if not isinstance(axis, tuple):
        return np.moveaxis(a, axis, -1) if axis not in (-1, a.ndim - 1) else a
    a = np.moveaxis(a, axis, range(-len(axis), 0))
    return a.reshape(*a.shape[: a.ndim - len(axis)], -1)


def reverse(a, axis):
    """The elements in reverse order; 0.3 us where np.flip takes 2."""
    return a[part_of(axis, slice(None, None, -1), a.ndim)]


# ---------------------------------------------------------------------------------------- sums


def _sum_jvp(tangents, ans, a, axis=None, dtype=None, keepdims=False, initial=0, where=True):
    (da,) = tangents
    if where is True:
        return da.sum(axis=axis, keepdims=keepdims)
    return da.sum(axis=axis, keepdims=keepdims, where=where)


def _sum_vjp(ct, wanted, ans, a, axis=None, dtype=None, keepdims=False, initial=0, where=True):
    ct = keep_dims(ct, a, axis, keepdims)
    return (spread(ct, a) if where is True else np.where(where, ct, 0),)


def _sum(a, **options):
    return a.sum(**options)


# A rule, not linear: with an initial value it is affine.
rule(np.sum, _sum_jvp, _sum_vjp, call=_sum, reads_values=False, batch=shifted(None, flat=False))


def _cumsum_transpose(ct, a, axis=None, dtype=None):
    if axis is None:
        return ct[::-1].cumsum(axis=0)[::-1].reshape(a.shape)
    return reverse(reverse(ct, axis).cumsum(axis=axis), axis)


linear(
    np.cumsum,
    _cumsum_transpose,
    call=lambda a, axis=None, dtype=None: a.cumsum(axis, dtype),
    batch=shifted(None, flat=True),
)


# ------------------------------------------------------------------------------------ products


def may_divide(ans, a):
    """Whether ``ans / a`` is the product of the factors but a: none of the products ans is lost.

    The quotient has an error of some ulp; but its derivative by a itself, which is 0, has one of
    ``ans / a**2``.  So it serves for plain arrays alone.
    """
    return type(a) is np.ndarray and a.dtype.kind in "fc" and have_all_digits(ans)


def _others(ans, a, axis, keepdims, initial, where):
    """The derivative of a product by each factor: the product of the other ones."""
    if where is not True:
        a = np.where(where, a, 1)
    if may_divide(ans, a):
        others = keep_dims(ans, a, axis, keepdims) / a
    elif not a.size:
        others = a
    else:
        # Products of the factors before and of those after, right with zeros.
        factors = last_axis(a, axis)
        one = np.ones((*factors.shape[:-1], 1), a.dtype)
        before = np.concatenate([one, factors[..., :-1]], axis=-1)
        after = np.concatenate([factors[..., 1:], one], axis=-1)
        others = np.cumprod(before, axis=-1) * reverse(np.cumprod(reverse(after, -1), axis=-1), -1)
        others = initial * unmerged(others, a, axis)
    return others if where is True else np.where(where, others, 0)


def unmerged(merged, a, axis):
    """Undo last_axis."""
    if axis is None or not a.ndim:
        return merged.reshape(a.shape)
    if not isinstance(axis, tuple):
        return np.moveaxis(merged, -1, axis)
    rest = merged.shape[:-1]
    apart = merged.reshape(*rest, *(a.shape[i] for i in axis))
    return np.moveaxis(apart, range(len(rest), a.ndim), axis)


def _prod_jvp(tangents, ans, a, axis=None, dtype=None, keepdims=False, initial=1, where=True):
    (da,) = tangents
    a = in_dtype(a, dtype)
    partial = _others(ans, a, axis, keepdims, initial, where)
    return guarded_product(da, partial).sum(axis=axis, keepdims=keepdims)


def _prod_vjp(ct, wanted, ans, a, axis=None, dtype=None, keepdims=False, initial=1, where=True):
    a = in_dtype(a, dtype)
    partial = _others(ans, a, axis, keepdims, initial, where)
    return (guarded_product(keep_dims(ct, a, axis, keepdims), partial),)


def _prod(a, **options):
    if is_product_over_roots():
        raise no_rule(
            "numpy.polynomial.polynomial.polyvalfromroots of a traced array",
            "write np.prod(x - np.reshape(r, (-1,) + (1,) * np.ndim(x)), axis=0)",
            "it asks whether x is an ndarray, and multiplies along another axis",
        )
    return np.prod(a, **options)


rule(np.prod, _prod_jvp, _prod_vjp, call=_prod, batch=shifted(None, flat=False))


def _recurrence(factors, terms, axis):
    """y[k] = terms[k] + factors[k] y[k - 1] along axis, without division."""
    factors, terms = np.moveaxis(factors, axis, -1), np.moveaxis(terms, axis, -1)
    return np.moveaxis(recurrence(factors, terms), -1, axis)


def _shifted(a, axis, end):
    """a moved by one along axis, a one coming in at its end (0 or -1)."""
    one = np.ones_like(sliced(a, axis, None, 1))
    if end == 0:
        return np.concatenate([one, sliced(a, axis, None, -1)], axis=axis)
    return np.concatenate([sliced(a, axis, 1), one], axis=axis)


def _cumprod_jvp(tangents, ans, a, axis=None, dtype=None):
    (da,) = tangents
    a = in_dtype(a, dtype)
    if axis is None or not a.ndim:
        a, da, axis = a.reshape(-1), da.reshape(-1), 0
    if may_divide(ans, a):
        return ans * (da / a).cumsum(axis=axis)
    return _recurrence(a, guarded_product(da, _shifted(ans, axis, 0)), axis)


def _cumprod_vjp(ct, wanted, ans, a, axis=None, dtype=None):
    shape = a.shape
    a = in_dtype(a, dtype)
    if axis is None or not a.ndim:
        a, axis = a.reshape(-1), 0
    if may_divide(ans, a):
        total = _cumsum_transpose(guarded_product(ct, ans), a, axis)
        return (guarded_product(total, 1 / a).reshape(shape),)
    later = reverse(_shifted(a, axis, -1), axis)
    tails = reverse(_recurrence(later, reverse(ct, axis), axis), axis)
    return (guarded_product(tails, _shifted(ans, axis, 0)).reshape(shape),)


rule(np.cumprod, _cumprod_jvp, _cumprod_vjp)


# ------------------------------------------------------------------------------------- extrema


def _attained(ans, a, axis, keepdims, initial, where):
    """Where the extremum is attained, and in how many places: these share its derivative."""
    places = np.equal(a, keep_dims(ans, a, axis, keepdims))
    if where is not True:
        places = places & where
    n = places.sum(axis=axis, keepdims=True) if keepdims else np.count_nonzero(places, axis)
    return places, n if initial is None else n + np.equal(initial, ans)


def _extremum_jvp(tangents, ans, a, axis=None, keepdims=False, initial=None, where=True):
    (da,) = tangents
    places, n = _attained(ans, a, axis, keepdims, initial, where)
    return np.where(places, da, 0).sum(axis=axis, keepdims=keepdims) / n


def _extremum_vjp(ct, wanted, ans, a, axis=None, keepdims=False, initial=None, where=True):
    places, n = _attained(ans, a, axis, keepdims, initial, where)
    return (np.where(places, keep_dims(ct / n, a, axis, keepdims), 0),)


for _extremum in (np.max, np.min, np.amax, np.amin, np.nanmax, np.nanmin):
    rule(_extremum, _extremum_jvp, _extremum_vjp)


def _ptp(a, axis=None, keepdims=False):
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


composition(np.ptp, _ptp, arity=1)


# ----------------------------------------------------------------- reductions that ignore nans


def without_nan(a, fill=0):
    """a with ``fill`` for nan; a itself where there is none."""
    nan = np.isnan(a)
    return a if nowhere(nan) else np.where(nan, fill, a)


composition(np.nansum, lambda a, *args, **options: np.sum(without_nan(a), *args, **options), 1)
composition(np.nanprod, lambda a, *args, **options: np.prod(without_nan(a, 1), *args, **options), 1)
composition(
    np.nancumsum, lambda a, *args, **options: np.cumsum(without_nan(a), *args, **options), 1
)
composition(
    np.nancumprod, lambda a, *args, **options: np.cumprod(without_nan(a, 1), *args, **options), 1
)


# ------------------------------------------------------------------------------- ufunc methods


def _along_first(function):
    """As ufunc.reduce and ufunc.accumulate call it: along the first axis by default."""

    def call(array, axis=0, **options):
        return function(_dispatching(array, **options), axis=axis, **options)

    return call


def _extremum_along_first(function):
    """The same for extrema, which have no dtype= of their own."""

    def call(array, axis=0, dtype=None, **options):
        array = _dispatching(in_dtype(array, dtype), **options)
        return function(array, axis=axis, **options)

    return call


def _dispatching(array, where=True, **options):
    """The array in rows where its mask differs from row to row: np.sum dispatches by the array alone."""
    if isinstance(where, Traced) and not isinstance(array, Traced):
        return np.where(where, array, array).reshape(np.shape(array))
    return array


def in_dtype(a, dtype):
    """a as a ufunc with dtype= computes with it."""
    return a if dtype is None else a.astype(dtype)


composition(np.add.reduce, _along_first(np.sum), 1)
composition(np.multiply.reduce, _along_first(np.prod), 1)
composition(np.maximum.reduce, _extremum_along_first(np.max), 1)
composition(np.minimum.reduce, _extremum_along_first(np.min), 1)
composition(np.fmax.reduce, _extremum_along_first(np.nanmax), 1)
composition(np.fmin.reduce, _extremum_along_first(np.nanmin), 1)
constant(
    *(ufunc.reduce for ufunc in (np.logical_and, np.logical_or, np.logical_xor)),
    batch=shifted(0, flat=False),
)
composition(np.add.accumulate, _along_first(np.cumsum), 1)
composition(np.multiply.accumulate, _along_first(np.cumprod), 1)


def _running_extremum(ufunc):
    def call(array, axis=0, dtype=None):
        return np.take_along_axis(in_dtype(array, dtype), latest(array, axis), axis)

    def places(array, axis):
        n = along(np.arange(array.shape[axis]), axis, array.ndim)
        running = ufunc.accumulate(array, axis)
        # maximum keeps the first nan for good, fmax until the first number.
        attained = (array == running) | (np.isnan(array) & np.isnan(running))
        return np.maximum.accumulate(np.where(attained, n, 0), axis)

    latest = constant(places)
    composition(ufunc.accumulate, call, 1)


for _ufunc in (np.maximum, np.minimum, np.fmax, np.fmin):
    _running_extremum(_ufunc)


def _log_sum(ufunc, exp):
    """Declare the reduction by logaddexp or logaddexp2: the log of a sum of exps."""

    def shares(ans, array, axis, keepdims, where):
        """The softmax: what an initial value has of the sum is missing in it."""
        ans = keep_dims(ans, array, axis, keepdims)
        # Where all elements are -inf the differences would be nan.
        return exp(np.where(where, array, -np.inf) - np.where(np.isinf(ans), 0, ans))

    def jvp(tangents, ans, array, axis=0, dtype=None, keepdims=False, initial=None, where=True):
        """d log sum exp x = softmax(x) . dx."""
        part = guarded_product(
            tangents[0], shares(ans, in_dtype(array, dtype), axis, keepdims, where)
        )
        return part.sum(axis=axis, keepdims=keepdims)

    def vjp(ct, wanted, ans, array, axis=0, dtype=None, keepdims=False, initial=None, where=True):
        """x' = softmax(x) ct."""
        ct = keep_dims(ct, array, axis, keepdims)
        return (guarded_product(ct, shares(ans, in_dtype(array, dtype), axis, keepdims, where)),)

    rule(ufunc.reduce, jvp, vjp, batch=shifted(0, flat=False))


_log_sum(np.logaddexp, np.exp)
_log_sum(np.logaddexp2, np.exp2)
