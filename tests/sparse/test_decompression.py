"""Compressed products decompress to the matrix that they came from."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_array_equal

from dualrev.sparse.colouring import colour_both, colour_columns, colour_rows
from dualrev.sparse.decompression import plan
from dualrev.sparse.ordering import ORDERS
from tests.sparse.patterns import NAMED, banded, integers_on, patterns, products

WAYS = [colour_columns, colour_rows, colour_both]


def check(pattern, colouring, dense):
    entries = plan(pattern, colouring).entries(*products(dense, colouring))
    assert entries.dtype == dense.dtype
    assert_array_equal(dense[pattern.nonzero()], entries)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
@pytest.mark.parametrize("colour", WAYS)
@pytest.mark.parametrize("pattern", NAMED.values(), ids=NAMED)
def test_entries_are_those_of_the_matrix(pattern, colour, dtype, rng):
    for order in ["best", *ORDERS]:
        check(pattern, colour(pattern, order), integers_on(pattern, rng, dtype))


@given(pattern=patterns())
def test_entries_of_random_patterns_are_those_of_the_matrix(pattern):
    dense = integers_on(pattern, np.random.default_rng(1))
    for colour in WAYS:
        for order in ["best", *ORDERS]:
            check(pattern, colour(pattern, order), dense)


def test_plan_pickles(rng):
    pattern = banded(9, [-1, 0, 1])
    colouring = colour_columns(pattern)
    dense = integers_on(pattern, rng)
    again = pickle.loads(pickle.dumps(plan(pattern, colouring)))
    assert_array_equal(dense[pattern.nonzero()], again.entries(*products(dense, colouring)))


def test_colouring_of_another_pattern_is_refused():
    with pytest.raises(ValueError, match="not one of this pattern"):
        plan(banded(9, [-1, 0, 1]), colour_columns(banded(9, [0])))
