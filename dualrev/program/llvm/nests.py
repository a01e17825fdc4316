"""Nests: a form as loops over vectors, or as single numbers, in LLVM's language.

Owns the order in which elements are met.  Must not know what a function is in instructions.

A loop is written in vectors of eight elements, and once more under a mask for the rest of a row.
LLVM would find vectors itself, in five times the time that all else takes; and it has no answer for a
call in the middle.
"""

from typing import NamedTuple

import numpy as np

from dualrev.program.llvm.forms import Apply, Gather, Load, Reduce, Store
from dualrev.program.llvm.instructions import INSTRUCTIONS, MEMORY
from dualrev.program.llvm.loops import loop_of

__all__ = [
    "LANES",
    "Calls",
    "Operand",
    "begun",
    "is_called",
    "pointers",
    "write_loop",
    "write_nest",
    "write_numbers",
]

LANES = 8


def is_called(part) -> bool:
    """Whether a part is a call of a loop of NumPy's."""
    if type(part) is Reduce:
        return part.by_blocks
    return type(part) is Apply and part.function not in INSTRUCTIONS


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
    first: str = ""  # of one that gathers: whether this is the first row that it gathers


def write_nest(write, name, form, run, begin=lambda: None):
    """Loops over all dimensions but the last, around what runs through that."""
    ndim = form.ndim
    write.lanes = LANES
    given = "ptr %args, ptr %dims, ptr %steps, ptr %data"
    write.line(f'define void @{name}({given}) "prefer-vector-width"="512" {{', "entry:")
    places = pointers(write, len(form.operands))
    lengths = [write.do(f"load i64, ptr {write.word('%dims', d)}") for d in range(ndim)]
    steps = [
        [
            write.do(f"load i64, ptr {write.word('%steps', k * ndim + d)}")
            if d < ndim - 1 or layout == "strided"
            else ""
            for d in range(ndim)
        ]
        for k, (_, layout) in enumerate(form.operands)
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
    for part in form.parts:
        if type(part) is Gather:
            first = "true"
            for d in part.axes:
                first = write.do(f"and i1 {first}, {write.do(f'icmp eq i64 %i{d}, 0')}")
            operands[part.operand] = operands[part.operand]._replace(first=first)
    run(operands, lengths[-1])
    for d in reversed(range(ndim - 1)):
        write.line(f"br label %end{d}", f"end{d}:")
        write.line(f"%next{d} = add i64 %i{d}, 1")
        more = write.do(f"icmp ult i64 %next{d}, {lengths[d]}")
        write.line(f"br i1 {more}, label %row{d}, label %done{d}", f"done{d}:")
    write.line("ret void", "}")


def write_loop(write, operands, parts, n):
    """A loop that computes parts for n elements: whole vectors, then the rest under a mask."""
    touched = sorted({part.operand for _, part in parts if type(part) in (Load, Store, Gather)})
    still = {
        k: write.load_spread(operands[k].kind, operands[k].place)
        for k in touched
        if operands[k].layout == "still"
    }
    lanes = {
        k: write.lane_offsets(operands[k].step) for k in touched if operands[k].layout == "strided"
    }
    reductions = [_Reduction(write, part) for _, part in parts if type(part) is Reduce]
    full = write.do(f"and i64 {n}, {-LANES}")
    left = write.do(f"sub i64 {n}, {full}")
    some, any_left = (write.do(f"icmp ne i64 {count}, 0") for count in (full, left))
    begin, wide, rest, tail, done = (write.new(word) for word in _LABELS)
    write.line(f"br label %{begin}", f"{begin}:")
    write.line(f"br i1 {some}, label %{wide}, label %{rest}", f"{wide}:")
    i, following = write.new(), write.new()
    write.line(f"{i} = phi i64 [ 0, %{begin} ], [ {following}, %{wide} ]")
    for reduction in reductions:
        reduction.enter(begin, wide)
    values = _write_body(write, operands, parts, i, None, still, lanes)
    for reduction in reductions:
        reduction.add(values)
    write.line(f"{following} = add i64 {i}, {LANES}")
    more = write.do(f"icmp ult i64 {following}, {full}")
    write.line(f"br i1 {more}, label %{wide}, label %{rest}", f"{rest}:")
    for reduction in reductions:
        reduction.leave(begin, wide)
    for reduction in reductions:
        reduction.add_lanes()
    write.line(f"br i1 {any_left}, label %{tail}, label %{done}", f"{tail}:")
    mask = write.mask(left)
    values = _write_body(write, operands, parts, full, mask, still, lanes)
    for reduction in reductions:
        reduction.add_rest(values, mask, left)
    write.line(f"br label %{done}", f"{done}:")
    answers = [reduction.answer(rest, tail) for reduction in reductions]
    for reduction, answer in zip(reductions, answers):
        reduction.store(answer, operands)


class _Reduction:
    """A reduction of a short row, in NumPy's order: eight sums, these in pairs, then the rest."""

    def __init__(self, write, part):
        self._write, self._part = write, part
        self._type = write.type(part.kind)
        self._start = write.constant(part.kind, _neutral(part.ufunc, part.kind))
        self._before, self._after = write.new(), write.new()

    def enter(self, begin, wide):
        self._phi(self._before, (self._start, begin), (self._after, wide))

    def add(self, values):
        both = [self._before, values[self._part.value]]
        answer = self._apply(both)
        # a name that was used before it was known
        self._write.line(
            f"{self._after} = select i1 true, {self._type} {answer}, {self._type} {answer}"
        )

    def leave(self, begin, wide):
        self._whole = self._write.new()
        self._phi(self._whole, (self._start, begin), (self._after, wide))

    def add_lanes(self):
        self._whole = self._across(self._whole)

    def add_rest(self, values, mask, left):
        """The lanes under the mask, one after the other."""
        write, kind = self._write, self._part.kind
        value, total = values[self._part.value], self._whole
        wide = self._type
        write.lanes = 0
        one = write.type(kind)
        for k in range(LANES - 1):
            lane = write.do(f"extractelement {wide} {value}, i64 {k}")
            more = write.do(f"icmp ugt i64 {left}, {k}")
            total = write.do(f"select i1 {more}, {one} {self._apply([total, lane])}, {one} {total}")
        write.lanes = LANES
        self._rest = total

    def answer(self, rest, tail):
        write = self._write
        answer = write.new()
        write.lanes = 0
        one = write.type(self._part.kind)
        write.line(f"{answer} = phi {one} [ {self._whole}, %{rest} ], [ {self._rest}, %{tail} ]")
        write.lanes = LANES
        return answer

    def store(self, answer, operands):
        write, part = self._write, self._part
        write.lanes = 0
        write.store(part.kind, begun(write, part, answer), operands[part.operand].place)
        write.lanes = LANES

    def _phi(self, name, *sources):
        ends = ", ".join(f"[ {value}, %{label} ]" for value, label in sources)
        self._write.line(f"{name} = phi {self._type} {ends}")

    def _apply(self, both):
        kind = self._part.kind
        return INSTRUCTIONS[self._part.ufunc].write(self._write, (kind, kind, kind), both)

    def _across(self, value):
        """The lanes of a vector reduced in pairs."""
        write, kind = self._write, self._part.kind
        lanes = LANES
        while lanes > 1:
            wide = write.type(kind)
            half = f"<{lanes // 2} x i32>"
            even, odd = (
                write.do(
                    f"shufflevector {wide} {value}, {wide} poison, {half} "
                    f"<{', '.join(f'i32 {k}' for k in range(first, lanes, 2))}>"
                )
                for first in (0, 1)
            )
            lanes //= 2
            write.lanes = lanes
            value = self._apply([even, odd])
        wide = write.type(kind)
        write.lanes = 0
        value = write.do(f"extractelement {wide} {value}, i64 0")
        write.lanes = LANES
        return value


def _neutral(ufunc, kind):
    """What changes no bit of a reduction."""
    if ufunc is np.add:
        return "-0.0" if kind[0] == "f" else "0"
    least = ufunc is np.maximum
    if kind[0] == "f":
        return "0xFFF0000000000000" if least else "0x7FF0000000000000"
    info = np.iinfo(kind)
    return str(info.min if least else info.max)


def begun(write, part, value):
    """A reduction with what NumPy begins with: 0.0 + -0.0 is 0.0."""
    if part.ufunc is np.add and part.kind[0] == "f":
        return write.do(f"fadd {write.type(part.kind)} {write.constant(part.kind, '0.0')}, {value}")
    return value


_LABELS = ("begin", "wide", "rest", "tail", "done")


def _write_body(write, operands, parts, i, mask, still, lanes):
    """The parts for the elements from the i-th on, one a lane; their values."""
    values = {}
    offsets: dict = {}
    for number, part in parts:
        if type(part) is Apply:
            given = [values[v] for v in part.values]
            values[number] = INSTRUCTIONS[part.function].write(write, part.kinds, given)
        elif type(part) is Load and part.operand in still:
            values[number] = still[part.operand]
        elif type(part) is not Reduce:
            operand, apart = operands[part.operand], part.operand in lanes
            step = operand.step if apart else MEMORY[operand.kind].size
            if step not in offsets:
                offsets[step] = write.do(f"mul i64 {i}, {step}")
            place = write.at(operand.place, offsets[step])
            if apart:
                place = write.apart(place, lanes[part.operand])
            if type(part) is Load:
                values[number] = write.load(operand.kind, place, mask, apart)
                continue
            value = values[part.value]
            if type(part) is Gather:
                kind, type_ = part.kind, write.type(part.kind)
                old = write.load(kind, place, mask, apart)
                new = INSTRUCTIONS[part.ufunc].write(write, (kind, kind, kind), [old, value])
                first = begun(write, part, value)
                value = write.do(f"select i1 {operand.first}, {type_} {first}, {type_} {new}")
            write.store(operand.kind, value, place, mask, apart)
    return values
