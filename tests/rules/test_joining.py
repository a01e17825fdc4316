"""What the laws cannot say of rules/joining.py."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import dualrev as dr


def test_zero_copies_give_a_zero_cotangent():
    for f in (lambda x: np.tile(x, 0), lambda x: np.repeat(x, 0), lambda x: np.tile(x, (2, 0))):
        ans, pullback = dr.vjp(f, np.ones(3))
        np.testing.assert_array_equal(np.zeros(3), pullback(np.ones(ans.shape))[0])


def test_a_way_to_pad_that_numpy_does_not_know_is_refused_as_by_numpy():
    for x in (np.ones(3), np.ones((2, 2))):
        for pad in (np.pad, dr.grad(lambda *args, **options: np.sum(np.pad(*args, **options)))):
            with pytest.raises(ValueError, match="mode 'nearest' is not supported"):
                pad(x, 1, mode="nearest")
            with pytest.raises(ValueError, match="unsupported keyword arguments"):
                pad(x, 1, mode="edge", stat_length=2)


def test_pad_takes_a_dictionary_of_axes_and_traced_constant_values():
    x = np.arange(6.0).reshape(2, 3)
    f = lambda x: np.pad(x, {-1: (1, 2)}, constant_values=x[0, 1])  # noqa: E731
    try:
        expected = f(x)
    except TypeError:
        pytest.skip("this NumPy takes no dictionary")
    ans, pullback = dr.vjp(f, x)
    np.testing.assert_array_equal(expected, ans)
    np.testing.assert_array_equal([[1, 7, 1], [1, 1, 1]], pullback(np.ones(ans.shape))[0])


@pytest.mark.parametrize("x", [[0.0, 1, 0, 2, 0, 0], [0.0, 0.0], [1.0, 2.0]])
@pytest.mark.parametrize("trim", ["fb", "f", "b"])
def test_trim_zeros_is_numpy_s(x, trim):
    x = np.array(x)
    ans, pullback = dr.vjp(lambda x: np.trim_zeros(x, trim), x)
    np.testing.assert_array_equal(np.trim_zeros(x, trim), ans)
    kept = np.sum(pullback(np.ones(ans.shape))[0])
    assert kept == ans.size


def test_a_number_is_repeated_along_an_axis_that_it_has_not():
    assert_array_equal(2.0, dr.grad(lambda x: np.sum(np.repeat(x, 2, axis=-1)))(3.0))


@pytest.mark.parametrize("mode", ["constant", "linear_ramp"])
@pytest.mark.parametrize(
    "values", [lambda c: (c, 2 * c), lambda c: ((c, 2.0), (1.0, c)), lambda c: c]
)
def test_the_values_around_a_padded_array_have_derivatives(mode, values):
    """The sum is linear in c, which is in the array and around it."""
    option = "constant_values" if mode == "constant" else "end_values"
    f = lambda c: np.sum(np.pad(c * np.ones((2, 3)), 2, mode, **{option: values(c)}))  # noqa: E731
    slope = f(3.0) - f(2.0)
    for found in (dr.grad(f)(2.5), dr.derivative(f)(2.5)):
        np.testing.assert_allclose(slope, found, rtol=1e-12)
