"""What a function does with one axis more in front, along which the rows of a batch lie.

Owns the ways that rules name as their ``batch``, and what follows from the word where a rule names
none.  Must not know a tracer.

A way is ``batch(call, batched, /, *args, **kwargs)``: the answers of all rows, along a leading axis, by
calls of ``call``, which is the function; ``batched`` tells which of the arguments have the leading
axis.  It answers NotImplemented where it knows none: then the function is called row by row.

A way that is ``owning`` also tells which axes of its arguments are the function's own; along the
others, which broadcast, nothing depends on anything but what has the same place.
"""

import inspect
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

__all__ = [
    "Differing",
    "agreed",
    "aligned",
    "along_axis_of",
    "behind",
    "by_shapes",
    "columns",
    "flattened",
    "in_all_rows",
    "in_line",
    "lead",
    "named",
    "own_along",
    "owning",
    "row_by_row",
    "rows_ndim",
    "same_beside",
    "shift",
    "shifted",
    "shifted_axes",
    "stacked",
    "way_of",
    "whole",
    "with_options",
]


class Differing(NamedTuple):
    """An option that differs from row to row, as ways see it that are ``with_options``."""

    rows: Any


def with_options(way):
    """That of a way to which options may differ from row to row."""
    way.knows_differing = True
    return way


def owning(own_axes, lead=False):
    """A way whose ``own_axes(args, kwargs)`` answers those of each positional argument, not negative.

    With ``lead`` the other axes come first in the answers; else each answer has the axes of the
    first argument, with or without its own.
    """

    def told(way):
        way.own_axes = own_axes
        way.others_lead = lead
        return way

    return told


def _none(args, kwargs):
    return [()] * len(args)


def own_along(default, option="axis", place=0):
    """The own axes of a function along some of one argument: those of an option, all by None."""

    def own_axes(args, kwargs):
        own = [tuple(range(np.ndim(x))) for x in args]
        axes = kwargs.get(option, default)
        if axes is not None and own[place]:
            own[place] = normalize_axis_tuple(axes, len(own[place]))
        return own

    return own_axes


def lead(x, ndim):
    """A batch whose rows have ndim axes: new ones of length 1 come after the leading one."""
    return x if x.ndim > ndim else x.reshape(x.shape[:1] + (1,) * (ndim + 1 - x.ndim) + x.shape[1:])


def in_all_rows(batched, arrays):
    """The arrays with a leading axis each; None stays."""
    count = next(len(x) for x, b in zip(arrays, batched) if b)
    return [
        x if b or x is None else np.broadcast_to(x, (count, *np.shape(x)))
        for x, b in zip(arrays, batched)
    ]


def flattened(batched, *arrays):
    """The elements of each row in one dimension."""
    return [x.reshape(len(x), -1) if b else np.ravel(x) for x, b in zip(arrays, batched)]


def rows_ndim(batched, args):
    """The largest number of axes that a row of an argument has."""
    return max(np.ndim(x) - b for x, b in zip(args, batched))


@owning(_none)
def aligned(call, batched, /, *args, **kwargs):
    """Of a function that broadcasts its arguments, element by element."""
    ndim = rows_ndim(batched, args)
    return call(*(lead(x, ndim) if b else x for x, b in zip(args, batched)), **kwargs)


def same_beside(call, batched, x, /, *others, **kwargs):
    """Of a function of each element of an array alone, beside others that are the same for all rows."""
    return NotImplemented if any(batched[1:]) else call(x, *others, **kwargs)


def in_line(default):
    """Of a function of arrays that differ in length at most, along an ``axis`` or the default."""

    def batch(call, batched, /, *arrays, axis=default, **kwargs):
        arrays = in_all_rows(batched, arrays)
        return call(*arrays, axis=shift(axis, arrays[0].ndim - 1), **kwargs)

    return batch


def shift(axis, ndim):
    """An axis of a row, or several of them, as axes of the batch."""
    if np.iterable(axis):
        return tuple(shift(k, ndim) for k in axis)
    return normalize_axis_index(axis, ndim) + 1


def named(**axes):
    """Of a function of one array whose axes are in these options, with their defaults."""

    def batch(call, batched, a, /, **kwargs):
        shifted_axes = {k: shift(kwargs.get(k, axis), a.ndim - 1) for k, axis in axes.items()}
        return call(a, **{**kwargs, **shifted_axes})

    return batch


def shifted(default, flat):
    """Of a function of one array along an ``axis``, which is the default if not given.

    None stands for all axes, or with ``flat`` for the only one of the array in one dimension; where
    flat is None it is not known which.  Other arguments must be the same for all rows.
    """

    @with_options
    @owning(own_along(default))
    def batch(call, batched, a, /, *others, axis=default, where=True, **kwargs):
        if any(batched[1:]) or any(isinstance(option, Differing) for option in kwargs.values()):
            return NotImplemented
        if isinstance(where, Differing):
            _, a = in_all_rows([True, batched[0]], (where.rows, a))
            where = lead(where.rows, a.ndim - 1)
        elif np.ndim(where) > a.ndim - 1:
            return NotImplemented
        if where is not True:
            kwargs["where"] = where
        ndim = a.ndim - 1
        if axis is None and flat is None:
            return NotImplemented
        if axis is None and flat:
            kept = kwargs.get("keepdims") is True
            ans = call(a.reshape(len(a), -1), *others, axis=1, **kwargs)
            return ans.reshape(len(a), *(1,) * ndim) if kept else ans
        if axis is None:
            axis = tuple(range(1, a.ndim))
        elif not ndim:  # NumPy lets a number have an axis, in folds
            if flat is not False:
                return NotImplemented
            shift(axis, 1)
            axis = ()
        else:
            axis = shift(axis, ndim)
        return call(a, *others, axis=axis, **kwargs)

    return batch


def along_axis_of(place, default):
    """Of a function along an ``axis`` of one of its arrays; the others are the same for all rows."""

    @owning(own_along(default, place=place))
    def batch(call, batched, /, *args, axis=default, **kwargs):
        if sum(batched) > batched[place]:
            return NotImplemented
        return call(*args, axis=shift(axis, args[place].ndim - 1), **kwargs)

    return batch


@owning(own_along(None, "axes"))
def shifted_axes(call, batched, x, /, axes=None, s=None, **kwargs):
    """Of a function of one array along ``axes``: by default all, or the last of which s has lengths."""
    ndim = x.ndim - 1
    if axes is None:
        axes = range(ndim) if s is None else range(-np.size(s), 0)
    if s is not None:
        kwargs["s"] = s
    return call(x, axes=shift(axes, ndim), **kwargs)


def stacked(*cores):
    """Of a function of stacks, as numpy.linalg's are: so many axes of each array are its own.

    What is a number for all rows, or nothing, takes no part.
    """

    def own_axes(args, kwargs):
        return [tuple(range(max(0, np.ndim(x) - core), np.ndim(x))) for x, core in zip(args, cores)]

    @owning(own_axes, lead=True)
    def batch(call, batched, /, *args, **kwargs):
        given = zip(args, batched, cores)
        loops = [np.ndim(x) - b - core for x, b, core in given if b or np.ndim(x)]
        if min(loops) < 0:
            return NotImplemented
        ndim = max(loops)
        return call(
            *(lead(x, ndim + core) if b else x for x, b, core in zip(args, batched, cores)),
            **kwargs,
        )

    return batch


def whole(way):
    """The same for arrays that all have the rows: one answer of several may read one array alone."""

    # What is aligned with its rows alone may do anything along their axes.
    @owning(None if way is aligned else way.own_axes, lead=True)
    def batch(call, batched, /, *args, **kwargs):
        args = in_all_rows(batched, args)
        return way(call, [x is not None for x in args], *args, **kwargs)

    return batch


def agreed(call, batched, /, *args, **kwargs):
    """Of a function whose answer, a number, should be the same for all rows, as a length is."""
    count = next(len(x) for x, b in zip(args, batched) if b)
    first, *others = (
        call(*(x[k] if b else x for x, b in zip(args, batched)), **kwargs) for k in range(count)
    )
    return first if all(other == first for other in others) else NotImplemented


def behind(call, batched, x, /, *others, **kwargs):
    """Of a function that takes whatever axes stand behind those it knows of its first array.

    The others are the same for all rows.
    """
    if any(batched[1:]):
        return NotImplemented
    return np.moveaxis(call(np.moveaxis(x, 0, -1), *others, **kwargs), -1, 0)


def columns(call, batched, a, b, /, **kwargs):
    """Of a function of each column of b, or of the vector b, beside an array a, the same for all rows.

    The columns of all rows stand beside each other.
    """
    if batched[0]:
        return NotImplemented
    b = np.moveaxis(b, 0, -1)
    if b.ndim == 2:
        return np.moveaxis(call(a, b, **kwargs), -1, 0)
    *stack, width, count = b.shape
    ans = call(a, b.reshape(*stack, width * count), **kwargs)
    return np.moveaxis(ans.reshape(*ans.shape[:-1], width, count), -1, 0)


def by_shapes(call, batched, /, *args, **kwargs):
    """Of a function that asks for shapes and dtypes alone: one row answers for all."""
    return NotImplemented


def row_by_row(call, batched, /, *args, **kwargs):
    """Of a function of which nothing is known."""
    return NotImplemented


def way_of(rule):
    """That of a rule, which it names or which follows from its word; found once."""
    if rule.batch is None:
        rule.batch = _derived(rule)
    return rule.batch


def _derived(rule):
    function = rule.function
    signature = getattr(function, "signature", None) if isinstance(function, np.ufunc) else None
    if rule.word == "elementwise" or (isinstance(function, np.ufunc) and signature is None):
        return aligned
    if signature is not None:
        inputs = signature.split("->")[0][1:-1].split("),(")
        return stacked(*(len(names.split(",")) if names else 0 for names in inputs))
    names, _ = rule.find_parameters()
    if rule.arity <= 1 and "axis" in names and rule.call is function:
        default = inspect.signature(function).parameters["axis"].default
        numpys = (function.__module__ or "numpy").startswith("numpy")
        return shifted(default, flat="keepdims" not in names if numpys else None)
    return row_by_row
