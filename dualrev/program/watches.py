"""Watches: values that were seen, by where they stand, and what of them has changed since.

Owns how a change is found, and its name.  Must not know what is worth to be watched, nor programs.
"""

import operator
import random

import numpy as np
from numpy.random.bit_generator import ISeedSequence

from dualrev.errors import name_of
from dualrev.program.comparison import Comparison
from dualrev.readers.captured import digest_of

__all__ = ["Watches", "drawn"]

#: Arrays up to this size are compared byte by byte, which is as quick as a digest (bytes).
_BYTES = 4 * 1024


class Watches:
    """What is watched, as it was."""

    def __init__(self):
        self._values = []  # (what finds a value by its key, keys, values, names)
        self._dicts = []  # whose keys may grow in number
        self._counts = []  # of their keys
        self._owners = []  # (what the names of their keys begin with, keys that may come)
        self._views = []  # of the keys of dicts
        self._keys = []  # these, in order
        self._sequences = []  # (list, its elements)
        self._marks = []  # (array, or what shows numbers as one, its mark)
        self._caches = []  # (cached function, calls of it)
        self._generators = []

    # -- what is watched

    def values(self, get, keys, names):
        """Watch what ``get`` finds by each key; the values."""
        values = tuple(map(get, keys))
        if values:
            self._values.append((get, tuple(keys), values, names))
        return values

    def attributes(self, held, owner, cached=()):
        """Watch the number of attributes in a dict; some may come, of what is cached."""
        self._dicts.append(held)
        self._counts.append(len(held))
        self._owners.append((owner, cached))

    def keys(self, view):
        """Watch which keys a dict has, and in which order."""
        self._views.append(view)
        self._keys.append(tuple(view))

    def elements(self, x):
        """Watch which elements a list has, and in which order; these."""
        elements = tuple(x)
        self._sequences.append((x, elements))
        return elements

    def numbers(self, x):
        """Watch the numbers of an array, or of what shows some."""
        self._marks.append((x, _mark(x)))

    def cached(self, function):
        """Watch whether a cached function forgets what it has answered."""
        self._caches.append([function, _calls_of(function)])

    def generator(self, generator):
        """Watch whether a random generator is drawn from."""
        self._generators.append(generator)

    # -- what has changed

    def quick_look(self):
        """A function that tells whether all is as it was; None where nothing could change.

        Where it says no, ``change`` has to be asked, which may have nothing to say.
        """
        tests = Comparison()
        for get, keys, values, _ in self._values:
            for key, value in zip(keys, values):
                tests.of_value(get, key, value)
        for held, count in zip(self._dicts, self._counts):
            tests.add("len({}) == {}", held, count)
        for view, keys in zip(self._views, self._keys):
            tests.add("tuple({}) == {}", view, keys)
        for sequence, elements in self._sequences:
            tests.of_elements(sequence, elements)
        for x, mark in self._marks:
            if type(x) is np.ndarray and type(mark) is tuple and type(mark[-1]) is bytes:
                tests.add(
                    "{0}.tobytes() == {3} and {0}.shape == {1} and {0}.dtype is {2}", x, *mark
                )
            else:
                tests.add("{}({}) == {}", _mark, x, mark)
        for cache in self._caches:
            tests.add("{}({})", _is_kept, cache)
        return tests.function(self._is_as_it_was)

    def _is_as_it_was(self):
        return self.change() is None

    def change(self) -> str | None:
        """What is another one now, in words; None where all is as it was."""
        for get, keys, values, names in self._values:
            if not all(map(operator.is_, map(get, keys), values)):
                seen = map(operator.is_, map(get, keys), values)
                return f"`{next(name for name, same in zip(names, seen) if not same)}`"
        if self._dicts and [*map(len, self._dicts)] != self._counts:
            return self._changed_attribute()
        if self._views and [*map(tuple, self._views)] != self._keys:
            return "the keys of a dict"
        for sequence, elements in self._sequences:
            if len(sequence) != len(elements) or not all(map(operator.is_, sequence, elements)):
                return f"a {type(sequence).__name__} of {len(elements)} elements"
        for x, mark in self._marks:
            if _mark(x) != mark:
                return f"an array of shape {np.shape(x)}"
        for cache in self._caches:
            if not _is_kept(cache):
                return f"what `{name_of(cache[0])}` has cached"
        return None

    def _changed_attribute(self):
        for held, count, (owner, _) in zip(self._dicts, self._counts, self._owners):
            if len(held) > count:
                return f"`{owner}{[*held][-1]}`"
            if len(held) < count:
                return f"the number of attributes of `{owner[:-1]}`"
        return None

    def is_only_filled(self) -> bool:
        """Whether nothing has changed, but for what each cached_property has been computed."""
        for i, (held, (_, cached)) in enumerate(zip(self._dicts, self._owners)):
            if cached and set([*held][self._counts[i] :]) <= set(cached):
                self._counts[i] = len(held)
        return self.change() is None

    def draws(self) -> list:
        """The states of the random generators."""
        return [_state(generator) for generator in self._generators]


def _mark(x):
    if isinstance(x, np.ndarray):
        if x.dtype.hasobject:
            return repr(x.tolist())  # by content: they are other objects each time
        return x.shape, x.dtype, x.tobytes() if x.nbytes <= _BYTES else digest_of(x)
    if not hasattr(x, "to_numpy"):
        return memoryview(x).tobytes()
    # Of pandas: what it shows, and its labels.
    parts = (x, *(getattr(x, labels, ()) for labels in ("index", "columns")))
    return [_mark(np.asarray(part)) for part in parts]


def _is_kept(cache):
    """Whether a cached function has not been cleared since it was asked last."""
    function, calls = cache
    now = _calls_of(function)
    if now >= calls:
        cache[1] = now
    return now >= calls


def _calls_of(function):
    info = function.cache_info()
    return info.hits + info.misses


def _state(generator):
    if isinstance(generator, np.random.Generator):
        return _state(generator.bit_generator)
    if isinstance(generator, np.random.BitGenerator):
        return repr(generator.state), _state(generator.seed_seq)
    if isinstance(generator, ISeedSequence):
        return getattr(generator, "n_children_spawned", None)
    if isinstance(generator, random.Random):
        return hash(generator.getstate())
    return repr(generator.get_state())


def drawn() -> int:
    """A number that changes with each draw from ``np.random`` and ``random``."""
    # Whose draws are looked for, not made.
    state = np.random.get_state(legacy=False)  # noqa: NPY002
    numbers = state["state"]
    return hash((numbers["key"].tobytes(), numbers["pos"], state["has_gauss"], random.getstate()))
