"""What the laws cannot hold of rules/einsum.py: numbers, lists, whole numbers."""

import numpy as np

import dualrev as dr


def test_einsum_takes_numbers_and_lists_as_operands():
    x = np.array([1.0, 2.0])
    gradient = dr.grad(lambda x: np.einsum("i,,i", x, 2.0, [3.0, 4.0]))(x)
    np.testing.assert_array_equal([6.0, 8.0], gradient)


def test_einsum_takes_a_list_of_traced_numbers():
    x = np.array([1.0, 2.0])
    gradient = dr.grad(lambda x: np.einsum("i,i", [x[1], x[0]], x))(x)
    np.testing.assert_array_equal([4.0, 2.0], gradient)


def test_einsum_in_whole_numbers_has_derivative_zero():
    whole = {"dtype": int, "casting": "unsafe"}
    value, t = dr.jvp(
        lambda x: np.einsum("i->", x, **whole), (np.array([1.3, 2.6]),), (np.ones(2),)
    )
    assert (value, t) == (3, 0.0)
