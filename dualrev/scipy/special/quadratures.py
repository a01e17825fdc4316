"""Nodes and weights of Gauss's quadratures by the parameters of their polynomials.

Must not know the other functions of scipy.special.  Abramowitz and Stegun (1964), section 25.4.
"""

import numpy as np
from scipy import special

from dualrev.core.words import constant
from dualrev.scipy.by_program import by_program
from dualrev.scipy.twin import twin

__all__ = [
    *("cg_roots", "j_roots", "js_roots", "la_roots"),
    *("roots_gegenbauer", "roots_genlaguerre", "roots_jacobi", "roots_sh_jacobi"),
]

# Each of Newton's steps from a root makes twice as many of its derivatives right: the first seven here.
_STEPS = 3


def _moving(x, function, slope):
    """The roots x of a function, as they move with what it is traced in."""
    for _ in range(_STEPS):
        x = x - function(x) / slope(x)
    return x


def _plain_jacobi(alpha, beta, n):
    return special.roots_jacobi(n, alpha, beta)[0]


def _plain_laguerre(alpha, n):
    return special.roots_genlaguerre(n, alpha)[0]


_plain_jacobi = constant(_plain_jacobi, arity=2)
_plain_laguerre = constant(_plain_laguerre, arity=1)


def _jacobi(n, alpha, beta):
    """25.4.33, and the sum of the weights."""

    def slope(x):
        return (n + alpha + beta + 1) / 2 * special.eval_jacobi(n - 1, alpha + 1, beta + 1, x)

    at = _plain_jacobi(alpha, beta, n)
    x = _moving(at, lambda x: special.eval_jacobi(n, alpha, beta, x), slope)
    power = np.exp2(alpha + beta + 1)
    scale = power * special.poch(n + 1, alpha) / special.poch(n + beta + 1, alpha)
    return x, scale / ((1 - x) * (1 + x) * slope(x) ** 2), power * special.beta(alpha + 1, beta + 1)


def _answer(x, w, total, mu):
    return (x, w, total) if mu else (x, w)


def _roots_jacobi_program(alpha, beta, n=1, mu=False):
    return _answer(*_jacobi(n, alpha, beta), mu)


def _roots_gegenbauer_program(alpha, n=1, mu=False):
    return _answer(*_jacobi(n, alpha - 0.5, alpha - 0.5), mu)


def _roots_sh_jacobi_program(p1, q1, n=1, mu=False):
    x, w, total = _jacobi(n, p1 - q1, q1 - 1)
    scale = np.exp2(-p1)
    return _answer((x + 1) / 2, w * scale, total * scale, mu)


def _roots_genlaguerre_program(alpha, n=1, mu=False):
    """25.4.45"""

    def slope(x):
        return -special.eval_genlaguerre(n - 1, alpha + 1, x)

    at = _plain_laguerre(alpha, n)
    x = _moving(at, lambda x: special.eval_genlaguerre(n, alpha, x), slope)
    w = special.poch(n + 1, alpha) / (x * slope(x) ** 2)
    return _answer(x, w, special.gamma(alpha + 1), mu)


@twin(special.roots_jacobi, by_program, _roots_jacobi_program)
def roots_jacobi(alpha, beta):
    """Nodes and weights of Gauss's quadrature with n nodes and the weight (1 - x)^alpha (1 + x)^beta.

    Equals :func:`scipy.special.roots_jacobi`; seven derivatives by alpha and beta: nodes move as roots
    of the polynomial, and the weights follow from its slope there (Abramowitz and Stegun, 25.4.33).

    Parameters
    ----------
    n : int
        Number of nodes.
    alpha, beta : float
        Above -1.
    mu : bool
        Whether to answer the sum of the weights too.

    Returns
    -------
    nodes : array (n,)
    weights : array (n,)
    mu : float

    Examples
    --------
    >>> import dualrev as dr
    >>> from dualrev.scipy.special import roots_jacobi
    >>> dr.derivative(lambda alpha: roots_jacobi(1, alpha, 0.0)[0])(0.0)  # of -alpha / (alpha + 2)
    array([-0.5])
    """


@twin(special.roots_gegenbauer, by_program, _roots_gegenbauer_program)
def roots_gegenbauer(alpha):
    """Nodes and weights of Gauss's quadrature with n nodes and the weight (1 - x^2)^(alpha - 1/2).

    Equals :func:`scipy.special.roots_gegenbauer`, with derivatives by alpha as of :func:`roots_jacobi`.
    """


@twin(special.roots_sh_jacobi, by_program, _roots_sh_jacobi_program)
def roots_sh_jacobi(p1, q1):
    """Nodes and weights of Gauss's quadrature on (0, 1) with the weight (1 - x)^(p1 - q1) x^(q1 - 1).

    Equals :func:`scipy.special.roots_sh_jacobi`, with derivatives by p1 and q1 as of
    :func:`roots_jacobi`.
    """


@twin(special.roots_genlaguerre, by_program, _roots_genlaguerre_program)
def roots_genlaguerre(alpha):
    """Nodes and weights of Gauss's quadrature with n nodes and the weight x^alpha exp(-x).

    Equals :func:`scipy.special.roots_genlaguerre`; seven derivatives by alpha: the weights follow from
    the slope of the polynomial (Abramowitz and Stegun, 25.4.45).
    """


j_roots, cg_roots = roots_jacobi, roots_gegenbauer
js_roots, la_roots = roots_sh_jacobi, roots_genlaguerre
