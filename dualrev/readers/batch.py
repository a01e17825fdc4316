"""Batch: many values in the place of one, along a leading axis that nobody sees.

Owns what NumPy and Python find of a batch: operators, elements, views, memory.  Must not know how a call
is made for all rows.

A batch carries no derivative: it stands for an array, below the derivatives that are taken of what is
computed with it, and above those that are taken of its rows.
"""

import itertools
import operator
from functools import partial

import numpy as np

from dualrev import errors, losses
from dualrev.core.arrays import has_nan, nowhere
from dualrev.core.assignment import (
    WRITE,
    Writes,
    overwritten,
    own_copy,
    shares_memory,
    steps_of,
    strides_of_rows,
)
from dualrev.core.binding import NO_KWARGS, bind, bind_operator, constant_of, elements_of
from dualrev.core.operands import SCALARS, as_operand, is_recorded, names_element, sample_of
from dualrev.core.operators import give_operators
from dualrev.core.primitive import RULES, Primitive, rule_of
from dualrev.core.traced import Traced, is_traced, tracer_in
from dualrev.core.tracer import Tracer
from dualrev.core.writable import inner_write
from dualrev.errors import name_of
from dualrev.indices import led
from dualrev.readers.rows import PLAIN_BELOW, Rows, escaped_batch, parts_of
from dualrev.readers.unseen import give_bitwise, give_comparisons
from dualrev.ways import aligned, by_shapes, lead, row_by_row, way_of

__all__ = ["Batch", "Rows"]

_ndarray = np.ndarray
_ALL = slice(None)


class Batch(Tracer):
    """Rows of one shape, each in the place of an array.  Made by Rows.batch."""

    mode = "batch"
    differentiates = False
    __slots__ = ("rows",)

    shape = property(lambda self: self.primal.shape[1:])
    ndim = property(lambda self: self.primal.ndim - 1)
    size = property(lambda self: self.primal.size // self.rows.count)
    nbytes = property(lambda self: self.primal.nbytes // self.rows.count)
    strides = property(lambda self: self.primal.strides[1:])
    flags = property(lambda self: self._laid_row().flags)
    dtype = property(operator.attrgetter("primal.dtype"))
    below = property(operator.attrgetter("primal"))

    def __repr__(self):
        return f"Batch({self.rows.count} rows, shape={self.shape}, dtype={self.dtype})"

    def over(self, primal):
        """The same rows with another array of them."""
        return self.rows.batch(primal)

    # -- the numbers of a row are no numbers

    def _coercion(self):
        return losses.batched_number(self.shape, self.dtype)

    def numbers(self):
        """Raise: what searches with numbers takes another way in each row."""
        raise self._coercion()

    def sample(self):
        """The plain array of one row."""
        return sample_of(self.primal[0])

    def __bool__(self):
        raise losses.batched_branch()

    def __index__(self):
        self.rows.refused = losses.batched_index(is_mask=self.dtype.kind == "b")
        raise self.rows.refused

    def _refused(self, *_):
        raise self._coercion()

    __hash__ = _refused  # type: ignore[assignment]
    __int__ = __trunc__ = __floor__ = __ceil__ = __round__ = is_integer = _refused

    def __format__(self, spec):
        return repr(self)

    def _as_objects(self, asker, copy):
        if asker != "whole" and self.ndim and self.dtype.kind in "iub":
            self.__index__()
        return super()._as_objects(asker, copy)

    def has_nan(self):
        return has_nan(self.primal)

    def may_meet_nan(self, ct):
        primal = self.primal
        return isinstance(primal, Traced) and primal.may_meet_nan(self.rows.below(ct)[0])

    def nowhere(self):
        """Whether a condition holds for no element of any row."""
        return nowhere(self.primal)

    def doubted(self, where):
        primal = self.primal
        if not isinstance(primal, Traced):
            return self
        return self.over(primal.doubted(self.rows.spread(where)))

    def check_open(self):
        if self.rows.closed:
            raise escaped_batch()

    # -- NumPy's protocols

    def __array_function__(self, function, types, args, kwargs):
        rule = RULES.get(function)
        if rule is None or rule.word == "refused":
            return self._without_rule(function, args, kwargs)
        return super().__array_function__(function, types, args, kwargs)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if method == "__call__" and not kwargs:
            # An array of objects may hold batches.
            inputs = tuple(as_operand(x, self) for x in inputs)
            rule = RULES.get(ufunc)
            if rule is None and not set("".join(ufunc.types)) <= set("O->"):
                return self._without_rule(ufunc, inputs, kwargs)
            if (
                rule is not None
                and rule.word == "elementwise"
                and _PLAIN.issuperset(map(type, inputs))
                and not any(type(x) is _ndarray and x.dtype.hasobject for x in inputs)
            ):
                return bind(rule, inputs)  # most: a third of the time
        return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)

    def _without_rule(self, function, args, kwargs):
        """A function without a derivative needs no rule to be called row by row."""
        if isinstance(function, np.ufunc) and function.signature is None and not kwargs:
            rows = self.rows
            return rows.wrapped(rows.call(aligned, function, args, kwargs, function))
        return self.row_by_row(function, args, kwargs)

    def row_by_row(self, function, args, kwargs):
        """The answers of any function, by a call for each row."""
        rows = self.rows
        return rows.wrapped(rows.row_by_row(function, args, kwargs, name_of(function)))

    def _apply(self, rule, args, kwargs=NO_KWARGS):
        rows = self.rows
        if rule is WRITE:
            return rows.written(*args, **kwargs)
        if "index" in kwargs:
            return self._indexed(rule, *args, **kwargs)
        way = rule.batch or way_of(rule)
        if way is aligned and not kwargs and not rule.view:
            return rows.elementwise(rule, args)
        ans = rows.call(way, partial(_bound, rule), args, kwargs, rule.function)
        if not rule.view or len(args) > 1 or args[0] is not self:  # einsum of several is none
            return rows.wrapped(ans)
        return self._shown(rule, ans, kwargs)

    def _shown(self, rule, ans, kwargs):
        """The answer of a rule whose answers are views; a number is none, which an index chose."""
        if ans.ndim == 1 and "index" in kwargs and not _has_ellipsis(kwargs["index"]):
            return self.over(ans.copy())
        primal = self.primal
        answer = self.over(ans)
        if shares_memory(ans, primal):
            answer.alias = self.alias_of(rule, ans, kwargs)
        elif "index" in kwargs and is_traced(kwargs):
            answer.primal = self._as_shown(ans, kwargs["index"])
            answer.alias = self.alias_of(rule, answer.primal, kwargs)
        elif rule.function is not operator.getitem:
            row = primal[0]
            shown = bind(rule, (row,), kwargs)
            if shares_memory(shown, row):  # as of a rule that was applied row by row
                if type(primal) is not _ndarray:
                    answer.writes = Writes(refusal=_copied_view)
                    return answer
                strides = primal.strides[0], *shown.strides
                answer.primal = np.lib.stride_tricks.as_strided(shown, ans.shape, strides)
                answer.alias = self.alias_of(rule, answer.primal, kwargs)
        return answer

    def _laid_row(self):
        """An array that lies in memory as a row does, of which nothing is to be looked at."""
        return np.lib.stride_tricks.as_strided(np.empty(1, self.dtype), self.shape, self.strides)

    def _as_shown(self, ans, index):
        """What numbers of a batch choose, in the strides in which NumPy shows it: what ravel copies."""
        # An index of slices and numbers moves through memory alone.
        shown = self._laid_row()[
            tuple(0 if isinstance(part, Traced) else part for part in parts_of(index))
        ]
        if shown.flags.c_contiguous and ans.flags.c_contiguous:
            return ans
        return own_copy(ans, strides_of_rows(shown.shape, shown.strides, ans.itemsize))

    def _view(self, rule, index):
        if self.alias is not None:
            self.settle()
        if self.rows.closed:
            raise escaped_batch()
        key = (_ALL, *index) if type(index) is tuple else (_ALL, index)
        try:
            shown = self.primal[key]
        except IndexError:
            _ = self.sample()[index]  # which says so of a row, as f is written
            raise
        return self._shown(rule, shown, {"index": index})

    def with_answer(self, know, ans, primitive, args, kwargs):
        """known.with_answer, which is ``know``, of tracers below."""
        rows = self.rows
        call = partial(_known, know, primitive)
        if RULES[primitive].word == "elementwise":
            return rows.wrapped(rows.call(aligned, call, (ans, *args), kwargs, primitive))
        return rows.wrapped(rows.row_by_row(call, (ans, *args), kwargs, name_of(primitive)))

    def _constant(self, compute, args, kwargs):
        rows = self.rows
        if isinstance(compute, Primitive) and RULES[compute].open:
            return compute.function(*args, **kwargs)
        rule = rule_of(compute)
        way = row_by_row if rule is None else rule.batch or way_of(rule)
        if way is by_shapes:
            return compute(*rows.row(list(args), 0), **rows.row(kwargs, 0))
        # Comparisons are in order: a tenth of their time.
        in_order = way is aligned and not kwargs and _PLAIN.issuperset(map(type, args))
        if rule is not None and not in_order and not isinstance(compute, np.ufunc):
            args, kwargs = _arrays_first(rule, args, kwargs)
        call = partial(_of_constants, compute)
        return rows.wrapped(rows.call(way, call, args, kwargs, compute))

    def _indexed(self, rule, x, index=None):
        """The elements at an index, of which parts may be batches, as x may be."""
        rows = self.rows
        self.check_open()
        if rule.view and _has_ellipsis(index) and not isinstance(x, Traced):
            x = rows.batch(own_copy(rows.spread(x)))  # of which a number is shown as an array
            return x._indexed(rule, x, index)
        primal, batched = rows.below(x)
        given = {"index": index}
        pairs = [rows.below(part) for part in parts_of(index)]
        differs = [differ for _, differ in pairs]
        index = tuple(part for part, _ in pairs)
        led_by = led(index, primal.ndim - batched, rows.count, differs, batched)
        if led_by is NotImplemented:
            return rows.wrapped(rows.row_by_row(partial(_bound, rule), (x,), given, "indexing"))
        key, moves = led_by
        if any(map(is_recorded, index)) and names_element(index, primal.ndim - batched):
            ans = elements_of(primal, key)  # primal[key] shows them all, at a fixed place
        elif isinstance(primal, Traced):
            ans = primal[key]
        else:  # a plain array by an index that a lower level traces
            ans = bind(rule, (primal,), {"index": key})
        if moves is not None:
            ans = np.moveaxis(ans, *moves)
        if rule.view and x is self:
            return self._shown(rule, ans, given)
        answer = self.over(ans)
        if rule.view and ans.ndim > 1 and isinstance(x, Traced):
            answer.writes = Writes(refusal=inner_write)  # NumPy would write x
        return answer

    # -- memory

    def stands_for_array(self):
        """Whether each row stands for an array, not for a number, which nothing can write."""
        return self.primal.ndim > 1 or self.alias is not None

    def copy(self, order="C"):
        self.settle()
        return self.over(self.lasting(order))

    def _take_over(self, other):
        self.primal = other.primal

    def _make_exclusive(self):
        self.primal = own_copy(self.primal, self.primal.strides)

    def _overwrite(self, value, index, steps):
        rows = self.rows
        value, _ = below = rows.below(value)
        chain = steps_of(steps)
        indices = [index, *(kwargs["index"] for _, kwargs in chain if "index" in kwargs)]
        parts = [rows.below(part)[0] for index in indices for part in parts_of(index)]
        above = tracer_in([value, *parts])
        if above is not None and not _holds_level(self.primal, above.level):
            self.primal = _traced_as(above, self.primal)
        views = [(self, {})]
        for rule, kwargs in chain:
            views.append((views[-1][0]._unary(rule, kwargs), kwargs))
        rows.assign(views[-1][0].primal, index, *below)
        for (view, kwargs), (whole, _) in itertools.pairwise(reversed(views)):
            if rows.holds(kwargs):  # it shares no memory, and is put back
                rows.assign(whole.primal, kwargs["index"], view.primal, True)


def _traced_as(value, primal):
    """The array as one that can hold what a value or an index is traced by: nothing is written."""
    nothing = value.reshape(-1)[:0].reshape((0,) + (1,) * (primal.ndim - 1))
    return overwritten(primal, nothing, index=(slice(0, 0),), steps=None, strides=primal.strides)


def _has_ellipsis(index):
    return any(part is Ellipsis for part in parts_of(index))


def _holds_level(primal, level):
    return isinstance(primal, Traced) and primal.level >= level


def _bound(rule, /, *args, **kwargs):
    return bind(rule, args, kwargs)


def _known(know, primitive, ans, *args, **kwargs):
    return know(ans, primitive, *args, **kwargs)


def _of_constants(compute, /, *args, **kwargs):
    return constant_of(compute, args, kwargs)


def _arrays_first(rule, args, kwargs):
    """The call with the arrays by position, and what follows them by name."""
    args = [as_operand(a) if isinstance(a, list | tuple) and is_traced(a) else a for a in args]
    names, _ = rule.find_parameters()
    if len(names) < len(args):
        return args, kwargs
    kwargs = {**dict(zip(names, args)), **kwargs}
    arrays = [i for i, a in enumerate(args) if isinstance(a, _ndarray | Traced)]
    count = rule.arity or max(arrays, default=0) + 1
    return [kwargs.pop(name) for name in names[:count] if name in kwargs], kwargs


def _copied_view():
    return errors.InPlaceError(
        "A view of a batched array is written, which was made row by row and shares no memory.",
        fix="write into the array itself, at an index",
    )


#: What needs no coercion to be an operand of a ufunc.
_PLAIN = frozenset({Batch, *PLAIN_BELOW})

# ------------------------------------------------------------------------------------ operators


# Written out for plain rows, which most are: a third of the time that _apply takes.
def _operator(ufunc, reflected):
    rule = RULES[ufunc]
    compute = rule.call
    if ufunc is np.matmul:
        return lambda self, other: bind_operator(rule, self, other, reflected)

    def operate(self, other):
        if self.alias is not None:
            self.settle()
        x = self.primal
        kind = type(other)
        if kind in SCALARS:
            y = other
        elif kind is _ndarray and other.dtype.kind != "O":
            y = other
            if y.ndim >= x.ndim:
                x = lead(x, y.ndim)
        elif kind is Batch and other.rows is self.rows:
            if other.alias is not None:
                other.settle()
            y = other.primal
            if x.ndim < y.ndim:
                x = lead(x, y.ndim - 1)
            elif y.ndim < x.ndim:
                y = lead(y, x.ndim - 1)
        else:
            return bind_operator(rule, self, other, reflected)
        if self.rows.closed:
            raise escaped_batch()
        return self.rows.batch(compute(y, x) if reflected else compute(x, y))

    return operate


Rows.kind = Batch
give_operators(Batch, _operator)
give_comparisons(Batch, zeros={"eq": np.True_, "ne": np.False_})
give_bitwise(Batch)
