"""compile: a function that is recorded at its first call, and replayed from then on.

Owns what of a call's arguments a program is kept for.  Must not know what a program consists of, nor
when one is recorded.
"""

import contextlib
import functools
import importlib
import threading
import types
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.calls import RUNNING, check_callable
from dualrev.core.traced import is_traced
from dualrev.core.watching import OBSERVER
from dualrev.errors import name_of
from dualrev.insides.marks import name_for_pickle
from dualrev.program.arguments import (
    STATIC,
    details,
    flattened,
    is_array,
    kind_of,
    kinds_of_arrays,
)
from dualrev.program.branches import CALL_IT, Branches
from dualrev.program.engines import workspace_of
from dualrev.program.standalone import StandaloneProgram

__all__ = ["compile"]

_ndarray = np.ndarray
#: What most functions are given one of.
_SINGLE = frozenset({_ndarray, float, np.float64})
#: Kinds of arguments that are kept, the least recently used goes.
_KINDS = 64


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
            foreign = "one of them is traced, or of another library", CALL_IT
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
        key = kinds[0] if _is_single(args, kwargs) else (treedef, kinds)
        branches = self._kinds.get(key)
        if branches is None and (found := details((args, kwargs))):
            key = treedef, kinds, found
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
