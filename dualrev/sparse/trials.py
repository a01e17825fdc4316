"""Trials: calls of a step on random numbers, as products with the matrix of a linear function.

Owns what stands in the place of the arrays of a program.  Must not know what becomes of the products.
"""

import functools

import numpy as np

from dualrev import trees
from dualrev.core.binding import apply
from dualrev.core.primitive import Primitive
from dualrev.program.looking import Unrecordable
from dualrev.program.recording import Recording
from dualrev.program.steps import Ref, mapped
from dualrev.traces import Trace

__all__ = ["Trial"]

_BYTES = np.dtype(f"V{np.dtype(np.intp).itemsize}")


class Trial:
    """Random numbers in the places of the arrays of a step, and calls of it on others.

    An array that stands in two places has other numbers in each: nothing that meets itself is linear.
    """

    def __init__(self, step, rule):
        self.step, self.rule = step, rule
        rng = np.random.default_rng(1)
        # Complex numbers of any phase: what is linear over the reals may read one part alone.
        self.phases = [
            np.exp(1j * rng.uniform(0.1, 1.4, ref.shape)) if ref.dtype.kind == "c" else 1.0
            for ref in step.reads
        ]
        self.random = [
            self.as_kind(rng.uniform(1, 2, ref.shape), k) for k, ref in enumerate(step.reads)
        ]
        self.zero = [np.zeros_like(x) for x in self.random]

    def as_kind(self, x, k):
        """Numbers of the kind of an array; a number, where the program has one."""
        return np.multiply(x, self.phases[k])[()]

    def arguments(self, values):
        """The step's arguments with other arrays, one a place."""
        values = iter(values)

        def put(x):
            return next(values) if type(x) is Ref else x

        return mapped(put, self.step.args), mapped(put, self.step.kwargs)

    def answer(self, values, traced=False):
        """The answers for some numbers, one array a place, as one vector."""
        args, kwargs = self.arguments(values)
        with np.errstate(all="ignore"):
            ans = apply(self.rule, args, kwargs) if traced else self._function()(*args, **kwargs)
        several = ans if isinstance(ans, list | tuple) else [ans]
        return np.concatenate([np.ravel(x) for x in several])

    def sources(self):
        """Which element of what it reads each of its answers is, from 1 on, 0 where it is 0.

        None where it is no copy of one: the numbers are given as plain bytes, with which nothing can
        be computed.
        """
        ends = np.cumsum([x.size for x in self.random])
        places = np.split(np.arange(1, ends[-1] + 1), ends[:-1])
        hidden = [p.view(_BYTES).reshape(np.shape(x)) for p, x in zip(places, self.random)]
        try:
            args, kwargs = self.arguments(hidden)
            ans = self._function()(*args, **kwargs)
            several = ans if isinstance(ans, list | tuple) else [ans]
            if any(x.dtype != _BYTES for x in several):
                return None
            found = np.concatenate([np.ravel(x) for x in several]).view(np.intp)
            given = np.concatenate([[0], *map(np.ravel, self.random)])
            return found if np.array_equal(given[found], self.answer(self.random)) else None
        except Exception:  # it does not take bytes
            return None

    def _function(self):
        function = self.step.function
        return function.function if isinstance(function, Primitive) else function

    def program_at(self, values):
        """The rule's own program, recorded at some numbers; None where it cannot be."""
        recording = Recording(follows=True)
        try:
            args, kwargs = self.arguments(recording.input(np.array(x)[()]) for x in values)
            with np.errstate(all="ignore"):
                outputs, _ = trees.flatten(self.rule.program(*args, **kwargs))
            return recording.program(outputs, "")
        except (Unrecordable, Exception):  # it does not take any numbers
            return None
        finally:
            recording.close()

    def are_linear_together(self):
        """Whether twice all of the arrays give twice the answer, not four times."""
        if len(self.zero) == 1:
            return True
        base = self.answer(self.zero)
        once = self.answer(self.random) - base
        twice = self.answer([2 * x for x in self.random]) - base
        return np.array_equal(twice, 2 * once)

    def products_of(self, places):
        """The answers as a linear function of the arrays in some places, its transpose, both sizes."""
        others = self.random if len(places) < len(self.zero) else self.zero
        origin = [self.zero[k] for k in places]
        ends = np.cumsum([x.size for x in origin])

        def answer(parts, traced=False):
            values = list(others)
            for k, part in zip(places, parts):
                values[k] = part
            return self.answer(values, traced)

        def product(x):
            parts = zip(np.split(x, ends[:-1]), origin, places)
            return answer([self.as_kind(x.reshape(o.shape), k) for x, o, k in parts]) - base

        base = answer(origin)
        transposed = None
        if all(x.dtype.kind == "f" for x in (base, *origin)):
            traced = functools.partial(answer, traced=True)
            transposed = _transposed(Trace(self.step.function, traced, origin))
        return product, transposed, int(ends[-1]), base.size

    def products_at(self, origin):
        """The same of the derivative at some numbers, by all of the arrays."""

        def answer(parts):
            return self.answer(parts, traced=True)

        def product(x):
            parts = enumerate(zip(np.split(x, ends), origin))
            (t,) = trace.push(
                [self.as_kind(x.reshape(o.shape), k) for k, (x, o) in parts], check=False
            )
            return t

        ends = np.cumsum([x.size for x in origin])
        count, ends = int(ends[-1]), ends[:-1]
        trace = Trace(self.step.function, answer, origin)
        is_real = all(x.dtype.kind == "f" for x in (*origin, *trace.ans))
        return product, _transposed(trace) if is_real else None, count, trace.ans[0].size


def _transposed(trace):
    """The products with the transpose of a linear function that has run on a tape."""

    def transposed(y):
        pulled = trace.pull([y.astype(trace.ans[0].dtype)], check=False)
        return np.concatenate([np.ravel(x) for x in pulled])

    return transposed
