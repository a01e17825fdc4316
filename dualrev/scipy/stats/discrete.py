"""Distributions on whole numbers: derivatives by their shapes.

Must not know any distribution by name.

A mass is 0 but at whole numbers: by the argument and by loc it has no derivative, and is refused.
The distribution functions are steps there, so that their derivative is 0; so are the quantiles in
all but loc.  Outside the support derivatives are 0, and nan where SciPy's value is nan.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualrev.core.guarded import guarded_product
from dualrev.scipy.stats.distributions import Distribution, of_both_tails, unknown

__all__ = ["Discrete"]


class Discrete(Distribution):
    """A distribution on the whole numbers from ``low`` to ``high``, shifted by loc.

    Parameters
    ----------
    original : rv_discrete
        SciPy's object.
    log_slopes, slopes, rises : sequence of callable
        One a shape, of ``(k, *shapes)``: the derivative of the logarithm of the mass, of the mass
        itself (which may be 0 where its slope is not), and of the probability of at most k.
    support : callable
        ``support(*shapes)``: the lowest and the highest number.
    by_shape : dict, optional
        The same of "sf", "logcdf", "logsf", where they do not follow, or with less digits, from the
        rises.
    """

    def __init__(
        self,
        original: Any,
        log_slopes: Sequence[Callable],
        slopes: Sequence[Callable],
        rises: Sequence[Callable],
        support: Callable,
        by_shape: dict[str, Sequence[Callable]] | None = None,
    ):
        super().__init__(original, {"loc": 0})
        self._support = support
        self._declare("logpmf", unknown, *map(self._at_number, log_slopes), unknown)
        self._declare("pmf", unknown, *map(self._at_number, slopes), unknown)
        by_shape = of_both_tails(rises, by_shape)
        for method in ("cdf", "sf"):
            known = by_shape[method]
            self._declare(method, None, *map(self._below_top, known), None)
            logs = by_shape.get(f"log{method}") or [self._relative(method, by) for by in known]
            self._declare(f"log{method}", None, *map(self._below_top, logs), None)
        for method in ("ppf", "isf"):
            self._declare(method, None, *(None for _ in rises), 1)

    def pmf(self, k: Any, *args: Any, **kwds: Any) -> Any:
        """Probability of k."""
        return self._call("pmf", k, args, kwds)

    def logpmf(self, k: Any, *args: Any, **kwds: Any) -> Any:
        """Logarithm of the probability of k."""
        return self._call("logpmf", k, args, kwds)

    def _masked(self, formula, ans, k, shapes, inside):
        """The formula where k is inside, 0 elsewhere; nan where ans is."""
        bad = np.isnan(ans)
        inside = inside & ~bad
        low, _ = self._support(*shapes)
        value = formula(np.where(inside, k, low), *shapes)
        return np.where(inside, value, np.where(bad, np.nan, 0.0))

    def _at_number(self, formula):
        def partial(ans, k, *parameters):
            *shapes, loc = parameters
            k = k - loc
            low, high = self._support(*shapes)
            return self._masked(
                formula, ans, k, shapes, (low <= k) & (k <= high) & (k == np.floor(k))
            )

        return partial

    def _below_top(self, formula):
        def partial(ans, k, *parameters):
            *shapes, loc = parameters
            k = np.floor(k - loc)
            low, high = self._support(*shapes)
            return self._masked(formula, ans, k, shapes, (low <= k) & (k < high))

        return partial

    def _relative(self, method, by):
        """Of a logarithm by a shape."""
        plain = self._primitives[method]
        return lambda k, *shapes: guarded_product(by(k, *shapes), 1 / plain(k, *shapes, 0))
