"""linprog, with the derivatives of its solution, value and marginals; and linear_sum_assignment.

Owns which constraints are active at a vertex, and when they stay so.  Must not know how derivatives are
computed.

At a vertex that is the only solution, the active constraints, as many as there are variables, determine
x, ``K x = h``, and their multipliers, which SciPy calls marginals, ``K^T y = c``.  They stay the active
ones nearby where no multiplier of an inequality is 0 and no other constraint is met with equality
(Bertsimas and Tsitsiklis 1997, section 5.1).  Where another is met, x is the solution for all c nearby
all the same, but not for all constraints nearby.
"""

import numpy as np
import scipy.linalg
import scipy.sparse
from scipy import optimize
from scipy.optimize import OptimizeResult

import dualrev.scipy.sparse
from dualrev import errors
from dualrev.closures import traced_in, without_derivatives
from dualrev.core.binding import constant_of
from dualrev.core.operands import as_operand
from dualrev.core.traced import Traced, is_differentiated
from dualrev.implicit.inverses import DenseInverse, SparseInverse
from dualrev.known import valued
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.optimize.fields import without_derivative
from dualrev.scipy.searches import not_found
from dualrev.scipy.sparse.linalg import spsolve
from dualrev.scipy.sparse.traced import is_sparse
from dualrev.scipy.twin import like

__all__ = ["linear_sum_assignment", "linprog"]

#: As a part of what its terms are, the part of a number that counts as 0: of slacks and multipliers,
#: which HiGHS gives exactly but for rounding.
_ZERO = 1e-9
#: How near the vertex is to what HiGHS answers.
_SAME = 1e-6


@like(optimize.linprog)
def linprog(c, A_ub=None, b_ub=None, A_eq=None, b_eq=None, bounds=(0, None), **options):
    """The x that makes ``c @ x`` least, where ``A_ub x <= b_ub``, ``A_eq x = b_eq`` and between bounds.

    Equals :func:`scipy.optimize.linprog`; differentiable in all of these.

    Parameters
    ----------
    c : array, shape (n,)
    A_ub, A_eq : array or sparse matrix, shape (m, n), optional
    b_ub, b_eq : array, shape (m,), optional
    bounds : pair of numbers, or sequence of n pairs, optional
        None for no bound.
    method, callback, options, x0, integrality
        As in SciPy.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x``, ``fun``, ``slack``, ``con``, and the residuals and marginals of ``ineqlin``, ``eqlin``,
        ``lower`` and ``upper`` have derivatives.

    Raises
    ------
    SingularError
        When a derivative is asked of a solution that is not unique; or one by the constraints where more
        of them meet than there are variables.  By c alone x has the derivative 0 there, and marginals,
        which are not unique, nan.
    NotConvergedError
        When one is asked of a problem that is infeasible or unbounded.
    MissingRuleError
        When one is asked of a problem with ``integrality``.

    Notes
    -----
    x does not change with c, but jumps from vertex to vertex: its derivative by c is 0, and that of
    ``fun`` is x.  The derivative of ``fun`` by ``b_ub`` is the marginals.  Costs two solutions of
    linear equations in the variables that are not at a bound, sparse ones where a matrix is sparse.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize import linprog
    >>> def profit(hours):
    ...     return -linprog([-3.0, -5.0], [[1.0, 0.0], [0.0, 2.0], [3.0, 2.0]], hours).fun
    >>> dr.grad(profit)(np.array([4.0, 12.0, 18.0]))
    array([0. , 1.5, 1. ])
    """
    given = c, A_ub, b_ub, A_eq, b_eq, bounds
    if not traced_in(given):
        return optimize.linprog(*given, **options)
    return _linprog(*given, options)


@each_row
def _linprog(c, A_ub, b_ub, A_eq, b_eq, bounds, options):
    given = c, A_ub, b_ub, A_eq, b_eq, bounds
    found = optimize.linprog(*numbers_under(given), **options)
    if not any(map(is_differentiated, traced_in(given))):
        return found
    if not found.success:
        raise not_found("linprog", found)
    if options.get("integrality") is not None and np.any(options["integrality"]):
        raise errors.MissingRuleError(
            "linprog with integrality has no derivative rule.",
            fix="hold the whole numbers constant: give them as bounds, and leave out integrality",
        )
    n = found.x.size
    problem = _Problem(
        np.reshape(as_operand(c), -1),
        (_matrix(A_eq, n), _numbers(b_eq)),
        (_matrix(A_ub, n), _numbers(b_ub)),
        _limits(bounds, n),
    )
    return problem.result(found)


def _matrix(A, n):
    if A is None:
        return np.zeros((0, n))
    if is_sparse(A):
        return A.tocsr()
    return np.reshape(as_operand(A), (-1, n))


def _numbers(b):
    return np.zeros(0) if b is None else np.reshape(as_operand(b), -1)


def _limits(bounds, n):
    """Lower and upper bounds, each of shape (n,)."""
    if bounds is None or len(bounds) == 0:
        bounds = 0, None
    if isinstance(bounds, np.ndarray | Traced):
        pairs = list(np.reshape(bounds, (-1, 2)))
    else:
        pairs = [bounds] if all(x is None or np.ndim(x) == 0 for x in bounds) else list(bounds)
    if len(pairs) == 1:
        pairs = pairs * n
    return tuple(
        np.stack([_limit(pair[k], missing) for pair in pairs])
        for k, missing in enumerate((-np.inf, np.inf))
    )


def _limit(x, missing):
    if x is None:
        return np.float64(missing)
    x = as_operand(x) * 1.0
    return x if isinstance(x, Traced) or not np.isnan(x) else np.float64(missing)


class _Problem:
    """A linear program, with all that is traced of it.

    Parameters
    ----------
    c : array, shape (n,)
    equal, less : pair
        A matrix and the right-hand side, of equations and of inequalities.
    limits : pair of array, shape (n,)
        Lower and upper bounds.
    """

    def __init__(self, c, equal, less, limits):
        self.c, self.equal, self.less, self.limits = c, equal, less, limits

    def result(self, found):
        """SciPy's result, with its derivatives."""
        given = self.c, self.equal, self.less, self.limits
        plain = _Problem(*numbers_under(given))
        active = _Active(plain, found)
        constraints = any(map(is_differentiated, traced_in(given[1:])))
        if active.more and constraints:
            raise errors.SingularError(
                "linprog found a vertex at which more constraints meet than there are variables: "
                f"{active.more}.  There are only derivatives to each side by the constraints.",
                fix="leave out constraints that follow from others, or move one of those that meet",
            )
        (A_eq, b_eq), (A_ub, b_ub), (lower, upper) = self.equal, self.less, self.limits
        rows = _stacked(A_eq, active.equal, A_ub, active.less)
        x, free_marginals, marginals_of_bounds = self._solved(active, rows)
        if not np.allclose(without_derivatives(x), found.x, rtol=_SAME, atol=_SAME):
            raise _not_unique()
        fun = self.c @ x
        result = OptimizeResult(
            (name, field if isinstance(field, dict) else without_derivative(field, fun, name))
            for name, field in found.items()
        )
        result.x, result.fun = valued(x, found.x), valued(fun, np.float64(found.fun))
        result.slack = valued(b_ub - A_ub @ x, found.slack)
        result.con = valued(b_eq - A_eq @ x, found.con)
        count = active.equal.size
        marginals = {
            "eqlin": _placed(free_marginals[:count], active.equal, b_eq.size),
            "ineqlin": _placed(free_marginals[count:], active.less, b_ub.size),
            "lower": _placed(marginals_of_bounds[: active.low.size], active.low, x.size),
            "upper": _placed(marginals_of_bounds[active.low.size :], active.high, x.size),
        }
        residuals = {
            "eqlin": result.con,
            "ineqlin": result.slack,
            "lower": x - lower,
            "upper": upper - x,
        }
        for name, marginal in marginals.items():
            of = found[name]
            result[name] = OptimizeResult(
                residual=valued(residuals[name], of.residual),
                marginals=without_derivative(of.marginals, fun, "marginals")
                if active.more
                else valued(marginal, of.marginals),
            )
        return result

    def _solved(self, active, rows):
        """x, and the multipliers of the rows and of the active bounds."""
        lower, upper = self.limits
        free, at_bounds = active.free, np.concatenate([active.low, active.high])
        held = np.concatenate([lower[active.low], upper[active.high]])
        h = np.concatenate([self.equal[1][active.equal], self.less[1][active.less]])
        K = rows[:, free]
        if not free.size:
            y = x = np.zeros(0)
        elif is_sparse(K):
            K = K.tocsc()
            x = spsolve(K, h - rows[:, at_bounds] @ held)
            y = spsolve(K.T.tocsc(), self.c[free])
        else:
            x = np.linalg.solve(K, h - rows[:, at_bounds] @ held)
            y = np.linalg.solve(K.T, self.c[free])
        z = self.c[at_bounds] - rows[:, at_bounds].T @ y
        order = np.argsort(np.concatenate([free, at_bounds]))
        return np.concatenate([x, held])[order], y, z


def _stacked(A_eq, equal, A_ub, less):
    """The active rows."""
    parts = [A_eq[equal], A_ub[less]]
    if not any(map(is_sparse, parts)):
        return np.concatenate(parts)
    parts = [A for A in parts if A.shape[0]] or parts[:1]
    return dualrev.scipy.sparse.vstack(parts).tocsr()


def _placed(values, places, size):
    """An array of zeros with values in these places."""
    others = np.setdiff1d(np.arange(size), places)
    order = np.argsort(np.concatenate([places, others]))
    return np.concatenate([values, np.zeros(others.size)])[order]


class _Active:
    """The constraints that determine the solution of a program of plain numbers.

    Attributes
    ----------
    low, high, free : array of int
        Variables at their lower and upper bounds, and the others.
    equal, less : array of int
        Rows of equations and of inequalities, as many as there are free variables.
    more : str
        What holds with equality besides; empty where there is nothing.
    """

    def __init__(self, problem, found):
        (A_eq, b_eq), (A_ub, b_ub), (lower, upper) = problem.equal, problem.less, problem.limits
        x, c = found.x, problem.c
        least = _ZERO * np.abs(c).max(initial=0)
        fixed = lower == upper
        below, above = found.lower.marginals, found.upper.marginals
        presses = np.where(fixed, 1.0, np.maximum(below, -above)) > least
        up = presses & (-above > below)
        self.low, self.high = np.flatnonzero(presses & ~up), np.flatnonzero(up)
        self.free = np.flatnonzero(~presses)
        size = abs(A_ub) @ np.abs(x) + np.abs(b_ub)
        met = found.slack <= _ZERO * size
        largest = _largest(A_ub)
        pressing = met & (np.abs(found.ineqlin.marginals) * largest > least)
        self.less = np.flatnonzero(pressing)
        self.equal = np.arange(b_eq.size)
        more = []
        rows = _stacked(A_eq, self.equal, A_ub, self.less)[:, self.free]
        if rows.shape[0] > self.free.size:
            more.append(f"{rows.shape[0]} rows for {self.free.size} variables that are at no bound")
            chosen = _independent(rows)
            self.equal, others = np.split(chosen, [np.searchsorted(chosen, b_eq.size)])
            self.less = self.less[others - b_eq.size]
            rows = rows[chosen]
        at_bound = np.minimum(x - lower, upper - x) <= _ZERO * np.abs(x).max(initial=0)
        more += [f"the bound of x[{k}]" for k in np.flatnonzero(at_bound & ~presses)[:1]]
        more += [f"row {k} of A_ub" for k in np.flatnonzero(met & ~pressing)[:1]]
        self.more = " and ".join(more)
        if rows.shape[0] != self.free.size:
            raise _not_unique()
        try:
            if self.free.size:
                (SparseInverse if scipy.sparse.issparse(rows) else DenseInverse)(rows)
        except errors.SingularError:
            raise _not_unique() from None


def _largest(A):
    """The largest element of each row."""
    largest = abs(A).max(axis=1, **({} if scipy.sparse.issparse(A) else {"initial": 0}))
    return np.reshape(largest.toarray() if scipy.sparse.issparse(largest) else largest, -1)


def _independent(A):
    """As many rows of a matrix as are linearly independent."""
    A = A.toarray() if scipy.sparse.issparse(A) else A
    if not A.size:
        return np.arange(0)
    _, R, order = scipy.linalg.qr(A.T, mode="economic", pivoting=True)
    sizes = np.abs(np.diagonal(R))
    return np.sort(order[: np.count_nonzero(sizes > 1e-12 * sizes[0])])


def _not_unique():
    return errors.SingularError(
        "linprog found a solution that may not be the only one: fewer constraints press on it than "
        "there are variables.",
        fix="move c a little, so that one vertex is the best",
    )


def linear_sum_assignment(cost_matrix, maximize=False):
    """Rows and columns that are assigned to each other at the least cost.

    Equals :func:`scipy.optimize.linear_sum_assignment`.  The indices are constants; the cost is
    differentiable: ``cost_matrix[rows, columns].sum()``.

    Parameters
    ----------
    cost_matrix : array, shape (m, n)
    maximize : bool

    Returns
    -------
    rows, columns : array of int, shape (min(m, n),)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize import linear_sum_assignment
    >>> dr.grad(lambda C: C[linear_sum_assignment(C)].sum())(np.array([[4.0, 1.0], [2.0, 3.0]]))
    array([[0., 1.],
           [1., 0.]])
    """
    return constant_of(optimize.linear_sum_assignment, (as_operand(cost_matrix), maximize))
