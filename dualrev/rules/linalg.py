"""Linear algebra: norms, determinants, inverses, linear equations and least squares.

Must not know the decompositions' rules; it calls them.  Adjoints are treated as there.
"""

import math
import operator

import numpy as np

from dualrev.convolution import convolved
from dualrev.core.arrays import has_memory, nowhere
from dualrev.core.cotangents import sum_of_terms
from dualrev.core.guarded import guarded_product
from dualrev.core.primitive import RULES
from dualrev.core.traced import is_differentiated
from dualrev.core.words import composition, constant, kinked, rule
from dualrev.rules.elementwise import unsettled_zero
from dualrev.rules.equal_values import adjoint, known_once
from dualrev.rules.shape import as_number
from dualrev.rules.triangles import folded, mirrored
from dualrev.ways import aligned, columns, own_along, owning, shift, stacked, whole

#: Where no second derivative is asked for, a rule may take the shorter way.
_PLAIN = frozenset({np.ndarray, np.float64})

# --------------------------------------------------------------------------------------- norms


def _norm_partial(ans, x, ord=None, axis=None, keepdims=False):
    """conj(x) |x|^(p-2) / |x|_p^(p-1), and 0 where an element of x is 0."""
    if axis is not None and not keepdims:
        ans = np.expand_dims(ans, axis)
    scaled = (x / ans).conj()
    if ord is None:
        return scaled
    size = np.abs(scaled)
    zero = np.equal(size, 0)
    partial = scaled * np.where(zero, 0, np.where(zero, 1, size) ** (ord - 2))
    # Below order 2 it has a kink there.
    return partial if ord >= 2 or nowhere(zero) else partial + unsettled_zero(x)


def _partial_or_zero(ans, x, ord=None, axis=None, keepdims=False):
    """The partial, and 0 where the norm is 0."""
    if ord is None and axis is None and nowhere(ans == 0):
        return (x / ans).conj()  # nearly all calls: no arrays of conditions
    return _norm_partial(ans + np.equal(ans, 0), x, ord, axis, keepdims)


def _strict_partial(ans, x, ord=None, axis=None, keepdims=False):
    """The partial, and nan where the norm is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _norm_partial(ans, x, ord, axis, keepdims)


@owning(own_along(None))
def _norm_batch(call, batched, x, ord=None, axis=None, keepdims=False):
    if axis is not None:
        return call(x, ord=ord, axis=shift(axis, x.ndim - 1), keepdims=keepdims)
    ans = call(x.reshape(len(x), -1), ord=ord, axis=1)
    return ans.reshape(-1, *(1,) * (x.ndim - 1)) if keepdims else ans


def _declare_norm(partial):
    def jvp(tangents, ans, x, ord=None, axis=None, keepdims=False):
        (t,) = tangents
        factor = partial(ans, x, ord, axis, keepdims)
        # A factor that is 0 at the kink, and plain, needs no guard.
        plain = type(ans) in _PLAIN and partial is _partial_or_zero
        product = factor * t if plain else guarded_product(t, factor)
        return product.real.sum(axis=axis, keepdims=keepdims)

    def vjp(ct, wanted, ans, x, ord=None, axis=None, keepdims=False):
        factor = partial(ans, x, ord, axis, keepdims)
        if axis is not None and not keepdims:
            ct = np.expand_dims(ct, axis)
        return (guarded_product(ct, factor),)

    return rule(
        lambda x, ord=None, axis=None, keepdims=False: np.linalg.norm(x, ord, axis, keepdims),
        jvp,
        vjp,
        batch=_norm_batch,
        name="linalg.norm",
    )


#: The norms that are smooth away from zero: Euclidean (ord None, of all axes too), and of order p.
smooth_norm = _declare_norm(_partial_or_zero)
norm_below = kinked(smooth_norm, _declare_norm(_strict_partial))


def _norm(x, ord=None, axis=None, keepdims=False):
    if axis is None:
        if ord is None or (ord in ("f", "fro") and x.ndim == 2) or (ord == 2 and x.ndim == 1):
            return smooth_norm(x, keepdims=keepdims)
        axis = tuple(range(x.ndim))
    if not isinstance(axis, tuple):
        axis = (int(axis),)
    if ord is None or ord in ("f", "fro") or (ord == 2 and len(axis) == 1):
        return smooth_norm(x, axis=axis, keepdims=keepdims)
    if len(axis) == 2:
        return _matrix_norm(x, ord, axis, keepdims)
    if ord in (np.inf, -np.inf):
        extreme = np.max if ord > 0 else np.min
        return extreme(np.abs(x), axis=axis, keepdims=keepdims, **_initial(x, ord))
    if ord == 0:
        return np.not_equal(x, 0).astype(x.real.dtype).sum(axis=axis, keepdims=keepdims)
    if ord == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    return smooth_norm(x, ord=ord, axis=axis, keepdims=keepdims)


def _initial(x, ord):
    """The largest of no numbers is 0; there is no smallest."""
    return {} if x.size or ord < 0 else {"initial": 0.0}


def _are_tied(values, which):
    """Where the largest (or smallest) of singular values is not the only one, or 0."""
    one = values[..., which, None]
    size = np.max(values, axis=-1, keepdims=True, initial=0)
    unit = 10 * values.shape[-1] * np.finfo(values.dtype).eps
    return ((np.abs(values - one) <= unit * size).sum(-1) > 1) | (one <= unit * size)[..., 0]


_are_tied = constant(_are_tied, batch=stacked(1))


def _factor_once(x, where):
    """1, but nan in a derivative."""
    return known_once(1 + 0 * x, where)


#: x, of which the first derivative is a choice where it is tied: there it has no second one.
_chosen = rule(
    lambda x, where: x,
    lambda tangents, ans, x, where: tangents[0] * _factor_once(x, where),
    lambda ct, wanted, ans, x, where: (ct * _factor_once(x, where), None),
    batch=whole(aligned),
    name="chosen",
)


def _matrix_norm(x, ord, axis, keepdims):
    """Norms by singular values, or by the sums of rows or columns."""
    x = np.moveaxis(x, axis, (-2, -1))
    if ord in ("nuc", 2, -2):
        values = np.linalg.svd(x, compute_uv=False)
    elif ord in (1, -1, np.inf, -np.inf):
        values = np.sum(np.abs(x), axis=-2 if abs(ord) == 1 else -1)
    else:
        raise ValueError("Invalid norm order for matrices.")
    if ord == "nuc":
        ans = values.sum(-1)
    else:
        ans = (np.max if ord > 0 else np.min)(values, axis=-1, **_initial(x, ord))
        if ord in (2, -2) and x.size:
            tied = _are_tied(values, 0 if ord > 0 else -1)
            ans = ans if nowhere(tied) else _chosen(ans, tied)
    return np.expand_dims(ans, axis) if keepdims else ans


def _vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = sorted(i % x.ndim for i in axes)
    if len(axes) == 1:
        return np.linalg.norm(x, ord, axes[0], keepdims)
    flat = np.moveaxis(x, axes, range(len(axes)))
    flat = flat.reshape(-1, *flat.shape[len(axes) :])
    ans = np.linalg.norm(flat, ord, axis=0)
    return as_number(np.expand_dims(ans, tuple(axes)) if keepdims else ans)


def _cond(x, p=None):
    if p is None or p in (2, -2):
        values = np.linalg.svd(x, compute_uv=False)
        largest, smallest = values[..., 0], values[..., -1]
        return smallest / largest if p == -2 else largest / smallest
    return np.linalg.norm(x, p, (-2, -1)) * np.linalg.norm(np.linalg.inv(x), p, (-2, -1))


composition(np.linalg.norm, _norm, arity=1)
composition(np.linalg.vector_norm, _vector_norm, arity=1)
composition(
    np.linalg.matrix_norm,
    lambda x, /, *, keepdims=False, ord="fro": np.linalg.norm(x, ord, (-2, -1), keepdims),
    arity=1,
)
composition(np.linalg.cond, _cond, arity=1)

# -------------------------------------------------------------------------------- determinants
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
    t = np.block(
        [
            [
                (h + det * e) * inverse - det * (above[..., :n] @ inverse),
                -above[..., n:] @ adjugate,
            ],
            [-adjugate @ below[..., :n] @ inverse, e * adjugate + moved],
        ]
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

# --------------------------------------------------------------------- inverses and equations
# Giles (2008), sections 2.2.2 and 2.2.3.


def _inv_jvp(tangents, ans, a):
    """d(A^-1) = -A^-1 dA A^-1."""
    (t,) = tangents
    return -(ans @ t @ ans)


def _inv_vjp(ct, wanted, ans, a):
    """A* = -A^-T ct A^-T."""
    inverse = ans.swapaxes(-2, -1)  # Dask's arrays have no mT
    return (-(inverse @ ct @ inverse),)


def _solve_jvp(tangents, ans, a, b):
    """dX = A^-1 (dB - dA X)."""
    if b.ndim > 1:
        return np.linalg.solve(a, _residual(tangents, ans))
    t_a, t_b = tangents
    t = _residual((t_a, None if t_b is None else t_b[:, None]), ans[..., None])
    return np.linalg.solve(a, t)[..., 0]


def _residual(tangents, x):
    """dB - dA X."""
    return sum_of_terms(tangents, lambda t_a: -(t_a @ x), lambda t_b: t_b)


def _solve_series(ans, a, b):
    """x_k = a_0^-1 (b_k - sum of a_j x_(k - j) over j > 0)."""
    k = len(ans)
    vector = b[0].ndim == 1
    rest = convolved(a, ans, k, first=1, times=_times_vectors if vector else operator.matmul)
    if rest is None:
        return None if b[k] is None else np.linalg.solve(a[0], b[k])
    rest = -rest if b[k] is None else b[k] - rest
    return np.linalg.solve(a[0], rest[..., None])[..., 0] if vector else np.linalg.solve(a[0], rest)


def _times_vectors(a, x):
    return (a @ x[..., None])[..., 0]


def _solve_vjp(ct, wanted, ans, a, b):
    """B* = A^-T ct, A* = -B* X^T."""
    a = a.swapaxes(-2, -1)
    if b.ndim > 1:
        ct = np.linalg.solve(a, ct)
        return -(ct @ ans.swapaxes(-2, -1)) if wanted[0] else None, ct
    ct = np.linalg.solve(a, ct if ct.ndim == 1 else ct[..., None])
    ct = ct.reshape(ans.shape)
    return -ct[..., None] * ans[..., None, :] if wanted[0] else None, ct


@owning(lambda args, kwargs: stacked(2, min(2, args[1].ndim)).own_axes(args, kwargs), lead=True)
def solve_batch(call, batched, a, b, **options):
    """The way of the solution x of ``a @ x = b``: one factorization where a is the same for all rows."""
    of_a, of_b = batched
    if not of_a:
        return columns(call, batched, a, b, **options)
    if np.ndim(b) - of_b > 1:
        return _solve_stack(call, batched, a, b, **options)
    if not of_b:
        return call(a, b, **options)
    return _solve_stack(call, batched, a, b[..., None], **options)[..., 0]


_solve_stack = stacked(2, 2)

rule(np.linalg.inv, _inv_jvp, _inv_vjp, batch=stacked(2))
rule(np.linalg.solve, _solve_jvp, _solve_vjp, batch=solve_batch, series=_solve_series)


def _tensorinv(a, ind=2):
    rows, columns = a.shape[ind:], a.shape[:ind]
    return np.linalg.inv(a.reshape(int(np.prod(rows)), -1)).reshape(*rows, *columns)


def _tensorsolve(a, b, axes=None):
    if axes is not None:
        kept = [k for k in range(a.ndim) if k not in axes]
        a = np.transpose(a, [*kept, *axes])
    shape = np.shape(a)[np.ndim(b) - np.ndim(a) :]
    square = np.reshape(a, (np.size(b), int(np.prod(shape))))
    return np.linalg.solve(square, np.reshape(b, -1)).reshape(shape)


def _matrix_power(a, n):
    """Repeated squaring, in NumPy's own order."""
    if n == 0:
        return np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape).copy()
    if n < 0:
        a, n = np.linalg.inv(a), -n
    if n == 3:
        return a @ a @ a
    square, ans = a, None
    while True:
        n, odd = divmod(n, 2)
        if odd:
            ans = square if ans is None else ans @ square
        if not n:
            return ans if ans is a else ans.copy()
        square = square @ square


composition(np.linalg.tensorinv, _tensorinv, arity=1)
composition(np.linalg.tensorsolve, _tensorsolve, arity=2)
composition(np.linalg.matrix_power, _matrix_power, arity=1)

# ------------------------------------------------------------------ pseudoinverse, least squares
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
    if rcond is None or rcond < 0:
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
    moved = _residual((t_a, t_b), x)
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
composition(np.linalg.lstsq, _lstsq, arity=2)
