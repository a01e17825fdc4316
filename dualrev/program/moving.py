"""Moving: what only puts arrays into another one, as writes; and steps that compute where it is wanted.

Owns which calls move and do not compute.  Must not know what the moved values are, nor engines.

What joins, pads, or collects the cotangents of elements becomes writes into views of its answer.
Then a value that is computed only to be written somewhere is computed there.
"""

import bisect
import dataclasses

import numpy as np

from dualrev.axes import part_of
from dualrev.core.operands import gather_scalars
from dualrev.program.steps import Guard, Program, Ref, is_basic, refs_in, view_of, with_refs
from dualrev.rules.indexing import scatter
from dualrev.rules.joining import joined, padded, stacked

__all__ = ["computed_in_place", "spelled_out"]

#: Up to so many elements an array is zeroed whole, rather than each gap between its parts.
_FEW = 1024


def spelled_out(program: Program) -> Program:
    """The same program with writes in place of calls that put arrays into another."""
    steps: list = []
    for step in program.steps:
        spell = None if type(step) is Guard or step.sized else _WRITES.get(step.function)
        writes = spell(step) if spell else None
        steps += [step] if writes is None else writes
    return dataclasses.replace(program, steps=steps)


def _joined(step):
    axis, start, keys = step.kwargs.get("axis", 0), 0, []
    (out,) = step.outputs
    for x in step.args:
        stop = start + x.shape[axis]
        keys.append(part_of(axis, slice(start, stop), len(out.shape)))
        start = stop
    return _placed(step, keys)


def _stacked(step):
    (out,) = step.outputs
    before = (slice(None),) * (step.kwargs.get("axis", 0) % len(out.shape))
    return _placed(step, [(*before, i) for i in range(len(step.args))])


def _gathered(step):
    (out,) = step.outputs
    if not _is_of(step, out.dtype):
        return None
    return [_write(step, view_of(out, (i,)), x) for i, x in enumerate(step.args)]


def _padded(step):
    (x,) = step.args
    key = tuple(slice(a, a + n) for (a, _), n in zip(step.kwargs["widths"], x.shape))
    return _placed(step, [key])


def _placed(step, keys):
    """Writes of the arguments, which do not overlap, and of zeros around them."""
    (out,) = step.outputs
    if not _is_of(step, out.dtype):
        return None
    taken = np.zeros(out.shape, bool)
    for key in keys:
        taken[key] = True
    gaps = [_write(step, view, 0.0) for view in _gaps(out, taken)]
    return gaps + [_write(step, view_of(out, key), x) for key, x in zip(keys, step.args)]


def _is_of(step, dtype):
    """Whether what is put together has the dtype of the answer; a number has any."""
    return all(getattr(x, "dtype", dtype) == dtype for x in step.args)


def _scattered(step):
    """Sums at keys: the first at a place is one with 0, and 0 stands where there is none."""
    (out,), keys = step.outputs, step.kwargs["keys"]
    if not all(map(is_basic, keys)):
        return None
    # An array of the size of the answer is looked at as often as the answer would be written.
    taken = np.zeros(out.shape, bool)
    reached = np.zeros(out.shape, bool)
    starts = []
    for key in keys:
        starts.append(not reached[key].any())
        reached[key] = True
        if starts[-1]:
            taken[key] = True
    whole = out.shape and taken.size <= _FEW and not taken.all()
    views = [out] if whole else _gaps(out, taken)
    writes = [_write(step, view, 0.0) for view in views]
    for key, ct, starts_there in zip(keys, step.args, starts):
        view = view_of(out, key)
        earlier = 0.0 if starts_there else view
        writes.append(_changed(step, np.add, (earlier, ct), view))
    return writes


_WRITES = {
    gather_scalars: _gathered,
    joined: _joined,
    stacked: _stacked,
    padded: _padded,
    scatter: _scattered,
}


def _gaps(ref, taken):
    """Views of what is not taken: slabs around a box, or all."""
    if taken.all():
        return
    box = []
    for axis in range(taken.ndim):
        others = tuple(i for i in range(taken.ndim) if i != axis)
        places = np.flatnonzero(taken.any(axis=others))
        box.append(slice(places[0], places[-1] + 1) if places.size else slice(0, 0))
    if not taken.any() or not taken[tuple(box)].all():
        yield ref
        return
    for axis, part in enumerate(box):
        for side in (slice(0, part.start), slice(part.stop, ref.shape[axis])):
            if side.start < side.stop:
                yield view_of(ref, (*box[:axis], side))


def _write(step, view, value):
    return _changed(step, np.copyto, (view, value), view, casting="unsafe")


def _changed(step, function, args, view, **kwargs):
    return step.but(function=function, args=args, kwargs=kwargs, outputs=(view,), writes=True)


# ------------------------------------------------------------------------- computed in place


def computed_in_place(program: Program) -> Program:
    """The same program, where what is computed only to be written into a view is computed there."""
    return _InPlace(program).program()


class _InPlace:
    def __init__(self, program):
        self._program = program
        self._steps = list(program.steps)
        self._makers: dict = {}  # by buffer: the place of the one step that writes into it
        self._uses: dict = {}  # by buffer: where it is read, and by which Ref
        self._touched: dict = {}  # by buffer: where it is read or written, in order
        self._written: dict = {}  # by buffer: where it is written last
        for i, step in enumerate(program.steps):
            for ref in step.read():
                self._uses.setdefault(ref.buffer, []).append((i, ref))
                self._touched.setdefault(ref.buffer, []).append(i)
            for ref in step.outputs:
                self._touched.setdefault(ref.buffer, []).append(i)
                self._makers[ref.buffer] = None if ref.buffer in self._written else i
                self._written[ref.buffer] = i
        for ref in (*program.inputs, *refs_in(program.outputs)):
            self._makers[ref.buffer] = None

    def program(self):
        for i, step in enumerate(self._program.steps):
            if type(step) is not Guard and step.function is np.copyto:
                self._look_at(i, *self._steps[i].args)
        steps = [step for step in self._steps if step is not None]
        return dataclasses.replace(self._program, steps=steps)

    def _look_at(self, i, view, value, *where):
        maker = self._makers.get(value.buffer) if type(value) is Ref else None
        if maker is None or where or not self._may_write(maker, view, value):
            return
        if not self._is_free(maker, i, view, value):
            return
        self._steps[i] = None
        made = self._steps[maker]
        self._steps[maker] = made.but(outputs=(view,), writes=True)
        if self._makers.get(view.buffer) == i:
            self._makers[view.buffer] = maker
        bisect.insort(self._touched[view.buffer], maker)
        for j, _ in self._uses[value.buffer]:
            if self._steps[j] is not None:
                self._steps[j] = _reading(self._steps[j], value, view)
                self._uses.setdefault(view.buffer, []).append((j, view))
                bisect.insort(self._touched[view.buffer], j)

    def _may_write(self, maker, view, value):
        """Whether a step can write its answer into a view as well."""
        made = self._steps[maker]
        if not isinstance(made.function, np.ufunc) or made.function.signature or made.kwargs:
            return False
        same = made.outputs == (value,) and (value.shape, value.dtype) == (view.shape, view.dtype)
        return same and all(ref == view for ref in made.read() if ref.buffer == view.buffer)

    def _is_free(self, maker, i, view, value):
        """Whether nobody misses what a view holds from its maker on, nor what the value would hold."""
        touched = self._touched[view.buffer]
        between = touched[bisect.bisect_right(touched, maker) : bisect.bisect_left(touched, i)]
        if not all(self._is_beside(j, i) for j in between):
            return False
        uses, last = self._uses[value.buffer], self._written[view.buffer]
        kept = last == i or self._is_beside(last, i)
        return all(ref == value and (kept or j <= i) for j, ref in uses)

    def _is_beside(self, j, i):
        """Whether two steps are writes of one call, which do not overlap."""
        one, other = self._steps[j], self._steps[i]
        if one is None:
            return True
        return type(one) is not Guard and one.function is np.copyto and one.number == other.number


def _reading(step, old, new):
    """A step that reads another array of the same values."""

    def change(x):
        return new if type(x) is Ref and x == old else x

    return with_refs(step, change)
