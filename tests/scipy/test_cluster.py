"""Hierarchies of clusters and vector quantization: constants, ties, nodes, what is refused."""

import numpy as np
import pytest
import scipy.cluster.hierarchy
import scipy.cluster.vq
import scipy.constants
from numpy.testing import assert_array_equal

import dualrev as dr
from dualrev.scipy import constants
from dualrev.scipy.cluster import hierarchy, vq

RNG = np.random.default_rng(2)
X = RNG.standard_normal((8, 2))
LINKED = scipy.cluster.hierarchy.linkage(X, "average")
CONSTANTS = {
    "fcluster": (LINKED, 1.0, "distance"),
    "fclusterdata": (X, 1.0),
    "leaves_list": (LINKED,),
    "cut_tree": (LINKED, 3),
    "is_valid_linkage": (LINKED,),
    "is_monotonic": (LINKED,),
    "num_obs_linkage": (LINKED,),
    "correspond": (LINKED, np.ones(28)),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_labels_and_answers_about_merges_are_constants(name):
    first, *others = CONSTANTS[name]
    expected = getattr(scipy.cluster.hierarchy, name)(first, *others)

    def f(x):
        assert_array_equal(expected, getattr(hierarchy, name)(x, *others))
        return np.sum(x)

    assert_array_equal(np.ones(first.shape), dr.grad(f)(first))


def test_the_distances_of_average_linkage_are_means_over_pairs():
    """All pairs of both clusters have a share alike; what is no distance has none."""
    jacobian = dr.jacobian(lambda d: hierarchy.average(d))(RNG.uniform(1, 2, 28))
    assert_array_equal(0, jacobian[:, [0, 1, 3]])
    np.testing.assert_allclose(1, jacobian[:, 2].sum(axis=-1), rtol=1e-14)
    shares = jacobian[-1, 2][jacobian[-1, 2] != 0]
    np.testing.assert_allclose(shares[0], shares, rtol=1e-14)


def test_observations_that_coincide_merge_at_a_kink():
    twice = np.array([[0.0, 0.0], [0.0, 0.0], [3.0, 4.0]])
    for method in ("single", "ward", "centroid"):
        gradient = dr.grad(lambda x, method=method: hierarchy.linkage(x, method)[0, 2])(twice)
        assert_array_equal(np.zeros((3, 2)), gradient)


@pytest.mark.parametrize("method", ["ward", "centroid", "median"])
def test_the_distance_of_two_observations_is_their_own_also_at_zero(method):
    """SciPy hands it on; only those of merged clusters are roots."""
    jacobian = dr.jacobian(lambda d: hierarchy.linkage(d, method)[:, 2])(np.array([0.0, 3.0, 4.0]))
    assert_array_equal([1, 0, 0], jacobian[0])
    assert_array_equal(0, jacobian[1, 0])


def test_clusters_that_coincide_merge_at_a_kink():
    f = lambda d: hierarchy.linkage(d, "ward")[:, 2]  # noqa: E731
    assert_array_equal([1.0, 0.0], dr.jvp(f, (np.zeros(3),), (np.ones(3),))[1])


def test_nodes_of_a_tree_carry_their_distance():
    def f(x):
        root, nodes = hierarchy.to_tree(hierarchy.linkage(x, "average"), rd=True)
        assert root.get_count() == 8
        assert [node.get_id() for node in nodes] == list(range(15))
        return root.dist + nodes[9].dist

    expected = dr.grad(lambda x: hierarchy.linkage(x, "average")[[1, 6], 2].sum())(X)
    assert_array_equal(expected, dr.grad(f)(X))


def test_a_deviation_of_one_distance_has_second_derivatives():
    """It is 0 whatever the distance is: no kink."""
    f = lambda x: np.sum(hierarchy.inconsistent(hierarchy.linkage(x))[:, 1] ** 2)  # noqa: E731
    assert np.isfinite(dr.jacobian(dr.grad(f), mode="reverse")(X)).all()


def test_the_nearest_code_is_constant_and_its_distance_is_not():
    codes, distances = scipy.cluster.vq.vq(X, X[:2] + 0.1)

    def f(x):
        found, d = vq.vq(x, X[:2] + 0.1)
        assert_array_equal(codes, found)
        return d

    value, t = dr.jvp(f, (X,), (np.ones(X.shape),))
    assert_array_equal(distances, value)
    assert np.all(t != 0)
    assert_array_equal(np.zeros((1, 2)), dr.grad(lambda x: vq.vq(x, X)[1][0])(X[:1]))


def test_centers_of_an_iteration_and_drawings_are_refused():
    with pytest.raises(dr.MissingRuleError, match="labels"):
        dr.grad(lambda x: vq.kmeans2(x, 2)[0])(X)
    with pytest.raises(dr.MissingRuleError, match="draws"):
        dr.grad(lambda z: hierarchy.dendrogram(z, no_plot=True))(LINKED)


def test_constants_are_scipys():
    assert constants.c == scipy.constants.c
    assert constants.value("electron mass") == scipy.constants.m_e
    assert dr.derivative(constants.lambda2nu)(2.0) == -scipy.constants.c / 4


def test_complex_distances_are_refused_whose_imaginary_parts_scipy_leaves_out():
    with pytest.raises(dr.ComplexError, match="imaginary"):
        dr.grad(lambda t: hierarchy.linkage(np.array([1.0, 2.0, 4.0]) * (1 + 1j * t))[0, 2])(0.3)
