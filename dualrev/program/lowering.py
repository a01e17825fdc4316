"""Lowering: a program in fewer kinds of steps, for engines that have no NumPy call for each.

Owns what a step is in simpler steps.  Must not know engines.
"""

import dataclasses
import math

import numpy as np

from dualrev.program.steps import Guard, Program, Ref, Step

__all__ = ["lowered", "reduced", "strides_of"]


def lowered(program: Program) -> Program:
    """An equal program in which a ufunc is given what one of its loops takes: conversions are steps."""
    return _Lowering(program).program()


class _Lowering:
    def __init__(self, program):
        self._program = program
        self._buffers = list(program.buffers)
        self._steps = []

    def program(self):
        for step in self._program.steps:
            if type(step) is Guard or not self._add(step):
                self._steps.append(step)
        return dataclasses.replace(self._program, buffers=self._buffers, steps=self._steps)

    def _add(self, step):
        """Whether a step was noted, with the conversions before and after it."""
        dtypes = _dtypes(step)
        if dtypes is None:
            return False
        args = tuple(self._converted(x, d, step) for x, d in zip(step.args, dtypes))
        outputs = tuple(
            ref if ref.dtype == d else self._new(ref.shape, d)
            for ref, d in zip(step.outputs, dtypes[len(args) :])
        )
        if step.writes:
            outputs = step.outputs
        self._note(step, step.function, args, step.kwargs, outputs, step.writes)
        for answer, ref in zip(outputs, step.outputs):
            if answer is not ref:
                self._copy(step, answer, ref)
        return True

    def _converted(self, x, dtype, step):
        if type(x) is not Ref:
            return _constant(x, dtype)
        if x.dtype == dtype:
            return x
        made = self._new(x.shape, dtype)
        self._copy(step, x, made)
        return made

    def _copy(self, step, source, target):
        kwargs = {"casting": "unsafe"}
        self._note(step, np.copyto, (target, source), kwargs, (target,), writes=True)

    def _note(self, step, function, args, kwargs, outputs, writes=False):
        self._steps.append(
            Step(function, args, kwargs, outputs, writes, False, step.number, step.line)
        )

    def _new(self, shape, dtype):
        """A new array, in the order of C."""
        self._buffers.append(math.prod(shape) * dtype.itemsize)
        return Ref(len(self._buffers) - 1, 0, shape, strides_of(shape, dtype), dtype)


def strides_of(shape: tuple, dtype: np.dtype) -> tuple:
    """The strides of an array of this shape in the order of C."""
    strides = [dtype.itemsize]
    for n in reversed(shape[1:]):
        strides.append(strides[-1] * n)
    return tuple(reversed(strides[: len(shape)]))


def _dtypes(step):
    """The dtypes of arguments and answers in which a step is computed; None where that is not known."""
    function = step.function
    if function is np.copyto:
        target, value = step.args
        return target.dtype, value.dtype if type(value) is Ref else target.dtype
    if function is np.where and len(step.args) == 3:
        (ans,) = step.outputs
        return np.dtype(bool), ans.dtype, ans.dtype, ans.dtype
    ufunc = reduced(function)
    if ufunc is not None:
        options = {"axis", "keepdims", "dtype"}
        if len(step.args) > 1 or type(step.args[0]) is not Ref or not step.kwargs.keys() <= options:
            return None
        dtype = step.kwargs.get("dtype")
        if dtype is None:
            kinds = None, step.args[0].dtype, None
            dtype = ufunc.resolve_dtypes(kinds, reduction=True)[0]
        return np.dtype(dtype), np.dtype(dtype)
    if not isinstance(function, np.ufunc) or step.kwargs or len(step.args) != function.nin:
        return None
    kinds = [*map(_kind, step.args), *(ref.dtype for ref in step.outputs)]
    if any(kind is None for kind in kinds):  # "in" would take float64 for None
        return None
    return function.resolve_dtypes(tuple(kinds), casting="unsafe")


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
