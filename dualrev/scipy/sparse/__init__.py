"""Sparse matrices of traced numbers, made by constructors with the names of ``scipy.sparse``.

Owns those names; what is not here serves plain arrays only.  Must not know how matrices are made.

A finite-element matrix assembled from parameters is differentiable: ``csr_array((data, (rows,
cols)), shape)`` with traced data has the products, sums and transposes of SciPy's matrix.  Without
traced numbers each function here is SciPy's own.  A constant matrix needs none of them: ``S @ x``
with S of ``scipy.sparse`` and x traced has its derivative.
"""

import importlib

from dualrev.scipy.sparse import assembly, constructors
from dualrev.scipy.sparse.assembly import *
from dualrev.scipy.sparse.constructors import *
from dualrev.scipy.sparse.rest import REST

__all__ = [
    *assembly.__all__,
    *constructors.__all__,
    "csgraph",
    "linalg",
    *REST.names,
]


def __getattr__(name):
    if name in ("csgraph", "linalg"):
        return importlib.import_module(f"{__name__}.{name}")
    return REST(name)
