"""Cases of rules/decompositions.py."""

import numpy as np

from tests.cases import ZS, A, B, M, S, Z, case, complex_, each, real, row

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

# ---------------------------------------------------------------------------- with every option


def symmetric(function):
    """The function of the Hermitian part: what it reads of one triangle, it reads of both."""

    def call(a, *args, **options):
        return function((a + np.conj(np.swapaxes(a, -1, -2))) / 2, *args, **options)

    call.__name__ = function.__name__
    return call


def singular(a, full):
    """What of the singular vectors does not depend on their phases and bases."""
    u, s, vh = np.linalg.svd(a, full)
    n = s.shape[-1]
    rest_u, rest_v = u[..., n:], vh[..., n:, :]
    return (
        s,
        np.abs(u[..., :n]),
        np.abs(vh[..., :n, :]),
        rest_u @ np.conj(np.swapaxes(rest_u, -1, -2)),
        np.conj(np.swapaxes(rest_v, -1, -2)) @ rest_v,
    )


def tall_complete(a):
    """The columns that mode="complete" adds are a basis of the rest: its projection is unique."""
    q, r = np.linalg.qr(a, mode="complete")
    n = a.shape[-1]
    rest = q[..., n:]
    return q[..., :n], r, rest @ np.conj(np.swapaxes(rest, -1, -2))


CASES += [
    *(
        row(symmetric(np.linalg.cholesky), a, **options)
        for a in (S, ZS, np.stack([S, S + np.eye(3)]))
        for options in ({}, {"upper": True}, {"upper": False})
    ),
    *(
        row(np.linalg.qr, a, *args, **options)
        for a in (A, A.T, M, B, B.mT)
        for args, options in (((), {}), (("reduced",), {}), ((), {"mode": "r"}))
    ),
    *(row(np.linalg.qr, a, "complete") for a in (A, M, B)),
    *(row(tall_complete, a) for a in (A.T, Z.T, B.mT)),
    *(row(singular, a, full) for a in (A, A.T, M, B, Z, Z.T) for full in (True, False)),
    *(row(np.linalg.svd, a, True, False) for a in (A, A.T, M, B, Z)),
    *(row(np.linalg.svd, a, compute_uv=False, full_matrices=False) for a in (A, A.T)),
    *(
        row(symmetric(np.linalg.svd), a, compute_uv=False, hermitian=True)
        for a in (S - 4 * np.eye(3), ZS)
    ),
    row(symmetric(np.linalg.svd), S - 4 * np.eye(3), hermitian=True),
    *each((np.linalg.svdvals,), B),
]
