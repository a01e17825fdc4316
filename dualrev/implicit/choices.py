"""Choices: by which inverse the linear systems of implicit derivatives are solved.

Owns the rule, and the names that users choose by.  Must not know how a system is solved.

By itself a Jacobian is inverted

- by its dense LU factors, where there are fewer than 300 unknowns;
- by sparse LU factors, where :mod:`dualrev.sparse.sparse_or_dense` says that this pays;
- else by dense ones, up to 5000 unknowns;
- by gmres beyond, from products with vectors, without a matrix.

In a batch each row has a dense matrix of its own, all of them inverted in one call; with another solver
that is named, row by row.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.calls import noun_of
from dualrev.closures import Held
from dualrev.core.operands import base_of, numbers_of
from dualrev.core.traced import is_traced
from dualrev.implicit.inverses import (
    DenseInverse,
    Inverse,
    InverseInRows,
    InverseOfRows,
    SparseInverse,
)
from dualrev.implicit.iterations import SOLVERS, IterativeInverse
from dualrev.jacobians import jacobian
from dualrev.selection import named
from dualrev.sparse.sparse_or_dense import LARGE, sparse_matrix
from dualrev.transforms import linearize

__all__ = ["Choice"]


class Choice:
    """By which inverse the systems of one problem are solved.

    Parameters
    ----------
    solver : {"dense", "sparse", "gmres", "bicgstab", "cg", "minres"} or callable, optional
        ``solver(operator, b)`` answers x; by default the rule above.
    preconditioner : LinearOperator, matrix or callable, optional
        For the iterative ones.
    options : dict, optional
        Of SciPy's iterative solver.
    symmetric : bool
        Whether the Jacobian is a Hessian, which has to be positive definite.
    """

    def __init__(self, solver=None, preconditioner=None, options=None, symmetric=False):
        known = isinstance(solver, str) and solver in ("dense", "sparse", *SOLVERS)
        if not (solver is None or callable(solver) or known):
            raise errors.ArgumentError(
                f"solver is {solver!r}.",
                fix='solver is one of "dense", "sparse", "gmres", "bicgstab", "cg", "minres", or a '
                "function solver(operator, b)",
            )
        self._is_iterative = callable(solver) or solver in SOLVERS
        if not self._is_iterative and not (preconditioner is None and options is None):
            raise errors.ArgumentError(
                f"A preconditioner and options are for iterative solvers; solver is {solver!r}.",
                fix='name one of them: solver="gmres"',
            )
        if not (options is None or isinstance(options, dict)):
            raise errors.ArgumentError(
                f"options is {noun_of(options)}; it holds options of SciPy's solver by name.",
                fix='write them as options={"maxiter": 100}',
            )
        self._solver, self._preconditioner, self._options = solver, preconditioner, options
        self.symmetric = symmetric
        self._matrices: dict = {}  # what makes the sparse matrices of a residual, once found

    def inverse(self, residual: Callable, x: Any, r: Any) -> Inverse:
        """That of the Jacobian of a residual at x, where the residual is r; under all derivatives."""
        if is_traced(r):
            if self._solver in (None, "dense"):
                return InverseInRows(self._dense(residual, x), self.symmetric)
            return self._of_rows(residual, x, r)
        if self._is_iterative or (self._solver is None and self._made(residual, x) == "products"):
            return self._iterative(residual, x)
        matrix = self._matrix(residual, x)
        made = DenseInverse if isinstance(matrix, np.ndarray) else SparseInverse
        return made(matrix, self.symmetric)

    def _of_rows(self, residual, x, r):
        """One for each row of a batch, each as its own residual has it."""
        if r.mode != "batch":
            numbers_of(r)  # raises, for what is recorded
        rows = r.rows
        held = Held((residual, x, r), lambda part: getattr(part, "rows", None) is rows)
        given = ([rows.row(leaf, k) for leaf in held.leaves] for k in range(rows.count))
        inverses = [self.inverse(*held.with_leaves(leaves).root) for leaves in given]
        return InverseOfRows(inverses, rows.batch(np.arange(rows.count)))

    def _matrix(self, residual, x):
        made = None if self._solver == "dense" else self._made(residual, x)
        return self._dense(residual, x) if made is None else made(x)

    def _made(self, residual, x):
        """What makes sparse matrices, or "products" where none can be had; None for dense ones."""
        if residual not in self._matrices:
            word = "hessian" if self.symmetric else "jacobian"
            derivative = named(word, residual, holomorphic=x.dtype.kind == "c")
            chosen = True if self._solver == "sparse" else None
            if chosen:
                _check_seen(linearize(residual, x)[0])
            made = sparse_matrix(derivative, (x,), {}, chosen, factorized=True)
            if x.size >= LARGE and not (made and made.is_sparse):
                made = "products"
            self._matrices[residual] = made
        return self._matrices[residual]

    def _iterative(self, residual, x):
        solver = self._solver or ("cg" if self.symmetric else "gmres")
        r, linear = linearize(residual, x)
        _check_seen(r)
        return IterativeInverse(linear, solver, self._preconditioner, self._options, self.symmetric)

    @staticmethod
    def _dense(residual, x):
        return base_of(jacobian(residual, holomorphic=x.dtype.kind == "c")(x))


def _check_seen(r):
    """Raise where a residual on plain numbers is traced: of what closures do not show."""
    if is_traced(r):
        raise errors.MissingRuleError(
            "The equations compute with a traced value that reaches them through a global variable, a "
            "cache or __slots__; sparse and iterative solvers need its plain numbers.",
            fix='give it to them in args, or solver="dense"',
        )
