"""LinearOperator, aslinearoperator: linear maps by their products, which may compute with traced values.

Owns the algebra of SciPy's operators, over products that keep what is traced.  Must not know any
solver.
"""

from typing import Any

import numpy as np
import scipy.sparse.linalg as sparse_linalg

from dualrev.core.operands import as_operand
from dualrev.core.traced import is_traced
from dualrev.core.words import linear
from dualrev.scipy.sparse.traced import TracedSparse

__all__ = ["LinearOperator", "aslinearoperator"]


class LinearOperator(sparse_linalg.LinearOperator):
    """A linear map, given by its products, that maps traced arrays too.

    Equals :class:`scipy.sparse.linalg.LinearOperator`, of which it is one: SciPy's solvers take it.
    Its products are those of the functions given, with what is traced in them, or in x; so are those
    of sums, products, multiples, powers, transposes and adjoints of it.

    Parameters
    ----------
    shape : tuple of int
    matvec : callable
        The product with a vector, of shape (n,).
    rmatvec, matmat, rmatmat, dtype : optional
        As in SciPy.

    Notes
    -----
    The transpose needs ``rmatvec``, as in SciPy.  What an iterative solver finds is differentiated by
    the right-hand side; by what is traced in an operator,
    :func:`dualrev.implicit.linear_solve` takes derivatives.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse.linalg import LinearOperator
    >>> def energy(k):
    ...     stretch = LinearOperator((2, 2), matvec=lambda x: k * x, rmatvec=lambda x: k * x)
    ...     return np.sum((stretch.H @ stretch + 2 * stretch) @ np.ones(2))
    >>> dr.grad(energy)(3.0)
    np.float64(16.0)
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return object.__new__(_ByFunctions if cls is LinearOperator else cls)

    # -- products

    def matvec(self, x):
        """The product with a vector, of shape (n,) or (n, 1)."""
        return self._checked(self._matvec, x, self.shape)

    def rmatvec(self, x):
        """The product of the adjoint with a vector."""
        return self._checked(self._rmatvec, x, self.shape[::-1])

    def matmat(self, X):
        """The product with a matrix."""
        return self._checked_matrix(self._matmat, X, self.shape)

    def rmatmat(self, X):
        """The product of the adjoint with a matrix."""
        return self._checked_matrix(self._rmatmat, X, self.shape[::-1])

    def _checked(self, product, x, shape):
        x = as_operand(x)
        if x.shape not in ((shape[1],), (shape[1], 1)):
            raise ValueError("dimension mismatch")
        y = as_operand(product(x))
        return y.reshape(shape[0]) if x.ndim == 1 else y.reshape(shape[0], 1)

    def _checked_matrix(self, product, X, shape):
        X = as_operand(X)
        if X.ndim != 2:
            raise ValueError(f"expected 2-d ndarray or matrix, not {X.ndim}-d")
        if X.shape[0] != shape[1]:
            raise ValueError(f"dimension mismatch: {shape}, {X.shape}")
        return as_operand(product(X))

    def _matvec(self, x):
        return self.matmat(x.reshape(-1, 1))

    def _rmatvec(self, x):
        if type(self)._adjoint is LinearOperator._adjoint:
            raise NotImplementedError("rmatvec is not defined")
        return self.H.matvec(x)

    def _matmat(self, X):
        return np.stack([self.matvec(X[:, k]) for k in range(X.shape[1])], 1)

    def _rmatmat(self, X):
        return np.stack([self.rmatvec(X[:, k]) for k in range(X.shape[1])], 1)

    # -- algebra

    def dot(self, x):
        """The product with an operator, a number, a vector or a matrix."""
        if isinstance(x, sparse_linalg.LinearOperator):
            return _product(self, x)
        if np.ndim(x) == 0 and not isinstance(x, TracedSparse):
            return _scaled(self, as_operand(x))
        x = as_operand(x)
        if x.ndim == 1 or (x.ndim == 2 and x.shape[1] == 1):
            return self.matvec(x)
        if x.ndim == 2:
            return self.matmat(x)
        raise ValueError(f"expected 1-d or 2-d array or matrix, got {x!r}")

    def __call__(self, x):
        return self @ x

    def __mul__(self, x):
        return self.dot(x)

    def __matmul__(self, other):
        if np.ndim(other) == 0 and not isinstance(other, sparse_linalg.LinearOperator):
            raise ValueError("Scalar operands are not allowed, use '*' instead")
        return self.dot(other)

    def rdot(self, x):
        """The product with an operator, a number, a vector or a matrix on its left."""
        if isinstance(x, sparse_linalg.LinearOperator):
            return _product(x, self)
        return self * x if np.ndim(x) == 0 else self._from_left(x)

    def __rmul__(self, x):
        return self.rdot(x)

    def __rmatmul__(self, other):
        if np.ndim(other) == 0:
            raise ValueError("Scalar operands are not allowed, use '*' instead")
        return self._from_left(other)

    def _from_left(self, x):
        x = as_operand(x)
        if x.ndim == 1:
            return self.T.matvec(x)
        return self.T.matmat(x.T).T

    def __truediv__(self, other):
        return _scaled(self, 1.0 / as_operand(other))

    def __add__(self, other):
        if not isinstance(other, sparse_linalg.LinearOperator):
            return NotImplemented
        return _made(
            self.shape,
            self,
            other,
            lambda a, b, v: a.matvec(v) + b.matvec(v),
            lambda a, b, v: a.rmatvec(v) + b.rmatvec(v),
            self.shape == other.shape,
        )

    __radd__ = __add__

    def __neg__(self):
        return _scaled(self, -1)

    def __sub__(self, other):
        return self + (-other)

    def __pow__(self, power):
        if self.shape[0] != self.shape[1] or power != int(power) or power < 0:
            raise ValueError(
                f"expected a square operator and a power that is not negative: {power}"
            )
        made = aslinearoperator(np.eye(self.shape[0])) if power == 0 else self
        for _ in range(int(power) - 1):
            made = made.dot(self)
        return made

    def _adjoint(self):
        return _ByFunctions(
            self.shape[::-1], self.rmatvec, self.matvec, self.rmatmat, self.dtype, self.matmat
        )

    def _transpose(self):
        return _ByFunctions(
            self.shape[::-1],
            lambda x: np.conj(self.rmatvec(np.conj(x))),
            lambda x: np.conj(self.matvec(np.conj(x))),
            dtype=self.dtype,
        )

    def adjoint(self):
        """The adjoint."""
        return self._adjoint()

    H = property(adjoint)

    def transpose(self):
        """The transpose."""
        return self._transpose()

    T = property(transpose)


class _ByFunctions(LinearOperator):
    """An operator by the user's functions."""

    def __init__(self, shape, matvec, rmatvec=None, matmat=None, dtype=None, rmatmat=None):
        self._products = matvec, rmatvec, matmat, rmatmat
        super().__init__(dtype, tuple(shape))
        if dtype is None:
            sample = np.random.default_rng(0).standard_normal(self.shape[1])
            self.dtype = np.dtype(self.matvec(sample).dtype)

    def _matvec(self, x):
        return self._products[0](x)

    def _rmatvec(self, x):
        if self._products[1] is None:
            raise NotImplementedError("rmatvec is not defined")
        return self._products[1](x)

    def _matmat(self, X):
        product = self._products[2]
        return super()._matmat(X) if product is None else product(X)

    def _rmatmat(self, X):
        product = self._products[3]
        return super()._rmatmat(X) if product is None else product(X)


def _made(shape, a, b, product, adjoint_product, fits):
    """An operator of two."""
    if not fits:
        raise ValueError(f"cannot combine operators of shapes {a.shape} and {b.shape}")
    a, b = aslinearoperator(a), aslinearoperator(b)
    return _ByFunctions(
        shape,
        lambda v: product(a, b, v),
        lambda v: adjoint_product(a, b, v),
        dtype=np.result_type(a.dtype, b.dtype),
    )


def _product(a, b):
    return _made(
        (a.shape[0], b.shape[1]),
        a,
        b,
        lambda a, b, v: a.matvec(b.matvec(v)),
        lambda a, b, v: b.rmatvec(a.rmatvec(v)),
        a.shape[1] == b.shape[0],
    )


def _scaled(a, factor):
    return _ByFunctions(
        a.shape,
        lambda v: factor * a.matvec(v),
        lambda v: np.conj(factor) * a.rmatvec(v),
        dtype=np.result_type(a.dtype, getattr(factor, "dtype", factor)),
    )


_applied: Any = linear(
    lambda x, operator: operator.matvec(x),
    lambda ct, x, operator: np.conj(_applied(np.conj(ct), operator=operator.H)),
    name="matvec",
)


def aslinearoperator(A: Any) -> Any:
    """A matrix, sparse or not, or an operator, as an operator that maps traced arrays too.

    Equals :func:`scipy.sparse.linalg.aslinearoperator`; see :class:`LinearOperator`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse.linalg import aslinearoperator
    >>> twice = aslinearoperator(np.eye(2)) * 2
    >>> dr.grad(lambda x: np.sum((twice @ x) ** 2))(np.ones(2))
    array([8., 8.])
    """
    if isinstance(A, LinearOperator):
        return A
    if isinstance(A, sparse_linalg.LinearOperator):
        return _ByFunctions(
            A.shape,
            lambda x: _applied(x, operator=A),
            lambda x: _applied(x, operator=A.H),
            dtype=A.dtype,
        )
    if not (isinstance(A, TracedSparse) or is_traced(A)):
        A = sparse_linalg.aslinearoperator(A).A  # with SciPy's own errors
    elif not isinstance(A, TracedSparse):
        A = np.atleast_2d(as_operand(A))
    if A.ndim != 2:
        raise ValueError("array must have ndim <= 2")
    adjoint = A.T.conj()

    def product(x):
        return A @ x

    def adjoint_product(x):
        return adjoint @ x

    return _ByFunctions(A.shape, product, adjoint_product, product, A.dtype, adjoint_product)
