"""CasADi: derivatives are equal in both directions, and what cannot be is said."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from tests.bridges.programs import X

casadi = pytest.importorskip("casadi")

from dualrev.bridges.casadi import from_casadi, to_casadi  # noqa: E402

A = np.array([[2.0, 1.0], [0.5, 3.0]])
B = np.array([1.0, -2.0])


def several(a, b):
    return a @ a, np.linalg.solve(a, b), (b @ b) * a[0, 1]


def number(a, b):
    return sum(np.sum(np.sin(y)) for y in several(a, b))


def symbols():
    return casadi.MX.sym("a", 2, 2), casadi.MX.sym("b", 2)


def theirs():
    a, b = symbols()
    results = [casadi.mtimes(a, a), casadi.solve(a, b), casadi.dot(b, b) * a[0, 1]]
    return casadi.Function("several", [a, b], results)


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


# ------------------------------------------------------------------------------------ to_casadi


def test_values_gradients_and_second_derivatives_of_matrices_are_equal():
    ours = to_casadi(several, A, B)
    a, b = symbols()
    for f in (ours, theirs()):
        total = sum(casadi.sum1(casadi.vec(casadi.sin(y))) for y in f(a, b))
        by_a = casadi.gradient(total, a)
        found = casadi.Function(
            "found", [a, b], [total, by_a, casadi.jacobian(by_a, b), casadi.jtimes(total, b, B)]
        )(A, B)
        mixed = dr.jacobian(dr.grad(number), argnums=1)(A, B).transpose(1, 0, 2).reshape(4, 2)
        expected = number(A, B), dr.grad(number)(A, B), mixed, dr.grad(number, argnums=1)(A, B) @ B
        for y, z in zip(expected, found):
            assert_allclose(np.atleast_2d(y), z.full(), rtol=1e-12)


def test_a_jacobian_numbers_the_elements_of_matrices_by_columns():
    weights = np.arange(6.0).reshape(2, 3)
    f = to_casadi(lambda a: (a @ weights) ** 2, A)
    a = casadi.MX.sym("a", 2, 2)
    theirs = casadi.Function("theirs", [a], [casadi.jacobian(casadi.mtimes(a, weights) ** 2, a)])
    found = casadi.Function("found", [a], [casadi.jacobian(f(a), a)])
    assert_allclose(theirs(A).full(), found(A).full(), rtol=1e-13)


def test_hessian_and_third_derivatives():
    f = to_casadi(rosenbrock, X)
    x = casadi.MX.sym("x", 3)
    hessian, _ = casadi.hessian(f(x), x)
    third = casadi.jacobian(hessian, x)
    found = casadi.Function("found", [x], [hessian, third])(X)
    assert_allclose(dr.hessian(rosenbrock)(X), found[0].full(), rtol=1e-12)
    expected = dr.jacobian(dr.hessian(rosenbrock))(X).reshape(9, 3)
    assert_allclose(expected, found[1].full(), rtol=1e-12)


def test_ipopt_finds_the_minimum_with_our_derivatives():
    f, g = to_casadi(rosenbrock, X), to_casadi(lambda x: np.array([x @ x, x[0] * x[1]]), X)
    x = casadi.MX.sym("x", 3)
    quiet = {"ipopt.print_level": 0, "print_time": 0, "ipopt.sb": "yes"}
    solve = casadi.nlpsol("solve", "ipopt", {"x": x, "f": f(x), "g": g(x)}, quiet)
    found = solve(x0=[0.5, 0.3, 0.2], lbg=[-np.inf, 0.1], ubg=[1.0, np.inf])
    assert solve.stats()["success"]
    found = found["x"].full().ravel()
    assert_allclose(1, found @ found, rtol=1e-6)
    # Stationary along the sphere.
    slope = dr.grad(rosenbrock)(found)
    assert_allclose(slope, (slope @ found) * found, atol=1e-5)


def test_integer_results_are_numbers_of_derivative_zero():
    f = to_casadi(lambda x: np.argmax(x), X)
    x = casadi.MX.sym("x", 3)
    assert float(f(X)) == 2.0
    assert not np.any(casadi.Function("g", [x], [casadi.gradient(f(x), x)])(X).full())


def test_the_users_own_error_is_told_with_its_line():
    def fails(x):
        if x[0] > 2:
            raise KeyError("mine")
        return x

    with pytest.raises(KeyError):
        to_casadi(fails, X + 2)
    with pytest.raises(RuntimeError, match=r"KeyError: 'mine' \(.*test_casadi.py:\d+, in fails\)"):
        to_casadi(fails, X)(X + 2)


def test_what_is_no_function_is_refused():
    with pytest.raises(dr.ArgumentError, match=r"f, and not f\(x\)"):
        to_casadi(X, X)


def test_complex_results_and_stacks_are_refused():
    with pytest.raises(dr.ComplexError, match="np.real"):
        to_casadi(lambda x: np.exp(1j * x), X)
    assert_allclose(np.cos(X), to_casadi(lambda x: np.real(np.exp(1j * x)), X)(X).full().ravel())
    with pytest.raises(dr.ArgumentError, match="x.ravel"):
        to_casadi(np.sum, np.ones((2, 2, 2)))
    flat = to_casadi(lambda x: np.sum(x.reshape(2, 2, 2)), np.ones((2, 2, 2)).ravel())
    assert float(flat(np.ones(8))) == 8


# ---------------------------------------------------------------------------------- from_casadi


@pytest.mark.parametrize("outer", ["reverse", "forward"])
@pytest.mark.parametrize("inner", ["reverse", "forward"])
def test_our_modes_nest(outer, inner):
    def second(f):
        def total(a, b):
            return sum(np.sum(np.sin(y)) for y in f(a, b))

        return dr.jacobian(dr.jacobian(total, argnums=(0, 1), mode=inner), argnums=1, mode=outer)

    for expected, found in zip(second(several)(A, B), second(from_casadi(theirs()))(A, B)):
        assert_allclose(expected, found, rtol=1e-11, atol=1e-12)


def test_columns_are_vectors_and_numbers_numbers():
    f = from_casadi(theirs())
    for expected, found in zip(several(A, B), f(A, B)):
        assert_allclose(expected, found, rtol=1e-13)
        assert np.shape(expected) == np.shape(found)
    x = casadi.SX.sym("x", 3)
    square = from_casadi(casadi.Function("square", [x], [x**2]))
    assert_allclose(2 * X[:, None], dr.elementwise_grad(lambda x: square(x)[:, None])(X[:, None]))


def test_a_sparse_result_is_full():
    x = casadi.SX.sym("x", 2)
    f = from_casadi(casadi.Function("f", [x], [casadi.diag(x**2)]))
    assert_allclose(np.diag([1.0, 4.0]), f(B))
    assert_allclose([2, -4], dr.grad(lambda x: np.sum(f(x)))(B))
