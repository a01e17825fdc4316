"""How a law is tried over rows: all of a function in one test, and in turn where it costs much."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from tests import rows
from tests.cases import case
from tests.rows import (
    TOGETHER,
    Rows,
    by_function,
    by_lot,
    each_row,
    in_turn,
    left_out,
    name_of,
    together,
)


@pytest.mark.parametrize("count", range(1, 9))
@pytest.mark.parametrize("of", [1, 2, 3, 4])
def test_each_row_has_a_law_and_each_law_a_row(count, of):
    taken = [list(in_turn(range(count), turn, of)) for turn in range(of)]
    assert all(taken)
    assert set().union(*taken) == set(range(count))


@pytest.mark.parametrize("thorough", [False, True])
def test_each_way_is_that_of_some_rows_and_always_the_same(thorough, monkeypatch):
    monkeypatch.setattr(rows, "thorough", thorough)
    ways = ("a", "b", "c", "d")
    taken = [by_lot(n, ways, 2) for n in range(20)]
    assert taken == [by_lot(n, ways, 2) for n in range(20)]
    assert set().union(*taken) == {*ways}
    assert {len(some) for some in taken} == {4 if thorough else 2}
    assert [*by_lot(0, ("a",), 2)] == ["a"]


CASES = [case(function, 1.0 * n) for function in (abs, round) for n in (0, 1, 2)]
OF_ABS = Rows([CASES[:3]])


def test_few_rows_of_functions_share_a_test_which_has_their_names():
    (group,) = by_function(CASES)
    assert str(group) == "abs,round"
    assert [*map(list, group)] == [CASES[:3], CASES[3:]]


def test_many_rows_have_a_test_of_their_own():
    many = [case(abs, 1.0 * n) for n in range(9)]
    assert [str(group) for group in by_function(many + CASES[3:])] == ["abs", "round"]


@pytest.fixture
def law():
    """Of what a failing law was tried on, and the law."""
    tried = []

    def fails_off_zero(case):
        tried.append(str(case).partition("-")[2])
        assert case.given == ((0.0,), {})

    return tried, fails_off_zero


def test_all_rows_are_tried_and_those_that_fail_are_named(law, monkeypatch):
    tried, law = law
    monkeypatch.setattr(rows, "thorough", True)
    with pytest.raises(BaseExceptionGroup, match="2 rows of abs") as caught:
        each_row(CASES, turn=1, of=2)(law)(OF_ABS)
    assert tried == ["abs(0.0)", "abs(1.0)", "abs(2.0)"]
    notes = [failure.__notes__[0] for failure in caught.value.exceptions]
    assert [note.partition("-")[2] for note in notes] == ["abs(1.0)", "abs(2.0)"]


def test_a_single_failure_is_raised_as_it_is(law, monkeypatch):
    tried, law = law
    monkeypatch.setattr(rows, "thorough", False)
    with pytest.raises(AssertionError) as caught:
        each_row(CASES, turn=1, of=2)(law)(OF_ABS)
    assert tried == ["abs(1.0)"]
    assert caught.value.__notes__[0].endswith("abs(1.0)")


def test_only_tests_of_rows_have_a_name_for_them(request):
    assert name_of(request.node) is None


class Item:
    """What is asked of a test that pytest has collected."""

    def __init__(self, function, n):
        self.function = function
        self.mark = n and pytest.mark.one_in(n).mark

    def get_closest_marker(self, name):
        return self.mark


def test_of_each_n_sets_of_parameters_one_is_left_and_all_places_in_time():
    items = [Item("f", 3) for _ in range(60)] + [Item("g", None)]
    gone = set(left_out(items))
    left = [i for i, item in enumerate(items) if item not in gone]
    assert [*range(20), 20] == [i // 3 for i in left]
    assert {0, 1, 2} == {i % 3 for i in left}


def sets_of(law, count, marks=(), fixtures=()):
    """What pytest collects of a law that is parametrized by n."""
    law = pytest.mark.parametrize("n", range(count))(law)
    return [
        SimpleNamespace(
            obj=law,
            callspec=SimpleNamespace(id=str(n), params={"n": n}, marks=marks),
            fixturenames=["n", *fixtures],
        )
        for n in range(count)
    ]


def test_few_sets_of_parameters_are_tried_in_one_test_each_with_numbers_of_its_own(rng):
    drawn = []

    def law(n, rng):
        drawn.append((n, rng.random()))
        assert n not in (3, 5)

    kept = together(sets_of(law, TOGETHER + 2, fixtures=["rng"]))
    assert [item.callspec.id for item in kept] == ["0", str(TOGETHER)]
    with pytest.raises(BaseExceptionGroup, match="2 sets from 0 on") as caught:
        kept[0].obj(n=0, rng=rng)
    assert [e.__notes__ for e in caught.value.exceptions] == [["in the set 3"], ["in the set 5"]]
    kept[1].obj(n=TOGETHER, rng=rng)
    assert [n for n, _ in drawn] == [*range(TOGETHER + 2)]
    assert len({number for _, number in drawn}) == 1


def test_sets_with_marks_and_tests_with_fixtures_stay_alone():
    def law(n):
        pass

    apart = [
        sets_of(law, 4, marks=[pytest.mark.xfail]),
        sets_of(law, 4, fixtures=["tmp_path"]),
        sets_of(given(n=integers())(law), 4),
    ]
    for items in apart:
        assert together(items) == items


def test_a_test_is_skipped_where_all_its_rows_are():
    def law(case):
        if case.given[0][0] < 2:
            pytest.skip("small")

    each_row(CASES)(law)(OF_ABS)
    with pytest.raises(pytest.skip.Exception, match="small"):
        each_row(CASES)(law)(Rows([CASES[:2]]))
