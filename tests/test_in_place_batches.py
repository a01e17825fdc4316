"""Random programs that write where a batch says: at elements, rows and masks of its own, through views.

As tests/test_in_place_programs.py, whose statements are beside these; the same program runs for each
row with plain NumPy's arrays and numbers.
"""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from numpy.testing import assert_allclose

import dualrev as dr
from tests.rows import examples
from tests.test_in_place_programs import (
    NEW,
    REFUSED,
    SHAPES,
    VIEWS,
    WRITE,
    argument,
    as_array,
    statements,
)

PLACES = np.array([0, 3, 1])


def pair(place, k, n):
    return np.stack([place % n, np.asarray(k % n)])


def element(z, m):
    return z.ravel()[m % z.size]


def set_there(y, z, place, k, m):
    y[place % len(y)] = element(z, m) if y.ndim == 1 or m % 2 else 0.5 * y[k % len(y)]


def add_there(y, z, place, k, m):
    y[place % len(y)] += element(z, m) if y.ndim == 1 or m % 2 else 0.5 * y[k % len(y)]


def scale_column(y, z, place, k, m):
    y[..., place % y.shape[-1]] *= np.cos(element(z, m))


def set_one(y, z, place, k, m):
    y[(place + k) % len(y), ..., (place + m) % y.shape[-1]] = element(z, k) * element(y, 0)


def set_several(y, z, place, k, m):
    y[pair(place, k, len(y))] = np.sin(element(z, m))


def add_several(y, z, place, k, m):
    y[pair(place, k, len(y))] += 0.3 * y[:1]


def add_at(y, z, place, k, m):
    np.add.at(y, pair(place, k, len(y)), element(z, m))


def put(y, z, place, k, m):
    np.put(y, pair(place, k, y.size), z.ravel()[:2])


def set_masked(y, z, place, k, m):
    y[y > 0.2 * k - 0.5] = element(z, m)


def copy_element(y, z, place, k, m):
    y.flat[k % y.size] = z.flat[place % z.size]


THERE = [set_there, add_there, scale_column, set_one, set_several, add_several, add_at, put,
         set_masked, copy_element]  # fmt: skip
THERE = {write.__name__ + " there": write for write in THERE}
SHOWN = {
    "row there": lambda y, place, k, m: y[place % len(y)],
    "column there": lambda y, place, k, m: y[..., (place + k) % y.shape[-1]],
    "row of a view there": lambda y, place, k, m: y[None, :, None][:, (place + m) % len(y)],
    "rows there": lambda y, place, k, m: y[pair(place, k, len(y))],
    "taken there": lambda y, place, k, m: np.take(y, place % len(y), axis=0),
}
# What depends on how many numbers are above a limit has no shape in a batch.
OTHERS = sorted(WRITE.keys() - {"place"}), sorted(VIEWS), sorted(NEW.keys() - {"masked"})
programs = st.tuples(
    st.sampled_from(SHAPES),
    st.lists(
        st.one_of(
            statements(sorted(THERE)),
            statements(sorted(SHOWN)),
            statements(sorted(THERE)),
            statements(sorted(SHOWN)),
            *map(statements, OTHERS),
        ),
        min_size=2,
        max_size=9,
    ),
)


def run(program, x, place):
    shape, lines = program
    x = x * 1.0
    variables = [x.reshape(shape), x[: len(x) // 2] * 1.0, x]
    for line in lines:
        y = variables[line.target % len(variables)]
        z = variables[line.source % len(variables)]
        try:
            if line.kind in THERE:
                THERE[line.kind](y, z, place, line.k, line.m)
            elif line.kind in SHOWN:
                variables.append(as_array(SHOWN[line.kind](y, place, line.k, line.m)))
            elif line.kind in WRITE:
                WRITE[line.kind](y, z, line.k, line.m)
            elif line.kind in VIEWS:
                variables.append(as_array(VIEWS[line.kind](y, line.k, line.m)))
            else:
                variables.append(as_array(NEW[line.kind](y, z, line.k)))
        except REFUSED as error:
            if isinstance(error, dr.DualrevError):
                raise
            assume(False)  # a value that does not fit; of one row, and not of another
    return np.concatenate([v.ravel() for v in variables if v.size])


def check(program):
    x = argument(program[0])
    xs = np.stack([x * (1 + 0.3 * i) + 0.1 * i for i in range(3)])
    direction = np.cos(np.arange(x.size))

    def value(x, place):
        return run(program, x, place)

    def loss(x, place):
        return np.sum(np.sin(value(x, place)))

    def product(x, place):
        return dr.hvp(loss)(x, direction, place)

    def product_by_rows(x, place):
        return dr.jacobian(dr.grad(loss), mode="reverse")(x, place) @ direction

    def rows(f):
        return np.stack([f(x, place) for x, place in zip(xs, PLACES)])

    def close(expected, found):
        scale = 1e-10 * (1 + np.max(np.abs(expected)))
        assert_allclose(expected, found, rtol=1e-9, atol=scale)

    try:
        found = dr.vmap(value)(xs, PLACES)
    except dr.ShapeError:  # a mask of numbers chose more in one row than in another
        assume(False)
    close(rows(value), found)
    gradients = rows(dr.grad(loss))
    close(gradients, dr.vmap(dr.grad(loss))(xs, PLACES))
    close(gradients, dr.vmap(dr.jacobian(loss, mode="forward"))(xs, PLACES))
    close(gradients, dr.grad(lambda xs: np.sum(dr.vmap(loss)(xs, PLACES)))(xs))
    products = rows(product)
    close(products, dr.vmap(product)(xs, PLACES))
    close(products, dr.vmap(product_by_rows)(xs, PLACES))
    pairs = np.stack([xs, xs[::-1]]), np.stack([PLACES, PLACES[::-1]])
    close(np.stack([rows(value), rows(value)[::-1]]), dr.vmap(dr.vmap(value))(*pairs))


@settings(
    max_examples=examples(60),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)
@given(programs)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.filterwarnings("ignore::dualrev.errors.PerformanceWarning")
def test_program_holds_in_each_row_what_numpys_does(program):
    """Values, gradients in both modes and orders, second derivatives, batches of batches."""
    check(program)
