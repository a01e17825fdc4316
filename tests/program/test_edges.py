"""At kinks, ties and singular points a compiled derivative is the eager one, nan for nan.

Recorded there or beside, and replayed at the other: what a zero hides is met on the way.  Here a
sample of the tables; tests/thorough/test_compiled_edges.py takes every row.
"""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from tests.test_edge_values import DEFINED
from tests.test_hidden_infinities import (
    CANCELLED,
    FUNCTIONS,
    NO_INFLUENCE,
    POINTS,
    UNMOVED,
    composed,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning"),
]

#: A derivative of each mode and order, of a function and where it is taken.
DERIVATIVES = {
    "reverse": lambda f: dr.jacobian(f, mode="reverse"),
    "forward": lambda f: lambda x: dr.jvp(f, (x,), (np.ones_like(x),))[1],
    "forward over reverse": lambda f: (
        lambda x: dr.jvp(dr.jacobian(f, mode="reverse"), (x,), (np.ones_like(x),))[1]
    ),
    "reverse over reverse": lambda f: dr.jacobian(dr.jacobian(f, mode="reverse"), mode="reverse"),
    "reverse over forward": lambda f: dr.jacobian(dr.jacobian(f, mode="forward"), mode="reverse"),
}


def check(f, points, rtol=1e-12, atol=0.0):
    """Recorded at the first point, replayed at the others, and once more at all."""
    for name, derivative in DERIVATIVES.items():
        eager, fast = derivative(f), dr.compile(derivative(f))
        for x in (*points, *points):
            expected = eager(x)
            scale = np.max(np.abs(expected), initial=0, where=np.isfinite(expected))
            assert_allclose(
                fast(x), expected, rtol=rtol, atol=1e-12 * scale + atol, err_msg=f"{name} at {x}"
            )


def beside(x):
    x = np.asarray(x, float)
    return x + 0.1 * (1 + np.cos(np.arange(x.size))).reshape(x.shape)[()]


HIDDEN = {
    name: (lambda x, f=f: np.sum(f(np.sqrt(x))), [0.0, 4.0])
    for name, (f, _) in NO_INFLUENCE.items()
}
HIDDEN |= {name: (lambda x, f=f: np.sum(f(x)), x) for name, (f, x, *_) in UNMOVED.items()}
HIDDEN |= {name: (lambda x, f=f: np.sum(f(x)), [0.0]) for name, f in CANCELLED.items()}


def check_both_ways(f, x):
    check(f, (x, beside(x)))
    check(f, (beside(x), x))


@pytest.mark.one_in(3)
@pytest.mark.parametrize("edge", DEFINED[::24], ids=str)
def test_of_the_table_of_edges(edge):
    check_both_ways(edge.f, np.asarray(edge.x, float)[()])


@pytest.mark.one_in(3)
@pytest.mark.parametrize("name", list(HIDDEN)[::6])
def test_where_a_zero_hides_an_infinity(name):
    f, x = HIDDEN[name]
    check_both_ways(f, np.array(x))


PAIRS = list(itertools.permutations(FUNCTIONS, 2))
# Of a number -inf ** 0.5 is inf, of an array nan, which all functions of NumPy's answer.
PAIRS.remove(("log", "**1.5"))


@pytest.mark.parametrize("names", PAIRS[::40], ids="-".join)
def test_through_singular_functions(names):
    # Rules take other ways to the same number: where terms cancel half of the digits are left.
    check(composed([FUNCTIONS[name][0] for name in names]), (0.7, *POINTS), rtol=1e-8)


def test_a_function_of_no_module_is_compiled():
    """As one that exec defines, which knows no name of a module."""
    names = {"np": np}
    exec("def f(x):\n    return np.sum(x**2)", names)
    f = dr.compile(dr.grad(names["f"]))
    assert f(np.arange(3.0)).tolist() == [0.0, 2.0, 4.0]
