"""The metrics of scipy.spatial.distance as formulas of functions that dispatch.

Owns their values and derivatives at coinciding points, where a norm has derivative 0.  Must not
know how many pairs of points they are computed for.

A formula is ``metric(u, v, parameter, axis)``: coordinates along one axis, first or last, the
others broadcast; the parameter is the weights w, the variances V or the inverse covariance VI.
Slopes are the first derivatives of the metrics that are made of one sum over coordinates, on plain
arrays, where formulas would cost ten times SciPy's compiled distances.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import rel_entr

from dualrev.axes import along
from dualrev.core.arrays import nowhere
from dualrev.rules.norms import norm_below

__all__ = [
    "FORMULAS",
    "PRODUCTS",
    "ROOTS",
    "SLOPES",
    "minkowski",
    "over",
    "powers",
    "strictly",
]

#: Metrics that are smooth where points coincide; the others have a kink there.
SMOOTH = "sqeuclidean", "cosine", "correlation"


def _weighted(x, w, axis):
    return x if w is None else x * along(w, axis, x.ndim)


def _root(x, slope, axis):
    """Square root of a quadratic form x of the difference; where it is 0, its slope's norm, 0 too."""
    zero = np.equal(x, 0)
    if nowhere(zero):
        return np.sqrt(x)
    return np.where(zero, np.linalg.norm(slope, axis=axis), np.sqrt(np.where(zero, 1, x)))


def _sqeuclidean(u, v, w, axis):
    difference = u - v
    return _weighted(difference * difference, w, axis).sum(axis)


def _euclidean(u, v, w, axis):
    difference = u - v
    if difference.dtype.kind == "c":
        difference = np.abs(difference)
    squares = _weighted(difference * difference, w, axis).sum(axis)
    return _root(squares, _weighted(difference, w, axis), axis)


def _seuclidean(u, v, V, axis):
    return _euclidean(u, v, 1 / V, axis)


def _mahalanobis(u, v, VI, axis):
    difference = u - v  # of vectors, the last axis is the first
    slope = np.tensordot(VI, difference, 1)
    return _root((difference * slope).sum(axis), slope, axis)


def _cityblock(u, v, w, axis):
    return _weighted(np.abs(u - v), w, axis).sum(axis)


def _chebyshev(u, v, w, axis):
    """Weights only select: a coordinate counts where its weight is positive."""
    size = np.abs(u - v)
    return np.max(_weighted(size, None if w is None else np.greater(w, 0), axis), axis=axis)


def powers(size, p):
    """``size**p``; below order 2 a kink remains at 0, of the power or of its slope."""
    zero = np.equal(size, 0)
    return np.where(zero, size if p < 2 else 0, np.where(zero, 1, size) ** p)


def minkowski(u, v, w, axis, p=2.0):
    """The norm of order p of the difference."""
    if p == 1:
        return _cityblock(u, v, w, axis)
    if p == 2:
        return _euclidean(u, v, w, axis)
    if p == np.inf:
        return _chebyshev(u, v, w, axis)
    size = np.abs(u - v)
    total = _weighted(powers(size, p), w, axis).sum(axis)
    zero = np.equal(total, 0)
    if nowhere(zero):
        return total ** (1 / p)
    norm = np.linalg.norm(_weighted(size, w, axis), axis=axis)
    return np.where(zero, norm, np.where(zero, 1, total) ** (1 / p))


def _correlation(u, v, w, axis, centered=True):
    if centered:
        u, v = _centered(u, w, axis), _centered(v, w, axis)
    u_w, v_w = _weighted(u, w, axis), _weighted(v, w, axis)
    product = (u * v_w).sum(axis)
    return 1 - product / np.sqrt((u * u_w).sum(axis) * (v * v_w).sum(axis))


def _centered(u, w, axis):
    total = _weighted(u, w, axis).sum(axis, keepdims=True)
    return u - total / (u.shape[axis] if w is None else w.sum())


def _cosine(u, v, w, axis):
    return _correlation(u, v, w, axis, centered=False)


def _braycurtis(u, v, w, axis):
    difference, total = np.abs(u - v), np.abs(u + v)
    return _weighted(difference, w, axis).sum(axis) / _weighted(total, w, axis).sum(axis)


def _canberra(u, v, w, axis):
    total = np.abs(u) + np.abs(v)
    zero = np.equal(total, 0)
    terms = np.where(zero, total, np.abs(u - v) / np.where(zero, 1, total))
    return _weighted(terms, w, axis).sum(axis)


def _shares(u, axis):
    return u / u.sum(axis, keepdims=True)


def _jensenshannon(u, v, w, axis, base=None):
    u, v = _shares(u, axis), _shares(v, axis)
    mean = (u + v) / 2
    divergence = (rel_entr(u, mean) + rel_entr(v, mean)).sum(axis)
    return _root(divergence / (2 if base is None else 2 * np.log(base)), u - v, axis)


def strictly(d, u, v, metric, axis=-1):
    """The distances d of u and v without a derivative chosen where they coincide; see kinked."""
    if metric in SMOOTH or nowhere(np.equal(d, 0)):
        return d
    if metric == "jensenshannon":
        u, v = _shares(u, axis), _shares(v, axis)
    return d + 0.0 * norm_below(u - v, axis=axis).reshape(d.shape)


#: Formulas by SciPy's canonical names.
FORMULAS: dict[str, Callable] = {
    "braycurtis": _braycurtis,
    "canberra": _canberra,
    "chebyshev": _chebyshev,
    "cityblock": _cityblock,
    "correlation": _correlation,
    "cosine": _cosine,
    "euclidean": _euclidean,
    "jensenshannon": _jensenshannon,
    "mahalanobis": _mahalanobis,
    "minkowski": minkowski,
    "seuclidean": _seuclidean,
    "sqeuclidean": _sqeuclidean,
}


# ----------------------------------------------------------- all pairs at once, by a matrix product


def _cosine_of_rows(a, b, w):
    a, b = (x if w is None else x * np.sqrt(w) for x in (a, b))
    return 1 - _unit(a) @ _unit(b).T


def _correlation_of_rows(a, b, w):
    return _cosine_of_rows(_centered(a, w, -1), _centered(b, w, -1), w)


def _unit(x):
    return x / np.sqrt((x * x).sum(-1, keepdims=True))


#: Distances of all rows of two matrices, ``(a, b, w)``, of metrics that are made of inner products.
PRODUCTS = {"cosine": _cosine_of_rows, "correlation": _correlation_of_rows}

# ------------------------------------------------------------------------------------- slopes


def over(ct, d):
    """``ct / d``, but 0 where points coincide."""
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = ct / d
    quotient[d == 0] = 0
    return quotient


def _shared(ct, d, slopes):
    """Coordinates whose difference is the largest share ct equally."""
    return over(ct, np.abs(slopes).sum(0))


def _largest(a, b, d):
    """1 or -1 in the coordinate whose difference is the largest, 0 elsewhere."""
    difference = a - b
    return np.subtract(difference == d, difference == -d, dtype=float)


def _power_slope(a, b, d, p):
    difference = a - b
    size = np.abs(difference)
    if p < 1:  # infinite where coordinates are equal: 0 there, as of a norm
        size[size == 0] = np.inf
    return np.sign(difference) * size ** (p - 1)


#: ``(outer, inner)``: the derivative of a distance d by a coordinate a of its first point is
#: ``outer(1, d, slopes) w inner(a, b, d)``, and less that by b; ``outer(ct, ...)`` is the product
#: with ct, and slopes are those of all coordinates.
SLOPES: dict[str, tuple[Callable, Callable]] = {
    "euclidean": (lambda ct, d, slopes: over(ct, d), lambda a, b, d: a - b),
    "sqeuclidean": (lambda ct, d, slopes: 2 * ct, lambda a, b, d: a - b),
    "cityblock": (lambda ct, d, slopes: ct, lambda a, b, d: np.sign(a - b)),
    "chebyshev": (_shared, _largest),
    "minkowski": (lambda ct, d, slopes, p: over(ct, d ** (p - 1)), _power_slope),
}
#: Metrics that are the root of a quadratic form of the differences.
ROOTS = "euclidean", "seuclidean", "mahalanobis"
for _name in ROOTS:
    SLOPES[_name] = SLOPES["euclidean"]
