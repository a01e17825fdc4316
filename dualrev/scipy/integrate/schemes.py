"""Schemes: Runge and Kutta's methods as tables, by which one step follows from another.

Owns the tables.  Must not know what is integrated.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial import legendre, polynomial

__all__ = ["RADAU", "Scheme", "gauss", "scheme_of"]


class Scheme(NamedTuple):
    """Stages ``Y_i = y + h sum_j a_ij f(t + c_j h, Y_j)``, of which the last is the next state.

    Attributes
    ----------
    a : array, shape (s, u)
        Of the u stages at which f is evaluated, the first ones.
    c : array, shape (u,)
    """

    a: np.ndarray
    c: np.ndarray

    @property
    def is_explicit(self):
        """Whether each stage follows from those before."""
        return not np.triu(self.a).any()


def scheme_of(method: Any) -> Scheme:
    """The scheme of a method of SciPy's: its own where it is explicit, else Radau's.

    The mesh of a multistep method serves Radau's IIA, of order 5, whose error is less on it.
    """
    if not all(hasattr(method, name) for name in "ABC"):
        return RADAU
    before, last, c = method.A, method.B, method.C
    a = np.zeros((len(c) + 1, len(c)))
    a[:-1, : before.shape[1]] = before
    a[-1] = last
    return Scheme(a, c)


def collocation(c: np.ndarray) -> np.ndarray:
    """The integrals from 0 to each of the points of the polynomials that are 1 at one of them."""
    powers = np.arange(len(c))
    basis = np.linalg.inv(polynomial.polyvander(c, len(c) - 1))
    return (c[:, None] ** (powers + 1) / (powers + 1)) @ basis


def gauss(points: int) -> Scheme:
    """Gauss's collocation, and the next state: of order 2 points."""
    x, weights = legendre.leggauss(points)
    c = (x + 1) / 2
    return Scheme(np.vstack([collocation(c), weights / 2]), c)


def _radau():
    # Hairer and Wanner (1996), "Solving Ordinary Differential Equations II", section IV.5
    c = np.array([(4 - 6**0.5) / 10, (4 + 6**0.5) / 10, 1.0])
    return Scheme(collocation(c), c)


#: Radau IIA of order 5.
RADAU = _radau()
