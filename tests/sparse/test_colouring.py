"""Colourings are valid by their definitions, and never have fewer colours than their lower bound."""

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.testing import assert_array_equal

from dualrev.sparse.colouring import _partings, colour_both, colour_columns, colour_rows, seeds
from dualrev.sparse.ordering import ORDERS
from dualrev.sparse.symmetric import colour_symmetric
from tests.sparse.patterns import (
    NAMED,
    SYMMETRIC,
    arrowhead,
    banded,
    grid,
    of_dense,
    pattern_of,
    patterns,
)

EVERY_ORDER = ["best", *ORDERS]


def check_columns(dense, colours):
    """Structurally orthogonal: no two columns of a colour have a row in common."""
    assert_array_equal(dense.any(axis=0), colours >= 0)
    for one, other in itertools.combinations(range(dense.shape[1]), 2):
        if colours[one] == colours[other] >= 0:
            assert not (dense[:, one] & dense[:, other]).any()


def check_both(dense, columns, rows):
    """Each entry is the only one of its colour in its row, or in its column."""
    for i, j in zip(*np.nonzero(dense)):
        in_row = columns[np.nonzero(dense[i])[0]]
        in_column = rows[np.nonzero(dense[:, j])[0]]
        assert (columns[j] >= 0 and (in_row == columns[j]).sum() == 1) or (
            rows[i] >= 0 and (in_column == rows[i]).sum() == 1
        )


def check(pattern, order):
    dense = pattern.toarray()
    columns, rows = colour_columns(pattern, order), colour_rows(pattern, order)
    both = colour_both(pattern, order)
    assert (columns.kind, rows.kind, both.kind) == ("columns", "rows", "both")
    check_columns(dense, columns.columns)
    check_columns(dense.T, rows.rows)
    check_both(dense, both.columns, both.rows)
    assert columns.forward >= columns.lower_bound
    assert rows.backward >= rows.lower_bound
    assert both.forward + both.backward >= both.lower_bound
    assert both.lower_bound <= min(columns.lower_bound, rows.lower_bound)
    for colouring in (columns, rows, both):
        assert colouring.order in ["lattice", *ORDERS]
        assert order in ("best", colouring.order)


def edges_of(dense):
    return [(i, j) for i, j in zip(*np.nonzero(dense)) if i != j]


def check_star(dense, colours):
    """Neighbours differ, and no path of four vertices has two colours."""
    edges = edges_of(dense)
    near = {i: [other for one, other in edges if one == i] for i in range(len(dense))}
    for b, c in edges:
        assert colours[b] != colours[c]
        for a, d in itertools.product(near[b], near[c]):
            if len({a, b, c, d}) == 4:
                assert len({colours[v] for v in (a, b, c, d)}) > 2


def check_acyclic(dense, colours):
    """Neighbours differ, and the vertices of two colours make no cycle: leaf by leaf all edges go."""
    edges = edges_of(dense)
    for pair in itertools.combinations(set(colours), 2):
        left = {(i, j) for i, j in edges if colours[i] in pair and colours[j] in pair}
        while left:
            ends = [i for i, _ in left]
            leaves = {i for i in ends if ends.count(i) == 1}
            assert leaves
            left = {(i, j) for i, j in left if i not in leaves and j not in leaves}
    assert all(colours[i] != colours[j] for i, j in edges)


def check_symmetric(pattern, order):
    dense = pattern.toarray()
    star, acyclic = (colour_symmetric(pattern, order, way) for way in (False, True))
    assert (star.kind, acyclic.kind) == ("star", "acyclic")
    check_star(dense, star.columns)
    check_acyclic(dense, acyclic.columns)
    for colouring in (star, acyclic):
        assert_array_equal(dense.any(axis=0), colouring.columns >= 0)
        assert colouring.rows is None
        assert colouring.forward >= colouring.lower_bound
        assert order in ("best", colouring.order)
    # as a star colouring is acyclic
    assert acyclic.lower_bound <= star.lower_bound <= star.forward


@pytest.mark.parametrize("order", EVERY_ORDER)
@pytest.mark.parametrize("pattern", SYMMETRIC.values(), ids=SYMMETRIC)
def test_each_symmetric_colouring_is_valid_and_not_below_its_bound(pattern, order):
    check_symmetric(pattern, order)


@settings(deadline=None)
@given(pattern=patterns(symmetric=True))
def test_symmetric_colourings_of_random_patterns_are_valid(pattern):
    for order in EVERY_ORDER:
        check_symmetric(pattern, order)


def fewest(dense, check):
    """The fewest colours of all valid colourings, by trying them all."""
    n = len(dense)
    for count in itertools.count(1):
        for colours in itertools.product(range(count), repeat=n):
            try:
                check(dense, np.array(colours))
            except AssertionError:
                continue
            return count


@pytest.mark.parametrize("name", ["star", "acyclic"])
def test_no_colouring_of_a_small_graph_has_fewer_colours_than_the_bound(name, rng):
    check = {"star": check_star, "acyclic": check_acyclic}[name]
    for n in (2, 3, 4, 5):
        for _ in range(12):
            dense = rng.random((n, n)) < rng.choice([0.2, 0.5])
            dense |= dense.T
            dense[0, 0] = True
            colouring = colour_symmetric(of_dense(dense), substitution=name == "acyclic")
            least = fewest(dense, check)
            assert colouring.lower_bound <= least <= colouring.forward


@pytest.mark.parametrize("order", ["best", "natural"])
@pytest.mark.parametrize("diagonal", [(0,), ()])
@pytest.mark.parametrize(
    ("offsets", "star", "acyclic"), [((-1, 1), 3, 2), ((-2, -1, 1, 2), 5, 3), ((), 1, 1)]
)
def test_colours_of_banded_matrices(offsets, star, acyclic, diagonal, order):
    pattern = banded(40, [*offsets, *diagonal])
    found = colour_symmetric(pattern, order).forward
    assert found == star if diagonal or offsets else found == 0
    assert (
        colour_symmetric(pattern, order, True).forward == acyclic if diagonal or offsets else True
    )


@pytest.mark.parametrize("n", [4, 100_000])
def test_symmetric_arrowhead_takes_two_products(n):
    assert colour_symmetric(arrowhead(n)).forward == 2
    assert colour_symmetric(arrowhead(n), substitution=True).forward == 2


@pytest.mark.parametrize("name", SYMMETRIC)
def test_symmetric_colourings_have_no_more_colours_than_those_of_columns(name):
    pattern = SYMMETRIC[name]
    star, acyclic = (colour_symmetric(pattern, substitution=way).forward for way in (False, True))
    # but where neighbours need different colours and have no column in common
    one_more = name.endswith("without diagonal")
    assert acyclic <= star <= colour_columns(pattern).forward + one_more


def test_pattern_that_is_not_symmetric_is_refused():
    with pytest.raises(ValueError, match="not symmetric"):
        colour_symmetric(banded(5, [0, 1]))


@pytest.mark.parametrize("order", EVERY_ORDER)
@pytest.mark.parametrize("pattern", NAMED.values(), ids=NAMED)
def test_each_colouring_is_valid_and_not_below_its_bound(pattern, order):
    check(pattern, order)


@settings(deadline=None)
@given(pattern=patterns())
def test_colourings_of_random_patterns_are_valid(pattern):
    for order in EVERY_ORDER:
        check(pattern, order)


@pytest.mark.parametrize(
    ("pattern", "fewest"),
    [
        (banded(30, [0]), 1),
        (banded(30, [0, 1]), 2),
        (banded(30, [-1, 0, 1]), 3),
        (banded(30, [-2, -1, 0, 1, 2], periodic=True), 5),
        (of_dense(np.ones((6, 6))), 6),
        (of_dense(np.zeros((4, 4))), 0),
    ],
)
def test_the_fewest_colours_are_found_where_they_are_known(pattern, fewest):
    assert colour_columns(pattern).forward == colour_columns(pattern).lower_bound == fewest
    assert colour_rows(pattern).backward == fewest
    both = colour_both(pattern)
    assert both.forward + both.backward == fewest


@pytest.mark.parametrize("n", [4, 100, 100_000])
def test_arrowhead_takes_three_products_from_both_sides(n):
    both = colour_both(arrowhead(n))
    assert (both.forward + both.backward, both.lower_bound) == (3, 3)


def test_partings_of_an_arrowhead_say_how_few_products_there_can_be():
    """No long rows, one, or nine of them, which meet in the first column."""
    assert list(_partings(arrowhead(9))) == [(9, 9), (3, 2), (9, 0)]


def test_dense_row_gives_each_column_a_colour_without_the_graph_of_all_pairs():
    """The graph would hold 10^10 pairs."""
    colouring = colour_columns(arrowhead(100_000))
    assert colouring.forward == colouring.lower_bound == 100_000


@pytest.mark.parametrize("order", ["natural", "largest_first"])
def test_half_dense_row_is_coloured_without_the_graph_of_all_pairs(order):
    """The graph would take 125 MB and more."""
    n = 20_000
    half = np.arange(n // 2)
    pattern = pattern_of(
        np.append(half * 0, np.arange(1, n)), np.append(half, np.arange(n - 1)), (n, n)
    )
    tracemalloc.start()
    colouring = colour_columns(pattern, order)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert colouring.forward == n // 2
    assert most < 60e6


def test_best_is_no_worse_than_any_order():
    for pattern in [*NAMED.values(), grid(20, 20)]:
        best = colour_columns(pattern).forward
        assert best <= min(colour_columns(pattern, order).forward for order in ORDERS)


def test_seeds_hold_each_column_once():
    assert_array_equal([[1, 0, 0, 0], [0, 1, 0, 1]], seeds(np.array([0, 1, -1, 1])))
    assert seeds(np.array([0]), np.complex64).dtype == np.complex64
    assert seeds(np.array([-1, -1])).shape == (0, 2)
    assert seeds(np.array([], int)).shape == (0, 0)
