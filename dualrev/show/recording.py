"""Recording: a function that has run once, with every intermediate, its derivatives and its line.

Owns what there is to show; must not know how it is shown.
"""

import itertools
import os
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from dualrev import errors, trees
from dualrev.calls import conjugated, flatten_tangents, noun_of
from dualrev.core.assignment import WRITE
from dualrev.core.cotangents import PartialCotangent, combined, zeros_of
from dualrev.core.tracer import Tracer
from dualrev.core.watching import OBSERVER
from dualrev.insides.lines import expression_of, user_frame
from dualrev.readers.tape import INPUT
from dualrev.readers.var import OUTPUT
from dualrev.show.wording import argument_names, brief, operation_text
from dualrev.traces import trace_with

__all__ = ["Place", "Record", "Recording", "Step"]

# The local derivatives of larger arrays are not computed.
_SMALL = 4
# Parts of a function that Python runs as functions of their own.
_PARTS = re.compile(r"(\.<locals>\.<(?:gen|list|set|dict)(?:expr|comp)>)+$")


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
        File and line of the user's code, ``model.py:41``; empty where it is not the user's.
    within : str
        Name of the user's function that the line belongs to, ``Layer.__call__``.
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
    #: The whole line of code.
    line: str = ""
    #: Name of the file, with its path.
    file: str = ""


class Step(NamedTuple):
    """A record, with what a graph needs besides."""

    record: Record
    place: Place
    #: Index of the step of each traced argument.
    parents: tuple[int, ...]


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
        _check(args, tangents)
        self.name = errors.name_of(f)
        observer = _Recorder()
        token = OBSERVER.set(observer)
        try:
            trace, treedef = trace_with(f, args)
        finally:
            OBSERVER.reset(token)
        entries = trace.tape.entries = sorted(trace.tape.entries, key=lambda entry: entry[5])
        if tangents is None:
            ts = _ones_for_the_first(args, trace.primals)
        else:
            ts = flatten_tangents(tuple(tangents), treedef, trace.primals, "tangent")
        if ct is None:
            cts = [np.ones_like(y) if y.dtype.kind in "fc" else None for y in trace.ans]
        else:
            given = flatten_tangents(ct, trace.tree, trace.ans, "cotangent")
            cts = [conjugated(y) for y in given]
        pushed = trace.tape.push(dict(zip(trace.inputs, ts)), range(len(entries)))
        pulled = _pull(trace, cts)
        names = argument_names(f, treedef)
        names += _intermediate_names(names, len(entries))
        self.results = [i for i in trace.outputs if i is not None]
        self.steps = []
        self._entries = entries
        for i, (rule, _, saved, parents, kwargs, _) in enumerate(entries):
            place = observer.seen.get(i, Place())
            text = ""
            if rule is not INPUT:
                given = [None if p is None else names[p] for p in parents]
                text = operation_text(rule, saved, given, kwargs, place.source)
            record = Record(names[i], text, observer.primals[i], pushed[i], pulled[i], *place[:3])
            self.steps.append(Step(record, place, tuple(p for p in parents if p is not None)))

    def partials(self, i: int) -> list:
        """The local derivatives of a step, one a parent: an array, a text, or None."""
        rule, ans, args, parents, kwargs, _ = self._entries[i]
        traced = [k for k, p in enumerate(parents) if p is not None]
        return [_partial(rule, k, ans, args, kwargs) for k in traced]


def _check(args, tangents):
    if tangents is not None and not isinstance(tangents, tuple | list):
        raise errors.ArgumentError(
            f"tangents is a tuple, one entry an argument of f; it was given {noun_of(tangents)}.",
            fix="tangents=(t,)",
        )
    if tangents is not None and len(tangents) != len(args):
        raise errors.StructureError(
            f"{len(tangents)} tangents were given for {len(args)} arguments.",
            fix="give one tangent an argument",
        )


def _ones_for_the_first(args, primals):
    """Tangents: ones for the first argument that holds arrays, zeros for the others."""
    counts = (len(trees.flatten(arg)[0]) for arg in args)
    count = next(filter(None, counts))
    return [np.ones_like(x) if i < count else zeros_of(x) for i, x in enumerate(primals)]


def _intermediate_names(taken, count):
    """v1, v2, ...; another letter where f has a parameter of such a name."""
    letters = itertools.chain("vwz", map("v{}_".format, itertools.count()))
    letter = next(c for c in letters if not any(re.match(rf"{c}\d", name) for name in taken))
    return [f"{letter}{k + 1}" for k in range(count - len(taken))]


class _Recorder:
    """What the tape of a recorded function calls: keeps primals as they are, and places."""

    def __init__(self):
        self.primals = {}
        #: Places, by index of entry.
        self.seen = {}
        self._entries = None
        self._caller = user_frame()
        self._places = {}

    def returned(self, f, level, depends):
        """Not asked: debug's."""

    def recording(self, entries):
        """The append of a tape; of a tape that f itself makes, the ordinary one."""
        if self._entries is not None:
            return entries.append
        self._entries = entries

        def append(entry):
            rule, ans, _, _, _, index = entry
            if rule is not INPUT:
                # What is written, and its views, may be written again: as shown it stays.
                if (rule is WRITE or rule.view) and isinstance(ans, np.ndarray | Tracer):
                    ans = ans.copy()
                frame = user_frame()
                place = self._place(frame)
                if rule is WRITE:  # the expression is the target alone
                    place = place._replace(source=place.line)
                self.seen[index] = place
            self.primals[index] = ans
            entries.append(entry)

        return append

    def watching(self, kind):
        """The kind of tangents of a transform inside f: nothing is shown of them."""
        return kind

    def _place(self, frame):
        if frame is None or frame is self._caller:  # f is NumPy's or dualrev's own
            return Place()
        key = id(frame.f_code), frame.f_lasti
        if key not in self._places:  # the code is held too: its id must stay its own
            self._places[key] = frame.f_code, _place(expression_of(frame))
        return self._places[key][1]


def _place(expression):
    """The place of an expression, as it is shown."""
    file, number, within, source, line = expression
    # In a notebook and at the prompt there is no file.
    where = f"{os.path.basename(file)}:{number}" if os.path.exists(file) else f"line {number}"
    within = _PARTS.sub("", within).rpartition(".<locals>.")[2]
    return Place(where, within, source, line, file)


class _Noted:
    """A rule at one place of a tape, which notes the cotangent that reaches it."""

    chosen = None  # its vjp is called

    def __init__(self, rule, index, cts):
        self.rule, self.index, self.cts = rule, index, cts

    def vjp(self, ct, *rest):
        if self.cts[self.index] is None:  # else it looks closer at a zero
            self.cts[self.index] = ct
        return self.rule.vjp(ct, *rest)


def _pull(trace, of_outputs):
    """The cotangent of every entry, as users see it."""
    cts = [None] * len(trace.tape.entries)
    plain = trace.tape.entries
    trace.tape.entries = [
        entry if entry[0] is INPUT else (_Noted(entry[0], i, cts), *entry[1:])
        for i, entry in enumerate(plain)
    ]
    # Not Trace.pull: None, where an argument has no influence, is not to become zero.
    given = {}
    for i, ct in zip(trace.outputs, of_outputs):
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


def _partial(rule, k, ans, args, kwargs):
    """The derivative of an answer by its argument k: a small one as an array, others by their shape."""
    x = args[k]
    if rule is OUTPUT or isinstance(ans, tuple) or isinstance(x, tuple):
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
