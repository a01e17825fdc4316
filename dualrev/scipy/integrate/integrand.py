"""An integrand that uses traced values, and its integral over given subintervals.

Owns the derivative of an integral by what its limits, its arguments and its integrand's closure
depend on.  Must not know how SciPy integrates.

The derivative is that of a weighted sum of the integrand, traced, over nodes on the subintervals
that SciPy has chosen, since ``d/dp integral f(x, p) dx = integral df/dp dx``; a moving limit b adds
Leibniz's ``f(b) db``.  As the sum is made of ordinary traced operations, both modes, every nesting
and order follow.
"""

from typing import Any

import numpy as np

from dualrev.core.binding import Traced, as_operand, base_of
from dualrev.core.primitive import rule
from dualrev.scipy.integrate.nodes import Line, nodes_and_weights
from dualrev.scipy.integrate.places import at_each
from dualrev.transforms import jvp

__all__ = ["Watched", "integral_on_subintervals", "is_traced", "pinned"]


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

    def __call__(self, x, *args):
        y = self.f(x, *args)
        if type(y) is not float:
            y = as_operand(y)
        self.seen[x] = y
        if isinstance(y, Traced):
            self.traced = True
            y = base_of(y)
        return y

    def traced_at(self, places, args):
        """The traced values at places, of which the plain ones have been computed, stacked."""
        at_once = self._at_once(places, args)
        if at_once is not None:
            return at_once
        if args:
            values = [self.f(x, *args) for x in places]
        else:
            values = [self.seen[x] if x in self.seen else self.f(x) for x in places]
        return stacked(values)

    def _at_once(self, places, args):
        """The same from one call of f, or None.  Ten times faster, where f acts on each x alone."""
        y = at_each(self.f, np.array(places), *args)
        if not isinstance(y, Traced):
            return None
        plain = base_of(list(args))
        for x in places:
            if x not in self.seen:  # SciPy integrated by another rule
                self(x, *plain)
        alone = np.array([base_of(self.seen[x]) for x in places])
        # To rounding: NumPy's loops over arrays are not those over numbers.  What differs more has
        # looked at the type of x.
        agree = np.absolute(base_of(y) - alone) <= 1e-9 * np.absolute(alone)
        return y if agree.all() else None


def stacked(values):
    """Numbers or arrays, of which some are traced, along a new first axis."""
    values = map(as_operand, values)
    return np.stack([v if hasattr(v, "shape") else np.float64(v) for v in values])


def is_traced(*arguments):
    """Whether a tracer is among the arguments, also in their lists and tuples."""
    return any(
        is_traced(*a)
        if type(a) in (list, tuple)
        else isinstance(a, Traced) or (type(a) is np.ndarray and isinstance(as_operand(a), Traced))
        for a in arguments
    )


def _pinned_jvp(tangents, ans, sum_, value=None):
    return tangents[0]


def _pinned_vjp(ct, wanted, ans, sum_, value=None):
    return (ct,)


_pinned = rule(lambda sum_, value=None: value, jvp=_pinned_jvp, vjp=_pinned_vjp, keeps=False)


def pinned(value, sum_):
    """SciPy's value, with the derivative of the weighted sum that is nearly equal to it."""
    if not isinstance(sum_, Traced):
        return value
    return _pinned(sum_.reshape(np.shape(value)), value=np.asarray(value)[()])


# ----------------------------------------------------------------------- the traced integral


# Gauss and Legendre's three points on [0, 1]: exact for polynomials up to degree 5.
_GAUSS = ((0.5 - 0.15**0.5, 5 / 18), (0.5, 8 / 18), (0.5 + 0.15**0.5, 5 / 18))


def _beyond(f, end):
    """The integral from the plain value of a limit to the limit itself: 0, with derivative f(end).

    The nodes coincide; moving with the limit they give derivatives exactly up to order 6.
    """
    start = base_of(end)
    step = end - start
    return sum(weight * step * f(start + step * place) for place, weight in _GAUSS)


def _is_finite_at(f, x):
    """Whether f has a finite value and a finite slope at x."""
    try:
        with np.errstate(all="ignore"):
            return all(np.isfinite(base_of(part)).all() for part in jvp(f, (x,), (1.0,)))
    except (ArithmeticError, ValueError):
        return False


def _traced_integral(watched, args, line, nodes, weights, a, b):
    """The integral from a to b over these nodes and weights, in traced operations.

    Nodes stay where they are, and Leibniz's rule accounts for the limits: it holds whatever the
    integrand does between them.  Where it, or its slope, is infinite at a limit the nodes move with
    that instead.
    """
    plain = tuple(base_of(list(args)))
    flip = base_of(b) < base_of(a)
    low, high = (b, a) if flip else (a, b)
    x, w = nodes.tolist(), -weights if flip else weights
    total: Any = 0.0
    stretched: Any = 1.0  # the distance of the limits, as a part of the plain one
    moving = False
    for i, end in enumerate((low, high)):
        if not isinstance(end, Traced) or np.isinf(base_of(end)):
            continue
        if not x or _is_finite_at(lambda x: watched.f(x, *plain), base_of(end)):
            moved = _beyond(lambda x: watched.f(x, *args), end)
            total = total + (-moved if end is a else moved)
            continue
        moving = True
        step = end - base_of(end)
        x = [place + step * part for place, part in zip(x, line.moved(nodes)[i])]
        if not line.infinite:
            stretched = stretched + (step if i else -step) / (line.high - line.low)
    if not x:
        return total
    w = w * stretched
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        values = (
            stacked([watched.f(place, *args) for place in x])
            if moving
            else watched.traced_at(x, args)
        )
    # A node that has rounded to a singular end is left out.
    finite = np.isfinite(base_of(values)).reshape(len(x), -1).all(axis=1) | np.isnan(weights)
    if not finite.all():
        values, w = values[finite], w[finite]
    return total + (w.reshape((-1,) + (1,) * (values.ndim - 1)) * values).sum(axis=0)


def integral_on_subintervals(watched, args, a, b, left, right, values, errors, mirrored):
    """The traced integral over SciPy's subintervals, or finer ones."""
    line = Line(*sorted((float(base_of(a)), float(base_of(b)))), mirrored)
    plain = tuple(base_of(list(args)))
    with np.errstate(all="ignore"):
        nodes, weights = nodes_and_weights(
            lambda x: watched(x, *plain), line, left, right, values, errors
        )
    if not np.isfinite(values).all():  # what has no integral has no derivative of it
        weights = weights * np.nan
    return _traced_integral(watched, args, line, nodes, weights, a, b)
