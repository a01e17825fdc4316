"""Assignment: writing into an array, or into a view of it, as one primitive.

Owns what a write is to values, tangents and cotangents, and copies that keep a memory layout.  Must
not know who holds an array: tracers say when they write, and when an array is theirs alone.

A chain of views is a linked list, ``(chain before, rule, kwargs)``, None for the array itself: a view
of a view costs no more than a view.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dualrev.core.cotangents import unbroadcast
from dualrev.core.operands import is_array
from dualrev.core.primitive import RULES
from dualrev.core.traced import Traced, tracer_in
from dualrev.core.words import linear
from dualrev.indices import may_repeat

__all__ = [
    "WRITE",
    "Writes",
    "in_order",
    "is_chosen_above",
    "overwrite_cotangent",
    "own_copy",
    "shares_memory",
    "steps_of",
    "strides_of_rows",
    "write_into",
]

_ndarray = np.ndarray
#: Indices that no tracer is part of, as of a loop.
_NUMBERS = frozenset({int, np.int64, slice, type(None), type(Ellipsis)})


@dataclass(slots=True, eq=False)
class Writes:
    """What has been written into an array.

    Attributes
    ----------
    count : int
        Number of writes: a view that was taken before the last one is out of date.
    exclusive : bool
        Whether nobody else holds the array, so that it is written in place; else it is copied
        first.
    refusal : callable or None
        Makes the error of a write that is not taken: of an array whose memory another one shows
        too, which NumPy would write.
    """

    count: int = 0
    exclusive: bool = False
    refusal: Callable | None = None


def steps_of(steps):
    """The rules and options of a chain of views, the first first."""
    chain = []
    while steps is not None:
        steps, step, kwargs = steps
        chain.append((step, kwargs))
    chain.reverse()
    return chain


def _follow(x, steps):
    """What a chain of views shows of x."""
    if steps is not None:
        for step, kwargs in steps_of(steps):
            x = step.call(x, **kwargs)
    return x


def shares_memory(ans, x):
    """Whether an answer shows the memory of x, which it was computed from."""
    if isinstance(ans, Traced):
        if ans is x:
            return True
        owner = x.alias[0] if isinstance(x, Traced) and x.alias is not None else x
        return ans.alias is not None and ans.alias[0] is owner
    return type(ans) is _ndarray and type(x) is _ndarray and np.may_share_memory(ans, x)


# ------------------------------------------------------------------------------------ copies


def own_copy(x, strides=None):
    """An array with the content of x that nobody else holds, with these strides if given.

    A chain of views leads to the same elements in every array that has the strides of its owner:
    what reshape copies and what it shows depends on them.
    """
    if type(x) is _ndarray:
        if strides is None:
            return x.copy("K")
        # Mostly so: 0.5 us less.
        return x.copy() if x.flags.c_contiguous and x.strides == strides else _laid_out(x, strides)
    if isinstance(x, Traced) and (strides is None or x.strides == strides) and is_array(x):
        return x.copy("K")
    return laid_out(x, strides=strides)


def in_order(x, order):
    """x itself where its memory has the order that a copy would have, else such a copy."""
    if isinstance(x, Traced):
        return x.copy(order)
    if type(x) is not _ndarray:
        return x  # a scalar, which nobody can write
    flags = x.flags
    if order == "C" or (order == "A" and not flags.f_contiguous):
        return x if flags.c_contiguous else x.copy("C")
    if order == "F" or order == "A":
        return x if flags.f_contiguous else x.copy("F")
    return x if flags.forc else x.copy("K")


def _laid_out(x, strides=None):
    out = np.empty(x.shape, x.dtype)
    if strides is not None and strides != out.strides and out.size:
        out = _with_strides(x.shape, x.dtype, strides)
    out[...] = x
    return out


def _with_strides(shape, dtype, strides):
    reach = [stride * (n - 1) for n, stride in zip(shape, strides)]
    room = dtype.itemsize
    for stride, n in sorted((abs(stride), n) for n, stride in zip(shape, strides) if n > 1):
        if stride < room:
            return np.empty(shape, dtype)  # elements that overlap, as of a broadcast array
        room = stride * n
    first = -sum(r for r in reach if r < 0)
    last = sum(r for r in reach if r > 0)
    return _ndarray(shape, dtype, np.empty(first + last + dtype.itemsize, np.uint8), first, strides)


def _laid_out_batch(call, batched, x, strides=None):
    if strides is not None:
        strides = strides_of_rows(x.shape[1:], strides, x.dtype.itemsize)
    return call(x, strides=strides)


def strides_of_rows(shape, strides, itemsize):
    """Those of an array whose rows have this shape and strides, and lie one after the other."""
    return max((abs(stride) * n for stride, n in zip(strides, shape)), default=itemsize), *strides


laid_out = linear(_laid_out, lambda ct, x, strides=None: ct, batch=_laid_out_batch)

# ------------------------------------------------------------------------------------ the write


def write_into(x, value, index, steps, strides):
    """What x is after the write: x itself, or a new tracer where x cannot hold the value.

    Nor can it where a level above its own chooses the place.
    """
    if _holds(x, value) and _written(x, _follow(x, steps), index, value):
        return x
    return overwritten(x, value, index=index, steps=steps, strides=strides)


def _written(x, target, index, value):
    """Whether a value could be written into what a chain of views shows of x: now it is."""
    if not _holds(x, target):
        return False
    try:
        target[index] = value
    except Exception:  # found where it fails, which costs the others nothing
        if not is_chosen_above(index, x):
            raise
        return False
    return True


def _holds(x, value):
    return not isinstance(value, Traced) or (isinstance(x, Traced) and x.level >= value.level)


def is_chosen_above(index, x):
    """Whether an index is traced by a level above that of the array."""
    kind = type(index)
    if kind in _NUMBERS or (kind is tuple and _NUMBERS.issuperset(map(type, index))):
        return False
    return not _holds(x, tracer_in(index))


def _overwritten(x, value, index=None, steps=None, strides=None):
    return write_into(own_copy(x, strides), value, index, steps, strides)


def _overwritten_vjp(ct, wanted, ans, x, value, index=None, steps=None, strides=None):
    ct, for_value = _overwrite(own_copy(ct, strides), wanted[1], value, index, steps, strides)
    return ct if wanted[0] else None, for_value


overwritten = linear(_overwritten, together=_overwritten_vjp)
#: The rule of a write: ``x`` with ``value`` written at ``index`` of what ``steps`` show.
WRITE = RULES[overwritten]


def overwrite_cotangent(ct, own, args, kwargs, wanted):
    """The vjp of a write; where ct is the sweep's own it becomes the cotangent of the old content.

    So a loop that writes n elements one by one is pulled back in O(n).
    """
    strides = kwargs["strides"]
    if not own or not is_array(ct) or (strides is not None and ct.strides != strides):
        ct = own_copy(ct, strides)
    value = args[1]
    with_value = wanted[1] is not None
    ct, for_value = _overwrite(ct, with_value, value, kwargs["index"], kwargs["steps"], strides)
    return ct, unbroadcast(for_value, value) if with_value else None


def _overwrite(ct, wanted, value, index, steps, strides):
    target = _follow(ct, steps)
    for_value = _cotangent_of_value(target, value, index) if wanted else None
    if wanted and ct.dtype.kind == "c" and target.dtype.kind != "c":
        # A vjp is the plain transpose, under Re(ct * t): of t -> 1j * t it is -ct.imag.
        if sum(step.function is np.imag for step, _ in steps_of(steps)) % 2:
            for_value = -for_value
    # What stands for many numbers cannot tell an array of no axes from a number.
    if not is_array(target) or not _written(ct, target, index, 0.0):
        ct = overwritten(ct, 0.0, index=index, steps=steps, strides=strides)
    return ct, for_value


def _cotangent_of_value(ct, value, index):
    if isinstance(index, Traced) and index.dtype == bool and np.ndim(value) <= ct.ndim - index.ndim:
        mask = index.reshape(index.shape + (1,) * (ct.ndim - index.ndim))
        return np.where(mask, ct, 0)  # in each row as many as are chosen there
    chosen = _elements(ct, index)
    if is_array(chosen):
        chosen = chosen.copy()  # ct is overwritten next
        if may_repeat(index) and chosen.size > 1:
            chosen = np.where(_is_last(ct.shape, index), chosen, 0)
    return chosen.reshape((1,) * (np.ndim(value) - chosen.ndim) + chosen.shape)


def _is_last(shape, index):
    """Of several values for one element the last one stays: only it has influence."""
    numbers = _elements(np.arange(np.prod(shape, dtype=int)).reshape(shape), index)
    order = np.arange(numbers.size).reshape(numbers.shape)
    last = write_into(np.zeros(shape, int).reshape(-1), order, numbers, None, None)
    return _elements(last, numbers) == order


def _elements(x, index):
    """``x[index]``, of which x is below the level that chose the index, or not."""
    return RULES[_ndarray.__getitem__].call(x, index)
