"""Derivatives of elementwise functions, the same by every way to take them."""

import numpy as np

import dualrev as dr


def slopes(f, x):
    """The derivative of an elementwise f at x, which must be the same in both modes."""
    x = np.asarray(x)
    reverse = dr.grad(lambda x: np.sum(f(x)))(x)
    np.testing.assert_array_equal(dr.jvp(f, (x,), (np.ones_like(x),))[1], reverse)
    return reverse


def curvatures(f, x):
    """The second derivative of an elementwise f at x, the same in all products of both modes."""
    x = np.asarray(x)
    one = np.ones_like(x)

    def forward(x):
        return dr.jvp(f, (x,), (one,))[1]

    def reverse(x):
        return dr.grad(lambda x: np.sum(f(x)))(x)

    second = dr.jvp(reverse, (x,), (one,))[1]
    for other in (
        dr.jvp(forward, (x,), (one,))[1],
        dr.grad(lambda x: np.sum(forward(x)))(x),
        dr.grad(lambda x: np.sum(reverse(x)))(x),
    ):
        np.testing.assert_allclose(other, second, rtol=1e-12, atol=1e-14)
    return second
