"""Hulls, cells and trees: SciPy's objects of plain points, indices, ties, and what is refused."""

import numpy as np
import pytest
import scipy.spatial
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from dualrev.scipy import spatial
from dualrev.scipy.spatial import distance
from tests.numeric import numeric_jacobian

RNG = np.random.default_rng(7)
X, Y = RNG.standard_normal((8, 2)), RNG.standard_normal((5, 2))
FOUND = [
    (spatial.ConvexHull, ()),
    (spatial.Delaunay, ()),
    (spatial.Voronoi, ()),
    (spatial.HalfspaceIntersection, (np.zeros(2),)),
]


def halfspaces(cls):
    return np.hstack([X, -np.ones((8, 1))]) if "Half" in cls.__name__ else X


@pytest.mark.parametrize(("cls", "args"), FOUND)
def test_of_plain_points_it_is_scipys_own_object(cls, args):
    theirs = getattr(scipy.spatial, cls.__name__)
    assert type(cls(halfspaces(cls), *args)) is theirs


@pytest.mark.parametrize(("cls", "args"), FOUND)
def test_indices_are_scipys_and_constants(cls, args):
    """By which others are looked up; numbers that have no derivative are refused by name."""
    plain = getattr(scipy.spatial, cls.__name__)(halfspaces(cls), *args)
    known = {*cls._numbers, "points", "halfspaces"}

    def f(x):
        found = cls(x, *args)
        for name in filter(lambda name: not name.startswith("_"), dir(plain)):
            expected = getattr(plain, name)
            floating = (
                isinstance(expected, float | np.ndarray) and np.asarray(expected).dtype == float
            )
            if name in known:
                assert isinstance(getattr(found, name) * 1.0, type(x))
            elif floating or (callable(expected) and name not in cls._methods):
                with pytest.raises(dr.MissingRuleError, match=name):
                    getattr(found, name)
            elif not callable(expected):
                np.testing.assert_equal(getattr(found, name), expected)
        return np.sum(x)

    dr.jvp(f, (halfspaces(cls),), (halfspaces(cls),))


def test_the_volume_of_a_simplex_is_a_determinant():
    corners = RNG.standard_normal((5, 4))
    expected = dr.grad(lambda x: np.abs(np.linalg.det(x[1:] - x[0])) / 24)(corners)
    assert_allclose(expected, dr.grad(lambda x: spatial.ConvexHull(x).volume)(corners), atol=1e-13)


def test_points_inside_have_no_say():
    inside = np.concatenate([10 * np.array([[1.0, 0], [0, 1], [-1, -1]]), X[:3]])
    gradient = dr.grad(lambda x: spatial.ConvexHull(x).area)(inside)
    assert_array_equal(np.zeros((3, 2)), gradient[3:])
    assert gradient[:3].all()


@pytest.mark.parametrize("dimensions", [2, 3])
def test_corners_of_furthest_cells_have_derivatives(dimensions):
    """Of some of them Qhull tells fewer ridges than meet there."""
    points = np.random.default_rng(0).standard_normal((10, dimensions))

    def corners(module, x):
        return module.Voronoi(x, furthest_site=True).vertices

    expected = numeric_jacobian(lambda x: corners(scipy.spatial, x), points, h=1e-5)
    jacobian = dr.jacobian(lambda x: corners(spatial, x))(points)
    assert_allclose(expected, jacobian, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def test_a_corner_where_four_cells_meet_splits_and_has_no_derivative():
    square = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]])
    assert np.isnan(dr.jacobian(lambda x: spatial.Voronoi(x).vertices)(square)).all()
    planes = np.array(
        [[1.0, 0, 0, -1], [-1, 0, 0, -1], [0, 1, 0, -1], [0, -1, 0, -1], [0, 0, -1, -1]]
    )
    roof = np.array([[1.0, 0, 1, -1], [-1, 0, 1, -1], [0, 1, 1, -1], [0, -1, 1, -1]])
    pyramid = np.concatenate([planes[4:], roof])
    f = dr.jacobian(lambda h: spatial.HalfspaceIntersection(h, np.zeros(3)).intersections)
    top = scipy.spatial.HalfspaceIntersection(pyramid, np.zeros(3)).intersections[:, 2] > 0.5
    assert np.isnan(f(pyramid)[top][..., 1:, :]).all()
    assert np.isfinite(f(pyramid)[~top]).all()


def test_a_tree_is_one_of_scipys_and_answers_as_it_does():
    for cls in (spatial.KDTree, spatial.cKDTree):
        theirs = getattr(scipy.spatial, cls.__name__)
        tree, other = cls(X, leafsize=3), theirs(X, leafsize=3)
        assert isinstance(tree, theirs)
        for options in ({}, {"k": 3}, {"k": [2, 4]}, {"k": 3, "distance_upper_bound": 0.5}):
            for expected, got in zip(other.query(Y, **options), tree.query(Y, **options)):
                assert_array_equal(expected, got)
        assert tree.query_pairs(0.7) == other.query_pairs(0.7)


def test_what_a_tree_says_in_indices_is_constant():
    plain = scipy.spatial.KDTree(X)

    def f(x):
        tree = spatial.KDTree(x)
        d, i = tree.query(Y, k=3, distance_upper_bound=0.8)
        assert_array_equal(plain.query(Y, k=3, distance_upper_bound=0.8)[1], i)
        assert list(tree.query_ball_point(x[0], 1.0)) == list(plain.query_ball_point(X[0], 1.0))
        assert tree.count_neighbors(tree, 1.0) == plain.count_neighbors(plain, 1.0)
        given = 1.0, 2.0, np.arange(tree.n), False
        assert tree.count_neighbors(tree, *given) == plain.count_neighbors(plain, *given)
        assert tree.query_pairs(1.0) == plain.query_pairs(1.0)
        for name in ("data", "maxes", "mins"):  # which are no indices
            assert isinstance(getattr(tree, name), type(x))
            assert_array_equal(getattr(plain, name), dr.stop_gradient(getattr(tree, name)))
        return np.sum(np.where(np.isinf(d), 0.0, d))

    gradient = dr.grad(f)(X)
    near = np.unique(plain.query(Y, k=3, distance_upper_bound=0.8)[1])
    assert_array_equal(np.flatnonzero(gradient.any(axis=1)), near[near < len(X)])


def test_a_point_of_a_tree_has_derivative_zero_and_no_second_one():
    tree = spatial.KDTree(X)
    assert_array_equal(np.zeros(2), dr.grad(lambda x: tree.query(x)[0])(X[0]))
    assert np.isnan(dr.hessian(lambda x: tree.query(x)[0])(X[0])).all()


def test_distances_of_points_that_coincide():
    """A norm has derivative 0 there and no second one; squares are smooth."""
    for f in (
        lambda x: spatial.minkowski_distance(x, X[0]),
        lambda x: spatial.distance_matrix(x[None], X)[0, 0],
        lambda x: spatial.minkowski_distance_p(x, X[0], 1),
    ):
        assert_array_equal(np.zeros(2), dr.grad(f)(X[0]))
        assert np.isnan(dr.hessian(f)(X[0]).diagonal()).all()
    squares = dr.hessian(lambda x: spatial.minkowski_distance_p(x, X[0]))(X[0])
    assert_array_equal(2 * np.eye(2), squares)


def test_hausdorffs_distance_comes_with_scipys_indices():
    expected = scipy.spatial.distance.directed_hausdorff(X, Y)

    def f(x):
        d, i, j = distance.directed_hausdorff(x, Y)
        assert (i, j) == expected[1:]
        return d

    assert f(X) == expected[0]
    gradient = dr.grad(f)(X)
    assert_array_equal(np.flatnonzero(gradient.any(axis=1)), expected[1:2])


def test_great_circles_are_smooth_where_their_ends_coincide():
    """Where SciPy has a formula of its own: the point itself."""
    a = np.array([0.6, 0.0, 0.8])
    across = np.eye(3) - np.outer(a, a)
    for k, share in ((0, 0.75), (1, 0.25)):

        def way(x, k=k):
            ends = [a, a]
            ends[k] = x / np.linalg.norm(x)
            return spatial.geometric_slerp(*ends, np.array([0.25]))[0]

        assert_allclose(share * across, dr.jacobian(way)(a), atol=1e-15)


def test_metrics_of_booleans_step_and_have_weights():
    u, v, w = np.array([1.0, 0, 1, 1]), np.array([1.0, 1, 0, 1]), np.array([1.0, 2, 3, 4])
    for metric in (distance.hamming, distance.jaccard):
        assert_array_equal(np.zeros(4), dr.grad(lambda x, metric=metric: metric(x, v))(u))
    expected = np.array([-0.05, 0.05, 0.05, -0.05])
    assert_allclose(expected, dr.grad(lambda w: distance.hamming(u, v, w))(w), atol=1e-15)
    with pytest.raises(dr.MissingRuleError, match="booleans"):
        dr.grad(lambda x: distance.dice(x, v))(u)


def test_areas_of_spherical_cells_have_derivatives():
    points = RNG.standard_normal((7, 3))

    def areas(module, x):
        return module.SphericalVoronoi(x / np.linalg.norm(x, axis=1)[:, None]).calculate_areas()

    expected = numeric_jacobian(lambda x: areas(scipy.spatial, x), points)
    assert_allclose(expected, dr.jacobian(lambda x: areas(spatial, x))(points), atol=1e-6)
