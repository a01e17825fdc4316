"""A distribution of vectors or matrices: how it is called, and what SciPy's code of it means here.

Must not know the rules that some of them have.
"""

import contextlib
import functools
import inspect
from typing import Any

import numpy as np
import scipy
from scipy import stats
from scipy.stats import _multivariate, _qmvnt

from dualrev.closures import traced_in
from dualrev.core.operands import numbers_of
from dualrev.core.traced import is_traced
from dualrev.errors import no_rule
from dualrev.scipy import special
from dualrev.scipy.bodies import body, means, remade
from dualrev.scipy.each_row import each_row
from dualrev.scipy.stats.boxes import box

__all__ = ["FrozenVectors", "Vectors", "holds_covariance"]


class Vectors:
    """A distribution of SciPy's, of which each method runs SciPy's code on traced arrays.

    Parameters
    ----------
    name : str
        Its name in :mod:`scipy.stats`.
    """

    def __init__(self, name: str):
        self.__module__ = "dualrev.scipy.stats"  # where pickle finds it by name
        self.name = name
        self.original = getattr(stats, name)
        self.__signature__ = inspect.signature(self.original)  # what fixes its parameters
        self._bodies: dict = {}

    def __getattr__(self, name: str) -> Any:
        own = getattr(self.__dict__["original"], name)
        if name.startswith("_") or not callable(own):
            return own
        if name not in self._bodies:
            self._bodies[name] = self._drawn if name == "rvs" else _by_body(own)
        return self._bodies[name]

    def _drawn(self, *args, parameters=(), **kwds):
        if is_traced(args, kwds, parameters):
            raise no_rule(
                f"scipy.stats.{self.name}.rvs",
                "hold the parameters constant: dualrev.stop_gradient(x)",
                why="its numbers are random",
            )
        return self.original.rvs(*args, **kwds)

    def __call__(self, *args: Any, **kwds: Any) -> "FrozenVectors":
        """The distribution with its parameters fixed."""
        return FrozenVectors(self, args, kwds)

    def __repr__(self) -> str:
        return f"<distribution dualrev.scipy.stats.{self.name}>"

    def __reduce__(self) -> str:
        return self.name


class FrozenVectors:
    """A distribution with its parameters fixed, which may be traced.

    Parameters
    ----------
    dist : Vectors
        The distribution.
    args, kwds : tuple, dict
        The parameters as they were given.
    """

    def __init__(self, dist: Vectors, args: tuple, kwds: dict):
        self.dist, self._args, self._kwds = dist, args, kwds
        if not is_traced(args, kwds):
            self._own()  # raises here what a method would raise later

    def _own(self):
        law = _meant(self.dist.original, *self._args, *self._kwds.values())
        return law(*self._args, **self._kwds)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        original = self.dist.original
        if name in vars(type(self.dist)):  # it has a rule
            return lambda x: getattr(self.dist, name)(x, *self._args)
        if name == "rvs" and is_traced(self._args, self._kwds):
            return functools.partial(self.dist.rvs, parameters=(self._args, self._kwds))
        if name == "rvs" or not callable(getattr(original, name, None)):
            return getattr(self._own(), name)
        return functools.partial(_of_parameters, original, name, self._args, self._kwds)

    def __repr__(self) -> str:
        return f"<frozen {self.dist!r}>"


def holds_covariance(*arguments: Any) -> bool:
    """Whether there is a Covariance of dualrev's among the arguments: it may hold traced arrays."""
    return any(isinstance(x, remade(stats.Covariance)) for x in arguments)


def _meant(original, *arguments):
    return remade(original) if traced_in(arguments) or holds_covariance(*arguments) else original


def _by_body(function):
    by_body = body(function)

    @functools.wraps(function)
    def call(*args, **kwds):
        if holds_covariance(*args, *kwds.values()):
            return remade(function)(*args, **kwds)
        return by_body(*args, **kwds)

    return call


def _of_parameters(original, name, parameters, named, *args, **kwds):
    """What a method of the frozen distribution answers."""

    def call(parameters, named, args, kwds):
        law = _meant(original, *parameters, *named.values(), *args, *kwds.values())
        return getattr(law(*parameters, **named), name)(*args, **kwds)

    return each_row(call, looks=True)(parameters, named, args, kwds)


# ----------------------------------------------------------- what SciPy's private parts mean here


class _Definite:
    """A positive definite matrix, of which the lower triangle is read; serves as SciPy's _PSD.

    By Cholesky's factor: SciPy's eigenvectors have no derivative where eigenvalues are equal.
    """

    def __init__(self, M, numbers):
        self._M = M
        self.rank, self.eps, self.V = numbers.rank, numbers.eps, numbers.V
        factor = np.linalg.cholesky(M)
        self.U = np.linalg.inv(factor).T
        self.log_pdet = 2 * np.sum(np.log(np.diagonal(factor)))
        self.pinv = self.U @ self.U.T

    def _support_mask(self, x):
        return np.ones(x.shape[:-1], bool)


def _psd(M, *args, **options):
    numbers = _PSD(numbers_of(M), *args, **options)  # raises where it is not definite
    if not is_traced(M):
        return numbers
    if numbers.rank < M.shape[-1]:
        raise no_rule(
            "A singular covariance traced",
            "hold it constant: dualrev.stop_gradient(cov)",
            why="the support of the distribution would move",
        )
    return _Definite(M, numbers)


_PSD = _multivariate._PSD
means(_PSD, _psd)


#: Up to SciPy 1.17 the last probability is what the others leave, but for rounding.
_ADDS_TO_ONE = np.lib.NumpyVersion(scipy.__version__) < "1.18.0"


def _multinomial_parameters(self, n, p):
    if _ADDS_TO_ONE:
        p = np.concatenate([p[..., :-1], 1 - np.sum(p[..., :-1], -1, keepdims=True)], -1)
    n, _, is_outside = stats.multinomial._process_parameters(n, numbers_of(p))
    return n, p, is_outside


def _direction_parameters(self, mu, kappa):
    """The numbers are checked as SciPy does."""
    dim, _, _ = stats.vonmises_fisher._process_parameters(numbers_of(mu), float(numbers_of(kappa)))
    return dim, mu, kappa


def _are_directions(self, x, dim):
    stats.vonmises_fisher._check_data_vs_dist(numbers_of(x), dim)


def _wishart_var(self, dim, df, scale):
    """SciPy's without writing into an array."""
    diagonal = np.diagonal(scale)
    return df * (scale**2 + np.outer(diagonal, diagonal))


def _inverse_wishart_logpdf(self, x, dim, df, log_det_scale, C):
    """Of each matrix x with the factor L: tr(scale x^-1) = |L^-1 C|^2"""
    factors = np.linalg.cholesky(np.moveaxis(x, -1, 0))
    log_det_x = 2 * np.sum(np.log(np.diagonal(factors, axis1=1, axis2=2)), axis=-1)
    trace = np.sum(np.linalg.solve(factors, C) ** 2, axis=(-2, -1))
    norm = df * dim * np.log(2) / 2 + special.multigammaln(df / 2, dim)
    return (df * log_det_scale - trace - (df + dim + 1) * log_det_x) / 2 - norm


def _direction_log_norm(self, dim, kappa):
    """SciPy's, but next to 0, where its logarithm of kappa cancels, by 10.39.9."""
    half = dim / 2
    is_near = kappa < 0.01
    at, far = np.where(is_near, kappa, 0.0), np.where(is_near, 1.0, kappa)
    near = special.gammaln(half) - np.log(special.hyp0f1(half, at * at / 4)) - half * np.log(np.pi)
    log_bessel = np.log(special.ive(half - 1, far)) + far
    log_norm = (half - 1) * np.log(far) - half * np.log(2 * np.pi) - log_bessel
    return np.where(is_near, near - np.log(2), log_norm)


def _normal_box(func, covar, low, high, rng, **options):
    """SciPy's value and two more numbers that nobody reads."""
    if not is_traced(covar, low, high):
        return _qmvnt._qauto(func, covar, low, high, rng, **options)

    def compute(low, high, cov):
        return _qmvnt._qauto(_qmvnt._qmvn, cov, low, high, rng, **options)[0]

    return box(low, high, covar, compute), None, None


def _normal_box_of_fortran(low, high, mean, cov, *options):
    """The same up to SciPy 1.15, which reads the lower triangle."""

    def compute(low, high, cov):
        with _multivariate.MVN_LOCK:
            return mvnun(low, high, np.zeros(len(low)), cov.T, *options)[0]

    mvnun = _multivariate._mvn.mvnun
    return box(low - mean, high - mean, cov.T, compute), None


def _mean_box_of_fortran(low, high, means, weights, cov, *options):
    boxes = [_normal_box_of_fortran(low, high, mean, cov, *options)[0] for mean in means.T]
    return sum(w * p for w, p in zip(weights, boxes)), 0


def _t_box(*args):
    raise no_rule(
        "scipy.stats.multivariate_t.cdf",
        "hold the parameters constant: dualrev.stop_gradient(x)",
        why="SciPy estimates it at random points",
    )


means(_multivariate.multinomial_gen._process_parameters, _multinomial_parameters)
means(_multivariate.vonmises_fisher_gen._process_parameters, _direction_parameters)
means(_multivariate.vonmises_fisher_gen._check_data_vs_dist, _are_directions)
means(_multivariate.vonmises_fisher_gen._log_norm_factor, _direction_log_norm)
means(_multivariate.wishart_gen._var, _wishart_var)
means(_multivariate.invwishart_gen._logpdf, _inverse_wishart_logpdf)
means(_qmvnt._qmvt, _t_box)
means(_qmvnt._qauto, _normal_box)
if hasattr(_multivariate, "_mvn"):
    means(_multivariate._mvn.mvnun, _normal_box_of_fortran)
    means(_multivariate._mvn.mvnun_weighted, _mean_box_of_fortran)
    means(_multivariate.MVN_LOCK, contextlib.nullcontext())  # each value above takes it
