"""Distribution functions of scipy.special and their inverses, logistic functions, power transforms.

Must not know NumPy's own functions' rules.

Where SciPy rounds a count down (the k of bdtr, nbdtr and pdtr) the function is a step in it, and its
derivative 0; a count that must be whole (their n, whose fraction SciPy cuts off) is refused.  An inverse
has its derivative from the function that it inverts, by the implicit function theorem.
"""

import math

import numpy as np
from scipy import special

# The derivative of smirnov, a sum of n powers.
from scipy.special._ufuncs import _smirnovp

from dualrev.core.arrays import nowhere
from dualrev.core.elementwise import elementwise
from dualrev.core.primitive import RULES
from dualrev.errors import MissingRuleError
from dualrev.rules.saturation import logistic_product, logistic_slope
from dualrev.rules.special.densities import (
    SQRT_TWO_PI,
    beta_density,
    chi_square_density,
    f_density,
    kolmogorov_density,
    noncentral_f_decrease,
    noncentral_f_density,
    normal_density,
    student_density,
)
from dualrev.rules.special.faddeeva import erfcx_decay, faddeeva_slope
from dualrev.rules.special.incomplete import (
    betainc_slope,
    gamma_density,
    gamma_rise,
    gammainc_slope,
    student_mass,
)
from dualrev.rules.special.noncentral import (
    chi_square_by_df,
    f_by_dfd,
    f_by_dfn,
    student_by_df,
    student_by_nc,
    student_by_t,
)
from dualrev.rules.special.refusal import refuse
from dualrev.rules.special.removable import pieces

_TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)
_SQRT_HALF = math.sqrt(0.5)
_SQRT_TWO = math.sqrt(2)


def _unknown(*args):
    raise MissingRuleError("")


def _declare(function, names, *partials, sign=1):
    """Declare partials without ``ans``, times a sign; one that is not known is refused by name."""

    def of_this(name, partial):
        def attempt(ans, *args):
            try:
                return sign * partial(*args)
            except MissingRuleError:
                return refuse(function, name)(ans, *args)

        return attempt if callable(partial) else partial

    elementwise(function, *map(of_this, names.split(), partials), guarded=True)


def _declare_tails(lower, upper, names, *partials):
    """Declare a distribution function by its partials, and 1 minus it."""
    _declare(lower, names, *partials)
    _declare(upper, names, *partials, sign=-1)


def _declare_inverse(inverse, names, function, arguments, least=None):
    """Declare the inverse of a function in one of its arguments.

    Where SciPy searches for it, from ``least`` on, an answer that is an end of the search, or does not
    lead back to the value, solves nothing, and its derivative is nan.
    Both are given with the names of their arguments.  The one that only the function has is the
    answer of the inverse, and the one that only the inverse has is the value of the function.
    For the function its partials serve as well.
    """
    given, arguments = names.split(), arguments.split()
    (unknown,) = set(arguments) - set(given)
    (value,) = set(given) - set(arguments)
    partials = function if isinstance(function, tuple) else RULES[function].partials
    partials = dict(zip(arguments, partials))

    def is_astray(value, *at):
        """By ten thousand times the tolerance of the search, where the function is known."""
        if isinstance(function, tuple):
            return False
        return np.absolute(function(*at) - value) > 1e-4 * np.absolute(value)

    def by(name):
        def partial(ans, *args):
            known = {**dict(zip(given, args)), unknown: ans}
            at = known[value], *(known[argument] for argument in arguments)
            try:
                slope = partials[unknown](*at)
                rate = 1 / slope if name == value else -partials[name](*at) / slope
                if least is None:
                    return rate
                return np.where(_is_an_end(ans, least) | is_astray(*at), np.nan, rate)
            except MissingRuleError:
                return refuse(inverse, name)(ans, *args)

        return partial if name == value or partials[name] is not None else None

    elementwise(inverse, *map(by, given), guarded=True)


def _is_an_end(ans, least):
    size = np.absolute(ans) * np.float64(1)  # float32 has no 1e100
    return (ans == least) | ((size > 0) & (size <= 1e-100)) | (size == 1e10) | (size >= 1e100)


# ----------------------------------------------------------------------------- normal, logistic

elementwise(special.ndtr, lambda ans, x: np.exp(-0.5 * x * x) / SQRT_TWO_PI)
elementwise(special.ndtri, lambda ans, y: SQRT_TWO_PI * np.exp(0.5 * ans * ans), guarded=True)


def _normal_hazard(x):
    """Density over ndtr, with the factor by which both vanish taken out."""
    return _TWO_OVER_SQRT_PI * _SQRT_HALF / special.erfcx(-_SQRT_HALF * x)


def _hazard_slope(ans, x):
    """-h (x + h), of which left of 0 both factors and their product cancel."""
    return pieces(
        np.less(x, 0),
        x,
        lambda x: _falling(-_SQRT_HALF * x),
        lambda x: -normal_hazard(x) * (x + normal_hazard(x)),
        (-1.0, 1.0),
    )


def _falling(u):
    """h = (2 u + d) / sqrt(2) at x = -sqrt(2) u, with the decay d of erfcx, differentiated by x."""
    first = erfcx_decay(1, u)
    return -1 + first * (erfcx_decay(2, u) - first) / 2


normal_hazard = elementwise(_normal_hazard, _hazard_slope)
elementwise(special.log_ndtr, lambda ans, x: normal_hazard(x))
elementwise(special.ndtri_exp, lambda ans, y: 1 / normal_hazard(ans), guarded=True)
# Not ans * expit(-x): expit costs as much as twelve exp.
# Guarded, as exp is: np.where(x > 0, special.expit(1 / x), 0) at x = 0.
elementwise(special.expit, logistic_slope, guards_pull=True, product=logistic_product)
elementwise(special.log_expit, lambda ans, x: special.expit(-x))
elementwise(special.logit, lambda ans, x: 1 / (x * (1 - x)), guarded=True)

# The mean, and the deviation, of the normal distribution with one quantile given.
elementwise(
    special.nrdtrimn,
    lambda ans, p, std, x: -std / normal_density((x - ans) / std),
    lambda ans, p, std, x: (ans - x) / std,
    1,
    guarded=True,
)
elementwise(
    special.nrdtrisd,
    lambda ans, mn, p, x: -ans / (x - mn),
    lambda ans, mn, p, x: -ans * ans / ((x - mn) * normal_density((x - mn) / ans)),
    lambda ans, mn, p, x: ans / (x - mn),
    guarded=True,
)
# Owen (1956), "Tables for computing certain bivariate normal probabilities".
elementwise(
    special.owens_t,
    lambda ans, h, a: -normal_density(h) * special.erf(_SQRT_HALF * a * h) / 2,
    lambda ans, h, a: np.exp(-h * h * (1 + a * a) / 2) / (2 * math.pi * (1 + a * a)),
)


def _voigt(n, x, sigma, gamma):
    """The n-th derivative by x of w(z) / (sqrt(2 pi) sigma) at z = (x + i gamma) / (sqrt(2) sigma).

    Its real part is the profile: 7.19.3.  Without sigma i / (pi (x + i gamma)) remains.
    """
    position = x + 1j * gamma
    narrow = np.absolute(position) >= 1e9 * np.absolute(sigma)
    limit = 1j / math.pi * math.factorial(n) * (-1) ** n / np.where(narrow, position, 1) ** (n + 1)
    scale = 1 / (_SQRT_TWO * np.where(narrow, 1.0, sigma))
    wide = faddeeva_slope(n, np.where(narrow, 1.0, position * scale))
    return np.where(narrow, limit, wide * scale ** (n + 1) / math.sqrt(math.pi))


# It is holomorphic in x + i gamma, and solves the equation of heat: sigma^2 / 2 is the time.
voigt = elementwise(
    _voigt,
    None,
    lambda ans, n, x, sigma, gamma: voigt(n + 1, x, sigma, gamma),
    lambda ans, n, x, sigma, gamma: sigma * voigt(n + 2, x, sigma, gamma),
    lambda ans, n, x, sigma, gamma: 1j * voigt(n + 1, x, sigma, gamma),
    guarded=True,
)
elementwise(
    special.voigt_profile,
    lambda ans, x, sigma, gamma: np.real(voigt(1, x, sigma, gamma)),
    lambda ans, x, sigma, gamma: sigma * np.real(voigt(2, x, sigma, gamma)),
    lambda ans, x, sigma, gamma: -np.imag(voigt(1, x, sigma, gamma)),
    guarded=True,
)

# ------------------------------------------------------------------------------ incomplete beta

_declare_inverse(special.btdtria, "p b x", special.betainc, "a b x")
_declare_inverse(special.btdtrib, "a p x", special.betainc, "a b x")

_declare_tails(  # bdtrc(k, n, p) is betainc(k + 1, n - k, p)
    special.bdtr,
    special.bdtrc,
    "k n p",
    None,
    _unknown,
    lambda k, n, p: -beta_density(np.floor(k) + 1, np.trunc(n) - np.floor(k), p),
)
_declare_tails(  # nbdtr(k, n, p) is betainc(n, k + 1, p)
    special.nbdtr,
    special.nbdtrc,
    "k n p",
    None,
    _unknown,
    lambda k, n, p: beta_density(np.trunc(n), np.floor(k) + 1, p),
)
_declare_inverse(special.bdtri, "k n y", special.bdtr, "k n p")
_declare_inverse(special.nbdtri, "k n y", special.nbdtr, "k n p")
# Their inverses in a count are those of the functions continued between whole numbers.
_binomial = (
    lambda ans, k, n, p: (
        betainc_slope(0, 1, k + 1, n - k, p) - betainc_slope(1, 0, k + 1, n - k, p)
    ),
    lambda ans, k, n, p: -betainc_slope(0, 1, k + 1, n - k, p),
    lambda ans, k, n, p: -beta_density(k + 1, n - k, p),
)
_negative_binomial = (
    lambda ans, k, n, p: betainc_slope(0, 1, n, k + 1, p),
    lambda ans, k, n, p: betainc_slope(1, 0, n, k + 1, p),
    lambda ans, k, n, p: beta_density(n, k + 1, p),
)
_declare_inverse(special.bdtrik, "y n p", _binomial, "k n p", least=0)
_declare_inverse(special.bdtrin, "k y p", _binomial, "k n p", least=0)
_declare_inverse(special.nbdtrik, "y n p", _negative_binomial, "k n p", least=0)
_declare_inverse(special.nbdtrin, "k y p", _negative_binomial, "k n p", least=0)


def _f_by_shape(position):
    """fdtr(dfn, dfd, x) is betainc(dfn / 2, dfd / 2, dfn x / (dfn x + dfd))."""

    def partial(dfn, dfd, x):
        total = dfn * x + dfd
        w, y = dfn * x / total, dfd / total
        inner = -w / total if position else x * y / total
        # 8.17.4: far out w is 1 in all digits, and y is not.
        upper = y < 0.5
        outer = 0.0
        if not nowhere(~upper):
            below = np.where(upper, 0.5, w)
            outer = betainc_slope(1 - position, position, dfn / 2, dfd / 2, below)
        if not nowhere(upper):
            above = np.where(upper, y, 0.5)
            rest = -betainc_slope(position, 1 - position, dfd / 2, dfn / 2, above)
            outer = np.where(upper, rest, outer)
        return outer / 2 + beta_density(dfn / 2, dfd / 2, w, y) * inner

    return partial


_declare_tails(
    special.fdtr,
    special.fdtrc,
    "dfn dfd x",
    _f_by_shape(0),
    _f_by_shape(1),
    f_density,
)
# The inverse of fdtr, though its page in SciPy's manual has called p a survival probability.
_declare_inverse(special.fdtri, "dfn dfd p", special.fdtr, "dfn dfd x")
_declare_inverse(special.fdtridfd, "dfn p x", special.fdtr, "dfn dfd x", least=0)
_declare(
    special.ncfdtr,
    "dfn dfd nc f",
    f_by_dfn,
    f_by_dfd,
    lambda *args: -noncentral_f_decrease(*args),
    noncentral_f_density,
)
for _inverse, _names in (
    (special.ncfdtri, "dfn dfd nc p"),
    (special.ncfdtridfn, "p dfd nc f"),
    (special.ncfdtridfd, "dfn p nc f"),
    (special.ncfdtrinc, "dfn dfd p f"),
):
    _declare_inverse(_inverse, _names, special.ncfdtr, "dfn dfd nc f", least=0)


def _student_by_df(df, t):
    """Left of 0, stdtr(df, t) is half of betainc(df / 2, 1 / 2, df / (df + t^2))."""
    total = df + t * t
    inner = special.xlogy(df / 2 - 1, df / total) - special.betaln(df / 2, 0.5)
    return -(student_mass(1, df, t) / 2 + np.exp(inner) * t / total**1.5) / 2


_declare(special.stdtr, "df t", _student_by_df, student_density)
_declare_inverse(special.stdtrit, "df p", special.stdtr, "df t")
_declare_inverse(special.stdtridf, "p t", special.stdtr, "df t", least=0)
_declare(
    special.nctdtr,
    "df nc t",
    student_by_df,
    student_by_nc,
    student_by_t,
)
for _inverse, _names in (
    (special.nctdtrit, "df nc p"),
    (special.nctdtridf, "p nc t"),
    (special.nctdtrinc, "df p t"),
):
    _declare_inverse(_inverse, _names, special.nctdtr, "df nc t", least=-np.inf)

# ----------------------------------------------------------------------------- incomplete gamma

_declare_tails(
    special.chdtr,
    special.chdtrc,
    "v x",
    lambda v, x: gammainc_slope(1, v / 2, x / 2) / 2,
    lambda v, x: gamma_density(v / 2, x / 2) / 2,
)
_declare_inverse(special.chdtri, "v p", special.chdtrc, "v x")
_declare_inverse(special.chdtriv, "p x", special.chdtr, "v x")


def _gamma_by_rate(a, b, x):
    # At the ends the density may be infinite or x be; elsewhere a quotient by a would cancel.
    end = (np.equal(x, 0) | np.equal(x, np.inf)) & np.not_equal(a, 0)
    if nowhere(end):
        return x * gamma_density(b, a * x)
    inner = np.where(end, 1, x)
    at_end = gamma_rise(b, a * x) / np.where(end, a, 1)
    return np.where(end, at_end, inner * gamma_density(b, a * inner))


_declare_tails(  # a is a rate, b the shape
    special.gdtr,
    special.gdtrc,
    "a b x",
    _gamma_by_rate,
    lambda a, b, x: gammainc_slope(1, b, a * x),
    lambda a, b, x: a * gamma_density(b, a * x),
)
_declare_inverse(special.gdtrix, "a b p", special.gdtr, "a b x")
_declare_inverse(special.gdtria, "p b x", special.gdtr, "a b x")
_declare_inverse(special.gdtrib, "a p x", special.gdtr, "a b x")
_declare_tails(
    special.pdtr,
    special.pdtrc,
    "k m",
    None,
    lambda k, m: -gamma_density(np.floor(k) + 1, m),
)
_declare_inverse(special.pdtri, "k y", special.pdtr, "k m")
_declare_inverse(
    special.pdtrik,
    "p m",
    (
        lambda ans, k, m: -gammainc_slope(1, k + 1, m),
        lambda ans, k, m: -gamma_density(k + 1, m),
    ),
    "k m",
    least=0,
)
_declare(
    special.chndtr,
    "x df nc",
    chi_square_density,
    chi_square_by_df,
    # Johnson, Kotz and Balakrishnan (1995), equation 29.24.
    lambda x, df, nc: -chi_square_density(x, df + 2, nc),
)
for _inverse, _names in (
    (special.chndtrix, "p df nc"),
    (special.chndtridf, "x p nc"),
    (special.chndtrinc, "x df p"),
):
    _declare_inverse(_inverse, _names, special.chndtr, "x df nc", least=0)

# ------------------------------------------------------------------------------------ Smirnov

_declare(special.kolmogorov, "y", kolmogorov_density, sign=-1)
_declare_inverse(special.kolmogi, "p", special.kolmogorov, "y")
_declare(special.smirnov, "n d", _unknown, _smirnovp)
_declare_inverse(special.smirnovi, "n p", special.smirnov, "n d")

# --------------------------------------------------------------------------- power transforms


_SERIES = [1 / (math.factorial(k) * (k + 2)) for k in range(15)]


def _moment(n, s):
    """The integral of u^n exp(s u) over u in (0, 1): a confluent hypergeometric function, 13.4.1.

    The first in closed form, but for s near 0: hyp1f1 takes four times as long.
    """
    if np.ndim(n) or n != 1:
        return special.hyp1f1(n + 1, n + 2, s) / (n + 1)
    s = np.asarray(s)
    near = np.absolute(s) < 0.5
    safe = np.where(near, 1, s)
    ans = np.asarray((np.exp(safe) * (safe - 1) + 1) / (safe * safe))
    if np.any(near):
        x = s[near]
        total = _SERIES[-1]
        for c in _SERIES[-2::-1]:
            total = total * x + c
        ans[near] = total
    return ans[()]


_moment = elementwise(_moment, None, lambda ans, n, s: _moment(n + 1, s))


def _power_by_exponent(log_x, lmbda):
    """The derivative of (x^lmbda - 1) / lmbda by lmbda, from log(x)."""
    zero = np.equal(log_x, -np.inf)
    if nowhere(zero):
        return log_x * log_x * _moment(1, lmbda * log_x)
    log_x = np.where(zero, 0.0, log_x)
    ans = log_x * log_x * _moment(1, lmbda * log_x)
    return np.where(zero, 1 / (lmbda * lmbda), ans)


_declare(
    special.boxcox,
    "x lmbda",
    lambda x, lmbda: x ** (lmbda - 1),
    lambda x, lmbda: _power_by_exponent(np.log(x), lmbda),
)
_declare(
    special.boxcox1p,
    "x lmbda",
    lambda x, lmbda: (1 + x) ** (lmbda - 1),
    lambda x, lmbda: _power_by_exponent(np.log1p(x), lmbda),
)
_declare_inverse(special.inv_boxcox, "y lmbda", special.boxcox, "x lmbda")
_declare_inverse(special.inv_boxcox1p, "y lmbda", special.boxcox1p, "x lmbda")


def _tukey_by(position):
    """tklmbda is the inverse of (p^lmbda - (1 - p)^lmbda) / lmbda; beyond its support it is constant."""

    def partial(ans, x, lmbda):
        p, q = ans, special.tklmbda(-x, lmbda)
        inside = (p > 0) & (q > 0)
        p, q = np.where(inside, p, 0.5), np.where(inside, q, 0.5)
        slope = 1 / (p ** (lmbda - 1) + q ** (lmbda - 1))
        if position:
            slope = slope * (
                _power_by_exponent(np.log(q), lmbda) - _power_by_exponent(np.log(p), lmbda)
            )
        return np.where(inside, slope, 0.0)

    return partial


elementwise(special.tklmbda, _tukey_by(0), _tukey_by(1), guarded=True)
