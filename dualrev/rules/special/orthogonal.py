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

from dualrev.core.arrays import somewhere
from dualrev.core.errors import MissingRuleError
from dualrev.core.primitive import constant, elementwise
from dualrev.core.ways import aligned
from dualrev.rules.special.refusal import refuse


def _of_degree(function, slope):
    """Declare a polynomial of degree n in x; slope is its derivative."""
    elementwise(function, refuse(function, "n"), slope)


def _below(n):
    """n - 1, but 0 for 0: for families of which SciPy has none of degree -1."""
    return np.maximum(n - 1, 0)


_of_degree(special.eval_legendre, lambda ans, n, x: special.eval_gegenbauer(n - 1, 1.5, x))
_of_degree(special.eval_chebyt, lambda ans, n, x: n * special.eval_chebyu(n - 1, x))
_of_degree(special.eval_chebyu, lambda ans, n, x: 2 * special.eval_gegenbauer(n - 1, 2.0, x))
_of_degree(special.eval_chebyc, lambda ans, n, x: n * special.eval_chebys(n - 1, x))
_of_degree(special.eval_chebys, lambda ans, n, x: special.eval_gegenbauer(n - 1, 2.0, x / 2))
_of_degree(
    special.eval_sh_legendre, lambda ans, n, x: 2 * special.eval_gegenbauer(n - 1, 1.5, 2 * x - 1)
)
_of_degree(special.eval_sh_chebyt, lambda ans, n, x: 2 * n * special.eval_sh_chebyu(n - 1, x))
_of_degree(
    special.eval_sh_chebyu, lambda ans, n, x: 4 * special.eval_gegenbauer(n - 1, 2.0, 2 * x - 1)
)
_of_degree(special.eval_laguerre, lambda ans, n, x: -special.eval_genlaguerre(n - 1, 1.0, x))
_of_degree(special.eval_hermite, lambda ans, n, x: 2 * n * special.eval_hermite(_below(n), x))
_of_degree(special.eval_hermitenorm, lambda ans, n, x: n * special.eval_hermitenorm(_below(n), x))


def _largest(n):
    return int(np.max(n, initial=0))


_largest = constant(_largest, batch=aligned)


def _sum_over_lower_degrees(function, n, term):
    """The sum over k < n of ``term(k, n - k)``, for arrays of whole degrees."""
    if somewhere(np.not_equal(n, np.floor(n))):
        raise MissingRuleError(
            f"scipy.special.{function.__name__} of a degree that is not whole has no derivative rule "
            "by its parameters.",
            fix="hold the parameters constant: dualrev.stop_gradient(alpha)",
        )
    total = 0.0
    for k in range(int(_largest(n))):
        total = total + np.where(np.less(k, n), term(k, np.maximum(n - k, 1)), 0.0)
    return total


def _laguerre_by_alpha(ans, n, alpha, x):
    return _sum_over_lower_degrees(
        special.eval_genlaguerre,
        n,
        lambda k, rest: special.eval_genlaguerre(k, alpha, x) / rest,
    )


def _gegenbauer_by_alpha(ans, n, alpha, x):
    def term(k, rest):
        above = k + n + 2 * alpha
        lower = np.where(np.equal(rest % 2, 0), 4 * (k + alpha) / (above * rest), 0.0)
        own = 2 * (k + 1) / ((k + 2 * alpha) * (2 * k + 1 + 2 * alpha)) + 2 / above
        return own * ans + lower * special.eval_gegenbauer(k, alpha, x)

    return _sum_over_lower_degrees(special.eval_gegenbauer, n, term)


def _jacobi_by(sign):
    """The derivative by alpha (sign 1), or by beta (sign -1): 18.6.1 exchanges the two."""

    def partial(ans, n, alpha, beta, x):
        total = alpha + beta
        other = beta if sign == 1 else alpha

        def term(k, rest):
            ratio = special.poch(other + k + 1, rest) / special.poch(total + k + 1, rest)
            lower = (total + 2 * k + 1) / rest * ratio * special.eval_jacobi(k, alpha, beta, x)
            return (ans + np.where(np.equal(rest % 2, 0), 1.0, sign) * lower) / (k + n + total + 1)

        return _sum_over_lower_degrees(special.eval_jacobi, n, term)

    return partial


elementwise(
    special.eval_genlaguerre,
    refuse(special.eval_genlaguerre, "n"),
    _laguerre_by_alpha,
    lambda ans, n, alpha, x: -special.eval_genlaguerre(n - 1, alpha + 1, x),
)
elementwise(
    special.eval_gegenbauer,
    refuse(special.eval_gegenbauer, "n"),
    _gegenbauer_by_alpha,
    lambda ans, n, alpha, x: 2 * alpha * special.eval_gegenbauer(n - 1, alpha + 1, x),
)
elementwise(
    special.eval_jacobi,
    refuse(special.eval_jacobi, "n"),
    _jacobi_by(1),
    _jacobi_by(-1),
    lambda ans, n, alpha, beta, x: (
        (n + alpha + beta + 1) / 2 * special.eval_jacobi(n - 1, alpha + 1, beta + 1, x)
    ),
)
elementwise(  # that of Jacobi's polynomial at 2 x - 1 over binom(2 n + p - 1, n)
    special.eval_sh_jacobi,
    *(refuse(special.eval_sh_jacobi, argument) for argument in ("n", "p", "q")),
    lambda ans, n, p, q, x: (
        (n + p)
        * special.eval_jacobi(n - 1, p - q + 1, q, 2 * x - 1)
        / special.binom(2 * n + p - 1, n)
    ),
)
elementwise(  # 14.10.4 and 14.10.5
    special.lpmv,
    refuse(special.lpmv, "m"),
    refuse(special.lpmv, "v"),
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
