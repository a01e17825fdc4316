"""Fusing: which steps of a program become one kernel.

Owns what may be computed together.  Must not know how a kernel is written.

A step joins the last group over the same elements, unless what it needs is made after that group.
Within a group, elements are computed one after the other, all steps of each: so a step that reads or
writes memory which another step of the group writes must meet the same element in the same turn.
Groups over single numbers keep the order of their steps, and any step may join.  Long groups are cut
where their steps say so, not after so many: then equal bodies of a loop are cut into equal pieces.
"""

import collections
import dataclasses
import itertools
from typing import NamedTuple

import numpy as np

from dualrev.program.forms import Apply, Form, Gather, Load, Reduce, Store
from dualrev.program.kernels import kernels
from dualrev.program.loops import Loop
from dualrev.program.members import by_stride, in_order, member_of
from dualrev.program.nests import is_called
from dualrev.program.steps import Guard, Program, Step, refs_in

__all__ = ["Fused", "fused"]

#: Steps of a piece at least, and at most.
_SHORT, _LONG = 32, 64
#: Elements of a row that NumPy sums without halving it.
_SHORT_ROW = 128


@dataclasses.dataclass(frozen=True)
class Fused:
    """The function of a step that stands for several: a kernel and how it is called.

    The arguments of the step are all operands of the kernel, in its order.
    """

    loop: Loop
    dims: tuple
    steps: tuple
    __name__ = "fused"


def fused(program: Program) -> Program:
    """An equal program, in which steps that can be computed together are one."""
    groups, uses = _grouped(program)
    steps: list = []
    waiting = []
    for group in groups:
        if type(group) is not _Group:
            steps.append(group)
            continue
        for piece in _pieces(group.members):
            for members, call in _calls(group, piece, uses):
                # of a step alone over one dimension NumPy's loop is no slower
                if call is None or (len(members) == 1 and len(call.dims) < 2):
                    steps += [member.step for member in members]
                else:
                    waiting.append((len(steps), call))
                    steps.append(members[-1].step)
    loops = kernels([call.form for _, call in waiting])
    for (place, call), loop in zip(waiting, loops):
        step = steps[place]
        function = Fused(loop, call.dims, call.steps)
        steps[place] = Step(
            function,  # type: ignore[arg-type]
            call.args,
            {},
            call.written,
            True,
            False,
            step.number,
            step.line,
        )
    return dataclasses.replace(program, steps=steps)


# ------------------------------------------------------------------------------ groups


class _Group:
    """Steps over the same elements."""

    def __init__(self, place):
        self.place = place
        self.shape: tuple | None = None
        self.flat = True
        self.whole = False  # whether there is a reduction to one number, which needs one dimension
        self.order: tuple | None = None  # of dimensions, of a reduction to more
        self.members: list = []
        self._touched: dict = {}  # by buffer and name: first and last byte, and whether it is written

    def has_shape_for(self, kind):
        """Whether the elements of a step are met in the turn of the others."""
        if kind.axes and not kind.flat and self.order not in (None, _order(kind)):
            return False
        if kind.shape == self.shape:
            return True
        # what is flat takes any shape of as many elements
        return not (kind.axes and kind.flat) and (kind.flat or (self.flat and not self.whole))

    def clashes(self, member):
        """Whether a step meets memory, which is written, in another turn than the group does."""
        if not self.shape:
            return False
        *read, made = zip(member.names, member.operands, member.kind.spans)
        return any(self._clash(*touch, False) for touch in read) or self._clash(*made, True)

    def _clash(self, name, x, span, writes):
        names = self._touched.get(name[0])
        if names is None or (len(names) == 1 and name in names):
            return False
        for other, (low, high, written) in names.items():
            if (writes or written) and other != name:
                if x.offset + span[0] < high and low < x.offset + span[1]:
                    return True
        return False

    def add(self, member):
        kind = member.kind
        if self.shape is None or (self.flat and not kind.flat):
            self.shape, self.flat = kind.shape, kind.flat
        if kind.axes:
            self.whole |= kind.flat
            self.order = None if kind.flat else _order(kind)
        self.members.append(member)
        if self.shape:
            last = len(member.names) - 1
            for k, name in enumerate(member.names):
                buffer = name[0]
                if buffer is not None:
                    low, high = kind.spans[k]
                    offset = member.operands[k].offset
                    names = self._touched.setdefault(buffer, {})
                    written = k == last or (name in names and names[name][2])
                    names[name] = offset + low, offset + high, written


def _order(kind):
    return tuple(by_stride(kind.strides[0]))


def _grouped(program):
    """Groups, and the steps that are in none, in an order in which they can be run; uses of buffers."""
    groups: list = []
    latest: dict = {}  # group by number of elements
    written: dict = {}  # place of the last that writes a buffer, and of the last that touches it
    touched: dict = {}
    uses: dict = {}
    for step in program.steps:
        member = member_of(step)
        if member is not None:
            reads = [name[0] for name in member.names[:-1] if name[0] is not None]
            writes = [member.names[-1][0]]
        elif type(step) is Guard:
            reads, writes = [step.ref.buffer], []
        else:
            reads = [ref.buffer for ref in step.read()]
            writes = [ref.buffer for ref in step.outputs]
        after = -1
        for buffer in reads:
            uses[buffer] = uses.get(buffer, 0) + 1
            after = max(after, written.get(buffer, -1))
        for buffer in writes:
            uses[buffer] = uses.get(buffer, 0) + 1
            after = max(after, touched.get(buffer, -1))
        place = len(groups)
        if member is None:
            groups.append(step)
        else:
            size = member.kind.size
            group = latest.get(size)
            if (
                group is None
                or after > group.place
                or not group.has_shape_for(member.kind)
                or (after == group.place and group.clashes(member))
            ):
                group = latest[size] = _Group(place)
                groups.append(group)
            group.add(member)
            place = group.place
        for buffer in reads:
            touched[buffer] = max(touched.get(buffer, -1), place)
        for buffer in writes:
            written[buffer] = max(written.get(buffer, -1), place)
            touched[buffer] = max(touched.get(buffer, -1), place)
    for ref in refs_in([*program.outputs, *program.inputs]):
        uses[ref.buffer] = uses.get(ref.buffer, 0) + 1
    return groups, uses


def _pieces(members):
    """The steps of a group in pieces, cut where equal steps are cut alike."""
    start, count = 0, len(members)
    if count > _LONG:
        marks = _marks(members)
        while count - start > _LONG:
            cut = min(range(start + _SHORT, start + _LONG), key=lambda i: marks[i])
            yield members[start:cut]
            start = cut
    yield members[start:]


def _marks(members):
    """A number for the place before each step, which hangs on what the steps around it do."""
    made: dict = {}
    words = []
    for i, member in enumerate(members):
        ago = [min(i - made.get(name[0], i - _LONG), _LONG) for name in member.names[:-1]]
        words.append(hash((member.kind.number, *ago)))
        made[member.names[-1][0]] = i
    padded = [0, 0, *words, 0]
    return [hash(tuple(padded[i : i + 4])) for i in range(len(words))]


# ------------------------------------------------------------------------------ forms


class _Call(NamedTuple):
    """A kernel to be, and its arguments."""

    form: Form
    dims: tuple
    steps: tuple
    args: tuple
    written: tuple


def _calls(group, members, uses):
    """Calls of kernels that compute members of a group, each with the members that it computes.

    None where they are better computed one by one.
    """
    call = _formed(group, members, uses)
    if call is None or not _calls_in_short_rows(call):
        yield members, call
        return
    # what can be is one row
    for _, run in itertools.groupby(members, key=lambda member: member.kind.flat):
        alike = _Group(group.place)
        for member in run:
            alike.add(member)
        call = _formed(alike, alike.members, uses)
        slow = call is not None and _calls_in_short_rows(call)
        yield alike.members, None if slow else call


def _calls_in_short_rows(call):
    """Whether a loop of NumPy's would be called for rows that take less time than calling it."""
    called = (type(part) is Apply and is_called(part) for part in call.form.parts)
    return len(call.dims) > 1 and call.dims[-1] < _SHORT_ROW and any(called)


def _formed(group, members, uses):
    """The call of a kernel that computes these members of a group."""
    inside, last = _inside(group, members, uses)
    parts: list = []
    numbers: dict = {}  # of operands, by name
    places: list = []
    values: dict = {}
    written: dict = {}

    def operand(name, member, k):
        number = numbers.get(name)
        if number is None:
            number = numbers[name] = len(places)
            places.append((member, k))
        return number

    for i, member in enumerate(members):
        kind, names = member.kind, member.names
        end = len(names) - 1
        given = []
        for k in range(end):
            value = values.get(names[k])
            if value is None:
                value = values[names[k]] = len(parts)
                parts.append(Load(operand(names[k], member, k)))
            given.append(value)
        made, ref = names[end], member.operands[end]
        if kind.axes:
            place = operand(made, member, end)
            parts.append(Gather(kind.function, kind.kinds[0], *given, place, kind.axes))
            written[ref] = None
            continue
        if kind.function is np.copyto and kind.kinds[0] == kind.kinds[1]:
            (value,) = given
        else:
            value = len(parts)
            parts.append(Apply(kind.function, kind.kinds, tuple(given)))
        if not group.shape:
            _forget(values, ref)
        values[made] = value
        if ref.buffer not in inside and (last[made] == i or not group.shape):
            parts.append(Store(value, operand(made, member, end)))
            written[ref] = None
    shape, strides, came_from = _laid(group, places, parts)
    if group.order:
        parts = [_settled(part, shape, came_from) for part in parts]
    elif group.whole:
        parts = [Reduce(*part[:-1], True) if type(part) is Gather else part for part in parts]
    if None in parts:
        return None
    if any(map(is_called, parts)):
        parts = [part._replace(by_blocks=True) if type(part) is Reduce else part for part in parts]
    kinds = [member.kind.kinds[k] for member, k in places]
    layouts = [_layout(s, kind) for s, kind in zip(strides, kinds)]
    form = Form(len(shape), tuple(zip(kinds, layouts)), tuple(parts))
    args = tuple(member.operands[k] for member, k in places)
    return _Call(form, shape, tuple(s for row in strides for s in row), args, tuple(written))


def _settled(part, shape, came_from):
    """A reduction in the dimensions of a kernel, or None where these are not those of NumPy's loops."""
    if type(part) is not Gather:
        return part
    axes = [d for d, dims in enumerate(came_from) if dims <= set(part.axes)]
    if sum(len(came_from[d]) for d in axes) != len(part.axes):
        return None
    if axes == [len(shape) - 1]:
        return Reduce(*part[:-1], shape[-1] > _SHORT_ROW)
    return None if axes[-1] == len(shape) - 1 else part._replace(axes=tuple(axes))


def _inside(group, members, uses):
    """Buffers that need no memory, and the last member that writes each name.

    Nobody else uses these, and all of one is written before it is read.
    """
    count: dict = {}
    last: dict = {}
    outside = set()
    for i, member in enumerate(members):
        *read, made = member.names
        for name in read:
            count[name[0]] = count.get(name[0], 0) + 1
            if name not in last:
                outside.add(name[0])
        count[made[0]] = count.get(made[0], 0) + 1
        last[made] = i
        if member.kind.axes:
            outside.add(made[0])
    if not group.shape:
        # numbers may be written in parts
        names = collections.Counter(name[0] for name in last)
        outside.update(buffer for buffer, n in names.items() if n > 1)
    inside = {b for b, n in count.items() if b not in outside and n == uses[b]}
    return inside, last


def _forget(values, ref):
    """Drop values of memory that is written."""
    buffer, low = ref.buffer, ref.offset
    high = low + ref.dtype.itemsize
    for name in [name for name in values if name[0] == buffer]:
        if name[1] < high and low < name[1] + int(name[2][1:]):
            del values[name]


def _laid(group, places, parts):
    """The dimensions as few as they can be, the innermost last, strides of operands in them, and which
    dimensions of the group each was.
    """
    strides = [_strides_in(group.shape, member, k) for member, k in places]
    axes = list(range(len(group.shape)))
    stored = [part.operand for part in parts if type(part) is Store]
    if group.order:
        axes = list(group.order)
    elif stored and not group.whole:
        axes = by_stride(strides[stored[-1]])
    shape: list = []
    rows: list = [[] for _ in strides]
    came_from: list = []
    for d in axes:
        n = group.shape[d]
        if shape and all(row[-1] == s[d] * n for row, s in zip(rows, strides)):
            shape[-1] *= n
            came_from[-1].add(d)
            for row, s in zip(rows, strides):
                row[-1] = s[d]
        else:
            shape.append(n)
            came_from.append({d})
            for row, s in zip(rows, strides):
                row.append(s[d])
    return tuple(shape), [tuple(row) for row in rows], came_from


def _strides_in(shape, member, k):
    kind = member.kind
    if kind.shape == shape:
        return kind.strides[k]
    size = np.dtype(kind.kinds[k]).itemsize
    return in_order(shape, size) if kind.dense[k] else (0,) * len(shape)


def _layout(strides, kind):
    if not strides or not strides[-1]:
        return "still"
    return "dense" if strides[-1] == np.dtype(kind).itemsize else "strided"
