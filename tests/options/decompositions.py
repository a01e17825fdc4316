"""Options of rules/decompositions.py."""

import numpy as np

from tests.options import ZS, A, B, M, Row, S, Z, each


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


ROWS = [
    *(
        Row(symmetric(np.linalg.cholesky), a, **options)
        for a in (S, ZS, np.stack([S, S + np.eye(3)]))
        for options in ({}, {"upper": True}, {"upper": False})
    ),
    *(
        Row(np.linalg.qr, a, *args, **options)
        for a in (A, A.T, M, B, B.mT)
        for args, options in (((), {}), (("reduced",), {}), ((), {"mode": "r"}))
    ),
    *(Row(np.linalg.qr, a, "complete") for a in (A, M, B)),
    *(Row(tall_complete, a) for a in (A.T, Z.T, B.mT)),
    *(Row(singular, a, full) for a in (A, A.T, M, B, Z, Z.T) for full in (True, False)),
    *(Row(np.linalg.svd, a, True, False) for a in (A, A.T, M, B, Z)),
    *(Row(np.linalg.svd, a, compute_uv=False, full_matrices=False) for a in (A, A.T)),
    *(
        Row(symmetric(np.linalg.svd), a, compute_uv=False, hermitian=True)
        for a in (S - 4 * np.eye(3), ZS)
    ),
    Row(symmetric(np.linalg.svd), S - 4 * np.eye(3), hermitian=True),
    *each((np.linalg.svdvals,), B),
]
