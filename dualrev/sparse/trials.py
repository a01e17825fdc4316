"""Trials: calls of a step on random numbers, as products with the matrix of a linear function.

Owns what stands in the place of the arrays of a program.  Must not know what becomes of the products.
"""

import functools

import numpy as np

from dualrev.core.binding import apply
from dualrev.core.primitive import Primitive
from dualrev.program.steps import Ref, mapped
from dualrev.transforms import Trace

__all__ = ["Trial"]


class Trial:
    """Random numbers in the place of the arrays of a step, and calls of it on others."""

    def __init__(self, step, leaves, rule):
        self.step, self.leaves, self.rule = step, leaves, rule
        rng = np.random.default_rng(1)
        # Complex numbers of any phase: what is linear over the reals may read one part alone.
        self.phases = {
            ref: np.exp(1j * rng.uniform(0.1, 1.4, ref.shape)) if ref.dtype.kind == "c" else 1.0
            for ref in leaves
        }
        self.random = {ref: self.as_kind(rng.uniform(1, 2, ref.shape), ref) for ref in leaves}
        self.zero = {ref: np.zeros_like(x) for ref, x in self.random.items()}

    def as_kind(self, x, ref):
        """Numbers of the kind of an array; a number, where the program has one."""
        return np.multiply(x, self.phases[ref])[()]

    def answer(self, values, traced=False):
        """The answers for some numbers as one vector."""

        def put(x):
            return values[x] if type(x) is Ref else x

        args, kwargs = mapped(put, self.step.args), mapped(put, self.step.kwargs)
        function = self.step.function
        with np.errstate(all="ignore"):
            if traced:
                ans = apply(self.rule, args, kwargs)
            else:
                function = function.function if isinstance(function, Primitive) else function
                ans = function(*args, **kwargs)
        several = ans if isinstance(ans, list | tuple) else [ans]
        return np.concatenate([np.ravel(x) for x in several])

    def are_linear_together(self):
        """Whether twice all of the arrays give twice the answer, not four times."""
        if len(self.leaves) == 1:
            return True
        base = self.answer(self.zero)
        once = self.answer(self.random) - base
        twice = self.answer({ref: 2 * x for ref, x in self.random.items()}) - base
        return np.array_equal(twice, 2 * once)

    def products_of(self, group):
        """The answers as a linear function of some of the arrays, its transpose, and both sizes."""
        others = self.random if len(group) < len(self.leaves) else self.zero
        ends = np.cumsum([self.zero[ref].size for ref in group])

        def answer(parts, traced=False):
            return self.answer({**others, **dict(zip(group, parts))}, traced)

        def product(x):
            parts = np.split(x, ends[:-1])
            return (
                answer([self.as_kind(x.reshape(r.shape), r) for x, r in zip(parts, group)]) - base
            )

        origin = [self.zero[ref] for ref in group]
        base = answer(origin)
        transposed = None
        if base.dtype.kind == "f" and all(ref.dtype.kind == "f" for ref in group):
            traced = functools.partial(answer, traced=True)
            transposed = _transposed(Trace(self.step.function, traced, origin))
        return product, transposed, int(ends[-1]), base.size

    def products_at(self, values):
        """The same of the derivative at some numbers, by all of the arrays."""

        def answer(parts):
            return self.answer(dict(zip(self.leaves, parts)), traced=True)

        def product(x):
            parts = [
                self.as_kind(x.reshape(r.shape), r) for x, r in zip(np.split(x, ends), self.leaves)
            ]
            (t,) = trace.push(parts, check=False)
            return t

        origin = [values[ref] for ref in self.leaves]
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
