"""Linear equations with dense matrices: solve, inv, solve_triangular.

Must not know the rules of factorizations.

A matrix that is assumed symmetric, Hermitian or positive definite is read in one triangle, whose
elements count for both places.  What is not read, of a triangular, diagonal or tridiagonal one too,
has the derivative zero.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import scipy.linalg as sla

from dualrev.core.arrays import numbers_known
from dualrev.core.operands import base_of
from dualrev.core.words import rule
from dualrev.known import with_answer
from dualrev.rules.matrices import adjoint
from dualrev.rules.triangles import folded, mirrored
from dualrev.scipy.linalg.operands import (
    equation_batch,
    of_columns,
    scipys_stacks,
    solution_of,
    value_of,
)
from dualrev.scipy.twin import least_dimensions, twin

__all__ = ["inv", "solve", "solve_triangular"]

# ---------------------------------------------------------------------- what is read of a matrix

_ADJOINT = {"her", "hermitian", "pos", "positive definite"}
_SYMMETRIC = {"sym", "symmetric"}
_FLIPPED = {"upper triangular": "lower triangular", "lower triangular": "upper triangular"}
#: Where SciPy's own solver costs less than a factorization.
_SPARSE = {"diagonal", "tridiagonal", *_FLIPPED}


def _whole(a, structure, lower):
    """The matrix that SciPy makes of what it reads, a linear map."""
    if structure in _ADJOINT | _SYMMETRIC:
        return mirrored(a, lower=lower, conjugate=structure in _ADJOINT)
    if structure == "upper triangular":
        return np.triu(a)
    if structure == "lower triangular":
        return np.tril(a)
    if structure == "diagonal":
        return np.triu(np.tril(a))
    if structure == "tridiagonal":
        return np.triu(np.tril(a, 1), -1)
    return a


def _read(ct, structure, lower):
    """Its transpose: what is not read has none."""
    if structure in _ADJOINT | _SYMMETRIC:
        return folded(ct, lower=lower, conjugate=structure in _ADJOINT)
    return _whole(ct, structure, lower)


class _Coefficients:
    """How a matrix is solved by: it is factorized when a derivative first asks, then never again."""

    def __init__(self, a, structure, lower):
        if structure is None and a.ndim == 2 and numbers_known(a):
            below, above = sla.bandwidth(a) if a.size else (0, 0)
            if below == 0 or above == 0:
                structure = "upper triangular" if below == 0 else "lower triangular"
            elif below <= 1 and above <= 1:
                structure = "tridiagonal"
        self.structure, self.lower = structure, lower
        self.held = None, None  # a matrix, and its factors

    def solve(self, a, b, transposed):
        structure = self.structure
        if not a.size:
            return np.linalg.solve(a, b)  # which takes stacks of no matrices
        if structure in _SPARSE:
            if transposed:
                a, structure = a.mT, _FLIPPED.get(structure, structure)
            return sla.solve(a, b, assume_a=structure, check_finite=False)
        matrix, factors = self.held
        if matrix is not a and not np.array_equal(matrix, a):  # a program has another each time
            factors = sla.lu_factor(_whole(a, structure, self.lower), check_finite=False)
            self.held = np.copy(a), factors
        return sla.lu_solve(factors, b, trans=int(transposed), check_finite=False)


def _times(t, x, by, structure, transposed):
    t = _whole(t, structure, by.lower)
    return (t.mT if transposed else t) @ x


def _outer(y, x, by, structure, transposed):
    return _read(x @ y.mT if transposed else y @ x.mT, structure, by.lower)


_solution: Callable = solution_of(
    lambda a, b, by, structure, transposed: by.solve(a, b, transposed),
    _times,
    _outer,
    lambda a, ct, transposed, **options: _solution(a, ct, transposed=not transposed, **options),
    name="solve",
)


_value_of_solve = value_of(sla.solve, equation_batch)


@twin(sla.solve, check=least_dimensions(2, 1))
def solve(a, b, *, lower, check_finite, assume_a, transposed):
    """The solution x of ``a @ x = b``.

    Equals :func:`scipy.linalg.solve`.  The derivative is that of Giles (2008), section 2.2.3:
    ``dx = a^-1 (db - da x)``; with ``assume_a``, da is what SciPy reads: of "pos", "sym" and "her" one
    triangle, whose elements count for both places.

    Parameters
    ----------
    a : array, shape (..., n, n)
    b : array, shape (n,) or (..., n, k)
    lower, assume_a, transposed, check_finite
        As in SciPy.
    overwrite_a, overwrite_b
        Ignored: nothing is overwritten.

    Returns
    -------
    array, shape (..., n) or (..., n, k)

    Raises
    ------
    LinAlgError
        Where a is singular.

    Notes
    -----
    All derivatives together, of any order, cost one further factorization of a, and two triangular
    solutions each.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import solve
    >>> a = np.array([[2.0, 1.0], [1.0, 3.0]])
    >>> dr.grad(lambda b: solve(a, b, assume_a="pos")[0])(np.ones(2))
    array([ 0.6, -0.2])
    """
    how = {"lower": lower, "assume_a": assume_a, "transposed": transposed}
    value = _value_of_solve(a, b, check_finite=check_finite, **how)
    columns, value = (b[:, None], value[..., None]) if b.ndim == 1 else (b, value)
    x = with_answer(
        value,
        _solution,
        a,
        columns,
        by=_Coefficients(base_of(a), assume_a, lower),
        structure=assume_a,
        transposed=transposed,
    )
    return x[..., 0] if b.ndim == 1 else x


def _inverse_jvp(tangents, ans, a, assume_a=None, lower=False, **options):
    """d(A^-1) = -A^-1 dA A^-1 (Giles 2008, section 2.2.2)."""
    (t,) = tangents
    if assume_a == "diagonal":
        return _beside_diagonal(t, ans)
    return -(ans @ _whole(t, assume_a, lower) @ ans)


def _inverse_vjp(ct, wanted, ans, a, assume_a=None, lower=False, **options):
    """A* = -A^-T ct A^-T."""
    if assume_a == "diagonal":
        return (_beside_diagonal(ct, ans),)
    return (-_read(ans.mT @ ct @ ans.mT, assume_a, lower),)


def _beside_diagonal(t, ans):
    """SciPy inverts the diagonal in place, and what is beside it stays as it was."""
    return np.where(np.eye(t.shape[-1], dtype=bool), -(ans**2) * t, t)


@twin(sla.inv, rule, _inverse_jvp, _inverse_vjp, batch=scipys_stacks(2))
def inv(a):
    """The inverse of a matrix.

    Equals :func:`scipy.linalg.inv`; ``assume_a`` and ``lower`` need SciPy 1.17.  The derivative is
    ``-a^-1 da a^-1`` (Giles 2008, section 2.2.2), da being what ``assume_a`` makes SciPy read, and
    costs two products of matrices.

    Parameters
    ----------
    a : array, shape (..., n, n)
    check_finite, assume_a, lower
        As in SciPy.
    overwrite_a
        Ignored.

    Returns
    -------
    array, shape (..., n, n)

    Raises
    ------
    LinAlgError
        Where a is singular.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import inv
    >>> dr.grad(lambda a: inv(a)[0, 0])(2 * np.eye(2))
    array([[-0.25, -0.  ],
           [-0.  , -0.  ]])
    """


# ------------------------------------------------------------------------------------- triangles

_TRANS: dict[Any, int] = {"N": 0, "T": 1, "C": 2}


def _triangle(a, lower, unit_diagonal):
    return np.tril(a, -1 if unit_diagonal else 0) if lower else np.triu(a, int(unit_diagonal))


# A is op(a), op the transposition that trans asks for.


def _triangle_times(t, x, trans, **shape):
    t = _triangle(t, **shape)
    return (t if trans == 0 else t.mT if trans == 1 else adjoint(t)) @ x


def _triangle_outer(y, x, trans, **shape):
    outer = y @ x.mT if trans == 0 else x @ y.mT
    return _triangle(outer.conj() if trans == 2 else outer, **shape)


def _solve_back(a, ct, trans, **shape):
    if trans == 2:
        return _triangular(a, ct.conj(), trans=0, **shape).conj()
    return _triangular(a, ct, trans=1 - trans, **shape)


_triangular: Callable = solution_of(
    lambda a, b, trans, lower, unit_diagonal, check_finite=False: sla.solve_triangular(
        a, b, trans, lower, unit_diagonal, False, check_finite
    ),
    _triangle_times,
    _triangle_outer,
    _solve_back,
    name="solve_triangular",
)


@twin(sla.solve_triangular)
def solve_triangular(a, b, *, trans, **options):
    """The solution x of ``a @ x = b`` with a triangular matrix a.

    Equals :func:`scipy.linalg.solve_triangular`.  The derivative is ``dx = a^-1 (db - da x)``
    (Giles 2008, section 2.2.3), da being the triangle that is read; each costs one more solution.

    Parameters
    ----------
    a : array, shape (n, n)
    b : array, shape (n,) or (n, k)
    trans, lower, unit_diagonal, check_finite
        As in SciPy.
    overwrite_b
        Ignored.

    Returns
    -------
    array, of the shape of b

    Raises
    ------
    LinAlgError
        Where a is singular.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import solve_triangular
    >>> a = np.array([[2.0, 0.0], [1.0, 4.0]])
    >>> dr.grad(lambda a: solve_triangular(a, [2.0, 3.0], lower=True)[1])(a)
    array([[ 0.125,  0.   ],
           [-0.25 , -0.125]])
    """
    return of_columns(partial(_triangular, a, trans=_TRANS.get(trans, trans), **options), b)
