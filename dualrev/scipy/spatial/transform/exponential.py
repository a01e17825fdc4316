"""How rotation vectors move with the rotations: the derivative of the exponential map, and its inverse.

Owns those matrices, smooth at the identity.  Must not know the classes of rotations.

Chirikjian (2011), "Stochastic models, information theory, and Lie groups", volume 2, section 10.6.
"""

from math import factorial

import numpy as np
from scipy.special import bernoulli

from dualrev.scipy.spatial.transform.quaternions import even, inner

__all__ = ["acceleration_term", "exponential_matrix", "logarithm_matrix"]

# Each in powers of t^2: (1 - cos t) / t^2, (t - sin t) / t^3, (1 - t/2 cot(t/2)) / t^2,
# (2 - 2 cos t - t sin t) / t^4, (3 sin t - 2 t - t cos t) / t^5.
_FIRST = [(-1) ** k / factorial(2 * k + 2) for k in range(10)]
_SECOND = [(-1) ** k / factorial(2 * k + 3) for k in range(10)]
_COTANGENT = [abs(bernoulli(2 * k + 2)[-1]) / factorial(2 * k + 2) for k in range(14)]
_THIRD = [(-1) ** k * (2 * k + 2) / factorial(2 * k + 4) for k in range(10)]
_FOURTH = [(-1) ** (k + 1) * (2 * k + 2) / factorial(2 * k + 5) for k in range(10)]


def _skew(v):
    """[v]_x, with [v]_x u = v x u"""
    return np.swapaxes(np.cross(v[..., None, :], np.eye(3)), -1, -2)


def _second_factor(s):
    return even(s, _SECOND, lambda t: (t - np.sin(t)) / t**3)


def exponential_matrix(v, sign=1):
    """I + sign (1 - cos t)/t^2 [v] + (t - sin t)/t^3 [v]^2"""
    s, skew = inner(v, v)[..., None], _skew(v)
    first = even(s, _FIRST, lambda t: (1 - np.cos(t)) / t**2)
    return np.eye(3) + sign * first * skew + _second_factor(s) * (skew @ skew)


def logarithm_matrix(v, sign=1):
    """Its inverse, I - sign [v]/2 + (1 - t/2 cot(t/2))/t^2 [v]^2"""
    s, skew = inner(v, v)[..., None], _skew(v)
    factor = even(s, _COTANGENT, lambda t: (1 - t / 2 / np.tan(t / 2)) / t**2)
    return np.eye(3) - sign / 2 * skew + factor * (skew @ skew)


def acceleration_term(v, rate):
    """The angular acceleration of a vector v that moves at a constant rate."""
    s, along = inner(v, v), inner(v, rate)
    across = np.cross(v, rate)
    third = even(s, _THIRD, lambda t: (2 - 2 * np.cos(t) - t * np.sin(t)) / t**4)
    fourth = even(s, _FOURTH, lambda t: (3 * np.sin(t) - 2 * t - t * np.cos(t)) / t**5)
    turning = third * across + fourth * np.cross(v, across)
    return along * turning + _second_factor(s) * np.cross(rate, across)
