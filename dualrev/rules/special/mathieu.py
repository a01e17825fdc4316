"""Mathieu functions: chapter 28 of DLMF.

Must not know NumPy's own functions' rules.

The second output of SciPy's functions is the derivative of the first; its own derivative is that of
Mathieu's equation.  SciPy takes the angle of ce and se in degrees, their slope by radians.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.core.words import constant
from dualrev.rules.special.outputs import several_outputs
from dualrev.rules.special.refusal import refuse
from dualrev.ways import aligned

_DEGREE = math.pi / 180


def _declare(function, slopes):
    several_outputs(function, refuse(function, "m"), refuse(function, "q"), slopes)


def _angular_slopes(characteristic):
    """w'' = -(a - 2 q cos 2x) w: 28.2.1."""

    def slopes(ans, m, q, x):
        w, slope = ans
        stiffness = characteristic(m, q) - 2 * q * special.cosdg(2 * x)
        return slope * _DEGREE, -_DEGREE * stiffness * w

    return slopes


def _radial_slopes(characteristic):
    """w'' = (a - 2 q cosh 2x) w: 28.20.1."""

    def slopes(ans, m, q, x):
        w, slope = ans
        return slope, (characteristic(m, q) - 2 * q * np.cosh(2 * x)) * w

    return slopes


_declare(special.mathieu_cem, _angular_slopes(special.mathieu_a))
_declare(special.mathieu_sem, _angular_slopes(special.mathieu_b))
for _even in (special.mathieu_modcem1, special.mathieu_modcem2):
    _declare(_even, _radial_slopes(special.mathieu_a))
for _odd in (special.mathieu_modsem1, special.mathieu_modsem2):
    _declare(_odd, _radial_slopes(special.mathieu_b))


def _count_of_angles(m, q):
    return int(np.max(m, initial=0) + 4 * np.sqrt(np.max(np.abs(q), initial=0))) + 24


_count_of_angles = constant(_count_of_angles, batch=aligned)


def _characteristic_slope(function):
    """da/dq is the mean of 2 cos(2x) over w^2: the derivative of an eigenvalue.

    By the trapezoidal rule, which is exact for trigonometric polynomials; the coefficients of w
    vanish fast beyond m + sqrt(q).
    """

    def partial(ans, m, q):
        count = int(_count_of_angles(m, q))
        angles = np.arange(count) * (180 / count)
        w, _ = function(np.expand_dims(m, -1), np.expand_dims(q, -1), angles)
        return 4 * np.mean(special.cosdg(2 * angles) * w * w, axis=-1)

    return partial


elementwise(
    special.mathieu_a,
    refuse(special.mathieu_a, "m"),
    _characteristic_slope(special.mathieu_cem),
)
elementwise(
    special.mathieu_b,
    refuse(special.mathieu_b, "m"),
    _characteristic_slope(special.mathieu_sem),
)
