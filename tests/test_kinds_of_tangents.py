"""A kind of tangent that the machine has never seen, and needs no change for."""

import functools

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev.columns import push_columns
from dualrev.readers.batch import Rows
from dualrev.readers.forward import Scope
from dualrev.readers.kinds import Kind
from dualrev.traces import Trace


class Bounded:
    """A tangent, and a bound of it in which no two terms cancel."""

    def __init__(self, t, bound):
        self.t = t
        self.bound = bound


class WithBound(Kind):
    """Each partial derivative multiplies the tangent, and its absolute value the bound."""

    def push(self, rule, tangents, ans, args, kwargs):
        ts = [None if t is None else t.t for t in tangents]
        t = rule.jvp(ts, ans, args, kwargs)
        bound = sum(
            np.abs(rule.jvp(unit, ans, args, kwargs))
            for i, given in enumerate(tangents)
            if given is not None
            for unit in self._units(given.bound, i, len(tangents))
        )
        return Bounded(t, bound)

    def _units(self, bound, i, n):
        """One tangent for each element of a bound."""
        for place in np.ndindex(np.shape(bound)):
            unit = np.zeros_like(bound)
            unit[place] = bound[place]
            yield [unit if k == i else None for k in range(n)]

    def zeros(self, ans):
        return Bounded(np.zeros_like(ans), np.zeros_like(ans))

    def each(self, function, *tangents):
        parts = ([t.t for t in tangents], [t.bound for t in tangents])
        return Bounded(*(function(*part) for part in parts))


def by_duals(f, x, t):
    scope = Scope(WithBound())
    y = f(scope.dual(x, Bounded(t, np.abs(t))))
    y.settle()
    scope.close()
    return y.tangent


def by_tape(f, x, t):
    trace = Trace(f, lambda variables: f(*variables), [x])
    return trace.push([Bounded(t, np.abs(t))], WithBound())[0]


def written(x):
    y = np.zeros_like(x)
    y[:2] = x[1:] * 3
    y[1] -= 2 * x[0]
    return y


A = np.array([[1.0, -2.0, 0.5], [-3.0, 1.0, 2.0]])
X, T = np.array([1.0, 2.0, 4.0]), np.array([1.0, -1.0, 0.5])
# f, its tangent, and the bound of it, by hand.
PROGRAMS = {
    "nothing cancels": (lambda x: 2 * x - 2 * x, [0, 0, 0], [4, 4, 2]),
    "elementwise": (lambda x: -(x**2), [-2, 4, -4], [2, 4, 4]),
    "linear": (lambda x: A @ x, A @ T, np.abs(A) @ np.abs(T)),
    "sum": (lambda x: np.sum(x[::-1]), 0.5, 2.5),
    "norm": (lambda x: np.linalg.norm(x), 1 / np.sqrt(21), 5 / np.sqrt(21)),
    "views that are written": (written, [-3, -0.5, 0], [3, 3.5, 0]),
    "what stands still": (lambda x: np.sqrt(np.append(x, 0.0)) ** 2, [*T, 0], [*np.abs(T), 0]),
}


@pytest.mark.parametrize("way", [by_duals, by_tape])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_kind_of_tangent_of_its_own_passes_every_primitive(name, way):
    f, t, bound = PROGRAMS[name]
    found = way(f, X, T)
    assert_allclose(t, found.t, rtol=1e-14)
    assert_allclose(bound, found.bound, rtol=1e-14)


def test_an_answer_that_depends_on_nothing_has_its_kind_of_zero():
    assert by_tape(np.zeros_like, X, T).bound.tolist() == [0, 0, 0]


def test_a_kind_of_its_own_stands_above_other_transforms():
    """The bound of a gradient's second derivative: of x**3 that is 6 x |t|."""
    hvp = by_duals(dr.grad(lambda x: np.sum(x**3)), X, T)
    assert_allclose(6 * X * np.abs(T), hvp.bound, rtol=1e-14)


def test_debug_watches_any_kind():
    check = functools.partial(by_duals, lambda x: A @ x, X)
    with dr.debug():
        assert_allclose(A @ T, check(T).t)
    with dr.debug(), pytest.raises(dr.NonFiniteError, match="tangent of the result of numpy.sqrt"):
        by_duals(lambda x: np.sqrt(x - 1), X, T)


def test_debug_watches_all_columns_of_functions_with_several_answers():
    def f(a):
        w, v = np.linalg.eigh(a)
        return w * v[0] ** 2

    a = np.diag([1.0, 2.0, 4.0]) + 0.1
    expected = dr.jacobian(f, mode="reverse")(a)
    with dr.debug():
        assert_allclose(expected, dr.jacobian(f, mode="forward")(a), atol=1e-12)


JOINED = {
    "concatenate": lambda x: np.concatenate([x, np.ones((1, 3)), x * x]),
    "concatenate, last axis": lambda x: np.concatenate([np.ones((2, 1)), x], axis=-1),
    "stack": lambda x: np.stack([x, np.ones((2, 3)), x * x], axis=1),
    "stack, last axis": lambda x: np.stack([x, x], axis=-1),
    "where": lambda x: np.where(x > 2, x, x * x),
    "where, a constant": lambda x: np.where(x > 2, x, np.ones(3)),
    "where, broadcast": lambda x: np.where(x > 2, x[0], x[:, :1] ** 2),
    "where, broadcast to a constant": lambda x: np.where(True, x[0], np.ones((4, 3))),
    "zeros_like": lambda x: np.zeros_like(x, shape=3) + x,
    "full_like": lambda x: np.full_like(x, x[0], shape=(4, 3)),
    "where of a condition": lambda x: x[np.where(x > 2)],
}


@pytest.mark.parametrize("name", JOINED)
def test_what_is_joined_takes_all_columns_at_once(name, monkeypatch):
    f, x = JOINED[name], np.arange(6.0).reshape(2, 3)
    directions = np.eye(6).reshape(6, 2, 3)
    expected = np.stack([dr.jvp(f, (x,), (t,))[1] for t in directions])
    if name != "where of a condition":
        monkeypatch.delattr(Rows, "row_by_row")
    assert_allclose(push_columns(f, [x], [directions])[1], expected)
