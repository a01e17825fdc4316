"""What is left behind: nothing, and without the garbage collector's help."""

import contextlib
import gc
import tracemalloc
import weakref

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev.scipy import integrate, stats

X = np.linspace(0.1, 1.0, 10)


def energy(x):
    y = x.copy()
    y[0] = x[1] * 2
    for value in x:
        y = y * value + np.sin(y)
    v = np.array([y[0], 2 * y[1]])
    return np.sum(y**2) + v @ v


def pulled(x):
    _, pull = dr.vjp(energy, x)
    return pull(1.0), pull(2.0)


def linearized(x):
    _, linear = dr.linearize(lambda x: np.sin(x) * x, x)
    return linear.push(x), linear.pull(x), linear.operator @ x


def failing(x):
    def f(x):
        y = x * 2
        raise KeyError(y.shape)

    try:
        dr.grad(f)(x)
    except KeyError:
        return


def filled(x, make):
    y = make(dr.numpy.zeros(3))
    y[1:] = x[0]
    return np.sum(y**2)


def equilibrium(x):
    """The solution of y**3 + x y = 1, from where a solver on plain numbers has stopped."""
    y = np.full(x.shape, 0.6)
    for _ in range(20):
        y = y - (y**3 + dr.stop_gradient(x) * y - 1) / (3 * y**2 + dr.stop_gradient(x))
    return np.sum(dr.implicit.root(lambda y, x: y**3 + x * y - 1, y, (x,)))


def compiled_anew(x, engine="numpy"):
    """With steps on arrays, and on single numbers."""
    return dr.compile(dr.grad(lambda x: np.sum(np.sin(x) * x[0]) + x[1] ** 3), engine=engine)(x)


WORK = {
    "grad": dr.grad(energy),
    "value_and_grad": dr.value_and_grad(energy),
    "grad with aux": dr.grad(lambda x: (energy(x), x * 2), has_aux=True),
    "jacobian forward": dr.jacobian(lambda x: np.sin(x) * x[0], mode="forward"),
    "jacobian reverse": dr.jacobian(lambda x: np.sin(x) * x[0], mode="reverse"),
    "jvp": lambda x: dr.jvp(energy, (x,), (x,)),
    "vjp": pulled,
    "linearize": linearized,
    "hvp": lambda x: dr.hvp(energy)(x, x),
    "hessian": dr.hessian(lambda x: np.sum(x**3)),
    "grad of grad": dr.grad(lambda x: np.sum(dr.grad(energy)(x) ** 2)),
    "structure": lambda x: dr.grad(lambda p: np.sum(p["a"] * p["b"][0]))({"a": x, "b": [x]}),
    "failing f": failing,
    "filled array": dr.grad(lambda x: filled(x, lambda y: y)),
    "filled copy": dr.grad(lambda x: filled(x, lambda y: y.astype(float))),
    "filled array like another": dr.grad(lambda x: filled(x, np.zeros_like)),
    "filled view": dr.grad(lambda x: filled(x, lambda y: np.zeros_like(y)[:])),
    "vmap": lambda x: dr.vmap(dr.grad(lambda x: np.sum(x**3)))(np.outer(x, x)),
    "taylor": lambda x: dr.taylor(lambda x: np.sin(x) * x[0], x, x, 3),
    "compiled": dr.compile(dr.grad(energy), engine="numpy"),
    "compile": compiled_anew,
    "sparse jacobian": dr.jacobian(lambda x: x[1:] * np.sin(x[:-1]), sparse=True),
    "sparse hessian": dr.hessian(lambda x: np.sum(x[1:] * np.sin(x[:-1])), sparse=True),
    "implicit root": dr.grad(equilibrium),
    "density": dr.grad(lambda x: np.sum(stats.gamma.logpdf(x, 2.0 + x))),
}


@pytest.fixture
def no_gc():
    gc.collect()
    gc.freeze()  # what other tests have left, their reports among it, is not counted again and again
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("name", WORK)
def test_two_hundred_calls_leave_no_tracked_object(name, no_gc):
    """With gc off, the number of objects that it tracks is the same after 200 calls."""
    work = WORK[name]
    for _ in range(3):
        work(X)
    before = len(gc.get_objects())
    for _ in range(200):
        work(X)
    after = len(gc.get_objects())
    # A cache that fills once is no leak; one object a call would be 200.
    assert after - before < 20


@pytest.mark.parametrize("engine", ["numpy", "llvm"])
def test_a_program_is_freed_with_the_compiled_function(engine, no_gc):
    """A program has more than a hundred objects, and memory for all its arrays."""
    if engine == "llvm":
        pytest.importorskip("llvmlite")
    compiled_anew(X, engine)
    before = len(gc.get_objects())
    for _ in range(5):
        compiled_anew(X, engine)
    assert len(gc.get_objects()) - before < 20


def neighbours(x):
    return x[1:] * np.sin(x[:-1])


MATRICES = {
    "prepared": lambda: dr.prepare_jacobian(neighbours, X),
    "prepared, compiled": lambda: dr.prepare_jacobian(neighbours, X, compile=True),
    "jacobian": lambda: dr.jacobian(neighbours, sparse=True),
    "hessian": lambda: dr.hessian(lambda x: np.sum(neighbours(x)), sparse=True),
}


@pytest.mark.parametrize("name", MATRICES)
def test_a_sparse_matrix_of_derivatives_is_freed_with_its_last_handle(name, no_gc):
    matrix = MATRICES[name]()
    matrix(X)
    alive = weakref.ref(matrix)
    kept = weakref.ref(matrix._sparse if hasattr(matrix, "_sparse") else matrix._evaluation)
    del matrix
    assert alive() is None
    assert kept() is None


def decayed(x):
    """What remains of two amounts after a time of 1, at the rates x."""
    fall = lambda t, y: -x[:2] * y  # noqa: E731
    return np.sum(integrate.solve_ivp(fall, (0.0, 1.0), np.array([1.0, 2.0]), rtol=1e-4).y[:, -1])


def test_the_steps_of_a_solver_are_freed_with_the_gradient(no_gc):
    """SciPy's solver holds itself until the collector comes; nothing of ours is with it."""
    gradient = dr.grad(decayed)
    gradient(X)
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gradient(X)
        gc.collect()
        ours = [x for x in gc.garbage if type(x).__module__.startswith("dualrev")]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    assert not ours


@pytest.mark.parametrize("size", [10, 50_000], ids=["copied", "watched"])
@pytest.mark.parametrize("transform", ["grad", "jvp", "hvp", "jacobian", "failing"])
def test_captured_array_is_freed_with_its_last_handle(transform, size, no_gc):
    """Neither a tape nor a table of constants holds the user's array after the call."""
    captured = np.ones(size)
    alive = weakref.ref(captured)

    def f(x, captured):
        y = np.sum(captured * x)
        if transform == "failing":
            raise KeyError(y.shape)
        return y * x

    if transform == "grad":
        dr.grad(f)(2.0, captured)
    elif transform == "jvp":
        dr.jvp(lambda x, captured=captured: f(x, captured), (2.0,), (1.0,))
    elif transform == "hvp":
        dr.hvp(f)(2.0, 1.0, captured)
    elif transform == "jacobian":
        dr.jacobian(f)(2.0, captured)
    else:
        with contextlib.suppress(KeyError):
            dr.grad(f)(2.0, captured)
    del captured
    assert alive() is None


def test_tape_is_freed_when_the_gradient_returns(no_gc):
    tapes = []

    def f(x):
        tapes.append(weakref.ref(x.tape))
        return np.sum(np.sin(x) * x)

    dr.grad(f)(X)
    assert tapes[0]() is None


def test_tape_is_freed_with_the_pullback(no_gc):
    tapes = []

    def f(x):
        tapes.append(weakref.ref(x.tape))
        return np.sin(x) * x

    _, pull = dr.vjp(f, X)
    pull(X)
    assert tapes[0]() is not None
    del pull
    assert tapes[0]() is None


def test_inner_tape_is_freed_while_the_outer_one_records(no_gc):
    tapes = []

    def inner(x):
        tapes.append(weakref.ref(x.tape))
        return np.sum(x**3)

    def f(x):
        y = dr.grad(inner)(x)
        assert tapes[-1]() is None
        return np.sum(y)

    assert_allclose(6 * X, dr.grad(f)(X))


def test_pull_frees_each_entry_as_it_passes():
    """The peak of a gradient is the intermediates and a few arrays, not twice as much."""
    operations, size = 100, 20_000
    x = np.full(size, 0.5)

    def f(x):
        for _ in range(operations):
            x = np.sin(x)
        return np.sum(x)

    dr.grad(f)(x[:2])
    tracemalloc.start()
    try:
        dr.grad(f)(x)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    intermediates = operations * x.nbytes
    assert peak < intermediates + 10 * x.nbytes


def test_forward_mode_holds_no_intermediates():
    operations, size = 100, 20_000
    x = np.full(size, 0.5)

    def f(x):
        for _ in range(operations):
            x = np.sin(x)
        return np.sum(x)

    dr.jvp(f, (x,), (x,))
    tracemalloc.start()
    try:
        dr.jvp(f, (x,), (x,))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 15 * x.nbytes


def test_a_tape_keeps_of_a_large_choice_its_condition_only():
    """Beside the argument and the answer, twice: a byte an element, not the two arrays chosen from."""
    x = np.linspace(-1.0, 1.0, 100_000)
    f = lambda x: np.where(x > 0, x + 1.0, x * 2.0)  # noqa: E731
    dr.vjp(f, x[:2])
    tracemalloc.start()
    try:
        ans, pull = dr.vjp(f, x)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 3.5 * x.nbytes
    assert_allclose(np.where(x > 0, 1.0, 2.0), pull(np.ones_like(x))[0])


# ------------------------------------------------------------------------------- deep tapes

DEPTH = 20_000


def deep(x):
    """FACTOR * x, in DEPTH operations."""
    y = x
    for _ in range(DEPTH // 2):
        y = y * 1.0001 + 0.0
    return y


FACTOR = 1.0001 ** (DEPTH // 2)


def test_deep_tape_first_order():
    """No recursion over the tape: not to pull, not to push, not to free it."""
    assert_allclose(FACTOR, dr.grad(deep)(1.0), rtol=1e-10)
    assert_allclose(FACTOR, dr.jacobian(deep, mode="forward")(1.0), rtol=1e-10)
    assert_allclose(FACTOR, dr.derivative(deep)(1.0), rtol=1e-10)


def test_deep_tape_second_order():
    def squared(x):
        return deep(x) ** 2

    expected = 2 * FACTOR**2
    assert_allclose(expected, dr.hvp(squared)(1.0, 1.0), rtol=1e-10)
    assert_allclose(expected, dr.grad(dr.grad(squared))(1.0), rtol=1e-10)
    assert_allclose(expected, dr.grad(dr.derivative(squared))(1.0), rtol=1e-10)


def test_deep_chain_of_views_is_freed_without_recursion():
    def f(x):
        for _ in range(DEPTH):
            x = x[::-1]
        return x[0] * x[0]

    assert_allclose([2.0, 0.0], dr.grad(f)(np.array([1.0, 2.0])))
    assert_allclose(
        [2.0, 0.0], dr.jvp(f, (np.array([1.0, 2.0]),), (np.eye(2)[0],))[1] * np.eye(2)[0]
    )


def test_deep_chain_of_assignments_is_freed_without_recursion():
    def f(x):
        y = x.copy()
        for _ in range(DEPTH // 4):
            y[0] = y[1] * 1.0
            y[1] = y[0]
        return y.sum()

    assert_allclose([0.0, 2.0], dr.grad(f)(np.array([1.0, 2.0])))


def test_deep_pullback_is_freed_without_recursion():
    _, pull = dr.vjp(deep, 1.0)
    assert_allclose(FACTOR, pull(1.0)[0], rtol=1e-10)
    del pull
