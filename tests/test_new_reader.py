"""A reader that the machine has never seen, and needs no change for: intervals.

An interval is a batch of two rows, the lowest and the highest number of each element; so views, writes
and indices are those of batches, and Python's ``if`` raises where the two differ.  What an operation
does is read from its rule.  What rules do not tell is a table here: in which functions each argument
only rises or falls, and the ranges of those that turn.
"""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev.core.assignment import WRITE
from dualrev.core.binding import NO_KWARGS, bind_operator
from dualrev.core.operators import give_operators
from dualrev.core.primitive import RULES
from dualrev.readers.batch import Batch, Rows

#: Of which one argument alone leads up or down, wherever the others stand: extremes are at the ends.
MONOTONE = {np.exp, np.log, np.sqrt, np.tanh, np.multiply, np.divide, np.logaddexp}


def _turning(f, low, high):
    """The range of a function of period 2 pi that is -1 at low and 1 at high."""

    def range_of(a, b):
        ends = f(a), f(b)
        has_low, has_high = (
            np.ceil((a - x) / (2 * np.pi)) <= (b - x) / (2 * np.pi) for x in (low, high)
        )
        return np.where(has_low, -1, np.minimum(*ends)), np.where(has_high, 1, np.maximum(*ends))

    return range_of


RANGES = {np.sin: _turning(np.sin, -np.pi / 2, np.pi / 2), np.cos: _turning(np.cos, np.pi, 0)}


class Ends(Rows):
    """The extent of all intervals of one call."""

    def __init__(self):
        super().__init__(2, quiet=True)

    def between(self, low, high):
        """All numbers from low to high."""
        return self.batch(np.stack([low, high]))


class Interval(Batch):
    """All numbers between two, in each element."""

    __slots__ = ()

    def _apply(self, rule, args, kwargs=NO_KWARGS):
        rows = self.rows
        if rule is WRITE or rule.view or "index" in kwargs:
            return super()._apply(rule, args, kwargs)
        ends = [rows.spread(a) if type(a) is Interval else (a, a) for a in args]
        moving = [k for k, a in enumerate(args) if type(a) is Interval]
        if rule.function in RANGES:
            return rows.between(*RANGES[rule.function](*ends[0]))
        if rule.function in MONOTONE:
            corners = [rule.call(*corner) for corner in itertools.product(*ends)]
            return rows.between(np.min(corners, axis=0), np.max(corners, axis=0))
        if rule.word == "elementwise":
            return self._elementwise(rule, args, ends, moving)
        if rule.is_affine_by(moving):
            return self._affine(rule, ends, moving, kwargs)
        raise NotImplementedError(rule)

    def _elementwise(self, rule, args, ends, moving):
        """Each argument stands at the end to which its partial leads, where that has one sign."""
        low, high = ([end[i] for end in ends] for i in (0, 1))
        beyond = 0.0
        for k in moving:
            partial = rule.partials[k]
            if rule.reads([i == k for i in range(len(args))]) & 1:
                raise NotImplementedError(f"the range of {rule}")  # by a partial that is one of it
            slope = partial(None, *args) if callable(partial) else partial
            least, most = self.rows.spread(slope) if type(slope) is Interval else (slope, slope)
            a, b = ends[k]
            rises, falls = np.greater_equal(least, 0), np.less_equal(most, 0)
            middle = (a + b) / 2
            low[k] = np.where(rises, a, np.where(falls, b, middle))
            high[k] = np.where(rises, b, np.where(falls, a, middle))
            beyond += np.where(rises | falls, 0, np.maximum(-least, most) * (b - a) / 2)
        return self.rows.between(rule.call(*low) - beyond, rule.call(*high) + beyond)

    def _affine(self, rule, ends, moving, kwargs):
        """The absolute values of all derivatives, each times the half of its argument's interval."""
        middle = [(a + b) / 2 if k in moving else a for k, (a, b) in enumerate(ends)]
        ans = rule.call(*middle, **kwargs)
        half = np.zeros_like(ans)
        for k in moving:
            for place in np.ndindex(np.shape(middle[k])):
                unit = np.zeros_like(middle[k])
                unit[place] = (ends[k][1] - ends[k][0])[place] / 2
                ts = [unit if i == k else None for i in range(len(ends))]
                half += np.abs(rule.jvp(ts, ans, middle, kwargs))
        return self.rows.between(ans - half, ans + half)


Ends.kind = Interval


def _operator(ufunc, reflected):
    def operate(self, other):
        pair = (other, self) if reflected else (self, other)
        if np.ndim(other) or type(other) is Interval:
            return bind_operator(RULES[ufunc], self, other, reflected)
        return self._apply(RULES[ufunc], pair)

    return operate


give_operators(Interval, _operator)


def bounds(f, low, high):
    """The ends of an interval in which f lies, where its argument lies between low and high."""
    ends = Ends()
    try:
        return ends.spread(f(ends.between(low, high)))
    finally:
        ends.close()


def written(x):
    y = np.zeros_like(x)
    y[0] = 2 * x[1]
    y[1:] -= x[:2]
    return y


A = np.array([[1.0, -2.0, 0.5], [-3.0, 1.0, 2.0]])
LOW, HIGH = np.array([0.1, -0.5, 0.3]), np.array([0.4, 0.3, 0.5])
# f, and how much wider than its range the interval may be: what meets itself counts twice.
PROGRAMS = {
    "of one argument each": (lambda x: np.exp(np.sin(x)) - np.cos(2 * x), 2.0),
    "a matrix": (lambda x: A @ x, 1.0),
    "a difference": (lambda x: np.diff(x), 1.0),
    "sums": (lambda x: np.log(np.sum(np.exp(x))), 1.0),
    "a quotient": (lambda x: x[0] / (2 + np.cos(x[1])), 1.0),
    "writes and views": (written, 1.0),
    "a loop": (lambda x: sum(x[i] * x[i + 1] for i in range(2)), 1.2),
    "what turns": (lambda x: np.arctan(x * x - 0.05), 3.0),
    "rows that are stacked": (lambda x: np.stack([x, 1 - x]).reshape(-1)[::2], 1.0),
}


@pytest.mark.parametrize(("f", "wider"), PROGRAMS.values(), ids=PROGRAMS)
def test_values_lie_between_the_bounds(f, wider, rng):
    low, high = bounds(f, LOW, HIGH)
    corners = np.array(list(itertools.product(*zip(LOW, HIGH))))
    inside = LOW + (HIGH - LOW) * rng.uniform(size=(2000, 3))
    values = np.array([f(x) for x in (*corners, *inside)])
    assert (low - 1e-12 <= values.min(axis=0)).all()
    assert (values.max(axis=0) <= high + 1e-12).all()
    assert (high - low <= wider * np.ptp(values, axis=0) + 1e-2).all()


def test_derivatives_have_bounds():
    """What a rule computes is bounded as any other function: here of sin, whose slope is a cos."""
    low, high = bounds(dr.elementwise_grad(np.sin), np.zeros(2), np.array([1.0, 4.0]))
    assert_allclose(low, [np.cos(1), -1])
    assert_allclose(high, [1, 1])


def test_who_branches_on_an_interval_is_told():
    with pytest.raises(dr.CoercionError, match="branch"):
        bounds(lambda x: x[0] if x[1] > 0 else x[2], LOW, HIGH)
