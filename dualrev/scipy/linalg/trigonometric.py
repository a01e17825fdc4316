"""Trigonometric and hyperbolic functions of matrices: cosm, sinm, tanm, coshm, sinhm, tanhm.

Must not know how exponentials are computed.
"""

import numpy as np
import scipy.linalg as sla

from dualrev.scipy.linalg.frechet import function_of_matrix
from dualrev.scipy.linalg.functions import frechet_expm
from dualrev.scipy.twin import twin

__all__ = ["coshm", "cosm", "sinhm", "sinm", "tanhm", "tanm"]

# By Euler's formulas, as SciPy computes them (Higham 2008, chapter 12).


def _exponentials(a, t):
    """L of the exponential at A in the direction E, and at -A in the direction -E."""
    return frechet_expm(a, t), frechet_expm(-a, -t)


def _rotations(a, t):
    """L of cos and sin."""
    if a.dtype.kind != "c" and t.dtype.kind != "c":
        rotation = frechet_expm(1j * a, 1j * t)
        return rotation.real, rotation.imag
    ahead, back = _exponentials(1j * a, 1j * t)
    return (ahead + back) / 2, (ahead - back) / 2j


def _push_coshm(a, t):
    ahead, back = _exponentials(a, t)
    return (ahead + back) / 2


def _push_sinhm(a, t):
    ahead, back = _exponentials(a, t)
    return (ahead - back) / 2


def _push_tanm(a, t):
    """C dT = dS - dC T."""
    cosine, sine = _rotations(a, t)
    return np.linalg.solve(cosm(a), sine - cosine @ tanm(a))


def _push_tanhm(a, t):
    ahead, back = _exponentials(a, t)
    return np.linalg.solve(coshm(a), (ahead - back - (ahead + back) @ tanhm(a)) / 2)


@twin(sla.cosm, function_of_matrix, lambda a, t: _rotations(a, t)[0])
def cosm(A):
    """The cosine of a matrix.

    Equals :func:`scipy.linalg.cosm`.  The derivative in the direction E is ``Re L(iA, iE)`` for real
    A, L being that of the exponential (Higham 2008, chapter 12).

    Parameters
    ----------
    A : array, shape (n, n)

    Returns
    -------
    array, shape (n, n)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import cosm
    >>> dr.grad(lambda t: cosm(t * np.eye(2))[0, 0])(0.0)
    np.float64(0.0)
    """


@twin(sla.sinm, function_of_matrix, lambda a, t: _rotations(a, t)[1])
def sinm(A):
    """The sine of a matrix.

    Equals :func:`scipy.linalg.sinm`; of the shape of A, as :func:`cosm`.  The derivative is
    ``Im L(iA, iE)`` for real A.
    """


@twin(sla.tanm, function_of_matrix, _push_tanm)
def tanm(A):
    """The tangent of a matrix.

    Equals :func:`scipy.linalg.tanm`; of the shape of A, as :func:`cosm`.  The derivative is
    that of ``cosm(A)^-1 sinm(A)``.
    """


@twin(sla.coshm, function_of_matrix, _push_coshm)
def coshm(A):
    """The hyperbolic cosine of a matrix.

    Equals :func:`scipy.linalg.coshm`; of the shape of A, as :func:`cosm`.  The derivative is
    ``(L(A, E) + L(-A, -E)) / 2``.
    """


@twin(sla.sinhm, function_of_matrix, _push_sinhm)
def sinhm(A):
    """The hyperbolic sine of a matrix.

    Equals :func:`scipy.linalg.sinhm`; of the shape of A, as :func:`cosm`.  The derivative is
    ``(L(A, E) - L(-A, -E)) / 2``.
    """


@twin(sla.tanhm, function_of_matrix, _push_tanhm)
def tanhm(A):
    """The hyperbolic tangent of a matrix.

    Equals :func:`scipy.linalg.tanhm`; of the shape of A, as :func:`cosm`.  The derivative is
    that of ``coshm(A)^-1 sinhm(A)``.
    """
