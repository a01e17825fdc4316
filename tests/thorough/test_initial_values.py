"""Sensitivities of all published problems by all methods, to small tolerances; random systems."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scipy.test_initial_values_derivatives import (
    METHODS,
    cases,
    check_random_system,
    check_sensitivities,
)


@pytest.mark.parametrize("rtol", [1e-6, 1e-9])
@pytest.mark.parametrize(("problem", "method"), cases())
def test_sensitivities_are_as_exact_as_the_states(problem, method, rtol):
    if method == "RK23" and rtol < 1e-6:
        rtol = 1e-7  # of third order: tens of thousands of steps otherwise
    check_sensitivities(problem, method, rtol)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6), method=st.sampled_from(METHODS))
def test_random_smooth_systems_have_the_derivatives_of_small_steps(seed, n, method):
    check_random_system(seed, n, method)
