"""Random programs, compiled: equal to eager on inputs that take other branches than the recorded."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from numpy.testing import assert_allclose

import dualrev as dr
from tests.rows import examples
from tests.test_random_programs import INSTRUCTIONS as PLAIN
from tests.test_random_programs import fitted, sample, shapes, small

quick = settings(max_examples=examples(40), deadline=None, derandomize=True, database=None)
pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning"),
]

# ------------------------------------------------------------------------------ instructions

TABLE = np.array([0.5, -1.5, 2.0, 0.25, 1.0])


def branched(x, y, k):
    if np.sum(x) > 0.2 * k - 0.5:
        return x * 1.5
    return fitted(x, y) * 0.5 - x if np.any(y > 1) else np.cos(x)


def halved(x, y, k):
    """A loop as long as its numbers say."""
    total, count = np.abs(np.sum(x)) + 0.3, 0
    while total > 0.25 and count < 6:
        total = total * (0.4 + 0.05 * k)
        count += 1
    return total * x + count


def counted(x, y, k):
    for i in range(int(np.abs(np.sum(y)) * 2) % 4):
        x = np.sin(x + 0.1 * i)
    return x


def masked(x, y, k):
    z = x.copy()
    if z.ndim:
        z[z > 0.1 * k] *= 2
        z[z < -0.3] = 0.1 * np.sum(y)
    return z


def chosen(x, y, k):
    flat = x.reshape(-1)
    if not flat.size:
        return flat
    return flat[np.argmax(flat)] * x + flat[int(np.argmin(np.abs(flat)))]


def placed(x, y, k):
    """Parts at a number that is computed, read and written through names of their own."""
    z = 1.0 * x
    if not z.size or not z.ndim:
        return z
    at = np.argmax(np.cos(z.reshape(len(z), -1)).sum(1) + 0.1 * k)
    row, last = z[at], z.T[..., at]
    if row.ndim:
        row *= 1.5
        z[at:] += 0.25 * np.sum(y)
    z[at] -= 0.5
    return z + np.sum(last) + np.sum(z[: at + 1]) * z[at]


def ordered(x, y, k):
    flat = x.reshape(-1)
    return flat[np.argsort(flat)] * np.arange(flat.size) + np.sort(flat)[::-1]


def of_python(x, y, k):
    rows = list(x.reshape(-1)[:4])
    if not rows:
        return x
    low, *_ = sorted(rows)
    return max(rows) * low + min(rows, key=abs) + sum(rows) + x


def views(x, y, k):
    z = x.copy()
    if not z.size or not z.ndim:
        return z
    flat, last = z.reshape(-1), z[-1:]
    last += 0.3
    flat[k % flat.size] = np.sum(y) * 0.1
    z.T[...] *= 1.1
    last -= flat[0]
    return z + flat[-1]


def answered(x, y, k):
    z = np.zeros_like(x)
    if z.ndim:
        np.multiply(x, 2.0, out=z)
        np.add(z, fitted(x, y), out=z) if np.shape(fitted(x, y)) in ((), x.shape) else None
        z -= 0.1
        z /= 1.5
    return z


def cut(x, y, k):
    """As many elements as the numbers say."""
    flat = x.reshape(-1)
    if not flat.size:
        return flat
    n = int(np.floor(np.abs(flat[0]) * 3)) % flat.size
    return flat[n:] * flat[: flat.size - n][::-1]


def found(x, y, k):
    flat = x.reshape(-1)
    return flat[np.flatnonzero(flat > 0.2)] ** 2


def looked_up(x, y, k):
    flat = x.reshape(-1)
    places = np.clip(np.searchsorted(np.sort(TABLE), flat), 0, 4)
    return flat * np.take(TABLE, places) + (TABLE[places[0]] if flat.size else 0.0)


def caught(x, y, k):
    try:
        if np.sum(x) < 0:
            raise ValueError(f"{np.sum(x):.1f}")
        return np.log(np.sum(x * x) + 1) + x
    except ValueError:
        return -x


def held(x, y, k):
    state = {"a": x, "b": (y, [x * 0.5])}
    for _ in range(2):
        state = {"a": state["a"] + state["b"][1][0], "b": (state["a"], [np.tanh(state["a"])])}
    return state["a"]


def swapped(x, y, k):
    z = np.concatenate([x.reshape(-1), y.reshape(-1), [0.7, -0.4]])
    z[[0, 1]] = z[[1, 0]]
    if z[0] > z[1]:
        z[0], z[-1] = z[-1], z[0]
    return z[:5]


def stepped(x, y, k):
    return np.floor(x * 2) * x + np.sign(x) + np.where(x > 0, np.sqrt(x), 0.0) + round(np.sum(x))


def kinked(x, y, k):
    total = np.abs(x) + np.maximum(x, 0.0) + np.clip(x, -0.5, 0.5)
    return total + (np.linalg.norm(x) if x.ndim else x)


def heaped(x, y, k):
    z = np.zeros_like(x, shape=4)
    for i, value in enumerate(x.reshape(-1)[:6]):
        z[i % 4] += value if value > 0 else value * 0.5
        z[(i + k) % 4] = z[i % 4] * 0.7
    return z


INSTRUCTIONS = PLAIN | {
    "branch": branched,
    "while": halved,
    "count": counted,
    "mask": masked,
    "argmax": chosen,
    "places": placed,
    "argsort": ordered,
    "Python's": of_python,
    "views": views,
    "out": answered,
    "cut": cut,
    "nonzero": found,
    "table": looked_up,
    "exception": caught,
    "structure": held,
    "swap": swapped,
    "steps": stepped,
    "kinks": kinked,
    "heap": heaped,
}
NEW = sorted(set(INSTRUCTIONS) - set(PLAIN))
names = st.one_of(st.sampled_from(NEW), st.sampled_from(sorted(PLAIN)))
programs = st.lists(
    st.tuples(names, st.integers(-3, -1), st.integers(-4, -1), small), min_size=1, max_size=5
)


def composed(steps):
    def program(x):
        pool = [x]
        for name, i, j, k in steps:
            pool.append(INSTRUCTIONS[name](pool[i % len(pool)], pool[j % len(pool)], k))
        return sum(np.sum(np.sin(y)) for y in pool[:-1]) + np.tanh(pool[-1])

    return program


def weighed(f):
    return lambda x: np.sum(np.cos(f(x)))


DERIVATIVES = {
    "itself": lambda f: f,
    "value and gradient": lambda f: dr.value_and_grad(weighed(f)),
    "pushed": lambda f: lambda x: dr.jvp(f, (x,), (np.cos(x),)),
    "hvp": lambda f: lambda x: dr.hvp(weighed(f))(x, np.cos(x)),
    "pulled twice": lambda f: dr.grad(lambda x: np.sum(np.sin(dr.grad(weighed(f))(x)))),
}


def outcome(f, x):
    try:
        return f(x)
    except Exception as error:
        return type(error)


def check(steps, shape, seed, derivative, engine="numpy", times=5):
    f = derivative(composed(steps))
    fast = dr.compile(f, engine=engine)
    for k in (*range(times), 0):
        x = sample(shape, seed + 100 * k)
        before = x.copy()
        expected, ans = outcome(f, x), outcome(fast, x)
        np.testing.assert_array_equal(before, x)
        assert_same(expected, ans)


def assert_same(expected, ans):
    if isinstance(expected, tuple):
        for e, a in zip(expected, ans, strict=True):
            assert_same(e, a)
    elif isinstance(expected, type):
        assert expected is ans
    else:
        assert type(expected) is type(ans)
        assert np.shape(expected) == np.shape(ans)
        scale = np.max(np.abs(expected), initial=1, where=np.isfinite(expected))
        assert_allclose(ans, expected, rtol=1e-9, atol=1e-11 * scale)


@pytest.mark.parametrize("name", DERIVATIVES)
@quick
@given(programs, shapes, st.integers(0, 99))
def test_a_compiled_program_is_the_eager_one_on_fresh_inputs(name, steps, shape, seed):
    check(steps, shape, seed, DERIVATIVES[name])
