"""Reading: what each element of each array of a program depends on, step by step.

Owns what a step does to the sets of columns that its arrays depend on, which follows from the word and
the way of its rule.  Must not know who asks.

Each element of an array has the number of a set, and an array of numbers is itself an array: what only
moves elements is run on it, views and writes are NumPy's.
"""

import functools
import operator

import numpy as np
import scipy.sparse

from dualrev.core.binding import apply
from dualrev.core.primitive import RULES, Primitive, rule_of
from dualrev.core.ways import aligned, way_of
from dualrev.program.steps import Program, Ref, Step, mapped, refs_in
from dualrev.sparse.probing import entries_of
from dualrev.sparse.sets import EMPTY, Sets
from dualrev.transforms import Trace

__all__ = ["Reading"]

_ITEM = np.dtype(np.intp).itemsize
#: Entries from which sets that are no longer needed are forgotten.
_MANY = 20_000_000


class Reading:
    """The sets that the arrays of a program depend on, after all of its steps.

    Parameters
    ----------
    program : Program
        As it was recorded.  Its inputs are the columns, one after the other.
    """

    def __init__(self, program: Program):
        self.sets = Sets(sum(np.prod(ref.shape, dtype=int) for ref in program.inputs))
        self._buffers = program.buffers
        self._memory: dict = {}
        self._ends = _last_uses(program)
        self._limit = _MANY
        singles = self.sets.singles()
        start = 0
        for ref in program.inputs:
            stop = start + int(np.prod(ref.shape, dtype=int))
            self._put(ref, singles[start:stop].reshape(ref.shape))
            start = stop
        for i, step in enumerate(program.steps):
            if type(step) is Step:
                self._read(step)
            for buffer in self._ends.get(i, ()):
                self._memory.pop(buffer, None)
            if self.sets.entries > self._limit:
                self.sets.compact(list(self._memory.values()))
                self._limit = max(_MANY, 2 * self.sets.entries)

    def of(self, ref):
        """The numbers of the sets of an array's elements; those of a part where it owns memory."""
        if ref.dtype.kind == "c":
            real, imaginary = map(self.of, _parts(ref))
            return real if np.array_equal(real, imaginary) else self.sets.union(real, imaginary)
        flat = self._memory[ref.buffer]
        unit = ref.dtype.itemsize
        first = ref.offset // unit
        if not ref.shape:
            return flat[first : first + 1].reshape(())
        strides = [stride // unit * _ITEM for stride in ref.strides]
        return np.lib.stride_tricks.as_strided(flat[first:], ref.shape, strides)

    def _put(self, ref, numbers):
        """Make these the numbers of an array's elements, which may be in memory that is new."""
        if ref.dtype.kind == "c":
            for part in _parts(ref):
                self._put(part, numbers)
            return
        if ref.buffer not in self._memory:
            size = max(1, self._buffers[ref.buffer] // ref.dtype.itemsize)
            self._memory[ref.buffer] = np.zeros(size, np.intp)
        self.of(ref)[...] = numbers

    # -- a step

    def _read(self, step):
        if step.writes:
            self._write(step)
            return
        rule = rule_of(step.function)
        if not any(ref.dtype.kind in "fc" for ref in step.outputs):
            answers = [EMPTY] * len(step.outputs)
        elif rule is not None and rule.word == "elementwise":
            moving = [x for x, partial in zip(step.args, rule.partials) if partial is not None]
            numbers = self.sets.union(*(self.of(x) for x in moving if type(x) is Ref))
            answers = [numbers] * len(step.outputs)
        elif any(self.of(ref).any() for ref in step.reads):
            answers = _Call(self, step, rule).answers()
        else:
            answers = [EMPTY] * len(step.outputs)
        for ref, numbers in zip(step.outputs, answers):
            self._put(ref, numbers if ref.dtype.kind in "fc" else EMPTY)

    def _write(self, step):
        ref, *index, value = step.args
        numbers = self.numbers(value)
        if index:
            target = self.of(ref)
            if any(refs_in(index)):  # which elements are written hangs on numbers
                written = self.sets.over_last(np.reshape(numbers, (1, -1)))[0]
                target = self.sets.union(target, written)
            else:
                target = target.copy()
                target[index[0]] = numbers
            numbers = target
        self._put(ref, numbers)

    def numbers(self, x):
        """The numbers of the sets of an argument, or of what is made of a list of such."""
        if type(x) is Ref:
            return self.of(x)
        if isinstance(x, list | tuple):
            return np.array([self.numbers(part) for part in x])
        return np.zeros(np.shape(x), np.intp)

    def union_of(self, refs):
        """The union of all elements of arrays."""
        numbers = np.concatenate([np.unique(self.of(ref)) for ref in refs])
        return self.sets.over_last(np.unique(numbers)[None])[0]


class _Call:
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
            self._by_ufunc,
            self._by_elements,
            self._by_index,
            self._by_matrix,
            self._by_axes,
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
        return self._over(numbers, _axes(axis, numbers.ndim), keepdims)

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
        if self.rule is None or self.rule.word != "linear":
            return None
        contraction = _contraction(self.rule, self.step)
        if contraction is not None:
            return self._contracted(*contraction)
        if self.chosen:
            return None
        return self._probed()

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
        leaves = refs_of(self.step)
        values = _Values(self.step, leaves, self.rule)
        groups = [leaves] if values.are_linear_together() else [[ref] for ref in leaves]
        found = []
        for group in groups:
            try:
                entries = entries_of(*values.products_of(group))
            except Exception:  # it does not take any numbers
                return None
            if entries is None:
                return None
            numbers = np.concatenate([self.reading.of(ref).reshape(-1) for ref in group])
            found.append(self.sets.combined(entries, numbers))
        shapes = [ref.shape for ref in self.step.outputs]
        sizes = [int(np.prod(shape, dtype=int)) for shape in shapes]
        if entries.shape[0] != sum(sizes):  # a part of an answer is an argument, or no array
            return None
        flat = np.broadcast_to(self.sets.union(*found), (sum(sizes),))
        parts = np.split(flat, np.cumsum(sizes)[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, shapes)]

    def _contracted(self, operands, terms, output):
        """Of a product that is summed over some axes, as einsum writes it."""
        known = [k for k, x in enumerate(operands) if next(refs_in(x), None) is None]
        if len(operands) == 2 and len(known) == 1:
            (k,) = known
            matrix = _as_matrix(operands[k], terms[k], terms[1 - k], output)
            if matrix is not None:
                return self._times(*matrix, operands[1 - k], terms[1 - k], output)
        parts = []
        for x, term in zip(operands, terms):
            numbers = self.reading.numbers(x)
            if not numbers.any():
                continue
            for label in {c for c in term if term.count(c) > 1}:  # a diagonal
                while term.count(label) > 1:
                    i = term.index(label)
                    j = term.index(label, i + 1)
                    numbers = np.moveaxis(np.diagonal(numbers, 0, i, j), -1, i)
                    term = term[:j] + term[j + 1 :]
            summed = tuple(i for i, label in enumerate(term) if label not in output)
            numbers = self._over(numbers, summed, False)
            term = "".join(label for label in term if label in output)
            order = sorted(range(len(term)), key=lambda i: output.index(term[i]))
            numbers = numbers.transpose(order)
            present = [label in term for label in output]
            sizes = iter(numbers.shape)
            parts.append(numbers.reshape([next(sizes) if has else 1 for has in present]))
        return self.sets.union(*parts)

    def _times(self, matrix, sizes, free, inner, x, term, output):
        """The product with a constant matrix (free, inner), whose free axes have these sizes."""
        numbers = self.reading.numbers(x)
        rest = [label for label in term if label not in inner]
        order = [term.index(label) for label in inner + "".join(rest)]
        numbers = numbers.transpose(order)
        shape = numbers.shape[len(inner) :]
        columns = numbers.reshape(matrix.shape[1], -1).T
        ans = np.array([self.sets.combined(matrix, column) for column in columns], np.intp)
        ans = ans.reshape((*shape, *sizes))
        labels = "".join(rest) + free
        return ans.transpose([labels.index(label) for label in output])

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
        loops = [self._over(x, axes, False) for x, axes in zip(args, own)]
        loop = self.sets.union(*loops)
        answers = []
        for ref in self.step.outputs:
            numbers = _laid(loop, own[0], args[0].ndim, ref.shape, way.others_lead)
            if numbers is None:
                numbers = self.sets.over_last(loop.reshape(1, -1))[0]
            answers.append(numbers)
        return answers

    def _over(self, numbers, axes, keepdims):
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


class _Values:
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


def _transposed(trace):
    """The products with the transpose of a linear function that has run on a tape."""

    def transposed(y):
        pulled = trace.pull([y.astype(trace.ans[0].dtype)], check=False)
        return np.concatenate([np.ravel(x) for x in pulled])

    return transposed


def _parts(ref):
    """The Refs of the real and the imaginary part."""
    unit = ref.dtype.itemsize // 2
    dtype = np.dtype(f"f{unit}")
    return [Ref(ref.buffer, ref.offset + k, ref.shape, ref.strides, dtype) for k in (0, unit)]


def refs_of(step):
    """The different arrays that a step reads."""
    return list(dict.fromkeys(step.reads))


def _last_uses(program):
    """The buffers that no step after one reads or writes, nor an output is in, by the step's number."""
    last = {}
    for i, step in enumerate(program.steps):
        if type(step) is Step:
            for ref in (*step.reads, *step.outputs):
                last[ref.buffer] = i
    for ref in refs_in(program.outputs):
        last.pop(ref.buffer, None)
    ends: dict = {}
    for buffer, i in last.items():
        ends.setdefault(i, []).append(buffer)
    return ends


def _axes(axis, ndim):
    if axis is None:
        return tuple(range(ndim))
    return tuple(k % ndim for k in (axis if np.iterable(axis) else (axis,))) if ndim else ()


def _contraction(rule, step):
    """Operands of a product and their labels, as einsum writes them; None of other functions."""
    if rule.subscripts is None or "dtype" in step.kwargs:
        return None
    ndims = [len(x.shape) if type(x) is Ref else np.ndim(x) for x in step.args]
    terms, output = rule.subscripts(*ndims, **step.kwargs)
    return step.args, terms, output


def _as_matrix(x, term, other, output):
    """A constant operand as a sparse matrix, where it holds zeros, and the labels of its axes."""
    x = np.asarray(x)
    shared = set(term) & set(other)
    if (
        x.all()
        or shared & set(output)
        or len(set(term)) < len(term)
        or len(set(other)) < len(other)
    ):
        return None
    free = "".join(label for label in term if label in output)
    inner = "".join(label for label in term if label in shared)
    if len(free) + len(inner) < len(term) or any(c not in output + inner for c in other):
        return None
    moved = x.transpose([term.index(label) for label in free + inner])
    sizes = moved.shape[: len(free)]
    rows = int(np.prod(sizes, dtype=int))
    return scipy.sparse.csr_array(moved.reshape(rows, -1) != 0), sizes, free, inner


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
