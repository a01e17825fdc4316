"""Nearest points and their distances: trees, matrices of distances, Hausdorff's distance.

Owns distances of points that a search chooses.  Must not know how it searches: what it answers in
indices carries no derivative.
"""

from typing import Any

import numpy as np
import scipy.spatial
from scipy.spatial import distance

from dualrev import errors
from dualrev.core.operands import as_operand, sample_of
from dualrev.core.traced import is_traced
from dualrev.core.words import computed_below_by, constant
from dualrev.rules.indexing import picked
from dualrev.scipy.by_program import by_program
from dualrev.scipy.each_row import numbers_under
from dualrev.scipy.spatial.metrics import FORMULAS, minkowski, powers, strictly
from dualrev.scipy.spatial.pairs import matrix_batch
from dualrev.scipy.twin import check_constant, least_dimensions, twin
from dualrev.ways import stacked

__all__ = [
    "KDTree",
    "cKDTree",
    "directed_hausdorff",
    "distance_matrix",
    "minkowski_distance",
    "minkowski_distance_p",
]

# ------------------------------------------------------------------------------ of given points


def _all_pairs(x, y):
    return x[:, None], y


def _facing(x, y):
    return x, y


def _distances(function, pairs, power, way):
    """SciPy's distances and the derivatives of their formula, which has none where points coincide."""

    def program(x, y, p=2.0, threshold=None):
        return power(*pairs(x, y), p)

    def strict(x, y, p=2.0, **options):
        d = made(x, y, p=p, **options)
        return d if power is _powers and p > 1 else strictly(d, *pairs(x, y), "minkowski")

    made = by_program(function, program, batch=way, name=function.__name__)
    computed_below_by(strict, made)
    return made


def _powers(x, y, p):
    difference = x - y
    if p == 2 and difference.dtype.kind != "c":
        return np.sum(difference * difference, axis=-1)
    size = np.abs(difference)
    if p in (1, np.inf):
        return np.max(size, axis=-1) if p > 1 else np.sum(size, axis=-1)
    return np.sum(powers(size, p), axis=-1)


def _roots(x, y, p):
    return minkowski(x, y, None, -1, p)


@twin(scipy.spatial.minkowski_distance_p, _distances, _facing, _powers, stacked(1, 1))
def minkowski_distance_p(x, y):
    """Powers of the distances of order p of points, along the last axis.

    Equals :func:`scipy.spatial.minkowski_distance_p`; of order 1 and infinity the distances.
    """


@twin(scipy.spatial.minkowski_distance, _distances, _facing, _roots, stacked(1, 1))
def minkowski_distance(x, y):
    """Distances of order p of points, along the last axis.

    Equals :func:`scipy.spatial.minkowski_distance`; where points coincide it has derivative 0.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.spatial import minkowski_distance
    >>> dr.grad(lambda x: minkowski_distance(x, np.zeros(2)))(np.array([3.0, 4.0]))
    array([0.6, 0.8])
    """


@twin(scipy.spatial.distance_matrix, _distances, _all_pairs, _roots, matrix_batch)
def distance_matrix(x, y):
    """Distances of order p of all rows of x from all rows of y, an (m, n) array.

    Equals :func:`scipy.spatial.distance_matrix`; where points coincide it has derivative 0.  Its
    derivative takes memory for all differences, m n d numbers: :func:`.distance.cdist` takes m n.
    """


# ------------------------------------------------------------------------------- of nearest ones


def _beside_one_tree(call, batched, x, data, *others, **options):
    """Points of all rows, of which one tree knows the neighbours."""
    return NotImplemented if batched[1] else call(x, data, *others, **options)


_places = constant(
    lambda x, data, *, tree, **options: np.asarray(tree._found(x, data, **options)[1]),
    arity=2,
    batch=_beside_one_tree,
    name="query",
)


def _query_program(x, data, places, tree=None, k=1, eps=0.0, p=2.0, **bounds):
    missing = np.equal(places, len(data))
    if np.ndim(places) == x.ndim:
        x = x[..., None, :]
    difference = x - picked(data, np.where(missing, 0, places))
    if tree.boxsize is not None:
        turns = np.round(difference / np.where(tree.boxsize > 0, tree.boxsize, np.inf))
        difference = difference - tree.boxsize * turns
    d = minkowski(difference, np.zeros(difference.shape[-1]), None, -1, p)
    return np.where(missing, np.inf, d)


_to_nearest = by_program(
    lambda x, data, places, tree=None, **options: np.asarray(tree._found(x, data, **options)[0]),
    _query_program,
    batch=_beside_one_tree,
    name="KDTree.query",
)


_Base: Any = object


class _Tree(_Base):
    """What both trees of SciPy's have in common, of points which may be traced."""

    _traced: Any = None

    def __init__(self, data: Any, *args: Any, **options: Any):
        super().__init__(sample_of(data), *args, **options)
        if is_traced(data):
            self._traced = as_operand(data)
            self._options = args, options

    def _check_rows(self, *others: Any) -> None:
        """Refuse a batch of points, of which this is the tree of one row."""
        numbers_under([getattr(tree, "_traced", None) for tree in (self, *others)])

    @property
    def data(self) -> Any:
        """The points, traced where they were given so."""
        return super().data if self._traced is None else self._traced

    @property
    def maxes(self) -> Any:
        """The largest coordinates."""
        return super().maxes if self._traced is None else np.max(self._traced, axis=0)

    @property
    def mins(self) -> Any:
        """The smallest coordinates."""
        return super().mins if self._traced is None else np.min(self._traced, axis=0)

    def _found(self, x: Any, data: Any, **options: Any) -> tuple:
        """SciPy's answer to a query of plain points: of this tree, or of that of another row."""
        if self._traced is None or np.array_equal(data, super().data):
            return super().query(x, **options)
        args, named = self._options
        return type(self)(data, *args, **named).query(x, **options)

    def query(
        self,
        x: Any,
        k: Any = 1,
        eps: float = 0.0,
        p: float = 2.0,
        distance_upper_bound: float = np.inf,
        workers: int = 1,
    ) -> tuple:
        """Distances of the k points nearest to x (..., d), differentiated by both; and their indices."""
        options = {"k": k, "eps": eps, "p": p, "distance_upper_bound": distance_upper_bound}
        check_constant("scipy.spatial.KDTree.query", options)
        if self._traced is None and not is_traced(x):
            return super().query(x, workers=workers, **options)
        x, data = as_operand(x), self.data
        places = _places(x, data, tree=self, **options)
        return _to_nearest(x, data, places, tree=self, **options), places

    def query_ball_point(self, x: Any, *args: Any, **options: Any) -> Any:
        """Indices of the points near x, constants."""
        self._check_rows()
        return super().query_ball_point(numbers_under(x), *args, **options)

    def query_ball_tree(self, other: Any, *args: Any, **options: Any) -> Any:
        """Indices of the points near those of another tree, constants."""
        self._check_rows(other)
        return super().query_ball_tree(other, *args, **options)

    def query_pairs(self, *args: Any, **options: Any) -> Any:
        """Indices of pairs near each other, constants."""
        self._check_rows()
        return super().query_pairs(*args, **options)

    def count_neighbors(
        self, other: Any, r: Any, p: float = 2.0, weights: Any = None, cumulative: bool = True
    ) -> Any:
        """Numbers of pairs near each other, constants."""
        if is_traced(weights):
            raise errors.not_constant("scipy.spatial.KDTree.count_neighbors", "weights")
        self._check_rows(other)
        return super().count_neighbors(other, numbers_under(r), p, weights, cumulative)

    def sparse_distance_matrix(self, other: Any, *args: Any, **options: Any) -> Any:
        """Distances of pairs near each other, where points are plain."""
        if any(getattr(tree, "_traced", None) is not None for tree in (self, other)):
            raise errors.no_rule(
                "scipy.spatial.KDTree.sparse_distance_matrix of traced points",
                "use dualrev.scipy.spatial.distance.cdist",
            )
        return super().sparse_distance_matrix(other, *args, **options)


class KDTree(_Tree, scipy.spatial.KDTree):
    """A tree of points, to find neighbours in: distances have derivatives, and which are near has none.

    Equals :class:`scipy.spatial.KDTree`, and is one.

    Parameters
    ----------
    data : array, shape (n, d)
        Differentiated, in the distances that ``query`` gives.
    leafsize, compact_nodes, copy_data, balanced_tree, boxsize
        As SciPy's.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.spatial import KDTree
    >>> tree = KDTree(np.array([[0.0, 0.0], [4.0, 5.0]]))
    >>> dr.grad(lambda x: tree.query(x)[0])(np.array([1.0, 1.0])).round(4)
    array([0.7071, 0.7071])
    """


class cKDTree(_Tree, scipy.spatial.cKDTree):
    """The same as :class:`KDTree`, without what that has of nodes.

    Equals :class:`scipy.spatial.cKDTree`, and is one.
    """


_farthest = constant(
    lambda u, v, *, rng: np.array(distance.directed_hausdorff(u, v, rng)[1:]),
    arity=2,
    name="directed_hausdorff",
)


def _hausdorff_program(u, v, rng=0):
    i, j = _farthest(u, v, rng=rng)
    return FORMULAS["euclidean"](picked(u, i), picked(v, j), None, -1)


_hausdorff = by_program(
    lambda u, v, rng=0: np.float64(distance.directed_hausdorff(u, v, rng)[0]),
    _hausdorff_program,
    name="directed_hausdorff",
)


@twin(distance.directed_hausdorff, check=least_dimensions(2))
def directed_hausdorff(u, v, *, rng, seed=None):
    """The largest distance of a row of u from the row of v nearest to it, and the indices of both.

    Equals :func:`scipy.spatial.distance.directed_hausdorff`.  The derivative is that of the distance of
    these two rows, also where others are as far.
    """
    rng = rng if seed is None else seed  # the older name
    i, j = _farthest(u, v, rng=rng)
    return _hausdorff(u, v, rng=rng), i, j
