"""Wording: an operation, an argument and a value in a few characters.

Must not know how they were recorded, nor where they are shown.
"""

import inspect
import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import trees
from dualrev.core.assignment import WRITE
from dualrev.core.operands import base_of
from dualrev.errors import name_of
from dualrev.readers.var import OUTPUT

__all__ = ["argument_names", "brief", "cut", "operation_text"]

_INFIX = {
    np.add: "+",
    np.subtract: "-",
    np.multiply: "*",
    np.divide: "/",
    np.floor_divide: "//",
    np.remainder: "%",
    np.power: "**",
    operator.pow: "**",
    np.matmul: "@",
}
# Arrays up to this size, and tuples of twice as many parts, are shown whole.
_SMALL = 4
_REPR = 23


def argument_names(f: Callable, treedef: Any) -> list[str]:
    """Names of the arrays among the arguments, after the signature of f: ``x``, ``p['w'][0]``."""
    own = _parameters(f, treedef.num_children)
    names = []
    for path in trees.paths(treedef):
        number, _, rest = path[1:].partition("]")  # of what f was called with; then keys
        names.append(" ".join(f"{own[int(number)]}{rest}".split()))
    return names


def _parameters(f, count):
    """The parameters that take so many arguments."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):  # of compiled functions
        parameters = ()
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    more = range(count - len(names))
    for p in parameters:
        if p.kind is p.VAR_POSITIONAL:
            return names + [f"{p.name}[{k}]" for k in more]
    # Without a signature, or with that of another function.
    return ["x"] if count == 1 and not names else names + [f"x{len(names) + k + 1}" for k in more]


def operation_text(rule: Any, args: Any, names: list, kwargs: dict, source: str) -> str:
    """What was applied: ``sin(v1)``, ``v1 * v2``, ``x[0]``.

    ``names`` holds None where an argument is a constant; ``source`` is the expression.
    """
    texts = [brief(a) if name is None else name for a, name in zip(args, names)]
    if rule is OUTPUT:
        return f"{texts[0]}[{kwargs['k']}]"
    if rule is WRITE:
        target = texts[0] if kwargs["steps"] is None else f"a view of {texts[0]}"
        return f"{target} with [{_index(kwargs['index'])}] = {texts[1]}"
    function = rule.function
    if function in (operator.getitem, np.ndarray.__getitem__):
        return f"{texts[0]}[{_index(kwargs['index'])}]"
    if function in _INFIX and len(texts) == 2 and not kwargs:
        left, right = (_operand(text, name is None) for text, name in zip(texts, names))
        return f"{left} {_INFIX[function]} {right}"
    if function is np.negative and not kwargs:
        return f"-{texts[0]}"
    options = [
        f"{name}={brief(x)}" for name, x in kwargs.items() if x is not None and x is not False
    ]
    return f"{_function(rule, source)}({', '.join([*_ends(texts), *options])})"


def _operand(text, is_constant):
    """In brackets where a sign of the number would be taken for an operation."""
    return f"({text})" if is_constant and (text[0] == "-" or text[-1] == "j") else text


def _function(rule, source):
    """The name that users know; of a lambda that of the call."""
    module, _, name = name_of(rule.function).removeprefix("numpy.").rpartition(".")
    if name[0] == "<":
        call = re.match(r"[\w.]+(?=\()", source)
        return call[0].rpartition(".")[2] if call else rule.word
    return f"{module}.{name.strip('_')}".strip(".")


def _index(index):
    if isinstance(index, tuple):
        return ", ".join(map(_index, index)) + ("," if len(index) == 1 else "")
    if isinstance(index, slice):
        ends = ["" if end is None else str(end) for end in (index.start, index.stop)]
        return ":".join([*ends, str(index.step)] if index.step is not None else ends)
    return "..." if index is Ellipsis else brief(index)


def brief(x: Any, digits: int = 5) -> str:
    """A value in a few characters: numbers rounded, of a large array the ends and the shape."""
    x = base_of(x)
    if isinstance(x, tuple | list):
        parts = ", ".join(_ends([brief(part, digits) for part in x]))
        return f"({parts},)" if len(x) == 1 else f"({parts})"
    if isinstance(x, np.dtype):
        return str(x)
    if isinstance(x, np.ndarray | np.generic | float | complex):
        x = np.asarray(x)
        if x.dtype.kind in "bfciu":
            return _brief_array(x, digits)
    if getattr(x, "shape", ()):  # a sparse matrix
        return f"{type(x).__name__} {x.shape}"
    return cut(repr(x), _REPR)


def _brief_array(x, digits):
    if not x.ndim:
        return _brief_number(x[()], digits)
    shown = x.reshape(-1) if x.size <= _SMALL else x.flat[[0, 1, -1]]
    texts = [_brief_number(e, digits - 1) for e in shown]
    if x.size > _SMALL:
        texts.insert(2, "...")
    text = f"[{' '.join(texts)}]"
    return text if x.ndim == 1 and x.size <= _SMALL else f"{text} {x.shape}"


def _brief_number(x, digits):
    # + 0: without the sign of a negative zero
    return f"{x + 0:.{digits}g}" if x.dtype.kind in "fc" else str(x)


def _ends(texts):
    return texts if len(texts) <= 2 * _SMALL else [*texts[:2], "...", texts[-1]]


def cut(text: str, width: int) -> str:
    """The text, or its beginning."""
    return text if len(text) <= width else f"{text[: width - 3]}..."
