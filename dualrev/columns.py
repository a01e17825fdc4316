"""All columns of a Jacobian in one sweep: many tangents at once, along a leading axis.

Owns what each word means to columns: each partial derivative is computed once and multiplies all
tangents together.  Must not know who asks.
"""

import operator
from collections.abc import Callable

import numpy as np

from dualrev.calls import call_user, flatten_result
from dualrev.core.assignment import WRITE
from dualrev.core.binding import gather_scalars
from dualrev.core.cotangents import cast, zeros_of
from dualrev.core.forward import Dual, Scope
from dualrev.core.primitive import Rule, guarded_product
from dualrev.core.tape import OUTPUT
from dualrev.core.tracer import Tracer
from dualrev.transforms import Trace

__all__ = ["columns_of", "push_columns"]

# Elements of an array of tangents beyond which memory, not calls, is the cost: 1 MiB of float64.
_ELEMENTS = 2**17

_BASIC = frozenset({int, slice, type(Ellipsis), type(None)})
_FLOAT = np.float64
_INF = float("inf")


# ----------------------------------------------------------------- what each word means to columns


def _push(rule, tangents, ans, args, kwargs):
    """Tangents of the answer in every direction."""
    if rule is OUTPUT:
        return tangents[0][kwargs["k"]]
    if type(rule) is not Rule:  # debug's, which watches single tangents
        return _push_one_by_one(rule, tangents, ans, args, kwargs)
    if rule.word == "elementwise":
        return _push_elementwise(rule, tangents, ans, args)
    at_once = _AT_ONCE.get(rule.function)
    if at_once is not None:
        ts = at_once(tangents, args, **kwargs)
        if ts is not None:
            return ts if ts.dtype is ans.dtype else cast(ts, ans.dtype)
    return _push_one_by_one(rule, tangents, ans, args, kwargs)


def _push_elementwise(rule, tangents, ans, args):
    total = None
    ndim = ans.ndim
    for i, ts in enumerate(tangents):
        if ts is None:
            continue
        partial = rule.partials[i]
        if partial is None:
            continue
        if ts.ndim <= ndim:  # x was broadcast: its axes are the last of the answer's
            x = args[i]
            ts = ts.reshape(len(ts), *(1,) * (ndim - x.ndim), *x.shape)
        if not callable(partial):
            if partial != 1:
                ts = ts * partial
        elif rule.products[i] is not None:
            ts = rule.products[i](ts, ans, *args)
        else:
            factor = partial(ans, *args)
            if type(factor) is _FLOAT and -_INF < factor < _INF:
                ts = ts * factor
            else:
                ts = guarded_product(ts, factor)
        total = ts if total is None else total + ts
    if total is None:
        count = next(len(ts) for ts in tangents if ts is not None)
        return np.zeros((count, *ans.shape), zeros_of(ans).dtype)
    if total.ndim <= ndim or total.shape[1:] != ans.shape:
        total = np.broadcast_to(total, (len(total), *ans.shape))
    return total if total.dtype is ans.dtype else cast(total, ans.dtype)


def _push_one_by_one(rule, tangents, ans, args, kwargs):
    count = next(len(ts) for ts in tangents if ts is not None)
    pushed = [
        rule.jvp([None if ts is None else ts[k] for ts in tangents], ans, args, kwargs)
        for k in range(count)
    ]
    if not isinstance(ans, tuple):
        return np.stack(pushed)
    return tuple(None if ts[0] is None else np.stack(ts) for ts in zip(*pushed))


def _write(tangents, ans, args, kwargs):
    """Tangents of an array that was written; where the index allows it, by writing into them."""
    ts, tv = tangents
    index = kwargs["index"]
    index = index if type(index) is tuple else (index,)
    if (
        kwargs["steps"] is not None
        or not _BASIC.issuperset(map(type, index))
        or (isinstance(tv, Tracer) and not isinstance(ts, Tracer))
    ):
        return _push_one_by_one(WRITE, tangents, ans, args, kwargs)
    target = ts[(slice(None), *index)]
    if tv is None:
        target[...] = 0.0
    else:
        # As in an assignment: the value has leading axes of length 1 too many, or too few.
        extra = target.ndim - tv.ndim
        shape = (1,) * extra + tv.shape[1:] if extra >= 0 else tv.shape[1 - extra :]
        target[...] = tv.reshape(len(tv), *shape)
    return ts


def _overwritten(tangents, args, **kwargs):
    ts, tv = tangents
    x = args[0]
    ts = np.zeros((len(tv), *x.shape), x.dtype) if ts is None else ts.copy()
    return _write((ts, tv), x, args, kwargs)


def _getitem(tangents, args, index):
    (ts,) = tangents
    if type(index) is tuple:
        return ts[(slice(None), *index)]
    return ts[:, index]


def _sum(tangents, args, axis=None, keepdims=False, **options):
    (ts,), (a,) = tangents, args
    if options or not a.ndim:
        return None
    if axis is None:
        axes = tuple(range(1, ts.ndim))
    else:
        axes = axis if isinstance(axis, tuple) else (axis,)
        axes = tuple(k % a.ndim + 1 for k in axes)
    return ts.sum(axis=axes, keepdims=keepdims)


def _transpose(tangents, args, axes=None):
    (ts,), (a,) = tangents, args
    axes = range(a.ndim)[::-1] if axes is None else axes
    return ts.transpose(0, *(k % a.ndim + 1 for k in axes))


def _reshape(tangents, args, shape=None, order="C", copy=None):
    (ts,) = tangents
    if order != "C":
        return None
    return ts.reshape(len(ts), *np.atleast_1d(shape))


def _matmul(tangents, args):
    (ts_a, ts_b), (a, b) = tangents, args
    if not 1 <= min(a.ndim, b.ndim) <= max(a.ndim, b.ndim) <= 2:
        return None
    if not all(isinstance(x, np.ndarray | Tracer) for x in args):  # a sparse matrix
        return None
    total = None
    if ts_a is not None:
        total = ts_a @ b
    if ts_b is not None:
        term = a @ ts_b if b.ndim == 2 else ts_b @ a.T
        total = term if total is None else total + term
    return total


def _gather(tangents, elements):
    given = [ts for ts in tangents if ts is not None]
    if any(type(ts) is not np.ndarray or ts.dtype != float for ts in given):
        return None
    count = len(given[0])
    gathered = np.zeros((count, len(elements)))
    for i, ts in enumerate(tangents):
        if ts is not None:
            gathered[:, i] = ts
    return gathered


#: Functions that are linear, and how they take the leading axis along; a speed-up only: what is not
#: here is pushed in one direction after the other.
_AT_ONCE: dict[Callable, Callable] = {
    operator.getitem: _getitem,
    np.sum: _sum,
    np.transpose: _transpose,
    np.reshape: _reshape,
    np.matmul: _matmul,
    gather_scalars: _gather,
    WRITE.function: _overwritten,
}


# ---------------------------------------------------------------------------------- the transforms


def columns_of(trace: Trace, each: Callable = map) -> list:
    """For each result of a trace its derivatives by all elements of all arguments.

    Parameters
    ----------
    trace : Trace
    each : callable
        ``each(push, starts)`` is what ``map`` answers: the chunks, by the range of their first
        columns.

    Returns
    -------
    list of array
        Of shape ``(n, *y.shape)``, n the number of elements of the arguments together.
    """
    primals, ans = trace.primals, trace.ans
    n = sum(x.size for x in primals)
    largest = max(x.size for x in (*primals, *ans))
    count = max(1, _ELEMENTS // max(largest, 1))

    def push(start):
        stop = min(start + count, n)
        seeds = []
        first = 0
        for x in primals:
            units = np.eye(stop - start, x.size, start - first, zeros_of(x).dtype)
            touched = first < stop and start < first + x.size
            seeds.append(units.reshape(-1, *x.shape) if touched else None)
            first += x.size
        return trace.push_many(seeds, _push, stop - start, check=not start)

    chunks = list(each(push, range(0, n, count)))
    if not chunks:
        return [np.zeros((0, *y.shape)) for y in ans]
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
    scope = Scope(_push, _write)
    try:
        duals = [Dual(x, ts, scope) for x, ts in zip(primals, tangents, strict=True)]
        result = call_user(f, duals, {})
        if type(result) in (list, tuple):
            result = np.array(result)
        (ans,), _ = flatten_result(result, f)
        if type(ans) is Dual and ans.scope is scope:
            ans.settle()
            return ans.primal, ans.tangent
        return ans, np.zeros((len(tangents[0]), *ans.shape))
    finally:
        scope.close()
