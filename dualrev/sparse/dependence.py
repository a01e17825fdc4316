"""Dependence: what the answers of one call depend on, by what is declared of its function.

Owns how that follows from a rule: its word, its way, its subscripts; and from NumPy's own functions
that a program is made of.  Must not know where the numbers of sets are kept.

Each way to tell answers None where it does not know.  What no way tells depends on all that the call is
given.
"""

import functools
import operator

import numpy as np

from dualrev.core.primitive import RULES
from dualrev.program.steps import Ref, refs_in
from dualrev.sparse.contractions import contracted
from dualrev.sparse.probing import entries_of
from dualrev.sparse.sets import EMPTY
from dualrev.sparse.tangents import pushed
from dualrev.sparse.trials import Trial
from dualrev.ways import aligned, way_of

__all__ = ["Call"]


class Call:
    """The call of one step, and ways to tell what its answers depend on."""

    def __init__(self, reading, step, rule):
        self.reading, self.sets, self.step = reading, reading.sets, step
        self.function = step.function
        self.rule = rule
        self.refs = [ref for ref in step.reads if reading.of(ref).any()]
        #: Whether what chooses elements, an index or a mask, hangs on numbers.
        self.chosen = any(ref.dtype.kind not in "fc" for ref in step.reads)

    def answers(self):
        """The numbers of each answer, or what broadcasts to them."""
        for tell in (
            self._by_derivative,
            self._by_ufunc,
            self._by_elements,
            self._by_index,
            self._by_matrix,
            self._by_program,
            self._by_constant_derivative,
            self._by_axes,
            self._by_tangents,
        ):
            ans = tell()
            if ans is not None:
                return ans if type(ans) is list else [ans] * len(self.step.outputs)
        return [self.reading.union_of(self.refs)] * len(self.step.outputs)

    # -- elements

    def _by_elements(self):
        """Of a function that broadcasts its arguments."""
        rule = self.rule
        if rule is None:
            return None
        if rule.word == "constant" and isinstance(self.function, np.ufunc):
            return EMPTY
        args = self.step.args
        if way_of(rule) is not aligned or (rule.word == "linear" and len(args) > 1):
            return None  # a linear one may choose
        return self.sets.union(*map(self.reading.numbers, args))

    def _by_index(self):
        if self.function is np.copy:
            return self.reading.of(self.step.args[0])
        if self.function is not operator.getitem or self.chosen:
            return None
        x, index = self.step.args
        return self.reading.numbers(x)[index]

    # -- methods of ufuncs

    def _by_ufunc(self):
        ufunc = getattr(self.function, "__self__", None)
        if not isinstance(ufunc, np.ufunc):
            return None
        tell = getattr(self, f"_{self.function.__name__}", None)
        return None if tell is None else tell(*self.step.args, **self.step.kwargs)

    def _reduce(self, x, axis=0, keepdims=False, where=True, **options):
        if type(x) is not Ref:
            return None
        numbers = self.reading.of(x)
        if where is not True and type(where) is not Ref:
            numbers = np.where(where, numbers, EMPTY)
        return self.over(numbers, _axes(axis, numbers.ndim), keepdims)

    def _accumulate(self, x, axis=0, **options):
        numbers = np.moveaxis(self.reading.of(x), axis, 0)
        rows = [numbers[0]]
        for row in numbers[1:]:
            rows.append(self.sets.union(rows[-1], row))
        return np.moveaxis(np.array(rows), 0, axis)

    def _outer(self, a, b, **options):
        a, b = self.reading.numbers(a), self.reading.numbers(b)
        return self.sets.union(a.reshape(a.shape + (1,) * b.ndim), b)

    # -- matrices

    def _by_matrix(self):
        """Of what is linear: its matrix says which elements it takes."""
        sparse = [x for x in self.step.args if hasattr(x, "tocsr")]
        if sparse and min(x.ndim for x in sparse) > 1:
            return self._with_sparse(*sparse)
        if self.rule is None:
            return None
        if self.rule.subscripts is not None and "dtype" not in self.step.kwargs:
            return contracted(self)
        return self._probed() if self.rule.affine and not self.chosen else None

    def _with_sparse(self, matrix):
        if self.function is not operator.matmul and self.rule is not RULES[np.matmul]:
            return None
        a, b = self.step.args
        left = hasattr(a, "tocsr")
        matrix = matrix.tocsr() if left else matrix.T.tocsr()
        x = self.reading.numbers(b) if left else self.reading.numbers(a)
        if x.ndim == 1:
            return self.sets.combined(matrix, x)
        columns = x.T if left else x.reshape(-1, x.shape[-1])
        ans = np.array([self.sets.combined(matrix, column) for column in columns])
        return ans.T if left else ans.reshape((*x.shape[:-1], matrix.shape[0]))

    def _probed(self):
        sources = self._trial.sources()
        if sources is not None:
            numbers = [self.reading.of(ref).reshape(-1) for ref in self.step.reads]
            return self._split(np.concatenate([[EMPTY], *numbers])[sources])
        places = range(len(self.step.reads))
        groups = [places] if self._trial.are_linear_together() else [[k] for k in places]
        return self._with_entries(groups, self._trial.products_of)

    def _by_derivative(self):
        """Where the numbers are known: the derivative there says it."""
        values = self.reading.values
        if values is None or self.rule is None or self.rule.word in ("constant", "linear"):
            return None
        return self._with_derivative([values.put(ref) for ref in self.step.reads])

    def _with_derivative(self, numbers):
        places = range(len(numbers))
        return self._with_entries([places], lambda _: self._trial.products_at(numbers))

    def _by_program(self):
        """Of a function with an equal program: what the outputs of that depend on."""
        if self.rule is None or self.rule.program is None or self.chosen:
            return None
        values, trial = self.reading.values, self._trial
        known = None if values is None else [values.put(ref) for ref in self.step.reads]
        program = trial.program_at(trial.random if known is None else known)
        # Random numbers may take other branches than those of the arrays.
        if program is None or (known is None and program.outcomes()):
            return None
        numbers = [self.reading.of(ref) for ref in self.step.reads]
        return self.reading.within(self.function, program, numbers, known).outputs(program)

    @functools.cached_property
    def _trial(self):
        return Trial(self.step, self.rule)

    @functools.cached_property
    def _pushed(self):
        """The jvp of a function that has a pair, as a program; None where it has none."""
        if self.rule is None or self.rule.word != "rule" or self.chosen:
            return None
        return pushed(self._trial)

    def _by_constant_derivative(self):
        """Of what has a pair and is linear all the same, as a filter is in the signal."""
        if self._pushed is None or not self._pushed.is_constant:
            return None
        return self._with_derivative(self._trial.random)

    def _by_tangents(self):
        """Of what else has a pair: the functions that its jvp is made of tell."""
        if self._pushed is None or self.function in self.reading.functions:
            return None
        program = self._pushed.program
        moving = [self.reading.of(ref) for ref in self.step.reads]
        numbers = [*(EMPTY for _ in moving), *moving]
        (ans,) = self.reading.within(self.function, program, numbers).outputs(program)
        return self._split(ans)

    def _with_entries(self, groups, products_of):
        """The unions of what the matrices by the arrays in groups of places have entries for."""
        found = []
        for places in groups:
            try:
                entries = entries_of(*products_of(places))
            except Exception:  # it does not take any numbers
                return None
            if entries is None:
                return None
            refs = [self.step.reads[k] for k in places]
            numbers = np.concatenate([self.reading.of(ref).reshape(-1) for ref in refs])
            found.append(self.sets.combined(entries, numbers))
        return self._split(np.broadcast_to(self.sets.union(*found), (entries.shape[0],)))

    def _split(self, numbers):
        """The numbers of each answer, from those of all; None where they are not as many."""
        shapes = [ref.shape for ref in self.step.outputs]
        sizes = [int(np.prod(shape, dtype=int)) for shape in shapes]
        if len(numbers) != sum(sizes):  # a part of an answer is an argument, or no array
            return None
        parts = np.split(numbers, np.cumsum(sizes)[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, shapes)]

    # -- axes

    def _by_axes(self):
        """Of a function along some axes: all along them, nothing else."""
        if self.rule is None or self.rule.word in ("constant", "composition"):
            return None
        way = way_of(self.rule)
        if getattr(way, "own_axes", None) is None or any(refs_in(self.step.kwargs)):
            return None
        args = [self.reading.numbers(x) for x in self.step.args]
        own = way.own_axes(args, self.step.kwargs)
        loops = [self.over(x, axes, False) for x, axes in zip(args, own)]
        loop = self.sets.union(*loops)
        answers = []
        for ref in self.step.outputs:
            numbers = _laid(loop, own[0], args[0].ndim, ref.shape, way.others_lead)
            if numbers is None:
                numbers = self.sets.over_last(loop.reshape(1, -1))[0]
            answers.append(numbers)
        return answers

    def over(self, numbers, axes, keepdims):
        """The unions over some axes."""
        rest = [i for i in range(numbers.ndim) if i not in axes]
        moved = numbers.transpose([*rest, *axes])
        shape = moved.shape[: len(rest)]
        ans = self.sets.over_last(
            moved.reshape(*shape, -1) if numbers.size else np.zeros((*shape, 0), int)
        )
        if keepdims:
            ans = ans.reshape([1 if i in axes else n for i, n in enumerate(numbers.shape)])
        return ans


def _axes(axis, ndim):
    if axis is None:
        return tuple(range(ndim))
    return tuple(k % ndim for k in (axis if np.iterable(axis) else (axis,))) if ndim else ()


def _laid(loop, own, ndim, shape, lead):
    """Numbers of a loop over all axes but a function's own as those of an answer; None if unknown."""
    if not loop.ndim or loop.shape == shape:
        return loop
    if lead:
        fits = shape[: loop.ndim] == loop.shape
        return loop.reshape(loop.shape + (1,) * (len(shape) - loop.ndim)) if fits else None
    if len(shape) != ndim or loop.ndim != ndim - len(own):
        return None
    laid = np.expand_dims(loop, own)
    same = all(n == m or i in own for i, (n, m) in enumerate(zip(laid.shape, shape)))
    return laid if same else None
