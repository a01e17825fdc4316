"""TracedSparse: a sparse matrix whose numbers are traced, with the methods of SciPy's.

Owns its arithmetic and how SciPy's functions rearrange it.  Must not know how SciPy's constructors
are called, nor any solver.
"""

import math
import operator

import numpy as np
import scipy.sparse

from dualrev import errors
from dualrev.axes import axes_of
from dualrev.core.operands import as_operand, base_of
from dualrev.core.traced import Holder, Traced
from dualrev.scipy.sparse.combining import elementwise_product_of, joined, product_of, sum_of
from dualrev.scipy.sparse.methods import Methods
from dualrev.scipy.sparse.pattern import (
    Pattern,
    Places,
    gathered,
    product,
    summed,
)
from dualrev.trees import register_container

__all__ = ["TracedSparse", "entries_of", "is_sparse", "matrix_of", "rearranged", "sum_of_entries"]


class TracedSparse(Methods, Holder):
    """A sparse matrix of traced numbers, in csr, csc or coo format.

    Attributes
    ----------
    data : traced array, shape (nnz,)
        The numbers, in the order of SciPy's matrix of this format.
    pattern : Pattern
        Where they stand.
    """

    __slots__ = ("data", "pattern")
    # NumPy's protocol for what takes its operators in its own hands.
    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]
    ndim = 2

    def __init__(self, data, pattern):
        self.data = data
        self.pattern = pattern

    def over(self, data):
        """The matrix of these numbers in the same places."""
        return matrix_of(data, self.pattern)

    # -- what it looks like

    @property
    def shape(self):
        return self.pattern.shape

    @property
    def format(self):
        return self.pattern.format

    @property
    def dtype(self):
        return self.data.dtype

    @property
    def nnz(self):
        return self.pattern.size

    size = nnz

    @property
    def T(self):
        return TracedSparse(self.data, self.pattern.T)

    def __repr__(self):
        rows, cols = self.shape
        return (
            f"<Traced sparse matrix of dtype {self.dtype} with {self.nnz} stored elements and shape "
            f"({rows}, {cols}), in {self.format} format>"
        )

    def __getattr__(self, name):
        if name in ("indices", "indptr", "row", "col", "coords"):
            return getattr(self.pattern.sample, name)
        if name.startswith("_") or not hasattr(self.pattern.sample, name):
            raise AttributeError(f"a traced sparse matrix has no attribute {name!r}")
        raise _missing(f"The method or attribute `{name}`")

    # -- the same numbers in another arrangement

    def transpose(self, axes=None, copy=False):
        """The transpose; its format is csc for csr, and the reverse."""
        return self.T

    def tocsr(self, copy=False):
        """The same matrix in csr format."""
        return self.asformat("csr")

    def tocsc(self, copy=False):
        """The same matrix in csc format."""
        return self.asformat("csc")

    def tocoo(self, copy=True):
        """The same matrix in coo format."""
        return self.asformat("coo")

    def asformat(self, format, copy=False):
        """The same matrix in csr, csc or coo format (the default for None: its own)."""
        if format in (None, self.format):
            return self
        if self.format == "coo":  # entries at the same place are added
            return sum_of_entries([self], self.shape).asformat(format)
        # Of plain numbers, beside traced ones in a product, a matrix of SciPy's comes out.
        return entries_of(rearranged(lambda matrix: matrix.asformat(format), self))

    def canonical(self):
        """The same matrix in csr or csc, each place once, and in order."""
        compressed = self if self.format in ("csr", "csc") else self.tocsr()
        if compressed.pattern.sample.has_canonical_format:
            return compressed
        summed_up = sum_of_entries([compressed], self.shape)
        return summed_up.asformat(compressed.format)

    def copy(self):
        """The matrix itself: it cannot be written."""
        return self

    def astype(self, dtype, casting="unsafe", copy=True):
        """The same matrix in another dtype."""
        return self.over(self.data.astype(dtype))

    def toarray(self, order=None, out=None):
        """A dense traced array."""
        if out is not None:
            raise _missing("toarray with the argument `out`")
        rows, cols = self.shape
        places = Places(self.pattern.rows * cols + self.pattern.cols, rows * cols)
        return summed(self.data, places=places).reshape(rows, cols)

    def todense(self, order=None, out=None):
        """A dense traced array (of a `*_array`; NumPy's matrices cannot be traced)."""
        self._refuse_matrix("todense", "toarray()")
        return self.toarray(order, out)

    def diagonal(self, k=0):
        """The k-th diagonal, a traced array."""
        rows, cols = self.pattern.rows, self.pattern.cols
        first_row, first_col = max(0, -k), max(0, k)
        length = min(self.shape[0] - first_row, self.shape[1] - first_col)
        if length <= 0:
            return np.zeros(0, self.dtype)
        on_it = np.flatnonzero(cols - rows == k)
        entries = gathered(self.data, places=Places(on_it, self.nnz))
        return summed(entries, places=Places(rows[on_it] - first_row, length))

    def reshape(self, *shape, order="C", copy=False):
        """The elements in another shape, of two axes, in coo format."""
        if len(shape) == 1 and np.ndim(shape[0]):
            (shape,) = shape
        return rearranged(
            lambda matrix: matrix.reshape(shape, order=order).tocoo(), self.canonical()
        )

    def getrow(self, i):
        """Row i, of shape (1, n)."""
        return self[[i], :]

    def getcol(self, j):
        """Column j, of shape (m, 1)."""
        return self[:, [j]]

    def trace(self, offset=0):
        """Sum of a diagonal."""
        return self.diagonal(offset).sum()

    def __getitem__(self, key):
        """A traced number, array or matrix, as SciPy's csr and csc matrices give it."""
        return rearranged(operator.itemgetter(base_of(key)), self.canonical())

    # -- reductions

    def sum(self, axis=None, dtype=None, out=None):
        """Sum of all elements, or over one axis: a traced number or array."""
        if dtype is not None or out is not None:
            raise _missing("sum with the argument `dtype` or `out`")
        axes = axes_of(axis, 2)
        if len(axes) == 2:
            return self.data.sum()
        self._refuse_matrix("sum over an axis", "toarray().sum(axis), or a csr_array")
        return self.over_axis(*axes)

    def over_axis(self, axis):
        """Sums over one axis, a traced array."""
        axis %= 2
        index = self.pattern.rows if axis else self.pattern.cols
        return summed(self.data, places=Places(index, self.shape[1 - axis]))

    def mean(self, axis=None, dtype=None, out=None):
        """Mean of all elements, or over one axis: a traced number or array."""
        return self.sum(axis, dtype, out) / math.prod(self.shape[k] for k in axes_of(axis, 2))

    # -- arithmetic

    def __neg__(self):
        return self.over(-self.data)

    def __pos__(self):
        return self

    def conj(self, copy=True):
        """Complex conjugate."""
        return self.over(np.conj(self.data))

    conjugate = conj

    def power(self, n, dtype=None):
        """Each entry to the power n, a positive number."""
        if dtype is not None or not n > 0:
            raise _missing("power with a dtype, or with an exponent that is not positive,")
        summed_up = self.canonical()
        return summed_up.over(summed_up.data**n).asformat(self.format)

    def __pow__(self, n):
        self._refuse_matrix("** (a power of the matrix)", "A @ A, or a csr_array")
        return self.power(n)

    def dot(self, other):
        """The product with a matrix or vector; with a number, as in SciPy, a multiple."""
        return self * other if np.ndim(other) == 0 and not is_sparse(other) else self @ other

    def __matmul__(self, other):
        if is_sparse(other):
            return _product_of_sparse(self, entries_of(other))
        other = as_operand(other)
        _check_product(self.shape, np.shape(other), self.shape[1], np.shape(other)[:1])
        return product(self.data, other, pattern=self.pattern)

    def __rmatmul__(self, other):
        if is_sparse(other):
            return _product_of_sparse(entries_of(other), self)
        other = as_operand(other)
        _check_product(np.shape(other), self.shape, self.shape[0], np.shape(other)[-1:])
        return product(self.data, other.T, pattern=self.pattern.T).T

    def __mul__(self, other):
        if self._is_matrix and (is_sparse(other) or np.ndim(other)):
            return self @ other
        return self.multiply(other)

    def __rmul__(self, other):
        if is_sparse(other):  # of two the left one says what * is
            return entries_of(other) * self
        return (
            self.__rmatmul__(other) if self._is_matrix and np.ndim(other) else self.multiply(other)
        )

    def multiply(self, other):
        """The elementwise product, which has entries where both factors have."""
        if not is_sparse(other):
            product = self.over(self.data * self._at_entries(other))
            return product.tocoo() if np.ndim(other) else product
        a, b = self.canonical().tocsr(), entries_of(other).canonical().tocsr()
        if all(m == n or 1 in (m, n) for m, n in zip(a.shape, b.shape)) and a.shape != b.shape:
            raise _missing(_BROADCASTS)
        _check_shapes(a, b)
        product = matrix_of(*elementwise_product_of(a, b))
        return product.asformat("csc" if self.format == "csc" else "csr")

    def __truediv__(self, other):
        if is_sparse(other):
            raise _missing("Division by a sparse matrix")
        divisor = self._at_entries(other)
        if np.ndim(divisor) == 0:
            return self.over(self.data * (1 / divisor))  # as SciPy rounds it
        return self.over(self.data / divisor)

    def __rtruediv__(self, other):
        raise _missing("Division by a sparse matrix")

    def _at_entries(self, other):
        """A number, or the elements of a dense array where this matrix has entries."""
        other = as_operand(other)
        if not np.ndim(other):
            return other
        if np.broadcast_shapes(other.shape, self.shape) != self.shape:
            raise _missing(_BROADCASTS)
        pattern = self.pattern
        return np.broadcast_to(other, self.shape)[pattern.rows, pattern.cols]

    def __add__(self, other):
        if is_sparse(other):
            return _sum_of_two(self, entries_of(other))
        if np.ndim(other) == 0 and not isinstance(other, Traced) and other == 0:
            return self  # sum([A, B]) begins with 0
        self._refuse_matrix("+ with a dense array", "A.toarray() + x")
        other = as_operand(other)
        if np.broadcast_shapes(np.shape(other), self.shape) != self.shape or not np.ndim(other):
            raise _missing("A sum that broadcasts the sparse matrix, or with a number,")
        return self.toarray() + other

    def __radd__(self, other):
        return _sum_of_two(entries_of(other), self) if is_sparse(other) else self + other

    def __sub__(self, other):
        return self + -(other if is_sparse(other) else as_operand(other))

    def __rsub__(self, other):
        return (-self).__radd__(other)

    @property
    def _is_matrix(self):
        return not self.pattern.is_array

    def _refuse_matrix(self, what, instead):
        if self._is_matrix:
            raise errors.MissingRuleError(
                f"{what} of a traced *_matrix is not known: in SciPy an np.matrix comes out.",
                fix=f"use {instead}",
            )


_BROADCASTS = "An elementwise product that broadcasts the sparse matrix"


def _refuse_as_result(matrix):
    raise errors.StructureError(
        "A sparse matrix of traced numbers is neither an argument nor a result of a "
        "differentiated function.",
        fix="pass or return its numbers, A.data",
    )


register_container(TracedSparse, _refuse_as_result, lambda metadata, children: None)


def _missing(what):
    return errors.no_rule(
        f"{what} of a sparse matrix of traced numbers",
        "compute with A.toarray()",
    )


def is_sparse(x: object) -> bool:
    """Whether x is a sparse matrix, of traced numbers or of plain ones."""
    return isinstance(x, TracedSparse) or scipy.sparse.issparse(x)


def entries_of(matrix):
    """A sparse matrix, of SciPy's too, by its numbers and their pattern."""
    if isinstance(matrix, TracedSparse):
        return matrix
    if matrix.ndim != 2:
        raise _missing("An operation with a sparse array that is not 2-D")
    if matrix.format not in ("csr", "csc", "coo"):
        matrix = matrix.tocsr()
    return TracedSparse(matrix.data, Pattern(matrix))


def matrix_of(data, pattern):
    """A traced matrix, or SciPy's where no number is traced."""
    return TracedSparse(data, pattern) if isinstance(data, Traced) else pattern.fill(data)


def _check_shapes(a, b):
    if a.shape != b.shape:
        raise ValueError(f"inconsistent shapes {a.shape} and {b.shape}")


def _check_product(a_shape, b_shape, inner, other):
    if not 1 <= min(len(a_shape), len(b_shape)) <= max(len(a_shape), len(b_shape)) <= 2:
        raise ValueError(f"matmul: shapes {a_shape} and {b_shape}, not of vectors and matrices")
    if other != (inner,):
        raise ValueError(f"matmul: dimension mismatch of shapes {a_shape} and {b_shape}")


def sum_of_entries(matrices, shape):
    """The sum of matrices in csr, each place once; an array or matrix as the first is."""
    return TracedSparse(*sum_of(matrices, shape))


def _sum_of_two(a, b):
    _check_shapes(a, b)
    total = sum_of_entries([a, b], a.shape)
    return total.tocsc() if a.format == "csc" else total


def _product_of_sparse(a, b):
    format = "csc" if a.format == "csc" else "csr"
    if a.shape[1] != b.shape[0]:
        raise ValueError(f"matmul: dimension mismatch of shapes {a.shape} and {b.shape}")
    product = product_of(a.canonical().tocsr(), b.canonical().tocsr())
    return matrix_of(*product).asformat(format)


def rearranged(rearrange, *matrices):
    """What a function of SciPy's makes of matrices, where each number of its answer is one of theirs.

    It is called with the same patterns, filled with places instead of numbers, counted from 1.

    Parameters
    ----------
    rearrange : callable
        Function of SciPy's sparse matrices (or arrays, where these are given), with a sparse or
        dense answer.
    *matrices : TracedSparse, or array
        Each place once.
    """
    parts, places, start = [], [], 1
    for matrix in matrices:
        holds_entries = isinstance(matrix, TracedSparse)
        data = matrix.data if holds_entries else matrix.reshape(-1)
        # Floats hold them exactly, and SciPy's functions know them best.
        own = np.arange(start, start + data.size, dtype=float)
        places.append(matrix.pattern.fill(own) if holds_entries else own.reshape(matrix.shape))
        parts.append(data)
        start += data.size
    data = joined(parts)
    taken = rearrange(*places)
    if not scipy.sparse.issparse(taken):
        if isinstance(taken, np.matrix):
            raise _missing("Indexing to an np.matrix")
        index = np.asarray(taken).astype(np.intp)
        padded = np.concatenate([np.zeros(1, data.dtype), data])
        return padded[index.reshape(-1)].reshape(index.shape) if index.ndim else padded[index]
    if taken.ndim != 2:
        raise errors.MissingRuleError(
            "A sparse array of one dimension cannot hold traced numbers.",
            fix="keep both axes: A[[i], :] for A[i], A[:, [j]] for A[:, j]",
        )
    if taken.format not in ("csr", "csc", "coo"):
        taken = taken.tocoo()
        taken.eliminate_zeros()  # what fills a block up is no entry
    index = taken.data.astype(np.intp) - 1
    return matrix_of(gathered(data, places=Places(index, data.size)), Pattern(taken))
