"""compile: a function that is recorded once and replayed from then on.

Owns which program is replayed, and when one more is recorded.  Must not know steps.
"""

import functools
import threading
from collections import OrderedDict

import numpy as np

from dualrev import trees
from dualrev.calls import RUNNING
from dualrev.core.binding import as_operand
from dualrev.core.errors import name_of
from dualrev.core.forward import OBSERVER
from dualrev.core.traced import Fillable, is_traced
from dualrev.program.numpy_engine import Diverged, Workspace
from dualrev.program.planning import simplified
from dualrev.program.recorder import Recorder, Recording, Unrecordable
from dualrev.program.steps import Guard

__all__ = ["compile"]

_ndarray = np.ndarray
_generic = np.generic
#: Kinds of arguments that are kept, and programs of each.
_KEPT, _BRANCHES = 64, 32


class compile:
    """The same function, recorded at its first call and replayed from then on."""

    def __init__(self, f, *, engine=None):
        functools.update_wrapper(self, f, updated=())
        self.f = f
        self.engine = engine
        self._kinds = OrderedDict()

    def __call__(self, *args, **kwargs):
        leaves, treedef = trees.flatten((args, kwargs))
        if OBSERVER.get() is not None or threading.get_ident() in RUNNING or is_traced(leaves):
            return self.f(*args, **kwargs)
        arrays = [x for x in leaves if _is_array(x)]
        key = treedef, tuple(map(_kind_of, leaves))
        branches = self._kinds.get(key)
        if branches is None:
            branches = self._kinds[key] = Branches(self.f)
            if len(self._kinds) > _KEPT:
                self._kinds.popitem(last=False)
        return branches.run(args, kwargs, leaves, treedef, arrays)

    def program(self, *args, **kwargs):
        """The program that these arguments replay."""
        self(*args, **kwargs)
        leaves, treedef = trees.flatten((args, kwargs))
        return self._kinds[treedef, tuple(map(_kind_of, leaves))].latest.program


def _is_array(x):
    return isinstance(x, _ndarray | _generic | int | float | complex) and type(x) is not bool


def _kind_of(x):
    """What a program is specialised on."""
    if isinstance(x, _ndarray):
        return x.shape, x.dtype
    if _is_array(x):
        return type(x)
    return x


class Replay:
    """One program with the structure of its result."""

    def __init__(self, program, tree):
        self.recorded = program
        self.program = simplified(program)
        self.tree = tree
        self.outcomes = {step.number: _outcome(step) for step in program.steps if _is_outcome(step)}
        self._free = []

    def run(self, arrays):
        try:
            workspace = self._free.pop()
        except IndexError:
            workspace = Workspace(self.program)
        outputs = workspace.run(arrays)
        self._free.append(workspace)
        return outputs


def _is_outcome(step):
    return step.seen is not None if type(step) is Guard else step.sized


def _outcome(step):
    return step.seen if type(step) is Guard else tuple(ref.shape for ref in step.outputs)


class Branches:
    """The programs of one kind of arguments, one for each way that was taken through the function."""

    def __init__(self, f):
        self.f = f
        self.replays = []
        self.latest = None

    def run(self, args, kwargs, leaves, treedef, arrays):
        replay = self.latest
        while replay is not None:
            try:
                outputs = replay.run(arrays)
            except Diverged as diverged:
                replay = self._other(replay, diverged)
                continue
            except Exception:
                return self.f(*args, **kwargs)
            self.latest = replay
            return outputs[0] if replay.tree is None else trees.unflatten(replay.tree, outputs)
        return self._record(args, kwargs, leaves, treedef)

    def _other(self, replay, diverged):
        if diverged.seen is None:
            return None
        number = diverged.number
        before = {k: v for k, v in replay.outcomes.items() if k < number}
        for other in self.replays:
            if other.outcomes.get(number) == diverged.seen and before == {
                k: v for k, v in other.outcomes.items() if k < number
            }:
                return other
        return None

    def _record(self, args, kwargs, leaves, treedef):
        recording = Recording()
        given = [_recorded(recording, x) if _is_array(x) else x for x in leaves]
        new_args, new_kwargs = trees.unflatten(treedef, given)
        try:
            with np.errstate(all="ignore"):
                result = self.f(*new_args, **new_kwargs)
            found, tree = trees.flatten(result)
            found = [_output(x) for x in found]
            program = recording.program(found, name_of(self.f))
        except Unrecordable:
            return self.f(*args, **kwargs)
        if recording.raised:
            return self.f(*args, **kwargs)
        replay = Replay(program, tree)
        self.replays.append(replay)
        self.latest = replay
        outputs = [_shown(x) for x in found]
        return trees.unflatten(tree, outputs)


def _recorded(recording, x):
    return recording.input(np.array(x) if isinstance(x, _ndarray) else x)


def _output(x):
    if isinstance(x, Fillable) or (isinstance(x, _ndarray) and x.dtype.hasobject):
        x = as_operand(x)
    return x


def _shown(x):
    if type(x) is Recorder:
        x.settle()
        return np.array(x.array) if isinstance(x.array, _ndarray) else np.asarray(x.array)[()]
    return x
