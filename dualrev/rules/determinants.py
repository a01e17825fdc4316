"""Determinants and their logarithms.

Must not know the decompositions' rules; it calls them.  Adjoints are treated as there.
"""

import numpy as np

from dualrev.core.arrays import has_memory, nowhere
from dualrev.core.traced import is_differentiated
from dualrev.core.words import constant, rule
from dualrev.rules.matrices import adjoint, blocks
from dualrev.ways import stacked

# Giles (2008), "Collected matrix derivative results for forward and reverse mode AD", section
# 2.2.4, with the matrix of cofactors instead of det(A) A^-T: it exists for singular matrices too.


def _cofactors(a, det):
    """The gradient of the determinant.

    ``det(A) A^-T`` is accurate also next to singular matrices (Stewart 1998, "On the adjugate
    matrix"), where both are of one factorization: NumPy's det.  At singular ones it comes from the
    singular values.
    """
    if nowhere(np.equal(det, 0)):
        return det[..., None, None] * np.linalg.inv(a).mT
    u, s, vh = np.linalg.svd(a)
    phase = np.linalg.det(u) * np.linalg.det(vh)
    others = _products_of_others(s, 1)
    return phase[..., None, None] * (u.conj() * others[..., None, :]) @ vh.conj()


def _products_of_others(s, count):
    """Product of all s but s_i (count 1), or but s_i and s_j (count 2, where i = j: 0)."""
    n = s.shape[-1]
    left_out = np.eye(n, dtype=bool)
    if count == 1:
        return np.prod(np.where(left_out, 1, s[..., None, :]), axis=-1)
    left_out = left_out[:, None, :] | left_out[None, :, :]
    return np.prod(np.where(left_out, 1, s[..., None, None, :]), axis=-1) * (1 - np.eye(n))


def _is_regular(a, limit):
    """Whether all matrices are so far from singular that the inverse loses few digits."""
    try:
        inverse = np.linalg.inv(a)
    except np.linalg.LinAlgError:
        return False
    size = np.linalg.norm(a, axis=(-2, -1)) * np.linalg.norm(inverse, axis=(-2, -1))
    return nowhere(size >= limit)  # where it is nan, so is the answer


_is_regular = constant(_is_regular, batch=stacked(2))


def _cofactors_push(a, t):
    """d cof(A): tr(A^-1 dA) cof(A) - A^-T dA^T cof(A), a symmetric map: it is its own transpose.

    At singular matrices, with A = U S V^H and B = U^H dA V, the cofactors of S move by
    ``delta_ij sum_k p_ik b_kk - p_ij b_ji``, p_ij being the product of all s but s_i and s_j.
    """
    again = is_differentiated(a) or not has_memory(a)
    if again and a.shape[-1] < 5:
        return _polynomial_adjugate(a, t)[1].mT
    # Each derivative more loses the digits of another division by the smallest singular value.
    if _is_regular(a, 1e3 if again else 1e6):
        cofactors = cofactor_matrix(a, np.linalg.det(a))
        inverse = np.linalg.inv(a).mT
        return (inverse * t).sum((-2, -1))[..., None, None] * cofactors - inverse @ t.mT @ cofactors
    if again:
        return _adjugate_push(a, t).mT
    u, s, vh = np.linalg.svd(a)
    inner = adjoint(u) @ t @ adjoint(vh)
    others = _products_of_others(s, 2)
    diagonal = others @ np.diagonal(inner, axis1=-2, axis2=-1)[..., None]
    moved = diagonal * np.eye(s.shape[-1]) - others * inner.mT
    phase = np.linalg.det(u) * np.linalg.det(vh)
    return phase[..., None, None] * (u.conj() @ moved @ vh.conj())


# A determinant is a polynomial, but the singular vectors of a singular matrix have no derivative, so
# the formula above has none.  Below they are constants: adj(A) = adj(V^H) adj(B) adj(U) for all
# constant U and V, where B = U^H A V is of blocks P (regular), and others, which Gauss's elimination
# L^-1 B R^-1 = diag(P, C) clears.  For the small block C there are polynomials.


def _split(a):
    """Singular vectors, the phase det(U) det(V^H), and how many singular values are not small."""
    u, s, vh = np.linalg.svd(a)
    count = np.min((s > 1e-3 * s[..., :1]).sum(-1), initial=a.shape[-1])
    return u, vh, np.linalg.det(u) * np.linalg.det(vh), int(count)


_split = constant(_split, batch=stacked(2))


def _adjugate_push(a, t):
    """The derivative of the adjugate ``cof(A)^T``, of matrices of any rank; it has derivatives again.

    That of diag(P, C) in the direction [[E, F], [G, H]] is, block by block, with p = det P, c = det
    C, e = tr(P^-1 E) and h = tr(adj(C) H)::

        p ((h + c e) P^-1 - c P^-1 E P^-1)    -p P^-1 F adj(C)
        -p adj(C) G P^-1                      p (e adj(C) + d adj(C))
    """
    u, vh, phase, n = _split(a)
    u_h, v = adjoint(u), adjoint(vh)
    b, t = u_h @ a @ v, u_h @ t @ v
    corner = b[..., :n, :n]
    inverse = np.linalg.inv(corner)
    left, right = b[..., n:, :n] @ inverse, inverse @ b[..., :n, n:]
    small = b[..., n:, n:] - left @ b[..., :n, n:]
    # The direction, and below the answer, under the elimination.
    t = np.concatenate([t[..., :n, :], t[..., n:, :] - left @ t[..., :n, :]], -2)
    t = np.concatenate([t[..., :n], t[..., n:] - t[..., :n] @ right], -1)
    above, below = inverse @ t[..., :n, :], t[..., n:, :]
    adjugate, moved, det = _polynomial_adjugate(small, below[..., n:])
    e = np.trace(above[..., :n], axis1=-2, axis2=-1)[..., None, None]
    h = (adjugate.mT * below[..., n:]).sum((-2, -1))[..., None, None]
    t = blocks(
        ((h + det * e) * inverse - det * (above[..., :n] @ inverse), -above[..., n:] @ adjugate),
        (-adjugate @ below[..., :n] @ inverse, e * adjugate + moved),
    )
    t = np.concatenate([t[..., :n, :] - right @ t[..., n:, :], t[..., n:, :]], -2)
    t = np.concatenate([t[..., :n] - t[..., n:] @ left, t[..., n:]], -1)
    return (phase * np.linalg.det(corner))[..., None, None] * (v @ t @ u_h)


def _polynomial_adjugate(c, t):
    """adj(C), its derivative, and det(C), by the recurrence of Faddeev and LeVerrier.

    For small matrices, or such of small entries: its terms are as large as powers of C.
    """
    n = c.shape[-1]
    unit = np.eye(n)
    adjugate, moved = unit + 0 * c, 0 * t
    for k in range(1, n):
        adjugate, moved = c @ adjugate, t @ adjugate + c @ moved
        trace, shift = (
            np.trace(x, axis1=-2, axis2=-1)[..., None, None] / k for x in (adjugate, moved)
        )
        adjugate, moved = trace * unit - adjugate, shift * unit - moved
    det = (c[..., :1, :] @ adjugate[..., :1]) if n else 1.0
    return adjugate, moved, det


# The determinant is given to save a factorisation; the derivative by A is the whole one.
cofactor_matrix = rule(
    _cofactors,
    lambda tangents, ans, a, det: _cofactors_push(a, tangents[0]),
    lambda ct, wanted, ans, a, det: (_cofactors_push(a, ct), None),
    batch=stacked(2, 0),
)


def _det_jvp(tangents, ans, a):
    """d det = sum(cof(A) . dA)."""
    (t,) = tangents
    return (cofactor_matrix(a, ans) * t).sum((-2, -1))


def _det_vjp(ct, wanted, ans, a):
    """A* = det* cof(A)."""
    return (ct[..., None, None] * cofactor_matrix(a, ans),)


def _slogdet_jvp(tangents, ans, a):
    """d log|det| = Re tr(A^-1 dA), d sign = i sign Im tr(A^-1 dA)."""
    (t,) = tangents
    trace = (np.linalg.inv(a).mT * t).sum((-2, -1))
    sign, _ = ans
    return (1j * sign * trace.imag if a.dtype.kind == "c" else sign * 0), trace.real


def _slogdet_vjp(ct, wanted, ans, a):
    """A* = (logabsdet* + i Im(sign* sign)) A^-T."""
    ct_sign, ct = ct
    if a.dtype.kind == "c":
        ct = ct + 1j * (ct_sign * ans[0]).imag
    return (ct[..., None, None] * np.linalg.inv(a).mT,)


rule(np.linalg.det, _det_jvp, _det_vjp, batch=stacked(2))
rule(np.linalg.slogdet, _slogdet_jvp, _slogdet_vjp, batch=stacked(2))
