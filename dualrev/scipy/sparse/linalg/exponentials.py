"""The exponential of a sparse matrix times a vector: expm_multiply.

Must not know linear equations.
"""

from typing import Any

import numpy as np
import scipy.sparse.linalg as sparse_linalg

from dualrev.core.traced import is_traced
from dualrev.core.words import linear
from dualrev.errors import ArgumentError, no_rule
from dualrev.known import valued
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.twin import twin

__all__ = ["expm_multiply"]

_action: Any = linear(
    lambda B, A, traceA: sparse_linalg.expm_multiply(A, B, traceA=traceA),
    lambda ct, B, A, traceA: _action(ct, A=A.T, traceA=traceA),
    name="expm_multiply",
)


def _actions_transpose(ct, B, A, traceA, grid):
    """sum_k exp(t_k A^T) ct_k"""
    traces = [None if traceA is None else t * traceA for t in np.linspace(**grid)]
    return sum(
        _action(c, A=t * A.T, traceA=trace) for t, c, trace in zip(np.linspace(**grid), ct, traces)
    )


_actions = linear(
    lambda B, A, traceA, grid: sparse_linalg.expm_multiply(A, B, **grid, traceA=traceA),
    _actions_transpose,
    name="expm_multiply",
)


# Al-Mohy and Higham (2011), "Computing the action of the matrix exponential", section 3: steps so short
# that the Taylor polynomial of one is exact to rounding.  By the matrix and by times, the derivative is
# that of these products.
_LONGEST, _TERMS = 2.0, 27  # 2^27 / 27! is 1e-20


def _advanced(A, b, time):
    """exp(t A) b, for small t A in one step, for others in several."""
    steps = max(1, int(np.ceil(_norm(A) * abs(numbers_under(time)) / _LONGEST)))
    step = time / steps
    for _ in range(steps):
        term = b
        for k in range(1, _TERMS):
            term = (A @ term) * (step / k)
            b = b + term
    return b


def _norm(A):
    return float(np.max(np.abs(numbers_under(A)).sum(0), initial=0))


@each_row
def _by_products(A, B, traceA, grid):
    """SciPy's answer, with the derivatives of the Taylor polynomials."""
    if isinstance(A, sparse_linalg.LinearOperator):
        raise no_rule("expm_multiply of a LinearOperator by a time", "give it as a matrix")
    a, b, trace, numbers = numbers_under((A, B, traceA, grid))
    value = sparse_linalg.expm_multiply(a, b, traceA=trace, **numbers)
    if not grid:
        return valued(_advanced(A, B, 1.0), value)
    times = np.linspace(**grid)
    rows = [_advanced(A, B, times[0])]
    for before, after in zip(times[:-1], times[1:]):
        rows.append(_advanced(A, rows[-1], after - before))
    return valued(np.stack(rows), value)


@twin(sparse_linalg.expm_multiply)
def expm_multiply(A, start, stop, traceA, /, B, *, num, endpoint):
    """The product ``exp(A) B``, or ``exp(t A) B`` for times t on a grid.

    Equals :func:`scipy.sparse.linalg.expm_multiply`.

    Parameters
    ----------
    A : sparse matrix, array or LinearOperator, shape (n, n)
    B : array, shape (n,) or (n, k)
        Vector or matrix.
    start, stop : float, optional
        Ends of the grid.
    num, endpoint, traceA
        As in SciPy, constants.

    Returns
    -------
    array, shape (n,) or (n, k), after a first axis of times where a grid is given

    Raises
    ------
    MissingRuleError
        Where a derivative is taken by a time, and A is a LinearOperator.
    ArgumentError
        Where traceA is an array.

    Notes
    -----
    It is linear in B, with transpose ``exp(A^T)``.  Where A or a time is traced, the derivative is that
    of Taylor polynomials in steps of norm 2 (Al-Mohy and Higham 2011): about ``14 |t A|`` products,
    which reverse mode keeps.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse import diags_array
    >>> from dualrev.scipy.sparse.linalg import expm_multiply
    >>> dr.grad(lambda d: expm_multiply(diags_array(d), np.ones(2)).sum())(np.zeros(2)).round(12)
    array([1., 1.])
    """
    grid = {"start": start, "stop": stop, "num": num, "endpoint": endpoint}
    grid = {name: option for name, option in grid.items() if option is not None}
    if np.ndim(traceA):
        raise ArgumentError(
            f"traceA is the trace of A, a number; expm_multiply was given an array of shape "
            f"{np.shape(traceA)}.",
            fix="leave out traceA",
        )
    if is_traced(A, start, stop, traceA):
        return _by_products(A, B, traceA, grid)
    if not isinstance(A, sparse_linalg.LinearOperator):
        A = A.copy()  # the caller may write into it before the derivative is taken
    return _actions(B, A=A, traceA=traceA, grid=grid) if grid else _action(B, A=A, traceA=traceA)
