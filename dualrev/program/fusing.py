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
import functools
import math
from typing import NamedTuple

import numpy as np

from dualrev.program.forms import Apply, Form, Load, Reduce, Store
from dualrev.program.kernels import is_fusible, is_reducible, kernels
from dualrev.program.loops import Loop
from dualrev.program.lowering import reduced
from dualrev.program.steps import Guard, Program, Ref, Step, refs_in

__all__ = ["Fused", "fused"]

#: Steps of a piece at least, and at most.
_SHORT, _LONG = 32, 64


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
            call = _formed(group, piece, uses) if len(piece) > 1 else None
            if call is None:
                steps += [member.step for member in piece]
            else:
                waiting.append((len(steps), call))
                steps.append(piece[-1].step)
    loops = kernels([call.form for _, call in waiting])
    for (place, call), loop in zip(waiting, loops):
        step = steps[place]
        function = Fused(loop, call.dims, call.steps)
        steps[place] = Step(
            function, call.args, {}, call.written, True, False, step.number, step.line
        )
    return dataclasses.replace(program, steps=steps)


# ------------------------------------------------------------------------------ what a step is


class _Kind(NamedTuple):
    """What all steps have in common that do the same to arrays that lie alike.

    Attributes
    ----------
    number : int
        Equal for equal kinds.
    function : callable
        A ufunc, np.where, or np.copyto, which stands for copies and conversions.
    kinds : tuple of str
        Of arguments and answer.
    shape : tuple
        Of the elements that are computed, without dimensions of 1.
    strides : tuple
        Of each operand in that shape.
    count : int
        Of elements.
    dense : tuple of bool
        Whether each operand's elements lie one after the other.
    names : tuple
        What tells the turn of each operand's elements.
    spans : tuple
        First and last byte of each operand, from its first element.
    flat : bool
        Whether the shape does not matter: each operand is dense or a number.
    reduces : bool
    """

    number: int
    function: object
    kinds: tuple
    shape: tuple
    strides: tuple
    count: int
    dense: tuple
    names: tuple
    spans: tuple
    flat: bool
    reduces: bool


class _Member(NamedTuple):
    """A step of a group.

    Attributes
    ----------
    step : Step
    kind : _Kind
    operands : tuple
        Its arguments and its answer.
    names : tuple
        Of the elements of each operand in their turn; equal for equal ones only.  First the buffer,
        None of a constant.
    """

    step: Step
    kind: _Kind
    operands: tuple
    names: tuple


def _member(step):
    """A step as a member of a group, or None where it is none."""
    if type(step) is Guard or len(step.outputs) != 1 or step.sized:
        return None
    function, args, options = step.function, step.args, ()
    if function is np.copyto:
        if step.kwargs.keys() - {"casting"} or len(args) != 2:
            return None
        args = args[1:]
    elif function is np.copy:
        function = np.copyto
    elif step.writes:
        return None
    elif step.kwargs:
        if not reduced(function):
            return None
        options = tuple(step.kwargs.items())
    operands = (*args, *step.outputs)
    looks = []
    for x in operands:
        if type(x) is not Ref and type(x) is not np.ndarray:
            return None
        looks.append((x.shape, x.strides, x.dtype))
    kind = _kind(function, options, tuple(looks))
    if kind is None:
        return None
    names = [
        (x.buffer, x.offset, *name) if type(x) is Ref else (None, id(x))
        for x, name in zip(operands, kind.names)
    ]
    return _Member(step, kind, operands, tuple(names))


@functools.lru_cache(4096)
def _kind(function, options, looks):
    ufunc, shape, reduces = function, looks[-1][0], False
    if reduced(function):
        ufunc, shape, reduces = reduced(function), looks[0][0], True
    kinds = tuple(dtype.str[1:] for _, _, dtype in looks)
    if 0 in shape or not all(dtype.isnative for _, _, dtype in looks):
        return None
    if reduces:
        if kinds[0] != kinds[1] or not is_reducible(ufunc, kinds[0]):
            return None
        if not _is_whole(options, len(shape)) or math.prod(shape) == 1:
            return None
    elif not (ufunc in (np.where, np.copyto) or isinstance(ufunc, np.ufunc)):
        return None
    elif not is_fusible(ufunc, kinds):
        return None
    spread = [_spread(*look[:2], shape) for look in looks[:-1]]
    spread.append((0,) * len(shape) if reduces else _spread(*looks[-1][:2], shape))
    kept = [d for d, n in enumerate(shape) if n != 1]
    shape = tuple(shape[d] for d in kept)
    strides = tuple(tuple(s[d] for d in kept) for s in spread)
    spans = tuple(_span(shape, s, look[2].itemsize) for s, look in zip(strides, looks))
    dense = tuple(s == _in_order(shape, look[2].itemsize) for s, look in zip(strides, looks))
    flat = all(d or not any(s) for d, s in zip(dense, strides))
    if reduces and not dense[0]:
        return None
    if flat and len(shape) > 1:
        shape = (math.prod(shape),)
        strides = tuple((look[2].itemsize if d else 0,) for d, look in zip(dense, looks))
    names = [
        (kind,) if d else (kind, shape, s) for kind, d, s in zip(kinds, dense, strides)
    ]
    if reduces:
        names[1] = ("reduced",)
    count = math.prod(shape)
    number = _NUMBERS.setdefault((ufunc, reduces, kinds, shape, strides), len(_NUMBERS))
    return _Kind(
        number, ufunc, kinds, shape, strides, count, dense, tuple(names), spans, flat, reduces
    )


_NUMBERS: dict = {}


def _is_whole(options, ndim):
    """Whether a reduction is one over all dimensions, without an option that computes."""
    options = dict(options)
    axis = options.get("axis", 0)
    if not options.keys() <= {"axis", "keepdims", "dtype"}:
        return False
    return axis is None or ndim == 1 or (isinstance(axis, tuple) and len(axis) == ndim)


def _spread(shape, strides, over):
    """The strides of an array that is broadcast over a shape."""
    added = (0,) * (len(over) - len(shape))
    return added + tuple(0 if n == 1 else s for n, s in zip(shape, strides))


def _span(shape, strides, size):
    ends = [(n - 1) * s for n, s in zip(shape, strides)]
    return sum(e for e in ends if e < 0), sum(e for e in ends if e > 0) + size


def _in_order(shape, size):
    strides = []
    for n in reversed(shape):
        strides.append(size)
        size *= n
    return tuple(reversed(strides))


# ------------------------------------------------------------------------------ groups


class _Group:
    """Steps over the same elements."""

    def __init__(self, place, kind):
        self.place = place
        self.shape = kind.shape
        self.flat = kind.flat
        self.whole = False  # whether there is a reduction, which needs one dimension
        self.members: list = []
        self._touched: dict = {}  # by buffer and name: first and last byte, and whether it is written

    def has_shape_for(self, kind):
        """Whether the elements of a step are met in the turn of the others."""
        if kind.shape == self.shape:
            return not kind.reduces or self.flat
        # what is flat takes any shape of as many elements
        return not kind.reduces and (kind.flat or (self.flat and not self.whole))

    def clashes(self, member):
        """Whether a step meets memory, which is written, in another turn than the group does."""
        if not self.shape:
            return False
        *read, made = zip(member.names, member.operands, member.kind.spans)
        return any(self._clash(*touch, False) for touch in read) or self._clash(*made, True)

    def _clash(self, name, x, span, writes):
        for other, (low, high, written) in self._touched.get(name[0], {}).items():
            if (writes or written) and other != name:
                if x.offset + span[0] < high and low < x.offset + span[1]:
                    return True
        return False

    def add(self, member):
        kind = member.kind
        if self.flat and not kind.flat:
            self.shape, self.flat = kind.shape, False
        self.whole |= kind.reduces
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


def _grouped(program):
    """Groups, and the steps that are in none, in an order in which they can be run; uses of buffers."""
    groups: list = []
    latest: dict = {}  # group by number of elements
    written: dict = {}  # place of the last that writes a buffer, and of the last that touches it
    touched: dict = {}
    uses: dict = {}
    for step in program.steps:
        member = _member(step)
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
            count = member.kind.count
            group = latest.get(count)
            if (
                group is None
                or after > group.place
                or not group.has_shape_for(member.kind)
                or (after == group.place and group.clashes(member))
            ):
                group = latest[count] = _Group(place, member.kind)
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
        if kind.reduces:
            parts.append(Reduce(kind.function, kind.kinds[0], *given, operand(made, member, end)))
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
    shape, strides = _laid(group, places, parts)
    kinds = [member.kind.kinds[k] for member, k in places]
    layouts = [_layout(s, kind) for s, kind in zip(strides, kinds)]
    form = Form(len(shape), tuple(zip(kinds, layouts)), tuple(parts))
    args = tuple(member.operands[k] for member, k in places)
    return _Call(form, shape, tuple(s for row in strides for s in row), args, tuple(written))


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
        if member.kind.reduces:
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
    """The dimensions as few as they can be, the innermost last, and strides of the operands in them."""
    strides = [_strides_in(group.shape, member, k) for member, k in places]
    axes = list(range(len(group.shape)))
    stored = [part.operand for part in parts if type(part) is Store]
    if stored and not group.whole:
        axes.sort(key=lambda d: -abs(strides[stored[-1]][d]))
    shape: list = []
    rows: list = [[] for _ in strides]
    for d in axes:
        n = group.shape[d]
        if shape and all(row[-1] == s[d] * n for row, s in zip(rows, strides)):
            shape[-1] *= n
            for row, s in zip(rows, strides):
                row[-1] = s[d]
        else:
            shape.append(n)
            for row, s in zip(rows, strides):
                row.append(s[d])
    return tuple(shape), [tuple(row) for row in rows]


def _strides_in(shape, member, k):
    kind = member.kind
    if kind.shape == shape:
        return kind.strides[k]
    size = np.dtype(kind.kinds[k]).itemsize
    return _in_order(shape, size) if kind.dense[k] else (0,) * len(shape)


def _layout(strides, kind):
    if not strides or not strides[-1]:
        return "still"
    return "dense" if strides[-1] == np.dtype(kind).itemsize else "strided"
