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
    """A function, mpmath's, the part of the axis, and how many powers of e mpmath loses there.

    With ``slope`` what is given of mpmath is the derivative, where that is faster by far.
    """

    name: str
    f: Callable
    exact: Callable
    low: float = -705.0
    high: float = 705.0
    loss: Callable = lambda x: 0.0
    slope: bool = False
    least: float = 0.0
    rtol: float = 1e-8

    def __str__(self):
        return self.name

    def points(self, sparse):
        """From the smallest numbers to the ends, in both directions and on both sides of 0."""
        tiny = 10.0 ** np.linspace(-300, -14, 2 if sparse else 12)
        small = 10.0 ** np.linspace(-12, -0.05, 4 if sparse else 40)
        x = []
        for sign, end in ((-1, -self.low), (1, self.high)):
            if end > 1:
                count = 6 if sparse else 150
                ends = np.concatenate(
                    [
                        tiny,
                        small,
                        np.linspace(1.1, min(end, 60), count),
                        np.geomspace(1.3, end, count),
                    ]
                )
                x.append(sign * ends)
        x = np.unique(np.concatenate(x))
        return x[np.abs(x) >= self.least]


def exact_derivatives(row, x, orders=3):
    far = 320 if abs(x) < 1e-13 else 8 * int(abs(np.log10(abs(x))))
    with mp.workdps(40 + far + int(row.loss(x) / np.log(10))):
        at, relative = mp.mpf(float(x)), bool(abs(x) > 1)
        numbers = range(1 - row.slope, orders + 1 - row.slope)
        slopes = [mp.diff(row.exact, at, n, relative=relative) for n in numbers]
        return [float(mp.re(slope)) for slope in slopes]


def disagreements(row, points, orders=3):
    """The points, orders and values where ours is a finite number, or none, beside a normal one."""
    found, slopes = [], [row.f]
    for _ in range(orders):
        slopes.append(dr.derivative(slopes[-1]))
    for x in points:
        for n, expected in enumerate(exact_derivatives(row, x, orders), 1):
            if np.isfinite(expected) and abs(expected) > SMALLEST:
                value = slopes[n](float(x))
                if not abs(value - expected) <= row.rtol * abs(expected):
                    found.append((float(x), n, float(value), expected))
    return found


def mp_expit(x):
    return 1 / (1 + mp.exp(-x))


def mp_bell(x):
    return 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)


def mp_dawson(x):
    return mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x)


ROWS = [
    Row("expit", special.expit, mp_expit, loss=abs),
    Row("log_expit", special.log_expit, lambda x: -mp.log1p(mp.exp(-x)), loss=abs),
    Row("tanh", np.tanh, mp.tanh, -353.0, 353.0, loss=lambda x: 2 * abs(x)),
    Row("logaddexp(0, x)", lambda x: np.logaddexp(0.0, x), lambda x: mp.log1p(mp.exp(x)), loss=abs),
    Row("logaddexp(x, 0)", lambda x: np.logaddexp(x, 0.0), lambda x: mp.log1p(mp.exp(x)), loss=abs),
    Row(
        "logaddexp2(x, 0)",
        lambda x: np.logaddexp2(x, 0.0),
        lambda x: mp.log(1 + mp.mpf(2) ** x, 2),
        -1000.0,
        1000.0,
        loss=abs,
    ),
    Row("erf", special.erf, lambda x: mp_bell(x), -26.5, 26.5, slope=True),
    Row("erfc", special.erfc, lambda x: -mp_bell(x), -26.5, 26.5, slope=True),
    Row("erfcx", special.erfcx, lambda x: mp.exp(x * x) * mp.erfc(x), -26.0, 1e5),
    Row("erfi", special.erfi, lambda x: mp_bell(1j * x), -26.0, 26.0, slope=True),
    Row("dawsn", special.dawsn, mp_dawson, -30.0, 30.0),
    Row("ndtr", special.ndtr, mp.npdf, -37.0, 37.0, slope=True),
    Row(
        "log_ndtr",
        special.log_ndtr,
        lambda x: mp.log(mp.ncdf(x)),
        -1e6,
        37.0,
        loss=lambda x: x * x / 2 if x > 0 else 0,
    ),
    Row("expm1", np.expm1, mp.expm1, loss=abs),
    Row("special.expm1", special.expm1, mp.expm1, loss=abs),
    Row("exprel", special.exprel, lambda x: mp.expm1(x) / x, -1e6, 690.0),
    Row("log1p", np.log1p, mp.log1p, -0.999, 1e100),
    Row("arcsinh", np.arcsinh, mp.asinh, -1e100, 1e100),
    Row("arctan", np.arctan, mp.atan, -1e75, 1e75),
    Row("gammaln", special.gammaln, mp.digamma, 0.0, 1e100, slope=True, least=1e-12),
    Row(
        "digamma", special.digamma, lambda x: mp.polygamma(1, x), 0.0, 1e75, slope=True, least=1e-12
    ),
    Row("i0e", special.i0e, lambda x: mp.besseli(0, x) * mp.exp(-abs(x)), 0.0, 1e6),
    Row("i1e", special.i1e, lambda x: mp.besseli(1, x) * mp.exp(-abs(x)), 0.0, 1e6),
]
