"""Hierarchies of clusters: how far merged ones are apart, and what is measured of that.

Owns SciPy's names and arguments.  Must not know the recurrences of distances.

Which clusters are merged, and in which order, is constant: derivatives are those for these merges.
"""

import numpy as np
import scipy.cluster.hierarchy as _scipy

from dualrev.core.words import constant
from dualrev.rules.indexing import picked
from dualrev.scipy.by_program import by_program
from dualrev.scipy.cluster.merges import SQUARED, heights_of, shares_of
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.reals import check_real
from dualrev.scipy.rest import Rest
from dualrev.scipy.spatial.distance import pdist
from dualrev.scipy.twin import least_dimensions, twin

REST = Rest(
    _scipy,
    dispatches="ClusterNode",
    bodies="average centroid complete median single ward weighted",
    constant="""
        DisjointSet correspond cut_tree fcluster fclusterdata is_isomorphic is_monotonic is_valid_im
        is_valid_linkage leaders leaves_list num_obs_linkage set_link_color_palette
    """,
    refused={"dendrogram": ("it draws", "give it dualrev.stop_gradient(Z)")},
)

__all__ = [
    "cophenet",
    "from_mlab_linkage",
    "inconsistent",
    "linkage",
    "maxRstat",
    "maxdists",
    "maxinconsts",
    "optimal_leaf_ordering",
    "to_mlab_linkage",
    "to_tree",
    *REST.names,
]
__getattr__ = REST

# ------------------------------------------------------------------------------- distances of merges

_merges = constant(lambda y, **options: _scipy.linkage(y, **options), arity=1, name="linkage")


def _linkage_program(y, method="single", metric="euclidean", optimal_ordering=False):
    options = {"method": method, "metric": metric, "optimal_ordering": optimal_ordering}
    merges = _merges(y, **options)
    d = pdist(y, metric) if y.ndim == 2 else y
    if method in SQUARED:
        return _with_heights(merges, _roots_of_heights(d, merges, method))
    heights = heights_of(d, steps=shares_of(numbers_under(d), merges[:, :2], method))
    return _with_heights(merges, heights)


def _roots_of_heights(d, merges, method):
    """The distances of merges whose squares are linear in those of the observations.

    A square is 0 where all its terms are: the nearest are merged first, so that a negative term is at
    most a third of the others.
    """
    squares = d * d
    heights = heights_of(squares, steps=shares_of(numbers_under(squares), merges[:, :2], method))
    zero = np.equal(heights, 0)
    roots = np.where(zero, 0, np.sqrt(np.where(zero, 1, heights)))
    # Of two observations it is their own distance.
    n = len(merges) + 1
    i, j = np.sort(merges[:, :2].astype(int)).T
    own = j < n
    places = np.where(own, n * i - i * (i + 1) // 2 + j - i - 1, 0)
    return np.where(own, picked(d, places), roots)


def _with_heights(merges, heights):
    """A matrix of SciPy's for merges, with other distances."""
    return np.concatenate([merges[:, :2], heights[:, None], merges[:, 3:]], axis=1)


_linkage = by_program(
    lambda y, method="single", metric="euclidean", optimal_ordering=False: _scipy.linkage(
        y, method, metric, optimal_ordering
    ),
    _linkage_program,
    name="linkage",
)


@each_row
def _linked(y, options):
    numbers_under(y)  # a batch goes row by row, also where derivatives are taken of each row
    check_real("scipy.cluster.hierarchy.linkage", y, "y")
    return _linkage(y, **options)


@twin(_scipy.linkage)
def linkage(y, **options):
    """The merges of a hierarchy of clusters: numbers of both parts, their distance, and their size.

    Equals :func:`scipy.cluster.hierarchy.linkage`; all methods.

    Parameters
    ----------
    y : array
        Distances of pairs, in a vector; or observations (n, d), of which :func:`.pdist` gives them.
        Differentiated.
    method, metric, optimal_ordering
        As SciPy's.

    Returns
    -------
    array, shape (n - 1, 4)
        The distances, its third column, have derivatives; the others 0.

    Notes
    -----
    The distance of a merge, or its square, is linear in those of the observations, by the recurrence of
    Lance and Williams (1967), which is gone through once for a tangent, and backwards for a cotangent:
    O(n^2).  Where another merge is as near, it is the derivative for the merges that SciPy makes.
    Clusters of points that coincide have derivative 0 by "ward", "centroid" and "median", as a norm has
    at 0.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.cluster.hierarchy import linkage
    >>> dr.grad(lambda d: linkage(d, "average")[1, 2])(np.array([1.0, 4.0, 3.0]))
    array([0. , 0.5, 0.5])
    """
    return _linked(y, options)


_reordered = constant(
    lambda Z, y, **options: _scipy.optimal_leaf_ordering(Z, y, **options),
    arity=2,
    name="optimal_leaf_ordering",
)


@twin(_scipy.optimal_leaf_ordering)
def optimal_leaf_ordering(Z, y, **options):
    """The same merges, with their parts in the order that keeps leaves that are near next to each other.

    Equals :func:`scipy.cluster.hierarchy.optimal_leaf_ordering`.
    """
    return _with_heights(_reordered(Z, y, **options), Z[:, 2])


_from_mlab = constant(lambda Z: _scipy.from_mlab_linkage(Z), arity=1, name="from_mlab_linkage")


@twin(_scipy.from_mlab_linkage, check=least_dimensions(2))
def from_mlab_linkage(Z):
    """Merges as SciPy has them, of MATLAB's.

    Equals :func:`scipy.cluster.hierarchy.from_mlab_linkage`.
    """
    return _with_heights(_from_mlab(Z), Z[:, 2])


@twin(_scipy.to_mlab_linkage, check=least_dimensions(2))
def to_mlab_linkage(Z):
    """Merges as MATLAB has them, of SciPy's.

    Equals :func:`scipy.cluster.hierarchy.to_mlab_linkage`.
    """
    return np.concatenate([Z[:, :2] + 1.0, Z[:, 2:3]], axis=1)


@twin(_scipy.to_tree)
def to_tree(Z, *, rd):
    """The merges as nodes of a tree, whose ``dist`` carries the derivative.

    Equals :func:`scipy.cluster.hierarchy.to_tree`.
    """
    root, nodes = _scipy.to_tree(numbers_under(Z), rd=True)
    for node, height in zip(nodes[len(Z) + 1 :], Z[:, 2]):
        node.dist = height
    return (root, nodes) if rd else root


# --------------------------------------------------------------------------- what is measured of them


def _joining(Z):
    """For each pair of observations the merge that joins them."""
    numbered = np.array(Z)
    numbered[:, 2] = np.arange(len(Z))
    return _scipy.cophenet(numbered).astype(int)


_joining = constant(_joining, arity=1)


@twin(_scipy.cophenet)
def cophenet(Z, Y):
    """Distances of pairs of observations by the merges that join them; with Y their correlation with Y.

    Equals :func:`scipy.cluster.hierarchy.cophenet`.
    """
    joined = picked(Z[:, 2], _joining(Z))
    if Y is None:
        return joined
    y, z = Y - np.mean(Y), joined - np.mean(joined)
    return np.sum(y * z) / np.sqrt(np.sum(y**2) * np.sum(z**2)), joined


def _within(Z, depth):
    """Which merges stand below each, itself included, by so many levels at most: (n - 1, n - 1)."""
    n = len(Z) + 1
    parts = [[int(k) - n for k in pair if k >= n] for pair in Z[:, :2]]
    found = np.eye(n - 1, dtype=bool)
    level = found
    for _ in range(depth - 1):
        below = np.zeros_like(found)
        for k, of in enumerate(parts):
            below[:, of] |= level[:, k : k + 1]
        level = below
        found = found | level
    return found


_within = constant(_within, arity=1)


def _inconsistent_program(Z, d=2):
    heights, within = Z[:, 2], _within(Z, depth=int(d))
    counts = np.sum(within, axis=1)
    means = np.sum(np.where(within, heights, 0), axis=1) / np.maximum(counts, 1)
    alone = np.less(counts, 2)  # which deviates by 0 whatever it is, and that is no kink
    deviations = np.where(alone[:, None], 1, np.where(within, heights - means[:, None], 0))
    lengths = np.where(alone, 0, np.linalg.norm(deviations, axis=1))
    spreads = lengths / np.sqrt(np.maximum(counts - 1, 1))
    zero = np.equal(spreads, 0)
    relative = np.where(zero, 0, (heights - means) / np.where(zero, 1, spreads))
    return np.stack([means, spreads, counts, relative], axis=1)


@twin(_scipy.inconsistent, by_program, _inconsistent_program)
def inconsistent(Z):
    """Of each merge mean, deviation and number of the distances below it, and how far its own is off.

    Equals :func:`scipy.cluster.hierarchy.inconsistent`; takes memory for all pairs of merges.  Where all
    are equal the deviation has derivative 0, as a norm has.
    """


def _highest(Z, values):
    """The merge of the largest value among each and those below it."""
    n = len(Z) + 1
    best = np.arange(n - 1)
    for k, pair in enumerate(Z[:, :2]):
        for part in pair:
            if part >= n and values[best[int(part) - n]] > values[best[k]]:
                best[k] = best[int(part) - n]
    return best


_highest = constant(_highest, arity=2)


@twin(_scipy.maxdists)
def maxdists(Z):
    """Of each merge the largest distance among it and those below it.

    Equals :func:`scipy.cluster.hierarchy.maxdists`.
    """
    return picked(Z[:, 2], _highest(Z, Z[:, 2]))


@twin(_scipy.maxRstat)
def maxRstat(Z, R, *, i):
    """Of each merge the largest number of a column of R among it and those below it.

    Equals :func:`scipy.cluster.hierarchy.maxRstat`.
    """
    return picked(R[:, i], _highest(Z, R[:, i]))


@twin(_scipy.maxinconsts)
def maxinconsts(Z, R):
    """Of each merge the largest inconsistency among it and those below it.

    Equals :func:`scipy.cluster.hierarchy.maxinconsts`.
    """
    return maxRstat(Z, R, 3)
