"""Lowering: a program in fewer kinds of steps, for engines that have no NumPy call for each.

Owns which dtypes a step is computed in.  Must not know engines.
"""

import dataclasses
import functools
import inspect
import math

import numpy as np

from dualrev.program.llvm.simpler import SIMPLER
from dualrev.program.steps import Guard, Program, Ref, Step, strides_of

__all__ = ["Notes", "lowered", "reduced"]


def lowered(program: Program) -> Program:
    """An equal program of copies, ufuncs and their reductions, as far as that is known.

    A ufunc is given the dtypes of one of its loops: conversions are steps of their own.
    """
    notes = Notes(program)
    for step in program.steps:
        if type(step) is Guard or not notes.add(step):
            notes.steps.append(step)
    return dataclasses.replace(program, buffers=notes.buffers, steps=notes.steps)


class Notes:
    """The steps and buffers of the program that is made."""

    def __init__(self, program):
        self.buffers = list(program.buffers)
        self.steps: list = []
        self._step = None

    def add(self, step):
        """Whether a step has been noted, in simpler ones."""
        self._step = step
        simpler = SIMPLER.get(step.function)
        if simpler is None:
            return self._add(step.function, step.args, step.kwargs, step.outputs, step.writes)
        begun = len(self.steps)
        args = self, *step.outputs, *step.args
        if _fit(simpler, args, step.kwargs) and simpler(*args, **step.kwargs) is not False:
            return True
        del self.steps[begun:]
        return False

    def call(self, function, args, outputs, **kwargs):
        """Note a call, and the conversions that it needs."""
        if not self._add(function, args, kwargs, outputs, False):
            self._note(function, args, kwargs, outputs, False)

    def write(self, function, args):
        """Note a call that writes into its first argument."""
        self._note(function, args, {}, args[:1], True)

    def copy(self, source, target):
        """Note a copy, with conversion."""
        if type(source) is not Ref:
            source = _constant(source, target.dtype)
        self._note(np.copyto, (target, source), {"casting": "unsafe"}, (target,), True)

    def converted(self, x, dtype):
        """The same array in a dtype."""
        if type(x) is not Ref:
            return _constant(x, dtype)
        if x.dtype == dtype:
            return x
        made = self.new(x.shape, dtype)
        self.copy(x, made)
        return made

    def new(self, shape, dtype):
        """A new array, in the order of C."""
        self.buffers.append(math.prod(shape) * dtype.itemsize)
        return Ref(len(self.buffers) - 1, 0, shape, strides_of(shape, dtype.itemsize), dtype)

    def _add(self, function, args, kwargs, outputs, writes):
        dtypes = _dtypes(function, args, kwargs, outputs)
        if dtypes is None:
            return False
        if all(type(x) in _ARRAYS and x.dtype is d for x, d in zip((*args, *outputs), dtypes)):
            self._note(function, args, kwargs, outputs, writes)
            return True
        args = tuple(self.converted(x, d) for x, d in zip(args, dtypes))
        if function is np.copyto:
            self._note(function, args, kwargs, outputs, writes)
            return True
        answers = tuple(
            ref if ref.dtype == d else self.new(ref.shape, d)
            for ref, d in zip(outputs, dtypes[len(args) :])
        )
        self._note(function, args, kwargs, answers, writes and answers == outputs)
        for answer, ref in zip(answers, outputs):
            if answer is not ref:
                self.copy(answer, ref)
        return True

    def _note(self, function, args, kwargs, outputs, writes):
        step = self._step
        self.steps.append(
            Step(function, args, kwargs, outputs, writes, False, step.number, step.line)
        )


def _fit(function, args, kwargs):
    """Whether a function takes these arguments, the options that are given among them."""
    try:
        _signature(function).bind(*args, **kwargs)
    except TypeError:
        return False
    return True


_signature = functools.cache(inspect.signature)


def _dtypes(function, args, kwargs, outputs):
    """The dtypes of arguments and answers in which a call is computed; None where that is not known."""
    if function is np.copyto:
        target, value = args
        return target.dtype, value.dtype if type(value) is Ref else target.dtype
    if function is np.where and len(args) == 3:
        (ans,) = outputs
        return np.dtype(bool), ans.dtype, ans.dtype, ans.dtype
    ufunc = reduced(function)
    if ufunc is not None:
        options = {"axis", "keepdims", "dtype"}
        if len(args) > 1 or type(args[0]) is not Ref or not kwargs.keys() <= options:
            return None
        dtype = kwargs.get("dtype")
        if dtype is None:
            dtype = ufunc.resolve_dtypes((None, args[0].dtype, None), reduction=True)[0]
        return np.dtype(dtype), np.dtype(dtype)
    if not isinstance(function, np.ufunc) or kwargs or len(args) != function.nin:
        return None
    kinds = (*map(_kind, args), *(ref.dtype for ref in outputs))
    if any(kind is None for kind in kinds):  # "in" would take float64 for None
        return None
    return _resolved(function, kinds)


_ARRAYS = (Ref, np.ndarray)


@functools.lru_cache(1024)
def _resolved(ufunc, kinds):
    return ufunc.resolve_dtypes(kinds, casting="unsafe")


def _constant(x, dtype):
    """An array for what does not depend on the arguments; a real one has the real part."""
    x = np.asarray(x)
    if x.dtype.kind == "c" and dtype.kind != "c":
        x = x.real
    return x.astype(dtype, copy=False)


def reduced(function):
    """The ufunc of which a function is the method reduce, or None."""
    ufunc = getattr(function, "__self__", None)
    return ufunc if isinstance(ufunc, np.ufunc) and function.__name__ == "reduce" else None


def _kind(x):
    """What decides a loop: a dtype, or the type of one of Python's numbers."""
    if type(x) in (int, float, complex):
        return type(x)
    return x.dtype if isinstance(x, Ref | np.ndarray | np.generic) else None
