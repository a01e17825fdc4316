"""Reach: what a function reads besides its arguments, and whether it is still what it was.

Owns where such values are looked for: the closure, the globals that the code names, the objects that
it is given or bound to, their classes, and the functions of these.  Must not know programs.
"""

import collections
import functools
import operator
import random
import types
from collections.abc import Iterator

import numpy as np

from dualrev.closures import held_in
from dualrev.core.primitive import RULES, Primitive
from dualrev.core.traced import Fillable
from dualrev.insides.lines import is_of_library, is_standard
from dualrev.readers.captured import digest_of

__all__ = ["Reach", "drawn"]

#: Objects that are looked at; what lies behind more of them is not seen.
_MOST = 10_000
#: Arrays up to this size are compared byte by byte, which is as quick as a digest (bytes).
_BYTES = 4 * 1024
_MISSING = object()
_PLAIN = (int, float, str, bool, complex, bytes, types.NoneType)
_FUNCTIONS = (types.FunctionType, types.MethodType, functools.partial)
#: What a class holds for a function of its instances.
_METHODS = (staticmethod, classmethod, property, functools.cached_property)
_SEQUENCES = (list, tuple, set, frozenset, collections.deque)
_SLOT = types.MemberDescriptorType
_NO_DATA = (types.ModuleType, types.BuiltinFunctionType, np.ufunc, np.dtype, np.generic)
_NUMPYS = ("numpy", "scipy")
#: Attributes of their objects that are data, besides such objects.
_DATA = (*_PLAIN[:-1], *_SEQUENCES, *_FUNCTIONS, np.ndarray, np.generic)


class Reach:
    """What can be reached from some objects, as it is now.

    Parameters
    ----------
    *roots
        The function, and arguments that are no arrays.
    """

    def __init__(self, *roots):
        self._values: list = []  # (what finds a value by its key, keys, values, names)
        self._sizes: list = []  # (dict, number of its keys, owner, keys that may come)
        self._sequences: list = []  # (list, its elements)
        self._arrays: list = []  # (array, mark)
        self._generators: list = []
        self._functions: list = []
        self._waiting = list(roots)
        self._seen: dict = {}  # by id, alive
        for x in self._waiting:  # what is near first
            self._look_at(x)
        if self._functions:  # who reloads a module sets their code
            names = [f.__name__ for f in self._functions]
            self._note(operator.attrgetter("__code__"), self._functions, names)
        del self._waiting, self._seen, self._functions
        #: Whether there is anything that could change: 0.3 us to ask for nothing.
        self.watches = any((self._values, self._sizes, self._sequences, self._arrays))

    def _note(self, get, keys, names):
        values = tuple(map(get, keys))
        self._values.append((get, tuple(keys), values, names))
        return values

    def change(self) -> str | None:
        """What is another one now, in words; None where all is as it was."""
        for get, keys, values, names in self._values:
            if not all(map(operator.is_, map(get, keys), values)):
                seen = map(operator.is_, map(get, keys), values)
                return f"`{next(name for name, same in zip(names, seen) if not same)}`"
        for names, count, owner, _ in self._sizes:
            if len(names) != count:
                return f"`{owner}{[*names][-1]}`" if len(names) > count else "the keys of a dict"
        for sequence, elements in self._sequences:
            if len(sequence) != len(elements) or not all(map(operator.is_, sequence, elements)):
                return f"a {type(sequence).__name__} of {len(elements)} elements"
        for array, mark in self._arrays:
            if _mark(array) != mark:
                return f"an array of shape {array.shape}"
        return None

    def is_only_filled(self) -> bool:
        """Whether nothing has changed, but for what each cached_property has been computed."""
        for i, (names, count, owner, cached) in enumerate(self._sizes):
            if cached and set([*names][count:]) <= set(cached):
                self._sizes[i] = names, len(names), owner, cached
        return self.change() is None

    def draws(self) -> list:
        """The states of the random generators."""
        return [_state(generator) for generator in self._generators]

    # -- the walk

    def _look_at(self, x):
        kind = type(x)
        if kind in _PLAIN or id(x) in self._seen or isinstance(x, _NO_DATA):
            return
        if len(self._seen) > _MOST:
            return
        self._seen[id(x)] = x
        if isinstance(x, _FUNCTIONS):
            self._look_at_function(x)
        elif isinstance(x, _METHODS):
            self._waiting += [getattr(x, name, None) for name in ("__func__", "fget", "func")]
        elif isinstance(x, type):
            self._look_at_class(x)
        elif _package(x) == "pandas" and hasattr(kind, "to_numpy"):
            self._arrays.append((x, _mark(x)))  # not what it holds: caches
        elif isinstance(x, np.random.Generator | np.random.RandomState | random.Random):
            self._generators.append(x)
        else:
            if isinstance(x, np.ndarray):
                self._look_at_array(x)
            elif isinstance(x, _SEQUENCES):
                self._look_at_sequence(x)
            elif isinstance(x, dict | types.MappingProxyType):
                self._watch(x, list(dict.keys(x) if isinstance(x, dict) else x))
                self._sizes.append((x, len(x), "", ()))
            if kind is not np.ndarray:
                self._look_at_object(x)

    def _look_at_array(self, x):
        if isinstance(x, Fillable):
            x = np.asarray(x)
        if not x.dtype.hasobject:
            self._arrays.append((x, _mark(x)))
        elif x.ndim == 1:
            self._look_at_sequence(x)
        else:
            self._waiting += x.flat

    def _look_at_sequence(self, x):
        parts = tuple(x)
        self._waiting += parts
        if not isinstance(x, tuple | frozenset):
            self._sequences.append((x, parts))

    def _look_at_function(self, x):
        if isinstance(x, functools.partial):
            self._waiting += [x.func, x.args, x.keywords]
        elif isinstance(x, types.MethodType):
            self._waiting += [x.__func__, x.__self__]
        else:
            self._waiting += [x.__defaults__, x.__kwdefaults__]
            cells = x.__closure__ or ()
            values = self._note(held_in, cells, x.__code__.co_freevars) if cells else ()
            self._waiting += values
            if x.__dict__:
                self._waiting.append(x.__dict__)
            if not is_of_library(x.__module__):
                self._functions.append(x)
                names = set(_names_in(x.__code__))
                self._watch(x.__globals__, names)
                for module in filter(_is_users_module, values):
                    self._watch(vars(module), names, f"{module.__name__}.")

    def _look_at_class(self, cls):
        if not is_of_library(cls.__module__):
            held = vars(cls)
            names = [n for n, value in held.items() if _is_users(n, value)]
            self._watch(held, names, f"{cls.__name__}.")
            self._sizes.append((held, len(held), f"{cls.__name__}.", ()))
            self._waiting += [*cls.__bases__, type(cls)]

    def _look_at_object(self, x):
        """Look at the attributes of an instance."""
        cls, package = type(x), _package(x)
        if package == "dualrev":
            self._look_at_ours(x)
            return
        if is_standard(cls.__module__) and package not in (*_NUMPYS, "collections", "types"):
            return
        # What objects of NumPy and SciPy hold besides data may be a cache.
        kinds = (*_DATA, dict) if hasattr(cls, "tocsr") else _DATA
        everything = package not in _NUMPYS

        def counts(held):
            return everything or isinstance(held, kinds) or _package(held) in _NUMPYS

        owner, held = f"{cls.__name__}.", vars(x) if cls.__dictoffset__ else None
        slots = [v for base in cls.__mro__ for v in vars(base).values() if type(v) is _SLOT]
        slots = [slot for slot in slots if counts(_in_slot(x, slot))]
        if slots:
            names = [f"{owner}{slot.__name__}" for slot in slots]
            self._waiting += self._note(functools.partial(_in_slot, x), slots, names)
        if isinstance(held, dict):
            self._watch(held, [name for name in dict.keys(held) if counts(held[name])], owner)
            if everything:
                items = (item for base in cls.__mro__ for item in vars(base).items())
                cached = [n for n, v in items if isinstance(v, functools.cached_property)]
                self._sizes.append((held, len(held), owner, cached))
        self._waiting.append(cls)

    def _look_at_ours(self, x):
        """Look at the functions that it has of the user's: the rest of its memory is its own."""
        held = [getattr(x, "f", None), *getattr(x, "__dict__", {}).values()]
        if isinstance(x, Primitive) and not is_of_library(x.__module__):
            rule = RULES[x]
            held += [rule.jvp, rule.vjp, *(rule.partials or ())]
        self._waiting += filter(callable, held)

    def _watch(self, names, wanted, owner=""):
        """Watch some names of a dict, and look at what they stand for; in the user's modules too."""
        spaces = [(names, owner)]
        looked_at = {id(names)}
        for names, owner in spaces:
            keys = []
            for name in wanted:
                value = names.get(name, _MISSING)
                if _is_users_module(value) and id(vars(value)) not in looked_at:
                    looked_at.add(id(vars(value)))
                    spaces.append((vars(value), f"{value.__name__}."))
                elif value is not _MISSING and not isinstance(value, types.ModuleType):
                    keys.append(name)
            if keys:
                said = [f"{owner}{key}" for key in keys]
                self._waiting += self._note(names.get, keys, said)


def _is_users_module(x):
    return isinstance(x, types.ModuleType) and not is_of_library(x.__name__)


def _is_users(name, value):
    """Whether it is the user's what a class holds, not Python's account of the class."""
    return isinstance(value, (*_FUNCTIONS, *_METHODS)) or not (
        name.startswith("__") or type(value) is _SLOT
    )


def _package(x):
    return type(x).__module__.partition(".")[0]


def _in_slot(x, slot):
    try:
        return slot.__get__(x)
    except AttributeError:  # nothing yet
        return None


def _names_in(code) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names_in(constant)


def _mark(x):
    if not isinstance(x, np.ndarray):  # of pandas: what it shows, and its labels
        parts = (x, *(getattr(x, labels, ()) for labels in ("index", "columns")))
        return [_mark(np.asarray(part)) for part in parts]
    if x.dtype.hasobject:
        return repr(x.tolist())  # by content: they are other objects each time
    return x.tobytes() if x.nbytes <= _BYTES else digest_of(x)


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
