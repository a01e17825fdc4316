"""Cases of rules/decompositions.py."""

import numpy as np

from tests.cases import case, complex_, real

la = np.linalg


def adjoint(a):
    return np.conj(a.mT)


def positive_definite(a):
    return a @ adjoint(a) + np.eye(a.shape[-1])


def hermitian(a):
    return a + adjoint(a)


def of_hermitian(f, **options):
    return lambda a: f(hermitian(a), **options)


def function_by_svd(a):
    u, s, vh = la.svd(a, full_matrices=False)
    return (u * np.sin(s)[..., None, :]) @ vh


def null_space_projector(a):
    vh = la.svd(a)[2][..., a.shape[-2] :, :]
    return adjoint(vh) @ vh


CASES = [
    *(
        case(
            la.cholesky,
            real(*shape),
            call=lambda a: la.cholesky(positive_definite(a)),
            dtypes="fFD",
        )
        for shape in ((3, 3), (2, 2, 2))
    ),
    case(la.cholesky, complex_(3, 3), call=lambda a: la.cholesky(positive_definite(a)), dtypes=""),
    case(
        la.cholesky,
        complex_(3, 3),
        call=lambda a: la.cholesky(positive_definite(a), upper=True),
        dtypes="",
    ),
    *(
        case(la.qr, real(*shape), mode=mode, dtypes="fD")
        for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2))
        for mode in ("reduced", "r")
    ),
    case(la.qr, complex_(4, 2), dtypes=""),
    case(la.qr, complex_(2, 3), dtypes=""),
    *(case(la.qr, real(*shape), mode="complete") for shape in ((3, 3), (2, 4))),
    *(
        case(la.svd, real(*shape), full_matrices=False, dtypes="fD")
        for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2))
    ),
    case(la.svd, real(3, 3), dtypes="fD"),
    case(la.svd, real(3, 2), dtypes="f"),
    *(case(la.svd, real(*shape), compute_uv=False, dtypes="fD") for shape in ((3, 4), (2, 3, 2))),
    case(la.svd, complex_(3, 4), compute_uv=False, dtypes=""),
    case(la.svd, real(3, 3), call=of_hermitian(la.svd, hermitian=True), label="svd(hermitian)"),
    case(
        la.svd,
        complex_(3, 3),
        call=of_hermitian(la.svd, hermitian=True, compute_uv=False),
        dtypes="",
    ),
    *(
        case(
            la.svd, x, call=function_by_svd, label=f"svd(function of a {x.dtype} matrix)", dtypes=""
        )
        for x in (real(3, 3), real(4, 2), complex_(3, 3), complex_(2, 4), complex_(4, 2))
    ),
    *(
        case(la.svd, x, call=null_space_projector, label=f"svd(null space, {x.dtype})", dtypes="")
        for x in (real(2, 4), complex_(2, 4))
    ),
    case(la.svdvals, real(2, 3, 2), dtypes="fD"),
]
