"""Derivatives of what solve_ivp finds: published sensitivities, closed forms, and small steps.

Values are those without derivatives to the bit; derivatives have an error like that of the solution,
of which each bound says how large.
"""

import numpy as np
import pytest
import scipy.integrate
from hypothesis import given, settings
from hypothesis import strategies as st

import dualrev as dr
from dualrev.scipy.integrate import solve_ivp
from tests import solver_problems as problems
from tests.rows import examples
from tests.trajectories import by_small_steps

EXPLICIT = ["RK23", "RK45", "DOP853"]
IMPLICIT = ["Radau", "BDF", "LSODA"]
METHODS = EXPLICIT + IMPLICIT
#: RK23 goes the way of RK45, and LSODA that of BDF.
FEW = ["RK45", "DOP853", "Radau", "BDF"]
TOLERANCE = 1e-9


def cases(each=1):
    """Problems, and methods for them, every so many of all."""
    pairs = [(p, m) for p in problems.PROBLEMS for m in (IMPLICIT if p.stiff else METHODS)]
    return [pytest.param(p, m, id=f"{p}-{m}") for p, m in pairs[::each]]


def end_of(problem, method, rtol):
    """The state at the end as a function of initial state and parameters, in one vector."""
    n = len(problem.y0)
    # What is small in a stiff problem counts as much as what is large.
    atol = 1e-3 * rtol * np.maximum(np.abs(problem.y), 1e-6) if problem.stiff else rtol

    def end(both):
        found = solve_ivp(
            problem.f, problem.times, both[:n], method, rtol=rtol, atol=atol, args=(both[n:],)
        )
        return found.y[:, -1]

    return end, np.concatenate([problem.y0, problem.p])


def check_sensitivities(problem, method, rtol):
    """To the part of a column's largest entry by which such a tolerance misses it.

    Over many steps errors of states add up: of the problems here most by Kepler's orbit, nearest to
    the mass, where a tolerance a step makes the states wrong by 400 times as much (BDF), and their
    derivatives by 1300 times; what is stiff forgets: 13.
    """
    end, both = end_of(problem, method, rtol)
    expected = np.hstack([problem.by_y0, problem.by_p])
    bound = (30 if problem.stiff else 2000) * rtol
    error = np.abs(dr.jacobian(end, mode="reverse")(both) - expected)
    assert np.max(error / np.max(np.abs(expected), axis=0)) < bound
    return end, both, expected


@pytest.mark.parametrize(("problem", "method"), cases(each=4))
def test_sensitivities_are_the_published_ones_as_exactly_as_the_states(problem, method):
    end, both, expected = check_sensitivities(problem, method, 1e-6)
    reverse = dr.jacobian(end, mode="reverse")(both)
    direction = both * np.cos(np.arange(len(both)))
    _, pushed = dr.jvp(end, (both,), (direction,))
    # One discrete problem, in both modes: what differs is rounding, of columns of all sizes.
    rounding = 1e-11 * np.max(np.abs(expected * direction))
    np.testing.assert_allclose(reverse @ direction, pushed, rtol=0, atol=rounding)


@pytest.mark.parametrize("method", FEW)
def test_sum_of_squares_of_a_fit_has_its_gradient_and_hessian(method):
    f = problems.lotka_volterra

    def missed(theta):
        rtol = 1e-7
        return problems.pelts_missed(
            solve_ivp(
                lambda t, y: f(t, y, theta[:4]),
                (0.0, 20.0),
                theta[4:],
                method,
                t_eval=problems.YEARS[1:],
                rtol=rtol,
                atol=rtol,
            ).y
        )

    theta = problems.PELTS_FIT
    # Units differ by 10**4: by all but the rates of change that 1 % of each makes.
    unit = np.abs(theta)
    value, gradient = dr.value_and_grad(missed)(theta)
    hessian = dr.hessian(missed)(theta)
    v = unit * np.array([1.0, -1, 2, 1, -1, 1])
    # 2000 times the tolerance, as above.
    near = {"rtol": 0, "atol": 2e-4}
    np.testing.assert_allclose(problems.PELTS_SUM, value, rtol=2e-4)
    expected = problems.PELTS_GRADIENT * unit
    scale = np.max(np.abs(expected))
    np.testing.assert_allclose(expected / scale, gradient * unit / scale, **near)
    expected = problems.PELTS_HESSIAN * np.outer(unit, unit)
    scale = np.max(np.abs(expected))
    np.testing.assert_allclose(expected / scale, hessian * np.outer(unit, unit) / scale, **near)
    np.testing.assert_allclose(hessian @ v, dr.hvp(missed)(theta, v), rtol=1e-8)


# --------------------------------------------------------------------------------- in closed form


def decay(t, y, rate):
    return -rate * y


def decayed(theta, method, **options):
    """From t0, of 3 and 2: their states at t_eval, and at the end."""
    t0, t1, rate, *times = theta
    times = np.stack(times) if times else None
    return solve_ivp(
        decay, (t0, t1), [3.0, 2.0], method, times, rtol=TOLERANCE, atol=TOLERANCE, args=(rate,)
    )


@pytest.mark.parametrize("span", [(0.5, 2.0), (2.0, 0.5)], ids=["forward", "backward"])
@pytest.mark.parametrize("method", FEW)
def test_ends_of_the_time_span_have_their_derivatives(method, span):
    theta = np.array([*span, 0.7])
    t0, t1, rate = theta
    y = 3 * np.exp(-rate * (t1 - t0))
    gradient = y * np.array([rate, -rate, t0 - t1])
    d = np.array([-1.0, 1.0, 0.0])
    hessian = np.outer(gradient, gradient) / y - y * (
        np.outer(d, np.eye(3)[2]) + np.outer(np.eye(3)[2], d)
    )

    def last(theta):
        return decayed(theta, method).y[0, -1]

    # 100 tolerances for what adds up over the steps.
    np.testing.assert_allclose(gradient, dr.grad(last)(theta), rtol=100 * TOLERANCE)
    np.testing.assert_allclose(hessian, dr.hessian(last)(theta), atol=200 * TOLERANCE)
    _, times = dr.jvp(
        lambda theta: decayed(theta, method).t, (theta,), (np.array([2.0, 3.0, 4.0]),)
    )
    np.testing.assert_array_equal([2.0, 3.0], times[[0, -1]])
    assert not times[1:-1].any()


@pytest.mark.parametrize("span", [(0.5, 2.0), (2.0, 0.5)], ids=["forward", "backward"])
@pytest.mark.parametrize("method", FEW)
def test_wanted_times_have_their_derivatives(method, span):
    times = np.linspace(*span, 6)[1:-1]
    theta = np.array([*span, 0.7, *times])
    states = 3 * np.exp(-0.7 * (times - span[0]))

    def at_times(theta):
        return decayed(theta, method).y[0]

    expected = np.zeros((4, 7))
    expected[:, 0] = 0.7 * states
    expected[:, 2] = -(times - span[0]) * states
    expected[:, 3:] = np.diag(-0.7 * states)
    for mode in "forward", "reverse":
        got = dr.jacobian(at_times, mode=mode)(theta)
        np.testing.assert_allclose(expected, got, atol=100 * TOLERANCE)


@pytest.mark.parametrize("method", FEW)
def test_interpolant_has_derivatives_by_what_the_solution_depends_on_and_by_time(method):
    def at(theta):
        rate, *times = theta
        found = solve_ivp(
            decay,
            (0.0, 2.0),
            [3.0],
            method,
            dense_output=True,
            rtol=TOLERANCE,
            atol=TOLERANCE,
            args=(rate,),
        )
        return found.sol(np.stack(times))[0]

    theta = np.array([0.7, 0.0, 0.3, 1.1, 2.0])
    states = 3 * np.exp(-0.7 * theta[1:])
    expected = np.hstack([-(theta[1:] * states)[:, None], np.diag(-0.7 * states)])
    for mode in "forward", "reverse":
        # An interpolant between steps is less exact than the steps.
        np.testing.assert_allclose(expected, dr.jacobian(at, mode=mode)(theta), atol=1e-6)


@pytest.mark.parametrize("method", FEW)
def test_heat_is_its_own_transpose(method):
    u = np.cos(3 * np.arange(12.0))
    weights = np.sin(1 + np.arange(12.0))

    def weighed(u):
        return (
            weights @ solve_ivp(problems.heat, (0, 0.02), u, method, rtol=1e-8, atol=1e-10).y[:, -1]
        )

    expected = problems.heat_solution(0.02, weights)
    np.testing.assert_allclose(expected, dr.grad(weighed)(u), atol=1e-6)


@pytest.mark.parametrize("method", ["DOP853", "LSODA"])
def test_period_of_an_orbit_follows_from_its_initial_state(method):
    """The time between two passages, by events; Kepler's third law."""
    start = np.array([0.5, -0.3, 0.4, 1.4])

    def passes(t, y, p):
        return y[1]

    passes.direction = 1

    def period(y):
        times = solve_ivp(
            problems.kepler, (0, 10), y, method, rtol=1e-9, atol=1e-9, events=passes, args=([1.0],)
        ).t_events[0]
        return times[1] - times[0]

    # The largest entry of the Hessian is 60, and Kepler's states lose three digits.
    np.testing.assert_allclose(
        dr.grad(problems.kepler_period)(start), dr.grad(period)(start), rtol=1e-5
    )
    expected = dr.hessian(problems.kepler_period)(start)
    np.testing.assert_allclose(
        expected, dr.hessian(period)(start), atol=1e-5 * np.max(np.abs(expected))
    )


@pytest.mark.parametrize("method", FEW)
def test_bounces_of_a_ball_follow_from_height_gravity_and_restitution(method):
    """Each bounce is a terminal event, after which the next fall starts at what was found."""

    def ground(t, y):
        return y[0]

    ground.terminal, ground.direction = True, -1

    def bounced(theta):
        height, gravity, restitution = theta
        t, y = 0.0, [height, 0.0]
        for _ in range(3):
            found = solve_ivp(
                lambda t, y: [y[1], -gravity],
                (t, 20.0),
                y,
                method,
                events=ground,
                rtol=TOLERANCE,
                atol=TOLERANCE,
            )
            t, y = found.t[-1], [0.0, -restitution * found.y[1, -1]]
        return np.stack([t, y[1]])

    def expected(theta):
        return np.stack(problems.bounces(*theta, 3))

    theta = np.array([2.0, 9.81, 0.8])
    # A parabola is exact by every method but the times of events, which are found to 4e-15 * t.
    np.testing.assert_allclose(expected(theta), bounced(theta), rtol=1e-6)
    for mode in "forward", "reverse":
        got = dr.jacobian(bounced, mode=mode)(theta)
        np.testing.assert_allclose(dr.jacobian(expected)(theta), got, rtol=1e-6)


# ------------------------------------------------------------------------------------------- laws


@pytest.mark.parametrize("method", METHODS)
def test_values_inside_a_derivative_are_those_outside_to_the_bit(method):
    problem = problems.PROBLEMS[-1]

    def touches(t, y, p):
        return y[0] - p[0]

    options = {"dense_output": True, "events": touches}

    def found(p, solve=solve_ivp, **more):
        return solve(problem.f, (0, 5), problem.y0, method, args=(p,), **options, **more)

    solve = solve_ivp if method in IMPLICIT else scipy.integrate.solve_ivp
    for t_eval in None, np.linspace(0, 5, 7):
        plain = found(problem.p, solve, t_eval=t_eval)

        def fields(p):
            result = found(p, t_eval=t_eval)
            assert (plain.nfev, plain.njev, plain.nlu) == (result.nfev, result.njev, result.nlu)
            assert (plain.status, plain.message) == (result.status, result.message)
            return (
                result.t,
                result.y,
                result.t_events[0],
                result.y_events[0],
                result.sol([1.0, 2.5]),
            )

        expected = plain.t, plain.y, plain.t_events[0], plain.y_events[0], plain.sol([1.0, 2.5])
        values, _ = dr.vjp(fields, problem.p)
        for e, v in zip(expected, values):
            np.testing.assert_array_equal(e, v)


def _written(t, y, p):
    rates = np.empty_like(y)
    rates[0] = y[1] * p[0]
    rates[1] = np.sin(t) - y[0]
    return rates


def _branching(t, y, p):
    return [y[1] * p[0], -y[0] - (y[0] ** 3 if y[0] > 0 else 0)]


def _by_derivative(t, y, p):
    """Hamilton's equations of a pendulum."""
    return dr.grad(lambda y: y[1] ** 2 / 2 - p[0] * np.cos(y[0]))(y)[::-1] * [1, -1]


FORMS = {
    "list": lambda t, y, p: [y[1] * p[0], np.sin(t) - y[0]],
    "array": lambda t, y, p: np.stack([y[1] * p[0], np.sin(t) - y[0]]),
    "written": _written,
    "branching": _branching,
    "by a derivative": _by_derivative,
}
P, Y0 = np.array([1.3, 0.4]), np.array([0.3, -0.2])


@pytest.mark.parametrize("method", ["RK45", "Radau"])
@pytest.mark.parametrize("form", FORMS)
def test_right_sides_of_every_form_agree_with_small_steps(form, method):
    f = FORMS[form]

    def solved(p):
        return solve_ivp(f, (0, 1.4), Y0, method, args=(p,), rtol=1e-8, atol=1e-8).y[:, -1]

    # What is written into must be traced from the first step on.
    expected = dr.jacobian(lambda p: by_small_steps(f, (0, 1.4), Y0 + 0 * p, p, 60))(P)
    for mode in "forward", "reverse":
        np.testing.assert_allclose(expected, dr.jacobian(solved, mode=mode)(P), atol=1e-6)


@pytest.mark.parametrize("method", FEW)
def test_a_jump_at_a_fixed_time_is_stepped_over_as_exactly_as_the_solver_steps_over_it(method):
    def solved(p):
        def f(t, y):
            return [p[0] if t < 0.7 else p[1] * y[0]]

        return solve_ivp(f, (0, 1.4), [0.1], method, rtol=1e-8, atol=1e-8).y[0, -1]

    expected = dr.grad(lambda p: (0.1 + 0.7 * p[0]) * np.exp(0.7 * p[1]))(P)
    # The solver steps so shortly there that its error is of the tolerance; BDF's is 20 times that.
    np.testing.assert_allclose(expected, dr.grad(solved)(P), rtol=1e-5)


@pytest.mark.parametrize("method", FEW)
def test_a_vectorized_right_side_is_called_with_columns(method):
    def f(t, y, p):
        assert y.ndim == 2
        return np.stack([y[1] * p[0], np.sin(t) - y[0]])

    def solved(p, f=f, **options):
        return solve_ivp(f, (0, 1.4), [0.3, -0.2], method, args=(p,), rtol=1e-8, **options).y[:, -1]

    expected = dr.jacobian(lambda p: solved(p, FORMS["array"]))(1.3 * np.ones(1))
    got = dr.jacobian(lambda p: solved(p, vectorized=True))(1.3 * np.ones(1))
    np.testing.assert_allclose(expected, got, rtol=1e-6)


@pytest.mark.parametrize("method", [m for m in METHODS if m not in ("Radau", "LSODA")])
def test_complex_states_have_derivatives(method):
    def last(theta):
        rate, phase = theta
        y0 = [np.exp(1j * phase)]
        return solve_ivp(lambda t, y: 1j * rate * y, (0, 2), y0, method, rtol=1e-8, atol=1e-8).y[
            0, -1
        ]

    theta = np.array([0.7, 0.2])
    y = np.exp(1j * (0.2 + 2 * 0.7))
    for part in np.real, np.imag:
        expected = part(1j * y * np.array([2, 1]))
        got = dr.grad(lambda theta: part(last(theta)))(theta)
        np.testing.assert_allclose(expected, got, atol=1e-6)


@pytest.mark.parametrize("method", ["DOP853", "Radau"])
def test_arguments_may_be_containers_of_what_is_traced(method):
    def f(t, y, rates, power):
        return [rates["in"][0] * t - rates["out"] * y[0] ** power]

    def solved(rates):
        return solve_ivp(f, (0, 1), [1.0], method, args=(rates, 2), rtol=1e-9, atol=1e-9).y[0, -1]

    rates = {"in": [0.3], "out": 0.9}

    def stepped(rates):
        return by_small_steps(lambda t, y, p: f(t, y, rates, 2), (0, 1), np.ones(1), None, 200)[0]

    expected, got = dr.grad(stepped)(rates), dr.grad(solved)(rates)
    np.testing.assert_allclose(expected["in"][0], got["in"][0], rtol=1e-6)
    np.testing.assert_allclose(expected["out"], got["out"], rtol=1e-6)


def test_a_solution_is_used_in_the_right_side_of_the_next():
    """y' = -exp(-p t) y: its closure holds the whole result of the first."""

    def twice(p):
        how = {"rtol": 1e-6, "atol": 1e-6}
        first = solve_ivp(decay, (0, 2), [1.0], args=(p,), dense_output=True, **how)
        return solve_ivp(lambda t, y: -y * first.sol(t)[0], (0, 2), [1.0], **how).y[0, -1]

    def expected(p):
        return np.exp((np.exp(-2 * p) - 1) / p)

    # 100 tolerances.
    np.testing.assert_allclose(dr.derivative(expected)(0.7), dr.derivative(twice)(0.7), rtol=1e-4)
    second = dr.derivative(dr.derivative(expected))(0.7)
    np.testing.assert_allclose(second, dr.derivative(dr.derivative(twice))(0.7), rtol=1e-4)


@settings(max_examples=examples(6), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 4), method=st.sampled_from(METHODS))
def test_random_smooth_systems_have_the_derivatives_of_small_steps(seed, n, method):
    check_random_system(seed, n, method)


def check_random_system(seed, n, method):
    """First derivatives in both modes and one of second order, by rates, initial state and times."""
    rng = np.random.default_rng(seed)
    k = n * n + n
    theta = np.concatenate([rng.uniform(-1, 1, k), rng.standard_normal(n), [0.2, 1.7]])
    weights = rng.standard_normal(n)

    def f(t, y, p):
        rates = p[: n * n].reshape(n, n)
        return np.tanh(rates @ y + np.sin(t) * p[n * n :]) - 0.3 * y

    def solved(theta):
        p, y0, ends = theta[:k], theta[k:-2], (theta[-2], theta[-1])
        found = solve_ivp(f, ends, y0, method, rtol=1e-8, atol=1e-8, args=(p,))
        return weights @ found.y[:, -1]

    def stepped(theta):
        return weights @ by_small_steps(f, theta[-2:], theta[k:-2], theta[:k], 60)

    # Small steps are right to 1e-7 of what has size 1; a solution to 100 tolerances.
    np.testing.assert_allclose(dr.grad(stepped)(theta), dr.grad(solved)(theta), atol=5e-6)
    v = rng.standard_normal(len(theta))
    expected = dr.hvp(stepped)(theta, v)
    np.testing.assert_allclose(expected, dr.hvp(solved)(theta, v), atol=1e-4)
    np.testing.assert_allclose(
        dr.grad(stepped)(theta) @ v, dr.jvp(solved, (theta,), (v,))[1], atol=5e-5
    )


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
def test_gradients_of_rows_are_those_of_each():
    """The rows of a batch are solved one by one, below derivatives too."""

    def loss(p):
        found = solve_ivp(lambda t, y: -p * y, (0, 1), [1.0, 2.0], t_eval=[0.5, 1.0], rtol=1e-9)
        return np.sum(found.y**2)

    rows = np.array([1.0, 2.0, 3.0])
    for transform in dr.grad, dr.derivative, dr.hessian:
        expected = [transform(loss)(p) for p in rows]
        # A Hessian's second derivatives are taken of a row's gradient, whose steps may be others.
        np.testing.assert_allclose(expected, dr.vmap(transform(loss))(rows), rtol=1e-8)
    expected = [dr.grad(loss)(p) for p in rows]
    total = dr.grad(lambda rows: np.sum(dr.vmap(loss)(rows)))
    np.testing.assert_allclose(expected, total(rows), rtol=1e-12)
