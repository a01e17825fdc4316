"""Large steps: the linear systems of a scheme's stages where all Jacobians are too many numbers.

Owns how one step is solved, by products with its Jacobians or by factors.  Must not know what is
differentiated.
"""

from typing import Any

import numpy as np
import scipy.sparse
from scipy.linalg import lapack, lu_factor, lu_solve
from scipy.sparse.linalg import splu

from dualrev.readers.batch import Rows
from dualrev.scipy.integrate.steps import InverseOfSteps
from dualrev.traces import Trace

__all__ = ["LargeSteps"]

#: Diagonals beside the main one up to which LAPACK factorizes a band: ten times as fast as SuperLU for
#: ten of them.
_BAND = 100
#: Entries of the sparse Jacobians of all stages that are kept, 128 MiB.
_ENTRIES = 2**24


class LargeSteps(InverseOfSteps):
    """The inverse of the Jacobian of steps, each from a state of its own; as :class:`Steps`."""

    def __init__(self, shape, steps):
        self.shape, self.steps = shape, steps

    @classmethod
    def of(cls, mesh, stages, right_side):
        """Those of a mesh at stages (steps, s, n), with the right-hand side on plain numbers."""
        pattern = right_side.pattern(*mesh.evaluated(stages))
        make = _explicit if mesh.scheme.is_explicit else _implicit
        steps = list(make(mesh, stages, right_side, pattern))
        return cls(stages.shape, steps)

    def chained(self):
        return LargeChain(self.shape, self.steps)

    def damped(self, shift, b):
        pairs = enumerate(zip(self.steps, shift))
        return np.stack([step.damped(one, b[:, k]) for k, (step, one) in pairs], axis=1)

    def through(self, b):
        return np.stack([step.through(b[:, k]) for k, step in enumerate(self.steps)], axis=1)

    def back(self, cts):
        return np.stack([step.back(cts[:, k]) for k, step in enumerate(self.steps)], axis=1)


class LargeChain(LargeSteps):
    """The same of steps each from the last stage of the one before."""

    def through(self, b):
        """From step to step: the last stage of one moves all equations of the next."""
        stages = np.empty_like(b)
        start = np.zeros_like(b[:, 0, 0])
        for k, step in enumerate(self.steps):
            stages[:, k] = step.through(b[:, k] + start[:, None])
            start = stages[:, k, -1]
        return stages

    def back(self, cts):
        """From the last step to the first: what moves the next ones moves the end of one."""
        moved = np.empty_like(cts)
        later = np.zeros_like(cts[:, 0, 0])
        for k in reversed(range(len(self.steps))):
            ct = cts[:, k].copy()
            ct[:, -1] += later
            moved[:, k] = self.steps[k].back(ct)
            later = moved[:, k].sum(axis=1)
        return moved


def _explicit(mesh, stages, right_side, pattern):
    """The steps of an explicit scheme, by products with the Jacobians at its stages."""
    steps, u = len(mesh.h), len(mesh.scheme.c)
    entries = None
    if pattern is not None and pattern.nnz * steps * u <= _ENTRIES:
        entries = right_side.entries(*mesh.evaluated(stages))
    if entries is None:
        for times, h, y in zip(mesh.times, mesh.h, stages):
            yield _Products(mesh.scheme.a, h, _Recorded(times, y, right_side))
    else:
        csr = pattern.tocsr()
        for h, data in zip(mesh.h, entries.reshape(steps, u, -1)):
            yield _Products(mesh.scheme.a, h, _Matrices(csr, data))


class _Products:
    """One step of an explicit scheme."""

    def __init__(self, a, h, jacobians):
        self.a, self.h, self.jacobians = a, h, jacobians

    def through(self, b):
        stages = b.astype(np.result_type(b, self.jacobians.dtype))
        rates: list = []
        for i, row in enumerate(self.a):
            for j in np.flatnonzero(row[:i]):
                stages[:, i] += (self.h * row[j]) * rates[j]
            if i < self.a.shape[1]:
                rates.append(self.jacobians.times(i, stages[:, i]))
        return stages

    def back(self, cts):
        cts = cts.astype(np.result_type(cts, self.jacobians.dtype))
        for j in reversed(range(self.a.shape[1])):
            later = np.flatnonzero(self.a[:, j])
            if len(later):
                rate = np.tensordot(cts[:, later], self.h * self.a[later, j], (1, 0))
                cts[:, j] += self.jacobians.transposed_times(j, rate)
        return cts


class _Matrices:
    """The Jacobians at the stages of a step, as sparse matrices."""

    def __init__(self, pattern, data):
        self.dtype = data.dtype
        parts = pattern.indices, pattern.indptr
        self._matrices = [scipy.sparse.csr_array((one, *parts), pattern.shape) for one in data]

    def times(self, i, vectors):
        return (self._matrices[i] @ vectors.T).T

    def transposed_times(self, i, vectors):
        return vectors @ self._matrices[i]


class _Recorded:
    """The same, by a record of the right-hand side; in each sweep it is recorded again."""

    def __init__(self, times, stages, right_side):
        self._times, self._stages, self._right_side = times, stages, right_side
        self.dtype = stages.dtype

    def times(self, i, vectors):
        return _swept(self._trace(i).push, vectors)

    def transposed_times(self, i, vectors):
        return _swept(self._trace(i).pull, vectors)

    def _trace(self, i):
        t, right_side = self._times[i], self._right_side
        return Trace(
            right_side.fun, lambda state: right_side(t, state[0]), [self._stages[i]], own=True
        )


def _swept(sweep, vectors):
    """A push or a pull of each of several vectors."""
    if len(vectors) == 1:
        return np.asarray(sweep([vectors[0]])[0])[None]
    rows = Rows(len(vectors), quiet=True)
    try:
        return rows.spread(sweep([rows.batch(vectors)])[0])
    finally:
        rows.close()


def _implicit(mesh, stages, right_side, pattern):
    """The steps of an implicit scheme, by the factors of ``1 - h a x J``."""
    a, u = mesh.scheme.a, len(mesh.scheme.c)
    places = mesh.evaluated(stages)
    entries = None if pattern is None else right_side.entries(*places)
    if entries is None:
        for k, h in enumerate(mesh.h):
            some = slice(k * u, (k + 1) * u)
            yield _DenseFactors(a, h, right_side.jacobians(*(part[some] for part in places)))
    else:
        layout = _Layout(pattern.tocoo(), len(a))
        for h, data in zip(mesh.h, entries.reshape(len(mesh.h), u, -1)):
            yield _SparseFactors(layout, a, h, data)


class _DenseFactors:
    """One step, by the factors of an array."""

    def __init__(self, a, h, jacobians):
        s, n = len(a), jacobians.shape[1]
        self._last = jacobians[-1]
        matrix = np.eye(s * n, dtype=jacobians.dtype).reshape(s, n, s, n)
        for j, J in enumerate(jacobians):
            matrix[:, :, j] -= h * a[:, j, None, None] * J
        self._factors = lu_factor(matrix.reshape(s * n, s * n), overwrite_a=True)

    def through(self, b):
        return lu_solve(self._factors, b.reshape(len(b), -1).T).T.reshape(b.shape)

    def back(self, cts):
        return lu_solve(self._factors, cts.reshape(len(cts), -1).T, 1).T.reshape(cts.shape)

    def damped(self, shift, b):
        return np.linalg.solve(shift * np.eye(len(self._last)) - self._last, b.T).T


class _Layout:
    """Where the entries of Jacobians of one pattern are in the matrix of a step.

    All stages of an unknown are beside each other: its band is as narrow as that of the Jacobian.
    """

    def __init__(self, pattern, s):
        self.rows, self.columns = pattern.coords
        self.n = pattern.shape[0]
        stage = np.arange(s)
        rows = np.broadcast_to(self.rows * s + stage[:, None, None], (s, s, pattern.nnz))
        columns = np.broadcast_to(self.columns * s + stage[:, None], (s, s, pattern.nnz))
        self.coupled = _Shifted(rows.reshape(-1), columns.reshape(-1), s * self.n)
        self.alone = _Shifted(self.rows, self.columns, self.n)


class _SparseFactors:
    """One step, by the factors of a sparse matrix."""

    def __init__(self, layout, a, h, data):
        self._layout, self._last = layout, data[-1]
        self._damping: dict = {}
        self._solve = layout.coupled.factors((-h * a[:, :, None] * data).reshape(-1))

    def through(self, b):
        return self._solved(b, False)

    def back(self, cts):
        return self._solved(cts, True)

    def damped(self, shift, b):
        if shift not in self._damping:
            self._damping[shift] = self._layout.alone.factors(-self._last / shift)
        return self._damping[shift](b.T / shift, False).T

    def _solved(self, b, transposed):
        count, s, n = b.shape
        columns = b.transpose(2, 1, 0).reshape(n * s, count)
        return self._solve(columns, transposed).reshape(n, s, count).transpose(2, 1, 0)


class _Shifted:
    """Sparse matrices of one pattern, added to 1."""

    def __init__(self, rows, columns, n):
        self.places, self.n = (rows, columns), n
        self.below = int(np.max(rows - columns, initial=0))
        self.above = int(np.max(columns - rows, initial=0))

    def factors(self, data):
        """``solve(b, transposed)``: by the band where that is narrow."""
        below, above = self.below, self.above
        if below + above > _BAND or data.dtype.kind == "c":
            matrix = scipy.sparse.coo_array((data, self.places), (self.n, self.n))
            made: Any = splu((scipy.sparse.eye_array(self.n) + matrix).tocsc())
            return lambda b, transposed: made.solve(b, "T" if transposed else "N")
        i, j = self.places
        middle = below + above
        band = np.zeros((middle + below + 1, self.n), order="F")
        band[middle + i - j, j] = data
        band[middle] += 1
        factored, pivots, info = lapack.dgbtrf(band, below, above, overwrite_ab=True)
        if info:
            raise np.linalg.LinAlgError("the matrix of an implicit step is singular")
        return lambda b, transposed: lapack.dgbtrs(
            factored, below, above, b, pivots, trans=int(transposed)
        )[0]
