"""Groups: steps that can be computed together, element by element.

Owns what may be computed in another order than a program has.  Must not know kernels.

A step joins the last group over as many elements, unless what it needs is made after that group.
Within a group, elements are computed one after the other, all steps of each: so a step that reads or
writes memory which another step of the group writes must meet the same element in the same turn.
Groups over single numbers keep the order of their steps, and any step may join.  Long groups are cut
where their steps say so, not after so many: then equal bodies of a loop are cut into equal pieces.
"""

from dualrev.program.llvm.members import by_stride, member_of
from dualrev.program.steps import Guard, refs_in

__all__ = ["Group", "grouped", "pieces"]

#: Steps of a piece at least, and at most.
_SHORT, _LONG = 32, 64
#: A step that needs nothing, as one that fills with zeros, could join the first group of all: then so
#: many elements' memory would be taken from there on.
_MANY = 64


class Group:
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
        last = len(member.names) - 1
        for k, (name, (low, high)) in enumerate(zip(member.names, member.spans)):
            names = self._touched.get(name[0], _NOTHING)
            if len(names) == 1 and name in names:
                continue
            for other, (begin, end, written) in names.items():
                if (k == last or written) and other != name and low < end and begin < high:
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
            for k, (name, span) in enumerate(zip(member.names, member.spans)):
                if name[0] is not None:
                    names = self._touched.setdefault(name[0], {})
                    written = k == last or (name in names and names[name][2])
                    names[name] = *span, written


def _order(kind):
    return tuple(by_stride(kind.strides[0]))


class _Places:
    """The place of the last group that did something to a part of memory."""

    def __init__(self):
        self._parts: dict = {}

    def last(self, buffer, low, high):
        last = -1
        for (begin, end), place in self._parts.get(buffer, _NOTHING).items():
            if place > last and begin < high and low < end:
                last = place
        return last

    def note(self, buffer, low, high, place):
        parts = self._parts.setdefault(buffer, {})
        parts[low, high] = max(place, parts.get((low, high), -1))
        if len(parts) > _PARTS:
            self._parts[buffer] = {(0, _END): max(parts.values())}


_NOTHING: dict = {}
#: Parts of a buffer that are told from each other; the end of one that is not known.
_PARTS, _END = 8, 1 << 62


def grouped(program):
    """Groups, and the steps that are in none, in an order in which they can be run; uses of buffers."""
    groups: list = []
    latest: dict = {}  # group by number of elements
    written, touched = _Places(), _Places()
    uses: dict = {}
    for step in program.steps:
        member = member_of(step)
        reads, writes = _memory_of(step, member)
        after = -1
        for buffer, low, high in reads:
            uses[buffer] = uses.get(buffer, 0) + 1
            after = max(after, written.last(buffer, low, high))
        for buffer, low, high in writes:
            uses[buffer] = uses.get(buffer, 0) + 1
            after = max(after, touched.last(buffer, low, high))
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
                or (not reads and size >= _MANY and group.place < place - 1)
            ):
                group = latest[size] = Group(place)
                groups.append(group)
            group.add(member)
            place = group.place
        for part in reads:
            touched.note(*part, place)
        for part in writes:
            written.note(*part, place)
            touched.note(*part, place)
    for ref in refs_in([*program.outputs, *program.inputs]):
        uses[ref.buffer] = uses.get(ref.buffer, 0) + 1
    return groups, uses


def _memory_of(step, member):
    """The parts of memory that a step reads, and those that it writes: buffer, first and last byte."""
    if member is not None:
        *reads, made = [
            (name[0], *span)
            for name, span in zip(member.names, member.spans)
            if name[0] is not None
        ]
        return reads, [made]
    if type(step) is Guard:
        return [(step.ref.buffer, 0, _END)], []
    return [(ref.buffer, 0, _END) for ref in step.read()], [
        (ref.buffer, 0, _END) for ref in step.outputs
    ]


def pieces(members):
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
