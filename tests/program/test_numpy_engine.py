"""A replay in planned memory is what NumPy computes, and what it returns is nobody else's."""

import tracemalloc

import numpy as np
import pytest

import dualrev as dr
from dualrev.program.numpy_engine import Workspace
from dualrev.program.planning import laid_out, simplified
from dualrev.program.recording import Recording
from dualrev.program.steps import Diverged
from tests.program.test_planning import SPECIAL, calls, recorded

NUMBERS = [np.negative, np.square, np.absolute, np.sin, np.exp, np.sqrt, np.log1p]
NUMBERS += [lambda x, c=c: c * x for c in (2, -0.0, 1e308)] + [lambda x: 1 / x, lambda x: x / 3]
PAIRS = [np.add, np.subtract, np.multiply, np.divide, np.power, np.hypot, np.maximum]
PAIRS += [lambda x, y: np.where(x < y, x, y), lambda x, y: np.where(x != y, 1.5, y)]


def drawn(seed, count=30):
    """A function of two numbers that makes so many random calls."""

    def f(x, y):
        rng = np.random.default_rng(seed)
        made = [x, y]
        for _ in range(count):
            a, b = (made[i] for i in rng.integers(len(made), size=2))
            if rng.random() < 0.5:
                made.append(NUMBERS[rng.integers(len(NUMBERS))](a))
            else:
                made.append(PAIRS[rng.integers(len(PAIRS))](a, b))
        return made[2:]

    return f


@pytest.mark.parametrize("seed", range(30))
def test_numbers_are_computed_as_numpy_computes_them(seed):
    """To the bit, with infinities, nan and signs of zero; zeros divided by too."""
    f = drawn(seed)
    workspace = Workspace(simplified(recorded(f, np.float64(0.5), np.float64(-2.0))))
    for x, y in np.random.default_rng(seed).choice(SPECIAL, (20, 2)):
        with np.errstate(all="ignore"):
            expected = f(x, y)
        found = workspace.run([x, y])
        for e, a in zip(expected, found, strict=True):
            assert type(a) is type(e)
            np.testing.assert_array_equal(e, a)
            assert np.isnan(e) or np.signbit(e) == np.signbit(a)


def test_runs_of_numbers_are_one_call():
    fast = dr.compile(dr.grad(lambda x: np.sin(x) * x / (1 + x * x) - x), engine="numpy")
    assert len(Workspace(fast.program(np.float64(0.5)).steps)._calls) == 1


def test_a_comparison_that_turns_out_otherwise_stops_a_run_of_numbers():
    def f(x):
        y = x * x - 1.0
        return (y * 2.0 + x,) if y * x > 0 else (-y * x,)

    workspace = Workspace(simplified(recorded(f, np.float64(2.0))))
    assert workspace.run([np.float64(3.0)]) == [19.0]
    with pytest.raises(Diverged) as caught:
        workspace.run([np.float64(0.5)])
    assert caught.value.seen == b"\x00"


def test_a_number_that_was_looked_at_is_compared_to_the_bit():
    def f(x):
        return (x * float(x - 1.0) + 0.0 * x,)

    workspace = Workspace(simplified(recorded(f, np.float64(1.0))))
    workspace.run([np.float64(1.0)])
    with pytest.raises(Diverged):
        workspace.run([np.float64(2.0)])


def test_elements_are_read_and_written_where_they_lie():
    def f(x):
        y = x * 1.5
        y[1] = y[0] * y[2] + x[1]
        y[0] = y[1] - 1.0
        y[2] += y[0] / y[1]
        return (y, y[0] + y[2])

    x = np.array([0.5, -2.0, 3.0])
    workspace = Workspace(simplified(recorded(f, np.ones(3))))
    for e, a in zip(f(x), workspace.run([x]), strict=True):
        np.testing.assert_array_equal(e, a)


def stencil(u):
    u = u.copy()
    for _ in range(4):
        inner = u[1:-1]
        u[1:-1] += 0.1 * (u[2:] + u[:-2] - 2 * inner)
        u[0] = u[-1]
        u[::2] *= 0.5
        u[3:] = u[:-3] - u[3:]
    return u


IN_PLACE = [
    (stencil, 9),
    (lambda x: np.concatenate((np.sin(x), x[:2] * 2, np.sin(x))), 5),
    (lambda x: np.stack((np.sin(x), np.cos(x), x), axis=1) * 1.5, 5),
    (lambda x: np.pad(np.sin(x.reshape(2, 3)), 1) + 1.0, 6),
    (lambda x: np.pad(x.reshape(2, 3), ((2, 0), (0, 1)))[1:], 6),
]


@pytest.mark.parametrize(("f", "n"), IN_PLACE)
def test_writes_and_joins_are_numpys(f, n, rng):
    workspace = Workspace(simplified(recorded(lambda x: (f(x),), np.ones(n))))
    for _ in range(2):
        x = rng.normal(size=n)
        np.testing.assert_array_equal(f(x), workspace.run([x])[0])


@pytest.mark.parametrize(("f", "n"), IN_PLACE)
def test_gradients_through_writes_and_joins_are_the_eager_ones(f, n, rng):
    gradient = dr.grad(lambda x: np.sum(np.sin(f(x)) ** 2))
    fast = dr.compile(gradient, engine="numpy")
    for _ in range(3):
        x = rng.normal(size=n)
        np.testing.assert_allclose(fast(x), gradient(x), rtol=1e-13, atol=1e-14)


REDUCTIONS = {
    "sum": lambda x: np.sum(x, axis=-1),
    "sum, kept": lambda x: np.sum(x, axis=(2,), keepdims=True),
    "min": lambda x: np.min(x, axis=2),
    "max, kept": lambda x: np.max(x, axis=-1, keepdims=True),
    "prod": lambda x: np.prod(x, axis=-1),
    "count": lambda x: np.count_nonzero(x > 0.3, axis=-1),
    "count, kept": lambda x: np.count_nonzero(x > 0.3, axis=2, keepdims=True),
    "count of all": lambda x: np.count_nonzero(x > 0.3),
    "any": lambda x: np.any(x > 2.0, axis=-1),
    "of a view": lambda x: np.sum(x[:, ::2], axis=-1),
    "in float32": lambda x: np.sum(x, axis=-1, dtype=np.float32),
    "where": lambda x: np.sum(x, axis=-1, where=x > 0, initial=1.0),
    "chosen": lambda x: np.where(x > 0.5, x[..., :1], x[0, 0, 0]),
}


@pytest.mark.parametrize("n", [2, 7, 40])
@pytest.mark.parametrize("f", REDUCTIONS.values(), ids=REDUCTIONS)
def test_reductions_of_short_and_long_axes_are_numpys(f, n, rng):
    workspace = Workspace(simplified(recorded(lambda x: (f(x),), np.ones((5, 9, n)))))
    x = rng.normal(size=(5, 9, n))
    x[0, 0, 0], x[1, 1, 1] = -0.0, np.inf
    (found,) = workspace.run([x])
    expected = np.asarray(f(x))  # an int in NumPy 2.0
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-14 if found.dtype == float else 1e-6)


def test_a_value_is_computed_where_it_is_written():
    program = simplified(recorded(lambda x: (np.concatenate((np.sin(x), np.cos(x))),), np.ones(3)))
    assert calls(program) == [np.sin, np.cos]


def test_a_value_is_not_computed_over_what_is_still_read():
    def f(x):
        u = x * 2.0
        v = np.sin(u[1:])
        w = np.sum(u)
        u[1:] = v
        return (u, w)

    x = np.array([0.5, -2.0, 3.0])
    for e, a in zip(f(x), Workspace(simplified(recorded(f, np.ones(3)))).run([x]), strict=True):
        np.testing.assert_array_equal(e, a)


@pytest.mark.parametrize("n", [1, 5, 2000])
def test_nothing_returned_is_written_by_a_later_replay(n):
    def f(x):
        y = np.sin(x)
        return (y, y[: n // 2], y[::-1], x, np.broadcast_to(np.sum(y), (3,)), np.sum(y))

    workspace = Workspace(simplified(recorded(f, np.ones(n))))
    x = np.linspace(0.0, 1.0, n)
    first = workspace.run([x])
    kept = [np.array(a) for a in first]
    workspace.run([x + 1])
    for before, after, memory in zip(kept, first, [workspace._memory] * 6, strict=True):
        np.testing.assert_array_equal(before, after)
        assert not isinstance(after, np.ndarray) or after.flags.owndata
        assert not np.shares_memory(after, memory)


def test_buffers_of_different_lifetimes_share_memory():
    def f(x):
        for _ in range(100):
            x = np.sin(x)
        return (x,)

    _, size = laid_out(simplified(recorded(f, np.ones(1000))))
    assert size <= 8000 + 64  # written in place


def test_free_memory_is_joined_before_it_is_taken_again():
    def f(x):
        for n in range(10, 60):
            x = np.resize(np.sin(np.repeat(x[:1], n * 100)), 10)
        return (x,)

    _, size = laid_out(simplified(recorded(f, np.ones(10))))
    assert size <= 4 * 60 * 100 * 8


def test_peak_memory_of_a_replay_is_at_most_the_eager_one():
    """The memory in which it runs included."""

    def f(x):
        y = x
        for _ in range(20):
            y = np.sin(y * x) + y
        return np.sum(y)

    def peak(call):
        tracemalloc.start()
        call()
        _, top = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return top

    x, gradient = np.linspace(0.0, 1.0, 50_000), dr.grad(f)
    workspace = Workspace(dr.compile(gradient, engine="numpy").program(x).steps)
    gradient(x)
    replay = peak(lambda: workspace.run([x])) + workspace._memory.nbytes
    assert replay <= peak(lambda: gradient(x))


def large(x, y):
    z = np.sin(x) * y[::-1]
    return (z, np.concatenate((z[5:], x)), np.sum(x[:9] * y[3]), np.sort(y), z[:5], x)


@pytest.mark.parametrize("order", [1, -1, 2])
def test_large_arguments_are_read_where_they_lie_and_never_written(order, rng):
    n = 40_000
    workspace = Workspace(simplified(recorded(large, np.ones(n), np.ones(n))))
    kept = []
    for _ in range(3):
        x, y = (rng.normal(size=n * abs(order))[::order] for _ in range(2))
        before = x.copy(), y.copy()
        x.flags.writeable = False
        found = workspace.run([x, y])
        kept.append((found, [np.array(a) for a in found]))
        for e, a in zip(large(x, y), found, strict=True):
            np.testing.assert_array_equal(e, a)
            assert np.ndim(a) == 0 or (a.flags.owndata and a.flags.writeable)
            assert not np.shares_memory(a, x)
            assert not np.shares_memory(a, workspace._memory)
        np.testing.assert_array_equal(before, (x, y))
    for found, copies in kept:
        for a, copy in zip(found, copies, strict=True):
            np.testing.assert_array_equal(copy, a)


def test_planning_is_linear_in_the_steps():
    """Counted in calls of Python's, not in time."""
    import cProfile
    import pstats

    def counted(n):
        recording = Recording()
        x = recording.input(np.ones(3))
        y = x
        for _ in range(n):
            y = -np.sin(y * 2.0) + x[0]
        program = recording.program([np.concatenate((y, y))], "f")
        profile = cProfile.Profile()
        profile.runcall(lambda: Workspace(simplified(program)))
        return pstats.Stats(profile).total_calls

    assert counted(800) <= 4.4 * counted(200)
