"""Steps: the equations of a scheme's stages over a mesh, and their linear systems.

Owns how tangents and cotangents pass the stages, and from step to step.  Must not know where a mesh
comes from, nor what is differentiated.

The stages of all steps are the unknowns of one system, ``Y_ki - y_k - h_k sum_j a_ij f(t_kj, Y_kj) = 0``
with ``y_k+1 = Y_k,last``.  Its Jacobian is block bidiagonal: a solution is one sweep forward over the
steps, one of the transposed system a sweep backward, which is the discrete adjoint (Hager 2000,
"Runge-Kutta methods in optimal control and the transformed adjoint system").
"""

import functools
from typing import Any

import numpy as np

from dualrev.implicit.inverses import Inverse
from dualrev.scipy.integrate.right_sides import RightSide
from dualrev.scipy.integrate.schemes import Scheme

__all__ = ["InverseOfSteps", "Mesh", "Steps"]


class Mesh:
    """Steps of one scheme: where they start, and how long they are.

    Parameters
    ----------
    scheme : Scheme
    t, h : array, shape (steps,)
    """

    def __init__(self, scheme: Scheme, t, h):
        self.scheme, self.t, self.h = scheme, t, h
        self.times = t[:, None] + h[:, None] * scheme.c

    def evaluated(self, stages):
        """The times (m,) and states (m, n) at which the right-hand side is evaluated."""
        u, n = self.scheme.a.shape[1], stages.shape[-1]
        return self.times.reshape(-1), stages[:, :u].reshape(-1, n)

    def residual(self, stages, starts, right_side: RightSide) -> Any:
        """What is missing of the equations of the stages, of shape (steps, s, n), from given states."""
        a = self.scheme.a
        rates = right_side.rows(*self.evaluated(stages))
        moves = (self.h[:, None, None] * a) @ rates.reshape(len(stages), a.shape[1], -1)
        return stages - starts[:, None] - moves

    def stages(self, starts, right_side: RightSide) -> np.ndarray:
        """The stages of an explicit scheme from states of plain numbers."""
        s, u = self.scheme.a.shape
        stages = np.repeat(starts[:, None], s, axis=1)
        rates = np.empty((len(self.t), u, starts.shape[-1]), starts.dtype)
        for i in range(s):
            if i:
                row = self.scheme.a[i, :i]
                stages[:, i] += self.h[:, None] * np.tensordot(rates[:, :i], row, (1, 0))
            if i < u:
                rates[:, i] = right_side.rows(self.times[:, i], stages[:, i])
        return stages


class InverseOfSteps(Inverse):
    """The inverse of the Jacobian of the stages of all steps.

    Attributes
    ----------
    shape : tuple
        Of the stages, (steps, s, n).
    """

    shape: tuple

    def solve(self, b, transposed):
        """The solutions for right-hand sides of shape (..., unknowns)."""
        stages = b.reshape(-1, *self.shape)
        solved = self.back(stages) if transposed else self.through(stages)
        return solved.reshape(b.shape)

    def through(self, b):
        """The tangents of the stages, of shape (..., steps, s, n), from those of their equations."""
        raise NotImplementedError

    def back(self, cts):
        """The cotangents of the equations of the stages from those of the stages."""
        raise NotImplementedError

    def chained(self) -> "InverseOfSteps":
        """The same of steps each from the last stage of the one before."""
        raise NotImplementedError

    def damped(self, shift, b):
        """``(shift - J)^-1 b`` of each step, J at its last stage: (k, steps, n)."""
        raise NotImplementedError


class Steps(InverseOfSteps):
    """The inverse of the Jacobian of steps, each from a state of its own.

    Parameters
    ----------
    mesh : Mesh
    jacobians : array, shape (steps, u, n, n)
        Of the right-hand side at the stages.
    """

    def __init__(self, mesh: Mesh, jacobians: np.ndarray):
        self.scheme, self.h, self.jacobians = mesh.scheme, mesh.h, jacobians
        count, u, n, _ = jacobians.shape
        s = len(mesh.scheme.a)
        self.shape = count, s, n
        if not self.scheme.is_explicit:
            coupled = self.h[:, None, None, None, None] * np.einsum(
                "iu,kuab->kiaub", self.scheme.a, jacobians
            )
            matrix = np.broadcast_to(np.eye(s * n), (count, s * n, s * n)).astype(jacobians.dtype)
            matrix = matrix.reshape(count, s, n, s, n)
            matrix[:, :, :, :u] -= coupled
            self._matrix = matrix.reshape(count, s * n, s * n)
            self._inverse = np.linalg.inv(self._matrix)

    def chained(self):
        return Chain(self, self._propagators)

    @functools.cached_property
    def _propagators(self):
        """How the stages of a step depend on the state that it starts from: (steps, s n, n)."""
        count, s, n = self.shape
        units = np.broadcast_to(np.eye(n)[:, None, None], (n, count, s, n))
        return np.moveaxis(self.through(units), 0, -1).copy().reshape(count, s * n, n)

    def damped(self, shift, b):
        n = self.shape[-1]
        matrices = shift[:, None, None] * np.eye(n) - self.jacobians[:, -1]
        return np.moveaxis(np.linalg.solve(matrices, np.moveaxis(b, 0, -1)), -1, 0)

    def through(self, b):
        if not self.scheme.is_explicit:
            return self._solved(self._matrix, self._inverse, b)
        u = self.scheme.a.shape[1]
        stages = _promoted(b, self.jacobians)
        rates: list = []
        for i, row in enumerate(self.scheme.a):
            for j in np.flatnonzero(row[:i]):
                stages[..., i, :] += row[j] * rates[j]
            if i < u:
                rate = _product(self.jacobians[:, i], stages[..., i, :])
                rates.append(self.h[:, None] * rate)
        return stages

    def back(self, cts):
        if not self.scheme.is_explicit:
            return self._solved(self._matrix.mT, self._inverse.mT, cts)
        a = self.scheme.a
        cts = _promoted(cts, self.jacobians)
        for j in reversed(range(a.shape[1])):
            later = np.flatnonzero(a[:, j])
            if len(later):
                weighted = np.tensordot(cts[..., later, :], a[later, j], (-2, 0))
                rate = self.h[:, None] * weighted
                cts[..., j, :] += _product(self.jacobians[:, j].mT, rate)
        return cts

    def _solved(self, matrix, inverse, b):
        count, s, n = self.shape
        b = b.reshape(-1, count, s * n)
        x = _product(inverse, b)
        # Once more, for the digits that an inverse lost.
        x = x + _product(inverse, b - _product(matrix, x))
        return x.reshape(-1, count, s, n)


class Chain(InverseOfSteps):
    """The inverse of the Jacobian of steps each from the last stage of the one before."""

    def __init__(self, steps: Steps, propagators: np.ndarray):
        self.steps, self.shape = steps, steps.shape
        self.propagators = propagators

    def through(self, b):
        """From step to step: the last stage of one moves those of the next."""
        alone = self.steps.through(b)
        ends = alone[:, :, -1]
        starts = np.zeros_like(ends)
        across = self._across.mT
        for k in range(self.shape[0] - 1):
            starts[:, k + 1] = ends[:, k] + starts[:, k] @ across[k]
        return alone + _product(self.propagators, starts).reshape(alone.shape)

    def back(self, cts):
        """From the last step to the first: what moves the next ones moves the end of one."""
        count, s, n = self.shape
        cts = _promoted(cts, self.propagators)
        onto_starts = _product(self.propagators.mT, cts.reshape(-1, count, s * n))
        later = np.zeros_like(onto_starts[:, 0])
        for k in reversed(range(count)):
            cts[:, k, -1] += later
            later = onto_starts[:, k] + later @ self._across[k]
        return self.steps.back(cts)

    @property
    def _across(self):
        return self.propagators[:, -self.shape[-1] :]


def _promoted(x, other):
    """A copy, complex where the other is."""
    return x.astype(np.result_type(x, other))


def _product(matrices, vectors):
    """Of each matrix (steps, m, n) with its vectors (k, steps, n)."""
    return np.moveaxis(matrices @ np.moveaxis(vectors, 0, -1), -1, 0)
