"""Distributions and statistics: :mod:`scipy.stats` with derivatives.

Owns the names only; what else SciPy has under this path serves plain arrays as it does there.
"""

from dualrev.scipy.stats import multivariate, univariate
from dualrev.scipy.stats.infrastructure import make_distribution
from dualrev.scipy.stats.multivariate import *
from dualrev.scipy.stats.rest import LAWS, REST, law
from dualrev.scipy.stats.univariate import *

__all__ = ["make_distribution", *multivariate.__all__, *univariate.__all__, *LAWS, *REST.names]


def __getattr__(name):
    return law(name) if name in LAWS else REST(name)
