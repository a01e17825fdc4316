"""Solutions of equations, with their derivatives by the implicit function theorem.

Owns when a given solution is one, and how near.  Must not know who found it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev.closures import without_derivatives
from dualrev.core import errors
from dualrev.core.binding import as_operand, base_of, valued
from dualrev.core.traced import Traced, is_differentiated, is_traced
from dualrev.implicit.corrections import corrected, orders_of
from dualrev.implicit.inverses import DenseInverse
from dualrev.jacobians import jacobian

__all__ = ["solved"]

#: Newton's steps on plain numbers that make a solution exact, and the part of it that is rounding.
_STEPS, _ROUNDING = 6, 1e-13


def solved(residual: Callable, x, *, name: str, near=(np.inf, 0.0), inverse_of=None) -> Any:
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
        How far from the exact root it may be, as a part of its norm, and as a distance besides.
    inverse_of : callable, optional
        Of the residual on plain numbers and a root, its Jacobian's Inverse; by default a dense one.

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
    plain = plain_version(residual)
    if isinstance(base_of(r), Traced):  # rows of a batch, each with a Jacobian of its own
        return _solved_in_rows(residual, plain, x, orders_of(r))
    root, inverse = _exact(plain, x, inverse_of or dense_inverse, name, near)
    return corrected(residual, root, inverse, value=x)


def dense_inverse(residual, x):
    """The inverse of the Jacobian as an array."""
    is_complex = x.dtype.kind == "c"
    return DenseInverse(base_of(jacobian(residual, holomorphic=is_complex)(x)))


def plain_version(f: Callable) -> Callable:
    """f on plain numbers, for a solver: with what is under all derivatives of all that is traced."""
    plain = without_derivatives(f)

    def on_numbers(x, *args):
        # What is traced besides is seen in the answer only where closures do not show it, as those
        # of an installed package.
        r = plain(x, *args)
        return r if is_traced(x) else base_of(r)

    return on_numbers


def _exact(residual, x, inverse_of, name, near):
    """The root next to x, to rounding, and the inverse of the Jacobian there."""
    start, size = x, np.linalg.norm(x)
    inverse = inverse_of(residual, x)
    step = inverse.solve(as_operand(residual(x)), False)
    before = np.inf
    for _ in range(_STEPS):
        length = np.linalg.norm(step)
        if not length > _ROUNDING * size or length >= before:
            break
        before = length
        x = x - step
        inverse = inverse_of(residual, x)
        step = inverse.solve(residual(x), False)
    distance = np.linalg.norm(x - start)
    if not np.isfinite(step).all() or not distance <= near[0] * size + near[1]:
        raise not_solved(name, residual, start, distance)
    return x, inverse


def not_solved(name, residual, x, distance):
    norm = np.linalg.norm(residual(x))
    return errors.NotConvergedError(
        f"{name} was given what does not solve its equations: the norm of the residual is {norm:.2e}, "
        f"and the next root {distance:.2e} away.",
        fix="solve them to a smaller tolerance first",
    )


def _solved_in_rows(residual, plain, x, orders):
    jac = jacobian(plain)
    root = x
    for _ in range(2):
        root = root - np.linalg.solve(jac(root), plain(root))
    matrix = jac(root)
    corrected = root
    for _ in range(orders):
        corrected = corrected - np.linalg.solve(matrix, residual(corrected))
    return valued(corrected, x)
