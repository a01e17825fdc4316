"""Solutions of equations, with their derivatives by the implicit function theorem.

Owns when a given solution is one, and how near.  Must not know who found it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.closures import without_derivatives
from dualrev.core.arrays import anywhere
from dualrev.core.operands import as_operand, base_of
from dualrev.core.traced import is_differentiated, is_traced
from dualrev.implicit.choices import Choice
from dualrev.implicit.corrections import corrected
from dualrev.implicit.inverses import (
    DenseInverse,
    InverseInRows,
    SparseInverse,
    check_condition,
    warn_of_lost_digits,
)
from dualrev.transforms import jvp

__all__ = ["check_equations", "plain_version", "solved"]

#: Newton's steps on plain numbers that make a solution exact, and those in a batch, or in a program,
#: which do not look at their lengths.
_STEPS, _STEPS_IN_ROWS = 8, 2
#: In units of the rounding of x: what of it counts as exact; the length of a step from which on the
#: Jacobian before it serves; and that at which steps may grow by rounding alone.
_EXACT, _SHORT, _NOISE = 500, 5e4, 5e9
#: As a part of x, where the Jacobian must still be nearly the same; and the part by which it changes
#: there where half of the digits are lost.
_NEARBY, _LOST = 1e-10, 2e-3
#: The part of a step that is left of the next one, where the Jacobian before serves.
_LINEAR = 1e-6


def solved(
    residual: Callable, x, *, name: str, near=(np.inf, 1e-8), choice: Choice | None = None
) -> Any:
    """A solution with the derivatives that follow from its equations.

    Parameters
    ----------
    residual : callable
        Of an array of shape (n,), to one; what it computes with besides may be traced.
    x : array, shape (n,)
        Its root, as a solver found it, of what is under all derivatives.  The answer has its numbers;
        its derivatives are those at the exact root, to which it is carried on.
    name : str
        What errors call it.
    near : pair of float
        How far from the exact root it may be, as a part of its norm, and as a distance besides; steps
        shorter than that may be rounding, of a root at 0.
    choice : Choice, optional
        By which inverse linear systems are solved.

    Raises
    ------
    NotConvergedError
        Where x is no solution.
    SingularError
        Where the equations do not determine it.
    """
    r = as_operand(residual(x))
    if not is_differentiated(r):
        return x
    plain, r_plain = plain_version(residual), base_of(r)
    check_equations(plain, x, r_plain, name)
    in_rows = is_traced(r_plain)
    if in_rows:
        x = x + 0 * r_plain  # which may be one for all of them
    exact = _exact_in_rows if in_rows else _exact
    root, inverse, more = exact(plain, x, r_plain, choice or Choice(), name, near)
    return corrected(residual, root, inverse, x, r if root is x else None, more)


def plain_version(f: Callable) -> Callable:
    """f on plain numbers, for a solver: with what is under all derivatives of all that is traced."""
    plain = without_derivatives(f)

    def on_numbers(x, *args):
        # What is traced besides is seen in the answer only where closures do not show it, as those
        # of an installed package.
        r = plain(x, *args)
        return r if is_traced(x) else base_of(r)

    return on_numbers


def check_equations(residual: Callable, x, r, name: str) -> None:
    """Raise where a residual, which is r at x, is not of as many numbers, or not of the kind of x."""
    if r.shape != x.shape:
        raise errors.ShapeError(
            f"{name}: the equations give {r.size} numbers, for {x.size} unknowns.",
            fix="give one equation an unknown",
        )
    if (r.dtype.kind == "c") != (x.dtype.kind == "c"):
        kinds = ("real", "complex") if x.dtype.kind != "c" else ("complex", "real")
        raise errors.ComplexError(
            f"{name}: the solution is {kinds[0]}, the residual {kinds[1]}.",
            fix="give a complex solution, as x + 0j is, or two real equations for a complex one",
        )
    if x.dtype.kind == "c" and not _is_holomorphic(residual, x):
        raise errors.ComplexError(
            f"{name}: the equations are not holomorphic, as those with abs, conj or real are not.",
            fix="make the real and the imaginary part of the solution two unknowns",
        )


def _is_holomorphic(residual, x):
    """Whether the derivative along i t is i times that along t, for a random t."""
    real, imag = np.random.default_rng(x.size).normal(size=(2, x.size))
    t = (real + 1j * imag).astype(x.dtype) + 0 * x  # of each row
    along, across = (jvp(residual, (x,), (u,))[1] for u in (t, 1j * t))
    return not anywhere(np.linalg.norm(across - 1j * along) > 1e-6 * np.linalg.norm(along))


def _exact(residual, x, r, choice, name, near):
    """The root next to x, the inverse of the Jacobian there or next by, and the steps that costs."""
    start, size = x, _size(x)
    eps = np.finfo(x.dtype).eps
    inverse = choice.inverse(residual, x, r)
    step = inverse.times(r)
    length, more, slow = np.linalg.norm(step), 0, False
    for _ in range(_STEPS):
        if length <= _EXACT * eps * size:
            break
        nearer = x - step
        r = residual(nearer)
        following = inverse.times(r)
        left = np.linalg.norm(following)
        if not left <= length / 2:  # nan, too; Newton's steps halve wherever a root is near
            if length <= _NOISE * eps * size + near[1]:
                break
            raise not_solved(name, np.linalg.norm(residual(start)), length)
        x = nearer
        if left <= _LINEAR * length or length <= _SHORT * eps * size:
            more, step = 1, following
        else:
            inverse = choice.inverse(residual, x, r)
            more, step = 0, inverse.times(r)
        length = np.linalg.norm(step)
    else:
        slow = True
    distance = np.linalg.norm(x - start)
    if not distance <= near[0] * size + near[1]:
        raise not_solved(name, np.linalg.norm(residual(start)), distance)
    if slow:  # each step gained one digit of two, as next to a double root
        check_condition(0.0)
    _check_simple(residual, x, step, inverse)
    return x, inverse, more


def _exact_in_rows(residual, x, r, choice, name, near):
    """The same of a batch, or in a program: of all rows, whatever their numbers are."""
    start, size = x, _size(x)
    eps = np.finfo(x.dtype).eps
    for _ in range(_STEPS_IN_ROWS):
        x = x - choice.inverse(residual, x, r).times(r)
        r = residual(x)
    inverse = choice.inverse(residual, x, r)
    step = inverse.times(r)
    left = np.linalg.norm(step)
    distance = np.linalg.norm(x - start)
    far = np.logical_not(distance <= near[0] * size + near[1])
    if anywhere(far | np.logical_not(left <= _NOISE * eps * size + near[1])):
        raise not_solved(name, np.linalg.norm(residual(start)), distance)
    _check_simple(residual, x, step, inverse)
    return x, inverse, 1


def _size(x):
    """The norm, but for 0, of which every part is 0, and infinitely often it nothing."""
    return np.maximum(np.linalg.norm(x), np.finfo(float).tiny)


def _check_simple(residual, x, step, inverse):
    """Raise, or warn, where the Jacobian is another one nearby, as next to a double root.

    That is where the last step ends, which rounding alone left; and where x has lost half of its digits.
    No condition number shows a double root of one equation.
    """
    if not x.size or not isinstance(inverse, DenseInverse | SparseInverse | InverseInRows):
        return  # three systems more, of one
    v = inverse.times(np.random.default_rng(0).normal(size=x.shape).astype(x.dtype))
    tiny = np.finfo(x.dtype).tiny
    v = v * (_NEARBY * np.min(abs(x) / np.maximum(abs(v), tiny)))  # where the Jacobian is least
    nearby = _change(residual, x, v, inverse)
    if anywhere((nearby > 1 / 4) | (_change(residual, x, -step, inverse) > 1 / 4)):
        check_condition(0.0)
    if anywhere(nearby > _LOST):
        warn_of_lost_digits(
            "The solution is next to a double one, or its equations bend within rounding: half of the "
            "digits of its derivatives are lost."
        )


def _change(residual, x, v, inverse):
    """The part by which the product of the Jacobian with v is another one at x + v than at x."""
    product = base_of(jvp(residual, (x + v,), (v,))[1])
    length = np.maximum(np.linalg.norm(v), np.finfo(float).tiny)
    return np.linalg.norm(inverse.times(product) - v) / length


def not_solved(name, norm, distance):
    """The error for what is no solution: the norm of its residual, how far it is from one."""
    return errors.NotConvergedError(
        f"{name} was given what does not solve its equations: the norm of the residual is "
        f"{_shown(norm)}, and a step of Newton's from it {_shown(distance)} long.",
        fix="solve them to a smaller tolerance first",
    )


def _shown(x):
    return f"{x:.2e}" if isinstance(x, float) else "not small in all rows"
