"""check_derivatives agrees with right rules and names what is wrong with others."""

import numpy as np
import pytest

import dualrev as dr
from dualrev.testing import check_derivatives

X = np.array([0.3, -0.7, 1.1])
slightly_wrong = dr.elementwise(lambda x: np.sin(x), lambda ans, x: np.cos(x) * (1 + 1e-3))
# Right to first order; as written its partial has no derivative.
right_once = dr.elementwise(lambda x: np.sin(x), lambda ans, x: np.cos(dr.stop_gradient(x)))
disagreeing = dr.rule(
    lambda x: np.sin(x),
    jvp=lambda ts, ans, x: ts[0] * np.cos(x),
    vjp=lambda ct, wanted, ans, x: (2 * ct * np.cos(x),),
)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: np.sum(np.exp(x) * x), X),
        (lambda x: np.outer(x, np.sin(x)), X),
        (lambda p: {"y": p["a"] * p["b"], "z": (p["a"] ** 2,)}, {"a": X, "b": 2.0}),
        (lambda z: np.exp(z) * z.conj(), X + 1j),
        (np.sin, 0.5),
        (np.tanh, X.astype(np.longdouble)),
    ],
)
def test_right_derivatives_pass(f, x):
    assert check_derivatives(f, x) < 1e-5


def test_wrong_first_derivative_is_named_with_its_element():
    with pytest.raises(
        AssertionError, match=r"order 1, forward mode(.|\n)*worst at x\['b'\]\[\d\]"
    ):
        check_derivatives(lambda p: p["a"] * slightly_wrong(p["b"]), {"a": 2.0, "b": X})


def test_wrong_second_derivative_is_named():
    with pytest.raises(AssertionError, match="order 2, forward over forward mode"):
        check_derivatives(lambda x: right_once(x) ** 2, X)
    assert check_derivatives(lambda x: right_once(x) ** 2, X, order=1) < 1e-5


def test_mode_that_is_wrong_is_named():
    with pytest.raises(AssertionError, match="order 1, reverse mode"):
        check_derivatives(disagreeing, X, order=1)
    assert check_derivatives(disagreeing, X, order=1, modes=("forward",)) < 1e-5


@pytest.mark.parametrize("wrong", [{"order": 3}, {"modes": ()}, {"modes": ("sideways",)}])
def test_wrong_options_are_refused(wrong):
    with pytest.raises(dr.ArgumentError):
        check_derivatives(np.sin, X, **wrong)


@pytest.mark.parametrize("size", [1e-30, 1e-9, 1e-7, 1.0, 1e30])
def test_the_size_of_a_function_makes_no_difference(size):
    assert check_derivatives(lambda x: size * np.sin(x), X) < 1e-8
    with pytest.raises(AssertionError, match="disagrees"):
        check_derivatives(lambda x: size * slightly_wrong(x), X, order=1)


def test_a_small_slope_beside_a_large_value_is_checked():
    with pytest.raises(AssertionError, match="disagrees"):
        check_derivatives(lambda x: 1 + 1e-7 * slightly_wrong(x), X, order=1)
    assert check_derivatives(lambda x: 1 + 1e-7 * np.sin(x), X) < 1e-6


@pytest.mark.parametrize(
    "f", [lambda x: 3 * x, lambda x: x**2 - 2 * X * x, lambda x: np.sum(np.cos(x - X)), np.sign]
)
def test_derivatives_that_are_zero_pass(f):
    assert check_derivatives(f, X) < 1e-6


def test_where_differences_say_nothing_it_raises():
    rng = np.random.default_rng(0)
    for f, x in [
        (lambda x: np.sum(np.maximum(x, 0)), np.zeros(3)),
        (lambda x: np.sum(np.floor(x)), np.zeros(3)),
        (lambda x: np.sum(np.sin(x)) + 1e-2 * rng.standard_normal(), X),
    ]:
        with pytest.raises(AssertionError, match="cannot be checked"):
            check_derivatives(f, x)


@pytest.mark.parametrize("order", [0, 3, True, 1.0, np.float32(2)])
def test_order_is_a_whole_number_of_two(order):
    with pytest.raises(dr.ArgumentError, match="order is"):
        check_derivatives(np.sin, X, order=order)
