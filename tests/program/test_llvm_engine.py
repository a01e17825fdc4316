"""The engine "llvm" answers what the engine "numpy" does, to the bit where nothing else is said."""

import threading
import warnings

import numpy as np
import pytest
import scipy.linalg

import dualrev as dr
from tests.cases import all_cases
from tests.program.test_laws import derivatives
from tests.test_laws import outputs_of, random_like

pytest.importorskip("llvmlite")

from dualrev.program import numpy_engine
from dualrev.program.llvm import driver
from dualrev.program.llvm import engine as llvm_engine
from dualrev.program.steps import Diverged

CASES = [case for case in all_cases() if not case.of_options][::24]


#: Up to NumPy 2.2 large sums were added by blocks of its buffer.
EXACT = np.lib.NumpyVersion(np.__version__) >= "2.3.0"


def both(f, *args):
    """The function compiled for each engine, after a first call."""
    pair = dr.compile(f, engine="numpy"), dr.compile(f, engine="llvm")
    for fast in pair:
        fast(*args)
    return pair


def assert_same(f, *calls, exact=EXACT):
    numpy, llvm = both(f, *calls[0])
    for args in calls:
        expected, found = numpy(*args), llvm(*args)
        assert_identical(expected, found, exact)
    return llvm


def assert_identical(expected, found, exact=EXACT):
    if isinstance(expected, tuple):
        for e, x in zip(expected, found, strict=True):
            assert_identical(e, x, exact)
    else:
        assert type(expected) is type(found)
        assert np.result_type(expected) == np.result_type(found)
        if exact:
            np.testing.assert_array_equal(expected, found)
            signs = np.signbit(np.real(expected)), np.signbit(np.real(found))
            np.testing.assert_array_equal(*signs)
        else:
            near = 1e-12 if np.result_type(expected).itemsize >= 8 else 1e-5
            np.testing.assert_allclose(found, expected, rtol=near, atol=near * scale(expected))


def scale(x):
    return np.max(np.abs(x), initial=0, where=np.isfinite(x)) if np.asarray(x).dtype != bool else 0


def calls_of(f, *args):
    """Functions that the engine calls between its tables."""
    llvm = dr.compile(f, engine="llvm")
    workspace = llvm_engine.Workspace(llvm.program(*args).steps)
    calls = [call for call in workspace._calls if call[0] != type(workspace)._walk]
    return [args[0] if function is numpy_engine._store else function for function, args in calls]


@pytest.mark.one_in(3)
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::dualrev.PerformanceWarning")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_engines_agree(case, rng):
    check_case(case, rng)


def check_case(case, rng):
    """Value, pushforward and pullback of one row of the table, to the last digits.

    To the bit in 99 rows of 100; products of matrices with conversions are BLAS's on other strides.
    """
    f = outputs_of(case)
    args = tuple(map(np.asarray, case.args))
    ts = tuple(np.asarray(random_like(rng, x)) for x in args)
    ct = random_like(rng, dr.jvp(f, args, ts)[0])
    assert_same(derivatives(f), (args, ts, ct), (args, ts, 2 * ct), exact=False)


def everything(x, y):
    """Elementwise functions, broadcasting, reductions, masks, writes, views and numbers."""
    z = np.where(x > y, x, 2) * y[0] - 1 / (1 + x * x)
    w = z.copy()
    w[..., 1:] = z[..., :-1]
    w[..., 0] = 3
    total = np.sum(w, axis=0) + np.max(z, axis=-1, keepdims=True)
    return (
        total,
        np.sum(z),
        np.sum(z[..., ::-1] * x[..., ::-1]),
        w.T,
        z[0] > 0,
        np.prod(x.T, axis=0),
    )


@pytest.mark.parametrize("dtype", "efdgFDGilB?")
def test_all_dtypes(dtype, rng):
    x, y = (rng.normal(size=(4, 5)) * 3).astype(dtype), (rng.normal(size=(4, 5)) * 3).astype(dtype)
    assert_same(everything, (x, y), (y, x), (y, y))


@pytest.mark.parametrize("pair", ["fd", "ld", "?d", "lf", "Dd", "Ff", "il", "Bi", "dg", "ed"])
def test_dtypes_are_mixed_as_numpy_does(pair, rng):
    x, y = ((rng.normal(size=(4, 4)) * 3).astype(dtype) for dtype in pair)
    assert_same(everything, (x, y), (x[::-1], y[::-1]))


@pytest.mark.parametrize("shape", [(0, 3), (3, 0, 2), (1, 1), (1, 7), (7, 1), (2, 3, 4)])
def test_shapes(shape, rng):
    def f(x):
        return np.sin(x) * x.T.sum(), np.sum(x, axis=0), x[..., ::2] * 2.0, -x.T

    assert_same(f, *[(rng.normal(size=shape),) for _ in range(2)])


def test_numbers(rng):
    def f(x, k, z):
        return np.sin(x) * k, x**2, z * 1j, (x + 1, (k - 2,), 7), k > 1

    assert_same(f, (1.5, 2, 2j), (0.5, 3, 1.0 + 1j))


@pytest.mark.parametrize("axis", [None, 0, 1, 2, (0, 2), (1, 2), -1])
@pytest.mark.parametrize("order", ["C", "F", "strided", "backwards"])
def test_sums_are_added_in_the_order_of_numpy(axis, order, rng):
    def f(x):
        view = {"C": x, "F": x.T, "strided": x[:, ::2, 1:], "backwards": x[::-1, :, ::-1]}[order]
        return np.sum(view, axis), np.max(view, axis), np.prod(view, axis, keepdims=True)

    assert_same(f, *[(rng.normal(size=(23, 34, 45)),) for _ in range(2)])


def test_a_large_sum_is_pairwise(rng):
    assert_same(lambda x: np.sum(np.exp(x)), (rng.normal(size=100_003),))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((3, 4), (4, 5)),
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (2, 3, 4)),
        ((5, 2, 3), (3, 4)),
        ((1, 3), (3, 1)),
        ((2, 0), (0, 3)),
        ((6, 2, 3), (1, 3, 3)),
    ],
)
def test_products_of_matrices(a, b, rng):
    for dtype in "dfDl":
        x, y = (np.asarray(rng.normal(size=shape) * 9).astype(dtype) for shape in (a, b))
        assert_same(lambda x, y: x @ y, (x, y))
        assert not calls_of(lambda x, y: x @ y, x, y)
        assert_same(lambda x, y: x[..., ::-1] @ y[::-1] if y.ndim == 1 else x @ -y, (x, y))


def test_what_is_copied_onto_itself_is_copied_as_by_numpy(rng):
    def f(x):
        x = x * 1.0
        x[1:] = x[:-1]
        x[::-1] = x
        x[2:4] += x[1:3]
        return x

    assert_same(f, (rng.normal(size=9),))


def test_large_arguments_are_read_where_they_lie_and_never_written(rng):
    x, y = rng.normal(size=(2, 50_000))

    def f(x, y):
        x = x * 2
        x[0] = y[1]
        return x, np.sum(x * y), y

    llvm = assert_same(f, (x, y), (y, x), (np.repeat(x, 2)[::2], y), (x[::-1], x[::-1]))
    workspace = llvm_engine.Workspace(llvm.program(x, y).steps)
    workspace.inputs[0][...] = np.nan
    x.flags.writeable = y.flags.writeable = False
    first, total, _ = workspace.run((x, y))
    assert np.isnan(workspace.inputs[0]).mean() > 0.9  # no copy was made
    kept = first.copy()
    workspace.run((y, x))
    np.testing.assert_array_equal(first, kept)
    assert first.flags.owndata


def test_large_arguments_of_any_order_are_read_where_they_lie(rng):
    def f(x):
        return np.sin(x) + x, np.sum(x, axis=0)

    x = rng.normal(size=(200, 300))
    assert_same(f, (x.T,), (2 * x.T,), (np.asfortranarray(x.T),), (np.ascontiguousarray(x.T),))


@pytest.mark.filterwarnings("error")  # as of a program that fails, and is not replayed
def test_a_large_argument_on_which_nothing_depends_is_left_alone(rng):
    w, x = rng.normal(size=(2, 50_000))
    slope = dr.compile(dr.grad(lambda x: np.sum(w * x)), engine="llvm")
    for scale in (1.0, 2.0):
        np.testing.assert_array_equal(w, slope(scale * x))


def test_an_argument_that_lies_between_numbers_is_copied(rng):
    memory = np.zeros(8 * 50_000 + 1, np.uint8)
    x = memory[1:].view(float)
    x[...] = rng.normal(size=50_000)
    assert not x.flags.aligned
    assert_same(lambda x: np.sin(x) + x[::-1], (x.copy(),), (x,))


def test_guards_stop_the_table_where_they_stand(rng):
    def f(x):
        y = np.sum(x)
        y = y + 1 if x[1] > 0 else y - 1
        while y < 20:
            y = y * 2
        return np.sqrt(np.abs(x)) * y

    fast = dr.compile(dr.grad(lambda x: np.sum(f(x))), engine="llvm")
    eager = dr.grad(lambda x: np.sum(f(x)))
    for scale in (1, 4, 2, 30, 4, 1, 5):
        x = scale * np.array([1.5, -0.5, 2.0])
        np.testing.assert_allclose(fast(x), eager(x), rtol=1e-14)
    x = np.array([1.5, 30.0, 2.0])
    with pytest.raises(Diverged) as met:
        llvm_engine.Workspace(fast.program(x).steps).run((np.array([1.0, 0.1, 0.2]),))
    assert met.value.seen == b"\1"


def test_a_guard_of_an_array_compares_all_of_it():
    def f(x):
        return x * (np.asarray(x[::2] > 1) + np.array([0, 1]))[0] if list(x[::2] > 1) else x

    fast = dr.compile(f, engine="llvm")
    for x in ([0.0, 0, 2, 0], [2.0, 0, 0, 0], [2.0, 0, 2, 0], [0.0, 0, 2, 0]):
        np.testing.assert_array_equal(fast(np.array(x)), f(np.array(x)))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_nan_is_met_as_in_the_engine_numpy():
    f = dr.grad(lambda x: np.sum(np.where(x > 0, np.sqrt(x), x) * 2))
    x = np.array([1.0, 4.0])
    numpy, llvm = both(f, x)
    for y in ([0.0, 1.0], [np.nan, 1.0], [-1.0, np.inf], [2.0, 3.0]):
        assert_identical(numpy(np.array(y)), llvm(np.array(y)))


def test_functions_without_a_loop_are_called_between_tables(rng):
    a = rng.normal(size=(4, 4)) + 5 * np.eye(4)

    def f(a):
        b = np.sin(a) + a
        c = scipy.linalg.expm(np.asarray(b) * 0.1) if False else np.linalg.qr(b)[1]
        return np.sum(c * b), np.sort(b, axis=0) * 2

    assert calls_of(f, a)
    assert_same(f, (a,), (a + 1,))


def test_an_exception_of_a_call_is_that_of_the_function():
    def f(a):
        return np.linalg.inv(a * 2) + 1

    fast = dr.compile(f, engine="llvm")
    fast(np.eye(3))
    with pytest.raises(np.linalg.LinAlgError):
        fast(np.ones((3, 3)))
    np.testing.assert_array_equal(fast(np.eye(3)), f(np.eye(3)))


@pytest.mark.filterwarnings("error")
def test_overflow_is_quiet_and_nothing_of_it_stays():
    fast = dr.compile(lambda x: np.exp(x) / (x - x) * 1e300, engine="llvm")
    with np.errstate(all="ignore"):
        fast(np.array([1.0, 1000.0]))
    fast(np.array([1.0, 1000.0]))
    with np.errstate(all="raise"):
        np.add(1.0, np.array([1.0, 2.0])) * 2
        np.array([1.0, 2.0]).astype(np.float32)


def test_threads_have_memory_of_their_own(rng):
    fast = dr.compile(lambda x: np.sum(np.sin(x) * x) * x, engine="llvm")
    xs = rng.normal(size=(8, 1000))
    expected = [np.sum(np.sin(x) * x) * x for x in xs]
    fast(xs[0])
    wrong = []

    def work(x, e):
        for _ in range(200):
            if not np.array_equal(fast(x), e):
                wrong.append(x)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(xs, expected)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_it_is_the_default_engine():
    fast = dr.compile(np.sin)
    fast(np.ones(3))
    (branches,) = fast._kinds.values()
    assert branches.latest._workspace_of is llvm_engine.Workspace


def test_another_byte_order_is_computed_by_numpy(rng):
    x = rng.normal(size=5).astype(">f8")
    assert_same(lambda x: (np.sin(x) + x, x[::-1] * 2, np.sum(x)), (x,), (x + x,))


def static_places(x, y):
    """Elements and rows by constant arrays of numbers, read, written and added to."""
    numbers, mask = np.array([2, 0, 2, -1]), np.array([True, False, True, True, False])
    z = x * 1.0
    z[numbers] = y[numbers] * 2
    z[:, np.array([0, 1])] += 1
    z[mask, 1:] = z[mask][:, 1:] * y[0, 1:]
    rows = np.take(z, np.array([1, 1]), axis=0)
    return z, rows, x[mask], x[numbers[:, None], np.array([0, 2])], np.sum(x[(0, 1)] * x[2])


def shapes(x, y):
    """Arrays put together, padded, counted, accumulated."""
    both = np.concatenate([x, y[1:]], axis=0), np.stack([x, y], axis=-1)
    many = np.concatenate([x, y, x * 2], axis=1)[:, ::2].reshape(-1)
    counts = np.count_nonzero(x > y, axis=0), np.any(x > 1), np.all(x < 9, axis=1)
    sums = np.cumsum(x, axis=0), np.cumsum(y, axis=1), np.cumprod(x[0]), np.mean(x, axis=0)
    pads = np.pad(x, 1), np.pad(y, [(0, 2), (1, 0)]), np.broadcast_to(x[0, 0], (3, 2)) * 2
    return (*both, many, *counts, *sums, *pads, np.mean(x), np.outer(x[0], y[1]), np.dot(x, y.T))


@pytest.mark.parametrize("dtype", "fdDl")
@pytest.mark.parametrize("f", [static_places, shapes])
def test_functions_of_arrays_are_lowered_to_the_bit(f, dtype, rng):
    x, y = ((rng.normal(size=(5, 4)) * 3).astype(dtype) for _ in range(2))
    assert_same(f, (x, y), (y, x))
    if dtype in "fd":
        total = lambda x, y: sum(np.sum(part * part) for part in f(x, y) if part.dtype == dtype)  # noqa: E731
        assert_same(dr.grad(total, (0, 1)), (x, y), (y, x))
        assert not calls_of(f, x, y)


def test_what_is_scattered_is_added_in_order(rng):
    def f(x):
        parts = [x[i] for i in range(4)] + [x[1:3], x[::-2], x[np.array([3, 3, 0])], x[-1:]]
        return sum(np.sum(part * part * k) for k, part in enumerate(parts))

    x = rng.normal(size=4)
    assert_same(dr.grad(f), (x,), (x * 1e17,))
    assert not calls_of(dr.grad(f), x)


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3), (1, 1)])
def test_linear_algebra_is_that_of_numpy(shape, rng):
    def f(a, b):
        spd = a @ np.conj(a).mT + np.eye(shape[-1])
        lower = np.linalg.cholesky(spd)
        return np.linalg.inv(a), np.linalg.solve(a, a.mT), np.linalg.solve(a, b), lower

    a, b = rng.normal(size=shape), rng.normal(size=shape[-1])
    assert_same(f, (a, b), (a + 1, b - 1))
    assert not calls_of(f, a, b)
    assert_same(f, (a + 1j, b + 1j))


def test_a_singular_matrix_raises_as_in_numpy(rng):
    fast = dr.compile(lambda a: np.linalg.solve(a, a[0]) * 2, engine="llvm")
    fast(np.eye(3))
    with pytest.raises(np.linalg.LinAlgError):
        fast(np.ones((3, 3)))
    np.testing.assert_array_equal(fast(2 * np.eye(3)), [2.0, 0, 0])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_saturated_slope_keeps_its_digits(rng):
    f = dr.grad(lambda x: np.sum(np.tanh(x) * x + np.tanh(-2 * x)))
    small, large = np.array([0.1, 0.5, -1.0]), np.array([0.1, 9.0, -20.0])
    assert_same(f, (small,), (large,), (small,), (large * 40,))
    assert not calls_of(f, small)


def test_other_threads_run_beside_large_tables_only(rng):
    def walk_of(x):
        program = dr.compile(lambda x: np.sin(x) @ x.T + 1, engine="llvm").program(x).steps
        ((_, (_, walk, *_)),) = llvm_engine.Workspace(program)._calls
        return walk

    assert walk_of(rng.normal(size=(3, 3))) is driver.walk()
    assert walk_of(rng.normal(size=(100, 100))) is driver.walk(alone=False)
    x = rng.normal(size=(100, 100))
    assert_same(lambda x: np.sin(x) @ x.T + 1, (x,), (-x,))


def test_many_slopes_may_lose_their_digits(rng):
    def f(x):
        for _ in range(600):
            x = np.tanh(x * 9) + x * 0.1
        return np.sum(x)

    assert_same(dr.grad(f), (np.array([3.0, -2.0]),), (np.array([5.0, 9.0]),))


def test_an_error_of_a_loop_is_raised(rng):
    def f(x, n):
        return x ** np.asarray(n, int)

    for size in (3, 100_000):
        x, n = np.full(size, 2), np.full(size, 2)
        fast = dr.compile(f, engine="llvm")
        fast(x, n)
        np.testing.assert_array_equal(fast(x, n), np.full(size, 4))
        with pytest.raises(ValueError, match="negative"), warnings.catch_warnings(action="ignore"):
            fast(x, -n)
        np.testing.assert_array_equal(fast(x, n + 1), np.full(size, 8))


def test_of_several_values_for_one_place_the_last_stays(rng):
    numbers = np.array([[0, 1, 0], [2, 2, 1]])

    def f(x, y):
        z = x * 1.0
        z[numbers] = y
        z[:, numbers.T] = y[0, 0, :2]
        z[numbers.T, 3] = y[:, :, 0].T
        return z, np.sum(x[numbers] * y, axis=2)

    x, y = rng.normal(size=(5, 4)), rng.normal(size=(2, 3, 4))
    assert_same(f, (x, y), (-x, np.asfortranarray(y)))
    assert not calls_of(f, x, y)
    total = dr.grad(lambda x, y: sum(np.sum(part * part) for part in f(x, y)), (0, 1))
    assert_same(total, (x, y), (-x, y * 1e9))


def test_values_for_the_places_of_a_mask_are_put_one_by_one():
    def f(x):
        z = x * 1.0
        z[x > 1] = np.array([7.0, 8.0, 9.0])[: np.count_nonzero(np.asarray(x > 1))]
        z[x < 0] = -1.0
        return z

    assert_same(f, (np.array([2.0, 3.0, 4.0]),), (np.array([5.0, 3.0, 4.0]),))
    for x in ([2.0, 0.5, 3.0], [-1.0, 2.0, -3.0], [2.0, 3.0, 4.0]):
        x = np.array(x)
        np.testing.assert_array_equal(dr.compile(f, engine="llvm")(x), f(x))


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
def test_too_many_values_for_a_mask_raise_as_in_numpy():
    def f(x):
        z = x * 1.0
        z[x > 1] = np.array([7.0, 8.0, 9.0])
        return z

    fast = dr.compile(f, engine="llvm")
    fast(np.array([2.0, 3.0, 4.0]))
    with pytest.raises(ValueError, match="3"):
        fast(np.array([2.0, 0.0, 4.0]))


def test_what_a_called_function_computes_may_be_overwritten_unseen():
    def f(x):
        y = np.exp(x)
        y[:] = 1.0
        return y[0]

    llvm = assert_same(f, (np.ones((2, 3)),))
    assert llvm.program(np.ones((2, 3)))
