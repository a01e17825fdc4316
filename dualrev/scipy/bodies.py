"""Bodies: SciPy's own functions of Python, run on traced arrays.

Much of SciPy is NumPy's functions and SciPy's ufuncs, which dispatch, between calls that do not:
``np.asarray``, ``np.zeros``, compiled code.  The code of such a function runs here with another meaning
of the names in it: of NumPy what takes traced values; of SciPy our twin, or what was declared by
``means``, or the bodies of its other functions and classes.  Other compiled code raises, as it does.

Owns what a name means.  Must not know any function by name, nor which formulas a body may not choose.
"""

import abc
import builtins
import functools
import sys
import threading
import types
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy._lib._array_api import array_namespace

from dualrev import errors
from dualrev.closures import traced_in
from dualrev.core.operands import as_operand
from dualrev.core.primitive import RULES
from dualrev.core.traced import Traced, is_traced
from dualrev.numpy import array_api
from dualrev.numpy.creating import CREATING, INDEXED
from dualrev.numpy.mathematics import MATHEMATICS
from dualrev.numpy.vectorizing import vectorize
from dualrev.scipy import one_point
from dualrev.scipy.each_row import each_row

__all__ = ["body", "instead", "means", "remade"]


def body(function: Callable) -> Callable:
    """The twin of a function whose body is Python: that runs where something is traced.

    Parameters
    ----------
    function : callable
        SciPy's function.

    Returns
    -------
    callable
        With its signature.  Nothing traced among the arguments, or in functions among them: SciPy's.

    Raises
    ------
    MissingRuleError
        By a call in which a traced number is the one for which SciPy has a formula apart, whose
        derivative is not that of the function; by what computes with a function without a rule.
    """

    @functools.wraps(function)
    def whole(*args, **kwargs):
        return remade(function)(*args, **kwargs)

    run = each_row(whole, looks=True)

    @functools.wraps(function)
    def call(*args, **kwargs):
        if is_traced(args, kwargs) or any(map(_needs_body, (*args, *kwargs.values()))):
            kwargs = {name: _as_ours(x) for name, x in kwargs.items()}
            return run(*map(_as_ours, args), **kwargs)
        return function(*args, **kwargs)

    return call


def _needs_body(x):
    """Whether an argument is a function of traced values, or an object of a class made anew."""
    if isinstance(x, types.FunctionType | types.MethodType | functools.partial):
        return bool(traced_in(x))
    return hasattr(type(x), "_scipys")


def _as_ours(x):
    """An object of a class of SciPy's, as one of the class that is meant here."""
    cls = type(x)
    if not _is_scipys(cls.__module__) or hasattr(cls, "_scipys"):
        return x
    bases = [base for base in cls.__mro__ if _is_scipys(base.__module__)]
    if not any(hasattr(_twin_of(base, base.__module__), "_scipys") for base in bases):
        return x
    return _filled(object.__new__(remade(cls)), x)


def means(original: Any, ours: Any) -> Any:
    """Declare what takes the place of something of SciPy's in all bodies; answers it."""
    return _MEANINGS.put(original, ours)


def instead(original: Callable, ours: Callable) -> Callable:
    """Declare what runs in the place of the body of a function of SciPy's that has the word body.

    Answers that body.
    """
    inner = getattr(original, "__wrapped__", original)
    replaced = remade(inner)
    _REMADE.put(inner, ours)
    _REMADE.put(original, ours)
    return replaced


# ---------------------------------------------------------------------------- what a name means


class _Made:
    """What is made of objects, each kept as long as its object lives; many have no hash."""

    def __init__(self):
        self._pairs = {}  # by the id, which is given again when an object is gone

    def __contains__(self, x):
        return id(x) in self._pairs

    def __getitem__(self, x):
        return self._pairs[id(x)][1]

    def put(self, x, ours):
        key = id(x)
        try:
            held = weakref.ref(x, lambda _: self._pairs.pop(key, None))
        except TypeError:
            held = x
        self._pairs[key] = held, ours
        return ours

    def drop(self, x):
        del self._pairs[id(x)]


#: Held to build, and to look up what another thread may not have filled yet.
_BUILDING = threading.RLock()
#: What SciPy's code has, and what it means here.
_MEANINGS = _Made()
#: Functions, classes and objects of SciPy's, and the same with other meanings.
_REMADE = _Made()
#: By module: its global names.
_NAMES: dict[str, "_Names"] = {}
#: Of these nothing is computed when their names are looked up.
_VALUES = (str, bytes, int, float, complex, tuple, list, dict, set, frozenset, np.ndarray)


def _meaning(x):
    """What SciPy's code finds under a name that stands for x."""
    with _BUILDING:
        if x in _MEANINGS:
            return _MEANINGS[x]
    if type(x) in (dict, list, tuple):
        return _with_parts(x)
    if x is None or isinstance(x, _VALUES):
        return x
    if isinstance(x, types.ModuleType):
        is_compatible = x.__name__.endswith(
            "array_api_compat.numpy"
        )  # SciPy's own layer over NumPy
        ours = _NUMPY if is_compatible else _Module(x) if _is_scipys(x.__name__) else x
        return means(x, ours)
    if isinstance(x, np.ufunc):
        return means(x, _OfLists(x))
    is_named = isinstance(x, type) or hasattr(x, "__name__")
    module = getattr(x if is_named else type(x), "__module__", None)
    if not _is_scipys(module) or _has_rule(x):
        return x
    ours = (_twin_of(x, module) if is_named else None) or remade(x)
    return x if ours is x else means(x, ours)


def _has_rule(x):
    try:
        return x in RULES
    except TypeError:  # not hashable
        return False


def _is_scipys(module):
    return isinstance(module, str) and module.partition(".")[0] == "scipy"


def _twin_of(x, module):
    public, name = module.partition("._")[0], x.__name__
    found = getattr(sys.modules.get(public), name, None)
    if found is not x and not _chooses_backend(found, x, public):
        return None
    path = errors.twin_of(f"{public}.{name}") if errors.twin_of else None
    if path is None:
        return None
    package, _, name = path.rpartition(".")
    if found is not x and name in sys.modules[package].REST.names:
        return None  # that runs the body of the public function, which is this one
    return getattr(sys.modules[package], name)


def _chooses_backend(found, x, public):
    """Whether a public function calls this one, as it does with SCIPY_ARRAY_API=1."""
    is_imported = hasattr(sys.modules.get(f"dualrev.{public}"), "REST")
    return is_imported and getattr(found, "__wrapped__", None) is x


class _OfLists:
    """A ufunc that takes traced numbers in lists, too."""

    def __init__(self, ufunc):
        self._ufunc = ufunc

    def __call__(self, *args, **kwargs):
        if any(isinstance(x, list | tuple) for x in args):
            args = [as_operand(x) if isinstance(x, list | tuple) else x for x in args]
        return self._ufunc(*args, **kwargs)

    def __getattr__(self, name):
        return getattr(self._ufunc, name)


@functools.wraps(__import__)
def _import(*args, **kwargs):
    return _meaning(__import__(*args, **kwargs))


class _FloatOfTraced(type):
    def __instancecheck__(cls, x):
        return isinstance(x, float)

    def __subclasscheck__(cls, x):
        return issubclass(x, float)


class _Float(float, metaclass=_FloatOfTraced):
    """Python's float, which keeps traced numbers."""

    #: What NumPy takes it for.
    dtype = np.dtype(float)

    def __new__(cls, x=0.0):
        return x[()].astype(float) if _is_real_number(x) else float(x)


def _is_real_number(x):
    return isinstance(x, Traced) and x.ndim == 0 and x.dtype.kind != "c"


#: A body may import what it computes with.
_BUILTINS = {**vars(builtins), "__import__": _import, "float": _Float}


class _Names(dict):
    """The global names of a module of SciPy's, each with its meaning when it is first read."""

    def __init__(self, original):
        # What errors and warnings say is ours to say: a body is no call of SciPy's by a user.
        name = "dualrev." + original["__name__"]
        super().__init__(
            __name__=name, __package__=original.get("__package__"), __builtins__=_BUILTINS
        )
        self._original = original

    def __missing__(self, name):
        value = self[name] = _meaning(self._original[name])
        return value


class _Module(types.ModuleType):
    """A module of which SciPy's code reads attributes."""

    def __init__(self, original, own=None):
        super().__init__(original.__name__)
        self._original, self._own = original, own or {}

    def __getattr__(self, name):
        value = self._own[name] if name in self._own else _meaning(getattr(self._original, name))
        setattr(self, name, value)
        return value


# --------------------------------------------------------------- functions, classes, objects anew


def remade(x: Any) -> Any:
    """A function, class or object of SciPy's, in which names have the meanings that they have here."""
    with _BUILDING:
        if x in _REMADE:
            return _REMADE[x]
        _REMADE.put(x, x)  # a part may lead back to it
        ours = _remade(x)
        if ours is x:
            _REMADE.drop(x)
        else:
            _REMADE.put(x, ours)
        return ours


def _remade(x):
    if isinstance(x, types.FunctionType):
        return _remade_function(x)
    if isinstance(x, types.MethodType):
        return getattr(_meaning(x.__self__), x.__name__)
    if isinstance(x, functools.partial):
        return functools.partial(_meaning(x.func), *x.args, **x.keywords)
    if isinstance(x, functools._lru_cache_wrapper):
        return _meaning(x.__wrapped__)  # a cache would hold what is traced
    if isinstance(x, type):
        return _remade_class(x) if _computes(x) else x
    return _remade_object(x) if _computes(type(x)) else x


def _computes(cls):
    """Whether a class of SciPy's is written in Python, and holds more than what is told of results."""
    is_of_python = cls.__flags__ & 1 << 9
    return (
        _is_scipys(cls.__module__)
        and is_of_python
        and type(cls) in (type, abc.ABCMeta)
        and not issubclass(cls, BaseException | tuple | dict | list | str | int)
    )


def _remade_function(x):
    cells = tuple(types.CellType() for _ in x.__closure__ or ())
    names = _NAMES.setdefault(x.__globals__["__name__"], _Names(x.__globals__))
    new = _REMADE.put(x, types.FunctionType(x.__code__, names, x.__name__, None, cells))
    for cell, old in zip(cells, x.__closure__ or ()):
        try:
            cell.cell_contents = _remade_member(old.cell_contents)
        except ValueError:  # of a variable that is assigned later
            continue
    new.__defaults__ = x.__defaults__ and tuple(map(_meaning, x.__defaults__))
    new.__kwdefaults__ = x.__kwdefaults__ and {k: _meaning(v) for k, v in x.__kwdefaults__.items()}
    new.__dict__.update(x.__dict__)
    new.__doc__, new.__qualname__, new.__module__ = x.__doc__, x.__qualname__, x.__module__
    return new


#: What a class is given when it is made.
_OF_THE_CLASS = {"__dict__", "__weakref__"}


def _remade_class(x):
    bases = tuple(map(_meaning, x.__bases__))
    first = {k: v for k, v in vars(x).items() if k in ("__module__", "__qualname__", "__slots__")}
    new = _REMADE.put(x, type(x)(x.__name__, bases, first))
    new._scipys, new.__reduce_ex__ = x, _reduced
    for name, member in vars(x).items():
        if name not in _OF_THE_CLASS and type(member) is not types.MemberDescriptorType:
            ours = _remade_member(member)
            setattr(new, name, ours)
            if isinstance(ours, functools.cached_property):
                ours.__set_name__(new, name)
    return new


def _reduced(self, protocol):
    """How pickle takes an object apart: its class would be looked up by the name of SciPy's."""
    cls = type(self)
    if cls is not remade(cls._scipys):  # a subclass of a user's
        return object.__reduce_ex__(self, protocol)
    return _empty, (cls._scipys,), self.__getstate__()


def _empty(cls):
    return object.__new__(remade(cls))


def _remade_member(x):
    if isinstance(x, staticmethod | classmethod):
        return type(x)(_remade_member(x.__func__))
    if isinstance(x, property):
        return property(*map(_remade_member, (x.fget, x.fset, x.fdel)), x.__doc__)
    if isinstance(x, functools.cached_property):
        return functools.cached_property(_remade_member(x.func))
    if isinstance(x, types.FunctionType) and x not in _MEANINGS:
        return remade(x)
    return _with_parts(x)


def _with_parts(x):
    """What is meant by a list or a table: by each of what it holds."""
    kind = type(x)
    if kind is dict:
        parts = {key: _with_parts(part) for key, part in x.items()}
        return parts if any(parts[key] is not part for key, part in x.items()) else x
    if kind in (list, tuple):
        parts = kind(map(_with_parts, x))
        return parts if any(new is not part for new, part in zip(parts, x)) else x
    return _meaning(x)


def _remade_object(x):
    """An object of the class that is meant here, as pickle would make it of one of SciPy's."""
    return _filled(_REMADE.put(x, object.__new__(remade(type(x)))), x)


def _filled(new, x):
    state = x.__getstate__()  # object's own from Python 3.11 on
    if hasattr(new, "__setstate__"):
        new.__setstate__(state)
    else:
        # A class with slots gives two: of the object's own dictionary, and of the slots.
        for values in state if isinstance(state, tuple) else (state,):
            for name, value in (values or {}).items():
                setattr(new, name, _with_parts(value))
    return new


# ------------------------------------------------------------------------------- NumPy's functions


@functools.wraps(np.isscalar)
def _isscalar(element):
    return element._is_scalar() if isinstance(element, Traced) else np.isscalar(element)


def _windows(x, window_shape, axis=None, *, subok=False, writeable=False):
    """Nobody writes into them: of arrays that overlap SciPy only asks for it."""
    return np.lib.stride_tricks.sliding_window_view(x, window_shape, axis)


_TRICKS = _Module(np.lib.stride_tricks, {"sliding_window_view": _windows})
_LIB = _Module(np.lib, {"stride_tricks": _TRICKS})
_NUMPY = _Module(
    array_api,
    {
        **{name: one_point.near(getattr(np, name)) for name in ("isclose", "allclose")},
        "isscalar": _isscalar,
        "lib": _LIB,
        "vectorize": vectorize,
    },
)
for _name, _ours in vars(_NUMPY)["_own"].items():
    means(getattr(np, _name), _ours)
_NUMPY.__name__ = np.__name__  # SciPy asks for it, and leaves out what other libraries lack
means(np, _NUMPY)
means(array_namespace, lambda *arrays, **options: _NUMPY)  # whatever the arrays answer themselves
for _name, _function in CREATING.items():
    means(getattr(np, _name), _function.inside)
for _name, _of_index in INDEXED.items():
    means(getattr(np, _name), _of_index)
for _module, _functions in MATHEMATICS.items():
    means(_module, _Module(_module, {n: f.inside for n, f in _functions.items()}))
    for _name, _function in _functions.items():
        means(getattr(_module, _name), _function.inside)
one_point.watch(_Names)
