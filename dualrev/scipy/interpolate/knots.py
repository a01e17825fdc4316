"""The B-splines of knots: their values as functions of points and knots, both traced.

Owns the recurrence, and the matrices made of it.  Must not know coefficients.

de Boor, "A Practical Guide to Splines" (2001), chapter X, equations 19 to 24: at a point of the
interval from t[i] to t[i+1] only k + 1 B-splines are not 0, and their recurrence divides by lengths
that hold this interval, so that knots may coincide elsewhere.
"""

import numpy as np

from dualrev.core.binding import elements_of
from dualrev.core.words import constant
from dualrev.ways import same_beside

__all__ = ["basis_values", "collocation", "interior", "interval_of", "jumps"]


def _interval(at, t, k=3):
    return np.clip(np.searchsorted(t, at, side="right") - 1, k, len(t) - k - 2)


interval_of = constant(_interval, arity=2, batch=same_beside, name="spline")


def interior(t, k):
    """The knots that are not among the k + 1 first and last; None of none."""
    return None if t is None else t[k + 1 : len(t) - k - 1]


def basis_values(at, t, k, interval):
    """Values of the B-splines i - k, ..., i of degree k at points of the intervals i: (m, k + 1)."""
    values = [np.ones(at.shape)]
    for degree in range(1, k + 1):
        saved: list = []
        carried = 0.0
        for r, value in enumerate(values):
            right = elements_of(t, interval + r + 1)
            left = elements_of(t, interval + 1 - degree + r)
            share = value / (right - left)
            saved.append(carried + (right - at) * share)
            carried = (at - left) * share
        values = [*saved, carried]
    return np.stack(values, axis=-1)


def collocation(at, t, k):
    """Values of all B-splines at points (m,): (m, n), dense."""
    interval = interval_of(at, t, k=k)
    return _placed(basis_values(at, t, k, interval), interval - k, len(t) - k - 1)


def jumps(t, k):
    """Jumps of the k-th derivative of all B-splines at interior knots, which are simple: (l, n).

    Up to a factor that all share: ``(t[j+k+1] - t[j]) / prod_{i != l} (t[l] - t[i])`` for i from j to
    j + k + 1 (Dierckx 1993, "Curve and Surface Fitting with Splines", equation 5.6).
    """
    n = len(t) - k - 1
    at = np.arange(k + 1, n)
    columns = []
    for first in range(-k - 1, 1):
        product = 1.0
        for i in range(k + 2):
            if first + i:
                product = product * (t[at] - t[at + first + i])
        columns.append((t[at + first + k + 1] - t[at + first]) / product)
    return _placed(np.stack(columns, axis=-1), at - k - 1, n)


def _placed(rows, first, n):
    """A matrix of n columns with the entries of each row from a column on."""
    place = np.arange(n) - first[:, None]
    inside = (place >= 0) & (place < rows.shape[1])
    return np.where(inside, np.take_along_axis(rows, np.clip(place, 0, rows.shape[1] - 1), 1), 0.0)
