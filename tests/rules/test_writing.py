import numpy as np
import pytest

import dualrev as dr

X = np.array([1.5, -0.5, 2.0, 0.75])
MASK = np.array([True, False, True, False])


@pytest.mark.parametrize(
    "write",
    [
        lambda y, v: np.copyto(y, v),
        lambda y, v: np.put(y, [0], v),
        lambda y, v: np.place(y, MASK, v),
        lambda y, v: np.putmask(y, MASK, v),
        lambda y, v: np.put_along_axis(y, np.array([0]), v[:1], 0),
        lambda y, v: np.add.at(y, [0, 0], v[0]),
    ],
)
def test_traced_values_are_not_written_into_a_plain_array(write):
    with pytest.raises(dr.InPlaceError, match=r"import dualrev\.numpy as np"):
        dr.grad(lambda x: write(np.zeros(4), x))(X)


def both(write):
    """What NumPy writes, and what is written under a gradient."""
    expected = X.copy()
    write(expected)

    def f(x):
        y = x.copy()
        write(y)
        return y

    ans, _ = dr.vjp(f, X)
    return expected, ans


@pytest.mark.parametrize(
    "write",
    [
        lambda y: np.put(y, [5, -6], [1.0, 2.0], mode="wrap"),
        lambda y: np.put(y, [5, -6], [1.0, 2.0], mode="clip"),
        lambda y: np.put(y, [], []),
        lambda y: np.place(y, MASK, [1.0]),
        lambda y: np.place(y, [False] * 4, []),
        lambda y: np.putmask(y, MASK, [7.0, 8.0, 9.0]),
        lambda y: np.copyto(y, 3, where=MASK),
        lambda y: np.copyto(y, [1, 2, 3, 4]),
        lambda y: np.put_along_axis(y, np.array([1, 1]), np.array([1.0, 2.0]), 0),
        lambda y: np.put_along_axis(y, np.array([1, 2]), 5.0, None),
        lambda y: np.maximum.at(y, [0, 1, 0], [1.0, 2.0, 3.0]),
        lambda y: np.negative.at(y, [0, 1, 0]),
        lambda y: np.power.at(y, [0, 0], 2.0),
        lambda y: np.subtract.at(y, [0, 0, 1], [0.1, 0.2, 0.3]),
        lambda y: np.add.at(y, MASK, [0.1, 0.2]),
        lambda y: np.add.at(y, slice(1, None), 1.0),
        lambda y: y.put([0, 1], 4.0),
    ],
)
def test_functions_that_write_hold_what_numpys_do(write):
    expected, ans = both(write)
    np.testing.assert_array_equal(expected, ans)


@pytest.mark.parametrize(
    ("write", "error"),
    [
        (lambda y: np.put(y, [4], 1.0), IndexError),
        (lambda y: np.place(y, MASK, []), ValueError),
        (lambda y: np.copyto(y, 1j), TypeError),
        (lambda y: np.copyto(y, np.ones(3)), ValueError),
        (lambda y: np.fill_diagonal(y, 1.0), ValueError),
        (lambda y: np.place(y, MASK, y), dr.InPlaceError),
        (lambda y: np.fill_diagonal(y.reshape(2, 2), y[1:]), dr.InPlaceError),
    ],
)
def test_what_cannot_be_written_raises(write, error):
    with pytest.raises(error):
        dr.grad(lambda x: write(x.copy()))(X)


# ------------------------------------------------------------------- into an array without axes

INTO_0D = {
    "put": lambda y, x: np.put(y, 0, x * 3),
    "put of lists": lambda y, x: np.put(y, [0], [x * 3]),
    "y.put": lambda y, x: y.put([0, 0], np.stack([x, x * 3])),
    "place": lambda y, x: np.place(y, np.array(True), x * 3),
    "putmask": lambda y, x: np.putmask(y, True, x * 3),
    "copyto": lambda y, x: np.copyto(y, x * 3),
    "fill": lambda y, x: y.fill(x * 3),
    "flat": lambda y, x: y.flat.__setitem__(0, x * 3),
    "mask": lambda y, x: y.__setitem__(y > 0, x * 3),
    "add.at": lambda y, x: np.add.at(y, (), 3 * x - y),
    "multiply.at": lambda y, x: np.multiply.at(y, ..., 3.0),
}


@pytest.mark.parametrize("write", INTO_0D.values(), ids=INTO_0D)
@pytest.mark.parametrize("inner", ["forward", "reverse"])
@pytest.mark.parametrize("outer", ["forward", "reverse"])
def test_an_array_without_axes_is_written_like_any_other(write, inner, outer):
    def f(x):
        y = x.copy()
        view = y.reshape(1)
        write(y, x)
        return y**2 * view[0]

    x = np.array(2.0)
    assert f(x) == 216
    assert dr.jacobian(f, mode=inner)(x) == 27 * 3 * 4
    assert dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(x) == 27 * 6 * 2


@pytest.mark.parametrize("write", INTO_0D.values(), ids=INTO_0D)
def test_what_would_write_into_a_number_raises(write):
    def f(x):
        write(x[0], x[1])
        return x[0]

    with pytest.raises((TypeError, AttributeError)):
        dr.grad(f)(np.array([2.0, 3.0]))


def test_place_takes_traced_numbers_in_a_list():
    """They share no memory with the array that is written."""

    def f(x):
        y = x.copy()
        np.place(y, np.array([True, False, True]), [x[1] ** 2, 0.5])
        return y

    x = np.array([1.0, 3.0, -2.0])
    np.testing.assert_array_equal([9.0, 3.0, 0.5], f(x))
    np.testing.assert_array_equal([[0, 6, 0], [0, 1, 0], [0, 0, 0]], dr.jacobian(f)(x))
