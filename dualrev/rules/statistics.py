"""Averages, spreads and correlations.

Must not know how sums are differentiated: reductions.py does.
"""

from functools import partial

import numpy as np

from dualrev.axes import one_or_many
from dualrev.core.arrays import nowhere, numbers_known, somewhere
from dualrev.core.guarded import guarded_product
from dualrev.core.traced import is_traced
from dualrev.core.words import composition, computed_below_by, constant, linear, rule
from dualrev.rules.norms import norm_below
from dualrev.rules.reductions import count, keep_dims, last_axis, spread
from dualrev.rules.shape import as_number
from dualrev.ways import aligned, shifted

_ndarray = np.ndarray

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
    axis = one_or_many(axis, a.ndim)
    if weights is None:
        ans = a.mean(axis=axis, keepdims=keepdims)
        total = ans.dtype.type(a.size / ans.size)
    else:
        weights = _as_weights(weights)
        if weights.shape != a.shape:
            weights = weights_along(weights, a, axis)
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


def weights_along(weights, a, axis):
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
    return max(left, 0) if type(left) in (int, float) else np.where(np.less(left, 0), 0, left)[()]


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
        # Of complex numbers NumPy may take the mean, in a real dtype, of their real parts.
        of_own = mean is None and (dtype is None or a.dtype.kind != "c")
        if of_own and not is_traced(ddof):
            options = {} if where is True else {"where": where}
            return about_own(a, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims, **options)
        where = select(a, where)
        if mean is None:
            mean = _mean(a, axis, dtype=dtype, keepdims=True, where=where)
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
