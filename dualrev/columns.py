"""All columns of a Jacobian in one sweep: many tangents at once, along a leading axis.

Owns what each word means to them: a partial derivative is computed once and multiplies all tangents
together.  What else a function does with the leading axis stands beside its rule, as ``many``; what
says nothing is pushed in one direction after the other.  Must not know any function by name.
"""

from collections.abc import Callable

import numpy as np

from dualrev.calls import call_user, flatten_result
from dualrev.core.assignment import WRITE, own_copy
from dualrev.core.cotangents import cast, zeros_of
from dualrev.core.forward import Dual, Scope
from dualrev.core.kinds import Kind
from dualrev.core.primitive import Rule, guarded_product
from dualrev.core.tracer import Tracer
from dualrev.transforms import Trace

__all__ = ["columns_of", "push_columns"]

# Elements of an array of tangents beyond which memory, not calls, is the cost: 1 MiB of float64.
_ELEMENTS = 2**17

_BASIC = frozenset({int, slice, type(Ellipsis), type(None)})
_FLOAT = np.float64
_INF = float("inf")


# ---------------------------------------------------------------------- what each word means to many


class Many(Kind):
    """So many tangents of one primal, along a leading axis."""

    __slots__ = ("count",)
    leading = 1

    def __init__(self, count):
        self.count = count

    def push(self, rule, tangents, ans, args, kwargs):
        if type(rule) is Rule:  # not debug's, which watches single tangents
            if rule.word == "elementwise":
                return self._push_elementwise(rule, tangents, ans, args)
            ts = None
            if rule.many is not None:
                ts = rule.many(tangents, args, **kwargs)
            elif rule is WRITE:
                ts = self._push_write(tangents, args, kwargs)
            if ts is not None:
                return ts if ts.dtype is ans.dtype else cast(ts, ans.dtype)
        return self._push_one_by_one(rule, tangents, ans, args, kwargs)

    def _push_elementwise(self, rule, tangents, ans, args):
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
            return self.zeros(ans)
        if total.ndim <= ndim or total.shape[1:] != ans.shape:
            total = np.broadcast_to(total, (len(total), *ans.shape))
        return total if total.dtype is ans.dtype else cast(total, ans.dtype)

    def _push_one_by_one(self, rule, tangents, ans, args, kwargs):
        pushed = [
            rule.jvp([None if ts is None else ts[k] for ts in tangents], ans, args, kwargs)
            for k in range(self.count)
        ]
        if not isinstance(ans, tuple):
            return np.stack(pushed)
        return tuple(None if ts[0] is None else np.stack(ts) for ts in zip(*pushed))

    def _push_write(self, tangents, args, kwargs):
        ts, tv = tangents
        ts = self.zeros(args[0]) if ts is None else own_copy(ts)
        return self.write((ts, tv), args[0], args, kwargs)

    def write(self, tangents, ans, args, kwargs):
        """Where the index allows it, by writing into the tangents."""
        ts, tv = tangents
        index = kwargs["index"]
        index = index if type(index) is tuple else (index,)
        if (
            kwargs["steps"] is not None
            or not _BASIC.issuperset(map(type, index))
            or (isinstance(tv, Tracer) and not isinstance(ts, Tracer))
        ):
            return self._push_one_by_one(WRITE, tangents, ans, args, kwargs)
        target = ts[(slice(None), *index)]
        if tv is None:
            target[...] = 0.0
        else:
            # As in an assignment: the value has leading axes of length 1 too many, or too few.
            extra = target.ndim - tv.ndim
            shape = (1,) * extra + tv.shape[1:] if extra >= 0 else tv.shape[1 - extra :]
            target[...] = tv.reshape(len(tv), *shape)
        return ts

    def zeros(self, ans):
        return np.zeros((self.count, *ans.shape), zeros_of(ans).dtype)


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
        units = []
        first = 0
        for x in primals:
            columns = np.eye(stop - start, x.size, start - first, zeros_of(x).dtype)
            touched = first < stop and start < first + x.size
            units.append(columns.reshape(-1, *x.shape) if touched else None)
            first += x.size
        return trace.push(units, Many(stop - start), check=not start)

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
    many = Many(len(tangents[0]))
    scope = Scope(many)
    try:
        duals = [scope.dual(x, ts) for x, ts in zip(primals, tangents, strict=True)]
        result = call_user(f, duals, {})
        if type(result) in (list, tuple):
            result = np.array(result)
        (ans,), _ = flatten_result(result, f)
        if type(ans) is Dual and ans.scope is scope:
            ans.settle()
            return ans.primal, ans.tangent
        return ans, many.zeros(ans)
    finally:
        scope.close()
