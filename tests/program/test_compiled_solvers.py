"""compile=True of dualrev.scipy.optimize: the same solutions, from programs."""

import queue

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import optimize as scipy_optimize

import dualrev as dr
from dualrev.scipy import optimize
from tests.test_optimize import (
    GRADIENT_ONLY,
    LOOSE,
    NOISE,
    SECOND_ORDER,
    START,
    T,
    Y,
    decay,
    residuals,
    rosenbrock,
)


def runs_of(f):
    """f, and a function that answers how often it has run, on plain or recorded arrays."""
    count = queue.SimpleQueue()  # not looked into

    def counted(*args, **kwargs):
        count.put(1)
        return f(*args, **kwargs)

    return counted, count.qsize


@pytest.mark.parametrize("method", GRADIENT_ONLY + SECOND_ORDER + ["Nelder-Mead", "Powell"])
def test_minimize_finds_the_same_and_runs_the_function_once_a_derivative(method):
    counted, runs = runs_of(rosenbrock)
    expected = optimize.minimize(rosenbrock, START, method=method)
    result = optimize.minimize(counted, START, method=method, compile=True)
    assert_allclose(result.x, expected.x, atol=LOOSE.get(method, 1e-4))
    assert result.nfev > 5
    assert runs() <= 3
    optimize.minimize(counted, START + 0.1, method=method, compile=True)
    assert runs() <= 3


def test_minimize_takes_args_structures_and_constraints():
    def energy(spring, stiffness):
        return stiffness * (spring["length"] - 2) ** 2 + np.sum((spring["ends"] - 1) ** 4)

    x0 = {"length": 1.0, "ends": np.array([1.0, 1.5])}
    for stiffness in (1.0, 3.0):
        one = optimize.minimize(energy, x0, (stiffness,))
        two = optimize.minimize(energy, x0, (stiffness,), compile=True)
        assert_allclose(one.x["ends"], two.x["ends"], atol=1e-6)
        assert one.nfev == two.nfev
    for kind in ("dict", "object"):
        circle = lambda x: x[0] ** 2 + x[1] ** 2 - 2  # noqa: E731
        given = (
            {"type": "eq", "fun": circle}
            if kind == "dict"
            else scipy_optimize.NonlinearConstraint(circle, 0, 0)
        )
        method = "SLSQP" if kind == "dict" else "trust-constr"
        result = optimize.minimize(
            lambda x: x[0] + x[1], [-1.5, -0.5], method=method, constraints=given, compile=True
        )
        assert_allclose(result.x, [-1, -1], atol=1e-4)


def test_arguments_may_change_between_solves():
    def distance(x, centre):
        return np.sum((x - centre) ** 2)

    for centre in (np.zeros(3), np.ones(3), np.array([1.0, 2.0, 3.0])):
        result = optimize.minimize(distance, np.full(3, 0.5), (centre,), compile=True)
        assert_allclose(result.x, centre, atol=1e-6)


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_least_squares_finds_the_same(method):
    counted, runs = runs_of(lambda x: list(residuals(x)))
    expected = optimize.least_squares(residuals, START, method=method)
    result = optimize.least_squares(counted, START, method=method, compile=True)
    assert_allclose(result.x, expected.x, atol=1e-8)
    assert_allclose(result.jac, expected.jac, atol=1e-8)
    assert runs() == 2


@pytest.mark.parametrize("method", ["hybr", "lm", "krylov"])
def test_root_finds_the_same(method):
    f = lambda x: [x[0] ** 2 + x[1] ** 2 - 25, x[0] - x[1] + 1]  # noqa: E731
    assert_allclose(optimize.root(f, [2.0, 3.0], method=method, compile=True).x, [3, 4], atol=1e-5)


@pytest.mark.parametrize("method", ["lm", "trf", "dogbox"])
@pytest.mark.parametrize("p0", [None, [1.0, 1.0, 0.2], {"amount": 1.0, "rate": 1.0, "rest": 0.2}])
def test_curve_fit_finds_the_same(method, p0):
    expected, covariance = optimize.curve_fit(decay, T, Y, p0, method=method)
    found, other = optimize.curve_fit(decay, T, Y, p0, method=method, compile=True)
    for name, x in expected.items() if isinstance(p0, dict) else enumerate(expected):
        assert_allclose(found[name], x, rtol=1e-7)
    assert_allclose(other, covariance, rtol=1e-5)


def test_data_may_be_overwritten_between_fits():
    y = Y.copy()
    first, _ = optimize.curve_fit(decay, T, y, compile=True)
    y[:] = 2 * (Y - NOISE) + NOISE
    second, _ = optimize.curve_fit(decay, T, y, compile=True)
    assert_allclose(second, optimize.curve_fit(decay, T, y)[0], rtol=1e-7)
    assert abs(second[0] - first[0]) > 1


def test_mistakes_are_named_as_without_programs():
    with pytest.raises(dr.NonScalarError, match="minimize needs"):
        optimize.minimize(lambda x: x**2, np.ones(9), compile=True)
