"""A simplified program computes what the recorded one computes, by fewer steps and in less memory."""

import numpy as np
import pytest

import dualrev as dr
from dualrev.program.numpy_engine import Workspace
from dualrev.program.planning import simplified
from dualrev.program.recording import Recording
from dualrev.program.steps import Guard

SPECIAL = np.array(
    [0.0, -0.0, 1.0, -1.5, 3e-320, -1e-308, 1e308, -1.7e308, np.inf, -np.inf, np.nan, 0.1]
)


def recorded(f, *arrays):
    """The program of f as it was recorded, and what f answers."""
    recording = Recording()
    with np.errstate(all="ignore"):
        answers = f(*[recording.input(np.array(x)) for x in arrays])
    return recording.program(list(answers), "f")


def calls(program):
    return [step.function for step in program.steps if type(step) is not Guard]


UNARY = [*[np.negative] * 5, np.square, np.absolute, lambda x: x + x, lambda x: x.reshape(3, 4)]
UNARY += [lambda x, c=c: c * x for c in (1, 2, -0.0, 0, -1.0, 0.3, 4e307, 1e308, 1e-310)]
UNARY += [lambda x, c=c: x / c for c in (1, -2, 0.25, 3.0, 0.0)]
UNARY += [lambda x, c=c: x + c for c in (0.0, -0.0, 1)]
UNARY += [lambda x, c=c: x - c for c in (0.0, -0.0)]
UNARY += [lambda x, c=c: x * np.full(12, c) for c in (1.0, -2.0)]
UNARY += [lambda x: x * np.array([0.0, -0.0] * 6)]
BINARY = [np.add, np.subtract, np.multiply, np.divide]


def drawn(seed, count=25):
    """A function of two arrays that makes so many random calls."""

    def f(x, y):
        rng = np.random.default_rng(seed)
        made = [x, y]
        for _ in range(count):
            if rng.random() < 0.6:
                a = made[rng.integers(len(made))].reshape(12)
                made.append(UNARY[rng.integers(len(UNARY))](a))
            else:
                a, b = (made[i].reshape(12) for i in rng.integers(len(made), size=2))
                made.append(BINARY[rng.integers(len(BINARY))](a, b))
            if rng.random() < 0.5:
                made[-1] = -made[-1]
        return made[-3:]

    return f


@pytest.mark.parametrize("seed", range(150))
def test_a_simpler_program_has_the_same_values_to_the_bit(seed):
    """Infinities, nan, numbers near overflow and underflow and signs of zeros included."""
    rng = np.random.default_rng(seed)
    x, y = rng.permutation(SPECIAL), rng.permutation(SPECIAL)
    program = recorded(drawn(seed), x, y)
    expected = Workspace(program).run([x, y])
    found = Workspace(simplified(program)).run([x, y])
    for e, a in zip(expected, found, strict=True):
        np.testing.assert_array_equal(e, a)
        np.testing.assert_array_equal(np.signbit(e)[~np.isnan(e)], np.signbit(a)[~np.isnan(a)])


def test_repeated_and_dead_calls_are_gone():
    def f(x):
        np.exp(x)
        return (np.sin(x) * np.cos(x) + np.cos(x) * np.sin(x),)

    assert calls(simplified(recorded(f, np.ones(3)))) == [np.sin, np.cos, np.multiply, np.add]


def test_what_is_added_into_memory_keeps_its_sign():
    """As a gradient adds the cotangents of parts."""
    gradient = dr.grad(lambda x: np.sum((x[1:] - x[:-1]) ** 2))
    x = np.array([1.0, 3.0, 7.0])
    program = simplified(recorded(lambda x: (gradient(x),), x))
    np.testing.assert_array_equal([-4.0, -4.0, 8.0], Workspace(program).run([x])[0])


def test_signs_are_carried_into_factors_and_sums():
    def f(x, y):
        return (-(x * y) * 3.0 - y, x + -(y * x), np.negative(-x) * 1.0)

    program = simplified(recorded(f, np.ones(3), np.ones(3)))
    assert calls(program) == [np.multiply, np.multiply, np.subtract, np.subtract]
    assert program.outputs[2] == program.inputs[0]


@pytest.mark.parametrize("numbers", [(1.0,), (2, -0.5)])
def test_numbers_are_put_beside_what_is_computed(numbers):
    def f(x):
        return np.stack([np.sum(x), *numbers]), np.hstack([*numbers, x])

    fast = dr.compile(f)
    for x in (SPECIAL[:3], SPECIAL[3:6]):
        for expected, found in zip(f(x), fast(x), strict=True):
            np.testing.assert_array_equal(expected, found)


def test_powers_of_two_are_one_factor():
    def f(x):
        return (100 * (x + x), -(3.0 * x), x / 4)

    program = simplified(recorded(f, np.ones(3)))
    assert calls(program) == [np.multiply] * 3
    assert [step.args[0] for step in program.steps] == [200, -3, 0.25]


def test_a_reshaped_array_is_the_same_memory():
    program = simplified(recorded(lambda x: (np.reshape(np.sum(x), (1, 1)) * 2.0,), np.ones(3)))
    assert calls(program) == [np.add.reduce, np.multiply]


def test_a_guard_stays_where_its_sign_is_gone():
    """A nan that was seen not to be there stops a replay in any form of the step that it came of."""
    gradient = dr.grad(lambda x: np.sum(-np.sqrt(x) * 2.0))
    fast = dr.compile(gradient)
    assert any(type(step) is Guard for step in fast.program(np.ones(3)).steps.steps)
    x = np.array([0.0, 1.0, 4.0])
    np.testing.assert_array_equal(gradient(x), fast(x))
