"""Closures: which arrays a call reaches, through arguments and captured variables, and others there.

Owns where they are looked for: arguments, closures and defaults of functions, the objects that methods
are bound to, containers, attributes.  Must not know what the arrays are for.
"""

import copy
import dis
import functools
import types
from collections.abc import Callable
from operator import is_
from typing import Any

import numpy as np

from dualrev import trees
from dualrev.core.operands import as_operand, base_of, like
from dualrev.core.primitive import Primitive
from dualrev.core.traced import NEVER_TRACED, Fillable, Holder, Traced, is_traced
from dualrev.insides.lines import is_of_library

__all__ = ["Held", "held_in", "template", "traced_apart", "traced_in", "without_derivatives"]

#: Objects that are looked at; what lies behind more of them is not seen.
_MOST = 10_000
_HOLDS_NOTHING = (
    *(
        types.ModuleType,
        types.BuiltinFunctionType,
        type,
        Primitive,
        np.ufunc,
        np.ndarray,
        np.generic,
    ),
    *(str, bytes, complex),
)


def traced_in(root: Any) -> list:
    """What is traced of what an object reaches."""
    return Held(root, _is_traced).leaves


def without_derivatives(root: Any) -> Any:
    """The same object, with what is under all derivatives in the place of each traced value."""
    held = Held(root, _is_traced)
    return held.with_leaves(list(map(base_of, held.leaves))).root if held.leaves else root


def template(f: Callable, args: tuple = (), kwargs: dict | None = None) -> tuple["Held", list]:
    """A call without its leaves, and these: what is traced, and the arrays among the arguments.

    Its root is ``(f, args, kwargs)``.  A tape that holds a call must not hold what holds the tape.
    """
    kwargs = kwargs or {}
    given, _ = trees.flatten((args, kwargs))
    arrays = {id(x) for x in given if type(x) is np.ndarray}
    return _emptied(Held((f, args, kwargs), lambda x: id(x) in arrays or _is_traced(x)))


def traced_apart(root: Any) -> tuple["Held", list]:
    """An object without what is traced of what it reaches, and that.

    It is called again for derivatives, and stays what it is now: a variable of a loop has another value
    by then, and an array other numbers.
    """
    return _emptied(Held(root, _is_traced, lasting=True))


def _emptied(held):
    slots = [_Slot() for _ in held.leaves]
    empty = Held(held.with_leaves(slots).root, lambda x: type(x) is _Slot)
    leaves = dict(zip(map(id, slots), held.leaves))
    return empty, [as_operand(leaves[id(slot)]) for slot in empty.leaves]


class _Slot(Traced):
    """Where a leaf stood; sparse matrices take it for traced numbers."""


def _is_traced(x):
    return isinstance(x, Traced) or (isinstance(x, Fillable | np.ndarray) and is_traced(x))


class Held:
    """The leaves that an object reaches, and the same object with others in their place.

    What reaches no leaf is shared by all that are made, and what reaches one is made anew: functions
    with cells of their own, containers, objects.

    Parameters
    ----------
    root : object
    is_leaf : callable
        ``is_leaf(x)``: whether something is one of the leaves.
    lasting : bool
        Whether what is made also has variables, containers and arrays of its own that hold no leaf.

    Attributes
    ----------
    leaves : list
        Each once.
    """

    def __init__(self, root: Any, is_leaf: Callable, lasting: bool = False):
        self.root = root
        self.lasting = lasting
        self.leaves: list = []
        self._places: dict = {}  # of leaves, by id
        seen = {id(root): root}
        holders: dict = {}  # by id of what they hold
        waiting = [root]
        while waiting:
            x = waiting.pop()
            if is_leaf(x):
                self._places[id(x)] = len(self.leaves)
                self.leaves.append(x)
                continue
            for part in _parts(x):
                if type(part) in NEVER_TRACED:
                    continue
                holders.setdefault(id(part), []).append(x)
                if id(part) not in seen and len(seen) < _MOST:
                    seen[id(part)] = part
                    waiting.append(part)
        reached = list(self.leaves)
        if lasting:
            reached += [x for x in seen.values() if id(x) not in self._places and _may_change(x)]
        self._made_anew = set(map(id, reached[len(self.leaves) :]))
        while reached:
            for x in holders.get(id(reached.pop()), ()):
                if id(x) not in self._made_anew:
                    self._made_anew.add(id(x))
                    reached.append(x)

    def with_leaves(self, leaves) -> "Remade":
        """The object with these in the place of its leaves."""
        return Remade(self, leaves)

    def remake(self, x, leaves, made):
        """The same of a part; ``made`` holds what has been made of others, by id."""
        place = self._places.get(id(x))
        if place is not None:
            return leaves[place]
        if id(x) not in self._made_anew:
            return x
        if id(x) not in made:
            _remake(x, made, lambda part: self.remake(part, leaves, made), self._has_own)
        return made[id(x)][0]

    def _has_own(self, function, name, cell):
        """Whether a function that is made anew has its own variable for one of an outer function."""
        x = held_in(cell)
        if id(x) in self._made_anew or id(x) in self._places:
            return True
        return self.lasting and _is_full(cell) and name not in _assigned(function.__code__)


class Remade:
    """An object that was made anew.

    Attributes
    ----------
    root : object
    """

    def __init__(self, held, leaves):
        self._made: dict = {}
        self.root = held.remake(held.root, leaves, self._made)
        self._parts = [(x, _parts(x)) for x, _ in self._made.values()]

    def changed(self) -> bool:
        """Whether a part holds something else than when it was made."""
        for x, parts in self._parts:
            now = _parts(x)
            if len(now) != len(parts) or not all(map(is_, now, parts)):
                return True
        return False


# -------------------------------------------------------------------- what an object holds, by its kind


def held_in(cell):
    """The content of a cell of a closure."""
    try:
        return cell.cell_contents
    except ValueError:  # of a variable that is assigned later
        return None


def _is_full(cell):
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


@functools.lru_cache
def _assigned(code):
    """The variables of outer functions that a function's code assigns, as that of a counter."""
    return {x.argval for x in dis.get_instructions(code) if x.opname == "STORE_DEREF"}


def _may_change(x):
    """Whether what an object holds, other than leaves, may be something else later."""
    if isinstance(x, types.FunctionType):
        ours = (x.__module__ or "").partition(".")[0] == "dualrev"
        return x.__closure__ is not None and not ours and not _is_foreign(x.__module__)
    return type(x) in (dict, list, np.ndarray)


def _parts(x):
    """What an object holds."""
    if isinstance(x, _HOLDS_NOTHING):
        return []
    if isinstance(x, types.FunctionType):
        if _is_foreign(x.__module__):
            return []
        cells = list(map(held_in, x.__closure__ or ()))
        return [*cells, *(x.__defaults__ or ()), *(x.__kwdefaults__ or {}).values()]
    if isinstance(x, types.MethodType):
        return [x.__func__, x.__self__]
    if isinstance(x, functools.partial):
        return [x.func, x.args, x.keywords]
    if isinstance(x, dict):
        return list(x.values())
    if isinstance(x, list | tuple):
        return list(x)
    if isinstance(x, Holder):
        return [x.data]
    attributes = _attributes(x)
    if attributes is not None:
        return list(attributes.values())
    children, _ = trees.flatten(x)
    return [] if len(children) == 1 and children[0] is x else children


def _is_foreign(module):
    """Whether what is defined there holds nothing of the user's, or hides how it does."""
    return (module or "").partition(".")[0] != "dualrev" and is_of_library(module)


def _attributes(x):
    """The dict of an object's attributes; None where it is taken apart otherwise, or not at all."""
    # A class of SciPy's that was made anew has the name of its module, and holds what is traced.
    if _is_foreign(type(x).__module__) and not hasattr(type(x), "_scipys"):
        return None
    attributes = getattr(x, "__dict__", None)
    return attributes if type(attributes) is dict else None


def _remake(x, made, remake, has_own):
    """Make an object anew: ``made[id(x)]``, before its parts, which may hold it; and x, to live on."""
    if isinstance(x, types.FunctionType):
        cells = tuple(
            types.CellType() if has_own(x, name, cell) else cell
            for name, cell in zip(x.__code__.co_freevars, x.__closure__ or ())
        )
        new = types.FunctionType(x.__code__, x.__globals__, x.__name__, None, cells)
        made[id(x)] = new, x
        for cell, old in zip(cells, x.__closure__ or ()):
            if cell is not old:
                cell.cell_contents = remake(old.cell_contents)
        new.__defaults__ = x.__defaults__ and tuple(map(remake, x.__defaults__))
        named = x.__kwdefaults__
        new.__kwdefaults__ = named and {name: remake(part) for name, part in named.items()}
        new.__dict__ = x.__dict__
        new.__doc__, new.__qualname__, new.__module__ = x.__doc__, x.__qualname__, x.__module__
    elif type(x) is np.ndarray:
        made[id(x)] = x.copy(), x
    elif isinstance(x, types.MethodType):
        made[id(x)] = types.MethodType(remake(x.__func__), remake(x.__self__)), x
    elif isinstance(x, functools.partial):
        made[id(x)] = (
            functools.partial(remake(x.func), *map(remake, x.args), **remake(x.keywords)),
            x,
        )
    elif isinstance(x, dict):
        new = copy.copy(x)  # a result of SciPy's is a dict with attributes, which its copy() loses
        made[id(x)] = new, x
        for key, part in x.items():
            new[key] = remake(part)
    elif type(x) is list:
        new = []
        made[id(x)] = new, x
        new.extend(map(remake, x))
    elif isinstance(x, list | tuple):
        made[id(x)] = like(x, map(remake, x)), x
    elif isinstance(x, Holder):
        made[id(x)] = x.over(remake(x.data)), x
    elif (attributes := _attributes(x)) is not None:
        new = copy.copy(x)
        made[id(x)] = new, x
        vars(new).update({name: remake(part) for name, part in attributes.items()})
    else:
        children, treedef = trees.flatten(x)
        made[id(x)] = trees.unflatten(treedef, list(map(remake, children))), x
