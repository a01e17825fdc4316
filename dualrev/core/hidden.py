"""What an exact zero hides: the infinite or nan factor beside it, in a product of a derivative.

Owns the note that a zero did, and products of several factors and many terms, such as a matrix
product's.  Must not know rules, nor who sweeps.
"""

import threading

import numpy as np

from dualrev.core.arrays import foundation, has_memory, has_nan, nowhere, somewhere

__all__ = [
    "MOST_NOTES",
    "finite_terms",
    "hidden_products",
    "hides",
    "is_finite",
    "note_hidden",
]

_ndarray = np.ndarray
#: So many masks are kept at most: forward mode, which looks at none, holds them to its end.
MOST_NOTES = 16


class _Hidden(threading.local):
    """Notes of the running thread."""

    def __init__(self):
        self.notes = []


_hidden = _Hidden()


def hidden_products():
    """A list of this thread that grows where a 0 hides an infinite or nan partial: by masks, or True.

    A pull clears it, and looks closer at an entry that has added to it.
    """
    return _hidden.notes


def note_hidden(where):
    """Note that a 0 hides something, if it is known to do so anywhere."""
    notes = _hidden.notes
    if len(notes) < MOST_NOTES and somewhere(where):
        notes.append(where)


def is_finite(x):
    """Whether plain numbers are known to be finite."""
    if type(x) is not _ndarray:
        return False
    # One pass, and no warning of its overflow.
    square = np.vdot(x, x)
    return square - square == 0


def hides(product):
    """Whether a product of many terms is known to hold a nan, perhaps of an exact 0."""
    # Of chunks nobody knows, and three products instead of one would be too dear.
    return has_nan(product) and (type(product) is _ndarray or has_memory(foundation(product)))


def finite_terms(product, t, args, i, ans):
    """``product(t, args)``, linear in t and each of args but i, of the terms alone in which t is not 0.

    Its answer ans has more: where t is 0 and another factor infinite or nan, their product is nan.
    """
    infinite = [None if k == i else _infinite(x) for k, x in enumerate(args)]
    if all(where is None for where in infinite):
        return ans
    # Of positive numbers that nobody would choose: no sum or difference of them is 0.
    moving = np.where(np.equal(t, 0), 0, _arbitrary(t))
    anything = [_arbitrary(x) if _is_factor(x) else x for x in args]
    reached = False
    for k, where in enumerate(infinite):
        if where is not None:
            others = [*anything[:k], np.where(where, anything[k], 0), *anything[k + 1 :]]
            reached = reached | np.not_equal(product(moving, others), 0)
    note_hidden(np.isnan(ans) & ~reached)
    finite = [x if where is None else np.where(where, 0, x) for x, where in zip(args, infinite)]
    return np.where(reached, ans, product(t, finite))


def _infinite(x):
    """Where a factor is not finite; None where it is everywhere."""
    if not _is_factor(x):
        return None
    where = ~np.isfinite(x)
    return None if nowhere(where) else where


def _is_factor(x):
    return hasattr(x, "ndim") and not hasattr(x, "tocsr") and x.dtype.kind in "fc"


def _arbitrary(x):
    return np.random.default_rng(0).uniform(1, 2, x.shape)
