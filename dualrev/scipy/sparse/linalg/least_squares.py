"""lsqr, lsmr: iterative solvers of linear least squares.

Owns the derivative of a solution, by solutions of more such problems with the same matrix and with its
adjoint.  Must not know linear equations.

The x of least norm that minimizes ``|b - A x|`` is ``A^+ b``, and for perturbations that do not change
the rank (Golub and Pereyra 1973, eq. 4.12), with r = b - A x and y = (A^H)^+ x,

    dx = A^+ (db - dA x + (A^H)^+ dA^H r) + (1 - A^+ A) dA^H y.
"""

from typing import Any

import numpy as np
import scipy.sparse.linalg as sparse_linalg

from dualrev.core.operands import as_operand, base_of
from dualrev.core.traced import is_traced
from dualrev.core.words import rule
from dualrev.errors import NotConvergedError, not_constant
from dualrev.known import valued, with_answer
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.sparse.assembly import vstack
from dualrev.scipy.sparse.constructors import coo_array
from dualrev.scipy.sparse.linalg.systems import space_of
from dualrev.scipy.sparse.traced import is_sparse
from dualrev.scipy.twin import twin

__all__ = ["lsmr", "lsqr"]


class _Problem:
    """A matrix, or its adjoint, of one space, and the solver of SciPy's with its options."""

    def __init__(self, space, function, options, is_regular, is_adjoint=False):
        self.space = space
        self.function = function
        self.options = options
        self.is_regular = is_regular  # of full column rank, for sure
        self.is_adjoint = is_adjoint

    @property
    def H(self):
        """That of the adjoint matrix."""
        given = self.space, self.function, self.options, self.is_regular
        return _Problem(*given, not self.is_adjoint)

    def times(self, data, x):
        """Matrix times vector."""
        if self.is_adjoint:
            return self.space.T.product(data, x.conj()).conj()
        return self.space.product(data, x)

    def cotangent(self, w, x):
        """Of the numbers, where that of the matrix is ``w x^T``."""
        if self.is_adjoint:
            return self.space.cotangent(x.conj(), w.conj())
        return self.space.cotangent(w, x)

    def solve(self, data, b):
        """The x of least norm, for plain numbers."""
        matrix = sparse_linalg.aslinearoperator(self.space.matrix(data))
        matrix = matrix.H if self.is_adjoint else matrix
        x, stopped, *_ = self.function(matrix, b, None, 0.0, **self.options)
        _check_stopped(self.function, stopped, "the equations of its derivative")
        return x.astype(np.result_type(matrix.dtype, b.dtype), copy=False)


#: How SciPy's solvers say that they found a solution.
_SOLVED = (0, 1, 2, 4, 5)


def _check_stopped(function, stopped, problem):
    if stopped not in _SOLVED:
        limit = "iter_lim" if function.__name__ == "lsqr" else "maxiter"
        raise NotConvergedError(
            f"{function.__name__} did not converge for {problem} (istop={stopped}): there is no "
            "solution to differentiate.",
            fix=f"allow more iterations: {limit}=",
        )


def _jvp(tangents, ans, data, b, problem):
    t_data, t_b = tangents
    inner: Any = 0 if t_b is None else t_b
    outside: Any = 0
    if t_data is not None:
        back = problem.H
        inner = inner - problem.times(t_data, ans)
        r = b - problem.times(data, ans)
        inner = inner + _least(data, back.times(t_data, r), problem=back)
        if not problem.is_regular or problem.is_adjoint:
            outside = back.times(t_data, _least(data, ans, problem=back))
            inner = inner - problem.times(data, outside)
    return _least(data, inner, problem=problem) + outside


def _vjp(ct, wanted, ans, data, b, problem):
    """The transpose of the above, term by term."""
    back = problem.H
    w = _least(data, ct.conj(), problem=back).conj()
    if not wanted[0]:
        return None, w
    ct_data = -problem.cotangent(w, ans)
    r = b - problem.times(data, ans)
    ct_data = ct_data + back.cotangent(_least(data, w.conj(), problem=problem).conj(), r)
    if not problem.is_regular or problem.is_adjoint:
        outside = ct - back.times(data, w.conj()).conj()
        ct_data = ct_data + back.cotangent(outside, _least(data, ans, problem=back))
    return ct_data, w


#: ``A^+ b``, from the numbers of A and b.
_least: Any = rule(
    lambda data, b, problem: problem.solve(data, b), _jvp, _vjp, arity=2, name="least_squares"
)

#: Numbers that SciPy estimates: their derivatives are nan.
_estimated: Any = rule(
    lambda x, estimate: estimate,
    lambda tangents, ans, x, estimate: ans * np.nan,
    lambda ct, wanted, ans, x, estimate: (x * np.nan,),
    arity=1,
    name="estimated",
)


def _damped(A, damp, name):
    """[A; damp I]."""
    m, n = A.shape
    if isinstance(A, sparse_linalg.LinearOperator):
        if is_traced(damp):
            raise not_constant(name, "damp")
        return sparse_linalg.LinearOperator(
            (m + n, n),
            matvec=lambda x: np.concatenate((A.matvec(x), damp * x)),
            rmatvec=lambda y: A.rmatvec(y[:m]) + damp * y[m:],
            dtype=A.dtype,
        )
    if is_sparse(A):
        along = np.arange(n)
        return vstack([A, coo_array((damp * np.ones(n), (along, along)))], format="csr")
    return np.concatenate((as_operand(A), damp * np.eye(n)))


#: Options that belong to the problem that the user gave.
_FIRST_ONLY = ("show", "calc_var")


def _iterated(function):
    """Declare a solver of SciPy's."""

    @each_row
    def solve(A, b, x0, damp, **options):
        b = np.atleast_1d(as_operand(b))
        b = b.reshape(-1) if b.ndim == 2 else b
        x, *rest = function(*numbers_under((A, b, x0, damp)), **options)
        _check_stopped(function, rest[0], "A x = b")
        # Where b is 0 SciPy answers real zeros, whose derivatives may be complex.
        x = x.astype(np.result_type(x.dtype, A.dtype, b.dtype), copy=False)
        for name in _FIRST_ONLY:
            options.pop(name, None)
        r = b if x0 is None else b - A @ as_operand(x0)
        if is_traced(damp) or damp:
            A = _damped(A, damp, function.__name__)
            r = np.concatenate((r, np.zeros(A.shape[1])))
        data, space = space_of(A)
        problem = _Problem(space, function, options, is_regular=bool(damp))
        found = with_answer(x if x0 is None else x - base_of(x0), _least, data, r, problem=problem)
        found = found if x0 is None else valued(found + as_operand(x0), x)
        stopped, iterations, *estimates = rest
        if is_traced(found):
            estimates = [_estimated(found.sum(), estimate=np.asarray(e)[()]) for e in estimates]
        return found, stopped, iterations, *estimates

    return solve


@twin(sparse_linalg.lsqr, _iterated)
def lsqr(A, b, x0, damp, /):
    """The x of least norm that minimizes ``|b - A x|^2 + |damp x|^2``, and how the iteration went.

    Equals :func:`scipy.sparse.linalg.lsqr`.

    Parameters
    ----------
    A : sparse matrix, array or LinearOperator, shape (m, n)
        No derivative is taken by an operator.
    b : array, shape (m,)
    damp : float
    x0 : array, shape (n,), optional
        What is damped is the distance from it.
    atol, btol, conlim, iter_lim
        As in SciPy; in force for the equations of derivatives too.
    show, calc_var
        As in SciPy.

    Returns
    -------
    x : array, shape (n,)
    istop, itn : int
    r1norm, r2norm, anorm, acond, arnorm, xnorm : float
    var : array, shape (n,)
        Estimates, whose derivatives are nan: ``np.linalg.norm(b - A @ x)`` has one.

    Raises
    ------
    NotConvergedError
        When a derivative is asked of a solution that did not converge, or when its own equations do
        not.

    Notes
    -----
    The derivative is that for perturbations that do not change the rank (Golub and Pereyra 1973, eq.
    4.12).  It costs up to four more solutions, and has the accuracy of the tolerances that are given,
    which are 1e-6 by default.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse.linalg import lsqr
    >>> A = np.array([[1.0], [1.0]])
    >>> dr.grad(lambda b: lsqr(A, b)[0][0])(np.array([1.0, 3.0])).round(12)
    array([0.5, 0.5])
    """


@twin(sparse_linalg.lsmr, _iterated)
def lsmr(A, b, x0, damp, /):
    """The x of least norm that minimizes ``|b - A x|^2 + |damp x|^2``, and how the iteration went.

    Equals :func:`scipy.sparse.linalg.lsmr`; see :func:`lsqr`.
    """
