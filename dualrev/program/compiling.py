"""compile: a function that is recorded at its first call, and replayed from then on.

Owns which program is replayed, when one more is recorded, and when the function itself runs.  Must
not know what a program consists of.
"""

import contextlib
import enum
import functools
import gc
import importlib
import linecache
import sys
import threading
import types
import warnings
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors, trees
from dualrev.calls import RUNNING, call_user, check_callable, flatten_result
from dualrev.core.assignment import own_copy
from dualrev.core.traced import is_traced
from dualrev.core.watching import OBSERVER
from dualrev.errors import name_of
from dualrev.insides.lines import user_place
from dualrev.insides.marks import name_for_pickle
from dualrev.program.engines import workspace_of
from dualrev.program.reach import Reach
from dualrev.program.recorder import Recorder, Unrecordable
from dualrev.program.recording import Recording
from dualrev.program.replay import (
    NUMBERS,
    STATIC,
    Replay,
    flattened,
    is_array,
    key_orders,
    kind_of,
    kinds_of_arrays,
)
from dualrev.program.standalone import StandaloneProgram
from dualrev.program.steps import Diverged
from dualrev.program.watches import drawn

__all__ = ["compile"]

_ndarray = np.ndarray
#: What most functions are given one of.
_SINGLE = frozenset({_ndarray, float, np.float64})
#: Kinds of arguments that are kept, the least recently used goes; recordings of each; how many are
#: made before a warning.
_KINDS, _RECORDINGS, _WARNED = 64, 32, 8
_CALL_IT = "call it without dr.compile"
#: Values beside the arrays of a result: they are what they were at the recording.
_VALUES = (bool, int, float, complex, str, bytes, enum.Enum)


class compile:
    """The same function, recorded at its first call and replayed from then on.

    The first call runs f and notes the calls of NumPy that it makes: a program.  Calls with arguments
    of the same structure, shapes and dtypes repeat that program, without Python's share.  f is any
    function of arrays, a derivative above all: ``dr.compile(dr.grad(f))``.

    Parameters
    ----------
    f : callable
        Function of arrays, or of structures of arrays, that answers such.
    engine : str or module, optional
        What runs programs: "numpy", "llvm", "jax", or a module that has NumPy's functions.  By default
        "llvm" where llvmlite is installed, else "numpy".

    Returns
    -------
    callable
        Equal to f to the last bit or two, and as picklable.

    Raises
    ------
    InPlaceError
        Where f writes into its arguments, which belong to its caller.
    ArgumentError, StructureError
        Where f answers what is no array of numbers.

    Warns
    -----
    PerformanceWarning
        Where f cannot be replayed and runs as it is, or is recorded again and again: with the line,
        and what to type instead.

    See Also
    --------
    grad, jacobian, hessian, hvp

    Notes
    -----
    What Python sees of the numbers while f is recorded, as ``if x[0] > 0`` does, is a guard: a call
    that meets another outcome is recorded too, and both programs stay.  What f reads besides its
    arguments (arrays and values in its closure, its globals, its objects and their classes) is compared
    at each call; a change is recorded anew.  A clock, a file, what is printed, and a generator of random
    numbers that f makes from no seed are not seen: they are as they were at the recording.  The page of
    limits has the rest.
    NumPy's warnings of numbers (an overflow, a division by 0) are not given.

    A whole number among the arguments is not an array: each value has programs of its own.

    Inside a derivative, and under :func:`debug`, f runs as it is.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> fast = dr.compile(dr.grad(lambda x: np.sum(x**3)))
    >>> fast(np.array([1.0, 2.0]))
    array([ 3., 12.])
    >>> fast(np.array([3.0, 0.0]))
    array([27.,  0.])
    """

    def __init__(self, f: Callable, *, engine: Any = None):
        check_callable(f, "dr.compile(f)(x)")
        functools.update_wrapper(self, f, updated=())
        self.f = f
        self.engine = engine
        self.workspace_of = workspace_of(engine)
        self._kinds: OrderedDict = OrderedDict()

    def __repr__(self):
        return f"<compiled {self.f!r}>"

    def __get__(self, instance, owner=None):
        return self if instance is None else functools.partial(self, instance)

    def __reduce__(self):
        # Programs stay behind: what they hold as constant need not be so elsewhere.
        module = isinstance(self.engine, types.ModuleType)
        engine = self.engine.__name__ if module else self.engine
        return name_for_pickle(self) or (_compiled_again, (self.f, engine, module))

    def __call__(self, *args, **kwargs) -> Any:
        if OBSERVER.get() is not None or (RUNNING and threading.get_ident() in RUNNING):
            return self.f(*args, **kwargs)
        if _is_single(args, kwargs):  # without a structure: 5 us less
            x = args[0]
            array = type(x) is _ndarray
            key = (x.shape, x.dtype) if array and x.flags.c_contiguous else type(x)
            branches = self._kinds.get(key)
            if branches is not None:
                return branches.run(args, kwargs, args)
        branches, arrays = self._branches(args, kwargs)
        return self.f(*args, **kwargs) if branches is None else branches.run(args, kwargs, arrays)

    def program(self, *args, **kwargs) -> StandaloneProgram:
        """The program that a call with these arguments replays; ``print(program)`` shows its steps.

        It is called like f, and written to a file by its ``save``.  Raises ArgumentError where f runs
        as it is, with the reason.
        """
        self(*args, **kwargs)
        branches, _ = self._branches(args, kwargs)
        if branches is None or branches.latest is None:
            foreign = "one of them is traced, or of another library", _CALL_IT
            why, fix = foreign if branches is None else branches.refusal
            raise errors.ArgumentError(
                f"`{name_of(self.f)}` has no program for these arguments, it runs as it is: {why}.",
                fix=fix,
            )
        leaves, treedef = flattened(args, kwargs)
        replay, kinds = branches.latest, tuple(map(kind_of, leaves))
        return StandaloneProgram(replay.program, treedef, kinds, replay.tree, self.engine)

    def _branches(self, args, kwargs):
        """The programs for arguments of this kind, and the arrays among these; None for other kinds."""
        leaves, treedef = flattened(args, kwargs)
        arrays, kinds = leaves, kinds_of_arrays(leaves)
        if kinds is None:
            if any(map(_is_foreign, leaves)):
                return None, leaves
            kinds = tuple(map(kind_of, leaves))
            arrays = [x for x in leaves if is_array(x)]
        key = kinds[0] if _is_single(args, kwargs) else (treedef, kinds, key_orders((args, kwargs)))
        branches = self._kinds.get(key)
        if branches is None:
            static = [x for x in leaves if not is_array(x)]
            branches = self._kinds[key] = Branches(self.f, self.workspace_of, static)
            if len(self._kinds) > _KINDS:
                self._kinds.popitem(last=False)
        elif len(self._kinds) > 1:
            with contextlib.suppress(KeyError):  # another thread has dropped it
                self._kinds.move_to_end(key)
        return branches, arrays


def _compiled_again(f, engine, module):
    return compile(f, engine=importlib.import_module(engine) if module else engine)


def _is_single(args, kwargs):
    return len(args) == 1 and not kwargs and type(args[0]) in _SINGLE


def _is_foreign(x):
    """Whether it is an array that no program takes: traced, of objects, or another library's."""
    if is_array(x) or isinstance(x, STATIC):
        return False
    return is_traced(x) or hasattr(type(x), "__array__")


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
        self._reach = None
        self._recorded = 0
        self._again: Counter = Counter()
        self.refusal: tuple | None = None

    def run(self, args, kwargs, arrays):
        """The result of a call, by a program, or by the function itself."""
        replay = self.latest
        if replay is not None and self._reach.watches:
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
            self.refusal = f"it was recorded {_RECORDINGS} times", _CALL_IT
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
        self._reach = reach
        self._replays.append(replay)
        self.latest = replay
        return self.run(args, kwargs, [x for x in leaves if is_array(x)])

    def _run_as_it_is(self, why, args, kwargs, fix=_CALL_IT):
        self._refuse(why, fix)
        return self.f(*args, **kwargs)

    def _refuse(self, why, fix=_CALL_IT):
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
    return own_copy(x, x.strides) if isinstance(x, _ndarray) else x
