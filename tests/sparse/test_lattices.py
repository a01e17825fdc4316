"""Lattices are found in stencils on grids, with the fewest colours, and are valid colourings."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualrev.sparse.colouring import colour_both, colour_columns, colour_rows
from dualrev.sparse.symmetric import colour_symmetric
from tests.sparse.patterns import banded, grid, of_dense, pattern_of
from tests.sparse.test_colouring import check_acyclic, check_columns, check_star


def square_stencil(*lengths):
    """Each point of a grid, and its neighbours along the axes and diagonals."""
    points = np.stack(np.unravel_index(np.arange(np.prod(lengths)), lengths))
    return of_dense(np.abs(points[:, :, None] - points[:, None]).max(axis=0) <= 1)


def with_fields(pattern, count):
    """So many unknowns at each point, which all depend on each other."""
    rows, columns = pattern.nonzero()
    pairs = np.array(list(itertools.product(range(count), repeat=2))).T
    rows, columns = (p[:, None] * count + pair for p, pair in zip((rows, columns), pairs))
    n = pattern.shape[0] * count
    return pattern_of(rows.ravel(), columns.ravel(), (n, n))


@pytest.mark.parametrize(
    ("pattern", "columns", "star", "acyclic"),
    [
        (banded(2000, [-1, 0, 1]), 3, 3, 2),
        (banded(2000, [-2, -1, 0, 1, 2]), 5, 5, 3),
        (banded(2001, [-1, 0, 1], periodic=True), 3, 3, 3),
        (grid(20, 30), 5, 5, 3),
        (grid(6, 7, 8), 7, 7, 4),
        (square_stencil(20, 21), 9, 9, 5),
        (with_fields(grid(15, 15), 2), 10, 10, 6),
    ],
    ids=["three", "five", "periodic", "cross", "cross in space", "square", "two fields"],
)
def test_stencils_are_coloured_as_lattices(pattern, columns, star, acyclic):
    """Those of columns and the acyclic ones meet their lower bounds."""
    found = [
        colour_columns(pattern, "lattice"),
        colour_symmetric(pattern, "lattice"),
        colour_symmetric(pattern, "lattice", substitution=True),
    ]
    assert [columns, star, acyclic] == [colouring.forward for colouring in found]
    assert found[0].lower_bound == columns
    assert found[2].lower_bound == acyclic
    assert colour_rows(pattern, "lattice").backward == columns
    assert colour_both(pattern).forward == columns


def lattice_of(colour, pattern, *options):
    try:
        return colour(pattern, "lattice", *options)
    except ValueError as error:
        if "not one of a lattice" not in str(error):
            raise
        return None


def check_lattices(pattern):
    """The colourings of columns and, where it is symmetric, of both kinds; None where there is none."""
    dense = pattern.toarray()
    met = dense.any(axis=0)
    found = [lattice_of(colour_columns, pattern)]
    if found[0] is not None:
        check_columns(dense, found[0].columns)
    if (dense == dense.T).all():
        found += [lattice_of(colour_symmetric, pattern, way) for way in (False, True)]
        for colouring, check in zip(found[1:], [check_star, check_acyclic]):
            if colouring is not None:
                check(dense, colouring.columns)
    for colouring in found:
        if colouring is not None:
            assert set(colouring.columns[met]) == set(range(colouring.forward))
            assert (colouring.columns[~met] == -1).all()
    return found


@pytest.mark.parametrize("n", [39, 40, 43])
def test_seam_of_a_periodic_grid_takes_one_colour_more(n):
    columns, star, acyclic = check_lattices(banded(n, [-1, 0, 1], periodic=True))
    assert columns.forward == (3 if n % 3 == 0 else 4)
    assert star.forward == columns.forward
    assert acyclic.forward <= 4


@settings(deadline=None)
@given(
    offsets=st.sets(st.integers(-9, 9), min_size=1, max_size=5),
    n=st.integers(1, 45),
    other=st.lists(st.tuples(st.integers(0, 44), st.integers(0, 44)), max_size=3),
    symmetric=st.booleans(),
    periodic=st.booleans(),
)
def test_lattices_are_valid_where_the_pattern_repeats_almost(
    offsets, n, other, symmetric, periodic
):
    dense = banded(n, sorted(offsets), periodic).toarray()
    for row, column in other:
        dense[row % n, column % n] = not dense[row % n, column % n]
    check_lattices(of_dense(dense | dense.T if symmetric else dense))


def test_no_lattice_is_found_where_there_is_none(rng):
    dense = rng.random((60, 60)) < 0.1
    assert check_lattices(of_dense(dense | dense.T)) == [None, None, None]
