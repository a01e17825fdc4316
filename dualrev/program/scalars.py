"""Scalars: runs of steps on single numbers, as one function of Python's floats.

Owns which steps compute with numbers, and their source.  Must not know how a program came about.

A call of NumPy's on a number takes ten times as long as Python's own arithmetic, which rounds alike.
Numbers that are used in one run alone are its local variables; others are read from the memory of the
program and written there.  What has no operator is called as NumPy's function, number by number.
"""

import math

import numpy as np

from dualrev.program.steps import Guard, Program, Ref, refs_in

__all__ = ["Source", "computes_with_numbers"]

_FLOAT, _BOOL = np.dtype(np.float64), np.dtype(bool)
#: Steps of one function: its source is compiled in a time that grows faster from here on.
LONGEST = 2000
_OPERATORS = {
    np.add: "{} + {}",
    np.subtract: "{} - {}",
    np.multiply: "{} * {}",
    np.divide: "{0} / {1} if {1} else _divide({0}, {1})",  # Python raises where NumPy divides by 0
    np.negative: "-{}",
    np.positive: "{}",
    np.absolute: "abs({})",
    np.square: "{0} * {0}",
    np.where: "{1} if {0} else {2}",
    np.copy: "{}",
    np.copyto: "{}",
}
_COMPARISONS = {
    np.less: "{} < {}",
    np.less_equal: "{} <= {}",
    np.greater: "{} > {}",
    np.greater_equal: "{} >= {}",
    np.equal: "{} == {}",
    np.not_equal: "{} != {}",
}
_OF_NUMBERS = (int, float, np.float64)


def computes_with_numbers(step) -> bool:
    """Whether a step reads and makes single numbers, and is computed as well by Python or one by one."""
    if type(step) is Guard:
        return _is_number(step.ref)
    if len(step.outputs) != 1 or step.sized or not all(map(_is_number, step.outputs)):
        return False
    function, (out,) = step.function, step.outputs
    args = step.args[1:] if function is np.copyto else step.args
    if not all(map(_is_argument, args)) or (step.kwargs and function is not np.copyto):
        return False
    kinds = [x.dtype if type(x) is Ref else _FLOAT for x in args]
    if function is np.where:
        return kinds == [_BOOL, _FLOAT, _FLOAT] and out.dtype == _FLOAT
    if any(kind != _FLOAT for kind in kinds):
        return False
    if function in _COMPARISONS:
        return out.dtype == _BOOL
    return out.dtype == _FLOAT and (function in _OPERATORS or _is_plain(function))


def _is_plain(ufunc):
    return isinstance(ufunc, np.ufunc) and ufunc.signature is None and ufunc.nout == 1


def _is_number(ref):
    aligned = ref.offset % ref.dtype.itemsize == 0
    return ref.dtype in (_FLOAT, _BOOL) and aligned and math.prod(ref.shape) == 1


def _is_argument(x):
    return _is_number(x) if type(x) is Ref else type(x) in _OF_NUMBERS


class Source:
    """The source of a run of steps, and what it names.

    Parameters
    ----------
    program : Program
    starts : list of int
        Where each buffer begins in the memory.
    unproven : set
        Numbers of the guards of nan that are looked at.
    """

    def __init__(self, program: Program, starts, unproven, diverge):
        self._starts, self._unproven, self._diverge = starts, unproven, diverge
        self._first: dict = {}
        self._last: dict = {}
        for i, step in enumerate(program.steps):
            for ref in (*step.read(), *step.outputs):
                self._first.setdefault(ref.buffer, i)
                self._last[ref.buffer] = i
        for ref in (*program.inputs, *refs_in(program.outputs)):
            self._first[ref.buffer] = -1

    def function(self, steps, begin, memory):
        """The function that runs these steps, the first of which is at a place of the program."""
        self._begin, self._end = begin, begin + len(steps)
        self._variables: dict = {}  # by place in memory
        self._lines = ["def run():"]
        self._names = {
            "_floats": memoryview(memory.view(_FLOAT)),
            "_bools": memoryview(memory.view(_BOOL)),
            "_bytes": lambda x: np.asarray(x).tobytes(),
            "_divide": lambda x, y: float(np.divide(x, y)),
            "_diverge": self._diverge,
            "inf": math.inf,
            "nan": math.nan,
        }
        for step in steps:
            if type(step) is Guard:
                self._guard(step)
            else:
                self._step(step)
        self._lines.append(" return")
        exec(compile("\n".join(self._lines), "<a run of scalar steps>", "exec"), self._names)
        return self._names.pop("run")  # its globals: they would hold it, and it them

    def _guard(self, guard):
        if guard.seen is None and guard.number not in self._unproven:
            return
        x = self._given(guard.ref)
        if guard.seen is None:
            differs = f"{x} != {x}"
        elif guard.ref.dtype == _BOOL:
            differs = f"{x} is not {guard.seen != bytes(1)}"
        else:
            differs = f"_bytes({x}) != {guard.seen!r}"
        seen = "None" if guard.seen is None else f"_bytes({x})"
        self._lines.append(f" if {differs}: _diverge({guard.number}, {seen})")

    def _step(self, step):
        function, (out,) = step.function, step.outputs
        args = list(map(self._given, step.args[1:] if function is np.copyto else step.args))
        form = _OPERATORS.get(function) or _COMPARISONS.get(function)
        if form is None:
            form = f"float({self._name(function)}({', '.join(['{}'] * len(args))}))"
        value = form.format(*args)
        self._lines.append(f" {self._new(out)} = {value}")
        if not self._is_local(out):
            self._lines.append(f" {self._place(out)} = {self._given(out)}")

    def _given(self, x):
        """The source of an argument: a variable, or a number."""
        if type(x) is not Ref:
            return f"({float(x)!r})"
        key = x.buffer, x.offset
        if key not in self._variables:
            self._lines.append(f" {self._new(x)} = {self._place(x)}")
        return self._variables[key]

    def _new(self, ref):
        name = f"x{len(self._lines)}"
        self._variables[ref.buffer, ref.offset] = name
        return name

    def _place(self, ref):
        memory = "_floats" if ref.dtype == _FLOAT else "_bools"
        return f"{memory}[{(self._starts[ref.buffer] + ref.offset) // ref.dtype.itemsize}]"

    def _is_local(self, ref):
        """Whether nobody but this run uses an array."""
        return self._begin <= self._first[ref.buffer] and self._last[ref.buffer] < self._end

    def _name(self, x):
        name = f"_c{len(self._names)}"
        self._names[name] = x
        return name
