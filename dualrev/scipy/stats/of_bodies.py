"""What is known of a distribution of SciPy's of which there is its code: formulas made of that.

Must not know any distribution by name, nor how derivatives by location and scale follow.
"""

import weakref
from typing import Any

import numpy as np
from scipy.stats import rv_continuous, rv_discrete

from dualrev.closures import traced_in
from dualrev.core.traced import is_traced
from dualrev.core.words import constant
from dualrev.scipy.bodies import means, remade
from dualrev.scipy.one_point import CHECKS
from dualrev.scipy.stats.areas import Areas
from dualrev.scipy.stats.compiled import FORMULAS
from dualrev.scipy.stats.continuous import Continuous
from dualrev.scipy.stats.discrete import Discrete
from dualrev.scipy.stats.distributions import unknown
from dualrev.scipy.stats.formulas import Formula, Integral, Sum, everywhere, first_known
from dualrev.ways import aligned

__all__ = ["continuous", "discrete"]

CHECKS.add("rv_sample.__init__")  # that the sum of the masses is 1


class _Body:
    """The methods of a distribution's standard form, and what its shapes may be."""

    def __init__(self, original, base):
        self.original, self.ours = original, remade(original)
        self._base = base
        self.shapes = original._shape_info()
        self._moves = self.says("_get_support")
        self._support = self._known("_get_support") or self.ours._get_support
        self.has_density = base is rv_continuous and (self.says("_pdf") or self.says("_logpdf"))

    def says(self, method):
        """Whether the distribution has such a method of its own, rather than that of any."""
        own, base = type(self.original), self._base
        return self._known(method) or getattr(own, method) is not getattr(base, method)

    def _known(self, method):
        return FORMULAS.get((self.original.name, method))

    def formula(self, method, *, has_own_values=False):
        return Formula(
            self._known(method) or getattr(self.ours, method),
            1 + len(self.shapes),
            self._is_inside,
            value=None if has_own_values else getattr(self.original, method),
            is_stepped=self._base is rv_discrete,
        )

    def quantiles(self):
        """By the probability and each shape, of formulas of our own; of SciPy's, digits are lost."""
        if not self._known("_ppf"):
            return None
        made = {}
        for method in ("ppf", "isf"):
            formula = Formula(
                self._known(f"_{method}"),
                1 + len(self.shapes),
                lambda q, *shapes: self._is_allowed(*shapes),
            )
            made[method] = [formula.by(0), *self.by_shapes(formula.by)]
        return made

    def areas(self, *, is_spare=False):
        """Under the density, to either end of the support."""

        def ends(*shapes):
            if self._moves:
                return self._support(*shapes)
            return self.original.a, self.original.b

        def log_tails(*args):
            return self.original._logcdf(*args), self.original._logsf(*args)

        return Areas(self.formula("_logpdf"), ends, log_tails, is_spare=is_spare)

    def _is_inside(self, z, *shapes):
        low, high = self._support(*shapes)
        return self._is_allowed(*shapes) & np.isfinite(z) & (low <= z) & (z <= high)

    def _is_allowed(self, *shapes):
        return np.asarray(self.original._argcheck(*shapes), bool)

    def by_shapes(self, derivative):
        """Of a formula, or what answers one for a position; of a shape that counts there is none."""
        return [self._unless_whole(i, derivative(i + 1)) for i in range(len(self.shapes))]

    def _unless_whole(self, i, by):
        if not self.shapes[i].integrality:
            return by

        def attempt(x, *shapes):
            halves = (s + 0.5 * (j == i) for j, s in enumerate(map(np.asarray, shapes)))
            if not np.any(self._is_allowed(*halves)):
                return unknown()
            return by(x, *shapes)

        return attempt

    def support(self):
        """The ends as functions of the shapes, and their slopes by each."""
        if not self._moves:
            low, high = self.original.a, self.original.b
            inner = _between(low, high)
            if np.isinf(low) and np.isinf(high):
                return None, ()
            return lambda *shapes: (low, inner, high), ()
        count = len(self.shapes)
        low, high = (
            Formula(
                lambda *shapes, k=k: self._support(*shapes)[k] + 0 * shapes[0],
                count,
                self._is_allowed,
            )
            for k in (0, 1)
        )
        ends = tuple(f(*(0 for _ in range(count))) for f in (low, high))

        def _inner(*shapes):
            return _between(*self._support(*shapes))

        inner = constant(_inner, arity=count, batch=aligned)
        return (
            lambda *shapes: (ends[0](*shapes), inner(*shapes), ends[1](*shapes)),
            [(low.by(i), high.by(i)) for i in range(count)],
        )


def _between(low, high):
    low, high = np.broadcast_arrays(np.asarray(low, float), np.asarray(high, float))
    finite_low, finite_high = np.isfinite(low), np.isfinite(high)
    with np.errstate(invalid="ignore"):
        middle = (low + high) / 2
    inner = np.where(finite_low, low + 1, np.where(finite_high, high - 1, 0.0))
    return np.where(finite_low & finite_high, middle, inner)[()]


def continuous(original: Any) -> Continuous:
    """Of a continuous distribution: from the code of its ``_logpdf``, ``_cdf``, ``_sf``, ..."""
    body = _Body(original, rv_continuous)
    log_density = body.formula("_logpdf")
    rises = _rises(body)
    support, ends = body.support()
    density = body.formula("_pdf")
    return Continuous(
        original,
        log_density.by(0),
        body.by_shapes(log_density.by),
        density_slopes=[density.by(0), *body.by_shapes(density.by)],
        rises=rises,
        by_shape=_by_shape(body, rises),
        support=support,
        ends=ends,
        areas=body.areas(is_spare=True) if body.has_density else None,
        quantiles=body.quantiles(),
    )


def _rises(body):
    """dF/dshape by the code of the distribution function, or the area under the density's slope."""
    choices = _of_distribution(body)
    if body.has_density:
        areas = body.areas()
        choices.append(lambda i: areas.by(i, 0, lambda *args: np.nan))
    return body.by_shapes(lambda i: first_known(*(choice(i) for choice in choices)))


def _of_distribution(body):
    """By the code of the distribution function, or of the rest."""
    if body.says("_cdf"):
        return [body.formula("_cdf").by]
    if body.says("_sf"):
        fall = body.formula("_sf")
        return [lambda i: lambda *args: -fall.by(i)(*args)]
    return []


def _by_shape(body, rises):
    """What is known by its own code: in a tail that has digits which F has not."""
    known = {}
    if body.says("_sf"):
        own = body.formula("_sf")
        known["sf"] = body.by_shapes(
            lambda i: first_known(own.by(i), lambda *args: -rises[i - 1](*args))
        )
    for method in ("_logcdf", "_logsf"):
        if body.says(method):
            known[method[1:]] = body.by_shapes(body.formula(method).by)
    return known


def discrete(original: Any) -> Discrete:
    """Of a distribution on whole numbers: from the code of its ``_logpmf``, ``_pmf`` and ``_cdf``."""
    body = _Body(original, rv_discrete)
    log_mass, mass = body.formula("_logpmf"), body.formula("_pmf")
    summed = body.formula("_pmf", has_own_values=True)
    sums = [Sum(summed, original._get_support, side) for side in (0, 1)]
    choices = [*_of_distribution(body), sums[0].by]
    rises = body.by_shapes(lambda i: first_known(*(choice(i) for choice in choices)))
    known = _by_shape(body, rises)
    if len(choices) == 1:
        known["sf"] = body.by_shapes(sums[1].by)
        for method, summed in zip(("logcdf", "logsf"), sums):
            known[method] = body.by_shapes(summed.relative)
    return Discrete(
        original,
        body.by_shapes(log_mass.by),
        body.by_shapes(mass.by),
        rises,
        original._get_support,
        known,
    )


# --------------------------------------------------- what SciPy integrates where it knows no formula


def _integrated(original, integrand):
    """Declare an integral over the density: of each object of the class, by its shapes."""
    known: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()

    def method(self, *args):
        has_fixed_support = "_get_support" not in _own_methods(type(self))
        if not (is_traced(args) and has_fixed_support) or traced_in(vars(self)):
            return remade(original)(self, *args)
        first, shapes = args[: len(args) - self.numargs], args[len(args) - self.numargs :]
        made = known.setdefault(self, {})
        if first not in made:
            made[first] = Integral(
                lambda *numbers: original(self, *first, *numbers),
                Formula(lambda *at: integrand(self, *first, *at), 1 + len(shapes), everywhere),
                (self.a, self.b),
                lambda *shapes: np.asarray(self._argcheck(*shapes), bool),
            )(*(0 for _ in shapes))
        return made[first](*shapes)

    means(original, method)


def _own_methods(cls):
    return {name for c in cls.__mro__ for name in vars(c) if c.__name__ not in _BASES}


_BASES = {"rv_continuous", "rv_generic", "object"}


def _moment(self, order, x, *shapes):
    return x**order * self._pdf(x, *shapes)


def _uncertainty(self, x, *shapes):
    density = self._pdf(x, *shapes)
    return -density * self._logpdf(x, *shapes)


_integrated(rv_continuous._mom0_sc, _moment)
_integrated(rv_continuous._mom1_sc, _moment)
_integrated(rv_continuous._entropy, _uncertainty)
