"""Array manipulation and creation from an array: the same elements in another shape or order.

Must not know how elements are chosen (indexing) or put together (joining).
"""

from functools import partial

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dualrev.core.arrays import rounds
from dualrev.core.primitive import RULES
from dualrev.core.traced import is_traced
from dualrev.core.words import composition, constant, linear, rule
from dualrev.errors import no_rule
from dualrev.ways import aligned, lead, named, shift

# ----------------------------------------------------------------------- arrays of no axes, numbers


def as_number(x):
    """x, and where it has no axes the number in it: most functions of NumPy answer so."""
    return x if x.ndim else x[()]


def as_array(x):
    """x, and where it is a number an array of no axes, as of ``np.asarray``."""
    return x if x.ndim else x[...]


# ------------------------------------------------------------------------------------ reshaping


def _reshaped(a, shape, order="C", copy=None):
    order = _settled(order, a.ndim)
    if copy is False:
        return a.reshape(shape, order=order, copy=False)  # which NumPy refuses where it cannot
    return _in_order(a.copy() if copy else a, shape, order)


def _in_order(a, shape, order):
    # Only NumPy's arrays have an order to ask for.
    return a.reshape(shape) if order == "C" else a.reshape(shape, order=order)


def _settled(order, ndim):
    """The order of the elements where it is not that in memory; in one dimension it never is."""
    if order in ("C", "F"):
        return order
    if ndim > 1:
        raise no_rule(
            f"order={order!r}",
            "use order='C'",
            why="it asks how the array lies in memory, where copies, tangents and cotangents may lie "
            "otherwise",
        )
    np.ravel((), order)  # NumPy's own error for what is no order
    return "C"


def _reshape_transpose(ct, a, shape=None, order="C", copy=None):
    return _in_order(ct, a.shape, _settled(order, a.ndim))


def _ravel_transpose(ct, a, order="C"):
    return _in_order(ct, a.shape, _settled(order, a.ndim))


def _ravel_batch(call, batched, a, order="C"):
    if _settled(order, a.ndim - 1) == "F":
        a = _mirrored(a)
    return _flat(a if _rows_are_contiguous(a) else a.copy())


def _rows_are_contiguous(a):
    step = a.itemsize
    for n, stride in zip(a.shape[:0:-1], a.strides[:0:-1]):
        if n > 1 and stride != step:
            return False
        step *= n
    return True


def _mirrored(a):
    """The axes of each row from the last to the first: Fortran's order becomes that of C."""
    return a.transpose(0, *range(1, a.ndim)[::-1])


def _flat(a):
    return a.reshape(len(a), -1)


def _squeeze_batch(call, batched, a, axis=None):
    if axis is None:
        axis = tuple(k for k, n in enumerate(a.shape[1:]) if n == 1)
    return call(a, axis=shift(axis, a.ndim - 1))


def _expand_dims_batch(call, batched, a, axis=None):
    many = isinstance(axis, tuple | list)
    return call(a, axis=shift(axis, a.ndim - 1 + (len(axis) if many else 1)))


def _raveled(a, order="C"):
    order = _settled(order, a.ndim)
    return a.ravel() if order == "C" else a.ravel(order)


def _reshape_batch(call, batched, a, shape=None, order="C", **options):
    shape = tuple(np.atleast_1d(shape).tolist())
    if -1 in shape:  # of which NumPy knows no length where there is nothing
        shape = np.broadcast_to(0, a.shape[1:]).reshape(shape).shape
    if _settled(order, a.ndim - 1) == "F":
        return _mirrored(call(_mirrored(a), shape=(len(a), *shape[::-1]), **options))
    return call(a, shape=(len(a), *shape), **options)


linear(
    np.reshape, _reshape_transpose, call=_reshaped, view=True, may_copy=True, batch=_reshape_batch
)
# Before NumPy 2.1 the second parameter was called newshape.
_OPTIONS_OF_RESHAPE = ("shape", "order", "copy")
RULES[np.reshape].parameters = ("a", *_OPTIONS_OF_RESHAPE), frozenset(_OPTIONS_OF_RESHAPE)
# Unlike reshape(-1) it copies what is not contiguous.
linear(
    np.ravel,
    _ravel_transpose,
    call=_raveled,
    view=True,
    may_copy=True,
    batch=_ravel_batch,
)
linear(
    np.squeeze,
    lambda ct, a, axis=None: ct.reshape(a.shape),
    call=lambda a, axis=None: a.squeeze(axis),
    view=True,
    batch=_squeeze_batch,
)
linear(
    np.expand_dims,
    lambda ct, a, axis=None: ct.reshape(a.shape),
    view=True,
    batch=_expand_dims_batch,
)


def _at_least(change):
    def call(*arys):
        results = tuple(change(a if hasattr(a, "ndim") else np.asarray(a)) for a in arys)
        return results[0] if len(results) == 1 else results

    return call


def to_1d(x):
    return np.reshape(x, (1,)) if np.ndim(x) == 0 else x


def to_2d(x):
    return np.reshape(x, (1, -1)) if np.ndim(x) < 2 else x


def to_3d(x):
    shape = np.shape(x)
    if len(shape) > 2:
        return x
    return np.reshape(x, (*shape, 1) if len(shape) == 2 else (1, *(shape or (1,)), 1))


composition(np.atleast_1d, _at_least(to_1d))
composition(np.atleast_2d, _at_least(to_2d))
composition(np.atleast_3d, _at_least(to_3d))

# ------------------------------------------------------------------------------ order of the axes


def _transpose_transpose(ct, a, axes=None):
    if axes is None:
        return ct.transpose()
    places = [axis % ct.ndim for axis in axes]
    return ct.transpose(sorted(range(ct.ndim), key=places.__getitem__))


def _transpose_batch(call, batched, a, axes=None):
    ndim = a.ndim - 1
    axes = range(ndim)[::-1] if axes is None else axes
    return call(a, axes=(0, *shift(tuple(axes), ndim)))


def _moveaxis_transpose(ct, a, source=None, destination=None):
    return np.moveaxis(ct, destination, source)


def _swapaxes_transpose(ct, a, axis1=None, axis2=None):
    return ct.swapaxes(axis1, axis2)


def _rollaxis(a, axis, start=0):
    axis, start = normalize_axis_index(axis, a.ndim), start + a.ndim * (start < 0)
    return np.moveaxis(a, axis, start - (axis < start))


linear(
    np.transpose,
    _transpose_transpose,
    call=lambda a, axes=None: a.transpose() if axes is None else a.transpose(axes),
    view=True,
    batch=_transpose_batch,
)
linear(np.moveaxis, _moveaxis_transpose, view=True, batch=named(source=None, destination=None))
linear(
    np.swapaxes,
    _swapaxes_transpose,
    call=lambda a, axis1, axis2: a.swapaxes(axis1, axis2),
    view=True,
    batch=named(axis1=None, axis2=None),
)
composition(np.rollaxis, _rollaxis)
composition(np.matrix_transpose, lambda x: x.swapaxes(-1, -2))
composition(np.linalg.matrix_transpose, lambda x: x.swapaxes(-1, -2))

# -------------------------------------------------------------------------- order of the elements


def _rot90_transpose(ct, m, k=1, axes=(0, 1)):
    if not isinstance(k, int | np.integer):
        # NumPy took it for three quarters until 2.5, since then for a whole number: where 0 to 3 end.
        k = [0, 1, 3, 2].index(np.rot90(np.arange(4).reshape(2, 2), k)[0, 0])
    return np.rot90(ct, -k, axes)


def _roll_transpose(ct, a, shift=None, axis=None):
    return np.roll(ct, np.negative(shift), axis)


def _roll_batch(call, batched, a, axis=None, **options):
    if axis is None:
        return call(_flat(a), axis=1, **options).reshape(a.shape)
    return call(a, axis=shift(axis, a.ndim - 1), **options)


def _flip_batch(call, batched, m, axis=None):
    return call(m, axis=tuple(range(1, m.ndim)) if axis is None else shift(axis, m.ndim - 1))


linear(np.flip, lambda ct, m, axis=None: np.flip(ct, axis), view=True, batch=_flip_batch)
linear(
    np.fliplr,
    lambda ct, m: np.fliplr(ct),
    view=True,
    batch=lambda call, batched, m: m[:, :, ::-1],
)
linear(np.flipud, lambda ct, m: np.flipud(ct), view=True, batch=lambda call, batched, m: m[:, ::-1])
linear(np.rot90, _rot90_transpose, view=True, batch=named(axes=(0, 1)))
linear(np.roll, _roll_transpose, batch=_roll_batch)

# ----------------------------------------------------------------------------------- broadcasting


def _broadcast_batch(call, batched, array, shape=None, subok=False):
    shape = tuple(np.atleast_1d(shape).tolist())
    return call(lead(array, len(shape)), shape=(len(array), *shape))


# The sum over the axes along which an argument was broadcast is taken for every rule, in one place.
linear(
    np.broadcast_to,
    lambda ct, array, shape=None, subok=False: ct,
    view=True,
    batch=_broadcast_batch,
)


def _broadcast_arrays(*args, subok=False):
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(
        as_array(a) if hasattr(a, "ndim") and a.shape == shape else np.broadcast_to(a, shape)
        for a in args
    )


def _meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    grids = _crossed(*map(np.ravel, xi))
    if not sparse:
        grids = _broadcast_arrays(*grids)
    if indexing == "xy" and len(grids) > 1:
        grids = [grid.swapaxes(0, 1) for grid in grids]
    return tuple(grid.copy() if copy else grid for grid in grids)


def _crossed(*args):
    return tuple(
        np.reshape(a, (1,) * i + (-1,) + (1,) * (len(args) - i - 1)) for i, a in enumerate(args)
    )


composition(np.broadcast_arrays, _broadcast_arrays)
composition(np.meshgrid, _meshgrid)
composition(np.ix_, _crossed)


# ------------------------------------------------------------------- triangles, copies, dtypes


def _triangle_batch(call, batched, m, k=0):
    if m.ndim == 2:  # of a vector NumPy makes a matrix
        m = np.broadcast_to(m[:, np.newaxis], (len(m), *m.shape[1:] * 2))
    return call(m, k=k)


linear(np.tril, lambda ct, m, k=0: np.tril(ct, k), batch=_triangle_batch)
linear(np.triu, lambda ct, m, k=0: np.triu(ct, k), batch=_triangle_batch)


def _copy(a, order="K", subok=False):
    if order not in ("C", "F", "A", "K"):
        np.copy((), order)  # NumPy's own error
    return as_array(a).copy(order)


composition(np.copy, _copy)


# The dtype of a tangent or cotangent is settled for every rule, in one place: nothing to do here.
as_inexact = rule(
    lambda a, dtype=None: a.astype(dtype),
    jvp=lambda tangents, ans, a, dtype=None: tangents[0],
    vjp=lambda ct, wanted, ans, a, dtype=None: [ct],
    batch=aligned,
    name="as_inexact",
)


@partial(constant, batch=aligned)
def plain(a):
    """The same array, without a derivative."""
    return a


@partial(constant, batch=aligned)
def _as_whole(a, dtype):
    return a.astype(dtype)


def _astype(a, dtype, order="K", casting="unsafe", subok=True, copy=True):
    dtype = np.dtype(dtype)
    if casting != "unsafe" and not np.can_cast(a.dtype, dtype, casting):
        raise TypeError(f"cannot cast array data from {a.dtype} to {dtype} by the rule {casting!r}")
    if dtype == a.dtype:
        return a.copy() if copy else a
    if rounds(dtype):
        return _as_whole(a, dtype)
    return as_inexact(a, dtype=dtype)


composition(np.ndarray.astype, _astype)
if hasattr(np, "astype"):  # from numpy 2.1
    composition(np.astype, lambda x, dtype, /, *, copy=True: _astype(x, dtype, copy=copy))


# ------------------------------------------------------------------------------ like another array


def _filled_batch(call, batched, a, fill_value, shape=None, dtype=None):
    rows = len(a if batched[0] else fill_value)
    shape = tuple(np.atleast_1d(shape).tolist())
    if batched[1]:
        fill_value = lead(fill_value, len(shape))
    return call(a, fill_value, shape=(rows, *shape), dtype=dtype)


# a gives no value, but its tracer: the answer can later hold traced values.
filled = linear(
    lambda a, fill_value, shape=None, dtype=None: np.full(shape, fill_value, dtype),
    together=lambda ct, wanted, ans, a, fill_value, shape=None, dtype=None: [None, ct],
    batch=_filled_batch,
    name="full_like",
)


def _full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, device=None):
    dtype = a.dtype if dtype is None else np.dtype(dtype)
    shape = a.shape if shape is None else shape
    if dtype.kind not in "fc" and (not is_traced(fill_value) or rounds(dtype)):
        return np.full(shape, plain(fill_value), dtype)
    return filled(a, fill_value, shape=shape, dtype=dtype)


def _like(fill_value):
    return lambda a, *args, **kwargs: _full_like(a, fill_value, *args, **kwargs)


composition(np.zeros_like, _like(0), arity=1)
composition(np.empty_like, _like(0), arity=1)
composition(np.ones_like, _like(1), arity=1)
composition(np.full_like, _full_like, arity=2)
