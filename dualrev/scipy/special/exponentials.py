"""Sums of exponentials: logsumexp, softmax, log_softmax.

Must not know the other functions of scipy.special.
"""

import numpy as np
from scipy import special

from dualrev.core.arrays import nowhere, numbers_known
from dualrev.core.cotangents import sum_of_terms
from dualrev.core.words import constant, rule
from dualrev.scipy.twin import twin
from dualrev.ways import aligned, own_along, owning, rows_ndim, shift, shifted

__all__ = ["log_softmax", "logsumexp", "softmax"]


def _along(name):
    """The way of a function of arrays that broadcast, along axes of this name, by default all."""

    def own_axes(arrays, options):
        axes = options if len({x.ndim for x in arrays}) == 1 else {}
        return [own_along(None, name)([x], axes)[0] for x in arrays]

    @owning(own_axes)
    def batch(call, batched, /, *arrays, **options):
        ndim = rows_ndim(batched, arrays)
        axes = options.get(name)
        options[name] = shift(range(ndim) if axes is None else axes, ndim)
        return aligned(call, batched, *arrays, **options)

    return batch


def _log_of_sum(*arrays, axis=None, keepdims=False, return_sign=False):
    a, b = arrays if len(arrays) == 2 else (arrays[0], None)
    if not (return_sign or all(map(numbers_known, arrays))):
        return _log_of_sum_of_any(a, b, axis, keepdims)
    return special.logsumexp(a, axis, b, keepdims, return_sign)


def _log_of_sum_of_any(a, b, axis, keepdims):
    """The same in functions that dispatch."""
    largest = np.max(a, axis=axis, keepdims=True)
    largest = np.where(np.isfinite(largest), largest, 0)
    terms = np.exp(a - largest)
    total = np.sum(terms if b is None else b * terms, axis=axis, keepdims=True)
    ans = np.log(total) + largest
    return ans if keepdims else np.squeeze(ans, axis)


def _reduced(shapes, axis):
    """The axes of the sum, and the shape that it has when they are kept."""
    shape = np.broadcast_shapes((1,), *shapes)
    if axis is None:
        axes = set(range(len(shape)))
    else:
        axes = {i % len(shape) for i in (axis if isinstance(axis, tuple) else (axis,))}
    return tuple(axes), tuple(1 if i in axes else n for i, n in enumerate(shape))


def _largest(share, axis):
    """Where the largest share is, as weights that sum to 1: there 1 - share may have no digits."""
    size = np.abs(share)
    largest = size == np.max(size, axis=axis, keepdims=True)
    return largest / np.sum(largest, axis=axis, keepdims=True)


_largest = constant(_largest, batch=shifted(None, flat=False))


def _less_mean(t, share, axis):
    """``t - sum(share t)``, where the shares sum to 1.

    Both terms are taken relative to the t of the largest share: where it is all but 1 they would
    cancel.
    """
    t = t - np.sum(_largest(share, axis) * t, axis=axis, keepdims=True)
    return t - np.sum(share * t, axis=axis, keepdims=True)


def _share_of(a, out, axes=None):
    gone = np.equal(np.real(a), -np.inf)
    if nowhere(gone):
        return np.exp(a - out)
    return np.where(gone, 0, np.exp(np.where(gone, 0, a) - np.where(gone, 0, out)))


def _share_jvp(tangents, ans, a, out, axes=None):
    """share (da - sum(share da)), of which a share that is exactly 0 has nothing: out follows from a"""
    t = np.where(np.equal(ans, 0), 0, tangents[0])
    return ans * _less_mean(t, ans, axes)


def _share_vjp(ct, wanted, ans, a, out, axes=None):
    """The same: the Jacobian is symmetric"""
    return ans * _less_mean(np.where(np.equal(ans, 0), 0, ct), ans, axes), None


_share = rule(_share_of, _share_jvp, _share_vjp, batch=_along("axes"))


def _shares(ans, arrays, return_sign, axes, kept):
    """``exp(a) / s`` where s is the sum of which ans is the logarithm; 0 where exp(a) is."""
    out, sign = ans if return_sign else (ans, None)
    out = np.reshape(out, kept)
    # A sum of real exponentials has no sign but 1.
    if len(arrays) == 1 and (sign is None or sign.dtype.kind != "c"):
        return _share(arrays[0], out, axes=axes)
    share = _share_of(arrays[0], out)
    return share if sign is None else share / np.reshape(sign, kept)


def _logsumexp_jvp(tangents, ans, *arrays, axis=None, keepdims=False, return_sign=False):
    """ds/s, with s = sum(b exp(a)); its real part for log|s|, i times its imaginary for the sign"""
    axes, kept = _reduced([np.shape(x) for x in arrays], axis)
    share = _shares(ans, arrays, return_sign, axes, kept)
    terms = (lambda t, factor=factor: t * factor for factor in (*arrays[1:], 1))
    t = np.sum(share * sum_of_terms(tangents, *terms), axis=axes)
    if not return_sign:
        return np.reshape(t, ans.shape)
    out, sign = ans
    t = np.reshape(t, out.shape)
    return np.real(t), 1j * np.imag(t) * sign if sign.dtype.kind == "c" else np.zeros_like(sign)


def _logsumexp_vjp(ct, wanted, ans, *arrays, axis=None, keepdims=False, return_sign=False):
    """The share of each term in s, times ct"""
    axes, kept = _reduced([np.shape(x) for x in arrays], axis)
    if return_sign:
        ct, ct_sign = ct
        sign = ans[1]
        if sign.dtype.kind == "c":
            ct = ct - 1j * np.real(1j * ct_sign * sign)
    ct = np.reshape(ct, kept) * _shares(ans, arrays, return_sign, axes, kept)
    if len(arrays) == 1:
        return (ct,)
    return ct * arrays[1] if wanted[0] else None, ct


_logsumexp = rule(_log_of_sum, _logsumexp_jvp, _logsumexp_vjp, batch=_along("axis"))


def _softmax_jvp(tangents, ans, x, axis=None):
    """ans (dx - sum(ans dx))"""
    return ans * _less_mean(tangents[0], ans, axis)


def _softmax_vjp(ct, wanted, ans, x, axis=None):
    """The same: the Jacobian is symmetric"""
    return (ans * _less_mean(ct, ans, axis),)


def _log_softmax_jvp(tangents, ans, x, axis=None):
    """dx - sum(exp(ans) dx)"""
    return _less_mean(tangents[0], np.exp(ans), axis)


def _log_softmax_vjp(ct, wanted, ans, x, axis=None):
    """ct - exp(ans) sum(ct)"""
    share = np.exp(ans)
    ct = ct - share * np.sum(ct, axis=axis, keepdims=True)
    # All sum to 0: what that of a share near 1 has lost is minus the sum.
    return (ct - _largest(share, axis) * np.sum(ct, axis=axis, keepdims=True),)


@twin(special.logsumexp)
def logsumexp(a, b, *, axis, keepdims, return_sign):
    """Logarithm of the sum of ``b * exp(a)``, which may itself overflow.

    Equals :func:`scipy.special.logsumexp`.  Derivatives by a and b, real or complex: each term's
    share ``b exp(a) / sum(b exp(a))`` times da, or times db / b.  A term that is exactly 0 because
    a is -inf has the share 0.

    Parameters
    ----------
    a : array_like
        Logarithms.
    axis : None, int or tuple of int
        Axes of the sum; all by default.
    b : array_like, optional
        Factors, broadcast against a; they may be negative.
    keepdims : bool
        Whether the axes of the sum are kept, with length 1.
    return_sign : bool
        Whether to answer the logarithm of the absolute value, and the sign: for complex numbers
        the phase, which has a derivative too.

    Returns
    -------
    array, or a tuple of two

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.special import logsumexp
    >>> dr.grad(logsumexp)(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    arrays = (a,) if b is None else (a, b)
    return _logsumexp(*arrays, axis=axis, keepdims=keepdims, return_sign=return_sign)


@twin(special.softmax, rule, _softmax_jvp, _softmax_vjp, batch=shifted(None, flat=False))
def softmax(x):
    """Shares ``exp(x) / sum(exp(x))``, of the shape of x.

    Equals :func:`scipy.special.softmax`.  The derivative along dx is ``s * (dx - sum(s * dx))``.

    Parameters
    ----------
    x : array_like
        Logarithms.
    axis : None, int or tuple of int
        Axes along which the shares sum to 1; all by default.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.special import softmax
    >>> dr.jacobian(softmax)(np.zeros(2))
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """


@twin(
    special.log_softmax,
    rule,
    _log_softmax_jvp,
    _log_softmax_vjp,
    batch=shifted(None, flat=False),
)
def log_softmax(x):
    """Logarithms of the shares that :func:`softmax` answers, without underflow.

    Equals :func:`scipy.special.log_softmax`.  The derivative along dx is ``dx - sum(softmax(x) * dx)``.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.special import log_softmax
    >>> dr.jacobian(log_softmax)(np.zeros(2))
    array([[ 0.5, -0.5],
           [-0.5,  0.5]])
    """
