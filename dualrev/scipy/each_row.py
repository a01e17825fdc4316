"""each_row: what searches with the numbers of its arguments, for each row of a batch.

Owns where a batch stands: among the arguments, in closures, below derivatives that are taken of each
row.  Must not know what is searched.
"""

import dataclasses
import functools
import types
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from dualrev.calls import call_user
from dualrev.closures import traced_apart, traced_in, without_derivatives
from dualrev.core.binding import bind
from dualrev.core.operands import as_operand, base_of, numbers_of
from dualrev.core.primitive import RULES
from dualrev.core.traced import Traced, tracer_in
from dualrev.core.words import rule
from dualrev.errors import CoercionError, StructureError, name_of
from dualrev.repairs import BY_ROWS
from dualrev.through import pulled_through, pushed_through

__all__ = ["each_row", "numbers_under"]


def each_row(definition: Callable, *, looks: bool = False) -> Callable:
    """Let a batch call a definition row by row: one that searches with the numbers of its arguments.

    A batch in a closure, or below a derivative, shows where the definition asks for its numbers; one
    that ``looks`` for it first may ask for them otherwise.
    """

    @functools.wraps(definition)
    def call(*args, **kwargs):
        top = tracer_in((args, kwargs))
        if top is None or top.mode != "batch":
            if looks and _holds_batch(traced_in((args, kwargs))):
                return _by_rows(definition, args, kwargs)
            try:
                return definition(*args, **kwargs)
            except CoercionError:
                if not _holds_batch(traced_in((args, kwargs))):
                    raise
        return _by_rows(definition, args, kwargs)

    return call


def numbers_under(given: Any) -> Any:
    """The same with the plain numbers under all derivatives; what is none, as a batch, raises."""
    plain = without_derivatives(given)
    numbers_of(traced_in(plain))
    return plain


def _holds_batch(leaves):
    return any(isinstance(base_of(x), Traced) for x in leaves)


def _by_rows(definition, args, kwargs):
    held, leaves = traced_apart((args, kwargs))
    made: Any = None

    def program(*leaves):
        nonlocal made
        args, kwargs = held.with_leaves(leaves).root
        made = call_user(definition, args, kwargs)  # arrays that are filled are of the row
        numbers: list = []
        _with_numbers(made, numbers.append)
        return tuple(numbers)

    program.__name__ = name_of(definition)
    answers = iter(_in_rows(program, *leaves))
    return _with_numbers(made, lambda _: next(answers))


def _with_numbers(x, make):
    """An answer with what is made of each of its arrays and numbers."""
    if isinstance(x, dict):
        return type(x)({key: _with_numbers(part, make) for key, part in x.items()})
    if isinstance(x, list | tuple):
        parts = [_with_numbers(part, make) for part in x]
        return _record(x, parts, make) if hasattr(x, "_fields") else type(x)(parts)
    if dataclasses.is_dataclass(x) and not isinstance(x, type):
        parts = [_with_numbers(getattr(x, field.name), make) for field in dataclasses.fields(x)]
        return type(x)(*parts)
    if x is None or isinstance(x, str):
        return x
    x = as_operand(x)  # also of an array that traced values were written into
    x = x if isinstance(x, Traced) else np.asarray(x)
    if x.dtype.hasobject:
        raise StructureError(
            f"A search answers a {type(x.item()).__name__}: of a batch there would be one a row.",
            fix=BY_ROWS,
        )
    return make(x)


def _record(x, parts, make):
    """A named tuple; of what a result of SciPy's has beside its fields, what is no object of a row."""
    new = tuple.__new__(type(x), parts)
    for name, part in getattr(x, "__dict__", {}).items():
        if isinstance(part, Traced | np.ndarray | np.generic | float | int):
            setattr(new, name, make(part if isinstance(part, Traced) else np.asarray(part)))
        elif part is None or isinstance(part, str | type | np.dtype | types.ModuleType):
            setattr(new, name, part)
    return new


# ------------------------------------------------------------- below derivatives: one primitive


def _in_rows(program, *leaves):
    """The answers of a program of arrays that knows no batches, a tuple."""
    top = tracer_in(leaves)
    if top is not None and top.mode == "batch":
        return top.row_by_row(
            functools.update_wrapper(partial(_in_rows, program), program), leaves, {}
        )
    if _holds_batch(leaves):
        return bind(RULES[_entry], leaves, {"program": program})
    return program(*leaves)


def _jvp(tangents, ans, *leaves, program):
    moving = [t is not None for t in tangents]

    @functools.wraps(program)
    def push(*both):
        given = iter(both[len(moving) :])
        return pushed_through(
            program, both[: len(moving)], [next(given) if m else None for m in moving]
        )

    return _in_rows(push, *leaves, *(t for t in tangents if t is not None))


def _vjp(cts, wanted, ans, *leaves, program):
    given = [ct is not None for ct in cts]

    @functools.wraps(program)
    def pull(*both):
        some = iter(both[len(wanted) :])
        cts = tuple(next(some) if g else None for g in given)
        pulled = pulled_through(program, both[: len(wanted)], cts, wanted)
        return tuple(c for c in pulled if c is not None)

    pulled = iter(_in_rows(pull, *leaves, *(ct for ct in cts if ct is not None)))
    return [next(pulled) if w else None for w in wanted]


_entry = rule(
    lambda *leaves, program: program(*leaves),
    _jvp,
    _vjp,
    call=lambda *leaves, program: _in_rows(program, *leaves),
    arity=-1,
    fills=False,
    name="each_row",
)
