"""Distributions and statistics: :mod:`scipy.stats` with derivatives.

Owns the names only; what else SciPy has under this path serves plain arrays as it does there.
"""

import importlib

from dualrev.scipy.stats import multivariate, univariate
from dualrev.scipy.stats.infrastructure import make_distribution
from dualrev.scipy.stats.multivariate import *
from dualrev.scipy.stats.rest import LAWS, REST, law
from dualrev.scipy.stats.univariate import *

# SciPy's own modules, imported when they are first used.
_MODULES = "contingency", "mstats", "qmc", "sampling"

__all__ = [
    "make_distribution",
    *_MODULES,
    *multivariate.__all__,
    *univariate.__all__,
    *LAWS,
    *REST.names,
]


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    return law(name) if name in LAWS else REST(name)
