"""Products of vectors, matrices and tensors: matmul and its relatives, tensordot, kron, cross, trace.

Must not know anything that factorises or inverts a matrix (equations, decompositions).
"""

import functools
import math
import operator
import string

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dualrev.core.primitive import RULES
from dualrev.core.words import composition, linear
from dualrev.errors import no_rule
from dualrev.rules.matrices import times_vectors
from dualrev.ways import aligned, columns, flattened, in_all_rows, lead, named, rows_ndim

# --------------------------------------------------------------------------- matrix and vector


def _matmul_transpose_a(ct, a, b):
    if b.ndim == 1:
        return ct * b if a.ndim == 1 else ct[..., None] * b
    if a.ndim == 1:
        return b @ ct if b.ndim == 2 else times_vectors(b, ct)
    return ct @ (b.T if b.ndim == 2 else b.swapaxes(-1, -2))


def _matmul_transpose_b(ct, a, b):
    if a.ndim == 1:
        return a * ct if b.ndim == 1 else a[:, None] * ct[..., None, :]
    if b.ndim > 2:
        return a.swapaxes(-1, -2) @ ct
    if a.ndim > 2:  # one product over all rows of the stack, not one a matrix and then their sum
        rows = math.prod(a.shape[:-1])
        a, ct = a.reshape(rows, a.shape[-1]), ct.reshape(rows, *b.shape[1:])
    return a.T @ ct


def _matmul_batch(call, batched, a, b):
    if hasattr(a, "tocsr"):
        return columns(call, batched, a, b)
    if hasattr(b, "tocsr"):
        ans = call(a.reshape(-1, a.shape[-1]), b)
        return ans.reshape(*a.shape[:-1], b.shape[1])
    ndim_a, ndim_b = a.ndim - batched[0], b.ndim - batched[1]
    # One product of all rows where the other factor is a matrix for all, not one a row.
    if batched == [True, False] and ndim_a == 1 and ndim_b <= 2:
        return call(a, b)
    if batched == [False, True] and ndim_b == 1 and ndim_a <= 2:
        return call(b, a.T)
    if ndim_a == 1:
        a = a[..., None, :]
    if ndim_b == 1:
        b = b[..., None]
    ndim = max(ndim_a, ndim_b, 2)
    a, b = (lead(x, ndim) if with_rows else x for x, with_rows in zip((a, b), batched))
    ans = call(a, b)
    if ndim_b == 1:
        ans = ans[..., 0]
    return ans[..., 0, :] if ndim_a == 1 < ndim_b else ans[..., 0] if ndim_a == 1 else ans


def _matmul_subscripts(ndim_a, ndim_b):
    loops = "abcdefgh"[: max(ndim_a, ndim_b, 2) - 2]
    a = (loops[len(loops) - max(0, ndim_a - 2) :] + "ik")[-ndim_a:]
    b = (loops[len(loops) - max(0, ndim_b - 2) :] + "kj") if ndim_b > 1 else "k"
    return (a, b), loops + "i" * (ndim_a > 1) + "j" * (ndim_b > 1)


linear(
    np.matmul,
    _matmul_transpose_a,
    _matmul_transpose_b,
    call=operator.matmul,
    batch=_matmul_batch,
    subscripts=_matmul_subscripts,
)


def _dot_transpose_a(ct, a, b):
    if not np.ndim(a) or not np.ndim(b):
        return ct * b
    if a.ndim == 1 or b.ndim <= 2:
        return _matmul_transpose_a(ct, a, b)
    kept = [k for k in range(b.ndim) if k != b.ndim - 2]
    return np.tensordot(ct, b, (range(a.ndim - 1, ct.ndim), kept))


def _dot_transpose_b(ct, a, b):
    if not np.ndim(a) or not np.ndim(b):
        return ct * a
    if a.ndim == 1 or b.ndim <= 2:
        return _matmul_transpose_b(ct, a, b)
    rows = range(a.ndim - 1)
    return np.moveaxis(np.tensordot(a, ct, (rows, rows)), 0, -2)


def _dot_batch(call, batched, a, b):
    ndim_a, ndim_b = (np.ndim(x) - with_rows for x, with_rows in zip((a, b), batched))
    if not ndim_a or not ndim_b:
        return aligned(np.multiply, batched, a, b)
    if ndim_b <= 2:
        return _matmul_batch(np.matmul, batched, a, b)
    return _contracted(batched, a, b, [ndim_a - 1], [ndim_b - 2])


def _contracted(batched, a, b, of_a, of_b):
    """The sum over pairs of axes of each row, which are not negative."""
    of_a, of_b = ([i + of_rows for i in axes] for axes, of_rows in zip((of_a, of_b), batched))
    if not all(batched):
        ans = np.tensordot(a, b, (of_a, of_b))
        return ans if batched[0] else np.moveaxis(ans, a.ndim - len(of_a), 0)
    k = len(of_a)
    a = np.moveaxis(a, of_a, range(a.ndim - k, a.ndim))
    b = np.moveaxis(b, of_b, range(1, 1 + k))
    free_a, inner, free_b = a.shape[1 : a.ndim - k], b.shape[1 : 1 + k], b.shape[1 + k :]
    n, size = len(a), math.prod(inner)
    ans = a.reshape(n, math.prod(free_a), size) @ b.reshape(n, size, math.prod(free_b))
    return ans.reshape(n, *free_a, *free_b)


def _dot_subscripts(ndim_a, ndim_b):
    return _inner_subscripts(ndim_a, ndim_b, max(0, ndim_b - 2))


def _inner_subscripts(ndim_a, ndim_b, place=-1):
    """The last axis of a and one of b are summed over; a number takes part in no sum."""
    a, b = "abcdefgh"[:ndim_a], "ijklmnop"[:ndim_b]
    if a and b:
        place %= ndim_b
        b = b[:place] + a[-1] + b[place + 1 :]
    return (a, b), "".join(c for c in a + b if (a + b).count(c) == 1)


linear(
    np.dot,
    _dot_transpose_a,
    _dot_transpose_b,
    batch=_dot_batch,
    subscripts=_dot_subscripts,
)
# Older versions of NumPy cannot be asked for its signature.
RULES[np.dot].parameters = ("a", "b", "out"), frozenset(("a", "b"))


def _inner_transpose_a(ct, a, b):
    if not np.ndim(a) or not np.ndim(b):
        return ct * b
    return np.tensordot(ct, b, (range(a.ndim - 1, ct.ndim), range(b.ndim - 1)))


def _inner_transpose_b(ct, a, b):
    if not np.ndim(a) or not np.ndim(b):
        return ct * a
    return np.tensordot(ct, a, (range(a.ndim - 1), range(a.ndim - 1)))


def _inner_batch(call, batched, a, b):
    ndim_a, ndim_b = (np.ndim(x) - with_rows for x, with_rows in zip((a, b), batched))
    if not ndim_a or not ndim_b:
        return aligned(np.multiply, batched, a, b)
    return _contracted(batched, a, b, [ndim_a - 1], [ndim_b - 1])


def _outer_batch(call, batched, a, b):
    a, b = flattened(batched, a, b)
    return a[..., :, np.newaxis] * b[..., np.newaxis, :]


def _vdot_batch(call, batched, a, b):
    return np.vecdot(*flattened(batched, a, b))


linear(
    np.inner,
    _inner_transpose_a,
    _inner_transpose_b,
    batch=_inner_batch,
    subscripts=_inner_subscripts,
)
linear(
    np.outer,
    lambda ct, a, b: (ct @ np.ravel(b)).reshape(a.shape),
    lambda ct, a, b: (np.ravel(a) @ ct).reshape(b.shape),
    batch=_outer_batch,
)
# These two conjugate their first argument, in which they are linear over the reals only.
linear(
    np.vdot,
    lambda ct, a, b: np.conj(ct * np.reshape(b, a.shape)),
    lambda ct, a, b: ct * np.reshape(np.conj(a), b.shape),
    batch=_vdot_batch,
)
linear(
    np.vecdot,
    lambda ct, x1, x2: np.conj(ct[..., None] * x2),
    lambda ct, x1, x2: ct[..., None] * np.conj(x1),
)
if hasattr(np, "matvec"):  # NumPy 2.2
    linear(
        np.matvec,
        lambda ct, x1, x2: ct[..., None] * x2[..., None, :],
        lambda ct, x1, x2: np.matvec(x1.mT, ct),
    )
    linear(  # conjugates its first argument too
        np.vecmat,
        lambda ct, x1, x2: np.conj(np.matvec(x2, ct)),
        lambda ct, x1, x2: np.conj(x1)[..., None] * ct[..., None, :],
    )

# ------------------------------------------------------------------------------------- tensors


def _paired_axes(ndim_a, ndim_b, axes):
    """The axes of a and of b that are contracted, not negative."""
    if isinstance(axes, int | np.integer):
        of_a, of_b = range(ndim_a - axes, ndim_a), range(axes)
    else:
        of_a, of_b = (np.atleast_1d(np.asarray(part, int)).tolist() for part in axes)
    return [i % ndim_a for i in of_a], [i % ndim_b for i in of_b]


def _contracted_axes(a, b, axes):
    """The same, and the free axes of both."""
    of_a, of_b = _paired_axes(a.ndim, b.ndim, axes)
    free_a = [i for i in range(a.ndim) if i not in of_a]
    free_b = [i for i in range(b.ndim) if i not in of_b]
    return of_a, of_b, free_a, free_b


def _tensordot_batch(call, batched, a, b, axes=2):
    ndims = (np.ndim(x) - with_rows for x, with_rows in zip((a, b), batched))
    return _contracted(batched, a, b, *_paired_axes(*ndims, axes))


def _tensordot_transpose_a(ct, a, b, axes=2):
    of_a, of_b, free_a, free_b = _contracted_axes(a, b, axes)
    product = np.tensordot(ct, b, (range(len(free_a), ct.ndim), free_b))
    order = free_a + [i for _, i in sorted(zip(of_b, of_a))]
    return product.transpose(sorted(range(a.ndim), key=order.__getitem__))


def _tensordot_transpose_b(ct, a, b, axes=2):
    of_a, of_b, free_a, free_b = _contracted_axes(a, b, axes)
    product = np.tensordot(a, ct, (free_a, range(len(free_a))))
    order = [i for _, i in sorted(zip(of_a, of_b))] + free_b
    return product.transpose(sorted(range(b.ndim), key=order.__getitem__))


def _tensordot_subscripts(ndim_a, ndim_b, axes=2):
    a, b = string.ascii_lowercase[:ndim_a], list(string.ascii_uppercase[:ndim_b])
    for i, j in zip(*_paired_axes(ndim_a, ndim_b, axes)):
        b[j] = a[i]
    labels = a + "".join(b)
    return (a, "".join(b)), "".join(c for c in labels if labels.count(c) == 1)


linear(
    np.tensordot,
    _tensordot_transpose_a,
    _tensordot_transpose_b,
    batch=_tensordot_batch,
    subscripts=_tensordot_subscripts,
)


def _kron_shapes(a, b):
    """Shapes of one rank; the shape ``(a0, b0, a1, b1, ...)`` in which kron is an outer product."""
    ndim = max(np.ndim(a), np.ndim(b))
    of_a, of_b = ((1,) * (ndim - np.ndim(x)) + np.shape(x) for x in (a, b))
    return of_a, of_b, [n for pair in zip(of_a, of_b) for n in pair]


def _kron_transpose_a(ct, a, b):
    _, of_b, pairs = _kron_shapes(a, b)
    axes = range(len(pairs))
    product = np.einsum(ct.reshape(pairs), axes, np.reshape(b, of_b), axes[1::2], axes[::2])
    return product.reshape(a.shape)


def _kron_transpose_b(ct, a, b):
    of_a, _, pairs = _kron_shapes(a, b)
    axes = range(len(pairs))
    product = np.einsum(ct.reshape(pairs), axes, np.reshape(a, of_a), axes[::2], axes[1::2])
    return product.reshape(b.shape)


def _kron_batch(call, batched, a, b):
    ndim = rows_ndim(batched, (a, b))
    a, b = (lead(x, ndim) for x in in_all_rows(batched, (a, b)))
    shape = [m * n for m, n in zip(a.shape[1:], b.shape[1:])]
    a = a.reshape(len(a), *(k for n in a.shape[1:] for k in (n, 1)))
    b = b.reshape(len(b), *(k for n in b.shape[1:] for k in (1, n)))
    return (a * b).reshape(len(a), *shape)


linear(np.kron, _kron_transpose_a, _kron_transpose_b, batch=_kron_batch)

# --------------------------------------------------------------------------------- cross, trace


def _cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    if axis is not None:
        axisa = axisb = axisc = axis
    # Counted from the end, an axis keeps its place when a cotangent has more, broadcast, axes.
    axisa = normalize_axis_index(axisa, a.ndim) - a.ndim
    axisb = normalize_axis_index(axisb, b.ndim) - b.ndim
    return cross_product(a, b, axisa=axisa, axisb=axisb, axisc=axisc)


def _cross_transpose_a(ct, a, b, axisa=-1, axisb=-1, axisc=-1):
    """ct . (da x b) = da . (b x ct)."""
    return cross_product(b, ct, axisa=axisb, axisb=axisc % ct.ndim - ct.ndim, axisc=axisa)


def _cross_transpose_b(ct, a, b, axisa=-1, axisb=-1, axisc=-1):
    """ct . (a x db) = db . (ct x a)."""
    return cross_product(ct, a, axisa=axisc % ct.ndim - ct.ndim, axisb=axisa, axisc=axisb)


def _cross_of_3_vectors(a, b, axisa=-1, axisb=-1, axisc=-1):
    if 2 in (a.shape[axisa], b.shape[axisb]):
        raise no_rule(
            "numpy.cross of vectors of two elements",
            "write a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]",
        )
    return np.cross(a, b, axisa, axisb, axisc)


def _cross_batch(call, batched, a, b, axisa=-1, axisb=-1, axisc=-1):
    axisc += axisc >= 0  # the others count from the end
    return aligned(call, batched, a, b, axisa=axisa, axisb=axisb, axisc=axisc)


cross_product = linear(
    _cross_of_3_vectors, _cross_transpose_a, _cross_transpose_b, batch=_cross_batch
)
composition(np.cross, _cross, arity=2)


def _trace_transpose(ct, a, offset=0, axis1=0, axis2=1, dtype=None):
    diagonal = np.eye(a.shape[axis1], a.shape[axis2], offset)
    return np.moveaxis(ct.reshape(*ct.shape, 1, 1) * diagonal, (-2, -1), (axis1, axis2))


linear(np.trace, _trace_transpose, batch=named(axis1=0, axis2=1))

# ------------------------------------------------------------------ the names of numpy.linalg


def _multi_dot(arrays):
    arrays = list(arrays)
    is_row, is_column = np.ndim(arrays[0]) == 1, np.ndim(arrays[-1]) == 1
    if len(arrays) == 2:
        return np.dot(*arrays)
    if is_row:
        arrays[0] = np.reshape(arrays[0], (1, -1))
    if is_column:
        arrays[-1] = np.reshape(arrays[-1], (-1, 1))
    if len(arrays) < 2:
        raise ValueError("Expecting at least two arrays.")
    if any(np.ndim(a) != 2 for a in arrays):
        raise np.linalg.LinAlgError("all arrays but the first and the last must be two-dimensional")
    sizes = [np.shape(a)[0] for a in arrays] + [np.shape(arrays[-1])[1]]

    @functools.cache
    def cheapest(i, j):
        """Multiplications in the product of arrays i to j, and where to cut it (Cormen et al.)."""
        return (
            min(
                (
                    cheapest(i, k)[0]
                    + cheapest(k + 1, j)[0]
                    + sizes[i] * sizes[k + 1] * sizes[j + 1],
                    k,
                )
                for k in range(i, j)
            )
            if i < j
            else (0, i)
        )

    def product(i, j):
        if i == j:
            return arrays[i]
        cut = cheapest(i, j)[1]
        return np.dot(product(i, cut), product(cut + 1, j))

    ans = product(0, len(arrays) - 1)
    if is_row and is_column:
        return ans[0, 0]
    return ans.reshape(-1) if is_row or is_column else ans


def _outer_of_vectors(x1, x2, /):
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(
            "Input arrays must be one-dimensional, but they are "
            f"x1.ndim={x1.ndim} and x2.ndim={x2.ndim}."
        )
    return np.outer(x1, x2)


composition(np.linalg.multi_dot, _multi_dot, judged=True)
composition(np.linalg.matmul, lambda x1, x2, /: np.matmul(x1, x2), arity=2)
composition(np.linalg.outer, _outer_of_vectors, arity=2)
composition(np.linalg.tensordot, lambda x1, x2, /, *, axes=2: np.tensordot(x1, x2, axes), arity=2)
composition(
    np.linalg.vecdot,
    lambda x1, x2, /, *, axis=-1: np.vecdot(np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)),
    arity=2,
)
composition(np.linalg.cross, lambda x1, x2, /, *, axis=-1: np.cross(x1, x2, axis=axis), arity=2)
composition(
    np.linalg.trace,
    lambda x, /, *, offset=0, dtype=None: np.trace(x, offset, -2, -1, dtype),
    arity=1,
)
