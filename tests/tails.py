"""Functions of one number beside mpmath's, and where their derivatives are compared.

Read by tests/rules/test_special_tails.py, which takes a few points, and by tests/thorough, which
takes many.
"""

import dataclasses
from collections.abc import Callable

import mpmath as mp
import numpy as np
from scipy import special

import dualrev as dr

SMALLEST = np.finfo(float).tiny


@dataclasses.dataclass(frozen=True)
class Row:
    """A function, mpmath's, the part of the axis, and how many digits mpmath needs there."""

    name: str
    f: Callable
    exact: Callable
    low: float = -705.0
    high: float = 705.0
    digits: int = 40
    rtol: float = 1e-8

    def __str__(self):
        return self.name

    def points(self, sparse):
        """From the smallest numbers to the ends, in both directions and on both sides of 0."""
        tiny = 10.0 ** np.linspace(-300, -14, 3 if sparse else 12)
        small = 10.0 ** np.linspace(-12, 0, 6 if sparse else 40)
        x = []
        for sign, end in ((-1, -self.low), (1, self.high)):
            if end > 1:
                count = 12 if sparse else 150
                ends = np.concatenate(
                    [
                        tiny,
                        small,
                        np.linspace(1.1, min(end, 60), count),
                        np.geomspace(1.3, end, count),
                    ]
                )
                x.append(sign * ends)
        return np.unique(np.concatenate(x))


def exact_derivatives(g, x, digits, orders=3):
    with mp.workdps(digits):
        return [float(mp.diff(g, mp.mpf(float(x)), n)) for n in range(1, orders + 1)]


def disagreements(row, points, orders=3):
    """The points, orders and values where ours is a finite number, or none, beside a normal one."""
    found, slopes = [], [row.f]
    for _ in range(orders):
        slopes.append(dr.derivative(slopes[-1]))
    for x in points:
        for n, expected in enumerate(exact_derivatives(row.exact, x, row.digits, orders), 1):
            if np.isfinite(expected) and abs(expected) > SMALLEST:
                value = slopes[n](float(x))
                if not abs(value - expected) <= row.rtol * abs(expected):
                    found.append((float(x), n, float(value), expected))
    return found


def mp_expit(x):
    return 1 / (1 + mp.exp(-x))


ROWS = [
    Row("expit", special.expit, mp_expit, digits=330),
    Row("log_expit", special.log_expit, lambda x: -mp.log1p(mp.exp(-x)), digits=330),
    Row("tanh", np.tanh, mp.tanh, -353.0, 353.0, digits=330),
    Row(
        "logaddexp(0, x)", lambda x: np.logaddexp(0.0, x), lambda x: mp.log1p(mp.exp(x)), digits=330
    ),
    Row(
        "logaddexp(x, 0)", lambda x: np.logaddexp(x, 0.0), lambda x: mp.log1p(mp.exp(x)), digits=330
    ),
    Row(
        "logaddexp2(x, 0)",
        lambda x: np.logaddexp2(x, 0.0),
        lambda x: mp.log(1 + mp.mpf(2) ** x, 2),
        -1000.0,
        1000.0,
        digits=330,
    ),
]
