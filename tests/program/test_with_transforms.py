"""Compiled functions inside transforms, and transforms inside compiled functions: the eager results."""

import math
import threading

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special

import dualrev as dr
import dualrev.numpy as dnp
from dualrev.scipy import linalg as twins
from tests.test_custom import PAIRS, running_sum, sine, whole_part

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

X = np.array([0.3, -1.2, 0.8])
POINTS = X, -X[::-1].copy(), np.array([0.0, 2.0, 1.0]), X
V = np.array([1.0, -0.5, 2.0])


def assert_same(expected, found):
    if isinstance(expected, tuple | list):
        assert type(expected) is type(found)
        for e, a in zip(expected, found, strict=True):
            assert_same(e, a)
    else:
        assert type(expected) is type(found)
        assert getattr(expected, "dtype", None) == getattr(found, "dtype", None)
        assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


def written(x):
    y = np.zeros_like(x)
    y[1:] = np.sin(x[:-1])
    y[0] += x[-1] ** 2
    return np.sum(y * x) + np.prod(x[:2])


def branched(x):
    return np.sum(np.exp(x)) if x[0] > 0 else np.sum(x**3)


def of_creation(x):
    y = dnp.zeros(3)
    y[0], y[1] = x[0] * x[1], np.sin(x[2])
    return np.sum(dnp.array([[x[0], 0.0], [1.0, x[1]]]) @ y[:2]) + y @ x


def of_own_rules(x):
    y = sine(x) + running_sum(x) * whole_part(2 * x)
    return sum(np.sum(pair(x, y, scale=2.0)) for pair in PAIRS.values())


def of_twins(x):
    a = np.outer(x, x) + 3 * np.eye(3)
    return np.sum(twins.solve(a, np.cos(x))) + np.sum(special.erf(x)) + np.linalg.slogdet(a)[1]


def of_a_held_part(x):
    return np.sum(dr.stop_gradient(np.sin(x)) * x**2)


def of_a_gradient(x):
    return np.sum(dr.grad(written)(x) * dr.hvp(branched)(x, np.cos(x)))


def of_a_caught_error(x):
    try:
        half = np.linalg.cholesky(np.diag(x))
    except np.linalg.LinAlgError:
        half = np.diag(x * x)
    return np.sum(half @ x)


FUNCTIONS = [written, branched, of_creation, of_own_rules, of_twins, of_a_held_part, of_a_gradient]
TRANSFORMS = {
    "grad": dr.grad,
    "value_and_grad": dr.value_and_grad,
    "jacobian forward": lambda f: dr.jacobian(f, mode="forward"),
    "jacobian reverse": lambda f: dr.jacobian(f, mode="reverse"),
    "hessian": dr.hessian,
    "jvp": lambda f: lambda x: dr.jvp(f, (x,), (V,)),
    "vjp": lambda f: lambda x: dr.vjp(f, x)[1](1.5)[0],
    "linearize": lambda f: lambda x: dr.linearize(f, x)[1].push(V),
    "hvp": lambda f: lambda x: dr.hvp(f)(x, V),
    "aux": lambda f: dr.grad(lambda x: (f(x), x * 2), has_aux=True),
}


@pytest.mark.one_in(3)
@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_compiled_outside_and_inside(f, name):
    transform = TRANSFORMS[name]
    eager = transform(f)
    ways = dr.compile(eager), transform(dr.compile(f)), dr.compile(transform(dr.compile(f)))
    for x in POINTS:
        expected = eager(x)
        for way in ways:
            assert_same(expected, way(x))


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
def test_the_outcome_of_an_error_is_a_branch():
    eager = dr.value_and_grad(of_a_caught_error)
    for points in (POINTS, (X**2 + 1, X, X**2 + 1, 3 + X)):
        fast = dr.compile(eager)
        for x in points:
            assert_same(eager(x), fast(x))


def test_an_error_of_a_replay_is_numpys():
    fast = dr.compile(lambda x: np.linalg.inv(x.reshape(2, 2)))
    assert_same(np.linalg.inv(np.eye(2)), fast(np.eye(2).ravel()))
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        fast(np.zeros(4))
    assert_same(np.linalg.inv(2 * np.eye(2)), fast(2 * np.eye(2).ravel()))


def of_math(x):
    return math.sin(x[0]) * x[1] + math.hypot(x[0], x[2]) + (math.floor(x[1]) if x[2] > 0 else 0)


def test_under_patched_numpy():
    def f(x):
        y = np.zeros(3)
        y[0] = x[0] ** 2
        return np.sum(np.array([y[0], x[1]])) + of_math(x)

    with dr.patch_numpy():
        for derivative in (dr.grad(f), dr.hessian(f)):
            fast = dr.compile(derivative)
            for x in POINTS:
                assert_same(derivative(x), fast(x))


def test_threads_meet_other_branches_at_once():
    eager, fast = dr.value_and_grad(branched), dr.compile(dr.value_and_grad(branched))
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((8, 40, 3))
    found: list = [None] * 8

    def run(i):
        found[i] = [fast(x) for x in inputs[i]]

    threads = [threading.Thread(target=run, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for xs, results in zip(inputs, found):
        for x, result in zip(xs, results, strict=True):
            assert_same(eager(x), result)


# ------------------------------------------------------------------------------- kinds of numbers

KINDS = {
    "float64": np.float64(0.7),
    "float32": np.float32(0.7),
    "float": 0.7,
    "int": 3,
    "int64": np.int64(3),
    "int8": np.int8(3),
    "bool_": np.True_,
    "complex": 0.7 + 0.2j,
    "complex64": np.complex64(0.7 + 0.2j),
    "array of float32": np.linspace(0.2, 0.9, 3, dtype=np.float32),
    "array of complex64": np.linspace(0.2, 0.9, 3).astype(np.complex64),
    "array of int32": np.arange(1, 4, dtype=np.int32),
    "array of bool": np.array([True, False, True]),
    "0-d": np.array(0.7),
    "0-d float32": np.array(0.7, np.float32),
}
EXPRESSIONS = {
    "weak": lambda x, y: x * 2 + y - 0.5,
    "strong": lambda x, y: x * np.float64(2) + y,
    "single": lambda x, y: np.float32(2) * x - y,
    "power": lambda x, y: (x + 2) ** 2 + (y + 1) ** 0.5,
    "divide": lambda x, y: (x + 1) / (y + 2),
    "whole": lambda x, y: (x + 1) // 2 + y % 2,
    "where": lambda x, y: np.where(abs(x) > 0.5, x, y),
    "compare": lambda x, y: (abs(x) > 0.5) & (abs(y) <= 2),
    "sum": lambda x, y: np.sum(x) + np.mean(y),
    "functions": lambda x, y: np.sin(x) + np.exp(y) * np.sqrt(x + 4),
    "joined": lambda x, y: np.stack([x + y, x - 0.5 * y]),
    "abs": lambda x, y: abs(x) + np.abs(y),
}


@pytest.mark.one_in(8)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_numbers_keep_numpys_promotion(name, kind):
    f, x = EXPRESSIONS[name], KINDS[kind]
    fast = dr.compile(f)
    for y in KINDS.values():
        try:
            expected = f(x, y)
        except TypeError:  # NumPy subtracts no booleans, and knows no remainders of complex numbers
            continue
        if type(expected) is bool:  # no result of a compiled function
            continue
        if not hasattr(expected, "dtype"):  # Python's own number
            assert_allclose(float(np.real(fast(x, y))), float(np.real(expected)))
            continue
        found = fast(x, y)
        assert_allclose(found, expected, rtol=1e-6)
        assert np.asarray(found).dtype == np.asarray(expected).dtype, (x, y)
        assert np.ndim(found) == np.ndim(expected)


@pytest.mark.parametrize("dtype", ["f", "F", "D"])
def test_gradients_keep_the_precision(dtype):
    f = lambda z: np.sum(np.abs(z * (1.5 + z)) ** 2)  # noqa: E731
    z = (X + 0.5j * V).astype(dtype) if dtype != "f" else X.astype(dtype)
    fast = dr.compile(dr.grad(f))
    for _ in range(2):
        expected, found = dr.grad(f)(z), fast(z)
        assert expected.dtype == found.dtype
        assert_allclose(found, expected, rtol=1e-5 if dtype in "fF" else 1e-12)
