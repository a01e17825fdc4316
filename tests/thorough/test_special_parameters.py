"""Derivatives of special functions by their parameters at random points, against mpmath.

Orders and parameters of both signs, whole, half and any, tiny and large arguments, first and second
derivatives: right to 1e-8, or nan, which mostly they are not.  About three minutes.
"""

import mpmath as mp
import numpy as np
import pytest
from scipy import special

import dualrev as dr

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def parameter(rng):
    kinds = (
        lambda: rng.uniform(-4, 4),
        lambda: float(rng.integers(-4, 6)),
        lambda: float(rng.integers(-8, 9)) / 2,
        lambda: rng.uniform(0, 20),
        lambda: 10 ** rng.uniform(-9, 0),
    )
    return kinds[rng.integers(len(kinds))]()


def above(rng):
    return rng.uniform(0, 5)


def positive(rng):
    return rng.uniform(0, 40) if rng.random() < 0.5 else 10 ** rng.uniform(-6, 2)


def of_both_signs(rng):
    return rng.uniform(-30, 30)


def below_one(rng):
    return 1 - 10 ** rng.uniform(-5, 2) if rng.random() < 0.5 else rng.uniform(-1, 1)


def wright(a, b, x):
    return mp.fsum(x**k / mp.factorial(k) * mp.rgamma(a * k + b) for k in range(300))


ROWS = [
    (special.jv, mp.besselj, (parameter, positive)),
    (special.yv, mp.bessely, (parameter, positive)),
    (special.iv, mp.besseli, (parameter, positive)),
    (special.kv, mp.besselk, (parameter, positive)),
    (special.ive, lambda v, x: mp.besseli(v, x) * mp.exp(-x), (parameter, positive)),
    (special.kve, lambda v, x: mp.besselk(v, x) * mp.exp(x), (parameter, positive)),
    (special.struve, mp.struveh, (parameter, positive)),
    (special.modstruve, mp.struvel, (parameter, positive)),
    (special.hyp0f1, mp.hyp0f1, (parameter, of_both_signs)),
    (special.hyp1f1, mp.hyp1f1, (parameter, parameter, of_both_signs)),
    (special.hyp2f1, mp.hyp2f1, (parameter, parameter, parameter, below_one)),
    (special.hyperu, mp.hyperu, (parameter, parameter, positive)),
    (special.wright_bessel, wright, (above, above, above)),
]


@pytest.mark.parametrize(("f", "exact", "kinds"), ROWS)
def test_derivatives_by_parameters_are_those_of_mpmath_or_nan(f, exact, kinds):
    rng = np.random.default_rng(0)
    found, known, asked = [], 0, 0
    for _ in range(40):
        args = [kind(rng) for kind in kinds]
        orders = [0] * len(args)
        places = [rng.integers(len(args) - 1)]  # a parameter, and mostly something else
        places += [rng.integers(len(args))] if rng.random() < 0.6 else []
        slope = f
        for place in places:
            orders[place] += 1
            slope = dr.grad(slope, argnums=int(place))
        try:
            with mp.workdps(60):
                at = tuple(map(mp.mpf, args))
                expected = float(mp.diff(exact, at, tuple(orders), h=mp.mpf(10) ** -20))
                size = abs(float(exact(*at)))
        except (ValueError, ZeroDivisionError, mp.libmp.NoConvergence, TypeError, OverflowError):
            continue  # a pole, or a value beyond all numbers
        if not 1e-250 < abs(expected) < 1e250:
            continue
        asked += 1
        value = slope(*args)
        if np.isnan(value):
            continue
        known += 1
        # Near a zero of the derivative its digits are those of the function.
        if abs(value - expected) > 1e-8 * max(abs(expected), size):
            found.append((args, orders, value, expected))
    assert found == []
    assert known > 0.7 * asked > 10
