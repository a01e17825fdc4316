"""spsolve, splu and their kin: direct solvers of sparse linear equations.

Owns that all derivatives share one factorization.  Must not know how their equations follow from
the first.
"""

from typing import Any

import numpy as np
import scipy.sparse
import scipy.sparse.linalg as sparse_linalg

from dualrev.core.operands import as_operand, numbers_of
from dualrev.core.traced import is_traced
from dualrev.core.words import linear
from dualrev.errors import ArgumentError, no_rule
from dualrev.scipy.sparse.constructors import from_dense
from dualrev.scipy.sparse.linalg.systems import (
    Sparse,
    System,
    solution,
    space_of,
    vector_or_columns,
)
from dualrev.scipy.sparse.traced import TracedSparse, entries_of
from dualrev.scipy.twin import like, twin

__all__ = ["SuperLU", "factorized", "inv", "spilu", "splu", "spsolve", "spsolve_triangular"]


class _Factored:
    """Solves again by the factors of the matrix, which are computed when first needed."""

    def __init__(self, first, options):
        self.first = first  # (matrix, b) -> x
        self.options = options
        self.held = (
            None,
            None,
        )  # the numbers of a matrix, and its factors: threads take both at once

    def solve(self, matrix, b):
        """The solution as SciPy's function gives it."""
        return self.first(matrix, b)

    def solve_again(self, data, system, b):
        """The solution by factors, of the transpose too."""
        return _solve_by(self.factors_of(data, system), b, "NT"[system.is_transposed])

    def factors_of(self, data, system):
        """SciPy's SuperLU object of the matrix that was given."""
        content, factors = self.held
        if factors is None or not np.array_equal(content, data):
            space = system.space.T if system.is_transposed else system.space
            matrix = scipy.sparse.csc_array(space.matrix(data))
            if matrix.dtype.kind not in "fc":
                matrix = matrix.astype(float)
            factors = sparse_linalg.splu(matrix, **self.options)
            self.held = data.copy(), factors
        return factors


def _solve_by(factors, b, trans):
    """SuperLU solves in the dtype of its factors only."""
    dtype = factors.U.dtype
    if b.dtype.kind == "c" and dtype.kind != "c":
        return _solve_by(factors, b.real, trans) + 1j * _solve_by(factors, b.imag, trans)
    return factors.solve(np.ascontiguousarray(b, dtype), trans)


@twin(sparse_linalg.spsolve)
def spsolve(A, b, /, *, permc_spec, use_umfpack):
    """Solution x of the sparse linear equations ``A x = b``.

    Equals :func:`scipy.sparse.linalg.spsolve`.

    Parameters
    ----------
    A : sparse matrix, shape (n, n)
        Constant, or of traced numbers, in csc or csr format.
    b : array, shape (n,) or (n, k)
        A right-hand side, or several.
    permc_spec, use_umfpack
        As in SciPy.

    Returns
    -------
    array, shape (n,) or (n, k)
        The solution.

    Raises
    ------
    MissingRuleError
        For a sparse b where numbers are traced: ``b.toarray()`` is known.

    Notes
    -----
    ``A dx = db - dA x``; with ``A^T w = ct``, w is the cotangent of b and ``-w_i x_j`` that of the
    entry of A at (i, j) (Giles 2008, section 2.3.1).  All derivatives share one factorization,
    after the one for the solution.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse import diags_array
    >>> from dualrev.scipy.sparse.linalg import spsolve
    >>> def compliance(k):
    ...     A = diags_array([k[:-1] + k[1:], -k[1:-1], -k[1:-1]], offsets=[0, 1, -1], format="csc")
    ...     return spsolve(A, np.ones(2)).sum()
    >>> dr.grad(compliance)(np.ones(3))
    array([-1.,  0., -1.])
    """
    if hasattr(b, "tocsr"):
        raise no_rule("spsolve of a sparse right-hand side", "use b.toarray()")
    data, space = space_of(_for_factors(A))

    def first(matrix, b):
        return sparse_linalg.spsolve(matrix, b, permc_spec, use_umfpack)

    method = _Factored(first, {"permc_spec": permc_spec})
    return solution(data, vector_or_columns(b), system=System(space, method))


def _for_factors(A):
    """A traced matrix as SciPy would factor it: compressed, each place once."""
    if not isinstance(A, TracedSparse):
        return A
    return (A.tocsc() if A.format == "coo" else A).canonical()


class SuperLU:
    """Factors of a sparse matrix, whose ``solve`` is differentiable.

    Other attributes are those of :class:`scipy.sparse.linalg.SuperLU`; of a matrix of traced
    numbers they raise.
    """

    def __init__(self, A, options):
        self.shape = A.shape
        self._is_traced = is_traced(A)
        self._data, space = space_of(_for_factors(A))
        method = _Factored(None, options)
        self._system = System(space, method, is_first=False)
        if self._is_traced:
            method.factors_of(numbers_of(self._data), self._system)
        else:
            method.held = self._data, sparse_linalg.splu(A, **options)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if self._is_traced:
            raise no_rule(f"The attribute `{name}` of traced factors", "use solve")
        return getattr(self._system.method.held[1], name)

    def solve(self, rhs: Any, trans: str = "N") -> Any:
        """Solution x of ``A x = rhs``, of ``A^T x = rhs`` ("T") or ``A^H x = rhs`` ("H").

        Equals ``scipy.sparse.linalg.SuperLU.solve``; derivatives as of :func:`spsolve`, from the
        same factors.
        """
        if not (self._is_traced or is_traced(rhs)):
            return self._system.method.held[1].solve(rhs, trans)
        rhs = as_operand(rhs)
        if trans == "H":
            return np.conj(self.solve(np.conj(rhs), "T"))
        if trans not in ("N", "T"):
            raise ValueError("trans must be N, T, or H")
        system = self._system.T if trans == "T" else self._system
        return solution(self._data, rhs, system=system)


class IncompleteLU:
    """Incomplete factors of a constant sparse matrix, whose ``solve`` is differentiable.

    Other attributes are those of :class:`scipy.sparse.linalg.SuperLU`.
    """

    def __init__(self, factors):
        self._factors = factors

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._factors, name)

    def solve(self, rhs: Any, trans: str = "N") -> Any:
        """``M^-1 rhs``, with M the product of the factors, M^T ("T") or M^H ("H").

        Equals ``scipy.sparse.linalg.SuperLU.solve``; linear in rhs.
        """
        if not is_traced(rhs):
            return self._factors.solve(rhs, trans)
        rhs = as_operand(rhs)
        if trans == "H":
            return np.conj(_applied(np.conj(rhs), factors=self._factors, trans="T"))
        return _applied(rhs, factors=self._factors, trans=trans)


_applied: Any = linear(
    lambda b, factors, trans: _solve_by(factors, b, trans),
    lambda ct, b, factors, trans: _applied(ct, factors=factors, trans="N" if trans == "T" else "T"),
    name="spilu",
)


@like(sparse_linalg.spilu)
def spilu(A, **options):
    """Incomplete factors of a sparse matrix, for many right-hand sides, which may be traced.

    Equals :func:`scipy.sparse.linalg.spilu`; A is constant.

    Raises
    ------
    MissingRuleError
        Where A is traced: which entries are dropped depends on their numbers.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse.linalg import spilu
    >>> from scipy.sparse import csc_array
    >>> factors = spilu(csc_array([[2.0, 0.0], [1.0, 4.0]]))
    >>> dr.jacobian(factors.solve)(np.ones(2))
    array([[ 0.5  ,  0.   ],
           [-0.125,  0.25 ]])
    """
    if is_traced(A):
        raise no_rule(
            "scipy.sparse.linalg.spilu of traced numbers",
            "use splu",
            "which entries it drops depends on their numbers",
        )
    return IncompleteLU(sparse_linalg.spilu(A, **options))


@like(sparse_linalg.splu)
def splu(A, **options):
    """Factors of a sparse matrix, for many right-hand sides.

    Equals :func:`scipy.sparse.linalg.splu`; A may have traced numbers, and so may what is given to
    ``solve``.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse.linalg import splu
    >>> from scipy.sparse import csc_array
    >>> factors = splu(csc_array([[2.0, 0.0], [1.0, 4.0]]))
    >>> dr.jacobian(factors.solve)(np.ones(2))
    array([[ 0.5  ,  0.   ],
           [-0.125,  0.25 ]])
    """
    return SuperLU(A, options)


def factorized(A):
    """A function that solves ``A x = b`` for any b, with the matrix factored once.

    Equals :func:`scipy.sparse.linalg.factorized`; see :func:`splu`.
    """
    return splu(A).solve


def inv(A):
    """The inverse of a sparse matrix, of which all entries are kept where numbers are traced.

    Equals :func:`scipy.sparse.linalg.inv`; derivatives as of :func:`spsolve`.
    """
    if not is_traced(A):
        return sparse_linalg.inv(A)
    if not isinstance(A, TracedSparse):
        raise TypeError("Input must be a sparse arrays")
    return from_dense(spsolve(A, np.eye(A.shape[0])), A.pattern.is_array).asformat(A.format)


# ------------------------------------------------------------------------------------ triangles


class _Substituted:
    """A triangular matrix, which is its own factorization."""

    def __init__(self, lower, unit_diagonal):
        self.lower = lower
        self.unit_diagonal = unit_diagonal

    def solve(self, matrix, b):
        """The solution as SciPy's function gives it."""
        return self._solved(matrix, b, self.lower)

    def solve_again(self, data, system, b):
        """The solution with other right-hand sides, of the transpose too."""
        return self._solved(system.space.matrix(data), b, self.lower != system.is_transposed)

    def _solved(self, matrix, b, lower):
        # SciPy before 1.16 takes no other indices.
        places = matrix.indices.astype(np.intc), matrix.indptr.astype(np.intc)
        matrix = type(matrix)((matrix.data, *places), matrix.shape)
        return sparse_linalg.spsolve_triangular(matrix, b, lower, unit_diagonal=self.unit_diagonal)


@twin(sparse_linalg.spsolve_triangular)
def spsolve_triangular(A, b, /, *, lower, unit_diagonal):
    """The solution x of the sparse triangular equations ``A x = b``.

    Equals :func:`scipy.sparse.linalg.spsolve_triangular`.

    Parameters
    ----------
    A : sparse matrix, shape (n, n)
        A triangle: constant, or of traced numbers.
    b : array, shape (n,) or (n, k)
    lower : bool
    unit_diagonal : bool
        Whether the diagonal counts as 1: its numbers have the derivative 0.
    overwrite_A, overwrite_b
        Ignored.

    Returns
    -------
    array, shape (n,) or (n, k)

    Raises
    ------
    LinAlgError
        Where an element of the diagonal is 0.
    ArgumentError
        Where A is no such triangle.

    Notes
    -----
    As of :func:`spsolve`; a derivative costs one more substitution.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse.linalg import spsolve_triangular
    >>> from scipy.sparse import csc_array
    >>> A = csc_array([[2.0, 0.0], [1.0, 4.0]])
    >>> dr.jacobian(lambda b: spsolve_triangular(A, b))(np.ones(2))
    array([[ 0.5  ,  0.   ],
           [-0.125,  0.25 ]])
    """
    matrix = A if isinstance(A, TracedSparse) else scipy.sparse.csc_array(A)
    matrix = entries_of(matrix)
    matrix = (matrix.tocsc() if matrix.format == "coo" else matrix).canonical()
    pattern = matrix.pattern
    beyond = pattern.cols > pattern.rows if lower else pattern.cols < pattern.rows
    if np.any(beyond):
        raise ArgumentError(
            "spsolve_triangular was given a matrix with entries in both triangles, of which SciPy "
            "reads what its factorization needs.",
            fix=f"give one: dualrev.scipy.sparse.{'tril' if lower else 'triu'}(A, format='csc')",
        )
    data = matrix.data
    if unit_diagonal:
        data = np.where(pattern.rows == pattern.cols, 1, data)
    system = System(Sparse(pattern), _Substituted(lower, unit_diagonal))
    return solution(data, as_operand(b), system=system)
