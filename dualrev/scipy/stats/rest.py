"""What :mod:`scipy.stats` has beside what has a rule here, each name with its word.

Must not know how a distribution is made of SciPy's.
"""

import functools
import types

import scipy.stats as _scipy
from scipy.stats import rv_continuous, rv_discrete

from dualrev.scipy.bodies import remade
from dualrev.scipy.rest import Rest
from dualrev.scipy.stats import functions, kernels, multivariate, of_bodies, univariate
from dualrev.scipy.stats.distributions import Distribution, Masses

__all__ = ["LAWS", "REST", "law"]

REST = Rest(
    _scipy,
    bodies="rv_continuous rv_discrete rv_histogram Normal Uniform Logistic Binomial Mixture truncate "
    f"order_statistic abs exp log Covariance {functions.BODIES} {kernels.BODIES}",
    constant=f"{functions.CONSTANT} {multivariate.CONSTANT}",
    refused=functions.REFUSED,
)

#: SciPy's distributions of one variable of which nothing but their bodies is known.
LAWS = sorted(
    name
    for name, found in vars(_scipy).items()
    if isinstance(found, rv_continuous | rv_discrete) and name not in univariate.__all__
)


@functools.cache
def law(name: str) -> Distribution:
    """One of these, by its name."""
    original = getattr(_scipy, name)
    if isinstance(original, rv_continuous):
        return of_bodies.continuous(original)
    if len(original._shape_info()) < original.numargs:  # of a vector, as of poisson_binom
        ours = remade(original)
        for method in ("_parse_args", "_parse_args_rvs", "_parse_args_stats"):
            # The object's own: its class, and pickle, know those of numbers.
            own = remade(getattr(original, method).__func__)
            setattr(ours, method, types.MethodType(own, ours))
        return Masses(original, {"loc": 0})
    return of_bodies.discrete(original)
