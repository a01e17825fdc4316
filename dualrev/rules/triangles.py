"""Symmetric and Hermitian matrices of which one triangle is read.

Must not know what reads them (decompositions, eigenvalues).

NumPy reads one triangle, and of the diagonal the real part: the function is that of the Hermitian
matrix for which they stand, ``mirrored``.  So an element that is read counts for both places, and
what is not read has the derivative 0.
"""

import numpy as np

from dualrev.core.words import linear
from dualrev.rules.masks import halved_diagonal, is_diagonal, is_lower
from dualrev.rules.matrices import adjoint
from dualrev.ways import stacked


def _is_read(n, lower):
    return is_lower(n) if lower else is_lower(n).T


def _mirror(a, lower=True, conjugate=True):
    whole = np.where(_is_read(a.shape[-1], lower), a, adjoint(a) if conjugate else a.mT)
    if conjugate and a.dtype.kind == "c":
        return np.where(is_diagonal(a.shape[-1]), whole.real, whole)
    return whole


def _fold(ct, lower=True, conjugate=True):
    both = (ct + (adjoint(ct) if conjugate else ct.mT)) * halved_diagonal(ct.shape[-1])
    return np.where(_is_read(ct.shape[-1], lower), both, 0)


#: The Hermitian matrix for which one triangle stands; without ``conjugate`` the symmetric one.
mirrored = linear(_mirror, lambda ct, a, **triangle: folded(ct, **triangle), batch=stacked(2))
#: Its transpose: what is read collects from both places, and the rest is 0.
folded = linear(_fold, lambda ct, a, **triangle: mirrored(ct, **triangle), batch=stacked(2))


def mirrored_if_traced(a, lower=True):
    """``mirrored``, where a derivative may be taken of it; of numbers nobody reads more than w, v."""
    return a if type(a) is np.ndarray else mirrored(a, lower=lower)
