"""Struve functions, and integrals of Bessel and Struve functions: chapters 11 and 10.22 of DLMF.

Must not know NumPy's own functions' rules.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.arrays import nowhere
from dualrev.core.elementwise import elementwise
from dualrev.rules.special.gamma import rgamma_slope
from dualrev.rules.special.gamma_series import struve_moment, struve_slope
from dualrev.rules.special.orders import second_kind
from dualrev.rules.special.outputs import several_outputs
from dualrev.rules.special.removable import near, power_series


def _half_power(v, x):
    """(x / 2)^v / (sqrt(pi) gamma(v + 3/2))."""
    return np.power(0.5 * x, 1.0 * v) * (special.rgamma(v + 1.5) / math.sqrt(math.pi))


def _struve(function, sign):
    """Declare a Struve function: 11.4.25 and 11.4.26."""

    def series(v, x):
        """11.2.1 and 11.2.2, differentiated."""
        coefficients = [
            sign**k * (k + (v + 1) / 2) * (special.rgamma(k + v + 1.5) / math.gamma(k + 1.5))
            for k in range(12)
        ]
        # The first apart: it is constant or 0 of orders 0 and -1, beside what grows with x^2.
        first, rest = coefficients[0], power_series(0.25 * x * x, coefficients[1:])
        return np.power(0.5 * x, 1.0 * v) * first + np.power(0.5 * x, v + 2.0) * rest

    def difference(v, x):
        below, above = function(v - 1, x), function(v + 1, x)
        return (below + sign * above + _half_power(v, x)) / 2

    def slope(ans, v, x):
        # Near 0 the third derivative is small beside what it would be the difference of.
        small = np.absolute(x) < 1
        if nowhere(small):
            return difference(v, x)
        near, far = np.where(small, x, 0.5), np.where(small, 2.0, x)
        return np.where(small, series(v, near), difference(v, far))

    elementwise(
        function,
        lambda ans, v, x: _by_order(sign, v, np.where(x < 0, np.nan, x)),
        slope,
        guarded=True,
    )


def _by_order(sign, v, x):
    """From the series; H also, where its terms cancel, as yv and the integral 11.5.2."""
    far = (x >= np.maximum(12, v)) & (v > -5) if sign == -1 else np.zeros(np.shape(x), bool)
    if nowhere(far):
        return struve_slope(sign, 1, 0, v, x)
    near = struve_slope(sign, 1, 0, np.where(far, 0.0, v), np.where(far, 1.0, x))
    v, x = np.where(far, v, 0.0), np.where(far, x, 12.0)
    power = 2 / math.sqrt(math.pi) * np.power(x / 2, v)
    rate = rgamma_slope(v + 0.5) + np.log(x / 2) * special.rgamma(v + 0.5)
    moments = rate * struve_moment(0, 0, v, x) + special.rgamma(v + 0.5) * struve_moment(1, 0, v, x)
    return np.where(far, second_kind(1, 0, v, x) + power * moments, near)


_struve(special.struve, -1)
_struve(special.modstruve, 1)

# (I0(x) - 1) / x and H0(x) / x, divided by x and 1, in powers of x^2: 10.25.2 and 11.2.1.
_I0_LESS_1 = [1 / (4**k * math.factorial(k) ** 2) for k in range(1, 13)]
_J0_LESS_1 = [-((-1) ** k) * c for k, c in enumerate(_I0_LESS_1)]
_H0 = [(-1) ** k / (4**k * math.gamma(k + 1.5) ** 2) / 2 for k in range(12)]


def _i0_ratio(x):
    """(I0(x) - 1) / x."""
    return near(
        x, 0, lambda x: x * power_series(x * x, _I0_LESS_1), lambda x: (special.i0(x) - 1) / x, 1
    )


def _j0_ratio(x):
    """(1 - J0(x)) / x."""
    return near(
        x, 0, lambda x: -x * power_series(x * x, _J0_LESS_1), lambda x: (1 - special.j0(x)) / x, 1
    )


def _struve_ratio(x):
    """H0(x) / x."""
    return near(x, 0, lambda x: power_series(x * x, _H0), lambda x: special.struve(0, x) / x, 1)


several_outputs(special.itj0y0, lambda ans, x: (special.j0(x), special.y0(x)))
several_outputs(special.iti0k0, lambda ans, x: (special.i0(x), special.k0(x)))
several_outputs(special.it2j0y0, lambda ans, x: (_j0_ratio(x), -special.y0(x) / x))
several_outputs(special.it2i0k0, lambda ans, x: (_i0_ratio(x), -special.k0(x) / x))
elementwise(special.itstruve0, lambda ans, x: special.struve(0, x))
elementwise(special.itmodstruve0, lambda ans, x: special.modstruve(0, x))
elementwise(special.it2struve0, lambda ans, x: -_struve_ratio(x))
