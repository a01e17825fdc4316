"""Distributions: :mod:`scipy.stats` with derivatives by the argument and the parameters.

Owns the names only; what else SciPy has under this path serves plain arrays as it does there.
"""

import scipy.stats as _scipy

from dualrev.scipy.stats import multivariate, univariate
from dualrev.scipy.stats.multivariate import *
from dualrev.scipy.stats.univariate import *
from dualrev.scipy.untraced import rest_of

__all__ = [*multivariate.__all__, *univariate.__all__]

__getattr__ = rest_of(_scipy)
