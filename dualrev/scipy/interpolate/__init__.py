"""Interpolation; the names of :mod:`scipy.interpolate` that take derivatives.

Owns the names only, each from the module of its subject.
"""

from dualrev.scipy.interpolate import bspline, cubic, curves, fitpack, fits, grid, piecewise, radial
from dualrev.scipy.interpolate.bspline import *
from dualrev.scipy.interpolate.cubic import *
from dualrev.scipy.interpolate.curves import *
from dualrev.scipy.interpolate.fitpack import *
from dualrev.scipy.interpolate.fits import *
from dualrev.scipy.interpolate.grid import *
from dualrev.scipy.interpolate.piecewise import *
from dualrev.scipy.interpolate.radial import *

__all__ = [
    *bspline.__all__,
    *cubic.__all__,
    *curves.__all__,
    *fitpack.__all__,
    *fits.__all__,
    *grid.__all__,
    *piecewise.__all__,
    *radial.__all__,
]
