"""Generators of random numbers: ``scipy.stats.sampling``, whose numbers are random, and constant.

Must not know how any of them is made.
"""

import scipy.stats.sampling as _scipy

from dualrev.scipy.rest import Rest

REST = Rest(_scipy, constant=" ".join(_scipy.__all__))

__all__ = [*REST.names]
__getattr__ = REST
