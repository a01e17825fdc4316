"""Reading: what each element of each array of a program depends on, step by step.

Owns the memory of a program, in which each element has the number of the set of columns that it depends
on, and what a write does to it.  Must not know what a function does to its arguments.

Each element of an array has the number of a set, and an array of numbers is itself an array: what only
moves elements is run on it, views and writes are NumPy's.
"""

import numpy as np

from dualrev.core.primitive import rule_of
from dualrev.program.steps import Program, Ref, mapped, refs_in
from dualrev.sparse.dependence import Call
from dualrev.sparse.sets import EMPTY
from dualrev.sparse.values import Values

__all__ = ["Reading"]

_ITEM = np.dtype(np.intp).itemsize
#: Entries from which sets that are no longer needed are forgotten.
_MANY = 20_000_000


class Reading:
    """The sets that the arrays of a program depend on, after all of its steps.

    Parameters
    ----------
    program : Program
        As it was recorded.
    sets : Sets
    numbers : list of array
        Of the sets that each of its inputs depends on.
    arrays : list of array, optional
        Its inputs, where the sets are to hold for these alone: without what is not chosen there, or
        multiplied by 0.
    within : tuple of callable
        Where it is a part of another one, which needs the sets too: the functions that it tells of.

    Attributes
    ----------
    functions : tuple of callable
        What it is within.
    values : Values or None
        Of the program, at the arrays.
    widened : Step or None
        The first of whose answers a number depends on half of the columns or more.
    """

    def __init__(self, program: Program, sets, numbers, arrays=None, within=()):
        self.sets = sets
        self.functions = within
        self.values = None if arrays is None else Values(program, arrays)
        self.widened = None
        self._buffers = program.buffers
        self._memory: dict = {}
        steps = program.needed()
        ends, limit = _last_uses(program, steps), np.inf if within else _MANY
        for ref, x in zip(program.inputs, numbers):
            self._put(ref, x)
        for i, step in enumerate(steps):
            if self.values is not None:
                step = self._known(step)
            self._read(step)
            if self.widened is None and 2 * sets.largest >= sets.count:
                self.widened = step
            for buffer in ends.get(i, ()):
                self._memory.pop(buffer, None)
            if sets.entries > limit:
                sets.compact(list(self._memory.values()))
                limit = max(_MANY, 2 * sets.entries)

    def within(self, function, program, numbers, arrays=None):
        """The reading of a program that tells of one step, a call of the function."""
        return Reading(program, self.sets, numbers, arrays, (*self.functions, function))

    def outputs(self, program):
        """The numbers of each output of the program."""
        return [
            self.of(x) if type(x) is Ref else np.zeros(np.shape(x), np.intp)
            for x in program.outputs
        ]

    def of(self, ref):
        """The numbers of the sets of an array's elements; those of a part where it owns memory."""
        if ref.dtype.kind == "c":
            real, imaginary = map(self.of, ref.parts())
            return real if np.array_equal(real, imaginary) else self.sets.union(real, imaginary)
        flat = self._memory[ref.buffer]
        unit = ref.dtype.itemsize
        first = ref.offset // unit
        if not ref.shape:
            return flat[first : first + 1].reshape(())
        strides = [stride // unit * _ITEM for stride in ref.strides]
        return np.lib.stride_tricks.as_strided(flat[first:], ref.shape, strides)

    def _put(self, ref, numbers):
        """Make these the numbers of an array's elements, which may be in memory that is new."""
        if ref.dtype.kind == "c":
            for part in ref.parts():
                self._put(part, numbers)
            return
        if ref.buffer not in self._memory:
            size = max(1, self._buffers[ref.buffer] // ref.dtype.itemsize)
            self._memory[ref.buffer] = np.zeros(size, np.intp)
        self.of(ref)[...] = numbers

    # -- a step

    def _known(self, step):
        """The same step with its conditions and indices as constants."""
        values = self.values
        values.run(step)

        def known(x):
            return values.put(x) if type(x) is Ref and x.dtype.kind in "iub" else x

        args = mapped(known, step.args)
        return step.but(args=(step.args[0], *args[1:]) if step.writes else args)

    def _read(self, step):
        if step.writes:
            self._write(step)
            return
        rule = rule_of(step.function)
        if not any(ref.dtype.kind in "fc" for ref in step.outputs):
            answers = [EMPTY] * len(step.outputs)
        elif rule is not None and rule.word == "elementwise":
            answers = [self._elementwise(step, rule.partials)] * len(step.outputs)
        elif any(self.of(ref).any() for ref in step.reads):
            answers = Call(self, step, rule).answers()
        else:
            answers = [EMPTY] * len(step.outputs)
        for ref, numbers in zip(step.outputs, answers):
            self._put(ref, numbers if ref.dtype.kind in "fc" else EMPTY)

    def _elementwise(self, step, partials):
        parts = [
            self.of(x) if self.values is None else self._moving(step, x, partial)
            for x, partial in zip(step.args, partials)
            if partial is not None and type(x) is Ref
        ]
        numbers = self.sets.union(*parts)
        if step.function is np.multiply:
            for x in step.args:
                if type(x) is not Ref:  # a mask, as in mask * (x - x[:, None])
                    numbers = np.where(np.equal(x, 0), EMPTY, numbers)
        return numbers

    def _moving(self, step, x, partial):
        """The numbers of an argument, where the partial by it is not 0."""
        if callable(partial):
            values = self.values
            with np.errstate(all="ignore"):
                partial = partial(*map(values.put, (step.outputs[0], *step.args)))
        return np.where(np.equal(partial, 0), EMPTY, self.of(x))

    def _write(self, step):
        ref, *index, value = step.args
        numbers = self.numbers(value)
        if index:
            target = self.of(ref)
            if any(refs_in(index)):  # which elements are written hangs on numbers
                written = self.sets.over_last(np.reshape(numbers, (1, -1)))[0]
                target = self.sets.union(target, written)
            else:
                target = target.copy()
                target[index[0]] = numbers
            numbers = target
        self._put(ref, numbers)

    def numbers(self, x):
        """The numbers of the sets of an argument, or of what is made of a list of such."""
        if type(x) is Ref:
            return self.of(x)
        if isinstance(x, list | tuple):
            return np.array([self.numbers(part) for part in x])
        return np.zeros(np.shape(x), np.intp)

    def union_of(self, refs):
        """The union of all elements of arrays."""
        numbers = np.concatenate([np.unique(self.of(ref)) for ref in refs])
        return self.sets.over_last(np.unique(numbers)[None])[0]


def _last_uses(program, steps):
    """The buffers that no step after one reads or writes, nor an output is in, by the step's number."""
    last = {}
    for i, step in enumerate(steps):
        for ref in (*step.reads, *step.outputs):
            last[ref.buffer] = i
    for ref in refs_in(program.outputs):
        last.pop(ref.buffer, None)
    ends: dict = {}
    for buffer, i in last.items():
        ends.setdefault(i, []).append(buffer)
    return ends
