"""Functions without a derivative are constant to the level that differentiates, not to those below.

A batch stands below the derivatives here: many values in the place of one, with other numbers in
each.  What is chosen by them must be chosen anew in each row.
"""

import operator

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev.core.arrays import has_nan
from dualrev.core.binding import NO_KWARGS, bind, constant_of
from dualrev.core.primitive import RULES
from dualrev.core.tracer import Tracer, give_operators, next_level

SHAPES = (np.shape, np.size, np.ndim, np.result_type)


class Batch(Tracer):
    """Rows along a leading axis of the primal: whatever is done is done with each."""

    mode = "batch"
    __slots__ = ()

    def __init__(self, primal, level):
        self.primal = primal
        self.level = level
        self.alias = self.writes = None

    shape = property(lambda self: self.primal.shape[1:])
    ndim = property(lambda self: self.primal.ndim - 1)
    size = property(lambda self: self.primal[0].size)

    def _row(self, x, k):
        if type(x) is Batch and x.level == self.level:
            return x.primal[k]
        if type(x) in (list, tuple):
            return type(x)(self._row(part, k) for part in x)
        return {key: self._row(part, k) for key, part in x.items()} if type(x) is dict else x

    def _constant(self, compute, args, kwargs):
        rows = [
            compute(*self._row(list(args), k), **self._row(kwargs, k))
            for k in range(len(self.primal))
        ]
        return rows[0] if compute in SHAPES else Batch(np.stack(rows), self.level)

    def _apply(self, rule, args, kwargs):
        return self._constant(rule.call, args, kwargs)

    def _unary(self, rule, kwargs=NO_KWARGS):
        return self._apply(rule, (self,), kwargs)

    def copy(self, order="C"):
        return Batch(self.primal.copy(), self.level)

    def has_nan(self):
        return has_nan(self.primal)

    def doubted(self, where):
        return self

    def check_open(self):
        pass

    def _coercion(self, *args):
        raise TypeError("the rows of a batch differ")

    __bool__ = __int__ = __index__ = __float__ = _coercion


def _operator(ufunc, reflected):
    return lambda self, other: bind(RULES[ufunc], (other, self) if reflected else (self, other))


def _comparison(compute):
    return lambda self, other: constant_of(compute, (self, other))


give_operators(Batch, _operator)
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Batch, f"__{_name}__", _comparison(getattr(operator, _name)))

X = np.array([[0.5, -2.0, 3.0], [-1.0, 0.25, -0.5], [4.0, 1.0, 2.0]])
TABLE = np.array([1.0, 10.0, 100.0])
PROGRAMS = {
    "comparison": lambda x: np.sum(np.where(x > 0, x**2, 3 * x)),
    "comparison of two": lambda x: np.sum(np.where(x >= x[::-1], x**2, 3 * x)),
    "ufunc": lambda x: np.sum(np.where(np.greater(x, 0.3), x**3, 0)),
    "sign": lambda x: np.sum(np.sign(x) * x**2),
    "floor": lambda x: np.sum(np.floor(x) * x**2),
    "floor division": lambda x: np.sum((x // 2) * x**2),
    "argsort": lambda x: x[np.argsort(x)] @ TABLE,
    "argmax": lambda x: x[np.argmax(x)] ** 2,
    "two indices": lambda x: np.outer(x, x)[np.argmax(x), np.argmin(x)],
    "mask": lambda x: x[x == np.max(x)][0] ** 2,
    "abs": lambda x: np.sum(np.abs(x) * x),
    "norm": lambda x: np.linalg.norm(x) * x[1],
    "clip": lambda x: np.sum(np.clip(x, -0.7, 2.5) ** 2),
    "power": lambda x: np.sum(x**2.0 * np.abs(x) ** 1.5),
    "tanh and exp": lambda x: np.sum(np.tanh(x) * np.exp(-x)),
    "max": lambda x: np.max(x) * x[0],
}
NESTINGS = {
    "grad": lambda f: dr.grad(f),
    "forward": lambda f: lambda x: dr.jvp(f, (x,), (np.ones(3),))[1],
    "grad of grad": lambda f: dr.grad(lambda x: dr.grad(f)(x) @ TABLE),
    "hvp": lambda f: lambda x: dr.hvp(f)(x, TABLE),
}


@pytest.mark.parametrize("nesting", NESTINGS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_each_row_of_an_outer_batch_chooses_for_itself(name, nesting):
    derivative = NESTINGS[nesting](PROGRAMS[name])
    expected = np.stack([derivative(x) for x in X])
    batch = derivative(Batch(X, next_level()))
    # A second derivative may be 0 in all of them.
    rows = batch.primal if type(batch) is Batch else np.stack([batch] * len(X))
    assert_allclose(expected, rows, rtol=1e-14)
