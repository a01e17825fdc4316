"""What :mod:`scipy.spatial` has beside what has a rule here, each name with its word."""

import scipy.spatial as _scipy

from dualrev.scipy.rest import Rest

__all__ = ["REST"]

REST = Rest(_scipy)
