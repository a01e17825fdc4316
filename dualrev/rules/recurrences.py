"""Linear recurrences: what running folds are differentiated by.

Must not know which fold: its partials come as factors.
"""

import numpy as np

from dualrev.core.arrays import numbers_known
from dualrev.core.guarded import guarded_product
from dualrev.core.words import rule
from dualrev.ways import aligned, whole

# Up to this length one step an element is cheaper than the steps of two levels.
_SHORT = 64


def _solve(factors, terms, guarded=True):
    """y[k] = terms[k] + factors[k] y[k - 1] along the last axis; y[-1] is 0.

    Terms are tangents, or cotangents, unless ``guarded`` is False: where y is exactly 0, it stays so
    through factors that are not finite.
    """
    n = terms.shape[-1]
    if not (numbers_known(factors) and numbers_known(terms)):
        return _stacked(factors, terms)
    rows = int(np.ceil(np.sqrt(n)))
    shape = (*terms.shape[:-1], rows, rows)
    if guarded and not np.isfinite(factors).all():
        return _advanced_guarded(factors, np.array(terms))
    if n <= _SHORT:
        return _advanced(factors, np.array(terms))
    # Two levels: the recurrences inside of all rows at once, then what each row hands to the next.
    padding = [(0, 0)] * (terms.ndim - 1) + [(0, rows * rows - n)]
    factors = np.pad(factors, padding).reshape(shape)
    y = _advanced(factors, np.pad(terms, padding).reshape(shape))
    with np.errstate(over="ignore", invalid="ignore"):
        carried = np.multiply.accumulate(factors, axis=-1)
    if not np.isfinite(carried).all():
        return _advanced(factors.reshape(*shape[:-2], -1)[..., :n], np.array(terms))
    for i in range(1, rows):
        y[..., i, :] += carried[..., i, :] * y[..., i - 1, -1:]
    return y.reshape(*shape[:-2], -1)[..., :n]


def _stacked(factors, terms):
    y = [terms[..., 0]]
    for k in range(1, terms.shape[-1]):
        y.append(terms[..., k] + guarded_product(y[-1], factors[..., k]))
    return np.stack(y, axis=-1)


def _advanced(factors, y):
    for k in range(1, y.shape[-1]):
        y[..., k] += factors[..., k] * y[..., k - 1]
    return y


def _advanced_guarded(factors, y):
    for k in range(1, y.shape[-1]):
        y[..., k] += guarded_product(y[..., k - 1], factors[..., k])
    return y


def shifted(y, first):
    """``first``, then all but the last element, along the last axis."""
    return np.concatenate([np.full_like(y[..., :1], first), y[..., :-1]], axis=-1)


def _recurrence_jvp(tangents, ans, factors, terms, guarded=True):
    """dy[k] = (dterms[k] + dfactors[k] y[k - 1]) + factors[k] dy[k - 1]"""
    d_factors, d_terms = tangents
    change = 0 if d_factors is None else guarded_product(shifted(ans, 0), d_factors)
    return recurrence(factors, change if d_terms is None else change + d_terms)


def _recurrence_vjp(ct, wanted, ans, factors, terms, guarded=True):
    """The recurrence backwards: u[k] = ct[k] + factors[k + 1] u[k + 1]"""
    later = shifted(factors[..., ::-1], 1)
    u = recurrence(later, ct[..., ::-1])[..., ::-1]
    return guarded_product(u, shifted(ans, 0), both=True) if wanted[0] else None, u


recurrence = rule(_solve, jvp=_recurrence_jvp, vjp=_recurrence_vjp, batch=whole(aligned))
