"""Fusing: groups of steps become calls of kernels.

Owns what a kernel is written for, and which values need no memory.  Must not know how a kernel is
written, nor what may be computed together.
"""

import collections
import dataclasses
import itertools
from typing import NamedTuple

import numpy as np

from dualrev.program.llvm.forms import Apply, Form, Gather, Load, Reduce, Store
from dualrev.program.llvm.groups import Group, grouped, pieces
from dualrev.program.llvm.kernels import kernels
from dualrev.program.llvm.loops import Loop
from dualrev.program.llvm.members import by_stride
from dualrev.program.llvm.nests import is_called
from dualrev.program.steps import Program, Step, strides_of

__all__ = ["Fused", "fused"]

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
    groups, uses = grouped(program)
    steps: list = []
    waiting = []
    for group in groups:
        if type(group) is not Group:
            steps.append(group)
            continue
        for piece in pieces(group.members):
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
        alike = Group(group.place)
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
    return strides_of(shape, size) if kind.dense[k] else (0,) * len(shape)


def _layout(strides, kind):
    if not strides or not strides[-1]:
        return "still"
    return "dense" if strides[-1] == np.dtype(kind).itemsize else "strided"
