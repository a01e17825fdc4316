"""Order statistics: medians and quantiles.

Must not know how elements are sorted: sorting.py does.
"""

from functools import partial

import numpy as np

from dualrev.axes import beside, one_or_many
from dualrev.core.arrays import nowhere, somewhere
from dualrev.core.words import composition, constant
from dualrev.rules.reductions import kept_shape, last_axis
from dualrev.rules.shape import as_array, as_number
from dualrev.rules.statistics import weights_along
from dualrev.ways import aligned, in_all_rows

_ndarray = np.ndarray
_NUMBERS = frozenset({int, float})


def _ranked(x, order, ranks):
    """The elements of x of these ranks along the first axis; ``order`` sorts it."""
    ranks = np.broadcast_to(ranks, (len(ranks), *x.shape[1:]))
    return np.take_along_axis(x, np.take_along_axis(order, ranks, axis=0), axis=0)


def _first_axis(a, axis):
    """a with the axes that are folded merged into one, the first."""
    return np.moveaxis(last_axis(a, axis), -1, 0)


def _nan_where(nan, ans):
    return ans if nowhere(nan) else np.where(nan, np.nan, ans)


def _median(a, axis=None, overwrite_input=False, keepdims=False):
    axis = one_or_many(axis, a.ndim)
    x = _first_axis(a, axis)
    n = len(x)
    if not n:
        return a.mean(axis=axis, keepdims=keepdims)
    ranks = beside(np.array([(n - 1) // 2, n // 2]), x.ndim)
    middle = _ranked(x, np.argpartition(x, np.unique(ranks), axis=0), ranks)
    ans = _nan_where(np.isnan(x).any(axis=0), middle.mean(axis=0))
    return as_array(ans.reshape(kept_shape(a, axis))) if keepdims else ans


def _nanmedian(a, axis=None, overwrite_input=False, keepdims=False):
    if not a.size:
        return a.mean(axis=axis, keepdims=keepdims)
    axis = one_or_many(axis, a.ndim)
    x = _first_axis(a, axis)
    n = (~np.isnan(x)).sum(axis=0)
    ranks = np.stack([np.maximum(n - 1, 0) // 2, n // 2])
    ans = _ranked(x, np.argsort(x, axis=0), ranks).mean(axis=0)
    return as_array(ans.reshape(kept_shape(a, axis))) if keepdims else ans


composition(np.median, _median, arity=1, judged=True)
composition(np.nanmedian, _nanmedian, arity=1, judged=True)

#: The methods that answer an element as it is.
_WHOLE = frozenset({"inverted_cdf", "closest_observation", "lower", "higher", "nearest"})
# Hyndman and Fan (1996), "Sample quantiles in statistical packages": alpha and beta.
_CONTINUOUS = {
    "interpolated_inverted_cdf": (0, 1),
    "hazen": (0.5, 0.5),
    "weibull": (0, 0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}


@np.vectorize
def _step(q, n, method):
    # A quantile of 0, 1, ..., n - 1 is the rank of that quantile.
    return np.quantile(np.arange(max(n, 1), dtype=float), q, method=method)


@partial(constant, arity=2, batch=aligned)
def _step_position(q, n, method):
    return _step(q, n, method)


def _position(q, n, method):
    """The rank, not a whole number, at which a quantile lies among n elements."""
    if method == "linear":
        return (n - 1) * q
    if method not in _CONTINUOUS:
        return _step_position(q, n, method)
    alpha, beta = _CONTINUOUS[method]
    return np.clip(n * q + (alpha + q * (1 - alpha - beta)) - 1, 0, n - 1)


def _weighted_ranks(x, order, q, weights, method, skip_nan):
    """The ranks of the elements that np.quantile chooses by their weights: steps in all arguments."""
    ranks = np.empty(x.shape)
    np.put_along_axis(ranks, order, beside(np.arange(len(x)), x.ndim), axis=0)
    ranks[np.isnan(x)] = np.nan
    function = np.nanquantile if skip_nan else np.quantile
    chosen = function(ranks, q, axis=0, weights=weights, method=method)
    return np.where(np.isnan(chosen), len(x) - 1, chosen).astype(np.intp)


def _weighted_ranks_batch(call, batched, x, order, q, weights, **options):
    """The rows along the last axis, as NumPy folds the first."""
    if batched[2]:
        return NotImplemented
    arrays = in_all_rows([batched[i] for i in (0, 1, 3)], (x, order, weights))
    x, order, weights = (np.moveaxis(a, 0, -1) for a in arrays)
    return np.moveaxis(call(x, order, q, weights, **options), -1, 0)


_weighted_ranks = constant(_weighted_ranks, arity=4, batch=_weighted_ranks_batch)


def _weighted_quantile(a, q, axis, weights, method, keepdims, skip_nan):
    weights = weights if hasattr(weights, "shape") else np.asarray(weights)
    if weights.shape != a.shape:
        weights = np.broadcast_to(weights_along(weights, a, axis), a.shape)
    x = _first_axis(a, axis)
    order = np.argsort(x, axis=0)
    ranks = _weighted_ranks(x, order, q, _first_axis(weights, axis), method, skip_nan)
    ans = _ranked(x, order, ranks.reshape(-1, *x.shape[1:]))
    if not skip_nan:
        ans = _nan_where(np.isnan(x).any(axis=0), ans)
    return ans.reshape(np.shape(q) + (kept_shape(a, axis) if keepdims else x.shape[1:]))


def _quantile(a, q, axis, method, keepdims, skip_nan):
    x = _first_axis(a, axis)
    if type(q) in _NUMBERS:
        q = np.array(q, a.dtype)
    elif isinstance(q, list | tuple):
        q = np.array(q)
    if somewhere(np.less(q, 0) | np.greater(q, 1)):
        raise ValueError("Quantiles must be in the range [0, 1]")
    nan = np.isnan(x)
    n = (~nan).sum(axis=0) if skip_nan else len(x)
    position = _position(beside(q.reshape(-1), x.ndim), n, method)
    floor = np.maximum(np.floor(position), 0)
    lower = floor.astype(np.intp)
    upper = np.maximum(np.minimum(lower + 1, n - 1), 0)
    if skip_nan or type(lower) is not _ndarray:
        order = np.argsort(x, axis=0)
    else:
        order = np.argpartition(x, np.union1d(lower, upper), axis=0)
    below, above = _ranked(x, order, lower), _ranked(x, order, upper)
    # From the nearer side, as NumPy interpolates: the same to the last bit.
    part, step = position - floor, above - below
    ans = np.where(np.greater_equal(part, 0.5), above - step * (1 - part), below + step * part)
    if not skip_nan:
        ans = _nan_where(nan.any(axis=0), ans)
    dtype = a.dtype if method in _WHOLE else np.result_type(a.dtype, q.dtype)
    ans = ans.astype(dtype) if dtype.kind == "f" and dtype != ans.dtype else ans
    return ans.reshape(q.shape + (kept_shape(a, axis) if keepdims else x.shape[1:]))


def _declare_quantile(function, skip_nan, scale):
    def call(a, q, axis=None, overwrite_input=False, method="linear", keepdims=False, weights=None):
        q = np.divide(q, a.dtype.type(100) if type(q) in _NUMBERS else 100) if scale else q
        if not a.size:
            return _of_nothing(a, q, axis=axis, method=method, keepdims=keepdims)
        axis = one_or_many(axis, a.ndim)
        if weights is not None:
            return _weighted_quantile(a, q, axis, weights, method, keepdims, skip_nan)
        return as_number(_quantile(a, q, axis, method, keepdims, skip_nan))

    of_nothing = np.nanquantile if skip_nan else np.quantile

    @constant
    def _of_nothing(a, q, **options):
        return of_nothing(a, q, **options)

    composition(function, call, arity=2, judged=True)


_declare_quantile(np.quantile, skip_nan=False, scale=False)
_declare_quantile(np.percentile, skip_nan=False, scale=True)
_declare_quantile(np.nanquantile, skip_nan=True, scale=False)
_declare_quantile(np.nanpercentile, skip_nan=True, scale=True)
