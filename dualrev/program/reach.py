"""Reach: what a function reads besides its arguments, and whether it is still what it was.

Owns where such values are looked for: the closure, the globals that the code names, the objects that
it is given or bound to, and the functions of these.  Must not know programs.
"""

import functools
import operator
import random
import types
from collections.abc import Iterator

import numpy as np

from dualrev.core.traced import Fillable
from dualrev.insides.lines import is_of_library, is_standard
from dualrev.readers.captured import digest_of

__all__ = ["Reach", "drawn"]

#: Objects that are looked at; what lies behind more of them is not seen.
_MOST = 10_000
#: Arrays up to this size are compared byte by byte, which is as quick as a digest (bytes).
_BYTES = 4 * 1024
_MISSING = object()
_FUNCTIONS = (types.FunctionType, types.MethodType, functools.partial)
_NO_DATA = (types.ModuleType, types.BuiltinFunctionType, np.ufunc, np.dtype, type)


class Reach:
    """What can be reached from some objects, as it is now.

    Parameters
    ----------
    *roots
        The function, and arguments that are no arrays.
    """

    def __init__(self, *roots):
        self._names: list = []  # (dict, name, value, owner)
        self._sizes: list = []  # (dict, number of its keys, owner)
        self._cells: list = []  # (cell, value, name)
        self._sequences: list = []  # (list, its elements)
        self._arrays: list = []  # (array, mark)
        self._generators: list = []
        self._seen: dict = {}
        for root in roots:
            self._visit(root)
        self._seen = dict.fromkeys(self._seen)  # ids of what the lists keep alive
        watched = self._names, self._sizes, self._cells, self._sequences, self._arrays
        #: Whether there is anything that could change: 0.3 us to ask for nothing.
        self.watches = any(watched)

    def change(self) -> str | None:
        """What is another one now, in words; None where all is as it was."""
        for names, name, value, owner in self._names:
            if names.get(name, _MISSING) is not value:
                return f"`{owner}{name}`"
        for cell, value, name in self._cells:
            if _content(cell) is not value:
                return f"`{name}`"
        for names, count, owner in self._sizes:
            if len(names) != count:
                return f"`{owner}{[*names][-1]}`" if len(names) > count else "the keys of a dict"
        for sequence, elements in self._sequences:
            if len(sequence) != len(elements) or not all(map(operator.is_, sequence, elements)):
                return f"a list of {len(elements)} elements"
        for array, mark in self._arrays:
            if _mark(array) != mark:
                return f"an array of shape {array.shape}"
        return None

    def draws(self) -> list:
        """The states of the random generators."""
        return [_state(generator) for generator in self._generators]

    # -- the walk

    def _visit(self, x):
        kind = type(x)
        if kind in (int, float, str, bool, complex, bytes, types.NoneType) or id(x) in self._seen:
            return
        if isinstance(x, _NO_DATA) or len(self._seen) > _MOST:
            return
        self._seen[id(x)] = x
        if isinstance(x, np.ndarray):
            self._visit_array(x)
        elif hasattr(x, "tocsr"):  # a matrix of scipy.sparse; one kind is a dict too
            self._visit(list(vars(x).values()))
        elif isinstance(x, list | tuple):
            if kind is list:
                self._sequences.append((x, tuple(x)))
            for part in x:
                self._visit(part)
        elif isinstance(x, dict):
            self._watch_names(x, list(dict.keys(x)), "")
            self._sizes.append((x, len(x), ""))
        elif isinstance(x, _FUNCTIONS):
            self._visit_function(x)
        elif isinstance(x, np.random.Generator | np.random.RandomState | random.Random):
            self._generators.append(x)
        else:
            self._visit_object(x)

    def _visit_array(self, x):
        if isinstance(x, Fillable):
            x = np.asarray(x)
        if x.dtype.hasobject:
            for part in x.flat:
                self._visit(part)
        else:
            self._arrays.append((x, _mark(x)))

    def _visit_function(self, x):
        if isinstance(x, functools.partial):
            self._visit((x.func, x.args, x.keywords))
        elif isinstance(x, types.MethodType):
            self._visit(x.__func__)
            self._visit(x.__self__)
        else:
            self._visit(x.__defaults__)
            self._visit(x.__kwdefaults__)
            for name, cell in zip(x.__code__.co_freevars, x.__closure__ or ()):
                value = _content(cell)
                self._cells.append((cell, value, name))
                self._visit(value)
            if x.__dict__:
                self._visit(x.__dict__)
            if not is_of_library(x.__module__):
                self._watch_names(x.__globals__, set(_names_in(x.__code__)), "")

    def _visit_object(self, x):
        cls = type(x)
        held = getattr(x, "__dict__", None)
        if cls.__module__.partition(".")[0] == "dualrev":
            self._visit(getattr(x, "f", None))  # a derivative; its own memory is not the user's
            return
        if is_standard(cls.__module__) and cls is not types.SimpleNamespace:
            return
        if isinstance(held, dict):
            self._watch_names(held, list(dict.keys(held)), f"{cls.__name__}.")
            self._sizes.append((held, len(held), f"{cls.__name__}."))
        for name in getattr(cls, "__slots__", ()):
            self._visit(getattr(x, name, None))
        for base in cls.__mro__:
            if not is_of_library(base.__module__):
                for value in list(vars(base).values()):
                    self._visit(_behind(value))

    def _watch_names(self, names, wanted, owner):
        for name in wanted:
            value = names.get(name, _MISSING)
            if value is _MISSING:
                continue
            if isinstance(value, types.ModuleType):
                if not is_of_library(value.__name__) and names is not vars(value):
                    self._watch_names(vars(value), wanted, f"{value.__name__}.")
                continue
            self._names.append((names, name, value, owner))
            self._visit(value)


def _names_in(code) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names_in(constant)


def _behind(value):
    """The function behind what a class holds for it."""
    if isinstance(value, staticmethod | classmethod):
        return value.__func__
    return value.fget if isinstance(value, property) else value


def _content(cell):
    try:
        return cell.cell_contents
    except ValueError:  # empty, as of a variable that is assigned later
        return _MISSING


def _mark(array):
    return array.tobytes() if array.nbytes <= _BYTES else digest_of(array)


def _state(generator):
    if isinstance(generator, np.random.Generator):
        return repr(generator.bit_generator.state)
    if isinstance(generator, random.Random):
        return hash(generator.getstate())
    return repr(generator.get_state())


def drawn() -> int:
    """A number that changes with each draw from ``np.random`` and ``random``."""
    # Whose draws are looked for, not made.
    state = np.random.get_state(legacy=False)  # noqa: NPY002
    numbers = state["state"]
    return hash((numbers["key"].tobytes(), numbers["pos"], state["has_gauss"], random.getstate()))
