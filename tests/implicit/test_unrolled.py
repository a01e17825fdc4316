"""Laws: what follows from the equations is what follows from the steps of a solver that found them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev import implicit
from tests.rows import examples

#: A contraction, so that steps converge from 0: at most 1/2.
SLOPE = 0.5


def system(seed, n, m):
    """``F(x, p)`` with one root for each p, and p: tanh of sums, products, quotients."""
    rng = np.random.default_rng(seed)
    A, B, C = rng.normal(size=(n, n)), rng.normal(size=(n, n)), rng.normal(size=(n, m))
    A *= SLOPE / (np.linalg.norm(A, 2) * np.linalg.norm(B, 2))
    scale = np.exp(rng.normal(size=n))

    def residual(x, p):
        inner = B @ x + C @ np.sin(p)
        return scale * (
            x + A @ np.tanh(inner) * np.exp(-(np.sum(p) ** 2)) + (C @ p) / (1 + p[0] ** 2)
        )

    return residual, rng.normal(size=m)


def unrolled(residual, p, n, steps=6):
    """Newton's steps, all of them in traced arithmetic, with Jacobians that are traced too."""
    x = np.zeros(n)
    for _ in range(steps):
        x = x - np.linalg.solve(dr.jacobian(residual)(x, p), residual(x, p))
    return x


SOLVERS = (None, "dense", "sparse", "gmres", "bicgstab")
# What is lost in Newton's steps of derivatives: more in each order.
FIRST, SECOND, THIRD = ({"rtol": rtol, "atol": rtol / 10} for rtol in (1e-9, 1e-8, 1e-7))


@settings(max_examples=examples(8), deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 4),
    m=st.integers(1, 3),
    solver=st.sampled_from(SOLVERS),
    off=st.sampled_from([0.0, 1e-12, 1e-8, 1e-5]),
)
def test_implicit_equals_unrolled(seed, n, m, solver, off):
    residual, p = system(seed, n, m)
    rng = np.random.default_rng(seed)
    w, v = rng.normal(size=n), rng.normal(size=m)
    x = unrolled(residual, p, n)
    x = x + off * np.linalg.norm(x) * rng.normal(size=n)  # as solvers leave it

    def mine(p):
        return implicit.root(residual, x, (p,), solver=solver, rtol=1e-3) @ w

    def other(p):
        return unrolled(residual, p, n) @ w

    gradient = dr.grad(other)(p)
    assert_allclose(gradient, dr.grad(mine)(p), **FIRST)
    assert_allclose(gradient @ v, dr.jvp(mine, (p,), (v,))[1], **FIRST)
    hessian = dr.hessian(other)(p)
    assert_allclose(hessian, dr.hessian(mine)(p), **SECOND)
    assert_allclose(hessian, dr.jacobian(dr.grad(mine), mode="reverse")(p), **SECOND)
    assert_allclose(hessian @ v, dr.hvp(mine)(p, v), **SECOND)
    third = dr.jvp(dr.hessian(other), (p,), (v,))[1]
    assert_allclose(third, dr.jvp(dr.hessian(mine), (p,), (v,))[1], **THIRD)
    assert_allclose(third, dr.jacobian(lambda p: dr.hessian(mine)(p) @ v)(p), **THIRD)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("modes", ["fff", "ffr", "frf", "frr", "rff", "rfr", "rrf", "rrr"])
def test_three_nested_levels_in_every_order_of_the_modes(modes):
    residual, p = system(3, 3, 2)
    f = lambda p: implicit.root(residual, dr.stop_gradient(unrolled(residual, p, 3)), (p,))  # noqa: E731
    g = lambda p: unrolled(residual, p, 3)  # noqa: E731
    for mode in modes:
        f = dr.jacobian(f, mode={"f": "forward", "r": "reverse"}[mode])
        g = dr.jacobian(g, mode={"f": "forward", "r": "reverse"}[mode])
    assert_allclose(g(p), f(p), **THIRD)


@settings(max_examples=examples(10), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 4), structured=st.booleans())
def test_a_minimum_equals_the_root_of_its_gradient(seed, n, structured):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(n, n))
    p = rng.normal(size=n)

    def loss(x, p):
        return np.sum(np.cosh(A @ (x - p))) + np.sum(x**4) + np.sum(x**2 * np.exp(np.sin(p)))

    x = np.zeros(n)
    for _ in range(40):
        step = np.linalg.solve(dr.hessian(loss)(x, p), dr.grad(loss)(x, p))
        while loss(x - step, p) > loss(x, p) + 1e-12 * abs(loss(x, p)):
            step = step / 2
        x = x - step
    as_root = lambda p: implicit.root(dr.grad(loss), x, (p,))  # noqa: E731
    if structured:
        of_dict = lambda u, p: loss(u["x"], p)  # noqa: E731
        as_minimum = lambda p: implicit.minimum(of_dict, {"x": x}, (p,))["x"]  # noqa: E731
    else:
        as_minimum = lambda p: implicit.minimum(loss, x, (p,), solver="cg")  # noqa: E731
    expected = dr.jacobian(as_root)(p)
    assert_allclose(expected, dr.jacobian(as_minimum)(p), **FIRST)
    assert_allclose(
        dr.jacobian(dr.jacobian(as_root))(p), dr.jacobian(dr.jacobian(as_minimum))(p), **SECOND
    )


@settings(max_examples=examples(20), deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 5),
    kind=st.sampled_from(["real", "complex"]),
    solver=st.sampled_from([None, "gmres", "sparse"]),
)
def test_linear_solve_equals_numpy_s(seed, n, kind, solver):
    rng = np.random.default_rng(seed)
    A, b, w = rng.normal(size=(n, n)) + 3 * n * np.eye(n), rng.normal(size=n), rng.normal(size=n)
    if kind == "complex":
        A, b = A + 1j * rng.normal(size=(n, n)), b + 1j * rng.normal(size=n)

    def mine(A, b):
        return np.abs(implicit.linear_solve(lambda x: A @ x, b, solver=solver)) @ w

    def other(A, b):
        return np.abs(np.linalg.solve(A, b)) @ w

    assert_allclose(other(A, b), mine(A, b), rtol=1e-10, atol=1e-12)
    for mine_by, other_by in zip(*(dr.grad(f, argnums=(0, 1))(A, b) for f in (mine, other))):
        assert_allclose(other_by, mine_by, rtol=1e-9, atol=1e-10)
    if kind == "real":
        v = rng.normal(size=n)
        assert_allclose(
            dr.hvp(other, argnums=1)(A, b, v),
            dr.hvp(mine, argnums=1)(A, b, v),
            rtol=1e-9,
            atol=1e-9,
        )
