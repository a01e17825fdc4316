"""Evaluation: the entries of a prepared matrix, from a run of the function and products with seeds.

Owns what is computed at a call, which may be compiled.  Must not know what is made of the entries.
"""

import functools

import numpy as np

from dualrev import errors
from dualrev.errors import name_of
from dualrev.selection import word_of
from dualrev.sparse.colouring import seeds
from dualrev.sparse.decompression import plan
from dualrev.sparse.products import pulled, pushed

__all__ = ["Evaluation", "are_complex", "result_of"]


class Evaluation:
    """What a derivative gives for a pattern and its colouring, at arguments of some kinds.

    Attributes
    ----------
    seeds : list
        Those of the columns, and those of the rows; None for a side without products.
    plan : Direct or Substitution
        How entries are read from the products.
    """

    def __init__(self, derivative, kinds, pattern, colouring):
        self._derivative, self._kinds, self._shape = derivative, kinds, pattern.shape
        self._colouring = colouring
        self.plan = plan(pattern, colouring)

    @property
    def f(self):
        """The function: what is compiled looks there for what else it reads."""
        return self._derivative.f

    @functools.cached_property
    def seeds(self):
        return [
            None if colours is None else seeds(colours)
            for colours in (self._colouring.columns, self._colouring.rows)
        ]

    @functools.cached_property
    def random(self):
        """The direction of every check: (1, n)."""
        return np.random.default_rng(0).uniform(0.5, 1.5, (1, self._shape[1]))

    def entries(self, *args, **kwargs):
        """The entries at these arguments; and the path, as of :meth:`Trace.path`."""
        trace, _ = self._derivative._trace(args, kwargs)
        return self.entries_of(trace), trace.path()

    def probed(self, *args, **kwargs):
        """The entries, None of a result of another size; the product of a check; aux; and the path."""
        trace, _ = self._derivative._trace(args, kwargs)
        if self._unlike(*result_of(trace)) is not None:
            return None, None, trace.aux, trace.path()
        return self.entries_of(trace), self.product(trace), trace.aux, trace.path()

    def product(self, trace):
        """The product with the random numbers of every check."""
        return pushed(trace, self.random)[0]

    def entries_of(self, trace):
        """The entries, by products over a tape."""
        _check_complex(self._derivative, trace)
        unlike = self._unlike(*result_of(trace))
        if unlike is not None:
            raise errors.ShapeError(
                f"`{name_of(self.f)}` answered {unlike[0]}; it was prepared where it answered "
                f"{unlike[1]}.",
                where="",
                fix=f"prepare it for these arguments: dr.prepare_{word_of(self._derivative)}(f, x)",
            )
        forward = backward = None
        if self._colouring.forward:
            forward = pushed(trace, self.seeds[0])
        if self._colouring.backward:
            backward = pulled(trace, self.seeds[1])
        if forward is None and backward is None:
            return np.zeros(0)
        return self.plan.entries(forward, backward)

    def _unlike(self, m, is_complex):
        """How a result differs from those that the matrix is prepared for."""
        if m != self._shape[0]:
            return f"{m} numbers", str(self._shape[0])
        # Of a complex result a cotangent pulls to real arguments one part alone.
        if is_complex and self._colouring.backward and not are_complex(self._kinds):
            return "complex numbers", "real ones"
        return None


def result_of(trace):
    """How many numbers, and whether there are complex ones."""
    return sum(y.size for y in trace.ans), any(y.dtype.kind == "c" for y in trace.ans)


def are_complex(kinds):
    return any(dtype.kind == "c" for _, dtype in kinds[1])


def _check_complex(derivative, trace):
    complex_in = any(x.dtype.kind == "c" for x in trace.primals)
    complex_out = any(y.dtype.kind == "c" for y in trace.ans)
    derivative._check_holomorphic(trace)
    if complex_in and not (complex_out and derivative.holomorphic):
        raise errors.ComplexError(
            f"The sparse {word_of(derivative)} of `{name_of(derivative.f)}` was asked for at complex "
            "numbers.",
            where="",
            fix="pass holomorphic=True, if f is; else take it by the real and the imaginary part",
        )
