"""Schemes: Runge and Kutta's methods as tables, by which one step follows from another.

Owns the tables.  Must not know what is integrated.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial import legendre, polynomial

__all__ = ["DAMPING", "RADAU", "Scheme", "gauss", "scheme_of"]


class Scheme(NamedTuple):
    """Stages ``Y_i = y + h sum_j a_ij f(t + c_j h, Y_j)``, of which the last is the next state.

    Attributes
    ----------
    a : array, shape (s, u)
        Of the u stages at which f is evaluated, the first ones.
    c : array, shape (u,)
    errors : array, shape (estimates, m)
        The weights of its estimates of the error of a step: of an explicit scheme those of the rates at
        its stages and at its end, of Radau's those of the moves of its stages.
    order : int
        Of the estimate.
    """

    a: np.ndarray
    c: np.ndarray
    errors: Any = None
    order: int = 0

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
    errors = [method.E5, method.E3] if hasattr(method, "E5") else [method.E]
    return Scheme(a, c, np.array(errors), method.error_estimator_order)


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
    errors = np.array([[-13 - 7 * 6**0.5, -13 + 7 * 6**0.5, -1]]) / 3
    return Scheme(collocation(c), c, errors, 3)


#: What the estimate of Radau's error is divided by, 1 / h times: of the real eigenvalue of its scheme.
DAMPING = 3 + 3 ** (2 / 3) - 3 ** (1 / 3)
#: Radau IIA of order 5.
RADAU = _radau()
