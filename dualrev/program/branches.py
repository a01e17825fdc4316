"""Branches: the programs of one kind of arguments, one for each way through the function.

Owns which program is replayed, when one more is recorded, and when the function itself runs.  Must
not know what a program consists of.
"""

import contextlib
import enum
import gc
import linecache
import sys
import warnings
from collections import Counter

import numpy as np

from dualrev import errors, trees
from dualrev.calls import call_user, flatten_result
from dualrev.core.assignment import own_copy
from dualrev.errors import name_of
from dualrev.insides.lines import user_place
from dualrev.program.arguments import NUMBERS, flattened, is_array
from dualrev.program.looking import Unrecordable
from dualrev.program.reach import Reach
from dualrev.program.recorder import Recorder
from dualrev.program.recording import Recording
from dualrev.program.replay import Replay
from dualrev.program.steps import Diverged
from dualrev.program.watches import drawn

__all__ = ["CALL_IT", "Branches"]

#: Recordings that are made; how many before a warning.
_RECORDINGS, _WARNED = 32, 8
CALL_IT = "call it without dr.compile"
#: Values beside the arrays of a result: they are what they were at the recording.
_VALUES = (bool, int, float, complex, str, bytes, enum.Enum)


class Branches:
    """The programs of one kind of arguments: one for each way that was taken through the function.

    Attributes
    ----------
    latest : Replay or None
        The one that was right last.
    refusal : tuple of str, or None
        Why the function runs as it is, where it does, and what to type instead.
    """

    def __init__(self, f, workspace_of, static):
        # Not what is compiled: it holds these, and would keep their memory until the collector comes.
        self.f, self.workspace_of = f, workspace_of
        self.static = static  # alive, as their ids are part of a key
        self.latest = None
        self._replays: list = []
        self._reach = self._is_as_it_was = None
        self._recorded = 0
        self._again: Counter = Counter()
        self.refusal: tuple | None = None

    def run(self, args, kwargs, arrays):
        """The result of a call, by a program, or by the function itself."""
        replay = self.latest
        if replay is not None and not self._is_as_it_was():
            changed = self._reach.change()
            if changed is not None:
                self._forget(changed)
                replay = None
        tried: tuple = ()
        while replay is not None:
            try:
                result = replay.run(arrays)
            except Diverged as diverged:
                tried = *tried, replay
                replay = self._other(replay, diverged, tried)
            except errors.ProgramError:  # of the engine
                raise
            except Exception as error:
                result = self.f(*args, **kwargs)  # which raises it too, or catches it
                if not self._again[type(error)]:
                    what = (
                        f"runs as it is where it catches an error ({type(error).__name__}: {error})"
                    )
                    self._warn(what, "compute what is right for all numbers, by np.where")
                self._again[type(error)] += 1
                return result
            else:
                self.latest = replay
                return result
        if self.refusal:
            return self.f(*args, **kwargs)
        return self._record(args, kwargs)

    def _forget(self, changed):
        """Forget all programs: what they hold as constant is another one."""
        self._replays = []
        self.latest = None
        self._count(changed, f"{changed}, which it reads, changes", "pass it as an argument")

    def _other(self, replay, diverged, tried):
        """The program that took the way of this one up to a guard, and then the other.

        Else one of which nothing that was seen says that it does not hold: a program that met no nan
        has no outcomes of what is computed in the place of one.  Each looks at all its own guards.
        """
        number, seen = diverged.number, diverged.seen
        before = _up_to(replay.outcomes, number)
        others = [other for other in self._replays if other not in tried]
        for other in others:
            if other.outcomes.get(number) == seen and _up_to(other.outcomes, number) == before:
                return other
        known = {**before, number: seen}
        for other in others:
            if all(other.outcomes.get(k, outcome) == outcome for k, outcome in known.items()):
                return other
        line = replay.program.line_of(number)
        text = linecache.getline(*line).strip()
        place = f"`{text}` ({line[0].rpartition('/')[2]}:{line[1]})" if text else "a number"
        self._count(
            line,
            f"what {place} sees of the numbers changes",
            "choose element by element, np.where(condition, a, b), and loop a fixed number of times",
        )
        return None

    def _count(self, key, what, fix):
        self._again[key] += 1
        if self._again[key] == _WARNED:
            self._warn(f"is recorded again and again: {what} from call to call", fix)

    def _warn(self, what, fix):
        text = f"`{name_of(self.f)}` {what}; {fix}."
        warnings.warn_explicit(text, errors.PerformanceWarning, *user_place())

    def _record(self, args, kwargs):
        f = self.f
        self._recorded += 1
        if self._recorded > _RECORDINGS:
            self.refusal = f"it was recorded {_RECORDINGS} times", CALL_IT
            return f(*args, **kwargs)
        leaves, treedef = flattened(args, kwargs)
        reach = Reach(f, *self.static)
        if reach.unseen:
            why, fix = reach.unseen
            return self._run_as_it_is(why, args, kwargs, fix)
        draws, modules = (drawn(), reach.draws()), len(sys.modules)
        if "raise" in np.geterr().values():
            return self._run_as_it_is("NumPy is to raise errors of numbers", args, kwargs)
        recording = Recording()
        given = [recording.input(_own(x)) if is_array(x) else x for x in leaves]
        again, named = trees.unflatten(treedef, given)
        try:
            try:
                with np.errstate(all="ignore"), _without_collections():
                    result = call_user(f, again, named)
            except Exception as error:
                result = f(*args, **kwargs)  # which raises it too, or takes no recorded arrays
                self._refuse(f"with recorded arrays it raises {type(error).__name__}: {error}")
                return result
            found, tree = _leaves_of(result, f)
            program = recording.program(found, name_of(f))
        except Unrecordable as reason:
            return self._run_as_it_is(str(reason), args, kwargs)
        except errors.MutationError:
            return self._run_as_it_is("it overwrites what it has computed with", args, kwargs)
        finally:
            recording.close()
        if any(x.was_written() for x in given if type(x) is Recorder):
            raise errors.InPlaceError(
                f"`{name_of(f)}` writes into its argument, which belongs to its caller.",
                where="",
                fix="write into a copy: x = x.copy()",
            )
        if recording.raised:
            return self._run_as_it_is("it catches an error that a function raised", args, kwargs)
        if (drawn(), reach.draws()) != draws:
            return self._run_as_it_is("it draws random numbers", args, kwargs, "pass them to it")
        changed = reach.change()
        if changed is None or reach.is_only_filled():
            if changed is not None or len(sys.modules) > modules:  # which f has imported
                reach = Reach(f, *self.static)
            changed = None
        if changed is not None:
            what = f"it changes {changed}, which outlives the call"
            return self._run_as_it_is(what, args, kwargs, "return it instead")
        replay = Replay(program, tree, self.workspace_of)
        self._reach, self._is_as_it_was = reach, reach.quick_look()
        self._replays.append(replay)
        self.latest = replay
        return self.run(args, kwargs, [x for x in leaves if is_array(x)])

    def _run_as_it_is(self, why, args, kwargs, fix=CALL_IT):
        self._refuse(why, fix)
        return self.f(*args, **kwargs)

    def _refuse(self, why, fix=CALL_IT):
        if not self.refusal:
            self._warn(f"runs as it is, without a program: {why}", fix)
        self.refusal = why, fix


def _leaves_of(result, f):
    """The leaves of a result: arrays up to date, and values that are as they are; and its treedef."""
    leaves, treedef = trees.flatten(result)
    found = []
    for leaf in leaves:
        if hasattr(leaf, "dtype"):
            (leaf,), _ = flatten_result(leaf, f)
        elif not isinstance(leaf, _VALUES):
            raise _no_result(f, f"an object of type {type(leaf).__name__}")
        found.append(leaf)
    if not any(hasattr(leaf, "dtype") or type(leaf) in (*NUMBERS, int) for leaf in found):
        raise _no_result(f, repr(result))
    return found, None if treedef.is_leaf() else treedef


def _no_result(f, what):
    return errors.StructureError(
        f"`{name_of(f)}` returned {what}: a compiled function returns arrays and numbers.",
        where="",
        fix="return arrays and numbers, in tuples, lists, dicts or dataclasses",
    )


@contextlib.contextmanager
def _without_collections():
    """Nothing that is recorded is garbage: to look for some takes a third of the time of long loops."""
    enabled = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if enabled:
            gc.enable()


def _up_to(outcomes, number):
    return {k: seen for k, seen in outcomes.items() if k < number}


def _own(x):
    return own_copy(x, x.strides) if isinstance(x, np.ndarray) else x
