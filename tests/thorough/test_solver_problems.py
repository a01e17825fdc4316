"""The numbers of the published initial value problems, made anew, and by a second way.  Minutes."""

import numpy as np
import pytest
from mpmath import mp, mpf

from tests.solver_problems import (
    PELTS,
    PELTS_FIT,
    PELTS_GRADIENT,
    PELTS_HESSIAN,
    PELTS_SUM,
    PROBLEMS,
    YEARS,
    lotka_volterra,
    pelts_missed,
    pelts_reference,
    reference,
    second_reference,
)
from tests.trajectories import DIGITS, by_series

# Half a unit of the last place that a float has.
ROUNDED = 2e-16


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_two_ways_agree_with_each_other_and_with_the_given_numbers(problem):
    y, by_p, by_y0 = reference(problem)
    for given, made in [(problem.y, y), (problem.by_p, by_p), (problem.by_y0, by_y0)]:
        np.testing.assert_allclose(given, made.astype(float), rtol=ROUNDED)
    rng = np.random.default_rng(0)
    u = rng.standard_normal((len(problem.y0), 1))
    v = rng.standard_normal((len(problem.p), 1)) * problem.p[:, None]
    again, along = second_reference(problem, u, v)
    with mp.workdps(DIGITS):
        missed = along - by_y0 @ u - by_p @ v
        # The step of the differences is 1e-12: they are right to its square and some digits less.
        assert np.max(np.abs(missed / along)) < 1e-16
        assert np.max(np.abs((again - y) / y)) < 1e-16


def test_two_ways_agree_about_the_pelts():
    """The gradient, and the Hessian along a direction, whose differences are those of the sum."""
    with mp.workdps(DIGITS):
        theta = np.array([mpf(x) for x in PELTS_FIT.tolist()])
        value, gradient = pelts_reference(theta)
        np.testing.assert_allclose(PELTS_SUM, float(value), rtol=ROUNDED)
        np.testing.assert_allclose(PELTS_GRADIENT, gradient.astype(float), rtol=ROUNDED)
        u = theta * np.array([mpf(k) for k in (3, -1, 2, 1, -2, 1)])
        h = mpf(10) ** -10

        def missed(theta):
            y = by_series(lotka_volterra, YEARS.tolist(), theta[4:], theta[:4])
            return pelts_missed(y.T)

        before, at, after = (missed(theta + k * h * u) for k in (-1, 0, 1))
        assert abs((after - before) / (2 * h) / (gradient @ u) - 1) < 1e-15
        second = (after - 2 * at + before) / h**2
        float_u = u.astype(float)
        np.testing.assert_allclose(float_u @ PELTS_HESSIAN @ float_u, float(second), rtol=1e-13)
    assert PELTS.shape == (2, len(YEARS))
