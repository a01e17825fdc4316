"""Spherical Bessel functions: chapter 10.47 of DLMF, https://dlmf.nist.gov.

Must not know the other functions of scipy.special.
"""

import numpy as np
from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.rules.special.refusal import refuse
from dualrev.scipy.twin import twin

__all__ = ["spherical_in", "spherical_jn", "spherical_kn", "spherical_yn"]


def _pair(function, below, above):
    """Primitives of a function and of its derivative.

    (2 n + 1) f_n' is below n f_(n-1) + above (n + 1) f_(n+1): 10.51.2 and 10.51.5.  It has no
    division by z, which is 0 / 0 at 0, and differentiating it gives the second derivative.
    """

    def slope(n, z):
        return function(n, z, derivative=True)

    def curve(ans, n, z):
        # For n = 0 the lower neighbor has the factor 0.
        return (below * n * slope(np.maximum(n - 1, 0), z) + above * (n + 1) * slope(n + 1, z)) / (
            2 * n + 1
        )

    slope = elementwise(slope, refuse(function, "n"), curve, guarded=True)
    value = elementwise(
        lambda n, z: function(n, z),
        refuse(function, "n"),
        lambda ans, n, z: slope(n, z),
        guarded=True,
        name=function.__name__,
    )
    return value, slope


_JN = _pair(special.spherical_jn, 1, -1)
_YN = _pair(special.spherical_yn, 1, -1)
_IN = _pair(special.spherical_in, 1, 1)
_KN = _pair(special.spherical_kn, -1, -1)


@twin(special.spherical_jn)
def spherical_jn(n, z, *, derivative):
    """Spherical Bessel function of the first kind of order n at z, or its derivative.

    Equals :func:`scipy.special.spherical_jn`; real or complex z, derivatives in z of any order:
    ``(2 n + 1) j_n' = n j_(n-1) - (n + 1) j_(n+1)`` (DLMF 10.51.2).

    Parameters
    ----------
    n : array_like of int
        Orders; a traced one raises MissingRuleError.
    z : array_like
        Arguments.
    derivative : bool
        Whether to answer the derivative.

    Examples
    --------
    >>> import dualrev as dr
    >>> from dualrev.scipy.special import spherical_jn
    >>> dr.derivative(lambda z: spherical_jn(1, z))(0.0)
    np.float64(0.3333333333333333)
    """
    return _JN[bool(derivative)](n, z)


@twin(special.spherical_yn)
def spherical_yn(n, z, *, derivative):
    """Spherical Bessel function of the second kind of order n at z, or its derivative.

    Equals :func:`scipy.special.spherical_yn`; real or complex z, derivatives in z of any order:
    ``(2 n + 1) y_n' = n y_(n-1) - (n + 1) y_(n+1)`` (DLMF 10.51.2).  Parameters as in
    :func:`spherical_jn`.
    """
    return _YN[bool(derivative)](n, z)


@twin(special.spherical_in)
def spherical_in(n, z, *, derivative):
    """Modified spherical Bessel function of the first kind of order n at z, or its derivative.

    Equals :func:`scipy.special.spherical_in`; real or complex z, derivatives in z of any order:
    ``(2 n + 1) i_n' = n i_(n-1) + (n + 1) i_(n+1)`` (DLMF 10.51.5).  Parameters as in
    :func:`spherical_jn`.
    """
    return _IN[bool(derivative)](n, z)


@twin(special.spherical_kn)
def spherical_kn(n, z, *, derivative):
    """Modified spherical Bessel function of the second kind of order n at z, or its derivative.

    Equals :func:`scipy.special.spherical_kn`; real or complex z, derivatives in z of any order:
    ``(2 n + 1) k_n' = -n k_(n-1) - (n + 1) k_(n+1)`` (DLMF 10.51.5).  Parameters as in
    :func:`spherical_jn`.
    """
    return _KN[bool(derivative)](n, z)
