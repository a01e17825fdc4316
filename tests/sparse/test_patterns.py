"""The pattern of a function contains that of its Jacobian, and equals it where no number chooses."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import dualrev as dr
import dualrev.numpy
import dualrev.scipy.interpolate
from tests.sparse.detected import compare


@pytest.mark.parametrize("n", [7, 300])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.convolve(x, x),
        lambda x: np.correlate(x, x, "full"),
        lambda x: np.kron(x[:6], x[:6]),
        lambda x: np.cross(x[:3] * 1, x[:3] * 1 + x[3]),
    ],
    ids=["convolve", "correlate", "kron", "cross"],
)
def test_array_that_meets_itself_is_not_taken_for_linear(f, n, rng):
    compare(f, (rng.normal(size=n),))


@pytest.mark.parametrize("n", [7, 300])
@pytest.mark.parametrize("kernel", [[1, 1e-15], [1e-15, 1], [1e-250, 1, 1e-30]], ids=str)
def test_entry_that_is_lost_beside_others_is_found(kernel, n, rng):
    """The others are taken away afterwards, and what is left is scaled to 1."""

    def f(x):
        y = np.convolve(x, kernel, "same")
        return (y - x * (np.array(kernel) == 1)[0]) / min(kernel)

    compare(f, (rng.normal(size=n),))


def added(x):
    y = dr.numpy.zeros(4)
    y += x
    return y


def added_to_a_part(x):
    y = dr.numpy.zeros((2, 4))
    part = y[1:, 1:]
    part -= 2 * x[:3]
    y[0] *= x[::-1]
    return y.reshape(-1)


def written_by_out(x):
    y = dr.numpy.ones(4)
    np.multiply(x, 3.0, out=y, where=np.array([True, False, True, False]))
    return y


@pytest.mark.parametrize("f", [added, added_to_a_part, written_by_out])
def test_operators_that_fill_an_array_made_first_are_read(f):
    x = np.array([1.0, 2.0, 3.0, 4.0])
    compare(f, (x,))
    assert_array_equal(dr.jacobian(f)(x), dr.jacobian(f, sparse=True)(x).toarray())


@pytest.mark.parametrize("kind", ["linear", "nearest", "previous", "next"])
def test_objects_of_scipy_are_built_of_numbers_while_a_pattern_is_sought(kind):
    def f(x, y):
        return dr.scipy.interpolate.interp1d(x, y, kind)(np.array([0.3, 1.6]))

    compare(f, (np.array([0.0, 1.1, 2.3, 3.0]), np.array([2.0, -1.0, 0.5, 3.0])))
