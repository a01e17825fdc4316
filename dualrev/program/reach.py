"""Reach: what a function reads besides its arguments.

Owns where such values are looked for: the closure, the globals that the code names, the objects that
it is given or bound to, their classes, and the functions of these.  Must not know how a change is
found, nor programs.
"""

import collections
import contextvars
import functools
import gc
import operator
import random
import sys
import threading
import types
import weakref
from collections.abc import Iterator

import numpy as np
from numpy.random.bit_generator import ISeedSequence

from dualrev.closures import held_in
from dualrev.core.primitive import RULES, Primitive
from dualrev.core.traced import Fillable
from dualrev.insides.lines import is_of_library, is_standard
from dualrev.program.watches import Watches

__all__ = ["Reach"]

#: Objects that are looked at: to compare so many takes milliseconds.
_MOST = 10_000
_MISSING = object()
_PLAIN = (int, float, str, bool, complex, bytes, types.NoneType)
_FUNCTIONS = (types.FunctionType, types.MethodType, functools.partial)
#: What a class holds for a function of its instances, and where these have it.
_METHODS = (
    *(staticmethod, classmethod, property),
    *(functools.cached_property, functools.partialmethod, functools.singledispatchmethod),
)
_HELD_BY_METHODS = ("__func__", "fget", "func", "args", "keywords", "dispatcher")
#: Functions of C, of an object: ``list.append`` of a list.
_BOUND = (types.BuiltinFunctionType, types.MethodWrapperType)
_CALLERS = (operator.itemgetter, operator.attrgetter, operator.methodcaller)
_CACHED = type(functools.cache(len))
_CALLABLES = (*_METHODS, *_BOUND, *_CALLERS, _CACHED, np.ufunc)
_GENERATORS = (
    *(np.random.Generator, np.random.RandomState, np.random.BitGenerator, ISeedSequence),
    random.Random,
)
_SEQUENCES = (list, tuple, set, frozenset, collections.deque)
_SLOT = types.MemberDescriptorType
_NO_DATA = (types.ModuleType, np.dtype, np.generic)
_NUMPYS = ("numpy", "scipy")
#: Python's own packages whose objects hold what users put there.
_HOLDERS = ("argparse", "collections", "configparser", "queue", "types")
#: Attributes of their objects that are data, besides such objects.
_DATA = (*_PLAIN[:-1], *_SEQUENCES, *_FUNCTIONS, np.ndarray, np.generic)


class Reach(Watches):
    """What can be reached from some objects, as it is now.

    Parameters
    ----------
    *roots
        The function, and arguments that are no arrays.

    Attributes
    ----------
    unseen : tuple of str, or None
        What would change unseen, and what to do instead.
    """

    def __init__(self, *roots):
        super().__init__()
        self.unseen = None
        self._functions: list = []
        self._classes: list = []
        self._objects: list = []
        self._waiting = list(roots)
        self._seen: dict = {}  # by id, alive
        for x in self._waiting:  # what is near first
            self._look_at(x)
        self._watch_all()
        del self._waiting, self._seen, self._functions, self._classes, self._objects

    def _watch_all(self):
        """Watch what each function, class and object has of its own: of all at once, which is quick."""
        functions, objects = self._functions, self._objects
        # Who reloads a module sets them.
        for part in ("__code__", "__defaults__", "__kwdefaults__"):
            having = [f for f in functions if getattr(f, part) is not None]
            self.values(operator.attrgetter(part), having, [f.__name__ for f in having])
        for f in functions:
            self.attributes(f.__dict__, f"{f.__name__}.")
        names = [f"{cls.__name__}.__bases__" for cls in self._classes]
        self.values(operator.attrgetter("__bases__"), self._classes, names)
        self.values(type, objects, [type(x).__name__ for x in objects])
        objects = [x for x in objects if type(x).__dictoffset__]
        self.values(vars, objects, [f"{type(x).__name__}.__dict__" for x in objects])

    # -- the walk

    def _look_at(self, x):
        kind = type(x)
        if kind in _PLAIN or id(x) in self._seen:
            return
        if kind in weakref.ProxyTypes:  # which is an instance of what its object is one of
            self._waiting.append(x.__init__.__self__)
            return
        if isinstance(x, _NO_DATA):
            return
        if len(self._seen) > _MOST:
            self.unseen = f"it reads more than {_MOST} objects", "pass what it reads of them"
            return
        self._seen[id(x)] = x
        if isinstance(x, _FUNCTIONS):
            self._look_at_function(x)
        elif isinstance(x, _CALLABLES):
            self._look_at_callable(x)
        elif isinstance(x, type):
            self._look_at_class(x)
        elif _package(x) == "pandas" and hasattr(kind, "to_numpy"):
            self.numbers(x)  # not what it holds: caches
        elif isinstance(x, _GENERATORS):
            self.generator(x)
        elif _is_iterator(x):
            self.unseen = f"it reads a {kind.__name__}, which moves on", "pass what comes of it"
        elif isinstance(x, weakref.ReferenceType):
            self._waiting += self.values(weakref.ReferenceType.__call__, [x], ["a weak reference"])
        elif isinstance(x, contextvars.ContextVar):
            self._waiting += self.values(operator.methodcaller("get", None), [x], [x.name])
        else:
            if isinstance(x, np.ndarray):
                self._look_at_array(x)
            elif isinstance(x, _SEQUENCES):
                self._look_at_sequence(x)
            elif isinstance(x, dict | types.MappingProxyType):
                keys = dict.keys(x) if isinstance(x, dict) else x.keys()
                self.keys(keys)
                self._waiting += keys
                self._watch(x, keys)
            if kind is not np.ndarray:
                self._look_at_object(x)

    def _look_at_array(self, x):
        if isinstance(x, Fillable):
            x = np.asarray(x)
        if not x.dtype.hasobject:
            self.numbers(x)
        else:
            places = list(np.ndindex(x.shape))
            self._waiting += self.values(x.__getitem__, places, [f"array{[*p]}" for p in places])

    def _look_at_sequence(self, x):
        self._waiting += x if isinstance(x, tuple | frozenset) else self.elements(x)

    def _look_at_callable(self, x):
        """Look at what a callable of Python's own, or of NumPy's, holds."""
        if isinstance(x, _METHODS):
            self._waiting += [getattr(x, name, None) for name in _HELD_BY_METHODS]
        elif isinstance(x, _BOUND):
            self._waiting.append(x.__self__)
        elif isinstance(x, _CALLERS):
            self._waiting += x.__reduce__()
        elif isinstance(x, _CACHED):
            self.cached(x)
            self._waiting.append(x.__wrapped__)
        else:  # np.frompyfunc
            self._waiting += [f for f in gc.get_referents(x) if isinstance(f, _FUNCTIONS)]

    def _look_at_function(self, x):
        if isinstance(x, functools.partial):
            self._waiting += [x.func, x.args, x.keywords]
        elif isinstance(x, types.MethodType):
            self._waiting += [x.__func__, x.__self__]
        else:
            self._waiting += [x.__defaults__, x.__kwdefaults__]
            self._watch(x.__dict__, list(x.__dict__), f"{x.__name__}.")
            cells = x.__closure__ or ()
            values = self.values(held_in, cells, x.__code__.co_freevars)
            if is_of_library(x.__module__):  # the rest may be a cache
                self._waiting += filter(_is_data, values)
                return
            self._waiting += values
            self._functions.append(x)
            names = set(_names_in(x.__code__))
            self._watch(x.__globals__, names)
            imported = map(sys.modules.get, names)  # in the function itself
            for module in filter(_is_users_module, (*values, *imported)):
                self._watch(vars(module), names, f"{module.__name__}.")

    def _look_at_class(self, cls):
        if not is_of_library(cls.__module__):
            self._classes.append(cls)
            held = vars(cls)
            names = [n for n, value in held.items() if _is_users(n, value)]
            self._watch(held, names, f"{cls.__name__}.")
            self.attributes(held, f"{cls.__name__}.")
            self._waiting += [*cls.__bases__, type(cls)]

    def _look_at_object(self, x):
        """Look at the attributes of an instance."""
        cls, package = type(x), _package(x)
        if package == "dualrev":
            self._look_at_ours(x)
            return
        if package == "weakref":
            if hasattr(x, "data"):  # a dict of them: a cache, which may grow
                self._watch(x.data, list(x.data))
            return
        if _shows_memory(x):
            self.numbers(x)
        if isinstance(x, threading.local):  # each thread has others under the same names
            names = list(vars(x))
            self._waiting += self.values(functools.partial(_attribute, x), names, names)
            return
        if is_standard(cls.__module__) and package not in (*_NUMPYS, *_HOLDERS):
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
            self._waiting += self.values(functools.partial(_in_slot, x), slots, names)
        if isinstance(held, dict):
            self._watch(held, [name for name in dict.keys(held) if counts(held[name])], owner)
            if everything:
                items = (item for base in cls.__mro__ for item in vars(base).items())
                cached = [n for n, v in items if isinstance(v, functools.cached_property)]
                self.attributes(held, owner, cached)
        if not is_standard(cls.__module__):
            self._objects.append(x)
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
            said = [f"{owner}{key}" for key in keys]
            self._waiting += self.values(names.get, keys, said)


def _is_data(x):
    return isinstance(x, (*_DATA, dict))


def _is_iterator(x):
    """Whether it is an iterator of Python's own, which does not show where it stands."""
    kind = type(x)
    return kind.__module__ in ("builtins", "itertools") and isinstance(x, Iterator)


def _is_users_module(x):
    return isinstance(x, types.ModuleType) and not is_of_library(x.__name__)


def _is_users(name, value):
    """Whether it is the user's what a class holds, not Python's account of the class."""
    return isinstance(value, (*_FUNCTIONS, *_METHODS)) or not (
        name.startswith("__") or type(value) is _SLOT
    )


def _package(x):
    return type(x).__module__.partition(".")[0]


def _shows_memory(x):
    """Whether it is no array, but numbers in memory, as of ``array`` and ``ctypes``."""
    try:
        memoryview(x).release()
    except (TypeError, ValueError, BufferError):
        return False
    return not isinstance(x, np.ndarray)


def _attribute(x, name):
    return getattr(x, name, None)


def _in_slot(x, slot):
    try:
        return slot.__get__(x)
    except AttributeError:  # nothing yet
        return None


def _names_in(code) -> Iterator[str]:
    """What code names, also by a text: ``getattr(module, "name")``."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names_in(constant)
        elif isinstance(constant, str):
            yield constant
