"""Tape: the primitives that were recorded as they ran, swept backward (pull) or forward (push).

Must not know any function by name, nor how a user's function is called.
"""

import itertools
import sys

import numpy as np

from dualrev.core.arrays import foundation, has_memory
from dualrev.core.assignment import (
    WRITE,
    is_chosen_above,
    overwrite_cotangent,
    own_copy,
)
from dualrev.core.binding import NO_KWARGS
from dualrev.core.cotangents import PartialCotangent, combined
from dualrev.core.hidden import hidden_products
from dualrev.core.operands import is_array
from dualrev.core.tracer import Tracer, next_level
from dualrev.core.watching import OBSERVER
from dualrev.errors import escaped
from dualrev.readers.activity import Activity, Motion, is_explained, reconsidered, reconsidered_push
from dualrev.readers.captured import COPY_LIMIT, Captured, owner_of
from dualrev.readers.kinds import ONE
from dualrev.readers.saving import LARGE, SMALL, lightened, outlined, reads_argument
from dualrev.readers.var import OUTPUT, Var

_ndarray = np.ndarray
_FLOAT = np.float64
_QUIET = np.errstate(divide="ignore", invalid="ignore")
#: The rule of an input: nothing was applied.
INPUT = None


class Tape:
    """The flat list of applied primitives, in an order that is topological.

    An entry is ``(rule, ans, args, parents, kwargs, entry)``; parents holds the number of each
    argument's entry, or None for a constant.  The last is the entry's own number: threads that record
    at the same time may append in another order, which the sweeps repair.

    Parameters
    ----------
    order : int
        The highest of the derivatives that are asked of it.
    """

    __slots__ = (
        "__weakref__",
        "append",
        "captured",
        "counter",
        "entries",
        "heavy",
        "inputs",
        "large",
        "level",
        "order",
    )

    def __init__(self, order=1):
        self.order = order
        self.level = next_level()
        self.entries = []
        observer = OBSERVER.get()
        if observer is None:
            self.append = self.entries.append
            self.large = SMALL
        else:
            self.append = observer.recording(self.entries)
            self.large = sys.maxsize
        self.counter = itertools.count()
        self.captured = Captured()
        self.heavy = False
        # Large inputs whose memory no entry holds yet, by its owner: they are watched when one does,
        # since to watch costs two passes through memory, and a gradient of a sum of products has twelve.
        self.inputs = {}

    def input(self, primal, own=False):
        """A Var for an argument of the differentiated function; own where nobody else can write it."""
        if own:
            pass
        elif type(primal) is _ndarray:
            if primal.nbytes <= COPY_LIMIT:
                # In its own order: which reshape is a view, and which a copy, depends on it.
                contiguous = primal.flags.c_contiguous
                primal = primal.copy() if contiguous else own_copy(primal, primal.strides)
            elif self.large is SMALL:
                self.inputs.setdefault(id(owner_of(primal)), []).append(primal)
            else:
                self.captured.watch(primal)
        elif isinstance(primal, Tracer) and primal.ndim:
            base = foundation(primal)  # which other levels have not copied either
            if isinstance(base, _ndarray):
                # Its line is that of the whole derivative, which to ask for takes 4 us.
                self.captured.watch(base, line="")
            if getattr(base, "nbytes", 0) > SMALL:
                self.heavy = True  # answers that are tracers are not lightened, but outlined
        return self.record(INPUT, primal, (), (), NO_KWARGS, None)

    def record(self, rule, ans, args, parents, kwargs, largest):
        """The answer of a primitive as a Var, whose entry is the next one.

        ``largest`` is an array among the answer and the arguments that is large where any is; None
        where the entry is to hold all of them.
        """
        kept = ans
        if type(largest) is _ndarray and largest.nbytes > self.large:
            kept, args = self.lightened(rule, ans, args, parents)
        elif self.inputs and rule is not INPUT:
            self.watch_inputs(rule, args, parents)
        entry = next(self.counter)
        self.append((rule, kept, args, parents, kwargs, entry))
        # Not by an __init__: 0.15 us less.
        var = Var()
        var.primal = ans
        var.tape = self
        var.entry = entry
        var.level = self.level
        var.alias = var.writes = None
        return var

    def lightened(self, rule, ans, args, parents):
        """An answer and arguments as an entry holds them, without large ones that no rule will read."""
        self.heavy = True
        if getattr(ans, "nbytes", 0) > LARGE or getattr(args[0], "nbytes", 0) > LARGE:
            ans, args = lightened(rule, ans, args, parents)
        if self.inputs:
            self.watch_inputs(rule, args, parents)
        return ans, args

    def watch_inputs(self, rule, args, parents):
        """Watch the large inputs whose memory an entry holds, and its rule will read."""
        for i, a in enumerate(args) if rule.reads_values else ():
            if type(a) is _ndarray and id(owner_of(a)) in self.inputs:
                if reads_argument(rule, i, [parent is not None for parent in parents]):
                    for x in self.inputs.pop(id(owner_of(a))):
                        self.captured.watch(x)

    def own(self, x, rule, args):
        """A constant among the arguments of a primitive as its rule will read it."""
        if not rule.reads_values:
            return x
        if isinstance(x, _ndarray) and x.nbytes > COPY_LIMIT:
            traced = [type(a) is Var and a.tape is self for a in args]
            if not any(a is x and reads_argument(rule, i, traced) for i, a in enumerate(args)):
                return x
        return self.captured.own(x)

    def close(self):
        """Record no more: a Var that is used from now on has escaped."""
        self.append = _refuse

    def check_open(self):
        """Raise where it is closed."""
        if self.append is _refuse:
            _refuse(None)

    # -- sweeps

    # A partial that is infinite where the cotangent is zero is no event for the user.  As a
    # decorator it takes half the time of the with statement.
    @_QUIET
    def pull(self, cts, inputs, once=False):
        """Sweep backward: the cotangents of the inputs, given some of entries.

        Parameters
        ----------
        cts : dict of int to array
            Cotangents by entry.
        inputs : sequence of int
            The entries whose cotangents are wanted.
        once : bool
            Whether the tape is used up: large arrays are freed as their entry is passed.

        Returns
        -------
        list of array or None
            None where an input had no influence.
        """
        entries = self.entries
        write = WRITE  # a local name: asked at every entry
        slots = [None] * len(entries)
        for i, ct in cts.items():
            slots[i] = ct
        # Slots whose array was made by this sweep, for this slot only: safe to add into.
        own = set()
        hidden = hidden_products()
        noted = bool(hidden)
        if noted:
            hidden.clear()
        activity = None
        heavy = once and self.heavy
        for i in range(max(cts) if cts else -1, -1, -1):
            ct = slots[i]
            if ct is None:
                continue
            rule, ans, args, parents, kwargs, entry = entries[i]
            if entry != i:
                # All of them: entries without a cotangent were passed without a look.
                _put_in_order(entries)
                rule, ans, args, parents, kwargs, entry = entries[i]
            if type(ct) is list:
                ct = combined(ct)
                slots[i] = ct
                own.add(i)
            if rule is INPUT:
                continue
            slots[i] = None
            if rule.chosen is not None:
                # Without its vjp, and of most slices without what that answers: 0.4 us less.
                (p,) = parents
                key = kwargs["index"]
                slot = (
                    _with_slice(slots[p], ct, key, args[0], p, own) if type(key) is slice else None
                )
                if slot is None:
                    part = PartialCotangent(key, ct, args[0], rule.chosen)
                    slot = _with_part(slots[p], part, p, own)
                slots[p] = slot
            else:
                if rule is write:
                    pulled = overwrite_cotangent(ct, i in own, args, kwargs, parents)
                    before = parents[0]
                    if before is not None and slots[before] is None:
                        own.add(before)
                else:
                    pulled = rule.vjp(ct, ans, args, kwargs, parents)
                    if hidden:
                        if activity is None:
                            activity = Activity(entries, cts)
                        active = activity.at(i)
                        noted |= not is_explained(hidden, activity, rule, ct, active)
                        pulled = reconsidered(rule, ct, active, ans, args, kwargs, parents, pulled)
                        hidden.clear()
                for p, c in zip(parents, pulled):
                    if c is None or p is None:
                        continue
                    slot = slots[p]
                    if type(c) is PartialCotangent:
                        slots[p] = _with_part(slot, c, p, own)
                    elif slot is None:
                        slots[p] = c
                    elif type(slot) is list:
                        slot.append(c)
                    elif type(slot) is _FLOAT is type(c):
                        slots[p] = slot + c
                    else:
                        slots[p] = _together(slot, c, p, own)
            if heavy:
                entries[i] = outlined(*entries[i])
                ans = args = None
        if once:
            entries.clear()
        # A pull inside the vjp of an outer one cannot know which of its own zeros are active.
        if noted:
            hidden[:] = [True]
        return [slots[i] for i in inputs]

    @_QUIET
    def push(self, tangents, outputs, kind=ONE):
        """Sweep forward: the tangents of the outputs, given some of inputs.

        Parameters
        ----------
        tangents : dict of int to array
            Tangents by input entry.
        outputs : sequence of int
            The entries whose tangents are wanted.
        kind : Kind
            What they are.

        Returns
        -------
        list of array or None
            None where no perturbed input had influence.
        """
        entries = self.entries
        pushed = [None] * len(entries)
        hidden = hidden_products()
        noted = bool(hidden)
        if noted:
            hidden.clear()
        moving = None
        last = self._last_uses(outputs)
        for i, (rule, ans, args, parents, kwargs, _) in enumerate(entries):
            if rule is INPUT:
                pushed[i] = tangents.get(i)
                continue
            if last[i] is None:
                continue
            for p in parents:
                if p is not None and pushed[p] is not None:
                    ts = [None if p is None else pushed[p] for p in parents]
                    if rule is OUTPUT:
                        pushed[i] = ts[0][kwargs["k"]]
                    elif kind is ONE:  # without a further call
                        pushed[i] = rule.jvp(ts, ans, args, kwargs)
                    else:
                        pushed[i] = kind.push(rule, ts, ans, args, kwargs)
                    if hidden:
                        if moving is None:
                            moving = Motion(entries, tangents, kind)
                        pushed[i] = reconsidered_push(
                            kind, moving, rule, ts, ans, args, kwargs, parents, i, pushed[i]
                        )
                        hidden.clear()
                    break
            # As early as a pull frees cotangents: a Hessian of 100 numbers in 0.6 of the time.
            ts = None
            for p in parents:
                if p is not None and last[p] == i:
                    pushed[p] = None
        if noted or moving is not None:
            hidden[:] = [True]
        return [pushed[i] for i in outputs]

    def _last_uses(self, outputs):
        """By entry the last one that outputs need it for; None where they do not, as of a value.

        The outputs themselves are needed to the end.
        """
        entries = self.entries
        last = [None] * len(entries)
        for i in outputs:
            last[i] = len(entries)
        for i in range(len(entries) - 1, -1, -1):
            entry = entries[i]
            if entry[-1] != i:
                # All of them: entries that nothing has needed yet were passed without a look.
                _put_in_order(entries)
                entry = entries[i]
            if last[i] is not None:
                for p in entry[3]:
                    if p is not None and last[p] is None:
                        last[p] = i
        return last


def _with_slice(slot, ct, key, x, p, own):
    """The cotangent of entry p with that of a slice of x; None where it must be listed as a part.

    Where own holds p this sweep made the array, where it holds ~p too those of a dual number.
    """
    if type(ct) is _ndarray:
        if slot is None:
            slot = np.zeros(x.shape, x.dtype)
            own.add(p)
        if type(slot) is _ndarray and p in own:
            shown = slot[key]
            shown += ct
            return slot
    elif slot is None and isinstance(ct, Tracer):
        slot = ct.zeros_around(x.shape, x.dtype)
        if slot is not None:
            own.update((p, ~p))
    return slot if ~p in own and slot.add_slice(key, ct) else None


def _with_part(slot, part, p, own):
    """The cotangent of entry p with that of some of its elements; own gets p where an array is made.

    Parts are listed, to be added all at once, but for slices of arrays: 0.9 us less each, and 1.7 us
    of dual numbers.
    """
    ct = part.ct
    if type(part.key) is slice:
        whole = _with_slice(slot, ct, part.key, part.primal, p, own)
        if whole is not None:
            return whole
    if slot is None:
        return [part]
    if type(slot) is list:
        slot.append(part)
    elif p in own and _can_hold(slot, ct, part.key):
        part.combine((ct,), (part.key,), part.primal, slot)
    else:
        return [slot, part]
    return slot


def _together(slot, c, p, own):
    """The sum of two cotangents of entry p; own gets p where an array is made."""
    if p in own and type(slot) is _ndarray and type(c) is _ndarray:
        slot += c
        return slot
    own.add(p)
    own.discard(~p)
    return slot + c


def _can_hold(slot, ct, key):
    """Whether a part can be added into an array of the sweep's own, at its key."""
    if not has_memory(ct) or is_chosen_above(key, slot):
        return False
    if type(slot) is _ndarray:
        return not isinstance(ct, Tracer)
    if not isinstance(slot, Tracer) or not is_array(slot):
        return False
    return not isinstance(ct, Tracer) or slot.level >= ct.level


def _put_in_order(entries):
    """Sort them by their numbers: threads that record at the same time append in another order."""
    entries[:] = sorted(entries, key=_entry_of)


def _entry_of(recorded):
    return recorded[-1]


def _refuse(entry):
    raise escaped("grad, jacobian, vjp or linearize")
