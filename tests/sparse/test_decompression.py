"""Compressed products decompress to the matrix that they came from."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import block_diag, triu

from dualrev.sparse.colouring import colour_both, colour_columns, colour_rows, seeds
from dualrev.sparse.decompression import plan
from dualrev.sparse.ordering import ORDERS
from dualrev.sparse.symmetric import colour_symmetric
from tests.sparse.patterns import (
    NAMED,
    SYMMETRIC,
    arrowhead,
    banded,
    grid,
    integers_on,
    patterns,
    products,
)

WAYS = [colour_columns, colour_rows, colour_both]
EVERY_ORDER = ["best", *ORDERS]
DTYPES = [np.float32, np.float64, np.complex64, np.complex128]


def check(pattern, colouring, dense):
    entries = plan(pattern, colouring).entries(*products(dense, colouring))
    assert entries.dtype == dense.dtype
    assert_array_equal(dense[pattern.nonzero()], entries)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("colour", WAYS)
@pytest.mark.parametrize("pattern", NAMED.values(), ids=NAMED)
def test_entries_are_those_of_the_matrix(pattern, colour, dtype, rng):
    for order in EVERY_ORDER:
        check(pattern, colour(pattern, order), integers_on(pattern, rng, dtype))


@settings(deadline=None)
@given(pattern=patterns())
def test_entries_of_random_patterns_are_those_of_the_matrix(pattern):
    dense = integers_on(pattern, np.random.default_rng(1))
    for colour in WAYS:
        for order in EVERY_ORDER:
            check(pattern, colour(pattern, order), dense)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("substitution", [False, True])
@pytest.mark.parametrize("pattern", SYMMETRIC.values(), ids=SYMMETRIC)
def test_symmetric_entries_are_those_of_the_matrix(pattern, substitution, dtype, rng):
    """Also by substitution: sums of integers are exact."""
    for order in EVERY_ORDER:
        colouring = colour_symmetric(pattern, order, substitution)
        check(pattern, colouring, integers_on(pattern, rng, dtype, symmetric=True))


@settings(deadline=None)
@given(pattern=patterns(symmetric=True))
def test_symmetric_entries_of_random_patterns_are_those_of_the_matrix(pattern):
    dense = integers_on(pattern, np.random.default_rng(1), symmetric=True)
    for substitution in (False, True):
        for order in EVERY_ORDER:
            check(pattern, colour_symmetric(pattern, order, substitution), dense)


@pytest.mark.parametrize("substitution", [False, True])
@settings(deadline=None)
@given(pattern=patterns(symmetric=True))
def test_answer_is_symmetric_to_the_bit_whatever_the_products_are(substitution, pattern):
    colouring = colour_symmetric(pattern, substitution=substitution)
    noise = np.random.default_rng(1).normal(size=(colouring.forward, pattern.shape[0]))
    answer = np.zeros(pattern.shape)
    answer[pattern.nonzero()] = plan(pattern, colouring).entries(noise)
    assert_array_equal(answer, answer.T)


@pytest.mark.parametrize(
    "pattern",
    [banded(10_000, [-1, 1]), arrowhead(10_000), grid(50, 50)],
    ids=["path", "star", "grid"],
)
def test_substitution_is_exact_to_the_rounding_that_it_states(pattern, rng):
    """At most 14 digits of a depth and 4 children here, of a sum over at most the whole tree."""
    colouring = colour_symmetric(pattern, substitution=True)
    upper = triu(pattern.astype(float)).tocsr()
    upper.data = rng.normal(size=upper.nnz)
    matrix = (upper + triu(upper, 1).T).tocsr()
    matrix.sort_indices()
    forward = (matrix @ seeds(colouring.columns).T).T
    answer = plan(pattern, colouring).entries(forward)
    bound = 18 * np.finfo(float).eps * np.abs(forward).sum()
    assert_allclose(matrix.data, answer, rtol=0, atol=bound)
    if pattern.nnz == 3 * 10_000 - 2:  # the entries of a star are all read at its leaves
        assert_array_equal(matrix.data, answer)


def steps_of(pattern):
    return len(plan(pattern, colour_symmetric(pattern, "natural", substitution=True)).steps)


def test_substitution_takes_as_many_steps_as_the_depth_has_digits():
    """From the middle of a path, and none where the entries are all at leaves."""
    assert [steps_of(banded(n, [-1, 0, 1])) for n in (1, 2, 3, 5, 9, 1001)] == [0, 0, 0, 1, 2, 9]
    assert steps_of(arrowhead(1000)) == 0


def test_what_is_not_finite_stays_in_its_tree(rng):
    pattern = banded(40, [-1, 0, 1])
    for substitution in (False, True):
        colouring = colour_symmetric(pattern, substitution=substitution)
        dense = integers_on(pattern, rng, symmetric=True)
        two = block_diag([pattern, pattern]).tocsr()
        colours = replace(colouring, columns=np.tile(colouring.columns, 2))
        forward = np.hstack([products(dense, colouring)[0]] * 2)
        forward[:, :40] = np.nan
        entries = plan(two, colours).entries(forward)
        assert np.isnan(entries[: pattern.nnz]).all()
        assert_array_equal(dense[pattern.nonzero()], entries[pattern.nnz :])


@pytest.mark.parametrize("colour", [*WAYS, colour_symmetric, "acyclic"])
@pytest.mark.parametrize("pattern", [banded(9, [-1, 0, 1]), banded(9, [-1, 1])])
def test_plan_pickles(pattern, colour, rng):
    acyclic = colour == "acyclic"
    colouring = colour_symmetric(pattern, substitution=True) if acyclic else colour(pattern)
    dense = integers_on(pattern, rng, symmetric=True)
    again = pickle.loads(pickle.dumps(plan(pattern, colouring)))
    assert_array_equal(dense[pattern.nonzero()], again.entries(*products(dense, colouring)))


def test_products_are_not_written(rng):
    pattern = grid(5, 5)
    for colouring in (colour_both(pattern), colour_symmetric(pattern, "natural", True)):
        forward, backward = products(integers_on(pattern, rng, symmetric=True), colouring)
        before = forward.copy()
        entries = plan(pattern, colouring).entries(forward, backward)
        entries[:] = 0
        assert_array_equal(before, forward)


@pytest.mark.parametrize("other", [[], [0], [-1, 1], [-2, 0, 2]])
@pytest.mark.parametrize("colour", [*WAYS, colour_symmetric, "acyclic"])
def test_colouring_of_another_pattern_is_refused(colour, other):
    other = banded(9, other)
    acyclic = colour == "acyclic"
    colouring = colour_symmetric(other, substitution=True) if acyclic else colour(other)
    with pytest.raises(ValueError, match="not one of this pattern"):
        plan(banded(9, [-2, -1, 0, 1, 2]), colouring)
