"""Likelihoods written with scipy.stats, run with dualrev's in its place."""

import numpy as np
import pytest
import scipy.stats
from scipy.optimize._numdiff import approx_derivative

import dualrev as dr
from dualrev.scipy import stats
from tests.scipy.likelihoods import START


@pytest.mark.parametrize("program", START, ids=lambda f: f.__name__)
def test_a_likelihood_runs_with_one_changed_import(program):
    """Value, gradient and Hessian."""
    p = START[program]
    ours = lambda p: program(stats, p)  # noqa: E731
    value, gradient = dr.value_and_grad(ours)(p)
    np.testing.assert_allclose(program(scipy.stats, p), value, rtol=1e-14)
    expected = approx_derivative(lambda p: program(scipy.stats, p), p, method="3-point")
    np.testing.assert_allclose(expected, gradient, rtol=1e-6, atol=1e-6)
    expected = approx_derivative(dr.grad(ours), p, method="3-point")
    np.testing.assert_allclose(expected, dr.hessian(ours)(p), rtol=1e-5, atol=1e-5)
