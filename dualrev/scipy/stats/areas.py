"""Areas under a density from its argument to the ends of the support, and their derivatives.

Owns how they are integrated, and where they serve in the place of SciPy's.  Must not know any
distribution by name, nor what loc and scale do.

What is integrated is the density over that at the argument, as a number: so a tail has all its digits
where the probability in it is below all numbers.
"""

from collections.abc import Callable

import numpy as np
from scipy.integrate import cubature

from dualrev.scipy.stats.formulas import ByNumbers, Formula, everywhere

__all__ = ["Areas"]

#: Of an integral, as a part of what it is about; a larger error is nan.
_ENOUGH, _LARGEST_ERROR, _MOST_PARTS = 1e-11, 1e-8, 100
#: By how many roundings one of the argument may move the logarithm of the density, and what an
#: integral keeps then of each.
_MOST_BLURRED, _BLUR = 1e8, 1e-15
#: From here on a probability may have lost digits as 1 minus the rest; what agrees so far has not,
#: and what differs by more is no rounding.
_SMALL, _SAME, _LARGEST_LOSS = 1e-6, 1e-8, 1e-12


class Areas:
    """Of the areas from the argument of a density to both ends of its support.

    Parameters
    ----------
    log_density : Formula
        The logarithm of the density.
    ends : callable
        ``ends(*shapes)``: those of the support, in functions that dispatch.
    log_tails : callable
        ``log_tails(*args)``: the logarithms of SciPy's areas, to the lower and to the upper end.
    is_spare : bool
        Whether they are known only where SciPy's is small, and has lost digits; otherwise wherever
        it is the smaller one.
    """

    def __init__(
        self, log_density: Formula, ends: Callable, log_tails: Callable, *, is_spare: bool = False
    ):
        nothing = (0,) * log_density.arity
        self._log_density = log_density(*nothing)
        self._sides = [_Ratio(log_density, ends, log_tails, side, is_spare) for side in (0, 1)]
        #: The areas over the density, nan where they are not known.
        self.ratios = [side(*nothing) for side in self._sides]

    def by(self, position: int, side: int, otherwise: Callable) -> Callable:
        """An area by one argument, from its slope or that of the rest."""

        def slope(*args):
            ans = otherwise(*args)
            for i, sign in ((1 - side, -1), (side, 1)):
                log = self._log_density(*args)
                is_known, rate, log = _known(self._sides[i].by(position)(*args), log)
                ans = np.where(is_known, sign * np.exp(log) * rate, ans)
            return ans

        return slope

    def relative(self, position: int, side: int, otherwise: Callable) -> Callable:
        """The logarithm of an area by one argument."""

        def slope(*args):
            rate, ratio = self._sides[side].by(position)(*args), self.ratios[side](*args)
            is_known, rate, ratio = _known(rate, ratio)
            return np.where(is_known, rate / ratio, otherwise(*args))

        return slope


def _known(*parts):
    """Where all are finite, and they; elsewhere 1, which keeps a nan from derivatives."""
    is_known = np.isfinite(sum(parts))
    return is_known, *(np.where(is_known, part, 1.0) for part in parts)


class _Ratio(ByNumbers):
    """A derivative of an area, or that itself, over the density."""

    def __init__(self, log_density, ends, log_tails, side, is_spare):
        super().__init__(log_density.arity, self._is_needed)
        self._log_density, self._ends, self._log_tails = log_density, ends, log_tails
        self._nothing = (0,) * log_density.arity
        self._side, self._sign, self._is_spare = side, 2 * side - 1, is_spare
        self._integrands = {
            is_far: Formula(f, 3 + log_density.arity, everywhere)
            for is_far, f in ((True, self._far), (False, self._near))
        }

    def _raised(self, orders, i):
        higher, by_log = super()._raised(orders, i), self._log_density.by(i)
        return lambda ans, *args: higher(ans, *args) - ans * by_log(*args)

    def _is_needed(self, *args):
        is_valid = self._log_density._is_valid(*args)
        below, above = self._log_tails(*args)
        if not self._is_spare:
            return is_valid & ((below <= above) != self._side)
        own = (below, above)[self._side]
        is_small = np.broadcast_to(is_valid & (own < np.log(_SMALL)), own.shape)
        if not is_small.any():
            return is_small
        some = [np.broadcast_to(a, own.shape)[is_small] for a in args]
        log_area = np.full(own.shape, np.nan)
        ratio = self._compute(self._nothing, *some)
        log_area[is_small] = self._log_density(*self._nothing)(*some) + np.log(ratio)
        is_rounding = np.abs(np.exp(own) - np.exp(log_area)) < _LARGEST_LOSS
        return is_rounding & (np.abs(own - log_area) > _SAME + 10 * _BLUR * self._blur(*args))

    def _blur(self, z, *shapes):
        return np.abs(z * self._log_density.by(0)(z, *shapes))

    def _compute(self, orders, z, *shapes):
        end = np.broadcast_to(self._ends(*shapes)[self._side], z.shape)
        rate = np.abs(self._log_density.by(0)(z, *shapes))
        # Next to an end other than 0 there are too few numbers: sums over them are steps.
        blur = self._blur(z, *shapes)
        out = np.full(z.shape, np.nan)
        for is_far in (True, False):
            mine = (blur < _MOST_BLURRED) & (np.isinf(end) == is_far)
            if mine.any():
                at = z[mine], *(shape[mine] for shape in shapes)
                size, steepness = self._measure(is_far, rate[mine], end[mine], *at)
                level = self._log_density(*self._nothing)(*at)
                out[mine] = self._integral(orders, is_far, blur[mine], size, steepness, level, *at)
        return out

    def _measure(self, is_far, rate, end, *args):
        """About what the ratio is, and what an integrand is stretched by."""
        if is_far:  # an exponential falls to 1/e within 1 / rate
            own = self._log_tails(*args)[self._side]
            by_own = np.exp(own - self._log_density(*self._nothing)(*args))
            length = np.where(own > np.log(_SMALL), by_own, 1 / rate)
            length = np.where((length > 0) & np.isfinite(length), length, 1.0)
            return length, length
        length = np.abs(args[0] - end)
        steepness = rate * length
        return length / (1 + steepness), steepness

    def _far(self, t, reach, level, z, *shapes):
        x = z + self._sign * reach * t / (1 - t)
        return np.exp(self._log_density.at(x, *shapes) - level) * (reach / (1 - t) ** 2)

    def _near(self, t, steepness, level, z, *shapes):
        # The power smooths what is singular at the end; the quotient leads from where it falls.
        end = self._ends(*shapes)[self._side]
        power, total = t**4 * (1 + steepness), 1 + steepness * t**4
        x = end + (z - end) * (power / total)
        rate = 4 * t**3 * (1 + steepness) / total**2
        density = np.exp(self._log_density.at(x, *shapes) - level)
        return density * (self._sign * (end - z) * rate)

    def _integral(self, orders, is_far, blur, size, *args):
        """Of about this size."""
        made = self._integrands[is_far]
        slope, value = (made(0, 0, 0, *n) for n in (orders, self._nothing))

        def integrand(t):  # a column of places
            ans = slope(t, *args) / size
            return ans if np.isfinite(ans).all() else np.where(value(t, *args) > 0, ans, 0.0)

        enough = max(_ENOUGH, _BLUR * np.max(blur))
        # quad_vec asks for one place at a time, which takes six times as long.
        found = cubature(
            integrand, [0.0], [1.0], rtol=enough, atol=enough, max_subdivisions=_MOST_PARTS
        )
        total = found.estimate
        is_known = found.error < max(_LARGEST_ERROR, enough) * np.maximum(1, np.abs(total))
        ans = np.where(is_known, total * size, np.nan)
        if size.size > 1:
            for i in np.flatnonzero(~is_known):  # others may have taken all parts
                part = (a[i : i + 1] for a in (blur, size, *args))
                ans[i : i + 1] = self._integral(orders, is_far, *part)
        return ans
