"""Matrix equations: Sylvester's, Lyapunov's and Riccati's.

Owns what each equation is, and the linear equation that its solution's perturbation satisfies; both
modes follow from the implicit function theorem.  Must not know how the equations are solved.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import scipy.linalg as sla

from dualrev.core.arrays import nowhere
from dualrev.core.operands import as_operand
from dualrev.core.words import constant, rule
from dualrev.insides.bodies import count_arrays
from dualrev.rules.matrices import adjoint, hermitian_part, largest
from dualrev.scipy.linalg.operands import same_dtype, scipys_stacks
from dualrev.scipy.twin import least_dimensions, twin
from dualrev.through import pulled_through, pushed_through
from dualrev.ways import stacked

__all__ = [
    "solve_continuous_are",
    "solve_continuous_lyapunov",
    "solve_discrete_are",
    "solve_discrete_lyapunov",
    "solve_lyapunov",
    "solve_sylvester",
]

_check_matrices = least_dimensions(2)


def equation(
    solve: Callable,
    residual: Callable,
    linear: Callable,
    transposed: Callable,
    name="",
    stacks=scipys_stacks,
):
    """A primitive x(args) with ``residual(x, *args) = 0``.

    ``linear(n, x, *args)`` is the t with ``dresidual/dx t = n``, and ``transposed`` the same of
    the transpose: ``dx = -linear(dresidual/dargs dargs)``.  Where the answer does not solve the
    equation (SciPy does not always look), derivatives are nan.  ``stacks`` makes the way of a batch,
    where SciPy's own function is not ``solve``.
    """
    arity = count_arrays(residual, 1)

    def trust(x, *args, **options):
        """1 where x has half of its digits, by Newton's step from it; else nan."""
        half = np.finfo(x.dtype).eps ** 0.5
        left, whole = residual(x, *args), residual(np.zeros_like(x), *args)
        solved = largest(left) <= half * largest(whole)
        if not solved.all():
            step = linear(left, x, *args, **options)
            solved |= largest(step) <= half * largest(x)
        return np.where(solved, 1.0, np.nan)

    trust = constant(trust, batch=stacks(*[2] * (arity + 1)))

    def by(solver, n, x, args, options):
        """The solver's answer, and nan where x is not to be trusted or n not finite."""
        finite = np.isfinite(n)
        if nowhere(~finite):
            return solver(n, x, *args, **options) * trust(x, *args, **options)
        finite_matrix = finite.all((-2, -1), keepdims=True)
        factor = np.where(finite_matrix, trust(x, *args, **options), np.nan)
        return solver(np.where(finite, n, 0), x, *args, **options) * factor

    def implicit_jvp(tangents, ans, *args, **options):
        moved = pushed_through(partial(residual, ans), args, tangents)
        return by(linear, -moved, ans, args, options)

    def implicit_vjp(ct, wanted, ans, *args, **options):
        ct = -by(transposed, ct, ans, args, options)
        return pulled_through(partial(residual, ans), args, ct, wanted)

    batch = stacks(*[2] * arity)
    return rule(solve, implicit_jvp, implicit_vjp, arity=arity, batch=batch, name=name)


# ---------------------------------------------------------------------------- Sylvester, Lyapunov
# Kao and Hennequin (2020), "Automatic differentiation of Sylvester, Lyapunov, and algebraic Riccati
# equations", arXiv:2011.11430.

_sylvester: Callable = equation(
    lambda a, b, q: sla.solve_sylvester(a, b, q),
    lambda x, a, b, q: a @ x + x @ b - q,
    lambda n, x, a, b, q: _sylvester(a, b, n),
    lambda ct, x, a, b, q: _sylvester(a.mT, b.mT, ct),
    name="solve_sylvester",
)


def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """The solution x of Sylvester's equation ``a @ x + x @ b = q``.

    Equals :func:`scipy.linalg.solve_sylvester`, but for a mixture of real and complex matrices,
    where SciPy's answer is wrong: there all are made complex.  The derivative solves ``a dx + dx b
    = dq - da x - x db`` (Kao and Hennequin 2020), at the cost of one more solution.

    Parameters
    ----------
    a : array, shape (m, m)
    b : array, shape (n, n)
    q : array, shape (m, n)

    Returns
    -------
    array, shape (m, n)

    Raises
    ------
    LinAlgError
        Where the computation fails.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import solve_sylvester
    >>> a, b, q = np.diag([1.0, 2.0]), np.array([[3.0]]), np.ones((2, 1))
    >>> dr.grad(lambda q: solve_sylvester(a, b, q).sum())(q)
    array([[0.25],
           [0.2 ]])
    """
    return _sylvester(*same_dtype(as_operand(a), as_operand(b), as_operand(q)))


def _by_eigenvectors(p, q):
    w, v = np.linalg.eigh(p)
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = adjoint(v) @ q @ v / (w[..., :, None] + w[..., None, :])
        return v @ inner @ adjoint(v)


#: The solution of ``p @ x + x @ p = q`` with a positive definite p: a fifth of the time.
definite_sylvester: Callable = equation(
    _by_eigenvectors,
    lambda x, p, q: p @ x + x @ p - q,
    lambda n, x, p, q: definite_sylvester(p, n),
    lambda ct, x, p, q: definite_sylvester(p.mT, ct),
    stacks=stacked,
)


_continuous_lyapunov: Callable = equation(
    lambda a, q: sla.solve_continuous_lyapunov(a, q),
    lambda x, a, q: a @ x + x @ adjoint(a) - q,
    lambda n, x, a, q: _continuous_lyapunov(a, n),
    lambda ct, x, a, q: _continuous_lyapunov(a.mT, ct),
    name="solve_continuous_lyapunov",
)


def solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    """The solution x of Lyapunov's equation ``a @ x + x @ a^H = q``.

    Equals :func:`scipy.linalg.solve_continuous_lyapunov`, but for a mixture of real and complex
    matrices, where SciPy's answer is wrong: there both are made complex.  The derivative solves
    ``a dx + dx a^H = dq - da x - x da^H`` (Kao and Hennequin 2020), at the cost of one more
    solution.

    Parameters
    ----------
    a, q : array, shape (n, n)

    Returns
    -------
    array, shape (n, n)

    Raises
    ------
    ValueError
        Where a or q is not square, or their shapes differ.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import solve_continuous_lyapunov
    >>> dr.grad(lambda a: solve_continuous_lyapunov(a, np.eye(2))[0, 0])(np.diag([1.0, 2.0]))
    array([[-0.5,  0. ],
           [ 0. ,  0. ]])
    """
    return _continuous_lyapunov(*same_dtype(as_operand(a), as_operand(q)))


#: SciPy's other name of it.
solve_lyapunov = solve_continuous_lyapunov

_discrete_lyapunov: Callable = equation(
    lambda a, q, method=None: sla.solve_discrete_lyapunov(a, q, method),
    lambda x, a, q: x - a @ x @ adjoint(a) - q,
    lambda n, x, a, q, method=None: _discrete_lyapunov(a, n, method=method),
    lambda ct, x, a, q, method=None: _discrete_lyapunov(a.mT, ct, method=method),
    name="solve_discrete_lyapunov",
)


def solve_discrete_lyapunov(a: Any, q: Any, method: str | None = None) -> Any:
    """The solution x of the discrete Lyapunov equation ``a @ x @ a^H - x + q = 0``.

    Equals :func:`scipy.linalg.solve_discrete_lyapunov`.  The derivative solves ``a dx a^H - dx +
    dq + da x a^H + a x da^H = 0`` (Kao and Hennequin 2020), at the cost of one more
    solution.

    Parameters
    ----------
    a, q : array, shape (n, n)
    method : {"direct", "bilinear"}, optional
        As in SciPy.

    Returns
    -------
    array, shape (n, n)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import solve_discrete_lyapunov
    >>> float(dr.grad(lambda q: solve_discrete_lyapunov([[0.5]], q)[0, 0])(np.ones((1, 1)))[0, 0])
    1.3333333333333333
    """
    a, q = as_operand(a), as_operand(q)
    _check_matrices(a, q)
    return _discrete_lyapunov(*same_dtype(a, q), method=method)


# --------------------------------------------------------------------------------------- Riccati
# Kao and Hennequin (2020); with e and s by the same theorem.  The perturbation of the solution
# satisfies a Lyapunov equation of the closed loop, and is Hermitian as the solution is.


def _continuous_residual(x, a, b, q, r, e, s):
    """A^H X E + E^H X A - W^H R^-1 W + Q, W = B^H X E + S^H."""
    ahead = adjoint(a) @ (x if e is None else x @ e)
    inputs = _continuous_inputs(x, b, e, s)
    return ahead + adjoint(ahead) - adjoint(inputs) @ np.linalg.solve(r, inputs) + q


def _continuous_inputs(x, b, e, s):
    inputs = adjoint(b) @ x
    inputs = inputs if e is None else inputs @ e
    return inputs if s is None else inputs + adjoint(s)


def _continuous_loop(x, a, b, r, e, s):
    """The closed loop A - B R^-1 W."""
    return a - b @ np.linalg.solve(r, _continuous_inputs(x, b, e, s))


def _by_closed_loop(loop_of, lyapunov):
    """The solution of the linear equation of a perturbation, and its transpose."""

    def linear(n, x, a, b, q, r, e, s, balanced=True):
        """T with M^H T E + E^H T M = N, discrete E^H T E - M^H T M = N, M the closed loop."""
        loop, n = loop_of(x, a, b, r, e, s), hermitian_part(n)
        if e is not None:
            loop, n = _from_right(loop, e), _from_both(n, e)
        return lyapunov(adjoint(loop), n)

    def transposed(ct, x, a, b, q, r, e, s, balanced=True):
        """conj(U) with M U E^H + E U M^H = conj(ct), discrete E U E^H - M U M^H = conj(ct)."""
        loop, ct = loop_of(x, a, b, r, e, s), hermitian_part(ct.conj())
        if e is not None:
            loop, ct = np.linalg.solve(e, loop), _from_both(ct, adjoint(e))
        return lyapunov(loop, ct).conj()

    return linear, transposed


def _from_right(x, e):
    """X E^-1."""
    return np.linalg.solve(e.mT, x.mT).mT


def _from_both(x, e):
    """E^-H X E^-1."""
    return np.linalg.solve(adjoint(e), _from_right(x, e))


@twin(
    sla.solve_continuous_are,
    equation,
    _continuous_residual,
    *_by_closed_loop(_continuous_loop, _continuous_lyapunov),
    check=_check_matrices,
)
def solve_continuous_are(a, b, q, r, e, s):
    """The stabilizing solution x of the continuous algebraic Riccati equation.

    ``a^H x e + e^H x a - (e^H x b + s) r^-1 (b^H x e + s^H) + q = 0``.  Equals
    :func:`scipy.linalg.solve_continuous_are`.  The derivative solves the Lyapunov equation of the
    closed loop ``a - b r^-1 (b^H x e + s^H)`` (Kao and Hennequin 2020), which costs less
    than the solution itself.

    Parameters
    ----------
    a, q : array, shape (n, n)
    b : array, shape (n, m)
    r : array, shape (m, m)
    e : array, shape (n, n), optional
    s : array, shape (n, m), optional
    balanced : bool
        As in SciPy.

    Returns
    -------
    array, shape (n, n)

    Raises
    ------
    LinAlgError
        Where there is no stabilizing solution.
    ValueError
        Where q or r is not Hermitian.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import solve_continuous_are
    >>> one = np.ones((1, 1))
    >>> dr.grad(lambda q: solve_continuous_are(0 * one, one, q, one)[0, 0])(4 * one)
    array([[0.25]])
    """


def _discrete_residual(x, a, b, q, r, e, s):
    """A^H X A - E^H X E - W^H (R + B^H X B)^-1 W + Q, W = B^H X A + S^H."""
    inputs = _discrete_inputs(x, a, b, s)
    spent = adjoint(inputs) @ np.linalg.solve(r + adjoint(b) @ x @ b, inputs)
    return adjoint(a) @ x @ a - (x if e is None else adjoint(e) @ x @ e) - spent + q


def _discrete_inputs(x, a, b, s):
    inputs = adjoint(b) @ x @ a
    return inputs if s is None else inputs + adjoint(s)


def _discrete_loop(x, a, b, r, e, s):
    """The closed loop A - B (R + B^H X B)^-1 W."""
    return a - b @ np.linalg.solve(r + adjoint(b) @ x @ b, _discrete_inputs(x, a, b, s))


@twin(
    sla.solve_discrete_are,
    equation,
    _discrete_residual,
    *_by_closed_loop(_discrete_loop, lambda m, n: _discrete_lyapunov(m, -n)),
    check=_check_matrices,
)
def solve_discrete_are(a, b, q, r, e, s):
    """The stabilizing solution x of the discrete algebraic Riccati equation.

    ``a^H x a - e^H x e - (a^H x b + s) (r + b^H x b)^-1 (b^H x a + s^H) + q = 0``.  Equals
    :func:`scipy.linalg.solve_discrete_are`.  The derivative solves the discrete Lyapunov equation of
    the closed loop (Kao and Hennequin 2020), which costs less than the solution itself.  Arguments and
    errors are those of :func:`solve_continuous_are`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import solve_discrete_are
    >>> one = np.ones((1, 1))
    >>> dr.grad(lambda q: solve_discrete_are(0 * one, one, q, one)[0, 0])(4 * one)
    array([[1.]])
    """
