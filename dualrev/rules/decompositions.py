"""Matrix decompositions: cholesky, qr, svd, eigh, eig, and the eigen- and singular values alone.

Must not know equations and norms (linalg).

The sources write adjoints, ``A^H``; here a cotangent is conjugated as it enters a rule, and the
result as it leaves.  ``X . Y`` stands for the elementwise product.

Symmetric and Hermitian arguments (cholesky, eigh, eigvalsh, hermitian=True).  NumPy reads one
triangle, and of the diagonal the real part: the function is that of the Hermitian matrix for which
they stand, ``mirrored``.  So an element that is read counts for both places, and what is not read
has the derivative 0.

Equal eigenvalues (and singular values).  Their eigenvectors are any basis of the common subspace,
and have no derivative of their own.  Functions of the eigenvalues alone, symmetric in them, and of
eigenvectors that belong to other eigenvalues have: both come out right.  ``V f(W) V^H`` has one
too, but it cannot be told from the cotangents of W and V in one basis: it would take those of W in
all rotated ones.  There the answer is nan, not a wrong number, where it shows: where the cotangent
of V is not zero between two equal eigenvalues.  (It does not show where f(w) = 0.)
"""

import numpy as np

from dualrev.core.errors import MissingRuleError
from dualrev.core.primitive import composition, constant, guarded_product, linear, rule


def adjoint(a):
    """The conjugate transpose of a stack of matrices."""
    return a.mT.conj() if a.dtype.kind == "c" else a.mT


def _once(n):
    """Ones, and halves on the diagonal, which is its own mirror image."""
    return 1 - np.eye(n) / 2


def _mirror(a, lower=True, conjugate=True):
    half = np.tril(a) if lower else np.triu(a)
    return (half + (adjoint(half) if conjugate else half.mT)) * _once(a.shape[-1])


def _fold(ct, lower=True, conjugate=True):
    both = (ct + (adjoint(ct) if conjugate else ct.mT)) * _once(ct.shape[-1])
    return np.tril(both) if lower else np.triu(both)


#: The Hermitian matrix for which one triangle stands; without ``conjugate`` the symmetric one.
mirrored = linear(_mirror, lambda ct, a, **triangle: folded(ct, **triangle))
#: Its transpose: what is read collects from both places, and the rest is 0.
folded = linear(_fold, lambda ct, a, **triangle: mirrored(ct, **triangle))


def _reads_lower(UPLO):
    return UPLO.upper() == "L"


def _triangle(n):
    """Ones below the diagonal, halves on it: with its transpose, ones."""
    ones = np.tri(n)
    ones.flat[:: n + 1] = 0.5
    return ones


def _diagonal(a):
    return np.diagonal(a, axis1=-2, axis2=-1)


def _equal_pairs(w, *witnesses):
    """Which pairs of eigenvalues are equal to rounding, and which of these are not harmless."""
    unit = len(w.T) * np.finfo(w.dtype).eps
    scale = np.max(np.abs(w), axis=-1, initial=0)[..., None, None]
    equal = np.abs(w[..., None, :] - w[..., :, None]) <= 10 * unit * scale
    touched = False
    for x in map(np.abs, witnesses):
        touched = touched | (x > 100 * unit * np.max(x, axis=(-2, -1), keepdims=True, initial=0))
    return equal, equal & touched & ~np.eye(w.shape[-1], dtype=bool)


_equal_pairs = constant(_equal_pairs)


def _divided(x, w, *witnesses):
    """``x_ij / (w_j - w_i)``; between equal ones 0 if the witnesses are 0, nan if they are not."""
    equal, undefined = _equal_pairs(w, *(witnesses or (x,)))
    gap = w[..., None, :] - w[..., :, None]
    ratio = np.where(equal, 0, x / np.where(equal, 1, gap))
    return np.where(undefined, np.nan, ratio) if undefined.any() else ratio


def _blockwise_inverse(a):
    """Inverse of lower triangular matrices, by halves."""
    n = a.shape[-1]
    if n <= 32:
        return np.linalg.inv(a)
    half = n // 2
    upper = _blockwise_inverse(a[..., :half, :half])
    lower = _blockwise_inverse(a[..., half:, half:])
    ans = np.zeros(a.shape, upper.dtype)
    ans[..., :half, :half] = upper
    ans[..., half:, half:] = lower
    np.negative(lower @ (a[..., half:, :half] @ upper), out=ans[..., half:, :half])
    return ans


# np.linalg.inv knows no triangles: at n = 200 it takes 1.9 ms, this 0.26, a product 0.32.
lower_inverse = rule(
    _blockwise_inverse,
    lambda tangents, ans, a: -(ans @ tangents[0] @ ans),
    lambda ct, wanted, ans, a: (-(ans.mT @ ct @ ans.mT),),
)


# ------------------------------------------------------------------------------------ cholesky
# Murray (2016), "Differentiation of the Cholesky decomposition", arXiv:1602.07527, eqs. 8 and 10.


def _cholesky_jvp(tangents, ans, a, upper=False):
    """dL = L Phi(L^-1 dA L^-H); Phi takes the lower triangle and half the diagonal."""
    (t,) = tangents
    factor = adjoint(ans) if upper else ans
    inverse = lower_inverse(factor)
    inner = inverse @ mirrored(t, lower=not upper) @ adjoint(inverse)
    t = factor @ (inner * _triangle(a.shape[-1]))
    return adjoint(t) if upper else t


def _cholesky_vjp(ct, wanted, ans, a, upper=False):
    """A* = L^-H Phi(L^H L*) L^-1, made Hermitian and folded."""
    factor, ct = (adjoint(ans), ct.mT) if upper else (ans, ct.conj())
    ct = _cholesky_pull(factor, ct, _diagonal_inverse(factor)).conj()
    return (folded(ct, lower=not upper),)


# Up to this size the inverse is cheaper than the recursion.
_BLOCK = 64


def _cholesky_pull(factor, ct, inverse):
    """Murray (2016), section 4.2, by halves: a quarter of the products that the whole takes."""
    n = factor.shape[-1]
    if n <= _BLOCK:
        inner = (adjoint(factor) @ ct) * (_triangle(n) / 2)
        return adjoint(inverse) @ (inner + adjoint(inner)) @ inverse
    m = n // 2
    first, below, second = factor[..., :m, :m], factor[..., m:, :m], factor[..., m:, m:]
    inverse_first, inverse_second = inverse
    a22 = _cholesky_pull(second, ct[..., m:, m:], inverse_second)
    a21 = (ct[..., m:, :m] - 2 * (a22 @ below)) @ _joined_inverse(first, inverse_first)
    a11 = _cholesky_pull(first, ct[..., :m, :m] - adjoint(a21) @ below, inverse_first)
    a21 = a21 / 2
    return np.concatenate(
        (
            np.concatenate((a11, adjoint(a21)), axis=-1),
            np.concatenate((a21, a22), axis=-1),
        ),
        axis=-2,
    )


def _diagonal_inverse(factor):
    """Inverses of the diagonal blocks, as nested pairs."""
    n = factor.shape[-1]
    if n <= _BLOCK:
        return np.linalg.inv(factor)
    m = n // 2
    return _diagonal_inverse(factor[..., :m, :m]), _diagonal_inverse(factor[..., m:, m:])


def _joined_inverse(factor, inverse):
    n = factor.shape[-1]
    if n <= _BLOCK:
        return inverse
    m = n // 2
    first = _joined_inverse(factor[..., :m, :m], inverse[0])
    second = _joined_inverse(factor[..., m:, m:], inverse[1])
    below = -(second @ factor[..., m:, :m] @ first)
    return np.concatenate(
        (
            np.concatenate((first, np.zeros((*first.shape[:-1], n - m))), axis=-1),
            np.concatenate((below, second), axis=-1),
        ),
        axis=-2,
    )


rule(np.linalg.cholesky, _cholesky_jvp, _cholesky_vjp)

# ------------------------------------------------------------------------------------------ qr
# Walter and Lehmann (2010), "Algorithmic differentiation of linear algebra functions", section 3.1;
# the diagonal of R is real.  A wide matrix is [X Y], X = Q R1 square, R2 = Q^H Y.  The columns that
# mode="complete" adds are known up to a rotation: functions that do not depend on it come out right.


def _check_mode(mode):
    if mode not in ("reduced", "r", "complete"):
        raise MissingRuleError(
            f"numpy.linalg.qr with mode={mode!r} has no derivative rule: its answer is the reflections "
            "by which LAPACK has found Q.",
            fix="use mode='reduced', 'complete' or 'r'",
        )


def _economic(a, ans, mode):
    """Q with as many columns as R has rows that are not 0, R, and the columns that complete Q."""
    if mode == "r":
        return (*np.linalg.qr(a), None)
    q, r = ans
    count = min(a.shape[-2:])
    if q.shape[-1] == count:
        return q, r, None
    return q[..., :count], r[..., :count, :], q[..., count:]


def _qr_jvp(tangents, ans, a, mode="reduced"):
    """C = dA R^-1, T = triu(Q^H C + C^H Q) less half its diagonal, dR = T R, dQ = C - Q T.

    The columns Z that complete Q: dZ = -Q dQ^H Z.
    """
    _check_mode(mode)
    (t,) = tangents
    q, r, rest_q = _economic(a, ans, mode)
    square = r.shape[-2]
    scaled = t[..., :square] @ lower_inverse(r[..., :square].mT).mT
    inner = adjoint(q) @ scaled
    inner = (inner + adjoint(inner)) * _triangle(square).T
    t_q, t_r = scaled - q @ inner, inner @ r[..., :square]
    if a.shape[-1] > square:
        rest = adjoint(t_q) @ a[..., square:] + adjoint(q) @ t[..., square:]
        t_r = np.concatenate([t_r, rest], -1)
    if rest_q is not None:
        t_q = np.concatenate([t_q, -q @ (adjoint(t_q) @ rest_q)], -1)
        zeros = np.zeros((*a.shape[:-2], rest_q.shape[-1], square), t_r.dtype)
        t_r = np.concatenate([t_r, zeros], -2)
    return t_r if mode == "r" else (t_q, t_r)


def _qr_vjp(ct, wanted, ans, a, mode="reduced"):
    """A* = (Q* + Q H) R^-H; H has the upper triangle of R* R^H - Q^H Q*, and is Hermitian."""
    _check_mode(mode)
    q, r, rest_q = _economic(a, ans, mode)
    ct_q, ct_r = (q * 0, ct) if mode == "r" else ct
    square = r.shape[-2]
    ct_q, ct_r = ct_q.conj(), ct_r[..., :square, :].conj()
    if rest_q is not None:
        ct_q, rest = ct_q[..., :square], ct_q[..., square:]
        ct_q = ct_q - rest_q @ (adjoint(rest) @ q)
    r, ct_r, rest = r[..., :square], ct_r[..., :square], ct_r[..., square:]
    wide = a.shape[-1] > square
    if wide:
        ct_q = ct_q + a[..., square:] @ adjoint(rest)
    inner = (ct_r @ adjoint(r) - adjoint(q) @ ct_q) * _triangle(square).T
    ct = (ct_q + q @ (inner + adjoint(inner))) @ lower_inverse(r.mT).conj()
    if wide:
        ct = np.concatenate([ct, q @ rest], -1)
    return (ct.conj(),)


rule(np.linalg.qr, _qr_jvp, _qr_vjp)

# ----------------------------------------------------------------------------------------- svd
# Townsend (2016), "Differentiating the singular value decomposition", with his
# 1/(s_j^2 - s_i^2) in partial fractions: 1/(s_j + s_i) is harmless where two values are equal.
# The phases of complex vectors, and the columns that full_matrices adds, are known up to a
# rotation: functions that do not depend on it come out right.


def _svd_jvp(tangents, ans, a, full_matrices=True, compute_uv=True, hermitian=False):
    """dS = Re diag P, P = U^H dA V; dU = U Omega + (1 - U U^H) dA V S^-1, and dV likewise;
    2 Omega_ij = (P + P^H)_ij / (s_j - s_i) + (P - P^H)_ij / (s_j + s_i), with a minus for V
    """
    (t,) = tangents
    t = mirrored(t) if hermitian else t
    if not compute_uv:
        u, _, vh = np.linalg.svd(a, full_matrices=False, hermitian=hermitian)
        return (u.conj() * (t @ adjoint(vh))).sum(-2).real
    u, s, vh = ans
    count = s.shape[-1]
    u, v = u[..., :count], adjoint(vh[..., :count, :])
    pushed = t @ v
    inner = adjoint(u) @ pushed
    t_s = _diagonal(inner).real
    plus = _divided(inner + adjoint(inner), s)
    minus = guarded_product(inner - adjoint(inner), 1 / (s[..., None, :] + s[..., :, None]))
    t_u = _svd_push(u, ans[0], (plus + minus) / 2, pushed, s)
    t_v = _svd_push(v, adjoint(vh), (plus - minus) / 2, adjoint(t) @ u, s)
    return t_u, t_s, adjoint(t_v)


def _svd_push(u, full, omega, pushed, s):
    """dU = U Omega + X, X = (1 - U U^H) dA V S^-1; the columns Z that complete U: dZ = -U X^H Z."""
    if u.shape[-2] == u.shape[-1]:
        return u @ omega
    outside = guarded_product(pushed - u @ (adjoint(u) @ pushed), 1 / s[..., None, :])
    t = u @ omega + outside
    if full.shape[-1] == u.shape[-1]:
        return t
    rest = u @ (adjoint(outside) @ full[..., u.shape[-1] :])
    return np.concatenate([t, -rest], -1)


def _svd_vjp(ct, wanted, ans, a, full_matrices=True, compute_uv=True, hermitian=False):
    """The transpose of the above, term by term."""
    if not compute_uv:
        u, _, vh = np.linalg.svd(a, full_matrices=False, hermitian=hermitian)
        ct = (u.conj() * ct[..., None, :]) @ vh.conj()
        return (folded(ct) if hermitian else ct,)
    u, s, vh = ans
    ct_u, ct_s, ct_vh = ct
    u, ct_u = _completed(u, ct_u.conj(), s.shape[-1])
    v, ct_v = _completed(adjoint(vh), ct_vh.mT, s.shape[-1])
    of_u, of_v = adjoint(u) @ ct_u, adjoint(v) @ ct_v
    skew_u, skew_v = of_u - adjoint(of_u), of_v - adjoint(of_v)
    inner = _divided(skew_u + skew_v, s, of_u, of_v) + guarded_product(
        skew_u - skew_v, 1 / (s[..., None, :] + s[..., :, None])
    )
    inner = inner / 2 + ct_s[..., None, :] * np.eye(s.shape[-1])
    ct = u @ inner @ adjoint(v)
    if u.shape[-2] > u.shape[-1]:
        ct = ct + guarded_product(ct_u - u @ of_u, 1 / s[..., None, :]) @ adjoint(v)
    if v.shape[-2] > v.shape[-1]:
        ct = ct + u @ adjoint(guarded_product(ct_v - v @ of_v, 1 / s[..., None, :]))
    return (folded(ct.conj()) if hermitian else ct.conj(),)


def _completed(u, ct, count):
    """The first columns of U, and their cotangent with that of the columns that complete them."""
    if u.shape[-1] == count:
        return u, ct
    u, rest = u[..., :count], u[..., count:]
    return u, ct[..., :count] - rest @ (adjoint(ct[..., count:]) @ u)


rule(np.linalg.svd, _svd_jvp, _svd_vjp)
composition(np.linalg.svdvals, lambda x, /: np.linalg.svd(x, compute_uv=False), arity=1)

# ---------------------------------------------------------------------------------- eigh, eigvalsh
# Giles (2008), "Collected matrix derivative results for forward and reverse mode AD", section 3.1,
# for Hermitian matrices.


def _eigh_jvp(tangents, ans, a, UPLO="L"):
    """P = V^H dA V: dw = diag P, dV = V (P_ij / (w_j - w_i))."""
    (t,) = tangents
    w, v = ans
    inner = adjoint(v) @ mirrored(t, lower=_reads_lower(UPLO)) @ v
    return _diagonal(inner).real, v @ _divided(inner, w)


def _eigh_vjp(ct, wanted, ans, a, UPLO="L"):
    """A* = V (diag w* + (V^H V*)_ij / (w_j - w_i)) V^H, folded."""
    w, v = ans
    ct_w, ct_v = ct
    inner = _divided(adjoint(v) @ ct_v.conj(), w) + ct_w[..., None, :] * np.eye(w.shape[-1])
    ct = v @ inner @ adjoint(v)
    return (folded(ct.conj(), lower=_reads_lower(UPLO)),)


def _eigvalsh_jvp(tangents, ans, a, UPLO="L"):
    """dw = diag(V^H dA V)."""
    (t,) = tangents
    _, v = np.linalg.eigh(a, UPLO)
    return (v.conj() * (mirrored(t, lower=_reads_lower(UPLO)) @ v)).sum(-2).real


def _eigvalsh_vjp(ct, wanted, ans, a, UPLO="L"):
    """A* = V diag(w*) V^H, folded."""
    _, v = np.linalg.eigh(a, UPLO)
    return (folded((v.conj() * ct[..., None, :]) @ v.mT, lower=_reads_lower(UPLO)),)


rule(np.linalg.eigh, _eigh_jvp, _eigh_vjp)
rule(np.linalg.eigvalsh, _eigvalsh_jvp, _eigvalsh_vjp)

# ------------------------------------------------------------------------------------ eig, eigvals
# Giles (2008), section 3.1; then each eigenvector keeps its length, 1, and its phase: LAPACK makes
# the largest component real (zgeev).


def _real_components(v):
    """Where in each eigenvector LAPACK has put the real component."""
    return np.argmax(np.where(v.imag == 0, np.abs(v), 0), axis=-2)[..., None, :]


_real_components = constant(_real_components)


def _eig_jvp(tangents, ans, a):
    """P = V^-1 dA V: dw = diag P, dV = V (P_ij / (w_j - w_i)), length and phase kept."""
    (t,) = tangents
    w, v = ans
    inner = np.linalg.solve(v, t @ v)
    t_v = v @ _divided(inner, w)
    places = _real_components(v)
    turn = np.take_along_axis(t_v, places, -2) / np.take_along_axis(v, places, -2)
    stretch = (v.conj() * t_v).sum(-2, keepdims=True).real
    return _diagonal(inner), t_v - v * (stretch + 1j * turn.imag)


def _eig_vjp(ct, wanted, ans, a):
    """A* = V^-H (diag w* + (V^H V*)_ij / conj(w_j - w_i)) V^H."""
    w, v = ans
    ct_w, ct_v = (c.conj() for c in ct)
    places = _real_components(v)
    along = (v.conj() * ct_v).sum(-2, keepdims=True)
    turn = 1j * along.imag / np.take_along_axis(v, places, -2)
    chosen = np.arange(v.shape[-1])[:, None] == places
    ct_v = ct_v - v * along.real - chosen * turn
    inner = _divided(adjoint(v) @ ct_v, w.conj()) + ct_w[..., None, :] * np.eye(w.shape[-1])
    return (np.linalg.solve(adjoint(v), inner @ adjoint(v)).conj(),)


def _order(w, ans):
    """Places of the eigenvalues of eigvals among those of eig; LAPACK does not promise the same."""
    if np.allclose(w, ans, rtol=0, atol=1e-6 * np.max(np.abs(w), initial=0)):
        return None
    return np.argmin(np.abs(ans[..., :, None] - w[..., None, :]), axis=-1)[..., None, :]


_order = constant(_order)


def _eigenvectors(a, ans):
    w, v = np.linalg.eig(a)
    order = _order(w, ans)
    v = v if order is None else np.take_along_axis(v, order, -1)
    return v if _are_independent(v) else v * np.nan


def _are_independent(v):
    """Whether the eigenvectors are a basis; else eigenvalues move infinitely fast."""
    try:
        inverse = np.linalg.inv(v)
    except np.linalg.LinAlgError:
        return False
    return np.max(np.abs(inverse), initial=0) * np.finfo(v.dtype).eps < 1


_are_independent = constant(_are_independent)


def _eigvals_jvp(tangents, ans, a):
    """dw = diag(V^-1 dA V)."""
    (t,) = tangents
    v = _eigenvectors(a, ans)
    return _diagonal(np.linalg.solve(v, t @ v))


def _eigvals_vjp(ct, wanted, ans, a):
    """A* = V^-H diag(w*) V^H."""
    v = _eigenvectors(a, ans)
    return (np.linalg.solve(v.mT, ct[..., None] * v.mT),)


rule(np.linalg.eig, _eig_jvp, _eig_vjp)
rule(np.linalg.eigvals, _eigvals_jvp, _eigvals_vjp)
