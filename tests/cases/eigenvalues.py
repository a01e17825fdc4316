"""Cases of rules/eigenvalues.py."""

import numpy as np

from tests.cases import ZS, M, S, case, complex_, each, real, row
from tests.cases.decompositions import adjoint, hermitian, of_hermitian, symmetric

la = np.linalg


def function_of_hermitian(a):
    w, v = la.eigh(hermitian(a))
    return (v * np.exp(w / 4)[..., None, :]) @ adjoint(v)


def function_by_eig(a):
    w, v = la.eig(a)
    return (v * np.exp(w)) @ la.inv(v)


CASES = [
    *(
        case(la.eigh, real(*shape), call=of_hermitian(la.eigh, UPLO=uplo), dtypes="fD")
        for shape, uplo in (((3, 3), "L"), ((2, 3, 3), "U"))
    ),
    case(la.eigh, complex_(3, 3), call=function_of_hermitian, label="eigh(function)", dtypes=""),
    case(la.eigh, complex_(2, 2, 2), call=function_of_hermitian, label="eigh(function)", dtypes=""),
    *(
        case(la.eigvalsh, x, call=of_hermitian(la.eigvalsh), dtypes="")
        for x in (real(3, 3), complex_(3, 3), real(2, 3, 3))
    ),
    case(la.eig, real(3, 3), dtypes="fFD"),
    case(la.eig, real(2, 3, 3, seed=5), dtypes="fD"),
    case(la.eig, complex_(3, 3), dtypes=""),
    case(la.eig, np.array([[0.3, 1.0], [-2.0, 0.5]])),
    case(la.eig, complex_(3, 3), call=function_by_eig, label="eig(function)", dtypes=""),
    *(case(la.eigvals, x, dtypes="") for x in (real(3, 3), complex_(3, 3), real(2, 3, 3))),
]

# ---------------------------------------------------------------------------- with every option


def spectral(function, vectors):
    """Eigenvalues, and magnitudes of the vectors, which do not depend on their phase."""

    def call(a, *args, **options):
        ans = symmetric(function)(a, *args, **options)
        return ans[0], np.abs(ans[vectors])

    call.__name__ = function.__name__
    return call


CASES += [
    *(
        c
        for a in (S, ZS)
        for upper in ("L", "U", "l")
        for c in (
            row(spectral(np.linalg.eigh, 1), a, UPLO=upper),
            row(spectral(np.linalg.eigh, 1), a, upper),
            row(symmetric(np.linalg.eigvalsh), a, upper),
            row(symmetric(np.linalg.eigvalsh), a, UPLO=upper),
        )
    ),
    *each((np.linalg.eig, np.linalg.eigvals), M),
    *each((np.linalg.eigvals,), np.stack([M, S])),
]
