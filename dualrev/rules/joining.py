"""Arrays put together and taken apart: concatenate, stack, split, tile, repeat, pad, insert.

Must not know the order of elements within an array (shape) nor single elements (indexing).
"""

import operator

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dualrev.axes import along, axes_of, part_of, sliced, with_length
from dualrev.core.arrays import nowhere, numbers_known
from dualrev.core.cotangents import PartialCotangent
from dualrev.core.traced import is_traced
from dualrev.core.words import composition, linear
from dualrev.insides.askers import is_called_by
from dualrev.rules.indexing import added, by_number, scatter
from dualrev.rules.shape import to_1d, to_2d, to_3d
from dualrev.ways import in_all_rows, in_line, lead, named, shift, shifted

# ------------------------------------------------------------------------- concatenate and stack


def _joined_vjp(ct, wanted, ans, *arrays, axis=0):
    cts = []
    start = 0
    for want, a in zip(wanted, arrays):
        stop = start + a.shape[axis]
        cts.append(ct[part_of(axis, slice(start, stop), ct.ndim)] if want else None)
        start = stop
    return cts


def _stacked_vjp(ct, wanted, ans, *arrays, axis=0):
    before = (slice(None),) * (axis % ct.ndim)
    return [ct[(*before, i)] if want else None for i, want in enumerate(wanted)]


def _stacked_batch(call, batched, *arrays, axis=0):
    arrays = in_all_rows(batched, arrays)
    return call(*arrays, axis=shift(axis, arrays[0].ndim))


joined = linear(
    lambda *arrays, axis=0: np.concatenate(arrays, axis),
    together=_joined_vjp,
    batch=in_line(0),
    name="concatenate",
)
stacked = linear(
    lambda *arrays, axis=0: np.stack(arrays, axis),
    together=_stacked_vjp,
    batch=_stacked_batch,
    name="stack",
)


def _in_dtype(ans, arrays, dtype, casting):
    if casting != "same_kind":  # NumPy says of each array whether it casts it
        empty = [np.empty(0, np.result_type(a)) for a in arrays]
        np.concatenate(empty, dtype=dtype, casting=casting)
    return ans if dtype is None else ans.astype(dtype, casting=casting)


def _concatenate(arrays, axis=0, *, dtype=None, casting="same_kind"):
    if axis is None:
        arrays, axis = [np.ravel(a) for a in arrays], 0
    return _in_dtype(joined(*arrays, axis=axis), arrays, dtype, casting)


def _stack(arrays, axis=0, *, dtype=None, casting="same_kind"):
    return _in_dtype(stacked(*arrays, axis=axis), arrays, dtype, casting)


def _vstack(tup, **options):
    return _concatenate([to_2d(a) for a in tup], 0, **options)


def _hstack(tup, **options):
    arrays = [to_1d(a) for a in tup]
    return _concatenate(arrays, 0 if np.ndim(arrays[0]) == 1 else 1, **options)


def _dstack(tup, **options):
    return _concatenate([to_3d(a) for a in tup], 2, **options)


def _column_stack(tup):
    return _concatenate([a if np.ndim(a) > 1 else np.reshape(a, (-1, 1)) for a in tup], 1)


def _block(arrays):
    """Nested lists, the innermost joined along the last axis (numpy.block's own definition)."""

    def nesting(part):
        return 1 + max(map(nesting, part)) if isinstance(part, list) else 0

    def most_axes(part):
        return max(map(most_axes, part)) if isinstance(part, list) else np.ndim(part)

    depth = nesting(arrays)
    ndim = max(depth, most_axes(arrays))

    def join(part, level):
        if isinstance(part, list):
            return _concatenate([join(inner, level + 1) for inner in part], ndim - depth + level)
        shape = np.shape(part)
        return np.reshape(part, (1,) * (ndim - len(shape)) + shape)

    ans = join(arrays, 0)
    return ans if depth else np.copy(ans)


def _append(arr, values, axis=None):
    return _concatenate((arr, values), axis)


composition(np.concatenate, _concatenate)
composition(np.stack, _stack)
composition(np.vstack, _vstack)
composition(np.hstack, _hstack)
composition(np.dstack, _dstack)
composition(np.column_stack, _column_stack)
composition(np.block, _block)
composition(np.append, _append, arity=2)

# -------------------------------------------------------------------------------------- splitting


def _array_split(ary, indices_or_sections, axis=0):
    n = ary.shape[axis]
    try:
        cuts = [*map(operator.index, indices_or_sections)]
    except TypeError:
        sections = int(indices_or_sections)  # as NumPy takes len(x) / 2
        if sections <= 0:
            raise ValueError("number sections must be larger than 0.") from None
        size, longer = divmod(n, sections)
        cuts = [i * size + min(i, longer) for i in range(1, sections)]
    return [sliced(ary, axis, i, j) for i, j in zip([0, *cuts], [*cuts, n])]


def _split(ary, indices_or_sections, axis=0):
    if np.ndim(indices_or_sections) == 0 and ary.shape[axis] % indices_or_sections:
        raise ValueError("array split does not result in an equal division")
    return _array_split(ary, indices_or_sections, axis)


def _split_along(axis, least):
    def call(ary, indices_or_sections):
        if ary.ndim < least:
            raise ValueError(f"only arrays of {least} or more dimensions can be split this way")
        return _split(ary, indices_or_sections, axis if ary.ndim > 1 else 0)

    return call


composition(np.array_split, _array_split, arity=1)
composition(np.split, _split, arity=1)
composition(np.hsplit, _split_along(1, 1), arity=1)
composition(np.vsplit, _split_along(0, 2), arity=1)
composition(np.dsplit, _split_along(2, 3), arity=1)
if hasattr(np, "unstack"):  # from numpy 2.1
    composition(np.unstack, lambda x, /, *, axis=0: tuple(np.moveaxis(x, axis, 0)))

# -------------------------------------------------------------------------------- tile and repeat


def _tile_transpose(ct, A, reps=None):
    """The sum over the copies: each axis of ct is (copies, length)."""
    reps = (reps,) if np.ndim(reps) == 0 else tuple(reps)
    ndim = ct.ndim
    reps = (1,) * (ndim - len(reps)) + reps
    lengths = (1,) * (ndim - A.ndim) + A.shape
    pairs = [n for pair in zip(reps, lengths) for n in pair]
    return ct.reshape(pairs).sum(axis=tuple(range(0, 2 * ndim, 2))).reshape(A.shape)


def _repeat_transpose(ct, a, repeats, axis=None):
    shape = a.shape
    if axis is None or not shape:  # NumPy lets a number have an axis
        shape, axis = (a.size,), 0
    axis %= len(shape)
    if np.size(repeats) == 1:
        times = int(np.reshape(repeats, ()))
        pairs = (*shape[: axis + 1], times, *shape[axis + 1 :])
        return ct.reshape(pairs).sum(axis=axis + 1).reshape(a.shape)
    source = np.repeat(np.arange(shape[axis]), repeats)
    if shape != a.shape:
        return by_number(ct, a, source)
    return PartialCotangent(part_of(axis, source, a.ndim), ct, a, added)


def _resize(a, new_shape):
    size = int(np.prod(new_shape))
    if not a.size or not size or np.min(new_shape, initial=0) < 0:
        return np.zeros_like(a, shape=new_shape)
    return np.take(a, (np.arange(size) % a.size).reshape(new_shape))


def _tile_batch(call, batched, A, reps=None):
    reps = np.atleast_1d(reps).tolist()
    A = lead(A, len(reps))
    return call(A, reps=(1,) * (A.ndim - len(reps)) + tuple(reps))


linear(np.tile, _tile_transpose, batch=_tile_batch)
linear(np.repeat, _repeat_transpose, None, batch=shifted(None, flat=True))
composition(np.resize, _resize, arity=1)

# ----------------------------------------------------------------------------------- insert, delete


def _delete(arr, obj, axis=None):
    if axis is None:
        arr, axis = np.ravel(arr), 0
    return np.take(arr, np.delete(np.arange(arr.shape[axis]), obj), axis)


def _insert(arr, obj, values, axis=None):
    """Gathered from arr and values, by what NumPy does to the places of their elements."""
    if axis is None:
        arr, axis = np.ravel(arr), 0
    axis = normalize_axis_index(axis, arr.ndim)
    n = arr.shape[axis]
    count = np.insert(np.arange(n), obj, 0).size - n
    values = np.reshape(values, (1,) * (arr.ndim - np.ndim(values)) + np.shape(values))
    if count == 1:
        if not isinstance(obj, slice) and np.ndim(obj) == 0:
            values = np.moveaxis(values, 0, axis)
        count = values.shape[axis]
    values = np.broadcast_to(values, with_length(arr.shape, axis, count))
    source = np.insert(np.arange(n), obj, np.arange(n, n + count))
    return np.take(joined(arr, values.astype(arr.dtype), axis=axis), source, axis)


def _trim_zeros(filt, trim="fb", axis=None):
    if is_called_by(np.poly1d.__init__):
        return filt  # a coefficient that is 0 has a derivative
    axes = axes_of(axis, filt.ndim)
    places = np.argwhere(filt)
    index = [slice(None)] * filt.ndim
    for i in axes:
        start = places[:, i].min(initial=filt.shape[i]) if "f" in trim.lower() else 0
        stop = places[:, i].max(initial=-1) + 1 if "b" in trim.lower() else filt.shape[i]
        index[i] = slice(int(start), int(stop))
    return filt[(*index, ...)]


composition(np.delete, _delete, arity=1)
composition(np.insert, _insert, arity=3)
composition(np.trim_zeros, _trim_zeros, arity=1)

# -------------------------------------------------------------------------------------------- pad


def _inside(widths, shape):
    return tuple(slice(before, before + n) for (before, _), n in zip(widths, shape))


def _padded(array, widths=None):
    if not numbers_known(array):
        return np.pad(array, widths)
    # A tenth of np.pad's time on small arrays.
    out = np.zeros([n + sum(width) for n, width in zip(array.shape, widths)], array.dtype)
    out[_inside(widths, array.shape)] = array
    return out


def _padded_batch(call, batched, array, widths=None):
    return call(array, widths=[(0, 0), *widths])


padded = linear(
    _padded,
    lambda ct, array, widths=None: ct[_inside(widths, array.shape)],
    batch=_padded_batch,
)
_GATHERS = frozenset({"edge", "reflect", "symmetric", "wrap"})
_STATISTICS = {"mean": np.mean, "median": np.median, "maximum": np.max, "minimum": np.min}
#: Name of the option of a mode, and its default.
_OPTION = {"constant": ("constant_values", 0), "linear_ramp": ("end_values", 0)}
_OPTION.update(dict.fromkeys(_STATISTICS, ("stat_length", None)))


def _pad(array, pad_width, mode="constant", **options):
    """Pad one axis after the other, as NumPy does: later axes see the corners of earlier ones."""
    array = np.copy(array)  # which is the answer where nothing is added
    ndim = array.ndim
    if isinstance(pad_width, dict):
        given = {axis % ndim: width for axis, width in pad_width.items()}
        pad_width = [np.broadcast_to(given.get(axis, 0), 2) for axis in range(ndim)]
    if type(pad_width) is int:
        widths = [(pad_width, pad_width)] * ndim
    else:
        widths = np.broadcast_to(pad_width, (ndim, 2)).tolist()
    if min(map(min, widths), default=0) < 0:
        raise ValueError("pad_width can't contain negative values")
    if mode == "empty" or (mode == "constant" and not options):
        return padded(array, widths=widths)
    if callable(mode):
        return _pad_by(mode, padded(array, widths=widths), widths, options)
    if options.get("reflect_type") == "odd" and mode in ("reflect", "symmetric"):
        for axis, width in enumerate(widths):
            if any(width):
                array = padded_oddly(array, width=width, axis=axis, mode=mode)
        return array
    if mode not in _GATHERS:
        name, default = _OPTION.get(mode, ("", None))
        if not name or options.keys() - {name}:
            return np.pad(np.zeros(()), 0, mode, **options)  # NumPy's own error
        option = options.pop(name, default)
        option = np.broadcast_to(_gathered(option) if is_traced(option) else option, (ndim, 2))
    for axis, width in enumerate(widths):
        if not any(width):
            continue
        if mode != "constant" and not array.shape[axis]:
            raise ValueError(f"can't extend empty axis {axis} by mode {mode!r}")
        if mode in _GATHERS:
            source = np.pad(np.arange(array.shape[axis]), width, mode, **options)
            array = np.take(array, source, axis)
        else:
            left, right = (_side(array, axis, k, width[k], mode, option[axis, k]) for k in (0, 1))
            array = joined(left, array, right, axis=axis)
    return array


def _gathered(nested):
    """Nested lists with traced numbers as an array."""
    return np.stack(list(map(_gathered, nested))) if isinstance(nested, list | tuple) else nested


def _pad_by(function, array, widths, options):
    """Let a user's function write into every vector along every axis, as NumPy does."""
    for axis, width in enumerate(widths):
        shape = array.shape[:axis] + array.shape[axis + 1 :]
        for place in np.ndindex(shape):
            index = (*place[:axis], slice(None), *place[axis:])
            vector = array[index].copy()
            function(vector, tuple(width), axis, options)
            array[index] = vector
    return array


def _padded_oddly(array, width=None, axis=0, mode=None):
    widths = with_length([(0, 0)] * array.ndim, axis, width)
    return np.pad(array, widths, mode, reflect_type="odd")


def _padded_oddly_transpose(ct, array, width=None, axis=0, mode=None):
    """Each element is one that is mirrored and multiples of the first and the last, which it turns at.

    What padding makes of unit vectors says which multiples: all but these sum up to 1 with them.
    """
    n = array.shape[axis]
    mirrored = np.pad(np.arange(n), width, mode)
    units = np.zeros((2, n))
    units[0, 0] = 1
    units[1, -1] = n > 1
    of_first, of_last = (_padded_oddly(unit, width, 0, mode) for unit in units)
    parts = [
        (ct * along(1 - of_first - of_last, axis, ct.ndim), mirrored),
        ((ct * along(of_first, axis, ct.ndim)).sum(axis=axis), 0),
        ((ct * along(of_last, axis, ct.ndim)).sum(axis=axis), n - 1),
    ]
    cts, places = zip(*parts)
    keys = tuple(part_of(axis, place, array.ndim) for place in places)
    return scatter(*cts, keys=keys, shape=array.shape, dtype=array.dtype)


padded_oddly = linear(_padded_oddly, _padded_oddly_transpose, batch=named(axis=0))


def _side(array, axis, k, width, mode, option):
    """What pads one side (k = 0 before, 1 after) of one axis."""
    n = array.shape[axis]
    shape = with_length(array.shape, axis, width)
    if mode == "constant":
        side = option
    elif mode in _STATISTICS:
        count = n if option is None else min(round(option), n)
        if count < 0:
            raise ValueError("stat_length can't contain negative values")
        part = sliced(array, axis, 0, count) if k == 0 else sliced(array, axis, n - count, n)
        side = _STATISTICS[mode](part, axis=axis, keepdims=True)
    else:
        edge = sliced(array, axis, 0, 1) if k == 0 else sliced(array, axis, n - 1, n)
        steps = along(np.arange(width), axis, array.ndim)
        delta = edge - option
        # The order of these products is that of np.linspace, to the bit.
        step = delta / max(width, 1)
        exact = nowhere(np.equal(step, 0))
        side = (steps * step if exact else steps / max(width, 1) * delta) + option
        side = side if k == 0 else np.flip(side, axis)
    return np.broadcast_to(side, shape).astype(array.dtype)


composition(np.pad, _pad, arity=1)
