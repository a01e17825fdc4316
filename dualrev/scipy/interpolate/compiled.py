"""What of SciPy's piecewise polynomials is compiled code, where their bodies run on traced arrays.

Owns the values of BPoly and NdPPoly, and the constants of NdPPoly's antiderivative.  Must not know their
classes.
"""

import math
from typing import Any

import numpy as np
import scipy.interpolate
import scipy.special
from scipy.interpolate import _interpolate, _ppoly

from dualrev.core.binding import elements_of
from dualrev.core.traced import is_traced
from dualrev.scipy.bodies import means, remade
from dualrev.scipy.by_program import by_program
from dualrev.scipy.interpolate.piecewise import PPoly, points_in
from dualrev.scipy.interpolate.points import in_double, moved_to, real_points
from dualrev.scipy.interpolate.scattered import coordinates

__all__: list = []


# --------------------------------------------------------------------------- Bernstein's basis


def _bernstein(c, x, at, nu=0, extrapolate=True):
    out = np.empty((at.shape[0], c.shape[2]), c.dtype)
    _ppoly.evaluate_bernstein(*map(np.ascontiguousarray, (c, x, at)), nu, extrapolate, out)
    return out


def _bernstein_program(c, x, at, nu=0, extrapolate=True):
    """``sum_a c[a] binom(k, a) s^a (1 - s)^(k - a)``; a derivative has k times the differences of c."""
    interval, h, outside, _ = points_in(x, at, extrapolate)
    width = elements_of(x, interval + 1) - elements_of(x, interval)
    c = elements_of(c, (slice(None), interval))
    for _ in range(nu):
        if c.shape[0] == 1:
            c = 0.0 * c
        else:
            c = (c.shape[0] - 1) * np.diff(c, axis=0) / width[:, None]
    k = c.shape[0] - 1
    s = h / width
    ans = sum(
        c[a] * (scipy.special.comb(k, a) * s**a * (1 - s) ** (k - a))[:, None] for a in range(k + 1)
    )
    return ans if outside is None else ans * np.where(outside, np.nan, 1.0)[:, None]


_bernstein = by_program(_bernstein, _bernstein_program, name="BPoly")


def _values_of_bernstein(self, x, nu=0, extrapolate=None):
    if extrapolate is None:
        extrapolate = self.extrapolate
    c, sites, x = in_double(self.c), in_double(self.x), real_points(x)
    at = in_double(x.reshape(-1))
    if extrapolate == "periodic":
        at = sites[0] + np.remainder(at - sites[0], sites[-1] - sites[0])
        extrapolate = False
    flat = c.reshape(*c.shape[:2], -1)
    ans = _bernstein(flat, sites, at, nu=nu, extrapolate=bool(extrapolate))
    return moved_to(ans.reshape(x.shape + c.shape[2:]), x.ndim, self.axis)


def _from_power_basis(cls, pp, extrapolate=None):
    if not isinstance(pp, PPoly):
        raise TypeError(f"from_power_basis takes a PPoly: got {type(pp).__name__}")
    bp = remade(_interpolate._BPoly).from_power_basis(pp, extrapolate)
    return cls.construct_fast(bp.c, bp.x, bp.extrapolate, bp.axis)


means(scipy.interpolate.BPoly.__call__, _values_of_bernstein)
if hasattr(_interpolate, "_BPoly"):  # from SciPy 1.18 on: what a BPoly holds, and asks a PPoly for
    means(scipy.interpolate.BPoly.from_power_basis.__func__, _from_power_basis)
    means(_interpolate._BPoly.__call__, _values_of_bernstein)

# ------------------------------------------------------------------------------ several axes


def _several_axes(c, at, *x, ks=(), nu=(), extrapolate=True):
    orders = np.array(nu, np.intc)
    out = np.empty((at.shape[0], c.shape[2]), c.dtype)
    c, at = np.ascontiguousarray(c), np.ascontiguousarray(at)
    _ppoly.evaluate_nd(c, x, np.array(ks, np.intc), at, orders, extrapolate, out)
    return out


def _several_axes_program(c, at, *x, ks=(), nu=(), extrapolate=True):
    """The sum over all products of powers, one an axis, of the local coordinates."""
    place: Any = 0
    weights = np.ones((1, at.shape[0]))
    outside = np.zeros(at.shape[0], bool)
    for axis, (sites, k, order) in enumerate(zip(x, ks, nu)):
        interval, h, out, _ = points_in(sites, at[:, axis], extrapolate)
        place = place * (len(sites) - 1) + interval
        powers = []
        for p in range(k - 1, -1, -1):
            factor = scipy.special.poch(p - order + 1, order) if p >= order else 0.0
            powers.append(factor * h ** max(p - order, 0))
        weights = (weights[:, None] * np.stack(powers)).reshape(-1, at.shape[0])
        outside = outside if out is None else outside | out
    ans = np.sum(elements_of(c, (slice(None), place)) * weights[..., None], axis=0)
    return ans if extrapolate else ans * np.where(outside, np.nan, 1.0)[:, None]


_several_axes = by_program(_several_axes, _several_axes_program, name="NdPPoly")


def _values_of_several_axes(self, x, nu=None, extrapolate=None):
    n = len(self.x)
    extrapolate = self.extrapolate if extrapolate is None else bool(extrapolate)
    x, ks = coordinates(x), self.c.shape[:n]
    orders = np.zeros(n, int) if nu is None else np.asarray(nu)
    if orders.shape != (n,):
        raise ValueError("invalid number of derivative orders nu")
    flat = in_double(self.c).reshape(math.prod(ks), math.prod(self.c.shape[n : 2 * n]), -1)
    options = {"ks": ks, "nu": tuple(map(int, orders)), "extrapolate": extrapolate}
    at = in_double(x.reshape(-1, x.shape[-1]))
    ans = _several_axes(flat, at, *map(in_double, self.x), **options)
    return ans.reshape(x.shape[:-1] + self.c.shape[2 * n :])


means(scipy.interpolate.NdPPoly.__call__, _values_of_several_axes)


def _fix_continuity(c, x, order):
    """Let each polynomial begin where the one before it ends, in its first derivatives, too."""
    if not is_traced(c, x):
        return _ppoly.fix_continuity(c, x, order)
    k, m = c.shape[:2]
    for i in range(1, m):
        h = x[i] - x[i - 1]
        for nu in range(order, -1, -1):
            terms = [
                c[k - 1 - p, i - 1] * (scipy.special.poch(p - nu + 1, nu) * h ** (p - nu))
                for p in range(nu, k)
            ]
            c[k - 1 - nu, i] = sum(terms) / scipy.special.factorial(nu)
    return None


means(_ppoly.fix_continuity, _fix_continuity)
