"""Corners of rules/running.py and rules/recurrences.py that the laws cannot hold."""

import numpy as np
import pytest

import dualrev as dr
from dualrev.rules.recurrences import recurrence


def stepped(factors, terms):
    """The recurrence, one step after the other."""
    y = np.zeros(terms.shape)
    for k in range(terms.shape[-1]):
        y[..., k] = terms[..., k] + (factors[..., k] * y[..., k - 1] if k else 0)
    return y


@pytest.mark.parametrize("n", [0, 1, 2, 64, 65, 100, 101, 1000])
def test_two_levels_are_as_exact_as_one_step_after_the_other(n, rng):
    factors, terms = rng.uniform(-1, 1, (2, n)), rng.standard_normal((2, n))
    np.testing.assert_allclose(
        stepped(factors, terms), recurrence(factors, terms), rtol=1e-10, atol=1e-13
    )


def test_factors_whose_product_overflows_do_not_matter_where_nothing_is_carried():
    factors, terms = np.full(400, 1e200), np.zeros(400)
    terms[-1] = 1.0
    np.testing.assert_array_equal(terms, recurrence(factors, terms))


@pytest.mark.skipif(not hasattr(np, "cumulative_sum"), reason="from NumPy 2.1")
def test_a_running_sum_of_two_dimensions_needs_an_axis():
    with pytest.raises(ValueError, match="axis"):
        dr.grad(lambda x: np.sum(np.cumulative_sum(x)))(np.ones((2, 2)))


def test_an_unwrapped_phase_moves_with_the_phase():
    p = np.array([0.0, 3.0, -3.0, 0.5])
    np.testing.assert_array_equal(np.eye(4), dr.jacobian(np.unwrap)(p))
    with pytest.raises(NotImplementedError, match="period"):
        dr.grad(lambda period: np.sum(np.unwrap(period * p, period=period)))(6.0)
