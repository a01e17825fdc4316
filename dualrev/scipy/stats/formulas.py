"""Functions of the standard form that SciPy wrote in Python, and all their derivatives by numbers.

Each derivative, of any order by any of the arguments, is a primitive that works element by element: it
pushes through SciPy's code, on plain numbers.  So whatever differentiates or batches it does so as with
a ufunc.  Owns how they are computed.  Must not know any distribution by name, nor what loc and scale do.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import quad

from dualrev.core.elementwise import elementwise
from dualrev.core.traced import is_traced
from dualrev.errors import CoercionError, InPlaceError, MissingRuleError
from dualrev.scipy.one_point import OnePointError
from dualrev.through import pushed_through

__all__ = ["ByNumbers", "Formula", "Integral", "Sum", "everywhere", "first_known"]

#: Of a moment or an entropy, which SciPy integrates to 1.5e-8.
_LARGEST_QUAD_ERROR = 1e-6
#: What must be left of a sum when its terms cancel, as a part of them.
_LEAST_LEFT = 1e-6


def everywhere(*args: Any) -> Any:
    """Whether all arguments are finite: where a formula without borders is valid."""
    return np.isfinite(sum(args))


class ByNumbers:
    """Derivatives of a function of so many arguments, by how often it is differentiated by each.

    ``is_valid(*args)`` tells where it is a function at all: elsewhere they are nan.
    """

    def __init__(self, arity: int, is_valid: Callable):
        self.arity = arity
        self._is_valid = is_valid
        self._made: dict = {}

    def __call__(self, *orders: int) -> Callable:
        """The primitive."""
        if orders not in self._made:
            made = functools.partial(self._elements, orders)
            made.__name__ = "slope"  # type: ignore[attr-defined]
            partials = (self._raised(orders, i) for i in range(self.arity))
            self._made[orders] = elementwise(made, *partials, guarded=True)
        return self._made[orders]

    def by(self, position: int) -> Callable:
        """The first derivative by one argument."""
        return self(*(int(i == position) for i in range(self.arity)))

    def _raised(self, orders, i):
        raised = tuple(n + (j == i) for j, n in enumerate(orders))
        return lambda ans, *args: self(*raised)(*args)

    def _elements(self, orders, *args):
        args = [np.asarray(a, float) for a in args]
        shape = np.broadcast_shapes(*(a.shape for a in args))
        flat = [self._in_line(a, shape) for a in args]
        out = np.full(shape, np.nan).reshape(-1)
        with np.errstate(all="ignore"):
            valid = np.broadcast_to(np.asarray(self._is_valid(*flat), bool), out.shape)
            if valid.all():
                out[:] = self._compute(orders, *flat)
            elif valid.any():
                some = (a if a.size < out.size else a[valid] for a in flat)
                out[valid] = self._compute(orders, *some)
        return out.reshape(shape)[()]

    def _in_line(self, a, shape):
        return np.broadcast_to(a, shape).ravel()

    def _compute(self, orders, *args):
        raise NotImplementedError


class Formula(ByNumbers):
    """Of a function of Python: of one-dimensional arrays, element by element.

    The first argument of one that is stepped is a whole number: there is nothing on the sides of 0.
    What is not differentiated is computed by ``value``, where that is given.
    """

    def __init__(
        self,
        function: Callable,
        arity: int,
        is_valid: Callable,
        *,
        value: Callable | None = None,
        is_stepped: bool = False,
    ):
        super().__init__(arity, is_valid)
        self._function, self._value, self._is_stepped = function, value or function, is_stepped

    def at(self, *args: Any) -> Any:
        """The function itself."""
        return (self._function if is_traced(*args) else self._value)(*args)

    def _in_line(self, a, shape):
        # A number for all elements stays one: what is computed of it is, once.
        return a.reshape(1) if a.size == 1 else super()._in_line(a, shape)

    def _compute(self, orders, *args):
        if self._is_stepped or not any(orders) or not np.any(np.equal(args[0], 0)):
            return self._derivative(orders, *args)
        args = np.broadcast_arrays(*args)
        center = np.equal(args[0], 0)
        ans = np.empty(center.shape)
        ans[center] = self._at_zero(orders, *(a[center] for a in args))
        if not center.all():
            ans[~center] = self._derivative(orders, *(a[~center] for a in args))
        return ans

    def _at_zero(self, orders, zero, *others):
        """What is written with abs(x) may be smooth at 0, where abs chooses a slope: see both sides.

        Where it has a kink, their mean, as abs has, and no further derivative; where they grow without
        bound, nan.
        """
        try:
            ans = np.broadcast_to(self._derivative(orders, zero, *others), zero.shape)
        except OnePointError:
            ans = np.full(zero.shape, np.nan)
        on_right, on_left = (
            self._is_valid(np.full(ans.shape, x), *others) for x in (1e-300, -1e-300)
        )
        right, left, steady_right, steady_left = self._sides(orders, ans.shape, others)
        is_kink = ~_same(right, left)
        is_smooth = ~is_kink
        for lower in range(1, orders[0]):
            right_of, left_of, *_ = self._sides((lower, *orders[1:]), ans.shape, others)
            is_smooth = is_smooth & _same(right_of, left_of)
        has_mean = steady_right & steady_left & (is_smooth | (is_kink & np.isfinite(ans)))
        chosen = np.where(has_mean, (right + left) / 2, np.nan)
        # 0 may be an end of the support.
        chosen = np.where(on_left, chosen, np.where(steady_right, right, np.nan))
        chosen = np.where(on_right, chosen, np.where(steady_left, left, np.nan))
        return np.where(np.isinf(ans) | ~(on_right | on_left), ans, chosen)

    def _sides(self, orders, shape, others):
        """A derivative right and left of 0, and whether it has become steady on each side."""
        right, left, *farther = (
            np.broadcast_to(self._derivative(orders, np.full(shape, x), *others), shape)
            for x in (1e-300, -1e-300, 1e-150, -1e-150)
        )
        is_steady = [_same(*pair) for pair in zip((right, left), farther)]
        # A power falls to 0, slowly: abs(x)**0.3 is 1e-90 here.
        falls = [np.abs(near) <= 1e-2 * np.abs(far) for near, far in zip((right, left), farther)]
        right, left = (
            np.where(fall & ~steady, 0.0, value)
            for fall, steady, value in zip(falls, is_steady, (right, left))
        )
        return right, left, *(steady | fall for steady, fall in zip(is_steady, falls))

    def _derivative(self, orders, *args):
        ans = self._of_each(orders, *args)
        if np.size(ans) < max(a.size for a in args):
            # Where SciPy's code goes through its arguments together, it ends with the shortest.
            ans = self._of_each(orders, *np.broadcast_arrays(*args))
        return ans

    def _of_each(self, orders, *args):
        try:
            return self._pushed(orders, _slope)(*args)
        except InPlaceError:  # what does not depend on the argument is written to what does
            return self._pushed(orders, _slope_of_all)(*args)
        except (CoercionError, AttributeError) as error:  # compiled code
            raise MissingRuleError("") from error

    def _pushed(self, orders, slope):
        f = self.at
        for i, order in enumerate(orders):
            for _ in range(order):
                f = functools.partial(slope, f, i)
        return f


def _slope(f, i, *args):
    tangents = [np.ones(np.shape(x)) if j == i else None for j, x in enumerate(args)]
    return pushed_through(f, args, tangents)


def _slope_of_all(f, i, *args):
    """The same, with the tangent 0 of the other arguments."""
    tangents = [np.full(np.shape(x), float(j == i)) for j, x in enumerate(args)]
    return pushed_through(f, args, tangents)


def _same(a, b):
    return np.abs(a - b) <= 1e-100 + 1e-12 * np.abs(a)


class Sum(ByNumbers):
    """Of the sum of masses up to the first argument, a whole number, or of those above it.

    Parameters
    ----------
    mass : Formula
        The mass.
    support : callable
        ``support(*shapes)``: the lowest and the highest number.
    side : {0, 1}
        Whether those up to the first argument are added, or those above it.
    """

    def __init__(self, mass: Formula, support: Callable, side: int):
        super().__init__(mass.arity, mass._is_valid)
        self._mass, self._support, self._side = mass, support, side

    def relative(self, position: int) -> Callable:
        """The first derivative of the logarithm by one argument."""
        slope, value = self.by(position), self(*(0,) * self.arity)
        return lambda *args: slope(*args) / value(*args)

    def _compute(self, orders, k, *shapes):
        return [self._of_one(orders, *numbers) for numbers in np.broadcast(k, *shapes)]

    def _of_one(self, orders, k, *shapes):
        low, high = self._support(*shapes)
        if not np.isfinite(low):
            raise MissingRuleError("")
        count = int(k - low) + 1
        known = np.arange(low, (high if np.isfinite(high) else k) + 1)
        terms = self._mass(*orders)(known, *shapes)
        parts = terms[:count], terms[count:]
        own, other = parts[self._side], parts[1 - self._side]
        # All masses together are 1.
        rest = (0.0 if any(orders) else 1.0) - np.sum(other)
        if np.isfinite(high):
            has_more = any(orders) and np.sum(np.abs(other)) < np.sum(np.abs(own))
            return rest if has_more else np.sum(own)
        ans = rest if self._side else np.sum(own)
        return ans if np.abs(ans) > _LEAST_LEFT * np.sum(np.abs(terms)) else np.nan


def first_known(*choices: Callable) -> Callable:
    """The first of some equal functions that has all its rules."""

    def chosen(*args):
        for choice in choices[:-1]:
            try:
                return choice(*args)
            except MissingRuleError:
                continue
        return choices[-1](*args)

    return chosen


class Integral(ByNumbers):
    """Of the integral of a formula over its first argument, from one end of the support to the other.

    Parameters
    ----------
    value : callable
        SciPy's own, of numbers.
    integrand : Formula
        Of the argument and the shapes.
    ends : pair of float
        The ends, which the shapes do not move.
    """

    def __init__(
        self,
        value: Callable,
        integrand: Formula,
        ends: tuple[float, float],
        is_valid: Callable,
    ):
        super().__init__(integrand.arity - 1, is_valid)
        self._value, self._integrand, self._ends = value, integrand, ends

    def _compute(self, orders, *shapes):
        if not any(orders):
            return [self._value(*numbers) for numbers in zip(*shapes)]
        slope = self._integrand(0, *orders)
        return [self._over_support(slope, numbers) for numbers in zip(*shapes)]

    def _over_support(self, slope, shapes):
        def finite(x):
            value = slope(x, *shapes)
            return value if value - value == 0 else 0.0  # where the density is 0, or the end is

        value, error, *_ = quad(finite, *self._ends, full_output=1)
        return value if error <= _LARGEST_QUAD_ERROR * (1 + abs(value)) else np.nan
