"""The numbers of the published initial value problems, by ways that are not those that made them."""

import numpy as np
import pytest

from tests.solver_problems import (
    PROBLEMS,
    directions,
    heat,
    heat_solution,
    kepler_by_eccentricity,
    kepler_period,
    kepler_start,
)
from tests.trajectories import by_small_steps

BY_NAME = {str(problem): problem for problem in PROBLEMS}


@pytest.mark.one_in(2)
@pytest.mark.parametrize("problem", [p for p in PROBLEMS if not p.stiff], ids=str)
def test_small_complex_steps_find_the_same_sensitivities(problem):
    dy, dp = directions(problem)
    # Each direction is a column; its imaginary step is so small that it is exact.
    y, p = problem.y0[:, None] + 1e-30j * dy, problem.p[:, None] + 1e-30j * dp
    y = by_small_steps(problem.f, problem.times, y, p, steps=6000)
    expected = np.hstack([problem.by_y0, problem.by_p])
    # Kepler's, nearest to the mass, has an error of 1e-9 by these steps, of fourth order.
    scale = np.max(np.abs(expected))
    np.testing.assert_allclose(expected, y.imag / 1e-30, rtol=1e-8, atol=1e-8 * scale)
    np.testing.assert_allclose(problem.y, y.real[:, 0], rtol=1e-8)


def test_robertson_has_the_sensitivities_of_the_manual_of_sundials():
    """Of the example cvsRoberts_FSA_dns, at t = 40, to the digits that are printed there."""
    problem = BY_NAME["Robertson"]
    np.testing.assert_allclose([7.1583e-01, 9.1855e-06, 2.8416e-01], problem.y, rtol=2e-5)
    np.testing.assert_allclose([-4.2476, 4.5912e-05, 4.2475], problem.by_p[:, 0], rtol=2e-5)


def test_hires_ends_where_the_test_set_says():
    """Mazzia and Magherini (2008), "Test set for initial value problem solvers", to 11 digits."""
    published = [
        0.7371312573325668e-3,
        0.1442485726316185e-3,
        0.5888729740967575e-4,
        0.1175651343283149e-2,
        0.2386356198831331e-2,
        0.6238968252742796e-2,
        0.2849998395185769e-2,
        0.2850001604814231e-2,
    ]
    np.testing.assert_allclose(published, BY_NAME["HIRES"].y, rtol=1e-11)


def test_keplers_equation_says_the_same():
    problem = BY_NAME["Kepler"]
    state, by_e = kepler_by_eccentricity(0.6, problem.times[1])
    start = kepler_start(0.6 + 1e-30j)
    # Rounding of about 1e-16, as the period's part of it grows 90-fold.
    np.testing.assert_allclose(state, problem.y, rtol=1e-13)
    np.testing.assert_allclose(by_e, problem.by_y0 @ start.imag / 1e-30, rtol=1e-12)
    np.testing.assert_allclose(2 * np.pi, kepler_period(problem.y), rtol=1e-14)


def test_heat_by_modes_is_heat_by_small_steps():
    u = np.cos(np.arange(8.0))
    expected = heat_solution(0.1, u)
    steps = by_small_steps(lambda t, u, p: heat(t, u), (0, 0.1), u, None, steps=2000)
    np.testing.assert_allclose(expected, steps, rtol=1e-9)
