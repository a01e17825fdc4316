"""The tape in sixty lines, which the documentation explains, against dualrev itself."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr

SOURCE = Path(__file__).parents[1] / "docs" / "explanation" / "sixty_lines.py"


@pytest.fixture(scope="module")
def sixty():
    spec = importlib.util.spec_from_file_location("sixty_lines", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def elementwise(x):
    return np.sum(np.sin(x) ** 2 * np.exp(-x) / (2 - np.cos(x)) - np.log(x))


def row_against_column(x):
    return np.sum((x * np.arange(1.0, 4.0)[:, None] - 1 / (x + 2)) ** 3)


def network(weights):
    inputs = np.linspace(-1, 1, 12).reshape(4, 3)
    hidden = np.sin(inputs @ weights)
    return np.sum((hidden @ weights.T - inputs) ** 2)


def sums_along_axes(x):
    return np.sum(np.sum(x, axis=0) ** 2 * np.sum(x, axis=(1,)))


def loop(x):
    y = x
    for k in range(5):
        y = y + 0.1 * np.sin(k * y) * x
    return np.sum(y * y)


def constant(x):
    return 3.0


def scalar(x):
    return x * np.exp(-x) - 1 / x


PROGRAMS = [
    (elementwise, np.array([0.5, 1.0, 2.5])),
    (row_against_column, np.array([0.3, -0.7])),
    (network, np.array([[0.1, -0.5], [0.7, 0.2], [-0.4, 0.9]])),
    (sums_along_axes, np.arange(9.0).reshape(3, 3) / 4),
    (loop, np.array([0.2, 1.1])),
    (constant, np.ones(2)),
    (scalar, 1.5),
]
programs = pytest.mark.parametrize(("f", "x"), PROGRAMS, ids=lambda p: getattr(p, "__name__", "x"))

SAMPLES = {
    np.add: ([1.0, 2.0], [[3.0], [4.0]]),
    np.subtract: ([1.0, 2.0], [[3.0], [4.0]]),
    np.multiply: ([1.0, 2.0], [[3.0], [4.0]]),
    np.divide: ([1.0, 2.0], [[3.0], [4.0]]),
    np.power: ([1.0, 2.0], 2.5),
    np.negative: ([1.0, 2.0],),
    np.exp: ([1.0, 2.0],),
    np.log: ([1.0, 2.0],),
    np.sin: ([1.0, 2.0],),
    np.cos: ([1.0, 2.0],),
    np.sum: ([[1.0, 2.0], [3.0, 4.0]], 1),
    np.expand_dims: ([1.0, 2.0], 1),
    np.reshape: ([[1.0, 2.0], [3.0, 4.0]], (1, 4)),
    np.transpose: ([[1.0, 2.0, 3.0]],),
    np.matmul: ([[1.0, 2.0]], [[3.0, 4.0], [5.0, 6.0]]),
}


def test_program_has_at_most_sixty_lines():
    lines = [line for line in SOURCE.read_text().splitlines() if line.strip()]
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 100
    assert not any(";" in line for line in lines)


@programs
def test_gradient_is_that_of_dualrev(sixty, f, x):
    expected = dr.grad(f)(x)
    ans = sixty.grad(f)(x)
    assert_allclose(expected, ans, rtol=1e-13)
    assert np.shape(ans) == np.shape(x)


@programs
def test_gradient_of_a_gradient_is_the_hessian_product_of_dualrev(sixty, f, x):
    v = 1 + np.arange(np.size(x)).reshape(np.shape(x))
    expected = dr.hvp(f)(x, v.astype(float))
    assert_allclose(expected, sixty.grad(lambda x: sixty.grad(f)(x) * v)(x), rtol=1e-11, atol=1e-12)


def test_third_derivative_by_nesting(sixty):
    """(x sin x)''' = -3 sin x - x cos x."""
    third = sixty.grad(sixty.grad(sixty.grad(lambda x: np.sin(x) * x)))
    assert_allclose(-3 * np.sin(0.7) - 0.7 * np.cos(0.7), third(0.7), rtol=1e-13)


def test_siskind_and_pearlmutter_2005_is_not_confused(sixty):
    """d/dx (x * d/dy (x + y) at y=1) at x=1 is 1."""
    assert sixty.grad(lambda x: x * sixty.grad(lambda y: x + y)(1.0))(1.0) == 1.0


def test_every_rule_has_a_sample(sixty):
    assert set(SAMPLES) == set(sixty.RULES)


@pytest.mark.parametrize("function", SAMPLES, ids=lambda f: f.__name__)
def test_rule_pulls_as_that_of_dualrev(sixty, function):
    arrays = [np.array(a) if isinstance(a, list) else a for a in SAMPLES[function]]
    for position, x in enumerate(arrays):
        if not isinstance(x, np.ndarray):
            continue

        def f(x):
            args = [*arrays[:position], x, *arrays[position + 1 :]]
            return np.sum(np.sin(function(*args)))

        assert_allclose(dr.grad(f)(x), sixty.grad(f)(x), rtol=1e-13)


def test_what_has_no_rule_is_an_error(sixty):
    with pytest.raises(KeyError, match="tan"):
        sixty.grad(np.tan)(1.0)
    with pytest.raises(AttributeError):  # of an exponent no cotangent is known
        sixty.grad(lambda n: 2.0**n)(3.0)


def test_writing_into_a_traced_array_is_an_error(sixty):
    def f(x):
        x += 1
        return np.sum(x)

    with pytest.raises(TypeError):
        sixty.grad(f)(np.ones(2))
