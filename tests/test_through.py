"""The pair of a function that is computed inside a rule."""

import numpy as np
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev.through import pulled_through, pushed_through

A, B = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([1.0 + 2.0j, 3.0])


def product(a, b, scale):
    return scale * (a @ b)


def test_a_push_takes_constant_arguments_as_they_are():
    t = np.array([1.0, 0.0])
    assert_allclose(3 * A @ t, pushed_through(product, (A, B.real, 3.0), (None, t, None)))


def test_a_pull_answers_plain_transposes_of_the_wanted_arguments():
    ct = np.array([1.0j, 2.0])
    of_a, of_b, of_scale = pulled_through(product, (A, B, 3.0), ct, (False, True, False))
    assert of_a is of_scale is None
    assert_allclose(3 * A.T @ ct, of_b)


def test_several_answers_take_a_tuple_of_cotangents():
    (of_x,) = pulled_through(
        lambda x: (2 * x, x**2), (np.float64(3.0),), (np.float64(1.0), np.float64(10.0)), (True,)
    )
    assert_allclose(2 + 60, of_x)


def test_derivatives_of_every_order_pass_through():
    def slope(x):
        return pulled_through(lambda x, n: x**n, (x, 4), np.float64(1.0), (True, False))[0]

    assert_allclose(12 * 2.0**2, dr.grad(slope)(2.0))
    assert_allclose(24 * 2.0, dr.derivative(dr.grad(slope))(2.0))
