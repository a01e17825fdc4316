"""Indexing in every form, and the functions that choose elements.

Must not know where cotangents are collected: a rule answers with a PartialCotangent, the sweep adds
all of one array at once, by ``added``.
"""

import functools
import itertools
import math
import operator

import numpy as np

from dualrev.axes import along, part_of
from dualrev.core.arrays import chunked_like, has_memory, numbers_known
from dualrev.core.cotangents import PartialCotangent, cast, zeros_of
from dualrev.core.primitive import RULES
from dualrev.core.traced import NEVER_TRACED, is_traced, tracer_in
from dualrev.core.words import composition, linear
from dualrev.indices import led, may_repeat
from dualrev.ways import (
    Differing,
    aligned,
    in_all_rows,
    named,
    own_along,
    owning,
    shift,
    with_options,
)

# ------------------------------------------------------------- the cotangent of indexing

_INTEGERS = frozenset({int, np.int64})
#: Parts of an index that shows a part of an array, which integers alone may not.
_VIEWING = frozenset({slice, type(None), type(Ellipsis)})
_PLAIN = frozenset({np.ndarray, np.float64, np.float32, np.complex128, np.complex64})


def added(cts, keys, primal, out=None):
    """The cotangent of an array from those of its elements at the keys, added to out if given."""
    if out is not None:
        for key, ct in zip(keys, cts):
            _add_at(out, key, ct)
        return out
    if _is_plain(cts, keys):
        return _scatter(*cts, keys=keys, shape=primal.shape, dtype=primal.dtype)
    zeros = None if has_memory(primal) else zeros_of(primal)
    options = {"keys": keys, "shape": primal.shape, "dtype": primal.dtype, "zeros": zeros}
    top = tracer_in(keys, tracer_in(cts))
    # Nothing here needs sorting: 5 us less of a Hessian-vector product's 110.
    return scatter(*cts, **options) if top is None else top._apply(RULES[scatter], cts, options)


def _is_plain(cts, keys):
    """Whether nothing is traced: without dispatch it takes 1 us less."""
    if not _PLAIN.issuperset(map(type, cts)):
        return False
    return NEVER_TRACED.issuperset(map(type, keys)) or tracer_in(keys) is None


def _scatter_below(*cts, keys, shape, dtype, zeros=None):
    """``scatter`` of what a tracer holds."""
    if _is_plain(cts, keys):
        return _scatter(*cts, keys=keys, shape=shape, dtype=dtype)
    return scatter(*cts, keys=keys, shape=shape, dtype=dtype, zeros=zeros)


def _scatter(*cts, keys, shape, dtype):
    """An array of zeros to which each ct is added at its key."""
    out = np.zeros(shape, dtype)
    count = len(keys)
    elements = _element_numbers(keys, shape) if count > 8 else None
    if elements is not None:
        # 45 ns an element, where a loop takes 270
        np.add.at(out.reshape(-1), elements, np.fromiter(cts, dtype, count))
        return out
    for key, ct in zip(keys, cts):
        _add_at(out, key, ct)
    return out


def _add_at(out, key, ct):
    if type(key) is slice and type(out) is np.ndarray:  # most: 0.25 us of 0.6 less
        part = out[key]
        part += ct
        return
    parts = key if type(key) is tuple else (key,)
    if type(out) is np.ndarray and out.ndim and _VIEWING.issuperset(map(type, parts)):
        part = out[key]
        part += ct  # out[key] += ct would copy the view onto itself
    elif not may_repeat(key):
        out[key] += ct
    elif np.size(ct) * 4 < out.size or not out.flags.c_contiguous:
        np.add.at(out, key, ct)
    else:
        # add.at is 4 times faster on numbers of elements than on rows
        numbers = picked(np.arange(out.size).reshape(out.shape), key)
        np.add.at(out.reshape(-1), numbers.ravel(), np.ravel(ct))


def _element_numbers(keys, shape):
    """Numbers of the elements, where each key is an integer, or a tuple with one an axis."""
    kinds = set(map(type, keys))
    if kinds == {tuple}:
        integers = tuple(itertools.chain.from_iterable(keys))
        kinds = set(map(type, integers))
    else:
        integers = keys
    if not shape or not kinds <= _INTEGERS or len(integers) != len(keys) * len(shape):
        return None
    places = np.fromiter(integers, np.intp, len(integers)).reshape(len(keys), len(shape))
    places += (places < 0) * np.array(shape)
    return np.ravel_multi_index(tuple(places.T), shape) if len(shape) > 1 else places[:, 0]


def _scatter_vjp(ct, wanted, ans, *cts, keys, shape, dtype, zeros=None):
    return [picked(ct, key) if want else None for want, key in zip(wanted, keys)]


def _scattered(*cts, keys, shape, dtype, zeros=None):
    if all(map(numbers_known, cts)):
        return _scatter(*cts, keys=keys, shape=shape, dtype=dtype)
    zeros = np.zeros(shape, dtype) if zeros is None else zeros
    padded = [_padded(ct, key, zeros) for ct, key in zip(cts, keys)]
    if any(part is None for part in padded):
        padded = [_gathered(cts, keys, shape)]
    padded = [chunked_like(zeros, part) for part in padded]
    return cast(functools.reduce(operator.add, padded), dtype)


# An array that is no ndarray cannot be written into: it is padded, or gathered from.
def _padded(ct, key, zeros):
    """Zeros around ct and between, where its key is integers and slices; else None."""
    shape = zeros.shape
    key = [part for part in (key if type(key) is tuple else (key,)) if part is not None]
    named = [part for part in key if part is not Ellipsis]
    if any(type(part) is not slice and type(part) not in _INTEGERS for part in named):
        return None
    if not ct.size:
        return zeros
    place = next((i for i, part in enumerate(key) if part is Ellipsis), len(named))
    named[place:place] = [slice(None)] * (len(shape) - len(named))
    slices = [part if type(part) is slice else slice(part, part + 1 or None) for part in named]
    ranges = [range(*part.indices(n)) for part, n in zip(slices, shape)]
    ct = ct.reshape(tuple(map(len, ranges)))
    steps = [abs(places.step) for places in ranges]
    if any(places.step < 0 for places in ranges):
        ct = ct[tuple(slice(None, None, -1 if places.step < 0 else 1) for places in ranges)]
        ranges = [places if places.step > 0 else places[::-1] for places in ranges]
    if max(steps, default=1) > 1:
        ct = _spaced(ct, steps)
    inside = [slice(places.start, places[-1] + 1) for places in ranges]
    ct = ct[tuple(slice(part.stop - part.start) for part in inside)]
    # Not np.pad: what it puts around a single element, Dask cuts into single elements.
    for axis, part in reversed(list(enumerate(inside))):
        before, after = (
            zeros[(*inside[:axis], beside)]
            for beside in (slice(part.start), slice(part.stop, None))
        )
        around = [x for x in (before, ct, after) if x.shape[axis]]
        ct = np.concatenate(around, axis) if len(around) > 1 else ct
    return ct


def _spaced(x, steps):
    """The elements of x, each steps from the next one of its axis, and zeros between."""
    split = tuple(n for length in x.shape for n in (length, 1))
    first = np.zeros([n for step in steps for n in (1, step)], bool)
    first[(0,) * first.ndim] = True
    # Not padded, which Dask would cut between an element and its zeros.
    spaced = np.where(first, x.reshape(split), 0)
    return spaced.reshape(tuple(length * step for length, step in zip(x.shape, steps)))


def _gathered(cts, keys, shape):
    """Each element as the sum of what has its number: as many terms as the most have."""
    size = math.prod(shape)
    numbers = np.arange(size).reshape(shape)
    numbers = np.concatenate([numbers[key].reshape(-1) for key in keys])
    ct = np.concatenate([ct.reshape(-1) for ct in cts])
    counts = np.bincount(numbers, minlength=size)[:, np.newaxis]
    rank = np.arange(counts.max(initial=1))
    taken = rank < counts
    places = np.where(taken, np.cumsum(counts)[:, np.newaxis] - counts + rank, 0)
    chosen = ct[np.argsort(numbers, kind="stable")[places.reshape(-1)]].reshape(places.shape)
    return np.where(taken, chosen, 0).sum(axis=1).reshape(shape)


@with_options
def _scatter_batch(call, batched, *cts, keys, shape, dtype, zeros=None):
    keys = [_parts(key) for key in keys]
    arrays = [ct for ct, b in zip(cts, batched) if b]
    arrays += [part for parts, differs in keys for part, d in zip(parts, differs) if d]
    rows = len(arrays[0])
    whole = (rows, *shape)
    led_cts, led_keys = [], []
    for ct, (parts, differs), b in zip(cts, keys, batched):
        led_by = led(parts, len(shape), rows, differs)
        if led_by is NotImplemented:
            return led_by
        key, moves = led_by
        if not b:
            ct = np.broadcast_to(ct, (rows, *np.shape(ct)))
        if moves is not None:
            ct = np.moveaxis(ct, *reversed(moves))
        led_cts.append(ct)
        led_keys.append(key)
    return call(*led_cts, keys=led_keys, shape=whole, dtype=dtype)


def _parts(key):
    """The parts of an index of rows, and which of them differ."""
    parts = key if type(key) is tuple else (key,)
    differs = [isinstance(part, Differing) for part in parts]
    return tuple(part.rows if d else part for part, d in zip(parts, differs)), differs


scatter = linear(_scattered, together=_scatter_vjp, call=_scatter_below, batch=_scatter_batch)

# ------------------------------------------------------------- x[index], both ways


def picked(x, index, of_plain=None):
    """``x[index]``, also of a plain array by an index that is traced."""
    try:
        return x[index]
    except (IndexError, TypeError):
        if tracer_in(index) is None:
            raise
        return (of_plain or elements)(x, index=index)


def _shown(x, index):
    return picked(x, index, shown_elements)


linear(operator.getitem, chosen=added, call=_shown, view=True)
linear(np.ndarray.__getitem__, chosen=added, call=picked)
# Of a plain array by an index that a lower level traces; and such that NumPy would show, not copy.
elements = linear(lambda x, index: x[index], chosen=added, name="elements")
shown_elements = linear(lambda x, index: x[index], chosen=added, view=True, name="elements")


# ------------------------------------------------------------- take and kin


def _as_indices(indices):
    if type(indices) in (float, bool):  # of which NumPy cuts the fraction off
        return int(indices)
    if getattr(indices, "dtype", None) == np.bool:  # numbers here, where an index would be a mask
        return indices.astype(np.intp)
    # An empty list arrives as an array of floats.
    return indices if np.size(indices) else np.zeros(np.shape(indices), np.intp)


def _take(a, indices, axis=None, **mode):
    take = np.take if is_traced(a) or not is_traced(indices) else taken
    return take(a, _as_indices(indices), axis=axis, **mode)


#: NumPy's numbers of them.
_MODES = {0: "clip", 1: "wrap", 2: "raise"}


def _in_mode(indices, mode, n):
    mode = _MODES.get(mode, mode)
    if mode == "wrap":
        return indices % n
    return np.clip(indices, 0, n - 1) if mode == "clip" else indices


def _take_transpose(ct, a, indices, axis=None, mode="raise"):
    indices = _in_mode(_as_indices(indices), mode, a.size if axis is None else a.shape[axis])
    if axis is None:
        return by_number(ct, a, indices)
    return PartialCotangent(part_of(axis, indices, a.ndim), ct, a, added)


def by_number(ct, a, numbers):
    """The cotangent of a from that of ``ravel(a)[numbers]``."""
    if a.ndim == 1:
        return PartialCotangent(numbers, ct, a, added)
    return scatter(ct, keys=(numbers,), shape=(a.size,), dtype=a.dtype).reshape(a.shape)


def along_axis(shape, indices, axis):
    """The index that means ``take_along_axis``: the other axes run along themselves."""
    grid = [along(np.arange(n), i, len(shape)) for i, n in enumerate(shape)]
    grid[axis] = indices
    return tuple(grid)


def _take_along_axis_transpose(ct, arr, indices, axis=-1):
    if axis is None:
        return by_number(ct, arr, indices)
    return PartialCotangent(along_axis(arr.shape, indices, axis), ct, arr, added)


@owning(own_along(None))
def _take_batch(call, batched, a, indices, axis=None, mode="raise"):
    if axis is None:
        a, axis = a.reshape(len(a), -1) if batched[0] else np.ravel(a), 0
    ndim = np.ndim(a) - batched[0]
    axis = shift(axis, ndim) - 1
    if not all(batched):
        ans = call(a, indices, axis=axis + batched[0], mode=mode)
        return ans if batched[0] else np.moveaxis(ans, axis, 0)
    indices = _in_mode(indices, mode, a.shape[axis + 1])
    key, moves = led(part_of(axis, indices, ndim), ndim, len(a), [False] * axis + [True])
    ans = picked(a, key)
    return ans if moves is None else np.moveaxis(ans, *moves)


def _own_axes_of_both(args, kwargs):
    return [own_along(-1)([x], kwargs)[0] for x in args]


@owning(_own_axes_of_both)
def _take_along_axis_batch(call, batched, arr, indices, axis=-1):
    arr, indices = in_all_rows(batched, (arr, indices))
    if axis is None:
        return call(arr.reshape(len(arr), -1), indices, axis=1)
    return call(arr, indices, axis=shift(axis, arr.ndim - 1))


# Indices are arguments, not options: the tape keeps what they were.
linear(np.take, _take_transpose, None, call=_take, batch=_take_batch)
# Of a plain array by indices that a lower level traces, which NumPy does not ask.
taken = linear(_take, _take_transpose, None, batch=_take_batch, name="take")
linear(np.take_along_axis, _take_along_axis_transpose, None, batch=_take_along_axis_batch)


def _extract(condition, arr, axis=None):
    return np.take(arr, np.flatnonzero(condition), axis)


def _compress(condition, a, axis=None):
    if np.ndim(condition) != 1:
        raise ValueError("condition must be a 1-d array")
    return _extract(condition, a, axis)


composition(np.compress, _compress)
composition(np.ndarray.compress, lambda a, condition, axis=None: _compress(condition, a, axis))
composition(np.extract, lambda condition, arr: _extract(condition, arr))

# ------------------------------------------------------------- diagonals


def _diagonal_transpose(ct, a, offset=0, axis1=0, axis2=1):
    axis1, axis2 = axis1 % a.ndim, axis2 % a.ndim
    places = np.arange(ct.shape[-1])
    key = [slice(None)] * a.ndim
    key[axis1] = places + max(-offset, 0)
    key[axis2] = places + max(offset, 0)
    # NumPy puts the axis of two index arrays in their place where they stand together, else first.
    place = min(axis1, axis2) if abs(axis1 - axis2) == 1 else 0
    return PartialCotangent(tuple(key), np.moveaxis(ct, -1, place), a, added)


def _diag(v, k=0):
    return np.diagonal(v, k) if v.ndim == 2 else laid(v, k=k)


def _laid_batch(call, batched, v, k=0):
    count = v.shape[1]
    n, places = count + abs(k), np.arange(count)
    key = (slice(None), places + max(-k, 0), places + max(k, 0))
    return scatter(v, keys=(key,), shape=(len(v), n, n), dtype=v.dtype)


linear(np.diagonal, _diagonal_transpose, view=True, batch=named(axis1=0, axis2=1))
laid = linear(
    lambda v, k=0: np.diag(v, k),
    lambda ct, v, k=0: np.diagonal(ct, k),
    batch=_laid_batch,
    name="diag",
)
composition(np.diag, _diag, arity=1)
composition(np.diagflat, lambda v, k=0: laid(np.ravel(v), k=k), arity=1)
composition(np.linalg.diagonal, lambda x, /, *, offset=0: np.diagonal(x, offset, -2, -1), arity=1)

# ------------------------------------------------------------- one of several, element by element


# np.where, not a product with a mask: 0 * nan of the branch not taken would be nan.
def _where_vjp(ct, wanted, ans, condition, x, y):
    _, for_x, for_y = wanted
    return [
        None,
        np.where(condition, ct, 0) if for_x else None,
        np.where(condition, 0, ct) if for_y else None,
    ]


@owning(aligned.own_axes)
def _where_batch(call, batched, condition, *choices):
    return NotImplemented if not choices else aligned(call, batched, condition, *choices)


linear(np.where, together=_where_vjp, constants=1, batch=_where_batch)


def _select(condlist, choicelist, default=0):
    ans = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        ans = np.where(condition, choice, ans)
    return ans


def _chosen_vjp(ct, wanted, ans, a, *choices):
    return [None, *(np.where(a == i, ct, 0) if want else None for i, want in enumerate(wanted[1:]))]


chosen = linear(
    lambda a, *choices: np.choose(a, choices),
    together=_chosen_vjp,
    constants=1,
    batch=aligned,
    name="choose",
)


def _choose(a, choices, mode="raise"):
    if mode == "wrap":
        a = np.remainder(a, len(choices))
    elif mode == "clip":
        a = np.clip(a, 0, len(choices) - 1)
    return chosen(a, *choices)


composition(np.select, _select, judged=True)
composition(np.choose, _choose, judged=True)

# ------------------------------------------------------------- counting with weights


def _bincount_batch(call, batched, x, weights=None, minlength=0):
    if is_traced(x):
        return NotImplemented
    lengths = np.maximum(np.max(x, axis=-1, initial=-1) + 1, minlength)
    length = np.max(lengths)
    if np.any(lengths != length) or np.any(np.less(x, 0)):
        return NotImplemented  # answers of other shapes
    n = len(x if batched[0] else weights)
    numbers = (x + length * np.arange(n)[:, np.newaxis]).reshape(-1)
    if weights is not None:
        weights = np.broadcast_to(weights, (n, np.shape(weights)[-1])).reshape(-1)
    return call(numbers, weights, minlength=n * length).reshape(n, length)


linear(np.bincount, None, lambda ct, x, weights, minlength=0: picked(ct, x), batch=_bincount_batch)
