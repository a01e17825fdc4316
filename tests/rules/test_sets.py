"""Corners of rules/sets.py that the laws cannot hold."""

import numpy as np
import pytest

import dualrev as dr

X = np.array([2.0, 0.5, 2.0, 3.0])


@pytest.mark.parametrize("name", ["unique_all", "unique_counts", "unique_inverse"])
def test_results_keep_their_names_and_numpy_s_own_counts(name):
    function = getattr(np, name)
    seen = []

    def f(x):
        seen.append(function(x))
        return np.sum(seen[0].values ** 2)

    np.testing.assert_array_equal([4.0, 1.0, 0.0, 6.0], dr.grad(f)(X))
    expected = function(X)
    assert type(seen[0]) is type(expected)
    for mine, own in zip(seen[0][1:], expected[1:]):
        np.testing.assert_array_equal(own, mine)


def test_a_common_value_is_that_of_the_first_array():
    common = dr.grad(lambda x, y: np.sum(np.intersect1d(x, y)), argnums=(0, 1))(
        X, np.array([3.0, 2.0])
    )
    np.testing.assert_array_equal([1.0, 0.0, 0.0, 1.0], common[0])
    np.testing.assert_array_equal([0.0, 0.0], common[1])


def test_nothing_in_common_is_an_empty_array():
    jacobian = dr.jacobian(lambda x: np.intersect1d(x, [7.0]))(X)
    assert jacobian.shape == (0, 4)
    assert dr.jacobian(lambda x: np.setdiff1d(x, x))(X).shape == (0, 4)
    assert dr.jacobian(lambda x: np.setxor1d(x, x))(X).shape == (0, 4)
