"""Threads, processes and pickles: levels and tapes that several hands use at once."""

import concurrent.futures
import copy
import functools
import multiprocessing
import pickle
import sys
import threading

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev.traces import Trace

X = np.array([0.5, -1.0, 2.0, 0.25])


def energy(x):
    """Energy of a chain."""
    return np.sum(np.sin(x) ** 2) + x[0] * x[1]


def residuals(x, scale=1.0):
    return scale * x**2 - x[0]


def array_result(x):
    return x**2


class Model:
    """A user's class: its bound methods pickle, so their derivatives do."""

    def __init__(self, rate):
        self.rate = rate

    def loss(self, x):
        return np.sum(x**2) * self.rate

    @functools.partial(dr.grad, argnums=1)
    def slope(self, x):
        return np.sum(x**2) * self.rate


@pytest.fixture
def eager_switching():
    """The interpreter changes threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def in_threads(work, count):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(work, i) for i in range(count)]]


# --------------------------------------------------------------------------------- threads


def test_eight_threads_of_nested_gradients_do_not_disturb_each_other(eager_switching):
    """Thread i takes the third derivative of x**i, in a different product of modes each time."""
    modes = [dr.grad, dr.derivative]
    barrier = threading.Barrier(8)

    def work(i):
        barrier.wait()
        power = i + 3
        answers = []
        for k in range(8):
            f = functools.reduce(
                lambda f, bit: modes[(k >> bit) & 1](f), range(3), lambda x: x**power
            )
            answers.append(f(1.5))
        return answers

    for i, answers in enumerate(in_threads(work, 8)):
        n = i + 3
        expected = n * (n - 1) * (n - 2) * 1.5 ** (n - 3)
        assert_allclose([expected] * 8, answers, rtol=1e-12)


def test_eight_threads_share_one_gradient_object(eager_switching):
    gradient, hessian = dr.grad(energy), dr.hessian(energy)
    expected = gradient(X), hessian(X)

    for answers in in_threads(lambda i: [(gradient(X), hessian(X)) for _ in range(5)], 8):
        for first, second in answers:
            np.testing.assert_array_equal(expected[0], first)
            np.testing.assert_array_equal(expected[1], second)


def test_eight_threads_pull_one_pullback(eager_switching):
    _, pull = dr.vjp(lambda x: np.sin(x) * x[0] + x[::-1], X)
    expected = pull(X)[0]
    for answers in in_threads(lambda i: [pull(X)[0] for _ in range(20)], 8):
        for answer in answers:
            np.testing.assert_array_equal(expected, answer)


def piecewise(x, count=4, operations=300):
    """Threads that start inside f and record on its tape, each its own chain of operations."""

    def chain(i):
        y = x[i]
        for _ in range(operations):
            y = y * 1.001
        return np.sin(y) * x[i]

    return sum(in_threads(chain, count))


def piecewise_in_closed_form(x):
    factor = 1.0
    for _ in range(300):
        factor *= 1.001
    gradient = np.sin(factor * x) + factor * x * np.cos(factor * x)
    hessian = 2 * factor * np.cos(factor * x) - factor**2 * x * np.sin(factor * x)
    return gradient, np.diag(hessian)


@pytest.mark.parametrize("attempt", range(3))
def test_threads_started_inside_f_record_on_its_tape(attempt, eager_switching):
    gradient, hessian = piecewise_in_closed_form(X)
    assert_allclose(gradient, dr.grad(piecewise)(X), rtol=1e-12)
    assert_allclose(gradient, dr.jacobian(piecewise, mode="reverse")(X), rtol=1e-12)
    assert_allclose(gradient, dr.jacobian(piecewise, mode="forward")(X), rtol=1e-12)
    assert_allclose(hessian @ X, dr.hvp(piecewise)(X, X), rtol=1e-12)


@pytest.mark.parametrize("attempt", range(2))
def test_threads_started_inside_f_are_pushed_through(attempt, eager_switching):
    gradient, _ = piecewise_in_closed_form(X)
    _, tangent = dr.jvp(piecewise, (X,), (np.ones(4),))
    assert_allclose(gradient.sum(), tangent, rtol=1e-12)


def filled_by_threads(x):
    """Each thread writes every fourth element, and rewrites what it wrote."""
    y = np.zeros_like(x)

    def fill(first):
        for i in range(first, len(x), 4):
            y[i] = x[i] ** 2
            y[i] *= x[i]

    in_threads(fill, 4)
    return np.sum(y)


def test_threads_that_fill_one_array_lose_no_write(eager_switching):
    x = np.linspace(0.5, 1.5, 60)
    for _ in range(5):
        assert_allclose(3 * x**2, dr.grad(filled_by_threads)(x), rtol=1e-12)
        assert_allclose(6 * x * x, dr.hvp(filled_by_threads)(x, x), rtol=1e-12)
        _, tangent = dr.jvp(filled_by_threads, (x,), (np.ones_like(x),))
        assert_allclose(np.sum(3 * x**2), tangent, rtol=1e-12)


def out_of_order(x):
    """Two entries of the tape change places, as when a thread is stopped before it appends."""
    tape = getattr(x, "tape", None)
    if tape is None:
        return np.sum(np.exp(x * 2) * (x * 3))
    append, held = tape.append, []
    tape.append = held.append
    a = x * 2
    tape.append = append
    b = x * 3
    append(held.pop())
    return np.sum(np.exp(a) * b)


def test_entries_appended_out_of_order_are_swept_in_order():
    """f = sum 3 x exp(2 x)."""
    gradient = 3 * np.exp(2 * X) * (1 + 2 * X)
    hessian = np.diag(12 * np.exp(2 * X) * (1 + X))
    assert_allclose(gradient, dr.grad(out_of_order)(X), rtol=1e-12)
    assert_allclose(gradient, dr.jacobian(out_of_order, mode="reverse")(X), rtol=1e-12)
    assert_allclose(gradient, dr.jacobian(out_of_order, mode="forward")(X), rtol=1e-12)
    assert_allclose(hessian, dr.hessian(out_of_order)(X), rtol=1e-12)


def test_gradients_taken_in_threads_inside_f_are_differentiated(eager_switching):
    """Each thread takes an inner gradient that the outer transform sees."""

    def f(x):
        return sum(in_threads(lambda i: dr.grad(lambda y: y**2 * x[i])(x[i]), 4))

    # d/dy (y**2 x_i) at x_i is 2 x_i**2
    assert_allclose(4 * X, dr.grad(f)(X), rtol=1e-12)
    assert_allclose(np.diag([4.0] * 4), dr.hessian(f)(X), rtol=1e-12)


def test_entries_in_any_order_are_swept_alike():
    """As threads leave them; an entry without influence may stand where another belongs."""

    def f(x):
        y = np.sin(x)
        return [y * x, np.sum(y) * x[0], np.cos(x)]

    def trace():
        return Trace(f, lambda variables: f(*variables), [X])

    cts, t = [X, np.float64(2), None], np.ones(X.shape)
    pulled, pushed = trace().pull(cts), trace().push([t])
    rng = np.random.default_rng(0)
    for _ in range(30):
        for sweep, expected in (
            (lambda traced: traced.pull(cts), pulled),
            (lambda traced: traced.push([t]), pushed),
        ):
            traced = trace()
            entries = traced.tape.entries
            entries[1:] = [entries[1 + k] for k in rng.permutation(len(entries) - 1)]
            for a, b in zip(expected, sweep(traced), strict=True):
                np.testing.assert_array_equal(a, b)


def test_thread_that_outlives_f_cannot_record():
    """A Var used by a thread after its transform has ended is an error in that thread."""
    go, caught = threading.Event(), []

    def late(x):
        go.wait(5)
        try:
            x * 2
        except dr.EscapedTracerError as error:
            caught.append(error)

    threads = []

    def f(x):
        threads.append(threading.Thread(target=late, args=(x,)))
        threads[-1].start()
        return x @ x

    assert_allclose(2 * X, dr.grad(f)(X))
    go.set()
    threads[0].join()
    assert len(caught) == 1


def test_dataclass_met_first_by_eight_threads_at_once_is_registered_once(eager_switching):
    import dataclasses

    for _ in range(5):
        record = dataclasses.make_dataclass("Record", [("w", object), ("b", object)])
        barrier = threading.Barrier(8)

        def work(i):
            barrier.wait()
            return dr.grad(lambda r: r.w * r.b)(record(2.0, 3.0))

        for answer in in_threads(work, 8):
            assert answer.w == 3.0
            assert answer.b == 2.0


# ----------------------------------------------------------------------------- pickle and copy

OPERATORS = {
    "grad": dr.grad(energy),
    "value_and_grad": dr.value_and_grad(energy),
    "jacobian": dr.jacobian(residuals),
    "jacobian of grad": dr.jacobian(dr.grad(energy), mode="reverse"),
    "hessian": dr.hessian(energy),
    "hvp": functools.partial(dr.hvp(energy), v=np.ones(4)),
    "derivative": functools.partial(dr.derivative(residuals, argnames="scale"), scale=2.0),
    "partial": dr.jacobian(functools.partial(residuals, scale=3.0)),
    "bound method": dr.grad(Model(2.0).loss),
    "decorated method": Model(2.0).slope,
}


@pytest.mark.parametrize(
    "copied", [lambda f: pickle.loads(pickle.dumps(f)), copy.copy, copy.deepcopy]
)
@pytest.mark.parametrize("name", OPERATORS)
def test_derivative_is_the_same_after_pickle_and_copy(name, copied):
    operator = OPERATORS[name]
    expected, answer = operator(X), copied(operator)(X)
    for a, b in zip(np.atleast_1d(*expected) if name == "value_and_grad" else [expected],
                    np.atleast_1d(*answer) if name == "value_and_grad" else [answer]):  # fmt: skip
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_gradient_pickles_in_every_protocol(protocol):
    gradient = pickle.loads(pickle.dumps(dr.grad(energy), protocol))
    np.testing.assert_array_equal(dr.grad(energy)(X), gradient(X))
    assert gradient.__name__ == "energy"
    assert gradient.__doc__ == "Energy of a chain."


def test_error_is_the_same_after_pickle():
    with pytest.raises(dr.NonScalarError) as caught:
        dr.grad(array_result)(X)
    error = pickle.loads(pickle.dumps(caught.value))
    assert type(error) is dr.NonScalarError
    assert str(caught.value) == str(error)


def test_tracer_is_not_pickled():
    with pytest.raises(dr.EscapedTracerError, match="pickle"):
        dr.grad(lambda x: pickle.loads(pickle.dumps(x)) @ x)(X)


def failing_gradient(x):
    return dr.grad(array_result)(x)


def test_derivatives_work_in_spawned_processes():
    """Sent to a fresh interpreter, gradients and errors come back whole."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        jobs = [pool.submit(f, X) for f in (dr.grad(energy), dr.hessian(energy))]
        failing = pool.submit(failing_gradient, X)
        np.testing.assert_array_equal(dr.grad(energy)(X), jobs[0].result(60))
        np.testing.assert_array_equal(dr.hessian(energy)(X), jobs[1].result(60))
        with pytest.raises(dr.NonScalarError, match=r"dr\.jacobian\(f\)"):
            failing.result(60)
