"""Corners of rules/functional.py that the laws cannot hold."""

import numpy as np
import pytest

import dualrev as dr

X = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])


def test_a_function_may_capture_a_traced_number():
    """Also where the array that it is applied to is plain, or traced by an outer transform."""

    def f(w):
        rows = np.apply_along_axis(lambda row: np.sum(w * row), 1, X)
        parts = np.piecewise(w, [w < 0, w >= 0], [lambda t: t * t, lambda t: w[0] * t])
        return np.sum(rows * rows) + np.sum(parts)

    w = np.array([1.0, 2.0, -1.0])
    rows = X @ w
    expected = 2 * rows @ X + [2 * w[0] + w[1], w[0], 2 * w[2]]
    np.testing.assert_allclose(expected, dr.grad(f)(w))
    mixed = dr.derivative(
        lambda w: dr.grad(lambda x: np.sum(np.piecewise(x, [x > 0], [lambda t: w * t * t, 1.0])))(
            X[0]
        )
    )
    np.testing.assert_allclose([2.0, 0.0, 6.0], mixed(3.0))


def test_no_rows_raise_as_in_numpy():
    with pytest.raises(ValueError, match="iteration dimensions are 0"):
        dr.jacobian(lambda x: np.apply_along_axis(np.sum, 1, x))(np.zeros((0, 3)))


def test_conditions_and_functions_must_agree_in_number():
    with pytest.raises(ValueError, match="functions are expected"):
        dr.grad(lambda x: np.sum(np.piecewise(x, [x > 0, x < 0], [1.0])))(X)


def test_a_function_over_axes_must_keep_or_drop_one():
    with pytest.raises(ValueError, match="correct shape"):
        dr.grad(lambda x: np.sum(np.apply_over_axes(lambda a, axis: a[0, 0], x, [0])))(X)


def test_a_vectorized_function_is_called_on_traced_numbers():
    @np.vectorize
    def branch(a, b):
        return a * b if a > 0 else -a

    expected = np.where(X > 0, 3.0, -1.0)
    np.testing.assert_array_equal(expected, dr.grad(lambda x: np.sum(branch(x, 3.0)))(X))
    np.testing.assert_array_equal(
        expected, dr.jacobian(lambda x: np.sum(branch(x, 3.0)), mode="forward")(X)
    )


def test_a_vectorized_function_of_declared_type_raises():
    with pytest.raises(TypeError, match="derivative"):
        dr.grad(lambda x: np.sum(np.vectorize(np.square, otypes=[float])(x)))(X)
