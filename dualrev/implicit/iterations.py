"""Iterations: inverses of Jacobians by products with vectors alone, for systems too large for a matrix.

Owns how SciPy's iterative solvers, and the user's own, are called, and how their answers are checked.
Must not know what the products are of.
"""

from typing import Any

import numpy as np

from dualrev import errors
from dualrev.errors import name_of
from dualrev.implicit.inverses import InverseOfOne, no_minimum, warn_of_lost_digits
from dualrev.transforms import LinearMap, linearize

__all__ = ["SOLVERS", "IterativeInverse"]

#: SciPy's, by name, with what they are given where the user gives nothing else.
SOLVERS: dict[str, dict] = {
    "gmres": {"restart": 100, "maxiter": 20},
    "bicgstab": {"maxiter": 5000},
    "cg": {"maxiter": 5000},
    "minres": {"maxiter": 5000},
}
_SYMMETRIC = {"cg", "minres"}
_RTOL = 1e-12
#: Of a solution that is known, the errors beyond which digits are lost, and it is not found at all;
#: both as multiples of the tolerance, too, where that is larger.
_LOST, _MISSED = 1e-8, 1e-5


class IterativeInverse(InverseOfOne):
    """The inverse of a linear map, by an iteration for each right-hand side.

    A system with a known solution is solved first: a singular map gives another one, and what is
    badly conditioned an inaccurate one, which residuals do not show.

    Parameters
    ----------
    linear : LinearMap
        From vectors of shape (n,) to such.
    solver : str or callable
        A name of SOLVERS, or ``solver(operator, b)``.
    preconditioner : LinearOperator, matrix or callable, optional
        Near the inverse.
    options : dict, optional
        Of SciPy's solver.
    definite : bool
        Whether the map has to be symmetric and positive definite, as at a minimum.
    """

    def __init__(
        self, linear: LinearMap, solver, preconditioner=None, options=None, definite=False
    ):
        import scipy.sparse.linalg as sparse_linalg

        operator = linear.operator
        n, is_complex = operator.shape[0], operator.dtype.kind == "c"
        rtol = max(_RTOL, 10 * np.finfo(operator.dtype).eps)
        options = {"rtol": rtol, **(options or {})}
        self.dtype = np.dtype(complex if is_complex else float)
        self._rtol = options["rtol"]
        self._name = solver if isinstance(solver, str) else name_of(solver)
        if isinstance(solver, str):
            function = getattr(sparse_linalg, solver)
            options = {**SOLVERS[solver], **options}
        else:
            function, options = solver, {}
        is_symmetric = solver in _SYMMETRIC
        M = _as_operator(preconditioner, n, self.dtype)
        if definite:
            operator = _watched(operator)
        self._calls = [
            _Call(function, operator, M, options),
            _Call(function, operator.T, M if M is None or is_symmetric else M.T, options),
        ]
        if n:
            self._check(definite and _Call(sparse_linalg.cg, operator, None, {"rtol": rtol}), n)

    def _check(self, as_definite, n):
        """Solve for what is known."""
        known = 1.0 + np.random.default_rng(n).normal(size=n)
        b = self._calls[0].operator.matvec(known.astype(self.dtype))
        if as_definite:
            as_definite(b)  # whose directions show negative curvature, which other methods may miss
        error = np.linalg.norm(self._solved_one(b, False) - known) / np.linalg.norm(known)
        if not error <= max(_MISSED, 1e4 * self._rtol):
            raise errors.SingularError(
                f"{self._name} solved the equations with a solution that is known, and found another "
                f"one (relative error {error:.1e}): the Jacobian is singular at the solution, or so "
                "badly conditioned that its derivatives have no digits.",
                fix='give a preconditioner, or solver="dense" or "sparse"; leave out unknowns that no '
                "equation fixes",
            )
        if error > max(_LOST, 1e2 * self._rtol):
            warn_of_lost_digits(
                f"{self._name} solved the equations with a solution that is known with a relative "
                f"error of {error:.1e}: so have the derivatives."
            )

    def _solved(self, rows, transposed):
        return np.array([self._solved_one(row, transposed) for row in rows])

    def _solved_one(self, b, transposed):
        b = np.ascontiguousarray(b, self.dtype)
        size = np.linalg.norm(b)
        if not size:
            return b.copy()
        call = self._calls[transposed]
        x = call(b / size)
        # What a solver says of itself is not always so, and one of the user's says nothing.
        left = np.linalg.norm(call.operator.matvec(x) * size - b) / size
        if not left <= max(1e3 * self._rtol, 1e-9):
            raise errors.NotConvergedError(
                f"{self._name} did not solve the linear equations of a derivative: what is left is "
                f"{left:.1e} of the right-hand side.",
                fix="give a preconditioner, or more iterations: options={'maxiter': ...}",
            )
        return x * size


class _Call:
    """A solver with its operator."""

    def __init__(self, function, operator, preconditioner, options):
        self.function, self.operator = function, operator
        self.options = options if preconditioner is None else {**options, "M": preconditioner}

    def __call__(self, b):
        found = self.function(self.operator, b, **self.options)
        return np.asarray(found[0] if isinstance(found, tuple) else found).reshape(b.shape)


def _as_operator(preconditioner: Any, n, dtype):
    """A LinearOperator of the user's preconditioner; None stays."""
    from scipy.sparse.linalg import LinearOperator, aslinearoperator

    if preconditioner is None:
        return None
    if not callable(preconditioner) or hasattr(preconditioner, "matvec"):
        return aslinearoperator(preconditioner)
    transposed: list = []

    def rmatvec(r):
        if not transposed:
            transposed.append(linearize(preconditioner, np.zeros(n, dtype))[1])
        return transposed[0].pull(r.reshape(-1))[0]

    return LinearOperator(
        (n, n), matvec=lambda r: preconditioner(r.reshape(-1)), rmatvec=rmatvec, dtype=dtype
    )


def _watched(operator):
    """The same operator, which raises where it meets a direction without positive curvature."""
    from scipy.sparse.linalg import LinearOperator

    def matvec(p):
        product = operator.matvec(p)
        if np.vdot(p, product).real < 0:
            raise no_minimum()
        return product

    return LinearOperator(operator.shape, matvec=matvec, rmatvec=matvec, dtype=operator.dtype)
