"""All columns or rows of a Jacobian in one sweep: a batch of tangents, or of cotangents.

Owns how many are swept at once.  Must not know any function by name.
"""

from collections.abc import Callable

import numpy as np

from dualrev import errors
from dualrev.calls import call_user
from dualrev.core.cotangents import zeros_of
from dualrev.core.operands import as_operand
from dualrev.readers.batch import Rows
from dualrev.traces import Trace, push_forward

__all__ = ["at_once", "checked_chunk_size", "columns_of", "push_columns", "rows_of", "swept"]

# Elements of an array of tangents beyond which memory, not calls, is the cost: Hessians of 300
# numbers take 1.2 to 1.6 times as long with twice as many, those of 1000 as long with any.
_ELEMENTS = 45_000


def columns_of(
    trace: Trace, each: Callable = map, chunk_size: int | None = None, halves: bool = False
) -> list:
    """For each result of a trace its derivatives by all elements of all arguments.

    Parameters
    ----------
    trace : Trace
    each : callable
        ``each(push, starts)`` is what ``map`` answers: the chunks, by the range of their first
        columns.
    chunk_size : int, optional
        How many are pushed together.
    halves : bool
        Whether a complex element of an argument is two real ones: its column is ``d/dx + i d/dy``.

    Returns
    -------
    list of array
        Of shape ``(n, *y.shape)``, n the number of elements of the arguments together.
    """

    def push(units, rows, start):
        ts = trace.push([None if t is None else rows.batch(t) for t in units], check=not start)
        return [rows.spread(t) for t in ts]

    count = chunk_size or at_once(trace.largest())
    sweep = _of_halves(push, 1j) if halves else push
    return swept(trace.primals, trace.ans, sweep, each, count)


def rows_of(
    trace: Trace, each: Callable = map, chunk_size: int | None = None, halves: bool = False
) -> list:
    """For each argument of a trace the derivatives by it of all elements of all results.

    Like :func:`columns_of`, of shape ``(m, *x.shape)``, m the number of elements of the results
    together; with ``halves`` for functions of real arguments, of which a row is that of the real part
    and i times that of the imaginary part.
    """

    def pull(units, rows, start):
        cts = trace.pull([None if ct is None else rows.batch(ct) for ct in units], check=not start)
        return [rows.spread(ct) for ct in cts]

    count = chunk_size or at_once(trace.largest())
    sweep = _of_halves(pull, -1j) if halves else pull
    return swept(trace.ans, trace.primals, sweep, each, count)


def _of_halves(sweep, turn):
    """Two sweeps: of the real parts of what is given, and of the imaginary parts of what is complex."""

    def both(units, rows, start):
        of_real = sweep(units, rows, start)
        turned = [None if t is None or t.dtype.kind != "c" else turn * t for t in units]
        if all(t is None for t in turned):
            return of_real
        return [a + 1j * b for a, b in zip(of_real, sweep(turned, rows, start))]

    return both


def checked_chunk_size(chunk_size):
    """The option as it was given, or an error that says what it may be."""
    is_whole = isinstance(chunk_size, int | np.integer) and not isinstance(chunk_size, bool)
    if chunk_size is None or (is_whole and chunk_size > 0):
        return chunk_size
    raise errors.ArgumentError(
        f"chunk_size is {chunk_size!r}.",
        fix="give a whole number from 1 on, or leave it out",
    )


def at_once(size):
    """How many tangents of an array of this size are pushed together."""
    return max(1, _ELEMENTS // max(size, 1))


def swept(given, wanted, sweep, each=map, count=None):
    """What comes out of a sweep for each element of what is given, so many at once."""
    n = sum(x.size for x in given)
    count = count or at_once(max(x.size for x in (*given, *wanted)))

    def chunk(start):
        stop = min(start + count, n)
        rows = Rows(stop - start, quiet=True)
        units = []
        first = 0
        for x in given:
            eye = np.eye(stop - start, x.size, start - first, zeros_of(x).dtype)
            touched = first < stop and start < first + x.size
            units.append(eye.reshape(stop - start, *x.shape) if touched else None)
            first += x.size
        try:
            return sweep(units, rows, start)
        finally:
            rows.close()

    chunks = list(each(chunk, range(0, n, count)))
    if not chunks:
        return [np.zeros((0, *y.shape)) for y in wanted]
    return [chunk[0] if len(chunk) == 1 else np.concatenate(chunk) for chunk in zip(*chunks)]


def push_columns(f: Callable, primals, tangents) -> tuple:
    """Value of f and its derivatives in several directions.

    Parameters
    ----------
    f : callable
        Function of arrays; its result is one array, or a list of numbers.
    primals : sequence of array or float64
        Its arguments.
    tangents : sequence of array
        For each argument its tangents, along a leading axis.

    Returns
    -------
    ans : array
    tangents : array
        Of the shape of ans, with the leading axis.  Both may alias others.
    """
    rows = Rows(len(tangents[0]), quiet=True)

    def call(duals):
        result = call_user(f, duals, {})
        return as_operand(result) if type(result) in (list, tuple) else result

    try:
        batches = [rows.batch(ts) for ts in tangents]
        (ans,), (t,), _, _ = push_forward(f, call, primals, batches)
        return ans, rows.spread(t)
    finally:
        rows.close()
