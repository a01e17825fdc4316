"""Functions of matrices: expm, logm, sqrtm, powers, signs, and any function of eigenvalues.

Owns the program or the equation of the Fréchet derivative of each.
"""

import functools
from collections.abc import Callable
from functools import partial

import numpy as np
import scipy.linalg as sla

from dualrev.core.traced import is_traced
from dualrev.core.words import rule
from dualrev.errors import no_rule
from dualrev.known import valued, with_answer
from dualrev.scipy.by_program import by_program
from dualrev.scipy.linalg.equations import solve_sylvester
from dualrev.scipy.linalg.frechet import by_blocks, each_pair, frechet_of, function_of_matrix
from dualrev.scipy.linalg.operands import lost_where, scipys_stacks, value_of
from dualrev.scipy.twin import least_dimensions, twin
from dualrev.ways import stacked

__all__ = [
    "expm",
    "expm_frechet",
    "fractional_matrix_power",
    "funm",
    "logm",
    "signm",
    "sqrtm",
]

# --------------------------------------------------------------------------- the exponential
# Al-Mohy and Higham (2009), "Computing the Fréchet derivative of the matrix exponential, with an
# application to condition number estimation": SciPy's expm_frechet.

frechet_expm = frechet_of(
    "expm_frechet",
    lambda a, e: each_pair(
        lambda x, y: sla.expm_frechet(x, y, compute_expm=False, check_finite=False), a, e
    ),
)


_expm = function_of_matrix(sla.expm, frechet_expm)


@twin(sla.expm, check=least_dimensions(2))
def expm(A):
    """The exponential of a matrix.

    Equals :func:`scipy.linalg.expm`.  The derivative is the Fréchet derivative by scaling, Padé
    approximation and squaring (Al-Mohy and Higham 2009), at about three times the cost of the
    exponential.

    Parameters
    ----------
    A : array, shape (..., n, n)

    Returns
    -------
    array, shape (..., n, n)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import expm
    >>> dr.grad(lambda t: np.trace(expm(t * np.eye(2))))(0.0)
    np.float64(2.0)
    """
    return _expm(A)


_value_of_expm_frechet = value_of(sla.expm_frechet)


@twin(sla.expm_frechet)
def expm_frechet(A, E, *, method, compute_expm, check_finite):
    """The exponential of A and its Fréchet derivative in the direction E.

    Equals :func:`scipy.linalg.expm_frechet`.  Its derivative is a Fréchet derivative of twice the
    size (Higham 2008, eq. 3.16), and costs eight times as much.

    Parameters
    ----------
    A, E : array, shape (n, n)
    method, check_finite
        As in SciPy.
    compute_expm : bool
        Whether the exponential is wanted.

    Returns
    -------
    expm_A : array, shape (n, n)
        Left out without ``compute_expm``.
    expm_frechet_AE : array, shape (n, n)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import expm_frechet
    >>> zero, one = np.zeros((1, 1)), np.ones((1, 1))
    >>> dr.grad(lambda a: expm_frechet(a, one, compute_expm=False)[0, 0])(zero)
    array([[1.]])
    """
    options = {"method": method, "compute_expm": compute_expm, "check_finite": check_finite}
    value = _value_of_expm_frechet(A, E, **options)
    if not compute_expm:
        return with_answer(value, frechet_expm, A, E)
    exponential, frechet = value
    return with_answer(exponential, _expm, A), with_answer(frechet, frechet_expm, A, E)


# ------------------------------------------------------------------------- roots, powers, logarithm


@lost_where
def _at_branch(x):
    """Whether two eigenvalues of a root add up to 0, to rounding."""
    w = np.linalg.eigvals(x)
    sums = np.abs(w[..., :, None] + w[..., None, :])
    unit = x.shape[-1] * np.finfo(x.dtype).eps * np.max(np.abs(w), -1, initial=0)
    return ~(np.min(sums, (-2, -1), initial=np.inf) > unit)


def _solved_by_root(x, t):
    """The y of X Y + Y X = T; nan at a branch point, but for T = 0."""
    return solve_sylvester(x, x, t) + _at_branch(x, t)


def _sqrtm_jvp(tangents, ans, A):
    """X dX + dX X = dA (Higham 2008, section 6.1)."""
    return _solved_by_root(ans, tangents[0])


def _sqrtm_vjp(ct, wanted, ans, A):
    """X^T A* + A* X^T = ct."""
    return (_solved_by_root(ans.mT, ct),)


@twin(
    sla.sqrtm,
    rule,
    _sqrtm_jvp,
    _sqrtm_vjp,
    batch=scipys_stacks(2),
    check=least_dimensions(2),
)
def sqrtm(A):
    """The principal square root of a matrix.

    Equals :func:`scipy.linalg.sqrtm`.  The derivative solves the Sylvester equation ``x dx + dx x =
    da`` (Higham 2008, section 6.1).

    Parameters
    ----------
    A : array, shape (n, n)

    Returns
    -------
    array, shape (n, n)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import sqrtm
    >>> dr.grad(lambda a: sqrtm(a)[0, 0])(np.diag([4.0, 9.0]))
    array([[0.25, 0.  ],
           [0.  , 0.  ]])
    """


def _turned_logm(x, turn):
    return sla.logm(x * turn)


_frechet_logm = frechet_of(
    "logm_frechet", lambda a, e: each_pair(partial(by_blocks, _turned_logm, singular=False), a, e)
)
_logm = function_of_matrix(lambda A: sla.logm(A), _frechet_logm, "logm")


@twin(sla.logm)
def logm(A):
    """The principal logarithm of a matrix.

    Equals :func:`scipy.linalg.logm`.  The derivative is the logarithm of a block triangle of twice
    the size (Mathias 1996, theorem 2.1; Higham 2008, eq. 3.16).

    Parameters
    ----------
    A : array, shape (n, n)

    Returns
    -------
    array, shape (n, n)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import logm
    >>> dr.grad(lambda a: logm(a)[0, 0])(np.diag([4.0, 9.0])).round(12)
    array([[0.25, 0.  ],
           [0.  , 0.  ]])
    """
    return _logm(A)


def _turned_power(x, turn, t):
    return sla.fractional_matrix_power(x * turn, t) * turn**-t


_frechet_power = frechet_of(
    "power_frechet",
    lambda a, e, t=1.0: each_pair(
        partial(by_blocks, partial(_turned_power, t=t), singular=t == np.floor(t)), a, e
    ),
)
_power = function_of_matrix(
    lambda A, t=1.0: sla.fractional_matrix_power(A, t), _frechet_power, "fractional_matrix_power"
)


def _power_program(A, t):
    return expm(t * _logm(A))


_power_of_both = by_program(
    lambda A, t: sla.fractional_matrix_power(A, t), _power_program, name="fractional_matrix_power"
)


@twin(sla.fractional_matrix_power)
def fractional_matrix_power(A, t):
    """The matrix A to the power t.

    Equals :func:`scipy.linalg.fractional_matrix_power`.  The derivative by A is the power of a block
    triangle of twice the size (Mathias 1996, theorem 2.1; Higham 2008, eq. 3.16); where t is
    differentiated too, that of ``expm(t logm(A))``.

    Parameters
    ----------
    A : array, shape (n, n)
    t : float

    Returns
    -------
    array, shape (n, n)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import fractional_matrix_power
    >>> dr.grad(lambda a: fractional_matrix_power(a, 0.5)[0, 0])(np.diag([4.0, 9.0])).round(12)
    array([[0.25, 0.  ],
           [0.  , 0.  ]])
    """
    return _power_of_both(A, t) if is_traced(t) else _power(A, t=t)


# ----------------------------------------------------------------------------- sign, any function


def _push_signm(a, t, **options):
    """N L + L N = E - S E S, N = S A (Higham 2008, theorem 5.3)."""
    s = signm(a, **options)
    n = s @ a
    return solve_sylvester(n, n, t - s @ t @ s) + _at_jump(a, t)


@lost_where
def _at_jump(a):
    """Whether SciPy takes the real part of an eigenvalue for 0."""
    w = np.linalg.eigvals(a)
    least = 1000 * np.finfo(w.dtype).eps * np.max(np.abs(w), -1, keepdims=True, initial=0)
    return ~np.all(np.abs(w.real) > least, -1)


@twin(sla.signm, function_of_matrix, _push_signm)
def signm(A):
    """The sign of a matrix: eigenvalues become 1 or -1, as their real parts are.

    Equals :func:`scipy.linalg.signm`.  The derivative solves the Sylvester equation ``n ds + ds n =
    da - s da s``, ``n = s a`` (Higham 2008, theorem 5.3).

    Parameters
    ----------
    A : array, shape (n, n)

    Returns
    -------
    array, shape (n, n)

    Notes
    -----
    Derivatives are nan where an eigenvalue is imaginary: there it jumps.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import signm
    >>> dr.grad(lambda a: signm(a)[0, 1])(np.diag([2.0, -2.0])).round(12)
    array([[0. , 0.5],
           [0. , 0. ]])
    """


_value_of_funm = value_of(sla.funm)
#: The part of a derivative of funm that rounding may take.
_LOST = 1e-4


@functools.cache
def _less_known(order: int) -> Callable:
    """0, with the derivative nan where that of V f(W) V^-1, of this order, has lost its digits.

    Each derivative multiplies rounding by the square of V's condition, over the least distance of two
    eigenvalues; of matrices that are nearly defective what is left is none.
    """

    @lost_where
    def lost(a):
        w, v = np.linalg.eig(a)
        gaps = np.abs(w[..., :, None] - w[..., None, :]) + np.diag(np.full(a.shape[-1], np.inf))
        gap = np.min(gaps, (-2, -1), initial=np.inf) / np.max(np.abs(w), -1, initial=0)
        growth = np.linalg.cond(v) ** 2 / gap
        return ~(np.finfo(a.dtype).eps * growth**order < _LOST)

    def jvp(tangents, ans, a):
        return _less_known(order + 1)(a) + lost(a, *tangents)

    def vjp(ct, wanted, ans, a):
        return (_less_known(order + 1)(a) + lost(a, ct),)

    return rule(lambda a: np.zeros(a.shape, a.dtype), jvp, vjp, batch=stacked(2), name="funm")


@twin(sla.funm, check=least_dimensions(2))
def funm(A, *, func, disp):
    """A function of a matrix, given that of its eigenvalues.

    Equals :func:`scipy.linalg.funm`.  The derivative is that of ``v @ diag(func(w)) @ v^-1`` (Higham
    2008, theorem 3.9), which asks for different eigenvalues.

    Parameters
    ----------
    A : array, shape (n, n)
    func : callable
        Of an array of complex numbers, each by itself; in functions that have derivatives.
    disp : bool
        As in SciPy; False is refused where a derivative is taken.

    Returns
    -------
    array, shape (n, n)

    Raises
    ------
    MissingRuleError
        Where a derivative is taken and the estimate of the error asked for.

    Notes
    -----
    Derivatives are nan where eigenvalues are equal, and where the matrix is so nearly defective that
    rounding would take them.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import funm
    >>> dr.grad(lambda a: funm(a, lambda w: w**2)[0, 1])(np.diag([2.0, 3.0])).round(12)
    array([[0., 5.],
           [0., 0.]])
    """
    if not disp:
        raise no_rule("scipy.linalg.funm with disp=False", "leave out `disp`")
    value = _value_of_funm(A, func=func)
    w, v = np.linalg.eig(A)
    ans = (v * func(w)[..., None, :]) @ np.linalg.inv(v) + _less_known(1)(A)
    return valued(ans if value.dtype.kind == "c" else ans.real, value)
