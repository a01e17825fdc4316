"""Classical orthogonal polynomials and Legendre functions: chapters 14 and 18 of DLMF.

Must not know NumPy's own functions' rules.

The derivative of a polynomial is one of degree n - 1 of the same or of another family (18.9.15 to
18.9.26); SciPy answers 0 where that is -1.  Where n is an integer, its recurrences stay in use.  By
the parameters of a family the derivative is a sum over the lower degrees: Froehlich (1994),
"Parameter derivatives of the Jacobi polynomials and the Gaussian hypergeometric function"; Koepf and
Schmersau (1998), "Representations of orthogonal polynomials", section 4.
"""

import numpy as np
from scipy import special

from dualrev.core.arrays import nowhere
from dualrev.core.elementwise import elementwise
from dualrev.core.traced import is_differentiated
from dualrev.core.words import constant
from dualrev.rules.special.parameters import hyp1f1_slope, hyp2f1_slope
from dualrev.rules.special.refusal import refuse
from dualrev.ways import aligned


def _of_degree(function, by_degree, slope):
    """Declare a polynomial of degree n in x by its partials: ``by_degree(n, x)`` and a slope."""
    elementwise(function, lambda ans, n, x: by_degree(n, x), slope)


def _jacobi_parts(n, alpha, beta, x):
    """The parameters of 2F1 in 18.5.7 of what SciPy computes where n is not whole."""
    return -n, n + alpha + beta + 1, alpha + 1, (1 - x) / 2


def _gauss(parts, a=0, b=0, c=0):
    """The derivative of 2F1 along a direction of its parameters."""
    total = 0.0
    for rate, orders in ((a, (1, 0, 0)), (b, (0, 1, 0)), (c, (0, 0, 1))):
        if rate:
            total = total + rate * hyp2f1_slope(*orders, 0, *parts)
    return total


def _legendre_by_degree(n, x):
    return _gauss(_jacobi_parts(n, 0.0, 0.0, x), a=-1, b=1)


def _first_chebyshev_by_degree(n, x):
    return _gauss(_jacobi_parts(n, -0.5, -0.5, x), a=-1, b=1)


def _second_chebyshev_by_degree(n, x):
    parts = _jacobi_parts(n, 0.5, 0.5, x)
    return hyp2f1_slope(0, 0, 0, 0, *parts) + (n + 1) * _gauss(parts, a=-1, b=1)


def _laguerre_by_degree(n, alpha, x):
    parts = -n, alpha + 1, x
    rate = special.digamma(n + alpha + 1) - special.digamma(n + 1)
    slope = rate * hyp1f1_slope(0, 0, 0, *parts) - hyp1f1_slope(1, 0, 0, *parts)
    return special.binom(n + alpha, n) * slope


def _below(n):
    """n - 1, but 0 for 0: for families of which SciPy has none of degree -1."""
    return np.maximum(n - 1, 0)


_of_degree(
    special.eval_legendre,
    _legendre_by_degree,
    lambda ans, n, x: special.eval_gegenbauer(n - 1, 1.5, x),
)
_of_degree(
    special.eval_chebyt,
    _first_chebyshev_by_degree,
    lambda ans, n, x: n * special.eval_chebyu(n - 1, x),
)
_of_degree(
    special.eval_chebyu,
    _second_chebyshev_by_degree,
    lambda ans, n, x: 2 * special.eval_gegenbauer(n - 1, 2.0, x),
)
_of_degree(
    special.eval_chebyc,
    lambda n, x: 2 * _first_chebyshev_by_degree(n, x / 2),
    lambda ans, n, x: n * special.eval_chebys(n - 1, x),
)
_of_degree(
    special.eval_chebys,
    lambda n, x: _second_chebyshev_by_degree(n, x / 2),
    lambda ans, n, x: special.eval_gegenbauer(n - 1, 2.0, x / 2),
)
_of_degree(
    special.eval_sh_legendre,
    lambda n, x: _legendre_by_degree(n, 2 * x - 1),
    lambda ans, n, x: 2 * special.eval_gegenbauer(n - 1, 1.5, 2 * x - 1),
)
_of_degree(
    special.eval_sh_chebyt,
    lambda n, x: _first_chebyshev_by_degree(n, 2 * x - 1),
    lambda ans, n, x: 2 * n * special.eval_sh_chebyu(n - 1, x),
)
_of_degree(
    special.eval_sh_chebyu,
    lambda n, x: _second_chebyshev_by_degree(n, 2 * x - 1),
    lambda ans, n, x: 4 * special.eval_gegenbauer(n - 1, 2.0, 2 * x - 1),
)
_of_degree(
    special.eval_laguerre,
    lambda n, x: _laguerre_by_degree(n, 0.0, x),
    lambda ans, n, x: -special.eval_genlaguerre(n - 1, 1.0, x),
)
# Of whole degrees only.
for _function, _slope in (
    (special.eval_hermite, lambda ans, n, x: 2 * n * special.eval_hermite(_below(n), x)),
    (special.eval_hermitenorm, lambda ans, n, x: n * special.eval_hermitenorm(_below(n), x)),
):
    elementwise(_function, refuse(_function, "n"), _slope)


def _largest(n):
    return int(np.max(n, initial=0))


_largest = constant(_largest, batch=aligned)


def _sum_over_lower_degrees(n, term, between):
    """The sum over k < n of ``term(k, n - k)`` where degrees are whole, ``between(n)`` elsewhere."""
    if is_differentiated(n):  # as is a sum of n terms nowhere
        return between(n)
    fraction = np.not_equal(n, np.floor(n))
    if not nowhere(fraction):
        others = between(np.where(fraction, n, 0.5))
        whole = _sum_over_lower_degrees(np.where(fraction, 0, n), term, between)
        return np.where(fraction, others, whole)
    total = 0.0
    for k in range(int(_largest(n))):
        total = total + np.where(np.less(k, n), term(k, np.maximum(n - k, 1)), 0.0)
    return total


def _laguerre_by_alpha(ans, n, alpha, x):
    def between(n):
        parts = -n, alpha + 1, x
        rate = special.digamma(n + alpha + 1) - special.digamma(alpha + 1)
        slope = rate * hyp1f1_slope(0, 0, 0, *parts) + hyp1f1_slope(0, 1, 0, *parts)
        return special.binom(n + alpha, n) * slope

    return _sum_over_lower_degrees(
        n, lambda k, rest: special.eval_genlaguerre(k, alpha, x) / rest, between
    )


def _gegenbauer_factor(n, alpha):
    return special.poch(2 * alpha, n) * special.rgamma(n + 1)


def _gegenbauer_by_degree(ans, n, alpha, x):
    parts = _jacobi_parts(n, alpha - 0.5, alpha - 0.5, x)
    rate = special.digamma(n + 2 * alpha) - special.digamma(n + 1)
    slope = rate * hyp2f1_slope(0, 0, 0, 0, *parts) + _gauss(parts, a=-1, b=1)
    return _gegenbauer_factor(n, alpha) * slope


def _gegenbauer_by_alpha(ans, n, alpha, x):
    def term(k, rest):
        above = k + n + 2 * alpha
        lower = np.where(np.equal(rest % 2, 0), 4 * (k + alpha) / (above * rest), 0.0)
        own = 2 * (k + 1) / ((k + 2 * alpha) * (2 * k + 1 + 2 * alpha)) + 2 / above
        return own * ans + lower * special.eval_gegenbauer(k, alpha, x)

    def between(n):
        parts = _jacobi_parts(n, alpha - 0.5, alpha - 0.5, x)
        rate = 2 * (special.digamma(n + 2 * alpha) - special.digamma(2 * alpha))
        slope = rate * hyp2f1_slope(0, 0, 0, 0, *parts) + _gauss(parts, b=2, c=1)
        return _gegenbauer_factor(n, alpha) * slope

    return _sum_over_lower_degrees(n, term, between)


def _jacobi_by_degree(ans, n, alpha, beta, x):
    parts = _jacobi_parts(n, alpha, beta, x)
    rate = special.digamma(n + alpha + 1) - special.digamma(n + 1)
    slope = rate * hyp2f1_slope(0, 0, 0, 0, *parts) + _gauss(parts, a=-1, b=1)
    return special.binom(n + alpha, n) * slope


def _jacobi_by(sign):
    """The derivative by alpha (sign 1), or by beta (sign -1): 18.6.1 exchanges the two."""

    def partial(ans, n, alpha, beta, x):
        total = alpha + beta
        other = beta if sign == 1 else alpha

        def term(k, rest):
            ratio = special.poch(other + k + 1, rest) / special.poch(total + k + 1, rest)
            lower = (total + 2 * k + 1) / rest * ratio * special.eval_jacobi(k, alpha, beta, x)
            return (ans + np.where(np.equal(rest % 2, 0), 1.0, sign) * lower) / (k + n + total + 1)

        def between(n):
            parts = _jacobi_parts(n, alpha, beta, x)
            if sign == -1:
                slope = _gauss(parts, b=1)
            else:
                rate = special.digamma(n + alpha + 1) - special.digamma(alpha + 1)
                slope = rate * hyp2f1_slope(0, 0, 0, 0, *parts) + _gauss(parts, b=1, c=1)
            return special.binom(n + alpha, n) * slope

        return _sum_over_lower_degrees(n, term, between)

    return partial


elementwise(
    special.eval_genlaguerre,
    lambda ans, n, alpha, x: _laguerre_by_degree(n, alpha, x),
    _laguerre_by_alpha,
    lambda ans, n, alpha, x: -special.eval_genlaguerre(n - 1, alpha + 1, x),
)
elementwise(
    special.eval_gegenbauer,
    _gegenbauer_by_degree,
    _gegenbauer_by_alpha,
    lambda ans, n, alpha, x: 2 * alpha * special.eval_gegenbauer(n - 1, alpha + 1, x),
)
elementwise(
    special.eval_jacobi,
    _jacobi_by_degree,
    _jacobi_by(1),
    _jacobi_by(-1),
    lambda ans, n, alpha, beta, x: (
        (n + alpha + beta + 1) / 2 * special.eval_jacobi(n - 1, alpha + 1, beta + 1, x)
    ),
)


def _shifted_jacobi(place):
    """By n, p or q: that of Jacobi's polynomial of p - q and q - 1 at 2 x - 1 over a binomial."""

    def partial(ans, n, p, q, x):
        own = n, p - q, q - 1, 2 * x - 1
        polynomial = special.eval_jacobi(*own)
        total = 2 * n + p
        of_all, of_rest = special.digamma(total), special.digamma(total - n)
        if place == 0:
            slope = _jacobi_by_degree(polynomial, *own)
            rate = 2 * of_all - special.digamma(n + 1) - of_rest
        elif place == 1:
            slope, rate = _jacobi_by(1)(polynomial, *own), of_all - of_rest
        else:
            slope = _jacobi_by(-1)(polynomial, *own) - _jacobi_by(1)(polynomial, *own)
            rate = 0.0
        return slope / special.binom(total - 1, n) - rate * ans

    return partial


elementwise(
    special.eval_sh_jacobi,
    *map(_shifted_jacobi, range(3)),
    lambda ans, n, p, q, x: (
        (n + p)
        * special.eval_jacobi(n - 1, p - q + 1, q, 2 * x - 1)
        / special.binom(2 * n + p - 1, n)
    ),
)


def _legendre_by_degree_and_order(ans, m, v, x):
    """Of (1 - x^2)^(m / 2) (-d/dx)^m P_v(x), for whole m >= 0: 14.6.1 and 14.3.1."""
    ans = np.nan
    for k in range(int(_largest(m)) + 1):
        parts = -v, v + 1, 1.0, (1 - x) / 2
        slope = hyp2f1_slope(0, 1, 0, k, *parts) - hyp2f1_slope(1, 0, 0, k, *parts)
        slope = slope * ((1 - x) * (1 + x)) ** (k / 2) / 2.0**k
        ans = np.where(np.equal(m, k), slope, ans)
    return ans


elementwise(  # 14.10.4 and 14.10.5
    special.lpmv,
    refuse(special.lpmv, "m"),
    _legendre_by_degree_and_order,
    lambda ans, m, v, x: (
        ((v + 1) * x * ans - (v - m + 1) * special.lpmv(m, v + 1, x)) / ((1 - x) * (1 + x))
    ),
    guarded=True,
)


def _harmonic_by_polar(ans, m, n, theta, phi):
    """m cot(phi) Y_n^m + sqrt((n - m)(n + m + 1)) exp(-i theta) Y_n^(m+1), by 14.10.2 and 14.30.1."""
    above = special.sph_harm(np.minimum(m + 1, n), n, theta, phi)
    return m / np.tan(phi) * ans + np.sqrt((n - m) * (n + m + 1)) * np.exp(theta * -1j) * above


if hasattr(special, "sph_harm"):  # gone since SciPy 1.17
    elementwise(
        special.sph_harm,
        refuse(special.sph_harm, "m"),
        refuse(special.sph_harm, "n"),
        lambda ans, m, n, theta, phi: ans * m * 1j,
        _harmonic_by_polar,
    )
