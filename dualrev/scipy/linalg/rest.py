"""What :mod:`scipy.linalg` has beside what has a rule here, each name with its word."""

import scipy.linalg as _scipy

from dualrev.scipy.rest import Rest

__all__ = ["REST"]

REST = Rest(
    _scipy,
    bodies="clarkson_woodruff_transform kron",
    constant=(
        "bandwidth dft find_best_blas_type hadamard helmert hilbert invhilbert invpascal ishermitian "
        "issymmetric pascal"
    ),
    refused={
        "cossin": (
            "its factors are known up to rotations, of the blocks that it does not tell of, too",
            "use dualrev.scipy.linalg.svd of a block: u1, c, v1h = svd(x[:p, :q])",
        ),
        "expm_cond": (
            "it is a norm of a matrix of n^4 numbers",
            "use dualrev.scipy.linalg.expm_frechet in the direction that matters",
        ),
        "get_blas_funcs get_lapack_funcs": (
            "Fortran's functions take plain arrays",
            (
                "use the function of dualrev.scipy.linalg that calls them, as solve, or "
                "dualrev.stop_gradient(x) where only its dtype is asked"
            ),
        ),
    },
)
