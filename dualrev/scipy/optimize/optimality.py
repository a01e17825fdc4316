"""Minima that a solver found, with their derivatives: the conditions of Karush, Kuhn and Tucker.

Owns which constraints are active, and what is a minimum.  Must not know who found it.

At a minimum of ``f(x)`` with ``lower <= (x, c(x)) <= upper`` the constraints that hold with equality,
the active ones, have multipliers with ``f'(x) = multipliers @ (1, c'(x))``.  Where the gradients of
these constraints are linearly independent, no multiplier of an inequality is 0, and the Hessian of the
Lagrangian is positive definite along the constraints, these equations determine x, and it is
differentiable (Fiacco 1976, theorem 2.1; Nocedal and Wright 2006, sections 12.3 to 12.5).  All of this
is looked at on plain numbers, at the exact solution next to what the solver found.
"""

from typing import Any

import numpy as np
from scipy.linalg import lapack

from dualrev import errors
from dualrev.core.operands import as_operand
from dualrev.core.traced import Traced
from dualrev.gradients import grad
from dualrev.implicit.choices import Choice
from dualrev.implicit.corrections import corrected
from dualrev.implicit.inverses import DenseInverse, InverseInRows
from dualrev.implicit.solutions import solved
from dualrev.jacobians import jacobian
from dualrev.scipy.searches import searched

__all__ = ["Problem", "minimum_of"]

#: How near to their limits constraints may be active, as parts of what x does to them: so near that
#: they are independent.
_NEAR = (1e-2, 1e-4, 1e-6, 1e-8)
#: How far from the exact minimum a solver may stop, as a part of x.
_FAR = 1e-2
#: Sets of active constraints that are tried, and Newton's steps in each.
_ROUNDS, _STEPS = 50, 12
#: The part of a step that is left of the next one, where the Jacobian before serves.
_LINEAR = 1e-7
#: From how many variables on a Hessian may be sparse, or not be made at all: see implicit.choices.
_LARGE = 300
#: How much more than a bound of its rounding error a number is to be, so as not to be 0.
_ROUNDING = 1e3 * np.finfo(float).eps
#: As a part of x, what Newton's steps may leave where they do not get shorter.
_ROUGH = 1e-6


class Problem:
    """What is minimized, under which constraints.

    Parameters
    ----------
    objective : callable
        Of an array of shape (n,), to one number.
    lower, upper : array or float
        Bounds of x.
    pieces : list of tuple
        Functions of x, each with its lower and upper limits.
    """

    def __init__(self, objective, lower=-np.inf, upper=np.inf, pieces=()):
        self.objective = objective
        self.lower, self.upper = as_operand(lower), as_operand(upper)
        self.pieces = [(fun, as_operand(low), as_operand(high)) for fun, low, high in pieces]

    @property
    def is_limited(self):
        limits = self.lower, self.upper
        return bool(self.pieces) or not all(isinstance(x, float) and np.isinf(x) for x in limits)

    def constraints(self, x):
        """c(x), shape (m,)"""
        values = [np.reshape(as_operand(fun(x)), -1) for fun, _, _ in self.pieces]
        return np.concatenate(values) if values else np.zeros(0)

    def limits(self, x):
        """Lower and upper limits of ``(x, c(x))``, each of shape (n + m,)."""
        sized = [(x.size, self.lower, self.upper)]
        sized += [(np.size(as_operand(fun(x))), low, high) for fun, low, high in self.pieces]
        lower = np.concatenate([np.broadcast_to(low, size) for size, low, _ in sized])
        upper = np.concatenate([np.broadcast_to(high, size) for size, _, high in sized])
        return lower, upper


def minimum_of(name: str, problem: Problem, x, start, far: float = _FAR) -> Any:
    """The exact minimum next to x, with its derivatives; of many variables, without limits, x itself.

    Parameters
    ----------
    name : str
        What errors call it.
    problem : Problem
    x, start : array, shape (n,)
        What a solver found, and where it started.
    far : float
        How far from the exact minimum the solver may have stopped, as a part of x.
    """
    n, in_batch = x.size, isinstance(x, Traced)
    if n >= _LARGE and not problem.is_limited:
        slope = _gradient(problem.objective)
        return solved(slope, x, name=name, near=(far, 1e-8), choice=Choice(symmetric=True))

    def search(problem, x, start):
        return _Search(name, problem, x, start, far).found(in_batch)

    (exact, multipliers, side, inverse), _ = searched(name, search, problem, x, start)
    # Which constraints are active may differ from row to row of a batch.
    rows = np.flatnonzero(_in_any_row(side[n:] != 0))
    target = _targets(side, *problem.limits(x))
    conditions = _conditions(problem, n, rows, target)
    holds = np.concatenate([side[:n] == 0, side[n:][rows] != 0])
    if in_batch:
        kept = np.concatenate([np.arange(n), n + rows])
        inverse = InverseInRows(inverse[kept[:, None], kept])

    def equations(z):
        instead = np.concatenate([z[:n] - target[:n], z[n:]])
        return np.where(holds, conditions(z), instead)

    z = np.concatenate([exact, multipliers[rows]])
    # One more, because the inverse is that of a point next by.
    return corrected(equations, z, inverse, more=1)[:n]


def _gradient(f, **options):
    made: Any = grad(f, **options)
    made.within = "minimize"
    return made


def _targets(side, lower, upper):
    """The limits that are active; 0 for the others."""
    return np.where(side < 0, lower, np.where(side > 0, upper, 0.0))


def _conditions(problem, n, rows, target):
    """The gradient of the Lagrangian, and what the constraints of some rows are off their limits.

    As a function of x and their multipliers.
    """

    def conditions(z):
        multipliers = z[n:]

        def lagrangian(x):
            if not rows.size:
                return problem.objective(x), np.zeros(0)
            off = (problem.constraints(x) - target[n:])[rows]
            return problem.objective(x) - multipliers @ off, off

        return np.concatenate(_gradient(lagrangian, has_aux=True)(z[:n]))

    return conditions


def _negative_eigenvalues(matrix):
    """How many a symmetric matrix has: as its factors L D L^T, by Sylvester's law of inertia."""
    sizes = np.sqrt(np.abs(matrix).max(axis=1, initial=0))
    factors, pivots, _ = lapack.dsytrf(matrix / sizes / sizes[:, None], lower=1)
    # A negative pivot marks half of a block of two rows, which has one eigenvalue of each sign.
    alone = pivots > 0
    return np.count_nonzero(np.diagonal(factors)[alone] < 0) + np.count_nonzero(~alone) // 2


def _in_any_row(mask):
    """Where something holds; of a batch, in any of its rows."""
    ndim = mask.ndim
    while isinstance(mask, Traced):
        mask = mask.below
    return mask.any(axis=tuple(range(mask.ndim - ndim)))


class _Search:
    """The exact minimum next to what a solver found, on plain numbers.

    Active are first the constraints near their limits that the gradient presses on; then those are added
    that the exact solution violates, and those left out whose multipliers have the wrong sign.
    """

    def __init__(self, name, problem, x, start, far):
        self.name, self.problem, self.far = name, problem, far
        self.near, self.start = np.asarray(x, float), np.asarray(start, float)
        self.n = self.near.size
        self.lower, self.upper = problem.limits(self.near)
        self.equal = self.lower == self.upper
        self.slopes = self._slopes(self.near)
        self.gradient = grad(problem.objective)(self.near)

    def found(self, in_batch):
        """The minimum (n,), multipliers of constraints (m,), the sides of limits (n + m,), an inverse.

        That of the Jacobian of the equations next by, or in a batch this matrix with all constraints.
        """
        side = self._first_sides()
        for _ in range(_ROUNDS):
            self._solve(side)
            revised, doubtful = self._revised(side)
            if (revised == side).all():
                break
            side = revised
        else:
            raise self._too_far("so far away that other limits may act there")
        self._check(side, doubtful)
        # Where both limits are one number, that which holds x counts.
        side[self.equal & (self.multipliers < 0)] = 1
        inverse = self._matrix_of_all(side) if in_batch else self.inverse
        return self.x, self.multipliers[self.n :], side, inverse

    def _matrix_of_all(self, side):
        """The Jacobian of all equations: those for the other multipliers say that they are 0."""
        kept = np.concatenate([np.arange(self.n), self.n + np.flatnonzero(side[self.n :])])
        matrix = np.eye(side.size)
        matrix[np.ix_(kept, kept)] = self.taken
        return matrix

    def _slopes(self, x):
        """The derivatives of (x, c(x)), shape (n + m, n)."""
        slopes = np.eye(self.n)
        if self.problem.pieces:
            by_x = jacobian(self.problem.constraints)(x).reshape(-1, self.n)
            slopes = np.concatenate([slopes, by_x])
        return slopes

    def _distances(self, x):
        """How far (x, c(x)) is from its lower and upper limits."""
        values = np.concatenate([x, self.problem.constraints(x)])
        return values - self.lower, self.upper - values

    def _first_sides(self):
        size = max(np.abs(self.near).max(initial=0), np.abs(self.start).max(initial=0))
        reach = size * np.abs(self.slopes).sum(axis=1)
        below, above = self._distances(self.near)
        nearer = np.where(self.equal | (below <= above), -1, 1)
        for near in _NEAR:
            active = self.equal | (np.minimum(below, above) <= near * reach)
            side = np.where(active, nearer, 0)
            multipliers, are_independent = self._first_multipliers(side)
            if are_independent:
                break
        return np.where(~self.equal & (side * multipliers >= 0), 0, side)

    def _first_multipliers(self, side):
        """Those with which the gradient where the solver stopped comes nearest to 0.

        And whether the constraints are independent, so that there are no others.
        """
        fixed, rows = side[: self.n] != 0, self.n + np.flatnonzero(side[self.n :])
        slopes = self.slopes[rows][:, ~fixed]
        sizes = np.abs(slopes).max(axis=1, initial=0)
        sizes[sizes == 0] = 1
        found, _, rank, _ = np.linalg.lstsq(
            (slopes / sizes[:, None]).T, self.gradient[~fixed], rcond=1e-10
        )
        multipliers = np.zeros(side.size)
        multipliers[rows] = found / sizes
        multipliers[: self.n][fixed] = (self.gradient - multipliers @ self.slopes)[fixed]
        return multipliers, rank == rows.size

    def _solve(self, side):
        """The stationary point where the constraints with a side are at their limits."""
        n = self.n
        fixed, rows = side[:n] != 0, np.flatnonzero(side[n:])
        target = _targets(side, self.lower, self.upper)
        conditions = _conditions(self.problem, n, rows, target)
        jacobian_and_value = jacobian(lambda z: 2 * (conditions(z),), has_aux=True)
        multipliers, are_independent = self._first_multipliers(side)
        if not are_independent:
            raise self._dependent()
        one = np.eye(n + rows.size)
        held = np.concatenate([fixed, np.zeros(rows.size, bool)])
        goal = np.concatenate([target[:n], np.zeros(rows.size)])
        z = np.where(held, goal, np.concatenate([self.near, multipliers[n + rows]]))
        before = np.inf
        for _ in range(_STEPS):
            matrix, r = jacobian_and_value(z)
            taken = np.where(held[:, None], one, matrix)
            inverse = DenseInverse(taken)
            matrix_of_inverse = inverse.solve(one, True)
            step = matrix_of_inverse @ np.where(held, z - goal, r)
            z = z - step
            noise = _ROUNDING * np.abs(matrix_of_inverse) @ (np.abs(taken) @ np.abs(z))
            if (np.abs(step) <= noise).all():
                break
            length = np.linalg.norm(step)
            if before / 2 <= length <= _ROUGH * np.linalg.norm(z):
                # An objective that is a solver's own answer is smooth to that one's tolerance.
                noise = np.maximum(noise, length)
                break
            # Mostly the solver was so near that a step with the same matrix is the last one.
            before, following = length, conditions(z)
            step = matrix_of_inverse @ np.where(held, z - goal, following)
            if (np.abs(step) <= noise).all() and np.linalg.norm(step) <= _LINEAR * length:
                z, r = z - step, following
                break
        else:
            raise self._not_found()
        self.x, self.matrix, self.taken, self.inverse = z[:n], matrix, taken, inverse
        self.multipliers = np.zeros(side.size)
        self.multipliers[n + rows] = z[n:]
        self.multipliers[:n][fixed] = r[:n][fixed]
        self.noise_of_x = noise[:n]
        # Of a bound the multiplier is what remains of the gradient.
        self.noise = np.zeros(side.size)
        self.noise[n + rows] = noise[n:]
        self.noise[:n] = np.abs(matrix[:n]) @ (noise + _ROUNDING * np.abs(z))

    def _revised(self, side):
        """The sides that this solution asks for, and where it cannot tell."""
        below, above = self._distances(self.x)
        # What the solver could not tell from 0 counts as 0, too.
        noise = np.abs(self._slopes(self.x)) @ (self.noise_of_x + 1e-3 * np.abs(self.x - self.near))
        push = -side * self.multipliers
        free, inequal = side == 0, (side != 0) & ~self.equal
        revised = np.where(free & (below < -noise), -1, np.where(free & (above < -noise), 1, side))
        revised[inequal & (push < -self.noise)] = 0
        doubtful = inequal & (push <= self.noise) | free & (np.minimum(below, above) <= noise)
        return revised, doubtful

    def _check(self, side, doubtful):
        """Raise where the solution has no derivative, is not near, or no minimum."""
        if doubtful.any():
            raise self._doubtful(np.flatnonzero(doubtful)[0])
        distance = np.linalg.norm(self.x - self.near)
        if distance > self.far * max(np.linalg.norm(self.near), np.linalg.norm(self.start)) + 1e-8:
            raise self._too_far(f"{distance:.1e} away")
        keep = np.concatenate([side[: self.n] == 0, np.ones(len(self.matrix) - self.n, bool)])
        # The Hessian of the Lagrangian is positive definite along the constraints where this matrix has
        # as many negative eigenvalues as multipliers (Nocedal and Wright 2006, theorem 16.3).
        if _negative_eigenvalues(self.matrix[np.ix_(keep, keep)]) != len(self.matrix) - self.n:
            raise self._saddle()

    # -- errors

    def _too_far(self, where):
        return errors.NotConvergedError(
            f"{self.name} stopped where there is no minimum to differentiate: the next one is {where}.",
            fix="solve to a smaller tolerance: tol=1e-10",
        )

    def _not_found(self):
        return errors.NotConvergedError(
            f"{self.name} stopped where Newton's method finds no minimum to differentiate: the function "
            "has a kink there, or no curvature.",
            fix="make the function smooth and curved: np.sqrt(x**2 + 1e-6) for abs(x), "
            "x**4 + 1e-3 * x**2 for x**4",
        )

    def _saddle(self):
        return errors.NotConvergedError(
            f"{self.name} found no minimum, but a saddle point or a maximum, which has no derivative "
            "as a minimum.",
            fix="start elsewhere: give another x0",
        )

    def _named(self, k):
        return f"the bound of x[{k}]" if k < self.n else f"constraint {k - self.n}"

    def _doubtful(self, k):
        return errors.SingularError(
            f"{self.name} found a minimum at which {self._named(k)} just begins to act, or ceases to: "
            "there are only derivatives to each side.",
            fix="leave that limit out, or move it",
        )

    def _dependent(self):
        return errors.SingularError(
            f"{self.name} found a minimum at which more constraints meet than are independent.",
            fix="leave out constraints that follow from others",
        )
