"""Functions of matrices: expm, logm, sqrtm, powers, signs, and any function of eigenvalues.

The derivative of such a function f at A in the direction E is its Fréchet derivative L(A, E); the
transpose of ``E -> L(A, E)`` is ``E -> L(A^T, E)`` (Higham 2008, "Functions of Matrices", section
3.2), so that one program serves both modes.
"""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import scipy.linalg as sla

from dualrev.core.binding import valued, with_answer
from dualrev.core.guarded import guarded_product
from dualrev.core.traced import is_traced
from dualrev.core.words import rule
from dualrev.errors import no_rule
from dualrev.scipy.by_program import by_program
from dualrev.scipy.linalg.equations import solve_sylvester
from dualrev.scipy.linalg.operands import lost_where, scipys_stacks, value_of
from dualrev.scipy.twin import least_dimensions, twin
from dualrev.ways import stacked, whole

__all__ = [
    "expm",
    "expm_frechet",
    "fractional_matrix_power",
    "funm",
    "logm",
    "signm",
    "sqrtm",
]


def function_of_matrix(value: Callable, push: Callable, name: str | None = None):
    """A primitive f(A), given ``push(a, t, **options)``, its Fréchet derivative."""
    return rule(
        value,
        lambda tangents, ans, A, **options: push(A, tangents[0], **options),
        lambda ct, wanted, ans, A, **options: (push(A.mT, ct, **options),),
        batch=scipys_stacks(2),
        name=name,
    )


# ------------------------------------------------------------------------- Fréchet derivatives
# Mathias (1996), "A chain rule for matrix functions and applications", theorem 2.1 (Higham 2008, eq.
# 3.16): f([[A, E], [0, A]]) = [[f(A), L(A, E)], [0, f(A)]].  The same for L in place of f gives the
# derivative of L, of every order.


def _block(a, e):
    """[[A, E], [0, A]]."""
    below = np.concatenate((np.zeros(a.shape, a.dtype), a), -1)
    return np.concatenate((np.concatenate((a, e), -1), below), -2)


def _corner(x):
    """The upper right block."""
    n = x.shape[-1] // 2
    return x[..., :n, n:]


def _frechet(name: str, value: Callable):
    """A primitive L(A, E), given its value."""

    def frechet_jvp(tangents, ans, a, e, **options):
        """L(A, dE), and dA by the chain rule."""
        t_a, t_e = tangents
        if t_a is None:
            return frechet(a, t_e, **options)
        t_e = np.zeros(e.shape, e.dtype) if t_e is None else t_e
        return _corner(frechet(_block(a, e), _block(t_a, t_e), **options))

    def frechet_vjp(ct, wanted, ans, a, e, **options):
        """E* = L(A^T, ct); A* by the transpose of the above."""
        if not wanted[0]:
            return None, frechet(a.mT, ct, **options)
        zero = np.zeros(ct.shape, ct.dtype)
        above = np.concatenate((zero, ct), -1)
        ct = np.concatenate((above, np.zeros(above.shape, ct.dtype)), -2)
        ct = frechet(_block(a, e).mT, ct, **options)
        n = a.shape[-1]
        return ct[..., :n, :n] + ct[..., n:, n:], ct[..., :n, n:]

    frechet = rule(value, frechet_jvp, frechet_vjp, batch=whole(stacked(2, 2)), name=name)
    return frechet


def _each(function: Callable, a, e):
    """The function of each pair of matrices of two stacks: SciPy knows stacks since 1.16 only."""
    if a.ndim == 2 and e.ndim == 2:
        if not np.isfinite(e).all():  # SciPy would raise
            return np.full(a.shape, np.nan)
        return function(a, e)
    a, e = np.broadcast_arrays(a, e)
    shape, core = a.shape[:-2], a.shape[-2:]
    pairs = zip(*(x.reshape(math.prod(shape), *core) for x in (a, e)))
    answers = [_each(function, x, y) for x, y in pairs]
    return np.stack(answers).reshape(*shape, *core) if answers else np.empty(a.shape)


def _turn_from_cut(a):
    """A number of size 1: a real matrix times it has no eigenvalue near the negative axis.

    Those on the axis have logarithms of one side of it, and rounding would take some to the other.
    """
    # A block triangle, as of a second derivative, has the eigenvalues of its blocks.
    while _is_block_triangle(a):
        a = a[: len(a) // 2, : len(a) // 2]
    if a.imag.any():
        return 1
    angles = np.angle(np.linalg.eigvals(a.real))
    return np.exp(-0.5j * (np.min(angles) + np.pi)) if np.max(angles) == np.pi else 1


def _is_block_triangle(a):
    n = len(a) // 2
    alike = len(a) == 2 * n > 0 and np.array_equal(a[:n, :n], a[n:, n:])
    return alike and not (a[:n, n:].any() and a[n:, :n].any())


def _by_blocks(f: Callable, a, e, singular=True):
    """L(A, E) from f of a block triangle in Schur's form, which spares f a factorization.

    ``f(x, turn)`` is f of x, up to a multiple of 1, by way of x times turn, a number of size 1.
    Without ``singular``, f has no derivative where an eigenvalue is 0, to rounding.
    """
    triangle, q = sla.schur(a, output="complex")
    # L is linear in E, and f of a block triangle is most accurate where its blocks are alike.
    size = np.linalg.norm(e) / (np.linalg.norm(a) or 1)
    least = np.min(np.abs(np.diagonal(triangle)))
    if not singular and least <= len(a) * np.finfo(float).eps * np.linalg.norm(triangle):
        return np.zeros_like(triangle) + guarded_product(size, np.nan)
    if not size:
        return e * 0
    inner = f(_block(triangle, q.conj().T @ (e / size) @ q), _turn_from_cut(a))
    return size * (q @ _corner(inner) @ q.conj().T)


# --------------------------------------------------------------------------- the exponential
# Al-Mohy and Higham (2009), "Computing the Fréchet derivative of the matrix exponential, with an
# application to condition number estimation": SciPy's expm_frechet.

frechet_expm = _frechet(
    "expm_frechet",
    lambda a, e: _each(
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


_frechet_logm = _frechet(
    "logm_frechet", lambda a, e: _each(partial(_by_blocks, _turned_logm, singular=False), a, e)
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


_frechet_power = _frechet(
    "power_frechet",
    lambda a, e, t=1.0: _each(
        partial(_by_blocks, partial(_turned_power, t=t), singular=t == np.floor(t)), a, e
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
    Derivatives are nan where eigenvalues are equal.

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
    ans = (v * func(w)[..., None, :]) @ np.linalg.inv(v)
    return valued(ans if value.dtype.kind == "c" else ans.real, value)
