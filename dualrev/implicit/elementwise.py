"""Roots of one equation each: elements of an array that do not see one another, or one number.

Owns when such a root is simple, and how near a given number must be to it.  Must not know who found it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.core.operands import as_operand, under_all
from dualrev.core.traced import Traced
from dualrev.implicit.corrections import orders_of
from dualrev.implicit.inverses import warn_of_lost_digits
from dualrev.implicit.solutions import plain_version, solved
from dualrev.transforms import jvp

__all__ = ["solved_by_elements"]

#: Newton's steps on plain numbers that make a root exact.
_STEPS = 6
#: By how much the slope changes over a step of Newton's, as a part of it: at a double root by 1/2, at
#: others by more.  From 1/4 on no step is sure to gain digits.
_SIMPLE = 0.25
#: In units of rounding: the least step over which it is looked at.
_LEAST = 4
#: A matrix whose product differs by less from that of its diagonal is one: a coupling that is smaller
#: would not be seen in the derivative either, and rounding is far below.
_DIAGONAL = 1e-9


def solved_by_elements(residual: Callable, x, *, name: str, near, rising: bool = False) -> Any:
    """The exact root next to a given one, with its derivatives, element by element.

    Parameters
    ----------
    residual : callable
        Of an array of any shape, to one; what it computes with besides may be traced.  Where its
        elements depend on others too, the equations are solved together.
    x : array or number
        Its root, as a solver found it, of what is under all derivatives.
    name : str
        What errors call it.
    near : pair of float
        How far from the exact root it may be, as a part of it, and as a distance besides.
    rising : bool
        Whether it must be a root from negative values to positive ones, as that of the slope at a
        minimum.

    Raises
    ------
    NotConvergedError
        Where x is no root.
    SingularError
        Where it is no simple one.
    """
    shape = np.shape(x)

    def shaped(x):
        return as_operand(residual(x)).reshape(shape)

    plain = plain_version(shaped)
    is_one = np.size(x) == 1 and x.dtype.kind != "c"
    if not is_one and not _sees_itself_only(plain, x):
        flat = solved(lambda x: shaped(x.reshape(shape)).reshape(-1), x.reshape(-1), name=name)
        return flat.reshape(shape)
    not_simple = _no_curvature if rising else _no_slope
    root, slope = _exact(plain, x, name, near, not_simple)
    if rising and not np.all(under_all(slope) > 0):
        raise errors.NotConvergedError(
            f"{name} found a maximum, or a saddle, in the place of a minimum.",
            fix="search in a bracket that holds a minimum",
        )
    r = shaped(root)
    y = root
    for k in range(orders_of(r)):
        if k:
            r = shaped(y)
        y = y - r / slope
    return y


def _sees_itself_only(f, x):
    """Whether each element of f depends on the element of x in its place alone."""
    rng = np.random.default_rng(0)
    direction = rng.uniform(1, 2, np.shape(x))
    if x.dtype.kind == "c":  # and whether f is holomorphic
        direction = direction + 1j * rng.uniform(1, 2, np.shape(x))
    _, slope = jvp(f, (x,), (_ones(x),))
    _, product = jvp(f, (x,), (direction.astype(x.dtype),))
    expected = under_all(slope * direction)
    product = under_all(product)
    return not np.any(abs(product - expected) > _DIAGONAL * (abs(product) + abs(expected)))


def _exact(f, x, name, near, not_simple):
    """The root next to x, to rounding, and the slope there."""
    ones, eps = _ones(x), np.finfo(x.dtype).eps
    enough = 4 * np.sqrt(eps)  # its square is what the slope after a step differs by
    value, slope = jvp(f, (x,), (ones,))
    root = x
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for _ in range(_STEPS):
            step, least = value / slope, _LEAST * eps * root
            is_long = abs(step) > abs(least)
            next_by = root - _chosen(is_long, step, least)
            following = jvp(f, (next_by,), (ones,))
            change = under_all(abs(following[1] / slope - 1))
            root = _chosen(is_long, next_by, root)
            value, slope = (_chosen(is_long, *pair) for pair in zip(following, (value, slope)))
            if np.all(change <= enough):
                break
        # A root that is none, at a jump, is far from the next one; nan compares as far.
        distance = under_all(abs(root - x))
        is_near = distance <= near[0] * under_all(abs(x)) + near[1]
    if not np.all((change < _SIMPLE) & (under_all(slope) != 0)):
        raise not_simple(name)
    if not np.all(is_near):
        raise errors.NotConvergedError(
            f"{name} found no root: the function is not 0 there, and by its slope the next root is "
            f"{np.max(distance):.2e} away.",
            fix="search where the function does not jump",
        )
    if np.any(change > enough):
        warn_of_lost_digits(
            f"{name} found a root where the slope of the function changes within rounding, by "
            f"{np.max(change):.1e}: as many digits of the derivative are lost."
        )
    return root, slope


def _no_slope(name):
    return errors.SingularError(
        f"{name} found a root that is not simple: the slope of the function is 0 there, or there is "
        "none, and the root has no derivative.",
        fix="search for a simple root: at a double one for that of the derivative, "
        "dualrev.derivative(f)",
    )


def _no_curvature(name):
    return errors.SingularError(
        f"{name} found a minimum at which the function has no curvature, or a kink: it has no "
        "derivative.",
        fix="minimise what curves there, as (t - a)**2 does in the place of (t - a)**4",
    )


def _chosen(condition, a, b):
    chosen = np.where(condition, a, b)
    return chosen if isinstance(chosen, Traced) else chosen[()]


def _ones(x):
    return np.ones(np.shape(x), x.dtype)[()]
