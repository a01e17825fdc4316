"""What :mod:`scipy.signal` has beside what has a rule here, each name with its word."""

import scipy.signal as _scipy

from dualrev.scipy.rest import Rest

__all__ = ["REST"]

REST = Rest(_scipy)
