"""Structure and values of prepared matrices, as solvers want triplets; IPOPT where it is installed."""

import numpy as np
import pytest
import scipy.sparse

import dualrev as dr


class Problem:
    """Minimise ``objective(x)`` with ``constraints(x)`` between bounds, as IPOPT asks for it."""

    def __init__(self, objective, constraints, x):
        def lagrangian(x, multipliers, factor):
            return factor * objective(x) + multipliers @ constraints(x)

        self.lagrangian = lagrangian
        self.objective, self.constraints = objective, constraints
        self.gradient = dr.grad(objective)
        self.count = len(constraints(x))
        self.J = dr.prepare_jacobian(constraints, x)
        self.H = dr.prepare_hessian(lagrangian, x, np.ones(self.count), 1.0)

    def jacobianstructure(self):
        return self.J.pattern.tocoo().coords

    def jacobian(self, x):
        return self.J(x).data

    def hessianstructure(self):
        return scipy.sparse.tril(self.H.pattern).tocoo().coords

    def hessian(self, x, multipliers, factor):
        return scipy.sparse.tril(self.H(x, multipliers, factor)).data


def hock_schittkowski_71():
    """Hock and Schittkowski (1981), "Test examples for nonlinear programming codes", problem 71."""
    x = np.array([1.0, 5.0, 5.0, 1.0])
    problem = Problem(
        lambda x: x[0] * x[3] * np.sum(x[:3]) + x[2],
        lambda x: np.stack([np.prod(x), x @ x]),
        x,
    )
    return problem, x


def chained(n):
    """Luksan and Vlcek (1999), "Sparse and partially separable test problems", problem 5.1."""

    def objective(x):
        return np.sum(100 * (x[:-1] ** 2 - x[1:]) ** 2 + (x[:-1] - 1) ** 2)

    def constraints(x):
        a, b, c = x[:-2], x[1:-1], x[2:]
        return 3 * b**3 + 2 * c - 5 + np.sin(b - c) * np.sin(b + c) + 4 * b - a * np.exp(a - b) - 3

    x = np.where(np.arange(n) % 2, 1.0, -1.2)
    return Problem(objective, constraints, x), x


def test_triplets_are_the_matrices():
    """Structure and values, put together, are the dense derivatives; also where an entry is 0."""
    problem, x = chained(8)
    x[3] = x[4] = 0.0
    multipliers = np.linspace(-1, 1, problem.count)
    found = scipy.sparse.coo_array(
        (problem.jacobian(x), problem.jacobianstructure()), (problem.count, len(x))
    )
    np.testing.assert_allclose(dr.jacobian(problem.constraints)(x), found.toarray(), atol=1e-12)
    expected = np.tril(dr.hessian(problem.lagrangian)(x, multipliers, 0.5))
    values = problem.hessian(x, multipliers, 0.5)
    found = scipy.sparse.coo_array((values, problem.hessianstructure()), (len(x), len(x)))
    np.testing.assert_allclose(expected, found.toarray(), atol=1e-10)


def solved(problem, x, **bounds):
    cyipopt = pytest.importorskip("cyipopt")
    solver = cyipopt.Problem(n=len(x), m=problem.count, problem_obj=problem, **bounds)
    solver.add_option("print_level", 0)
    solver.add_option("sb", "yes")
    x, info = solver.solve(x)
    assert info["status"] == 0
    return x


def test_ipopt_solves_a_small_problem():
    """Its solution, as published."""
    problem, x = hock_schittkowski_71()
    x = solved(problem, x, lb=[1] * 4, ub=[5] * 4, cl=[25, 40], cu=[2e19, 40])
    np.testing.assert_allclose([1.0, 4.7429994, 3.8211503, 1.3794082], x, atol=1e-6)


def test_ipopt_solves_a_sparse_problem():
    """By three products a Hessian; the constraints hold."""
    problem, x = chained(1000)
    assert (problem.J.products, problem.H.products) == (3, 3)
    zero = np.zeros(problem.count)
    x = solved(problem, x, cl=zero, cu=zero)
    np.testing.assert_allclose(zero, problem.constraints(x), atol=1e-8)
