"""What a number of a program names, an element or a part that NumPy shows, is chosen by each replay."""

import importlib.util
import queue

import numpy as np
import pytest

import dualrev as dr

X = np.array([[1.0, 2.0, 0.5], [3.0, 5.0, 6.0]])
Y = np.array([[8.0, 7.0, 1.0], [3.0, 5.0, 2.0]])
ENGINES = ["numpy", *(["llvm"] if importlib.util.find_spec("llvmlite") else [])]


def row(y, k):
    return y[k] * 2


def element(y, k):
    return y.reshape(-1)[k] * y + y[k, 1]


def row_scaled(y, k):
    y[k] *= 2
    return y


def row_scaled_by_its_name(y, k):
    z = y[k]
    z *= 2
    return y


def row_written_before_it_is_read(y, k):
    z = y[k]
    y[:] = 1.0
    return z


def element_of_a_row_written(y, k):
    y[k][1] = 7.0
    return y


def column_of_the_transposed_written(y, k):
    y.T[k] += 1
    return y


def row_sorted(y, k):
    y[k].sort()
    return y


def rows_from_there_scaled(y, k):
    z = y[k:]
    z *= 2
    return y


def element_set(y, k):
    y[k, 1] = 7.0
    y[-1, k] += y[0, 0]
    return y


def row_set(y, k):
    y[k] = y[0] * y[1]
    return y


def part_of_a_row_set(y, k):
    y[k, 1:] = 5.0
    y[..., k] = y[0, 1]
    return y


def rows_up_to_there_set(y, k):
    y[: k + 1] = 5.0
    return y


def element_of_a_view_set(y, k):
    y[1:].reshape(-1)[k] = 7.0
    y.T[k, None] = 3.0
    return y


def elements_swapped(y, k):
    z = y.reshape(-1)
    z[k], z[3] = z[3], z[k]
    return y


def each_set_in_an_order(y, k):
    z = 0 * y[:, 0]
    for i in np.argsort(y[:, 0]):
        z[i] = np.sum(z) + y[i, 1]
    return z


def row_read_after_a_write(y, k):
    z = y[k]
    y *= 2.0
    return z * y


def row_of_a_row_written_through_the_owner(y, k):
    z, last = y[k][::-1], y.T[k]
    y[k] += z
    z *= last[0]
    return y + z


def columns_flat(y, k):
    """Of a column NumPy makes ravel a copy, and reshape a view."""
    copy, view = y[:, k].ravel(), y[:, k].reshape(-1)
    y += 1.0
    copy *= 3.0
    view *= 5.0
    return y * np.sum(copy)


AT_RECORDED_PLACES = {
    **{
        f.__name__: f
        for f in (
            *(row, element, row_scaled, row_scaled_by_its_name, row_written_before_it_is_read),
            *(element_of_a_row_written, column_of_the_transposed_written, row_sorted),
            *(
                rows_from_there_scaled,
                element_set,
                row_set,
                part_of_a_row_set,
                rows_up_to_there_set,
            ),
            *(element_of_a_view_set, elements_swapped, each_set_in_an_order),
            *(row_read_after_a_write, row_of_a_row_written_through_the_owner, columns_flat),
        )
    },
    "column": lambda y, k: y[:, k] * 2,
    "part of a row": lambda y, k: y[k, 1:] * 2,
    "elements from there": lambda y, k: y.reshape(-1)[k:].sum(),
    "diagonal": lambda y, k: np.diagonal(y, k).sum(),
    "axes swapped": lambda y, k: np.swapaxes(y, 0, k)[0],
    "axis moved": lambda y, k: np.moveaxis(y, k, 0)[0],
    "rotated": lambda y, k: np.rot90(y, k)[0],
    "parts": lambda y, k: np.split(y, [k])[0].sum(),
}


@pytest.mark.parametrize("mode", [None, "forward", "reverse"])
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", AT_RECORDED_PLACES)
def test_what_a_recorded_number_names_is_chosen_again_by_each_replay(name, engine, mode):
    def f(x):
        return AT_RECORDED_PLACES[name](np.exp(x), np.argmax(x[:, 0]))

    derivative = f if mode is None else dr.jacobian(f, mode=mode)
    fast = dr.compile(derivative, engine=engine)
    for x in (X, Y, X):
        np.testing.assert_allclose(fast(x), derivative(x), rtol=1e-13)
        fast.program(x)  # it has one


@pytest.mark.parametrize("engine", ENGINES)
def test_a_write_at_a_recorded_number_out_of_bounds_raises(engine):
    def f(x):
        y = x * 2.0
        y[np.searchsorted(np.array([1.0, 2.0]), x[0])] = 7.0
        return y

    fast = dr.compile(f, engine=engine)
    for first in (0.5, 1.5):
        x = np.array([first, 4.0])
        np.testing.assert_array_equal(f(x), fast(x))
    with pytest.raises(IndexError):
        fast(np.array([2.5, 4.0]))


def read(y, k):
    return y[k] * y[:, k].sum() + y[k, 1:] @ y[k].T[:2]


def scaled_and_added_to(y, k):
    y[k] *= y[0]
    y[:, k] += y[:, 2]
    row = y[k]
    row -= y[1]
    y[k, 0] = 7.0
    return y


def pushed(f):
    return dr.jacobian(f, mode="forward")


def gradient(f):
    return dr.grad(lambda x: np.sum(np.sin(f(x))))


@pytest.mark.parametrize(
    ("of", "transform"),
    [
        *((read, transform) for transform in (lambda f: f, gradient, dr.jacobian, pushed)),
        *((scaled_and_added_to, transform) for transform in (lambda f: f, gradient)),
    ],
)
def test_another_place_needs_no_other_program(of, transform):
    runs = queue.SimpleQueue()  # not looked into

    def f(x):
        runs.put(1)
        return of(np.exp(x), np.argmax(x[:, 0]))

    derivative = transform(f)
    fast = dr.compile(derivative)
    for x in (X, Y):
        np.testing.assert_allclose(derivative(x), fast(x), rtol=1e-13)
    assert runs.qsize() == 3


@pytest.mark.parametrize("engine", ENGINES)
def test_a_column_of_a_large_array_lies_where_it_was(engine):
    """A copy with its gaps would be as large as the array."""
    y = np.arange(400.0 * 300).reshape(400, 300)
    fast = dr.compile(lambda x, y: np.sum(y[:, np.argmax(x)]) * x, engine=engine)
    for x in (X[0], Y[0], X[0]):
        np.testing.assert_allclose(fast.f(x, y), fast(x, y), rtol=1e-13)
    assert "guard" in str(fast.program(X[0], y)).partition("\n")[2]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_tangent_that_is_plain_is_written_at_a_recorded_place(engine):
    def f(x):
        y = np.outer(x, Y[0])
        row = y[np.argmax(x) - 1]
        row[...] = np.sin(y[0])
        return np.sum(y**2)

    product = dr.hvp(f)
    fast = dr.compile(lambda x: product(x, Y[1]), engine=engine)
    for x in (X[0], Y[0], X[1]):
        np.testing.assert_allclose(product(x, Y[1]), fast(x), rtol=1e-12)
