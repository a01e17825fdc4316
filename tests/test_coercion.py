"""Traced values where plain numbers are expected: object arrays work, coercions raise.

``np.array([x[0], 2 * x[1]])`` and ``x = np.asarray(x)`` stand in most functions that people have;
``float(x)`` would lose a derivative.
"""

import array
import builtins
import cmath
import copy
import decimal
import fractions
import functools
import json
import math
import operator
import random
import re
import statistics
import struct
import warnings

import numpy as np
import pytest
import scipy.fft
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.ndimage
import scipy.optimize
import scipy.signal
import scipy.sparse
import scipy.spatial.distance
import scipy.special
import scipy.stats
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from tests.numeric import numeric_jacobian

X = np.array([1.5, -0.5, 2.0])
A = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 4.0]])


# --------------------------------------------------------------------------------- object arrays

GATHERED = {
    "array of elements": lambda x: np.array([x[0], 2 * x[1]]),
    "array of lists": lambda x: np.array([[x[0], x[1]], [x[1] * x[0], 1.0]]),
    "array of rows": lambda x: np.array([x, x**2]),
    "array with plain numbers": lambda x: np.array([1, x[0], 2.5, np.float64(3.0)]),
    "array with a 0-d array": lambda x: np.array([np.array(2.0), x[0]]),
    "array of one": lambda x: np.array([x[0]]),
    "array of a 0-d value": lambda x: np.array(x[0]) * 2,
    "array of tuples": lambda x: np.array([(a, a * x[0]) for a in x]),
    "asarray of elements": lambda x: np.asarray([x[0], x[1]]),
    "asarray": lambda x: np.asarray(x) ** 2,
    "asanyarray": lambda x: np.asanyarray(x) * x,
    "array": lambda x: np.array(x) * 2,
    "asarray of a matrix": lambda x: np.asarray(x * x[:, None]) @ np.ones(3),
    "asarray of asarray": lambda x: np.asarray(np.asarray(x)) * x,
    "ascontiguousarray": lambda x: np.ascontiguousarray(x) * 3,
    "atleast_1d": lambda x: np.atleast_1d(x[0]) * x,
    "returned list": lambda x: np.array([a**2 for a in x]),
    "ufunc on objects": lambda x: np.sin(np.array([x[0], x[1]])),
    "tanh on asarray": lambda x: np.tanh(np.asarray(x)) + np.log(np.abs(np.asarray(x))),
    "binary ufunc": lambda x: np.multiply(np.array([x[0], x[1]]), np.array([2.0, x[2]])),
    "arctan2 of objects": lambda x: np.arctan2(np.asarray(x), np.ones(3)),
    "sum of objects": lambda x: np.sum(np.asarray(x) ** 2),
    "method sum": lambda x: np.asarray(x * x).sum(),
    "prod of objects": lambda x: np.prod(np.asarray(x)),
    "max of objects": lambda x: np.max(np.asarray(x)) * 2,
    "dot of objects": lambda x: np.dot(np.asarray(x), np.asarray(x)),
    "plain matrix @ objects": lambda x: A @ np.asarray(x),
    "objects @ plain matrix": lambda x: np.asarray(x) @ A,
    "tracer @ objects": lambda x: x @ np.array([[x[0], 1.0], [x[1], 2.0], [1.0, x[2]]]),
    "objects @ tracer": lambda x: np.array([[x[0], 1.0, 2.0], [x[1], 2.0, 1.0]]) @ x,
    "tracer * objects": lambda x: x * np.array([x[1], 1.0, 2.0]),
    "objects * tracer": lambda x: np.array([x[1], 1.0, 2.0]) * x,
    "objects - tracer": lambda x: np.array([x[1], 1.0, 2.0]) - x,
    "dot of tracer and objects": lambda x: np.dot(x, np.array([x[1], 1.0, 2.0])),
    "tracer.dot(objects)": lambda x: x.dot(np.array([x[1], 1.0, 2.0])),
    "concatenate": lambda x: np.concatenate([x, np.array([x[0] * x[1]])]),
    "stack": lambda x: np.stack([x, np.array([x[0], 1.0, 2.0])]),
    "hstack of lists": lambda x: np.hstack([x[0], x[1:]]),
    "vstack": lambda x: np.vstack([np.array([x[0], x[1]]), x[:2]]),
    "where": lambda x: np.where(X > 0, x, np.array([x[1], x[0], 0.0])),
    "einsum": lambda x: np.einsum("i,i->", x, np.array([x[1], 1.0, x[0]])),
    "object elements set": lambda x: _set_elements(x),
    "reshape and T of objects": lambda x: np.array([x, x * 2]).T.reshape(2, 3)[0],
    "indexing objects": lambda x: np.asarray(x)[1:][::-1] * 2,
    "append": lambda x: np.append(np.array([]), np.asarray(x)),
    "vectorize": lambda x: np.vectorize(lambda a: a**2)(x),
    "fromiter of objects": lambda x: np.array(tuple(a * a for a in x)),
    "ndenumerate": lambda x: sum((i[0] + 1) * a**2 for i, a in np.ndenumerate(x)),
    "ndindex": lambda x: sum(x[i] ** 2 for i in np.ndindex(x.shape)),
    "list of a list in linalg": lambda x: np.linalg.det(
        x * np.array([[x[0], 1, 0], [0, 1, x[1]], [1, 0, 1]])
    ),
    "nested lists as operand": lambda x: x * [x[0], x[1], 2.0],
    "list as operand of a function": lambda x: np.dot([x[0], 1.0, x[1]], x),
    "inner of a list": lambda x: np.sum([x[0], x[1] * x[2]]),
    "max of a list": lambda x: np.maximum(x, [0.0, x[0], 0.0]),
    "builtin sum": lambda x: sum(x) * builtins.max(x),
    "norm of objects": lambda x: np.linalg.norm(np.asarray(x)),
    "cumsum of objects": lambda x: np.cumsum(np.asarray(x)),
    "clip of objects": lambda x: np.clip(np.asarray(x), 0.0, 1.7),
    "diff of objects": lambda x: np.diff(np.asarray(x)),
    "outer of objects": lambda x: np.outer(np.asarray(x), np.asarray(x)),
}
# Calls that meet object arrays only never reach us, and NumPy cannot compute them.
REFUSED = {
    "two ufuncs on objects": lambda x: np.exp(np.sqrt(np.array([x[0], 4.0]))),
    "mean of objects": lambda x: np.mean(np.asarray(x)) * np.asarray(x).mean(),
    "solve": lambda x: np.linalg.solve(A, np.asarray(x)),
    "solve with a matrix of elements": lambda x: np.linalg.solve(
        np.array([[x[0] ** 2 + 1, 1.0], [0.5, x[2]]]), x[:2]
    ),
    "interp of objects": lambda x: np.interp(np.asarray(x), [-1.0, 0.0, 3.0], [0.0, 1.0, 5.0]),
    "var of objects": lambda x: np.var(np.asarray(x)),
    "average of objects": lambda x: np.average(np.asarray(x)),
    "mean over an axis of objects": lambda x: np.array([x, x**2]).mean(axis=0),
    "fft of objects": lambda x: np.real(np.fft.fft(np.asarray(x))),
    "round of objects": lambda x: x * np.round(1.1 * np.asarray(x)),
    "sinc of objects": lambda x: np.sinc(np.asarray(x)),
    "special function of objects": lambda x: scipy.special.expit(np.asarray(x)),
    "sparse of objects": lambda x: scipy.sparse.csr_array(A) @ np.asarray(x),
    "lstsq of objects": lambda x: np.linalg.lstsq(A, np.asarray(x))[0],
}


def test_object_arrays_lie_in_memory_as_the_traced_ones_do():
    """ravel("K") and the like go along memory."""
    x = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    for ravel in (lambda x: np.asarray(x).ravel("K"), lambda x: np.array(x).reshape(-1, order="A")):
        value, tangent = dr.jvp(ravel, (x,), (x,))
        assert ravel(x).tolist() == value.tolist() == tangent.tolist()
        assert x.tolist() == dr.vjp(ravel, x)[1](value)[0].tolist()


def _set_elements(x):
    y = np.array([x[0], 1.0, 2.0])
    y[1] = x[1] * x[2]
    y[2] += y[0]
    return y


@pytest.mark.parametrize("name", GATHERED)
def test_object_arrays_of_traced_values_are_differentiated(name):
    f = GATHERED[name]
    expected = f(X)
    slopes = numeric_jacobian(f, X)
    ans, _ = dr.vjp(f, X)
    pushed, _ = dr.jvp(f, (X,), (X,))
    assert type(ans) in (np.ndarray, np.float64)
    assert ans.dtype == float
    assert_allclose(expected, ans, rtol=1e-15)
    assert_allclose(expected, pushed, rtol=1e-15)
    assert_allclose(slopes, dr.jacobian(f, mode="reverse")(X), atol=1e-8)
    assert_allclose(slopes, dr.jacobian(f, mode="forward")(X), atol=1e-8)


@pytest.mark.parametrize("name", GATHERED)
def test_object_arrays_of_traced_values_are_differentiated_twice(name):
    """Elements of both levels meet in one object array."""

    def f(x):
        return np.sum(GATHERED[name](x) ** 2)

    v = np.array([1.0, -1.0, 0.5])
    expected = numeric_jacobian(dr.grad(f), X) @ v
    for answer in (
        dr.hvp(f)(X, v),
        dr.grad(lambda x: dr.grad(f)(x) @ v)(X),
        dr.grad(lambda x: dr.jvp(f, (x,), (v,))[1])(X),
    ):
        assert_allclose(expected, answer, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", REFUSED)
def test_what_numpy_refuses_of_object_arrays_is_an_error_that_names_the_repair(name):
    """Right, or an error that says by which arrays it is computed."""
    f = REFUSED[name]
    refusal = None
    try:
        answer = dr.jacobian(f)(X)
    except dr.DualrevError as error:
        refusal = error
    if refusal is None:
        assert_allclose(numeric_jacobian(f, X), answer, atol=1e-8)
        return
    assert isinstance(refusal, TypeError)
    assert "`import dualrev.numpy as np`" in refusal.fix
    assert "(test_coercion.py:" in refusal.where


def test_levels_mix_in_one_object_array():
    """[a x, a, x, 1] squared and summed: d/dx at x=2 is 2 a**2 x + 2 x; d/da of it is 8 a."""

    def f(a):
        return dr.grad(lambda x: np.sum(np.array([a * x, a, x, 1.0]) ** 2))(2.0)

    for mode in (dr.grad, dr.derivative):
        assert_allclose(8 * 3.0, mode(f)(3.0))


def test_object_array_in_aux_is_a_plain_array():
    _, aux = dr.grad(lambda x: (x[0], np.array([x[0], 2 * x[1]])), has_aux=True)(X)
    assert type(aux) is np.ndarray
    assert aux.dtype == float
    assert_array_equal([1.5, -1.0], aux)


def test_object_array_of_float32_and_complex_elements():
    x = X.astype(np.float32)
    gradient = dr.grad(lambda x: np.sum(np.array([x[0], x[1] * x[2]])))(x)
    assert gradient.dtype == np.float32
    assert_allclose([1.0, 2.0, -0.5], gradient)
    _, pushed = dr.jvp(lambda x: np.array([x[0], 1j * x[1]]), (X,), (np.ones(3),))
    assert_array_equal([1.0, 1j], pushed)


def test_parts_of_complex_elements_are_theirs_since_numpy_2_5():
    """Before, an array of objects is real to NumPy, which asks no element: docs/reference/limits.md."""
    since = np.lib.NumpyVersion(np.__version__) >= "2.5.0"
    for take, right in (np.imag, [1.5, 0.0]), (np.real, [0.0, -0.5]):
        value, _ = dr.vjp(lambda x: take(np.array([1j * x[0], x[1]])), X)
        assert np.allclose(value, right) == since


def test_object_array_argument_of_an_inner_transform_is_stacked():
    def f(x):
        return np.sum(dr.grad(lambda y: np.sum(y**3))(np.array([x[0], x[1] * 2])))

    assert_allclose([6 * 1.5, 24 * -0.5, 0.0], dr.grad(f)(X))


def test_plain_object_array_of_numbers_is_an_array_of_numbers():
    """A captured object array of Python numbers, as pandas makes them, is converted."""
    weights = np.array([1, 2.5, 3], dtype=object)
    assert_allclose([1, 2.5, 3], dr.grad(lambda x: np.sum(weights * x))(X))


STATISTICS = {
    "mean": lambda x: np.mean(np.array([x[0], x[1] ** 2, x[2]])),
    "mean of rows": lambda x: np.sum(np.mean(np.array([[x[0], x[1]], [x[2], 1.0]]), axis=0) ** 2),
    "mean method": lambda x: (np.asarray(x) ** 2).mean(),
    "mean of a list": lambda x: np.mean([x[0] ** 2, x[1]]),
    "var": lambda x: np.var(np.array([x[0], x[1] ** 2, x[2]])),
    "std": lambda x: np.std(np.array([x[0], x[1] ** 2, x[2]]), ddof=1),
    "average": lambda x: np.average(np.array([x[0] ** 2, x[1]]), weights=[1.0, 3.0]),
    "norm": lambda x: np.linalg.norm(np.array([x[0], x[1] ** 2, x[2]])),
}


@pytest.mark.parametrize("name", STATISTICS)
def test_statistics_of_gathered_elements(name):
    """Loops append to a list, np.array gathers it, np.mean follows: the most ordinary of programs."""
    f = STATISTICS[name]
    expected = numeric_jacobian(f, X)
    assert_allclose(expected, dr.grad(f)(X), atol=1e-8)
    assert_allclose(expected, dr.jacobian(f, mode="forward")(X), atol=1e-8)
    assert_allclose(dr.hessian(f)(X), numeric_jacobian(dr.grad(f), X), atol=1e-6)


# ------------------------------------------------------------------------------ large object arrays


def gathers(x):
    y = np.asarray(x)  # HERE
    return np.sum(y * x)


def reduces(x):
    y = np.asarray(x)  # HERE
    return np.sum(y**2)


@pytest.mark.parametrize("f", [gathers, reduces])
def test_large_object_array_is_right_with_a_warning_that_names_line_and_repair(f):
    x = np.linspace(0.0, 1.0, 1500)
    with pytest.warns(dr.PerformanceWarning) as caught:
        gradient = dr.grad(f)(x)
    assert_allclose(2 * x, gradient)
    (warning,) = [w for w in caught if w.category is dr.PerformanceWarning]
    message = str(warning.message)
    assert "1500" in message
    assert "leave out np.asarray(x)" in message
    assert warning.filename == __file__
    first = f.__code__.co_firstlineno
    assert warning.lineno - first in (1, 2)


def test_small_object_array_gives_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dr.grad(gathers)(np.ones(500))


@pytest.mark.parametrize("f", [gathers, reduces])
def test_huge_object_array_is_an_error_that_names_the_repair(f):
    with pytest.raises(dr.ArgumentError) as caught:
        dr.grad(f)(np.ones(100_001))
    assert "100001" in str(caught.value)
    assert "(test_coercion.py:" in caught.value.where
    assert "np.asarray" in caught.value.fix


# ----------------------------------------------------------------------------------- coercions


def assigns_element(x):
    y = np.zeros(3)
    y[0] = x[0]
    return y


def assigns_slice(x):
    y = np.zeros(3)
    y[:] = x
    return y


def assigns_mask(x):
    y = np.zeros(3)
    y[y < 1] = x[0]
    return y


def assigns_flat(x):
    y = np.zeros(3)
    y.flat[0] = x[0]
    return y


def fills(x):
    y = np.zeros(3)
    y.fill(x[0])
    return y


COERCIONS = {
    "float": lambda x: float(x[0]),
    "float of an array of one": lambda x: float(x[:1]),
    "complex": lambda x: complex(x[0]),
    "math.sin": lambda x: math.sin(x[0]),
    "math.exp": lambda x: math.exp(x.sum()),
    "math.hypot": lambda x: math.hypot(x[0], x[1]),
    "math.fsum": lambda x: math.fsum(x),
    "cmath.sqrt": lambda x: cmath.sqrt(x[0]),
    "np.float64": lambda x: np.float64(x[0]),
    "np.asarray(dtype=float)": lambda x: np.asarray(x, dtype=float),
    "np.array(dtype=float)": lambda x: np.array([x[0], 1.0], dtype=float),
    "astype of objects": lambda x: np.asarray(x).astype(float),
    "np.fromiter": lambda x: np.fromiter(x, dtype=float),
    "assigned element": assigns_element,
    "assigned slice": assigns_slice,
    "assigned mask": assigns_mask,
    "fill": fills,
    "%f": lambda x: float("%f" % x[0]),  # noqa: UP031
}


@pytest.mark.parametrize("mode", [dr.grad, dr.jacobian, lambda f: lambda x: dr.jvp(f, (x,), (x,))])
@pytest.mark.parametrize("name", COERCIONS)
def test_coercion_to_a_plain_number_is_an_error(name, mode):
    with pytest.raises(dr.CoercionError):
        mode(COERCIONS[name])(X)


@pytest.mark.parametrize("name", COERCIONS)
def test_coercion_error_says_what_where_and_fix(name):
    with pytest.raises(dr.CoercionError) as caught:
        dr.grad(COERCIONS[name])(X)
    what, where, fix = str(caught.value).splitlines()
    assert "plain number" in what
    assert "derivative" in what
    assert re.fullmatch(r"  where: in your function `.*` \(test_coercion\.py:\d+\)", where)
    assert fix.startswith("  fix:   ")


@pytest.mark.parametrize(
    "take",
    [
        lambda x: x[0].item() * x,
        lambda x: x.item(1) * x.reshape(3, 1).item((2, 0)),
        lambda x: sum(a * b for a, b in zip(x.tolist(), x[::-1].tolist())),
        lambda x: np.array(x.reshape(3, 1).tolist()) ** 2,
        lambda x: np.stack(list(x.flat)) * x.flat[1],
        lambda x: sorted(x, key=lambda a: -a)[0] * x[1],
        lambda x: sorted(x.tolist())[1] ** 2,
    ],
)
def test_elements_taken_as_python_takes_them_stay_traced(take):
    expected = numeric_jacobian(take, X)
    for mode in ("forward", "reverse"):
        assert_allclose(expected, dr.jacobian(take, mode=mode)(X), atol=1e-7)


def test_coercion_by_a_flat_iterator_is_an_error():
    """NumPy hides our error here, without a cause to find it by."""
    with pytest.raises((dr.CoercionError, ValueError)):
        dr.grad(assigns_flat)(X)


def test_coercion_error_is_a_type_error():
    """What ``except TypeError`` around float() expects."""
    assert issubclass(dr.CoercionError, TypeError)


def test_value_error_of_the_user_is_not_taken_for_a_coercion():
    def f(x):
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        dr.grad(f)(X)


def test_coercion_can_be_caught_and_repaired_by_the_user():
    def f(x):
        try:
            y = math.sin(x[0])
        except TypeError:
            y = np.sin(x[0])
        return y

    assert_allclose([np.cos(1.5), 0, 0], dr.grad(f)(X))


# ------------------------------------------------------------- what sees the primal, as in NumPy


def in_both_modes(f, x=X):
    return dr.grad(f)(x), np.array([dr.jvp(f, (x,), (t,))[1] for t in np.eye(len(x))])


PLAIN = {
    "int": lambda x: x[0] * int(x[2]),
    "round": lambda x: x[0] * round(x[2]),
    "math.floor": lambda x: x[0] * (math.floor(x[0]) + 1),
    "math.ceil": lambda x: x[0] * math.ceil(x[0]),
    "math.trunc": lambda x: x[0] * (math.trunc(x[0]) + 1),
    "np.floor": lambda x: x[0] * (np.floor(x[0]) + 1),
    "floor division": lambda x: x[0] * (x[2] // 1),
    "reflected floor division": lambda x: x[0] * (4.0 // x[2]),
    "divmod": lambda x: x[0] * divmod(x[2], 1.0)[0],
    "reflected divmod": lambda x: x[0] * divmod(4.5, x[2])[0],
    "comparison": lambda x: x[0] * (2 if x[0] > x[1] else 5),
    "chained comparison": lambda x: x[0] * (2 if -1 < x[1] < 0 <= x[2] else 5),
    "equality": lambda x: x[0] * (2 if x[2] == 2.0 and x[0] != x[1] else 5),
    "truth": lambda x: x[0] * (2 if x[0] else 5),
    "not": lambda x: x[0] * (5 if not x[0] else 2),
    "all and any": lambda x: x[0] * (2 if (x < 3).all() and np.any(x < 0) else 5),
    "argmax": lambda x: x[0] * np.argmax(x),
    "argsort": lambda x: x[0] * np.argsort(x)[2],
    "len": lambda x: x[0] * (len(x) - 1),
    "size": lambda x: x[0] * (x.size + x.ndim + x.shape[0] - 5),
    "np.size": lambda x: x[0] * (np.size(x) + np.ndim(x) + np.shape(x)[0] - 5),
    "min and max": lambda x: builtins.min(x[0], 10.0) * builtins.max(x[2], x[1]),
    "sorted": lambda x: sorted(x)[1] * 2,
    "in": lambda x: x[0] * (2 if 2.0 in x else 5),
    "format": lambda x: x[0] * float(f"{x[2]:.3f}"),
    "str": lambda x: x[0] * (2 if "1.5" in str(x) else 5),
    "repr": lambda x: x[0] * (2 if "1.5" in repr(x) else 5),
    "isfinite": lambda x: x[0] * np.sum(np.isfinite(x)) - x[0],
    "index by argmax": lambda x: 2 * x[np.argmin(np.abs(x - 1.4))],
    "range of int": lambda x: x[0] * len(range(int(x[2]))),
    "while": lambda x: _while(x),
    "dtype": lambda x: x[0] * (2 if x.dtype == np.float64 else 5),
    "copy.copy": lambda x: copy.copy(x)[0] * 2,
    "copy.deepcopy": lambda x: copy.deepcopy(x)[0] * 2,
    "unpacking": lambda x: (lambda a, b, c: a * c)(*x),
    "star": lambda x: (lambda first, *rest: first * 2)(*x),
    "enumerate": lambda x: sum(a for i, a in enumerate(x) if i == 0) * 2,
    "zip": lambda x: sum(a * b for a, b in zip(x, [2.0, 0.0, 0.0])),
    "reversed": lambda x: 2 * list(reversed(x))[2],
    "operator.itemgetter": lambda x: 2 * operator.itemgetter(0)(x),
    "iscomplexobj": lambda x: x[0] * (5 if np.iscomplexobj(x) else 2),
    "result_type": lambda x: x[0] * (2 if np.result_type(x, 1.0).kind == "f" else 5),
    "allclose": lambda x: x[0] * (2 if np.allclose(x, X) else 5),
    "array_equal": lambda x: x[0] * (2 if np.array_equal(x, X) else 5),
    "abs and neg": lambda x: abs(-x[0]) + +x[0],
    "pow": lambda x: pow(x[0], 2) * (2 / 1.5) + x[0] - 2 * x[0] + pow(2.0, 1) * 0 - x[0],
}
# all but these have the gradient 2 e_0
DIFFERENT = {
    "min and max": [2.0, 0, 1.5],
    "unpacking": [2.0, 0, 1.5],
}


def _while(x):
    y, n = x[0], 0
    while y < 2.9:
        y = y + x[0]
        n += 1
    return y


@pytest.mark.parametrize("name", PLAIN)
def test_control_flow_sees_the_primal(name):
    expected = DIFFERENT.get(name, [2.0, 0.0, 0.0])
    for answer in in_both_modes(PLAIN[name]):
        assert_allclose(expected, answer, rtol=1e-14, atol=1e-14)


def test_truth_of_an_array_is_ambiguous_as_in_numpy():
    with pytest.raises(ValueError, match="ambiguous"):
        dr.grad(lambda x: x[0] if x > 0 else x[1])(X)


def test_len_of_a_scalar_is_an_error_as_in_numpy():
    with pytest.raises(TypeError, match="unsized"):
        dr.grad(lambda x: len(x) * x)(1.0)


def test_iteration_over_a_scalar_is_an_error_as_in_numpy():
    with pytest.raises(TypeError, match="0-d"):
        dr.grad(lambda x: sum(x))(1.0)


def test_traced_array_is_not_hashable_as_in_numpy():
    with pytest.raises(TypeError, match="unhashable"):
        dr.grad(lambda x: {x: x[0]}[x])(X)


def test_float_is_no_index_as_in_numpy():
    with pytest.raises((TypeError, IndexError)):
        dr.grad(lambda x: np.arange(5.0)[x[2]] * x[0])(X)
    with pytest.raises((TypeError, IndexError)):
        dr.grad(lambda x: x[x[2]])(X)
    with pytest.raises(TypeError):
        dr.grad(lambda x: sum(x[0] for _ in range(x[2])))(X)


def test_unknown_attribute_is_an_attribute_error():
    """hasattr works, so that duck typing in the user's code does."""
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        dr.grad(lambda x: x.nonsense)(X)
    assert_allclose([1, 0, 0], dr.grad(lambda x: x[0] if not hasattr(x, "iloc") else x[1])(X))


def test_repr_shows_value_and_level():
    seen = []
    dr.grad(lambda x: (seen.append(repr(x)), x[0])[1])(X)
    assert re.fullmatch(r"Var\(array\(\[ 1.5, -0.5,  2. \]\), level=\d+\)", seen[0])


# ----------------------------------------------------------- what does not know traced arrays at all

SPARSE = {
    "S @ x": lambda s, x: s @ x,
    "x @ S": lambda s, x: x @ s,
    "S.dot(x)": lambda s, x: s.dot(x),
    "S.T @ x": lambda s, x: s.T @ (x * x),
    "S @ matrix": lambda s, x: s @ np.outer(x, x),
}


SPARSE_FORMS = [
    (name, form)
    for name in SPARSE
    for form in ("csr", "csc", "coo", "dia")
    if (name, form) != ("S.dot(x)", "coo")  # takes ndarrays and sparse arrays only: a TypeError
]


@pytest.mark.parametrize(("name", "form"), SPARSE_FORMS)
def test_sparse_matrix_times_traced_array(name, form):
    f = functools.partial(SPARSE[name], scipy.sparse.coo_array(A).asformat(form))
    expected = numeric_jacobian(f, X)
    assert_allclose(expected, dr.jacobian(f, mode="reverse")(X), atol=1e-8)
    assert_allclose(expected, dr.jacobian(f, mode="forward")(X), atol=1e-8)
    assert_allclose(f(X), dr.vjp(f, X)[0], rtol=1e-15)


def masked(values):
    return np.ma.array(values, mask=[False, True, False])


FOREIGN = {
    "masked array on the right": lambda x: np.sum(x * masked(X)),
    "masked array on the left": lambda x: np.sum(masked(X) * x),
    "sum of a masked product": lambda x: (x * masked(X)).sum(),
    "masked array in a ufunc": lambda x: np.sum(np.multiply(x, masked(X))),
    "masked array of traced values": lambda x: masked(x).sum(),
    "matrix on the left": lambda x: np.sum(np.asmatrix(A) * x.reshape(3, 1)),
    "matrix on the right": lambda x: np.sum(x @ np.asmatrix(A)),
    "matrix times elements": lambda x: np.sum(x[0] * np.asmatrix(A)),
    "statistics.mean": statistics.mean,
    "statistics.fmean": statistics.fmean,
    "math.isclose": lambda x: x[0] * math.isclose(x[0], 1.5),
    "math.dist": lambda x: math.dist(x, [0, 0, 0]),
    "math.prod": math.prod,
    "random.gauss": lambda x: random.gauss(x[0], 0),
    "decimal": lambda x: float(decimal.Decimal(x[0])),
    "fraction": lambda x: float(fractions.Fraction(x[0])),
    "json": lambda x: json.loads(json.dumps(x[0])),
    "struct": lambda x: struct.unpack("d", struct.pack("d", x[0]))[0],
    "array.array": lambda x: array.array("d", x)[0],
    "bytes": lambda x: np.frombuffer(bytes(x)),
    "memoryview": lambda x: np.asarray(memoryview(x)),
    "np.frombuffer": np.frombuffer,
    "np.nditer": lambda x: sum(a * 2 for a in np.nditer(x)),
    "np.full": lambda x: np.full(3, x[0]),
    "np.arange": lambda x: np.arange(0, x[2]),
    "np.linspace": lambda x: np.linspace(0, x[0], 3),
    "np.fromfunction": lambda x: np.fromfunction(lambda i: x[i.astype(int)] * 2, (3,)),
    "np.frompyfunc": lambda x: np.sum(np.frompyfunc(lambda a: a**2, 1, 1)(x)),
    "np.vectorize of floats": lambda x: np.vectorize(lambda a: a**2, otypes=[float])(x),
    "np.add.at": lambda x: _add_at(x),
    "np.bincount": lambda x: np.bincount([0, 0, 1], weights=x),
    "np.r_": lambda x: np.r_[x, x[0] * 2],
    "np.random normal": lambda x: np.random.default_rng(0).normal(x, 0),
    "np.random shuffle": lambda x: np.random.default_rng(0).shuffle(1 * x),
    "np.polynomial": lambda x: np.polynomial.Polynomial(x)(2.0),
    "np.poly1d": lambda x: np.poly1d(x)(2.0),
    "scipy.linalg.solve": lambda x: scipy.linalg.solve(A, x),
    "scipy.linalg.norm": lambda x: scipy.linalg.norm(x),
    "scipy.integrate.quad": lambda x: scipy.integrate.quad(lambda t: t * x[0], 0, 1)[0],
    "scipy.stats": lambda x: scipy.stats.norm.logpdf(x),
    "scipy.interpolate": lambda x: scipy.interpolate.CubicSpline([0, 1, 3.0], x)(0.5),
    "scipy.optimize.brentq": lambda x: scipy.optimize.brentq(lambda t: t**2 - x[0], 0, 3),
    "scipy.optimize.minimize": lambda x: (
        scipy.optimize.minimize(lambda t: (t[0] - x[0]) ** 2, [0.0]).x
    ),
    "scipy.optimize.newton": lambda x: scipy.optimize.newton(lambda t: t**2 - x[0], 1.0),
    "scipy.signal.lfilter": lambda x: scipy.signal.lfilter([1.0], [1, 0.5], x),
    "scipy.ndimage": lambda x: scipy.ndimage.gaussian_filter(x, 1.0),
    "scipy.fft": lambda x: np.abs(scipy.fft.fft(x)),
    "scipy.spatial": lambda x: scipy.spatial.distance.cdist(x[:, None], X[:, None] * 0),
    "scipy.special.logsumexp": lambda x: scipy.special.logsumexp(x),
}


def _add_at(x):
    y = np.zeros(3)
    np.add.at(y, [0, 1, 2], x)
    return y


@pytest.mark.one_in(2)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", FOREIGN)
def test_functions_of_others_are_right_or_raise(name, mode):
    """Whatever does not know traced arrays: never a wrong number, in value or derivative."""
    f = FOREIGN[name]
    try:
        answer = dr.jacobian(f, mode=mode)(X)
        value, _ = dr.vjp(f, X) if mode == "reverse" else dr.jvp(f, (X,), (X,))
    except (dr.DualrevError, TypeError, ValueError, RuntimeError, struct.error, SystemError):
        return
    assert_allclose(np.asarray(f(X), float), value, rtol=1e-12)
    assert_allclose(numeric_jacobian(lambda x: np.asarray(f(x), float), X), answer, atol=1e-5)
