"""Var and Tape: primitives are recorded as they run, and swept backward (pull) or forward (push).

Must not know any function by name, nor how a user's function is called.
"""

import itertools
import sys

import numpy as np

from dualrev.core.arrays import foundation, has_memory, has_nan, nowhere
from dualrev.core.assignment import (
    WRITE,
    is_chosen_above,
    overwrite_cotangent,
    own_copy,
    write_into,
)
from dualrev.core.binding import NO_KWARGS, bind_operator
from dualrev.core.cotangents import PartialCotangent, combined, zeros_of
from dualrev.core.guarded import hidden_products
from dualrev.core.operands import SCALARS, is_array
from dualrev.core.operators import give_operators
from dualrev.core.primitive import RULES
from dualrev.core.tracer import Tracer, next_level
from dualrev.core.watching import OBSERVER
from dualrev.errors import escaped
from dualrev.readers.activity import Activity, Motion, reconsidered, reconsidered_push
from dualrev.readers.captured import COPY_LIMIT, Captured, owner_of
from dualrev.readers.doubts import doubted
from dualrev.readers.kinds import ONE
from dualrev.readers.saving import LARGE, SMALL, lightened, outlined, reads_argument

_ndarray = np.ndarray
_FLOAT = np.float64
_QUIET = np.errstate(divide="ignore", invalid="ignore")


class Var(Tracer):
    """A primal, and its entry on a tape.  Made by Tape.record."""

    mode = "reverse"
    __slots__ = ("entry", "tape")

    order = property(lambda self: self.tape.order)

    def _apply(self, rule, args, kwargs):
        tape = self.tape
        primals = []
        saved = []
        parents = []
        for a in args:
            if type(a) is Var and a.tape is tape:
                if a.alias is not None:
                    a.settle()
                primals.append(a.primal)
                saved.append(a.lasting() if rule.reads_values else a.primal)
                parents.append(a.entry)
            else:
                primals.append(a)
                saved.append(a if type(a) in SCALARS else tape.own(a, rule, args))
                parents.append(None)
        if kwargs:
            kwargs = tape.captured.own_nested(kwargs)
        ans = rule.call(*primals, **kwargs)
        return self._recorded(rule, ans, saved, parents, kwargs, ans)

    # From method to entry without bind and _apply: 0.5 us less.
    def _unary(self, rule, kwargs=NO_KWARGS):
        alias = self.alias
        if self.writes is not None or (alias is not None and alias[0].writes is not None):
            return self._apply(rule, (self,), kwargs)
        primal = self.primal
        ans = rule.call(primal, **kwargs)
        return self._recorded(rule, ans, (primal,), (self.entry,), kwargs, primal)

    def _recorded(self, rule, ans, args, parents, kwargs, largest):
        """The answer of a primitive as a Var, or of one with several outputs one Var an output."""
        var = self.tape.record(rule, ans, args, parents, kwargs, largest)
        if isinstance(ans, tuple):
            return self._outputs(ans, var.entry, rule.fills)
        if rule.view:
            var.alias = self.alias_of(rule, ans, kwargs)
        return var

    def _view(self, rule, index):
        if self.alias is not None:
            self.settle()
        primal = self.primal
        ans = primal[index]
        kwargs = {"index": index}
        var = self.tape.record(rule, ans, (primal,), (self.entry,), kwargs, primal)
        if self.alias is self.writes is None and type(ans) is type(primal) is _ndarray:
            var.alias = self, (None, rule, kwargs), 0  # as alias_of says: 0.15 us less
        else:
            var.alias = self.alias_of(rule, ans, kwargs)
        return var

    def _outputs(self, ans, parent, fills):
        """One Var an output of a primitive with several; integer outputs stay plain."""
        outputs = []
        for k, output in enumerate(ans):
            if output.dtype.kind in "fc":
                kwargs = {"k": k, "fills": fills}
                output = self.tape.record(OUTPUT, output, (ans,), (parent,), kwargs, None)
            outputs.append(output)
        return type(ans)(*outputs) if hasattr(ans, "_fields") else tuple(outputs)

    def has_nan(self):
        return has_nan(self.primal)

    def may_meet_nan(self, ct):
        # A tangent pushed over this tape later may be infinite, which a zero in ct must stop.
        return not nowhere(np.equal(ct, 0))

    doubted = doubted

    def check_open(self):
        if self.tape.append is _refuse:
            _refuse(None)

    def copy(self, order="C"):
        self.settle()
        var = Var()
        var.primal = self.lasting(order)
        var.tape, var.entry, var.level = self.tape, self.entry, self.level
        var.alias = var.writes = None
        return var

    def _take_over(self, other):
        self.primal = other.primal
        self.entry = other.entry

    def _make_exclusive(self):
        self.primal = own_copy(self.primal, self.primal.strides)

    def _overwrite(self, value, index, steps):
        tape = self.tape
        parent = None
        if type(value) is Var and value.tape is tape:
            parent = value.entry
            value = value.primal
        strides = None if steps is None else self.primal.strides
        ans = write_into(self.primal, value, index, steps, strides)
        kwargs = {"index": index, "steps": steps, "strides": strides}
        self.primal = ans
        self.entry = tape.record(WRITE, ans, (ans, value), (self.entry, parent), kwargs, ans).entry


# The hot path of a Python loop over scalars.
def _operator(ufunc, reflected):
    if ufunc is np.matmul:  # a smaller answer than arguments: _apply looks at them too
        return lambda self, other: bind_operator(RULES[ufunc], self, other, reflected)

    def operate(self, other):
        rule = RULES[ufunc]
        tape = self.tape
        kind = type(other)
        if kind in SCALARS:
            primal = other
            parent = None
        elif kind is Var and other.tape is tape:
            alias = other.alias
            if other.writes is not None or (alias is not None and alias[0].writes is not None):
                return self._apply(rule, (other, self) if reflected else (self, other), NO_KWARGS)
            primal = other.primal
            parent = other.entry
        else:
            return bind_operator(rule, self, other, reflected)
        alias = self.alias
        if self.writes is not None or (alias is not None and alias[0].writes is not None):
            return self._apply(rule, (other, self) if reflected else (self, other), NO_KWARGS)
        if reflected:
            args = (primal, self.primal)
            parents = (parent, self.entry)
        else:
            args = (self.primal, primal)
            parents = (self.entry, parent)
        ans = rule.call(*args)
        return tape.record(rule, ans, args, parents, NO_KWARGS, ans)

    return operate


give_operators(Var, _operator)


class _Output:
    """The rule of picking one output of several: linear, by its number k."""

    word = "linear"
    view = reads_values = chooses = False

    def jvp(self, tangents, ans, args, kwargs):
        t = tangents[0][kwargs["k"]]
        return zeros_of(ans) if t is None else t

    def vjp(self, ct, ans, args, kwargs, parents):
        (outputs,) = args
        return (PartialCotangent(kwargs, ct, outputs, _collected),)


def _collected(cts, keys, outputs):
    """All cotangents of a primitive with several outputs; zero (or None) where none came."""
    whole = [None] * len(outputs)
    for ct, key in zip(cts, keys):
        k = key["k"]
        whole[k] = ct if whole[k] is None else whole[k] + ct
    if not key["fills"]:
        return tuple(whole)
    return tuple(np.zeros_like(y) if ct is None else ct for ct, y in zip(whole, outputs))


OUTPUT = _Output()
# The rule of an input: nothing was applied.
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
                self.captured.watch(base)
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
                    pulled = reconsidered(rule, ct, active, ans, args, kwargs, parents, pulled)
                    hidden.clear()
            for p, c in zip(parents, pulled):
                if c is None or p is None:
                    continue
                slot = slots[p]
                if slot is None:
                    slots[p] = [c] if type(c) is PartialCotangent else c
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
        if noted or activity is not None:
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
                        if kind.is_array:
                            if moving is None:
                                moving = Motion(entries, tangents)
                            pushed[i] = reconsidered_push(
                                moving, rule, ts, ans, args, kwargs, parents, i, pushed[i]
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


def _together(slot, c, p, own):
    """The cotangent of entry p with one more part of it; own gets p where an array is made."""
    if type(c) is PartialCotangent:
        if p not in own or not _can_hold(slot, c.ct, c.key):
            return [slot, c]
        c.combine((c.ct,), (c.key,), c.primal, slot)
    elif p in own and type(slot) is _ndarray and type(c) is _ndarray:
        slot += c
    else:
        own.add(p)
        return slot + c
    return slot


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
