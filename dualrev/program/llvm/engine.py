"""The engine "llvm": tables of compiled loops, each walked by one call of a driver.

Owns where a table's arrays lie.  Must not know how a program came about.

Addresses are static, since a program's memory is laid out once; only large arrays of the caller's
are read, and written, where they lie.  A step that no loop computes is called as in the engine
"numpy", between two tables.
"""

import dataclasses
import math
import weakref

import numpy as np

from dualrev.program import numpy_engine
from dualrev.program.llvm import driver
from dualrev.program.llvm.entries import enter, enter_guard
from dualrev.program.llvm.fusing import fused
from dualrev.program.llvm.lowering import lowered
from dualrev.program.llvm.simpler import Otherwise
from dualrev.program.llvm.table import Table
from dualrev.program.steps import Diverged, Guard, Program, Ref, Step, address_of, mapped, refs_in

__all__ = ["Workspace"]

_ndarray = np.ndarray
#: Bytes of an array from which copying it takes longer than changing its address.
_LARGE = 1 << 15
#: Elements from which other threads run beside a table.
_LONG = 50_000
#: The number of guards that look at outputs.
_OUTPUT = -1


class Workspace(numpy_engine.Workspace):
    """The memory of one replay at a time, and the tables and calls that fill it."""

    def __init__(self, program: Program):
        self._table = Table()
        self._tables: list = []  # the entries of each: first, end
        self._guards: dict = {}  # by entry: its number, and the array that it looks at
        self._otherwise: dict = {}  # by entry: what is called where it stops the walk
        self._fixed: set = set()  # buffers of which a call or a guard has an array
        super().__init__(program)
        if self._proven_by_outputs:
            self._unproven.add(_OUTPUT)
            for ref in refs_in(self.program.outputs):
                if ref.dtype.kind in "fc":
                    self._add(Guard(ref, None, _OUTPUT, ("", 0)))
        self._close()
        self._fill()

    def run(self, leaves):
        """The outputs for these arguments, in memory of their own.

        Raises Diverged where a guard meets another outcome.
        """
        for i, place in self._copied:
            place[...] = leaves[i]
        made = self._point(leaves) if self._moving else ()
        if self._quiet:
            for function, args in self._calls:
                function(*args)
        else:
            self._quietly(numpy_engine.call_all, self._calls)
        outputs = [
            x[()] if scalar else x.copy() if type(x) is _ndarray else x
            for x, scalar in self._outputs
        ]
        for i, array in made:
            outputs[i] = array
        return outputs

    def _point(self, leaves):
        """Point to the arguments that are read where they lie, and to new memory for outputs."""
        for i, pointers in self._read_in_place:
            place, leaf = self.inputs[i], leaves[i]
            if leaf.strides == place.strides and leaf.flags.aligned:
                place = leaf
            else:
                place[...] = leaf
            pointers.point_to(address_of(place))
        made = [(i, np.empty(ref.shape, ref.dtype)) for i, ref, _ in self._made]
        for (_, array), (_, _, pointers) in zip(made, self._made):
            pointers.point_to(address_of(array))
        return made

    def _prepared(self, program):
        needed = [
            step
            for step in program.steps
            if type(step) is Step or step.seen is not None or step.number in self._unproven
        ]
        return fused(lowered(dataclasses.replace(program, steps=needed)))

    # -- tables

    def _walk(self, walk, table, begin, end):
        at = walk(table)
        while at >= 0:
            self._stopped(begin + at)
            begin += at + 1
            part = self._table.part(begin, end)
            at = walk(address_of(part))

    def _stopped(self, at):
        """Call what is to be called where this entry stopped the walk, or raise Diverged."""
        if at in self._guards:
            number, array = self._guards[at]
            seen = None if array is None else array.tobytes()
            raise Diverged(None if number == _OUTPUT else number, seen)
        function, args = self._otherwise[at]
        if self._quiet:
            self._quietly(function, *args)
        else:
            function(*args)

    def _close(self):
        """Call what has been added to the table since the last call."""
        begin = self._tables[-1][1] if self._tables else 0
        end = len(self._table)
        if begin < end:
            self._tables.append((begin, end))
            self._calls.append(None)

    def _fill(self):
        table = self._table
        table.fill(address_of(self._memory), self._starts)
        self._parts = [table.part(begin, end) for begin, end in self._tables]
        own = weakref.proxy(self)  # else its memory would stay until the garbage collector comes
        calls = iter(
            [
                (Workspace._walk, (own, self._walk_of(begin, end), address_of(part), begin, end))
                for part, (begin, end) in zip(self._parts, self._tables)
            ]
        )
        self._calls = [call or next(calls) for call in self._calls]
        self._quiet = len(self._parts) == len(self._calls)

        program = self.program
        written = {
            ref.buffer
            for step in program.steps
            if type(step) is Step and step.writes
            for ref in step.outputs
        }
        given = [ref.buffer for ref in program.inputs]
        answered = [x.buffer if type(x) is Ref else None for x in program.outputs]
        self._copied, self._read_in_place, self._made = [], [], []
        for i, ref in enumerate(program.inputs):
            if self._is_movable(ref) and ref.buffer not in written.union(answered):
                self._read_in_place.append((i, table.pointers_to(ref.buffer)))
            else:
                self._copied.append((i, self.inputs[i]))
        for i, ref in enumerate(program.outputs):
            if type(ref) is Ref and self._is_movable(ref) and ref.is_in_order():
                if answered.count(ref.buffer) == 1 and ref.buffer not in given:
                    self._made.append((i, ref, table.pointers_to(ref.buffer)))
                    self._outputs[i] = None, False
        self._moving = bool(self._read_in_place or self._made)

    def _walk_of(self, begin, end):
        return driver.walk(alone=self._table.work(begin, end) < _LONG)

    def _is_movable(self, ref):
        """Whether an array may lie elsewhere at each replay: only tables know where it is."""
        size = self.program.buffers[ref.buffer]
        whole = ref.offset == 0 and math.prod(ref.shape) * ref.dtype.itemsize == size
        return size >= _LARGE and whole and ref.buffer not in self._fixed

    # -- steps

    def _apart(self):
        return ()  # tables are told where an array lies

    def _add_all(self, steps):
        for step in steps:
            self._add(step)

    def _add(self, step):
        if type(step) is Guard:
            entered = self._guard(step)
        else:
            at = len(self._table)
            entered = enter(self._table, step)
            if entered and type(step.function) is Otherwise:
                self._fixed.update(ref.buffer for ref in step.read())
                self._otherwise[at] = step.function, mapped(self._given, step.args)
        if not entered:
            self._close()
            refs = [step.ref] if type(step) is Guard else [*step.read(), *step.outputs]
            self._fixed.update(ref.buffer for ref in refs)
            super()._add(step)

    def _guard(self, guard):
        """Whether a guard needs no call: it is an entry, or what it asks is answered elsewhere."""
        array = None
        if guard.seen is not None:
            array = self._array(guard.ref)
            self._fixed.add(guard.ref.buffer)
        elif guard.number not in self._unproven:
            return True
        self._guards[len(self._table)] = guard.number, array
        return enter_guard(self._table, guard)
