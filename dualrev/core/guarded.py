"""Guarded products: an exactly zero tangent or cotangent stays zero beside an infinite partial.

Owns where such a product takes its masked form.  Must not know who sweeps.
"""

import functools
import operator

import numpy as np

from dualrev.core.arrays import has_nan
from dualrev.core.hidden import note_hidden
from dualrev.core.traced import Traced
from dualrev.core.words import rule
from dualrev.ways import aligned

__all__ = ["WEAK", "guarded_product", "may_need_guard"]

_FLOAT = np.float64
_ndarray = np.ndarray
#: Python's numbers do not broadcast what they meet.
WEAK = frozenset({float, int})


def guarded_product(ct, partial, both=False):
    """``ct * partial``, but 0 where ct is exactly 0, also where the partial is infinite or nan.

    With ``both`` also where the partial is exactly 0 and ct is not finite.
    """
    product = ct * partial
    if type(partial) in WEAK and partial - partial == 0:  # finite
        return product
    return _masked_product(ct, partial, both=both) if may_need_guard(product, ct) else product


def may_need_guard(product, ct):
    """Whether a product of ct and a partial holds a nan, or derivatives of it may."""
    if type(product) is _ndarray or type(product) is _FLOAT or not isinstance(product, Traced):
        return has_nan(product)
    return product.has_nan() or product.may_meet_nan(ct)


def _masked(ct, partial, both=False):
    hides = np.equal(ct, 0) & ~np.isfinite(partial)
    note_hidden(hides)
    finite = np.where(hides, 0, partial)
    if both:
        ct = np.where(np.equal(partial, 0) & ~np.isfinite(ct), 0, ct)
    return ct * finite


def _masked_jvp(tangents, ans, ct, partial, both=False):
    t_ct, t_partial = tangents
    if t_partial is None:
        return guarded_product(t_ct, partial)
    # A zero in ct stops an infinite tangent of the partial as it stops the partial itself.
    t = guarded_product(ct, t_partial)
    return t if t_ct is None else t + guarded_product(t_ct, partial)


def _masked_vjp(ct, wanted, ans, factor, partial, both=False):
    return (
        guarded_product(ct, partial) if wanted[0] else None,
        guarded_product(ct, factor, both=True) if wanted[1] else None,
    )


def _masked_series(ans, ct, partial, both=False):
    """Each 0 of ct stops what it is multiplied by, as in the jvp of the jvp."""
    terms = [
        guarded_product(c, p)
        for c, p in zip(ct, partial[len(ans) :: -1])
        if c is not None and p is not None
    ]
    return functools.reduce(operator.add, terms) if terms else None


_masked_product = rule(
    _masked, _masked_jvp, _masked_vjp, open=True, batch=aligned, series=_masked_series
)
