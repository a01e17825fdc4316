"""Recorder: a tracer without a derivative, which notes each call of NumPy's that it is given to.

Owns what NumPy finds of an array while it is recorded: what a call is, what a view, and what a write.
Must not know how a call is noted, nor what becomes of it.

A recorder stands below every derivative: rules compute with it, and what they call is noted.  It
carries the array that it stands for; only ``look`` shows its numbers, and notes a guard.
"""

import operator

import numpy as np
from numpy.lib.array_utils import byte_bounds

from dualrev import errors
from dualrev.core.assignment import steps_of
from dualrev.core.binding import NO_KWARGS, apply, bind_operator
from dualrev.core.operands import SCALARS, as_operand
from dualrev.core.operators import give_operators
from dualrev.core.primitive import RULES, Primitive, asks_shapes
from dualrev.core.traced import Fillable, tracer_in
from dualrev.program.looking import Looking, Unrecordable
from dualrev.program.steps import mapped
from dualrev.program.weak import PYTHONS, WEAK
from dualrev.readers.unseen import give_bitwise, give_comparisons

__all__ = ["Recorder", "recorders_in", "settled"]

_ndarray = np.ndarray
#: Memory of a copy that may be gaps (bytes).
_GAPS = 64 * 1024


class Recorder(Looking):
    """Stands for an array of which each call is noted.  Made by Recording.

    Attributes
    ----------
    array : ndarray or scalar
        What it stands for.
    ref : Ref
        The same in the program.
    recording : Recording
    """

    mode = "recording"
    differentiates = False
    __slots__ = ("array", "recording", "ref")

    shape = property(lambda self: np.shape(self.array))
    ndim = property(lambda self: np.ndim(self.array))
    size = property(lambda self: np.size(self.array))
    itemsize = property(lambda self: self.dtype.itemsize)
    nbytes = property(lambda self: self.size * self.itemsize)
    device = property(lambda self: np.asarray(self.array).device)
    strides = property(lambda self: np.asarray(self.array).strides)
    flags = property(lambda self: np.asarray(self.array).flags)

    @property
    def dtype(self):
        return np.asarray(self.array).dtype

    def __repr__(self):
        return f"Recorder({self.ref!r}, shape={self.shape}, dtype={self.dtype})"

    # -- NumPy's protocols

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if method == "at":  # an assignment
            return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)
        inputs = [_operand(x) for x in inputs]
        out = kwargs.pop("out", (None,))
        if len(out) > 1:
            raise Unrecordable(f"{errors.name_of(ufunc)} is given several arrays to write into")
        if np.dtype(kwargs.get("dtype")).hasobject:
            raise Unrecordable(f"{errors.name_of(ufunc)} computes with objects")
        where = kwargs.get("where", True)
        if where is not True:
            kwargs["where"] = _operand(where)
            if method == "__call__" and out[0] is not None:
                kwargs.pop("where")
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        ans = _top(inputs, kwargs).recording.call(function, function, tuple(inputs), kwargs)
        if out[0] is None:
            return ans
        if where is not True and method == "__call__":
            ans = np.where(where, ans, out[0])
        (target,), name = out, errors.name_of(ufunc)
        if isinstance(target, Fillable):
            target = target.filled(ans, name)
        if not isinstance(target, Recorder):
            raise Unrecordable("an array that the program did not make is written by out=")
        target._write_result(ans, name)
        return out[0]

    def __array_function__(self, function, types, args, kwargs):
        rule = RULES.get(function)
        if rule is not None and rule.word != "refused":
            try:
                return apply(rule, args, kwargs)
            except errors.MissingRuleError:
                pass  # of an option; a call needs no rule to be noted
        call = function.function if isinstance(function, Primitive) else function
        args, kwargs = settled(args), settled(kwargs)
        return self.recording.call(function, call, tuple(args), kwargs)

    def _apply(self, rule, args, kwargs=NO_KWARGS):
        function = rule.function
        if isinstance(function, np.ufunc) and not kwargs and _KNOWN.issuperset(map(type, args)):
            return self.recording.call(function, function, args, kwargs)  # most: half of the time
        args, kwargs = tuple(settled(args)), settled(kwargs)
        if "steps" in kwargs:
            # A write into a plain array, by NumPy: of a number that is an array it would write a copy.
            kwargs = {**kwargs, "steps": mapped(_looked_at, kwargs["steps"])}
        if function is operator.pow:
            return _power(self.recording, *args)
        if (
            function is operator.getitem
            and type(args[0]) is Recorder
            and not args[0].is_exclusive()
        ):
            number = args[0]._number(kwargs["index"])
            if number is not None:
                return number
        if isinstance(function, np.ufunc):
            if any(hasattr(a, "tocsr") for a in args):
                function = rule.call
            return self.recording.call(function, function, args, kwargs)
        if function in _REDUCTIONS and _REDUCED.issuperset(kwargs):
            reduce = _REDUCTIONS[function].reduce
            return self.recording.call(reduce, reduce, args, {"axis": None, **kwargs})
        call = rule.call
        if isinstance(call, Primitive):
            call = call.function
        if rule.open:
            return call(*args, **kwargs)
        view = rule.view and type(args[0]) is Recorder and isinstance(args[0].array, _ndarray)
        if view:
            kwargs = args[0]._seen(kwargs)
        function, args, named = _by_position(function, args, kwargs)
        ans = self.recording.call(function, call, args, named, view=view)
        if view and type(ans) is Recorder:
            ans = args[0]._shown(rule, ans, kwargs)
        return ans

    def _unary(self, rule, kwargs=NO_KWARGS):
        if type(self.array) in WEAK and rule.function in PYTHONS:
            return self.recording.of_python(rule.function, (self,))
        return self._apply(rule, (self,), kwargs)

    def _number(self, index):
        """An element, where a basic index names one: it lies where it lay."""
        if not isinstance(self.array, _ndarray):
            return self if index == () else None
        index = mapped(self.recording.array_of, index)
        part = _part(self.array, index)
        # With an ellipsis in the index NumPy shows an array of no dimensions.
        if part is None or part.ndim or isinstance(self.array[index], _ndarray):
            return None
        return self.recording.recorder(part[()], self.recording.ref_of(part))

    def _seen(self, kwargs):
        """Options of a view, in which recorded numbers are known unless they choose what is copied."""
        index = _with_bounds_seen(kwargs.get("index"))
        if not _has_recorders(index) or len(kwargs) > 1:
            return mapped(_looked_at, kwargs)
        part = self.array[mapped(self.recording.array_of, index)]
        low, high = byte_bounds(part) if part.size else (0, 0)
        # A copy has the strides of what is shown: of a column the gaps between its elements too.
        if high - low > max(_GAPS, 4 * part.nbytes):
            return mapped(_looked_at, kwargs)
        return {"index": index}

    def _shown(self, rule, ans, kwargs):
        """An answer that shows the memory of this one: an alias; a number is copied.

        What a recorded number chooses is a copy for the program, until one of the two is written.
        """
        if isinstance(ans.array, _ndarray):
            if ans.ref.buffer == self.ref.buffer or _has_recorders(kwargs):
                ans.alias = self._alias_by(rule, kwargs)
        return ans

    def _constant(self, compute, args, kwargs):
        args, kwargs = settled(list(args)), settled(kwargs)
        if asks_shapes(compute):
            array_of = self.recording.array_of
            return compute(*mapped(array_of, args), **mapped(array_of, kwargs))
        if compute is operator.floordiv and all(map(_is_weak, args)):
            return self.recording.of_python(np.floor_divide, args)
        if isinstance(compute, Primitive) and RULES[compute].open:
            return compute.function(*args, **kwargs)
        return self.recording.call(_UFUNCS.get(compute, compute), compute, tuple(args), kwargs)

    # -- memory

    def stands_for_array(self):
        """Whether it stands for an array, not for a number, which nothing can write."""
        return isinstance(self.array, _ndarray)

    def copy(self, order="C"):
        """The same values, in memory that is its own as soon as one of the two is written."""
        self.settle()
        if self.is_exclusive():
            if self.alias is not None:
                return self._duplicate(order or "K")
            self.writes.exclusive = False
        flags = self.flags
        if type(self.array) in WEAK:  # it has a dtype of its own from now on
            return self.recording.recorder(np.asarray(self.array)[()], self.ref)
        if order is None or order in ("K", "A") or flags.c_contiguous:
            return self.recording.recorder(self.array, self.ref)
        return self._duplicate(order)

    def _duplicate(self, order="K"):
        return self.recording.call(np.copy, lambda x: np.array(x, order=order)[...], (self,), {})

    def doubted(self, where):
        return self

    def check_open(self):
        if self.recording.closed:
            raise errors.EscapedTracerError(
                "A value of a recorded function is used after the recording has ended.",
                fix="do not store it: return it from the function",
            )

    def was_written(self):
        """Whether its memory was written."""
        return self.writes is not None and self.writes.count > 0

    def _owner(self):
        return self if self.alias is None else self.alias[0]

    def _write(self, index, value):
        self.recording.check_unseen(self._owner())
        super()._write(index, value)

    def _may_become(self, new):
        self.recording.check_unseen(self._owner())
        return super()._may_become(new)

    def _take_over(self, other):
        self.array, self.ref = other.array, other.ref

    def _make_exclusive(self):
        self._take_over(self._duplicate())

    def _overwrite(self, value, index, steps):
        recording = self.recording
        target, chain = self.array, steps_of(steps)
        if chain and index is Ellipsis and _has_recorders(chain[-1][1]):
            index = chain.pop()[1]["index"]  # y[k] += v: each replay chooses
        for rule, kwargs in chain:  # to a fixed place
            target = rule.call(target, **mapped(_looked_at, kwargs))
        index = _with_bounds_seen(settled(index))
        value = _operand(value)
        plain_index = mapped(recording.array_of, index)
        plain = recording.array_of(value)
        part = None if _has_recorders(index) else _part(target, plain_index)
        if part is None:
            target[plain_index] = plain
            recording.write(target, value, index)
            return
        target[plain_index] = plain
        extra = np.ndim(plain) - part.ndim
        if extra > 0:
            value = value.reshape(np.shape(plain)[extra:])
        recording.write(part, value)


def _is_taken(x, other, reflected):
    """Whether Python's complex takes a number of NumPy's for one of Python's."""
    other = other.array if type(other) is Recorder else other
    return type(x.array) is complex and type(other) is np.float64 and not reflected


def _looked_at(x):
    return x.look() if type(x) is Recorder else x


def _with_bounds_seen(index):
    """An index whose slices have the bounds that they had: how much is chosen hangs on them."""
    parts = index if type(index) is tuple else (index,)
    parts = tuple(mapped(_looked_at, part) if type(part) is slice else part for part in parts)
    return parts if type(index) is tuple else parts[0]


def _has_recorders(x):
    return next(recorders_in(x), None) is not None


def _is_weak(x):
    """Whether it is a number of Python's, or stands for one."""
    return type(x.array if type(x) is Recorder else x) in WEAK


def _part(target, index):
    """The view that a basic index shows, of an element too; None where it shows none."""
    parts = index if type(index) is tuple else (index,)
    if any(isinstance(part, list | _ndarray | bool | np.bool) for part in parts):
        return None
    if not any(part is Ellipsis for part in parts):
        parts = (*parts, Ellipsis)
    return target[parts]


def _operand(x):
    """An argument as a step takes it: up to date, lists of recorders as one."""
    if type(x) is Recorder:
        if x.alias is not None:
            x.settle()
        return x
    return x if type(x) in SCALARS else as_operand(x)


def recorders_in(x):
    if type(x) is Recorder:
        yield x
    elif isinstance(x, list | tuple):
        for part in x:
            yield from recorders_in(part)
    elif isinstance(x, dict):
        yield from recorders_in(list(x.values()))


def settled(x):
    """The same with all its recorders up to date."""
    for recorder in recorders_in(x):
        if recorder.alias is not None:
            recorder.settle()
    return x


def _top(inputs, kwargs):
    return tracer_in((*inputs, kwargs))


def _power(recording, x, y):
    """``x ** y`` as NumPy's operator computes it: by a simpler function where the exponent is known."""
    simple = _POWERS.get(y) if type(y) in (int, float) else None
    if simple is not None and isinstance(x, Recorder) and x.dtype.kind in "fc":
        return recording.call(simple, simple, (x,), {})
    return recording.call(np.power, np.power, (x, y), {})


def _by_position(function, args, kwargs):
    """The same call with what has no name, or not in all versions of NumPy, by position."""
    if function is operator.getitem or function is _ndarray.__getitem__:
        return operator.getitem, (*args, kwargs["index"]), {}
    if function is np.reshape and "shape" in kwargs:
        named = dict(kwargs)
        return function, (*args, named.pop("shape")), named
    return function, args, kwargs


#: NumPy's functions that are a method of a ufunc, by the ufunc; and the options that both have.
_REDUCTIONS = {
    np.sum: np.add,
    np.prod: np.multiply,
    np.max: np.maximum,
    np.min: np.minimum,
    np.amax: np.maximum,
    np.amin: np.minimum,
}
_REDUCED = frozenset(("axis", "keepdims", "dtype", "initial", "where"))
_POWERS = {2: np.square, 0.5: np.sqrt, 1: np.positive}
_UFUNCS = {
    operator.lt: np.less,
    operator.le: np.less_equal,
    operator.gt: np.greater,
    operator.ge: np.greater_equal,
    operator.eq: np.equal,
    operator.ne: np.not_equal,
    operator.floordiv: np.floor_divide,
}


def _operator(ufunc, reflected):
    rule = RULES[ufunc]

    def operate(self, other):
        if type(other) is Recorder or type(other) in SCALARS:
            pair = (other, self) if reflected else (self, other)
            if type(self.array) in WEAK and (_is_weak(other) or _is_taken(self, other, reflected)):
                return self.recording.of_python(ufunc, pair)
            return self._apply(rule, pair)
        return bind_operator(rule, self, other, reflected)

    return operate


#: What no sparse matrix is, which a ufunc does not take.
_KNOWN = frozenset({Recorder, _ndarray, *SCALARS})
give_operators(Recorder, _operator)
give_comparisons(Recorder)
give_bitwise(Recorder)
