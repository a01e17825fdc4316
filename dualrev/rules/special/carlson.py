"""Carlson's symmetric elliptic integrals: chapter 19 of DLMF, from 19.16.

Must not know NumPy's own functions' rules.

A derivative of such an integral is one with a larger exponent (19.18).  Of these SciPy has RD, the
derivative of RF; the others are given by quadrature, since the formulas that reduce them to RF, RD
and RJ are 0 / 0 wherever two arguments agree.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.arrays import nowhere
from dualrev.core.elementwise import elementwise
from dualrev.errors import MissingRuleError
from dualrev.rules.special.quadrature import by_chunks, whole_line

_DIGITS = 38.0  # exp(-38) = 3e-17


def _integrate(x, y, z, p, i, j, k, n):
    """Integral of (t+x)^(-i-1/2) (t+y)^(-j-1/2) (t+z)^(-k-1/2) (t+p)^-n over t > 0."""
    points = [np.asarray(a) for a in (x, y, z, p)]
    if any(a.dtype.kind == "c" or np.any(a < 0) for a in points):
        raise MissingRuleError(
            "The derivatives of scipy.special.elliprd and elliprj, and with them the second ones of "
            "elliprf, elliprc and elliprg, have a rule for positive arguments only.",
            fix="use positive arguments",
        )
    points = np.broadcast_arrays(*(a.astype(float) for a in points))

    def of_chunk(x, y, z, p):
        scales = np.concatenate([x, y, z, p])
        scales = scales[(scales > 0) & np.isfinite(scales)]
        # Where one of x, y, z is 0 the integrand vanishes as t^(1/2) only.
        digits = _DIGITS if x.all() and y.all() and z.all() else 2 * _DIGITS
        low = math.log(scales.min(initial=1)) - digits
        high = math.log(scales.max(initial=1)) + _DIGITS / (i + j + k + n + 0.5)
        t, weights = whole_line(low, high)
        a, b, c = t + x, t + y, t + z
        product = np.sqrt(a * b * c)
        for factor, power in ((a, i), (b, j), (c, k), (t + p, n)):
            for _ in range(power):
                product *= factor
        return np.sum(weights / product, axis=0)

    with np.errstate(over="ignore"):
        total = by_chunks(of_chunk, *(a.reshape(-1) for a in points))
    return total.reshape(points[0].shape)[()]


_integral = elementwise(
    _integrate,
    lambda ans, x, y, z, p, i, j, k, n: -(i + 0.5) * _integral(x, y, z, p, i + 1, j, k, n),
    lambda ans, x, y, z, p, i, j, k, n: -(j + 0.5) * _integral(x, y, z, p, i, j + 1, k, n),
    lambda ans, x, y, z, p, i, j, k, n: -(k + 0.5) * _integral(x, y, z, p, i, j, k + 1, n),
    lambda ans, x, y, z, p, i, j, k, n: -n * _integral(x, y, z, p, i, j, k, n + 1),
    *(None, None, None, None),
)

elementwise(  # 19.18.4
    special.elliprf,
    lambda ans, x, y, z: -special.elliprd(y, z, x) / 6,
    lambda ans, x, y, z: -special.elliprd(x, z, y) / 6,
    lambda ans, x, y, z: -special.elliprd(x, y, z) / 6,
    guarded=True,
)


def _second_kind(ans, x, y, z):
    """Partial of RG by z, from 19.16.3 differentiated: (RF - z RD / 3) / 4."""
    return (special.elliprf(x, y, z) - z * special.elliprd(x, y, z) / 3) / 4


elementwise(
    special.elliprg,
    lambda ans, x, y, z: _second_kind(ans, y, z, x),
    lambda ans, x, y, z: _second_kind(ans, x, z, y),
    _second_kind,
    guarded=True,
)
elementwise(  # 19.16.5
    special.elliprd,
    lambda ans, x, y, z: -0.75 * _integral(x, y, z, 1.0, 1, 0, 1, 0),
    lambda ans, x, y, z: -0.75 * _integral(x, y, z, 1.0, 0, 1, 1, 0),
    lambda ans, x, y, z: -2.25 * _integral(x, y, z, 1.0, 0, 0, 2, 0),
    guarded=True,
)
elementwise(  # 19.16.2
    special.elliprj,
    lambda ans, x, y, z, p: -0.75 * _integral(x, y, z, p, 1, 0, 0, 1),
    lambda ans, x, y, z, p: -0.75 * _integral(x, y, z, p, 0, 1, 0, 1),
    lambda ans, x, y, z, p: -0.75 * _integral(x, y, z, p, 0, 0, 1, 1),
    lambda ans, x, y, z, p: -1.5 * _integral(x, y, z, p, 0, 0, 0, 2),
    guarded=True,
)


def _degenerate(below, above):
    """A partial of RC: ``below`` where y is negative (a principal value), ``above`` elsewhere."""

    def partial(ans, x, y):
        negative = np.less(np.real(y), 0) & np.equal(np.imag(y), 0)
        if nowhere(negative):
            return above(x, y)
        outside = below(ans, x, np.where(negative, y, -1))
        return np.where(negative, outside, above(x, np.where(negative, 1, y)))

    return partial


def _degenerate_by_x(ans, x, y):
    return (ans - 1 / np.sqrt(x)) / (2 * (y - x))


elementwise(  # RC(x, y) = RF(x, y, y): 19.16.6; homogeneous of degree -1/2
    special.elliprc,
    _degenerate(_degenerate_by_x, lambda x, y: -special.elliprd(y, y, x) / 6),
    _degenerate(
        lambda ans, x, y: -(ans / 2 + x * _degenerate_by_x(ans, x, y)) / y,
        lambda x, y: -special.elliprd(x, y, y) / 3,
    ),
    guarded=True,
)
