"""Special functions of scipy.special, which are ufuncs and dispatch as NumPy's do.

Must not know NumPy's own functions' rules.  Equation numbers are those of the NIST Digital Library of
Mathematical Functions, https://dlmf.nist.gov.

Each derivative is written in functions that stand here too, so that derivatives exist in any order.
A parameter by which no closed form exists (the order of a Bessel function) must be held constant:
its partial raises.
"""

import math

import numpy as np
from scipy import special

# zeta(x, q), which the public function calls; unlike it, a ufunc.
from scipy.special._ufuncs import _zeta as hurwitz_zeta

from dualrev.core.errors import MissingRuleError
from dualrev.core.primitive import elementwise

_TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)
_SQRT_TWO_PI = math.sqrt(2 * math.pi)
_SQRT_HALF = math.sqrt(0.5)


def _refuse(function, argument):
    """The partial of a function by an argument in which no derivative is known."""

    def partial(ans, *args):
        raise MissingRuleError(
            f"scipy.special.{function.__name__} with the argument `{argument}` traced has no "
            "derivative rule.",
            fix=f"hold `{argument}` constant: dualrev.stop_gradient({argument})",
        )

    return partial


def _ratio(x, y):
    """``x / y``, but 0 where both are 0."""
    return x / np.where(np.equal(x, 0) & np.equal(y, 0), 1, y)


# ------------------------------------------- elementary functions, of which scipy has its own

elementwise(special.cbrt, lambda ans, x: 1 / (3 * ans * ans), guarded=True)
elementwise(special.exp2, lambda ans, x: ans * math.log(2), guarded=True)
elementwise(special.exp10, lambda ans, x: ans * math.log(10), guarded=True)
elementwise(special.expm1, lambda ans, x: ans + 1, guarded=True)
elementwise(special.log1p, lambda ans, x: 1 / (1 + x), guarded=True)
elementwise(special.cosm1, lambda ans, x: -np.sin(x))
# exprel(x) = M(1, 2, x): exact near 0, where (exp(x) - exprel(x)) / x is not.
elementwise(special.exprel, lambda ans, x: special.hyp1f1(2, 3, x) / 2, guarded=True)
elementwise(  # 13.3.15
    special.hyp1f1,
    _refuse(special.hyp1f1, "a"),
    _refuse(special.hyp1f1, "b"),
    lambda ans, a, b, x: a / b * special.hyp1f1(a + 1, b + 1, x),
    guarded=True,
)

# --------------------------------------------------------------------------- error functions

elementwise(special.erf, lambda ans, x: _TWO_OVER_SQRT_PI * np.exp(-x * x))
elementwise(special.erfc, lambda ans, x: -_TWO_OVER_SQRT_PI * np.exp(-x * x))
elementwise(special.erfi, lambda ans, x: _TWO_OVER_SQRT_PI * np.exp(x * x), guarded=True)
elementwise(special.erfcx, lambda ans, x: 2 * x * ans - _TWO_OVER_SQRT_PI, guarded=True)
elementwise(special.dawsn, lambda ans, x: 1 - 2 * x * ans, guarded=True)
elementwise(special.wofz, lambda ans, z: 1j * _TWO_OVER_SQRT_PI - 2 * z * ans, guarded=True)
elementwise(special.erfinv, lambda ans, y: np.exp(ans * ans) / _TWO_OVER_SQRT_PI, guarded=True)
elementwise(special.erfcinv, lambda ans, y: -np.exp(ans * ans) / _TWO_OVER_SQRT_PI, guarded=True)

# ------------------------------------------------------- normal and logistic distributions

elementwise(special.ndtr, lambda ans, x: np.exp(-0.5 * x * x) / _SQRT_TWO_PI)
elementwise(special.ndtri, lambda ans, y: _SQRT_TWO_PI * np.exp(0.5 * ans * ans), guarded=True)


def _normal_hazard(x):
    """Density over ndtr, with the factor by which both vanish taken out."""
    return _TWO_OVER_SQRT_PI * _SQRT_HALF / special.erfcx(-_SQRT_HALF * x)


normal_hazard = elementwise(_normal_hazard, lambda ans, x: -ans * (x + ans))
elementwise(special.log_ndtr, lambda ans, x: normal_hazard(x))
# Not ans * expit(-x), which keeps its digits for large x: expit costs as much as twelve exp.
elementwise(special.expit, lambda ans, x: ans * (1 - ans))
elementwise(special.log_expit, lambda ans, x: special.expit(-x))
elementwise(special.logit, lambda ans, x: 1 / (x * (1 - x)), guarded=True)

# ------------------------------------------------------------------------ gamma and relatives

elementwise(special.gamma, lambda ans, x: ans * special.digamma(x), guarded=True)
elementwise(special.gammaln, lambda ans, x: special.digamma(x), guarded=True)
elementwise(special.loggamma, lambda ans, z: special.digamma(z), guarded=True)
elementwise(special.rgamma, lambda ans, z: -ans * special.digamma(z), guarded=True)


def _trigamma(ans, z):
    """digamma'(z) = zeta(2, z): 25.11.12."""
    if z.dtype.kind == "c":
        raise MissingRuleError(
            "scipy.special.digamma (the derivative of gamma and loggamma) has no derivative rule "
            "for complex arguments: scipy has no complex trigamma function.",
            fix="take first derivatives only, or use real arguments",
        )
    return hurwitz_zeta(2, z)


elementwise(special.digamma, _trigamma, guarded=True)
elementwise(  # 25.11.17
    hurwitz_zeta,
    _refuse(special.zeta, "x"),
    lambda ans, x, q: -x * hurwitz_zeta(x + 1, q),
    guarded=True,
)
elementwise(
    special.poch,
    lambda ans, z, m: ans * (special.digamma(z + m) - special.digamma(z)),
    lambda ans, z, m: ans * special.digamma(z + m),
    guarded=True,
)
elementwise(
    special.binom,
    lambda ans, n, k: ans * (special.digamma(n + 1) - special.digamma(n - k + 1)),
    lambda ans, n, k: ans * (special.digamma(n - k + 1) - special.digamma(k + 1)),
    guarded=True,
)
elementwise(
    special.beta,
    lambda ans, a, b: ans * (special.digamma(a) - special.digamma(a + b)),
    lambda ans, a, b: ans * (special.digamma(b) - special.digamma(a + b)),
    guarded=True,
)
elementwise(
    special.betaln,
    lambda ans, a, b: special.digamma(a) - special.digamma(a + b),
    lambda ans, a, b: special.digamma(b) - special.digamma(a + b),
    guarded=True,
)


def _gamma_density(a, x):
    """x^(a - 1) exp(-x) / gamma(a): 8.8.13."""
    return np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a))


def _beta_density(a, b, x):
    """x^(a - 1) (1 - x)^(b - 1) / beta(a, b): 8.17.20."""
    return np.exp(special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b))


elementwise(
    special.gammainc,
    _refuse(special.gammainc, "a"),
    lambda ans, a, x: _gamma_density(a, x),
    guarded=True,
)
elementwise(
    special.gammaincc,
    _refuse(special.gammaincc, "a"),
    lambda ans, a, x: -_gamma_density(a, x),
    guarded=True,
)
elementwise(
    special.gammaincinv,
    _refuse(special.gammaincinv, "a"),
    lambda ans, a, y: 1 / _gamma_density(a, ans),
    guarded=True,
)
elementwise(
    special.gammainccinv,
    _refuse(special.gammainccinv, "a"),
    lambda ans, a, y: -1 / _gamma_density(a, ans),
    guarded=True,
)
elementwise(
    special.betainc,
    _refuse(special.betainc, "a"),
    _refuse(special.betainc, "b"),
    lambda ans, a, b, x: _beta_density(a, b, x),
    guarded=True,
)
elementwise(
    special.betaincinv,
    _refuse(special.betaincinv, "a"),
    _refuse(special.betaincinv, "b"),
    lambda ans, a, b, y: 1 / _beta_density(a, b, ans),
    guarded=True,
)

# --------------------------------------------------------------------- entropies and losses

elementwise(
    special.xlogy, lambda ans, x, y: np.log(y), lambda ans, x, y: _ratio(x, y), guarded=True
)
elementwise(
    special.xlog1py,
    lambda ans, x, y: np.log1p(y),
    lambda ans, x, y: _ratio(x, 1 + y),
    guarded=True,
)
elementwise(special.entr, lambda ans, x: -1 - np.log(x), guarded=True)
elementwise(
    special.rel_entr,
    lambda ans, x, y: 1 + np.log(_ratio(x, y)),
    lambda ans, x, y: -_ratio(x, y),
    guarded=True,
)
elementwise(
    special.kl_div,
    lambda ans, x, y: np.log(_ratio(x, y)),
    lambda ans, x, y: 1 - _ratio(x, y),
    guarded=True,
)
elementwise(
    special.huber,
    lambda ans, delta, r: np.maximum(np.absolute(r) - delta, 0),
    lambda ans, delta, r: np.clip(r, -delta, delta),
)
elementwise(
    special.pseudo_huber,
    lambda ans, delta, r: 2 * ans / delta - r * r / (delta * np.hypot(1, r / delta)),
    lambda ans, delta, r: r / np.hypot(1, r / delta),
)

# ----------------------------------------------------------------------- Bessel functions

# Without a division by the argument, which is 0 / 0 at 0: 10.6.1 and 10.29.1.
elementwise(special.j0, lambda ans, x: -special.j1(x))
elementwise(special.j1, lambda ans, x: (special.j0(x) - special.jv(2, x)) / 2)
elementwise(special.y0, lambda ans, x: -special.y1(x), guarded=True)
elementwise(special.y1, lambda ans, x: (special.y0(x) - special.yv(2, x)) / 2, guarded=True)
elementwise(special.i0, lambda ans, x: special.i1(x), guarded=True)
elementwise(special.i1, lambda ans, x: (special.i0(x) + special.iv(2, x)) / 2, guarded=True)
elementwise(special.k0, lambda ans, x: -special.k1(x), guarded=True)
elementwise(special.k1, lambda ans, x: -(special.k0(x) + special.kv(2, x)) / 2, guarded=True)


def _of_order(function, slope):
    """Declare a Bessel function of a constant order v; slope is its derivative."""
    elementwise(function, _refuse(function, "v"), slope, guarded=True)


_of_order(special.jv, lambda ans, v, z: (special.jv(v - 1, z) - special.jv(v + 1, z)) / 2)
_of_order(special.yv, lambda ans, v, z: (special.yv(v - 1, z) - special.yv(v + 1, z)) / 2)
_of_order(special.yn, lambda ans, n, x: (special.yv(n - 1, x) - special.yv(n + 1, x)) / 2)
_of_order(special.iv, lambda ans, v, z: (special.iv(v - 1, z) + special.iv(v + 1, z)) / 2)
_of_order(special.kv, lambda ans, v, z: -(special.kv(v - 1, z) + special.kv(v + 1, z)) / 2)
_of_order(special.kn, lambda ans, n, x: -(special.kv(n - 1, x) + special.kv(n + 1, x)) / 2)
for _hankel in (special.hankel1, special.hankel2):
    _of_order(_hankel, lambda ans, v, z, h=_hankel: (h(v - 1, z) - h(v + 1, z)) / 2)

# Scaled by exp(-|Re z|) and by exp(z).
elementwise(special.i0e, lambda ans, x: special.i1e(x) - np.sign(x) * ans)
elementwise(special.i1e, lambda ans, x: (special.i0e(x) + special.ive(2, x)) / 2 - np.sign(x) * ans)
elementwise(special.k0e, lambda ans, x: ans - special.k1e(x), guarded=True)
elementwise(
    special.k1e, lambda ans, x: ans - (special.k0e(x) + special.kve(2, x)) / 2, guarded=True
)
_of_order(special.kve, lambda ans, v, z: ans - (special.kve(v - 1, z) + special.kve(v + 1, z)) / 2)


def _ive_partial(ans, v, z):
    if z.dtype.kind == "c":
        raise MissingRuleError(
            "scipy.special.ive of a complex argument has no derivative rule: it is not holomorphic.",
            fix="use iv(v, z) * np.exp(-abs(z.real))",
        )
    return (special.ive(v - 1, z) + special.ive(v + 1, z)) / 2 - np.sign(z) * ans


_of_order(special.ive, _ive_partial)
