"""A law over the rows of a table: one test for a function, or for some that have few rows.

A test for each row would cost more than most rows do.  What fails is told row by row.  The same for
every test that has many sets of parameters, where processes share the suite.
"""

import collections
import copy
import functools
import itertools
import re
import zlib

import pytest

#: Whether every law is tried on every row: ``pytest --thorough``.
thorough = False


#: Functions of a chapter share a test until they have so many rows, and so many sets of parameters do.
TOGETHER = 8


class Rows(tuple):
    """The rows of functions, function by function, under a name for ``-k``: chapter and functions."""

    __slots__ = ()

    def __str__(self):
        names = [parts_of(rows[0].label) for rows in self]
        return names[0][0] + ",".join(dict.fromkeys(function for _, function in names))


def parts_of(label):
    """The chapter of a row, with a hyphen if it has one, and its function."""
    return re.match(r"([a-z]\w*-|)(?:\d+-)?([^(]*)", label).groups()


def by_function(cases):
    """The rows of each function in each chapter, of few rows several functions in one."""
    found = {}
    for case in cases:
        chapter, _ = parts_of(case.label)
        found.setdefault(chapter, {}).setdefault(case.function, []).append(case)
    groups = []
    for functions in found.values():
        count = TOGETHER
        for rows in functions.values():
            if count >= TOGETHER:
                groups.append([])
                count = 0
            groups[-1].append(rows)
            count += len(rows)
    return [*map(Rows, groups)]


def try_all(law, tried, title):
    """Call the law with each of the named arguments, and raise all that fails, by these names."""
    failures, skipped = [], []
    for name, arguments in tried:
        try:
            law(**arguments)
        except pytest.skip.Exception as reason:
            skipped.append(reason)
        except (Exception, pytest.fail.Exception) as failure:
            failure.add_note(f"in {name}")
            failures.append(failure)
    if len(skipped) == len(tried):
        raise skipped[0]
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise BaseExceptionGroup(f"{len(failures)} {title}", failures)


def each_row(cases, turn=0, of=1):
    """Parametrize a law, which takes a ``case``, by functions.

    Laws that cost much take turns: of so many laws each row has one, by its number and the law's turn,
    and each function has all, on one of its rows at least.  With ``--thorough`` each row has all.
    """

    def decorate(law):
        @pytest.mark.parametrize("case", by_function(cases), ids=str)
        @functools.wraps(law)
        def test(case, **fixtures):
            tried = [
                row for rows in case for row in (rows if thorough else in_turn(rows, turn, of))
            ]
            named = [(f"the row {row}", {"case": row, **fixtures}) for row in tried]
            try_all(law, named, f"rows of {case}")

        return test

    return decorate


def name_of(item):
    """That of the rows that a test tries; None of other tests."""
    rows = getattr(item, "callspec", None) and item.callspec.params.get("case")
    return str(rows) if isinstance(rows, Rows) else None


def together(items):
    """The tests of which each tries some sets of parameters, and is the first of these.

    To report a test costs more than most sets do, most of all the process that all report to.
    """
    kept = []
    for _, sets in itertools.groupby(items, lambda item: item.obj if only_sets(item) else item):
        while few := [*itertools.islice(sets, TOGETHER)]:
            few[0].obj = over_sets(few)
            kept.append(few[0])
    return kept


def only_sets(item):
    """Whether a test takes parameters and nothing that it might leave changed to the next set."""
    names = parameters_of(item.obj)
    plain = names and not item.callspec.marks and not hasattr(item.obj, "hypothesis")
    return plain and names.issuperset(item.fixturenames)


@functools.cache
def parameters_of(function):
    """The names by which a function is parametrized, and ``rng``; none of one that is not."""
    marks = [mark for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"]
    names = {name for mark in marks for name in re.findall(r"\w+", str(mark.args[0]))}
    return names and names | {"rng"}


def over_sets(items):
    """The function of the items, on the parameters of all, each with a fresh ``rng``."""
    law = items[0].obj
    if len(items) == 1:
        return law

    @functools.wraps(law)
    def test(**first):
        fresh = {"rng": first["rng"]} if "rng" in first else {}
        tried = [
            (f"the set {item.callspec.id}", {**item.callspec.params, **copy.deepcopy(fresh)})
            for item in items
        ]
        try_all(law, tried, f"sets from {items[0].callspec.id} on")

    return test


def examples(count):
    """How many examples Hypothesis draws of what costs much: half of them without ``--thorough``."""
    return count if thorough else count // 2


def left_out(items):
    """Of a test that is marked ``one_in(n)``, all sets of parameters but one of each n in a row.

    Which one is by lot, the same each time: no order of two tables is met by always the same.
    """
    met = collections.Counter()
    for item in items:
        mark = item.get_closest_marker("one_in")
        if mark:
            (n,), i = mark.args, met[item.function]
            met[item.function] += 1
            if i % n != zlib.crc32(str(i // n).encode()) % n:
                yield item


def by_lot(row, ways, count):
    """So many of the ways in which a row is tried, the same each time; with ``--thorough`` all."""
    if thorough:
        return ways
    first = zlib.crc32(str(row).encode())
    return [ways[(first + i) % len(ways)] for i in range(min(count, len(ways)))]


def in_turn(rows, turn, of):
    """Every so many-th of the rows, from that whose turn it is; of fewer rows one."""
    return itertools.islice(rows, turn % min(of, len(rows)), None, of)
