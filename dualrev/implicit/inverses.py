"""Inverses of Jacobians, of plain numbers, by factors that are kept for all derivatives.

Owns what is singular, what badly conditioned, and what no minimum.  Must not know what the matrices
are of.
"""

import math
import warnings
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.core.arrays import anywhere
from dualrev.core.operands import under_all
from dualrev.core.traced import Holder, Traced, is_differentiated
from dualrev.core.words import linear
from dualrev.insides.lines import user_place
from dualrev.known import with_answer
from dualrev.ways import stacked
from dualrev.witness import Marked

__all__ = [
    "DenseInverse",
    "Inverse",
    "InverseInRows",
    "InverseOfOne",
    "InverseOfRows",
    "SparseInverse",
]

#: Reciprocal condition numbers, of the matrix with rows and columns of one size, below which half of
#: the digits, and all of them, are lost.
_BAD, _SINGULAR = 1e-10, 4e-16


class Inverse(Marked):
    """The inverse of one matrix of plain numbers."""

    #: A run that computes the same residual has the same inverse.
    mark = 0

    def solve(self, b: Any, transposed: bool) -> Any:
        """The solutions for right-hand sides of shape (..., n), of plain numbers."""
        raise NotImplementedError

    def times(self, b: Any) -> Any:
        """The solution for a residual of shape (n,); of one that is traced its derivatives.

        The numbers of that one are what a solver has left, and those of the answer are 0: no system is
        solved but for derivatives.
        """
        if not is_differentiated(b):
            return _product(b, by=self, transposed=False)
        return with_answer(np.zeros(b.shape, b.dtype), _product, b, by=self, transposed=False)


_product: Any = linear(
    lambda b, by, transposed: by.solve(b, transposed),
    lambda ct, b, by, transposed: _product(ct, by=by, transposed=not transposed),
    batch=stacked(1),
    name="linear_solve",
)


class InverseOfOne(Inverse):
    """The inverse of a matrix of double precision, real or complex.

    Attributes
    ----------
    dtype : dtype
    """

    dtype: np.dtype

    def solve(self, b, transposed):
        rows = b.reshape(math.prod(b.shape[:-1]), b.shape[-1])
        is_complex = self.dtype.kind == "c"
        if rows.dtype.kind == "c" and not is_complex:
            real, imag = (self._solved(part.copy(), transposed) for part in (rows.real, rows.imag))
            solved = real + 1j * imag
        else:
            solved = self._solved(rows.astype(self.dtype, copy=False), transposed)
        dtype = np.result_type(b.dtype, np.complex64 if is_complex else np.float16)
        return solved.reshape(b.shape).astype(dtype, copy=False)

    def _solved(self, rows, transposed):
        """The solutions for right-hand sides of shape (k, n)."""
        raise NotImplementedError


class _Factored(InverseOfOne):
    """An inverse by the LU factors of the matrix.

    Rows and columns are scaled by powers of 2 to one size first: units of the unknowns and of the
    equations say nothing about the digits of a solution.
    """

    _rows: np.ndarray
    _columns: np.ndarray

    def _solved(self, rows, transposed):
        before, after = (self._columns, self._rows) if transposed else (self._rows, self._columns)
        return np.ascontiguousarray(self._by_factors((rows * before).T, transposed).T) * after

    def _by_factors(self, columns, transposed):
        """The solutions, side by side, of the scaled equations."""
        raise NotImplementedError


class DenseInverse(_Factored):
    """The inverse of an array.

    Parameters
    ----------
    matrix : array, shape (n, n)
    definite : bool
        Whether it has to be positive definite, as at a minimum.
    """

    def __init__(self, matrix, definite=False):
        from scipy.linalg import lapack  # 30 ms, which `import dualrev` does not wait for

        _check_finite(matrix)
        is_complex = matrix.dtype.kind == "c"
        self.dtype = np.dtype(complex if is_complex else float)
        self._rows = _powers(np.abs(matrix).max(axis=1, initial=0))
        scaled = matrix * self._rows[:, None]
        self._columns = _powers(np.abs(scaled).max(axis=0, initial=0))
        scaled = scaled * self._columns
        factor, condition, self._substitute = (
            (lapack.zgetrf, lapack.zgecon, lapack.zgetrs)
            if is_complex
            else (lapack.dgetrf, lapack.dgecon, lapack.dgetrs)
        )
        if not len(scaled):
            return
        norm = np.abs(scaled).sum(axis=0).max()
        self._lu, self._pivots, info = factor(scaled)
        check_condition(0.0 if info else condition(self._lu, norm)[0])
        if definite:
            sizes = np.diagonal(matrix)
            if not (sizes > 0).all() or lapack.dpotrf(matrix / np.sqrt(np.outer(sizes, sizes)))[1]:
                raise no_minimum()

    def _by_factors(self, columns, transposed):
        if not columns.size:
            return columns
        return self._substitute(self._lu, self._pivots, columns, trans=int(transposed))[0]


class SparseInverse(_Factored):
    """The inverse of a sparse matrix, by SuperLU.

    Parameters
    ----------
    matrix : sparse array, shape (n, n)
    definite : bool
        Whether it has to be positive definite, as at a minimum.
    """

    def __init__(self, matrix, definite=False):
        from scipy.sparse import diags_array
        from scipy.sparse.linalg import LinearOperator, onenormest, splu

        _check_finite(matrix.data)
        self.dtype = np.dtype(complex if matrix.dtype.kind == "c" else float)
        self._rows = _powers(abs(matrix).max(axis=1).toarray().reshape(-1))
        scaled = diags_array(self._rows) @ matrix
        if definite:  # scaled alike, it stays symmetric
            self._rows = np.sqrt(self._rows)
            self._columns = self._rows
            scaled = diags_array(self._rows) @ matrix
        else:
            self._columns = _powers(abs(scaled).max(axis=0).toarray().reshape(-1))
        scaled = (scaled @ diags_array(self._columns)).tocsc()
        # With pivots from the diagonal alone U has the signs of the eigenvalues there (Sylvester).
        symmetric = {"diag_pivot_thresh": 0.0, "options": {"SymmetricMode": True}}
        try:
            self._lu = splu(scaled, **(symmetric if definite else {}))
        except RuntimeError:  # "Factor is exactly singular"
            check_condition(0.0)
        apply = LinearOperator(
            scaled.shape,
            matvec=lambda b: self._lu.solve(b.reshape(-1)),
            rmatvec=lambda b: self._lu.solve(b.reshape(-1), "H"),
            dtype=self.dtype,
        )
        check_condition(1 / (onenormest(apply) * abs(scaled).sum(axis=0).max()))
        if definite:
            pivoted = (self._lu.perm_r != self._lu.perm_c).any()
            if pivoted or not (self._lu.U.diagonal() > 0).all():
                raise no_minimum()

    def _by_factors(self, columns, transposed):
        return self._lu.solve(np.ascontiguousarray(columns), "T" if transposed else "N")


class InverseOfRows(Inverse, Holder):
    """An inverse for each row of a batch, of any kind.

    Parameters
    ----------
    inverses : list of Inverse
    data : batch
        The number of each row.
    """

    def __init__(self, inverses, data):
        self._inverses, self.data = inverses, data

    def over(self, data):
        """That of one row, or of several, as a batch holds them."""
        if isinstance(data, Traced):
            return InverseOfRows(self._inverses, data)
        return self._inverses[int(data)]

    def times(self, b):
        return _product(b, by=self, transposed=False)


class InverseInRows(Inverse):
    """The inverses of the matrices of all rows of a batch, or of one that a program computes.

    Not by factors, which are no arrays: nothing that is computed with arrays knows them.

    Parameters
    ----------
    matrix : traced array, shape (n, n)
        Under all derivatives.
    definite : bool
        Whether it has to be positive definite, as at a minimum.
    """

    def __init__(self, matrix, definite=False):
        rows = _sizes(np.abs(matrix).max(axis=1, initial=0))
        scaled = matrix / rows[:, None]
        columns = _sizes(np.abs(scaled).max(axis=0, initial=0))
        scaled = scaled / columns
        try:
            inverse = np.linalg.inv(scaled)
        except np.linalg.LinAlgError:
            check_condition(0.0)
        check_condition(1 / (_norm(scaled) * _norm(inverse)))
        if definite:
            sizes = np.sqrt(np.abs(np.diagonal(matrix)))
            if anywhere(np.linalg.eigvalsh(matrix / sizes[:, None] / sizes)[0] <= 0):
                raise no_minimum()
        self._matrix = inverse / columns[:, None] / rows

    def times(self, b):
        return self._matrix @ b


def _norm(matrix):
    return np.abs(matrix).sum(axis=0).max()


def _powers(sizes):
    """The powers of 2 by which these become about 1; 1 for 0."""
    return np.ldexp(1.0, -np.frexp(_sizes(sizes))[1])


def _sizes(sizes):
    return np.where(sizes > 0, sizes, 1.0)


def _check_finite(numbers):
    if not np.isfinite(numbers).all():
        raise errors.SingularError(
            "The Jacobian of the equations holds nan or inf at the solution: there is no derivative.",
            fix="leave out equations that have a pole or a kink there, as the square root at 0",
        )


def check_condition(reciprocal):
    """Raise where a matrix with this reciprocal condition number is singular; warn where nearly so."""
    if anywhere(np.logical_not(reciprocal > _SINGULAR)):  # nan, too
        least = _least(reciprocal)
        size = f"{1 / least:.1e}" if least > 0 else "infinite"
        raise errors.SingularError(
            "The Jacobian of the equations is singular at the solution (condition number "
            f"{size}): they do not determine it, and it has no derivative.",
            fix="leave out equations that say the same, and unknowns that none of them fixes; at a "
            "double root there is no derivative",
        )
    if anywhere(reciprocal < _BAD):
        warn_of_lost_digits(
            f"The Jacobian of the equations has the condition number {1 / _least(reciprocal):.1e} at "
            "the solution: as many digits of its derivatives are lost."
        )


def warn_of_lost_digits(text):
    """Give the warning, at the user's line."""
    warnings.warn_explicit(text, errors.ConditionWarning, *user_place())


def _least(numbers):
    """The least of all rows, as a plain number."""
    return float(np.min(under_all(numbers)))


def no_minimum():
    """The error for a stationary point of another kind."""
    return errors.NotConvergedError(
        "The gradient is 0 at the point that was given, but the Hessian is not positive definite: a "
        "saddle or a maximum is no minimum.",
        fix="start the search elsewhere; for a saddle that is meant: "
        "dualrev.implicit.root(dualrev.grad(f), x)",
    )
