"""Corners of rules/domains.py that the laws cannot hold."""

import numpy as np
import pytest
from numpy.lib import scimath

import dualrev as dr


@pytest.mark.parametrize("name", ["sqrt", "log", "log2", "log10"])
def test_one_negative_number_makes_all_complex_as_in_numpy(name):
    function = getattr(scimath, name)
    for x in (np.array([1.0, 4.0]), np.array([-1.0, 4.0]), np.array([-1.0, 4.0], np.float32)):
        value, tangent = dr.jvp(function, (x,), (np.ones_like(x),))
        assert value.dtype == function(x).dtype
        assert tangent.dtype == value.dtype


def test_the_root_of_a_negative_number_has_its_imaginary_slope():
    slope = dr.derivative(lambda x: scimath.sqrt(x).imag)(-4.0)
    np.testing.assert_allclose(-0.25, slope)


@pytest.mark.parametrize("x", [1.5, -1.5])
@pytest.mark.parametrize("name", ["arccos", "arcsin"])
def test_beyond_one_the_slope_is_on_numpy_s_side_of_the_cut(name, x):
    function = getattr(scimath, name)
    h = 1e-5
    expected = (function(x + h) - function(x - h)) / (2 * h)
    np.testing.assert_allclose(expected, dr.jvp(function, (x,), (1.0,))[1], rtol=1e-8)


def test_whole_negative_exponents_are_taken_as_floating_point():
    np.testing.assert_allclose(-2.0, dr.derivative(lambda x: scimath.power(x, -2))(1.0))
    assert scimath.power is np.emath.power
