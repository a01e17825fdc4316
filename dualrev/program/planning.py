"""Planning: a program without what nobody needs, and the memory in which it runs.

Owns which steps are left out, and which buffers share memory.  Must not know engines.
"""

import numpy as np

from dualrev.core.primitive import RULES
from dualrev.program.steps import Guard, Program, Ref, Step, mapped, refs_in

__all__ = ["laid_out", "simplified", "unproven"]

_ALIGNED = 64


def simplified(program: Program) -> Program:
    """The same program without repeated, needless and dead steps."""
    steps, outputs = _without_repeats(program)
    steps = _without_copies(program, steps, outputs)
    steps = _without_dead(steps, outputs)
    return Program(program.inputs, program.buffers, steps, outputs, program.scalars, program.name)


def _without_repeats(program):
    """Steps whose call has been made already are left out, and their answers renamed."""
    written = {
        step.outputs[0].buffer for step in program.steps if type(step) is Step and step.writes
    }
    renamed: dict = {}
    made: dict = {}
    kept = []

    def rename(x):
        return _moved(x, renamed[x.buffer]) if type(x) is Ref and x.buffer in renamed else x

    for step in program.steps:
        if type(step) is Guard:
            step = Guard(rename(step.ref), step.seen, step.number, step.line)
            key = step.ref, step.seen is None
            if step.ref.buffer not in written and key in made:
                continue
            made[key] = step
            kept.append(step)
            continue
        if renamed:
            args, kwargs = mapped(rename, step.args), mapped(rename, step.kwargs)
            outputs = tuple(map(rename, step.outputs)) if step.writes else step.outputs
            step = Step(
                step.function,
                args,
                kwargs,
                outputs,
                step.writes,
                step.sized,
                step.number,
                step.line,
            )
        if step.writes or any(ref.buffer in written for ref in (*step.read(), *step.outputs)):
            kept.append(step)
            continue
        key = step.function, _key(step.args), _key(step.kwargs)
        earlier = made.get(key)
        if earlier is not None and earlier.outputs and _same_layout(earlier, step):
            renamed.update({old.buffer: new for old, new in zip(step.outputs, earlier.outputs)})
            continue
        made[key] = step
        kept.append(step)
    return kept, [rename(x) for x in program.outputs]


def _moved(ref, whole):
    return Ref(whole.buffer, ref.offset + whole.offset, ref.shape, ref.strides, ref.dtype)


def _same_layout(earlier, later):
    return all(
        a.shape == b.shape and a.strides == b.strides and a.dtype == b.dtype and not b.offset
        for a, b in zip(earlier.outputs, later.outputs, strict=True)
    )


def _key(x):
    kind = type(x)
    if kind is tuple or kind is list:
        return kind, tuple(map(_key, x))
    if kind is dict:
        return tuple((name, _key(part)) for name, part in x.items())
    if kind is slice:
        return slice, _key((x.start, x.stop, x.step))
    if kind in (int, float, complex, bool) or isinstance(x, np.generic):
        return kind, repr(x)  # 0.0 is not -0.0, and nan is nan
    try:
        hash(x)
    except TypeError:
        return id(x)
    return x


def _without_copies(program, steps, outputs):
    """A copy of what nobody reads any more is the same memory."""
    last = {}
    for i, step in enumerate(steps):
        for ref in _read(step):
            last[ref.buffer] = i
    kept_apart = {ref.buffer for ref in program.inputs}
    kept_apart.update(ref.buffer for ref in refs_in(outputs))
    renamed: dict = {}
    kept = []

    def rename(x):
        return _moved(x, renamed[x.buffer]) if type(x) is Ref and x.buffer in renamed else x

    for i, step in enumerate(steps):
        if renamed:
            step = _renamed(step, rename)
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
    return kept


def _renamed(step, rename):
    if type(step) is Guard:
        return Guard(rename(step.ref), step.seen, step.number, step.line)
    args, kwargs = mapped(rename, step.args), mapped(rename, step.kwargs)
    outputs = tuple(map(rename, step.outputs))
    return Step(
        step.function, args, kwargs, outputs, step.writes, step.sized, step.number, step.line
    )


def _read(step):
    return (step.ref,) if type(step) is Guard else step.read()


def _without_dead(steps, outputs):
    live = {ref.buffer for ref in refs_in(outputs)}
    kept = []
    for step in reversed(steps):
        if type(step) is Guard:
            # A nan that nobody meets is none; what Python saw decides what comes next.
            if step.seen is None and step.ref.buffer not in live:
                continue
        elif not step.sized and all(ref.buffer not in live for ref in step.outputs):
            continue
        live.update(ref.buffer for ref in _read(step))
        kept.append(step)
    kept.reverse()
    return kept


# ------------------------------------------------------------------------------- guards of nan


#: Functions of which a nan among the arguments makes the answer nan; besides those of one argument
#: and the linear ones.
_PASSING = {
    *(np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum, np.arctan2, np.matmul),
    *(np.add.reduce, np.multiply.reduce, np.maximum.reduce, np.minimum.reduce),
    *(np.copy, np.copyto),
}


def unproven(program: Program) -> set[int]:
    """Numbers of the guards of nan that must be looked at where they stand.

    The others are proven by the outputs: a nan there would have reached them, since all that
    computes with it hands a nan on.  What chooses by a nan, or drops one, does not.
    """
    dropped: set[int] = set()
    unseen = set()
    for step in reversed(program.steps):
        if type(step) is Guard:
            if step.seen is not None:
                dropped.add(step.ref.buffer)
            elif step.ref.buffer in dropped:
                unseen.add(step.number)
            continue
        hands_on = all(ref.buffer not in dropped for ref in step.outputs)
        through = set(map(id, _handed_on(step))) if hands_on else ()
        dropped.update(ref.buffer for ref in step.read() if id(ref) not in through)
    return unseen


def _handed_on(step):
    """The arguments of which every nan that is not left out by a choice of places is in the answer."""
    function = step.function
    if any(ref.dtype.kind != "f" for ref in step.outputs):
        return ()
    if function is np.where:
        return tuple(refs_in(step.args[1:]))
    rule = RULES.get(function)
    linear = rule is not None and rule.word == "linear"
    unary = isinstance(function, np.ufunc) and function.nin == 1 and hasattr(np, function.__name__)
    if function in _PASSING or linear or unary:
        return tuple(refs_in(step.args))
    return ()


# ------------------------------------------------------------------------------------ memory


def laid_out(program: Program) -> tuple[list, int]:
    """Where each buffer begins in one piece of memory, and its size; buffers share what is free."""
    size = [-(-n // _ALIGNED) * _ALIGNED for n in program.buffers]
    first, last = _lifetimes(program)
    ends: dict[int, list] = {}
    for buffer, end in last.items():
        ends.setdefault(end, []).append(buffer)
    starts: list = [None] * len(size)
    free: list[tuple[int, int]] = []  # of places: start, size
    top = 0
    for i in range(-1, len(program.steps) + 1):
        for buffer in first.get(i, ()):
            starts[buffer], top = _placed(size[buffer], free, top)
        for buffer in ends.get(i, ()):
            _give_back(free, starts[buffer], size[buffer])
    return starts, top


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
        use(_read(step), i)
        if type(step) is Step:
            use(step.outputs, i)
    use(refs_in(program.outputs), end)
    return first, last


def _placed(size, free, top):
    """The start of a place for so many bytes: the smallest that is free, or a new one."""
    fitting = [place for place in free if place[1] >= size]
    if not fitting:
        return top, top + size
    start, room = best = min(fitting, key=lambda place: place[1])
    free.remove(best)
    if room > size:
        free.append((start + size, room - size))
    return start, top


def _give_back(free, start, size):
    for place in list(free):
        if place[0] + place[1] == start:
            free.remove(place)
            start, size = place[0], size + place[1]
        elif start + size == place[0]:
            free.remove(place)
            size += place[1]
    free.append((start, size))
