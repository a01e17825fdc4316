"""Functions of graphs, where the laws do not look."""

import numpy as np
import pytest
import scipy.sparse.csgraph
from numpy.testing import assert_array_equal

import dualrev as dr
from dualrev.scipy import sparse
from dualrev.scipy.sparse import csgraph

WEIGHTS = np.array([[0.0, 1.0, 5.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]])


def test_a_length_has_the_derivative_one_by_each_weight_of_its_path():
    t = dr.jacobian(lambda w: csgraph.shortest_path(w, directed=False)[2, 0])(WEIGHTS)
    assert_array_equal([[0, 1, 0], [0, 0, 1], [0, 0, 0]], t)


def test_an_undirected_edge_is_that_of_the_lesser_weight():
    both = np.array([[0.0, 3.0], [2.0, 0.0]])
    t = dr.grad(lambda w: csgraph.dijkstra(w, directed=False)[0, 1])(both)
    assert_array_equal([[0, 0], [1, 0]], t)


def test_no_path_is_infinitely_long_and_stays_so():
    value, t = dr.jvp(lambda w: csgraph.shortest_path(w)[2, 0], (WEIGHTS,), (WEIGHTS,))
    assert (np.inf, 0) == (value, t)


def test_what_is_counted_has_no_derivative():
    assert_array_equal(
        np.zeros((3, 3)),
        dr.grad(lambda w: csgraph.shortest_path(w, unweighted=True)[0, 2])(WEIGHTS),
    )
    number, t = dr.jvp(
        lambda w: w[0, 1] * csgraph.connected_components(sparse.csr_array(w))[0],
        (WEIGHTS,),
        (np.ones((3, 3)),),
    )
    assert (number, t) == (1, 1)


def test_labels_and_predecessors_are_scipys():
    seen = []

    def f(w):
        _, before = csgraph.shortest_path(w, return_predecessors=True)
        seen.extend((before, csgraph.min_weight_full_bipartite_matching(sparse.csr_array(w + 1))))
        return np.sum(w)

    dr.grad(f)(WEIGHTS)
    expected = scipy.sparse.csgraph.shortest_path(WEIGHTS, return_predecessors=True)[1]
    assert_array_equal(expected, seen[0])
    plain = scipy.sparse.csr_array(WEIGHTS + 1)
    assert_array_equal(scipy.sparse.csgraph.min_weight_full_bipartite_matching(plain), seen[1])


def test_the_root_of_an_isolated_degree_has_no_derivative():
    """Node 0 has no weight that comes in; the others' roots are far from 0."""
    w = np.array([[0.0, 1.0], [0.0, 0.0]])
    t = dr.grad(lambda w: csgraph.laplacian(w, normed=True)[0, 1])(w)
    assert np.isnan(t[1, 0])


@pytest.mark.parametrize(
    ("call", "fix"),
    [
        (lambda w: csgraph.maximum_flow(sparse.csr_array(w), 0, 2), "stop_gradient"),
        (lambda w: csgraph.csgraph_masked_from_dense(w), "csgraph_from_dense"),
        (lambda w: csgraph.laplacian(w, form="lo"), "array"),
        (
            lambda w: csgraph.dijkstra(
                sparse.csr_array((w[0, [1, 2]], [1, 1], [0, 2, 2]), shape=(2, 2))
            ),
            "tocsr",
        ),
    ],
)
def test_what_has_no_derivative_is_refused_with_a_way_out(call, fix):
    with pytest.raises(dr.MissingRuleError, match=fix):
        dr.jacobian(call)(WEIGHTS)
