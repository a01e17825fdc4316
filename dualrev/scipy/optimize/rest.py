"""What :mod:`scipy.optimize` has beside what has a rule here, each name with its word."""

import scipy.optimize as _scipy

from dualrev.scipy.rest import Rest

__all__ = ["REST"]

REST = Rest(_scipy, dispatches="rosen rosen_der rosen_hess rosen_hess_prod")
