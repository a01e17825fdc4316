"""What :mod:`scipy.sparse.linalg` has beside what has a rule here, each name with its word."""

import scipy.sparse.linalg as _scipy

from dualrev.scipy.rest import Rest

__all__ = ["REST"]

REST = Rest(
    _scipy,
    constant="LaplacianNd is_sptriangular spbandwidth use_solver",
    refused={
        "funm_multiply_krylov": (
            "it approximates in a subspace that depends on the matrix",
            "use dualrev.scipy.linalg.funm(A.toarray(), f) @ b",
        ),
        "lobpcg": (
            "it stops far from rounding, by its own choice",
            "use dualrev.scipy.sparse.linalg.eigsh",
        ),
        "onenormest": ("it is an estimate", "use dualrev.scipy.sparse.linalg.norm(A, 1)"),
    },
)
