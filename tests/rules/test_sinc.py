"""Corners of rules/sinc.py that the laws do not reach."""

import numpy as np

import dualrev as dr


def test_sinc_is_smooth_at_zero():
    """The Taylor series of sin(pi x) / (pi x) is 1 - (pi x)^2 / 6 + (pi x)^4 / 120 - ..."""
    d = dr.derivative
    assert d(np.sinc)(0.0) == 0
    np.testing.assert_allclose(-(np.pi**2) / 3, d(d(np.sinc))(0.0), rtol=1e-14)
    np.testing.assert_allclose(-(np.pi**2) / 3 * 1e-8, d(np.sinc)(1e-8), rtol=1e-14)
    np.testing.assert_allclose(np.pi**4 / 5, d(d(d(d(np.sinc))))(0.0), rtol=1e-14)
