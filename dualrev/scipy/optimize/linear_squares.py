"""nnls and lsq_linear: least squares with linear residuals and bounds, with their derivatives.

Owns which bounds are active, exactly.  Must not know how derivatives are computed.

With the variables at their bounds held, the others are the solution of least squares without bounds,
which is differentiable where their columns are linearly independent.  That set of bounds stays the same
nearby where no other variable is at its bound, and no multiplier of an active bound, the derivative of
``|A x - b|^2 / 2`` by that variable, is 0 (Björck 1996, section 5.2).
"""

import numpy as np
from scipy import optimize
from scipy.optimize import OptimizeResult
from scipy.sparse.linalg import LinearOperator

from dualrev import errors
from dualrev.closures import traced_in, without_derivatives
from dualrev.core.operands import as_operand
from dualrev.core.traced import is_differentiated
from dualrev.implicit.inverses import SparseInverse, check_condition
from dualrev.known import valued
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.optimize.fields import without_derivative
from dualrev.scipy.searches import not_found
from dualrev.scipy.sparse.linalg import spsolve
from dualrev.scipy.sparse.traced import is_sparse
from dualrev.scipy.twin import like, twin

__all__ = ["lsq_linear", "nnls"]

#: Sets of active bounds that are tried.
_ROUNDS = 20
#: How far the exact solution may be from what a solver found, as a part of it.
_FAR = 1e-2
#: How much more than a bound of its rounding error a number is to be, so as not to be 0.
_ROUNDING = 1e2 * np.finfo(float).eps


@twin(optimize.nnls)
@each_row
def nnls(A, b, **options):
    """The x >= 0 that makes ``|A x - b|`` least, and that norm.

    Equals :func:`scipy.optimize.nnls`; differentiable in A and b.

    Parameters
    ----------
    A : array, shape (m, n)
    b : array, shape (m,)
    maxiter
        As in SciPy.

    Returns
    -------
    x : array, shape (n,)
    rnorm : float
        At 0 it has the derivative of :func:`numpy.linalg.norm` there.

    Raises
    ------
    SingularError
        When a derivative is asked of a solution that is not unique, or at which an element of x just
        becomes 0.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize import nnls
    >>> A = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> dr.jacobian(lambda b: nnls(A, b)[0])(np.array([2.0, 1.0, -1.0]))
    array([[0.5, 0.5, 0. ],
           [0. , 0. , 0. ]])
    """
    found, rnorm = optimize.nnls(*numbers_under((A, b)), **options)
    x = _solution("nnls", A, b, np.zeros(found.size), np.full(found.size, np.inf), found)
    return valued(x, found), valued(np.linalg.norm(A @ x - b), np.float64(rnorm))


@like(optimize.lsq_linear)
def lsq_linear(A, b, bounds=(-np.inf, np.inf), **options):
    """Least squares with linear residuals ``A x - b`` and bounds of x.

    Equals :func:`scipy.optimize.lsq_linear`; differentiable in A, b and the bounds.

    Parameters
    ----------
    A : array, sparse matrix or LinearOperator, shape (m, n)
        No derivative is taken by an operator, which is made an array of as many numbers.
    b : array, shape (m,)
    bounds : pair of arrays, or Bounds
    method, tol, lsq_solver, lsmr_tol, max_iter, verbose, lsmr_maxiter
        As in SciPy.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x``, ``fun`` and ``cost`` have derivatives: those at the exact solution, next to which SciPy
        stops.

    Raises
    ------
    SingularError
        When a derivative is asked of a solution that is not unique, or at which a bound just becomes
        active.
    NotConvergedError
        When one is asked of what is not near to the solution.

    Notes
    -----
    Derivatives cost a singular value decomposition of the columns of A whose variables are not at a
    bound; of a sparse A, two factorizations of its normal equations.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize import lsq_linear
    >>> A = np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 3.0]])
    >>> def slope(highest):
    ...     return lsq_linear(A, [1.0, 2.5, 2.0], bounds=([-9, -9], [highest, 9])).x[1]
    >>> dr.derivative(slope)(0.5).round(12)
    np.float64(-0.428571428571)
    """
    if isinstance(bounds, optimize.Bounds):
        bounds = bounds.lb, bounds.ub
    if not traced_in((A, b, bounds)):
        return optimize.lsq_linear(A, b, bounds, **options)
    if not (is_sparse(A) or isinstance(A, LinearOperator)):
        A = np.atleast_2d(as_operand(A))
    return _lsq_linear(A, np.atleast_1d(as_operand(b)), *map(as_operand, bounds), options)


@each_row
def _lsq_linear(A, b, lower, upper, options):
    given = A, b, lower, upper
    plain_A, plain_b, *bounds = numbers_under(given)
    found = optimize.lsq_linear(plain_A, plain_b, tuple(bounds), **options)
    if not any(map(is_differentiated, traced_in(given))):
        return found
    if not found.success:
        raise not_found("lsq_linear", found)
    if isinstance(A, LinearOperator):
        A = A @ np.eye(found.x.size)
    lower, upper = (np.broadcast_to(bound, found.x.shape) for bound in (lower, upper))
    x = _solution("lsq_linear", A, b, lower, upper, found.x, found.active_mask)
    fun = A @ x - b
    result = OptimizeResult(
        (name, without_derivative(field, x, name)) for name, field in found.items()
    )
    result.x, result.fun = valued(x, found.x), valued(fun, found.fun)
    result.cost = valued(0.5 * fun @ fun, np.float64(found.cost))
    return result


def _solution(name, A, b, lower, upper, near, side=None):
    """The exact solution, with its derivatives.

    Parameters
    ----------
    near : array, shape (n,)
        What a solver found.
    side : array of int, shape (n,)
        Which bounds are active there: -1 for lower, 1 for upper ones, else 0.  By default those that x
        is at.
    """
    A = A.tocsr() if is_sparse(A) else as_operand(A)
    plain = without_derivatives((A, b, lower, upper))
    if side is None:
        side = -(near <= lower).astype(int)
    for _ in range(_ROUNDS):
        x = _with_sides(*plain, side)
        revised, doubtful = _revised(*plain, x, side)
        if (revised == side).all():
            break
        side = revised
    if (revised != side).any() or np.linalg.norm(x - near) > _FAR * np.linalg.norm(near) + 1e-8:
        raise errors.NotConvergedError(
            f"{name} stopped where there is no minimum to differentiate.",
            fix='solve more exactly: method="bvls", or a smaller tol',
        )
    if doubtful.any():
        k = np.flatnonzero(doubtful)[0]
        raise errors.SingularError(
            f"{name} found a minimum at which the bound of x[{k}] just begins to act, or ceases to: "
            "there are only derivatives to each side.",
            fix=f"leave out column {k} of A, or change the data",
        )
    return _with_sides(A, b, lower, upper, side)


def _with_sides(A, b, lower, upper, side):
    """The solution with these bounds active."""
    free, low, high = (np.flatnonzero(side == k) for k in (0, -1, 1))
    held = np.concatenate([lower[low], upper[high]])
    at_bounds = np.concatenate([low, high])
    if at_bounds.size:
        b = b - A[:, at_bounds] @ held
    order = np.argsort(np.concatenate([free, at_bounds]))
    return np.concatenate([_unbounded(A[:, free], b), held])[order]


def _unbounded(A, b):
    """The least-squares solution, where the columns of A are linearly independent."""
    n = A.shape[1]
    if not n:
        return np.zeros(0)
    if not is_sparse(A):
        sizes = np.abs(without_derivatives(A)).max(axis=0)
        scale = np.ldexp(1.0, -np.frexp(np.where(sizes > 0, sizes, 1.0))[1])
        x, _, rank, singular = np.linalg.lstsq(A * scale, b)
        if rank < n:
            raise _not_unique()
        check_condition(without_derivatives(singular)[-1] / without_derivatives(singular)[0])
        return x * scale
    A = A.tocsc()
    normal = (A.T @ A).tocsc()
    try:
        SparseInverse(without_derivatives(normal))
    except errors.SingularError:
        raise _not_unique() from None
    x = spsolve(normal, A.T @ b)
    return x + spsolve(normal, A.T @ (b - A @ x))  # the digits that the squares have lost


def _revised(A, b, lower, upper, x, side):
    """The sides that a solution on plain numbers asks for, and where it cannot tell."""
    slope = A.T @ (A @ x - b)
    size = abs(A).T @ (abs(A) @ np.abs(x) + np.abs(b))
    push = -side * slope  # of an active bound against x, as it has to be
    columns = np.sqrt(
        np.asarray(abs(A).power(2).sum(axis=0) if hasattr(A, "power") else (A**2).sum(0))
    )
    largest = np.max(columns * np.abs(x), initial=np.linalg.norm(b))
    noise = _ROUNDING * largest / np.where(columns > 0, columns, 1.0)
    noise = noise + _ROUNDING * np.abs(x)
    below, above = x - lower, upper - x
    free = side == 0
    revised = np.where(free & (below < -noise), -1, np.where(free & (above < -noise), 1, side))
    revised[~free & (push < -_ROUNDING * size)] = 0
    doubtful = ~free & (push <= _ROUNDING * size) | free & (np.minimum(below, above) <= noise)
    return revised, doubtful


def _not_unique():
    return errors.SingularError(
        "The columns of A whose variables are at no bound are linearly dependent: the solution is not "
        "unique, and has no derivative.",
        fix="leave out columns that follow from others",
    )
