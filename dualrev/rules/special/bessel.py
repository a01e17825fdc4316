"""Bessel and Hankel functions: chapter 10 of DLMF.

Must not know NumPy's own functions' rules.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.arrays import nowhere
from dualrev.core.elementwise import elementwise
from dualrev.errors import no_rule
from dualrev.rules.signs import unsettled_zero
from dualrev.rules.special.orders import first_kind, scaled_i, scaled_k, second_kind
from dualrev.rules.special.refusal import refuse
from dualrev.rules.special.removable import near, pieces, power_series

# J1(x) / x and I1(x) / x in powers of x^2: 10.2.2 and 10.25.2.
_I1 = [1 / (2 * 4**k * math.factorial(k) * math.factorial(k + 1)) for k in range(13)]
_J1 = [(-1) ** k * c for k, c in enumerate(_I1)]


def _ratio_of(function, coefficients):
    """``function(x) / x``."""
    return lambda x: near(
        x, 0, lambda x: power_series(x * x, coefficients), lambda x: function(x) / x, 1
    )


_j1_ratio = _ratio_of(special.j1, _J1)
_i1_ratio = _ratio_of(special.i1, _I1)

# 10.6.2 and 10.29.2.  Their derivatives are 10.6.7 and 10.29.5, without the quotients, which lose digits
# in each further order; J_3 and I_3 take a hundred times as long as J_1 and I_1.
_j1_slope = elementwise(
    lambda x: special.j0(x) - _j1_ratio(x),
    lambda ans, x: (special.jv(3, x) - 3 * special.j1(x)) / 4,
    name="j1_slope",
)
_i1_slope = elementwise(
    lambda x: special.i0(x) - _i1_ratio(x),
    lambda ans, x: (special.iv(3, x) + 3 * special.i1(x)) / 4,
    guarded=True,
    name="i1_slope",
)
elementwise(special.j0, lambda ans, x: -special.j1(x))
elementwise(special.j1, lambda ans, x: _j1_slope(x))
elementwise(special.y0, lambda ans, x: -special.y1(x), guarded=True)
elementwise(special.y1, lambda ans, x: special.y0(x) - ans / x, guarded=True)
elementwise(special.i0, lambda ans, x: special.i1(x), guarded=True)
elementwise(special.i1, lambda ans, x: _i1_slope(x), guarded=True)
elementwise(special.k0, lambda ans, x: -special.k1(x), guarded=True)
elementwise(special.k1, lambda ans, x: -special.k0(x) - ans / x, guarded=True)


def _of_order(function, by_order, slope):
    """Declare a function of order v by its partials: ``by_order(v, z)``, of real z, and a slope."""

    def by_v(ans, v, z):
        if by_order is None or np.iscomplexobj(z):
            return refuse(function, "v")(ans, v, z)
        return by_order(v, z)

    elementwise(function, by_v, slope, guarded=True)


def _of_whole_order(function, slope):
    """SciPy cuts the fraction of the order off."""
    _of_order(function, None, lambda ans, n, x: slope(ans, np.trunc(n), x))


def _i_by_order(v, x):
    return np.exp(x) * scaled_i(1, 0, v, x)


def _k_by_order(v, x):
    return np.exp(-x) * scaled_k(1, 0, v, x)


def _first_by_order(v, x):
    return first_kind(1, 0, v, x)


def _second_by_order(v, x):
    return second_kind(1, 0, v, x)


# J and I are finite at 0, where v / z is not: 10.6.1 and 10.29.1.  The others need one function only.
_of_order(
    special.jv,
    _first_by_order,
    lambda ans, v, z: (special.jv(v - 1, z) - special.jv(v + 1, z)) / 2,
)
_of_order(special.yv, _second_by_order, lambda ans, v, z: special.yv(v - 1, z) - v / z * ans)
_of_whole_order(special.yn, lambda ans, n, x: special.yv(n - 1, x) - n / x * ans)
_of_order(
    special.iv, _i_by_order, lambda ans, v, z: (special.iv(v - 1, z) + special.iv(v + 1, z)) / 2
)
_of_order(special.kv, _k_by_order, lambda ans, v, z: -special.kv(v - 1, z) - v / z * ans)
_of_whole_order(special.kn, lambda ans, n, x: -(special.kv(n - 1, x) + special.kv(n + 1, x)) / 2)


def _hankel_by_order(i):
    return lambda v, x: first_kind(1, 0, v, x) + i * second_kind(1, 0, v, x)


for _hankel, _i in ((special.hankel1, 1j), (special.hankel2, -1j)):
    _of_order(_hankel, _hankel_by_order(_i), lambda ans, v, z, h=_hankel: h(v - 1, z) - v / z * ans)


def _expansion_slope(v, x, sign):
    """The derivative of (pi x / 2)^(-1/2) sum (-sign)^k a_k(v) / x^k: 10.40.1 and 10.40.2.

    For I with sign 1 (and half of it, over 2 pi), for K with -1, each scaled.
    """
    mu = 4.0 * v * v
    coefficients, term = [-0.5], 1.0
    for k in range(1, 24):
        term = term * (-sign * (mu - (2 * k - 1) ** 2) / (8 * k))
        coefficients.append(-(k + 0.5) * term)
    return power_series(1 / x, coefficients) / (x * np.sqrt(x))


def _scaled_slope(v, slope, factor, sign):
    """The slope of a scaled I or K of a whole order; ``slope`` cancels far out, as 1 / (2 x)."""

    def partial(ans, x):
        return pieces(
            np.absolute(x) > _FAR,
            x,
            lambda x: factor * np.sign(x) ** (v + 1) * _expansion_slope(v, np.absolute(x), sign),
            slope,
            (2 * _FAR, 1.0),
        )

    return partial


def _sign_at_kink(x):
    """The slope of abs(x), which has none itself at 0."""
    return np.sign(x) + unsettled_zero(x)


# From here on exp(-2 x) is nothing, and the expansion has all digits.
_FAR = 25.0

# Scaled by exp(-|Re z|) and by exp(z).
elementwise(
    special.i0e,
    _scaled_slope(
        0,
        lambda x: special.i1e(x) - _sign_at_kink(x) * special.i0e(x),
        math.sqrt(0.5 / math.pi),
        1,
    ),
)
elementwise(
    special.i1e,
    _scaled_slope(
        1,
        lambda x: (special.i0e(x) + special.ive(2, x)) / 2 - np.sign(x) * special.i1e(x),
        math.sqrt(0.5 / math.pi),
        1,
    ),
)
elementwise(
    special.k0e,
    _scaled_slope(0, lambda x: special.k0e(x) - special.k1e(x), math.sqrt(0.5 * math.pi), -1),
    guarded=True,
)
elementwise(
    special.k1e,
    _scaled_slope(
        1,
        lambda x: special.k1e(x) - special.k0e(x) - special.k1e(x) / x,
        math.sqrt(0.5 * math.pi),
        -1,
    ),
    guarded=True,
)


def _unless_far(function, slope, far_slope, position):
    """A slope of a scaled function of order v; far out, by ``position(z)``, the expansion's.

    There what the first is the difference of agrees in all digits, at second order and above.
    """

    def partial(ans, v, z):
        far = position(z) > np.maximum(_FAR, 1.0 * v * v)
        if nowhere(far):
            return slope(ans, v, z)
        near_z = np.where(far, 1.0, z)
        near = slope(function(v, near_z), v, near_z)
        return np.where(far, far_slope(np.where(far, v, 1.0), np.where(far, z, 2 * _FAR)), near)

    return partial


def _far_kve_slope(v, z):
    return math.sqrt(0.5 * math.pi) * _expansion_slope(v, z, -1)


_of_order(
    special.kve,
    lambda v, z: scaled_k(1, 0, v, z),
    _unless_far(
        special.kve,
        lambda ans, v, z: ans - special.kve(v - 1, z) - v / z * ans,
        _far_kve_slope,
        np.real,
    ),
)
# They are K of z turned by a right angle: 10.27.8.
for _hankel, _turn in ((special.hankel1e, -1j), (special.hankel2e, 1j)):
    _of_order(
        _hankel,
        lambda v, z, i=_turn: np.exp(i * z) * _hankel_by_order(-i)(v, z),
        _unless_far(
            _hankel,
            lambda ans, v, z, h=_hankel, i=_turn: h(v - 1, z) - ans * (v / z - i),
            lambda v, z, i=_turn: (
                -2 / math.pi * np.exp(0.5 * math.pi * i * v) * _far_kve_slope(v, i * z)
            ),
            np.real,
        ),
    )


def _scaled_by_modulus(function, factor, by_order, slope):
    """Declare a function scaled by a modulus, which is not holomorphic."""

    def partial(ans, v, z):
        if z.dtype.kind == "c":
            name = function.__name__
            raise no_rule(
                f"scipy.special.{name} of a complex argument",
                f"use {name[:-1]}(v, z) * {factor}",
                why="it is not holomorphic",
            )
        return slope(ans, v, z)

    _of_order(function, by_order, partial)


_scaled_by_modulus(
    special.ive,
    "np.exp(-abs(z.real))",
    lambda v, z: scaled_i(1, 0, v, z),
    _unless_far(
        special.ive,
        lambda ans, v, z: (
            (special.ive(v - 1, z) + special.ive(v + 1, z)) / 2
            - np.where(np.equal(v, 0), _sign_at_kink(z), np.sign(z)) * ans
        ),
        lambda v, z: (
            math.sqrt(0.5 / math.pi)
            * np.power(np.sign(z), v + 1.0)
            * _expansion_slope(v, np.absolute(z), 1)
        ),
        np.absolute,
    ),
)
# Of a real argument, what they are scaled by is 1.
_scaled_by_modulus(
    special.jve,
    "np.exp(-abs(z.imag))",
    _first_by_order,
    lambda ans, v, z: (special.jve(v - 1, z) - special.jve(v + 1, z)) / 2,
)
_scaled_by_modulus(
    special.yve,
    "np.exp(-abs(z.imag))",
    _second_by_order,
    lambda ans, v, z: special.yve(v - 1, z) - v / z * ans,
)
elementwise(
    special.besselpoly,
    lambda ans, a, lmb, nu: (
        special.besselpoly(a, lmb + 1, nu - 1) - special.besselpoly(a, lmb + 1, nu + 1)
    ),
    refuse(special.besselpoly, "lmb"),
    refuse(special.besselpoly, "nu"),
)
