"""Rational functions by their values at support points: AAA and FloaterHormannInterpolator.

Owns their values, zeros and poles.  Must not know where points, values and weights come from.
"""

import numpy as np
import scipy.interpolate

from dualrev.core.traced import is_traced
from dualrev.core.words import constant
from dualrev.errors import no_rule
from dualrev.known import valued
from dualrev.scipy.bodies import means
from dualrev.scipy.by_program import by_program
from dualrev.scipy.interpolate.points import as_points

__all__: list = []

_kind = scipy.interpolate.AAA.__base__


def _rational(z, x, f, w):
    made = object.__new__(_kind)
    made._support_points, made._support_values, made.weights = x, f, w
    made._axis, made._shape = 0, f.shape[1:]
    return made(z)


_nearest = constant(
    lambda z, x: np.argmin(np.absolute(z[:, None] - x), axis=1), arity=2, name="rational"
)


def _rational_program(z, x, f, w):
    """``sum w f / (z - x)`` over ``sum w / (z - x)``, both times the distance to the nearest point.

    So that nothing is infinite at the points (Berrut and Trefethen 2004, "Barycentric Lagrange
    interpolation", equation 4.2).
    """
    distances = z[:, None] - x
    own = np.arange(x.shape[0]) == _nearest(z, x)[:, None]
    nearest = np.sum(np.where(own, distances, 0.0), axis=1, keepdims=True)
    shares = w * np.where(own, 1.0, nearest / np.where(own, 1.0, distances))
    return shares @ f / np.sum(shares, axis=1, keepdims=True)


_rational = by_program(_rational, _rational_program)


def _values(self, z):
    f, z = self._support_values, as_points(z)
    ans = _rational(
        z.reshape(-1), self._support_points, f.reshape(f.shape[0], -1), as_points(self.weights)
    )
    ans = ans.reshape(z.shape + self._shape)
    return np.moveaxis(ans, 0, getattr(self, "_axis", 0)) if z.ndim else ans


means(_kind.__call__, _values)


def _found_zeros(x, w):
    made = object.__new__(_kind)
    made._support_points, made.weights, made._poles = x, w, None
    return made.poles()


_found_zeros = constant(_found_zeros, arity=2, name="rational")


def _zeros(x, w):
    """Where ``sum w / (z - x)`` is 0, times the distance to the nearest point, as of the values.

    Two of Newton's steps have the derivatives up to the third.
    """
    found = _found_zeros(x, w)
    own = np.arange(x.shape[0]) == _nearest(found, x)[:, None]
    point = np.sum(np.where(own, x, 0.0), axis=1, keepdims=True)
    z = found[:, None]
    for _ in range(2):
        others = np.where(own, 1.0, z - x)
        value = np.sum(w * np.where(own, 1.0, (z - point) / others), axis=1, keepdims=True)
        slope = np.sum(w * np.where(own, 0.0, (point - x) / others**2), axis=1, keepdims=True)
        z = z - value / slope
    # Some are infinite, which rounding has made finite.
    lies = np.abs(z[:, 0] - found) <= 1e-6 * (1 + np.abs(found))
    return valued(z[:, 0] * np.where(lies, 1.0, np.nan), found)


def _poles(self):
    if self._poles is None:
        self._poles = _zeros(self._support_points, as_points(self.weights))
    return self._poles


def _roots(self):
    if self._support_values.ndim > 1:
        raise NotImplementedError("Roots not implemented for multi-dimensional data.")
    if self._roots is None:
        self._roots = _zeros(self._support_points, self.weights * self._support_values)
    return self._roots


means(_kind.poles, _poles)
means(_kind.roots, _roots)


def _compute_weights(self, z, f, **options):
    if is_traced(z, f):
        raise no_rule(
            "AAA of traced data",
            "use FloaterHormannInterpolator(x, y)",
            "it chooses its points among them one by one",
        )
    return _chosen(self, z, f, **options)


_chosen = scipy.interpolate.AAA._compute_weights
means(_chosen, _compute_weights)
