"""Derivatives to third order over the whole axis, to overflow and underflow, against mpmath.

Those of mpmath are differences of its own functions to hundreds of digits: nothing is shared with
the rules.  What is no normal float64 number is not asked for.  ``tests/thorough`` has more points.
"""

import numpy as np
import pytest

import dualrev as dr
from tests.tails import ROWS, disagreements

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_three_derivatives_hold_in_the_tails_and_near_zero(row):
    assert disagreements(row, row.points(sparse=True)) == []


@pytest.mark.parametrize("inner", ["forward", "reverse"])
@pytest.mark.parametrize("outer", ["forward", "reverse"])
def test_the_log_of_a_tiny_likelihood_has_its_curvature(inner, outer):
    """log(exp(-400 x^2)): the slope of log is 1e174, and its own is none that a float64 holds."""

    def f(x):
        return np.log(np.exp(-400 * x * x))

    second = dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(1.0)
    np.testing.assert_allclose(-800, second, rtol=1e-12)
    np.testing.assert_allclose(-800, dr.hessian(f)(1.0), rtol=1e-12)
    np.testing.assert_allclose(-800, dr.hvp(f)(1.0, 1.0), rtol=1e-12)
