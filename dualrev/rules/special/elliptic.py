"""Elliptic integrals of Legendre and the functions of Jacobi: chapters 19 and 22 of DLMF.

Must not know NumPy's own functions' rules.

The derivatives by the parameter are written in D = (K - E) / m, the integral of sin^2 / sqrt(1 - m
sin^2), complete and incomplete (19.2.6): nothing vanishes at m = 0 with it.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.arrays import nowhere
from dualrev.core.elementwise import elementwise
from dualrev.rules.special.outputs import several_outputs
from dualrev.rules.special.removable import near, power_series

# D = pi/4 F(1/2, 3/2; 2; m), with terms for four derivatives at |m| < 1/16.
_D_SERIES = [math.pi / 4]
for _k in range(16):
    _D_SERIES.append(_D_SERIES[-1] * (_k + 0.5) * (_k + 1.5) / ((_k + 2) * (_k + 1)))


#: E of the complementary parameter: 1 - (1 - p) would lose a small p.
_second_complete = elementwise(
    lambda p: special.ellipe(1 - p),
    lambda ans, p: _complete_d(p) / 2,
    guarded=True,
    name="second_complete",
)


def _complete_d(p):
    """D of the complementary parameter p = 1 - m."""
    return near(
        p,
        1,
        lambda w: power_series(-w, _D_SERIES),
        lambda p: (special.ellipkm1(p) - _second_complete(p)) / (1 - p),
        0.0625,
    )


# 19.4.1 and 19.4.2.
elementwise(special.ellipk, lambda ans, m: (ans - _complete_d(1 - m)) / (2 * (1 - m)), guarded=True)
elementwise(special.ellipkm1, lambda ans, p: (_complete_d(p) - ans) / (2 * p), guarded=True)
elementwise(special.ellipe, lambda ans, m: -0.5 * _complete_d(1 - m), guarded=True)


def _by_quarter_periods(phi, m, first, complete):
    """``first(s, c^2, 1 - m s^2)`` for phi within half a period, and the whole periods beside it."""
    periods = np.round(phi / math.pi)
    s, c = np.sin(phi - math.pi * periods), np.cos(phi)
    value = first(s, c * c, 1 - m * s * s)
    if nowhere(periods):
        return value
    return value + 2 * periods * complete(np.where(np.equal(periods, 0), 0, m))


def _first_kind_by_parameter(phi, m):
    """dF/dm: 19.18.4 in the form 19.25.5 of F."""
    return _by_quarter_periods(
        phi,
        m,
        lambda s, c2, d2: s * s * s / 6 * special.elliprd(c2, 1, d2),
        lambda m: (special.ellipk(m) - _complete_d(1 - m)) / (2 * (1 - m)),
    )


def _second_kind_by_parameter(phi, m):
    """dE/dm = -D(phi, m) / 2, with D by 19.25.13."""
    return _by_quarter_periods(
        phi,
        m,
        lambda s, c2, d2: -s * s * s / 6 * special.elliprd(c2, d2, 1),
        lambda m: -0.5 * _complete_d(1 - m),
    )


elementwise(
    special.ellipkinc,
    lambda ans, phi, m: 1 / np.sqrt(1 - m * np.sin(phi) ** 2),
    lambda ans, phi, m: _first_kind_by_parameter(phi, m),
    guarded=True,
)
elementwise(
    special.ellipeinc,
    lambda ans, phi, m: np.sqrt(1 - m * np.sin(phi) ** 2),
    lambda ans, phi, m: _second_kind_by_parameter(phi, m),
    guarded=True,
)


def _jacobi_by_argument(ans, u, m):
    """22.13.1."""
    sn, cn, dn, _ = ans
    return cn * dn, -sn * dn, -m * sn * cn, dn


def _jacobi_by_parameter(ans, u, m):
    """From F(ph, m) = u: dph/dm = -dn dF/dm."""
    sn, cn, dn, ph = ans
    by_m = -dn * _first_kind_by_parameter(ph, m)
    # dn' = -(sn^2 + 2 m sn cn ph') / (2 dn), with dn divided out.
    return cn * by_m, -sn * by_m, -0.5 * sn * sn / dn - m * sn * cn * by_m / dn, by_m


several_outputs(special.ellipj, _jacobi_by_argument, _jacobi_by_parameter)


def _mean_by_first(ans, a, b):
    """dM/da = 2/pi (M / a)^2 D(1 - b^2/a^2), from M = pi/2 / RF(0, a^2, b^2): 19.8.5, 19.18.4."""
    return 2 / math.pi * (ans / a) ** 2 * _complete_d((b / a) ** 2)


elementwise(
    special.agm,
    _mean_by_first,
    lambda ans, a, b: _mean_by_first(ans, b, a),
    guarded=True,
)
