"""Blocks: a form with calls of NumPy's loops, run through in pieces that stay in the cache.

Owns the stages of a block, what is kept between them, and how parts of a sum are added.  Must not
know what a function is in instructions.

A row is halved as NumPy halves it to sum in pairs, until a piece is a block.  A block is computed in
stages: a loop over what is instructions, then the calls that wait for it.  A sum adds in NumPy's
order, and is NumPy's to the bit.
"""

import functools
from dataclasses import dataclass

import numpy as np

from dualrev.program.llvm.forms import Apply, Form, Gather, Load, Reduce, Store
from dualrev.program.llvm.instructions import INSTRUCTIONS, MEMORY
from dualrev.program.llvm.machine_code import compiled
from dualrev.program.llvm.nests import (
    LANES,
    Calls,
    Operand,
    begun,
    is_called,
    pointers,
    write_loop,
    write_nest,
)

__all__ = ["write_blocked"]

#: Elements of a block, 2 kB of float64: dozens fit on the stack of any thread.  Above 128, where
#: NumPy's own halving ends.
_BLOCK = 256


def write_blocked(write, name, form: Form):
    """The function of a form, after those that it calls where it reduces: the block, and the halving."""
    reduces = [part for part in form.parts if type(part) is Reduce]
    if not reduces:
        stages = _Stages(write, form)
        write_nest(write, name, form, stages.run, stages.begin)
        return
    _write_block(write, name, form)
    _write_halving(write, name, reduces)
    rows, out = "%rows", "%out"

    def begin():
        write.line(f"{rows} = alloca ptr, i64 {2 * len(form.operands)}")
        write.line(f"{out} = alloca i64, i64 {len(reduces)}")

    def run(operands, n):
        for k, operand in enumerate(operands):
            write.line(f"store ptr {operand.place}, ptr {write.word(rows, k)}")
            if operand.first:
                place = write.word(rows, len(operands) + k)
                write.line(f"store i1 {operand.first}, ptr {place}")
        write.line(f"call void @{name}.halve(ptr {rows}, ptr %steps, i64 0, i64 {n}, ptr {out})")
        write.lanes = 0
        for r, part in enumerate(reduces):
            value = write.load(part.kind, write.word(out, r))
            write.store(part.kind, begun(write, part, value), operands[part.operand].place)
        write.lanes = LANES

    write_nest(write, name, form, run, begin)


def _write_halving(write, name, reduces):
    write.lanes = 0
    given = "ptr %rows, ptr %steps"
    write.line(
        f"define internal void @{name}.halve({given}, i64 %start, i64 %n, ptr %out) {{",
        f"%small = icmp ule i64 %n, {_BLOCK}",
        "br i1 %small, label %one, label %two",
        "one:",
        f"call void @{name}.block({given}, i64 %start, i64 %n, ptr %out)",
        "ret void",
        "two:",
        f"%other = alloca i64, i64 {len(reduces)}",
        # NumPy's pairwise sum: halves of which the first is a multiple of 8
        "%half = lshr i64 %n, 1",
        "%odd = and i64 %half, 7",
        "%left = sub i64 %half, %odd",
        "%right = sub i64 %n, %left",
        "%middle = add i64 %start, %left",
        f"call void @{name}.halve({given}, i64 %start, i64 %left, ptr %out)",
        f"call void @{name}.halve({given}, i64 %middle, i64 %right, ptr %other)",
    )
    for r, part in enumerate(reduces):
        kind, place = part.kind, write.word("%out", r)
        both = [write.load(kind, place), write.load(kind, write.word("%other", r))]
        answer = INSTRUCTIONS[part.ufunc].write(write, (kind, kind, kind), both)
        write.store(kind, answer, place)
    write.line("ret void", "}")


def _write_block(write, name, form):
    write.lanes = LANES
    write.line(
        f"define internal void @{name}.block"
        '(ptr %rows, ptr %steps, i64 %start, i64 %n, ptr %out) "prefer-vector-width"="512" {'
    )
    stages = _Stages(write, form)
    stages.begin()
    gathered = {part.operand for part in form.parts if type(part) is Gather}
    operands = []
    for k, place in enumerate(pointers(write, len(form.operands), "%rows")):
        kind, layout = form.operands[k]
        step = ""
        if layout == "strided":
            step = write.do(f"load i64, ptr {write.word('%steps', (k + 1) * form.ndim - 1)}")
        first = ""
        if k in gathered:
            first = write.do(f"load i1, ptr {write.word('%rows', len(form.operands) + k)}")
        operands.append(Operand(place, kind, layout, step, first))
    stages.write_block(operands, "%start", "%n")
    write.line("ret void", "}")


class _Stages:
    """Writes the stages of a block; ``%out`` is where reductions of the block go."""

    def __init__(self, write, form):
        self._write, self._form = write, form
        self._plan = _Plan(form)

    def begin(self):
        """The memory that a function needs for them, which is its own."""
        write, plan = self._write, self._plan
        self._rooms = [write.do(f"alloca [{_BLOCK} x i64], align 64") for _ in range(plan.rooms)]
        self._calls = Calls(write, self._form.parts)

    def run(self, operands, n):
        """One block after the other."""
        write = self._write
        enter, block, last, done = (write.new(word) for word in ("enter", "block", "last", "done"))
        start, following = write.new(), write.new()
        write.line(f"br label %{enter}", f"{enter}:", f"br label %{block}", f"{block}:")
        write.line(f"{start} = phi i64 [ 0, %{enter} ], [ {following}, %{last} ]")
        left = write.do(f"sub i64 {n}, {start}")
        short = write.do(f"icmp ult i64 {left}, {_BLOCK}")
        self.write_block(operands, start, write.do(f"select i1 {short}, i64 {left}, i64 {_BLOCK}"))
        write.line(f"br label %{last}", f"{last}:", f"{following} = add i64 {start}, {_BLOCK}")
        more = write.do(f"icmp ult i64 {following}, {n}")
        write.line(f"br i1 {more}, label %{block}, label %{done}", f"{done}:")

    def write_block(self, row, start, n):
        """The stages for n elements of a row."""
        write, plan, calls = self._write, self._plan, self._calls
        offsets: dict = {}
        operands = [self._from(operand, start, offsets) for operand in row]
        operands += [
            Operand(self._rooms[r], kind, "dense", str(MEMORY[kind].size)) for kind, r in plan.kept
        ]
        reduces = [part for part in self._form.parts if type(part) is Reduce]
        for stage in plan.stages:
            if stage.loop:
                write_loop(write, operands, stage.loop, n)
            for part, given in stage.calls:
                places = [operands[k].place for k in given]
                steps = [operands[k].step for k in given]
                if type(part) is Apply:
                    calls.call(part.function, part.kinds, places, steps, n)
                    continue
                out = write.word("%out", reduces.index(part))
                summed = part.ufunc is np.add and part.kind[0] == "f"
                if summed and operands[given[0]].layout == "dense":
                    _write_sum(write, part.kind, places[0], n, out)
                else:
                    _write_start(write, part, out, places[0])
                    places, steps = [out, *places, out], ["0", *steps, "0"]
                    calls.call(part.ufunc, (part.kind,) * 3, places, steps, n)

    def _from(self, operand, start, offsets):
        """An operand from an element of its row on."""
        step = operand.step
        if operand.layout == "still":
            return operand._replace(step="0")
        if operand.layout == "dense":
            step = str(MEMORY[operand.kind].size)
        if step not in offsets:
            offsets[step] = self._write.do(f"mul i64 {start}, {step}")
        place = self._write.at(operand.place, offsets[step])
        return operand._replace(place=place, step=step)


def _write_sum(write, kind, place, n, out):
    type_ = MEMORY[kind].type
    function = f"inttoptr (i64 {_pairwise(kind)} to ptr)"
    value = write.do(f"call {type_} {function}(ptr {place}, i64 {n})")
    write.line(f"store {type_} {value}, ptr {out}, align 1")


@functools.cache
def _pairwise(kind):
    """The address of NumPy's pairwise sum, whose eight sums are one vector here: three times as fast."""
    return compiled(_PAIRWISE.replace("TYPE", MEMORY[kind].type), ["pairwise"], speed=1)[0]


_PAIRWISE = """
define TYPE @pairwise(ptr %p, i64 %n) "prefer-vector-width"="512" {
  %few = icmp ult i64 %n, 8
  br i1 %few, label %rest, label %some
some:
  %small = icmp ule i64 %n, 128
  br i1 %small, label %eights, label %halves
halves:
  %half = lshr i64 %n, 1
  %left = and i64 %half, -8
  %right = sub i64 %n, %left
  %middle = getelementptr TYPE, ptr %p, i64 %left
  %a = call TYPE @pairwise(ptr %p, i64 %left)
  %b = call TYPE @pairwise(ptr %middle, i64 %right)
  %ab = fadd TYPE %a, %b
  ret TYPE %ab
eights:
  %full = and i64 %n, -8
  %first = load <8 x TYPE>, ptr %p, align 1
  br label %more
more:
  %i = phi i64 [ 8, %eights ], [ %i8, %add ]
  %sums = phi <8 x TYPE> [ %first, %eights ], [ %added, %add ]
  %go = icmp ult i64 %i, %full
  br i1 %go, label %add, label %one
add:
  %at = getelementptr TYPE, ptr %p, i64 %i
  %next = load <8 x TYPE>, ptr %at, align 1
  %added = fadd <8 x TYPE> %sums, %next
  %i8 = add i64 %i, 8
  br label %more
one:
  %s0 = shufflevector <8 x TYPE> %sums, <8 x TYPE> poison, <4 x i32> <i32 0, i32 2, i32 4, i32 6>
  %s1 = shufflevector <8 x TYPE> %sums, <8 x TYPE> poison, <4 x i32> <i32 1, i32 3, i32 5, i32 7>
  %s2 = fadd <4 x TYPE> %s0, %s1
  %s3 = shufflevector <4 x TYPE> %s2, <4 x TYPE> poison, <2 x i32> <i32 0, i32 2>
  %s4 = shufflevector <4 x TYPE> %s2, <4 x TYPE> poison, <2 x i32> <i32 1, i32 3>
  %s5 = fadd <2 x TYPE> %s3, %s4
  %s6 = extractelement <2 x TYPE> %s5, i64 0
  %s7 = extractelement <2 x TYPE> %s5, i64 1
  %s8 = fadd TYPE %s6, %s7
  br label %rest
rest:
  %start = phi i64 [ 0, %0 ], [ %full, %one ]
  %sum = phi TYPE [ -0.0, %0 ], [ %s8, %one ]
  br label %single
single:
  %k = phi i64 [ %start, %rest ], [ %k1, %plus ]
  %total = phi TYPE [ %sum, %rest ], [ %plused, %plus ]
  %any = icmp ult i64 %k, %n
  br i1 %any, label %plus, label %end
plus:
  %place = getelementptr TYPE, ptr %p, i64 %k
  %x = load TYPE, ptr %place, align 1
  %plused = fadd TYPE %total, %x
  %k1 = add i64 %k, 1
  br label %single
end:
  ret TYPE %total
}
"""


def _write_start(write, part, out, place):
    """What a block's reduction begins with: what changes no bit of it."""
    write.lanes = 0
    if part.ufunc is np.add:
        value = "-0.0" if part.kind[0] == "f" else "0"
    else:
        value = write.load(part.kind, place)
    write.store(part.kind, value, out)
    write.lanes = LANES


@dataclass
class _Stage:
    loop: list
    calls: list


class _Plan:
    """The stages of a block, and the memory of values that are used in other stages than their own.

    Attributes
    ----------
    stages : list of _Stage
    kept : list
        Kind and room of each operand that is added to those of the form.
    rooms : int
        How many are needed at a time.
    """

    def __init__(self, form):
        self._form = form
        self._stage = self._staged()
        self._written = {part.operand for part in form.parts if type(part) is Store}
        self.stages = [_Stage([], []) for _ in range(max(self._stage) + 2)]
        self.kept: list = []
        self._places = self._placed()
        self._fill()

    def _staged(self):
        """The stage of each part; a call ends the stage that it is in."""
        stages: list = []
        for part in self._form.parts:
            stage = 0
            for v in _used(part):
                source = self._form.parts[v]
                waits = type(source) is Apply and is_called(source) and not is_called(part)
                stage = max(stage, stages[v] + waits)
            stages.append(stage)
        return stages

    def _placed(self):
        """The operand that holds each value which is used outside of the loop that makes it."""
        form, stage = self._form, self._stage
        last: dict = {}  # stage in which each of them is used last
        for number, part in enumerate(form.parts):
            for v in _used(part):
                source = form.parts[v]
                if type(source) is Load and source.operand not in self._written:
                    continue
                if is_called(source) or is_called(part) or stage[number] != stage[v]:
                    last[v] = max(last.get(v, 0), stage[number])
        places: dict = {}
        for part in form.parts:
            if type(part) is Store and part.value in last and part.value not in places:
                called = is_called(form.parts[part.value])
                if called or form.operands[part.operand][1] == "dense":
                    places[part.value] = part.operand
        free: list = []
        busy: list = []
        self.rooms = 0
        for v in sorted(last.keys() - places.keys(), key=lambda v: (stage[v], v)):
            free += [room for end, room in busy if end < stage[v]]
            busy = [(end, room) for end, room in busy if end >= stage[v]]
            if not free:
                free.append(self.rooms)
                self.rooms += 1
            room = free.pop()
            busy.append((last[v], room))
            places[v] = len(form.operands) + len(self.kept)
            self.kept.append((self._kind(v), room))
        return places

    def _kind(self, v):
        part = self._form.parts[v]
        return self._form.operands[part.operand][0] if type(part) is Load else part.kinds[-1]

    def _fill(self):
        form, places = self._form, self._places
        made: list = [set() for _ in self.stages]

        def need(v, s):
            """Have a value in the loop of a stage."""
            if v not in made[s]:
                made[s].add(v)
                self.stages[s].loop.append((v, Load(places.get(v, self._loaded(v)))))

        for number, part in enumerate(form.parts):
            if type(part) is Load and part.operand in self._written:
                # before anything is written
                made[0].add(number)
                self.stages[0].loop.insert(0, (number, part))
                if number in places:
                    self.stages[0].loop.insert(1, (None, Store(number, places[number])))
        for number, part in enumerate(form.parts):
            s = self._stage[number]
            if type(part) is Load:
                continue
            if is_called(part):
                if type(part) is Apply and number not in places:
                    continue  # what it computes was overwritten
                given = [places.get(v, self._loaded(v)) for v in _used(part)]
                if type(part) is Apply:
                    given.append(places[number])
                self.stages[s].calls.append((part, given))
                continue
            if type(part) is Store and places.get(part.value) == part.operand:
                if is_called(form.parts[part.value]):
                    continue  # the call writes there
            for v in _used(part):
                need(v, s)
            made[s].add(number)
            self.stages[s].loop.append((number, part))
            if number in places and places[number] >= len(form.operands):
                self.stages[s].loop.append((None, Store(number, places[number])))

    def _loaded(self, v):
        part = self._form.parts[v]
        return part.operand if type(part) is Load else None


def _used(part):
    if type(part) is Apply:
        return part.values
    return () if type(part) is Load else (part.value,)
