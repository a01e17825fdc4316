"""Functions of scipy.special that answer all degrees or orders up to one, with slopes beside them.

Must not know the other functions of scipy.special.  Equation numbers are those of https://dlmf.nist.gov.

Most solve a linear differential equation of second order: from a function and its slope follows the
slope of the slope, and so all derivatives.
"""

import functools

import numpy as np
from scipy import special

from dualrev.core.words import rule
from dualrev.errors import no_rule
from dualrev.scipy.by_program import by_program
from dualrev.scipy.twin import twin

__all__ = [
    *("lqmn", "lqn", "pbdn_seq", "pbdv_seq", "pbvv_seq", "riccati_jn", "riccati_yn"),
    *("obl_cv_seq", "pro_cv_seq"),
]


def _solving(function, curve):
    """Of ``function(z, **orders)``, which answers w and w'; w'' is ``curve(w, w', z, **orders)``.

    Degrees and orders stand along leading axes.
    """

    def jvp(tangents, ans, z, **orders):
        (t,) = tangents
        return ans[1] * t, curve(*ans, z, **orders) * t

    def vjp(cts, wanted, ans, z, **orders):
        total = cts[0] * ans[1] + cts[1] * curve(*ans, z, **orders)
        return (np.sum(total, axis=tuple(range(total.ndim - np.ndim(z)))),)

    @functools.wraps(function)
    def pair(*args, **orders):
        return tuple(function(*args, **orders))

    return rule(pair, jvp, vjp, arity=1, name=function.__name__)


def _along(count, z, axis=0, axes=1):
    """0, 1, ... along a leading axis of several."""
    shape = [1] * (axes + np.ndim(z))
    shape[axis] = count
    return np.arange(count).reshape(shape)


def _legendre_curve(w, slope, z, n, m=None, **_):
    """14.2.2: ((1 - z^2) w')' + (k (k + 1) - j^2 / (1 - z^2)) w = 0"""
    room = (1 - z) * (1 + z)
    if m is None:
        k = _along(len(w), z)
        return (2 * z * slope - k * (k + 1) * w) / room
    j, k = _along(len(w), z, 0, 2), _along(w.shape[1], z, 1, 2)
    return (2 * z * slope - (k * (k + 1) - j * j / room) * w) / room


def _riccati_curve(w, slope, x, n):
    """w'' = (k (k + 1) / x^2 - 1) w: 10.47.1 for x times a spherical Bessel function"""
    k = _along(len(w), x)
    return (k * (k + 1) / (x * x) - 1) * w


def _parabolic_curve(w, slope, x, v):
    """12.2.2, of orders from the fraction of v to v"""
    return (x * x / 4 - (v - int(v) + _along(len(w), x)) - 0.5) * w


def _whole_parabolic_curve(w, slope, z, n):
    """12.2.2, of orders from 0 to n"""
    return (z * z / 4 - np.sign(n) * _along(len(w), z) - 0.5) * w


def _from_one(x, v):
    """SciPy's slopes of smaller orders are 0."""
    if v < 1:
        raise no_rule(
            "A sequence of parabolic cylinder functions up to an order below 1",
            "use scipy.special.pbdv(v, x)",
        )


@twin(special.lqn, _solving, _legendre_curve)
def lqn(z):
    """Legendre functions of the second kind of the degrees 0 to n, and their derivatives.

    Equals :func:`scipy.special.lqn`; derivatives by z from Legendre's equation (DLMF 14.2.2).

    Parameters
    ----------
    n : int
        Largest degree.
    z : array_like
        Arguments.

    Examples
    --------
    >>> import dualrev as dr
    >>> from dualrev.scipy.special import lqn
    >>> dr.derivative(lambda z: lqn(1, z)[0])(0.5).round(6)
    array([1.333333, 1.215973])
    """


@twin(special.lqmn, _solving, _legendre_curve)
def lqmn(z):
    """Associated Legendre functions of the second kind up to order m and degree n, and derivatives.

    Equals :func:`scipy.special.lqmn`; derivatives by z from Legendre's equation (DLMF 14.2.2).
    """


@twin(special.riccati_jn, _solving, _riccati_curve)
def riccati_jn(x):
    """``x j_k(x)`` for k from 0 to n, with spherical Bessel functions j_k, and their derivatives.

    Equals :func:`scipy.special.riccati_jn`; derivatives by x, one number (DLMF 10.47.1).
    """


@twin(special.riccati_yn, _solving, _riccati_curve)
def riccati_yn(x):
    """``x y_k(x)`` for k from 0 to n, with spherical Bessel functions y_k, and their derivatives.

    Equals :func:`scipy.special.riccati_yn`; derivatives by x, one number (DLMF 10.47.1).
    """


@twin(special.pbdv_seq, _solving, _parabolic_curve, check=_from_one)
def pbdv_seq(x):
    """Parabolic cylinder functions D of all orders from the fraction of v to v, and derivatives.

    Equals :func:`scipy.special.pbdv_seq`; derivatives by x, one number (DLMF 12.2.2).
    """


@twin(special.pbvv_seq, _solving, _parabolic_curve, check=_from_one)
def pbvv_seq(x):
    """Parabolic cylinder functions V of all orders from the fraction of v to v, and derivatives.

    Equals :func:`scipy.special.pbvv_seq`; derivatives by x, one number (DLMF 12.2.2).
    """


@twin(special.pbdn_seq, _solving, _whole_parabolic_curve)
def pbdn_seq(z):
    """Parabolic cylinder functions D of the orders 0 to n at complex z, and their derivatives.

    Equals :func:`scipy.special.pbdn_seq`; derivatives by z, one number (DLMF 12.2.2).
    """


def _pro_cv_seq_program(c, m=0, n=0):
    return special.pro_cv(m, np.arange(m, n + 1), c)


def _obl_cv_seq_program(c, m=0, n=0):
    return special.obl_cv(m, np.arange(m, n + 1), c)


@twin(special.pro_cv_seq, by_program, _pro_cv_seq_program)
def pro_cv_seq(c):
    """Characteristic values of prolate spheroidal functions of order m and degrees m to n.

    Equals :func:`scipy.special.pro_cv_seq`; the first derivative by c is that of ``pro_cv``.
    """


@twin(special.obl_cv_seq, by_program, _obl_cv_seq_program)
def obl_cv_seq(c):
    """Characteristic values of oblate spheroidal functions of order m and degrees m to n.

    Equals :func:`scipy.special.obl_cv_seq`; the first derivative by c is that of ``obl_cv``.
    """


def _older(name):
    """The twin of a function that SciPy had before 1.17: in their own place of the namespace."""
    function = getattr(special, name)

    def definition(z):
        pass

    definition.__name__ = name
    definition.__qualname__ = name
    definition.__module__ = __name__
    definition.__doc__ = (
        f"Equals :func:`scipy.special.{name}`, with derivatives by z (DLMF 14.2.2)."
    )
    return twin(function, _solving, _legendre_curve)(definition)


for _name in ("lpn", "lpmn", "clpmn"):
    if hasattr(special, _name):
        globals()[_name] = _older(_name)
        __all__ += [_name]
