"""Distances of ``scipy.spatial.distance`` that keep derivatives: of two vectors, of many pairs.

Owns SciPy's names and arguments.  Must not know how pairs are gone through.

Values are SciPy's.  Where two points coincide, a norm of their difference has derivative 0; equal
largest differences (chebyshev) share it equally.
"""

import functools
from typing import Any

import numpy as np
from scipy.spatial import distance

from dualrev import errors
from dualrev.core.operands import as_operand, base_of
from dualrev.core.traced import is_traced
from dualrev.core.words import computed_below_by
from dualrev.scipy.by_program import by_program
from dualrev.scipy.one_point import CHECKS
from dualrev.scipy.rest import Rest
from dualrev.scipy.spatial.metrics import FORMULAS, strictly
from dualrev.scipy.spatial.neighbours import directed_hausdorff
from dualrev.scipy.spatial.pairs import (
    PARAMETERS,
    distances_of_pairs,
    distances_of_rows,
    matrix_of_vector,
    vector_of_matrix,
)
from dualrev.scipy.twin import least_dimensions, twin

__all__ = [
    "braycurtis",
    "canberra",
    "cdist",
    "chebyshev",
    "cityblock",
    "correlation",
    "cosine",
    "directed_hausdorff",
    "euclidean",
    "jensenshannon",
    "mahalanobis",
    "minkowski",
    "pdist",
    "seuclidean",
    "sqeuclidean",
    "squareform",
]

# These compare elements: they step, and the steps have derivative 0.
CHECKS.update(("hamming", "jaccard"))

REST = Rest(
    distance,
    bodies="hamming jaccard",
    constant="is_valid_dm is_valid_y num_obs_dm num_obs_y",
    refused={
        "dice kulczynski1 rogerstanimoto russellrao sokalmichener sokalsneath yule": (
            "it is of booleans",
            "give it plain booleans, as x > 0.5 is",
        )
    },
)
__all__ += REST.names
__getattr__ = REST

#: SciPy's names of each metric.
_NAMES = {
    "braycurtis": "braycurtis",
    "canberra": "canberra",
    "chebyshev": "chebychev chebyshev cheby cheb ch",
    "cityblock": "cityblock cblock cb c",
    "correlation": "correlation co",
    "cosine": "cosine cos",
    "euclidean": "euclidean euclid eu e",
    "jensenshannon": "jensenshannon js",
    "mahalanobis": "mahalanobis mahal mah",
    "minkowski": "minkowski mi m pnorm",
    "seuclidean": "seuclidean se s",
    "sqeuclidean": "sqeuclidean sqe sqeuclid",
}
_CANONICAL = {alias: name for name, aliases in _NAMES.items() for alias in aliases.split()}
_ORDERS = {1: "cityblock", 2: "euclidean", np.inf: "chebyshev"}

# --------------------------------------------------------------------------- of two vectors

_OF_REAL_PARTS = "braycurtis", "canberra"


def _metric(function, program=None):
    """Declare a metric: SciPy's value, and the derivatives of its formula, or of a program with it."""
    name = function.__name__

    @functools.wraps(function)
    def value(*vectors, **options):
        return np.asarray(function(*vectors, **options))[()]

    def formula(u, v, parameter, **options):
        if name in _OF_REAL_PARTS and "c" in u.dtype.kind + v.dtype.kind:
            raise errors.ComplexError(
                f"scipy.spatial.distance.{name} leaves out the imaginary parts of complex vectors.",
                fix="give it real vectors: u.real",
            )
        _check_parameter(name, parameter)
        return FORMULAS[name](u, v, parameter, -1, **options)

    def strict(*vectors, **options):
        d = made(*vectors, **options)
        return strictly(d, *vectors[:2], name, options.get("axis", -1))

    made = by_program(value, program or formula)
    computed_below_by(strict, made)
    return made


def _check_parameter(metric, parameter):
    """Raise for complex weights, or variances, of which SciPy takes the real parts."""
    if metric != "mahalanobis" and np.iscomplexobj(parameter):
        name = PARAMETERS.get(metric, "w")
        raise errors.ComplexError(
            f"scipy.spatial.distance.{metric} leaves out the imaginary parts of complex {name}.",
            fix=f"give it real numbers: {name}.real",
        )


@twin(distance.euclidean, _metric)
def euclidean(u, v, w):
    """Euclidean distance of two vectors: the root of ``sum(w (u - v)^2)``.

    Equals :func:`scipy.spatial.distance.euclidean`.  Its derivative is ``(u - v) / d`` by u.
    """


def _check_real(u, v, w, **options):
    """Before SciPy 1.18 a complex difference was squared, and its size is from then on."""
    if "c" in u.dtype.kind + v.dtype.kind:
        raise errors.ComplexError(
            "scipy.spatial.distance.sqeuclidean of complex vectors is another number in each version of "
            "SciPy.",
            fix="write np.sum(w * np.abs(u - v)**2)",
        )


@twin(distance.sqeuclidean, _metric, check=_check_real)
def sqeuclidean(u, v, w):
    """Squared Euclidean distance of two vectors: ``sum(w (u - v)^2)``.

    Equals :func:`scipy.spatial.distance.sqeuclidean` of real vectors.  Its derivative is
    ``2 w (u - v)`` by u.
    """


@twin(distance.cityblock, _metric)
def cityblock(u, v, w):
    """Manhattan distance of two vectors: ``sum(w |u - v|)``.

    Equals :func:`scipy.spatial.distance.cityblock`.  Its derivative is ``w sign(u - v)`` by u.
    """


@twin(distance.chebyshev, _metric)
def chebyshev(u, v, w):
    """Chebyshev distance of two vectors: the largest ``|u - v|`` where ``w > 0``.

    Equals :func:`scipy.spatial.distance.chebyshev`.  Its derivative by u is
    the sign of the largest, shared equally by equal ones; by w it is 0.
    """


@twin(distance.cosine, _metric)
def cosine(u, v, w):
    """Cosine distance of two vectors: 1 less the cosine of their angle.

    Equals :func:`scipy.spatial.distance.cosine`.  Its derivative by u is, without
    weights, ``((1 - d) u / |u| - v / |v|) / |u|``.
    """


@twin(distance.braycurtis, _metric)
def braycurtis(u, v, w):
    """Bray-Curtis distance of two vectors: ``sum(w |u - v|) / sum(w |u + v|)``.

    Equals :func:`scipy.spatial.distance.braycurtis`.  Its derivative follows from the quotient rule.
    """


@twin(distance.canberra, _metric)
def canberra(u, v, w):
    """Canberra distance of two vectors: the sum of ``w |u - v| / (|u| + |v|)``.

    Equals :func:`scipy.spatial.distance.canberra`.  Its derivative is 0 in
    coordinates where both vectors are 0.
    """


@twin(distance.mahalanobis, _metric)
def mahalanobis(u, v, VI):
    """Mahalanobis distance of two vectors: the root of ``(u - v)^T VI (u - v)``.

    Equals :func:`scipy.spatial.distance.mahalanobis`.  Its derivative by u is
    ``(VI + VI^T) (u - v) / 2 d``.
    """


@twin(distance.seuclidean, _metric)
def seuclidean(u, v, V):
    """Standardized Euclidean distance of two vectors: the root of ``sum((u - v)^2 / V)``.

    Equals :func:`scipy.spatial.distance.seuclidean`.  Its derivative is ``(u - v) / V d`` by u.
    """


@twin(distance.minkowski, _metric)
def minkowski(u, v, w):
    """Distance of order p of two vectors: ``sum(w |u - v|^p)^(1/p)``.

    Equals :func:`scipy.spatial.distance.minkowski`.  Its derivative is ``w sign(u - v) (|u - v| /
    d)^(p - 1)`` by u; p is held constant.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.spatial.distance import minkowski
    >>> dr.grad(lambda u: minkowski(u, np.zeros(2), p=3))(np.array([1.0, 1.0])).round(4)
    array([0.63, 0.63])
    """


@twin(distance.correlation, _metric)
def correlation(u, v, w):
    """Correlation distance of two vectors: the cosine distance of their deviations from the mean.

    Equals :func:`scipy.spatial.distance.correlation`.  Its derivative follows from that of
    :func:`cosine`.
    """


def _jensenshannon_program(p, q, base=None, axis=0, keepdims=False):
    distances = FORMULAS["jensenshannon"](p, q, None, axis, base)
    return np.expand_dims(distances, axis) if keepdims else distances


@twin(distance.jensenshannon, _metric, _jensenshannon_program, check=least_dimensions(1))
def jensenshannon(p, q):
    """Jensen-Shannon distance of probabilities: the root of their mean divergence from their mean.

    Equals :func:`scipy.spatial.distance.jensenshannon`; 0 is its derivative where p equals q.
    """


# ------------------------------------------------------------------------------ of many pairs


def _parameter_of(metric, points, options):
    """The parameter of a metric: given, or by SciPy's default computed from the points."""
    name = PARAMETERS.get(metric, "w")
    given = options.pop(name, None)
    if given is not None:
        given = as_operand(given)
        _check_parameter(metric, given)
        return given
    if metric == "seuclidean":
        return np.var(np.concatenate(points), axis=0, ddof=1)
    if metric == "mahalanobis":
        together = np.concatenate(points)
        count, size = together.shape
        if count <= size:
            raise ValueError(
                f"The number of observations ({count}) is too small: the covariance matrix of "
                f"{size} dimensions is singular"
            )
        return np.linalg.inv(np.atleast_2d(np.cov(together.T))).T
    return None


def _named(metric):
    """The canonical name of a metric; None for a function that is not one of SciPy's."""
    if not callable(metric) and not isinstance(metric, str):
        raise TypeError("2nd argument metric must be a string identifier or a function.")
    if isinstance(metric, str):
        name = metric.lower().removeprefix("test_")
        return _CANONICAL.get(name, name)
    if getattr(metric, "__module__", None) in (distance.__name__, __name__):
        return metric.__name__
    return None


def _resolved(metric, options):
    """The metric and its options, of which the orders 1, 2 and infinity have names."""
    if metric == "minkowski":
        options.setdefault("p", 2)
        if options["p"] in _ORDERS:
            metric = _ORDERS[options.pop("p")]
    return {"metric": metric, "options": options}


def _refuse_out(out):
    if out is not None:
        raise errors.InPlaceError(
            "Distances of traced points were to be written into an array given by out=.",
            fix="leave out out=",
        )


def cdist(XA: Any, XB: Any, metric: Any = "euclidean", *, out: Any = None, **kwargs: Any) -> Any:
    """Distances of all rows of XA from all rows of XB, an (m, n) array.

    Equals :func:`scipy.spatial.distance.cdist`.

    Parameters
    ----------
    XA, XB : array, shapes (m, d) and (n, d)
        The points.
    metric : str or callable
        One of SciPy's names, or a function of two vectors that is differentiable itself.
    out : array, optional
        Refused where the points are traced.
    **kwargs
        As in SciPy: w (weights), p (order, a constant), V (variances), VI (inverse covariance); the
        last two are computed from the points, and differentiated, where they are not given.

    Returns
    -------
    array, shape (m, n)
        In float64.

    Raises
    ------
    MissingRuleError
        Where p, or a weight of a metric of booleans, is traced.

    Notes
    -----
    A derivative is computed in blocks of pairs, each by the metric's formula: its memory is O(m n),
    its time O(m n d).  Metrics of booleans and of counts (hamming, jaccard, yule, ...) are piecewise
    constant and carry no derivative.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.spatial.distance import cdist
    >>> XB = np.array([[0.0, 0.0], [3.0, 4.0]])
    >>> dr.grad(lambda x: cdist(x, XB).sum())(np.array([[3.0, 4.0]]))
    array([[0.6, 0.8]])
    """
    if not is_traced(XA, XB, *kwargs.values()):
        return distance.cdist(XA, XB, metric, out=out, **kwargs)
    _refuse_out(out)
    points = as_operand(XA), as_operand(XB)
    _check_points(*points)
    name = _named(metric)
    if name is None:
        rows = [_stacked([metric(a, b, **kwargs) for b in points[1]]) for a in points[0]]
        return _stacked(rows, points[1].shape[0])
    return _by_name(name, distance.cdist, distances_of_rows, points, metric, kwargs)


def pdist(X: Any, metric: Any = "euclidean", *, out: Any = None, **kwargs: Any) -> Any:
    """Distances of all pairs of rows of X, in one vector of length n (n - 1) / 2.

    Equals :func:`scipy.spatial.distance.pdist`; see :func:`cdist`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.spatial.distance import pdist
    >>> dr.grad(lambda x: pdist(x, "sqeuclidean").sum())(np.array([[0.0], [1.0], [3.0]]))
    array([[-8.],
           [-2.],
           [10.]])
    """
    if not is_traced(X, *kwargs.values()):
        return distance.pdist(X, metric, out=out, **kwargs)
    _refuse_out(out)
    X = as_operand(X)
    _check_points(X)
    name = _named(metric)
    if name is None:
        return _stacked([metric(a, b, **kwargs) for i, a in enumerate(X) for b in X[i + 1 :]])
    return _by_name(name, distance.pdist, distances_of_pairs, (X,), metric, kwargs)


def _by_name(name, function, primitive, points, metric, options):
    """Distances by a metric of SciPy's; those by metrics of booleans and of counts are constant."""
    if name in FORMULAS:
        if any(x.dtype.kind == "c" for x in points):
            raise ValueError(f"{name} distances are of real points, not of complex ones")
        points = [x.astype(np.float64) for x in points]
        parameter = _parameter_of(name, points, options)
    for option, given in options.items():
        if is_traced(given):
            raise errors.not_constant("A distance", option)
    if name not in FORMULAS:
        return function(*map(base_of, points), metric, **options)
    return primitive(*points, parameter, **_resolved(name, options))


def _stacked(parts, width=None):
    if parts:
        return np.stack(parts)
    return np.zeros(0 if width is None else (0, width))


def _check_points(*points):
    for x in points:
        if x.ndim != 2:
            raise ValueError(f"Points come in a 2-dimensional array.  (Shape was {x.shape}.)")
    if points[0].shape[1] != points[-1].shape[1]:
        raise ValueError("XA and XB must have the same number of columns (i.e. feature dimension.)")


@twin(distance.squareform, check=least_dimensions(1))
def squareform(X, **options):
    """Distances of pairs in a vector as a symmetric matrix, and the reverse.

    Equals :func:`scipy.spatial.distance.squareform`.  Linear; of a matrix the elements above the
    diagonal are read, and carry the derivative.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.spatial.distance import squareform
    >>> dr.grad(lambda v: squareform(v).sum())(np.array([1.0, 2.0, 3.0]))
    array([2., 2., 2.])
    """
    return (matrix_of_vector if X.ndim == 1 else vector_of_matrix)(X, **options)
