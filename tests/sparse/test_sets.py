"""Sets of columns are what Python's sets are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dualrev as dr
from dualrev.sparse import reading, sets
from dualrev.sparse.sets import EMPTY, FULL, Sets
from tests.rows import examples

COUNT = 7
#: Numbers of few and of many rows: the second are united by products of sparse matrices.
ROWS = st.integers(1, 3) | st.integers(20, 40)


def members(of, number):
    return set(range(of.count)) if number == FULL else set(of.rows(np.array([number])).indices)


@given(st.data())
@settings(deadline=None, max_examples=examples(60))
def test_unions_are_those_of_pythons_sets(data):
    of = Sets(COUNT)
    known = {EMPTY: set(), FULL: set(range(COUNT))}
    known |= {number: {k} for k, number in enumerate(of.singles().tolist())}
    for _ in range(data.draw(st.integers(1, 4))):
        rows = data.draw(ROWS)
        groups = data.draw(
            st.lists(
                st.lists(st.sampled_from(sorted(known)), max_size=5), min_size=rows, max_size=rows
            )
        )
        starts = np.cumsum([0, *map(len, groups)])
        numbers = np.array([number for group in groups for number in group], np.intp)
        united = of.united(starts, numbers)
        for group, number in zip(groups, united.tolist()):
            expected = set().union(*(known[k] for k in group))
            assert members(of, number) == expected
            known[number] = expected


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=examples(30))
def test_what_is_forgotten_is_what_nobody_holds(seed):
    rng = np.random.default_rng(seed)
    of = Sets(COUNT)
    held = of.united(np.arange(0, 121, 3), rng.integers(0, COUNT + 2, 120))
    before = of.rows(held).toarray()
    of.united(np.arange(0, 121, 3), rng.integers(0, COUNT + 2, 120))
    entries = of.entries
    of.compact([held])
    assert of.entries <= entries
    assert np.array_equal(before, of.rows(held).toarray())


def test_large_sets_that_are_equal_are_one():
    x = np.ones((40, 30))
    of = Sets(x.size)
    rows = of.over_last(of.singles().reshape(x.shape))
    added = of.entries
    of.union(of.singles().reshape(x.shape), np.flip(rows)[:, None])
    # Each row's set joined with one number of another row: no more than 40 x 30 of 31 each.
    assert of.entries - added <= 40 * 30 * 31
    again = of.union(of.singles().reshape(x.shape), rows[:, None])
    assert len(np.unique(again)) == 40


def test_a_pattern_too_large_to_hold_is_an_error(monkeypatch):
    monkeypatch.setattr(sets, "_LIMIT", 1000)
    with pytest.raises(dr.SizeError, match="more than 1000 entries"):
        dr.sparsity(lambda x: np.cumsum(x), np.ones(100))


def test_full_rows_count_before_they_are_written_out():
    """A dense matrix of 10**4 rows would have a pattern of 500 MB, which nobody who gives up wants."""
    of = Sets(10**4, limit=10**6)
    with pytest.raises(dr.SizeError, match="entries"):
        of.rows(np.full(10**4, FULL))
    assert of.rows(np.full(100, FULL)).nnz == 10**6


def test_patterns_do_not_hang_on_when_sets_are_forgotten(monkeypatch):
    def steps(u):
        for _ in range(6):
            u = u + 0.1 * (np.roll(u, 1) - 2 * u + np.roll(u, -1)) * u
        return u

    expected = dr.sparsity(steps, np.ones(60)).toarray()
    monkeypatch.setattr(reading, "_MANY", 300)
    assert np.array_equal(expected, dr.sparsity(steps, np.ones(60)).toarray())
