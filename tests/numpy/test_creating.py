"""NumPy's functions that make arrays, of traced numbers and of plain ones, in transforms and outside."""

import doctest
import itertools
import pickle

import numpy as np
import pytest

import dualrev as dr
import dualrev.numpy as dnp
from dualrev.core.traced import Traced
from dualrev.numpy.creating import CREATING, INDEXED
from dualrev.numpy.filling import FillableArray
from tests import numeric

X = np.array([0.7, -1.3, 2.1])


@pytest.fixture(params=["namespace", "patched"], scope="module")
def form(request):
    """What a program calls np: dualrev.numpy, or NumPy itself while it is patched."""
    if request.param == "namespace":
        yield dnp
    else:
        with dr.patch_numpy():
            yield np


# A call of each with what np stands for and numbers that are traced.
OF_TRACED = {
    "array nested": lambda np, x: np.array([[x[0], 2.0], [0, x[1] * x[2]]]),
    "array of rows": lambda np, x: np.array([x, [1.0, 2, x[0]], np.ones(3)]),
    "array of matrices": lambda np, x: np.array([[x, x], [x * 2, [1, 2, 3]]]),
    "array of tuples": lambda np, x: np.array(((x[0], 1), (2, x[1]))),
    "array of one": lambda np, x: np.array(x[0]),
    "array 0-d": lambda np, x: np.array([np.array(x[0]), x[1]]),
    "array copy": lambda np, x: np.array(x),
    "array copied if needed": lambda np, x: np.array(x, copy=np._CopyMode.IF_NEEDED),
    "array dtype": lambda np, x: np.array([x[0], 1], dtype=complex),
    "array float32": lambda np, x: np.array([x[0], 1], np.float32),
    "array int": lambda np, x: np.array([x[2], 1.5], dtype=int) * x[0],
    "array ndmin": lambda np, x: np.array(x, ndmin=3),
    "array complex": lambda np, x: np.array([[1j * x[0], 1], [x[1], 2 - 1j]]),
    "array order": lambda np, x: np.array([[x[0], 2.0], [0, x[1]]], order="F"),
    "array list of bools": lambda np, x: np.array([x[0], True, 3]),
    "asarray": lambda np, x: np.asarray(x, dtype=float),
    "asarray list": lambda np, x: np.asarray([x[0], 3]),
    "asanyarray": lambda np, x: np.asanyarray([x[0], 3]),
    "asarray_chkfinite": lambda np, x: np.asarray_chkfinite([x[0], 3]),
    "ascontiguousarray": lambda np, x: np.ascontiguousarray(np.array([x, x]).T),
    "ascontiguousarray 0-d": lambda np, x: np.ascontiguousarray(x[0]),
    "asfortranarray": lambda np, x: np.asfortranarray(np.array([x, x])),
    "require": lambda np, x: np.require([x[0], 1], float, ["C"]),
    "copy": lambda np, x: np.copy([x[0], 1.0]),
    "full": lambda np, x: np.full((2, 3), x[0]),
    "full row": lambda np, x: np.full((2, 3), x),
    "full list": lambda np, x: np.full((2, 3), [x[0], 1, 2]),
    "full dtype": lambda np, x: np.full(2, x[0], dtype=complex),
    "full int": lambda np, x: np.full(2, x[2], dtype=int) * x[0],
    "full_like": lambda np, x: np.full_like(np.ones((2, 3)), x),
    "full_like traced": lambda np, x: np.full_like(x, x[1]),
    "zeros_like": lambda np, x: np.zeros_like([x[0], 1.0]) + x[1],
    "broadcast_to": lambda np, x: np.broadcast_to(x, (2, 3)),
    "broadcast_arrays": lambda np, x: np.broadcast_arrays(x, np.ones((2, 1)))[0],
    "ndenumerate": lambda np, x: np.array([i[0] * t for i, t in np.ndenumerate([x, [1, x[0], 2]])]),
    "fromiter": lambda np, x: np.fromiter((v * v for v in x), float),
    "fromiter count": lambda np, x: np.fromiter((x[0] * k for k in itertools.count()), float, 4),
    "fromfunction": lambda np, x: np.fromfunction(lambda i, j: x[0] * i + j, (2, 3)),
    "linspace": lambda np, x: np.linspace(x[0], [x[1], 2.0], 4),
    "diag": lambda np, x: np.diag([x[0], 2.0, x[1]]),
    "diagflat": lambda np, x: np.diagflat([[x[0], 2.0], [1, x[1]]]),
    "tril": lambda np, x: np.tril([[x[0], 2.0], [1, x[1]]]),
    "triu": lambda np, x: np.triu([[x[0], 2.0], [1, x[1]]]),
    "vander": lambda np, x: np.vander([x[0], 2.0, x[1]]),
    "meshgrid": lambda np, x: np.stack(np.meshgrid([x[0], 1.0], x)),
    "atleast_1d": lambda np, x: np.atleast_1d(x[0]),
    "atleast_2d": lambda np, x: np.atleast_2d([x[0], 1.0]),
    "atleast_3d": lambda np, x: np.atleast_3d([x[0], 1.0]),
    "append": lambda np, x: np.append([x[0], 1.0], [x[1]]),
    "tile": lambda np, x: np.tile([x[0], 1.0], (2, 2)),
    "pad": lambda np, x: np.pad(np.ones(3), 1, constant_values=x[0]),
    "pad, each side": lambda np, x: np.pad(np.ones(3), 1, "linear_ramp", end_values=(x[0], 2.0)),
    "repeat": lambda np, x: np.repeat([x[0], 1.0], [2, 1]),
    "concatenate": lambda np, x: np.concatenate([[x[0], 1.0], x, [2]]),
    "concatenate axis": lambda np, x: np.concatenate(([[x[0]], [1.0]], np.ones((2, 1))), axis=1),
    "concat": lambda np, x: np.concat([[x[0], 1.0], x]),
    "stack": lambda np, x: np.stack([[x[0], 1.0], [2.0, x[1]]], axis=1),
    "vstack": lambda np, x: np.vstack([[x[0], 1.0], [2.0, x[1]]]),
    "hstack": lambda np, x: np.hstack([[x[0], 1.0], x[1], x]),
    "dstack": lambda np, x: np.dstack([[x[0], 1.0], [2.0, x[1]]]),
    "column_stack": lambda np, x: np.column_stack([x, [1.0, x[0], 2]]),
    "block": lambda np, x: np.block([[np.eye(2), np.ones((2, 1))], [x[:2], x[2]]]),
    "r_": lambda np, x: np.r_[x[0], x, 1:3, 0:1:3j, [2.0, x[1]], 5.0],
    "r_ of matrices": lambda np, x: np.r_[np.array([x, x]), np.ones((1, 3))],
    "r_ axis": lambda np, x: np.r_["0,2", x, x * 2],
    "c_": lambda np, x: np.c_[x, [1.0, 2, x[0]], np.ones((3, 2))],
    "a filled row": lambda np, x: np.array([filled(np, x), [1, 2, 3.0]]),
    "a filled array": lambda np, x: np.asarray(filled(np, x)),
}


def filled(np, x):
    y = np.zeros(3)
    y[1] = x[0] * x[1]
    return y


@pytest.mark.one_in(2)
@pytest.mark.parametrize("name", OF_TRACED)
def test_of_traced_numbers_each_answers_what_numpy_answers(name, form):
    """Value and dtype to the bit, the derivative by both modes as differences say."""
    call = OF_TRACED[name]
    t = np.array([0.3, 1.1, -0.4])
    expected = call(np, X)
    ans, tangent = dr.jvp(lambda x: call(form, x), (X,), (t,))
    assert (ans.dtype, ans.shape) == (expected.dtype, expected.shape)
    dr.grad(lambda x: is_laid_out_like(call(form, x), expected) * x[0])(X)
    np.testing.assert_array_equal(ans, expected)
    slope = numeric.slope(lambda x: call(np, x), X, t, 1e-2)
    narrow = expected.dtype == np.float32
    np.testing.assert_allclose(tangent, slope, rtol=1e-4 if narrow else 1e-7, atol=1e-9)
    _, pull = dr.vjp(lambda x: call(form, x), X)
    ct = np.arange(1.0, ans.size + 1).reshape(ans.shape).astype(ans.dtype)
    rtol = 1e-5 if narrow else 1e-12
    np.testing.assert_allclose(pull(ct)[0] @ t, np.real(np.vdot(ct, tangent)), rtol=rtol)


def is_laid_out_like(y, other):
    assert y.flags.c_contiguous == other.flags.c_contiguous
    assert y.flags.f_contiguous == other.flags.f_contiguous
    return True


def test_every_function_that_makes_arrays_has_a_row():
    rows = {name.split()[0] for name in OF_TRACED}
    # Of shapes and lengths alone, of files; of others that are tried below.
    others = {"zeros", "ones", "empty", "eye", "identity", "tri", "arange", "loadtxt", "genfromtxt"}
    others |= {"ones_like", "empty_like", "logspace", "geomspace", "row_stack", "mgrid", "ogrid"}
    others |= {"take"}  # tests/test_vmap.py
    assert CREATING.keys() | INDEXED.keys() <= rows | others


# ------------------------------------------------------------------------------- of plain numbers

OF_PLAIN = {
    "zeros": lambda np: np.zeros((2, 3), order="F"),
    "ones": lambda np: np.ones(3, np.float32),
    "empty": lambda np: np.empty(3),
    "eye": lambda np: np.eye(3, k=1),
    "identity": lambda np: np.identity(3),
    "tri": lambda np: np.tri(3),
    "arange": lambda np: np.arange(0.0, 1, 0.1),
    "linspace": lambda np: np.linspace(0, 1, 5),
    "logspace": lambda np: np.logspace(0, 1, 5),
    "geomspace": lambda np: np.geomspace(1, 8, 4),
    "array": lambda np: np.array([[1.0, 2], [3, 4]]),
    "array of array": lambda np: np.array(X),
    "fromiter": lambda np: np.fromiter(range(3), float),
    "ones_like": lambda np: np.ones_like(X),
    "empty_like": lambda np: np.empty_like(X),
    "copy": lambda np: np.copy(X),
    "tile": lambda np: np.tile(X, (2, 2)),
    "kept in order": lambda np: np.array(np.ones((2, 3), order="F")),
    "meshgrid": lambda np: np.meshgrid(X, X)[1],
    "mgrid": lambda np: np.mgrid[0:1:3j, 0:2:2j],
    "ogrid": lambda np: np.ogrid[0:1:3j, 0:2:2j][1],
    "r_": lambda np: np.r_[X, 1.0],
    "c_": lambda np: np.c_[X, X],
    "of its own": lambda np: np.array(np.zeros(3)),
    "asarray of its own": lambda np: np.asarray(np.zeros(3)),
    "a sum of two": lambda np: np.zeros(3) + np.ones(3),
}


@pytest.mark.parametrize("name", OF_PLAIN)
def test_what_is_made_in_a_transform_can_be_filled_and_outside_it_is_numpys(name, form):
    make = OF_PLAIN[name]
    expected = make(np)
    plain = make(form)
    assert type(plain) is np.ndarray
    assert (plain.dtype, plain.strides) == (expected.dtype, expected.strides)
    if "empty" not in name:
        np.testing.assert_array_equal(plain, expected)

    def f(x):
        y = make(form)
        assert type(y) is FillableArray
        assert (y.dtype, y.shape) == (expected.dtype, expected.shape)
        is_laid_out_like(y, expected)
        if "empty" not in name:
            np.testing.assert_array_equal(y, expected)
        y[0] = x[0]
        return y[0].sum()

    number = np.ones(expected[0].shape).sum()
    np.testing.assert_allclose(dr.grad(f)(X), [number, 0, 0])


@pytest.mark.parametrize("make", [lambda: np.empty(12), lambda: np.empty_like(np.arange(12.0))])
def test_what_nobody_wrote_is_the_same_in_each_run(make):
    """A checkpoint takes a run that meets other numbers for another function."""

    def f(x):
        used = [np.full(12, float(i)) for i in range(1, 20)]
        del used
        y = make()
        np.testing.assert_array_equal(y, 0)
        y[1:3] = x[:2]
        return y[0] * y[1] + y[2]

    with dr.patch_numpy():
        np.testing.assert_array_equal(dr.grad(dr.checkpoint(f))(X), [0, 1, 0])


@pytest.mark.parametrize(
    "make",
    [
        lambda: dnp.zeros(3, int),
        lambda: dnp.array([1, 2]),
        lambda: dnp.array(["a"]),
        lambda: dnp.array([True]),
        lambda: dnp.array([{"a": 1}, None]),
        lambda: dnp.arange(3),
        lambda: dnp.array([[1, 2], [3]], dtype=object),
        lambda: dnp.zeros(2, [("a", float)]),
    ],
)
def test_what_cannot_hold_traced_numbers_is_numpys(make):
    def f(x):
        assert type(make()) is np.ndarray
        return x.sum()

    dr.grad(f)(X)


def test_the_callers_arrays_stay_theirs():
    """What shares memory with an argument is no new array."""
    matrix = np.eye(3)

    def f(x):
        for same in (
            dnp.asarray(X),
            dnp.array(X, copy=False),
            dnp.diag(matrix),
            dnp.atleast_2d(X),
            *dnp.meshgrid(X, X, copy=False),
        ):
            assert type(same) is np.ndarray
            assert np.shares_memory(same, X) or np.shares_memory(same, matrix)
        return x.sum()

    dr.grad(f)(X)


def test_asarray_of_a_new_array_is_that_array():
    def f(x):
        y = dnp.zeros((2, 3))
        part = y[1:]
        z, row, view = dnp.asarray(y), dnp.asarray(part), dnp.array(y, copy=False, ndmin=3)
        z[0] = x
        row[0] = 2 * x
        view[0, 0, 0] += x[1]
        return y.sum()

    np.testing.assert_allclose(dr.grad(f)(X), [3, 4, 3])


def test_asarray_of_a_traced_array_is_that_array():
    def f(x):
        y = x * 1
        assert dnp.asarray(y) is y
        dnp.asarray(y, dtype=float)[0] = 5.0
        dnp.ascontiguousarray(y)[1] = 6.0
        dnp.array(y)[2] = 7.0
        return y.sum()

    np.testing.assert_array_equal(dr.grad(f)(X), [0, 0, 1])


def test_a_number_becomes_an_array_that_can_be_written():
    def f(x):
        y = dnp.array(x[0])
        z = y
        z += 1
        return y * x[1]

    np.testing.assert_allclose(dr.grad(f)(X), [X[1], X[0] + 1, 0])


def test_other_objects_beside_traced_numbers_make_what_numpy_makes():
    def f(x):
        mixed = dnp.array([x[0], "a", None], dtype=object)
        assert mixed.dtype == object
        assert isinstance(mixed[0], Traced)
        assert dnp.array([{"a": x[0]}, {}])[0]["a"] is not None
        objects = dnp.array([x[0], 2.0], dtype=object)
        assert objects.dtype == object
        return mixed[0] * 2 + objects[0]

    np.testing.assert_array_equal(dr.grad(f)(X), [3, 0, 0])


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda x: dnp.array([[x[0], 1.0], [2.0]]), ValueError),
        (lambda x: dnp.asarray_chkfinite([x[0], np.inf]), ValueError),
        (lambda x: dnp.zeros(-1), ValueError),
        (lambda x: dnp.stack([[x[0]], [1.0, 2.0]]), ValueError),
        (lambda x: dnp.fromiter((v for v in x[:2]), float, 3), ValueError),
        (lambda x: dnp.zeros(), TypeError),
    ],
)
def test_mistakes_raise_what_numpy_raises(call, error):
    with pytest.raises(error):
        dr.grad(call)(X)


@pytest.mark.parametrize("ends", [lambda x: (x[0],), lambda x: (0.0, x[0], 0.5)])
def test_a_range_of_traced_length_is_refused(ends, form):
    with pytest.raises(dr.MissingRuleError, match="number of its elements"):
        dr.grad(lambda x: form.arange(*ends(x)).sum())(X)


def test_all_names_are_numpys():
    assert set(np.__all__) <= set(dir(dnp))
    standing_in = {**CREATING, **INDEXED, "vectorize": dnp.vectorize}
    for name in dir(np):
        if not name.startswith("_"):
            assert getattr(dnp, name) is standing_in.get(name, getattr(np, name))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        dnp.nothing  # noqa: B018


def test_a_function_may_be_vectorized_by_a_decorator_with_dtypes():
    def f(x):
        @dnp.vectorize(otypes=[float])
        def square_or_turned(e):
            return e * e if e > 0 else -e

        return np.sum(square_or_turned(x))

    np.testing.assert_array_equal([2.0, -1.0], dr.grad(f)(np.array([1.0, -2.0])))


def test_vectorized_functions_answer_traced_numbers_of_the_dtypes_that_are_said():
    f = dnp.vectorize(lambda x, n: x**n if x > 0 else 0.0, otypes="d")
    both = dnp.vectorize(lambda x: (x, x * x), otypes=[np.float64, np.float32])
    x = np.array([2.0, -1.0])
    np.testing.assert_array_equal([12.0, 0.0], dr.grad(lambda x: np.sum(f(x, 3)))(x))
    np.testing.assert_array_equal([4.0, -2.0], dr.grad(lambda x: np.sum(both(x)[1]))(x))
    assert dr.jvp(both, (x,), (x,))[1][1].dtype == np.float32
    assert f([2, -1], 3).tolist() == [8.0, 0.0]


def test_the_example_of_its_docstring_runs():
    example = doctest.DocTestParser().get_doctest(dnp.__doc__, {}, "dualrev.numpy", None, 0)
    assert doctest.DocTestRunner().run(example) == (0, len(example.examples))


def test_submodules_are_imported_by_its_name():
    import dualrev.numpy.linalg as la
    import dualrev.numpy.random as npr

    from dualrev.numpy import fft

    assert (la, npr, fft) == (np.linalg, np.random, np.fft)


@pytest.mark.parametrize("name", [*CREATING, *INDEXED])
def test_functions_pickle_and_say_what_they_are(name):
    function = getattr(dnp, name)
    assert pickle.loads(pickle.dumps(function)) is function
    assert function.__doc__ == getattr(np, name).__doc__


def test_nested_transforms_of_small_matrices():
    """The usual way to write one: every derivative up to the second in every nesting."""

    def turned(a, np=dnp):
        c, s = np.cos(a[0]), np.sin(a[0])
        rotation = np.array([[c, -s], [s, c]])
        shear = np.eye(2)
        shear[0, 1] = a[1]
        return np.linalg.norm(rotation @ shear @ np.array([1.0, a[2]]) - np.r_[a[1], 0.5])

    expected = numeric.numeric_jacobian(
        lambda a: numeric.numeric_jacobian(lambda b: turned(b, np), a, 1e-2), X, 1e-2
    )
    for outer, inner in itertools.product(("forward", "reverse"), repeat=2):
        found = dr.jacobian(dr.jacobian(turned, mode=inner), mode=outer)(X)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_asarray_makes_of_a_traced_number_an_array_of_its_dtype_that_is_written():
    def f(x):
        y = dnp.asarray(np.sum(x), dtype=np.float32)
        assert y.dtype == np.float32
        y[()] = y * x[0]
        return y

    np.testing.assert_allclose(dr.grad(f)(X), X[0] + [np.sum(X), 0, 0], rtol=1e-6)


def test_enumerated_elements_are_those_of_the_moment(form):
    """The array turns traced while it is enumerated."""

    def f(x):
        y = form.ones((2, 2))
        for (i, j), element in form.ndenumerate(y):
            y[i, j] = element * x[i]
            if i == j == 0:
                y[1, 1] = x[2] * x[0]
        return y.sum()

    # 2 x0 + x1 + x2 x0 x1
    expected = [2 + X[2] * X[1], 1 + X[2] * X[0], X[0] * X[1]]
    np.testing.assert_allclose(expected, dr.grad(f)(X))


def test_broadcast_views_of_an_array_to_fill_are_filled_with_it(form):
    def f(x):
        y = form.ones(3)
        repeated = form.broadcast_to(y, (2, 3))
        one, other = form.broadcast_arrays(y, form.zeros((2, 1)))
        y[:2] = x[:2]
        return np.sum(repeated) * x[2] + np.sum(one * 3)

    expected = [2 * X[2] + 6, 2 * X[2] + 6, 2 * (X[0] + X[1] + 1)]
    np.testing.assert_allclose(expected, dr.grad(f)(X))


def test_modules_of_the_namespace_are_numpys():
    """Their files are not run again, which would replace NumPy's own functions."""
    import dualrev.numpy.polynomial.polynomial as of_dualrev
    import numpy.polynomial.polynomial as of_numpy

    assert of_dualrev is of_numpy is np.polynomial.polynomial
    assert np.polynomial.polynomial.polyval.__module__.startswith("numpy.")
