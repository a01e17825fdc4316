"""Pseudoinverses and least squares.

Must not know the decompositions' rules; it calls them.  Adjoints are treated as there.
"""

import math

import numpy as np

from dualrev.core.arrays import nowhere
from dualrev.core.cotangents import sum_of_terms
from dualrev.core.primitive import RULES
from dualrev.core.words import composition, constant, rule
from dualrev.rules.equations import moved_residual
from dualrev.rules.matrices import adjoint
from dualrev.rules.triangles import folded, mirrored
from dualrev.ways import stacked, whole

# Golub and Pereyra (1973), "The differentiation of pseudo-inverses and nonlinear least squares
# problems whose variables separate", eq. 4.12, for matrices of full rank.  Where singular values are
# dropped, as 0 or as too small, the function is V f(S) U^H with f(s) = 1/s where s is kept and 0
# where it is not, and its derivative has the divided differences of f.  Between s (kept) and r
# (dropped) they are 1 / (s (s - r)) and 1 / (s (s + r)) for the Hermitian part of U^H dA V and for
# the rest.  Written with matrices: with M = P P^H, D the part of A that is dropped, N = D^H D, E = P
# dA, and K = M K N + M (dA^H D + E N),
#
#   dP = -E P + M (dA^H (1 - A P) + (E + K) D^H) + ((1 - P A) E^H + K^H) P,
#
# which is eq. 4.12 where D = 0.  But then D has a derivative still, and so has the sum a second one.
# Where nothing is dropped, P A = 1 for A with as many columns as rows or less: two terms are left.


def _drops(a, inverse):
    """Whether the rank of a pseudoinverse, the trace of ``P A``, is not the full one."""
    rank = (a * inverse.mT).sum((-2, -1)).real
    return not nowhere(rank < min(a.shape[-2:]) - 0.5)


_drops = constant(_drops, batch=stacked(2, 2))


def _tail(a, inverse):
    """``A - A P A``, the part of the matrix that its pseudoinverse drops, to the last digit."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    kept = (vh * (inverse @ u).mT).sum(-1).real * s > 0.5
    return (u * np.where(kept, 0, s)[..., None, :]) @ vh


def _tail_jvp(tangents, ans, a, inverse):
    """dA - dA P A - A dP A - A P dA."""
    return sum_of_terms(
        tangents,
        lambda t_a: t_a - t_a @ inverse @ a - a @ (inverse @ t_a),
        lambda t_inverse: -(a @ t_inverse @ a),
    )


def _tail_vjp(ct, wanted, ans, a, inverse):
    """A* = D* - D* (P A)^T - (A P)^T D*, P* = -A^T D* A^T."""
    ct_a = ct - ct @ (inverse @ a).mT - inverse.mT @ (a.mT @ ct)
    return ct_a, -(a.mT @ ct @ a.mT) if wanted[1] else None


_tail = rule(_tail, _tail_jvp, _tail_vjp, batch=stacked(2, 2))


def _stein(m, n, r):
    """X = M X N + R for Hermitian M and N, no two of whose eigenvalues have the product 1."""
    (w_m, q_m), (w_n, q_n) = np.linalg.eigh(m), np.linalg.eigh(n)
    inner = adjoint(q_m) @ r @ q_n / (1 - w_m[..., :, None] * w_n[..., None, :])
    return q_m @ inner @ adjoint(q_n)


def _stein_jvp(tangents, ans, m, n, r):
    """dX = M dX N + (dM X N + M X dN + dR)."""
    t = sum_of_terms(
        tangents, lambda t_m: t_m @ ans @ n, lambda t_n: m @ ans @ t_n, lambda t_r: t_r
    )
    return _stein(m, n, t)


def _stein_vjp(ct, wanted, ans, m, n, r):
    """R* = M^T R* N^T + X*, M* = R* (X N)^T, N* = (M X)^T R*."""
    ct = _stein(m.mT, n.mT, ct)
    return (
        ct @ (ans @ n).mT if wanted[0] else None,
        (m @ ans).mT @ ct if wanted[1] else None,
        ct,
    )


_stein = rule(_stein, _stein_jvp, _stein_vjp, batch=stacked(2, 2, 2))


def _pinv_push(a, inverse, t):
    """The differential above: all products have the smaller size of A."""
    if a.shape[-2] < a.shape[-1]:
        return adjoint(_pinv_push(adjoint(a), adjoint(inverse), adjoint(t)))
    moved = inverse @ t
    dropped = _drops(a, inverse)
    if not dropped and a.shape[-2] == a.shape[-1]:
        return -(moved @ inverse)
    t, gram = adjoint(t), inverse @ adjoint(inverse)
    left = t - (t @ a) @ inverse
    if not dropped:
        return gram @ left - moved @ inverse
    right = adjoint(moved)
    tail = _tail(a, inverse)
    small = adjoint(tail) @ tail
    mixed = _stein(gram, small, gram @ (t @ tail + moved @ small))
    left = left + (moved + mixed) @ adjoint(tail)
    right = right - inverse @ (a @ right) + adjoint(mixed)
    return gram @ left + (right - moved) @ inverse


def _pinv_pull(a, inverse, ct):
    """The adjoint of the above, term by term."""
    if a.shape[-2] < a.shape[-1]:
        return adjoint(_pinv_pull(adjoint(a), adjoint(inverse), adjoint(ct)))
    inverse_h = adjoint(inverse)
    inner = ct @ inverse_h
    dropped = _drops(a, inverse)
    if not dropped and a.shape[-2] == a.shape[-1]:
        return -(inverse_h @ inner)
    gram = inverse @ inverse_h
    left = adjoint(ct) @ gram
    left = left - a @ (inverse @ left)
    if not dropped:
        return left - inverse_h @ inner
    tail = _tail(a, inverse)
    small, outer = adjoint(tail) @ tail, gram @ ct @ tail
    mixed = gram @ _stein(gram, small, outer + adjoint(inner))
    moved = adjoint(inner - inverse @ (a @ inner)) - inner + outer + mixed @ small
    return left + tail @ adjoint(mixed) + inverse_h @ moved


def _pinv_jvp(tangents, ans, a, rcond=None, hermitian=False, rtol=None):
    (t,) = tangents
    a, t = (mirrored(a), mirrored(t)) if hermitian else (a, t)
    return _pinv_push(a, ans, t)


def _pinv_vjp(ct, wanted, ans, a, rcond=None, hermitian=False, rtol=None):
    ct = _pinv_pull(mirrored(a) if hermitian else a, ans, ct.conj()).conj()
    return (folded(ct) if hermitian else ct,)


def _least_squares(a, b, x, rcond):
    """The pseudoinverse under lstsq's own rcond, and both sides, solution and residual as columns."""
    if rcond is None or not 0 < rcond < 1:  # so LAPACK (dlalsd) reads it
        eps = np.finfo(x.dtype).eps
        rcond = eps if rcond is not None else eps * max(a.shape)
    columns = b.shape[1] if b.ndim > 1 else 1
    x, b = x.reshape(a.shape[1], columns), b.reshape(a.shape[0], columns)
    return np.linalg.pinv(a, rcond), b, x, b - a @ x


def _solution_jvp(tangents, ans, a, b, rcond=None):
    """dX = P E + P P^H dA^H R + (1 - P A) dA^H P^H X, E = dB - dA X; d|R|^2 = 2 Re R^H E.

    Where singular values are dropped: dX = dP B + P dB.
    """
    t_a, t_b = tangents
    inverse, b, x, residual = _least_squares(a, b, ans[0], rcond)
    t_b = None if t_b is None else t_b.reshape(residual.shape)
    moved = moved_residual((t_a, t_b), x)
    if t_a is not None and not nowhere(ans[2] < min(a.shape)):
        t_x = _pinv_push(a, inverse, t_a) @ b
        t_x = t_x if t_b is None else t_x + inverse @ t_b
    else:
        t_x = inverse @ moved
        if t_a is not None:
            outside = adjoint(t_a) @ (adjoint(inverse) @ x)
            t_x = t_x + inverse @ (adjoint(inverse) @ (adjoint(t_a) @ residual))
            t_x = t_x + outside - inverse @ (a @ outside)
    t_residuals = 2 * (residual.conj() * moved).real.sum(0) if ans[1].size else ans[1] * 0
    return t_x.reshape(ans[0].shape), t_residuals, None, None


def _solution_vjp(ct, wanted, ans, a, b, rcond=None):
    """B* = P^H X* + 2 R diag(r*), A* = -B* X^H + R X*^H P P^H + P^H X X*^H (1 - P A).

    Where singular values are dropped, P* = X* B^H.
    """
    shape = b.shape
    inverse, b, x, residual = _least_squares(a, b, ans[0], rcond)
    ct_x, ct_residuals, *_ = ct
    ct_x = ct_x.reshape(x.shape).conj()
    ct_b = adjoint(inverse) @ ct_x
    if wanted[0] and not nowhere(ans[2] < min(a.shape)):
        return _pinv_pull(a, inverse, ct_x @ adjoint(b)).conj(), ct_b.conj().reshape(shape)
    moved = inverse @ ct_b
    if ans[1].size:
        ct_b = ct_b + 2 * residual * ct_residuals
    ct_a = None
    if wanted[0]:
        outside = adjoint(ct_x) - adjoint(ct_x) @ inverse @ a
        ct_a = residual @ adjoint(moved) - ct_b @ adjoint(x)
        ct_a = (ct_a + (adjoint(inverse) @ x) @ outside).conj()
    return ct_a, ct_b.conj().reshape(shape)


def _least_squares_batch(call, batched, a, b, rcond=None):
    """The right sides of all rows beside each other, where the matrix is the same for all."""
    if batched[0]:
        return NotImplemented  # NumPy solves with one matrix at a time
    count, rows, *width = b.shape
    together = np.moveaxis(b, 0, 1).reshape(rows, math.prod((count, *width)))
    x, residuals, rank, s = call(a, together, rcond=rcond)
    x = np.moveaxis(x.reshape(a.shape[1], count, *width), 1, 0)
    residuals = residuals.reshape(count, residuals.size // count)
    return x, residuals, rank, np.broadcast_to(s, (count, *s.shape))


#: lstsq, whose singular values carry no derivative here: few ask for it, and where two of them are
#: equal its own derivatives would be nan in the solution's second ones.
least_squares = rule(
    lambda a, b, rcond=None: np.linalg.lstsq(a, b, rcond),
    _solution_jvp,
    _solution_vjp,
    batch=_least_squares_batch,
    name="linalg.lstsq",
)
_SVD = RULES[np.linalg.svd]
#: Singular values that another function has computed.
singular_values = rule(
    lambda a, values: values,
    lambda tangents, ans, a, values: _SVD.jvp(tangents[:1], ans, (a,), {"compute_uv": False}),
    lambda ct, wanted, ans, a, values: (
        *_SVD.vjp(ct, ans, (a,), {"compute_uv": False}, wanted),
        None,
    ),
    batch=whole(stacked(2, 1)),
    name="linalg.svd",
)


def _lstsq(a, b, rcond=None):
    x, residuals, rank, s = least_squares(a, b, rcond=rcond)
    return x, residuals, rank, singular_values(a, s)


rule(np.linalg.pinv, _pinv_jvp, _pinv_vjp, batch=stacked(2))
composition(np.linalg.lstsq, _lstsq, arity=2, judged=True)
