"""solve_ivp with exact Jacobians: SciPy's results, of fewer runs, in the form that each method takes."""

import functools
import inspect
import warnings

import numpy as np
import pytest
import scipy.integrate
import scipy.sparse

import dualrev as dr
from dualrev.scipy import integrate

IMPLICIT = ["Radau", "BDF", "LSODA"]


def robertson(t, y, fast=3e7):
    a, b = 0.04 * y[0] - 1e4 * y[1] * y[2], fast * y[1] ** 2
    return [-a, a - b, b]


def van_der_pol(t, y):
    return np.array([y[1], 1000 * (1 - y[0] ** 2) * y[1] - y[0]])


def brusselator(t, y):
    """On a line, the species side by side (Hairer and Wanner 1996, section IV.1)."""
    n = y.size // 2
    u, v = y[::2], y[1::2]
    c = 0.02 * (n + 1) ** 2
    beside_u = np.concatenate([[1.0], u, [1.0]])
    beside_v = np.concatenate([[3.0], v, [3.0]])
    dy = np.empty_like(y)
    dy[::2] = 1 + u * u * v - 4 * u + c * (beside_u[2:] - 2 * u + beside_u[:-2])
    dy[1::2] = 3 * u - u * u * v + c * (beside_v[2:] - 2 * v + beside_v[:-2])
    return dy


def brusselator_start(n):
    at = np.arange(1, n // 2 + 1) / (n // 2 + 1)
    return np.stack([1 + np.sin(2 * np.pi * at), np.full(n // 2, 3.0)], axis=1).ravel()


def heat(t, u, source=1.0):
    """With a source that grows with the temperature, and is off at first."""
    flow = np.diff(u, prepend=0.0, append=0.0)
    du = (u.size + 1) ** 2 * np.diff(flow)
    return du + source * np.exp(u) if t > 0.01 else du


class Watched:
    """f, and what is asked of it: plain runs, and Jacobians given to the method."""

    def __init__(self, f):
        self.f = f
        self.plain = self.traced = 0

    def __call__(self, t, y, *args):
        if type(y) is np.ndarray:
            self.plain += 1
        else:
            self.traced += 1
        return self.f(t, y, *args)


@pytest.fixture
def given(monkeypatch):
    """The options that SciPy is given."""
    seen = {}
    scipys = scipy.integrate.solve_ivp

    def solve_ivp(fun, *args, **options):
        seen.update(options, fun=fun)
        return scipys(fun, *args, **options)

    monkeypatch.setattr(scipy.integrate, "solve_ivp", solve_ivp)
    return seen


# ---------------------------------------------------------------------------------------- results


@pytest.mark.parametrize("method", IMPLICIT)
@pytest.mark.parametrize(
    ("f", "y0", "end"), [(robertson, [1, 0, 0], 1e5), (van_der_pol, [2.0, 0.0], 500.0)]
)
def test_stiff_equations_are_solved_as_by_hand(method, f, y0, end):
    """No run of f is for a difference."""
    by_hand = {
        robertson: lambda t, y: np.array(
            [
                [-0.04, 1e4 * y[2], 1e4 * y[1]],
                [0.04, -1e4 * y[2] - 6e7 * y[1], -1e4 * y[1]],
                [0, 6e7 * y[1], 0],
            ]
        ),
        van_der_pol: lambda t, y: np.array(
            [[0, 1], [-2000 * y[0] * y[1] - 1, 1000 * (1 - y[0] ** 2)]]
        ),
    }
    options = {"method": method, "rtol": 1e-6, "atol": 1e-10}
    watched = Watched(f)
    result = integrate.solve_ivp(watched, (0, end), y0, **options)
    expected = scipy.integrate.solve_ivp(f, (0, end), y0, jac=by_hand[f], **options)
    assert result.success
    # The two Jacobians differ by rounding, which step sizes follow.
    np.testing.assert_allclose(result.y[:, -1], expected.y[:, -1], rtol=1e-4, atol=1e-9)
    assert result.njev == pytest.approx(expected.njev, rel=0.1)
    assert watched.plain in (result.nfev, result.nfev + 1)  # LSODA does not count its first
    differences = scipy.integrate.solve_ivp(counted := Watched(f), (0, end), y0, **options)
    assert watched.plain < counted.plain
    assert differences.success


@pytest.mark.parametrize("method", ["Radau", "BDF"])
def test_brusselator_takes_a_sparse_jacobian(method, given):
    """n = 2000: as many steps as with SciPy's differences of the known pattern, of fewer runs."""
    y0 = brusselator_start(2000)
    watched = Watched(brusselator)
    result = integrate.solve_ivp(watched, (0, 1), y0, method=method)
    assert scipy.sparse.issparse(given["jac"](0.0, y0))
    sparsity = dr.sparsity(lambda y: brusselator(0.0, y), y0)
    counted = Watched(brusselator)
    expected = scipy.integrate.solve_ivp(counted, (0, 1), y0, method=method, jac_sparsity=sparsity)
    assert (result.nfev, result.njev, result.t.size) == pytest.approx(
        (expected.nfev, expected.njev, expected.t.size), rel=0.05
    )
    assert watched.plain < counted.plain
    np.testing.assert_allclose(result.y[:, -1], expected.y[:, -1], rtol=1e-4)


def test_lsoda_takes_the_band(given):
    """A band of 2 beside the main diagonal in the place of 4 000 000 numbers."""
    y0 = brusselator_start(2000)
    watched = Watched(brusselator)
    result = integrate.solve_ivp(watched, (0, 0.5), y0, method="LSODA")
    assert (given["lband"], given["uband"]) == (2, 2)
    expected = scipy.integrate.solve_ivp(
        brusselator, (0, 0.5), y0, method="LSODA", lband=2, uband=2
    )
    np.testing.assert_allclose(result.y[:, -1], expected.y[:, -1], rtol=1e-3)
    assert watched.plain < expected.nfev


@pytest.mark.parametrize("method", IMPLICIT)
@pytest.mark.parametrize("n", [20, 400])
def test_time_and_args_reach_the_jacobian(method, n, given):
    """Also where the branch of a later time adds entries to the pattern."""
    result = integrate.solve_ivp(heat, (0, 0.1), np.zeros(n), method=method, args=(2.0,))
    assert result.success
    y = result.y[:, -1]
    for t in (0.0, 0.1):
        expected = dr.jacobian(lambda y: heat(t, y, 2.0))(y)
        jac = given["jac"](t, y, 2.0)
        if method == "LSODA" and n == 400:
            jac = scipy.sparse.dia_array((jac[:3], [1, 0, -1]), shape=(n, n))
        jac = jac.toarray() if scipy.sparse.issparse(jac) else jac
        np.testing.assert_allclose(jac, expected, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(y, heat_at_the_end(n), rtol=2e-2)


@functools.cache
def heat_at_the_end(n):
    pattern = scipy.sparse.diags_array([1.0, 1.0, 1.0], offsets=[-1, 0, 1], shape=(n, n))
    options = {"method": "BDF", "args": (2.0,), "rtol": 1e-6, "jac_sparsity": pattern}
    # SciPy's BDF subtracts rows of np.empty that it has not written yet, and does not use the result.
    with np.errstate(all="ignore"):
        return scipy.integrate.solve_ivp(heat, (0, 0.1), np.zeros(n), **options).y[:, -1]


@pytest.mark.parametrize("method", IMPLICIT)
def test_a_vectorized_right_side_is_called_with_columns(method):
    def f(t, y):
        assert y.ndim == 2
        return np.stack([y[1], -y[0] - y[1] ** 3])

    result = integrate.solve_ivp(f, (0, 5), [1.0, 0.0], method=method, vectorized=True)
    expected = scipy.integrate.solve_ivp(f, (0, 5), [1.0, 0.0], method=method, vectorized=True)
    np.testing.assert_allclose(result.y[:, -1], expected.y[:, -1], rtol=1e-2)


@pytest.mark.parametrize("sparse", [None, True])
def test_complex_states_are_holomorphic(sparse):
    """y' = i y^2, by the one method that takes complex numbers."""
    options = {"method": "BDF", "rtol": 1e-8, "atol": 1e-10}
    result = integrate.solve_ivp(
        lambda t, y: 1j * y**2, (0, 1), np.array([1.0 + 0j, 0.5]), sparse=sparse, **options
    )
    expected = 1 / (1 / np.array([1.0, 0.5]) - 1j)
    np.testing.assert_allclose(result.y[:, -1], expected, rtol=1e-5)


def test_everything_else_is_scipys():
    """Explicit methods, events, dense output, times, classes of methods, a Jacobian of one's own."""
    falls = lambda t, y: y[0] - 0.5  # noqa: E731
    for method in ("RK45", "DOP853", scipy.integrate.Radau):
        options = {"method": method, "events": falls, "dense_output": True, "t_eval": [0, 0.3, 1]}
        result = integrate.solve_ivp(lambda t, y: -y, (0, 1), [1.0], **options)
        expected = scipy.integrate.solve_ivp(lambda t, y: -y, (0, 1), [1.0], **options)
        assert set(result) == set(expected)
        np.testing.assert_allclose(result.y, expected.y, rtol=1e-8)
        np.testing.assert_allclose(result.t_events[0], expected.t_events[0], rtol=1e-8)
        np.testing.assert_allclose(result.sol(0.7), expected.sol(0.7), rtol=1e-8)
    called = []

    def jac(t, y):
        called.append(t)
        return np.array([[-1.0]])

    watched = Watched(lambda t, y: -y)
    integrate.solve_ivp(watched, (0, 1), [1.0], method="BDF", jac=jac)
    assert called
    assert not watched.traced


@pytest.mark.parametrize(
    "call",
    [
        lambda m: m.solve_ivp(lambda t, y: -y, iter((0, 1)), np.array([True]), "BDF"),
        lambda m: m.solve_ivp(lambda t, y, a: -a * y, (1, 0), [1.0], "BDF", args=np.array([2.0])),
        lambda m: m.solve_ivp(lambda t, y: [1, 2], (0, 1), [1, 1], "Radau"),
        lambda m: m.solve_ivp(lambda t, y: -y, (0, 1), [], "BDF"),
        lambda m: m.solve_ivp(lambda t, y: -y, 5, [1.0], "BDF"),
        lambda m: m.solve_ivp(lambda t, y: -y, (0, 1), [1.0], "BDF", args=5),
        lambda m: m.solve_ivp(lambda t, y: -y, (0, 1), [[1.0]], "BDF"),
        lambda m: m.solve_ivp(lambda t, y: -y, (0, 1), [np.nan], "BDF"),
        lambda m: m.solve_ivp(lambda t, y: np.ones(3), (0, 1), [1.0, 2.0], "BDF"),
        lambda m: m.solve_ivp(lambda t, y: -y, (0, 1), [1j], "LSODA"),
        lambda m: m.solve_ivp(lambda t, y: -y, (0, 1), [1.0], "bdf"),
        lambda m: m.solve_ivp(lambda t, y: 1 / 0, (0, 1), np.ones(400), "BDF"),
    ],
)
def test_odd_calls_answer_or_raise_as_scipys(call):
    def outcome(module):
        try:
            return call(module).y[:, -1].round(2).tolist()
        except Exception as error:
            return type(error), str(error)

    assert outcome(integrate) == outcome(scipy.integrate)


def test_signature_is_scipys():
    """And ours, by keyword."""
    expected = inspect.signature(scipy.integrate.solve_ivp).parameters
    own = dict(inspect.signature(integrate.solve_ivp).parameters)
    for name in ("compile", "sparse"):
        assert own.pop(name).kind is inspect.Parameter.KEYWORD_ONLY
    assert list(own) == list(expected)
    assert [p.default for p in own.values()] == [p.default for p in expected.values()]


@pytest.mark.parametrize(
    ("method", "n"), [("RK45", 20), *((method, n) for method in IMPLICIT for n in (20, 400))]
)
def test_compiled_right_sides_give_the_same_steps(method, n, given):
    """fun and its Jacobian replayed, also past the time at which a branch changes."""
    options = {"method": method, "args": (2.0,), "rtol": 1e-4}
    end, y0 = 0.02, np.zeros(n)
    result = integrate.solve_ivp(heat, (0, end), y0, compile=True, **options)
    assert isinstance(given["fun"], dr.compile)
    expected = integrate.solve_ivp(heat, (0, end), y0, **options)
    np.testing.assert_allclose(result.y[:, -1], expected.y[:, -1], rtol=1e-4, atol=1e-9)


# --------------------------------------------------------------------------------- sparse or dense


def test_sparse_is_taken_at_its_word(given):
    """True, False, and jac_sparsity, which says True."""
    for options, sparse in (
        ({}, False),
        ({"sparse": True}, True),
        ({"jac_sparsity": np.ones((10, 10))}, True),
    ):
        integrate.solve_ivp(heat, (0, 0.1), np.zeros(10), method="BDF", **options)
        assert scipy.sparse.issparse(given["jac"](0.0, np.zeros(10))) is sparse
    integrate.solve_ivp(heat, (0, 0.1), np.zeros(400), method="BDF", sparse=False)
    assert type(given["jac"](0.0, np.zeros(400))) is np.ndarray


def test_lsoda_takes_a_dense_matrix_where_the_band_is_wide(given):
    """Made of few products all the same."""

    def ring(t, y):
        return np.roll(y, 1) - y**3

    integrate.solve_ivp(ring, (0, 1), np.ones(320), method="LSODA")
    assert "lband" not in given
    np.testing.assert_allclose(
        given["jac"](0.0, np.ones(320)), np.roll(np.eye(320), 1, axis=0) - 3 * np.eye(320)
    )


def test_a_band_that_is_given_is_filled(given):
    """Of few equations, too; one of both sides alone is 0 on the other."""

    def f(t, y):
        return np.concatenate([[-50 * y[0]], 10 * y[:-1] - 50 * y[1:]])

    for options in ({"lband": 1, "uband": 0}, {"lband": 1}, {"lband": 1, "uband": 2}):
        options.update(method="LSODA", rtol=1e-8, atol=1e-10)
        result = integrate.solve_ivp(f, (0, 1), np.ones(6), **options)
        expected = scipy.integrate.solve_ivp(f, (0, 1), np.ones(6), method="Radau", rtol=1e-9)
        np.testing.assert_allclose(result.y[:, -1], expected.y[:, -1], atol=1e-7)
        # A wrong Jacobian would take more steps to the same end.
        above = options.get("uband", 0)
        band = given["jac"](0.0, np.ones(6))[: above + 2]
        np.testing.assert_array_equal(band[:above], 0)
        np.testing.assert_allclose(band[above:], [[-50.0] * 6, [10.0] * 5 + [0.0]])


def test_an_entry_outside_of_the_band_is_an_error():
    """Of a band that is given, and of one that a later branch leaves."""

    def f(t, y):
        reach = 3 if t > 0.5 else 1
        return -1e4 * y + np.concatenate([np.ones(reach), y[:-reach]])

    for n, options in ((6, {"lband": 1, "uband": 1}), (400, {})):
        with pytest.raises(
            dr.ArgumentError, match=r"entry \(3, 0\) at t = 0.\d+, outside"
        ) as caught:
            integrate.solve_ivp(f, (0, 1), np.ones(n), method="LSODA", max_step=0.01, **options)
        assert caught.value.fix == f"give lband=3, uband={options.get('uband', 0)}"
        given = {"lband": 3, "uband": 1}
        assert integrate.solve_ivp(f, (0, 1), np.ones(n), method="LSODA", **given).success


# --------------------------------------------------------------------------- inside of derivatives


@pytest.mark.parametrize("method", ["RK23", "RK45", "DOP853", *IMPLICIT])
def test_a_decay_is_differentiated_by_all_that_it_depends_on(method):
    """By the start, the times, args, and what the right-hand side closes over: y = exp(-p t) y0."""

    def solve(f, *args, **options):
        found = integrate.solve_ivp(f, *args, method=method, rtol=1e-8, atol=1e-10, **options)
        return found.y[0, -1]

    p, e = 1.5, np.exp(-1.5)
    programs = [
        (lambda p: solve(lambda t, y: -1.5 * y, (0, 1), p * np.ones(1)), e, 0.0),
        (lambda p: solve(lambda t, y: -y, (0, p), [1.0]), -e, e),
        (lambda p: solve(lambda t, y: -y, (p, 3), [1.0]), e, e),
        (lambda p: solve(lambda t, y, p: -p * y, (0, 1), [1.0], args=(p,)), -e, e),
        (lambda p: solve(lambda t, y: -p * y, (0, 1), [1.0]), -e, e),
    ]
    for program, slope, curvature in programs:
        # Global errors of tolerances of 1e-8.
        assert dr.grad(program)(p) == pytest.approx(slope, abs=1e-6)
        assert dr.derivative(program)(p) == pytest.approx(slope, abs=1e-6)
        assert dr.hessian(program)(p) == pytest.approx(curvature, abs=1e-5)


def test_a_right_side_without_rule_is_an_error_not_a_difference(unwrap_without_rule):
    for n in (3, 400):
        with pytest.raises(dr.MissingRuleError, match="unwrap"):
            integrate.solve_ivp(lambda t, y: np.unwrap(y), (0, 1), np.ones(n), method="BDF")


@pytest.mark.one_in(4)
@pytest.mark.parametrize("method", ["RK45", "Radau"])
@pytest.mark.parametrize("is_sparse", [False, True])
@pytest.mark.parametrize("band", [0, 100])
def test_steps_one_by_one_are_those_of_all_at_once(method, is_sparse, band, monkeypatch):
    """Products and factors, of dense, sparse and banded Jacobians, for systems of any size."""
    n = 12
    x = np.linspace(0, 1, n)

    def flame(t, u, diffusion, growth):
        around = np.pad(u, 1, mode="edge")
        spread = diffusion * n**2 * (around[2:] - 2 * u + around[:-2])
        return spread + growth * u * (1 - u**2) + np.sin(t) * u

    def loss(p):
        start = p[2] * np.sin(3 * x)
        times = [0.3, 0.7, 1.0]
        found = integrate.solve_ivp(flame, (0, 1), start, method, times, args=(p[0], p[1]))
        return np.sum(found.y**3)

    def derivatives():
        _, slope = dr.jvp(loss, (p,), (np.ones(3),))
        return dr.grad(loss)(p), dr.hessian(loss)(p), slope

    p = np.array([0.01, 2.0, 0.5])
    expected = derivatives()
    monkeypatch.setattr("dualrev.scipy.integrate.trajectories._JACOBIANS", 0)
    monkeypatch.setattr("dualrev.scipy.integrate.large_steps._BAND", band)
    if is_sparse:
        monkeypatch.setattr("dualrev.scipy.integrate.right_sides._SOUGHT", 1)
        monkeypatch.setattr("dualrev.sparse.sparse_or_dense._PRODUCTS", 0.5)
    for one, other in zip(derivatives(), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)


# ------------------------------------------------------------------------------------------ odeint


def _pendulum(y, t, damping, stiffness):
    angle, velocity = y
    return [velocity, -damping * velocity - stiffness * np.sin(angle)]


def test_odeint_equals_scipys_to_the_bit():
    start, t = [3.0, 0.0], np.linspace(0, 10, 101)
    expected = scipy.integrate.odeint(_pendulum, start, t, args=(0.25, 5.0))
    np.testing.assert_array_equal(integrate.odeint(_pendulum, start, t, args=(0.25, 5.0)), expected)
    value, _ = dr.jvp(lambda b: integrate.odeint(_pendulum, start, t, (b, 5.0)), (0.25,), (1.0,))
    np.testing.assert_array_equal(value, expected)


def test_odeint_of_a_decay_is_differentiated_by_all_that_it_depends_on():
    """By the start, args, a closure, and times, of which one may come twice: y = exp(-p t) y0."""

    def loss(v):
        def right_side(t, y, rate):
            return -rate * v[3] * y

        times = np.stack([0 * v[2], v[2], v[2], 2 * v[2]])
        y = integrate.odeint(right_side, v[0] * np.ones(1), times, (v[1],), tfirst=True)
        return np.sum(y[1:, 0] * np.array([1.0, 2.0, 3.0]))

    def closed(v):
        once = np.exp(-v[1] * v[3] * v[2])
        return v[0] * (3 * once + 3 * once**2)

    v = np.array([1.5, 0.7, 1.2, 0.9])
    # The tolerance of odeint is 1.5e-8, of each step.
    np.testing.assert_allclose(dr.grad(loss)(v), dr.grad(closed)(v), rtol=1e-6)
    np.testing.assert_allclose(dr.hessian(loss)(v), dr.hessian(closed)(v), rtol=1e-5, atol=1e-5)


def test_odeint_of_one_equation_starts_from_a_number():
    """SciPy makes it an array of one."""
    last = lambda y0: integrate.odeint(lambda y, t: -y[0], y0, [0, 1.0])[-1, 0]  # noqa: E731
    np.testing.assert_allclose(np.exp(-1), dr.derivative(last)(2.0), rtol=1e-6)


def test_odeint_at_its_start_alone_is_its_start():
    at_start = lambda y0: integrate.odeint(lambda y, t: -y, y0, [0.5])[0]  # noqa: E731
    np.testing.assert_array_equal(np.eye(2), dr.jacobian(at_start)(np.ones(2)))


def test_odeint_with_critical_times_has_no_derivative():
    with pytest.raises(dr.MissingRuleError, match="tcrit"):
        dr.grad(
            lambda p: integrate.odeint(lambda y, t: -p * y, [1.0], [0, 1.0], tcrit=[0.5])[-1, 0]
        )(1.0)


@pytest.mark.filterwarnings("ignore")
def test_odeint_that_fails_has_no_derivative():
    def end(p):
        return integrate.odeint(lambda y, t: p * y**2, [1.0], [0, 2.0])[-1, 0]

    with pytest.raises(dr.NotConvergedError, match="odeint did not converge"):
        dr.grad(end)(1.0)


# --------------------------------------------------------------------- steps that derivatives need


@pytest.mark.parametrize("method", ["RK45", "DOP853", *IMPLICIT])
def test_a_forcing_of_amplitude_0_is_resolved(method):
    """The solution does not show it, so that the solver's steps do not."""

    def end(amplitude):
        found = integrate.solve_ivp(
            lambda t, y: -y + amplitude * np.sin(20 * t),
            (0, 3),
            [1.0],
            method,
            rtol=1e-6,
            atol=1e-9,
        )
        return found.y[0, -1]

    # Of the integral of exp(s - 3) sin(20 s)
    slope = (np.sin(60) - 20 * np.cos(60) + 20 * np.exp(-3)) / 401
    # A hundred times the solver's tolerance.
    assert dr.grad(end)(0.0) == pytest.approx(slope, abs=1e-4)
    assert dr.derivative(end)(0.0) == pytest.approx(slope, abs=1e-4)
    assert dr.hessian(lambda a: end(a**2))(0.0) == pytest.approx(2 * slope, abs=2e-4)


@pytest.mark.parametrize("method", ["RK45", "DOP853", *IMPLICIT])
def test_the_motion_next_to_a_rest_is_resolved(method):
    def end(start):
        found = integrate.solve_ivp(
            lambda t, y: [5 * y[1], -5 * y[0]], (0, 3), [start, 0.0], method, rtol=1e-6, atol=1e-9
        )
        return found.y[0, -1]

    # A hundred times the solver's tolerance, in each step.
    assert dr.grad(end)(0.0) == pytest.approx(np.cos(15), abs=1e-3)


@pytest.mark.parametrize("method", ["RK45", "DOP853", *IMPLICIT])
def test_a_right_side_that_jumps_is_named(method):
    """What the moment of the jump contributes is missing: where it moves, an event has it."""

    def end(push):
        def relay(t, y):
            return [y[1], -np.where(y[0] > 0, push, 2.0) - 0.1 * y[1]]

        return integrate.solve_ivp(relay, (0, 12), [1.0, 0.0], method, rtol=1e-6, atol=1e-8).y[
            0, -1
        ]

    with pytest.warns(dr.ComparisonWarning, match="`relay` jumps at t = 1.4"):
        dr.grad(end)(1.0)


def test_a_jump_at_a_time_that_depends_on_what_is_traced_is_named():
    def end(start):
        def dose(t, y):
            return -y + (1.0 if t > start else 0.0)

        return integrate.solve_ivp(dose, (0, 4), [0.2], rtol=1e-6, atol=1e-8).y[0, -1]

    with pytest.warns(dr.ComparisonWarning, match="`dose` jumps at t = "):
        dr.grad(end)(2.0)


@pytest.mark.parametrize("method", ["RK45", "DOP853", *IMPLICIT])
def test_a_steep_right_side_is_none_that_jumps(method):
    def end(push):
        def steep(t, y):
            return -y + push * np.exp(-((t - 5) ** 2) / 0.005) + np.tanh(50 * (t - 7))

        return integrate.solve_ivp(steep, (0, 10), [0.5], method, rtol=1e-6, atol=1e-8).y[0, -1]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dr.grad(end)(1.0)


@pytest.mark.parametrize("method", ["RK45", "DOP853"])
def test_what_is_only_compared_is_named_whatever_the_steps_are(method):
    def end(level):
        def decay(t, y):
            return np.where(y > level, -2 * y, -0.5 * y)

        return integrate.solve_ivp(decay, (0, 2), [2.0], method, rtol=1e-3).y[0, -1]

    with pytest.warns(dr.ComparisonWarning, match="`decay` depends on a value .* only compares it"):
        dr.grad(end)(1.0)


def test_what_has_no_slope_just_here_is_not_only_compared():
    """A square at 0, and what an object holds besides, give no cause for a warning."""

    class Model:
        def __init__(self, p):
            self.rate, self.unused = p

        def __call__(self, t, y):
            return -(self.rate**2) * y

    def end(p):
        return integrate.solve_ivp(Model(p), (0, 1), [1.0]).y[0, -1]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(dr.grad(end)(np.array([0.0, 1.0])), [0, 0])


def test_odeint_takes_a_tolerance_for_each_equation():
    def end(p):
        rtol = np.array([1e-8, 1e-9])
        return integrate.odeint(lambda y, t: -p * y, [1.0, 2.0], [0, 1.0], rtol=rtol)[-1, 0]

    assert dr.grad(end)(2.0) == pytest.approx(-np.exp(-2), rel=1e-6)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_derivative_that_is_nan_is_nan():
    """By a slope that is not finite; steps are not cut for it."""

    def end(p):
        return integrate.solve_ivp(lambda t, y: [np.sqrt(p) - y[0], p], (0, 1), [1.0, 0.0]).y[0, -1]

    assert not np.isfinite(dr.grad(end)(0.0))
