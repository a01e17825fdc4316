"""Arrays that take traced values later: as NumPy's own in every respect, or an error."""

import copy
import ctypes
import functools
import gc
import pickle
import threading
import warnings
import weakref

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse

import dualrev as dr
from dualrev.numpy.filling import FillableArray, FilledArray, fillable
from dualrev.readers.captured import _ALWAYS
from dualrev.readers.tape import Tape
from tests import numeric
from tests.cases import all_cases, once
from tests.nestings import second_derivatives
from tests.rows import each_row
from tests.test_kinds_of_answers import parts_of
from tests.test_laws import first_derivatives, outputs_of

X = np.array([0.7, -1.3, 2.1])


def filled_with(x):
    """x written into an array of its layout."""
    if not np.ndim(x):
        return x
    order = "F" if x.flags.f_contiguous and not x.flags.c_contiguous else "C"
    y = fillable(np.zeros(x.shape, x.dtype, order=order))
    y[...] = x
    return y


# ------------------------------------------------------------------------- laws over the table of cases

# Special functions are ufuncs, and all twins take their arguments in one way.
CASES = [
    case
    for case in once(all_cases())
    if "out=" not in str(case) and not str(case).startswith(("special", "scipy"))
]
CASES += [case for case in once(all_cases()) if str(case).startswith("scipy")][::8]
# Where np.array is called, by NumPy or by the row: it reads the memory without a question.
IN_C = ("full(d(3,))", "vectorize", "polyval(d(3,), d(4,))", "lyapunov", "_are(")


@each_row(CASES)
def test_an_array_that_was_filled_is_the_traced_array(case):
    """Both modes give the same numbers; of what takes its memory in C, a copy does."""
    f = outputs_of(case)
    expected = first_derivatives(f, case.args, np.random.default_rng(1))

    def of_filled(take):
        def call(*xs):
            return f(*(take(filled_with(x)) if np.ndim(x) else x for x in xs))

        return first_derivatives(call, case.args, np.random.default_rng(1))

    in_c = any(part in str(case) for part in IN_C)
    found = of_filled((lambda y: y.copy()) if in_c else (lambda y: y))
    np.testing.assert_equal(found.pushed, expected.pushed)
    for ct, of_traced in zip(found.pulled[1], expected.pulled[1]):
        # The layout of a sum of products, and so its rounding, may be another.
        np.testing.assert_allclose(ct, of_traced, rtol=1e-12, atol=1e-14)


def looks(ans):
    return [
        (np.ndarray if isinstance(part, np.ndarray) else type(part), np.shape(part))
        for part in parts_of(ans)
    ]


@each_row(CASES)
def test_to_plain_numbers_it_is_an_array(case):
    """Functions of ordinary ones answer arrays where NumPy does, numbers where NumPy does."""
    plain = case.call(*(np.copy(x, "K") if np.ndim(x) else x for x in case.args))
    found = case.call(*(fillable(np.copy(x, "K")) if np.ndim(x) else x for x in case.args))
    assert looks(found) == looks(plain)
    for part, expected in zip(parts_of(found), parts_of(plain)):
        # Sums may be taken in another order.
        part, expected = (np.asarray(a, complex) for a in (part, expected))
        np.testing.assert_allclose(part, expected, rtol=1e-14, atol=1e-15)


# --------------------------------------------------------------------------------- views and writes

VIEWS = {
    "row": lambda y: y[1],
    "slices": lambda y: y[::2, 1:],
    "backwards": lambda y: y[::-1, ::-2],
    "transposed": lambda y: y.T,
    "of a view": lambda y: y.T[1:][::-1],
    "reshaped": lambda y: y.reshape(2, 6, order="A"),
    "raveled": lambda y: y.ravel("K"),
    "diagonal": lambda y: y.diagonal(),
    "with an axis": lambda y: y[:, np.newaxis, 2],
    "empty": lambda y: y[3:],
    "0-d": lambda y: y[1, 2, ...],
    "repeated": lambda y: np.broadcast_to(y[0], (2, 4), subok=True),
    "repeated whole": lambda y: np.broadcast_to(y, (2, 3, 4), subok=True),
    "windows": lambda y: np.lib.stride_tricks.sliding_window_view(y, 2, axis=0, subok=True),
    "squeezed": lambda y: y[:, np.newaxis].squeeze(),
    "squeezed whole": lambda y: np.squeeze(y),
    "swapped": lambda y: np.swapaxes(y, 0, 1)[2],
    "flipped": lambda y: np.flip(y, 1),
}


def through_out(y, x):
    np.multiply(x, 2.0, out=y[:, 1])


def through_view(y, x):
    part = y[1:, 1:]
    part[0, :2] = x[:2]
    part += x


def through_iteration(y, x):
    for row in y:
        row[1:] *= x


WRITES = {
    "element": lambda y, x: y.__setitem__((0, 1), x[2]),
    "row": lambda y, x: y.__setitem__(2, x[1]),
    "column": lambda y, x: y.__setitem__((slice(None), 1), x),
    "mask": lambda y, x: y.__setitem__(y < 4, x[0]),
    "list": lambda y, x: y.__setitem__((0, [3, 1]), [x[0], 5.0]),
    "+=": lambda y, x: y.__iadd__(x[0]),
    "*=": lambda y, x: y.__imul__(x[:, np.newaxis]),
    "@=": lambda y, x: y.__imatmul__(np.eye(4) * x[0]),
    "view": through_view,
    "rows": through_iteration,
    "out=": through_out,
    "fill": lambda y, x: y.fill(x[1]),
    "put()": lambda y, x: y.put([1, 5], x),
    "flat": lambda y, x: y.flat.__setitem__(slice(2, 8, 3), x[:2]),
    "np.put": lambda y, x: np.put(y, [0, 4], x),
    "np.place": lambda y, x: np.place(y, y > 6, x),
    "np.putmask": lambda y, x: np.putmask(y, y > 6, x[1]),
    "np.copyto": lambda y, x: np.copyto(y[:, :3], x),
    "np.fill_diagonal": lambda y, x: np.fill_diagonal(y, x),
    "np.put_along_axis": lambda y, x: np.put_along_axis(y, np.array([[0, 2, 1, 0]]), x[1], 0),
    "np.add.at": lambda y, x: np.add.at(y, ([0, 0, 2], [1, 1, 3]), x),
    "another filled one": lambda y, x: y.__setitem__(0, filled_with(x)[0]),
}


def program(views_taken, write, wrap, order="C"):
    """What views and the array show after a write, and another one through the last view."""

    def run(x):
        y = wrap(np.arange(12.0).reshape(3, 4).copy(order))
        views = [take(y) for take in views_taken]
        write(y, x)
        for view in views:
            if view.flags.writeable and view.size:
                view[...] = view * 2 + x[1]
        return np.concatenate([np.ravel(part) for part in (y, *views)])

    return run


@pytest.mark.one_in(4)
@pytest.mark.parametrize(
    ("view", "write", "order"),
    # Each pair in one order, each write and each view in both.
    [(v, w, "CF"[(i + j) % 2]) for i, v in enumerate(VIEWS) for j, w in enumerate(WRITES)],
)
def test_views_taken_before_a_write_show_it_and_write_too(view, write, order):
    """As in plain NumPy, to the bit; their tangents as differences say, by both modes."""
    taken = [VIEWS[view], VIEWS["slices"]]
    plain = program(taken, WRITES[write], lambda y: y, order)
    f = program(taken, WRITES[write], fillable, order)
    t = np.array([0.3, 1.1, -0.4])
    ans, tangent = dr.jvp(f, (X,), (t,))
    np.testing.assert_array_equal(ans, plain(X))
    # At most products of a few entries of x: differences of fourth order are exact to rounding.
    np.testing.assert_allclose(tangent, numeric.slope(plain, X, t), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        dr.jacobian(f, mode="reverse")(X) @ t, tangent, rtol=1e-12, atol=1e-13
    )


@pytest.mark.parametrize("view", VIEWS)
def test_second_derivatives_of_views_in_every_nesting(view):
    def f(x, wrap=fillable):
        y = wrap(np.ones((3, 4)))
        v = VIEWS[view](y)
        y[1] = x[0] * x[1]
        y[:, 2] *= x
        return np.sum(y**2) + np.sum(v**3)

    expected = numeric.numeric_jacobian(dr.grad(f), X)
    for name, found in second_derivatives(f, X):
        np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-7, err_msg=name)


def test_real_and_imaginary_parts_are_views():
    def run(x, wrap=fillable):
        z = wrap(np.zeros(3, complex))
        re, im, last = z.real, z.imag, z[1:].imag
        z[0] = x[0] * 1j
        re[1], im[2] = x[1], x[2]
        last[0] += x[0]
        z.imag = z.imag * 2
        z.real += x
        return np.concatenate([re, im, last])

    ans, tangent = dr.jvp(run, (X,), (X,))
    plain = functools.partial(run, wrap=lambda z: z)
    np.testing.assert_array_equal(ans, plain(X))
    np.testing.assert_allclose(tangent, numeric.slope(plain, X, X), atol=1e-12)
    np.testing.assert_allclose(dr.jacobian(run, mode="reverse")(X) @ X, tangent)


def test_a_view_of_another_type_refuses_and_nothing_is_written():
    def f(x):
        y = fillable(np.zeros(3))
        bits = y.view(np.int64)
        y[0] = x[0]
        return bits

    with pytest.raises(dr.InPlaceError, match="viewed as int64"):
        dr.grad(f)(X)


def test_a_view_that_shows_an_element_twice_is_read_only():
    def f(x):
        y = fillable(np.arange(3.0))
        twice = _ndarray_view(y, (2, 3), (0, 8))
        y[0] = x[0]
        with pytest.raises(ValueError, match="read-only"):
            twice[:] = x
        return np.sum(twice**2)

    np.testing.assert_allclose(dr.grad(f)(X), [4 * X[0], 0, 0])


def _ndarray_view(y, shape, strides):
    """What only C code makes: a view of the array to be filled itself, with any strides."""
    return np.ndarray.__new__(FillableArray, shape, y.dtype, y, 0, strides)


def test_views_that_are_gone_are_forgotten():
    y = fillable(np.zeros(1000))
    for i in range(1000):
        y[i:]
    assert len(y.views) < 100


# -------------------------------------------------------------------------------------- levels, threads


def test_an_outer_variable_is_written_first_and_then_an_inner_one():
    def f(a, w):
        y = fillable(np.zeros(3))
        tail = y[1:]
        y[0] = a
        y[1] = w * a
        tail[1] = w**2
        return y @ y

    def slope(a):
        return dr.grad(lambda w: f(a, w))(2.0)

    assert slope(3.0) == 2 * 2 * 9 + 4 * 8  # of a^2 + a^2 w^2 + w^4
    assert dr.grad(slope)(3.0) == 4 * 2 * 3
    assert dr.jvp(slope, (3.0,), (1.0,))[1] == 4 * 2 * 3


def test_an_inner_value_in_an_outer_array_is_refused():
    def f(a):
        y = fillable(np.zeros(2))
        y[0] = a

        def inner(w):
            y[1] = w
            return y @ y

        return dr.grad(inner)(a)

    with pytest.raises(dr.InPlaceError, match="inner transform"):
        dr.grad(f)(1.0)


def test_threads_fill_one_array():
    def f(x):
        y = fillable(np.zeros(64))
        tails = [y[8 * k : 8 * k + 8] for k in range(8)]

        def work(k):
            for i in range(8):
                tails[k][i] = x[k % 3] * i

        threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return np.sum(y**2)

    squares = sum(i * i for i in range(8))
    counts = np.array([3, 3, 2])
    np.testing.assert_allclose(dr.grad(f)(X), 2 * X * counts * squares)


# ---------------------------------------------------------------------- loud, never another number


def written(x):
    y = fillable(np.zeros(3))
    y[0] = x[0]
    return y


@pytest.mark.parametrize(
    "use",
    [
        lambda y: np.asarray(y) * 2,
        lambda y: np.asarray(y) > 0,
        lambda y: np.array(y, dtype=float),
        lambda y: np.array(y, subok=True, copy=True),
        lambda y: float(np.asarray(y)[0]),
        lambda y: int(np.asarray(y)[0]),
        lambda y: bool(np.asarray(y)[0]),
        lambda y: np.asarray(y).sum(),
        lambda y: np.asarray(y),
        lambda y: float(y[0]),
        lambda y: np.full(3, y),
        lambda y: np.vectorize(lambda e: e * 2)(y),
        lambda y: np.polynomial.polynomial.polyval(2.0, y),
    ],
)
def test_who_takes_its_memory_for_numbers_meets_an_error(use):
    with pytest.raises(dr.CoercionError):
        dr.grad(lambda x: use(written(x)) * x[0])(X)


def test_what_stands_for_it_repairs_that():
    def f(x):
        return np.sum(np.asarray(written(x).copy()) * 2)

    np.testing.assert_array_equal(dr.grad(f)(X), [2, 0, 0])


def test_functions_of_scipy_name_their_twins():
    with pytest.raises(dr.CoercionError, match="dualrev.scipy.linalg.expm"):
        dr.grad(lambda x: scipy.linalg.expm(np.outer(written(x), x)).sum())(X)
    with pytest.raises(dr.CoercionError, match="dualrev.scipy.linalg.toeplitz"):
        dr.grad(lambda x: scipy.linalg.toeplitz(written(x)).sum())(X)


@pytest.mark.parametrize(
    "view", [np.asarray, lambda y: np.broadcast_to(y, (2, 3))[0], lambda y: y.view(np.ndarray)]
)
def test_nan_that_is_read_from_old_memory_has_derivative_nan(view):
    """Not 0, as that of a plain number: it would be a wrong one."""

    def f(x):
        y = fillable(np.ones(3))
        plain = view(y)
        y[0] = x[0]
        return {"read": plain[0] + x[1], "other": x[1]}

    ans, tangent = dr.jvp(f, (X,), (np.ones_like(X),))
    assert np.isnan(ans["read"])
    assert np.isnan(tangent["read"])
    assert tangent["other"] == 1
    assert np.isnan(dr.grad(lambda x: f(x)["read"])(X)).all()
    assert np.isnan(dr.grad(lambda x: dr.grad(lambda x: f(x)["read"])(x)[0])(X)).all()
    assert np.isfinite(dr.grad(lambda x: f(x)["other"])(X)).all()


def test_old_memory_is_nan():
    def f(x):
        y = fillable(np.ones(3))
        plain = np.asarray(y)
        y[0] = x[0]
        assert np.isnan(plain).all()
        return y.sum()

    np.testing.assert_array_equal(dr.grad(f)(X), [1, 0, 0])


def test_a_filled_array_that_outlives_its_transform_is_an_error():
    kept = []

    def f(x):
        kept.append(written(x))
        return kept[0].sum()

    dr.grad(f)(X)
    with pytest.raises(dr.EscapedTracerError):
        kept[0] + 1
    with pytest.raises(dr.EscapedTracerError):
        kept[0][1] = 2.0


def test_whole_numbers_are_truncated_as_by_numpy():
    def f(x):
        y = fillable(np.zeros(2)).astype(int)
        y[0] = x[2]
        return y.sum() * x[0]

    np.testing.assert_array_equal(dr.grad(f)(X), [2, 0, 0])


# ------------------------------------------------------------------------------------ an ordinary array


def test_c_code_reads_and_writes_its_memory():
    y = fillable(np.zeros(3))
    y.ctypes.data_as(ctypes.POINTER(ctypes.c_double))[1] = 5.0
    assert memoryview(y)[1] == y[1] == 5.0


def test_sparse_matrices_multiply_a_filled_one():
    S = scipy.sparse.csr_array(np.diag([1.0, 2.0, 3.0]))

    def f(x):
        y = written(x)
        y[2] = x[1]
        return np.sum(S @ y + y @ S)

    np.testing.assert_array_equal(dr.grad(f)(X), [2, 6, 0])


def test_copies_and_pickles():
    y = fillable(np.arange(3.0))
    assert type(pickle.loads(pickle.dumps(y))) is np.ndarray
    for other in (copy.copy(y), copy.deepcopy(y), y.copy()):
        other[0] = 9
    assert y[0] == 0

    def f(x):
        z = written(x)
        for other in (copy.copy(z), copy.deepcopy(z), z.copy(), np.array(z.copy())):
            other[0] = 9.0
        with pytest.raises(dr.EscapedTracerError, match="pickled"):
            pickle.dumps(z)
        return z.sum()

    np.testing.assert_array_equal(dr.grad(f)(X), [1, 0, 0])


def test_results_are_plain_arrays():
    def f(x):
        return {"a": fillable(np.ones(2)), "b": x}, {"c": fillable(np.ones(3))}

    ans, pull, aux = dr.vjp(f, X, has_aux=True)
    assert type(ans["a"]) is type(aux["c"]) is np.ndarray
    ans, tangent, aux = dr.jvp(f, (X,), (X,), has_aux=True)
    assert {type(part) for part in (ans["a"], tangent["a"], aux["c"])} == {np.ndarray}


def test_its_type_equals_that_of_arrays():
    y = fillable(np.ones(3))
    assert isinstance(y, np.ndarray)
    assert type(y) == np.ndarray  # noqa: E721 (as programs ask)
    assert type(y) in (list, np.ndarray)
    assert {np.ndarray: 1}[type(y)] == 1
    assert type(y) is not np.matrix
    assert FillableArray is not FilledArray


def test_operators_in_place_keep_the_array():
    y = fillable(np.ones(3))
    view, before = y[1:], y
    y *= 2
    y += 1
    assert y is before
    np.testing.assert_array_equal(view, [3, 3])
    assert type(y.sum()) is type(y @ y) is type(y[0]) is np.float64
    assert type(y + 1) is type(y[1:]) is FillableArray
    assert type(y > 1) is type(y.argsort().view(np.ndarray)) is np.ndarray


def test_a_tape_is_gone_with_its_last_handle(monkeypatch):
    """No cycle leads through arrays, which the garbage collector does not look into."""
    tapes = []
    init = Tape.__init__

    def noted(tape, *order):
        init(tape, *order)
        tapes.append(weakref.ref(tape))

    monkeypatch.setattr(Tape, "__init__", noted)

    def f(x):
        a = fillable(np.eye(3))
        b, c, row = a.copy(), a * 2, a[1]
        total = x @ a @ x + x @ b @ x + x @ c @ x + row @ x
        a[0], b[0, 0], c[1, 1] = x, x[2], x[1]
        assert type(row) is FilledArray
        return total + a.sum() + b.sum() + c.sum() + row @ x

    gc.disable()
    try:
        dr.grad(f)(X)
        assert [tape() for tape in tapes] == [None]
    finally:
        gc.enable()


def test_a_plain_view_of_one_is_an_array_to_who_makes_one_of_it():
    def f(x):
        y = fillable(np.ones((2, 2)))
        diagonal = np.einsum("ii->i", y)  # plain
        y[0] = x[0]
        assert y.base is None
        assert np.isnan(dr.numpy.asarray(diagonal)).all()
        return y.sum()

    np.testing.assert_array_equal([2, 0, 0], dr.grad(f)(X))


def test_a_large_array_may_have_been_used_before_it_is_filled():
    """Tapes copy it, where they watch other large arrays for changes."""
    n = 40_000
    before = set(_ALWAYS)

    def f(x):
        y = fillable(np.full(n, 2.0))
        product = np.sum(y * x[0] ** 2) + np.sum(y[1:] * x[1])
        y[0] = x[2]
        y *= x[0]
        return product + np.sum(y)

    x = np.array([0.5, 0.25, 3.0])
    expected = [2 * n * 2 * x[0] + 2 * (n - 1) + x[2], 2 * (n - 1), x[0]]
    np.testing.assert_allclose(expected, dr.grad(f)(x), rtol=1e-12)
    np.testing.assert_allclose([8.0 * n / 2, 0, 1], dr.hessian(f)(x)[0])
    assert before == _ALWAYS


@pytest.mark.parametrize(
    "view",
    [
        lambda y: y.reshape(3, 4),
        lambda y: y.reshape(4, 3).T,
        lambda y: y.ravel()[::-2],
        lambda y: y.reshape(2, 3, 2).swapaxes(0, 1),
        lambda y: y[:, 2:2],
    ],
)
def test_views_are_filled_in_a_batch_as_in_a_loop(view):
    def f(x):
        y = fillable(np.ones((2, 6)))
        v = view(y)
        y[0, 1] = x[0]
        v += 0.5
        v[:1] *= x[1]
        y[1] *= x[2]
        return np.sum(np.cos(np.arange(12.0)).reshape(2, 6) * y**2) + np.sum(v**3)

    xs = np.array([[0.3, -0.5, 1.2], [0.8, 0.4, -0.1]])
    with warnings.catch_warnings(category=dr.PerformanceWarning, action="error"):
        slopes = dr.grad(lambda xs: np.sum(dr.vmap(f)(xs)))(xs)
    np.testing.assert_allclose([dr.grad(f)(x) for x in xs], slopes, rtol=1e-13)
