"""Outward: a function of NumPy as another library meets it, of a row of arrays with a row of results.

Owns its derivatives, which are such functions again, to any order, and what is kept of a call for them.
Must not know any library.

Cotangents are those that users of dualrev see: adjoints under ``Re <a, b>`` where numbers are complex.
"""

from collections.abc import Callable, Sequence

import numpy as np

from dualrev import errors, trees
from dualrev.batches import vmap
from dualrev.bridges.arguments import (
    Kept,
    Spec,
    among,
    chosen,
    is_inexact,
    spec_of,
    specs_of,
    taken_apart,
)
from dualrev.calls import flatten_result, unflatten
from dualrev.core.traced import is_traced
from dualrev.errors import name_of
from dualrev.transforms import jvp, linearize, vjp

__all__ = ["Outward", "outward"]


def outward(f: Callable, args, kwargs, is_tensor: Callable, **options) -> tuple:
    """f as an Outward of the library's own among its arguments, or parts of them; and these."""
    of_arrays, tensors, others = taken_apart(f, args, kwargs, is_tensor)
    if any(map(is_traced, others)):
        raise errors.ArgumentError(
            f"`{name_of(f)}`, as another library calls it, was given a traced array.",
            fix="call the function itself with it, not what the bridge has made of it",
        )
    return Outward(of_arrays, **options), tensors


class Outward:
    """A function of arrays alone.

    The arrays that it is called with must not change as long as it lives: those of other libraries do
    not, or the library notices.
    """

    #: Of a derivative: the number of its first arguments; in those after them it is linear.
    arguments: int | None = None

    def __init__(self, f: Callable, like=None, spec_of: Callable = spec_of):
        self.f = f
        self._tree = None
        self._specs: tuple[Spec, ...] | None = None
        self._kept: Kept | None = None
        if like is not None:
            leaves, self._tree = trees.flatten(like)
            self._specs = tuple(map(spec_of, leaves))

    def leaves(self, *arrays) -> tuple:
        """The results, traced where the arguments are."""
        leaves, self._tree = flatten_result(self.f(*arrays), self.f)
        return tuple(leaves)

    def results(self, arrays) -> list:
        """The results, in memory of their own: f may return what it was given, or what it holds."""
        return self._noted([np.array(y) for y in self.leaves(*arrays)])

    def recorded(self, arrays, moving) -> list:
        """The results, after which the derivative by the moving arguments there needs no call of f."""
        if not any(moving):
            return self.results(arrays)
        answers, linear = linearize(self.by(moving, arrays), *chosen(arrays, moving))
        self._kept = Kept(arrays, tuple(moving), linear)
        return self._noted([np.asarray(y) for y in answers])

    def forget(self):
        """Free what was recorded; its derivative takes another call of f then."""
        self._kept = None

    def _noted(self, answers):
        if self._specs is None:
            self._specs = specs_of(answers)
        return answers

    def restored(self, leaves):
        """The results in the structure that f returned."""
        return unflatten(self._tree, leaves)

    def specs(self, given: Sequence[Spec]) -> tuple[Spec, ...]:
        """Those of the results; where nobody has told them, f is called with ones."""
        if self._specs is None:
            if any(spec.shape is None or None in spec.shape for spec in given):
                raise errors.ArgumentError(
                    f"What `{name_of(self.f)}` returns is not known where the shapes of its arguments "
                    "are not.",
                    fix="tell them: like= an example of what it returns",
                )
            ones = [np.ones(spec.shape, spec.dtype)[()] for spec in given]
            try:
                self._specs = specs_of(self.leaves(*ones))
            except Exception as error:
                error.add_note(
                    f"`{name_of(self.f)}` was called with ones, to learn the shapes of its results; "
                    "like= tells them without a call."
                )
                raise
        return self._specs

    def push(self, moving) -> "_Derivative":
        """The tangents of the inexact results, from all arguments and a tangent of each that moves."""
        return _Push(self, moving)

    def pull(self, moving) -> "_Derivative":
        """The cotangents of what moves, from all arguments and a cotangent of each inexact result."""
        return _Pull(self, moving)

    def rows(self, axes) -> "Outward":
        """The function of many values, which each argument has along its axis, or not at all: None."""
        return _Rows(self, axes)

    def by(self, moving, arrays):
        """The function of some of the arguments, the others held."""

        def by_moving(*some):
            return self.leaves(*among(some, moving, arrays))

        by_moving.__name__ = name_of(self.f)
        return by_moving

    def kept_at(self, moving, arrays) -> Kept | None:
        """What a call at these arrays has left, if it was the last one that was recorded."""
        kept = self._kept
        plain = all(type(x) is np.ndarray or isinstance(x, np.generic) for x in arrays)
        return kept if kept is not None and plain and kept.holds(moving, arrays) else None


class _Derivative(Outward):
    """A function of the arguments of another one, and of vectors in which it is linear."""

    def __init__(self, base: Outward, moving: Sequence):
        super().__init__(base.f)
        self.base = base
        self.moving = tuple(moving)
        self.arguments = len(self.moving)

    def leaves(self, *arrays):
        args, vectors = arrays[: self.arguments], arrays[self.arguments :]
        kept = self.base.kept_at(self.moving, args)
        return tuple(self._at(args, vectors) if kept is None else self._from(kept, vectors))

    def recorded(self, arrays, moving):
        # Most derivatives are not differentiated again: where one is, its own is computed then.
        if self.base.kept_at(self.moving, arrays[: self.arguments]):
            return self.results(arrays)
        return super().recorded(arrays, moving)


class _Push(_Derivative):
    def _at(self, args, ts):
        answers, ts = jvp(self.base.by(self.moving, args), chosen(args, self.moving), ts)
        return _inexact(answers, ts)

    def _from(self, kept, ts):
        given = iter(ts)
        ts = [
            next(given) if m else np.zeros(x.shape, x.dtype)
            for k, m, x in zip(kept.moving, self.moving, kept.arrays)
            if k
        ]
        # Of the base, not of the tangents: that of an integer is a floating-point 0.
        return _inexact(self.base.specs(kept.arrays), kept.derivative.push(*ts))

    def specs(self, given):
        specs = self.base.specs(given[: self.arguments])
        return _inexact(specs, specs)

    def transposed(self, count):
        return self.base.pull(self.moving)


class _Pull(_Derivative):
    def _at(self, args, cts):
        answers, pullback = vjp(self.base.by(self.moving, args), *chosen(args, self.moving))
        return pullback(_with_zeros(cts, answers))

    def _from(self, kept, cts):
        cts = kept.derivative.pull(_with_zeros(cts, self.base.specs(kept.arrays)))
        return [ct for ct, m in zip(cts, chosen(self.moving, kept.moving)) if m]

    def specs(self, given):
        return chosen(given, self.moving)

    def transposed(self, count):
        return self.base.push(self.moving)


class _Rows(Outward):
    def __init__(self, base: Outward, axes: Sequence):
        super().__init__(base.f)
        self.base = base
        self.axes = tuple(axes)
        self.arguments = base.arguments

    def leaves(self, *arrays):
        given = specs_of(arrays)
        if not self._count(given):
            return tuple(np.zeros(spec.shape, spec.dtype) for spec in self.specs(given))
        return vmap(self.base.leaves, in_axes=self.axes)(*arrays)

    def _count(self, given):
        return next(x.shape[axis] for x, axis in zip(given, self.axes) if axis is not None)

    def restored(self, leaves):
        return self.base.restored(leaves)

    def specs(self, given):
        count = self._count(given)
        rows = [
            x if axis is None else Spec((*x.shape[:axis], *x.shape[axis + 1 :]), x.dtype)
            for x, axis in zip(given, self.axes)
        ]
        return tuple(Spec((count, *y.shape), y.dtype) for y in self.base.specs(rows))

    def transposed(self, count):
        """Of a derivative of which all vectors are rows along their first axis."""
        return self.base.transposed(count).rows((*self.axes[: self.arguments], *(0,) * count))


def _with_zeros(cts, answers):
    """One cotangent an answer: of those that are no floating-point numbers it is 0."""
    given = iter(cts)
    return tuple(next(given) if is_inexact(y) else np.zeros(y.shape) for y in answers)


def _inexact(answers, values):
    return tuple(x for x, y in zip(values, answers) if is_inexact(y))
