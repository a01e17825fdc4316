"""What bridges ask of arrays; these tests need none of the libraries."""

import numpy as np

from dualrev.bridges.arguments import is_same


def test_arrays_are_the_same_if_they_are_equal_to_the_bit():
    x = np.array([0.0, np.nan, 1.0])
    assert is_same(x, x[:])
    assert is_same(x, x.copy())
    assert not is_same(x, np.array([-0.0, np.nan, 1.0]))
    assert not is_same(x, x.astype(np.float32))
    assert not is_same(x, x[::-1])
    assert is_same(x[:1], x[:1:2])
    assert not is_same(np.broadcast_to(x, (2, 3))[:, :2], np.ones((2, 3))[:, :2])


def test_numbers_are_not_told_by_the_memory_that_they_show():
    assert all(not is_same(np.float64(k), np.float64(k + 1)) for k in range(1000))
    assert is_same(np.float64(1.5), np.float64(1.5))
