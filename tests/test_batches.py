"""A batch is its rows: over the table of cases, with every selection of arguments that may differ."""

import functools
import itertools
import warnings

import numpy as np
import pytest

import dualrev as dr
from dualrev import errors
from tests.cases import all_cases, once
from tests.cases.joining import trimmed
from tests.rows import each_row
from tests.rules.test_constants import QUESTIONS, X
from tests.test_laws import outputs_of, random_like

ROWS = 3
CASES = [case for case in all_cases() if case.args]
# The other rows of the table: tests/thorough/test_batches.py
ONCE = [case for case in once(CASES) if not case.label.startswith("scipy")]

#: Functions that look at numbers, to choose a way or the shape or dtype of an answer: an error says so.
ASK = {np.trim_zeros, trimmed, np.real_if_close, np.vectorize, np.poly}
#: What runs row by row, by its name in the warning.
BY_ROWS = {
    # The shapes of the answers depend on numbers.
    *(
        "indexing",
        "_scattered",
        "numpy.flatnonzero",
        "_first_places",
        "_found",
        "_places_of_common",
    ),
    "a write of as many values as a mask chooses",
    # NumPy has nothing for several at once.
    *("histogram", "_counted", "numpy.roots", "_are_double", "linalg.lstsq"),
}


def rows_of(case):
    """Samples of each row: those of the case, and some near to them."""
    rng = np.random.default_rng(20261129)

    def near(x):
        factor = 1 + 0.03 * rng.uniform(-1, 1, np.shape(x))
        return (x * factor).astype(np.asarray(x).dtype)[()]

    return [case.args, *(tuple(map(near, case.args)) for _ in range(ROWS - 1))]


def selections(n, every=False):
    """Which of n arguments are batches: all, and each alone; or every selection."""
    which = itertools.product((True, False), repeat=n)
    return [s for s in which if sum(s) in (1, n) or (every and any(s))]


def stacked(rows, which):
    """The arguments of a batch: of all rows, or those of the first for all."""
    return tuple(np.stack(column) if b else column[0] for column, b in zip(zip(*rows), which))


def batched(f, rows, ts, cts, which):
    """Values and derivatives of a batch: of its rows, and through it."""
    axes = tuple(0 if b else None for b in which)
    args, ts = stacked(rows, which), stacked(ts, which)
    over = dr.vmap(f, in_axes=axes)
    push = dr.vmap(lambda args, ts: dr.jvp(f, args, ts)[1], in_axes=(axes, axes))
    pull = dr.vmap(lambda args, ct: dr.vjp(f, *args)[1](ct), in_axes=(axes, 0))
    cts = np.stack(cts)
    return {
        "value": [over(*args)],
        "jvp of each row": [push(args, ts)],
        "jvp of the batch": [dr.jvp(over, args, ts)[1]],
        "vjp of each row": pull(args, cts),
        "vjp of the batch": dr.vjp(over, *args)[1](cts),
    }


def row_by_row(f, rows, ts, which):
    """The same, from one call a row; and the cotangents."""
    rng = np.random.default_rng(1)
    values, tangents = zip(*(dr.jvp(f, row, t) for row, t in zip(rows, ts)))
    cts = [random_like(rng, y) for y in values]
    pulled = [dr.vjp(f, *row)[1](ct) for row, ct in zip(rows, cts)]
    each = [np.stack(column) for column in zip(*pulled)]
    together = [c if b else c.sum(axis=0) for c, b in zip(each, which)]
    expected = {
        "value": [np.stack(values)],
        "jvp of each row": [np.stack(tangents)],
        "jvp of the batch": [np.stack(tangents)],
        "vjp of each row": each,
        "vjp of the batch": together,
    }
    return expected, cts


def is_refused(f, args, which):
    """Whether forward mode refuses a call with these arguments traced as well."""

    def of_some(*some):
        some = iter(some)
        return f(*(next(some) if b else x.copy() for x, b in zip(args, which)))

    some = [x for x, b in zip(args, which) if b]
    try:
        dr.jvp(of_some, some, some)
    except errors.DualrevError:
        return True
    return False


def check(case, which, rounding=4):
    """Compare a batch with its rows; answer what ran row by row."""
    f, rows, rng = outputs_of(case), rows_of(case), np.random.default_rng(2)
    rows = [tuple(x if b else y for x, y, b in zip(row, rows[0], which)) for row in rows]
    ts = [tuple(random_like(rng, x) for x in rows[0]) for _ in rows]
    ts = [tuple(t if b else s for t, s, b in zip(row, ts[0], which)) for row in ts]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        expected, cts = row_by_row(f, rows, ts, which)
        try:
            found = batched(f, rows, ts, cts, which)
        except errors.DualrevError:
            if case.function not in ASK and not is_refused(f, rows[0], which):
                raise
            return set()
    for way, answers in expected.items():
        for y, x in zip(found[way], answers, strict=True):
            assert y.shape == x.shape, way
            assert y.dtype.newbyteorder("=") == x.dtype.newbyteorder("="), way
            if not np.array_equal(y, x, equal_nan=True):
                # NumPy sums stacks in another order than single arrays, and BLAS has routines for both;
                # its vectorized loops and those of single numbers differ by an ulp.
                size = max(np.size(a) for a in (x, *rows[0]))
                # Not even of long doubles are all digits those of one.
                rtol = rounding * size * max(np.finfo(x.dtype).eps, np.finfo(float).eps)
                scale = np.max(np.abs(x), initial=0, where=np.isfinite(x))
                np.testing.assert_allclose(y, x, rtol=rtol, atol=rtol * scale, err_msg=way)
    texts = [str(w.message) for w in caught if w.category is dr.PerformanceWarning]
    return {text.split(" runs row by row")[0] for text in texts}


@functools.cache
def run_by_rows(case):
    """What of a case ran row by row, after all selections were compared."""
    return set().union(*(check(case, which) for which in selections(len(case.args))))


@each_row(ONCE)
def test_batched_equals_stacked(case):
    """vmap(f), and jvp and vjp under it and over it, equal f and its derivatives of each row."""
    run_by_rows(case)


@pytest.mark.one_in(2)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", [case for case in ONCE if len(case.args) > 1], ids=str)
def test_a_batch_of_one_argument_inside_a_batch_of_another(case):
    """By either order of the levels, the arguments of a call are those of each."""
    f, rows = outputs_of(case), rows_of(case)
    firsts, seconds = (np.stack([row[i] for row in rows]) for i in (0, 1))

    def of_two(x, y):
        return f(x, y, *(z.copy() for z in case.args[2:]))

    expected = np.stack([[of_two(x.copy(), y.copy()) for y in seconds] for x in firsts])
    over_y = lambda x: dr.vmap(lambda y: of_two(x, y))(seconds)  # noqa: E731
    over_x = lambda y: dr.vmap(lambda x: of_two(x, y))(firsts)  # noqa: E731
    try:
        found = dr.vmap(over_y)(firsts), dr.vmap(over_x, out_axes=1)(seconds)
    except errors.InPlaceError:
        return  # of out=
    for ans in found:
        np.testing.assert_allclose(ans, expected, rtol=1e-12, atol=1e-12)


def test_no_function_runs_row_by_row_but_those_whose_rows_have_shapes_of_their_own():
    assert set().union(*map(run_by_rows, ONCE)) == BY_ROWS


def test_an_array_of_objects_beside_a_batch_is_one_of_batches():
    def f(x):
        return np.array([x[0], 2 * x[1]]) * x[:2]

    x = np.array([[1.0, 3.0], [2.0, 5.0]])
    np.testing.assert_array_equal(np.stack([f(row) for row in x]), dr.vmap(f)(x))


def test_an_element_takes_what_numpys_takes():
    def f(x):
        x = x * 1.0
        x[0] = x[1:]
        return x

    def answers(f, x):
        try:
            return f(x)
        except ValueError:
            return None

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # older versions of NumPy take one in an array
        expected, found = answers(f, np.ones(2)), answers(dr.vmap(f), np.ones((1, 2)))
    np.testing.assert_array_equal(expected if expected is None else expected[np.newaxis], found)


STARTS = np.sort(np.cos(np.arange(12.0).reshape(3, 4)), axis=1)
#: Of two arrays, on top of what tests/rules/test_constants.py asks of one.
QUESTIONS_OF_TWO = {
    "searchsorted": np.searchsorted,
    "searchsorted, right": lambda x, y: np.searchsorted(x, y, side="right"),
    "searchsorted, sorter": lambda x, y: np.searchsorted(x[::-1], y, sorter=[3, 2, 1, 0]),
    "digitize": lambda x, y: np.digitize(y, [-0.5, 0.1]),
    "isin": np.isin,
    "isin, inverted": lambda x, y: np.isin(y, x[:2], invert=True),
    "isclose": lambda x, y: np.isclose(x[:, np.newaxis], y, atol=0.1),
    "array_equal": np.array_equal,
    "lexsort": lambda x, y: np.lexsort((y, x > 0)),
    "ravel_multi_index": lambda x, y: np.ravel_multi_index((np.argsort(x), np.argsort(y)), (4, 4)),
    "unravel_index": lambda x, y: np.unravel_index(np.argsort(y), (2, 2)),
    "packbits": lambda x, y: np.packbits(x > y),
    "logical_or.reduce": lambda x, y: np.logical_or.reduce(x > y),
    "less.outer": np.less.outer,
    "bincount": lambda x, y: np.bincount(np.argsort(y) // 2, minlength=3),
    "argmax": lambda x, y: np.argmax(np.outer(x, y), keepdims=True),
    "argmin": lambda x, y: np.argmin(np.outer(x, y), axis=-1, keepdims=True),
    "fmax.reduceat": lambda x, y: np.sign(np.fmax.reduceat(y, [0, 2])),
}


@pytest.mark.parametrize("question", QUESTIONS_OF_TWO)
@pytest.mark.parametrize("which", [(True, True), (True, False), (False, True)])
def test_constants_of_a_batch_are_those_of_its_rows(question, which):
    ask = QUESTIONS_OF_TWO[question]
    rows = [(x, y) for x, y in zip(STARTS, np.sin(5 * STARTS))]
    rows = [tuple(x if b else y for x, y, b in zip(row, rows[0], which)) for row in rows]
    axes = tuple(0 if b else None for b in which)
    found = dr.vmap(lambda *row: ask(*row), in_axes=axes)(*stacked(rows, which))
    expected = np.array([ask(*row) for row in rows])
    found = np.stack(found, axis=1) if isinstance(found, tuple) else found
    np.testing.assert_array_equal(expected, found)


NO_ARRAYS = {"result_type", "common_type", "einsum_path", "array_repr", "array_str", "array2string"}


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")  # of what has shapes of its own
@pytest.mark.parametrize("question", sorted(QUESTIONS.keys() - NO_ARRAYS))
def test_questions_of_a_batch_are_those_of_its_rows(question):
    ask, rows = QUESTIONS[question], np.stack([X, X + 0.25, 2 * X])
    found = dr.vmap(lambda x: ask(x))(rows)
    expected = np.array([ask(x) for x in rows])
    found = np.stack(found, axis=1) if isinstance(found, tuple) else found
    np.testing.assert_array_equal(expected, found)
