"""Families of location and scale: all derivatives from a few facts about the standard distribution.

Must not know any distribution by name.

Write f, F and Q for density, distribution function and quantile function of the standard form, and
z = (x - loc) / scale.  The slopes of log f, in z and in each shape, give those of logpdf and pdf.
The rest follows from how a quantile of given probability moves with a parameter, its drift: 1 with
loc, z with scale, scale * dQ/dshape with a shape.  F falls by the density times the drift
(Figurnov, Mohamed and Mnih (2018), "Implicit reparameterization gradients", equation 6).  Of a
shape either this drift is known, or dF/dshape, its rise.

Outside the support, where the functions are constant, derivatives are 0; nan where the parameters
are wrong and SciPy's value is nan.  At its ends they are those from within; but that of a density
that is 0 there is 0.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.stats import rv_continuous

from dualrev.core.arrays import nowhere
from dualrev.core.guarded import guarded_product
from dualrev.scipy.stats.areas import Areas
from dualrev.scipy.stats.distributions import Distribution, of_both_tails, unknown

__all__ = ["Continuous"]

#: Above this logarithm an area has all its digits.
_FAR = -13.0
#: Beyond this size a difference of logarithms has lost what their quotient is.
_MOST_DIGITS = 1e11
#: How near to an end, as a part of it, a quantile may have too few digits, and what it may lose.
_NEAR, _ROUNDING, _MOST_LOST = 1e-8, 1.1e-16, 1e-4


class Continuous(Distribution):
    """A continuous distribution with location and scale.

    Parameters
    ----------
    original : rv_continuous
        SciPy's object.
    slope : callable
        ``slope(z, *shapes)``: d log f / dz.
    slopes : sequence of callable
        The same by each shape.
    drifts, rises : sequence of callable
        One a shape, of ``(z, *shapes)``: dQ/dshape where Q is z, or dF/dshape; all of one kind.
    density_slopes : sequence of callable, optional
        df/dz, and df by each shape, where f may be 0 within the support.
    by_shape : dict, optional
        The same of "sf", "logcdf", "logsf": the derivatives of such a method by each shape, where they
        do not follow, or with less digits, from the rises.
    support : callable, optional
        ``support(*shapes)``: the lower end, some point inside, and the upper end; the whole line by
        default.
    hazards : callable or None, callable or None
        ``hazard(z, *shapes)``: f / F and f / (1 - F), where they are known to more digits than the
        difference of SciPy's logarithms has.
    areas : Areas, optional
        F and 1 - F where SciPy's have lost digits.
    quantiles : dict, optional
        Of "ppf" and "isf": the derivatives by the probability and by each shape, where next to an end of
        the support a quantile has too few digits to tell them.
    """

    def __init__(
        self,
        original: Any,
        slope: Callable,
        slopes: Sequence[Callable] = (),
        *,
        drifts: Sequence[Callable] = (),
        rises: Sequence[Callable] = (),
        density_slopes: Sequence[Callable] = (),
        by_shape: dict[str, Sequence[Callable]] | None = None,
        support: Callable | None = None,
        ends: Sequence[tuple[Callable, Callable]] = (),
        hazards: tuple[Callable | None, Callable | None] = (None, None),
        areas: Areas | None = None,
        quantiles: dict[str, Sequence[Callable]] | None = None,
    ):
        super().__init__(original, {"loc": 0, "scale": 1})
        self._support = support
        log_slopes = self._log_slopes(slope, slopes)
        self._declare("logpdf", *log_slopes)
        by_log = [_times_answer(by) for by in log_slopes]
        self._declare("pdf", *(self._density_slopes(density_slopes) if density_slopes else by_log))
        density = self._primitives["pdf"]

        def there(ans, *args):
            return density(*args)

        by_x, *drifts = self._drifts(drifts)
        moved: list = [*ends, *[None] * (len(slopes) - len(ends))]
        by_shape = of_both_tails(rises, by_shape)
        for side, (method, sign) in enumerate((("cdf", 1), ("sf", -1))):
            rate, known = self._rate(hazards[side], areas, side), by_shape[method]
            logs = by_shape.get(f"log{method}") or [self._relative(method, by) for by in known]
            if areas is not None:
                known = [areas.by(i, side, by) for i, by in enumerate(known, 1)]
                logs = [areas.relative(i, side, by) for i, by in enumerate(logs, 1)]
                by_shape[method] = known
            for name, of_this, by_rise in (
                (method, there, known),
                (f"log{method}", rate, logs),
            ):
                by_drift = [_moved(-sign, of_this, drift) for drift in (by_x, *drifts)]
                by_rise = [self._risen(*pair) for pair in zip(by_rise, moved)]
                self._declare(name, by_drift[0], *by_rise, *by_drift[1:])
        for method, sign, known in (("ppf", 1, by_shape["cdf"]), ("isf", -1, by_shape["sf"])):
            risen = [self._risen(by, None) for by in known]
            fallen = [self._risen(by, None) for by in by_shape["sf" if sign == 1 else "cdf"]]
            by_shapes = [_carried(-sign, density, *both) for both in zip(risen, fallen)]
            by_shapes += [_at_answer(drift) for drift in drifts[:-2]]
            by_shapes = [self._with_ends(sign, *pair) for pair in zip(by_shapes, moved)]
            of_standard = [self._sparsity(sign, density, log_slopes[0]), *by_shapes]
            if quantiles:
                of_standard = list(map(_by_own, quantiles[method], of_standard))
            self._declare(method, *of_standard, _by_loc, _by_scale)

    def _declare(self, method, *partials):
        if (
            type(self.original).cdf is not rv_continuous.cdf
        ):  # which may place itself, as levy_stable
            partials = (*partials[:-1], unknown)
        super()._declare(method, *partials)

    def pdf(self, x: Any, *args: Any, **kwds: Any) -> Any:
        """Probability density at x."""
        return self._call("pdf", x, args, kwds)

    def logpdf(self, x: Any, *args: Any, **kwds: Any) -> Any:
        """Logarithm of the probability density at x."""
        return self._call("logpdf", x, args, kwds)

    def _place(self, ans, x, parameters, ends=True):
        """z, where it is in the support, and a point that always is."""
        *shapes, loc, scale = parameters
        z = (x - loc) / scale
        inside, inner = ~np.isnan(ans), 0.0
        if self._support is not None:
            low, inner, high = self._support(*shapes)
            inside = inside & ((low <= z) & (z <= high) if ends else (low < z) & (z < high))
        return z, inside, inner

    def _within(self, formula, ends=True):
        """``formula(z, scale, *shapes)`` where x is in the support, 0 outside, nan where ans is."""

        def partial(ans, x, *parameters):
            *shapes, _, scale = parameters
            z, inside, inner = self._place(ans, x, parameters, ends)
            if nowhere(~inside):
                return formula(z, scale, *shapes)
            # A formula is not evaluated outside: where() would not keep its nan from derivatives.
            value = formula(np.where(inside, z, inner), scale, *shapes)
            return np.where(inside, value, np.where(np.isnan(ans), np.nan, 0.0))

        return partial

    def _log_slopes(self, slope, slopes):
        """Of log f(z) - log(scale)."""
        formulas = [
            lambda z, scale, *shapes: slope(z, *shapes) / scale,
            *(lambda z, scale, *shapes, by=by: by(z, *shapes) for by in slopes),
            lambda z, scale, *shapes: -slope(z, *shapes) / scale,
            lambda z, scale, *shapes: -(1 + z * slope(z, *shapes)) / scale,
        ]
        return [self._within(formula) for formula in formulas]

    def _density_slopes(self, slopes):
        """Of f(z) / scale."""
        slope, *by_shapes = slopes
        formulas = [
            lambda z, scale, *shapes: slope(z, *shapes) / scale**2,
            *(lambda z, scale, *shapes, by=by: by(z, *shapes) / scale for by in by_shapes),
            lambda z, scale, *shapes: -slope(z, *shapes) / scale**2,
        ]
        by_x, *others = map(self._within, formulas)

        def by_scale(ans, x, *parameters):
            *_, loc, scale = parameters
            return -(ans + (x - loc) * by_x(ans, x, *parameters)) / scale

        return [self._but_at_empty_ends(by) for by in (by_x, *others, by_scale)]

    def _but_at_empty_ends(self, partial):
        """0 at an end where the density is 0."""
        if self._support is None:
            return partial

        def by(ans, x, *parameters):
            value = partial(ans, x, *parameters)
            is_empty = np.equal(ans, 0)
            if nowhere(is_empty):
                return value
            _, within, _ = self._place(ans, x, parameters, ends=False)
            return np.where(is_empty & ~within, 0.0, value)

        return by

    def _drifts(self, drifts):
        """With each shape, loc and scale; first that with x, which is a quantile's the other way."""
        formulas = [
            lambda z, scale, *shapes: -1.0,
            *(lambda z, scale, *shapes, by=by: scale * by(z, *shapes) for by in drifts),
            lambda z, scale, *shapes: 1.0,
            lambda z, scale, *shapes: z,
        ]
        return [self._within(formula) for formula in formulas]

    def _risen(self, by, end):
        """F, 1 - F or a logarithm of them by a shape, which may move an end: there from within."""
        within, closed = (
            self._within(lambda z, scale, *shapes: by(z, *shapes), ends=ends)
            for ends in (False, True)
        )
        if end is None:
            return within

        def partial(ans, x, *parameters):
            *shapes, loc, scale = parameters
            z = (x - loc) / scale
            low, _, high = self._support(*shapes)
            is_low, is_high = np.equal(z, low), np.equal(z, high)
            if nowhere(is_low | is_high):
                return within(ans, x, *parameters)
            slope = np.where(is_low, end[0](*shapes), end[1](*shapes))
            at_rest = (is_low | is_high) & np.equal(slope, 0)
            return np.where(at_rest, 0.0, closed(ans, x, *parameters))

        return partial

    def _with_ends(self, sign, by_shape, end):
        """A quantile by a shape that moves the ends of the support: those of 0 and 1, or rounded to."""
        if end is None:
            return by_shape

        def partial(ans, q, *parameters):
            *shapes, loc, scale = parameters
            inner = by_shape(ans, q, *parameters)
            low, _, high = self._support(*shapes)
            is_low, is_high = (np.equal(q, edge) for edge in (0, 1)[::sign])
            is_low = is_low | np.less_equal(ans, low * scale + loc)
            is_high = is_high | np.greater_equal(ans, high * scale + loc)
            if nowhere(is_low | is_high):
                return inner
            of_low, of_high = (by(*shapes) for by in end)
            moved = scale * np.where(is_low, of_low, of_high)
            return np.where(is_low | is_high, moved + 0 * ans, inner)

        return partial

    def _sparsity(self, sign, density, log_slope):
        """Of a quantile by its probability: nan next to an end where its rounding moves the density."""

        def partial(ans, q, *parameters):
            rate = sign / density(ans, *parameters)
            if self._support is None:
                return rate
            *shapes, loc, scale = parameters
            low, _, high = self._support(*shapes)
            from_low, from_high = ans - (low * scale + loc), high * scale + loc - ans
            from_end = np.where(np.less(from_low, from_high), from_low, from_high)
            size = np.absolute(ans)
            is_near = (from_end <= _NEAR * size) & np.not_equal(q, 0) & np.not_equal(q, 1)
            if nowhere(is_near):
                return rate
            loss = _ROUNDING * size * np.absolute(log_slope(ans, ans, *parameters))
            return np.where(is_near & ~(loss < _MOST_LOST), np.nan * ans, rate)

        return partial

    def _rate(self, hazard, areas, side):
        """Density over F or 1 - F."""
        if hazard is not None:
            return self._within(lambda z, scale, *shapes: hazard(z, *shapes) / scale)
        log_density = self._primitives["logpdf"]

        def rate(ans, x, *parameters):
            log_rate = log_density(x, *parameters) - ans
            is_lost = np.isfinite(ans) & (ans < -_MOST_DIGITS)
            if not nowhere(is_lost):
                log_rate = np.where(is_lost, np.nan * ans, log_rate)
            if self._support is not None:
                _, inside, _ = self._place(ans, x, parameters)
                if not nowhere(~inside):
                    log_rate = np.where(inside, log_rate, 0.0)
            return self._by_area(areas, side, np.exp(log_rate), ans, x, parameters)

        return rate

    def _by_area(self, areas, side, rate, ans, x, parameters):
        """The rate, or one of more digits, far in a tail."""
        if areas is None or nowhere(ans < _FAR):
            return rate
        by = self._within(lambda z, scale, *shapes: scale * areas.ratios[side](z, *shapes))
        ratio = by(ans, x, *parameters)
        is_known = ratio > 0
        return np.where(is_known, 1 / np.where(is_known, ratio, 1.0), rate)

    def _relative(self, method, by):
        """Of a logarithm by a shape."""
        return lambda z, *shapes: by(z, *shapes) / self._primitives[method](z, *shapes, 0, 1)


# A factor that is exactly 0 wins over one that is not finite: far in a tail, or outside the support.


def _times_answer(partial):
    return lambda ans, *args: guarded_product(ans, partial(ans, *args))


def _moved(sign, rate, drift):
    return lambda *args: guarded_product(sign * rate(*args), drift(*args), both=True)


def _carried(sign, density, rise, fall):
    """By the tail that is the smaller one, which has more digits than 1 minus the rest."""

    def partial(ans, q, *parameters):
        is_rest = np.greater(q, 0.5)
        moved = rise(ans, ans, *parameters)
        if not nowhere(is_rest):
            moved = np.where(is_rest, -fall(ans, ans, *parameters), moved)
        height = density(ans, *parameters)
        slope = guarded_product(sign * moved, 1 / height)
        # Between 0 and 1 a density of 0 is one below all numbers, and so is what it divides.
        is_lost = np.equal(height, 0) & (q > 0) & (q < 1)
        return slope if nowhere(is_lost) else np.where(is_lost, np.nan, slope)

    return partial


def _by_own(own, otherwise):
    """Between the probabilities 0 and 1 by the slope of the quantile's own formula."""

    def partial(ans, q, *parameters):
        *shapes, _, scale = parameters
        inside = (q > 0) & (q < 1) & ~np.isnan(ans)
        if nowhere(~inside):
            return scale * own(q, *shapes)
        inner = scale * own(np.where(inside, q, 0.5), *shapes)
        return np.where(inside, inner, otherwise(ans, q, *parameters))

    return partial


def _by_loc(ans, *args):
    return np.where(np.isnan(ans), np.nan, 1.0)


def _by_scale(ans, q, *parameters):
    *_, loc, scale = parameters
    return (ans - loc) / scale


def _at_answer(drift):
    return lambda ans, q, *parameters: drift(ans, ans, *parameters)
