"""Averages, spreads, quantiles and correlations.

Must not know how sums are differentiated: reductions.py does.
"""

from functools import partial

import numpy as np

from dualrev.axes import beside
from dualrev.core.arrays import nowhere, numbers_known, somewhere
from dualrev.core.guarded import guarded_product
from dualrev.core.traced import is_traced
from dualrev.core.words import composition, computed_below_by, constant, linear, rule
from dualrev.rules.norms import norm_below
from dualrev.rules.reductions import count, keep_dims, kept_shape, last_axis, spread
from dualrev.rules.shape import as_array, as_number
from dualrev.ways import aligned, in_all_rows, shifted

_ndarray = np.ndarray
_NUMBERS = frozenset({int, float})

# -------------------------------------------------------------------------------------- means


def _mean(a, axis=None, **options):
    if type(a) is _ndarray and is_traced(options.get("where")):
        return np.mean(
            a, axis=axis, **options
        )  # the method asks of all rows whether a mask is empty
    # The method is Python: 2.2 us against 1.1 for the same two operations.
    if options or type(a) is not _ndarray or a.dtype != np.float64 or not a.size or not a.ndim:
        return a.mean(axis=axis, **options)
    return a.sum(axis=axis) / count(a, axis)


def _mean_transpose(ct, a, axis=None, dtype=None, keepdims=False, where=True):
    ct = keep_dims(ct, a, axis, keepdims) / count(a, axis, where)
    return spread(ct, a) if where is True else np.where(where, ct, 0)


linear(np.mean, _mean_transpose, call=_mean, batch=shifted(None, flat=False))


def _is_number(a, where):
    return ~np.isnan(a) & where


def _nanmean_jvp(tangents, ans, a, axis=None, dtype=None, keepdims=False, where=True):
    (da,) = tangents
    return _mean(da, axis, keepdims=keepdims, where=_is_number(a, where))


def _nanmean_vjp(ct, wanted, ans, a, axis=None, dtype=None, keepdims=False, where=True):
    return (_mean_transpose(ct, a, axis, dtype, keepdims, _is_number(a, where)),)


rule(np.nanmean, _nanmean_jvp, _nanmean_vjp)


def _average(a, axis=None, weights=None, returned=False, keepdims=False):
    if weights is None:
        ans = a.mean(axis=axis, keepdims=keepdims)
        total = ans.dtype.type(a.size / ans.size)
    else:
        weights = _as_weights(weights)
        if weights.shape != a.shape:
            weights = _weights_along(weights, a, axis)
        dtype = np.result_type(a.dtype, weights.dtype)
        total = weights.sum(axis=axis, dtype=dtype, keepdims=keepdims)
        zero = np.equal(total, 0)
        if numbers_known(zero) and zero.any():
            raise ZeroDivisionError("Weights sum to zero, can't be normalized")
        ans = (a * weights).sum(axis=axis, keepdims=keepdims) / total
    return (ans, as_number(np.broadcast_to(total, ans.shape).copy())) if returned else ans


def _as_weights(weights):
    """Weights as an array; not by np.array, as there may be traced numbers in a list."""
    return np.stack(weights) if isinstance(weights, list | tuple) else weights


def _weights_along(weights, a, axis):
    """Weights of some axes only, shaped to multiply a."""
    if axis is None:
        raise TypeError("Axis must be specified when shapes of a and weights differ.")
    axes = axis if isinstance(axis, tuple) else (axis,)
    if weights.shape != tuple(a.shape[i] for i in axes):
        raise ValueError(
            "Shape of weights must be consistent with shape of a along specified axis."
        )
    axes = [i % a.ndim for i in axes]
    shape = [1] * a.ndim
    for i in axes:
        shape[i] = a.shape[i]
    return weights.transpose(np.argsort(axes).tolist()).reshape(tuple(shape))


composition(np.average, _average, arity=1)

# ------------------------------------------------------------------------------------- spreads


def _deviations(a, axis, where):
    """What is squared in a variance, conjugated: its derivative is twice that."""
    if where is True:
        deviations = a - a.mean(axis=axis, keepdims=True)
    else:
        deviations = np.where(where, a - _mean(a, axis, keepdims=True, where=where), 0)
    return np.conjugate(deviations) if a.dtype.kind == "c" else deviations


def _freedom(a, axis, where, keepdims, ddof):
    """How many degrees of freedom are left: none where fewer than none."""
    left = count(a, axis, where, keepdims) - ddof
    return max(left, 0) if type(left) in _NUMBERS else np.where(np.less(left, 0), 0, left)[()]


def _spread_rule(function, slope, select=lambda a, where: where, name=None):
    """Declare a variance, whose derivative is the deviations times ``slope(ans, freedom)``.

    d var = 2 / (n - ddof) Re sum conj(a - mean) da; the derivative of the mean drops out.
    """

    def parts(ans, a, axis, ddof, keepdims, where, correction):
        where = select(a, where)
        ddof = ddof if correction is None else correction
        freedom = _freedom(a, axis, where, keepdims, ddof)
        return where, _deviations(a, axis, where), slope(ans, freedom)

    def jvp(
        tangents, ans, a, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None
    ):
        where, deviations, scale = parts(ans, a, axis, ddof, keepdims, where, correction)
        # An element left out may have a tangent that is not finite.
        t = tangents[0] if where is True else np.where(where, tangents[0], 0)
        if type(scale) is _ndarray or isinstance(scale, np.number):
            return (deviations * t).sum(axis=axis, keepdims=keepdims).real * scale
        # The slope may have no derivative, which what stands still need not know.
        products = guarded_product(t, deviations * keep_dims(scale, a, axis, keepdims))
        return products.sum(axis=axis, keepdims=keepdims).real

    def vjp(
        ct,
        wanted,
        ans,
        a,
        axis=None,
        dtype=None,
        ddof=0,
        keepdims=False,
        where=True,
        correction=None,
    ):
        where, deviations, scale = parts(ans, a, axis, ddof, keepdims, where, correction)
        ct = keep_dims(guarded_product(ct, scale), a, axis, keepdims)
        product = guarded_product(ct, deviations)
        return (product if where is True else np.where(where, product, 0),)

    return rule(function, jvp, vjp, name=name, batch=shifted(None, flat=False))


def _of_variance(ans, freedom):
    # np.divide, as Python's own 0 is a freedom too
    return np.divide(2.0, freedom)


def _of_deviation(ans, freedom):
    # The deviations of constant data are 0: any finite slope gives the derivative 0.
    return np.divide(1.0, freedom * (ans + np.equal(ans, 0)))


def _about_given_mean(function, slope, select=lambda a, where: where):
    """The composition that takes a mean, or ddof, whose derivative counts too, from the caller."""
    about_own = _spread_rule(
        lambda a, **options: function(a, **options), slope, select, function.__name__
    )

    def call(
        a, axis=None, dtype=None, ddof=0, keepdims=False, where=True, mean=None, correction=None
    ):
        if correction is not None:
            if not is_traced(ddof) and ddof != 0:
                raise ValueError("ddof and correction can't be provided simultaneously.")
            ddof = correction
        if mean is None and not is_traced(ddof):
            options = {} if where is True else {"where": where}
            return about_own(a, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims, **options)
        where = select(a, where)
        if mean is None:
            mean = _mean(a, axis, keepdims=True, where=where)
        deviations = np.where(where, a - mean, 0)
        # NumPy conjugates where a is complex: of real numbers and a complex mean it does not.
        complex_ = a.dtype.kind == "c"
        squares = (deviations * np.conjugate(deviations)).real if complex_ else deviations**2
        total = squares.sum(axis=axis, dtype=dtype, keepdims=keepdims)
        freedom = _freedom(a, axis, where, keepdims, ddof)
        if select is _is_number:  # of none left it is nan, not infinite
            freedom = np.where(np.equal(freedom, 0), np.nan, freedom)[()]
        variance = (total / freedom).astype(total.dtype)
        if slope is _of_variance:
            return variance
        zero = np.equal(variance, 0)
        if nowhere(zero):
            return np.sqrt(variance)
        norm = np.linalg.norm(last_axis(deviations, axis), axis=-1).reshape(variance.shape)
        return as_number(np.where(zero, norm, np.sqrt(np.where(zero, 1, variance))))

    composition(function, call, arity=1)
    return about_own


def _declare_deviation(function, select=lambda a, where: where):
    about_own = _about_given_mean(function, _of_deviation, select)

    def strict(a, axis=None, dtype=None, ddof=0, keepdims=False, where=True):
        options = {} if where is True else {"where": where}
        ans = about_own(a, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims, **options)
        where = select(a, where)
        deviations = _deviations(a, axis, where)
        # A deviation is 0 of equal numbers, however they move together; that of one always.
        norm = norm_below(last_axis(deviations, axis), axis=-1).reshape(ans.shape)
        return ans + 0.0 * np.where(count(a, axis, where, keepdims) == 1, 0, norm)

    computed_below_by(strict, about_own)


_about_given_mean(np.var, _of_variance)
_about_given_mean(np.nanvar, _of_variance, _is_number)
_declare_deviation(np.std)
_declare_deviation(np.nanstd, _is_number)


# ---------------------------------------------------------------------------- order statistics


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
        weights = np.broadcast_to(_weights_along(weights, a, axis), a.shape)
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

# -------------------------------------------------------------------------------- correlations


# Older NumPy (2.0) reads a single row as one variable whatever rowvar says.
_ONE_ROW_STAYS = np.cov(np.zeros((1, 2)), rowvar=False, bias=True).ndim == 0


def _variables(m, dtype, rowvar):
    """Observations as np.cov reads them: one variable a row, in floating point."""
    m = np.atleast_1d(m)
    m = m if m.dtype == dtype else m.astype(dtype)
    if m.ndim < 2:
        return m.reshape(1, -1)
    return m if rowvar or (_ONE_ROW_STAYS and len(m) == 1) else m.T


def _cov(
    m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None
):
    if dtype is None:
        dtype = np.result_type(*(a for a in (m, y) if a is not None), np.float64)
    x = _variables(m, dtype, rowvar)
    if not len(x):
        return np.zeros((0, 0))
    if y is not None:
        x = np.concatenate([x, _variables(y, dtype, rowvar)], axis=0)
    if ddof is None:
        ddof = 1 if bias == 0 else 0  # None is not equal to 0
    if aweights is not None:
        aweights = _as_weights(aweights).real.astype(float)
    weights = aweights if fweights is None else np.asarray(fweights, float)
    if fweights is not None and aweights is not None:
        weights = weights * aweights
    if weights is not None and somewhere(np.less(weights, 0)):
        raise ValueError("weights of a covariance cannot be negative")
    if weights is None:
        freedom = x.shape[1] - ddof
        centered = x - x.mean(axis=1, keepdims=True)
        weighted = centered
    else:
        mean, total = np.average(x, axis=1, weights=weights, returned=True)
        # Weights of importance, aweights, count by their own weighted mean (NumPy's manual).
        freedom = total[0] - ddof * (
            1 if aweights is None else np.sum(weights * aweights) / total[0]
        )
        centered = (x - mean[:, np.newaxis]).astype(dtype)
        weighted = centered * weights
    weighted = weighted.T
    c = centered @ (np.conjugate(weighted) if weighted.dtype.kind == "c" else weighted)
    # Fewer than no degrees of freedom are none.
    freedom = np.where(np.less_equal(freedom, 0), 0.0, freedom)[()]
    return (c * np.true_divide(1, freedom)).astype(c.dtype).squeeze()


composition(np.cov, _cov, arity=2, judged=True)


# Rounding may take a correlation past 1, where NumPy clips it: a change of the value only.
@partial(constant, batch=aligned)
def _past_one(r):
    return np.clip(r, -1, 1) - r


def _corrcoef(x, y=None, rowvar=True, *, dtype=None):
    c = np.cov(x, y, rowvar, dtype=dtype)
    if not c.ndim:
        return c / c
    deviation = np.sqrt(np.diagonal(c).real)
    c = c / deviation[:, np.newaxis] / deviation[np.newaxis, :]
    if c.dtype.kind == "c":
        return c + (_past_one(c.real) + 1j * _past_one(c.imag))
    return c + _past_one(c)


composition(np.corrcoef, _corrcoef, arity=2, judged=True)
