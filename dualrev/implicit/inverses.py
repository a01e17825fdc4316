"""Inverses of Jacobians, of plain numbers, by factors that are kept for all derivatives.

Owns what is singular, and what badly conditioned.  Must not know what the matrices are of.
"""

import warnings

import numpy as np

from dualrev.core import errors
from dualrev.insides import user_place

__all__ = ["DenseInverse"]

#: Reciprocal condition numbers, of the matrix with rows and columns of one size, below which half of
#: the digits, and all of them, are lost.
_BAD, _SINGULAR = 1e-10, 4e-16


class DenseInverse:
    """The inverse of an array by its LU factors.

    Rows and columns are scaled by powers of 2 to one size first: units of the unknowns and of the
    equations say nothing about the digits of a solution.
    """

    def __init__(self, matrix):
        from scipy.linalg import lapack  # 30 ms, which `import dualrev` does not wait for

        with np.errstate(divide="ignore"):
            self._rows = _powers(np.abs(matrix).max(axis=1, initial=0))
            matrix = matrix * self._rows[:, None]
            self._columns = _powers(np.abs(matrix).max(axis=0, initial=0))
            matrix = matrix * self._columns
        norm = np.abs(matrix).sum(axis=0).max(initial=0)
        is_complex = matrix.dtype.kind == "c"
        factor, condition, self._solve = (
            (lapack.zgetrf, lapack.zgecon, lapack.zgetrs)
            if is_complex
            else (lapack.dgetrf, lapack.dgecon, lapack.dgetrs)
        )
        self._lu, self._pivots, info = factor(matrix)
        check_condition(0.0 if info else condition(self._lu, norm)[0])

    def solve(self, b, transposed):
        """The solutions for right-hand sides of shape (..., n)."""
        before, after = (self._columns, self._rows) if transposed else (self._rows, self._columns)
        columns = (b * before).reshape(-1, len(before)).T
        if columns.dtype.kind == "c" and self._lu.dtype.kind != "c":
            parts = (self._solved(part, transposed) for part in (columns.real, columns.imag))
            real, imag = parts
            solved = real + 1j * imag
        else:
            solved = self._solved(columns, transposed)
        return np.ascontiguousarray(solved.T).reshape(b.shape) * after

    def _solved(self, columns, transposed):
        return self._solve(self._lu, self._pivots, columns, trans=int(transposed))[0]


def _powers(sizes):
    """The powers of 2 by which these become about 1; 1 for 0 and what is not finite."""
    exponents = np.frexp(np.where(np.isfinite(sizes) & (sizes > 0), sizes, 1.0))[1]
    return np.ldexp(1.0, -exponents)


def check_condition(reciprocal):
    """Raise where a matrix with this reciprocal condition number is singular; warn where nearly so."""
    if not reciprocal > _SINGULAR:  # nan, too
        size = f"{1 / reciprocal:.1e}" if reciprocal > 0 else "infinite"
        raise errors.SingularError(
            "The Jacobian of the equations is singular at the solution (condition number "
            f"{size}): they do not determine it, and it has no derivative.",
            fix="leave out equations that say the same, and unknowns that none of them fixes; at a "
            "double root there is no derivative",
        )
    if reciprocal < _BAD:
        warnings.warn_explicit(
            f"The Jacobian of the equations has the condition number {1 / reciprocal:.1e} at the "
            "solution: as many digits of its derivatives are lost.",
            errors.ConditionWarning,
            *user_place(),
        )
