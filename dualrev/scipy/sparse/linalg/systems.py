"""System: linear equations in a matrix of any kind, differentiated by the implicit function theorem.

Owns how the tangent and the transposed systems follow from a solution.  Must not know any solver
by name: a method is given.

``A x = b`` gives ``A dx = db - dA x``, and with ``A^T w = ct`` the cotangents w of b and
``-w x^T`` of A, taken where A has entries (Griewank and Walther 2008, section 15.1; Giles 2008,
section 2.3.1).  Both systems are solved by the method, and with the options, of the equations
themselves; no iteration is differentiated.
"""

import copy

import numpy as np
from scipy.sparse.linalg import LinearOperator

from dualrev.core.cotangents import sum_of_terms
from dualrev.core.operands import as_operand, base_of
from dualrev.core.traced import is_traced
from dualrev.core.words import rule
from dualrev.readers.captured import owned
from dualrev.scipy.sparse.pattern import product, sampled
from dualrev.scipy.sparse.traced import TracedSparse

__all__ = [
    "Dense",
    "Fixed",
    "Sparse",
    "System",
    "owned_operator",
    "plain",
    "solution",
    "space_of",
    "vector_or_columns",
]


# --------------------------------------------------------------------- matrices of any kind
# Each is a vector or matrix of numbers, traced or not, and a space, which knows their matrix.


class Sparse:
    """Matrices with the entries of one pattern."""

    def __init__(self, pattern):
        self.pattern = pattern

    @property
    def T(self):
        return Sparse(self.pattern.T)

    def matrix(self, data):
        """The matrix for a solver, from plain numbers."""
        return self.pattern.fill(np.ascontiguousarray(data))  # a row of a batch may be none

    def product(self, data, x):
        """Matrix times vector or matrix."""
        return product(data, x, pattern=self.pattern)

    def cotangent(self, w, x):
        """Of the numbers, where that of the matrix is ``w x^T``."""
        return sampled(w, x, pattern=self.pattern)


class Dense:
    """Matrices that are arrays."""

    def __init__(self, is_transposed=False):
        self.is_transposed = is_transposed

    @property
    def T(self):
        return Dense(not self.is_transposed)

    def matrix(self, data):
        """The matrix for a solver, from plain numbers."""
        return data.T if self.is_transposed else data

    def product(self, data, x):
        """Matrix times vector or matrix."""
        return self.matrix(data) @ x

    def cotangent(self, w, x):
        """Of the numbers, where that of the matrix is ``w x^T``."""
        if self.is_transposed:
            w, x = x, w
        return np.outer(w, x) if w.ndim == 1 else w @ x.T


class Fixed:
    """One matrix of SciPy's, or operator, that is not traced; it has no numbers to differentiate by."""

    def __init__(self, fixed):
        self.fixed = fixed

    @property
    def T(self):
        return Fixed(self.fixed.T)

    def matrix(self, data):
        """The matrix for a solver."""
        return self.fixed


def space_of(A):
    """The numbers of a matrix, and their space."""
    if isinstance(A, TracedSparse):
        return A.data, Sparse(A.pattern)
    if is_traced(A):
        return as_operand(A), Dense()
    return np.zeros(0), Fixed(owned_operator(A))


def owned_operator(A):
    """A matrix, or SciPy's operator over matrices, that the caller cannot write any more.

    The matrices inside an operator of the caller's own making are read when a derivative needs them.
    """
    if not isinstance(A, LinearOperator):
        return owned(A)
    own = copy.copy(A)
    for name, part in vars(A).items():
        if isinstance(part, tuple):
            part = tuple(map(owned_operator, part))
        setattr(own, name, owned_operator(part))
    return own


# -------------------------------------------------------------------------------- equations


class System:
    """Equations with a matrix of one space, or its transpose, and the method that solves them.

    Attributes
    ----------
    space : Sparse, Dense or Fixed
        Of the matrix.
    method : object
        ``method.solve(matrix, b)`` for the equations that the user gave, and
        ``method.solve_again(data, system, b)`` for those of derivatives.
    is_transposed, is_first : bool
        Whether the matrix is the transpose of the user's, whether the equations are his.
    """

    __slots__ = ("is_first", "is_transposed", "method", "space")

    def __init__(self, space, method, is_transposed=False, is_first=True):
        self.space = space
        self.method = method
        self.is_transposed = is_transposed
        self.is_first = is_first

    @property
    def again(self):
        """The equations with another right-hand side."""
        return System(self.space, self.method, self.is_transposed, is_first=False)

    @property
    def T(self):
        """The transposed equations."""
        return System(self.space.T, self.method, not self.is_transposed, is_first=False)

    def solve(self, data, b):
        """The solution for plain numbers."""
        if self.is_first:
            return self.method.solve(self.space.matrix(data), b)
        return self.method.solve_again(data, self, b)


def _solution_jvp(tangents, ans, data, b, system):
    """A dx = db - dA x"""
    t = sum_of_terms(tangents, lambda t_data: -system.space.product(t_data, ans), lambda t_b: t_b)
    return solution(data, t, system=system.again)


def _solution_vjp(ct, wanted, ans, data, b, system):
    """A^T w = ct; A* = -w x^T, b* = w"""
    w = solution(data, ct, system=system.T)
    return -system.space.cotangent(w, ans) if wanted[0] else None, w


#: x of ``A x = b``, from the numbers of A and b.
solution = rule(
    lambda data, b, system: system.solve(data, b),
    jvp=_solution_jvp,
    vjp=_solution_vjp,
    arity=2,
    name="solution",
)


def plain(x):
    """An option of a solver, such as a first guess, on which the solution does not depend."""
    return x.pattern.fill(base_of(x.data)) if isinstance(x, TracedSparse) else base_of(x)


def vector_or_columns(b):
    """A right-hand side as an array; SciPy's solvers take a single column for a vector."""
    b = as_operand(b)
    return b.reshape(-1) if b.ndim == 2 and b.shape[1] == 1 else b
