"""saving: programs in files, which hold arrays, numbers and names, and no code.

Owns the file and who may be called by name.  Must not know engines, nor how a program is recorded.

A file is a zip of two members.  ``program.json`` has the lists of a program as they are; what JSON
does not know is an object of one key, its kind: ``{"tuple": ...}``, ``{"Ref": ...}``.  ``memory.npy``
has the bytes of all constant arrays, one behind the other.  A function is a name, which is looked up
among those that programs call; nothing is imported by it but parts of dualrev, nothing is unpickled.
"""

import dataclasses
import functools
import importlib
import io
import json
import operator
import sys
import zipfile
from collections.abc import Callable
from pathlib import PurePath

import numpy as np
import scipy.special
from scipy.special import _ufuncs

from dualrev import errors
from dualrev.core.primitive import RULES, Primitive
from dualrev.errors import name_of
from dualrev.program.steps import Guard, Program, Ref, Step, refs_in

__all__ = ["Leaf", "read", "require", "write"]

_FORMAT = 1
_AGAIN = "write it again: dr.compile(f).program(x).save(file)"
#: Constants begin at multiples of so many bytes.
_ALIGNED = 64


class Leaf:
    """The place of an array or number in the structure of the arguments, or of the result."""

    def __init__(self, number):
        self.number = number


def write(file, program: Program, **also) -> None:
    """Write a program, and what belongs to it: numbers, names, arrays and Leafs, in containers.

    Raises ProgramError where a step calls what has no name, or holds what is no such thing.
    """
    writer = _Writer()
    try:
        parts = {name: writer.value(part) for name, part in (("program", program), *also.items())}
    except _Nameless as error:
        raise errors.ProgramError(
            f"A program cannot be saved whose arguments or result have {error}.",
            fix="record it with arrays in tuples, lists and dicts",
        ) from None
    text = json.dumps({"format": _FORMAT, "versions": _versions(), **parts})
    memory = io.BytesIO()
    np.lib.format.write_array(memory, np.frombuffer(writer.memory, np.uint8), allow_pickle=False)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("program.json", text)
        archive.writestr("memory.npy", memory.getvalue())


def read(file, make: Callable):
    """``make(program=..., ...)`` of what was written.

    Raises ProgramError where the file is damaged, or was written by a version that is not known.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            parts = json.loads(archive.read("program.json"))
            memory = np.lib.format.read_array(
                io.BytesIO(archive.read("memory.npy")), allow_pickle=False
            )
        _check_versions(parts.pop("format"), parts.pop("versions"))
        reader = _Reader(memory)
        found = {name: reader.value(part) for name, part in parts.items()}
        _check(found["program"])
        return make(**found)
    except (OSError, errors.DualrevError):
        raise
    except Exception as error:
        raise errors.ProgramError(
            f"The file holds no program, or is damaged: {error!r}.", where="", fix=_AGAIN
        ) from None


# ---------------------------------------------------------------------------------- versions


def _versions():
    # Not by an import: this floor is below the front door.
    return {"dualrev": sys.modules["dualrev"].__version__, "numpy": np.__version__}


def _check_versions(number, versions):
    """Raise where numbers may be others here than where the file was written."""
    own = _versions()
    same_numpy = versions["numpy"].split(".")[0] == own["numpy"].split(".")[0]
    if number != _FORMAT:
        what = f"format {number!r}, this is dualrev {own['dualrev']}, which reads format {_FORMAT}"
    elif versions["dualrev"] != own["dualrev"]:
        what = (
            f"dualrev {versions['dualrev']}, this is {own['dualrev']}: steps may mean another thing"
        )
    elif not same_numpy:
        what = f"NumPy {versions['numpy']}, this is {own['numpy']}: its functions may differ"
    else:
        return
    raise errors.ProgramError(
        f"The program was written by {what}.",
        where="",
        fix=_AGAIN,
    )


# ------------------------------------------------------------------------------------- names


def _name(function):
    """The name by which a function is found again."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"{_name(owner)}.{function.__name__}"
    return _named_functions()[1].get(function)


def _function(name):
    """The function of a name; KeyError where no program calls one of that name."""
    by_name, _ = _named_functions()
    if name not in by_name and "scipy." in name:
        # Twins are declared when their module is first used.
        module = name.partition("scipy.")[2].partition(".")[0]
        importlib.import_module(f"dualrev.scipy.{module}")
        by_name, _ = _named_functions()
    if name in by_name:
        return by_name[name]
    owner, _, method = name.rpartition(".")
    ufunc = by_name[owner]
    if not isinstance(ufunc, np.ufunc) or method not in _METHODS:
        raise KeyError(name)
    return getattr(ufunc, method)


def _named_functions():
    return _numbered(len(RULES))


@functools.lru_cache(maxsize=1)
def _numbered(count):
    """The functions that a program may call, by name, and their names.

    All that has a rule and computes, but what users have declared.  Where several are called the
    same, as closures are, the second and the rest are numbered, in the order of their declaration.
    """
    by_name: dict[str, Callable] = {}
    names: dict[Callable, str] = {}
    for function in (*(f for f, rule in RULES.items() if rule.computes), operator.setitem):
        if isinstance(getattr(function, "__self__", None), np.ufunc):
            continue
        name = _own_name(function)
        if name.partition(".")[0] not in ("numpy", "scipy", "dualrev", "_operator"):
            continue
        same, number = name, 1
        while name in by_name:
            number += 1
            name = f"{same}#{number}"
        by_name[name] = function
        names[function] = name
    return by_name, names


def _own_name(function):
    if isinstance(function, np.ufunc):
        for module in (np, scipy.special, _ufuncs):
            if getattr(module, function.__name__, None) is function:
                return f"{module.__name__}.{function.__name__}"
    if isinstance(function, Primitive):
        return f"{function.__module__}.{function.__name__}"
    module = getattr(function, "__module__", None)
    if module is None and getattr(function, "__objclass__", None) is np.ndarray:
        module = "numpy"
    return f"{module}.{getattr(function, '__qualname__', '')}"


_METHODS = ("reduce", "accumulate", "reduceat", "outer")

# ------------------------------------------------------------------------------------ values

_KINDS: tuple[type, ...] = (
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    *(np.dtype(c).type for c in "?bhilqBHILQefdgFDGmMSU"),
)
_TYPES = {f"{kind.__module__}.{kind.__name__}": kind for kind in _KINDS}
_NAMES_OF_TYPES = {kind: name for name, kind in _TYPES.items()}
_RECORDS: dict[str, type] = {record.__name__: record for record in (Ref, Step, Guard, Program)}
_FIELDS = {
    record: [f.name for f in dataclasses.fields(record) if f.init] for record in _RECORDS.values()
}


class _Writer:
    """Values as JSON knows them.

    Attributes
    ----------
    memory : bytearray
        The bytes of the arrays.
    """

    def __init__(self):
        self.memory = bytearray()

    def value(self, x):
        kind = type(x)
        if x is None or kind in (bool, int, str) or (kind is float and np.isfinite(x)):
            return x
        if kind is list:
            return list(map(self.value, x))
        tag, content = self._tagged(x, kind)
        return {tag: content}

    def _tagged(self, x, kind):
        if kind in (Step, Guard):
            return kind.__name__, self._step(x)
        if _RECORDS.get(kind.__name__) is kind:
            return kind.__name__, self._fields(x)
        if kind is Leaf:
            return "leaf", x.number
        if kind is tuple:
            return "tuple", list(map(self.value, x))
        if kind is dict:
            return "dict", [[self.value(key), self.value(part)] for key, part in x.items()]
        if kind is slice or kind is range:
            return kind.__name__, [self.value(part) for part in (x.start, x.stop, x.step)]
        if kind is float or kind is complex:
            return kind.__name__, repr(x)
        if x is Ellipsis:
            return "Ellipsis", None
        if kind is bytes:
            return "bytes", self._stored(np.frombuffer(x, np.uint8))
        if kind is np.ndarray and not x.dtype.hasobject:
            return "array", self._stored(x)
        if isinstance(x, np.generic) and not x.dtype.hasobject:
            return "number", self._stored(np.asarray(x))
        if isinstance(x, np.dtype) and np.dtype(x.str) == x and not x.hasobject:
            return "dtype", x.str
        if isinstance(x, type) and x in _NAMES_OF_TYPES:
            return "type", _NAMES_OF_TYPES[x]
        if callable(x) and _is_hashable(x) and _name(x) is not None:
            return "function", _name(x)
        raise _Nameless(x)

    def _fields(self, record):
        return [self.value(getattr(record, name)) for name in _FIELDS[type(record)]]

    def _step(self, step):
        file, number = step.line
        place = PurePath(file).name, number  # not where the user's files lie
        try:
            return self._fields(dataclasses.replace(step, line=place))
        except _Nameless as error:
            raise errors.ProgramError(
                f"A program cannot be saved that needs {error}: its file holds arrays and names of "
                "NumPy's, SciPy's and dualrev's functions.",
                where=f"{place[0]}:{number}" if number else "",
                fix="keep the function instead: pickle.dumps(dr.compile(f))",
            ) from None

    def _stored(self, x):
        """An array as what np.ndarray takes besides the memory."""
        dense = x.copy("K")
        self.memory += bytes(-len(self.memory) % _ALIGNED)
        offset = len(self.memory)
        self.memory += dense.ravel("K").tobytes()
        return [offset, list(dense.shape), list(dense.strides), dense.dtype.str]


class _Nameless(Exception):
    """A file has no way to hold an object."""

    def __init__(self, x):
        super().__init__(
            f"`{name_of(x)}`" if callable(x) else f"an object of type {type(x).__name__}"
        )


def _is_hashable(x):
    try:
        hash(x)
    except TypeError:
        return False
    return True


class _Reader:
    """The values of a _Writer."""

    def __init__(self, memory):
        self.memory = memory

    def value(self, x):
        if type(x) is list:
            return list(map(self.value, x))
        if type(x) is not dict:
            return x
        ((tag, content),) = x.items()
        if tag in _RECORDS:
            return _RECORDS[tag](*map(self.value, content))
        return getattr(self, f"_{tag}")(content)

    def _leaf(self, number):
        return Leaf(number)

    def _tuple(self, parts):
        return tuple(map(self.value, parts))

    def _dict(self, pairs):
        return {self.value(key): self.value(part) for key, part in pairs}

    def _slice(self, parts):
        return slice(*map(self.value, parts))

    def _range(self, parts):
        return range(*parts)

    def _float(self, text):
        return float(text)

    def _complex(self, text):
        return complex(text)

    def _Ellipsis(self, _):
        return ...

    def _bytes(self, place):
        return self._array(place).tobytes()

    def _array(self, place):
        offset, shape, strides, dtype = place
        return np.ndarray(shape, self._dtype(dtype), self.memory, offset, strides)

    def _number(self, place):
        return self._array(place)[()]

    def _dtype(self, text):
        dtype = np.dtype(str(text))
        if dtype.hasobject:
            raise ValueError(f"objects, {text}")
        return dtype

    def _type(self, name):
        return _TYPES[name]

    def _function(self, name):
        return _function(name)


# ------------------------------------------------------------------------------------ checks


def _check(program):
    """Raise where the parts of a program do not fit each other, as in a file made by hand.

    Engines write sources of code from a program: what belongs there as a number may be nothing else.
    """
    require(_are_numbers(program.buffers), "a buffer")
    outputs = []
    for step in program.steps:
        if type(step) is Step:
            refs = [*step.outputs, *step.read()]
            anywhere = not step.writes or isinstance(step.function, np.ufunc)
            require(anywhere or step.outputs == step.args[:1], "a write")
        else:
            refs = [step.ref]
            require(type(step) is Guard and type(step.seen) in (bytes, type(None)), "a step")
        require(_are_numbers([step.number]), "a step")
        outputs += refs
    for ref in (*program.inputs, *outputs, *refs_in(program.outputs)):
        require(type(ref) is Ref and _lies_within(ref, program.buffers), "an array")
    require(len(program.outputs) == len(program.scalars), "the outputs")
    program.check()


def _are_numbers(parts):
    return all(type(part) is int for part in parts)


def _lies_within(ref, buffers):
    low, high = ref.extent()
    return (
        _are_numbers((ref.buffer, ref.offset, *ref.shape, *ref.strides))
        and len(ref.shape) == len(ref.strides)
        and all(n >= 0 for n in ref.shape)
        and 0 <= ref.buffer < len(buffers)
        and (0 in ref.shape or 0 <= low < high <= buffers[ref.buffer])
    )


def require(holds, what) -> None:
    """Raise what :func:`read` answers to for a file in which something does not hold."""
    if not holds:
        raise ValueError(f"{what} of the program is out of place")
