"""Planning: a program without what nobody needs, and the memory in which it runs.

Owns which steps are left out, and which buffers share memory.  Must not know engines.
"""

import bisect
import dataclasses
from collections.abc import Container

import numpy as np

from dualrev.program.algebra import reduced
from dualrev.program.moving import computed_in_place, spelled_out
from dualrev.program.steps import Guard, Program, Ref, Step, refs_in, with_refs

__all__ = ["laid_out", "simplified"]

_ALIGNED = 64


def simplified(program: Program) -> Program:
    """The same program without repeated, needless and dead steps."""
    program = reduced(spelled_out(_without_dead(program)))
    return computed_in_place(_without_dead(_without_copies(program)))


def _without_copies(program):
    """A copy of what nobody reads any more is the same memory."""
    steps = program.steps
    last = {}
    for i, step in enumerate(steps):
        for ref in step.read():
            last[ref.buffer] = i
    kept_apart = {ref.buffer for ref in program.inputs}
    kept_apart.update(ref.buffer for ref in refs_in(program.outputs))
    renamed: dict = {}
    kept = []

    def rename(x):
        return x.moved(renamed[x.buffer]) if type(x) is Ref and x.buffer in renamed else x

    for i, step in enumerate(steps):
        if renamed:
            step = with_refs(step, rename)
            if type(step) is Step:
                step = step.but(outputs=tuple(map(rename, step.outputs)))
        if type(step) is Step and step.function is np.copy and type(step.args[0]) is Ref:
            (source,), (copy,) = step.args, step.outputs
            dead = last.get(source.buffer) == i and source.buffer not in kept_apart
            same = source.strides == copy.strides and source.dtype == copy.dtype
            if (
                dead
                and same
                and source.offset == copy.offset == 0
                and copy.buffer not in kept_apart
            ):
                renamed[copy.buffer] = source
                last[source.buffer] = last.get(copy.buffer, i)
                continue
        kept.append(step)
    return dataclasses.replace(program, steps=kept)


def _without_dead(program):
    live = {ref.buffer for ref in refs_in(program.outputs)}
    kept = []
    for step in reversed(program.steps):
        if type(step) is Guard:
            # A nan that nobody meets is none; what Python saw decides what comes next.
            if step.seen is None and step.ref.buffer not in live:
                continue
        elif not step.sized and all(ref.buffer not in live for ref in step.outputs):
            continue
        live.update(ref.buffer for ref in step.read())
        kept.append(step)
    kept.reverse()
    return dataclasses.replace(program, steps=kept)


# ------------------------------------------------------------------------------------ memory


def laid_out(program: Program, apart: Container = ()) -> tuple[list, int]:
    """Where each buffer begins in one piece of memory, and its size; buffers share what is free.

    Those that lie apart have no place in it.
    """
    size = [-(-n // _ALIGNED) * _ALIGNED for n in program.buffers]
    first, last = _lifetimes(program)
    ends: dict[int, list] = {}
    for buffer, end in last.items():
        ends.setdefault(end, []).append(buffer)
    starts: list = [None] * len(size)
    memory = _Memory()
    for i in range(-1, len(program.steps) + 1):
        dying = [buffer for buffer in ends.get(i, ()) if buffer not in apart]
        for buffer in first.get(i, ()):
            if buffer in apart:
                continue
            old = _overwritten(program.steps[i], dying) if 0 <= i < len(program.steps) else None
            if old is not None and size[old] == size[buffer]:
                starts[buffer] = starts[old]
                dying.remove(old)
            else:
                starts[buffer] = memory.take(size[buffer])
        for buffer in dying:
            memory.give_back(starts[buffer], size[buffer])
    return starts, memory.top


def _overwritten(step, dying):
    """The buffer of an argument over which a step may write its answer, element by element."""
    function = None if type(step) is Guard else step.function
    if not isinstance(function, np.ufunc) or function.signature or step.kwargs:
        return None
    (out, *more) = step.outputs
    for ref in step.reads:
        same = (ref.shape, ref.strides, ref.dtype) == (out.shape, out.strides, out.dtype)
        if not more and same and not ref.offset and not out.offset and ref.buffer in dying:
            if all(x == ref for x in step.reads if x.buffer == ref.buffer):
                return ref.buffer
    return None


def _lifetimes(program):
    """The buffers by the step at which they are first used, and the step of each one's last use."""
    last: dict[int, int] = {}
    first: dict[int, list] = {}
    end = len(program.steps)

    def use(refs, i):
        for ref in refs:
            if ref.buffer not in last:
                first.setdefault(i, []).append(ref.buffer)
            last[ref.buffer] = i

    use(program.inputs, -1)
    for i, step in enumerate(program.steps):
        use(step.read(), i)
        if type(step) is Step:
            use(step.outputs, i)
    use(refs_in(program.outputs), end)
    return first, last


class _Memory:
    """Places in one piece of memory: taken where the smallest fits, given back to their neighbours."""

    def __init__(self):
        self.top = 0
        self._free: list = []  # size and start, in order
        self._sizes: dict = {}  # by start
        self._starts: dict = {}  # by end

    def take(self, size):
        """The start of so many bytes."""
        place = bisect.bisect_left(self._free, (size, 0))
        if place == len(self._free):
            start, self.top = self.top, self.top + size
            return start
        room, start = self._free[place]
        self._remove(start, room)
        if room > size:
            self._add(start + size, room - size)
        return start

    def give_back(self, start, size):
        end = start + size
        if size and end in self._sizes:
            room = self._sizes[end]
            self._remove(end, room)
            size += room
        if size and start in self._starts:
            end, start = start, self._starts[start]
            self._remove(start, end - start)
            size += end - start
        if size:
            self._add(start, size)

    def _add(self, start, size):
        bisect.insort(self._free, (size, start))
        self._sizes[start], self._starts[start + size] = size, start

    def _remove(self, start, size):
        del self._free[bisect.bisect_left(self._free, (size, start))]
        del self._sizes[start], self._starts[start + size]
