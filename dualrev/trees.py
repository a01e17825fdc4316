"""Structured arguments and results: flattened to arrays by optree, dataclasses included.

Must not know tracers.  Functions import optree, which takes 8 ms: most programs have arrays alone.
"""

import collections
import contextlib
import dataclasses
import inspect
import re
import threading
import weakref

import numpy as np

from dualrev.errors import ArgumentError, StructureError

NAMESPACE = "dualrev"
_STATIC = "static"
_NUMBERS = frozenset({np.ndarray, np.float64, float, int})  # most leaves: no dataclasses
# Several threads may meet a dataclass for the first time at once.
_registering = threading.Lock()
#: How each class that is no container of Python's own is taken apart.
_flattening: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def register_container(cls: type, flatten, unflatten) -> None:
    """Let a container class be an argument or a result of differentiated functions.

    Parameters
    ----------
    cls : type
        The container class.
    flatten : callable
        ``flatten(container) -> (children, metadata)``: the parts that hold arrays, as a sequence,
        and the rest, which must compare equal where two containers have the same structure.
    unflatten : callable
        ``unflatten(metadata, children) -> container``.

    Raises
    ------
    StructureError
        Where the class is registered already, as Python's own containers are.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> class Spring:
    ...     def __init__(self, stiffness):
    ...         self.stiffness = stiffness
    >>> dr.register_container(Spring, lambda s: ((s.stiffness,), None), lambda _, c: Spring(*c))
    >>> dr.grad(lambda s: s.stiffness**2)(Spring(3.0)).stiffness
    np.float64(6.0)
    """
    import optree

    if not isinstance(cls, type):
        raise ArgumentError(
            f"register_container was given {cls!r} for a class.",
            fix="give the class itself: type(container)",
        )
    try:
        optree.register_pytree_node(
            cls,
            lambda container: (*flatten(container), None),
            unflatten,
            namespace=NAMESPACE,
        )
    except ValueError:
        raise StructureError(
            f"{cls.__name__} is already registered.",
            fix="leave this out, or derive a class and register that",
        ) from None
    _flattening[cls] = flatten


def taken_apart(x) -> tuple:
    """What a container holds, not a dict, and what else it is: metadata, None of Python's own."""
    flatten = _flattening.get(type(x))
    if flatten is not None:
        return flatten(x)[:2]
    return (x if isinstance(x, list | tuple | collections.deque) else ()), None


def flatten(tree):
    """Leaves of a structure and its treedef.

    A dataclass met for the first time is registered: its fields are children, but those declared
    with ``field(metadata={"static": True})``.
    """
    import optree

    try:
        leaves, treedef = optree.tree_flatten(tree, namespace=NAMESPACE)
    except RecursionError:
        raise StructureError(
            f"A {type(tree).__name__} holds itself, or containers in a thousand others.",
            fix="give arrays in fewer containers",
        ) from None
    kinds = set(map(type, leaves))
    if kinds <= _NUMBERS:
        return leaves, treedef
    unknown = {kind for kind in kinds if dataclasses.is_dataclass(kind)}
    if not unknown:
        return leaves, treedef
    for cls in unknown:
        _register_dataclass(cls)
    return flatten(tree)


def unflatten(treedef, leaves):
    """The structure with these leaves."""
    return treedef.unflatten(leaves)


def flatten_like(treedef, tree, what: str):
    """Leaves of ``tree``, which must have the given structure; numbers in a list stand for an array."""
    leaves, own = flatten(tree)
    if own == treedef:
        return leaves
    with contextlib.suppress(ValueError):
        leaves = treedef.flatten_up_to(tree)
        if all(map(_is_one, leaves)):
            return leaves
    raise StructureError(
        f"The {what} has another structure than its primal: {shown(own)} instead of "
        f"{shown(treedef)}.",
        fix=f"give the {what} in the same containers, with an array for each array",
    )


def _is_one(leaf):
    """Whether it is one array or number, or a list, or tuple, of numbers."""
    parts, treedef = flatten(leaf)
    return treedef.is_leaf() or (
        type(leaf) in (list, tuple) and all(np.ndim(x) == 0 for x in parts)
    )


def shown(treedef):
    """A structure with a star for each array: ``{'a': *, 'b': [*, *]}``."""
    return re.sub(r"PyTreeSpec\((.*?)(, NoneIsLeaf|, namespace=.*)*\)$", r"\1", str(treedef))


def paths(treedef):
    """Names of the leaves as a user writes them: ``['weights'][0]``, ``.bias``."""
    import optree

    return ["".join(map(_step, path)) for path in optree.treespec_paths(treedef)]


class _Field(str):
    """Name of a field of a dataclass, among the keys of dicts."""

    __slots__ = ()


def _step(key):
    return f".{key}" if isinstance(key, _Field) else f"[{key!r}]"


def _register_dataclass(cls):
    with _registering:
        if cls not in _flattening:
            _flattening[cls] = _register_fields(cls)


def _register_fields(cls):
    import optree

    names = [f.name for f in dataclasses.fields(cls) if not f.metadata.get(_STATIC)]
    static = [f.name for f in dataclasses.fields(cls) if f.metadata.get(_STATIC)]
    fields, known = tuple(map(_Field, names)), {*names, *static}

    def flatten_dataclass(record):
        for name in getattr(record, "__dict__", {}).keys() - known:
            # What is computed when it is asked for will be, of what is traced.
            if not hasattr(inspect.getattr_static(cls, name, None), "__get__"):
                raise StructureError(
                    f"{cls.__name__} has the attribute `{name}`, which is no field of the dataclass "
                    "and would be lost.",
                    fix=f"make `{name}` a field, or a property that computes it",
                )
        children = [getattr(record, name) for name in names]
        return children, tuple(getattr(record, name) for name in static), fields

    def unflatten_dataclass(metadata, children):
        # Not by __init__: a __post_init__ that checks its fields would meet tracers.
        record = object.__new__(cls)
        for name, child in (*zip(names, children), *zip(static, metadata)):
            object.__setattr__(record, name, child)
        return record

    optree.register_pytree_node(cls, flatten_dataclass, unflatten_dataclass, namespace=NAMESPACE)
    return flatten_dataclass
