"""Running sums and products in the array API's form, and phases unwrapped.

Must not know how a running sum is differentiated: reductions.py does.
"""

import math

import numpy as np

from dualrev.axes import with_length
from dualrev.core.words import composition, rule


def _cumulative(function, identity):
    def call(x, /, *, axis=None, dtype=None, include_initial=False):
        x = np.atleast_1d(x)
        if axis is None:
            if x.ndim > 1:
                raise ValueError(
                    "For arrays which have more than one dimension ``axis`` argument is required."
                )
            axis = 0
        ans = function(x, axis=axis, dtype=dtype)
        if include_initial:
            initial = np.full_like(ans, identity, shape=with_length(x.shape, axis, 1))
            ans = np.concatenate([initial, ans], axis=axis)
        return ans

    return call


if hasattr(np, "cumulative_sum"):  # from numpy 2.1
    composition(np.cumulative_sum, _cumulative(np.cumsum, 0), arity=1)
    composition(np.cumulative_prod, _cumulative(np.cumprod, 1), arity=1)


def _unwrap_jvp(tangents, ans, p, discont=None, axis=-1, *, period=2 * math.pi):
    """What is added to p is a whole number of periods."""
    return tangents[0]


def _unwrap_vjp(ct, wanted, ans, p, discont=None, axis=-1, *, period=2 * math.pi):
    return (ct,)


rule(np.unwrap, _unwrap_jvp, _unwrap_vjp, reads_values=False)
