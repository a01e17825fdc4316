"""Matrix decompositions: cholesky, qr, svd, and the singular values alone.

Must not know eigenvalues, equations and norms (eigenvalues, equations, norms).

The sources write adjoints, ``A^H``; here a cotangent is conjugated as it enters a rule, and the
result as it leaves.  ``X . Y`` stands for the elementwise product.

One triangle of symmetric and Hermitian arguments: triangles.  Equal singular values: equal_values.
"""

import numpy as np

from dualrev.core.arrays import nowhere
from dualrev.core.guarded import guarded_product
from dualrev.core.words import composition, constant, rule
from dualrev.errors import no_rule
from dualrev.rules.equal_values import (
    are_coupled,
    are_zero,
    divided,
    divided_pull,
    equal_values,
    guarded_ratio,
    known_ratio,
    spectral_gradient,
    spectral_push,
    spectral_rule,
)
from dualrev.rules.masks import half_of_ones
from dualrev.rules.matrices import adjoint, blocks
from dualrev.rules.triangles import folded, mirrored, mirrored_if_traced
from dualrev.ways import stacked


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
    batch=stacked(2),
)


# ------------------------------------------------------------------------------------ cholesky
# Murray (2016), "Differentiation of the Cholesky decomposition", arXiv:1602.07527, eqs. 8 and 10.


def _cholesky_jvp(tangents, ans, a, upper=False):
    """dL = L Phi(L^-1 dA L^-H); Phi takes the lower triangle and half the diagonal."""
    (t,) = tangents
    factor = adjoint(ans) if upper else ans
    inverse = lower_inverse(factor)
    inner = inverse @ mirrored(t, lower=not upper) @ adjoint(inverse)
    t = factor @ (inner * half_of_ones(a.shape[-1]))
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
        inner = (adjoint(factor) @ ct) * (half_of_ones(n) / 2)
        return adjoint(inverse) @ (inner + adjoint(inner)) @ inverse
    m = n // 2
    first, below, second = factor[..., :m, :m], factor[..., m:, :m], factor[..., m:, m:]
    inverse_first, inverse_second = inverse
    a22 = _cholesky_pull(second, ct[..., m:, m:], inverse_second)
    a21 = (ct[..., m:, :m] - 2 * (a22 @ below)) @ _joined_inverse(first, inverse_first)
    a11 = _cholesky_pull(first, ct[..., :m, :m] - adjoint(a21) @ below, inverse_first)
    a21 = a21 / 2
    return blocks((a11, adjoint(a21)), (a21, a22))


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
    return blocks((first, np.zeros((*first.shape[:-1], n - m))), (below, second))


rule(np.linalg.cholesky, _cholesky_jvp, _cholesky_vjp, batch=stacked(2))

# The columns that complete an orthonormal basis are known up to a rotation.


def _completed(u, ct, count):
    """The first columns of U, and their cotangent with that of the columns Z that complete U.

    nan for a function that depends on how Z is turned: Z^H Z* is not Hermitian then.
    """
    if u.shape[-1] == count:
        return u, ct
    u, rest = u[..., :count], u[..., count:]
    ct, ct_rest = ct[..., :count], ct[..., count:]
    inner = adjoint(rest) @ ct_rest
    turned = are_coupled(True, inner - adjoint(inner), ct_rest).any((-2, -1), keepdims=True)
    ct = ct - rest @ (adjoint(ct_rest) @ u)
    return u, ct if nowhere(turned) else np.where(turned, np.nan, ct)


# ------------------------------------------------------------------------------------------ qr
# Walter and Lehmann (2010), "Algorithmic differentiation of linear algebra functions", section 3.1;
# the diagonal of R is real.  A wide matrix is [X Y], X = Q R1 square, R2 = Q^H Y.


def _check_mode(mode):
    if mode not in ("reduced", "r", "complete"):
        raise no_rule(
            f"numpy.linalg.qr with mode={mode!r}",
            "use mode='reduced'",
            why="its answer is the reflections by which LAPACK has found Q",
        )


def _economic(a, ans, mode):
    """Q with as many columns as R has rows that are not 0, R1, and the columns that complete Q."""
    q, r = np.linalg.qr(a) if mode == "r" else ans
    count = min(a.shape[-2:])
    return q[..., :count], r[..., :count, :count], q[..., count:] if q.shape[-1] > count else None


def _inverse_of_r(r, size):
    """R1^-1, and nan, else 0, where a column is a combination of those before it, to rounding.

    There R has a kink and Q any direction: numbers would be rounding over rounding.
    """
    pivots = np.abs(np.diagonal(r, axis1=-2, axis2=-1))
    columns = np.sqrt(np.sum(np.abs(r) ** 2, -2))
    dependent = np.any(pivots <= size * np.finfo(r.dtype).eps * columns, -1)[..., None, None]
    if nowhere(dependent):
        return lower_inverse(r.mT).mT, None
    return (
        lower_inverse(np.where(dependent, np.eye(r.shape[-1]), r).mT).mT,
        np.where(dependent, np.nan, 0),
    )


def _size(x):
    return np.sum(np.abs(x), (-2, -1), keepdims=True)


def _qr_jvp(tangents, ans, a, mode="reduced"):
    """C = dA R^-1, T = triu(Q^H C + C^H Q) less half its diagonal, dR = T R, dQ = C - Q T.

    The columns Z that complete Q: dZ = -Q dQ^H Z.
    """
    _check_mode(mode)
    (t,) = tangents
    q, r, rest_q = _economic(a, ans, mode)
    square = r.shape[-2]
    inverse, unknown = _inverse_of_r(r, max(a.shape[-2:]))
    scaled = t[..., :square] @ inverse
    if unknown is not None:
        scaled = scaled + guarded_product(_size(t), unknown)
    inner = adjoint(q) @ scaled
    inner = (inner + adjoint(inner)) * half_of_ones(square).T
    t_q, t_r = scaled - q @ inner, inner @ r
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
    q, r, _ = _economic(a, ans, mode)
    ct_q, ct_r = (q * 0, ct) if mode == "r" else ct
    square = r.shape[-2]
    ct_q, ct_r = ct_q.conj(), ct_r[..., :square, :].conj()
    if mode != "r":
        q, ct_q = _completed(ans[0], ct_q, square)
    ct_r, rest = ct_r[..., :square], ct_r[..., square:]
    wide = a.shape[-1] > square
    if wide:
        ct_q = ct_q + a[..., square:] @ adjoint(rest)
    inner = (ct_r @ adjoint(r) - adjoint(q) @ ct_q) * half_of_ones(square).T
    inverse, unknown = _inverse_of_r(r, max(a.shape[-2:]))
    ct = (ct_q + q @ (inner + adjoint(inner))) @ adjoint(inverse)
    if unknown is not None:
        ct = ct + guarded_product(_size(ct_q) + _size(ct_r) + _size(rest), unknown)
    if wide:
        ct = np.concatenate([ct, q @ rest], -1)
    return (ct.conj(),)


rule(np.linalg.qr, _qr_jvp, _qr_vjp, batch=stacked(2))

# ----------------------------------------------------------------------------------------- svd
# Townsend (2016), "Differentiating the singular value decomposition", with his
# 1/(s_j^2 - s_i^2) in partial fractions: 1/(s_j + s_i) is harmless where two values are equal.
# The phases of complex vectors are free: functions that do not depend on them come out right.


def _svd_jvp(tangents, ans, a, full_matrices=True, compute_uv=True, hermitian=False, turned=False):
    """dS = Re diag P, P = U^H dA V; dU = U Omega + (1 - U U^H) dA V S^-1, and dV likewise;
    2 Omega_ij = (P + P^H)_ij / (s_j - s_i) + (P - P^H)_ij / (s_j + s_i), with a minus for V
    """
    (t,) = tangents
    if hermitian:
        t, a = mirrored(t), mirrored_if_traced(a)
    if not compute_uv:
        u, s, vh = np.linalg.svd(a, full_matrices=False, hermitian=hermitian)
        return _singular_value_push(t, a, u, s, vh, turned)
    u, s, vh = ans
    count = s.shape[-1]
    u, v = u[..., :count], adjoint(vh[..., :count, :])
    t_s = _singular_value_push(t, a, u, s, adjoint(v), turned)
    pushed = t @ v
    inner = adjoint(u) @ pushed
    plus = divided(inner + adjoint(inner), s)
    minus = _quotient(inner - adjoint(inner), s[..., None, :] + s[..., :, None])
    t_u = _svd_push(u, ans[0], (plus + minus) / 2, pushed, s)
    t_v = _svd_push(v, adjoint(vh), (plus - minus) / 2, adjoint(t) @ u, s)
    return t_u, t_s, adjoint(t_v)


def _quotient(x, y):
    """x / y, and 0 / 0 = 0."""
    zero = np.equal(y, 0)
    return x / y if nowhere(zero) else guarded_ratio(x, y, zero)


def _svd_push(u, full, omega, pushed, s):
    """dU = U Omega + X, X = (1 - U U^H) dA V S^-1; the columns Z that complete U: dZ = -U X^H Z."""
    if u.shape[-2] == u.shape[-1]:
        return u @ omega
    outside = _quotient(pushed - u @ (adjoint(u) @ pushed), s[..., None, :])
    t = u @ omega + outside
    if full.shape[-1] == u.shape[-1]:
        return t
    rest = u @ (adjoint(outside) @ full[..., u.shape[-1] :])
    return np.concatenate([t, -rest], -1)


def _svd_vjp(ct, wanted, ans, a, full_matrices=True, compute_uv=True, hermitian=False):
    """The transpose of the above, term by term."""
    if hermitian:
        h = mirrored_if_traced(a)
        if not compute_uv:
            ans = np.linalg.svd(a, hermitian=True)
            ct = None, ct, None
        (ct,) = _svd_vjp(ct, wanted, ans, h)
        return (folded(ct),)
    if not compute_uv:
        return (_singular_value_pull(ct, a, *np.linalg.svd(a, full_matrices=False)),)
    u, s, vh = ans
    ct_u, ct_s, ct_vh = ct
    count = s.shape[-1]
    total = 0
    if ct_s is not None:
        total = _singular_value_pull(ct_s, a, u[..., :count], s, vh[..., :count, :])
        if ct_u is ct_vh is None:
            return (total,)
    ct_u = np.zeros(u.shape, u.dtype) if ct_u is None else ct_u.conj()
    ct_v = np.zeros(vh.mT.shape, vh.dtype) if ct_vh is None else ct_vh.mT
    u, ct_u = _completed(u, ct_u, count)
    v, ct_v = _completed(adjoint(vh), ct_v, count)
    of_u, of_v = adjoint(u) @ ct_u, adjoint(v) @ ct_v
    skew_u, skew_v = of_u - adjoint(of_u), of_v - adjoint(of_v)
    same = zero = size = used = None
    if not _are_regular(s):
        same, zero = equal_values(s), are_zero(s)
        size = np.abs(of_u) + np.abs(of_v)
        if ct_s is not None:
            used = np.abs(ct_u).sum(-2) + np.abs(ct_v).sum(-2) + np.abs(ct_s)
    inner = divided_pull(skew_u + skew_v, s, same, size, used)
    inner = inner + _divided_by_sums(skew_u - skew_v, s, zero, size, used)
    ct = u @ (inner / 2) @ adjoint(v)
    if u.shape[-2] > u.shape[-1]:
        ct = ct + _outside(ct_u, u, of_u, s, zero, used) @ adjoint(v)
    if v.shape[-2] > v.shape[-1]:
        ct = ct + u @ adjoint(_outside(ct_v, v, of_v, s, zero, used))
    return (total + ct.conj(),)


def _divided_by_sums(x, s, zero, size, used):
    """``x_ij / (s_j + s_i)``; between zeros as in divided_pull."""
    total = s[..., None, :] + s[..., :, None]
    if zero is None:
        return x / total
    zeros = zero[..., None, :] & zero[..., :, None]
    coupled = are_coupled(zeros, x, size)
    divided = ~zeros if used is None else ~zeros | np.not_equal(total, 0)
    return known_ratio(x, total, divided, zeros, coupled)


def _outside(ct, u, of_u, s, zero, used):
    """(1 - U U^H) U* S^-1, of which nothing is known where s is 0."""
    ct = ct - u @ of_u
    if zero is None:
        return ct / s[..., None, :]
    zero = zero[..., None, :]
    known = ~zero if used is None else ~zero | np.not_equal(s, 0)[..., None, :]
    ratio = known_ratio(ct, s[..., None, :], known, zero, are_coupled(zero, ct, ct + u @ of_u))
    if used is None:
        return ratio
    return ratio + guarded_product(used[..., None, :], np.where(known, 0, np.nan))


# The singular values, their negatives and zeros are the eigenvalues of [[0, A], [A^H, 0]] (Jordan and
# Wielandt; Horn and Johnson 2013, theorem 7.3.3): where some are equal, or 0, that is differentiated.


def _are_regular(s):
    """Whether all are different, and none is 0, to rounding."""
    return equal_values(np.concatenate((s, np.zeros((*s.shape[:-1], 1))), -1)) is None


_are_regular = constant(_are_regular, batch=stacked(1))


def _dilated(a):
    """[[0, A], [A^H, 0]]."""
    *stack, m, n = a.shape
    zeros = np.zeros((*stack, m, m), a.dtype), np.zeros((*stack, n, n), a.dtype)
    return blocks((zeros[0], a), (adjoint(a), zeros[1]))


def _dilated_spectrum(a):
    """Eigenvalues and eigenvectors of the dilated matrix, in ascending order."""
    u, s, vh = np.linalg.svd(a)
    v, count = adjoint(vh), s.shape[-1]
    root = np.sqrt(0.5)
    up, down = u[..., :count] * root, v[..., :count] * root
    null_u, null_v = u[..., count:], v[..., count:]
    zeros = np.zeros((*s.shape[:-1], null_u.shape[-1] + null_v.shape[-1]), s.dtype)
    return (
        np.concatenate((-s, zeros, s[..., ::-1]), -1),
        blocks(
            (up, null_u, _zero_columns(up, null_v), up[..., ::-1]),
            (-down, _zero_columns(down, null_u), null_v, down[..., ::-1]),
        ),
    )


def _zero_columns(like, columns):
    return np.zeros((*like.shape[:-1], columns.shape[-1]), like.dtype)


def _singular_value_push(t, a, u, s, vh, turned=False):
    """dS = Re diag(U^H dA V)."""
    if (type(u) is type(t) is np.ndarray and not turned) or _are_regular(s):
        return (u.conj() * (t @ adjoint(vh))).sum(-2).real
    w, v = _dilated_spectrum(a)
    moved = spectral_push(_dilated(a), _dilated(t), w, v, turned=turned)
    return moved[..., : -s.shape[-1] - 1 : -1]


def _singular_value_pull(ct, a, u, s, vh):
    """A* = U diag(s*) V^H."""
    if type(u) is type(ct) is np.ndarray or _are_regular(s):
        return (u.conj() * ct[..., None, :]) @ vh.conj()
    m, n = a.shape[-2:]
    zeros = np.zeros((*s.shape[:-1], m + n - 2 * s.shape[-1]), s.dtype)
    ct = np.concatenate((-ct, zeros, ct[..., ::-1]), -1)
    whole = spectral_gradient(_dilated(a), ct, *_dilated_spectrum(a))
    return whole[..., :m, m:].conj()


spectral_rule(np.linalg.svd, _svd_jvp, _svd_vjp, fills=False)
composition(np.linalg.svdvals, lambda x, /: np.linalg.svd(x, compute_uv=False), arity=1)
