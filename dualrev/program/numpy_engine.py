"""The engine "numpy": a list of NumPy calls into memory that is there already.

Owns how a step becomes a call.  Must not know how a program came about.
"""

import contextvars
import functools
import itertools
import math
import operator

import numpy as np

from dualrev.core.arrays import has_nan
from dualrev.core.primitive import Primitive
from dualrev.program.nan_guards import unproven
from dualrev.program.planning import laid_out
from dualrev.program.scalars import LONGEST, Source, computes_with_numbers
from dualrev.program.steps import Diverged, Guard, Program, Ref, mapped, refs_in

__all__ = ["Workspace"]

_ndarray = np.ndarray
#: Bytes from which an array of the caller is used where it lies.
_LARGE = 1 << 18


class Workspace:
    """The memory of one replay at a time, and the calls that fill it.

    One that is careful looks at all guards where they stand, not at outputs for some.
    """

    def __init__(self, program: Program, careful: bool = False):
        of_nan = {s.number for s in program.steps if type(s) is Guard and s.seen is None}
        self._unproven = of_nan if careful else unproven(program)
        self._proven_by_outputs = not of_nan <= self._unproven
        self.program = program = self._prepared(program)
        self._shown: dict = {}  # by id: an array of what lies apart, and its Ref
        self._homes = {n: np.empty(program.buffers[n], np.uint8) for n in self._apart()}
        starts, size = laid_out(program, self._homes)
        memory = np.empty(size + 64, np.uint8)
        shift = -memory.__array_interface__["data"][0] % 64
        self._memory, self._starts = memory[shift : shift + size], starts
        self.inputs = [self._array(ref) for ref in program.inputs]
        # A context in which NumPy is quiet is entered in a tenth of the time of np.errstate.
        context = contextvars.Context()
        context.run(np.seterr, all="ignore")
        self._quietly = context.run
        self._calls: list = []
        self._add_all(program.steps)
        self._outputs = [
            (self._array(x) if type(x) is Ref else x, scalar)
            for x, scalar in zip(program.outputs, program.scalars)
        ]
        self._bind()

    def run(self, leaves):
        """The outputs for these arguments, in memory of their own.

        Raises Diverged where a guard meets another outcome; one of nan may be left to the outputs.
        """
        calls, made = self._calls, {}
        for place, leaf in zip(self.inputs, leaves):
            if place is not None:
                place[...] = leaf
        if self._moving:
            calls, made = self._bound_calls(leaves)
        self._quietly(call_all, calls)
        outputs = [
            made[i] if i in made else x[()] if scalar else x.copy() if type(x) is _ndarray else x
            for i, (x, scalar) in enumerate(self._outputs)
        ]
        if self._proven_by_outputs and any(map(has_nan, outputs)):
            raise Diverged(None, None)
        return outputs

    def _prepared(self, program):
        """The program as this engine runs it."""
        return program

    # -- large arrays that are read where the caller has them, and written where he gets them

    def _apart(self):
        """Buffers of large inputs that nobody writes and of large outputs, each used in no other way."""
        program = self.program
        written = {step.outputs[0].buffer for step in program.steps if step.writes}
        inputs = [ref.buffer for ref in program.inputs]
        outputs = [ref.buffer for ref in refs_in(program.outputs)]
        ends = {*filter(_is_large, program.inputs)}
        apart = {ref.buffer for ref in ends} - written - set(outputs)
        ends = {*filter(_is_large, refs_in(program.outputs))}
        apart |= {ref.buffer for ref in ends if outputs.count(ref.buffer) == 1} - set(inputs)
        for step in program.steps:
            if computes_with_numbers(step):
                apart -= {ref.buffer for ref in (*step.read(), *step.outputs)}
        return apart

    def _bind(self):
        """Find the calls that are made anew at each replay: those with an array that lies apart."""
        bound, fixed = {}, set()
        for i, (function, args) in enumerate(self._calls if self._homes else ()):
            places = [
                (k, self._shown[id(x)][1]) for k, x in enumerate(args) if id(x) in self._shown
            ]
            rest = [x for x in args if id(x) not in self._shown]
            for n, home in self._homes.items():
                if any(np.may_share_memory(x, home) for x in _arrays_in((function, rest))):
                    fixed.add(n)
            if places:
                bound[i] = places
        self._moving = self._homes.keys() - fixed
        self._bound = []
        for i, places in bound.items():
            places = [(k, ref) for k, ref in places if ref.buffer in self._moving]
            function, args = self._calls[i]
            moved = {k for k, _ in places}
            self._calls[i] = function, [None if k in moved else x for k, x in enumerate(args)]
            self._bound.append((i, places))
        for n in self._moving:  # it was only needed to know who asks for it
            del self._homes[n]
        for i, ref in enumerate(self.program.inputs):
            if ref.buffer in self._moving:
                self.inputs[i] = None
        for i, ref in enumerate(self.program.outputs):
            if type(ref) is Ref and ref.buffer in self._moving:
                self._outputs[i] = None, False
        self._shown.clear()

    def _bound_calls(self, leaves):
        """The calls with the arrays of the caller, and those of the outputs that they make."""
        calls, memory, made = self._calls.copy(), {}, {}
        for ref, leaf in zip(self.program.inputs, leaves):
            if ref.buffer in self._moving:
                memory[ref.buffer] = np.ascontiguousarray(leaf)
        for i, ref in enumerate(self.program.outputs):
            if type(ref) is Ref and ref.buffer in self._moving:
                made[i] = memory[ref.buffer] = np.empty(ref.shape, ref.dtype)
        for i, places in self._bound:
            function, args = calls[i]
            args = args.copy()
            for k, ref in places:
                at = memory[ref.buffer]
                args[k] = _ndarray(ref.shape, ref.dtype, at, ref.offset, ref.strides)
            calls[i] = function, args
        return calls, made

    def _array(self, ref):
        if ref.buffer in self._homes:
            x = _ndarray(ref.shape, ref.dtype, self._homes[ref.buffer], ref.offset, ref.strides)
            self._shown[id(x)] = x, ref
            return x
        start = self._starts[ref.buffer] + ref.offset
        return _ndarray(ref.shape, ref.dtype, self._memory, start, ref.strides)

    def _given(self, x):
        return self._array(x) if type(x) is Ref else x

    def _add_all(self, steps):
        """Add the calls of all steps; those that compute with single numbers in runs."""
        source = Source(self.program, self._starts, self._unproven, _diverge)
        begin = 0
        for scalar, run in itertools.groupby(steps, computes_with_numbers):
            run = list(run)
            if scalar and sum(type(step) is not Guard for step in run) > 1:
                for i in range(0, len(run), LONGEST):
                    part = run[i : i + LONGEST]
                    call = source.function(part, begin + i, self._memory)
                    self._calls.append((call, ()))
            else:
                for step in run:
                    self._add(step)
            begin += len(run)

    def _add(self, step):
        if type(step) is Guard:
            array = self._array(step.ref)
            if step.seen is not None:
                self._calls.append((_check, (array, step.seen, step.number)))
            elif step.number in self._unproven:
                self._calls.append((_check_nan, (array, step.number)))
            return
        args = mapped(self._given, step.args)
        kwargs = mapped(self._given, step.kwargs)
        outputs = tuple(map(self._array, step.outputs))
        self._calls += _calls_of(step.function, args, kwargs, outputs, step.number)


def call_all(calls):
    for function, args in calls:
        function(*args)


def _is_large(ref):
    """Whether copying an array takes longer than to show it anew; and it is one piece."""
    size = math.prod(ref.shape) * ref.dtype.itemsize
    return size >= _LARGE and not ref.offset and ref.is_in_order()


def _arrays_in(x):
    if isinstance(x, _ndarray):
        yield x
    elif isinstance(x, functools.partial):
        yield from _arrays_in((x.args, x.keywords))
    elif isinstance(x, list | tuple):
        for part in x:
            yield from _arrays_in(part)
    elif isinstance(x, dict):
        yield from _arrays_in(list(x.values()))


def _calls_of(function, args, kwargs, outputs, number):
    """The calls that compute a step: each a function and its positional arguments."""
    ufunc = getattr(function, "__self__", None)
    if function is np.copyto:
        return [(function, (args[0], _as_array(args[1], args[0].dtype), *kwargs.values()))]
    if function is operator.setitem:
        return [(function, args)]
    if isinstance(function, np.ufunc) and not kwargs:
        return [_call_of_ufunc(function, _cast(function, args, outputs), outputs)]
    if isinstance(ufunc, np.ufunc) and function.__name__ == "reduce" and len(args) == 1:
        # NumPy 2.0 begins with the wrong elements where it is to write the greatest of what runs
        # backwards into an array that is there.
        backwards = ufunc.identity is None and min(args[0].strides, default=0) < 0
        if "where" not in kwargs and "initial" not in kwargs and not backwards:
            options = {"axis": 0, "dtype": None, "out": outputs[0], "keepdims": False, **kwargs}
            return _reduced_by_rows(function, args[0], options)
    if function is np.count_nonzero and args[0].dtype == bool:
        options = _counting(*args[1:], **kwargs)
        if options["axis"] is not None:  # of all elements its own routine is faster
            return _calls_of(np.add.reduce, args[:1], options, outputs, number)
    if function is np.where and len(args) == 3 and np.asarray(args[0]).dtype == bool:
        (condition, x, y), (out,) = args, outputs
        # Chosen elements are copied one by one: cheap where they are few, or there are few at all.
        if np.size(x) == 1 or out.size < 4096:
            x, y = _as_array(x, out.dtype), _as_array(y, out.dtype)
            return [(np.copyto, (out, y, "unsafe")), (np.copyto, (out, x, "unsafe", condition))]
    if function is np.copy:
        return [(np.copyto, (*outputs, *args))]
    if type(function) is Primitive:
        function = function.function  # nothing is traced
    return [(_store, (function, args, kwargs, outputs, number))]


def _as_array(x, dtype):
    """A number as an array, which is found out once, not at each call."""
    return np.asarray(x, dtype) if type(x) in (int, float) and dtype.kind in "fc" else x


def _counting(axis=None, keepdims=False):
    return {"axis": axis, "keepdims": keepdims, "dtype": np.intp}


def _reduced_by_rows(reduce, x, options):
    """A reduction of the last axis, where that is short: by rows of a transposed copy.

    NumPy begins anew for each of many results: 30 us for 1000 sums of 10 numbers, and 14 so.
    """
    axes = options["axis"]
    axis = axes[0] if type(axes) is tuple and len(axes) == 1 else axes
    short = x.ndim > 1 and axis in (-1, x.ndim - 1) and 1 < x.shape[-1] <= 32 <= x[..., 0].size
    contiguous = x.flags.c_contiguous and options["out"].flags.c_contiguous
    if not short or not contiguous:
        return [(reduce, (x, *options.values()))]
    rows = np.moveaxis(x, -1, 0)
    copy = np.empty(rows.shape, x.dtype)
    out = options["out"].reshape(rows.shape[1:])  # keepdims or not: a view
    if x.dtype == bool and options["dtype"] == np.intp:
        counts = np.empty(out.shape, np.uint8)  # at most 32
        rows_of = (reduce, (copy.view(np.uint8), 0, np.uint8, counts))
        return [(np.copyto, (copy, rows)), rows_of, (np.copyto, (out, counts))]
    return [(np.copyto, (copy, rows)), (reduce, (copy, 0, options["dtype"], out))]


def _call_of_ufunc(ufunc, args, outputs):
    arrays = (*args, *outputs)
    if ufunc is np.matmul and all(x.ndim == 2 and x.dtype == outputs[0].dtype for x in arrays):
        if outputs[0].flags.c_contiguous:
            return np.dot, arrays  # the same product by the same routine, found in half the time
    if ufunc in (np.maximum, np.minimum):  # NumPy wants their out by name
        return functools.partial(ufunc, out=outputs), args
    return ufunc, arrays


def _cast(ufunc, args, outputs):
    """The arguments with numbers as arrays of the dtype in which they are computed with."""
    kinds = [type(x) if type(x) in (int, float, complex) else np.asarray(x).dtype for x in args]
    kinds += [x.dtype for x in outputs]
    dtypes = ufunc.resolve_dtypes(tuple(kinds), casting="unsafe")
    return [x if isinstance(x, _ndarray) else np.asarray(x, d) for x, d in zip(args, dtypes)]


def _store(function, args, kwargs, outputs, number):
    answers = function(*args, **kwargs)
    if len(outputs) == 1 and not isinstance(answers, tuple | list):
        answers = (answers,)
    answers = tuple(map(np.asarray, answers))
    for place, answer in zip(outputs, answers, strict=True):
        # Of some functions the dtype hangs on numbers too: roots are complex where they are.
        if answer.shape != place.shape or answer.dtype != place.dtype:
            raise Diverged(number, tuple(answer.shape for answer in answers))
        place[...] = answer


def _check(array, seen, number):
    now = array.tobytes()
    if now != seen:
        raise Diverged(number, now)


def _check_nan(array, number):
    if has_nan(array):
        raise Diverged(number, None)


def _diverge(number, seen):
    raise Diverged(number, seen)
