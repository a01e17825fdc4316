"""Inward: a function of another library as a primitive of dualrev, with derivatives of every order.

Owns when the library's derivatives are asked for, and what is kept of a call for them.  Must not know
any library: a bridge says how it computes.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors, trees
from dualrev.bridges.arguments import Kept, among, bound, chosen, is_inexact, taken_apart
from dualrev.core.traced import is_differentiated, is_traced
from dualrev.core.words import rule
from dualrev.errors import name_of

__all__ = ["Inward", "inward"]


class Inward:
    """A function g of tensors alone, with their results in a tuple; a bridge is a subclass.

    Attributes
    ----------
    adjoint : bool
        Whether the library's pullback of a complex function is the adjoint, not the transpose.
    """

    adjoint = False

    def __init__(self, g: Callable, pulls: "tuple[Inward, tuple] | None" = None):
        self._g = g
        self._pulls = pulls
        self._tree = None
        self._differentiated: tuple = ()
        self._kept: Kept | None = None

    def __getstate__(self):
        # What tells it from others, as a checkpoint asks: not what is kept of a call.
        return self._g, self._pulls

    # ---------------------------------------------------------------- what a bridge says

    def is_tensor(self, y) -> bool:
        """Whether a result of g is what the library computes with."""
        raise NotImplementedError

    def tensor(self, x) -> Any:
        """An array as the library's own; that shares its memory, if the library can."""
        raise NotImplementedError

    def array(self, y) -> np.ndarray:
        """A result of g as an array that shares its memory with nothing."""
        raise NotImplementedError

    def record(self, tensors, moving) -> tuple:
        """The results of g, and ``pull(cts)``: the cotangents of the moving ones among its tensors."""
        raise NotImplementedError

    def jvp(self, tensors, moving, ts) -> tuple:
        """The tangents of the inexact results of g."""
        raise NotImplementedError

    def vjp(self, tensors, moving, cts) -> tuple:
        """The cotangents of the moving tensors, as an expression that the library differentiates."""
        raise NotImplementedError

    def mapped(self, batched) -> Callable | None:
        """g of many values, which some tensors have along a leading axis; None runs it row by row."""
        return None

    # ------------------------------------------------------------- what dualrev makes of it

    def g(self, *tensors) -> tuple:
        """The function, for which a bridge asks."""
        leaves, self._tree = trees.flatten(self._g(*tensors))
        for y in leaves or [None]:
            if not self.is_tensor(y):
                raise errors.StructureError(
                    f"`{name_of(self._g)}` returned an object of type {type(y).__name__}, which is no "
                    "array of its library.",
                    where="",
                    fix="return arrays of the library, or a structure of them",
                )
        return tuple(leaves)

    def restored(self, answers):
        """The results in the structure that g returned."""
        return trees.unflatten(self._tree, answers)

    def results(self, arrays) -> tuple:
        """Those of a call with plain arrays."""
        if self._pulls is None:
            return tuple(self.array(y) for y in self.g(*map(self.tensor, arrays)))
        base, moving = self._pulls
        count = len(moving)
        return base._pulled(arrays[:count], moving, arrays[count:])

    def recorded(self, arrays) -> tuple:
        """The same; the library keeps what it needs for the derivative by what is differentiated by."""
        if not any(self._differentiated):
            return self.results(arrays)
        answers, self._kept = self._record(arrays, self._differentiated)
        return answers

    def _record(self, arrays, moving):
        answers, pull = self.record([self.tensor(x) for x in arrays], moving)
        return tuple(map(self.array, answers)), Kept(arrays, moving, pull)

    def _pulled(self, arrays, moving, cts):
        """The cotangents of the arguments that move."""
        kept = self._kept
        # Another call may have come between: of another row of a batch, of a program's next run.
        if kept is None or not kept.holds(moving, arrays):
            _, kept = self._record(arrays, moving)
        cts = map(self.array, kept.derivative([self.tensor(ct) for ct in cts]))
        cts = chosen(cts, chosen(moving, kept.moving))
        return tuple(ct.reshape(x.shape) for ct, x in zip(cts, chosen(arrays, moving)))

    def push(self, moving) -> "Inward":
        """The tangents of the inexact results, from all arguments and a tangent of each that moves."""
        count, moving = len(moving), tuple(moving)

        def pushed(*tensors):
            return self.jvp(tensors[:count], moving, tensors[count:])

        return type(self)(pushed)

    def pull(self, moving) -> "Inward":
        """The cotangents of what moves, from all arguments and a cotangent of each inexact result."""
        count, moving = len(moving), tuple(moving)

        def pulled(*tensors):
            return self.vjp(tensors[:count], moving, tensors[count:])

        return type(self)(pulled, (self, moving))

    def __call__(self, *arrays) -> tuple:
        """The results, traced where the arguments are."""
        self._differentiated = tuple(is_differentiated(x) and is_inexact(x) for x in arrays)
        return _called(*arrays, inward=self)


def inward(g: Callable, kind: type[Inward]) -> Callable:
    """g as a function of arrays, by way of an Inward of this kind."""
    return bound(_in_numpy, g, kind=kind)


def _in_numpy(g, args, kwargs, kind):
    of_arrays, arrays, others = taken_apart(g, args, kwargs, _is_array)
    made = kind(of_arrays)
    if any(map(made.is_tensor, others)):
        raise errors.ArgumentError(
            f"`{name_of(g)}`, as dualrev calls it, was given an array of its own library.",
            fix="give it NumPy's; a constant stands in the function, as in lambda x: g(x, constant)",
        )
    return made.restored(made(*arrays))


def _is_array(x):
    # Python's floating-point numbers too, as dualrev traces them; whole ones may be options.
    return isinstance(x, np.ndarray | np.generic | float | complex) or is_traced(x)


def _compute(*arrays, inward):
    return inward.results([np.asarray(x) for x in arrays])


def _compute_in_trace(*arrays, inward):
    if any(map(is_traced, arrays)):
        return _called(*arrays, inward=inward)
    return inward.recorded([np.asarray(x) for x in arrays])


def _batch(call, batched, /, *arrays, inward):
    mapped = inward.mapped(batched)
    return NotImplemented if mapped is None else type(inward)(mapped)(*arrays)


def _jvp(tangents, ans, *arrays, inward):
    moving = [t is not None for t in tangents]
    ts = iter(inward.push(moving)(*arrays, *chosen(tangents, moving)))
    return tuple(next(ts) if is_inexact(y) else None for y in ans)


def _vjp(ct, wanted, ans, *arrays, inward):
    cts = chosen(ct, map(is_inexact, ans))
    pull = inward.pull(wanted)
    if inward.adjoint:
        cts = map(np.conj, pull(*arrays, *map(np.conj, cts)))
    else:
        cts = pull(*arrays, *cts)
    return among(cts, wanted, [None] * len(arrays))


_called = rule(
    _compute,
    _jvp,
    _vjp,
    arity=-1,
    call=_compute_in_trace,
    batch=_batch,
    name="a function of another library",
)
