"""Large steps: the linear systems of a scheme's stages where all Jacobians are too many numbers.

Owns how one step is solved, by products with its Jacobians or by factors.  Must not know what is
differentiated.
"""

from typing import Any

import numpy as np
import scipy.sparse
from scipy.linalg import lapack, lu_factor, lu_solve
from scipy.sparse.linalg import splu

from dualrev.core.batch import Rows
from dualrev.scipy.integrate.steps import InverseOfSteps
from dualrev.transforms import Trace

__all__ = ["LargeSteps"]

#: Diagonals beside the main one up to which LAPACK factorizes a band: ten times as fast as SuperLU for
#: ten of them.
_BAND = 100


class LargeSteps(InverseOfSteps):
    """The inverse of the Jacobian of steps, each from a state of its own; as :class:`Steps`."""

    def __init__(self, shape, steps):
        self.shape, self.steps = shape, steps

    @classmethod
    def of(cls, mesh, stages, right_side):
        """Those of a mesh at stages (steps, s, n), with the right-hand side on plain numbers."""
        a, u = mesh.scheme.a, len(mesh.scheme.c)
        if mesh.scheme.is_explicit:
            steps = [
                _Products(a, times, h, y, right_side)
                for times, h, y in zip(mesh.times, mesh.h, stages)
            ]
        else:
            matrices = right_side.matrices(*mesh.evaluated(stages))
            steps = [_Factors(a, h, [next(matrices) for _ in range(u)]) for h in mesh.h]
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


class _Products:
    """One step of an explicit scheme, by products with the Jacobians at its stages.

    The stages are recorded again in each sweep, and only one of them is kept.
    """

    def __init__(self, a, times, h, stages, right_side):
        self.a, self.times, self.h = a, times, h
        self.stages, self.right_side = stages, right_side

    def through(self, b):
        stages = b.copy()
        rates: list = []
        for i, row in enumerate(self.a):
            for j in np.flatnonzero(row[:i]):
                stages[:, i] += (self.h * row[j]) * rates[j]
            if i < self.a.shape[1]:
                rates.append(_swept(self._trace(i).push, stages[:, i]))
        return stages

    def back(self, cts):
        cts = cts.copy()
        for j in reversed(range(self.a.shape[1])):
            later = np.flatnonzero(self.a[:, j])
            if len(later):
                rate = np.tensordot(cts[:, later], self.h * self.a[later, j], (1, 0))
                cts[:, j] += _swept(self._trace(j).pull, rate)
        return cts

    def _trace(self, i):
        t, right_side = self.times[i], self.right_side
        return Trace(
            right_side.fun, lambda state: right_side(t, state[0]), [self.stages[i]], own=True
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


class _Factors:
    """One step of an implicit scheme, by the factors of ``1 - h a x J``."""

    def __init__(self, a, h, jacobians):
        s, n = len(a), jacobians[0].shape[0]
        self._last = jacobians[-1]
        if scipy.sparse.issparse(self._last):
            # All stages of an unknown beside each other: as narrow a band as that of the Jacobian.
            self._order = np.arange(s * n).reshape(s, n).T.ravel()
            self._solve = _sparse_factors(_beside(a, h, jacobians))
        else:
            matrix = np.eye(s * n, dtype=jacobians[0].dtype).reshape(s, n, s, n)
            for j, J in enumerate(jacobians):
                matrix[:, :, j] -= h * a[:, j, None, None] * J
            dense = lu_factor(matrix.reshape(s * n, s * n), overwrite_a=True)
            self._order = slice(None)
            self._solve = lambda b, transposed: lu_solve(dense, b, int(transposed))

    def through(self, b):
        return self._solved(b, False)

    def back(self, cts):
        return self._solved(cts, True)

    def damped(self, shift, b):
        if scipy.sparse.issparse(self._last):
            moved = _sparse_factors((-self._last / shift).tocoo())(b.T / shift, False)
        else:
            moved = np.linalg.solve(shift * np.eye(len(self._last)) - self._last, b.T)
        return moved.T

    def _solved(self, b, transposed):
        columns = b.reshape(len(b), -1).T[self._order]
        solved = np.empty_like(columns)
        solved[self._order] = self._solve(columns, transposed)
        return solved.T.reshape(b.shape)


def _beside(a, h, jacobians):
    """``-h a x J`` as a sparse matrix, the stages of each unknown beside each other."""
    s, n = len(a), jacobians[0].shape[0]
    rows, columns, entries = [], [], []
    for j, J in enumerate(jacobians):
        row, column = J.tocoo().coords
        for i in range(s):
            rows.append(row * s + i)
            columns.append(column * s + j)
            entries.append(-h * a[i, j] * J.data)
    places = np.concatenate(rows), np.concatenate(columns)
    return scipy.sparse.coo_array((np.concatenate(entries), places), (s * n, s * n))


def _sparse_factors(matrix):
    """``solve(b, transposed)`` for 1 and a sparse matrix: by its band where that is narrow."""
    i, j = matrix.coords
    below, above = int(np.max(i - j, initial=0)), int(np.max(j - i, initial=0))
    if below + above > _BAND or matrix.dtype.kind == "c":
        factors: Any = splu((scipy.sparse.eye_array(matrix.shape[0]) + matrix).tocsc())
        return lambda b, transposed: factors.solve(b, "T" if transposed else "N")
    middle = below + above
    band = np.zeros((middle + below + 1, matrix.shape[1]))
    band[middle + i - j, j] = matrix.data
    band[middle] += 1
    factored, pivots, info = lapack.dgbtrf(band, below, above)
    if info:
        raise np.linalg.LinAlgError("an implicit step has a singular matrix")
    return lambda b, transposed: lapack.dgbtrs(
        factored, below, above, b, pivots, trans=int(transposed)
    )[0]
