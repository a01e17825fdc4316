"""Constructors of sparse matrices from traced numbers, with the names of scipy.sparse.

Must not know the arithmetic of what they make.
"""

import numpy as np
import scipy.sparse

from dualrev import errors
from dualrev.core.operands import as_operand
from dualrev.scipy.sparse.pattern import Pattern, ones
from dualrev.scipy.sparse.traced import TracedSparse, rearranged
from dualrev.scipy.twin import twin

__all__ = [
    "bsr_array",
    "bsr_matrix",
    "coo_array",
    "coo_matrix",
    "csc_array",
    "csc_matrix",
    "csr_array",
    "csr_matrix",
    "dia_array",
    "dia_matrix",
]


#: Formats of which no traced matrix is: it comes in coo format.
_BY_BLOCKS = "bsr", "dia"


def _constructed(cls):
    """Declare a class of SciPy's as a constructor of matrices of traced numbers."""
    is_array = issubclass(cls, scipy.sparse.sparray)
    format = cls.__name__.partition("_")[0]

    def construct(arg1, *, shape, dtype, **others):
        if isinstance(arg1, TracedSparse):
            made = converted(arg1, is_array)
        elif isinstance(arg1, tuple) and format != "dia" and len(arg1) == 2:
            made = from_coordinates(*arg1, shape, is_array)
        elif isinstance(arg1, tuple):
            data, *places = map(as_operand, arg1)
            if format in _BY_BLOCKS:
                made = rearranged(lambda numbers: cls((numbers, *places), shape=shape), data)
            else:
                places = map(np.array, places)  # the caller may write into his own
                sample = cls((ones(*data.shape), *places), shape=shape)
                made = TracedSparse(data[: sample.data.size], Pattern(sample))
        else:
            made = from_dense(as_operand(arg1), is_array)
        if shape is not None and made.shape != tuple(shape):
            raise ValueError(f"inconsistent shapes {made.shape} and {tuple(shape)}")
        if format not in _BY_BLOCKS:
            made = made.asformat(format)
        return made if dtype is None else made.astype(dtype)

    return construct


def from_dense(dense, is_array):
    """The matrix of all elements of a dense one, in coo format."""
    if dense.ndim != 2:
        raise errors.ArgumentError(
            f"A traced sparse matrix is made from a matrix; here are {dense.ndim} dimensions.",
            fix="give a matrix, as x[None, :]",
        )
    rows, cols = np.indices(dense.shape)
    coordinates = rows.reshape(-1), cols.reshape(-1)
    return from_coordinates(dense.reshape(-1), coordinates, dense.shape, is_array)


def from_coordinates(data, coordinates, shape, is_array):
    data = as_operand(data)
    make = scipy.sparse.coo_array if is_array else scipy.sparse.coo_matrix
    coordinates = tuple(map(np.array, coordinates))  # the caller may write into his own
    sample = make((ones(*data.shape), coordinates), shape=shape)
    if sample.ndim != 2:
        raise errors.MissingRuleError(
            "A coo_array that is not 2-D cannot hold traced numbers.",
            fix="use a dense array",
        )
    return TracedSparse(data, Pattern(sample))


def converted(matrix, is_array):
    """A matrix as a `*_array` or `*_matrix`."""
    if is_array == matrix.pattern.is_array:
        return matrix
    sample = matrix.pattern.sample
    kind = f"{sample.format}_{'array' if is_array else 'matrix'}"
    return TracedSparse(matrix.data, Pattern(getattr(scipy.sparse, kind)(sample)))


@twin(scipy.sparse.csr_array, _constructed)
def csr_array(arg1, /):
    """Sparse matrix by compressed rows, whose numbers may be traced.

    Equals :class:`scipy.sparse.csr_array`, which is what comes back where no number is traced.

    Parameters
    ----------
    arg1 : tuple, matrix or array
        ``(data, (rows, cols))``, where numbers at the same place are added, as finite elements are
        assembled; ``(data, indices, indptr)``; another sparse matrix; or a dense matrix, of which
        all elements are kept, zeros too, since their derivatives may not vanish.
    shape : tuple of int, optional
        ``(m, n)``.
    dtype : dtype, optional
        Of the numbers.
    copy, maxprint
        As in SciPy; without influence where numbers are traced.

    Returns
    -------
    sparse matrix
        With traced numbers: ``A @ x``, ``x @ A``, ``A @ B``, ``A + B``, ``c * A``, ``A.multiply``,
        ``A.T``, ``A[i, j]``, ``A.toarray()``, ``A.diagonal()``, ``A.sum(axis)`` and conversions
        have derivatives; other methods raise.  It cannot be written.

    Raises
    ------
    MissingRuleError
        From methods without a derivative rule, with what to use instead.

    Notes
    -----
    The product is bilinear in the numbers and in x: the cotangent of the entry at (i, j) of ``A @
    x`` is ``ct_i x_j``.  That of x costs one product with the transpose, that of the numbers O(nnz).

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse import csr_array
    >>> rows, cols = [0, 0, 1, 1], [0, 1, 0, 1]
    >>> def energy(k):
    ...     stiffness = csr_array((k * np.array([1, -1, -1, 1]), (rows, cols)), shape=(2, 2))
    ...     u = np.array([1.0, 3.0])
    ...     return u @ (stiffness @ u)
    >>> dr.grad(energy)(5.0)
    np.float64(4.0)
    """


@twin(scipy.sparse.csr_matrix, _constructed)
def csr_matrix(arg1, /):
    """Sparse matrix by compressed rows, whose numbers may be traced.

    Equals :class:`scipy.sparse.csr_matrix`; like :func:`csr_array`; ``*`` is the matrix product.
    """


@twin(scipy.sparse.csc_array, _constructed)
def csc_array(arg1, /):
    """Sparse matrix by compressed columns, whose numbers may be traced.

    Equals :class:`scipy.sparse.csc_array`; like :func:`csr_array`.
    """


@twin(scipy.sparse.csc_matrix, _constructed)
def csc_matrix(arg1, /):
    """Sparse matrix by compressed columns, whose numbers may be traced.

    Equals :class:`scipy.sparse.csc_matrix`; like :func:`csc_array`; ``*`` is the matrix product.
    """


@twin(scipy.sparse.coo_array, _constructed)
def coo_array(arg1, /):
    """Sparse matrix by coordinates, whose numbers may be traced.

    Equals :class:`scipy.sparse.coo_array`; like :func:`csr_array`.
    """


@twin(scipy.sparse.coo_matrix, _constructed)
def coo_matrix(arg1, /):
    """Sparse matrix by coordinates, whose numbers may be traced.

    Equals :class:`scipy.sparse.coo_matrix`; like :func:`coo_array`; ``*`` is the matrix product.
    """


@twin(scipy.sparse.dia_array, _constructed)
def dia_array(arg1, /):
    """Sparse matrix by diagonals, whose numbers may be traced.

    Equals :class:`scipy.sparse.dia_array`; like :func:`csr_array`, but with traced numbers it comes
    in coo format, diagonal by diagonal.
    """


@twin(scipy.sparse.dia_matrix, _constructed)
def dia_matrix(arg1, /):
    """Sparse matrix by diagonals, whose numbers may be traced.

    Equals :class:`scipy.sparse.dia_matrix`; like :func:`dia_array`; ``*`` is the matrix product.
    """


@twin(scipy.sparse.bsr_array, _constructed)
def bsr_array(arg1, /):
    """Sparse matrix by compressed rows of blocks, whose numbers may be traced.

    Equals :class:`scipy.sparse.bsr_array`; like :func:`csr_array`, but with traced numbers it comes
    in coo format, block by block.
    """


@twin(scipy.sparse.bsr_matrix, _constructed)
def bsr_matrix(arg1, /):
    """Sparse matrix by compressed rows of blocks, whose numbers may be traced.

    Equals :class:`scipy.sparse.bsr_matrix`; like :func:`bsr_array`; ``*`` is the matrix product.
    """
