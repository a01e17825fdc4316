"""Legendre functions, of one degree and of all: chapter 14 of DLMF, https://dlmf.nist.gov.

Must not know the other functions of scipy.special.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.core.operands import as_operand
from dualrev.core.traced import is_traced
from dualrev.errors import no_rule
from dualrev.rules.special.refusal import refuse
from dualrev.scipy.special.harmonics import sph_harm_y

__all__ = [
    "assoc_legendre_p",
    "assoc_legendre_p_all",
    "legendre_p",
    "legendre_p_all",
    "sph_harm_y_all",
    "sph_legendre_p",
    "sph_legendre_p_all",
]


def _curve(w, slope, n, m, z):
    """14.2.2"""
    room = (1 - z) * (1 + z)
    return (2 * z * slope - (n * (n + 1) - m * m / room) * w) / room


def _polar_curve(w, slope, n, m, theta):
    """14.2.2 at z = cos(theta)"""
    sine = np.sin(theta)
    return -np.cos(theta) / sine * slope - (n * (n + 1) - m * m / (sine * sine)) * w


@functools.cache
def _primitive(name, curve, options):
    """Of ``(n, m, z)``, with options of SciPy's."""
    function = getattr(special, name)
    if name == "legendre_p":

        def answers(n, m, z, diff_n):
            return special.legendre_p(n, z, diff_n=diff_n)

    else:

        def answers(n, m, z, diff_n):
            return function(n, m, z, diff_n=diff_n, **dict(options))

    constants = refuse(name, "n"), refuse(name, "m")
    slope: Any = elementwise(
        lambda n, m, z: answers(n, m, z, 1)[1],
        *constants,
        lambda ans, n, m, z: curve(value(n, m, z), ans, n, m, z),
        guarded=True,
        name=name,
    )
    value: Any = elementwise(
        lambda n, m, z: answers(n, m, z, 0).reshape(np.broadcast_shapes(*map(np.shape, (n, m, z)))),
        *constants,
        lambda ans, n, m, z: slope(n, m, z),
        guarded=True,
        name=name,
    )
    return value


def _traced(name: str, curve: Callable, indices: Any, z: Any, diff_n: int, **options: Any) -> Any:
    """The answer to a traced call of a function of one degree, or of all up to it."""
    if diff_n:
        raise no_rule(
            f"scipy.special.{name} with diff_n and a traced argument",
            "leave out diff_n, and take all derivatives by dualrev",
        )
    z = as_operand(z)
    ans = _primitive(name, curve, tuple(options.items()))(*indices, z)
    # SciPy's answers have an axis of derivatives in front, also of none.
    plain = special.legendre_p(0, 0.0)
    return ans.reshape(plain.shape + ans.shape)


def _orders(m):
    """As SciPy puts them: those below 0 behind."""
    return np.concatenate([np.arange(m + 1), np.arange(-m, 0)])


def _in_front(z, *leading):
    """Arrays of degrees, or of degrees and orders, along axes before those of z."""
    z = as_operand(z)
    count = len(leading)
    return [
        x.reshape((1,) * i + (-1,) + (1,) * (count - 1 - i + z.ndim)) for i, x in enumerate(leading)
    ]


def legendre_p(n: Any, z: Any, *, diff_n: int = 0) -> Any:
    """Legendre polynomial of degree n at z, elementwise.

    Equals :data:`scipy.special.legendre_p`; the derivatives by z are SciPy's own, and then those of
    Legendre's equation (DLMF 14.2.2), nan at 1 and -1 from the second on.

    Parameters
    ----------
    n : array_like of int
        Degrees; traced ones raise MissingRuleError.
    z : array_like
        Arguments.
    diff_n : int
        Up to which order SciPy is to answer derivatives too: for plain arguments only.

    Examples
    --------
    >>> import dualrev as dr
    >>> from dualrev.scipy.special import legendre_p
    >>> dr.derivative(lambda z: legendre_p(2, z))(0.5)
    array([1.5])
    """
    if not is_traced(n, z):
        return special.legendre_p(n, z, diff_n=diff_n)
    return _traced("legendre_p", _curve, (n, 0), z, diff_n)


def assoc_legendre_p(
    n: Any, m: Any, z: Any, *, branch_cut: int = 2, norm: bool = False, diff_n: int = 0
) -> Any:
    """Associated Legendre function of degree n and order m at z, elementwise.

    Equals :data:`scipy.special.assoc_legendre_p`, with derivatives by z as of :func:`legendre_p`.
    """
    options: Any = {"branch_cut": branch_cut, "norm": norm}
    if not is_traced(n, m, z):
        return special.assoc_legendre_p(n, m, z, diff_n=diff_n, **options)
    return _traced("assoc_legendre_p", _curve, (n, m), z, diff_n, **options)


def sph_legendre_p(n: Any, m: Any, theta: Any, *, diff_n: int = 0) -> Any:
    """Spherical Legendre function of degree n and order m at the angle theta, elementwise.

    Equals :data:`scipy.special.sph_legendre_p`, with derivatives by theta as of :func:`legendre_p`; nan
    at the poles from the second on.
    """
    if not is_traced(n, m, theta):
        return special.sph_legendre_p(n, m, theta, diff_n=diff_n)
    return _traced("sph_legendre_p", _polar_curve, (n, m), theta, diff_n)


def legendre_p_all(n: int, z: Any, *, diff_n: int = 0) -> Any:
    """Legendre polynomials of the degrees 0 to n, along an axis in front of those of z.

    Equals :data:`scipy.special.legendre_p_all`, with derivatives by z as of :func:`legendre_p`.
    """
    if not is_traced(n, z):
        return special.legendre_p_all(n, z, diff_n=diff_n)
    degrees = _in_front(z, np.arange(n + 1))
    return _traced("legendre_p", _curve, (*degrees, 0), z, diff_n)


def assoc_legendre_p_all(
    n: int, m: int, z: Any, *, branch_cut: int = 2, norm: bool = False, diff_n: int = 0
) -> Any:
    """Associated Legendre functions of all degrees up to n and orders from -m to m.

    Equals :data:`scipy.special.assoc_legendre_p_all`, with derivatives by z as of :func:`legendre_p`.
    """
    options: Any = {"branch_cut": branch_cut, "norm": norm}
    if not is_traced(n, m, z):
        return special.assoc_legendre_p_all(n, m, z, diff_n=diff_n, **options)
    leading = _in_front(z, np.arange(n + 1), _orders(m))
    return _traced("assoc_legendre_p", _curve, leading, z, diff_n, **options)


def sph_legendre_p_all(n: int, m: int, theta: Any, *, diff_n: int = 0) -> Any:
    """Spherical Legendre functions of all degrees up to n and orders from -m to m.

    Equals :data:`scipy.special.sph_legendre_p_all`, with derivatives by theta as of
    :func:`sph_legendre_p`.
    """
    if not is_traced(n, m, theta):
        return special.sph_legendre_p_all(n, m, theta, diff_n=diff_n)
    leading = _in_front(theta, np.arange(n + 1), _orders(m))
    return _traced("sph_legendre_p", _polar_curve, leading, theta, diff_n)


def sph_harm_y_all(n: int, m: int, theta: Any, phi: Any, *, diff_n: int = 0) -> Any:
    """Spherical harmonics of all degrees up to n and orders from -m to m.

    Equals :data:`scipy.special.sph_harm_y_all`, with derivatives as of :func:`sph_harm_y`.
    """
    if not is_traced(n, m, theta, phi):
        return special.sph_harm_y_all(n, m, theta, phi, diff_n=diff_n)
    angles = np.broadcast_arrays(as_operand(theta), as_operand(phi))
    leading = _in_front(angles[0], np.arange(n + 1), _orders(m))
    return sph_harm_y(*leading, *angles, diff_n=diff_n)
