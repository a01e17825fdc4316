"""Each transform gets derivatives of the order that it asks for, however it computes them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev import implicit

P = np.array([2.0, 3.0, 0.7])


def solved(p):
    return implicit.root(lambda x: x**2 - p * p[::-1], np.sqrt(p * p[::-1]))


def known(p):
    return np.sqrt(p * p[::-1])


def loss(of):
    return lambda p: np.sum(of(p) ** 3) * p[0]


@pytest.mark.parametrize(
    "operator",
    [
        dr.laplacian,
        dr.hessian_diagonal,
        dr.bilaplacian,
        lambda f: dr.grad(dr.laplacian(f)),
        lambda f: dr.laplacian(dr.laplacian(f)),
        lambda f: dr.compile(dr.laplacian(f)),
        lambda f: dr.partial(f, [1, 2, 0]),
        lambda f: dr.derivative_tensor(f, 3),
        lambda f: lambda p: dr.taylor(f, p, P[::-1], 6),
        lambda f: lambda p: dr.taylor(dr.grad(f), p, P[::-1], 4),
        lambda f: lambda p: dr.linearize(dr.grad(f), p)[1].push(P),
    ],
)
def test_of_a_number(operator):
    assert_allclose(operator(loss(known))(P), operator(loss(solved))(P), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    "operator",
    [
        dr.divergence,
        lambda F: lambda p: dr.jacobian(F, sparse=True)(p).toarray(),
        lambda F: lambda p: dr.gauss_newton_product(F, lambda r: np.sum(np.cosh(r)))(p, p),
        lambda F: lambda p: dr.propagate(F, p, 1e-4 * np.eye(3), order=2).covariance,
        lambda F: dr.jacobian(dr.jacobian(F), mode="reverse"),
    ],
)
def test_of_a_field(operator):
    assert_allclose(operator(known)(P), operator(solved)(P), rtol=1e-12, atol=1e-15)


def test_in_the_body_of_a_rule_of_the_user_s():
    """There a series passes, which is none of the usual tracers."""
    root = dr.elementwise(
        lambda x: np.sqrt(x), lambda ans, x: 0.5 / implicit.root(lambda y: y**2 - x, ans)
    )
    assert_allclose(dr.derivatives(np.sqrt, 5)(2.0), dr.derivatives(root, 5)(2.0), rtol=1e-13)
    third = dr.grad(dr.grad(dr.grad(root)))(2.0)
    assert_allclose(0.375 * 2.0**-2.5, third, rtol=1e-13)


def test_a_program_that_was_compiled_before_it_is_differentiated():
    def f(p):
        x = 1.0 + 0 * dr.stop_gradient(p)
        for _ in range(7):
            x = (x + dr.stop_gradient(p) / x) / 2
        return implicit.root(lambda x: x**2 - p, x)

    compiled = dr.compile(f)
    assert_allclose(np.sqrt(2.0), compiled(2.0), rtol=1e-14)
    assert_allclose(0.5 / np.sqrt(2.0), dr.grad(compiled)(2.0), rtol=1e-13)
    assert_allclose(-0.25 * 2.0**-1.5, dr.grad(dr.compile(dr.grad(compiled)))(2.0), rtol=1e-13)


def test_steps_of_an_implicit_scheme_that_are_checkpointed():
    def step(x, p):
        y, q = dr.stop_gradient(x), dr.stop_gradient(p)
        start = y
        for _ in range(30):
            y = y - (y + 0.1 * y**3 - start - 0.01 * q) / (1 + 0.3 * y**2)
        return implicit.root(lambda y: y + 0.1 * y**3 - x - 0.01 * p, y)

    def chain(p):
        return np.sum(dr.checkpoint_chain(lambda x: step(x, p), P, 12, snapshots=3))

    def loop(p):
        x = P
        for _ in range(12):
            x = step(x, p)
        return np.sum(x)

    assert_allclose(dr.grad(loop)(0.5), dr.grad(chain)(0.5), rtol=1e-14)
    differences = (loop(0.5 + 1e-4) - loop(0.5 - 1e-4)) / 2e-4
    assert_allclose(differences, dr.grad(loop)(0.5), rtol=1e-8)
