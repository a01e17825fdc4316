"""Corners of rules/creation.py that the laws cannot hold."""

import numpy as np
import pytest

import dualrev as dr


def test_no_numbers_and_one_number():
    np.testing.assert_array_equal(0.0, dr.grad(lambda a: np.sum(np.linspace(a, 3, 0)))(1.0))
    np.testing.assert_array_equal(1.0, dr.grad(lambda a: np.sum(np.linspace(a, 3, 1)))(1.0))
    np.testing.assert_array_equal(0.0, dr.grad(lambda b: np.sum(np.linspace(1, b, 1)))(3.0))
    np.testing.assert_array_equal(0.0, dr.grad(lambda a: np.sum(np.geomspace(a, 3, 0)))(1.0))


def test_whole_numbers_carry_no_derivative():
    slope = dr.grad(lambda b: np.sum(np.linspace(0, b, 4, dtype=int)) + b)(7.5)
    np.testing.assert_array_equal(1.0, slope)


def test_the_step_of_no_interval_is_nan():
    assert np.isnan(
        dr.jvp(lambda a: np.linspace(a, 3, 1, retstep=True)[1] + 0 * a, (1.0,), (1.0,))[0]
    )


def test_a_geometric_sequence_cannot_include_zero():
    with pytest.raises(ValueError, match="cannot include zero"):
        dr.grad(lambda a: np.sum(np.geomspace(a, 3, 4)))(0.0)


def test_the_ends_of_a_geometric_sequence_are_exact():
    def ends(x):
        return np.geomspace(x[0], x[1], 7)[[0, -1]]

    np.testing.assert_array_equal(np.eye(2), dr.jacobian(ends)(np.array([0.1, 0.7])))


@pytest.mark.parametrize(
    "make",
    [
        np.array,
        np.asarray,
        np.asanyarray,
        np.asarray_chkfinite,
        np.ascontiguousarray,
        np.asfortranarray,
        lambda x: np.require(x, requirements="C"),
        lambda x: np.array(x, ndmin=2),
        lambda x: np.full(3, x),
    ],
)
def test_what_makes_an_array_of_an_array_keeps_derivatives(make):
    gradient = dr.grad(lambda x: np.sum(make(x) ** 2))(np.array([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal([2.0, 4.0, 6.0], gradient)


@pytest.mark.parametrize(
    "make",
    [
        lambda x: np.arange(x[0]),
        lambda x: np.arange(0, 3, x[1]),
        lambda x: np.fromiter((v * v for v in x), float),
        lambda x: np.asarray(x, float),
        lambda x: np.require(x, float),
    ],
)
def test_what_would_make_plain_numbers_raises(make):
    with pytest.raises(TypeError, match="derivative"):
        dr.grad(lambda x: np.sum(make(x)))(np.array([3.0, 1.0]))
