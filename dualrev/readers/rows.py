"""Rows: the extent of a batch, and a call for all of its rows.

Owns what the rows of arguments are, and what becomes of the answers.  Must not know what a function does
with a leading axis: its way, in ways.py or named by its rule, does; nor what a batch is to NumPy.
"""

import warnings

import numpy as np

from dualrev import errors
from dualrev.core.assignment import own_copy, strides_of_rows
from dualrev.core.binding import bind
from dualrev.core.operands import SCALARS, like
from dualrev.core.traced import NEVER_TRACED, Holder, Traced, is_traced
from dualrev.core.tracer import next_level
from dualrev.errors import name_of
from dualrev.indices import led
from dualrev.insides.lines import user_place
from dualrev.ways import Differing, lead

__all__ = ["PLAIN_BELOW", "Rows", "escaped_batch", "parts_of"]

_ndarray = np.ndarray
PLAIN_BELOW = frozenset({_ndarray, *SCALARS})
#: Calls row by row that were warned of: by function and place.
_warned: dict = {}


class Rows:
    """The extent of one batch transform: how many rows there are, at which level.

    With ``quiet`` nobody is told what runs row by row.
    """

    __slots__ = ("closed", "count", "level", "quiet", "refused")
    #: The tracer of a row; batch.py says.
    kind: type

    def __init__(self, count, quiet=False):
        self.level = next_level()
        self.count = count
        self.quiet = quiet
        self.closed = False
        #: The last error of a batch in the place of a whole number, which NumPy raises as its own.
        self.refused = None

    def batch(self, primal):
        """What stands for one row, and computes with all."""
        batch = self.kind()
        batch.primal = primal
        batch.rows = self
        batch.level = self.level
        batch.alias = batch.writes = None
        return batch

    def close(self):
        """A batch that is used from now on has escaped."""
        self.closed = True

    def below(self, x):
        """What x is below this level: of a batch the array with all rows; and whether it was one."""
        if type(x) is self.kind and x.rows is self:
            if x.alias is not None:
                x.settle()
            return x.primal, True
        return x, False

    def spread(self, x):
        """All rows of what may be the same for all."""
        primal, batched = self.below(x)
        return primal if batched else np.broadcast_to(primal, (self.count, *np.shape(primal)))

    # -- a call

    def call(self, way, call, args, kwargs, function):
        """The answers of a function for all rows."""
        if self.closed:
            raise escaped_batch()
        pairs = [self.below(a) for a in args]
        primals = [x for x, _ in pairs]
        batched = [b for _, b in pairs]
        options = kwargs
        if kwargs and self.holds(kwargs):
            options = self.differing(kwargs) if hasattr(way, "knows_differing") else None
        ans = NotImplemented if options is None else way(call, batched, *primals, **options)
        if ans is NotImplemented:
            ans = self.row_by_row(call, args, kwargs, name_of(function))
        return ans

    def elementwise(self, rule, args):
        """What call answers for a function that broadcasts its arguments."""
        if self.closed:
            raise escaped_batch()
        pairs = [self.below(a) for a in args]
        primals = [x for x, _ in pairs]
        if len(primals) > 1:
            ndim = max(getattr(x, "ndim", 0) - b for x, b in pairs)
            primals = [lead(x, ndim) if b else x for x, b in pairs]
        if PLAIN_BELOW.issuperset(map(type, primals)):
            ans = rule.call(*primals)
            return self.batch(ans) if type(ans) is _ndarray else self.wrapped(ans)
        return self.wrapped(bind(rule, primals))

    def holds(self, x):
        """Whether a batch of these rows is inside a structure of arguments."""
        kind = type(x)
        if kind is self.kind:
            return x.rows is self
        if kind in NEVER_TRACED or kind is _ndarray:
            return False
        if kind is dict:
            x = x.values()
        elif isinstance(x, Holder):
            return self.holds(x.data)
        elif not isinstance(x, list | tuple):
            return False
        for part in x:  # noqa: SIM110 (a generator costs 0.5 us more)
            if type(part) not in NEVER_TRACED and self.holds(part):
                return True
        return False

    def differing(self, x):
        """The same with what ways see in the place of each batch."""
        if isinstance(x, list | tuple):
            return like(x, map(self.differing, x))
        if type(x) is dict:
            return {key: self.differing(part) for key, part in x.items()}
        primal, batched = self.below(x)
        return Differing(primal) if batched else x

    def row(self, x, k):
        """The same with row k in the place of each batch."""
        if isinstance(x, list | tuple):
            return like(x, [self.row(part, k) for part in x])
        if type(x) is dict:
            return {key: self.row(part, k) for key, part in x.items()}
        if isinstance(x, Holder):
            return x.over(self.row(x.data, k))
        primal, batched = self.below(x)
        return primal[k] if batched else x

    def row_by_row(self, call, args, kwargs, name):
        """The answers of a function that knows no batches: one call a row."""
        self.tell_rows(name)
        rows = [call(*self.row(list(args), k), **self.row(kwargs, k)) for k in range(self.count)]
        return _put_together(rows, name)

    def tell_rows(self, name):
        """Warn once at each place that something is done row by row."""
        if not self.quiet:
            text = f"{name} runs row by row over a batch: {self.count} calls for one."
            place = user_place()
            warnings.warn_explicit(text, errors.PerformanceWarning, *place, registry=_warned)

    def written(self, x, value, index=None, steps=None, strides=None):
        """The primitive of a write, of which x or the value is a batch: a new batch."""
        whole = self.spread(x)
        shape = whole.shape[1:]
        if strides is None:
            strides = np.empty((0, *shape), whole.dtype).strides[1:]
        strides = strides_of_rows(shape, strides, whole.itemsize)
        batch = self.batch(own_copy(whole, strides))
        batch._overwrite(value, index, steps)
        return batch

    def assign(self, target, index, value, differs):
        """Write into all rows of an array, at an index and of a value that may be batches."""
        parts = parts_of(index)
        pairs = [self.below(part) for part in parts]
        plain = tuple(part for part, _ in pairs)
        led_by = led(plain, target.ndim - 1, self.count, [differ for _, differ in pairs])
        if led_by is NotImplemented:
            mask = plain[0]
            if (
                len(parts) == 1
                and pairs[0][1]
                and np.ndim(value) - differs <= target.ndim - mask.ndim
            ):
                mask = mask.reshape(mask.shape + (1,) * (target.ndim - mask.ndim))
                value = lead(value, target.ndim - 1) if differs else value
                np.copyto(target, value, "unsafe", where=mask)
                return
            self.tell_rows("a write of as many values as a mask chooses")
            for k in range(self.count):
                row = target[k] if target.ndim > 1 else target[k : k + 1].reshape(())
                row[self.row(parts, k)] = value[k] if differs else value
            return
        key, moves = led_by
        if differs or moves is not None or np.ndim(value):
            chosen = target[key]
            chosen = chosen if moves is None else np.moveaxis(chosen, *moves)
            extra = np.ndim(value) - differs - (chosen.ndim - 1)
            if extra > 0:  # leading axes of length 1, which NumPy ignores or refuses
                first = self.row(index, 0)
                if not is_traced(first):
                    np.empty(target.shape[1:])[first] = np.empty(np.shape(value)[differs:])
                value = value.reshape(value.shape[:differs] + value.shape[differs + extra :])
            if differs:
                value = lead(value, chosen.ndim - 1)
            if moves is not None:
                value = np.moveaxis(np.broadcast_to(value, chosen.shape), *reversed(moves))
        target[key] = value

    def wrapped(self, ans):
        """An answer with all rows, or several, as batches; what is no array is the same for all."""
        if isinstance(ans, list | tuple):
            return like(ans, map(self.wrapped, ans))
        return self.batch(ans) if isinstance(ans, _ndarray | Traced) else ans


def _put_together(rows, name):
    first = rows[0]
    if isinstance(first, list | tuple):
        if len({len(row) for row in rows}) > 1:
            raise _uneven(name)
        return like(first, [_put_together(parts, name) for parts in zip(*rows)])
    if not hasattr(first, "dtype") and not isinstance(first, bool | int | float | complex):
        if all(row is first or row == first for row in rows):
            return first
        raise _uneven(name)
    if len({np.shape(row) for row in rows}) > 1:
        raise _uneven(name)
    return np.stack(rows)


def parts_of(index):
    return index if type(index) is tuple else (index,)


def escaped_batch():
    return errors.EscapedTracerError(
        "A batched value is used after its transform (vmap) has ended.",
        fix="do not store it: return it from the function",
    )


def _uneven(name):
    return errors.ShapeError(
        f"{name} answers rows of a batch in shapes, or with objects, that differ.",
        fix="choose by np.where, which keeps the shape, or write np.stack([f(x) for x in xs])",
    )
