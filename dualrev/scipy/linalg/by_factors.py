"""Linear equations by given factors: lu_solve, cho_solve.

Must not know how the factors came about.
"""

import numpy as np
import scipy.linalg as sla

from dualrev.core.operands import as_operand, base_of
from dualrev.scipy.by_program import by_program
from dualrev.scipy.linalg.operands import equation_batch, of_columns
from dualrev.scipy.linalg.permutations import order_of, rows_of, undone
from dualrev.scipy.linalg.systems import solve_triangular
from dualrev.scipy.twin import twin

__all__ = ["cho_solve", "lu_solve"]


def _lu_program(lu, b, piv=None, trans=0, check_finite=True):
    order = order_of(piv, lu.shape[-1])
    given = {"check_finite": check_finite}
    unit = {"lower": True, "unit_diagonal": True, **given}

    def solved(columns):
        if trans == 0:
            ordered = rows_of(columns, order)
            return solve_triangular(lu, solve_triangular(lu, ordered, **unit), **given)
        x = solve_triangular(lu, columns, trans=trans, **given)
        return rows_of(solve_triangular(lu, x, trans=trans, **unit), undone(order))

    return of_columns(solved, b)


_lu_solution = by_program(
    lambda lu, b, piv=None, trans=0, check_finite=True: sla.lu_solve(
        (lu, piv), b, trans, False, check_finite
    ),
    _lu_program,
    batch=equation_batch,
    name="lu_solve",
)


@twin(sla.lu_solve)
def lu_solve(lu_and_piv, /, b, *, trans, check_finite):
    """The solution x of ``a @ x = b``, given the factors of a from ``lu_factor``.

    Equals :func:`scipy.linalg.lu_solve`.  The derivative is that of two triangular solutions
    (Giles 2008, section 2.2.3).

    Parameters
    ----------
    lu_and_piv : tuple
        Factors, shape (n, n), and pivots, shape (n,).
    b : array, shape (n,) or (n, k)
    trans, check_finite
        As in SciPy.
    overwrite_b
        Ignored.

    Returns
    -------
    array, of the shape of b

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import lu_factor, lu_solve
    >>> a = np.array([[2.0, 1.0], [1.0, 3.0]])
    >>> dr.grad(lambda a: lu_solve(lu_factor(a), [1.0, 1.0])[0])(a)
    array([[-0.24, -0.12],
           [ 0.08,  0.04]])
    """
    lu, piv = lu_and_piv
    return _lu_solution(as_operand(lu), b, piv=base_of(piv), trans=trans, check_finite=check_finite)


def _cholesky_program(c, b, lower=False, check_finite=True):
    first, second = (0, 2) if lower else (2, 0)
    given = {"lower": lower, "check_finite": check_finite}

    def solved(columns):
        x = solve_triangular(c, columns, trans=first, **given)
        return solve_triangular(c, x, trans=second, **given)

    return of_columns(solved, b)


_cholesky_solution = by_program(
    lambda c, b, lower=False, check_finite=True: sla.cho_solve((c, lower), b, False, check_finite),
    _cholesky_program,
    batch=equation_batch,
    name="cho_solve",
)


@twin(sla.cho_solve)
def cho_solve(c_and_lower, /, b, *, check_finite):
    """The solution x of ``a @ x = b``, given the factor of a from ``cho_factor``.

    Equals :func:`scipy.linalg.cho_solve`.  The derivative is that of two triangular solutions
    (Giles 2008, section 2.2.3); it is zero in the triangle that is not read.

    Parameters
    ----------
    c_and_lower : tuple
        The factor, shape (n, n), and whether it is the lower one.
    b : array, shape (n,) or (n, k)
    check_finite
        As in SciPy.
    overwrite_b
        Ignored.

    Returns
    -------
    array, of the shape of b

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import cho_factor, cho_solve
    >>> a = np.array([[2.0, 1.0], [1.0, 3.0]])
    >>> dr.grad(lambda b: cho_solve(cho_factor(a), b)[0])(np.ones(2))
    array([ 0.6, -0.2])
    """
    c, lower = c_and_lower
    return _cholesky_solution(
        as_operand(c), b, lower=bool(np.all(lower)), check_finite=check_finite
    )
