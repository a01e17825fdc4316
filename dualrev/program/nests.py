"""Nests: a form as loops over vectors, or as single numbers, in LLVM's language.

Owns the order in which elements are met.  Must not know what a function is in instructions.

A loop is written in vectors of eight elements, and once more under a mask for the rest of a row.
LLVM would find vectors itself, in five times the time that all else takes; and it has no answer for a
call in the middle.
"""

from typing import NamedTuple

import numpy as np

from dualrev.program.forms import Apply, Load, Reduce, Store
from dualrev.program.instructions import INSTRUCTIONS, MEMORY
from dualrev.program.loops import loop_of

__all__ = [
    "LANES",
    "Calls",
    "Operand",
    "is_called",
    "pointers",
    "write_loop",
    "write_nest",
    "write_numbers",
]

LANES = 8


def is_called(part) -> bool:
    """Whether a part is a call of a loop of NumPy's."""
    return type(part) is Reduce or (type(part) is Apply and part.function not in INSTRUCTIONS)


# ------------------------------------------------------------------------------ numbers


def write_numbers(write, name, form):
    """Each part once, one after the other."""
    write.lanes = 0
    write.line(f"define void @{name}(ptr %args, ptr %dims, ptr %steps, ptr %data) {{")
    places = pointers(write, len(form.operands))
    calls = Calls(write, form.parts)
    values: list = []
    for part in form.parts:
        if type(part) is Load:
            values.append(write.load(form.operands[part.operand][0], places[part.operand]))
        elif type(part) is Store:
            kind = form.operands[part.operand][0]
            values.append(write.store(kind, values[part.value], places[part.operand]))
        elif part.function in INSTRUCTIONS:
            given = [values[v] for v in part.values]
            values.append(INSTRUCTIONS[part.function].write(write, part.kinds, given))
        else:
            boxes = calls.boxes[: len(part.kinds)]
            for kind, value, box in zip(part.kinds, part.values, boxes):
                write.store(kind, values[value], box)
            calls.call(part.function, part.kinds, boxes, ["0"] * len(boxes), "1")
            values.append(write.load(part.kinds[-1], boxes[-1]))
    write.line("ret void", "}")


def pointers(write, count, array="%args"):
    return [write.do(f"load ptr, ptr {write.word(array, k)}") for k in range(count)]


class Calls:
    """Calls of NumPy's loops, and the memory of a function for their arguments."""

    def __init__(self, write, parts):
        self._write = write
        count = max((_arguments(part) for part in parts if is_called(part)), default=0)
        if count:
            self._args, self._steps = (write.do(f"alloca i64, i64 {count}") for _ in range(2))
            self._dims = write.do("alloca i64")
            self.boxes = [write.do("alloca i64") for _ in range(count)]

    def call(self, ufunc, kinds, places, steps, n):
        write = self._write
        for k, (place, step) in enumerate(zip(places, steps)):
            write.line(f"store ptr {place}, ptr {write.word(self._args, k)}")
            write.line(f"store i64 {step}, ptr {write.word(self._steps, k)}")
        write.line(f"store i64 {n}, ptr {self._dims}")
        loop = loop_of(ufunc, tuple(map(np.dtype, kinds)))
        function, data = (f"inttoptr (i64 {word} to ptr)" for word in loop)
        given = f"ptr {self._args}, ptr {self._dims}, ptr {self._steps}, ptr {data}"
        write.line(f"call void {function}({given})")


def _arguments(part):
    return 3 if type(part) is Reduce else len(part.kinds)


# ------------------------------------------------------------------------------ loops


class Operand(NamedTuple):
    """What a loop over one dimension runs through."""

    place: str
    kind: str
    layout: str
    step: str


def write_nest(write, name, form, run, begin=lambda: None):
    """Loops over all dimensions but the last, around what runs through that."""
    ndim = form.ndim
    write.lanes = LANES
    given = "ptr %args, ptr %dims, ptr %steps, ptr %data"
    write.line(f'define void @{name}({given}) "prefer-vector-width"="512" {{', "entry:")
    places = pointers(write, len(form.operands))
    lengths = [write.do(f"load i64, ptr {write.word('%dims', d)}") for d in range(ndim)]
    steps = [
        [write.do(f"load i64, ptr {write.word('%steps', k * ndim + d)}") for d in range(ndim)]
        for k in range(len(form.operands))
    ]
    begin()
    for d in range(ndim - 1):
        before = f"row{d - 1}" if d else "entry"
        write.line(f"br label %row{d}", f"row{d}:")
        write.line(f"%i{d} = phi i64 [ 0, %{before} ], [ %next{d}, %end{d} ]")
        places = [
            write.at(place, write.do(f"mul i64 %i{d}, {step[d]}"))
            for place, step in zip(places, steps)
        ]
    operands = [
        Operand(place, *kind_and_layout, step[-1])
        for place, kind_and_layout, step in zip(places, form.operands, steps)
    ]
    run(operands, lengths[-1])
    for d in reversed(range(ndim - 1)):
        write.line(f"br label %end{d}", f"end{d}:")
        write.line(f"%next{d} = add i64 %i{d}, 1")
        more = write.do(f"icmp ult i64 %next{d}, {lengths[d]}")
        write.line(f"br i1 {more}, label %row{d}, label %done{d}", f"done{d}:")
    write.line("ret void", "}")


def write_loop(write, operands, parts, n):
    """A loop that computes parts for n elements: whole vectors, then the rest under a mask."""
    touched = sorted({part.operand for _, part in parts if type(part) in (Load, Store)})
    still = {
        k: write.load_spread(operands[k].kind, operands[k].place)
        for k in touched
        if operands[k].layout == "still"
    }
    lanes = {
        k: write.lane_offsets(operands[k].step) for k in touched if operands[k].layout == "strided"
    }
    full = write.do(f"and i64 {n}, {-LANES}")
    left = write.do(f"sub i64 {n}, {full}")
    some, any_left = (write.do(f"icmp ne i64 {count}, 0") for count in (full, left))
    begin, wide, rest, tail, done = (write.new(f"{word}") for word in _LABELS)
    write.line(f"br label %{begin}", f"{begin}:")
    write.line(f"br i1 {some}, label %{wide}, label %{rest}", f"{wide}:")
    i, following = write.new(), write.new()
    write.line(f"{i} = phi i64 [ 0, %{begin} ], [ {following}, %{wide} ]")
    _write_body(write, operands, parts, i, None, still, lanes)
    write.line(f"{following} = add i64 {i}, {LANES}")
    more = write.do(f"icmp ult i64 {following}, {full}")
    write.line(f"br i1 {more}, label %{wide}, label %{rest}", f"{rest}:")
    write.line(f"br i1 {any_left}, label %{tail}, label %{done}", f"{tail}:")
    _write_body(write, operands, parts, full, write.mask(left), still, lanes)
    write.line(f"br label %{done}", f"{done}:")


_LABELS = ("begin", "wide", "rest", "tail", "done")


def _write_body(write, operands, parts, i, mask, still, lanes):
    """The parts for the elements from the i-th on, one a lane."""
    values = {}
    for number, part in parts:
        if type(part) is Apply:
            given = [values[v] for v in part.values]
            values[number] = INSTRUCTIONS[part.function].write(write, part.kinds, given)
        elif type(part) is Load and part.operand in still:
            values[number] = still[part.operand]
        else:
            operand, apart = operands[part.operand], part.operand in lanes
            step = operand.step if apart else MEMORY[operand.kind].size
            place = write.at(operand.place, write.do(f"mul i64 {i}, {step}"))
            if apart:
                place = write.apart(place, lanes[part.operand])
            if type(part) is Load:
                values[number] = write.load(operand.kind, place, mask, apart)
            else:
                write.store(operand.kind, values[part.value], place, mask, apart)
