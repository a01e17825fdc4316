"""Recording: a function that has run once, with every intermediate, its derivatives and its line.

Owns what there is to show; must not know how it is shown.
"""

import inspect
import itertools
import linecache
import operator
import os
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from dualrev.calls import conjugated, flatten_tangents
from dualrev.core import errors, trees
from dualrev.core.assignment import WRITE
from dualrev.core.binding import gather_scalars
from dualrev.core.cotangents import PartialCotangent, combined, zeros_of
from dualrev.core.forward import OBSERVER
from dualrev.core.tape import INPUT, OUTPUT
from dualrev.core.tracer import Tracer
from dualrev.transforms import trace_with

__all__ = ["Record", "Recording", "Step", "brief"]

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
# Arrays up to this size are shown whole, and their local derivatives computed.
_SMALL = 4


class Record(NamedTuple):
    """One line of an evaluation trace.

    Attributes
    ----------
    name : str
        Of the intermediate: the name of a parameter of f, or v1, v2, ...
    operation : str
        What was applied, in terms of earlier names; empty for an argument.
    primal, tangent, cotangent : array, scalar, or tuple of arrays
        Its value, its derivative in the direction that is pushed, and the derivative of the result by
        it; a tangent or cotangent is None where nothing depends.
    where : str
        File and line of the user's code, ``model.py:41``.
    within : str
        Name of the user's function that the line belongs to.
    source : str
        The expression that was evaluated, or its line.
    """

    name: str
    operation: str
    primal: Any
    tangent: Any
    cotangent: Any
    where: str
    within: str
    source: str


class Place(NamedTuple):
    """Where in the user's code an operation was applied."""

    where: str = ""
    within: str = ""
    source: str = ""
    line: str = ""


class Step(NamedTuple):
    """A record, with what a graph needs besides."""

    record: Record
    #: The whole line of code.
    line: str
    #: Index of the step of each traced argument.
    parents: tuple[int, ...]
    #: For each of them the local derivative: an array, a text, or None.
    partials: tuple


class Recording:
    """The steps of ``f(*args)``, in the order in which they were applied.

    Attributes
    ----------
    name : str
        Of f.
    steps : list of Step
        The first ones are the arguments.
    results : list of int
        Index of the step of each array of the result that depends on the arguments.
    """

    def __init__(self, f: Callable, args: tuple, tangents: Any = None, ct: Any = None):
        self.name = errors.name_of(f)
        observer = _Recorder()
        token = OBSERVER.set(observer)
        try:
            trace, treedef = trace_with(f, args)
        finally:
            OBSERVER.reset(token)
        entries = trace.tape.entries = sorted(trace.tape.entries, key=lambda entry: entry[5])
        if tangents is None:
            count = len(trees.flatten(args[0])[0])
            ts = [
                np.ones_like(x) if i < count else zeros_of(x) for i, x in enumerate(trace.primals)
            ]
        else:
            ts = flatten_tangents(tuple(tangents), treedef, trace.primals, "tangent")
        if ct is None:
            cts = [np.ones_like(y) if y.dtype.kind in "fc" else None for y in trace.ans]
        else:
            given = flatten_tangents(ct, trace.tree, trace.ans, "cotangent")
            cts = [conjugated(y) for y in given]
        pushed = trace.tape.push(dict(zip(trace.inputs, ts)), range(len(entries)))
        pulled = _pull(trace, cts)
        names = _names(f, treedef, len(entries))
        self.results = [i for i in trace.outputs if i is not None]
        self.steps = []
        for i, (rule, ans, saved, parents, kwargs, _) in enumerate(entries):
            place = observer.places[i] if i >= len(trace.primals) else Place()
            operation = ""
            if rule is not INPUT:
                operation = _operation(
                    rule, saved, [names.get(p) for p in parents], kwargs, place.source
                )
                if rule is WRITE:  # the expression is the target only
                    place = place._replace(source=place.line)
            record = Record(
                names[i], operation, observer.primals[i], pushed[i], pulled[i], *place[:3]
            )
            traced = [k for k, p in enumerate(parents) if p is not None]
            partials = tuple(_partial(rule, k, ans, saved, kwargs) for k in traced)
            self.steps.append(Step(record, place.line, tuple(parents[k] for k in traced), partials))


class _Recorder:
    """What the tape of a recorded function calls: keeps primals as they are, and places."""

    def __init__(self):
        self.primals = {}
        self.places = {}
        self._entries = None
        self._caller = errors.user_frame()

    def recording(self, entries):
        """The append of a tape; of a tape that f itself makes, the ordinary one."""
        if self._entries is not None:
            return entries.append
        self._entries = entries

        def append(entry):
            ans, index = entry[1], entry[5]
            # What is written in place later must not change what is shown.
            self.primals[index] = ans.copy() if isinstance(ans, np.ndarray) else ans
            self.places[index] = self._place()
            entries.append(entry)

        return append

    def pushed(self, rule, ans, t):
        """See a dual number of a transform inside f: nothing is shown of it."""

    def _place(self):
        frame = errors.user_frame()
        if frame is None or frame is self._caller:  # f is NumPy's or dualrev's own
            return Place()
        code = frame.f_code
        positions = next(itertools.islice(code.co_positions(), frame.f_lasti // 2, None))
        first, last, begin, end = positions
        first = first or frame.f_lineno
        name = os.path.basename(code.co_filename)
        # In a notebook and at the prompt there is no file.
        where = f"{name}:{first}" if os.path.exists(code.co_filename) else f"line {first}"
        lines = [
            linecache.getline(code.co_filename, k, frame.f_globals)
            for k in range(first, (last or first) + 1)
        ]
        line = lines[0].strip()
        source = line
        if begin is not None and end is not None:
            encoded = [text.encode() for text in lines]  # columns count bytes
            encoded[-1] = encoded[-1][:end]
            encoded[0] = encoded[0][begin:]
            source = " ".join(b"".join(encoded).decode().split())
        return Place(where, code.co_name, source, line)


class _Noted:
    """A rule at one place of a tape, which notes the cotangent that reaches it."""

    def __init__(self, rule, index, cts):
        self.rule, self.index, self.cts = rule, index, cts

    def vjp(self, ct, *rest):
        self.cts[self.index] = ct
        return self.rule.vjp(ct, *rest)


def _pull(trace, seeds):
    """The cotangent of every entry, as users see it."""
    cts = [None] * len(trace.tape.entries)
    plain = trace.tape.entries
    trace.tape.entries = [
        entry if entry[0] is INPUT else (_Noted(entry[0], i, cts), *entry[1:])
        for i, entry in enumerate(plain)
    ]
    # Not Trace.pull: None, where an argument has no influence, is not to become zero.
    given = {}
    for i, ct in zip(trace.outputs, seeds):
        if i is not None and ct is not None:
            given[i] = given[i] + ct if i in given else ct
    inputs = list(trace.inputs)
    cts[: len(inputs)] = trace.tape.pull(given, inputs)
    trace.tape.entries = plain
    return [
        tuple(map(_shown, ct)) if isinstance(ct, tuple) else None if ct is None else _shown(ct)
        for ct in cts
    ]


def _shown(ct):
    return conjugated(ct) if hasattr(ct, "dtype") else ct


# ------------------------------------------------------------------------------------------ texts


def _names(f, treedef, count):
    """Names of the arguments, as in the signature of f, and of the intermediates."""
    paths = trees.paths(treedef)
    own = _parameters(f, 1 + max(int(re.match(r"\[(\d+)\]", path)[1]) for path in paths))
    names = {}
    for i, path in enumerate(paths):
        number, rest = re.match(r"\[(\d+)\](.*)", path).groups()
        names[i] = own[int(number)] + rest
    letter = next(c for c in "vwz" if not any(re.fullmatch(rf"{c}\d+", name) for name in own))
    first = len(paths) - 1
    names.update((i, f"{letter}{i - first}") for i in range(len(paths), count))
    return names


def _parameters(f, count):
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        parameters = ()
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [*names[:count], *(f"x{i + 1}" for i in range(len(names), count))]


def _operation(rule, args, names, kwargs, source):
    """``sin(v1)``, ``v1 * v2``, ``x[0]``."""
    texts = [brief(a) if name is None else name for a, name in zip(args, names)]
    if rule is OUTPUT:
        return f"{texts[0]}[{kwargs['k']}]"
    if rule is WRITE:
        steps = kwargs["steps"]
        target = texts[0] if steps is None else f"a view of {texts[0]}"
        return f"{target} with [{_index(kwargs['index'])}] = {texts[1]}"
    function = rule.function
    if function in (operator.getitem, np.ndarray.__getitem__):
        return f"{texts[0]}[{_index(kwargs['index'])}]"
    if function in _INFIX and len(texts) == 2 and not kwargs:
        return f"{texts[0]} {_INFIX[function]} {texts[1]}"
    if function is np.negative and not kwargs:
        return f"-{texts[0]}"
    texts += [
        f"{name}={brief(x)}" for name, x in kwargs.items() if x is not None and x is not False
    ]
    return f"{_name(rule, source)}({', '.join(texts)})"


def _name(rule, source):
    """Name of a function as it is called; of a primitive inside another function that one's."""
    if rule.function is gather_scalars:
        return "array"
    name = errors.name_of(rule.function).removeprefix("numpy.")
    if name[0] not in "_<":
        return name
    called = re.match(r"[\w.]+(?=\()", source)
    if called is None:
        return rule.word
    module, _, name = called[0].rpartition(".")
    return called[0].removeprefix("np.") if module.startswith("np") else name


def _index(index):
    if isinstance(index, tuple):
        return ", ".join(map(_index, index)) + ("," if len(index) == 1 else "")
    if isinstance(index, slice):
        ends = ["" if end is None else str(end) for end in (index.start, index.stop)]
        return ":".join([*ends, str(index.step)] if index.step is not None else ends)
    return "..." if index is Ellipsis else brief(index)


def brief(x: Any, digits: int = 5) -> str:
    """A value in a few characters: numbers rounded, of a large array the ends and the shape."""
    if isinstance(x, tuple | list):
        parts = ", ".join(brief(part, digits) for part in x)
        return f"({parts},)" if len(x) == 1 else f"({parts})"
    if isinstance(x, np.dtype):
        return str(x)
    if (
        isinstance(x, np.ndarray | np.generic | float | complex)
        and np.asarray(x).dtype.kind in "fciu"
    ):
        return _brief_array(np.asarray(x), digits)
    text = repr(x)
    return text if len(text) <= 24 else f"{text[:20]}..."


def _brief_array(x, digits):
    if not x.ndim:
        return f"{x[()]:.{digits}g}"
    shown = x.reshape(-1)
    small = x.size <= _SMALL
    texts = [f"{e:.{digits - 1}g}" for e in (shown if small else [*shown[:2], shown[-1]])]
    if not small:
        texts.insert(2, "...")
    text = f"[{' '.join(texts)}]"
    return text if x.ndim == 1 and small else f"{text} {x.shape}"


def _partial(rule, k, ans, args, kwargs):
    """The derivative of an answer by its argument k: a small one as an array, others by their shape."""
    x = args[k]
    if rule is OUTPUT or any(isinstance(y, tuple | Tracer) for y in (ans, x)):
        return None
    diagonal = rule.word == "elementwise" and ans.shape == x.shape
    if ans.size > _SMALL or x.size > _SMALL or "c" in (ans.dtype.kind, x.dtype.kind):
        return f"{_shape(ans)} by {_shape(x)}" + (", diagonal" if diagonal else "")
    with np.errstate(all="ignore"):
        if diagonal or x.size == 1:
            tangents = [None] * len(args)
            tangents[k] = np.ones_like(x)
            t = rule.jvp(tangents, ans, args, kwargs)
            return f"diagonal {brief(t)}" if ans.size > 1 and diagonal else t
        if ans.size == 1:
            parents = [None] * len(args)
            parents[k] = k
            ct = rule.vjp(np.ones_like(ans), ans, args, kwargs, parents)[k]
            return combined([ct]) if isinstance(ct, PartialCotangent) else ct
    return f"{_shape(ans)} by {_shape(x)}"


def _shape(x):
    return "x".join(map(str, x.shape)) or "1"
