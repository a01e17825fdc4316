"""Distributions of vectors and matrices: rules of the normal and of Dirichlet's; the others.

Must not know the univariate ones.
"""

from typing import Any

import numpy as np
from scipy import stats

from dualrev.axes import along
from dualrev.core.arrays import nowhere
from dualrev.core.cotangents import sum_of_terms
from dualrev.core.operands import as_operand
from dualrev.core.traced import is_traced
from dualrev.core.words import rule
from dualrev.errors import ArgumentError, no_rule
from dualrev.insides.bodies import count_arrays
from dualrev.rules.special.rises import digamma_rise
from dualrev.rules.triangles import folded, mirrored
from dualrev.scipy.bodies import remade
from dualrev.scipy.stats.edges import ratio
from dualrev.scipy.stats.vectors import FrozenVectors, Vectors, holds_covariance

__all__ = ["dirichlet", "multivariate_normal"]


def _with_exponential(logpdf, pdf, jvp, vjp, **options):
    """Primitives of a log density, by its pair, and of the density."""

    def pdf_jvp(tangents, ans, *args, **options):
        return ans * jvp(tangents, ans, *args, **options)

    def pdf_vjp(ct, wanted, ans, *args, **options):
        return vjp(ct * ans, wanted, ans, *args, **options)

    body = vjp, 3
    arity = count_arrays(vjp, 3)
    return (
        rule(logpdf, jvp, vjp, **options),
        rule(pdf, pdf_jvp, pdf_vjp, arity=arity, body=body, **options),
    )


# ------------------------------------------------------------------------------------- normal
#
# Petersen and Pedersen (2012), The Matrix Cookbook, equations 57, 61 and 85.  SciPy reads the
# lower triangle of cov.


def _precision(cov, allow_singular, moves):
    if not allow_singular or nowhere(np.linalg.matrix_rank(cov, hermitian=True) < cov.shape[0]):
        return np.linalg.inv(cov)
    if moves:
        raise no_rule(
            "scipy.stats.multivariate_normal with a singular `cov` traced",
            "hold it constant: dualrev.stop_gradient(cov)",
            why="its support would move",
        )
    return np.linalg.pinv(cov, hermitian=True)


def _normal_jvp(tangents, ans, x, mean, cov, allow_singular=False):
    """d log f = -a (dx - dmean) + (a' dcov a - tr(P dcov)) / 2, with a = P (x - mean), P = cov^-1"""
    precision = _precision(mirrored(cov), allow_singular, tangents[2] is not None)
    a = (x - mean) @ precision

    def by_cov(t):
        t = mirrored(t)
        return (np.sum((a @ t) * a, -1) - np.sum(precision * t)) / 2

    t = sum_of_terms(tangents, lambda t_x: -np.sum(a * t_x, -1), lambda t_mean: a @ t_mean, by_cov)
    return np.reshape(t, ans.shape)


def _normal_vjp(ct, wanted, ans, x, mean, cov, allow_singular=False):
    """-a ct for x, its negative sum for mean, (a ct a' - P ct) / 2 summed and folded for cov"""
    cov = mirrored(cov)
    precision = _precision(cov, allow_singular, wanted[2])
    a = (x - mean) @ precision
    ct = np.reshape(ct, x.shape[:-1])
    a_ct = a * ct[..., None]
    by_cov = None
    if wanted[2]:
        n = cov.shape[0]
        outer = np.reshape(a_ct, (-1, n)).T @ np.reshape(a, (-1, n))
        by_cov = folded((outer - np.sum(ct) * precision) / 2)
    return -a_ct if wanted[0] else None, a_ct if wanted[1] else None, by_cov


def _normal_batch(call, batched, x, mean, cov, **options):
    """Of points of one distribution; of each row SciPy leaves out the axes of length 1."""
    if any(batched[1:]) or x.ndim < 2 or x.shape[-1] != mean.shape[-1]:
        return NotImplemented
    shape = (n for n in x.shape[1:-1] if n != 1)
    return call(x, mean, cov, **options).reshape(len(x), *shape)


_normal_logpdf, _normal_pdf = _with_exponential(
    stats.multivariate_normal.logpdf,
    stats.multivariate_normal.pdf,
    _normal_jvp,
    _normal_vjp,
    batch=_normal_batch,
)


class _MultivariateNormal(Vectors):
    """The multivariate normal distribution; equals :data:`scipy.stats.multivariate_normal`.

    Derivatives by x, mean and cov: with x of shape (..., n) they cost one inverse of cov and two
    products.  Those of ``cdf`` are exact in up to three dimensions, of which SciPy estimates the value
    in three to 1e-5; of cov they are there by the triangle that SciPy reads (from 1.16 on the upper).
    """

    def __init__(self):
        super().__init__("multivariate_normal")

    def logpdf(self, x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
        """Logarithm of the density at x: (..., n), one value a point.

        Equals :meth:`scipy.stats.multivariate_normal.logpdf`.
        """
        return self._call(_normal_logpdf, x, mean, cov, allow_singular)

    def pdf(self, x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
        """Density at x: (..., n), one value a point.

        Equals :meth:`scipy.stats.multivariate_normal.pdf`.
        """
        return self._call(_normal_pdf, x, mean, cov, allow_singular)

    def _call(self, primitive, x, mean, cov, allow_singular):
        if holds_covariance(cov):
            return getattr(remade(self.original), primitive.__name__)(x, mean, cov, allow_singular)
        x, mean, cov = map(as_operand, (x, mean, cov))
        if not is_traced(x, mean, cov):
            return primitive(x, mean, cov, allow_singular)
        if isinstance(cov, stats.Covariance):
            raise ArgumentError(
                "multivariate_normal with a Covariance object and traced arrays has no derivative.",
                fix="give the matrix: cov=cov.covariance",
            )
        return primitive(*_in_full(x, mean, cov), allow_singular=allow_singular)

    def __call__(
        self,
        mean: Any = None,
        cov: Any = 1,
        allow_singular: bool = False,
        seed: Any = None,
        **kwds: Any,
    ) -> FrozenVectors:
        """The distribution with its parameters fixed."""
        return FrozenVectors(self, (mean, cov, allow_singular), {"seed": seed, **kwds})


def _in_full(x, mean, cov):
    """x as (..., n), mean as (n,), cov as (n, n), by the rules that SciPy has for smaller ones."""
    if mean is not None:
        n = np.size(mean)
    elif cov is None or np.ndim(cov) < 2:
        n = 1
    else:
        n = np.shape(cov)[0]
    mean = np.zeros(n) if mean is None else mean
    cov = 1.0 if cov is None else cov
    if n == 1:
        mean, cov = np.reshape(mean, 1), np.reshape(cov, (1, 1))
    elif np.ndim(cov) < 2:
        cov = np.diag(cov) if np.ndim(cov) else cov * np.eye(n)
    if np.ndim(x) == 0:
        x = np.reshape(x, 1)
    elif np.ndim(x) == 1:
        x = x[:, None] if n == 1 else x[None, :]
    return x, mean, cov


# ---------------------------------------------------------------------------------- Dirichlet


def _completed(x, alpha):
    """x with its last component, which is 1 minus the others where it was left out."""
    if x.shape[0] == alpha.shape[0]:
        return x
    return np.concatenate([x, 1 - np.sum(x, 0, keepdims=True)])


def _dirichlet_slopes(x, alpha):
    """By the components of x and by alpha, both of the shape of the completed x."""
    full = _completed(x, alpha)
    column = along(alpha, 0, full.ndim)
    by_alpha = np.log(full) + digamma_rise(column, np.sum(alpha) - column)
    by_full = ratio(column - 1, full)
    return by_full if full is x else by_full[:-1] - by_full[-1:], by_alpha


def _dirichlet_jvp(tangents, ans, x, alpha):
    """d log f = sum((alpha - 1) / x dx) + sum((log x + digamma(sum(alpha)) - digamma(alpha)) dalpha)"""
    by_x, by_alpha = _dirichlet_slopes(x, alpha)
    t = sum_of_terms(
        tangents, lambda t_x: np.sum(by_x * t_x, 0), lambda t_alpha: t_alpha @ by_alpha
    )
    return np.reshape(t, ans.shape)


def _dirichlet_vjp(ct, wanted, ans, x, alpha):
    """The same slopes times ct, summed over points for alpha"""
    by_x, by_alpha = _dirichlet_slopes(x, alpha)
    ct = np.reshape(ct, x.shape[1:])
    return ct * by_x, np.sum(ct * by_alpha, tuple(range(1, by_alpha.ndim))) if wanted[1] else None


_dirichlet_logpdf, _dirichlet_pdf = _with_exponential(
    stats.dirichlet.logpdf, stats.dirichlet.pdf, _dirichlet_jvp, _dirichlet_vjp
)


class _Dirichlet(Vectors):
    """The Dirichlet distribution; equals :data:`scipy.stats.dirichlet`.

    Derivatives by x and alpha.  SciPy takes only points whose components, all given, sum to 1 within
    1e-9.
    """

    def __init__(self):
        super().__init__("dirichlet")

    def logpdf(self, x: Any, alpha: Any) -> Any:
        """Logarithm of the density at x: (n,) or (n, m), or with the last component left out.

        Equals :meth:`scipy.stats.dirichlet.logpdf`.
        """
        return _dirichlet_logpdf(as_operand(x), as_operand(alpha))

    def pdf(self, x: Any, alpha: Any) -> Any:
        """Density at x: (n,) or (n, m), or with the last component left out.

        Equals :meth:`scipy.stats.dirichlet.pdf`.
        """
        return _dirichlet_pdf(as_operand(x), as_operand(alpha))

    def __call__(self, alpha: Any, seed: Any = None) -> FrozenVectors:
        """The distribution with its parameters fixed."""
        return FrozenVectors(self, (alpha,), {"seed": seed})


multivariate_normal, dirichlet = _MultivariateNormal(), _Dirichlet()
#: Those of which SciPy's code is run; matrix_t is new in SciPy 1.17.
_BY_BODY = """
    dirichlet_multinomial invwishart matrix_normal matrix_t multinomial multivariate_t
    normal_inverse_gamma vonmises_fisher wishart
"""
_OTHERS = {name: Vectors(name) for name in _BY_BODY.split() if hasattr(stats, name)}
globals().update(_OTHERS)
__all__ += _OTHERS
# Of whole numbers, or of numbers drawn.
CONSTANT = """
    multivariate_hypergeom random_table ortho_group special_ortho_group unitary_group
    uniform_direction random_correlation
"""
