"""Corners of rules/calculus.py that the laws cannot hold."""

import numpy as np
import pytest

import dualrev as dr

XP = np.array([0.0, 1.0, 3.0])
FP = np.array([1.0, 3.0, 2.0])


@pytest.mark.parametrize(("x", "expected"), [(-1.0, 0.0), (0.0, 2.0), (1.0, -0.5), (4.0, 0.0)])
def test_interp_has_the_slope_to_the_right_of_a_node_and_none_outside(x, expected):
    assert expected == dr.derivative(lambda x: np.interp(x, XP, FP))(x)


def test_interp_at_the_last_node_is_that_node_with_the_slope_to_its_left():
    value, slope = dr.jvp(lambda x: np.interp(x, XP, FP), (3.0,), (1.0,))
    assert (value, slope) == (2.0, -0.5)


def test_interp_between_equal_nodes_has_no_nan():
    xp = np.array([0.0, 1.0, 1.0, 2.0])
    gradient = dr.grad(lambda x: np.sum(np.interp(x, xp, np.arange(4.0))))(np.array([0.5, 1.5]))
    np.testing.assert_array_equal([1.0, 1.0], gradient)


def test_gradient_on_even_traced_coordinates_has_a_derivative_in_each():
    f = np.array([1.0, 2.0, 4.0, 8.0])
    jacobian = dr.jacobian(lambda x: np.gradient(f, x))(np.arange(4.0))
    shifted = (np.gradient(f, [0.0, 1.0 + 1e-6, 2.0, 3.0]) - np.gradient(f)) / 1e-6
    np.testing.assert_allclose(shifted, jacobian[:, 1], atol=1e-5)


def test_more_differences_than_elements_leave_nothing():
    ans, pullback = dr.vjp(lambda x: np.diff(x, n=5), np.ones(3))
    assert ans.shape == (0,)
    np.testing.assert_array_equal(np.zeros(3), pullback(ans)[0])


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda x: np.gradient(x, 1.0, 2.0), "number of arguments"),
        (lambda x: np.gradient(x, np.ones(5)), "must match"),
        (lambda x: np.gradient(x, edge_order=3), "not supported"),
        (lambda x: np.gradient(x[:1]), "too small"),
    ],
)
def test_gradient_refuses_what_numpy_refuses(call, match):
    with pytest.raises((TypeError, ValueError), match=match):
        dr.jacobian(call)(np.ones(3))


def test_interp_at_the_last_of_equal_nodes_is_that_node():
    xp, fp = np.array([0.0, 1.0, 2.0, 2.0]), np.array([8.0, 9.0, 10.0, 11.0])
    value, slope = dr.jvp(lambda fp: np.interp(2.0, xp, fp), (fp,), (np.eye(4)[3],))
    assert (np.interp(2.0, xp, fp), 1.0) == (value, slope)
