"""Traced arrays where NumPy asks neither of its two protocols."""

import collections.abc
import numbers
import operator
import typing

import numpy as np
import pytest
from numpy import polynomial as series
from scipy import optimize

import dualrev as dr
from tests.numeric import numeric_jacobian

X = np.array([0.3, -0.7, 1.2, 0.9])
C2 = np.array([[0.5, -1.0, 0.3, 0.2], [0.1, 0.2, 0.3, -0.5], [1.0, 2.0, -1.0, 0.4]])
KINDS = {
    "poly": series.polynomial,
    "cheb": series.chebyshev,
    "leg": series.legendre,
    "lag": series.laguerre,
    "herm": series.hermite,
    "herme": series.hermite_e,
}


def check(f):
    expected = numeric_jacobian(f, X)
    np.testing.assert_allclose(expected, dr.jacobian(f, mode="reverse")(X), rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(expected, dr.jacobian(f, mode="forward")(X), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_series_give_their_coefficients_axes_for_a_traced_array(kind):
    """isinstance(x, np.ndarray), by which they ask, holds for them, and for nobody else."""
    module = KINDS[kind]
    check(lambda x: getattr(module, f"{kind}val")(x, C2))
    check(lambda x: getattr(module, f"{kind}grid2d")(x, x[:2], C2))
    check(lambda x: getattr(module, f"{kind}grid3d")(x[:2], x[1:], x[:3], C2[:, :, np.newaxis]))
    dr.grad(lambda x: x.sum() if not isinstance(x, np.ndarray) else None)(X)


def evaluate(x, c, tensor=True):
    return c[0] + c[1] * x if isinstance(c, np.ndarray) and tensor else None


def test_only_the_coefficients_of_numpy_s_series_get_axes():
    """Not those of the user's own functions, nor where it was not asked, nor for a number."""
    polyval = series.polynomial.polyval
    check(lambda x: evaluate(x, C2))
    check(lambda x: polyval(x, C2, tensor=False))
    check(lambda x: polyval(x[0], C2))
    check(lambda c: polyval(C2, c[:3]))


@pytest.mark.parametrize("kind", KINDS)
def test_series_write_into_their_arrays_of_objects(kind):
    module = KINDS[kind]
    check(lambda c: getattr(module, f"{kind}div")(c, [0.5, -1.0, 0.3])[0])
    check(lambda c: getattr(module, f"{kind}companion")(c))


@pytest.mark.parametrize("kind", KINDS)
def test_a_refused_function_is_named_with_what_to_use(kind):
    module = KINDS[kind]
    with pytest.raises(NotImplementedError, match=rf"{kind}fit(.|\n)*fix: .*(polyfit|lstsq)"):
        dr.jacobian(lambda y: getattr(module, f"{kind}fit")([0, 1, 2, 3.0], y, 2))(X)
    with pytest.raises(NotImplementedError, match=rf"{kind}roots(.|\n)*fix: .*np.roots"):
        dr.jacobian(getattr(module, f"{kind}roots"))(X)


def test_the_user_s_own_error_stays_beside_a_refused_function():
    with pytest.raises(TypeError, match="float"):
        dr.grad(lambda x: series.Polynomial.fit([0, 1, 2], [float(x[0]), 1, 2], 1)(0.0))(X)


def test_a_series_is_evaluated_at_an_array_as_a_whole():
    """Not element by element: no warning, no limit."""
    x = np.linspace(-1, 1, 200_000)
    gradient = dr.grad(lambda x: np.sum(series.Chebyshev([1.0, 2.0, 3.0], domain=[0, 2])(x)))(x)
    np.testing.assert_allclose(2 + 12 * (x - 1), gradient)


def test_a_function_of_python_s_is_called_on_each_element():
    product = np.frompyfunc(lambda a, b: a * b if a > 0 else 0.0, 2, 1)
    np.testing.assert_array_equal(2.0 * (X > 0), dr.grad(lambda x: np.sum(product(x, 2.0)))(X))
    both = np.frompyfunc(lambda a: (a * a, 3 * a), 1, 2)
    check(lambda x: np.stack([part.astype(float) for part in both(x)]))


def test_layout_is_that_of_the_primal():
    def f(x):
        assert x.flags.c_contiguous
        assert x.strides == (8,)
        assert not np.isfortran(x)
        assert getattr(x, "device", "cpu") == "cpu"
        assert not hasattr(x, "ctypes")
        assert not hasattr(x, "base")
        return np.sum(x)

    dr.grad(f)(X)


@pytest.mark.parametrize("x", [X, C2], ids=["vector", "matrix"])
def test_a_permutation_is_that_of_the_plain_array(x):
    """It copies what shares memory with its argument before it writes, as np.asarray(x) does."""
    weights = np.arange(float(x.size)).reshape(x.shape)

    def f(x):
        return np.sum(weights * np.random.default_rng(3).permutation(x))

    expected = np.empty(x.shape)
    expected[np.random.default_rng(3).permutation(len(x))] = weights
    ans, gradient = dr.value_and_grad(f)(x)
    np.testing.assert_array_equal(expected, gradient)
    np.testing.assert_allclose(f(x), ans)


@pytest.mark.filterwarnings("ignore:you are shuffling")
@pytest.mark.parametrize("seed", range(4))
def test_rows_are_shuffled_by_a_permutation(seed):
    """NumPy swaps the rows of what is no ndarray as if they were copies; numbers, which are, it may."""

    def f(x, y):
        np.random.RandomState(seed).shuffle(y := 1.0 * y)
        return y @ x

    np.testing.assert_array_equal(dr.grad(f)(X, X), f(np.eye(4), X))
    with pytest.raises(dr.InPlaceError, match=r"rng\.permutation\(x\)"):
        dr.jacobian(f, argnums=1)(X, C2)
    repaired = lambda y: np.random.RandomState(seed).permutation(y) @ X  # noqa: E731
    check_rows = np.moveaxis(dr.jacobian(repaired)(C2), 0, -1).sum(-1)
    np.testing.assert_allclose(np.tile(X, (3, 1)), check_rows)


def test_rows_are_written_over_rows_in_python():
    """Views, as in NumPy."""

    def f(x):
        y = x * C2
        y[0] = y[1]
        operator.setitem(y, 1, y[2])
        y.__setitem__(slice(1, 3), y[:2])
        return y

    check(f)


ITEM = operator.methodcaller("item")


def test_a_root_at_an_end_of_the_bracket_is_no_constant():
    """SciPy's toms748 answers the end, a plain number, by comparisons alone."""

    def root(a):
        return optimize.toms748(lambda x: a * x - 1, 1.0, 2.0)

    with pytest.raises(dr.CoercionError, match=r"call dualrev.scipy.optimize.toms748"):
        dr.grad(root)(1.0)


def test_compiled_code_that_asks_for_a_number_gets_an_error():
    """CasADi asks item() of what item() gave: until it is Python's number, or the stack is full."""
    with pytest.raises(dr.CoercionError, match=r"ITEM\(x\)"):
        dr.grad(lambda x: ITEM(x))(1.5)
    assert dr.grad(lambda x: x.item() * getattr(x, "item")())(1.5) == 3.0  # noqa: B009


class Column:
    """A column as pandas has it: it defers to what has a higher priority of pandas' own kind."""

    __pandas_priority__ = 3000
    dtype = property(lambda self: self.values.dtype)
    shape = property(lambda self: self.values.shape)

    def __init__(self, values):
        self.values = np.asarray(values)

    def __len__(self):
        return len(self.values)

    def __array__(self, dtype=None, copy=None):
        return self.values.copy()

    def to_numpy(self):
        return self.values.copy()

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if any(getattr(x, "__array_priority__", 0) >= 1000 for x in inputs):
            return NotImplemented
        return Column(ufunc(*map(np.asarray, inputs)))

    def _operate(self, other):
        assert other.__pandas_priority__ > self.__pandas_priority__
        return NotImplemented

    __mul__ = __rmul__ = __sub__ = __rtruediv__ = __pow__ = __gt__ = _operate


COLUMNS = {
    "column * x": lambda c, x: c * x,
    "x * column": lambda c, x: x * c,
    "column - x[0]": lambda c, x: c - x[0],
    "x[0] / column": lambda c, x: x[0] / c,
    "column ** x": lambda c, x: c**x,
    "column > x": lambda c, x: (c > x) * x,
    "x @ column": lambda c, x: x @ c,
    "ufunc": lambda c, x: np.arctan2(c, x) + np.arctan2(x, c),
    "function": lambda c, x: np.dot(c, x) + np.where(x > 0, x * x, c),
    "in place": lambda c, x: operator.imul(1.0 * x, c),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_of_pandas_is_its_values(name):
    f = COLUMNS[name]
    expected = dr.jacobian(lambda x: f(C2[0] + 2, x))(X)
    for mode in ("forward", "reverse"):
        jacobian = dr.jacobian(lambda x: f(Column(C2[0] + 2), x), mode=mode)(X)
        np.testing.assert_array_equal(expected, jacobian)


@pytest.mark.parametrize(
    "numbers", [[1.0, 2.0, 4.0, 3.0], [1, 2, 4, 3]], ids=["floats", "integers"]
)
def test_a_column_is_differentiated_by_as_its_values(numbers):
    """Whole ones too, which are float64 as an array of them is: they had the derivative 0."""
    column, values = Column(numbers), np.array(numbers, float)
    for derivative in (dr.grad, dr.hessian, dr.jacobian):
        expected = derivative(lambda x: np.sum(np.sin(x) ** 2))(values)
        found = derivative(lambda x: np.sum(np.sin(x) ** 2))(column)
        for e, f in zip(np.atleast_1d(expected), np.atleast_1d(found), strict=True):
            np.testing.assert_array_equal(e, f)
    jacobian = dr.jacobian(lambda p: p["x"] @ Column(numbers))({"x": column})
    np.testing.assert_array_equal(values, jacobian["x"])


class Frame:
    """Columns of pandas', which have no dtype in common."""

    def to_numpy(self):
        return C2

    def __array__(self, dtype=None, copy=None):
        return C2


def test_columns_together_are_a_matrix():
    np.testing.assert_array_equal(C2, dr.jacobian(lambda x: np.dot(Frame(), x))(X))
    np.testing.assert_array_equal(C2.sum(0), dr.grad(lambda x: np.sum(x * Frame()))(X))


class Tensor:
    """Another library's array, with a dtype of its own."""

    shape = ()
    dtype = "float"

    def __array__(self, dtype=None, copy=None):
        return np.array(2.0)


def test_a_result_of_another_dtype_is_a_constant():
    np.testing.assert_array_equal(np.zeros(4), dr.grad(lambda x: Tensor())(X))


class Labelled:
    """An array of xarray or pint: it holds what it is given, and computes with that."""

    dtype = property(lambda self: self.held.dtype)
    shape = property(lambda self: self.held.shape)

    def __init__(self, held):
        self.held = held

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.held)

    def __mul__(self, other):
        return Labelled(self.held * getattr(other, "held", other))

    def sum(self):
        return Labelled(self.held.sum())


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_traced_values_that_another_library_holds_are_found_in_a_result(mode):
    """They would be taken for constants, with the derivative 0."""
    weights = Labelled(C2[0])
    np.testing.assert_array_equal(np.diag(C2[0]), dr.jacobian(lambda x: weights * x, mode=mode)(X))
    np.testing.assert_array_equal(C2[0], dr.jacobian(lambda x: (weights * x).sum(), mode=mode)(X))


def test_units_raise():
    class Quantity(np.ndarray):
        unit = "m"

    lengths = C2[0].view(Quantity)
    for f in (lambda x: x * lengths, lambda x: lengths * x, lambda x: np.dot(lengths, x)):
        with pytest.raises(dr.ArgumentError, match=r"units(.|\n)*write np.asarray"):
            dr.jacobian(f)(X)


def test_memory_is_not_strided_by_hand():
    strided = np.lib.stride_tricks.as_strided
    with pytest.raises(NotImplementedError, match="sliding_window_view"):
        dr.grad(lambda x: np.sum(strided(x, (2, 2), (8, 8))))(X)


QUESTIONS = {
    "np.isscalar": np.isscalar,
    "np.iterable": np.iterable,
    "np.ndim": np.ndim,
    "np.shape": np.shape,
    "np.size": np.size,
    "np.isrealobj": np.isrealobj,
    "np.iscomplexobj": np.iscomplexobj,
    "np.isreal": lambda x: np.isreal(x).tolist(),
    "np.isfinite": lambda x: np.isfinite(x).tolist(),
    "np.result_type": np.result_type,
    "np.common_type": np.common_type,
    "callable": callable,
    "dtype": lambda x: (x.dtype, x.itemsize, x.nbytes, x.strides),
    "len": len,
    "iter": lambda x: len(list(x)),
    "key": hash,
    "whole": lambda x: x.item(0).is_integer(),
}
QUESTIONS |= {
    name: lambda x, name=name: hasattr(x, name)
    for name in ("__len__", "__iter__", "__getitem__", "__array__", "__float__", "__call__", "read")
}
QUESTIONS |= {
    kind.__name__: lambda x, kind=kind: isinstance(x, kind)
    for kind in (
        *(numbers.Number, numbers.Real, float, int, complex, list, tuple, np.generic, str),
        *(getattr(collections.abc, name) for name in ("Iterable", "Sequence", "Sized", "Hashable")),
        *(collections.abc.Mapping, collections.abc.Callable),
        *(typing.SupportsFloat, typing.SupportsAbs, typing.SupportsIndex),
    )
}


def answer(question, x):
    try:
        return question(x)
    except TypeError:
        return TypeError


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("x", [X, np.array(2.0), np.ones((2, 1))], ids=["vector", "()", "matrix"])
def test_questions_have_the_answers_of_the_array(question, x):
    """Of a traced number those of an array of shape (): what differs from a float stands on Limits."""
    answers = []

    def f(x):
        answers.append(answer(question, x))
        return x

    dr.vjp(f, x)
    dr.jvp(f, (x,), (x,))
    dr.hvp(lambda x: np.sum(f(x) ** 2))(x, x)
    assert answers == [answer(question, x)] * len(answers)


def test_whole_numbers_are_told_from_others_as_of_a_float():
    f = lambda x: x**2 if x.is_integer() else x  # noqa: E731
    assert dr.grad(f)(3.0) == 6.0
    assert dr.grad(f)(2.5) == 1.0
    assert dr.derivative(dr.derivative(f))(3.0) == 2.0
