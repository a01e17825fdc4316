"""Norms of vectors and matrices, and condition numbers.

Must not know the decompositions' rules; it calls them.  Adjoints are treated as there.
"""

import numpy as np

from dualrev.axes import axes_of
from dualrev.core.arrays import PLAIN, nowhere
from dualrev.core.guarded import guarded_product
from dualrev.core.words import composition, constant, kinked, rule
from dualrev.rules.equal_values import known_once
from dualrev.rules.shape import as_number
from dualrev.rules.signs import unsettled_zero
from dualrev.ways import aligned, own_along, owning, shift, stacked, whole


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
        plain = type(ans) in PLAIN and partial is _partial_or_zero
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
    if len(axis) > 2 or (len(axis) == 1 and isinstance(ord, str)):
        raise ValueError(f"there is no norm of order {ord!r} over {len(axis)} axes")
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
    axes = sorted(axes_of(axis, x.ndim))
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
composition(np.linalg.cond, _cond, arity=1, judged=True)
