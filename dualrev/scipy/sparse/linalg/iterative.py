"""cg, gmres and their relatives: iterative solvers of linear equations.

Owns how each is called again for the equations of derivatives, with the options of the first ones.
Must not know how these follow from the first.

tfqmr takes no preconditioner where numbers are traced: with one SciPy calls converged what is not
(seen in SciPy 1.18).
"""

import numpy as np
import scipy.sparse.linalg as sparse_linalg

from dualrev import errors
from dualrev.core.traced import is_traced
from dualrev.errors import NotConvergedError, no_rule
from dualrev.scipy.each_row import each_row
from dualrev.scipy.sparse.linalg.systems import (
    Fixed,
    System,
    owned_operator,
    plain,
    solution,
    space_of,
    vector_or_columns,
)
from dualrev.scipy.twin import twin

__all__ = [
    "NotConvergedError",
    "bicg",
    "bicgstab",
    "cg",
    "cgs",
    "gcrotmk",
    "gmres",
    "lgmres",
    "minres",
    "qmr",
    "tfqmr",
]


class _Iterative:
    """An iterative solver of SciPy's with its options, and how its first solution ended."""

    # atol is in units of b.  The equations of derivatives have other right-hand sides, of any
    # size: for them it counts as the relative tolerance that it was, up to SciPy's default one.
    _MOST = 1e-5

    def __init__(self, function, is_symmetric, first_only, options):
        self.function = function
        self.is_symmetric = is_symmetric
        self.first_only = first_only  # options that belong to the first equations
        self.options = options
        self.info = 0
        self.rtol = np.inf

    def solve(self, matrix, b):
        """The solution as SciPy's function gives it."""
        norm = np.linalg.norm(b)
        atol = self.options.get("atol", 0)
        rtol = max(self.options["rtol"], min(atol / norm, self._MOST) if norm and atol else 0)
        self.rtol = min(self.rtol, rtol)  # of all rows of a batch
        x, info = self.function(matrix, b, **self.first_only, **self.options)
        self.info = info or self.info
        return _apart(x, b)

    def solve_again(self, data, system, b):
        """The solution of the equations of a derivative, or an error."""
        if self.info:
            self._refuse("A x = b", self.info)
        options = {**self.options, "rtol": self.rtol}
        if "atol" in options:
            options["atol"] = 0.0
        matrix = system.space.matrix(data)
        if system.is_transposed and "M1" in options:  # M = M1 M2
            options["M1"], options["M2"] = (
                self._transposed(options[name]) for name in ("M2", "M1")
            )
        elif system.is_transposed:
            options["M"] = self._transposed(options["M"])
        try:
            x, info = self.function(matrix, b, **options)
        except NotImplementedError as error:
            raise errors.MissingRuleError(
                f"{self.function.__name__}: the cotangent needs products with the transposed matrix "
                "and preconditioner, which a LinearOperator does not have.",
                fix="give it rmatvec=, the product with the conjugate transpose",
            ) from error
        if info:
            self._refuse("the equations of its derivative", info)
        return _apart(x, b)

    def _transposed(self, M):
        if M is None:
            return None
        return conjugated_operator(M) if self.is_symmetric else M.T

    def _refuse(self, equations, info):
        raise NotConvergedError(
            f"{self.function.__name__} did not converge for {equations} (info={info}): there is no "
            "solution to differentiate.",
            fix="allow more iterations: maxiter=",
        )


class _Hermitian(Fixed):
    """A Hermitian operator: its transpose is its conjugate, which needs no rmatvec."""

    @property
    def T(self):
        return _Hermitian(conjugated_operator(self.fixed))


def _apart(x, b):
    """The solution in memory of its own: where b is 0 SciPy may give b itself, or a view of it."""
    return x.copy() if np.may_share_memory(x, b) else x


def conjugated_operator(A):
    """The complex conjugate of an operator."""
    if np.dtype(A.dtype).kind != "c":
        return A
    A = sparse_linalg.aslinearoperator(A)
    return sparse_linalg.LinearOperator(
        A.shape, matvec=lambda x: np.conj(A.matvec(np.conj(x))), dtype=A.dtype
    )


#: Options that belong to the equations that the user gave, not to those of derivatives.
_FIRST_ONLY = ("callback", "callback_type", "show", "check", "outer_v", "CU")


def _iterated(function, is_symmetric=False):
    """Declare an iterative solver of SciPy's."""

    @each_row
    def solve(A, b, x0, *preconditioners, **options):
        first_only = {name: options.pop(name) for name in _FIRST_ONLY if name in options}
        first_only["x0"] = plain(x0)
        names = ("M",) if len(preconditioners) == 1 else ("M1", "M2")
        for name, M in zip(names, preconditioners):
            options[name] = owned_operator(plain(M))
        if function.__name__ == "tfqmr" and options["M"] is not None and is_traced(A, b):
            raise no_rule("tfqmr with a preconditioner", "use dualrev.scipy.sparse.linalg.gmres")
        if not is_traced(A, b):
            return function(A, b, **first_only, **options)
        data, space = space_of(A)
        if is_symmetric and isinstance(space, Fixed):
            space = _Hermitian(space.fixed)
        method = _Iterative(function, is_symmetric, first_only, options)
        x = solution(data, vector_or_columns(b), system=System(space, method))
        return x, method.info

    return solve


@twin(sparse_linalg.cg, _iterated, is_symmetric=True)
def cg(A, b, x0, M, /):
    """Solution of ``A x = b`` by conjugate gradients, and how the iteration ended.

    Equals :func:`scipy.sparse.linalg.cg`.

    Parameters
    ----------
    A : sparse matrix, array or LinearOperator, shape (n, n)
        Symmetric (Hermitian) and positive definite.  No derivative is taken by an operator.
    b : array, shape (n,)
        Right-hand side.
    x0 : array, optional
        First guess, on which the solution does not depend: its derivative is zero.
    rtol, atol, maxiter, M
        As in SciPy; in force for the equations of derivatives too, atol relative to the norm of b.
    callback : callable, optional
        Called with each iterate of the solution, which is not traced.

    Returns
    -------
    x : array, shape (n,)
        The solution.
    info : int
        0 where the iteration converged.

    Raises
    ------
    NotConvergedError
        When a derivative is asked of a solution that did not converge, or when its own equations
        do not.

    Notes
    -----
    By the implicit function theorem, as :func:`spsolve`: a derivative costs one more solution, and
    has the accuracy of the tolerance that is given, which is 1e-5 by default.  Entries (i, j) and
    (j, i) of a symmetric matrix are two numbers, each with its own derivative.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse.linalg import cg
    >>> A = np.array([[2.0, 1.0], [1.0, 3.0]])
    >>> dr.jacobian(lambda b: cg(A, b, rtol=1e-12)[0])(np.array([1.0, 2.0])).round(12)
    array([[ 0.6, -0.2],
           [-0.2,  0.4]])
    """


@twin(sparse_linalg.cgs, _iterated)
def cgs(A, b, x0, M, /):
    """Solution of ``A x = b`` by the conjugate gradient squared iteration, and how the iteration ended.

    Equals :func:`scipy.sparse.linalg.cgs`; derivatives as of :func:`cg`, for any regular A.
    """


@twin(sparse_linalg.bicg, _iterated)
def bicg(A, b, x0, M, /):
    """Solution of ``A x = b`` by biconjugate gradients, and how the iteration ended.

    Equals :func:`scipy.sparse.linalg.bicg`; derivatives as of :func:`cg`, for any regular A.
    """


@twin(sparse_linalg.bicgstab, _iterated)
def bicgstab(A, b, x0, M, /):
    """Solution of ``A x = b`` by stabilized biconjugate gradients, and how the iteration ended.

    Equals :func:`scipy.sparse.linalg.bicgstab`; derivatives as of :func:`cg`, for any regular A.
    """


@twin(sparse_linalg.gmres, _iterated)
def gmres(A, b, x0, M, /):
    """Solution of ``A x = b`` by generalized minimal residuals, and how the iteration ended.

    Equals :func:`scipy.sparse.linalg.gmres`; derivatives as of :func:`cg`, for any regular A.
    """


@twin(sparse_linalg.lgmres, _iterated)
def lgmres(A, b, x0, M, /):
    """Solution of ``A x = b`` by GMRES that keeps directions when it restarts, and how it ended.

    Equals :func:`scipy.sparse.linalg.lgmres`; derivatives as of :func:`cg`, for any regular A.
    ``outer_v`` belongs to the equations that are given alone.
    """


@twin(sparse_linalg.gcrotmk, _iterated)
def gcrotmk(A, b, x0, M, /):
    """Solution of ``A x = b`` by the flexible GCROT(m,k) iteration, and how it ended.

    Equals :func:`scipy.sparse.linalg.gcrotmk`; derivatives as of :func:`cg`, for any regular A.
    ``CU`` belongs to the equations that are given alone.
    """


@twin(sparse_linalg.qmr, _iterated)
def qmr(A, b, x0, M1, M2, /):
    """Solution of ``A x = b`` by quasi-minimal residuals, and how the iteration ended.

    Equals :func:`scipy.sparse.linalg.qmr`; derivatives as of :func:`cg`, for any regular A.
    """


@twin(sparse_linalg.tfqmr, _iterated)
def tfqmr(A, b, x0, M, /):
    """Solution of ``A x = b`` by transpose-free quasi-minimal residuals, and how the iteration ended.

    Equals :func:`scipy.sparse.linalg.tfqmr`; derivatives as of :func:`cg`, for any regular A, without a
    preconditioner.
    """


@twin(sparse_linalg.minres, _iterated, is_symmetric=True)
def minres(A, b, x0, M, /):
    """Solution of ``(A - shift I) x = b`` by minimal residuals, and how the iteration ended.

    Equals :func:`scipy.sparse.linalg.minres`; derivatives as of :func:`cg`, for symmetric A.
    By a shift there are those of ``A - shift * eye_array(n)`` without it.
    """
