"""Solutions of any structure, what their equations may depend on, and who asks for derivatives."""

import dataclasses
import functools
import threading

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev import implicit


@dataclasses.dataclass
class State:
    hot: object
    cold: object


def square_roots(p):
    """Of p, by each public word; known in closed form."""
    x = np.sqrt(dr.stop_gradient(p)) * (1 + 1e-9)  # as near as solvers are
    yield implicit.root(lambda x: x**2 - p, x)
    yield implicit.fixed_point(lambda x, p: (x + p / x) / 2, x, (p,))
    yield implicit.minimum(lambda x: np.sum(x**3 / 3 - p * x), x)
    yield implicit.linear_solve(lambda y: y * np.sqrt(p), p)


P = np.array([2.0, 3.0, 0.5])


@pytest.mark.parametrize("word", range(4), ids=["root", "fixed_point", "minimum", "linear_solve"])
class TestEveryWord:
    def roots(self, word):
        return lambda p: list(square_roots(p))[word]

    def test_values_are_the_solver_s(self, word):
        expected = np.sqrt(P) * (1 + 1e-9) if word < 3 else np.sqrt(P)
        assert_allclose(expected, self.roots(word)(P), rtol=0 if word < 3 else 1e-15)
        assert_allclose(
            expected, dr.linearize(self.roots(word), P)[0], rtol=0 if word < 3 else 1e-15
        )

    @pytest.mark.parametrize("mode", ["forward", "reverse"])
    def test_jacobian(self, word, mode):
        # 1e-14: of the distance from the root, 1e-9, nothing is left.
        expected = np.diag(0.5 / np.sqrt(P))
        assert_allclose(
            expected, dr.jacobian(self.roots(word), mode=mode)(P), rtol=1e-14, atol=1e-16
        )

    def test_second_and_third_order(self, word):
        def loss(p):
            return np.sum(self.roots(word)(p))

        v = np.array([1.0, -2.0, 0.5])
        second = -0.25 * P**-1.5
        third = 0.375 * P**-2.5
        assert_allclose(np.diag(second), dr.hessian(loss)(P), rtol=1e-13, atol=1e-15)
        reverse_twice = dr.jacobian(dr.grad(loss), mode="reverse")(P)
        assert_allclose(np.diag(second), reverse_twice, rtol=1e-13, atol=1e-15)
        assert_allclose(second * v, dr.hvp(loss)(P, v), rtol=1e-13)
        assert_allclose(third * v, np.diagonal(dr.jvp(dr.hessian(loss), (P,), (v,))[1]), rtol=1e-12)

    def test_a_series_of_order_five(self, word):
        expected = dr.derivatives(np.sqrt, 5)(2.0)
        f = self.roots(word)
        assert_allclose(expected, dr.derivatives(lambda p: f(p * np.ones(1))[0], 5)(2.0), rtol=1e-8)

    def test_batches_and_derivatives_in_every_order(self, word):
        def loss(p):
            return np.sum(self.roots(word)(p))

        ps = np.array([P, 2 * P])
        expected = 0.5 / np.sqrt(ps)
        assert_allclose(expected, dr.vmap(dr.grad(loss))(ps), rtol=1e-13)
        assert_allclose(expected, dr.grad(lambda ps: np.sum(dr.vmap(loss)(ps)))(ps), rtol=1e-13)
        hessians = dr.vmap(dr.hessian(loss))(ps)
        assert_allclose(-0.25 * ps**-1.5, np.diagonal(hessians, axis1=1, axis2=2), rtol=1e-13)
        nested = dr.vmap(dr.vmap(dr.grad(loss)))(np.stack([ps, 4 * ps]))
        assert_allclose(np.stack([expected, expected / 2]), nested, rtol=1e-13)

    def test_checkpoint_debug_and_threads(self, word):
        def loss(p):
            return np.sum(self.roots(word)(p))

        expected = 0.5 / np.sqrt(P)
        assert_allclose(expected, dr.grad(dr.checkpoint(loss))(P), rtol=1e-14)
        with dr.debug():
            assert_allclose(expected, dr.grad(loss)(P), rtol=1e-14)
        found = []
        threads = [
            threading.Thread(target=lambda k=k: found.append(dr.grad(loss)(k * P) * np.sqrt(k)))
            for k in (1, 4, 9)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 3
        for gradient in found:
            assert_allclose(expected, gradient, rtol=1e-14)

    def test_compiled_with_a_solver_that_is_recorded(self, word):
        def loss(p):
            x = 1.0 + 0 * p
            for _ in range(7):
                x = (x + p / x) / 2
            if word == 0:
                return np.sum(implicit.root(lambda x: x**2 - p, x) ** 3)
            if word == 1:
                return np.sum(implicit.fixed_point(lambda x: (x + p / x) / 2, x) ** 3)
            if word == 2:
                return np.sum(implicit.minimum(lambda x: np.sum(x**3 / 3 - p * x), x) ** 3)
            return np.sum(implicit.linear_solve(lambda y: y * np.sqrt(p), p) ** 3)

        gradient = dr.compile(dr.grad(loss))
        for k in (1.0, 1.5, 0.7):
            assert_allclose(1.5 * np.sqrt(k * P), gradient(k * P), rtol=1e-13)

    def test_float32_stays(self, word):
        p = P.astype(np.float32)
        gradient = dr.grad(lambda p: np.sum(self.roots(word)(p)))(p)
        assert gradient.dtype == np.float32
        assert_allclose(0.5 / np.sqrt(P), gradient, rtol=1e-5)


def test_solutions_and_residuals_of_any_structure():
    def exchanger(k):
        """Two bodies that exchange heat, each with a source."""

        def residual(s):
            flow = k["wall"] * (s.hot - s.cold)
            return {"hot": 4.0 - flow - k["air"] * s.hot, "cold": [flow - k["air"] * s.cold]}

        return implicit.root(residual, State(hot=16.0 / 7, cold=np.float64(12.0 / 7)))

    k = {"wall": 3.0, "air": 1.0}
    d = dr.jacobian(exchanger)(k)
    # hot + cold = 4 / air, (hot - cold) * (2 * wall + air) = 4
    assert_allclose([-4 / 49, 4 / 49], [d.hot["wall"], d.cold["wall"]], rtol=1e-13)
    assert_allclose(-4.0, d.hot["air"] + d.cold["air"], rtol=1e-13)
    assert_allclose(-4 / 49, d.hot["air"] - d.cold["air"], rtol=1e-12)


def test_numbers_stay_numbers_and_nothing_is_traced_without_a_transform():
    x = implicit.root(lambda x: x - 2, 2)
    assert type(x) is np.float64
    assert x == 2.0


def test_one_argument_needs_no_tuple():
    a = np.array([4.0, 9.0])
    expected = [0.25, 1 / 6]
    for solution in (
        lambda a: implicit.root(lambda x, a: x * x - a, np.array([2.0, 3.0]), a),
        lambda a: implicit.fixed_point(lambda x, a: (x + a / x) / 2, np.array([2.0, 3.0]), a),
        lambda a: implicit.minimum(
            lambda x, a: np.sum(x**3 / 3 - a * x), np.array([2.0, 3.0]), args=a
        ),
    ):
        assert_allclose(expected, np.diag(dr.jacobian(solution)(a)), rtol=1e-13)
    f = lambda a: implicit.linear_solve(lambda x, a: a * x, np.ones(2), a)  # noqa: E731
    assert_allclose(-1 / a**2, np.diag(dr.jacobian(f)(a)), rtol=1e-13)


class Spring:
    def __init__(self, k):
        self.k = k

    def force(self, x):
        return self.k * x - 1.0


def keyed(x, table, key="k"):
    return table[key] * x - 1.0


@pytest.mark.parametrize(
    "equations",
    [
        lambda k: Spring(k).force,
        lambda k: functools.partial(keyed, table={"k": k}),
        lambda k: lambda x, k=k: k * x - 1.0,
        lambda k: lambda x: Spring(Spring(k)).k.k * x - 1.0,
        lambda k: lambda x: [k, 3.0][0] * x - 1.0,
        lambda k: lambda x: np.array([k, 3.0])[0] * x - 1.0,
    ],
    ids=["method", "partial", "default", "objects", "list", "array"],
)
def test_equations_may_depend_on_their_parameters_in_any_way(equations):
    def f(k):
        return implicit.root(equations(k), 0.5)

    assert_allclose([0.5, -0.25, 0.25, -0.375], dr.derivatives(f, 3)(2.0), rtol=1e-14)
    assert_allclose(-0.25, dr.grad(f)(2.0), rtol=1e-14)


def test_solutions_of_single_precision():
    a, b = np.array([[4.0, 1.0], [0.5, 3.0]], np.float32), np.array([1.0, 2.0], np.float32)
    expected = np.linalg.inv(a.astype(float))
    for solve in (
        lambda b: implicit.linear_solve(lambda x: a @ x, b),
        lambda b: implicit.linear_solve(lambda x: a @ x, b, solver="gmres"),
        lambda b: implicit.root(lambda x: a @ x - b, np.linalg.solve(a, dr.stop_gradient(b))),
    ):
        found = dr.jacobian(solve)(b)
        assert found.dtype == np.float32
        assert_allclose(expected, found, rtol=1e-5)


def test_a_holomorphic_solution_of_complex_equations():
    def f(p):
        return implicit.root(lambda z: z**3 - p, p ** (1 / 3))

    p = 1 + 2j
    assert_allclose(p ** (-2 / 3) / 3, dr.grad(f, holomorphic=True)(p), rtol=1e-14)
    assert_allclose(p ** (-2 / 3) / 3 * 1j, dr.jvp(f, (p,), (1j,))[1], rtol=1e-14)
    expected = 2 / 3 * np.abs(p) ** (-4 / 3) * p  # the gradient of |p|^(2/3)
    assert_allclose(expected, dr.grad(lambda p: np.abs(f(p)) ** 2)(p), rtol=1e-14)


def test_one_solution_for_all_rows_of_a_batch():
    def f(p):
        return np.sum(implicit.root(lambda x: x**2 - p, np.sqrt(P)))

    ps = np.stack([P, P])
    expected = np.stack([0.5 / np.sqrt(P)] * 2)
    assert_allclose(expected, dr.grad(lambda ps: np.sum(dr.vmap(f)(ps)))(ps), rtol=1e-13)
    assert_allclose(expected, dr.vmap(dr.grad(f))(ps), rtol=1e-13)


@pytest.mark.parametrize("solver", ["dense", "sparse", "gmres"])
def test_checkpoints_see_that_the_second_run_is_the_first(solver):
    def f(p):
        return np.sum(implicit.root(lambda x: x**2 - p, np.sqrt(P), solver=solver))

    assert_allclose(0.5 / np.sqrt(P), dr.grad(dr.checkpoint(f))(P), rtol=1e-9)


@pytest.mark.filterwarnings("ignore:linear_solve runs row by row:dualrev.PerformanceWarning")
@pytest.mark.parametrize("solver", ["sparse", "gmres", "bicgstab", "cg", "minres"])
def test_each_row_of_a_batch_has_a_solver_of_its_own(solver):
    def f(p):
        x = implicit.root(lambda x: x**2 - p, np.sqrt(p), solver=solver)
        return np.sum(implicit.linear_solve(lambda y: y * x, p * x**4, solver=solver))

    ps = np.stack([P, 2 * P, 3 * P])  # p^(5/2)
    assert_allclose(2.5 * ps**1.5, dr.vmap(dr.grad(f))(ps), rtol=1e-10)
    assert_allclose(2.5 * ps**1.5, dr.grad(lambda ps: np.sum(dr.vmap(f)(ps)))(ps), rtol=1e-10)
    nested = dr.vmap(dr.vmap(dr.grad(f)))(np.stack([ps, 4 * ps]))
    assert_allclose(2.5 * np.stack([ps, 4 * ps]) ** 1.5, nested, rtol=1e-10)
    for mode in ("forward", "reverse"):
        second = dr.vmap(dr.jacobian(dr.grad(f), mode=mode))(ps)
        assert_allclose(3.75 * ps**0.5, np.diagonal(second, axis1=1, axis2=2), rtol=1e-9)


def test_a_compiled_function_with_another_solver_runs_as_it_is():
    f = dr.compile(dr.grad(lambda p: implicit.root(lambda x: x**2 - p, np.sqrt(p), solver="gmres")))
    with pytest.warns(dr.PerformanceWarning, match="runs as it is"):
        assert_allclose(1 / 8**0.5, f(2.0), rtol=1e-10)
