"""taylor, derivatives, taylor_ode: all orders of a function along a direction or a curve.

Owns the shape of what comes back; must not know how a series passes a primitive.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors, trees
from dualrev.calls import (
    call_user,
    check_callable,
    flatten_arguments,
    flatten_result,
    flatten_tangents,
    unflatten,
)
from dualrev.core.cotangents import cast, zeros_of
from dualrev.core.operands import as_operand
from dualrev.errors import name_of
from dualrev.readers.coefficients import Coefficients
from dualrev.readers.expansion import solution
from dualrev.selection import Derivative
from dualrev.shared import call_with_shared, is_single
from dualrev.traces import hides_products, looked_at, push_forward, undetermined

__all__ = ["derivatives", "expanded", "taylor", "taylor_ode", "whole_number"]


def taylor(f: Callable, x, v, order: int) -> Any:
    """Taylor coefficients of f along a direction or a curve: of ``f(x + t v)``, in powers of t.

    Coefficient k is the k-th derivative in t at 0, divided by k!.  Forward mode with truncated power
    series (Griewank and Walther 2008, chapter 13); each rule of a function is read as the
    differential equation that its series solves.

    Parameters
    ----------
    f : callable
        Function of one array, or of one structure of arrays.
    x : array or structure of arrays
        The point.
    v : array or structure of arrays
        Of the structure of x.  An array of the shape of its x is a direction; one of shape
        ``(k, *x.shape)`` holds the coefficients 1 to k of a curve ``x(t)``.
    order : int
        The last coefficient that is wanted.

    Returns
    -------
    array or structure of arrays
        Of the structure of the result, each of shape ``(order + 1, *result.shape)``.

    Raises
    ------
    ArgumentError
        Where order is negative, or no whole number.
    ShapeError
        Where v fits x neither as a direction nor as a curve.

    Notes
    -----
    An operation costs about ``order**2`` multiplications, and few calls of Python's a coefficient:
    :doc:`/explanation/cost`.  One whose derivatives are ever new functions, as those of gammaln, costs
    ``order**3``, along a curve.  Where a derivative of some order does not exist its
    coefficient is infinite or nan.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.taylor(np.exp, 0.0, 1.0, 3)
    array([1.        , 1.        , 0.5       , 0.16666667])
    >>> dr.taylor(np.exp, 0.0, np.array([0.0, 1.0]), 4)  # of exp(t**2)
    array([1. , 0. , 1. , 0. , 0.5])
    """
    check_callable(f, "dr.taylor(f, x, v, order)")
    order = whole_number("order", order)
    leaves, treedef = flatten_arguments(x, "x")
    vs = [v] if treedef is None else trees.flatten_like(treedef, v, "direction")
    series = [_curve(as_operand(part), p, order) for part, p in zip(vs, leaves)]

    def call(duals):
        given = unflatten(treedef, duals)
        if is_single(x):
            return call_user(f, (given,), {})
        return call_with_shared(f, ((x,), {}), (given,), {})

    coefficients, tree, _ = expanded(f, call, leaves, series, order)
    return unflatten(tree, [np.stack(cs) for cs in coefficients])


def expanded(f, call, primals, series, order, has_aux=False):
    """For each result of f the list of its coefficients, the treedef of the result, and aux."""
    kind = Coefficients(order)
    ans, pushed, tree, aux = push_forward(f, call, primals, series, kind, has_aux)
    return [_filled(y, cs) for y, cs in zip(ans, pushed)], tree, aux


def _filled(y, coefficients):
    """All coefficients as arrays; where one does not exist none of higher order does."""
    filled = [y]
    for c in coefficients:
        c = zeros_of(y) if c is None else c
        filled.append(c if len(filled) == 1 else undetermined(c, filled[-1]))
    return filled


def _curve(v, x, order):
    """The coefficients 1 to order of an argument."""
    shape = np.shape(v)
    if shape == x.shape:
        rows = [v]
    elif shape[1:] == x.shape and shape:
        rows = v
    else:
        raise errors.ShapeError(
            f"The direction has shape {shape}, its argument has shape {x.shape}.",
            fix=f"give a direction of shape {x.shape}, or coefficients 1 to k of a curve, "
            f"along a first axis",
        )
    given = [flatten_tangents(row, None, [x], "direction")[0] for row in rows[:order]]
    return *given, *[None] * (order - len(given))


#: What takes seconds for the shortest function, and gigabytes for others.
_HIGHEST = 10_000


def whole_number(name, n):
    """A number of derivatives."""
    try:
        n = operator.index(None if isinstance(n, bool) else n)
    except TypeError:
        raise errors.ArgumentError(
            f"{name} is a number of derivatives, it was given as {n!r}.",
            fix="write a whole number, as 3 is",
        ) from None
    if n < 0:
        raise errors.ArgumentError(
            f"{name} is {n}, a number of derivatives.",
            fix="write 0, for the function itself, or more",
        )
    if n > _HIGHEST:
        raise errors.ArgumentError(
            f"{name} is {n}, more derivatives than can be computed.",
            fix=f"write {_HIGHEST} at most",
        )
    return n


class derivatives(Derivative):
    """All derivatives of a function of one number, up to an order: f, f', f'', ...

    Parameters
    ----------
    f : callable
        Function of one number, or of others besides; its result is an array, or a structure of arrays.
    order : int
        The last one.
    argnums : int, optional
        Position of the argument to differentiate by; by default the first.
    argnames : str, optional
        Its name.
    has_aux : bool
        Whether f returns ``(result, aux)``; the answer is then ``(derivatives, aux)``.

    Returns
    -------
    callable
        With the arguments of f; answers arrays of shape ``(order + 1, *result.shape)``: entry k is the
        derivative of order k, in units of f over units of x to the power k.

    Raises
    ------
    ArgumentError
        Where order is negative, or no whole number.
    NonScalarError
        Where the argument is an array.

    See Also
    --------
    taylor : the same divided by the factorials, along a direction in many variables.

    Notes
    -----
    One sweep of :func:`taylor`.  By a complex number they are those of a holomorphic function.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.derivatives(lambda x: x**3, 4)(2.0)
    array([ 8., 12., 12.,  6.,  0.])
    """

    written = "dr.derivatives(f, 3)(x)"

    def __init__(
        self,
        f: Callable,
        order: int,
        argnums: int | None = None,
        argnames: str | None = None,
        *,
        has_aux: bool = False,
    ):
        super().__init__(f, argnums, argnames, has_aux)
        self.order = whole_number("order", order)

    def __call__(self, *args, **kwargs) -> Any:
        leaves, _, call = self._at_leaves(args, kwargs)
        (x,) = leaves if len(leaves) == 1 else (None,)
        if x is None or x.shape:
            raise errors.NonScalarError(
                f"derivatives are those of a function of one number; the argument of "
                f"`{name_of(self.f)}` is {_in_words(leaves)}.",
                fix="dr.taylor(f, x, v, order) holds those along a direction v, divided by factorials",
            )
        direction = np.ones((), x.dtype)[()], *[None] * (self.order - 1)
        series = [direction[: self.order]]
        results, tree, aux = expanded(self.f, call, leaves, series, self.order, self.has_aux)
        factorials = np.cumprod([1.0, *range(1, self.order + 1)])
        answer = unflatten(tree, [_scaled(np.stack(cs), factorials) for cs in results])
        return self._with_aux(answer, aux)


def _scaled(coefficients, factors):
    factors = factors.reshape(-1, *[1] * (coefficients.ndim - 1))
    return coefficients * cast(factors, coefficients.dtype)


def _in_words(leaves):
    if len(leaves) > 1:
        return f"a structure of {len(leaves)} arrays"
    return f"an array of shape {leaves[0].shape}"


def taylor_ode(f: Callable, y0, order: int, t0=None) -> Any:
    """Taylor coefficients of the solution of a differential equation: of ``y' = f(y)``, in powers of t.

    ``y(t0 + h)`` is the sum of ``y_k h**k``.  Coefficient k + 1 is coefficient k of f(y) divided by
    k + 1: f runs once, on a series that is computed as it is asked for, in all orders (Moore 1966,
    "Interval Analysis", chapter 11; Corliss and Chang 1982, ACM TOMS 8).

    Parameters
    ----------
    f : callable
        ``f(y)``, or ``f(t, y)`` where t0 is given: the slope, of the structure and shapes of y.
    y0 : array or structure of arrays
        Where the solution starts.
    order : int
        The last coefficient that is wanted.
    t0 : float, optional
        When it starts, where the slope depends on t.

    Returns
    -------
    array or structure of arrays
        Of the structure of y0, each of shape ``(order + 1, *y.shape)``.

    Raises
    ------
    ArgumentError
        Where order is negative, or no whole number.
    StructureError, ShapeError, ComplexError
        Where f does not answer a slope for each array of y, or a complex one for a real y.

    Notes
    -----
    An operation of f costs as in :func:`taylor`.  f may take gradients itself, as that of a
    Hamiltonian, and the coefficients may be differentiated by y0, or by parameters of f.

    Examples
    --------
    >>> import dualrev as dr
    >>> dr.taylor_ode(lambda y: y, 1.0, 3)
    array([1.        , 1.        , 0.5       , 0.16666667])
    """
    check_callable(f, "dr.taylor_ode(f, y0, order)")
    order = whole_number("order", order)
    ys, treedef = flatten_arguments(y0, "y0")
    (times, _) = ([], None) if t0 is None else flatten_arguments(t0, "t0")

    def slopes(*series):
        """Those of the time, which is 1, and of the rest."""
        n = len(times)
        given = (*series[:n], unflatten(treedef, series[n:]))
        result = call_user(f, given, {})
        leaves, _ = flatten_result(result, f)
        if len(leaves) != len(ys) or (treedef is not None and trees.flatten(result)[1] != treedef):
            raise errors.StructureError(
                f"`{name_of(f)}` answers a slope of another structure than that of y.",
                fix="return the slope of each array of y, in the structure of y",
            )
        for slope, y in zip(leaves, ys):
            if slope.shape != y.shape:
                raise errors.ShapeError(
                    f"`{name_of(f)}` answers a slope of shape {slope.shape} for y of shape {y.shape}.",
                    fix="return a slope for each element of y",
                )
            if slope.dtype.kind == "c" and y.dtype.kind != "c":
                raise errors.ComplexError(
                    f"`{name_of(f)}` answers a complex slope of y, which is real.",
                    fix="start from complex numbers: y0 + 0j",
                )
        return [*(np.ones_like(t) for t in times), *leaves]

    start = [*times, *ys]
    found, hides = hides_products(lambda: solution(start, slopes, order))
    if hides:
        kind = Coefficients(order - 1)
        curve = [
            kind.each(lambda c: None if c is None else np.where(np.isfinite(c), c, 0), cs[1:order])
            for cs in found
        ]
        looks = looked_at(f, lambda series: slopes(*series), start, curve, kind)
        found = [[*cs[:2], *map(undetermined, cs[2:], look)] for cs, look in zip(found, looks)]
    answers = [np.stack(_filled(y, cs)) for y, *cs in found[len(times) :]]
    return unflatten(treedef, answers)
