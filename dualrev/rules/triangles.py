"""Symmetric and Hermitian matrices of which one triangle is read.

Must not know what reads them (decompositions, eigenvalues).

NumPy reads one triangle, and of the diagonal the real part: the function is that of the Hermitian
matrix for which they stand, ``mirrored``.  So an element that is read counts for both places, and
what is not read has the derivative 0.
"""

import numpy as np

from dualrev.core.primitive import linear
from dualrev.rules.equal_values import adjoint


def _once(n):
    """Ones, and halves on the diagonal, which is its own mirror image."""
    return 1 - np.eye(n) / 2


def _mirror(a, lower=True, conjugate=True):
    half = np.tril(a) if lower else np.triu(a)
    return (half + (adjoint(half) if conjugate else half.mT)) * _once(a.shape[-1])


def _fold(ct, lower=True, conjugate=True):
    both = (ct + (adjoint(ct) if conjugate else ct.mT)) * _once(ct.shape[-1])
    return np.tril(both) if lower else np.triu(both)


#: The Hermitian matrix for which one triangle stands; without ``conjugate`` the symmetric one.
mirrored = linear(_mirror, lambda ct, a, **triangle: folded(ct, **triangle))
#: Its transpose: what is read collects from both places, and the rest is 0.
folded = linear(_fold, lambda ct, a, **triangle: mirrored(ct, **triangle))


def mirrored_if_traced(a, lower=True):
    """``mirrored``, where a derivative may be taken of it; of numbers nobody reads more than w, v."""
    return a if type(a) is np.ndarray else mirrored(a, lower=lower)
