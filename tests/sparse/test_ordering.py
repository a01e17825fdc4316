"""Orders are what their definitions say, on small graphs."""

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.testing import assert_array_equal

from dualrev.sparse.ordering import ORDERS, ordered
from dualrev.sparse.patterns import without_diagonal
from tests.sparse.patterns import SYMMETRIC, patterns


def check(pattern):
    graph = without_diagonal(pattern)
    near = graph.toarray()
    degrees = near.sum(axis=0)
    orders = {name: ordered(graph, name) for name in ORDERS}
    for order in orders.values():
        assert_array_equal(np.arange(len(near)), np.sort(order))
    assert_array_equal(np.arange(len(near)), orders["natural"])
    assert (np.diff(degrees[orders["largest_first"]]) <= 0).all()
    order = orders["smallest_last"]
    for place in range(len(order)):
        first = order[: place + 1]
        among_first = near[np.ix_(first, first)].sum(axis=0)
        assert among_first[place] == among_first.min()
    order = orders["incidence_degree"]
    for place in range(len(order)):
        to_first = near[order[:place]].sum(axis=0)
        assert to_first[order[place]] == to_first[order[place:]].max()


@pytest.mark.parametrize("pattern", SYMMETRIC.values(), ids=SYMMETRIC)
def test_each_order_is_as_defined(pattern):
    check(pattern)


@settings(deadline=None)
@given(pattern=patterns(symmetric=True))
def test_orders_of_random_graphs_are_as_defined(pattern):
    check(pattern)
