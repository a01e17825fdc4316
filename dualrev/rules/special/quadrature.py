"""Integrals over a half line, element by element, for derivatives that have no other form.

Must not know which functions need them.  The trapezoidal rule converges exponentially where the
integrand is analytic in a strip: Trefethen and Weideman (2014), "The exponentially convergent
trapezoidal rule".
"""

import numpy as np

# Elements at a time: with the nodes on an axis of their own all of it stays in the cache.
_CHUNK = 256


def by_chunks(function, *arrays, size=_CHUNK):
    """``function`` of 1-d arrays, with its nodes on a leading axis, a piece of them at a time."""
    pieces = [function(*(a[i : i + size] for a in arrays)) for i in range(0, arrays[0].size, size)]
    return np.concatenate(pieces) if pieces else np.empty(0)


def in_domain(function, valid, *arrays):
    """``function`` of 1-d arrays, for elements of arrays that are ``valid(*arrays)``; nan elsewhere."""
    arrays = np.broadcast_arrays(*(np.asarray(a, float) for a in arrays))
    mask = valid(*arrays) & np.logical_and.reduce([np.isfinite(a) for a in arrays])
    out = np.full(arrays[0].shape, np.nan)
    with np.errstate(all="ignore"):
        out[mask] = by_chunks(function, *(a[mask] for a in arrays))
    return out[()]


def half_line():
    """Nodes and weights, as columns, for w > 0 and what falls as exp(-w) or faster.

    From w = exp(s - exp(-s)), the double exponential change of variable of Takahasi and Mori (1974).
    To w = 100, so that the integrand may fall as slowly as exp(-0.4 w).
    """
    step = 0.125
    s = np.arange(-3.6, 4.61, step)[:, None]
    w = np.exp(s - np.exp(-s))
    return w, step * w * (1 + np.exp(-s))


def whole_line(low, high):
    """Nodes t = exp(s) and weights, as columns, for what is analytic in s where |Im s| < pi.

    The error is exp(-2 pi^2 / step) = 1e-19 times the size of the integrand near the strip's edge.
    """
    step = 0.45
    t = np.exp(np.arange(low, high, step))[:, None]
    return t, step * t
