"""Derivatives of a function of arrays are such functions; these tests need none of the libraries."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev.bridges.outward import Outward
from tests.bridges.programs import X, Y, of_numpy, smooth


def f(x, n, y):
    return {"a": x * y[n], "n": n + 1}, smooth(np, x, y)


ARRAYS = [X, np.array(2), Y]
CTS = [np.array([1.0, -2.0, 0.5]), np.array(3.0)]


def both(made):
    """The same, after a call that was recorded, and without."""
    made.recorded(ARRAYS, (True, False, True))
    return [made, Outward(f)]


@pytest.mark.parametrize(
    "moving", [(True, False, True), (True, False, False), (False, False, True)]
)
def test_a_pull_answers_what_moves_alone_and_needs_no_cotangents_of_integers(moving):
    _, pullback = dr.vjp(lambda x, y: (f(x, 2, y)[0]["a"], f(x, 2, y)[1]), X, Y)
    x, y = pullback(tuple(CTS))
    expected = [ct for ct, m in zip((x, None, y), moving) if m]
    for made in both(Outward(f)):
        found = made.pull(moving).results([*ARRAYS, *CTS])
        assert len(found) == len(expected)
        assert all(np.allclose(a, b, rtol=1e-12) for a, b in zip(expected, found))


@pytest.mark.parametrize(
    "moving", [(True, False, True), (True, False, False), (False, False, True)]
)
def test_a_push_takes_the_tangents_of_what_moves_alone(moving):
    ts = [t if m else np.zeros(3) for t, m in zip((Y, None, X), moving)]
    g = lambda x, y: (f(x, 2, y)[0]["a"], f(x, 2, y)[1])  # noqa: E731
    _, expected = dr.jvp(g, (X, Y), (ts[0], ts[2]))
    for made in both(Outward(f)):
        given = [t for t, m in zip(ts, moving) if m]
        found = made.push(moving).results([*ARRAYS, *given])
        assert len(found) == 2
        assert all(np.allclose(a, b, rtol=1e-12) for a, b in zip(expected, found))


def test_a_push_and_a_pull_are_transposes_also_of_rows():
    made = Outward(of_numpy(smooth))
    push = made.push((True, True)).rows((None, 0, 0, 0))
    pull = push.transposed(1)
    rng = np.random.default_rng(0)
    rows, ts, us, cts = (rng.normal(size=(4, *shape)) for shape in ((3,), (3,), (3,), ()))
    (pushed,) = push.results([X, rows, ts, us])
    by_x, by_y = pull.results([X, rows, cts])
    assert_allclose(np.sum(pushed * cts), np.sum(by_x * ts) + np.sum(by_y * us), rtol=1e-12)


def test_what_was_forgotten_is_computed_again():
    calls = []

    def counted(x):
        calls.append(1)
        return np.sum(x**2)

    made = Outward(counted)
    made.recorded([X], (True,))
    for runs in (1, 2):
        assert_allclose(2 * X, made.pull((True,)).results([X, np.array(1.0)])[0])
        assert len(calls) == runs
        made.forget()


def test_no_rows_have_no_results():
    (found,) = Outward(np.cumsum).rows((0,)).results([np.zeros((0, 3))])
    assert found.shape == (0, 3)
