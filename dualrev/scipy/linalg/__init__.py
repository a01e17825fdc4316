"""scipy.linalg, differentiable: same names, same signatures, same answers.

Owns the public names only.
"""

from dualrev.scipy.linalg.banded import solve_banded, solveh_banded
from dualrev.scipy.linalg.basics import det, lstsq, norm, pinv, pinvh
from dualrev.scipy.linalg.by_factors import cho_solve, lu_solve
from dualrev.scipy.linalg.equations import (
    solve_continuous_are,
    solve_continuous_lyapunov,
    solve_discrete_are,
    solve_discrete_lyapunov,
    solve_sylvester,
)
from dualrev.scipy.linalg.factorizations import cho_factor, cholesky, lu, lu_factor, qr
from dualrev.scipy.linalg.functions import expm, expm_frechet, fractional_matrix_power, logm, sqrtm
from dualrev.scipy.linalg.singular import null_space, orth, polar, svd, svdvals
from dualrev.scipy.linalg.spectra import eig, eigh, eigvals, eigvalsh
from dualrev.scipy.linalg.structured import (
    block_diag,
    circulant,
    companion,
    convolution_matrix,
    hankel,
    khatri_rao,
    leslie,
    toeplitz,
)
from dualrev.scipy.linalg.systems import inv, solve, solve_triangular
from dualrev.scipy.linalg.toeplitz_systems import matmul_toeplitz, solve_circulant, solve_toeplitz
from dualrev.scipy.linalg.trigonometric import coshm, cosm, sinhm, sinm, tanhm, tanm

__all__ = [
    "block_diag",
    "cho_factor",
    "cho_solve",
    "cholesky",
    "circulant",
    "companion",
    "convolution_matrix",
    "coshm",
    "cosm",
    "det",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "expm",
    "expm_frechet",
    "fractional_matrix_power",
    "hankel",
    "inv",
    "khatri_rao",
    "leslie",
    "logm",
    "lstsq",
    "lu",
    "lu_factor",
    "lu_solve",
    "matmul_toeplitz",
    "norm",
    "null_space",
    "orth",
    "pinv",
    "pinvh",
    "polar",
    "qr",
    "sinhm",
    "sinm",
    "solve",
    "solve_banded",
    "solve_circulant",
    "solve_continuous_are",
    "solve_continuous_lyapunov",
    "solve_discrete_are",
    "solve_discrete_lyapunov",
    "solve_sylvester",
    "solve_toeplitz",
    "solve_triangular",
    "solveh_banded",
    "sqrtm",
    "svd",
    "svdvals",
    "tanhm",
    "tanm",
    "toeplitz",
]
