"""Sparse matrices of diagonals, blocks and products of blocks, with the names of scipy.sparse.

Must not know the arithmetic of what they make.
"""

import inspect
from typing import Any

import numpy as np
import scipy.sparse

from dualrev.core.operands import as_operand
from dualrev.core.traced import Traced
from dualrev.scipy.each_row import each_row
from dualrev.scipy.sparse.constructors import (
    converted,
    coo_matrix,
    dia_matrix,
    from_coordinates,
)
from dualrev.scipy.sparse.traced import entries_of, is_sparse, rearranged
from dualrev.scipy.twin import twin

__all__ = [
    "block_array",
    "block_diag",
    "bmat",
    "diags",
    "diags_array",
    "find",
    "hstack",
    "kron",
    "kronsum",
    "spdiags",
    "tril",
    "triu",
    "vstack",
]

# SciPy marks with an object of its own that no dtype was given.
_NO_DTYPE: Any = inspect.signature(scipy.sparse.diags).parameters["dtype"].default


def _of_diagonals(function):
    """Declare a function that puts traced numbers on diagonals."""

    def build(diagonals, *, offsets, shape, format, dtype):
        if np.ndim(offsets) == 0 and np.ndim(diagonals[0]) == 0:
            diagonals = [diagonals]  # one diagonal, not in a list
        diagonals = [np.reshape(as_operand(diagonal), -1) for diagonal in diagonals]
        options = {"offsets": np.atleast_1d(offsets), "shape": shape, "format": format}
        made = rearranged(
            lambda *places: function(list(places), dtype=float, **options), *diagonals
        )
        return made if dtype is None or dtype is _NO_DTYPE else made.astype(dtype)

    return build


@twin(scipy.sparse.diags, _of_diagonals)
def diags(diagonals, /):
    """Sparse matrix with these diagonals, whose numbers may be traced.

    Equals :func:`scipy.sparse.diags`; see :func:`diags_array`.
    """


@twin(scipy.sparse.diags_array, _of_diagonals)
def diags_array(diagonals, /):
    """Sparse array with these diagonals, whose numbers may be traced.

    Equals :func:`scipy.sparse.diags_array`.  What would come in dia format comes in coo format,
    diagonal by diagonal, where numbers are traced.

    Parameters
    ----------
    diagonals : sequence of array
        Those above the main diagonal start in its first row, those below in its first column; one
        number fills a diagonal where a shape is given.
    offsets : int or sequence of int
        Of each diagonal from the main one.
    shape : tuple of int, optional
        ``(m, n)``; by default that of the smallest square matrix with these diagonals.
    format : str, optional
        "csr", "csc" or "coo".
    dtype : dtype, optional
        Of the numbers.

    Returns
    -------
    sparse array
        See :func:`csr_array`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse import diags_array
    >>> A = lambda k: diags_array([k, -k[1:]], offsets=[0, -1])
    >>> dr.jacobian(lambda k: A(k) @ np.array([1.0, 2.0]))(np.array([3.0, 4.0]))
    array([[1., 0.],
           [0., 1.]])
    """


def _of_blocks(function):
    """Declare a function that arranges a list, or list of lists, of blocks."""

    def assemble(blocks, **options):
        is_nested = any(isinstance(block, list | tuple) for block in blocks)
        rows = [list(row) for row in blocks] if is_nested else [list(blocks)]
        given = [_block(block) for row in rows for block in row if block is not None]

        def build(*places):
            left = iter(places)
            filled = [[None if block is None else next(left) for block in row] for row in rows]
            return function(filled if is_nested else filled[0], **options)

        return rearranged(build, *given)

    return assemble


def _of_entries(function):
    """Declare a function that takes some entries of a matrix."""
    return lambda A, **options: rearranged(lambda a: function(a, **options), _block(A))


def _block(block):
    """A block, dense or sparse, as a sparse matrix with each place once.

    A dense one is no sparse array, as in SciPy: of such alone comes a matrix, whose * is @.
    """
    if not is_sparse(block):
        dense = np.atleast_2d(as_operand(block))
        if not isinstance(dense, Traced):
            dense = scipy.sparse.coo_matrix(dense)
        block = coo_matrix(dense)
    return entries_of(block).canonical()


@twin(scipy.sparse.hstack, _of_blocks)
def hstack(blocks, /):
    """Sparse matrices side by side; equals :func:`scipy.sparse.hstack`."""


@twin(scipy.sparse.vstack, _of_blocks)
def vstack(blocks, /):
    """Sparse matrices one above the other; equals :func:`scipy.sparse.vstack`."""


@twin(scipy.sparse.bmat, _of_blocks)
def bmat(blocks, /):
    """Sparse matrix of blocks, where None is zero; equals :func:`scipy.sparse.bmat`."""


@twin(scipy.sparse.block_array, _of_blocks)
def block_array(blocks, /):
    """Sparse array of blocks, where None is zero; equals :func:`scipy.sparse.block_array`."""


@twin(scipy.sparse.block_diag, _of_blocks)
def block_diag(mats, /):
    """Sparse matrix with these along its diagonal; equals :func:`scipy.sparse.block_diag`."""


@twin(scipy.sparse.tril, _of_entries)
def tril(A, /):
    """Part of a sparse matrix below its k-th diagonal; equals :func:`scipy.sparse.tril`."""


@twin(scipy.sparse.triu, _of_entries)
def triu(A, /):
    """Part of a sparse matrix above its k-th diagonal; equals :func:`scipy.sparse.triu`."""


@twin(scipy.sparse.kron)
def kron(A, B, /, *, format):
    """Kronecker product of sparse matrices; equals :func:`scipy.sparse.kron`.

    In coo format where none is asked for and numbers are traced.
    """
    return _kronecker(_block(A), _block(B)).asformat(format)


def _kronecker(a, b):
    data = (a.data[:, None] * b.data).reshape(-1)
    # The entries of b within each entry of a.
    coordinates = [
        (of_a[:, None] * count + of_b).reshape(-1)
        for of_a, of_b, count in zip(
            (a.pattern.rows, a.pattern.cols), (b.pattern.rows, b.pattern.cols), b.shape
        )
    ]
    shape = a.shape[0] * b.shape[0], a.shape[1] * b.shape[1]
    is_array = a.pattern.is_array or b.pattern.is_array
    return from_coordinates(data, tuple(coordinates), shape, is_array)


@twin(scipy.sparse.kronsum)
def kronsum(A, B, /, *, format):
    """Kronecker sum of square sparse matrices; equals :func:`scipy.sparse.kronsum`.

    In coo format where none is asked for and numbers are traced.
    """
    a, b = _block(A), _block(B)
    for x in (a, b):
        if x.shape[0] != x.shape[1]:
            raise ValueError("a matrix of a Kronecker sum is not square")
    is_array = a.pattern.is_array or b.pattern.is_array
    eye = scipy.sparse.eye_array if is_array else scipy.sparse.eye
    of_a, of_b = (_block(eye(x.shape[0])) for x in (a, b))
    return (_kronecker(of_b, a) + _kronecker(b, of_a)).asformat(format or "coo")


@twin(scipy.sparse.spdiags)
def spdiags(data, /, *, diags, m, n, format):
    """Sparse matrix of diagonals, given as rows; equals :func:`scipy.sparse.spdiags`.

    In coo format where none is asked for and numbers are traced.
    """
    shape = m if m is None or n is None else (m, n)
    if shape is None:
        shape = (np.shape(data)[-1],) * 2
    return dia_matrix((data, diags), shape=shape).asformat(format)


@twin(scipy.sparse.find)
@each_row
def find(A, /):
    """Rows, columns and numbers of a sparse matrix, without those that are 0.

    Equals :func:`scipy.sparse.find`.
    """
    matrix = _block(A)
    rows, cols, _ = scipy.sparse.find(matrix.plain())
    return rows, cols, converted(matrix, is_array=True)[rows, cols]
