"""root, fixed_point, minimum, linear_solve: the public words for solutions of your own solver.

Owns structures, and what users are asked.  Must not know how derivatives follow.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from dualrev import errors, trees
from dualrev.calls import (
    as_tuple,
    check_callable,
    check_tolerance,
    flatten_arguments,
    flatten_result,
)
from dualrev.core.arrays import anywhere
from dualrev.core.operands import as_operand, base_of
from dualrev.core.traced import is_differentiated
from dualrev.errors import name_of
from dualrev.flat import Unravel, flat_vector
from dualrev.gradients import grad
from dualrev.implicit.choices import Choice
from dualrev.implicit.corrections import corrected
from dualrev.implicit.solutions import check_equations, plain_version, solved

__all__ = ["fixed_point", "linear_solve", "minimum", "root"]

_Tree = TypeVar("_Tree")


def root(
    residual: Callable,
    solution: _Tree,
    args: tuple = (),
    *,
    solver: Any = None,
    preconditioner: Any = None,
    options: dict | None = None,
    rtol: float = 1e-4,
    atol: float = 1e-8,
) -> _Tree:
    """A solution of equations, with its derivatives by all that the equations depend on.

    For a solver of your own: a Fortran code, a loop, another library.  It works on plain numbers, as
    those of :func:`dualrev.stop_gradient` are, and hands its solution over with the equations.

    Parameters
    ----------
    residual : callable
        ``residual(solution, *args)``: what is 0 at the solution; an array or structure of arrays, with
        as many numbers in all.  Derivatives are taken by what is traced in args, in closures, defaults
        and objects alike.
    solution : array, number or structure of arrays
        n numbers in all, real or complex.  Its own derivatives, where it has any, are left out.
    args : tuple
        Further arguments of residual; one alone needs no tuple, as in SciPy.
    solver : {"dense", "sparse", "gmres", "bicgstab", "cg", "minres"} or callable, optional
        How linear systems with the Jacobian are solved: by LU factors of an array or of a sparse matrix;
        or without a matrix, by one of SciPy's iterative solvers, or ``solver(operator, b)``, which
        answers x of shape (n,) for a ``LinearOperator`` (n, n).  By default dense below 300 unknowns,
        beyond it sparse where :func:`dualrev.jacobian` with ``sparse=True`` takes few products and the
        factors stay sparse, else dense up to 5000, and gmres from there on.
    preconditioner : LinearOperator, matrix or callable, optional
        Near the inverse of the Jacobian, for SciPy's iterative solvers.  For transposed systems a
        LinearOperator needs rmatvec; a callable, ``preconditioner(r)``, is transposed by itself where it
        is written in NumPy.
    options : dict, optional
        Of SciPy's iterative solver, beside ``rtol=1e-12``, which keeps derivatives to about ten digits;
        for gmres ``restart=100, maxiter=20``, for the others ``maxiter=5000``.
    rtol, atol : float
        How far the solution may be from the exact one: ``rtol * norm(solution) + atol``.

    Returns
    -------
    array, number or structure of arrays
        The solution, number for number.  Its derivatives are those at the exact one next to it, to
        rounding, not those at what the solver left.

    Raises
    ------
    NotConvergedError
        Where the solution does not solve the equations so nearly; and where an iterative solver does
        not solve a linear system.
    SingularError
        Where the Jacobian is singular there: the equations do not determine the solution.
    ShapeError
        Where there are more or fewer equations than unknowns.
    ComplexError
        Where the equations of a complex solution are not holomorphic.

    Warns
    -----
    ConditionWarning
        Where the condition number is beyond 1e10, with units of unknowns and equations left out; of
        iterative solvers, where a system with a known solution is solved with an error beyond 1e-8.

    See Also
    --------
    dualrev.scipy.optimize.root : finds the solution, too.

    Notes
    -----
    ``F(x(p), p) = 0`` gives ``dx = -(dF/dx)^-1 (dF/dp) dp`` (Griewank and Walther 2008, section 15.1):
    solved once for all modes, by steps ``x - J^-1 F(x, p)`` in traced arithmetic, one an order of
    derivatives.  Costs a Jacobian and its factors, n^3 / 3 multiplications where it is dense, one or two
    residuals an order, and one solution of triangular systems a sweep; where the solution is inexact, a
    Jacobian more.  Iterative solvers take a solution more than is asked for, of a system with a known
    solution.  In a batch (:func:`dualrev.vmap`) each row has a dense Jacobian of its own, or is solved
    by itself by the solver that is named.  Where nothing is traced the residual is computed once, and
    nothing is checked.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> def eccentric_anomaly(e, mean=1.0):
    ...     E = mean
    ...     for _ in range(50):
    ...         E = mean + dr.stop_gradient(e) * np.sin(E)
    ...     return dr.implicit.root(lambda E: E - e * np.sin(E) - mean, E)  # Kepler's equation
    >>> dr.derivatives(eccentric_anomaly, 2)(0.1).round(6)
    array([1.088598, 0.929061, 0.823372])
    """
    check_callable(residual, "dr.implicit.root(residual, solution)")
    choice = Choice(solver, preconditioner, options)
    return _solution("implicit.root", residual, solution, args, choice, (rtol, atol))


def fixed_point(
    g: Callable,
    solution: _Tree,
    args: tuple = (),
    *,
    solver: Any = None,
    preconditioner: Any = None,
    options: dict | None = None,
    rtol: float = 1e-4,
    atol: float = 1e-8,
) -> _Tree:
    """A fixed point ``x = g(x, *args)``, with its derivatives by all that g depends on.

    The iteration that found it is not differentiated: it may be any, and take any number of steps.

    Parameters
    ----------
    g : callable
        ``g(x, *args)``, of the structure and shapes of x, the solution.
    solution : array, number or structure of arrays
        The fixed point that was found.
    args : tuple
        Further arguments of g.
    solver, preconditioner, options, rtol, atol
        As of :func:`root`, of the residual ``x - g(x, *args)``.

    Returns
    -------
    array, number or structure of arrays
        The solution, number for number.

    Raises
    ------
    NotConvergedError, SingularError, ComplexError
        As of :func:`root`.
    StructureError, ShapeError
        Where g answers another structure than x has, or other shapes.

    Warns
    -----
    ConditionWarning
        As of :func:`root`.

    Notes
    -----
    ``dx = (1 - dg/dx)^-1 (dg/dp) dp``.  Christianson (1994), "Reverse accumulation and attractive fixed
    points", iterates the pull of g for it as often as g; here the system is solved, whether or not x
    attracts.  Costs as much as :func:`root`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> def square_root(a):
    ...     x = 1.0
    ...     for _ in range(20):
    ...         x = (x + dr.stop_gradient(a) / x) / 2
    ...     return dr.implicit.fixed_point(lambda x: (x + a / x) / 2, x)
    >>> dr.derivatives(square_root, 2)(4.0)
    array([ 2.     ,  0.25   , -0.03125])
    """
    check_callable(g, "dr.implicit.fixed_point(g, solution)")

    def residual(x, *args):
        return [a - b for a, b in zip(trees.flatten(x)[0], _answer_like(x, g(x, *args), g))]

    choice = Choice(solver, preconditioner, options)
    return _solution("implicit.fixed_point", residual, solution, args, choice, (rtol, atol))


def minimum(
    f: Callable,
    solution: _Tree,
    args: tuple = (),
    *,
    solver: Any = None,
    preconditioner: Any = None,
    options: dict | None = None,
    rtol: float = 1e-4,
    atol: float = 1e-8,
) -> _Tree:
    """A minimum of a scalar function, with its derivatives by all that the function depends on.

    Parameters
    ----------
    f : callable
        ``f(x, *args)``, one real number.
    solution : array, number or structure of arrays
        The minimum that was found, without constraints.  A maximum is the minimum of -f.
    args : tuple
        Further arguments of f.
    solver, preconditioner, options, rtol, atol
        As of :func:`root`, of the gradient; by default cg takes the place of gmres.

    Returns
    -------
    array, number or structure of arrays
        The solution, number for number.

    Raises
    ------
    NotConvergedError
        As of :func:`root`; and where the Hessian is not positive definite: a saddle is no minimum.
    SingularError
        Where it is singular: f is flat in one direction.
    ComplexError
        Where the solution is complex.

    Warns
    -----
    ConditionWarning
        As of :func:`root`.

    Notes
    -----
    The root of the gradient, with the Hessian as its Jacobian: ``dx = -f_xx^-1 f_xp dp``.  Costs a
    Hessian and its factors, and a few gradients; with cg the products of one or two solutions.  That
    the Hessian is positive definite is seen from factors, and by cg from the directions that it goes.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from scipy.optimize import minimize
    >>> def estimate(data):
    ...     loss = lambda m, data: np.sum(np.log(np.cosh(data - m)))
    ...     found = minimize(loss, 0.0, dr.stop_gradient(data), tol=1e-9).x
    ...     return dr.implicit.minimum(loss, found, (data,))[0]
    >>> dr.grad(estimate)(np.array([0.0, 1.0, 5.0])).round(4)
    array([0.2465, 0.752 , 0.0015])
    """
    check_callable(f, "dr.implicit.minimum(f, solution)")
    slope: Any = grad(f)
    slope.within = "minimum"
    choice = Choice(solver, preconditioner, options, symmetric=True)
    return _solution("implicit.minimum", slope, solution, args, choice, (rtol, atol))


def _solution(name, residual, solution, args, choice, near):
    """A solution of any structure."""
    args = as_tuple(args)
    for option, value in zip(("rtol", "atol"), near):
        check_tolerance(option, value)
    leaves, treedef = flatten_arguments(solution, "the solution")
    leaves = [as_operand(base_of(x)) for x in leaves]
    unpack = Unravel(treedef, leaves)

    def flat_residual(x):
        return _flat(residual(unpack(x), *args), residual)

    x = flat_vector(leaves)
    if choice.symmetric and x.dtype.kind == "c":
        raise errors.ComplexError(
            f"{name}: the minimum of a real function of complex numbers is no holomorphic one.",
            fix="make the real and the imaginary part of the solution two unknowns",
        )
    return unpack(solved(flat_residual, x, name=name, near=near, choice=choice))


def _flat(result, f):
    return flat_vector(flatten_result(result, f)[0])


def _answer_like(x, answer, f):
    """The arrays that a function answers, which must have the structure and the shapes of x."""
    arrays, _ = flatten_result(answer, f)
    mine, treedef = trees.flatten(x)
    if mine[0] is not x:
        arrays = trees.flatten_like(treedef, answer, f"answer of `{name_of(f)}`")
    elif isinstance(answer, list | tuple) and len({np.shape(a) for a in arrays}) == 1:  # of numbers
        arrays = [as_operand(answer)]
    shapes, wanted = list(map(np.shape, arrays)), list(map(np.shape, mine))
    if shapes != wanted:
        raise errors.ShapeError(
            f"`{name_of(f)}` answers shapes {shapes}, those of x are {wanted}.",
            fix="return arrays of the shapes of x",
        )
    return arrays


def linear_solve(
    matvec: Callable,
    b: _Tree,
    args: tuple = (),
    *,
    solver: Any = None,
    preconditioner: Any = None,
    options: dict | None = None,
) -> _Tree:
    """The solution x of ``matvec(x, *args) = b``, from products alone, with its derivatives.

    Parameters
    ----------
    matvec : callable
        ``matvec(x, *args)``: linear in x, plain NumPy; of the structure and shapes of b.  Derivatives
        are taken by what is traced in args, in closures, defaults and objects alike.
    b : array, number or structure of arrays
        n numbers in all, real or complex.
    args : tuple
        Further arguments of matvec.
    solver, preconditioner, options
        As of :func:`root`: by default a matrix is made of products where it is small, or sparse.

    Returns
    -------
    array, number or structure of arrays
        Of the structure of b.

    Raises
    ------
    NotConvergedError
        Where an iterative solver does not solve the system, or matvec is not linear.
    SingularError
        Where it is singular.
    ComplexError
        Where matvec conjugates complex numbers, or takes parts of them.

    Warns
    -----
    ConditionWarning
        As of :func:`root`.

    See Also
    --------
    dualrev.scipy.sparse.linalg.gmres : of a matrix or LinearOperator, and SciPy's signature.

    Notes
    -----
    ``A dx = db - dA x``; a cotangent ct of x gives ``w``, ``A^T w = ct``, which is that of b, and is
    pulled through ``-matvec(x)`` for the rest (Griewank and Walther 2008, section 15.1).  The transpose
    needs no function of its own: it is the pull of matvec.  Costs one solution, and one a sweep.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> def heat(conductivity, source):
    ...     def flow(u):
    ...         return conductivity * (2 * u - np.append(u[1:], 0.0) - np.append(0.0, u[:-1]))
    ...     return dr.implicit.linear_solve(flow, source, solver="cg")
    >>> heat(2.0, np.ones(3)).round(12)
    array([0.75, 1.  , 0.75])
    >>> dr.grad(lambda k: np.sum(heat(k, np.ones(3))))(2.0).round(12)
    np.float64(-1.25)
    """
    check_callable(matvec, "dr.implicit.linear_solve(matvec, b)")
    args = as_tuple(args)
    choice = Choice(solver, preconditioner, options)
    leaves, treedef = flatten_arguments(b, "the right-hand side")
    shapes = Unravel(treedef, [as_operand(base_of(x)) for x in leaves])
    flat_b = flat_vector(leaves)

    def product(x):
        x = shapes(x)
        return flat_vector(_answer_like(x, matvec(x, *args), matvec))

    plain, plain_b = plain_version(product), base_of(flat_b)
    x = np.zeros(flat_b.shape, flat_b.dtype)
    at_zero = plain(x)
    if at_zero.dtype.kind == "c" and x.dtype.kind != "c":
        x = x.astype(np.result_type(x, np.complex64))
    check_equations(plain, x, at_zero + 0 * x, "implicit.linear_solve")
    inverse = choice.inverse(plain, x, at_zero)
    for _ in range(2):  # the second time for the digits that the first one lost
        x = x + inverse.times(plain_b - plain(x))
    left = np.linalg.norm(plain_b - plain(x))
    half_of_the_digits = np.sqrt(np.finfo(x.dtype).eps)
    if anywhere(np.logical_not(left <= half_of_the_digits * np.linalg.norm(plain_b))):
        raise errors.NotConvergedError(
            f"implicit.linear_solve: what x leaves of b is not small; `{name_of(matvec)}` may not be "
            "linear.",
            fix="give what is not linear to dualrev.implicit.root, with its solution",
        )
    r = product(x) - flat_b
    return shapes(
        corrected(lambda x: product(x) - flat_b, x, inverse, r=r) if is_differentiated(r) else x
    )
