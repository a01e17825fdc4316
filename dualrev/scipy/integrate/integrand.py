"""An integrand that uses traced values, and its integral over given subintervals.

Owns the derivative of an integral by what its limits, its arguments and its integrand's closure
depend on.  Must not know how SciPy integrates.

The derivative is that of a weighted sum of the integrand, traced, over nodes on the subintervals
that SciPy has chosen, since ``d/dp integral f(x, p) dx = integral df/dp dx``; a moving limit b adds
Leibniz's ``f(b) db``.  As the sum is made of ordinary traced operations, both modes, every nesting
and order follow.
"""

from functools import partial
from typing import Any

import numpy as np

from dualrev.axes import along
from dualrev.closures import traced_apart
from dualrev.core.operands import as_operand, base_of, numbers_of
from dualrev.core.traced import Traced
from dualrev.errors import MissingRuleError
from dualrev.implicit.corrections import orders_of
from dualrev.known import valued
from dualrev.scipy.integrate.hidden import Comparison, mark
from dualrev.scipy.integrate.nodes import (
    Line,
    nodes_and_weights,
    trusted_by,
    trusted_by_values,
    values_agree,
)
from dualrev.scipy.integrate.places import at_each
from dualrev.transforms import jvp

__all__ = ["Watched", "beyond", "integral_on_subintervals", "pinned", "without_overflows"]


class Watched:
    """The integrand on plain arrays, which keeps its values, traced ones too, by the place x.

    Attributes
    ----------
    traced : bool
        Whether any value was traced.
    """

    def __init__(self, f):
        self.f = f
        self.traced = False
        self.seen = {}
        self.marks = {}
        self.takes_all = None

    def __call__(self, x, *args):
        y = self.f(x, *args)
        if type(y) is not float:
            y = as_operand(y)
        if isinstance(y, Traced):
            if not self.traced:
                self.traced = True
                mark(y, self.marks)
                again = self.f(x, *args)  # behind the marks
                if again is y:  # f keeps its answers: nothing is known of what it has made before
                    self.marks = dict.fromkeys(self.marks, 0)
                y = as_operand(again)
            self.seen[x] = y
            return numbers_of(y)
        self.seen[x] = y
        return y

    def traced_at(self, places, args):
        """The traced values at places, of which the plain ones have been computed, stacked."""
        mark(args, self.marks)
        values = self._at_once(places, args)
        if values is None and args:
            values = stacked([self.f(x, *args) for x in places])
        elif values is None:
            values = stacked([self.seen[x] if x in self.seen else self.f(x) for x in places])
        return values

    def _at_once(self, places, args):
        """The values from one call of f, or None.  Ten times faster, where f acts on each x alone."""
        if self.takes_all is False:
            return None
        y = at_each(self.f, np.array(places), *args)
        if self.takes_all is None:
            self.takes_all = isinstance(y, Traced) and self._is_each(y, places, args)
        return y if self.takes_all else None

    def _is_each(self, y, places, args):
        """Whether the values from one call are those from calls one by one."""
        plain = tuple(numbers_of(list(args)))
        for x in places:
            if x not in self.seen:  # SciPy integrated by another rule
                self(x, *plain)
        alone = np.array([numbers_of(self.seen[x]) for x in places])
        # To rounding, also of terms that cancel at some places: NumPy's loops over arrays are not those
        # over numbers.  What differs more has looked at the type of x.
        finite = np.isfinite(alone)
        least = 1e-12 * np.median(np.absolute(alone[finite])) if finite.any() else 0.0
        return np.allclose(alone, numbers_of(y), rtol=1e-9, atol=least, equal_nan=True)


def stacked(values):
    """Numbers or arrays, of which some are traced, along a new first axis."""
    values = map(as_operand, values)
    return np.stack([v if hasattr(v, "shape") else np.float64(v) for v in values])


def pinned(value, sum_):
    """SciPy's value, with the derivative of the weighted sum that is nearly equal to it."""
    if not isinstance(sum_, Traced):
        return value
    return valued(sum_.reshape(np.shape(value)), np.asarray(value)[()])


#: The part of an integral that a value may be where its derivative has overflowed.
_NOTHING = 1e-30


def without_overflows(values, weights, evaluate, given):
    """Values of an integrand, constant where they add nothing and have no finite derivative.

    There a part has overflowed on its way to 0, as the power in ``1 / x**p``: of the derivative, too,
    nothing is missed.

    Parameters
    ----------
    values : Traced
    weights : array
        Broadcast with them.
    evaluate : callable
        ``evaluate(*given)``: the values again.
    given : tuple
        What may be traced, or compute with what is.
    """
    held, leaves = traced_apart(given)
    with np.errstate(all="ignore"):
        sizes = np.absolute(numbers_of(values) * weights)
        lost = sizes < _NOTHING * np.sum(sizes)
        if not leaves or not lost.any():
            return values
        slope = lambda *leaves: evaluate(*held.with_leaves(leaves).root)  # noqa: E731
        for _ in range(orders_of(values)):
            slope = partial(_along_all, slope)
        numbers = list(map(base_of, leaves))
        # That of sqrt(p) at 0 is infinite there alone.
        for near in (numbers, [x + 1e-8 * (1 + np.absolute(x)) for x in numbers]):
            lost &= ~np.isfinite(numbers_of(slope(*near)))
        return np.where(lost, 0.0, values)


def _along_all(f, *numbers):
    """The derivative of a function along ones."""
    return jvp(f, numbers, tuple(map(np.ones_like, numbers)))[1]


# ----------------------------------------------------------------------- the traced integral


#: Differences of rules that are left at a singular limit that moves, where the integrand itself has
#: lost its digits.
_NOISE = 1e-4

# Gauss and Legendre's three points on [0, 1]: exact for polynomials up to degree 5.
_GAUSS = ((0.5 - 0.15**0.5, 5 / 18), (0.5, 8 / 18), (0.5 + 0.15**0.5, 5 / 18))


def beyond(f, end, spread=lambda step: step):
    """The integral from the plain value of a limit to the limit itself: 0, with derivative f(end).

    The nodes coincide; moving with the limit they give derivatives exactly up to order 6.  What is
    ``spread`` has the shape of the values.
    """
    start = numbers_of(end)
    step = end - start
    return sum(weight * spread(step) * f(start + step * place) for place, weight in _GAUSS)


def _is_finite_at(f, x):
    """Whether f has a finite value and a finite slope at x."""
    try:
        with np.errstate(all="ignore"):
            return all(np.isfinite(numbers_of(part)).all() for part in jvp(f, (x,), (1.0,)))
    except (ArithmeticError, ValueError):
        return False


def _traced_integral(watched, args, line, nodes, weights, difference, a, b, refined):
    """The integral from a to b over these nodes and weights, in traced operations.

    Nodes stay where they are, and Leibniz's rule accounts for the limits: it holds whatever the
    integrand does between them.  Where it, or its slope, is infinite at a limit the nodes move with
    that instead.  Where they do not serve the derivatives, ``refined`` has others.
    """
    plain = tuple(numbers_of(list(args)))
    flip = numbers_of(b) < numbers_of(a)
    low, high = (b, a) if flip else (a, b)
    x, w = nodes.tolist(), -weights if flip else weights
    total: Any = 0.0
    stretched: Any = 1.0  # the distance of the limits, as a part of the plain one
    moving = False
    for i, end in enumerate((low, high)):
        if not isinstance(end, Traced) or np.isinf(numbers_of(end)):
            continue
        if not x or _is_finite_at(lambda x: watched.f(x, *plain), numbers_of(end)):
            moved = beyond(lambda x: watched.f(x, *args), end)
            total = total + (-moved if i == flip else moved)  # a and b may be one object
            continue
        moving = True
        step = end - numbers_of(end)
        x = [place + step * part for place, part in zip(x, line.moved(nodes)[i])]
        if not line.infinite:
            stretched = stretched + (step if i else -step) / (line.high - line.low)
    if not x:
        return total
    w = w * stretched
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if moving:
            # By what the limit depends on as well the integrand alone may have no derivative.
            values, marks = stacked([watched.f(place, *args) for place in x]), {}
        else:
            values, marks = watched.traced_at(x, args), watched.marks
    # A node that has rounded to a singular end is left out.
    finite = np.isfinite(numbers_of(values)).reshape(len(x), -1).all(axis=1) | np.isnan(weights)
    if not finite.all():
        values, w, difference, weights = (part[finite] for part in (values, w, difference, weights))
    if isinstance(values, Traced) and len(weights):
        compared = Comparison(values, difference, weights, marks)
        if not compared.is_finite:
            evaluate = lambda f, x, args: stacked([f(place, *args) for place in x])  # noqa: E731
            x = [place for place, kept in zip(x, finite) if kept]
            values = without_overflows(
                values, along(weights, 0, values.ndim), evaluate, (watched.f, x, args)
            )
            compared = Comparison(values, difference, weights, marks)
        nodes = refined(compared, moving)
        if nodes is not None:
            return _traced_integral(watched, args, line, *nodes, a, b, _must_serve)
    return total + (along(w, 0, values.ndim) * values).sum(axis=0)


def _must_serve(whole, moving):
    served = whole.agrees(_NOISE, rounding=_NOISE) if moving else whole.agrees()
    if not served:
        raise MissingRuleError(
            "The derivative of an integral does not converge: it has kinks, oscillates or is "
            "infinite where the values of the integrand do not show it.",
            fix="name the places of kinks in points=; where it oscillates, allow more subintervals: "
            "limit=500",
        )


def integral_on_subintervals(
    watched, args, a, b, left, right, values, errors, mirrored, limit, converged
):
    """The traced integral over SciPy's subintervals, or finer ones.

    Where SciPy's own integral has converged that of each derivative must, too.
    """
    line = Line(*sorted((float(numbers_of(a)), float(numbers_of(b)))), mirrored)
    plain = tuple(numbers_of(list(args)))
    with np.errstate(all="ignore"):
        chosen = nodes_and_weights(
            values_agree(lambda x: watched(x, *plain), values.sum()),
            line,
            left,
            right,
            trusted_by_values(values, errors),
        )
    if not np.isfinite(values).all():  # what has no integral has no derivative of it
        nodes, weights, difference = chosen
        chosen = nodes, weights * np.nan, difference
        converged = False

    def refined(whole, moving):
        if converged and moving:
            _must_serve(whole, moving)
        if not converged or moving or whole.agrees():
            return None

        def agree(x, w, difference, tolerance):
            traced = watched.traced_at(x.tolist(), args)
            finite = np.isfinite(numbers_of(traced)).reshape(len(x), -1).all(axis=1)
            if not finite.any():
                return True
            local = Comparison(traced[finite], difference[finite], w[finite], watched.marks)
            return local.agrees(tolerance, whole)

        with np.errstate(all="ignore"):
            trusted = trusted_by(agree, line, left, right)
            return nodes_and_weights(agree, line, left, right, trusted, limit)

    return _traced_integral(watched, args, line, *chosen, a, b, refined)
