"""Corners of rules/signs.py that the laws do not reach: ties, kinks, steps."""

import numpy as np
import pytest

import dualrev as dr
from tests.rules.slopes import slopes


@pytest.mark.parametrize("choice", [np.maximum, np.minimum, np.fmax, np.fmin])
def test_equal_arguments_share_the_derivative_of_the_larger(choice):
    by_x, by_y = dr.grad(choice, argnums=(0, 1))(1.5, 1.5)
    assert (by_x, by_y) == (0.5, 0.5)
    np.testing.assert_array_equal([0.5, 0.5], slopes(lambda x: choice(x, 0.0), np.zeros(2)))


def test_infinite_ties_share_too():
    assert dr.grad(np.maximum)(-np.inf, -np.inf) == 0.5


def test_the_number_beside_a_nan_carries_the_derivative_of_fmax_and_fmin():
    for choice in (np.fmax, np.fmin):
        assert dr.grad(choice, argnums=(0, 1))(1.5, np.nan) == (1, 0)
        assert dr.grad(choice, argnums=(0, 1))(np.nan, 1.5) == (0, 1)


def test_clip_is_the_smaller_of_a_larger():
    """Inside 1, outside 0, at a bound one half; what x loses, the bound gets."""
    x = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    np.testing.assert_array_equal([0, 0.5, 1, 0.5, 0], slopes(lambda x: np.clip(x, -1, 1), x))
    np.testing.assert_array_equal([0, 0.5, 1, 1, 1], slopes(lambda x: np.clip(x, -1, None), x))
    np.testing.assert_array_equal([1, 1, 1, 0.5, 0], slopes(lambda x: x.clip(max=1), x))
    np.testing.assert_array_equal([0, 0.5, 1, 0.5, 0], slopes(lambda x: x.clip(-1, 1), x))
    low, high = dr.grad(lambda a, b: np.sum(np.clip(x, a, b)), argnums=(0, 1))(-1.0, 1.0)
    assert (low, high) == (1.5, 1.5)


def test_the_derivative_of_an_absolute_value_is_zero_at_zero():
    for f in (np.abs, np.fabs, np.absolute, lambda x: np.hypot(x, 0.0), abs):
        assert slopes(f, 0.0) == 0
    assert dr.grad(np.abs)(0j) == 0
    assert dr.grad(np.hypot, argnums=(0, 1))(0.0, 0.0) == (0, 0)


def test_the_gradient_of_a_complex_absolute_value_is_its_direction():
    np.testing.assert_allclose(0.6 + 0.8j, dr.grad(np.abs)(3 + 4j))


@pytest.mark.parametrize(
    "step",
    [np.floor, np.ceil, np.rint, np.trunc, np.round, np.sign, np.isfinite, np.signbit],
)
def test_steps_have_zero_derivative(step):
    """The product rule keeps only the other factor's part."""
    x = np.array([-1.3, 0.7])
    np.testing.assert_array_equal(step(x), slopes(lambda x: step(x) * x, x))


def test_floor_division_and_heaviside_are_steps():
    x = np.array([-1.3, 0.0, 0.7])
    np.testing.assert_array_equal([0, 0, 0], slopes(lambda x: x // 0.5 + 0 * x, x))
    np.testing.assert_array_equal([0, 0, 0], slopes(lambda x: np.heaviside(x, 0.5), x))
    np.testing.assert_array_equal([0, 1, 0], dr.jacobian(lambda h: np.heaviside(x, h))(0.5))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_sign_of_a_complex_0_that_is_not_chosen_has_no_say():
    z = np.array([0j, 3 + 4j])
    f = lambda z: np.sum(np.where(z == 0, 0, np.sign(z).real))  # noqa: E731
    # d Re(z / |z|) = (y^2, -x y) / |z|^3
    expected = [0, (16 - 12j) / 125]
    np.testing.assert_allclose(expected, dr.grad(f)(z))
    np.testing.assert_allclose(16 / 125, dr.jvp(f, (z,), (np.array([0j, 1]),))[1])
