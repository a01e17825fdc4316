"""Fast Hankel transforms over logarithmic grids.

Must not know how they are computed: each is symmetric.
"""

import scipy.fft

from dualrev.core.words import linear
from dualrev.scipy.twin import twin
from dualrev.ways import stacked

__all__ = ["fht", "ifht"]


# FFTLog is a circular convolution, read backwards, between two equal weights (Hamilton 2000,
# Monthly Notices of the RAS 312, appendix B): C^T read backwards is C, so that it is symmetric.
def _fht_transpose(ct, a, **options):
    return fht(ct, **options)


def _ifht_transpose(ct, A, **options):
    return ifht(ct, **options)


@twin(scipy.fft.fht, linear, _fht_transpose, batch=stacked(1))
def fht(a):
    """Hankel transform of a periodic sequence on a logarithmic grid, of the shape of a.

    Equals :func:`scipy.fft.fht`.  Linear in a (..., n), and its own transpose (Hamilton 2000,
    appendix B).  A derivative costs one transform.

    Raises
    ------
    MissingRuleError
        Where dln, mu, offset or bias is traced.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.fft import fht
    >>> a = np.array([1.0, 2.0, 0.5])
    >>> gradient = dr.grad(lambda a: np.sum(fht(a, 0.1, 0.5)))(a)
    >>> bool(np.allclose(gradient, fht(np.ones(3), 0.1, 0.5)))
    True
    """


@twin(scipy.fft.ifht, linear, _ifht_transpose, batch=stacked(1))
def ifht(A):
    """Inverse of the Hankel transform :func:`fht`, of the shape of A.

    Equals :func:`scipy.fft.ifht`.  Linear in A (..., n), and its own transpose.

    Raises
    ------
    MissingRuleError
        Where dln, mu, offset or bias is traced.
    """
