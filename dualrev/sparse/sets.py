"""Sets of columns, each known by a number: what the elements of an array depend on.

Owns how unions are found and kept.  Must not know of which arrays they are.

An array of such numbers is copied, indexed and written like any other array of whole numbers, which is
why the sets have numbers.
"""

import numpy as np
import scipy.sparse

from dualrev import errors

__all__ = ["EMPTY", "FULL", "Sets"]

#: The numbers of the set of no column, and of the set of all.
EMPTY, FULL = 0, 1
#: Entries of all sets together beyond which nothing is gained by a sparse matrix: 1 GB of memory.
_LIMIT = 150_000_000
#: Unions of up to so many sets are found one by one, which is faster.
_FEW = 24
#: Entries that are computed at a time.
_BLOCK = 8_000_000


class Sets:
    """Sets of columns.

    Parameters
    ----------
    count : int
        How many columns there are.
    limit : number
        Entries of all sets together beyond which whoever asks gives up.
    """

    def __init__(self, count, limit=np.inf):
        self.count = count
        self._limit = min(limit, _LIMIT)
        # The full set is not stored: no union looks at its members.
        # int32 for all of them, and their values: SciPy's matrix of them is made without a copy.
        self._starts = np.concatenate([[0, 0], np.arange(count + 1)]).astype(np.int32)
        self._members = np.arange(count, dtype=np.int32)
        self._ones = np.ones(count, bool)
        self._length = len(self._starts) - 1
        self._entries = count
        self._known: dict = {}
        #: Members of the largest union so far.
        self.largest = 0

    def singles(self):
        """The sets of one column each."""
        return np.arange(2, 2 + self.count) if self.count > 1 else np.full(self.count, FULL)

    @property
    def entries(self):
        """How many members all sets have together."""
        return self._entries

    # -- unions

    def union(self, *arrays):
        """The unions of matching elements of arrays of numbers, which are broadcast."""
        if all(x.ndim == 0 for x in arrays):
            return np.array(self.of_few({int(x) for x in arrays}), np.intp)
        arrays = [x for x in arrays if x.any()]
        if len(arrays) < 2:
            return arrays[0] if arrays else np.zeros((), np.intp)
        arrays = np.broadcast_arrays(*arrays)
        return self.over_last(np.stack(arrays, axis=-1))

    def over_last(self, numbers):
        """The unions along the last axis of an array of numbers."""
        *shape, width = numbers.shape
        flat = np.ascontiguousarray(numbers).reshape(-1)
        if not width:
            return np.zeros(shape, np.intp)
        return self.united(np.arange(0, flat.size + 1, width), flat).reshape(shape)

    def combined(self, matrix, numbers):
        """For each row of a sparse matrix in csr the union of the sets at its entries."""
        return self.united(matrix.indptr, numbers[matrix.indices])

    def united(self, starts, numbers):
        """The unions of ``numbers[starts[i]:starts[i + 1]]``, for each i."""
        if numbers.size <= _FEW:
            rows = [set(numbers[a:b].tolist()) for a, b in zip(starts[:-1], starts[1:])]
            return np.array([self.of_few(row) for row in rows], np.intp)
        kept = numbers != EMPTY
        if not kept.all():
            starts = np.concatenate([[0], np.cumsum(kept)])[starts]
            numbers = numbers[kept]
        ans = np.zeros(len(starts) - 1, np.intp)
        some = np.flatnonzero(starts[1:] > starts[:-1])
        if not some.size:
            return ans
        first = starts[some]
        low, high = np.minimum.reduceat(numbers, first), np.maximum.reduceat(numbers, first)
        ans[some] = low  # that of equal ones; and FULL, which is less than all others
        several = some[(low != high) & (low != FULL)]
        if several.size:
            ans[several] = self._added(starts[several], starts[several + 1], numbers)
        return ans

    def of_few(self, numbers):
        """The union of a set of numbers."""
        numbers.discard(EMPTY)
        if len(numbers) < 2:
            return numbers.pop() if numbers else EMPTY
        if FULL in numbers:
            return FULL
        key = frozenset(numbers)
        known = self._known.get(key)
        if known is None:
            members = np.unique(np.concatenate([self._row(number) for number in numbers]))
            known = self._known[key] = int(self._store(np.array([members.size]), members)[0])
        return known

    def _row(self, number):
        return self._members[self._starts[number] : self._starts[number + 1]]

    def _added(self, first, last, numbers):
        """New sets, each the union of ``numbers[first:last]``."""
        sizes = (self._starts[1:] - self._starts[:-1])[numbers]
        reach = np.concatenate([[0], np.cumsum(sizes)])
        work = np.cumsum(reach[last] - reach[first])
        cuts = np.searchsorted(work, np.arange(_BLOCK, work[-1], _BLOCK))
        blocks = np.unique(np.concatenate([[0], cuts + 1, [len(first)]]))
        pool = self._matrix()
        added = []
        for a, b in zip(blocks[:-1], blocks[1:]):
            lengths = last[a:b] - first[a:b]
            chosen = numbers[_ranges(first[a:b], lengths)]
            rows = _csr(chosen, np.concatenate([[0], np.cumsum(lengths)]), pool.shape[0]) @ pool
            added.append(self._of_rows(rows))
        return np.concatenate(added)

    def _of_rows(self, rows):
        """The numbers of new sets, one for all that are equal where they are large."""
        lengths = np.diff(rows.indptr)
        if rows.nnz <= 16 * len(lengths):
            return self._store(lengths, rows.indices)
        # Sums of random numbers tell sets apart: two that differ have one sum in 2^64 cases.
        marks = np.random.default_rng(0).integers(0, 2**64, self.count, np.uint64)
        sums = np.add.reduceat(marks[rows.indices], rows.indptr[:-1])
        _, places, inverse = np.unique(sums, return_index=True, return_inverse=True)
        chosen = rows[places]
        return self._store(np.diff(chosen.indptr), chosen.indices)[inverse]

    def _store(self, lengths, members):
        """The numbers of sets of so many of the members each."""
        if self._entries + members.size > self._limit:
            raise too_dense()
        self.largest = max(self.largest, int(lengths.max(initial=0)))
        end = self._length + len(lengths)
        self._starts = _room(self._starts, self._length + 1, end + 1)
        self._members = _room(self._members, self._entries, self._entries + members.size)
        if len(self._ones) < len(self._members):
            self._ones = np.ones(len(self._members), bool)
        self._members[self._entries : self._entries + members.size] = members
        np.cumsum(lengths, out=self._starts[self._length + 1 : end + 1])
        self._starts[self._length + 1 : end + 1] += self._entries
        numbers = np.where(lengths == self.count, FULL, np.arange(self._length, end))
        self._length = end
        self._entries += members.size
        return numbers

    # -- what they are

    def _matrix(self):
        members, starts = self._members[: self._entries], self._starts[: self._length + 1]
        shape = self._length, self.count
        return scipy.sparse.csr_array((self._ones[: self._entries], members, starts), shape)

    def rows(self, numbers):
        """The sets as the rows of a sparse matrix in csr, with sorted indices."""
        full = numbers == FULL
        if full.sum() * self.count > self._limit:
            raise too_dense()
        chosen = _csr(numbers, np.arange(numbers.size + 1), self._length) @ self._matrix()
        if full.any():
            lengths = np.where(full, self.count, np.diff(chosen.indptr))
            members = np.empty(lengths.sum(), np.int32)
            is_full = np.repeat(full, lengths)
            members[~is_full] = chosen.indices
            members[is_full] = np.tile(np.arange(self.count), full.sum())
            chosen = _csr(members, np.concatenate([[0], np.cumsum(lengths)]), self.count)
        chosen.sort_indices()
        return chosen

    def compact(self, arrays):
        """Forget the sets whose numbers are in none of these arrays, which get other numbers."""
        used = np.unique(np.concatenate([np.array([EMPTY, FULL]), *map(np.ravel, arrays)]))
        kept = _csr(used, np.arange(used.size + 1), self._length) @ self._matrix()
        for x in arrays:
            x[...] = np.searchsorted(used, x)
        self._starts, self._members = kept.indptr.astype(np.int32), kept.indices
        self._length, self._entries = used.size, kept.nnz
        self._known.clear()


def too_dense():
    """The error where a pattern is too large to be held."""
    return errors.SizeError(
        f"The pattern has more than {_LIMIT} entries.",
        fix="take products: dr.linearize(f, x), or dr.hvp(f)(x, v)",
    )


def _csr(indices, indptr, width):
    shape = len(indptr) - 1, width
    # int32, of which SciPy does not look for the largest.
    kind = np.int32 if len(indices) < 2**31 else np.int64
    parts = np.ones(len(indices), bool), indices.astype(kind, copy=False), indptr.astype(kind)
    return scipy.sparse.csr_array(parts, shape)


def _ranges(first, lengths):
    """All of ``first[i], first[i] + 1, ...``, so many of each, one after the other."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1]) + np.repeat(first - ends + lengths, lengths)


def _room(x, used, size):
    """The array, or a larger copy of what of it is used."""
    if size <= len(x):
        return x
    larger = np.empty(max(size, 2 * len(x)), x.dtype)
    larger[:used] = x[:used]
    return larger
