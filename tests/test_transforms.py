"""jvp, vjp, linearize, stop_gradient."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse.linalg import LinearOperator, eigsh, gmres, lsqr

import dualrev as dr

X = np.array([0.5, -1.0, 2.0])
T = np.array([1.0, 0.5, -2.0])
A = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 0.5], [0.0, 0.5, 2.0]])


def f(x):
    return np.array([x[0] * x[1], np.sin(x[2]), x[0] ** 2, x[1] * x[2]])


JACOBIAN = np.array([[-1.0, 0.5, 0], [0, 0, np.cos(2.0)], [1.0, 0, 0], [0, 2.0, -1.0]])
CT = np.array([1.0, -2.0, 0.5, 3.0])


def test_jvp_is_the_jacobian_times_the_tangent():
    ans, tangent = dr.jvp(f, (X,), (T,))
    assert_array_equal(f(X), ans)
    assert_allclose(JACOBIAN @ T, tangent)


def test_vjp_is_the_cotangent_times_the_jacobian():
    ans, pull = dr.vjp(f, X)
    assert_array_equal(f(X), ans)
    pulled = pull(CT)
    assert type(pulled) is tuple
    assert_allclose(CT @ JACOBIAN, pulled[0])


def test_linearize_pushes_and_pulls_again_and_again():
    ans, linear = dr.linearize(f, X)
    assert_array_equal(f(X), ans)
    for scale in (1.0, 2.0, -3.0):
        assert_allclose(scale * JACOBIAN @ T, linear.push(scale * T))
        assert_allclose(scale * JACOBIAN @ T, linear(scale * T))
        assert_allclose(scale * CT @ JACOBIAN, linear.pull(scale * CT)[0])


def test_linearize_runs_the_function_once():
    runs = []

    def counted(x):
        runs.append(1)
        return f(x)

    _, linear = dr.linearize(counted, X)
    linear.push(T), linear.pull(CT), linear.operator @ T
    assert len(runs) == 1


def test_several_arguments_each_with_its_tangent():
    g = lambda a, b, c: a * b + c  # noqa: E731
    ans, tangent = dr.jvp(g, (X, 2.0, 1.0), (T, 3.0, 5.0))
    assert_allclose(X * 2 + 1, ans)
    assert_allclose(2 * T + 3 * X + 5, tangent)
    _, pull = dr.vjp(g, X, 2.0, 1.0)
    by_a, by_b, by_c = pull(np.ones(3))
    assert_allclose([2.0] * 3, by_a)
    assert_allclose(X.sum(), by_b)
    assert by_c == 3.0
    _, linear = dr.linearize(g, X, 2.0, 1.0)
    assert_allclose(tangent, linear.push(T, 3.0, 5.0))


def test_no_argument_is_an_error_or_a_constant():
    """A function of nothing: no tangents, no cotangents."""
    try:
        ans, tangent = dr.jvp(lambda: X, (), ())
    except dr.ArgumentError:
        return
    assert_array_equal(X, ans)
    assert_array_equal(np.zeros(3), tangent)


def test_jvp_takes_lists_of_primals_and_tangents():
    assert_allclose(JACOBIAN @ T, dr.jvp(f, [X], [T])[1])


def test_structured_tangents_have_the_structure_of_their_primals():
    g = lambda p, s: {"y": p["w"] * s[0], "n": np.sum(p["b"])}  # noqa: E731
    primals = ({"w": X, "b": A}, [2.0])
    tangents = ({"w": T, "b": np.ones((3, 3))}, [3.0])
    ans, tangent = dr.jvp(g, primals, tangents)
    assert_allclose(2 * T + 3 * X, tangent["y"])
    assert tangent["n"] == 9.0
    _, pull = dr.vjp(g, *primals)
    by_p, by_s = pull({"y": np.ones(3), "n": 1.0})
    assert_allclose([2.0] * 3, by_p["w"])
    assert_allclose(np.ones((3, 3)), by_p["b"])
    assert_allclose([X.sum()], by_s)


def test_writes_into_an_auxiliary_result_reach_no_later_sweep():
    def f(x):
        y = np.exp(x)
        return np.sum(y**2), {"y": y, "part": y[1:], "x": x}

    _, pullback, aux = dr.vjp(f, X, has_aux=True)
    _, linear, other = dr.linearize(f, X, has_aux=True)
    for y in (*aux.values(), *other.values()):
        y[...] = 0.0
    assert_array_equal(2 * np.exp(X) ** 2, pullback(1.0)[0])
    assert_array_equal(2 * np.exp(X) ** 2, linear.pull(1.0)[0])


@pytest.mark.parametrize("transform", ["jvp", "vjp", "linearize"])
def test_aux_comes_last_and_is_plain(transform):
    def g(x):
        return f(x), {"x": x * 2, "note": "kept"}

    if transform == "jvp":
        ans, other, aux = dr.jvp(g, (X,), (T,), has_aux=True)
        assert_allclose(JACOBIAN @ T, other)
    elif transform == "vjp":
        ans, other, aux = dr.vjp(g, X, has_aux=True)
        assert_allclose(CT @ JACOBIAN, other(CT)[0])
    else:
        ans, other, aux = dr.linearize(g, X, has_aux=True)
        assert_allclose(JACOBIAN @ T, other.push(T))
    assert_array_equal(f(X), ans)
    assert type(aux["x"]) is np.ndarray
    assert_array_equal(2 * X, aux["x"])
    assert aux["note"] == "kept"


def test_integer_primals_and_tangents_are_float64():
    ans, tangent = dr.jvp(lambda x: x / 2, (3,), (1,))
    assert ans == 1.5
    assert tangent == 0.5
    (pulled,) = dr.vjp(lambda x: x / 2, np.arange(3))[1](np.arange(3))
    assert pulled.dtype == float
    assert_array_equal([0, 0.5, 1.0], pulled)


def test_result_of_integers_has_zero_tangents_and_takes_any_cotangent():
    ans, tangent = dr.jvp(np.argsort, (X,), (T,))
    assert ans.dtype.kind == "i"
    assert_array_equal(np.zeros(3), tangent)
    _, pull = dr.vjp(np.argsort, X)
    assert_array_equal(np.zeros(3), pull(np.ones(3))[0])


def test_result_that_is_the_argument():
    ans, pull = dr.vjp(lambda x, y: (x, x, y), X, T)
    by_x, by_y = pull((np.ones(3), np.ones(3), np.ones(3)))
    assert_array_equal([2.0] * 3, by_x)
    assert_array_equal([1.0] * 3, by_y)
    ans, tangent = dr.jvp(lambda x: (x, x), (X,), (T,))
    assert_array_equal(T, tangent[0])
    assert not np.shares_memory(tangent[0], tangent[1])


def test_cotangent_may_be_a_number_of_python():
    assert_allclose(4 * X, dr.vjp(lambda x: x @ x, X)[1](2)[0])


def test_pullback_of_a_pullback_is_linear_in_its_cotangent():
    """Double transposition: the pull of ct -> J^T ct is the push."""
    _, pull = dr.vjp(f, X)
    _, again = dr.vjp(lambda ct: pull(ct)[0], CT)
    assert_allclose(JACOBIAN @ T, again(T)[0])
    assert_allclose(CT @ JACOBIAN, dr.jvp(lambda ct: pull(ct)[0], (CT,), (CT,))[1])
    assert_allclose(JACOBIAN.T, dr.jacobian(lambda ct: pull(ct)[0])(CT))


def test_linear_map_is_differentiated_in_its_tangent():
    _, linear = dr.linearize(f, X)
    assert_allclose(JACOBIAN, dr.jacobian(linear.push)(T))
    assert_allclose(JACOBIAN, dr.jacobian(linear, mode="forward")(T))


def test_pullback_made_outside_is_used_inside_of_a_transform():
    _, pull = dr.vjp(np.exp, X)

    def g(s):
        return np.sum(pull(s * np.ones(3))[0] * s)

    assert_allclose(2 * 3.0 * np.exp(X).sum(), dr.grad(g)(3.0))


# --------------------------------------------------------------------------- linear operators


def test_operator_is_scipy_s():
    operator = dr.linearize(f, X)[1].operator
    assert isinstance(operator, LinearOperator)
    assert operator.shape == (4, 3)
    assert operator.dtype == float
    assert_allclose(JACOBIAN, operator @ np.eye(3))
    assert_allclose(JACOBIAN.T, operator.T @ np.eye(4))
    assert_allclose(JACOBIAN.T @ JACOBIAN, operator.T @ (operator @ np.eye(3)))
    assert_allclose(JACOBIAN @ T, operator.matvec(T))
    assert_allclose(CT @ JACOBIAN, operator.rmatvec(CT))


def test_lsqr_solves_with_the_linear_map():
    _, linear = dr.linearize(f, X)
    b = JACOBIAN @ np.array([1.0, 2.0, 3.0])
    assert_allclose([1.0, 2.0, 3.0], lsqr(linear.operator, b, atol=1e-14, btol=1e-14)[0])


def test_gmres_takes_a_newton_step_without_a_matrix():
    g = lambda x: A @ x + 0.1 * x**3  # noqa: E731
    value, linear = dr.linearize(g, X)
    step, info = gmres(linear.operator, value, rtol=1e-12)
    assert info == 0
    assert_allclose(np.linalg.solve(A + 0.3 * np.diag(X**2), value), step)


def test_eigsh_finds_the_curvature_without_a_hessian():
    n = 20
    weights = np.arange(1.0, n + 1)
    energy = lambda x: np.sum(weights * x**2) / 2 + np.sum(x) ** 2 / 2  # noqa: E731
    _, linear = dr.linearize(dr.grad(energy), np.zeros(n))
    expected = np.linalg.eigvalsh(np.diag(weights) + np.ones((n, n)))[-3:]
    assert_allclose(expected, eigsh(linear.operator, k=3, return_eigenvectors=False))


def test_operator_of_scalars_and_empty_arrays():
    operator = dr.linearize(lambda a, b: a * b, 2.0, 3.0)[1].operator
    assert operator.shape == (1, 2)
    assert_allclose([[3.0, 2.0]], operator @ np.eye(2))
    operator = dr.linearize(lambda a, b: a[:0] * b, X, 3.0)[1].operator
    assert operator.shape == (0, 4)


def test_operator_of_float32():
    operator = dr.linearize(f, X.astype(np.float32))[1].operator
    assert operator.dtype == np.float32
    assert_allclose(JACOBIAN @ T, operator @ T, rtol=1e-6)


# ------------------------------------------------------------------------------- stop_gradient


def test_stop_gradient_carries_no_derivative_of_any_order():
    g = lambda x: x * dr.stop_gradient(x)  # noqa: E731
    assert dr.grad(g)(3.0) == 3.0
    assert dr.derivative(g)(3.0) == 3.0
    assert dr.grad(dr.grad(g))(3.0) == 0.0
    assert dr.derivative(dr.derivative(g))(3.0) == 0.0
    assert dr.grad(lambda x: dr.grad(lambda y: y * dr.stop_gradient(x))(1.0))(3.0) == 0.0


def test_stop_gradient_of_plain_values_and_structures():
    assert dr.stop_gradient(2.0) == 2.0
    kept = dr.stop_gradient({"a": X, "b": [1.0]})
    assert_array_equal(X, kept["a"])
    assert not np.shares_memory(X, kept["a"])
    assert kept["b"] == [1.0]
    gradient = dr.grad(lambda p: np.sum(dr.stop_gradient(p)["a"] * p["b"]))({"a": X, "b": X})
    assert_array_equal(np.zeros(3), gradient["a"])
    assert_array_equal(X, gradient["b"])


def test_stop_gradient_of_an_object_array():
    g = lambda x: np.sum(x * dr.stop_gradient(np.array([x[1], x[0], 1.0])))  # noqa: E731
    assert_array_equal([-1.0, 0.5, 1.0], dr.grad(g)(X))


def test_stop_gradient_is_a_plain_array_that_math_can_use():
    import math

    assert dr.grad(lambda x: x * math.sin(dr.stop_gradient(x)))(1.0) == math.sin(1.0)


def test_straight_through_estimator():
    """round(x) forward, the identity backward."""
    g = lambda x: np.sum((x + dr.stop_gradient(np.round(x) - x)) ** 2)  # noqa: E731
    value, gradient = dr.value_and_grad(g)(np.array([1.2, 2.7]))
    assert value == 10.0
    assert_array_equal([2.0, 6.0], gradient)


def test_operator_multiplies_a_matrix_as_each_of_its_columns(rng):
    """matmat and rmatmat push and pull all columns at once; also none."""
    a = rng.normal(size=(4, 3))
    _, linear = dr.linearize(lambda p: np.tanh(a @ p["x"]) * p["y"], {"x": np.ones(3), "y": 2.0})
    operator = linear.operator
    columns, rows = rng.normal(size=(4, 5)), rng.normal(size=(4, 6))
    expected = np.stack([operator.matvec(c) for c in columns.T], 1)
    assert_allclose(expected, operator.matmat(columns), rtol=1e-14)
    expected = np.stack([operator.rmatvec(c) for c in rows.T], 1)
    assert_allclose(expected, operator.rmatmat(rows), rtol=1e-14)
    assert operator.matmat(np.zeros((4, 0))).shape == (4, 0)


def test_linear_map_pushes_and_pulls_many_vectors_by_vmap(rng):
    a = rng.normal(size=(4, 3))
    _, linear = dr.linearize(lambda x: np.tanh(a @ x), rng.normal(size=3))
    ts, cts = rng.normal(size=(5, 3)), rng.normal(size=(6, 4))
    assert_allclose([linear.push(t) for t in ts], dr.vmap(linear.push)(ts), rtol=1e-14)
    assert_allclose([linear.pull(ct)[0] for ct in cts], dr.vmap(linear.pull)(cts)[0], rtol=1e-14)


@pytest.mark.parametrize("weight", [None, 3.0])
@pytest.mark.parametrize("key", [slice(1, None), slice(None, None, -2), 1, [1, 2], ...])
def test_a_cotangent_that_two_arguments_share_takes_parts_of_one_alone(key, weight):
    """That of ``x + y`` is one array for both; x has parts besides, pulled after it, or before too."""

    def f(x, y):
        part = np.sum(x[key] ** 2)
        total = np.sum((x + y) ** 2) + part
        return total if weight is None else total + np.sum(weight * x[key])

    x, y = np.array([1.0, 2.0, 3.0]), np.array([0.5, -1.0, 2.0])
    part = np.zeros(3)
    part[key] = 2 * x[key] + (weight or 0)
    shared = 2 * (x + y)
    for gradient in (dr.grad(f, argnums=(0, 1)), dr.jacobian(f, argnums=(0, 1))):
        by_x, by_y = gradient(x, y)
        np.testing.assert_allclose(by_x, shared + part, rtol=1e-15)
        np.testing.assert_array_equal(by_y, shared)
        u, v = np.array([1.0, -0.5, 2.0]), np.array([0.25, 1.0, -1.0])
        slope = np.zeros(3)
        slope[key] = 2
        _, (by_x, by_y) = dr.jvp(gradient, (x, y), (u, v))
        np.testing.assert_array_equal(by_x, 2 * (u + v) + slope * u)
        np.testing.assert_array_equal(by_y, 2 * (u + v))


def test_parts_of_one_level_and_a_whole_of_a_higher_one_are_summed(rng):
    """Of the cotangents that are pulled, slices depend on x, and what stands between on w."""
    x, w, v = rng.normal(size=(3, 4))

    def by_w(x):
        _, pull = dr.vjp(lambda x: (x[1:] ** 2, x**3, x[:-1] ** 2), x)
        return dr.grad(lambda w: np.sum(pull((x[1:], w, x[:-1]))[0] ** 3))(w)

    ends = np.array([1.0, 2.0, 2.0, 1.0])
    pulled = 2 * ends * x**2 + 3 * w * x**2
    slope = 4 * ends * x + 6 * w * x
    expected = 18 * pulled * x**2 * slope + 18 * pulled**2 * x
    assert_allclose(expected * v, dr.jvp(by_w, (x,), (v,))[1], rtol=1e-13)


def test_push_passes_what_no_result_depends_on(rng):
    """The value that a gradient's tape computes on the way is not pushed."""
    pushed = []

    def jvp(tangents, ans, x):
        pushed.append(x)
        return tangents[0]

    same = dr.rule(lambda x: x + 0, jvp=jvp, vjp=lambda ct, wanted, ans, x: (ct,))
    _, linear = dr.linearize(lambda x: (same(x), x * 2)[1], np.ones(2))
    assert_array_equal([2.0, 2.0], linear.push(np.ones(2)))
    assert pushed == []
