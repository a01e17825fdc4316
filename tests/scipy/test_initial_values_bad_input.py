"""What solve_ivp is given by mistake inside a derivative: SciPy's words, or what, where and fix."""

import numpy as np
import pytest
import scipy.integrate

import dualrev as dr
from dualrev import errors
from dualrev.scipy.integrate import solve_ivp

P, Y0 = np.array([1.7, 0.1]), np.array([2.0, 1.0])


def swing(t, y, p):
    return [y[1], -p[0] * y[0] - p[1] * y[1]]


def end(p, fun=swing, **options):
    return np.sum(solve_ivp(fun, (0, 3), Y0, args=(p,), **options).y[:, -1])


def both_gradients(f, p=P):
    np.testing.assert_allclose(dr.jacobian(f, mode="forward")(p), dr.grad(f)(p), rtol=1e-9)
    return dr.grad(f)(p)


@pytest.mark.parametrize("dense_output", [False, True])
@pytest.mark.parametrize("method", ["RK45", "BDF"])
def test_an_event_that_never_fires_is_an_empty_array_as_in_scipy(method, dense_output):
    def never(t, y, p):
        return y[0] + 100 * p[0]

    never.terminal = True

    def found(p, solve=solve_ivp):
        return solve(swing, (0, 3), Y0, method, None, dense_output, never, args=(p,))

    expected = found(P, scipy.integrate.solve_ivp)
    for name in "t_events", "y_events":
        field, pull = dr.vjp(lambda p: getattr(found(p), name)[0], P)
        assert field.shape == getattr(expected, name)[0].shape == (0,)
        np.testing.assert_array_equal([[0, 0]], pull(np.zeros(0)))
    # The others have their derivatives all the same.
    np.testing.assert_array_equal(
        dr.grad(lambda p: end(p, method=method))(P),
        both_gradients(lambda p: np.sum(found(p).y[:, -1])),
    )


def test_no_events_are_as_none():
    np.testing.assert_array_equal(dr.grad(end)(P), dr.grad(lambda p: end(p, events=[]))(P))


WRONG = {
    "times outside of the span": {"t_eval": [0, 5.0]},
    "times that are not sorted": {"t_eval": [2.0, 1.0]},
    "a method that does not exist": {"method": "Euler"},
    "a first step of 0": {"first_step": 0.0},
    "a tolerance below 0": {"atol": -1.0},
    "a right-hand side of another shape": {
        "fun": lambda t, y, p: p[0] * np.stack([y[0], y[1], y[0]])
    },
    "a right-hand side that raises": {"fun": lambda t, y, p: [1 / 0, y[0]]},
    "an event that raises": {"events": lambda t, y, p: [][0]},
}


@pytest.mark.parametrize("name", WRONG)
def test_the_words_of_scipy_stay(name):
    def solve(p, solve_ivp=solve_ivp, fun=swing, **options):
        return np.sum(solve_ivp(fun, (0, 3), Y0, args=(p,), **options).y)

    options = WRONG[name]
    with pytest.raises(Exception) as expected:  # noqa: PT011
        solve(P, scipy.integrate.solve_ivp, **options)
    for transform in dr.grad, dr.jacobian, dr.hessian:
        with pytest.raises(expected.type) as raised:
            transform(lambda p: solve(p, **options))(P)
        assert str(expected.value) in str(raised.value)


def test_initial_states_that_are_no_vector_are_refused_by_scipy():
    for shape in (), (1, 2):
        with pytest.raises(ValueError, match="must be 1-dimensional"):
            dr.grad(lambda y: np.sum(solve_ivp(lambda t, y: -y, (0, 1), y).y))(np.ones(shape))


def test_methods_without_complex_states_refuse_them_in_scipys_words():
    def size(p):
        return np.abs(solve_ivp(lambda t, y: 1j * p[0] * y, (0, 1), [1j], "Radau").y[0, -1])

    with pytest.raises(ValueError, match="complex domain"):
        dr.grad(size)(P)


@pytest.mark.parametrize("method", ["RK45", "DOP853", "Radau", "BDF"])
@pytest.mark.parametrize(
    "transform", [dr.grad, dr.jacobian, dr.hessian], ids=["grad", "jac", "hessian"]
)
def test_a_solution_that_ends_early_has_no_derivative(transform, method):
    """y' = y**2 from 2 is infinite at t = 1/2: SciPy answers with success=False."""

    def blown_up(p):
        return np.sum(solve_ivp(lambda t, y: p[0] * y**2, (0, 3), Y0, method).y[:, -1])

    with np.errstate(all="ignore"):
        assert not scipy.integrate.solve_ivp(lambda t, y: y**2, (0, 3), Y0, method).success
        with pytest.raises(errors.NotConvergedError, match="solve_ivp did not converge"):
            transform(blown_up)(P)


@pytest.mark.parametrize("method", ["RK45", "DOP853"])
def test_a_right_side_that_becomes_nan_is_no_solution(method):
    def fun(t, y, p):
        return p[0] * y * (np.nan if t > 1 else 1.0)

    with pytest.raises(errors.NotConvergedError, match="did not converge"):
        dr.grad(lambda p: end(p, fun, method=method))(P)


def test_a_right_side_of_one_number_counts_for_all_equations_as_in_scipy():
    def one(t, y, p):
        return p[0] * y[:1] / (1 + y[0] ** 2)

    def each(t, y, p):
        return p[0] * y[:1] / (1 + y[0] ** 2) * np.ones(2)

    np.testing.assert_allclose(
        dr.grad(lambda p: end(p, each))(P), dr.grad(lambda p: end(p, one))(P)
    )


@pytest.mark.parametrize("dtype", [int, np.float32, float])
def test_initial_states_of_other_types_are_taken_as_scipy_takes_them(dtype):
    y0 = np.array([2, 1], dtype)
    expected = dr.grad(end)(P)
    got = dr.grad(lambda p: np.sum(solve_ivp(swing, (0, 3), y0, args=(p,)).y[:, -1]))(P)
    np.testing.assert_array_equal(expected, got)
    by_state = dr.jacobian(lambda y: solve_ivp(swing, (0, 3), y, args=(P,)).y[:, -1])
    np.testing.assert_allclose(by_state(Y0), by_state(y0), rtol=1e-6)


def test_what_a_callback_keeps_says_that_its_transform_has_ended():
    kept = []

    def keeping(t, y, p):
        kept.append(y)
        return y[0]

    dr.grad(lambda p: np.sum(solve_ivp(swing, (0, 3), Y0, args=(p,), events=keeping).t_events[0]))(
        P
    )
    with pytest.raises(errors.EscapedTracerError, match="has ended"):
        np.sum(kept[-1]) * 2
    kept.clear()
    dr.grad(lambda p: end(p, lambda t, y, p: keeping(t, y, p) * 0 + np.stack(swing(t, y, p))))(P)
    with pytest.raises(errors.EscapedTracerError, match="has ended"):
        np.sum(kept[-1]) * 2


def test_an_event_that_only_touches_its_zero_has_no_derivative():
    """At the start, where SciPy sees it: y = 1 + t."""

    def touches(t, y):
        return (y[0] - 1) ** 2

    def time(rate):
        return solve_ivp(lambda t, y: [rate], (0, 3), [1.0], events=touches).t_events[0][0]

    with pytest.raises(errors.SingularError, match="has no slope where it is 0, at t = 0"):
        dr.derivative(time)(1.0)


def test_scipys_own_solver_is_refused_and_the_twin_named():
    with pytest.raises(errors.DualrevError, match="dualrev.scipy.integrate.solve_ivp"):
        dr.grad(lambda p: np.sum(scipy.integrate.solve_ivp(swing, (0, 3), Y0, args=(p,)).y[:, -1]))(
            P
        )


def test_rows_of_a_batch_are_solved_one_by_one():
    rows = np.stack([P, 1.1 * P])
    with pytest.warns(errors.PerformanceWarning, match="row by row"):
        values = dr.vmap(end)(rows)
    np.testing.assert_array_equal([end(p) for p in rows], values)
    with pytest.warns(errors.PerformanceWarning, match="row by row"):
        gradients = dr.grad(lambda rows: np.sum(dr.vmap(end)(rows)))(rows)
    np.testing.assert_allclose([dr.grad(end)(p) for p in rows], gradients, rtol=1e-12)
