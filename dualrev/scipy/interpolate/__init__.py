"""Interpolation; the names of :mod:`scipy.interpolate` that take derivatives.

Owns the names only, each from the module of its subject.
"""

from dualrev.scipy.interpolate.bspline import BSpline
from dualrev.scipy.interpolate.cubic import (
    Akima1DInterpolator,
    CubicHermiteSpline,
    CubicSpline,
    PchipInterpolator,
    pchip_interpolate,
)
from dualrev.scipy.interpolate.curves import (
    BarycentricInterpolator,
    KroghInterpolator,
    interp1d,
)
from dualrev.scipy.interpolate.fitpack import splev, splint, splrep
from dualrev.scipy.interpolate.fits import make_interp_spline, make_lsq_spline
from dualrev.scipy.interpolate.grid import RegularGridInterpolator, interpn
from dualrev.scipy.interpolate.piecewise import PPoly
from dualrev.scipy.interpolate.radial import RBFInterpolator

__all__ = [
    "Akima1DInterpolator",
    "BSpline",
    "BarycentricInterpolator",
    "CubicHermiteSpline",
    "CubicSpline",
    "KroghInterpolator",
    "PPoly",
    "PchipInterpolator",
    "RBFInterpolator",
    "RegularGridInterpolator",
    "interp1d",
    "interpn",
    "make_interp_spline",
    "make_lsq_spline",
    "pchip_interpolate",
    "splev",
    "splint",
    "splrep",
]
