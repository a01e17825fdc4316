"""Roots that SciPy takes for one.

Must not know how roots, or the residues there, are computed.
"""

import numpy as np
import scipy.signal

from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.twin import twin

__all__ = ["unique_roots"]

_KINDS = {"max": np.max, "min": np.min, "avg": np.mean}
_KINDS |= {"maximum": np.max, "minimum": np.min, "mean": np.mean}


@each_row
def _unique(p, tol, rtype):
    plain = numbers_under(p)
    _, multiplicity = scipy.signal.unique_roots(plain, tol, rtype)
    left = np.ones(len(plain), dtype=bool)
    roots = []
    for k in range(len(plain)):
        if left[k]:
            group = np.flatnonzero(left & (abs(plain - plain[k]) <= tol))
            left[group] = False
            roots.append(_KINDS[rtype](p[group]))
    return np.stack(roots) if roots else p, multiplicity


@twin(scipy.signal.unique_roots)
def unique_roots(p, *, tol, rtype):
    """Roots, of those nearer than tol to each other one, and how many there are of each.

    Equals :func:`scipy.signal.unique_roots`.  Differentiated in p (n,).
    """
    return _unique(p, tol, rtype)
