"""Integrals and sums of functions of one number, one for each element of arrays: tanhsinh and nsum.

Owns the rules that are differentiated.  Must not know how SciPy integrates or sums.
"""

import numpy as np
import scipy.integrate

from dualrev.core.operands import as_operand, numbers_of
from dualrev.core.traced import Traced, is_traced
from dualrev.errors import MissingRuleError, no_rule
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.integrate.hidden import Comparison, mark
from dualrev.scipy.integrate.integrand import beyond, pinned, without_overflows
from dualrev.scipy.integrate.nodes import double_exponential
from dualrev.scipy.twin import like, with_named_arguments
from dualrev.transforms import jvp

__all__ = ["nsum", "tanhsinh"]

#: Steps of the double exponential rule, coarse ones first; and how far it goes.
_STEPS, _LAST = (1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128), 6.0
#: How many terms are added up before the rest is taken for an integral.
_TERMS = (32, 64, 128, 256)


def _rule(step):
    """Distances from both ends of [0, 1], weights, and which belong to the rule of twice the step."""
    left, right, weights = double_exponential(step, _LAST)
    kept = (np.minimum(left, right) > 1e-280) & (weights > 0)
    return left[kept], right[kept], weights[kept], np.flatnonzero(kept) % 2 == 0


def _at(low, high, left, right):
    """Places between limits (n, 1), which may be infinite, and the lengths that they stand for."""
    below, above = np.isinf(low), np.isinf(high)
    a, b = np.where(below, 0.0, low), np.where(above, 0.0, high)
    with np.errstate(all="ignore"):
        near_low = left <= right
        finite = np.where(near_low, a + (b - a) * left, b - (b - a) * right)
        x = np.where(
            below & above,
            (left - right) / (4 * left * right),
            np.where(below, b - right / left, np.where(above, a + left / right, finite)),
        )
        s = left - right
        length = np.where(
            below & above,
            2 * (1 + s**2) / (4 * left * right) ** 2,
            np.where(below, 1 / left**2, np.where(above, 1 / right**2, b - a)),
        )
    inside = (x > low) & (x < high) & np.isfinite(x) & np.isfinite(length)
    middle = np.where(
        below & above, 0.0, np.where(below, b - 1, np.where(above, a + 1, (a + b) / 2))
    )
    return np.where(inside, x, middle), np.where(inside, length, 0.0)


@like(scipy.integrate.tanhsinh)
@with_named_arguments
@each_row
def tanhsinh(f, a, b, *, args=(), log=False, preserve_shape=False, **options):
    """Integrals of a function of one number, one for each element of arrays.

    Equals :func:`scipy.integrate.tanhsinh`; ``integral`` of the result is differentiable in the limits,
    in ``args`` and all that f computes with.

    Parameters
    ----------
    f : callable
        ``f(x, *args)``: plain NumPy, element by element.
    a, b : number or array
        Limits, which may be infinite; broadcast with each other and with args.
    args : tuple of arrays
        Further arguments of f.
    kwargs : dict of arrays
        Those that f takes by name.
    log : bool
        Whether f answers logarithms; of plain numbers only.
    maxlevel, minlevel, atol, rtol, preserve_shape, callback
        As SciPy has them.

    Raises
    ------
    MissingRuleError
        Where the derivative does not converge, or a limit moves at which f is infinite.

    Notes
    -----
    The derivative is that of the double exponential rule (Takahasi and Mori 1974), with steps so small
    that it agrees with twice these; limits that move add ``f(b) db``.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import tanhsinh
    >>> gamma = lambda p: tanhsinh(lambda x, p: x**p * np.exp(-x), 0.0, np.inf, args=(p,)).integral
    >>> dr.elementwise_grad(gamma)(np.array([1.0, 2.0])).round(6)  # digamma(p + 1) gamma(p + 1)
    array([0.422784, 1.845569])
    """
    plain_f, plain_a, plain_b, plain_args = numbers_under((f, a, b, args))
    given = {"log": log, "preserve_shape": preserve_shape, **options}
    found = scipy.integrate.tanhsinh(
        lambda x, *args: numbers_of(as_operand(plain_f(x, *args))),
        *(plain_a, plain_b),
        args=plain_args,
        **given,
    )
    shape = np.shape(found.integral)
    # With preserve_shape f may answer more axes in front than limits and args have.
    own = np.broadcast_shapes(*map(np.shape, (plain_a, plain_b, *plain_args)))
    limits = [np.broadcast_to(as_operand(end) * 1.0, own).reshape(-1, 1) for end in (a, b)]
    arguments = [np.broadcast_to(as_operand(arg), own).reshape(*own, 1) for arg in args]
    low, high = (numbers_of(end) for end in limits)
    sign = np.where(low <= high, 1.0, -1.0)
    low, high = np.minimum(low, high), np.maximum(low, high)

    def spread(x):
        count = x.shape[-1]
        return np.broadcast_to(x.reshape(*own, count), (*shape, count)).reshape(-1, count)

    def values_at(x):
        if preserve_shape:
            x = x.reshape(*own, x.shape[-1])
            return as_operand(f(x, *arguments)).reshape(-1, x.shape[-1])
        return as_operand(f(x, *(arg.reshape(-1, 1) for arg in arguments)))

    x, _ = _at(low, high, *_rule(_STEPS[0])[:2])
    with np.errstate(all="ignore"):
        if not is_traced(*limits, *arguments) and not isinstance(values_at(x), Traced):
            return found
    if log:
        raise no_rule("tanhsinh of traced values with log=True", "integrate np.exp of the function")
    moved = _beyond_limits(limits, values_at, spread)
    total = _converged(values_at, arguments, low, high, sign, spread)
    found.integral = pinned(found.integral, (total + moved).reshape(shape))
    return found


def _converged(values_at, columns, low, high, sign, spread=lambda x: x):
    """The integral between plain limits, in traced operations: (n,)."""
    for step in _STEPS:
        left, right, weights, even = _rule(step)
        x, length = _at(low, high, left, right)
        marks: dict = {}
        mark(columns, marks)
        with np.errstate(all="ignore"):
            first = values_at(x)
            mark(first, marks)
            values = values_at(x)  # behind the marks
            # A place that has rounded to a singular end is left out.
            kept = np.isfinite(numbers_of(values))
            terms = np.where(kept, values * np.where(kept, spread(sign * length), 0.0), 0.0)
        if not isinstance(terms, Traced):
            return np.sum(terms * weights, axis=1)
        difference = weights * np.where(even, -1.0, 1.0)  # of the rule of twice the step
        compared = Comparison(terms.T, difference, weights, marks)
        if not compared.is_finite:
            given = values_at, x
            terms = without_overflows(terms, weights, lambda f, x: f(x), given)
            compared = Comparison(terms.T, difference, weights, marks)
        if compared.agrees():
            return np.sum(terms * weights, axis=1)
    raise MissingRuleError(
        "The derivative of an integral does not converge: it has kinks, jumps or oscillates between the "
        "limits.",
        fix="split the integral at its kinks, and use quad where it oscillates",
    )


def _beyond_limits(limits, values_at, spread):
    """What limits that move add: the integral from their plain values, 0, with derivative f."""
    total = 0.0
    for end, side in zip(limits, (-1.0, 1.0)):
        start = numbers_of(end)
        if not is_traced(end) or np.isinf(start).all():
            continue
        with np.errstate(all="ignore"):
            if not np.isfinite(numbers_of(values_at(start))).all():
                raise no_rule(
                    "An integral by a limit at which the integrand is infinite",
                    "integrate over t from 0 to 1: f(a + (b - a) * t) * (b - a)",
                )
        total = total + side * beyond(values_at, end, spread)[:, 0]
    return total


@like(scipy.integrate.nsum)
@with_named_arguments
@each_row
def nsum(f, a, b, *, step=1, args=(), log=False, maxterms=2**20, **options):
    """Sums of a function over ``a, a + step, ..., b``, one for each element of arrays.

    Equals :func:`scipy.integrate.nsum`; ``sum`` of the result is differentiable in ``args`` and all
    that f computes with.

    Parameters
    ----------
    f : callable
        ``f(x, *args)``: plain NumPy, element by element.
    a, b, step : number or array
        Limits, of which b may be infinite, and the step; held constant.
    args : tuple of arrays
        Further arguments of f.
    kwargs : dict of arrays
        Those that f takes by name.
    log : bool
        Whether f answers logarithms; of plain numbers only.
    maxterms, tolerances
        As SciPy has them.

    Raises
    ------
    MissingRuleError
        Where the derivative does not converge; by the limits, or with an infinite lower one.

    Notes
    -----
    Sums of up to ``maxterms`` terms are added up; of others the first ones, and the formula of Euler and
    Maclaurin for the rest.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import nsum
    >>> zeta = lambda p: nsum(lambda k, p: k**-p, 1, np.inf, args=(p,)).sum
    >>> dr.grad(zeta)(2.0).round(6)
    np.float64(-0.937548)
    """
    if is_traced(a, b, step):
        raise no_rule(
            "nsum by its limits, which are integers,", "give plain numbers for a, b and step"
        )
    plain_f, plain_args = numbers_under((f, args))
    found = scipy.integrate.nsum(
        lambda x, *args: numbers_of(as_operand(plain_f(x, *args))),
        *(a, b),
        step=step,
        args=plain_args,
        log=log,
        maxterms=maxterms,
        **options,
    )
    shape = np.shape(found.sum)
    low, high, width = (np.broadcast_to(x, shape).reshape(-1, 1) * 1.0 for x in (a, b, step))
    columns = [np.broadcast_to(as_operand(arg), shape).reshape(-1, 1) for arg in args]

    def values_at(x):
        return as_operand(f(x, *columns))

    if not is_traced(*columns) and not isinstance(values_at(low), Traced):
        return found
    if log:
        raise no_rule("nsum of traced values with log=True", "sum np.exp of the function")
    if np.isinf(low).any():
        raise no_rule(
            "nsum of traced values from minus infinity",
            "sum both sides: f(-x) from 1, and f(x) from 0",
        )
    count = np.floor((high - low) / width) + 1
    if np.isfinite(count).all() and count.max(initial=0) <= maxterms:
        total = _added(values_at, low, width, count)
    else:
        total = _with_tail(values_at, columns, low, high, width, count)
    found.sum = pinned(found.sum, total.reshape(shape))
    return found


def _added(values_at, low, width, count):
    """The sums of the first terms: (n,)."""
    k = np.arange(count.max(initial=0))
    inside = k < count
    return np.sum(np.where(inside, values_at(np.where(inside, low + k * width, low)), 0.0), axis=1)


def _with_tail(values_at, columns, low, high, width, count):
    """The same, but for the first terms by the formula of Euler and Maclaurin."""
    before = None
    last = np.where(np.isinf(count), np.inf, low + (count - 1) * width)
    marks: dict = {}
    mark(columns, marks)
    mark(values_at(low), marks)
    for terms in _TERMS:
        start = low + np.minimum(terms, np.where(np.isinf(count), np.inf, count - 1)) * width
        direct = _added(values_at, low, width, np.round((start - low) / width))
        try:
            integral = _converged(values_at, columns, start, last, 1.0) / width[:, 0]
        except MissingRuleError as error:
            raise _no_sum() from error
        total = direct + integral + _corrections(values_at, start, width, 1.0)
        if np.isfinite(last).any():
            end = np.where(np.isinf(last), start, last)
            at_end = _corrections(values_at, end, width, -1.0)
            total = total + np.where(np.isinf(last[:, 0]), 0.0, at_end)
        if before is not None:
            both = np.stack([before, total])
            if Comparison(both, np.array([-1.0, 1.0]), np.array([0.0, 1.0]), marks).agrees():
                return total
        before = total
    raise _no_sum()


def _no_sum():
    return MissingRuleError(
        "The derivative of a sum does not converge, or too slowly.",
        fix="add up terms, np.sum(f(np.arange(a, b))), as many as it takes",
    )


def _corrections(values_at, x, width, side):
    """``f / 2 - side (B2 / 2! h f' + B4 / 4! h^3 f''')`` at an end: (n,)"""
    slope = lambda g: lambda x: jvp(g, (x,), (np.ones_like(x),))[1]  # noqa: E731
    first = slope(values_at)
    third = slope(slope(first))
    h = width
    return (values_at(x) / 2 - side * (h * first(x) / 12 - h**3 * third(x) / 720))[:, 0]
