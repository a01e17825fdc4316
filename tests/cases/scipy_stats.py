"""Cases of dualrev.scipy.stats: every fact stated of a distribution, and every method of a few."""

import numpy as np

from dualrev.scipy import stats
from tests.cases import case, positive, real

LOC, SCALE = np.array([0.3, -0.2, 0.1]), np.array([1.2, 0.7, 1.6])
# The standard argument and the shapes, per distribution.
STANDARD = {
    "norm": (real(3),),
    "halfnorm": (positive(3),),
    "expon": (positive(3),),
    "uniform": (positive(3, low=0.2, high=0.8),),
    "laplace": (real(3),),
    "logistic": (real(3),),
    "cauchy": (real(3),),
    "rayleigh": (positive(3),),
    "gumbel_r": (real(3),),
    "gumbel_l": (real(3),),
    "lognorm": (positive(3), positive(3, seed=1)),
    "weibull_min": (positive(3), positive(3, seed=1)),
    "weibull_max": (-positive(3), positive(3, seed=1)),
    "pareto": (1 + positive(3), positive(3, seed=1)),
    "truncnorm": (real(3, low=-0.8, high=0.8), -1 - positive(3), 1 + positive(3, seed=1)),
    "skewnorm": (real(3), real(3, seed=1)),
    "gamma": (positive(3), positive(3, seed=1)),
    "invgamma": (positive(3), positive(3, seed=1)),
    "chi2": (positive(3), 0.5 + positive(3, seed=1)),
    "t": (real(3), 0.5 + positive(3, seed=1)),
    "beta": (positive(3, low=0.2, high=0.8), positive(3, seed=1), positive(3, seed=2)),
    "f": (positive(3), 0.5 + positive(3, seed=1), 0.5 + positive(3, seed=2)),
}
PROBABILITY = np.array([0.3, 0.8, 0.55])


def _continuous():
    for name, (z, *shapes) in STANDARD.items():
        law = getattr(stats, name)
        # The others follow from these in one way for all distributions.
        methods = ["logpdf", "logcdf", "logsf"]
        if name in ("norm", "gamma", "beta"):
            methods += ["pdf", "cdf", "sf", "ppf", "isf"]
        for method in methods:
            x = PROBABILITY if method in ("ppf", "isf") else LOC + SCALE * z
            # Each law differentiates along random directions of all arguments together.
            yield case(getattr(law, method), x, *shapes, LOC, SCALE, label=f"{name}.{method}")


def _by_shapes(law, method, k, *shapes, held=()):
    """A row of a discrete distribution; ``held`` come first among the shapes."""

    def call(*shapes):
        return getattr(law, method)(k, *held, *shapes)

    return case(call, *shapes, call=call, label=f"{law.name}.{method}")


def _discrete():
    k = np.array([0, 1, 3])
    p = np.array([0.3, 0.6, 0.5])
    for method in ("logpmf", "pmf", "logcdf", "cdf", "logsf", "sf"):
        yield _by_shapes(stats.poisson, method, k, positive(3))
        yield _by_shapes(stats.binom, method, k, p, held=(5,))
        yield _by_shapes(stats.nbinom, method, k, positive(3), p)
        yield _by_shapes(stats.geom, method, k + 1, p)
        yield _by_shapes(stats.bernoulli, method, np.array([0, method != "logsf", 0]), p)
    yield case(stats.poisson.ppf, PROBABILITY, positive(3), LOC, label="poisson.ppf")


def _of_factor(function):
    """With the covariance that belongs to a factor: a symmetric matrix moves as one."""
    return lambda x, mean, factor: function(x, mean, factor @ factor.T)


FACTOR = np.array([[1.0, 0.2], [-0.3, 0.8]])
MEAN = np.array([0.1, -0.2])
NORMAL = stats.multivariate_normal
SIMPLEX = np.array([[0.2, 0.5, 0.1], [0.3, 0.1, 0.6]])

CASES = [
    *_continuous(),
    case(
        lambda x, kappa, loc, scale: stats.vonmises.logpdf(x, kappa, loc, scale),
        *(real(3), positive(3), LOC, SCALE),
        label="vonmises.logpdf",
    ),
    case(stats.vonmises.cdf, real(3), positive(3), LOC, label="vonmises.cdf"),
    *_discrete(),
    case(NORMAL.logpdf, real(3, 2), MEAN, FACTOR, call=_of_factor(NORMAL.logpdf)),
    case(NORMAL.pdf, real(2, 3, 2), MEAN, FACTOR, call=_of_factor(NORMAL.pdf)),
    case(NORMAL.logpdf, real(2), MEAN, positive(2), label="multivariate_normal, diagonal"),
    case(NORMAL.logpdf, real(4), MEAN[:1], np.array(0.7), label="multivariate_normal, line"),
    case(stats.dirichlet.logpdf, SIMPLEX, positive(3)),
    case(stats.dirichlet.pdf, SIMPLEX[:, 0], positive(3)),
    case(
        stats.dirichlet.logpdf,
        *(real(3, 2), positive(3)),
        call=lambda x, alpha: stats.dirichlet.logpdf(np.exp(x) / np.sum(np.exp(x), axis=0), alpha),
        label="dirichlet of a softmax",
    ),
]
