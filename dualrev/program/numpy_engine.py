"""The engine "numpy": a list of NumPy calls into memory that is there already.

Owns how a step becomes a call.  Must not know how a program came about.
"""

import contextvars
import functools
import itertools
import operator

import numpy as np

from dualrev.core.arrays import has_nan
from dualrev.core.primitive import Primitive
from dualrev.program.nan_guards import unproven
from dualrev.program.planning import laid_out
from dualrev.program.scalars import LONGEST, Source, computes_with_numbers
from dualrev.program.steps import Guard, Program, Ref, mapped

__all__ = ["Diverged", "Workspace"]

_ndarray = np.ndarray


class Diverged(Exception):
    """A guard met another outcome than the one that was recorded.

    Attributes
    ----------
    number : int or None
        Of the guard, or of the step whose answer has another shape; None for a nan in an output.
    seen : object
        The outcome; None for a nan.
    """

    def __init__(self, number, seen):
        super().__init__(number, seen)
        self.number, self.seen = number, seen


class Workspace:
    """The memory of one replay at a time, and the calls that fill it.

    One that is careful looks at all guards where they stand, not at outputs for some.
    """

    def __init__(self, program: Program, careful: bool = False):
        of_nan = {s.number for s in program.steps if type(s) is Guard and s.seen is None}
        self._unproven = of_nan if careful else unproven(program)
        self._proven_by_outputs = not of_nan <= self._unproven
        self.program = program = self._prepared(program)
        starts, size = laid_out(program)
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

    def run(self, leaves):
        """The outputs for these arguments, in memory of their own.

        Raises Diverged where a guard meets another outcome; one of nan may be left to the outputs.
        """
        for place, leaf in zip(self.inputs, leaves):
            place[...] = leaf
        self._quietly(self._call_all)
        outputs = [
            x[()] if scalar else x.copy() if type(x) is _ndarray else x
            for x, scalar in self._outputs
        ]
        if self._proven_by_outputs and any(map(has_nan, outputs)):
            raise Diverged(None, None)
        return outputs

    def _prepared(self, program):
        """The program as this engine runs it."""
        return program

    def _call_all(self):
        for function, args in self._calls:
            function(*args)

    def _array(self, ref):
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


def _calls_of(function, args, kwargs, outputs, number):
    """The calls that compute a step: each a function and its positional arguments."""
    ufunc = getattr(function, "__self__", None)
    if function is np.copyto or function is operator.setitem:
        return [(function, (*args, *kwargs.values()))]
    if isinstance(function, np.ufunc) and not kwargs:
        return [_call_of_ufunc(function, _cast(function, args, outputs), outputs)]
    if isinstance(ufunc, np.ufunc) and function.__name__ == "reduce" and len(args) == 1:
        if "where" not in kwargs and "initial" not in kwargs:
            options = {"axis": 0, "dtype": None, "out": outputs[0], "keepdims": False, **kwargs}
            return _reduced_by_rows(function, args[0], options)
    if function is np.count_nonzero and args[0].dtype == bool:
        options = _counting(*args[1:], **kwargs)
        if options["axis"] is not None:  # of all elements its own routine is faster
            return _calls_of(np.add.reduce, args[:1], options, outputs, number)
    if function is np.where and len(args) == 3 and np.asarray(args[0]).dtype == bool:
        (condition, x, y), (out,) = args, outputs
        if np.size(x) == 1:  # what few elements are given costs little, where they are few
            return [(np.copyto, (out, y, "unsafe")), (np.copyto, (out, x, "unsafe", condition))]
    if function is np.copy:
        return [(np.copyto, (*outputs, *args))]
    if type(function) is Primitive:
        function = function.function  # nothing is traced
    return [(_store, (function, args, kwargs, outputs, number))]


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
    out = options["out"].view()
    out.shape = rows.shape[1:]  # keepdims or not
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
