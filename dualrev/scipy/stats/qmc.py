"""Quasi-random points: how evenly they lie, by the points.

Must not know how points are drawn.
"""

import numpy as np
import scipy.stats.qmc as _scipy
from scipy.stats import _qmc

from dualrev.scipy.bodies import means
from dualrev.scipy.rest import Rest

REST = Rest(
    _scipy,
    bodies="scale discrepancy update_discrepancy geometric_discrepancy",
    constant="""
        QMCEngine Sobol Halton LatinHypercube PoissonDisk MultinomialQMC MultivariateNormalQMC
    """,
)

__all__ = [*REST.names]
__getattr__ = REST

# Fang, Li and Sudjianto (2006), "Design and modeling for computer experiments", section 3.2; Zhou,
# Fang and Ning (2013), "Mixture discrepancy for quasi-random point sets", equation 18.


def _mean_of_pairs(of_pair, sample, n):
    """Of each pair of points once, and of each point with itself, where no distance has a kink."""
    i, j = np.triu_indices(len(sample), 1)
    pairs = np.prod(of_pair(sample[i], sample[j], np.abs(sample[i] - sample[j])), axis=-1)
    alone = np.prod(of_pair(sample, sample, np.zeros(sample.shape)), axis=-1)
    return (2 * np.sum(pairs) + np.sum(alone)) / n**2


def _centered_of_pair(x, y, distance):
    return 1 + (np.abs(x - 0.5) + np.abs(y - 0.5) - distance) / 2


def _centered(sample, iterative, workers):
    n = len(sample) + iterative
    points = np.sum(np.prod(1 + _bump(sample), axis=-1))
    pairs = _mean_of_pairs(_centered_of_pair, sample, n)
    return (13 / 12) ** sample.shape[1] - 2 / n * points + pairs


def _bump(x):
    return (np.abs(x - 0.5) - (x - 0.5) ** 2) / 2


def _wrap_around(sample, iterative, workers):
    n = len(sample) + iterative
    pairs = _mean_of_pairs(lambda x, y, distance: 1.5 - distance * (1 - distance), sample, n)
    return pairs - (4 / 3) ** sample.shape[1]


def _mixture(sample, iterative, workers):
    n = len(sample) + iterative

    def of_pair(x, y, distance):
        from_center = np.abs(x - 0.5) + np.abs(y - 0.5)
        return 15 / 8 - from_center / 4 - 3 / 4 * distance + distance**2 / 2

    off = np.abs(sample - 0.5)
    points = np.sum(np.prod(5 / 3 - off / 4 - off**2 / 4, axis=-1))
    return (19 / 12) ** sample.shape[1] - 2 / n * points + _mean_of_pairs(of_pair, sample, n)


def _star(sample, iterative, workers):
    n, d = len(sample) + iterative, sample.shape[1]
    points = np.sum(np.prod(1 - sample**2, axis=-1))
    # max(x, y) = (x + y + |x - y|) / 2
    pairs = _mean_of_pairs(lambda x, y, distance: 1 - (x + y + distance) / 2, sample, n)
    return np.sqrt(3.0**-d - 2.0 ** (1 - d) / n * points + pairs)


def _updated(x_new, sample, initial_disc):
    """The centered discrepancy with one point more."""
    n = len(sample) + 1
    others = np.prod(_centered_of_pair(x_new, sample, np.abs(x_new - sample)), axis=-1)
    itself = np.prod(1 + np.abs(x_new - 0.5))
    return initial_disc - 2 / n * np.prod(1 + _bump(x_new)) + (2 * np.sum(others) + itself) / n**2


means(_qmc._cy_wrapper_centered_discrepancy, _centered)
means(_qmc._cy_wrapper_wrap_around_discrepancy, _wrap_around)
means(_qmc._cy_wrapper_mixture_discrepancy, _mixture)
means(_qmc._cy_wrapper_l2_star_discrepancy, _star)
means(_qmc._cy_wrapper_update_discrepancy, _updated)
