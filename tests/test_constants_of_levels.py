"""Functions without a derivative are constant to the level that differentiates, not to those below.

A batch stands below the derivatives here: many values in the place of one, with other numbers in
each.  What is chosen by them must be chosen anew in each row.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr

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


# A mask chooses as many elements as it likes: row by row.
@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
@pytest.mark.parametrize("nesting", NESTINGS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_each_row_of_an_outer_batch_chooses_for_itself(name, nesting):
    derivative = NESTINGS[nesting](PROGRAMS[name])
    expected = np.stack([derivative(x) for x in X])
    assert_allclose(expected, dr.vmap(derivative)(X), rtol=1e-14)
