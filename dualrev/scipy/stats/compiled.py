"""Formulas for what SciPy's distributions compute by compiled code, where a body meets it.

Owns what such a function or method means in a body.  Must not know what a method of a distribution is
to its users.  Only derivatives are taken of these: values stay SciPy's.
"""

import math
from collections.abc import Callable

import numpy as np
from scipy import special, stats
from scipy.special import _ufuncs

from dualrev.closures import without_derivatives
from dualrev.core.elementwise import elementwise
from dualrev.core.guarded import guarded_product
from dualrev.core.primitive import RULES
from dualrev.core.words import constant
from dualrev.errors import MissingRuleError
from dualrev.rules.special.densities import (
    chi_square_density,
    kolmogorov_density,
    noncentral_f_density,
)
from dualrev.rules.special.refusal import refuse
from dualrev.scipy.bodies import means
from dualrev.scipy.by_program import by_program
from dualrev.scipy.stats import masses
from dualrev.scipy.stats.distributions import unknown
from dualrev.scipy.stats.edges import scaled_i0
from dualrev.scipy.stats.formulas import Formula, everywhere
from dualrev.scipy.stats.near_zero import genextreme_at, method_of, pearson3_support


def _by_formula(ufunc, formula, arity):
    """Declare the derivatives of a ufunc by those of an equal formula."""
    known = Formula(formula, arity, everywhere)
    partials = (lambda ans, *args, i=i: known.by(i)(*args) for i in range(arity))
    elementwise(ufunc, *partials, guarded=True)


# ---------------------------------------------------------------------------------- Bessel functions


def _log_k(order, x):
    return np.log(special.kve(order, x)) - x


@method_of(stats.genhyperbolic, "_logpdf")
def _genhyperbolic(x, p, a, b):
    d, s = np.sqrt((a - b) * (a + b)), np.sqrt(1 + x * x)
    shared = p * np.log(d) - (p - 0.5) * np.log(a) - math.log(2 * math.pi) / 2
    return shared - _log_k(p, d) + _log_k(p - 0.5, a * s) + (p - 0.5) * np.log(s) + b * x


@method_of(stats.genhyperbolic, "_pdf")
def _genhyperbolic_density(*args):
    return np.exp(_genhyperbolic(None, *args))


@method_of(stats.geninvgauss, "_logpdf")
def _geninvgauss(x, p, b):
    return (p - 1) * np.log(x) - b * (x + 1 / x) / 2 - math.log(2) - _log_k(p, b)


@method_of(stats.rice, "_pdf")
def _rice_density(x, b):
    return x * np.exp(-((x - b) ** 2) / 2) * scaled_i0(x * b)


# -------------------------------------------------------------------------------------------- Landau


def _landau(m, x):
    """(d/dx)^m of the density with location 0 and scale 1: the inverse Laplace transform of s^s.

    Along the vertical line through the saddle point c = exp(-1 - x), where s = c (1 + i sinh(u)); to the
    right around the cut instead, where s = -t.
    """
    x, m = np.broadcast_arrays(math.pi / 2 * np.asarray(x, float) + math.log(math.pi / 2), m)
    out = np.empty(x.shape)
    for is_right, integral in ((True, _landau_on_cut), (False, _landau_on_line)):
        mine = (x > 0) == is_right
        if mine.any():
            out[mine] = integral(m[mine], x[mine])
    return (out * (math.pi / 2) ** (m + 1))[()]


def _landau_on_cut(m, x):
    """The integral of (-t)^m exp(-t log t - x t) sin(pi t) / pi over t > 0."""
    v = np.arange(-5.0, 5.0, 0.03125)[:, None]
    t = np.exp(v - np.exp(-v)) / x
    rate = t * (1 + np.exp(-v)) * 0.03125
    terms = (-t) ** m * np.exp(-t * np.log(t) - x * t) * np.sin(math.pi * t)
    return np.sum(rate * terms, axis=0) / math.pi


def _landau_on_line(m, x):
    c = np.exp(-1 - x)
    width = 1 / np.sqrt(np.maximum(c, 0.02))
    u = np.arange(-12.0, 12.0, 0.0625)[:, None] * np.minimum(width, 1.0)
    s = c * (1 + 1j * np.sinh(u))
    terms = s**m * np.exp(s * np.log(s) + x * s) * (c * np.cosh(u))
    return np.real(np.sum(terms, axis=0)) * 0.0625 * np.minimum(width, 1.0) / (2 * math.pi)


#: ``landau_slope(m, x)``: the m-th derivative of the density.
landau_slope: Callable = elementwise(_landau, None, lambda ans, m, x: landau_slope(m + 1, x))


@method_of(stats.landau, "_pdf")
def _landau_density(x):
    return landau_slope(0, x)


# ------------------------------------------------------------------------------ noncentral and others

_by_formula(_ufuncs._ncx2_pdf, chi_square_density, 3)
for _name, _sign in (("_ncx2_cdf", 1), ("_ncx2_sf", -1)):
    if hasattr(_ufuncs, _name):
        elementwise(
            getattr(_ufuncs, _name),
            *(
                lambda ans, *args, by=by, sign=_sign: sign * by(ans, *args)
                for by in RULES[special.chndtr].partials
            ),
            guarded=True,
        )


@method_of(stats.ncf, "_pdf")
def _ncf_density(x, dfn, dfd, nc):
    return noncentral_f_density(dfn, dfd, nc, x)


@method_of(stats.nct, "_pdf")
def _nct_density(x, df, nc):
    """The mean of s phi(x s - nc) over s, a chi variable over sqrt(df), by w = log s.

    The integrand is entire in w; its place and width are those of its peak, and move nothing.
    """
    at, v, d = (np.asarray(without_derivatives(a)) for a in (x, df, nc))
    root = np.sqrt(at * at * d * d + 4 * (v + at * at) * (v + 1))
    peak = np.where(
        at * d < 0, 2 * (v + 1) / (root - at * d), (root + at * d) / (2 * (v + at * at))
    )
    width = 1 / np.sqrt(v + 1 + (v + at * at) * peak * peak)
    u = np.arange(-9.0, 4.0, 0.0625)[:, None]
    # To the left it may fall as slowly as exp((df + 1) w).
    w = np.log(peak) + width * np.where(u < 0, np.sinh(u), u * (1 + u * u / 6 + u**4 / 120))
    rate = 0.0625 * width * np.where(u < 0, np.cosh(u), 1 + u * u / 2 + u**4 / 24)
    s = np.exp(w)
    constant = (
        df / 2 * np.log(df / 2) + math.log(2 / math.sqrt(2 * math.pi)) - special.gammaln(df / 2)
    )
    terms = constant + (df + 1) * w - df * s * s / 2 - (x * s - nc) ** 2 / 2
    return np.sum(np.exp(terms) * rate, axis=0)


_by_formula(_ufuncs._kolmogp, lambda y: -kolmogorov_density(y), 1)
if hasattr(_ufuncs, "_log1mexp"):
    elementwise(_ufuncs._log1mexp, lambda ans, x: -1 / np.expm1(-x), guarded=True)

# ------------------------------------------------------------------------------------- whole numbers


def _powers(m, first, last, a):
    """The sum of (-log i)^m i^-a over i from first to last."""
    out = np.empty(np.broadcast_shapes(*map(np.shape, (m, first, last, a))))
    for place, (order, low, high, power) in zip(
        np.ndindex(out.shape), np.broadcast(m, first, last, a)
    ):
        i = np.arange(max(low, 1), high + 1.0)
        out[place] = np.sum((-np.log(i)) ** order * i**-power)
    return out[()]


powers: Callable = elementwise(
    _powers, None, None, None, lambda ans, m, first, last, a: powers(m + 1, first, last, a)
)


@method_of(stats.zipfian, "_pmf")
def _zipfian_mass(k, a, n):
    return k**-a / powers(0, 1, n, a)


@method_of(stats.zipfian, "_cdf")
def _zipfian_below(k, a, n):
    return powers(0, 1, k, a) / powers(0, 1, n, a)


@method_of(stats.zipfian, "_sf")
def _zipfian_above(k, a, n):
    return powers(0, k + 1, n, a) / powers(0, 1, n, a)


def _of_p(formula, function):
    elementwise(function, refuse(function, "k"), refuse(function, "n"), formula, guarded=True)


_of_p(lambda ans, k, n, p: guarded_product(ans, k / p - (n - k) / (1 - p)), _ufuncs._binom_pmf)
_of_p(lambda ans, k, n, p: -n * _ufuncs._binom_pmf(k, n - 1, p), _ufuncs._binom_cdf)
_of_p(lambda ans, k, n, p: n * _ufuncs._binom_pmf(k, n - 1, p), _ufuncs._binom_sf)
constant(_ufuncs._binom_ppf, _ufuncs._binom_isf)


def _fishers_mass(self, x, M, n, N, odds):
    if self.rvs_name != "rvs_fisher":
        raise MissingRuleError("")
    low, high = self._get_support(M, n, N, odds)

    def log_weight(k):
        chosen = special.betaln(k + 1, n - k + 1) + np.log(n + 1)
        others = special.betaln(N - k + 1, M - n - N + k + 1) + np.log(M - n + 1)
        return k * np.log(odds) - chosen - others

    every = np.arange(np.max(high - low) + 1.0)[:, None] + low
    inside = every <= high
    weights = log_weight(np.where(inside, every, low))
    top = np.max(without_derivatives(weights), axis=0)
    total = np.sum(np.where(inside, np.exp(weights - top), 0.0), axis=0)
    return np.exp(log_weight(x) - top) / total


means(type(stats.nchypergeom_fisher)._pmf, _fishers_mass)


def _trials_program(k, p, method):
    """The probabilities of how many of some trials succeed, one trial after the other."""
    nothing = np.zeros((1, *np.shape(k)))
    mass = nothing + 1
    for chance in p:
        mass = np.concatenate([mass * (1 - chance), nothing]) + np.concatenate(
            [nothing, mass * chance]
        )
    if method == "_cdf":
        mass = np.cumsum(mass, axis=0)
    return np.take_along_axis(mass, k[None], axis=0)[0]


def _trials(method):
    own = getattr(stats.poisson_binom, method)
    of_trials = by_program(lambda k, p, method: own(k, *p), _trials_program)

    @method_of(stats.poisson_binom, method)
    def call(k, *p):
        k, *p = np.broadcast_arrays(np.atleast_1d(k).astype(np.int64), *p)
        return of_trials(k, np.stack(p), method=method)


for _name in ("_pmf", "_cdf"):
    _trials(_name)


for _name in ("_pdf", "_cdf"):
    means(getattr(type(stats.levy_stable), _name), unknown)


@method_of(stats.betaprime, "_munp")
def _betaprime_moment(n, a, b):
    """Without np.prod of a list, which knows no arrays that are traced."""
    moment, is_finite = 1.0, b > n
    for i in range(1, int(n) + 1):
        moment = moment * (a + i - 1) / (np.where(is_finite, b, n + 1) - i)
    return np.where(is_finite, moment, np.inf)


# ------------------------------------------------------------------ in place of what a law itself has


# Without powers, whose slopes fall below all numbers before they do.


def _kappa3_log_density(x, a):
    return np.log(a) - (1 + 1 / a) * np.logaddexp(np.log(a), a * np.log(x))


def _kappa3_below(x, a):
    return np.exp(np.log(x) - np.logaddexp(np.log(a), a * np.log(x)) / a)


def _mielke_below(x, k, s):
    return np.exp(k * (np.log(x) - np.logaddexp(0, s * np.log(x)) / s))


def _invweibull_log_density(x, c):
    log = np.log(x)
    return np.log(c) - (c + 1) * log - np.exp(-c * log)


# Of fisk as well.


@method_of(stats.burr, "_logpdf")
def _burr(x, c, d):
    log = np.log(x)
    below = (c * d - 1) * log - (d + 1) * np.logaddexp(0, c * log)
    above = -(c + 1) * log - (d + 1) * np.logaddexp(0, -c * log)
    return np.log(c) + np.log(d) + np.where(log < 0, below, above)


@method_of(stats.burr, "_pdf")
def _burr_density(*args):
    return np.exp(_burr(None, *args))


@method_of(stats.burr, "_cdf")
def _burr_below(x, c, d):
    return np.exp(-d * np.logaddexp(0, -c * np.log(x)))


@method_of(stats.burr, "_logsf")
def _burr_log_above(x, c, d):
    return np.log(-np.expm1(-d * np.logaddexp(0, -c * np.log(x))))


#: By the name of a distribution and of its method.
FORMULAS = {
    **masses.FORMULAS,
    ("pearson3", "_get_support"): pearson3_support,
    ("kappa3", "_logpdf"): _kappa3_log_density,
    ("kappa3", "_cdf"): _kappa3_below,
    ("mielke", "_cdf"): _mielke_below,
    ("invweibull", "_logpdf"): _invweibull_log_density,
    # Next to an end, which a quantile is rounded to.
    ("anglit", "_ppf"): lambda q: np.arctan2(np.sqrt(q), np.sqrt(1 - q)),
    ("anglit", "_isf"): lambda q: np.arctan2(np.sqrt(1 - q), np.sqrt(q)),
    ("genextreme", "_ppf"): lambda q, c: genextreme_at(-np.log(-np.log(q)), c),
    ("genextreme", "_isf"): lambda q, c: genextreme_at(-np.log(-np.log1p(-q)), c),
}
