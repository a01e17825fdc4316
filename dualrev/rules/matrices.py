"""Stacks of matrices: adjoints, diagonals, blocks, sizes, products with vectors.

Must not know what they are factors or functions of.
"""

import numpy as np


def adjoint(a):
    """The conjugate transpose of a stack of matrices."""
    return a.mT.conj() if a.dtype.kind == "c" else a.mT


def diagonal(a):
    return np.diagonal(a, axis1=-2, axis2=-1)


def hermitian_part(a):
    return (a + adjoint(a)) / 2


def largest(x):
    """The largest absolute value in each matrix, as a matrix of one element."""
    return np.max(np.abs(x), axis=(-2, -1), keepdims=True, initial=0)


def times_vectors(a, x):
    """The product of each matrix and the vector at its place in the stack."""
    return (a @ x[..., None])[..., 0]


def blocks(*rows):
    """The matrices of which these are the rows of blocks; a third of np.block's time."""
    return np.concatenate([np.concatenate(row, -1) for row in rows], -2)
