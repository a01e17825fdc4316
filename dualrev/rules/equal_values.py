"""Equal eigenvalues and singular values: what a derivative knows of them, and what it does not.

Must not know how a matrix is taken apart (decompositions, eigenvalues).

A function of the values alone, symmetric in them, is smooth in the matrix, also where they are
equal, and so is its gradient.  Lewis and Sendov (2001), "Twice differentiable spectral functions",
theorem 3.3: the gradient ``V diag(c) V^H`` moves by ``V [(c_j - c_i) / (w_j - w_i) P_ij + diag dc]
V^H``, ``P = V^H dA V``, in the basis of each common eigenspace in which its block of P is diagonal;
there ``dw = diag P``.

Only forward mode over reverse knows dA where both dw and the gradient's move are computed.  The
other nestings are right where they need no other basis than LAPACK's, and nan where they do.
"""

import functools

import numpy as np

from dualrev.core.arrays import nowhere
from dualrev.core.cotangents import sum_of_terms
from dualrev.core.guarded import guarded_product
from dualrev.core.words import constant, rule
from dualrev.rules.masks import is_diagonal
from dualrev.rules.matrices import adjoint, diagonal, hermitian_part, largest
from dualrev.ways import aligned, stacked, whole


def equal_values(w):
    """Which pairs of values, given in order, are equal to rounding; None where none are."""
    unit = 10 * w.shape[-1] * np.finfo(w.dtype).eps
    scale = np.abs(w).max(axis=-1, keepdims=True, initial=0)
    apart = np.abs(w[..., 1:] - w[..., :-1]) > unit * scale
    if nowhere(~apart):
        return None
    group = np.cumsum(apart, axis=-1)
    group = np.concatenate((np.zeros((*w.shape[:-1], 1), int), group), -1)
    return group[..., None, :] == group[..., :, None]


def equal_pairs(w, *witnesses):
    """Which pairs of eigenvalues are equal to rounding, and which of these are not harmless."""
    unit = len(w.T) * np.finfo(w.dtype).eps
    scale = np.max(np.abs(w), axis=-1, initial=0)[..., None, None]
    equal = np.abs(w[..., None, :] - w[..., :, None]) <= 10 * unit * scale
    touched = False
    for x in map(np.abs, witnesses):
        touched = touched | (x > 100 * unit * np.max(x, axis=(-2, -1), keepdims=True, initial=0))
    return equal, equal & touched & ~is_diagonal(w.shape[-1])


equal_pairs = constant(equal_pairs, batch=whole(stacked(1, 2, 2)))


def divided(x, w, *witnesses):
    """``x_ij / (w_j - w_i)``; between equal ones 0 if the witnesses are 0, nan if they are not."""
    equal, undefined = equal_pairs(w, *(witnesses or (x,)))
    gap = w[..., None, :] - w[..., :, None]
    ratio = np.where(equal, 0, x / np.where(equal, 1, gap))
    return ratio if nowhere(undefined) else np.where(undefined, np.nan, ratio)


def _is_large(x, size):
    """Where x is not 0 to rounding."""
    return np.abs(x) > 100 * x.shape[-1] * np.finfo(x.dtype).eps * size


def _is_mixed(same, p):
    """Whether P is not diagonal in a block of equal values, for each matrix."""
    mixed = same & _is_large(p, largest(p)) & ~is_diagonal(p.shape[-1])
    return mixed.any((-2, -1), keepdims=True)


def _is_uneven(same, c, w, p, t_c=None):
    """Whether the cotangents of equal values differ, for each matrix that P moves.

    Beside c, or, where all c are 0 to rounding, beside how much they change with the values.
    """
    size = largest(c[..., None, :])
    if t_c is not None:
        moved = largest(p)
        change = largest(t_c[..., None, :]) / np.where(moved == 0, 1, moved)
        size = np.maximum(size, change * largest(w[..., None, :]))
    differ = same & _is_large(c[..., None, :] - c[..., :, None], size)
    return differ.any((-2, -1), keepdims=True) & is_moved(p)


def is_moved(p):
    return np.not_equal(p, 0).any((-2, -1), keepdims=True)


equal_values = constant(equal_values, open=True)
_is_mixed = constant(_is_mixed, batch=stacked(2, 2))
_is_uneven = constant(_is_uneven, batch=stacked(2, 1, 1, 2, 1))
is_moved = constant(is_moved, batch=stacked(2))

#: x, but under the mask with the derivative nan: what is known of x at this point alone.
known_once = rule(
    lambda x, where: x,
    lambda tangents, ans, x, where: np.where(where, np.nan, tangents[0]),
    lambda ct, wanted, ans, x, where: (np.where(where, np.nan, ct), None),
    reads_values=False,
    batch=whole(aligned),
    name="known_once",
)


def _turn(same, p):
    """The basis of each common eigenspace that diagonalizes its block of P, block after block."""
    size = np.linalg.norm(p, axis=(-2, -1), keepdims=True)
    block = np.where(same, p / np.where(np.equal(size, 0), 1, size), 0)
    first = np.argmax(same, axis=-1)  # of its equals: far apart, and in the order of the values
    return np.linalg.eigh(block + 3 * first[..., None] * np.eye(p.shape[-1]))[1]


def _along(t, v, same, turned=True):
    """P = V^H dA V, and V; in the basis that P picks."""
    p = adjoint(v) @ t @ v
    if not turned or same is None or nowhere(_is_mixed(same, p)):
        return p, v
    turn = _turn(same, p)
    return adjoint(turn) @ p @ turn, v @ turn


def moved_gradient(c, w, p, same, t_c=None):
    """``(c_j - c_i) / (w_j - w_i) P_ij``; between equal values 0, or nan where c is uneven."""
    gap = w[..., None, :] - w[..., :, None]
    equal = is_diagonal(w.shape[-1]) if same is None else same
    moved = np.where(equal, 0, (c[..., None, :] - c[..., :, None]) / np.where(equal, 1, gap)) * p
    if same is None:
        return moved
    return np.where(_is_uneven(same, c, w, p, t_c), np.nan, known_once(moved, same))


# The derivatives of the next two are all given to A and c, or A and T, which are Hermitian; w and V
# save a factorization.


def _spectral_jvp(tangents, ans, a, c, w, v):
    t_a, t_c = tangents[:2]
    inner, same = 0, equal_values(w)
    if t_a is not None:
        p, v = _along(t_a, v, same)
        inner = moved_gradient(c, w, p, same, t_c)
    if t_c is not None:
        inner = inner + t_c[..., None, :] * is_diagonal(w.shape[-1])
    return v @ inner @ adjoint(v)


def _spectral_vjp(ct, wanted, ans, a, c, w, v):
    p = adjoint(v) @ hermitian_part(ct.conj()) @ v
    ct_a = None
    if wanted[0]:
        same = equal_values(w)
        inner = moved_gradient(c, w, p, same)
        if same is not None:
            inner = np.where(_is_mixed(same, p), np.nan, inner)
        ct_a = (v @ inner @ adjoint(v)).conj()
    return ct_a, diagonal(p).real, None, None


#: V diag(c) V^H: the gradient of a function whose derivatives by the eigenvalues are c.
spectral_gradient = rule(
    lambda a, c, w, v: (v * c[..., None, :]) @ adjoint(v),
    _spectral_jvp,
    _spectral_vjp,
    batch=whole(stacked(2, 1, 1, 2)),
    name="spectral_gradient",
)


def _push_value(a, t, w, v, turned=False):
    if turned:
        return diagonal(_along(t, v, equal_values(w))[0]).real
    return (v.conj() * (t @ v)).sum(-2).real


def _push_jvp(tangents, ans, a, t, w, v, turned=False):
    """d(v_i^H T v_i) = v_i^H dT v_i + sum_j 2 Re P_ij Q_ji / (w_i - w_j), Q = V^H dA V."""
    same = equal_values(w)
    p, v = _along(t, v, same, turned)
    return sum_of_terms(
        tangents[:2],
        lambda t_a: second_move(p, adjoint(v) @ t_a @ v, w, same).real,
        lambda t_t: (v.conj() * (t_t @ v)).sum(-2).real,
    )


def second_move(p, q, w, same):
    """``sum_j (P_ij Q_ji + Q_ij P_ji) / (w_i - w_j)``, and nan of equal values."""
    gap = w[..., :, None] - w[..., None, :]
    equal = is_diagonal(w.shape[-1]) if same is None else same
    total = np.where(equal, 0, (p * q.mT + q * p.mT) / np.where(equal, 1, gap)).sum(-1)
    if same is None:
        return total
    unknown = (same.sum(-1) > 1) & (is_moved(p) & is_moved(q))[..., 0]
    return np.where(unknown, np.nan, total)


def _push_vjp(ct, wanted, ans, a, t, w, v, turned=False):
    same = equal_values(w)
    p, v = _along(t, v, same, turned)
    ct_a = None
    if wanted[0]:
        inner = moved_gradient(ct, w, p, same)
        if same is not None:
            inner = np.where(_is_mixed(same, adjoint(v) @ t @ v), np.nan, inner)
        ct_a = (v @ inner @ adjoint(v)).conj()
    return ct_a, ((v * ct[..., None, :]) @ adjoint(v)).conj(), None, None


#: diag(V^H T V), which is how eigenvalues move along T; turned: in the basis that T picks.
spectral_push = rule(_push_value, _push_jvp, _push_vjp, batch=whole(stacked(2, 2, 1, 2)))


def spectral_rule(function, jvp, vjp, *, name=None, **options):
    """Declare the pair of a function of eigenvalues, which split along dA below a transform."""
    options = {"batch": stacked(2), **options}
    below = rule(
        lambda *args, **kwargs: function(*args, **kwargs),
        functools.partial(jvp, turned=True),
        vjp,
        name=name or f"linalg.{function.__name__}",
        **options,
    )
    return rule(function, jvp, vjp, call=below, name=name, **options)


# Reverse mode at equal values.  K = V^H V* says how a function depends on the vectors.  One of the
# vectors alone must not depend on how those of equal values are turned; one of both, V f(W) V^H, has
# K_ij = f(w_j) M_ij, of which the gradient needs f'(w_j) M_ij.  Where K_ij is not 0 that cannot be
# told; where it is 0 beside a K_jj that is not, M_ij is 0.


def _told(same, w, k):
    """Of pairs of equal values: which K couples; of which it tells nothing, but for values that are
    0 to rounding, and different: what is proportional to them can still be divided by them
    """
    others = same & ~is_diagonal(same.shape[-1])
    large = _is_large(k, largest(k))
    coupled = others & (large | large.mT)
    shown = diagonal(large)
    silent = others & ~coupled & ~(shown[..., None, :] | shown[..., :, None])
    zero = are_zero(w)
    zero = zero[..., None, :] & zero[..., :, None] & (w[..., None, :] != w[..., :, None])
    return coupled, silent & ~zero, silent & zero


def are_zero(w):
    unit = 10 * w.shape[-1] * np.finfo(w.dtype).eps
    return np.abs(w) <= unit * np.max(np.abs(w), axis=-1, keepdims=True, initial=0)


def are_coupled(same, x, k):
    return same & _is_large(x, largest(k))


_told = constant(_told, batch=stacked(2, 1, 2))
are_coupled = constant(are_coupled, batch=stacked(2, 2, 2))
are_zero = constant(are_zero, batch=stacked(1))


def guarded_ratio(x, y, zero):
    """x / y; nan where y is 0, but 0 for x = 0."""
    return np.where(zero, guarded_product(x, np.nan), x / np.where(zero, 1, y))


def known_ratio(x, y, known, equal, coupled):
    """x / y where it is known, else 0; among what is equal at this point alone; nan where coupled."""
    ratio = known_once(np.where(known, x / np.where(known, y, 1), 0), equal)
    return np.where(coupled, np.nan, ratio)


def divided_pull(x, w, same, k, used=None):
    """``x_ij / (w_j - w_i)``, x made of K; used: what comes from the values and each vector, where
    the function is of both.
    """
    gap = w[..., None, :] - w[..., :, None]
    if same is None:
        return x / np.where(is_diagonal(w.shape[-1]), np.inf, gap)
    if used is None:
        # A phase on the diagonal is each vector's own.
        coupled = are_coupled(same & ~is_diagonal(w.shape[-1]), x, k)
        divided, silent = ~same, None
    else:
        coupled, silent, divisible = _told(same, w, k)
        divided = ~same | divisible
    ratio = known_ratio(x, gap, divided, same, coupled)
    if silent is None:
        return ratio
    # Not of a vector and a value that nothing came from.
    return ratio + guarded_product(used[..., None, :], np.where(silent, np.nan, 0))
