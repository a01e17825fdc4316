"""Random programs that write: views, views of views, masks, repeated indices, out=, np.add.at.

Each program runs on plain NumPy arrays, which says what every variable holds after every statement;
then on duals and on tapes, also nested.  The expected derivatives are NumPy's too, by complex steps:
``Im f(x + i h t) / h`` with h = 1e-30 has no rounding error (Squire and Trapp 1998).
"""

import dataclasses
import warnings

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from dualrev.core.operands import base_of

SHAPES = [(4,), (2, 3), (3, 2), (3, 3), (1, 4), (2, 2, 2)]
STEP = 1e-30
# What NumPy raises at a statement that it refuses; ours must be refused too.
REFUSED = (ValueError, IndexError, TypeError)

# ------------------------------------------------------------------------------ statements


@dataclasses.dataclass(frozen=True)
class Statement:
    """One line of a program: what it does, to which variables, with which random numbers."""

    kind: str
    target: int
    source: int
    k: int
    m: int

    def __str__(self):
        return f"{self.kind}({self.target}, {self.source}, k={self.k}, m={self.m})"


VIEWS = {
    "slice": lambda y, k, m: y[k % 3 :],
    "slice back": lambda y, k, m: y[:: -1 - k % 2],
    "slice of last axis": lambda y, k, m: y[..., k % 2 : k % 2 + 1 + m % 2],
    "row": lambda y, k, m: y[k % len(y)] if y.ndim > 1 else y[k % max(len(y), 1), ...],
    "column": lambda y, k, m: y[..., k % y.shape[-1]] if y.ndim > 1 else y[:],
    "transposed": lambda y, k, m: y.T,
    "axes swapped": lambda y, k, m: y.swapaxes(0, -1),
    "raveled": lambda y, k, m: y.ravel(),
    "reshaped": lambda y, k, m: y.reshape((-1, 2) if y.size % 2 == 0 else (-1, 3)),
    "raveled in F order": lambda y, k, m: y.ravel(order="F"),
    "new axis": lambda y, k, m: y[:, None],
    "squeezed": lambda y, k, m: y.squeeze(),
    "flipped": lambda y, k, m: np.flip(y, k % y.ndim),
    "rolled axis": lambda y, k, m: np.moveaxis(y, 0, -1),
    "diagonal": lambda y, k, m: np.diagonal(y),
    "split": lambda y, k, m: np.array_split(y, 2)[k % 2],
    "broadcast": lambda y, k, m: np.broadcast_to(y, (2, *y.shape)),
    "iterated": lambda y, k, m: list(y)[k % len(y)] if y.ndim > 1 else y,
    "viewed": lambda y, k, m: y.view(),
}
NEW = {
    "copy": lambda y, z, k: y.copy(),
    "copy in F order": lambda y, z, k: y.copy("F"),
    "np.copy": lambda y, z, k: np.copy(y),
    "flatten": lambda y, z, k: y.flatten(),
    "sine": lambda y, z, k: np.sin(y),
    "product": lambda y, z, k: y * z,
    "sum": lambda y, z, k: z + y,
    "plus one": lambda y, z, k: y + 1,
    "zeros": lambda y, z, k: np.zeros_like(y),
    "zeros of a shape": lambda y, z, k: np.zeros_like(y, shape=SHAPES[k % len(SHAPES)]),
    "chosen": lambda y, z, k: y[[k % len(y), -1, 0]],
    "masked": lambda y, z, k: y[y.real > 0.3],
    "joined": lambda y, z, k: np.concatenate([y.ravel(), z.ravel()])[:6],
}


def key_of(y, k, m):
    """An index of one of NumPy's kinds."""
    n = len(y)
    keys = [
        k % n - n * (m % 2),
        slice(k % n, None, 1 + m % 2),
        slice(None, None, -1),
        np.arange(y.size).reshape(y.shape) % (2 + k) == 0,
        [k % n, m % n, k % n],
        Ellipsis,
        (k % n, ..., m % y.shape[-1]) if y.ndim > 1 else m % n,
        (slice(None), m % y.shape[-1]) if y.ndim > 1 else slice(0, 1),
        (np.array([k % n, m % n]), ...),
        y.real > 0.2,
    ]
    return keys[(k * 7 + m) % len(keys)]


def value_of(y, z, k, m):
    """What is written: a number, an element, an array that fits, may fit, or overlaps."""
    values = [
        0.5 * k - 1,
        z.ravel()[m % max(z.size, 1)],
        z * 0.5,
        z[:1],
        y.ravel()[: 1 + m],
        np.sin(z),
        y[::-1],
        np.linspace(0.1, 0.9, 1 + m),
    ]
    return values[(k + 3 * m) % len(values)]


def set_item(y, z, k, m):
    y[key_of(y, k, m)] = value_of(y, z, k, m)


def add_item(y, z, k, m):
    y[key_of(y, k, m)] += value_of(y, z, k, m)


def scale_item(y, z, k, m):
    y[key_of(y, k, m)] *= np.cos(value_of(y, z, k, m))


def add_whole(y, z, k, m):
    y += value_of(y, z, k, m)


def scale_whole(y, z, k, m):
    y *= np.cos(z) if k % 2 else 0.5


def subtract_row(y, z, k, m):
    y[k % len(y)] -= 0.5 * y[m % len(y)]


def out(y, z, k, m):
    np.add(y, z, out=y)


def out_where(y, z, k, m):
    np.multiply(z, 0.5, out=y, where=np.arange(y.size).reshape(y.shape) % 2 == 0)


def put(y, z, k, m):
    np.put(y, [k % y.size, m % y.size, -1], z.ravel()[:2])


def place(y, z, k, m):
    np.place(y, y.real > 0.2, np.sin(z))


def putmask(y, z, k, m):
    np.putmask(y, np.arange(y.size).reshape(y.shape) % 2 == 1, np.sin(z))


def copyto(y, z, k, m):
    # Of the same memory NumPy copies nothing, and does not ask whether it is read-only.
    np.copyto(y, z if y.flags.writeable else z * 1.0)


def copyto_where(y, z, k, m):
    np.copyto(y, z[:1], where=np.arange(y.size).reshape(y.shape) % 3 == 0)


def add_at(y, z, k, m):
    np.add.at(y, [k % len(y), m % len(y), k % len(y)], value_of(y, z, k, m))


def multiply_at(y, z, k, m):
    np.multiply.at(y, [k % len(y), m % len(y), k % len(y)], np.cos(z.ravel()[0]))


def put_along(y, z, k, m):
    np.put_along_axis(y, np.zeros((1,) * y.ndim, int), z.ravel()[:1].reshape((1,) * y.ndim), 0)


def fill_diagonal(y, z, k, m):
    np.fill_diagonal(y, np.sin(z).ravel()[:2])


def fill(y, z, k, m):
    y.fill(z.ravel()[0])


def sort(y, z, k, m):
    y.sort(axis=k % y.ndim)


def flat(y, z, k, m):
    y.flat[k % y.size :: 2] = np.sin(z).ravel()[:2]


def flat_element(y, z, k, m):
    y.flat[k % y.size] = y.flat[m % y.size] * z.flat[0]


def swap(y, z, k, m):
    y[0], y[-1] = y[-1] * 1.0, y[0] * 1.0


def loop(y, z, k, m):
    for i in range(1, len(y)):
        y[i] = 0.5 * y[i - 1] + np.sin(y[i])


WRITES = [
    set_item, set_item, set_item, add_item, add_item, scale_item, add_whole, scale_whole,
    subtract_row, out, out_where, put, place, putmask, copyto, copyto_where, add_at, multiply_at,
    put_along, fill_diagonal, fill, sort, flat, flat_element, swap, loop,
]  # fmt: skip
WRITE = {write.__name__: write for write in WRITES}

numbers = st.integers(0, 6)


def statements(kinds):
    return st.builds(Statement, st.sampled_from(kinds), numbers, numbers, numbers, numbers)


programs = st.tuples(
    st.sampled_from(SHAPES),
    st.lists(
        st.one_of(
            statements(sorted(VIEWS)),
            statements(sorted(NEW)),
            statements([write.__name__ for write in WRITES]),
            statements([write.__name__ for write in WRITES]),
        ),
        min_size=2,
        max_size=12,
    ),
)


def run(program, x, seen=None):
    """All variables after the program, as one vector; seen gets their content after each line."""
    shape, lines = program
    variables = [x.reshape(shape), x[: len(x) // 2] * 1.0, x]
    for line in lines:
        y = variables[line.target % len(variables)]
        z = variables[line.source % len(variables)]
        refused = ""
        try:
            if line.kind in WRITE:
                WRITE[line.kind](y, z, line.k, line.m)
            elif line.kind in VIEWS:
                variables.append(as_array(VIEWS[line.kind](y, line.k, line.m)))
            else:
                variables.append(as_array(NEW[line.kind](y, z, line.k)))
        except REFUSED as error:
            refused = "refused"
            if isinstance(error, dr.DualrevError):
                raise
        if seen is not None:
            seen.append((str(line), refused, [np.array(base_of(v)) for v in variables]))
    return np.concatenate([v.ravel() for v in variables if v.size])


def as_array(v):
    return v if v.ndim and v.size else np.zeros_like(v, shape=2)


def argument(shape):
    n = int(np.prod(shape))
    return np.sin(1.0 + 1.7 * np.arange(n)) + 0.05


def complex_slope(f, x, t):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        return np.imag(f(x + 1j * STEP * t)) / STEP


def check_values(expected, seen):
    for (line, refused, values), (_, also_refused, answers) in zip(expected, seen, strict=True):
        assert refused == also_refused, line
        for value, answer in zip(values, answers, strict=True):
            assert_array_equal(value, answer, err_msg=line)


def check(program):
    x = argument(program[0])
    t = np.cos(np.arange(x.size) * 0.9)
    expected = []
    run(program, x.copy(), expected)
    slopes = complex_slope(lambda x: run(program, x), x, t)
    for mode in ("forward", "reverse"):
        seen = []
        if mode == "forward":
            ans, tangent = dr.jvp(lambda x: run(program, x, seen), (x,), (t,))
            assert_allclose(slopes, tangent, rtol=1e-9, atol=1e-12)
        else:
            ans, pull = dr.vjp(lambda x: run(program, x, seen), x)
            ct = np.sin(1.0 + np.arange(ans.size))
            (gradient,) = pull(ct)
            assert_allclose(ct @ slopes, gradient @ t, rtol=1e-9, atol=1e-11)
        check_values(expected, seen)

    def loss(x):
        return np.sum(ct * run(program, x)) + np.sum(run(program, x) ** 2) / 2

    product = dr.hvp(loss)(x, t)
    twice = dr.grad(lambda x: dr.grad(loss)(x) @ t)(x)
    over_forward = dr.grad(lambda x: dr.jvp(loss, (x,), (t,))[1])(x)
    forward_twice = dr.jvp(lambda x: dr.jvp(loss, (x,), (t,))[1], (x,), (t,))[1]
    scale = 1e-10 * (1 + np.max(np.abs(product)))
    assert_allclose(product, twice, rtol=1e-8, atol=scale)
    assert_allclose(product, over_forward, rtol=1e-8, atol=scale)
    assert_allclose(product @ t, forward_twice, rtol=1e-8, atol=scale * x.size)


@settings(
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(programs)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_program_holds_what_numpys_does_after_every_statement(program):
    """Values to the bit; derivatives of first order by complex steps, of second in all four ways."""
    check(program)
