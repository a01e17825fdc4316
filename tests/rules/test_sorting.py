"""Corners of rules/sorting.py that the laws cannot hold."""

import numpy as np
import pytest

import dualrev as dr


def test_equal_elements_each_keep_a_derivative_of_their_own():
    x = np.array([2.0, 1.0, 2.0, 1.0])
    for mode in ("forward", "reverse"):
        jacobian = dr.jacobian(np.sort, mode=mode)(x)
        np.testing.assert_array_equal(np.ones(4), jacobian.sum(axis=0), err_msg=mode)
        np.testing.assert_array_equal(np.sort(x), jacobian @ x, err_msg=mode)


def test_nan_is_sorted_last_and_takes_its_tangent_along():
    ans, tangent = dr.jvp(np.sort, (np.array([3.0, np.nan, 1.0]),), (np.array([1.0, 2.0, 3.0]),))
    np.testing.assert_array_equal([1.0, 3.0, np.nan], ans)
    np.testing.assert_array_equal([3.0, 1.0, 2.0], tangent)


@pytest.mark.parametrize("n", [50, 1000])
def test_a_partition_takes_the_tangents_of_its_elements_along(n):
    x = np.random.default_rng(1).standard_normal(n)
    ans, tangent = dr.jvp(lambda x: np.partition(x, (n // 3, n // 2)), (x,), (2 * x,))
    np.testing.assert_array_equal(2 * ans, tangent)


def test_of_equal_elements_the_first_stands_for_the_unique_value():
    x = np.array([2.0, 1.0, 2.0])
    np.testing.assert_array_equal([[0, 1, 0], [1, 0, 0]], dr.jacobian(np.unique)(x))


def test_unique_answers_indices_and_counts_as_plain_arrays():
    def f(x):
        values, index, inverse, counts = np.unique(x, True, True, True)
        assert type(index) is type(inverse) is type(counts) is np.ndarray
        return np.sum(values * counts)

    np.testing.assert_array_equal([2.0, 1.0, 0.0], dr.grad(f)(np.array([2.0, 1.0, 2.0])))
