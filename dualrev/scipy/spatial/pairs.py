"""Distances of all pairs of points, with derivatives that need no more memory than they.

Owns how the pairs are gone through: rows in blocks that stay in the cache.  Must not know SciPy's
names of arguments, nor the metrics' formulas.

Where d is symmetric, the cotangent of the second points is that of the first ones with the roles
changed: one function, ``pulled``, serves both, and the pairs of a single set too.
"""

from typing import Any

import numpy as np
from scipy.spatial import distance

from dualrev.core.words import computed_below_by, linear, rule
from dualrev.scipy.by_program import by_program
from dualrev.scipy.spatial.differences import Pairs
from dualrev.scipy.spatial.metrics import FORMULAS, PRODUCTS, ROOTS, SLOPES, over, strictly
from dualrev.through import pulled_through, pushed_through
from dualrev.ways import stacked

__all__ = [
    "PARAMETERS",
    "distances_of_pairs",
    "distances_of_rows",
    "matrix_batch",
    "matrix_of_vector",
    "vector_of_matrix",
]

#: What the parameter of a metric is called, where it is not the weights w.
PARAMETERS = {"seuclidean": "V", "mahalanobis": "VI"}
# Coordinates of the pairs in a block; a formula has more to do that does not depend on their number.
_BLOCK, _FORMULA_BLOCK = 16 * 1024, 128 * 1024


def _blocks(XA, XB, size, width=1):
    step = max(1, size // max(1, XB.shape[0] * width))
    return [slice(i, i + step) for i in range(0, XA.shape[0], step)]


# -------------------------------------------------------------------------------- by formulas


def _program(XA, XB, metric, options):
    """Blocks of rows, and the distances of rows as a function that has derivatives."""
    if metric in PRODUCTS:
        product = PRODUCTS[metric]
        return _blocks(XA, XB, _FORMULA_BLOCK), product
    formula = FORMULAS[metric]

    def of_rows(a, b, parameter):
        # Coordinates first: sums over a short last axis are slow.
        return formula(a.T[:, :, None], b.T[:, None, :], parameter, 0, **options)

    return _blocks(XA, XB, _FORMULA_BLOCK, XA.shape[1]), of_rows


def _pushed_by_blocks(t_A, t_B, t_parameter, XA, XB, parameter, metric, options):
    blocks, of_rows = _program(XA, XB, metric, options)
    tangents = [
        pushed_through(
            of_rows,
            (XA[rows], XB, parameter),
            (None if t_A is None else t_A[rows], t_B, t_parameter),
        )
        for rows in blocks
    ]
    return np.concatenate([np.zeros((0, XB.shape[0])), *tangents])


def _push_formula(t_A, t_B, d, XA, XB, parameter, metric="", options=None):
    return _pushed_by_blocks(t_A, t_B, None, XA, XB, parameter, metric, options)


def _pull_formula(ct, d, XA, XB, parameter, metric="", options=None):
    blocks, of_rows = _program(XA, XB, metric, options)
    cts = [
        pulled_through(of_rows, (XA[rows], XB, parameter), ct[rows], (True, False, False))[0]
        for rows in blocks
    ]
    return np.concatenate([np.zeros((0, XA.shape[1])), *cts])


def _pull_parameter_formula(ct, d, XA, XB, parameter, metric="", options=None):
    blocks, of_rows = _program(XA, XB, metric, options)
    return sum(
        (
            pulled_through(of_rows, (XA[rows], XB, parameter), ct[rows], (False, False, True))[2]
            for rows in blocks
        ),
        start=np.zeros(parameter.shape),
    )


# ---------------------------------------------------------------------------------- by slopes


def _mixed(x, parameter, metric):
    """Coordinates of tangents or cotangents as the parameter weighs and mixes them."""
    if parameter is None:
        return x
    if metric == "mahalanobis":
        return x @ ((parameter + parameter.T) / 2)
    return x / parameter if metric == "seuclidean" else x * parameter


def _has_slopes(metric, parameter):
    return metric in SLOPES and (metric != "chebyshev" or parameter is None)


def _pairs_of(*points):
    """Arrays of first and second points, in turns, that broadcast to all pairs, coordinates first."""
    axes = 2, 1
    return [np.expand_dims(np.ascontiguousarray(x.T), axes[k % 2]) for k, x in enumerate(points)]


def _push(t_A, t_B, d, XA, XB, parameter, metric="", options=None):
    """sum_k of the slope by coordinate k times its tangent, of all pairs."""
    if not _has_slopes(metric, parameter):
        return _push_formula(t_A, t_B, d, XA, XB, parameter, metric, options)
    t_A, t_B = (_mixed(t, parameter, metric) for t in (t_A, t_B))
    if (pairs := _by_products(metric, d, XA, XB)) is not None:
        products = pairs.products(t_A, t_B)
        return over(products, d) if metric in ROOTS else 2 * products
    outer, inner = SLOPES[metric]
    ans = np.empty(d.shape)
    a, b, t_a, t_b = _pairs_of(XA, XB, t_A, t_B)
    for rows in _blocks(XA, XB, _BLOCK, XA.shape[1]):
        slopes = inner(a[:, rows], b, d[rows], **options)
        total = np.einsum("kij,kij->ij", slopes, t_a[:, rows] - t_b)
        ans[rows] = outer(total, d[rows], slopes, **options)
    return ans


def _pull(ct, d, XA, XB, parameter, metric="", options=None):
    """sum_j of ct_ij times the slope of d_ij by the coordinates of point i of XA."""
    if not _has_slopes(metric, parameter):
        return _pull_formula(ct, d, XA, XB, parameter, metric, options)
    if (pairs := _by_products(metric, d, XA, XB)) is not None:
        W = over(ct, d) if metric in ROOTS else 2 * ct
        return _mixed(pairs.first_moments(W), parameter, metric)
    outer, inner = SLOPES[metric]
    ans = np.empty(XA.shape)
    a, b = _pairs_of(XA, XB)
    for rows in _blocks(XA, XB, _BLOCK, XA.shape[1]):
        slopes = inner(a[:, rows], b, d[rows], **options)
        factor = outer(ct[rows], d[rows], slopes, **options)
        ans[rows] = np.vecdot(factor, slopes).T
    return _mixed(ans, parameter, metric)


def _pull_parameter(ct, d, XA, XB, parameter, metric="", options=None):
    """Of a quadratic form: sum_ij of ct_ij / 2 d_ij times its slope, or without the divisor."""
    if (pairs := _by_products(metric, d, XA, XB)) is None:
        return _pull_parameter_formula(ct, d, XA, XB, parameter, metric, options)
    moments = pairs.second_moments(over(ct, 2 * d) if metric in ROOTS else ct.copy())
    if metric == "mahalanobis":
        return moments
    squares = np.diagonal(moments)
    return -squares / parameter**2 if metric == "seuclidean" else squares


def _by_products(metric, d, XA, XB):
    """Sums over pairs by matrix products, or None where there are none."""
    if metric not in (*ROOTS, "sqeuclidean") or not d.any():
        return None
    pairs = Pairs(XA, XB, d if metric in ROOTS else None)
    return None if pairs.too_many_near else pairs


# The distances d are given to save their computation: the programs find them from the points.
pushed = by_program(_push, _push_formula, name="cdist")
pulled = by_program(_pull, _pull_formula, name="cdist")
pulled_parameter = by_program(_pull_parameter, _pull_parameter_formula, name="cdist")

# ------------------------------------------------------------------------------ the distances


def _options(metric, parameter, options):
    """Keyword arguments as SciPy takes them."""
    if parameter is None:
        return options
    return {PARAMETERS.get(metric, "w"): np.ascontiguousarray(parameter, float), **options}


def _rows_jvp(tangents, ans, XA, XB, parameter, metric="", options=None):
    t_A, t_B, t_parameter = tangents
    total = 0
    if t_A is not None or t_B is not None:
        t_A, t_B = (np.zeros_like(x) if t is None else t for x, t in ((XA, t_A), (XB, t_B)))
        total = pushed(t_A, t_B, ans, XA, XB, parameter, metric=metric, options=options)
        if type(ans) is not np.ndarray:
            total = total + 0.0 * ans  # whose doubts at coinciding points are theirs too
    if t_parameter is not None:
        given = XA, XB, parameter, metric, options
        total = total + _pushed_by_blocks(None, None, t_parameter, *given)
    return total


def _rows_vjp(ct, wanted, ans, XA, XB, parameter, metric="", options=None):
    kind = {"metric": metric, "options": options}
    return (
        pulled(ct, ans, XA, XB, parameter, **kind) if wanted[0] else None,
        pulled(ct.T, ans.T, XB, XA, parameter, **kind) if wanted[1] else None,
        pulled_parameter(ct, ans, XA, XB, parameter, **kind) if wanted[2] else None,
    )


def matrix_batch(call, batched, XA, XB, *parameter, **options):
    """The points of all rows below each other, where the others are the same for all."""
    of_A, of_B, *of_parameter = batched
    if any(of_parameter) or (of_A and of_B):
        return NotImplemented
    if of_A:
        d = call(XA.reshape(-1, XA.shape[-1]), XB, *parameter, **options)
        return d.reshape(*XA.shape[:-1], len(XB))
    d = call(XA, XB.reshape(-1, XB.shape[-1]), *parameter, **options)
    return np.moveaxis(d.reshape(len(XA), *XB.shape[:-1]), 1, 0)


#: Distances of the rows of XA from the rows of XB.
distances_of_rows = rule(
    lambda XA, XB, parameter, metric="", options=None: distance.cdist(
        XA, XB, metric, **_options(metric, parameter, options)
    ),
    jvp=_rows_jvp,
    vjp=_rows_vjp,
    batch=matrix_batch,
    subscripts=lambda *ndims, **options: (("ik", "jk", "pq"[: ndims[2]]), "ij"),
    name="cdist",
)


def _pairs_jvp(tangents, ans, X, parameter, metric="", options=None):
    t, t_parameter = tangents
    d = matrix_of_vector(ans)
    return upper_part(_rows_jvp((t, t, t_parameter), d, X, X, parameter, metric, options))


def _pairs_vjp(ct, wanted, ans, X, parameter, metric="", options=None):
    kind = {"metric": metric, "options": options}
    of_X = of_parameter = None
    ct, d = matrix_of_vector(ct), matrix_of_vector(ans)
    if wanted[0]:
        of_X = pulled(ct, d, X, X, parameter, **kind)
    if wanted[1]:  # each pair twice
        of_parameter = pulled_parameter(ct, d, X, X, parameter, **kind) / 2
    return of_X, of_parameter


#: Distances of the rows of X from each other, each pair once.
distances_of_pairs = rule(
    lambda X, parameter, metric="", options=None: distance.pdist(
        X, metric, **_options(metric, parameter, options)
    ),
    jvp=_pairs_jvp,
    vjp=_pairs_vjp,
    name="pdist",
)


def _strict_distances_of_rows(XA, XB, parameter, metric="", options=None):
    d = distances_of_rows(XA, XB, parameter, metric=metric, options=options)
    return strictly(d, XA[:, None], XB, metric)


def _strict_distances_of_pairs(X, parameter, metric="", options=None):
    d = distances_of_pairs(X, parameter, metric=metric, options=options)
    i, j = np.triu_indices(X.shape[0], 1)
    return strictly(d, X[i], X[j], metric)


computed_below_by(_strict_distances_of_rows, distances_of_rows)
computed_below_by(_strict_distances_of_pairs, distances_of_pairs)

# -------------------------------------------------------------- vectors of pairs and matrices


def _above(count):
    """Where a square matrix is above its diagonal."""
    return ~np.tri(count, dtype=bool)


def _filled(v, count):
    matrix = np.zeros((*v.shape[:-1], count, count), v.dtype)
    matrix[..., _above(count)] = v
    return matrix


#: The elements above the diagonal, row by row; and its transpose.
upper_part: Any = linear(
    lambda D: D[..., _above(D.shape[-1])],
    lambda ct, D: as_upper_part(ct, count=D.shape[-1]),
    batch=stacked(2),
    name="upper_part",
)
as_upper_part: Any = linear(
    lambda v, count=0: _filled(v, count),
    lambda ct, v, count=0: upper_part(ct),
    batch=stacked(1),
    name="as_upper_part",
)

#: The two directions of scipy.spatial.distance.squareform.
matrix_of_vector = linear(
    lambda X, force="no", checks=True: distance.squareform(X, force, checks),
    lambda ct, X, force="no", checks=True: upper_part(ct) + upper_part(ct.T),
    name="squareform",
)
vector_of_matrix = linear(
    lambda X, force="no", checks=True: distance.squareform(X, force, checks),
    lambda ct, X, force="no", checks=True: as_upper_part(ct, count=X.shape[0]),
    name="squareform",
)
