"""Operations: what the user's line was at when something could not be done, by its bytecode.

For the text of an error alone: with a wrong answer it would advise less well.
"""

import builtins
import dis
import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from dualrev.insides.lines import expression_at, is_installed, is_users, user_frame

__all__ = ["WRITES", "Operation", "operation"]


class Operation(NamedTuple):
    """What the user's line was at when something could not be done."""

    #: "call", "write", an operator such as "%" or "+=", or "" for anything else.
    kind: str
    #: The expression, ``math.sin(x[0])``, or the line of a write; ``math.sin(...)`` without the source.
    source: str
    #: What is called, or written, as far as names lead, and as it is written: ``rng.normal``, ``y``.
    subject: Any
    name: str
    #: Whether the line is of an installed package, which its user does not edit.
    installed: bool
    #: The names of the modules that its file has imported.
    modules: frozenset[str]
    #: The value of a name there.
    variable: Callable[[str], Any]


def operation(error: BaseException | None = None, own: bool = False) -> Operation:
    """What the user's line is at, or was when an error passed it; ``own``: where he called a package.

    Its bytecode tells, with or without the source.  100 us and more, for an error's message.
    """
    frame: Any = user_frame() if error is None else None
    at = -1 if frame is None else frame.f_lasti
    traceback = None if error is None else error.__traceback__
    while traceback is not None:
        passed = traceback.tb_frame
        is_own = not own or frame is None or not is_installed(passed.f_code.co_filename)
        if is_own and is_users(passed):
            frame, at = passed, traceback.tb_lasti
        traceback = traceback.tb_next
    if frame is None:
        return Operation("", "", None, "", False, frozenset(), lambda name: None)
    steps = [step for step in dis.get_instructions(frame.f_code) if step.offset <= at]
    kind = _kind_of(steps[-1])
    subject, name = _subject(frame, steps)
    expression = expression_at(frame, at)
    source = expression.line if kind == "write" else expression.source
    # A file that was edited since it was imported has another line there.
    if any(word not in source for word in re.findall(r"\b[^\W_]\w*", name)):
        source = ""
    if not source and name and kind:
        source = _SOURCES.get(kind, "{} {} ...").format(name, kind)
    modules = frozenset(x.__name__ for x in frame.f_globals.values() if inspect.ismodule(x))
    installed = is_installed(expression.file)
    variable = functools.partial(_variable, frame)
    return Operation(kind, source, subject, name, installed, modules, variable)


_SOURCES = {"call": "{}(...)", "write": "{}[...] = ..."}


WRITES = ("STORE_SUBSCR", "STORE_SLICE")


_LOADS = ("LOAD_FAST", "LOAD_NAME", "LOAD_GLOBAL", "LOAD_DEREF")


def _kind_of(step):
    if step.opname.startswith(("CALL", "PRECALL")):  # Python 3.11 calls in the latter what it knows
        return "call"
    if step.opname in WRITES:
        return "write"
    return step.argrepr if step.opname == "BINARY_OP" else ""


def _subject(frame, steps):
    """What the last step begins with, a function or an array, and its name.

    What loads it begins in the same column; arguments stand further right.
    """
    *before, last = steps
    subject: Any = None
    name = ""
    if last.positions is None or last.positions.col_offset is None:
        return subject, name
    for step in before:
        if step.positions[::2] != last.positions[::2]:
            continue
        if step.opname.startswith(_LOADS):
            # Python 3.13 loads two at once.
            name = step.argval[0] if isinstance(step.argval, tuple) else step.argval
            subject = _variable(frame, name)
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            name = f"{name}.{step.argval}"
            subject = getattr(subject, step.argval, None)
        elif step.opname.startswith("CALL"):
            subject, name = None, f"{name}(...)"
        elif step.opname.startswith("BINARY_"):
            subject, name = None, f"{name}[...]"
    return subject, name


def _variable(frame, name):
    for space in (frame.f_locals, frame.f_globals, vars(builtins)):
        if name in space:
            return space[name]
    return None
