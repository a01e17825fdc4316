"""Corners of rules/reductions.py that the laws cannot hold: ties, zeros, empty arrays."""

import itertools

import numpy as np
import pytest

import dualrev as dr
from tests.nestings import MODES, second_derivatives


def both_modes(f, x):
    """The gradient of f by reverse mode, and the same by forward mode."""
    return dr.grad(f)(x), dr.jacobian(f, mode="forward")(x)


def assert_gradient(expected, f, x):
    for gradient in both_modes(f, np.array(x)):
        np.testing.assert_array_equal(expected, gradient)


@pytest.mark.parametrize(
    ("extremum", "sign"), [(np.max, 1), (np.amax, 1), (np.nanmax, 1), (np.min, -1), (np.nanmin, -1)]
)
def test_equal_extrema_share_equally(extremum, sign):
    assert_gradient(
        [0.5 * sign, 0, 0.5 * sign], lambda x: sign * extremum(sign * x) * sign, [2.0, 1.0, 2.0]
    )


def test_equal_maxima_share_equally_in_each_row():
    expected = [[0.5, 0.5], [0.0, 1.0]]
    x = np.array([[1.0, 1.0], [0.0, 3.0]])
    np.testing.assert_array_equal(expected, dr.grad(lambda x: np.sum(np.max(x, axis=1)))(x))


def test_an_initial_value_above_all_elements_takes_the_derivative():
    assert_gradient([0.0, 0.0], lambda x: np.max(x, initial=5.0), [1.0, 2.0])


def test_an_initial_value_that_ties_takes_its_share():
    assert_gradient([0.0, 0.5], lambda x: np.max(x, initial=2.0), [1.0, 2.0])


def test_an_infinite_slope_away_from_the_maximum_leaves_no_nan():
    assert_gradient([0.0, 0.25], lambda x: np.max(np.sqrt(x)), [0.0, 4.0])


def test_a_running_maximum_takes_the_latest_of_equals():
    def last(x):
        return np.maximum.accumulate(x)[-1]

    assert_gradient([0.0, 0.0, 1.0, 0.0], last, [3.0, 1.0, 3.0, 2.0])


def test_a_running_maximum_past_a_nan_stays_nan():
    x = np.array([1.0, np.nan, 2.0])
    ans, tangent = dr.jvp(np.maximum.accumulate, (x,), (np.array([1.0, 2.0, 3.0]),))
    np.testing.assert_array_equal([1.0, np.nan, np.nan], ans)
    np.testing.assert_array_equal([1.0, 2.0, 2.0], tangent)


@pytest.mark.parametrize(
    ("expected", "x"),
    [
        ([12.0, 0.0, 0.0], [0.0, 3.0, 4.0]),
        ([0.0, 0.0, 0.0], [0.0, 3.0, 0.0]),
        ([4.0, 3.0], [3.0, 4.0]),
    ],
)
def test_a_product_with_zeros_has_the_product_of_the_others(expected, x):
    assert_gradient(expected, np.prod, x)


def test_the_second_derivative_of_a_product_with_two_zeros_is_the_third_factor():
    expected = [[0.0, 0.0, 5.0], [0.0, 0.0, 0.0], [5.0, 0.0, 0.0]]
    np.testing.assert_array_equal(expected, dr.hessian(np.prod)(np.array([0.0, 5.0, 0.0])))


def test_the_third_derivative_of_a_product_of_three_zeros_is_one():
    x = np.zeros(3)
    third = dr.jacobian(dr.hessian(np.prod))(x)
    assert third[0, 1, 2] == third[2, 1, 0] == 1.0
    assert np.count_nonzero(third) == 6


PRODUCTS = {
    "prod": np.prod,
    "prod along an axis": lambda x: np.prod(x[:, None], axis=0, keepdims=True)[0, 0],
    "prod with where": lambda x: np.prod(np.append(x, x), where=[True] * 3 + [False] * 3),
    "prod with initial": lambda x: np.prod(x, initial=0.5) * 2,
    "nanprod": np.nanprod,
    "cumprod": lambda x: np.cumprod(x)[2],
    "nancumprod": lambda x: np.nancumprod(x)[2],
    "multiply.reduce": np.multiply.reduce,
    "multiply.accumulate": lambda x: np.multiply.accumulate(x)[2],
    "multiply.reduceat": lambda x: np.sum(np.multiply.reduceat(np.append(x, 7 + 0 * x), [0, 3])),
}


@pytest.mark.one_in(3)
@pytest.mark.parametrize("small", [1e-6, -1e-12, 1e-100, 1e-300, 0.0])
@pytest.mark.parametrize("name", PRODUCTS)
def test_a_tiny_factor_costs_a_product_no_digits_at_second_order(name, small):
    f = PRODUCTS[name]
    for x in ([small, 0.5, 0.75], [0.7, small, small], [0.7, -small, small**2]):
        a, b, c = x
        expected = [[0, c, b], [c, 0, a], [b, a, 0]]
        for nesting, hessian in second_derivatives(f, np.array(x)):
            np.testing.assert_allclose(expected, hessian, rtol=1e-14, err_msg=nesting)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("small", [1e-300, 0.0])
@pytest.mark.parametrize("name", PRODUCTS)
def test_a_tiny_factor_costs_a_product_no_digits_at_third_order(name, small):
    third = np.zeros((3, 3, 3))
    for places in itertools.permutations(range(3)):
        third[places] = 1
    for modes in itertools.product(MODES, repeat=3):
        derivative = PRODUCTS[name]
        for mode in modes:
            derivative = dr.jacobian(derivative, mode=mode)
        found = derivative(np.array([0.7, small, small]))
        np.testing.assert_allclose(third, found, rtol=1e-14, err_msg=modes)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("expected", "x"),
    [
        ([1e-160, 1e-160, 0.0], [1e-160, 1e-160, 1.0]),
        ([1e200, 1e200, np.inf], [1e200, 1e200, 1.0]),
        ([6.0, np.inf, np.inf], [np.inf, 2.0, 3.0]),
        ([6.0, np.nan, np.nan], [np.nan, 2.0, 3.0]),
    ],
)
def test_a_product_that_is_no_normal_number_has_the_products_of_the_others(expected, x):
    for gradient in both_modes(np.prod, np.array(x)):
        np.testing.assert_allclose(expected, gradient, rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize("x", [[0.0, 2.0, 3.0], [2.0, 0.0, 3.0], [0.0, 2.0, 0.0]])
def test_a_running_product_with_zeros_has_the_right_jacobian(x):
    a, b, c = x
    expected = [[1.0, 0.0, 0.0], [b, a, 0.0], [b * c, a * c, a * b]]
    for mode in ("forward", "reverse"):
        np.testing.assert_array_equal(
            expected, dr.jacobian(np.cumprod, mode=mode)(np.array(x)), err_msg=mode
        )


@pytest.mark.parametrize("function", [np.sum, np.prod, np.cumsum, np.cumprod])
def test_an_empty_array_has_an_empty_derivative(function):
    x = np.zeros(0)
    _, pullback = dr.vjp(function, x)
    (ct,) = pullback(np.ones_like(function(x)))
    assert ct.shape == (0,)


def test_nan_elements_get_no_derivative():
    x = [1.0, np.nan, 3.0]
    assert_gradient([1.0, 0.0, 1.0], np.nansum, x)
    assert_gradient([3.0, 0.0, 1.0], np.nanprod, x)
    assert_gradient([0.0, 0.0, 1.0], np.nanmax, x)


def test_logaddexp_of_minus_infinity_leaves_the_others_alone():
    assert_gradient([0.0, 1.0], np.logaddexp.reduce, [-np.inf, 2.0])


def test_logaddexp_of_large_numbers_does_not_overflow():
    for gradient in both_modes(np.logaddexp.reduce, np.array([1e4, 1e4])):
        np.testing.assert_allclose([0.5, 0.5], gradient, rtol=1e-10)


@pytest.mark.parametrize("name", ["sum", "prod", "max", "min", "cumsum", "cumprod"])
def test_methods_equal_functions(name):
    x = np.array([[0.3, -1.2], [0.8, 2.1]])
    expected = dr.jacobian(lambda x: getattr(np, name)(x, axis=1))(x)
    np.testing.assert_array_equal(expected, dr.jacobian(lambda x: getattr(x, name)(axis=1))(x))
    np.testing.assert_array_equal(expected, dr.jacobian(lambda x: getattr(x, name)(1))(x))


def test_an_empty_product_is_a_constant_in_second_derivatives_too():
    square = dr.grad(lambda x: x * np.prod((x * np.ones(2))[:0]) * x)
    np.testing.assert_allclose(2.0, dr.derivative(square)(3.0))


@pytest.mark.filterwarnings("ignore:Casting complex")
@pytest.mark.parametrize("product", [np.prod, np.cumprod, np.nanprod, np.multiply.accumulate])
def test_products_of_real_parts_have_the_derivatives_of_real_numbers(product):
    """A real dtype= drops the imaginary parts before they are multiplied."""
    z = np.array([1.5 + 0.3j, -0.7 + 1j, 2 - 0.4j, 0.3 + 0.2j])
    t = np.array([1 + 1j, 0.5, -1j, 2])
    f = lambda z: product(z, dtype=float)  # noqa: E731
    expected = dr.jvp(product, (z.real,), (t.real,))[1]
    np.testing.assert_allclose(expected, dr.jvp(f, (z,), (t,))[1], rtol=1e-14)
    ct = np.ones(expected.shape)
    np.testing.assert_allclose(
        dr.vjp(product, z.real)[1](ct)[0], dr.vjp(f, z)[1](ct)[0], rtol=1e-14
    )
