"""Corners of rules/windows.py and rules/memory.py that the laws cannot hold."""

import numpy as np
import pytest

import dualrev as dr

view = np.lib.stride_tricks.sliding_window_view
X = np.array([1.0, 2.0, 3.0, 4.0])


def test_each_element_counts_once_for_every_window_it_is_in():
    np.testing.assert_array_equal([1, 2, 2, 1], dr.grad(lambda x: np.sum(view(x, 2)))(X))


def test_windows_that_do_not_fit_raise_as_in_numpy():
    with pytest.raises(ValueError, match="larger than input"):
        dr.grad(lambda x: np.sum(view(x, 5)))(X)


def test_windows_that_would_be_written_raise():
    with pytest.raises(NotImplementedError, match="writeable"):
        dr.grad(lambda x: np.sum(view(x, 2, writeable=True)))(X)

    def write(x):
        windows = view(x * 2, 2)
        windows[0] = 1.0
        return np.sum(windows)

    with pytest.raises((ValueError, TypeError), match="read-only|view"):
        dr.grad(write)(X)


def test_parts_of_complex_numbers_are_viewed_but_not_written():
    gradient = dr.grad(lambda x: np.sum(x.view(complex).imag ** 2))(X)
    np.testing.assert_array_equal([0, 4, 0, 8], gradient)

    def write(x):
        parts = (x * 1j).view(float)
        parts[0] = 1.0
        return np.sum(parts)

    with pytest.raises((ValueError, TypeError), match="read-only|view"):
        dr.grad(write)(X)


def test_a_view_of_other_numbers_raises():
    with pytest.raises(NotImplementedError, match="other numbers"):
        dr.grad(lambda x: np.sum(x.view(np.float32)))(X)
    with pytest.raises(NotImplementedError, match="memory"):
        dr.grad(lambda x: np.sum(np.frombuffer(x.tobytes())))(X)


def test_the_only_device_is_the_cpu():
    with pytest.raises(ValueError, match="Unsupported device"):
        dr.grad(lambda x: np.sum(x.to_device("gpu")))(X)
