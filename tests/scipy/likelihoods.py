"""Likelihoods as people write them with scipy.stats, which is their argument: one import is changed.

Each function is of the module and of parameters; START has where it is differentiated.
"""

import numpy as np

_RNG = np.random.default_rng(4)
AGE = _RNG.uniform(-1, 1, 30)
TIMES = 2 * _RNG.weibull(1.5, 30) * np.exp(0.4 * AGE)
DIED = _RNG.uniform(size=30) < 0.7
COUNTS, SIGNAL, BACKGROUND = (
    np.array([7, 12, 9, 4]),
    np.array([1.0, 5.0, 3.0, 0.5]),
    np.full(4, 5.5),
)
GRID, HEIGHTS = np.linspace(0, 1, 8), np.sin(6 * np.linspace(0, 1, 8))
PAIRS = np.exp(_RNG.multivariate_normal([0.0, 0.2], [[0.5, 0.3], [0.3, 0.6]], 25))
POINTS = np.concatenate([_RNG.normal(-1, 0.5, 20), _RNG.normal(2, 1.0, 30)])
RETURNS = 0.8 * _RNG.standard_t(6, 40)


def censored_survival(stats, p):
    """Accelerated failure times: Weibull, and log-normal, whose patients may outlive the study."""
    shape, scale = np.exp(p[0]), np.exp(p[1] + p[2] * AGE)
    weibull = stats.weibull_min(shape, scale=scale)
    lognormal = stats.lognorm(s=np.exp(p[3]), scale=scale)
    return -sum(
        np.sum(np.where(DIED, law.logpdf(TIMES), law.logsf(TIMES))) for law in (weibull, lognormal)
    )


def counts_with_constraints(stats, p):
    """A signal over backgrounds, whose sizes other measurements constrain."""
    strength, tilt, gammas = p[0], p[1], p[2:6]
    rate = strength * SIGNAL + BACKGROUND * gammas * (1 + 0.1 * tilt * np.arange(4))
    log_likelihood = np.sum(stats.poisson.logpmf(COUNTS, rate)) + stats.norm.logpdf(tilt)
    return -log_likelihood - np.sum(stats.gamma.logpdf(gammas, 10.0, scale=0.1))


def gaussian_process(stats, p):
    distance = np.abs(GRID[:, None] - GRID)
    covariance = np.exp(p[0] - 0.5 * (distance / np.exp(p[1])) ** 2) + np.exp(p[2]) * np.eye(8)
    return -stats.multivariate_normal.logpdf(HEIGHTS, np.zeros(8), covariance)


def gaussian_copula(stats, p):
    """Burr and gamma margins, tied by a normal law of their ranks."""
    margins = (
        stats.burr12(np.exp(p[0]), np.exp(p[1])),
        stats.gamma(np.exp(p[2]), scale=np.exp(p[3])),
    )
    z = np.stack([stats.norm.ppf(m.cdf(x)) for m, x in zip(margins, PAIRS.T)], axis=-1)
    rho = np.tanh(p[4])
    tied = stats.multivariate_normal(np.zeros(2), np.array([[1.0, rho], [rho, 1.0]]))
    log_density = np.sum(tied.logpdf(z)) - np.sum(stats.norm.logpdf(z))
    return -log_density - sum(np.sum(m.logpdf(x)) for m, x in zip(margins, PAIRS.T))


def mixture(stats, p):
    weight = 1 / (1 + np.exp(-p[0]))
    first = np.log(weight) + stats.norm(p[1], np.exp(p[2])).logpdf(POINTS)
    second = np.log1p(-weight) + stats.t(np.exp(p[5]), loc=p[3], scale=np.exp(p[4])).logpdf(POINTS)
    return -np.sum(np.logaddexp(first, second))


def garch_of_students(stats, p):
    omega, alpha, beta = np.exp(p[0]), 0.3 / (1 + np.exp(-p[1])), 0.6 / (1 + np.exp(-p[2]))
    df, h, total = 2 + np.exp(p[3]), np.var(RETURNS), 0.0
    for e in RETURNS:
        total -= stats.t.logpdf(e, df, scale=np.sqrt(h * (df - 2) / df))
        h = omega + alpha * e**2 + beta * h
    return total


START = {
    censored_survival: np.array([0.3, 0.6, 0.3, -0.2]),
    counts_with_constraints: np.array([0.8, 0.1, 1.0, 1.1, 0.9, 1.05]),
    gaussian_process: np.array([-0.1, -1.2, -2.0]),
    gaussian_copula: np.array([0.7, 0.1, 0.6, -0.1, 0.5]),
    mixture: np.array([-0.3, -0.9, -0.5, 1.8, 0.1, 1.5]),
    garch_of_students: np.array([-1.2, 0.1, 0.2, 1.3]),
}
