"""grad, elementwise_grad, derivative, jacobian, hessian, hvp: arguments, dtypes, what comes out."""

import functools
import inspect
import pickle
import sys

import numpy as np
import pytest
import tqdm.auto
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import solve_ivp
from scipy.optimize import curve_fit, least_squares, minimize, newton, root

import dualrev as dr

X = np.array([0.5, -1.0, 2.0])
X1 = np.array([2.0])
A = np.array([[2.0, 0.5, 0.0], [0.5, 3.0, 1.0], [0.0, 1.0, 4.0]])


def quadratic(x):
    """Half of x A x."""
    return 0.5 * (x @ A @ x)


def residuals(x):
    return np.array([x[0] * x[1], x[1] ** 2, np.sin(x[2]), x[0]])


def residuals_jacobian(x):
    return np.array(
        [[x[1], x[0], 0], [0, 2 * x[1], 0], [0, 0, np.cos(x[2])], [1, 0, 0]], dtype=float
    )


def three(x, y, z=2.0, *, scale=1.0):
    """x**2 y z scale."""
    return np.sum(x**2 * y) * z * scale


# ------------------------------------------------------------------------------ what comes out


def results():
    """Every array that a derivative operator answers with, by a name."""
    x = X.copy()
    value, gradient = dr.value_and_grad(quadratic)(x)
    yield "grad", x, dr.grad(quadratic)(x)
    yield "value_and_grad", x, gradient
    yield "value of one element", x, dr.value_and_grad(lambda x: x)(x[:1])[0]
    yield "value of one captured element", X1, dr.value_and_grad(lambda x: X1)(x)[0]
    yield "elementwise_grad", x, dr.elementwise_grad(np.exp)(x)
    yield "elementwise_grad of the identity", x, dr.elementwise_grad(lambda x: x)(x)
    yield "hessian", x, dr.hessian(quadratic)(x)
    yield "hvp", x, dr.hvp(quadratic)(x, x)
    for mode in ("auto", "forward", "reverse"):
        yield f"jacobian {mode}", x, dr.jacobian(residuals, mode=mode)(x)
        yield f"jacobian of the identity {mode}", x, dr.jacobian(lambda x: x, mode=mode)(x)
        yield f"jacobian of a transpose {mode}", x, dr.jacobian(lambda x: (A * x).T, mode=mode)(x)
        yield f"jacobian of a constant {mode}", x, dr.jacobian(lambda x: A, mode=mode)(x)
        yield f"jacobian in two arguments {mode}", x, dr.jacobian(
            lambda x, y: x * y, argnums=(0, 1), mode=mode)(x, x)[0]  # fmt: skip
    yield "grad of the sum", x, dr.grad(np.sum)(x)
    yield "grad of a dot with a captured array", A, dr.grad(lambda x: x @ A[0])(x)
    yield "grad of a product with a view", A, dr.grad(lambda x: np.sum(x * A.T[0]))(x)
    yield "grad of a reversed broadcast", x, dr.grad(lambda x: np.sum(x[::-1] * np.ones((2, 3))))(x)
    yield "grad of transposes", x, dr.grad(lambda a: np.sum(a.T * A))(A.T)
    yield "grad of a Fortran array", x, dr.grad(lambda a: np.sum(a * a))(np.asfortranarray(A))
    yield "grad of nothing", x, dr.grad(lambda x: 1.0)(x)
    yield "grad of one element", x, dr.grad(lambda x: x[1])(x)
    yield "derivative", x, dr.derivative(lambda t: t * X)(2.0)
    yield "derivative of a captured array", X, dr.derivative(lambda t: X)(2.0)
    yield "derivative of t", X, dr.derivative(lambda t: X + t)(2.0)
    yield "pushed", x, dr.jvp(lambda x: x, (x,), (x,))[1]
    yield "pulled", x, dr.vjp(lambda x: x, x)[1](x)[0]
    yield "pushed by linearize", x, dr.linearize(lambda x: x, x)[1].push(x)
    yield "pulled of a transpose", A, dr.vjp(np.transpose, A)[1](A)[0]
    yield "pushed of a transpose", A, dr.jvp(np.transpose, (A,), (A,))[1]
    yield "pushed of a broadcast", x, dr.jvp(lambda x: np.broadcast_to(x, (2, 3)), (x,), (x,))[1]
    yield "pushed of a slice", x, dr.jvp(lambda x: x[::2], (x,), (x,))[1]


RESULTS = list(results())


@pytest.mark.parametrize("result", RESULTS, ids=lambda r: r[0])
def test_results_are_plain_contiguous_writeable_arrays_of_their_own(result):
    _, source, array = result
    assert type(array) is np.ndarray
    assert array.dtype == np.float64
    assert array.flags.c_contiguous
    assert array.flags.writeable
    assert array.flags.owndata or array.base.flags.owndata
    for other in (source, X, X1, A):
        assert not np.shares_memory(array, other)


def test_results_of_one_call_alias_nothing():
    gradients = dr.grad(lambda x, y, z: np.sum(x + y + z), argnums=(0, 1, 2))(X, X, X)
    for i in range(3):
        for j in range(i):
            assert not np.shares_memory(gradients[i], gradients[j])
    pulled = dr.vjp(lambda x, y: x + y, X, X)[1](X)
    assert not np.shares_memory(pulled[0], pulled[1])
    ans, tangent = dr.jvp(lambda x: x, (X,), (X,))
    assert not np.shares_memory(ans, tangent)
    both = dr.jacobian(lambda x: [x, x])(X)
    assert not np.shares_memory(both[0], both[1])


def test_second_call_does_not_write_the_first_result():
    gradient = dr.grad(quadratic)
    first = gradient(X)
    kept = first.copy()
    gradient(2 * X)
    assert_array_equal(kept, first)
    first[:] = 0
    assert_array_equal(kept, gradient(X))


@pytest.mark.parametrize("x", [2.0, np.float64(2.0), np.array(2.0), 2, np.int32(2), True + 1])
def test_gradient_by_a_number_is_a_float64(x):
    gradient = dr.grad(lambda x: x**3)(x)
    assert np.shape(gradient) == ()
    assert gradient.dtype == np.float64
    assert gradient == 12.0
    assert dr.derivative(lambda x: x**3)(x) == 12.0
    assert dr.hessian(lambda x: x**3)(x) == 12.0
    assert dr.hvp(lambda x: x**3)(x, 1.0) == 12.0
    assert dr.jacobian(lambda x: x**3)(x) == 12.0


@pytest.mark.parametrize("operator", [dr.grad, dr.derivative, dr.jacobian, dr.hessian])
def test_derivative_of_a_number_is_a_number(operator):
    """As NumPy answers scalars for scalars."""
    assert type(operator(lambda x: x**3)(2.0)) is np.float64
    assert type(operator(lambda x: np.reshape(x, (1, 1))[0, 0] ** 3)(2.0)) is np.float64


# --------------------------------------------------------------------------------- the operators


def test_operators_are_the_closed_forms():
    value, gradient = dr.value_and_grad(quadratic)(X)
    assert value == quadratic(X)
    assert type(value) is np.float64
    assert_allclose(A @ X, gradient)
    assert_allclose(A @ X, dr.grad(quadratic)(X))
    assert_allclose(A, dr.hessian(quadratic)(X))
    assert_allclose(A @ [1.0, 2.0, 3.0], dr.hvp(quadratic)(X, np.array([1.0, 2.0, 3.0])))
    for mode in ("auto", "forward", "reverse"):
        assert_allclose(residuals_jacobian(X), dr.jacobian(residuals, mode=mode)(X))
    assert_allclose([0.0, -np.sin(1.0)], dr.derivative(lambda t: np.array([1.0, np.cos(t)]))(1.0))


@pytest.mark.parametrize("shape", [(1,), (1, 1), (1, 1, 1)])
def test_one_number_in_an_array_is_a_scalar_result(shape):
    """As scipy.optimize takes it; of what grad, hessian and hvp answer it changes nothing."""

    def f(x):
        return np.reshape(quadratic(x), shape)

    value, gradient = dr.value_and_grad(f)(X)
    assert_array_equal(np.reshape(quadratic(X), shape), value)
    assert value.shape == shape
    assert_allclose(A @ X, gradient)
    assert_allclose(A @ X, dr.grad(f)(X))
    assert_allclose(A, dr.hessian(f)(X))
    assert_allclose(A @ X, dr.hvp(f)(X, X))
    assert_array_equal(np.zeros(3), dr.grad(lambda x: np.ones(shape, int))(X))
    assert_allclose(np.zeros(3), minimize(f, X, jac=dr.grad(f)).x, atol=1e-5)


# ---------------------------------------------------------------------------- element by element


@pytest.mark.parametrize("x", [2.0, X, A, np.ones((2, 0)), X.astype(np.float32)])
def test_elementwise_grad_is_the_diagonal_of_the_jacobian(x):
    f = lambda x: np.sin(x) * x  # noqa: E731
    n = np.size(x)
    expected = np.diag(np.reshape(dr.jacobian(f)(x), (n, n))).reshape(np.shape(x))
    slopes = dr.elementwise_grad(f)(x)
    assert slopes.dtype == np.result_type(x)
    assert_allclose(slopes, expected, rtol=1e-6)
    second = dr.elementwise_grad(dr.elementwise_grad(f))(x)
    assert_allclose(second, 2 * np.cos(x) - x * np.sin(x), rtol=1e-5)


def test_elementwise_grad_where_elements_depend_on_others_is_the_sum_of_each_column():
    assert_allclose(dr.jacobian(np.cumsum)(X).sum(0), dr.elementwise_grad(np.cumsum)(X))


def test_elementwise_grad_by_several_arguments():
    y = np.array([1.0, 2.0, 3.0])
    f = lambda x, y, k: k * x * y**2  # noqa: E731
    by_x, by_y = dr.elementwise_grad(f, argnums=(0, 1))(X, y, 2.0)
    assert_allclose(2 * y**2, by_x)
    assert_allclose(4 * X * y, by_y)
    assert_allclose(4 * X * y, dr.elementwise_grad(f, argnames="y")(X, y, k=2.0))
    slopes, aux = dr.elementwise_grad(lambda x: (x**2, "kept"), has_aux=True)(X)
    assert_allclose(2 * X, slopes)
    assert aux == "kept"


def test_elementwise_grad_of_complex_numbers_is_that_of_grad():
    z = np.array([1 + 2j, 3 - 1j])
    assert_allclose(3 * z**2, dr.elementwise_grad(lambda z: z**3, holomorphic=True)(z))
    assert_allclose(2 * z, dr.elementwise_grad(lambda z: abs(z) ** 2)(z))


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
@pytest.mark.parametrize("inner", [(), (1,), (3,), (2, 2), (0,)])
@pytest.mark.parametrize("outer", [(), (1,), (4,), (2, 3), (0,)])
def test_jacobian_has_the_shape_of_result_and_argument(inner, outer, mode):
    rng = np.random.default_rng(0)
    weights = rng.standard_normal(outer + inner)
    x = rng.standard_normal(inner)

    def f(x):
        return np.sum((weights * x**2).reshape((*outer, -1)), axis=-1) if inner else weights * x**2

    if 0 in inner + outer:
        f = lambda x: np.zeros(outer) * np.sum(x)  # noqa: E731
        expected = np.zeros(outer + inner)
    else:
        expected = 2 * weights * x
    jacobian = dr.jacobian(f, mode=mode)(x)
    assert jacobian.shape == outer + inner
    assert_allclose(expected, jacobian)


@pytest.mark.parametrize("shape", [(), (1,), (0,), (2, 3)])
def test_hessian_has_the_shape_of_the_argument_twice(shape):
    x = np.ones(shape)
    hessian = dr.hessian(lambda x: np.sum(x**3))(x)
    assert hessian.shape == shape + shape
    assert_allclose(6 * np.eye(x.size).reshape(shape + shape), hessian)
    assert_allclose(6 * x, dr.hvp(lambda x: np.sum(x**3))(x, x))


@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (0,), (3, 0), (2, 1, 3)])
def test_gradient_has_the_shape_of_the_argument(shape):
    x = np.full(shape, 2.0)
    gradient = dr.grad(lambda x: np.sum(x * x))(x)
    assert np.shape(gradient) == shape
    assert_array_equal(4.0 * np.ones(shape), gradient)


def test_jacobian_auto_takes_the_shorter_side():
    """One push for a function of one number, one pull for one result."""
    calls = []

    @functools.partial(_counting_rule, calls)
    def twice(x):
        return 2 * x

    calls.clear()
    dr.jacobian(lambda x: np.sum(twice(x)))(np.ones(50))
    assert calls == ["vjp"]
    calls.clear()
    dr.jacobian(lambda x: twice(x * np.ones(50)))(1.0)
    assert calls == ["jvp"]
    calls.clear()
    dr.jacobian(lambda x: twice(x)[:2])(np.ones(5))
    assert calls == ["vjp"]


def _counting_rule(calls, f):
    from dualrev.core.words import rule

    def jvp(tangents, ans, x):
        calls.append("jvp")
        return 2 * tangents[0]

    def vjp(ct, wanted, ans, x):
        calls.append("vjp")
        return (2 * ct,)

    return rule(f, jvp=jvp, vjp=vjp)


def test_function_runs_once_for_value_gradient_and_jacobian():
    runs = []

    def f(x):
        runs.append(1)
        return x**2

    for operator in (dr.grad, dr.value_and_grad, dr.derivative):
        runs.clear()
        operator(f)(3.0)
        assert len(runs) == 1
    for mode in ("auto", "forward", "reverse"):
        runs.clear()
        dr.jacobian(f, mode=mode)(X)
        assert len(runs) == 1


def test_plain_value_is_that_of_the_function_to_the_bit():
    for x in (X, X.astype(np.float32)):
        assert quadratic(x) == dr.value_and_grad(quadratic)(x)[0]


# ------------------------------------------------------------------------------- which arguments


def test_argnums_chooses_the_argument():
    y = np.array([1.0, 2.0, 3.0])
    assert_allclose(2 * X * y * 2, dr.grad(three)(X, y))
    assert_allclose(X**2 * 2, dr.grad(three, argnums=1)(X, y))
    assert_allclose(X**2 * 2, dr.grad(three, argnums=-1)(X, y))
    assert_allclose(X**2 * 2, dr.grad(three, 1)(X, y))
    assert_allclose(np.sum(X**2 * y), dr.grad(three, argnums=2)(X, y, 7.0))
    assert_allclose(np.sum(X**2 * y), dr.grad(three, argnums=np.int64(2))(X, y, 7.0))


@pytest.mark.parametrize("argnums", [(0, 1), [0, 1], (1, 0), (0,), (-2, -1)])
def test_tuple_of_argnums_gives_a_tuple(argnums):
    y = np.array([1.0, 2.0, 3.0])
    expected = {0: 4 * X * y, 1: 2 * X**2}
    gradients = dr.grad(three, argnums=argnums)(X, y)
    assert type(gradients) is tuple
    assert len(gradients) == len(argnums)
    for i, gradient in zip(argnums, gradients):
        assert_allclose(expected[i % 2], gradient)
    _, gradients = dr.value_and_grad(three, argnums=argnums)(X, y)
    assert type(gradients) is tuple


def test_argnames_chooses_by_name_however_the_argument_is_given():
    y = np.array([1.0, 2.0, 3.0])
    expected = X**2 * 2 * 5
    gradient = dr.grad(three, argnames="y")
    assert_allclose(expected, gradient(X, y, scale=5.0))
    assert_allclose(expected, gradient(X, y=y, scale=5.0))
    assert_allclose(expected, gradient(x=X, y=y, scale=5.0))
    assert_allclose(np.sum(X**2 * y) * 2, dr.grad(three, argnames="scale")(X, y, scale=5.0))


def test_tuple_of_argnames_gives_a_dict():
    y = np.array([1.0, 2.0, 3.0])
    gradients = dr.grad(three, argnames=("scale", "x"))(X, y, scale=5.0)
    assert set(gradients) == {"scale", "x"}
    assert_allclose(4 * X * y * 5, gradients["x"])
    assert_allclose(np.sum(X**2 * y) * 2, gradients["scale"])


def test_argnums_and_argnames_together():
    y = np.array([1.0, 2.0, 3.0])
    by_number, by_name = dr.grad(three, argnums=0, argnames="scale")(X, y, scale=5.0)
    assert_allclose(4 * X * y * 5, by_number)
    assert_allclose(np.sum(X**2 * y) * 2, by_name)


def test_argnames_of_a_function_with_kwargs():
    def f(**kwargs):
        return kwargs["a"] * kwargs["b"] ** 2

    assert dr.grad(f, argnames="b")(a=3.0, b=2.0) == 12.0
    assert dr.grad(f, argnames=("a", "b"))(a=3.0, b=2.0) == {"a": 4.0, "b": 12.0}


@pytest.mark.parametrize("operator", [dr.jacobian, dr.hessian])
def test_argnums_of_matrices(operator):
    y = np.array([1.0, 2.0, 3.0])
    f = three if operator is dr.hessian else lambda x, y: x**2 * y
    single = operator(f, argnums=1)(X, y)
    pair = operator(f, argnums=(0, 1))(X, y)
    named = operator(f, argnames=("x", "y"))(X, y)
    if operator is dr.jacobian:
        assert_allclose(np.diag(X**2), single)
        assert_allclose(np.diag(2 * X * y), pair[0])
        assert_allclose(np.diag(X**2), pair[1])
        assert_allclose(pair[1], named["y"])
    else:
        assert_allclose(np.zeros((3, 3)), single)
        assert_allclose(np.diag(4 * y), pair[0][0])
        assert_allclose(np.diag(4 * X), pair[0][1])
        assert_allclose(np.diag(4 * X), pair[1][0])
        assert_allclose(pair[1][0], named["y"]["x"])


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_one_matrix_of_all_results_and_arguments(mode):
    """Rows and columns in the order of ravel, whatever the structures and shapes."""

    def f(x, p):
        return {"a": np.outer(x, p["w"]), "b": p["b"] * x[0]}

    p = {"w": np.array([[2.0, 3.0]]), "b": 4.0}
    arguments, unravel = dr.ravel((X, p))
    expected = dr.jacobian(lambda v: dr.ravel(f(*unravel(v)))[0])(arguments)
    matrix = dr.jacobian(f, argnums=(0, 1), mode=mode, matrix=True)(X, p)
    assert matrix.shape == (7, 6)
    assert_allclose(expected, matrix)
    assert matrix.flags.c_contiguous
    assert matrix.flags.owndata
    one = dr.jacobian(quadratic, mode=mode, matrix=True)(X)
    assert_allclose((A @ X)[None], one)
    assert_array_equal([[12.0]], dr.jacobian(lambda x: x**3, mode=mode, matrix=True)(2.0))
    matrix, aux = dr.jacobian(lambda x: (x, "kept"), mode=mode, has_aux=True, matrix=True)(X)
    assert_array_equal(np.eye(3), matrix)
    assert aux == "kept"
    assert_array_equal(np.zeros((0, 3)), dr.jacobian(lambda x: x[:0], mode=mode, matrix=True)(X))
    curvature = dr.jacobian(dr.jacobian(residuals, mode=mode, matrix=True), matrix=True)(X)
    assert_allclose(dr.jacobian(dr.jacobian(residuals))(X).reshape(12, 3), curvature)


@pytest.mark.parametrize("method", ["lm", "trf", "dogbox"])
def test_one_matrix_is_the_jac_of_curve_fit(method):
    def model(t, a, b, c, d, e, f):
        return a * np.exp(-b * t) + c * np.exp(-d * t) + e * np.cos(f * t)

    t = np.linspace(0.0, 3.0, 40)
    parameters = np.array([1.0, 0.5, 2.0, 3.0, 0.2, 4.0])
    jac = dr.jacobian(model, argnums=(1, 2, 3, 4, 5, 6), matrix=True)
    popt, pcov = curve_fit(
        model, t, model(t, *parameters), 1.1 * parameters, method=method, jac=jac, sigma=t + 1
    )
    assert_allclose(parameters, popt, rtol=1e-5)
    assert np.all(np.isfinite(pcov))


def test_hvp_takes_the_vector_second_whatever_the_argnums():
    y, v = np.array([1.0, 2.0, 3.0]), np.array([1.0, -1.0, 2.0])
    assert_allclose(4 * y * v, dr.hvp(three)(X, v, y))
    assert_allclose(4 * y * v * 5, dr.hvp(three)(X, v, y, scale=5.0))
    f = lambda x, y: np.sum(x * y**3)  # noqa: E731
    assert_allclose(6 * X * y * v, dr.hvp(f, argnums=1)(X, v, y))
    both = dr.hvp(f, argnums=(0, 1))(X, (v, v), y)
    assert_allclose(3 * y**2 * v, both[0])
    assert_allclose(3 * y**2 * v + 6 * X * y * v, both[1])
    assert_allclose(6 * X * y * v, dr.hvp(f, argnames="y")(X, v, y))
    assert_allclose(6 * X * y * v, dr.hvp(f, argnames="y")(X, v, y=y))


def test_derivative_by_another_argument():
    f = lambda a, t: a * t**2  # noqa: E731
    assert_allclose(4 * X, dr.derivative(f, argnums=1)(X, 2.0))
    assert_allclose(4 * X, dr.derivative(f, argnames="t")(X, t=2.0))


def test_arguments_that_are_not_chosen_may_be_anything():
    f = lambda x, name, options=None: x**2 * len(name) + options["k"]  # noqa: E731
    assert dr.grad(f)(3.0, "ab", options={"k": 1}) == 12.0
    assert dr.grad(f, argnames="x")(name="ab", x=3.0, options={"k": object() and 1}) == 12.0


def test_function_without_a_signature_is_differentiated():
    assert_allclose(np.cos(X).sum(), dr.grad(lambda s: np.sum(np.sin(s + X)))(0.0))
    assert_allclose(np.cos(1.0), dr.grad(np.sin)(1.0))
    assert_allclose(np.diag(np.cos(X)), dr.jacobian(np.sin)(X))
    assert_allclose(np.ones(3), dr.grad(np.sum)(X))
    assert_allclose(2 * A, dr.grad(np.linalg.norm)(A) * 2 * np.linalg.norm(A))


# ------------------------------------------------------------------------------------- aux


def test_aux_comes_back_beside_the_derivative():
    def f(x):
        y = x**2
        return np.sum(y), {"y": y, "note": "kept"}

    gradient, aux = dr.grad(f, has_aux=True)(X)
    assert_allclose(2 * X, gradient)
    assert type(aux["y"]) is np.ndarray
    assert_array_equal(X**2, aux["y"])
    assert aux["note"] == "kept"
    (value, aux), gradient = dr.value_and_grad(f, has_aux=True)(X)
    assert value == np.sum(X**2)
    assert_allclose(2 * X, gradient)
    for operator in (dr.hessian, dr.jacobian):
        matrix, aux = operator(f, has_aux=True)(X)
        assert_allclose(2 * np.eye(3) if operator is dr.hessian else 2 * X, matrix)
        assert type(aux["y"]) is np.ndarray
        assert_array_equal(X**2, aux["y"])
    product, aux = dr.hvp(f, has_aux=True)(X, X)
    assert_allclose(2 * X, product)
    assert type(aux["y"]) is np.ndarray
    slope, aux = dr.derivative(lambda t: (t**3, t**2), has_aux=True)(2.0)
    assert slope == 12.0
    assert aux == 4.0
    assert type(aux) is np.float64


def test_aux_may_be_the_argument_or_a_write_into_it():
    def f(x):
        y = x.copy()
        y[0] = 7.0
        return np.sum(x), (x, y)

    x = X.copy()
    _, (kept, written) = dr.grad(f, has_aux=True)(x)
    assert_array_equal(X, kept)
    assert_array_equal([7.0, -1.0, 2.0], written)
    kept[:] = 0
    assert_array_equal(X, x)


def test_aux_carries_no_derivative():
    assert dr.grad(lambda x: (x**2, x**3), has_aux=True)(2.0)[0] == 4.0


# ------------------------------------------------------------------------------------ dtypes


INTEGERS = [
    np.arange(3),
    [1, 2, 3],
    np.array([True, False]),
    np.arange(3, dtype="u1"),
    np.arange(3, dtype=np.int16),
]


@pytest.mark.parametrize("x", INTEGERS, ids=repr)
def test_integers_are_taken_as_float64(x):
    gradient = dr.grad(lambda x: sum(0.5 * a for a in x))(x)
    for g in gradient:
        assert g == 0.5
        assert g.dtype == np.float64
    if isinstance(x, np.ndarray):
        assert_array_equal(0.5 * np.eye(len(x)), dr.jacobian(lambda x: x / 2)(x))
        assert x.dtype.kind in "iub"


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_floating_dtype_is_kept(dtype):
    x = X.astype(dtype)
    f = lambda x: np.sum(np.sin(x) * x**2 * 0.5)  # noqa: E731
    value, gradient = dr.value_and_grad(f)(x)
    assert value.dtype == gradient.dtype == dtype
    assert dr.hessian(f)(x).dtype == dtype
    assert dr.hvp(f)(x, X).dtype == dtype
    assert dr.derivative_tensor(f, 2)(x).dtype == dtype
    for mode in ("forward", "reverse"):
        assert dr.jacobian(np.sin, mode=mode)(x).dtype == dtype
    assert dr.jvp(np.sin, (x,), (X,))[1].dtype == dtype
    assert dr.grad(lambda x: np.sum(x * X))(x).dtype == dtype
    assert dr.derivative(np.sin)(dtype(1)).dtype == dtype


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_float32_jacobian_of_gathered_elements(mode):
    x = X.astype(np.float32)
    assert dr.jacobian(lambda x: np.array([x[0], x[1] * x[2]]), mode=mode)(x).dtype == np.float32


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("reduce", [np.sum, np.prod, np.max, np.cumsum])
def test_axis_of_a_number(reduce, mode):
    """NumPy takes axis=-1 and axis=0 of a number, too."""
    for axis in (-1, 0):
        f = lambda x: np.sum(reduce(3 * x, axis=axis))  # noqa: E731
        assert dr.jacobian(f, mode=mode)(2.0) == 3.0


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_shape_may_be_an_array_of_integers(mode):
    for f in (
        lambda x: x.reshape(np.array([3, 1])),
        lambda x: np.reshape(x, np.array([3, 1])),
        lambda x: x.reshape(np.int64(3), 1),
    ):
        assert_allclose(np.eye(3)[:, None], dr.jacobian(f, mode=mode)(X))


def test_float32_gradient_is_accurate():
    x = X.astype(np.float32)
    assert_allclose(A @ X, dr.grad(quadratic)(x), rtol=1e-6)


@pytest.mark.parametrize("convert", [
    np.asfortranarray,
    lambda a: np.repeat(a, 2, axis=0)[::2],
    lambda a: a[::-1, ::-1].copy()[::-1, ::-1],
    lambda a: a.astype(">f8"),
    lambda a: np.lib.stride_tricks.as_strided(a, a.shape, a.strides, writeable=False),
    lambda a: a.view(type("Sub", (np.ndarray,), {})),
])  # fmt: skip
def test_every_layout_and_subclass_gives_a_plain_array(convert):
    x = convert(A.copy())
    gradient = dr.grad(lambda x: np.sum(x**2))(x)
    assert type(gradient) is np.ndarray
    assert gradient.flags.c_contiguous
    assert gradient.flags.writeable
    assert_array_equal(2 * A, gradient)


def test_integers_of_a_subclass_are_taken_as_float64():
    x = np.arange(3).view(type("Sub", (np.ndarray,), {}))
    assert_array_equal([0.5] * 3, dr.grad(lambda x: np.sum(x * 0.5))(x))


def test_result_that_is_an_integer_has_zero_derivative():
    for f in (lambda x: 3, lambda x: np.argmax(x), lambda x: int(x[0]), lambda x: np.sum(x > 0)):
        assert_array_equal(np.zeros(3), dr.grad(f)(X))
        assert_array_equal(np.zeros(3), dr.jacobian(f)(X))
    assert_array_equal(np.zeros((3, 3)), dr.jacobian(np.argsort)(X))
    assert dr.jacobian(lambda x: x > 0)(X).dtype == float


def test_function_that_ignores_its_argument_has_zero_derivative():
    for operator, shape in ((dr.grad, (3,)), (dr.jacobian, (3,)), (dr.hessian, (3, 3))):
        assert_array_equal(np.zeros(shape), operator(lambda x: 2.0)(X))
    assert_array_equal(np.zeros(3), dr.hvp(lambda x: 2.0)(X, X))
    assert_array_equal(np.zeros((3, 3)), dr.hessian(lambda x: x @ X)(X))
    assert dr.derivative(lambda t: 2.0)(1.0) == 0.0


# ------------------------------------------------------------------------- objects and decorators


@pytest.mark.parametrize(
    "operator", [dr.grad, dr.value_and_grad, dr.derivative, dr.jacobian, dr.hessian, dr.hvp]
)
def test_derivative_has_the_name_and_docstring_of_the_function(operator):
    made = operator(quadratic)
    assert made.__name__ == "quadratic"
    assert made.__doc__ == "Half of x A x."
    assert made.__wrapped__ is quadratic
    assert made.__module__ == __name__
    assert repr(made) == f"<{operator.__name__} of quadratic>"
    if operator is not dr.hvp:
        assert inspect.signature(made) == inspect.signature(quadratic)


def test_decorator():
    @dr.grad
    def slope(x):
        """Slope of a square."""
        return x**2

    assert slope(3.0) == 6.0
    assert slope.__doc__ == "Slope of a square."


def test_decorator_with_options():
    @functools.partial(dr.value_and_grad, argnums=1, has_aux=True)
    def f(x, y):
        return x * y**2, x

    assert f(2.0, 3.0) == ((18.0, 2.0), 12.0)


class Model:
    rate = 2.0

    def loss(self, x):
        return self.rate * np.sum(x**2)

    @functools.partial(dr.grad, argnums=1)
    def slope(self, x):
        return self.rate * np.sum(x**2)

    @functools.partial(dr.hessian, argnames="x")
    def curvature(self, x):
        return self.rate * np.sum(x**2)

    @staticmethod
    @dr.grad
    def static(x):
        return np.sum(x**2)

    @classmethod
    @functools.partial(dr.grad, argnums=1)
    def of_class(cls, x):
        return cls.rate * np.sum(x**2)

    def __call__(self, x):
        return self.loss(x)


def test_methods_are_differentiated_inside_and_outside_of_the_class():
    model = Model()
    for gradient in (dr.grad(model.loss), model.slope, dr.grad(model), Model().of_class):
        assert_allclose(4 * X, gradient(X))
    assert_allclose(4 * X, Model.slope(model, X))
    assert_allclose(4 * np.eye(3), model.curvature(X))
    assert_allclose(2 * X, model.static(X))
    assert_allclose(2 * X, Model.static(X))
    assert Model.slope.__name__ == "slope"


def test_callables_of_every_kind_are_differentiated():
    for f in (
        functools.partial(three, y=2.0),
        functools.partial(three, y=2.0, scale=1.0),
        functools.lru_cache(lambda _: 0) and (lambda x: three(x, 2.0)),
        np.vectorize(lambda a: a**2 * 4, otypes=[object]),
    ):
        total = lambda x, f=f: np.sum(f(x))  # noqa: E731
        assert_allclose(8 * X, dr.grad(total)(X))
    assert_allclose(8 * X, dr.grad(functools.partial(three, y=2.0))(X))


def test_derivative_objects_nest_as_functions():
    assert dr.grad(dr.grad(dr.grad(lambda x: x**4)))(1.0) == 24.0
    assert repr(dr.grad(dr.grad(quadratic))) == "<grad of quadratic>"


# ------------------------------------------------------------------------------ scipy.optimize


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


START = np.array([-1.2, 1.0, 0.5])


@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B", "CG", "SLSQP"])
def test_minimize_takes_the_gradient_as_it_is(method):
    for arguments in (
        {"fun": rosenbrock, "jac": dr.grad(rosenbrock)},
        {"fun": dr.value_and_grad(rosenbrock), "jac": True},
    ):
        result = minimize(x0=START, method=method, tol=1e-10, **arguments)
        assert_allclose(np.ones(3), result.x, rtol=1e-4)


@pytest.mark.parametrize("method", ["Newton-CG", "trust-ncg", "trust-krylov", "trust-constr"])
def test_minimize_takes_the_hessian_product_as_it_is(method):
    result = minimize(
        rosenbrock, START, method=method, jac=dr.grad(rosenbrock), hessp=dr.hvp(rosenbrock)
    )
    assert_allclose(np.ones(3), result.x, rtol=1e-4)


@pytest.mark.parametrize("method", ["trust-exact", "dogleg", "Newton-CG"])
def test_minimize_takes_the_hessian_as_it_is(method):
    start = np.array([1.01, 1.02, 1.04]) if method == "dogleg" else START
    result = minimize(
        rosenbrock, start, method=method, jac=dr.grad(rosenbrock), hess=dr.hessian(rosenbrock)
    )
    assert_allclose(np.ones(3), result.x, rtol=1e-4)


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_least_squares_takes_the_jacobian_as_it_is(method):
    f = lambda x: np.array([10 * (x[1] - x[0] ** 2), 1 - x[0], x[2] - x[1]])  # noqa: E731
    result = least_squares(f, START, jac=dr.jacobian(f), method=method)
    assert_allclose(np.ones(3), result.x)


def test_root_takes_the_jacobian_as_it_is():
    f = lambda x: np.array([x[0] + x[1] - 3, x[0] ** 2 + x[1] ** 2 - 5])  # noqa: E731
    assert_allclose([1.0, 2.0], root(f, [0.5, 2.5], jac=dr.jacobian(f)).x)


def test_minimize_with_args_passes_them_on():
    f = lambda x, a, b: np.sum((x - a) ** 2) * b  # noqa: E731
    result = minimize(
        f, np.zeros(2), args=(3.0, 2.0), jac=dr.grad(f), hessp=dr.hvp(f), method="trust-ncg"
    )
    assert_allclose([3.0, 3.0], result.x)


def test_residuals_in_a_list_serve_scipy_too():
    """f that returns a list has a list of rows as its Jacobian, which SciPy takes for a matrix."""
    f = lambda x: [x[0] + x[1] - 3, x[0] ** 2 + x[1] ** 2 - 5]  # noqa: E731
    rows = dr.jacobian(f)(np.array([0.5, 2.5]))
    assert type(rows) is list
    assert_allclose([[1.0, 1.0], [1.0, 5.0]], rows)
    assert_allclose([1.0, 2.0], root(f, [0.5, 2.5], jac=dr.jacobian(f)).x)
    assert_allclose([1.0, 2.0], least_squares(f, [0.5, 2.5], jac=dr.jacobian(f)).x)


def test_newton_takes_derivative_of_first_and_second_order():
    f = lambda t: t**3 - 2.0  # noqa: E731
    expected = 2 ** (1 / 3)
    assert_allclose(expected, newton(f, 1.0, fprime=dr.derivative(f)))
    second = dr.derivative(dr.derivative(f))
    assert_allclose(expected, newton(f, 1.0, fprime=dr.derivative(f), fprime2=second))


def test_solve_ivp_takes_the_jacobian_by_its_argument():
    f = lambda t, y: np.array([y[1], 10 * (1 - y[0] ** 2) * y[1] - y[0]])  # noqa: E731
    with_jac = solve_ivp(f, (0, 1), [2.0, 0.0], method="Radau", jac=dr.jacobian(f, argnums=1))
    without = solve_ivp(f, (0, 1), [2.0, 0.0], method="Radau")
    assert_allclose(without.y[:, -1], with_jac.y[:, -1], rtol=1e-4)


def test_sixth_derivative_is_right():
    """sin after six gradients is -sin, and eight forward derivatives are sin again."""
    f = g = np.sin
    for _ in range(6):
        f = dr.grad(f)
    for _ in range(8):
        g = dr.derivative(g)
    assert_allclose(-np.sin(1.0), f(1.0), rtol=1e-12)
    assert_allclose(np.sin(1.0), g(1.0), rtol=1e-12)


# ------------------------------------------------------------------------------ progress


class Steps:
    """A stand-in for tqdm: what it was given, how far it has come, and whether it was closed."""

    def __init__(self):
        self.steps = None
        self.done = 0
        self.closed = False

    def __call__(self, steps):
        self.steps = steps
        try:
            for step in steps:
                yield step
                self.done += 1
        finally:
            self.closed = True


def wide(x):
    """Structures, so that there are several blocks; 300 columns, 301 rows."""
    return {"a": np.cumsum(np.tanh(x["p"] * x["q"])), "b": [x["q"], np.sum(x["p"] ** 2)]}


WIDE = {"p": np.linspace(-1, 1, 299), "q": 0.7}


def energy(p):
    return np.sum(np.sin(p["p"]) * np.exp(p["p"][::-1])) * p["q"]


def leaves(tree):
    return functools.reduce(
        lambda found, x: found + (leaves(x) if isinstance(x, dict | list | tuple) else [x]),
        tree.values() if isinstance(tree, dict) else tree,
        [],
    )


SWEEPS = {
    "forward": (functools.partial(dr.jacobian, wide, mode="forward"), 300),
    "reverse": (functools.partial(dr.jacobian, wide, mode="reverse"), 301),
    "auto": (functools.partial(dr.jacobian, wide), 300),
    "hessian": (functools.partial(dr.hessian, energy), 300),
}


@pytest.fixture
def small_chunks(monkeypatch):
    """Chunks of 7 columns, where the largest array has 299 elements."""
    monkeypatch.setattr("dualrev.columns._ELEMENTS", 299 * 7)


@pytest.mark.parametrize("sweep", SWEEPS)
@pytest.mark.usefixtures("small_chunks")
def test_progress_counts_every_column_or_row_and_changes_no_bit(sweep):
    make, n = SWEEPS[sweep]
    seen = Steps()
    shown, plain = make(progress=seen)(WIDE), make()(WIDE)
    assert seen.steps == range(0, n, 7)
    assert seen.done == len(seen.steps) == -(-n // 7)
    assert seen.closed
    assert len(leaves(plain)) == len(leaves(shown)) > 1
    for expected, got in zip(leaves(plain), leaves(shown)):
        assert_array_equal(expected, got, strict=True)


def test_modes_agree_on_several_results_of_several_arguments():
    forward, reverse = (leaves(dr.jacobian(wide, mode=m)(WIDE)) for m in ("forward", "reverse"))
    assert len(forward) == len(reverse) == 6
    for expected, got in zip(forward, reverse):
        assert_allclose(expected, got, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("sweep", SWEEPS)
@pytest.mark.usefixtures("small_chunks")
def test_progress_true_is_a_bar_of_columns_or_rows(sweep, capsys):
    make, n = SWEEPS[sweep]
    shown, plain = make(progress=True)(WIDE), make()(WIDE)
    for expected, got in zip(leaves(plain), leaves(shown)):
        assert_array_equal(expected, got, strict=True)
    bar = capsys.readouterr().err
    unit = "row" if sweep == "reverse" else "column"
    assert f"{'energy' if sweep == 'hessian' else 'wide'}: 100%" in bar
    assert f"{n}/{n}" in bar
    assert f" {unit}/s]" in bar


def test_progress_of_the_bar_goes_by_chunks(small_chunks, monkeypatch):
    """Columns, not chunks, are counted, also in the last chunk, which is shorter."""
    updates = []

    class Bar(tqdm.auto.tqdm):
        def update(self, n=1):
            updates.append(n)
            return super().update(n)

    monkeypatch.setattr("tqdm.auto.tqdm", Bar)
    dr.hessian(energy, progress=True)(WIDE)
    assert updates == [7] * 42 + [6]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_progress_of_nothing(mode):
    seen = Steps()
    empty = np.zeros(0)
    assert dr.jacobian(np.sin, mode=mode, progress=seen)(empty).shape == (0, 0)
    assert len(seen.steps) == 0


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_array_without_elements_stands_among_others(mode, place):
    def f(*arrays):
        full = [2 * x for x in arrays if x.size]
        return [*full[:place], np.zeros(0), *full[place:]]

    args = [np.ones(1), np.ones(2)]
    args.insert(place, np.zeros(0))
    matrix = dr.jacobian(f, (0, 1, 2), mode=mode, matrix=True)(*args)
    assert_array_equal(2 * np.eye(3), matrix)


def failing(at):
    """A function whose derivative fails after some steps."""
    count = iter(range(10**6))

    def fail(*args):
        if next(count) >= at:
            raise ZeroDivisionError("on purpose")
        return args[0][0] if isinstance(args[0], list) else args[0]

    return dr.rule(
        lambda x: 1.0 * x,
        jvp=lambda ts, ans, x: fail(ts),
        vjp=lambda ct, wanted, ans, x: (fail(ct),),
    )


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.usefixtures("small_chunks")
def test_progress_is_closed_when_a_sweep_fails(mode):
    """While the error is held, and with it what would close the bar when collected."""
    seen = Steps()
    with pytest.raises(ZeroDivisionError) as held:
        dr.jacobian(failing(at=20), mode=mode, progress=seen)(WIDE["p"])
    assert 0 < seen.done < len(seen.steps)
    assert seen.closed
    assert held


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("as_callable", [False, True])
@pytest.mark.usefixtures("small_chunks")
def test_bar_is_closed_when_a_sweep_fails(mode, as_callable, monkeypatch):
    closed = []

    class Bar(tqdm.auto.tqdm):
        def close(self):
            closed.append(self.n)
            super().close()

    monkeypatch.setattr("tqdm.auto.tqdm", Bar)
    progress = Bar if as_callable else True
    with pytest.raises(ZeroDivisionError) as held:
        dr.jacobian(failing(at=20), mode=mode, progress=progress)(WIDE["p"])
    assert closed
    assert 0 < closed[0] < 299
    assert held


@pytest.mark.parametrize("progress", [None, 10, "yes", range(3)])
@pytest.mark.parametrize("operator", [dr.jacobian, dr.hessian])
def test_progress_is_true_false_or_a_callable(operator, progress):
    with pytest.raises(dr.ArgumentError, match="progress is"):
        operator(quadratic, progress=progress)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(
    ("progress", "what"),
    [
        (lambda steps: None, "returned a NoneType, which is no iterable"),
        (lambda steps: list(steps)[:-1], "was given 3 steps and passed on 2"),
    ],
)
def test_progress_that_loses_steps_is_an_error(mode, progress, what, monkeypatch):
    """Not a matrix with a part missing."""
    monkeypatch.setattr("dualrev.columns._ELEMENTS", 3)
    with pytest.raises(dr.ArgumentError, match=what):
        dr.jacobian(np.sin, mode=mode, progress=progress)(X)


@pytest.mark.parametrize("operator", [dr.jacobian, dr.hessian])
def test_progress_survives_pickling(operator, capsys):
    derivative = pickle.loads(pickle.dumps(operator(rosenbrock, progress=True)))
    assert_array_equal(operator(rosenbrock)(X), derivative(X))
    assert "rosenbrock: 100%" in capsys.readouterr().err


@pytest.mark.parametrize("operator", [dr.jacobian, dr.hessian])
def test_missing_tqdm_is_named_with_what_to_install(operator, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(dr.MissingPackageError, match=r"pip install 'dualrev\[show\]'"):
        operator(quadratic, progress=True)
    with pytest.raises(ImportError, match="tqdm"):
        operator(quadratic, progress=True)
    operator(quadratic)(X)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("chunk_size", [1, 2, 3, 100])
def test_chunks_of_any_size_make_the_same_jacobian(mode, chunk_size):
    whole = leaves(dr.jacobian(wide, mode=mode)(WIDE))
    chunked = leaves(dr.jacobian(wide, mode=mode, chunk_size=chunk_size)(WIDE))
    for expected, got in zip(whole, chunked, strict=True):
        assert_allclose(expected, got, rtol=1e-14, atol=1e-15)


def test_chunk_size_bounds_how_many_columns_are_pushed_together():
    seen = []
    f = _noting(seen)
    dr.jacobian(f, mode="forward", chunk_size=3)(np.ones(7))
    assert seen == [3, 3, 1]
    steps = Steps()
    dr.hessian(lambda x: np.sum(x**3), progress=steps, chunk_size=4)(np.ones(7))
    assert steps.steps == range(0, 7, 4)


def _noting(seen):
    def jvp(tangents, ans, x):
        (t,) = tangents
        if hasattr(t, "rows"):
            seen.append(t.rows.count)
        return 2 * x * t

    return dr.rule(lambda x: x**2, jvp=jvp, vjp=lambda ct, wanted, ans, x: (2 * x * ct,))


@pytest.mark.parametrize("chunk_size", [0, -1, 2.5, True, "all"])
def test_chunk_size_is_a_positive_whole_number(chunk_size):
    with pytest.raises(dr.ArgumentError, match="chunk_size is"):
        dr.jacobian(np.sin, chunk_size=chunk_size)


def test_derivative_of_an_elementwise_function_is_taken_at_each_number_of_an_array():
    """Also twice, of any shape and of none, and inside a gradient."""
    x = np.linspace(-1.0, 1.0, 6).reshape(2, 3)
    assert_allclose(np.cos(x), dr.derivative(np.sin)(x), rtol=1e-15)
    assert_allclose(-np.sin(x), dr.derivative(dr.derivative(np.sin))(x), rtol=1e-15)
    assert_allclose(2 * x * (x > 0), dr.derivative(lambda t: np.where(t > 0, t, 0) ** 2)(x))
    assert dr.derivative(np.sin)(np.zeros((0, 3))).shape == (0, 3)
    assert_array_equal(np.zeros((2, 3)), dr.derivative(lambda t: t > 0)(x))
    slope = dr.grad(lambda w: np.sum(dr.derivative(lambda t: np.sin(w * t))(x)))(2.0)
    assert_allclose(np.sum(np.cos(2 * x) - 2 * x * np.sin(2 * x)), slope, rtol=1e-14)


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
@pytest.mark.parametrize(
    "f", [np.cumsum, lambda x: np.sum(x) ** 2, lambda x: x - np.mean(x), lambda x: x[::-1] * 1]
)
def test_derivative_of_a_function_that_is_not_elementwise_raises_at_an_array(f):
    with pytest.raises((dr.NonScalarError, IndexError)):
        dr.derivative(f)(np.arange(3.0))


@pytest.mark.parametrize(
    "f", [lambda x: 2 * x - np.mean(x), lambda x: x * (1 + x - np.max(x)), list]
)
def test_derivative_is_no_slope_where_only_the_values_are_those_of_each_number(f):
    with pytest.raises(dr.NonScalarError, match="is not that of each number"):
        dr.derivative(f)(np.ones(3))
