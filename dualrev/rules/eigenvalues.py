"""Matrix eigenvalues: eigh, eigvalsh, eig and eigvals.

Must not know other factorizations (decompositions).  Adjoints are treated as there, one triangle as
in triangles.

Equal eigenvalues.  Their eigenvectors are any basis of the common subspace, and have no derivative
of their own.  Functions of the eigenvalues alone, symmetric in them, and of eigenvectors that belong
to other eigenvalues have: both come out right.  ``V f(W) V^H`` has one too, but it cannot be told
from the cotangents of W and V in one basis: it would take those of W in all rotated ones.  There the
answer is nan, not a wrong number (equal_values).
"""

import numpy as np

from dualrev.core.arrays import nowhere
from dualrev.core.cotangents import sum_of_terms
from dualrev.core.guarded import guarded_product
from dualrev.core.words import constant, rule
from dualrev.rules.equal_values import (
    divided,
    divided_pull,
    equal_pairs,
    equal_values,
    is_moved,
    moved_gradient,
    second_move,
    spectral_gradient,
    spectral_push,
    spectral_rule,
)
from dualrev.rules.masks import is_diagonal
from dualrev.rules.matrices import adjoint, diagonal, largest
from dualrev.rules.triangles import folded, mirrored, mirrored_if_traced
from dualrev.ways import stacked, whole

# ---------------------------------------------------------------------------------- eigh, eigvalsh
# Giles (2008), "Collected matrix derivative results for forward and reverse mode AD", section 3.1,
# for Hermitian matrices.


def _reads_lower(UPLO):
    return UPLO.upper() == "L"


def _eigh_jvp(tangents, ans, a, UPLO="L", turned=False):
    """P = V^H dA V: dw = diag P, dV = V (P_ij / (w_j - w_i))."""
    lower = _reads_lower(UPLO)
    t = mirrored(tangents[0], lower=lower)
    w, v = ans
    inner = adjoint(v) @ t @ v
    if type(inner) is np.ndarray and not turned:
        t_w = diagonal(inner).real
    else:
        t_w = spectral_push(mirrored_if_traced(a, lower), t, w, v, turned=turned)
    return t_w, v @ divided(inner, w)


def _eigh_vjp(ct, wanted, ans, a, UPLO="L"):
    """A* = V (diag w* + (V^H V*)_ij / (w_j - w_i)) V^H, folded."""
    w, v = ans
    ct_w, ct_v = ct
    lower = _reads_lower(UPLO)
    h = mirrored_if_traced(a, lower)
    if ct_v is None:
        return (folded(spectral_gradient(h, ct_w, w, v).conj(), lower=lower),)
    along = adjoint(v) @ ct_v.conj()
    same, used = equal_values(w), None
    if same is not None and ct_w is not None:
        used = np.abs(ct_v).sum(-2) + np.abs(ct_w)
    inner = divided_pull((along - adjoint(along)) / 2, w, same, along, used)
    total = 0
    if type(v) is type(ct_w) is np.ndarray:  # two products of matrices less
        inner = np.where(is_diagonal(w.shape[-1]), ct_w[..., None, :], inner)
    elif ct_w is not None:
        total = spectral_gradient(h, ct_w, w, v)
    return (folded((total + v @ inner @ adjoint(v)).conj(), lower=lower),)


def _eigvalsh_jvp(tangents, ans, a, UPLO="L", turned=False):
    """dw = diag(V^H dA V)."""
    lower = _reads_lower(UPLO)
    t = mirrored(tangents[0], lower=lower)
    h = mirrored_if_traced(a, lower)
    return spectral_push(h, t, *np.linalg.eigh(a, UPLO), turned=turned)


def _eigvalsh_vjp(ct, wanted, ans, a, UPLO="L"):
    """A* = V diag(w*) V^H, folded."""
    lower = _reads_lower(UPLO)
    h = mirrored_if_traced(a, lower)
    ct = spectral_gradient(h, ct, *np.linalg.eigh(a, UPLO)).conj()
    return (folded(ct, lower=lower),)


spectral_rule(np.linalg.eigh, _eigh_jvp, _eigh_vjp, fills=False)
spectral_rule(np.linalg.eigvalsh, _eigvalsh_jvp, _eigvalsh_vjp)

# ------------------------------------------------------------------------------------ eig, eigvals
# Giles (2008), section 3.1; then each eigenvector keeps its length, 1, and its phase: LAPACK makes
# the largest component real (zgeev).


def _real_components(v):
    """Where in each eigenvector LAPACK has put the real component."""
    if not v.size:
        return np.zeros((*v.shape[:-2], 1, v.shape[-1]), int)
    return np.argmax(np.where(v.imag == 0, np.abs(v), 0), axis=-2)[..., None, :]


_real_components = constant(_real_components, batch=stacked(2))


def _inverse(v):
    """V^-1, nan where the eigenvectors are no basis: there eigenvalues move infinitely fast."""
    try:
        inverse = np.linalg.inv(v)
    except np.linalg.LinAlgError:  # of one of the stack
        singular = np.equal(np.linalg.det(v), 0)[..., None, None]
        inverse = np.linalg.inv(np.where(singular, np.eye(v.shape[-1]), v))
        inverse = np.where(singular, np.nan, inverse)
    lost = _are_dependent(inverse)
    return inverse if nowhere(lost) else np.where(lost, np.nan, inverse)


def _are_dependent(inverse):
    """Where vectors of length 1 are so nearly dependent that no digit of a derivative is left."""
    size = largest(inverse)
    return ~(size**2 * np.finfo(inverse.dtype).eps < 0.01)


_are_dependent = constant(_are_dependent, batch=stacked(2))


def _same_unordered(w):
    """As equal_values, of eigenvalues in any order."""
    equal, _ = equal_pairs(w)
    return None if nowhere(equal & ~is_diagonal(w.shape[-1])) else equal


_same_unordered = constant(_same_unordered, open=True)


# As spectral_gradient and spectral_push, with V^-1 for V^H; where eigenvalues are equal, nan.


def _moved_unordered(c, w, p):
    same = _same_unordered(w)
    moved = moved_gradient(c, w, p, same)
    if same is None:
        return moved
    repeated = np.any(same & ~is_diagonal(w.shape[-1]), axis=(-2, -1), keepdims=True)
    return np.where(
        is_moved(p) & repeated, np.nan, moved
    )  # other matrices of the stack have theirs


def _general_jvp(tangents, ans, a, c, w, v, inverse):
    inner = sum_of_terms(
        tangents[:2],
        lambda t_a: _moved_unordered(c, w, inverse @ t_a @ v),
        lambda t_c: t_c[..., None, :] * is_diagonal(w.shape[-1]),
    )
    return v @ inner @ inverse


def _general_vjp(ct, wanted, ans, a, c, w, v, inverse):
    p = inverse @ ct.mT @ v
    ct_a = (v @ _moved_unordered(c, w, p) @ inverse).mT if wanted[0] else None
    return ct_a, diagonal(p), None, None, None


_general_gradient = rule(
    lambda a, c, w, v, inverse: (v * c[..., None, :]) @ inverse,
    _general_jvp,
    _general_vjp,
    batch=whole(stacked(2, 1, 1, 2, 2)),
    name="general_gradient",
)


def _general_push_jvp(tangents, ans, a, t, w, v, inverse):
    def by_matrix(t_a):
        p, q = inverse @ t @ v, inverse @ t_a @ v
        return second_move(p, q, w, _same_unordered(w))

    return sum_of_terms(tangents[:2], by_matrix, lambda t_t: diagonal(inverse @ t_t @ v))


def _general_push_vjp(ct, wanted, ans, a, t, w, v, inverse):
    moved = _moved_unordered(ct, w, inverse @ t @ v) if wanted[0] else None
    ct_a = None if moved is None else (v @ moved @ inverse).mT
    return ct_a, ((v * ct[..., None, :]) @ inverse).mT, None, None, None


_general_push = rule(
    lambda a, t, w, v, inverse: diagonal(inverse @ t @ v),
    _general_push_jvp,
    _general_push_vjp,
    batch=whole(stacked(2, 2, 1, 2, 2)),
    name="general_push",
)


def _eig_jvp(tangents, ans, a):
    """P = V^-1 dA V: dw = diag P, dV = V (P_ij / (w_j - w_i)), length and phase kept."""
    (t,) = tangents
    w, v = ans
    inverse = _inverse(v)
    inner = inverse @ t @ v
    t_w = diagonal(inner)
    if type(inner) is not np.ndarray:
        t_w = _general_push(a, t, w, v, inverse)
    t_v = v @ divided(inner, w)
    places = _real_components(v)
    turn = np.take_along_axis(t_v, places, -2) / np.take_along_axis(v, places, -2)
    stretch = (v.conj() * t_v).sum(-2, keepdims=True).real
    return t_w, t_v - v * (stretch + 1j * turn.imag)


def _untold(w):
    """nan at equal eigenvalues, else 0: V f(W) V^-1 has a derivative there that the cotangents of W and
    V, which cancel, do not tell from 0.
    """
    same = _same_unordered(w)
    return None if same is None else np.where(same.sum(-1) > 1, np.nan, 0)


_untold = constant(_untold, open=True)


def _eig_vjp(ct, wanted, ans, a):
    """A* = V^-H (diag w* + (V^H V*)_ij / conj(w_j - w_i)) V^H."""
    w, v = ans
    ct_w, ct_v = ct
    inverse = _inverse(v)
    total = 0 if ct_w is None else _general_gradient(a, ct_w, w, v, inverse).mT
    if ct_v is None:
        return (total,)
    places = _real_components(v)
    raw, ct_v = ct_v, ct_v.conj()
    along = (v.conj() * ct_v).sum(-2, keepdims=True)
    turn = 1j * along.imag / np.take_along_axis(v, places, -2)
    chosen = np.arange(v.shape[-1])[:, None] == places
    ct_v = ct_v - v * along.real - chosen * turn
    inner = divided(adjoint(v) @ ct_v, w.conj())
    untold = None if ct_w is None else _untold(w)
    if untold is not None:
        used = np.abs(raw).sum(-2) + np.abs(ct_w)
        inner = inner + guarded_product(used, untold)[..., None, :]
    return (total + (adjoint(inverse) @ inner @ adjoint(v)).conj(),)


def _order(w, ans):
    """Places of the eigenvalues of eigvals among those of eig; LAPACK does not promise the same."""
    if nowhere(~(np.abs(w - ans) <= 1e-6 * np.max(np.abs(w), initial=0))):
        return None
    return np.argmin(np.abs(ans[..., :, None] - w[..., None, :]), axis=-1)[..., None, :]


_order = constant(_order, open=True)


def _eigenpairs(a, ans):
    w, v = np.linalg.eig(a)
    order = _order(w, ans)
    if order is not None:
        w, v = np.take_along_axis(w, order[..., 0, :], -1), np.take_along_axis(v, order, -1)
    return w, v, _inverse(v)


def _eigvals_jvp(tangents, ans, a):
    """dw = diag(V^-1 dA V)."""
    return _general_push(a, tangents[0], *_eigenpairs(a, ans))


def _eigvals_vjp(ct, wanted, ans, a):
    """A* = V^-H diag(w*) V^H."""
    return (_general_gradient(a, ct, *_eigenpairs(a, ans)).mT,)


rule(np.linalg.eig, _eig_jvp, _eig_vjp, fills=False, batch=stacked(2))
rule(np.linalg.eigvals, _eigvals_jvp, _eigvals_vjp, batch=stacked(2))
