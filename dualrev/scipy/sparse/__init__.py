"""Sparse matrices of traced numbers, made by constructors with the names of ``scipy.sparse``.

Owns those names; what is not here serves plain arrays only.  Must not know how matrices are made.

A finite-element matrix assembled from parameters is differentiable: ``csr_array((data, (rows,
cols)), shape)`` with traced data has the products, sums and transposes of SciPy's matrix.  Without
traced numbers each function here is SciPy's own.  A constant matrix needs none of them: ``S @ x``
with S of ``scipy.sparse`` and x traced has its derivative.
"""

import importlib

import scipy.sparse as _sparse
from scipy.sparse import eye, eye_array, identity

from dualrev.scipy.sparse.assembly import (
    block_array,
    block_diag,
    bmat,
    diags,
    diags_array,
    hstack,
    kron,
    tril,
    triu,
    vstack,
)
from dualrev.scipy.sparse.constructors import (
    coo_array,
    coo_matrix,
    csc_array,
    csc_matrix,
    csr_array,
    csr_matrix,
    dia_array,
    dia_matrix,
)
from dualrev.scipy.untraced import rest_of

__all__ = [
    "block_array",
    "block_diag",
    "bmat",
    "coo_array",
    "coo_matrix",
    "csc_array",
    "csc_matrix",
    "csr_array",
    "csr_matrix",
    "dia_array",
    "dia_matrix",
    "diags",
    "diags_array",
    "eye",
    "eye_array",
    "hstack",
    "identity",
    "kron",
    "linalg",
    "tril",
    "triu",
    "vstack",
]

_rest = rest_of(_sparse)


def __getattr__(name):
    if name == "linalg":
        return importlib.import_module(f"{__name__}.{name}")
    return _rest(name)
