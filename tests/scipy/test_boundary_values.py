"""dualrev.scipy.integrate.solve_bvp: derivatives of solutions of boundary value problems."""

import mpmath
import numpy as np
import pytest
import scipy.integrate

import dualrev as dr
from dualrev import errors
from dualrev.core.operands import base_of
from dualrev.scipy.integrate import solve_bvp

MESH = np.linspace(0, 1, 11)
ZEROS = np.zeros((2, 11))
#: Of solutions by meshes of this tolerance.
EXACT, ERROR = {"tol": 1e-9, "max_nodes": 10_000}, {"rtol": 1e-7, "atol": 1e-9}


def bratu(parameter, mesh=MESH, **options):
    """``y'' = -parameter exp(y)``, 0 at both ends (Bratu 1914): the lower of two solutions."""

    def fun(x, y):
        return np.stack([y[1], -parameter * np.exp(y[0])])

    return solve_bvp(fun, ends_at_zero, mesh, ZEROS, **{**EXACT, **options})


def ends_at_zero(ya, yb):
    return np.stack([ya[0], yb[0]])


def height_of_bratu(parameter):
    """In the middle: 2 log cosh(t / 4), where t = sqrt(2 parameter) cosh(t / 4)."""
    t = mpmath.findroot(lambda t: t - mpmath.sqrt(2 * parameter) * mpmath.cosh(t / 4), 1.5)
    return 2 * mpmath.log(mpmath.cosh(t / 4))


def height(parameter):
    return bratu(parameter).sol(0.5)[0]


def test_a_solution_has_its_derivatives_by_a_parameter():
    """Of first and second order, in both modes."""
    first, second = (float(mpmath.diff(height_of_bratu, 1, n)) for n in (1, 2))
    np.testing.assert_allclose(first, dr.grad(height)(1.0), **ERROR)
    np.testing.assert_allclose(first, dr.derivative(height)(1.0), **ERROR)
    for outer, inner in [(dr.grad, dr.grad), (dr.derivative, dr.grad), (dr.grad, dr.derivative)]:
        np.testing.assert_allclose(second, outer(inner(height))(1.0), **ERROR)


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
def test_a_batch_is_solved_row_by_row():
    parameters = np.array([1.0, 1.0 + 1e-9])  # on as many nodes
    slope = dr.grad(height)(1.0)
    np.testing.assert_allclose(dr.vmap(dr.grad(height))(parameters), slope, rtol=1e-7)
    total = dr.grad(lambda p: np.sum(dr.vmap(height)(p)))(parameters)
    np.testing.assert_allclose(total, slope, rtol=1e-7)


def test_the_spline_passes_derivatives_of_its_points_and_of_its_own():
    """By a point alone, where nothing else is traced; of its derivative; and by both together."""
    plain = bratu(1.0)
    np.testing.assert_allclose(
        plain.sol(0.3)[1], dr.derivative(lambda at: plain.sol(at)[0])(0.3), **ERROR
    )
    slope = dr.derivative(lambda p: bratu(p).sol(0.3)[1])(1.0)
    by_node = dr.derivative(lambda p: bratu(p).sol(0.3, 1)[0])(1.0)
    np.testing.assert_allclose(slope, by_node, **ERROR)
    both = dr.derivative(lambda p: bratu(p).sol(0.3 * p)[0])(1.0)
    alone = dr.derivative(lambda p: bratu(p).sol(0.3)[0])(1.0)
    np.testing.assert_allclose(alone + 0.3 * plain.sol(0.3)[1], both, **ERROR)


def test_values_at_nodes_have_the_derivatives_of_the_problem():
    """``y`` and ``yp`` of the result on a coarse mesh: to its error."""

    def fields(parameter, **options):
        result = bratu(parameter, **options)
        if not options:  # finer nodes
            y = result.sol(MESH)
            return np.concatenate([y, [y[1], -parameter * np.exp(y[0])]]).reshape(-1)
        return np.concatenate([result.y, result.yp]).reshape(-1)

    expected = (fields(1.0 + 1e-4) - fields(1.0 - 1e-4)) / 2e-4
    slopes = dr.derivative(lambda p: fields(p, tol=1e-2))(1.0)
    np.testing.assert_allclose(expected, slopes, rtol=1e-4, atol=1e-6)


def test_an_eigenvalue_is_differentiable_in_the_length_of_its_mesh():
    """``y'' = -p y`` on [0, length] has the first eigenvalue (pi / length)^2."""

    def eigenvalue(length):
        mesh = MESH * length
        guess = np.stack([np.sin(np.pi * MESH), np.pi * np.cos(np.pi * MESH)])

        def fun(x, y, p):
            return np.stack([y[1], -p[0] * y[0]])

        def bc(ya, yb, p):
            return np.stack([ya[0], yb[0], ya[1] - 1.0])

        return solve_bvp(fun, bc, mesh, guess, p=[9.0], **EXACT).p[0]

    length = 1.1
    for nested, factor in [(dr.grad(eigenvalue), -2), (dr.grad(dr.derivative(eigenvalue)), 6)]:
        order = 1 if factor == -2 else 2
        np.testing.assert_allclose(
            factor * np.pi**2 / length ** (2 + order), nested(length), **ERROR
        )


def test_a_mesh_moves_with_its_ends():
    """The nodes of the answer, those that SciPy has added too."""
    nodes = bratu(1.0).x
    assert nodes.size > MESH.size
    slopes = dr.derivative(lambda length: bratu(1.0, MESH * length).x)(1.0)
    np.testing.assert_allclose(nodes, slopes, rtol=1e-14)


def test_a_singular_term_is_part_of_the_equations():
    """``y'' + 2 y' / x + y^5 = 0`` with y(1) = 3^(1/2) / 2: y = (1 + x^2 / 3)^(-1/2) (Emden).

    By scaling, the solutions are ``s^(1/2) y(s x)``.
    """

    def solution(end, at):
        S = np.array([[0.0, 0.0], [0.0, -2.0]])

        def fun(x, y):
            return np.stack([y[1], -(y[0] ** 5)])

        def bc(ya, yb):
            return np.stack([ya[1], yb[0] - end])

        found = solve_bvp(fun, bc, np.linspace(0, 1, 5), np.ones((2, 5)), S=S, **EXACT)
        return found.yp[1, 0] if at is None else found.sol(at)[0]

    def exact(end, at):
        scale = mpmath.findroot(lambda s: mpmath.sqrt(s / (1 + s * s / 3)) - end, 1.05)
        return mpmath.sqrt(scale / (1 + (scale * at) ** 2 / 3))

    end = 0.88  # beside the fold, where two solutions meet
    expected = float(mpmath.diff(lambda end: exact(end, 0.3), end))
    np.testing.assert_allclose(expected, dr.grad(solution)(end, 0.3), rtol=1e-6)
    # At 0 the second derivative is -y^5 / 3.
    expected = float(mpmath.diff(lambda end: -(exact(end, 0) ** 5) / 3, end))
    np.testing.assert_allclose(expected, dr.grad(solution)(end, None), rtol=1e-6)


def test_complex_solutions_have_derivatives_by_what_is_complex():
    """``y' = a y``, y(0) = 1, to exp(a x)."""

    def end(a):
        def fun(x, y):
            return a * y

        found = solve_bvp(fun, lambda ya, yb: ya - 1.0, MESH, np.ones((1, 11), complex), **EXACT)
        return found.y[0, -1]

    a = 0.3 + 0.0j  # SciPy's solver finds no other
    np.testing.assert_allclose(np.exp(a), dr.jacobian(end, holomorphic=True)(a), **ERROR)


def test_functions_may_answer_lists():
    def f(load):
        found = solve_bvp(
            lambda x, y: [y[1], load + 0 * x], lambda ya, yb: [ya[0], yb[0]], MESH, ZEROS, **EXACT
        )
        return found.sol(0.5)[0]

    np.testing.assert_allclose(-1 / 8, dr.grad(f)(2.0), **ERROR)


def test_values_are_those_of_scipy_to_the_bit():
    found = {}

    def fun(x, y, p):
        return np.stack([y[1], -p[0] * np.exp(y[0])])

    def bc(ya, yb, p):
        return np.stack([ya[0], yb[0], p[0] - 1.0])

    def f(scale):
        found.update(solve_bvp(lambda *args: scale * fun(*args), bc, MESH, ZEROS, p=[0.5]))
        return found["y"][0, 5]

    expected = scipy.integrate.solve_bvp(fun, bc, MESH, ZEROS, p=[0.5])
    dr.grad(f)(1.0)
    plain = solve_bvp(fun, bc, MESH, ZEROS, p=[0.5])
    assert found.keys() == plain.keys() == expected.keys()
    assert type(plain) is type(expected)
    for result in (found, plain):
        for name, field in expected.items():
            if name != "sol":
                np.testing.assert_array_equal(field, base_of(result[name]))
        np.testing.assert_array_equal(expected.sol.c, base_of(result["sol"].c))
    at = np.linspace(0, 1, 7)
    np.testing.assert_array_equal(expected.sol(at), plain.sol(at))


def test_an_estimate_of_errors_has_no_derivative():
    assert np.isnan(dr.grad(lambda p: bratu(p).rms_residuals.max())(1.0))


def test_without_a_solution_there_is_no_derivative():
    """Bratu's problem has none beyond 3.51; and one on few nodes is not reached."""
    with pytest.raises(errors.NotConvergedError, match="solve_bvp did not converge"):
        dr.grad(lambda p: bratu(p, tol=1e-3).y[0, 5])(4.0)
    with pytest.raises(errors.NotConvergedError, match="maximum number of mesh nodes"):
        dr.grad(lambda p: bratu(p, max_nodes=12).y[0, 5])(1.0)


def test_what_the_boundary_does_not_determine_has_no_derivative():
    """The same condition twice."""

    def f(load):
        def fun(x, y):
            return np.stack([y[1], load + 0 * x])

        return solve_bvp(fun, lambda ya, yb: np.stack([ya[0], 2 * ya[0]]), MESH, ZEROS).y[0, 5]

    with pytest.raises(errors.NotConvergedError, match="singular Jacobian"):
        dr.grad(f)(1.0)
