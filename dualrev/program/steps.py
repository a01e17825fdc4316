"""Steps: what a program is made of, the flat list of the calls that one run of a function made.

Owns how memory is named, and how a program reads in print.  Must not know who records a program nor
who replays it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from dualrev.errors import name_of

__all__ = [
    "Diverged",
    "Guard",
    "Program",
    "Ref",
    "Step",
    "address_of",
    "broadcast_strides",
    "is_basic",
    "mapped",
    "refs_in",
    "span_of",
    "strides_of",
    "view_of",
    "with_refs",
]


@dataclass(frozen=True, slots=True)
class Ref:
    """An array of a program: where it lies in a buffer.  A view is another Ref of the same buffer.

    Attributes
    ----------
    buffer : int or None
        Number of the buffer; None where the offset is an address.
    offset : int
        Of the first element, in bytes.
    shape, strides, dtype
        Those of the array.
    """

    buffer: int
    offset: int
    shape: tuple
    strides: tuple
    dtype: np.dtype

    def __repr__(self):
        return f"%{self.buffer}"

    def shown(self, shape, strides) -> Ref:
        """The memory from its first element on, in another shape."""
        return Ref(self.buffer, self.offset, shape, strides, self.dtype)

    def moved(self, whole: Ref) -> Ref:
        """A view of an array, as one of what lies alike elsewhere, in ``whole``."""
        offset = self.offset + whole.offset
        return Ref(whole.buffer, offset, self.shape, self.strides, self.dtype)

    def parts(self) -> tuple[Ref, Ref]:
        """The real and the imaginary parts of a complex array."""
        dtype = np.dtype(f"f{self.dtype.itemsize // 2}")
        offsets = self.offset, self.offset + dtype.itemsize
        real, imaginary = (Ref(self.buffer, k, self.shape, self.strides, dtype) for k in offsets)
        return real, imaginary

    def extent(self) -> tuple[int, int]:
        """Its first byte in the buffer, and the end."""
        low, high = span_of(self.shape, self.strides, self.dtype.itemsize)
        return self.offset + low, self.offset + high

    def is_in_order(self) -> bool:
        """Whether its elements lie as those of an array of its shape that NumPy makes."""
        return self.strides == strides_of(self.shape, self.dtype.itemsize)


@dataclass(slots=True, eq=False)
class Step:
    """One call: ``outputs = function(*args, **kwargs)``.

    Attributes
    ----------
    function : callable
        What is called; a ufunc wherever one computes it.
    args : tuple
        Arrays of the program are Refs, also inside lists, tuples, dicts and slices; the rest is
        constant.
    kwargs : dict
    outputs : tuple of Ref
        The answers; of a step that writes, the array that it writes into.
    writes : bool
        Whether it writes into memory that it did not make: that of its first argument; or, of a
        ufunc, where its answer is wanted, whether it reads what stands there or not.
    sized : bool
        Whether the shapes of its answers hang on numbers.
    number : int
        Its place in the recording, by which runs that took different branches are compared.
    line : tuple
        File and number of the user's line.
    """

    function: Callable
    args: tuple
    kwargs: dict
    outputs: tuple
    writes: bool
    sized: bool
    number: int
    line: tuple
    #: The arrays that it reads: asked a dozen times.
    reads: tuple = field(init=False)

    def __post_init__(self):
        reads = [x for x in self.args if type(x) is Ref]
        if len(reads) < len(self.args) or self.kwargs:
            reads = [*refs_in(self.args), *refs_in(self.kwargs)]
        self.reads = tuple(reads)

    def read(self) -> tuple:
        """The arrays that it reads."""
        return self.reads

    def but(self, function=None, args=None, kwargs=None, outputs=None, writes=None) -> Step:
        """The same step but for what is given."""
        return Step(  # a third of the time of dataclasses.replace
            self.function if function is None else function,
            self.args if args is None else args,
            self.kwargs if kwargs is None else kwargs,
            self.outputs if outputs is None else outputs,
            self.writes if writes is None else writes,
            self.sized,
            self.number,
            self.line,
        )


@dataclass(slots=True, eq=False)
class Guard:
    """What Python saw of an array while it was recorded, which must be so at each replay.

    Attributes
    ----------
    ref : Ref
        The array.
    seen : bytes or None
        Its content; None where it was seen to hold no nan.
    number, line
        As of a Step.
    """

    ref: Ref
    seen: bytes | None
    number: int
    line: tuple
    outputs: ClassVar[tuple] = ()
    writes: ClassVar[bool] = False

    def read(self) -> tuple:
        """The array that it looks at."""
        return (self.ref,)


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


@dataclass(slots=True, eq=False)
class Program:
    """The flat list of the NumPy calls of one run of a function, by which it is run again.

    Attributes
    ----------
    inputs : list of Ref
        The arrays among the arguments.
    buffers : list of int
        Size of each buffer in bytes.
    steps : list of Step and Guard
    outputs : list
        A Ref each; an array or a number that does not depend on the arguments is given itself.
    scalars : list of bool
        Which outputs are Refs of numbers, not of arrays.
    """

    inputs: list
    buffers: list
    steps: list
    outputs: list
    scalars: list
    name: str = ""
    notes: list = field(default_factory=list)

    def __str__(self):
        return "\n".join(_printed(self))

    def check(self) -> None:
        """Raise where memory is read that no step before has made: a mistake of whoever noted them."""
        made = {ref.buffer for ref in self.inputs}
        for step in self.steps:
            read = step.read()
            if type(step) is Step and step.function is np.copyto:
                read = read[1:]  # what it writes into may hold anything
            unknown = [ref for ref in read if ref.buffer not in made]
            if unknown:
                raise RuntimeError(f"{_said(step)} reads {unknown[0]}, which no step has made")
            if type(step) is Step:
                made.update(ref.buffer for ref in step.outputs)
        if any(ref.buffer not in made for ref in refs_in(self.outputs)):
            raise RuntimeError("an output is an array that no step has made")

    def needed(self) -> list:
        """The steps on which outputs may depend: a gradient does not on the value that it is of."""
        buffers = {ref.buffer for ref in refs_in(self.outputs)}
        steps = []
        for step in reversed(self.steps):
            if any(ref.buffer in buffers for ref in step.outputs):  # of a guard there are none
                steps.append(step)
                buffers.update(ref.buffer for ref in step.reads)
        return steps[::-1]

    def outcomes(self) -> dict:
        """What was seen at each guard, and of which shapes the answers were that hang on numbers."""
        seen = {}
        for step in self.steps:
            if type(step) is Step:
                if step.sized:
                    seen[step.number] = tuple(ref.shape for ref in step.outputs)
            elif step.seen is not None:
                seen[step.number] = step.seen
        return seen

    def line_of(self, number: int) -> tuple:
        """File and number of the user's line at which a guard or a step was noted."""
        return next(step.line for step in self.steps if step.number == number)


def mapped(change, x):
    """What ``change`` makes of each leaf, in the same lists, tuples, dicts and slices."""
    kind = type(x)
    if kind is tuple or kind is list:
        return kind([mapped(change, part) for part in x])
    if kind is dict:
        return {key: mapped(change, part) for key, part in x.items()}
    if kind is slice:
        return slice(*(mapped(change, part) for part in (x.start, x.stop, x.step)))
    return change(x)


def with_refs(step, change):
    """The same step, or guard, on what ``change`` makes of each Ref that it reads."""
    if type(step) is Guard:
        return Guard(change(step.ref), step.seen, step.number, step.line)
    return step.but(args=mapped(change, step.args), kwargs=mapped(change, step.kwargs))


def refs_in(x) -> Iterator[Ref]:
    """The Refs among the leaves."""
    kind = type(x)
    if kind is Ref:
        yield x
    elif kind is tuple or kind is list:
        for part in x:
            yield from refs_in(part)
    elif kind is dict:
        yield from refs_in(list(x.values()))
    elif kind is slice:
        yield from refs_in((x.start, x.stop, x.step))


# --------------------------------------------------------------------------------- views of memory

_BASIC = (int, np.integer, slice, type(None), type(Ellipsis))


def is_basic(index) -> bool:
    """Whether an index shows a view of every array."""
    parts = index if type(index) is tuple else (index,)
    return all(isinstance(part, _BASIC) and type(part) is not bool for part in parts)


def view_of(ref: Ref, index) -> Ref:
    """The view that a basic index shows, of one element too."""
    index = index if type(index) is tuple else (index,)
    if Ellipsis not in index:
        index = (*index, Ellipsis)
    whole = np.lib.stride_tricks.as_strided(np.empty(1, ref.dtype), ref.shape, ref.strides)
    part = whole[index]  # of memory that is not there: nothing is read
    start = address_of(part) - address_of(whole)
    return Ref(ref.buffer, ref.offset + start, part.shape, part.strides, ref.dtype)


def address_of(x) -> int:
    """Where the first element of an array lies."""
    return x.__array_interface__["data"][0]


def strides_of(shape, itemsize: int) -> tuple:
    """The strides of an array of this shape in the order of C."""
    strides = []
    for n in reversed(shape):
        strides.append(itemsize)
        itemsize *= n
    return tuple(reversed(strides))


def broadcast_strides(shape: tuple, strides: tuple, over: tuple) -> tuple:
    """The strides of an array of this shape, broadcast over another."""
    added = (0,) * (len(over) - len(shape))
    return added + tuple(0 if n == 1 else stride for n, stride in zip(shape, strides))


def span_of(shape: tuple, strides: tuple, itemsize: int) -> tuple[int, int]:
    """First byte and end of an array, from its first element."""
    ends = [(n - 1) * stride for n, stride in zip(shape, strides)]
    return sum(end for end in ends if end < 0), sum(end for end in ends if end > 0) + itemsize


# ------------------------------------------------------------------------------------ in print


def _printed(program):
    inputs = ", ".join(f"{ref}: {_kind(ref)}" for ref in program.inputs)
    count = sum(type(step) is Step for step in program.steps)
    guards = len(program.steps) - count
    yield f"program of {program.name or 'a function'}: {count} steps, {guards} guards"
    yield f"  inputs   {inputs}"
    for step in program.steps:
        yield f"  {_said(step):<60}  # {_place(step.line)}".rstrip(" #")
    yield f"  outputs  {', '.join(map(_shown, program.outputs))}"


def _said(step):
    if type(step) is Guard:
        what = "holds no nan" if step.seen is None else f"is {_content(step)}"
        return f"guard: {_part(step.ref)} {what}"
    answers = ", ".join(f"{_part(ref)}: {_kind(ref)}" for ref in step.outputs)
    options = [f"{key}={_shown(value)}" for key, value in step.kwargs.items()]
    beside = step.writes and not isinstance(step.function, np.ufunc)
    args = step.args[1:] if beside else step.args
    call = f"{name_of(step.function)}({', '.join([*map(_shown, args), *options])})"
    return f"{answers} {'<-' if step.writes else '='} {call}"


def _content(guard):
    ref = guard.ref
    seen = np.frombuffer(guard.seen, ref.dtype).reshape(ref.shape)
    return repr(seen[()]) if seen.size < 10 else f"as it was, {_kind(ref)}"


def _part(ref):
    """A Ref with its first byte, where it is not the first of its buffer."""
    return f"{ref}+{ref.offset}" if ref.offset else repr(ref)


def _kind(ref):
    return f"{ref.dtype}{list(ref.shape) if ref.shape else ''}"


def _shown(x):
    if isinstance(x, Ref):
        return _part(x)
    if isinstance(x, list | tuple):
        return f"[{', '.join(map(_shown, x))}]"
    if isinstance(x, np.ndarray):
        return f"<{_kind(x)}>" if x.size > 4 else str(x.tolist())
    return repr(x)


def _place(line):
    file, number = line
    return f"{file.rpartition('/')[2]}:{number}" if number else ""
