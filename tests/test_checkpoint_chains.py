"""checkpoint_chain: the derivatives of a loop, from few stored states and the fewest steps."""

import functools
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from dualrev.snapshots import extra_steps, places, reversal
from tests.rows import examples
from tests.test_checkpoints import DERIVATIVES, Hidden, Model, X, peak


def chain(c):
    """A chain with so many snapshots, to be called as loop."""

    def run(step, state, n):
        return dr.checkpoint_chain(step, state, n, snapshots=c)

    return run


def loop(step, state, n):
    for _ in range(n):
        state = step(state)
    return state


# --------------------------------------------------------------------------------- the schedule


@functools.cache
def fewest(length, snapshots):
    """The least number of steps that reverse a chain, by trying all ways."""
    if length < 2:
        return 0
    if snapshots == 1:
        return length * (length - 1) // 2
    return min(
        m + fewest(m, snapshots) + fewest(length - m, snapshots - 1) for m in range(1, length)
    )


@pytest.mark.parametrize("snapshots", range(1, 7))
def test_no_schedule_runs_fewer_steps(snapshots):
    for length in range(1, 45):
        assert fewest(length, snapshots) == extra_steps(length, snapshots)


@given(st.integers(1, 400), st.integers(1, 12))
def test_the_schedule_is_griewank_and_walther_s(length, snapshots):
    """t(l, c) = r l - C(c + r, c + 1), and never more than c states are stored."""
    r = next(r for r in range(length) if comb(snapshots + r, snapshots) >= length)
    advances = []
    most = 0

    def advance(k, state, m):
        assert k == state
        advances.append(m - k)
        return m

    stored = [(0, 0)]
    for number, (k, state) in enumerate(reversal(length, snapshots, stored, advance), 1):
        assert k == state == length - number
        most = max(most, len(stored))
    assert r * length - comb(snapshots + r, snapshots + 1) == sum(advances)
    assert extra_steps(length, snapshots) == sum(advances)
    assert most <= snapshots
    assert len(places(length, snapshots)) <= snapshots


@given(st.integers(0, 60), st.integers(1, 9))
@settings(deadline=None, max_examples=examples(60))
def test_a_gradient_is_that_of_the_loop_to_the_bit_and_runs_the_fewest_steps(n, c):
    calls = []

    def step(x):
        calls.append(1)
        return x + 0.1 * np.sin(3 * x[::-1]) * x

    def f(x, run):
        return np.sum(run(step, x, n) ** 2)

    expected = dr.value_and_grad(lambda x: f(x, loop))(X)
    calls.clear()
    found = dr.value_and_grad(lambda x: f(x, chain(c)))(X)
    assert extra_steps(n + 1, c) + n == len(calls)
    for e, r in zip(expected, found):
        assert_array_equal(e, r)


def test_a_pull_again_starts_from_the_first_state():
    calls = []

    def step(x):
        calls.append(1)
        return np.sin(x)

    _, pull = dr.vjp(lambda x: chain(3)(step, x, 30), X)
    first = pull(X)[0]
    calls.clear()
    assert_array_equal(first, pull(X)[0])
    assert extra_steps(30, 3) + 30 == len(calls)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_pullback_has_derivatives_by_its_cotangent(mode):
    def f(x, run):
        return run(lambda y: y + 0.1 * np.sin(3 * y[::-1]) * y, x, 6)

    _, pull = dr.vjp(lambda x: f(x, chain(2)), X)
    transposed = dr.jacobian(lambda ct: pull(ct)[0], mode=mode)(np.ones(5))
    assert_allclose(dr.jacobian(lambda x: f(x, loop))(X).T, transposed, rtol=1e-12)


def test_cotangents_of_what_is_the_same_for_all_rows_are_added():
    def f(w, run):
        def of_row(x):
            return np.sum(run(lambda y: y + 0.1 * np.sin(w * y), x, 4))

        return dr.vmap(of_row)(np.stack([X, 2 * X, 3 * X])) @ [1.0, 2.0, 3.0]

    for derivative in (dr.grad, dr.hessian):
        expected = derivative(lambda w: f(w, loop))(2 * X)
        assert_allclose(expected, derivative(lambda w: f(w, chain(2)))(2 * X), rtol=1e-12)
        again = lambda step, x, n: loop(dr.checkpoint(step), x, n)  # noqa: E731
        assert_allclose(expected, derivative(lambda w: f(w, again))(2 * X), rtol=1e-12)


def test_forward_mode_runs_the_steps_once():
    calls = []

    def step(x):
        calls.append(1)
        return np.sin(x)

    for run in (
        lambda: chain(3)(step, X, 30),
        lambda: dr.jvp(lambda x: chain(3)(step, x, 30), (X,), (X,)),
        lambda: dr.vmap(lambda x: chain(3)(step, x, 30))(np.stack([X, X])),
    ):
        calls.clear()
        run()
        assert len(calls) == 30


# ------------------------------------------------------------------------------- ways to write it


def of_first_state(x, run, n):
    return np.sum(run(lambda x: x + 0.1 * np.sin(3 * x[::-1]) * x, x, n) ** 2)


def of_parameters(theta, run, n):
    return np.sum(run(lambda x: x + 0.1 * np.sin(theta * x) * theta, X, n) ** 2)


def of_both(x, run, n):
    p = {"theta": 2 * x, "other": [x[0]]}
    return np.sum(run(lambda y: y + 0.1 * np.sin(p["theta"] * y) * p["other"][0], x, n) * x)


def of_an_object(x, run, n):
    return np.sum(run(Model(x, 2).step, x + 1, n))


def with_a_number_and_a_sum(x, run, n):
    forcing = np.cos(np.arange(n + 1.0))

    def step(s):
        y = s["x"] + 0.1 * np.sin(x * s["x"]) * forcing[s["k"]]
        return {"x": y, "k": s["k"] + 1, "loss": s["loss"] + np.sum(y**2), "name": s["name"]}

    s = run(step, {"x": x, "k": 0, "loss": 0.0, "name": "a text"}, n)
    assert s["k"] == n
    return s["loss"] * s["x"][0]


def with_writes(x, run, n):
    def step(s):
        q, p = s
        q += 0.1 * p
        p[1:] -= 0.1 * np.sin(q[1:]) * x[1:]
        return q, p

    q, p = run(step, (x + 0, 2 * x), n)
    return np.sum(q * p)


def in_itself(x, run, n):
    def outer(y):
        return run(lambda z: z + 0.1 * np.sin(z * x), y, 3) * 0.9

    return np.sum(run(outer, x, n))


def of_checkpointed_steps(x, run, n):
    step = dr.checkpoint(lambda y: y + 0.1 * np.sin(y * x))
    return np.sum(run(step if run is not loop else step.f, x, n))


def in_a_checkpoint(x, run, n):
    def f(y):
        return run(lambda z: z + 0.1 * np.sin(z * x), y, n)

    return np.sum((f if run is loop else dr.checkpoint(f))(x))


PROGRAMS = [
    *(of_first_state, of_parameters, of_both, of_an_object, with_a_number_and_a_sum),
    *(with_writes, in_itself, of_checkpointed_steps, in_a_checkpoint),
]


@pytest.mark.one_in(4)
@pytest.mark.parametrize("derivative", DERIVATIVES)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_derivatives_are_those_of_the_loop(program, derivative):
    of = DERIVATIVES[derivative]
    for n, c in ((0, 1), (1, 1), (6, 2)):
        expected = of(lambda x: program(x, loop, n), X)
        found = of(lambda x: program(x, chain(c), n), X)
        for e, r in zip(np.atleast_1d(expected), np.atleast_1d(found), strict=True):
            assert_allclose(e, r, rtol=1e-11, atol=1e-12)


def test_the_first_state_is_not_written():
    q, p = X.copy(), 2 * X
    with_writes_on = lambda q, p: dr.checkpoint_chain(  # noqa: E731
        lambda s: (s[0].__iadd__(s[1]), s[1]), (q, p), 3, snapshots=2
    )
    with_writes_on(q, p)
    dr.jacobian(lambda q: with_writes_on(q, p)[0], mode="reverse")(q)
    assert_array_equal(X, q)
    assert_array_equal(2 * X, p)


def test_numbers_stay_numbers_and_dtypes_stay():
    half = dr.checkpoint_chain(lambda x: x * 0.5, 1.0, 3, snapshots=1)
    assert half == 0.125
    assert type(half) is np.float64
    x = X.astype(np.float32)
    step = lambda x: np.sin(x)  # noqa: E731
    assert dr.grad(lambda x: np.sum(chain(2)(step, x, 5)))(x).dtype == np.float32
    z = X + 1j
    expected = dr.grad(lambda z: np.sum(np.abs(loop(np.sin, z, 4))))(z)
    assert_array_equal(expected, dr.grad(lambda z: np.sum(np.abs(chain(2)(np.sin, z, 4))))(z))


def test_compiled():
    compiled = dr.compile(dr.grad(lambda x: of_both(x, chain(2), 5)))
    for x in (X, X + 1):
        assert_allclose(dr.grad(lambda x: of_both(x, loop, 5))(x), compiled(x), rtol=1e-12)


# -------------------------------------------------------------------------------------- memory


def states(n, c, derivative=dr.grad):
    x = np.linspace(0.1, 1.0, 10_000)

    def f(x):
        return np.sum(chain(c)(lambda x: np.sin(x) * np.cos(x), x, n))

    return peak(derivative(f), x)


def test_memory_is_that_of_the_snapshots_whatever_the_number_of_steps():
    at_work = states(10, 1)
    assert at_work < 25
    assert abs(states(40, 1) - at_work) < 3
    assert states(100, 10) - at_work < 12
    assert states(200, 20) - at_work < 22


def test_a_hessian_vector_product_stores_as_few_states():
    def product(f):
        return lambda x: dr.hvp(f)(x, x)

    assert states(60, 4, product) < 1.3 * states(15, 4, product)


def test_ten_thousand_steps_need_no_recursion():
    def f(x, run):
        return run(lambda x: x - 1e-4 * x**2, x, 10_000)

    assert dr.derivative(lambda x: f(x, loop))(0.5) == pytest.approx(
        dr.grad(lambda x: f(x, chain(40)))(0.5), rel=1e-12
    )


# ------------------------------------------------------------------------------ right, or an error


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((3.0, X, 2), dr.ArgumentError, "takes a function, it was given a float"),
        ((np.sin, X, -1), dr.ArgumentError, "n is -1"),
        ((np.sin, X, 2.5), dr.ArgumentError, "n is 2.5"),
        ((np.sin, X, "3"), dr.ArgumentError, "n is '3'"),
        ((np.sin, X, 3, 0), dr.ArgumentError, "snapshots is 0"),
        ((np.sin, X, 3, 1.5), dr.ArgumentError, "snapshots is 1.5"),
        ((lambda x: x[1:], X, 3), dr.ShapeError, r"shape \(4,\) and dtype float64; .*shape \(5,\)"),
        ((lambda x: x.astype("f4"), X, 3), dr.ShapeError, "dtype float32; .*dtype float64"),
        ((lambda x: (x, x), X, 3), dr.StructureError, r"\(\*, \*\) instead of \*"),
        ((lambda s: {"a": s["b"]}, {"b": X}, 3), dr.StructureError, "instead of {'b': "),
        ((lambda x: None, X, 3), dr.StructureError, "None instead of"),
        (
            (lambda s: [s[0], s[1] + 0.5], [X, 0], 3),
            dr.ShapeError,
            r"state\[1\].* came in as no array",
        ),
    ],
)
@pytest.mark.parametrize("traced", [False, True])
def test_bad_input_is_named(arguments, error, text, traced):
    step, state, n, c = (*arguments, 2)[:4]
    run = lambda x: dr.checkpoint_chain(step, state, n, snapshots=c)  # noqa: E731
    if traced:

        def run(x):
            captured = (lambda s: (x, step(s))[1]) if callable(step) else step
            return dr.checkpoint_chain(captured, state, n, snapshots=c)

    with pytest.raises(error, match=text):
        dr.jacobian(run, mode="reverse")(X)


def gradient(program):
    return dr.grad(lambda x: np.sum(program(x)))(X)


def test_what_changes_before_the_pull_is_an_error():
    def program(x):
        c = np.ones(5)
        y = chain(2)(lambda x: x + np.sin(x * c), x, 5)
        c[0] = 2.0
        return y

    with pytest.raises(dr.MutationError):
        gradient(program)
    rng = np.random.default_rng(0)
    with pytest.raises(dr.MutationError):
        gradient(lambda x: chain(2)(lambda x: x + rng.random(5), x, 5))


def test_a_step_that_computes_otherwise_with_plain_arrays_is_an_error():
    def step(x):
        return np.sin(x) + (0.1 if type(x) is np.ndarray else 0.0)

    with pytest.raises(dr.MutationError):
        gradient(lambda x: chain(2)(step, x, 6))


def test_what_changes_after_a_pull_is_an_error_of_the_next_one():
    c = np.ones(5)
    _, linear = dr.linearize(lambda x: chain(2)(lambda x: np.sin(x * c), x, 5), X)
    linear.pull(X)
    linear.push(X)
    c[0] = 2.0
    for sweep in (linear.pull, linear.push):
        with pytest.raises(dr.MutationError):
            sweep(X)


def test_a_traced_value_that_is_not_found_is_an_error():
    def program(x):
        hidden = Hidden(2 * x)
        return chain(2)(lambda y: y * hidden.x, x, 5)

    with pytest.raises(dr.EscapedTracerError, match="none of its arguments"):
        gradient(program)


def test_a_write_into_what_is_captured_is_an_error():
    def program(x):
        w = 2 * x

        def step(y):
            w[0] = y[1]
            return y * w

        return chain(2)(step, x, 5)

    with pytest.raises(dr.InPlaceError):
        gradient(program)


# ------------------------------------------------------------------------------------- progress


def test_progress_counts_the_steps_of_a_pull():
    counted = []

    def progress(steps):
        for step in steps:
            yield step
            counted.append(step)

    run = functools.partial(dr.checkpoint_chain, np.sin, n=7, snapshots=2)
    with_bar = dr.grad(lambda x: np.sum(run(x, progress=progress)))(X)
    assert_array_equal(dr.grad(lambda x: np.sum(run(x)))(X), with_bar)
    assert counted == list(range(7))
    with pytest.raises(dr.ArgumentError, match="progress is 3"):
        run(X, progress=3)


def test_a_bar_is_shown(capsys):
    pytest.importorskip("tqdm")
    dr.grad(lambda x: np.sum(dr.checkpoint_chain(np.sin, x, 7, snapshots=2, progress=True)))(X)
    assert "pull of numpy.sin" in capsys.readouterr().err
