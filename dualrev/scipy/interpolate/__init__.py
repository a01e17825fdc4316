"""Interpolation; the names of :mod:`scipy.interpolate` that take derivatives.

Owns the names only, each from the module of its subject; what else SciPy has under this path serves
plain arrays as it does there.
"""

from dualrev.scipy.interpolate import (
    bspline,
    cubic,
    curves,
    fitpack,
    fits,
    grid,
    grid_surfaces,
    piecewise,
    radial,
    scattered_surfaces,
    spheres,
    univariate,
)
from dualrev.scipy.interpolate.bspline import *
from dualrev.scipy.interpolate.cubic import *
from dualrev.scipy.interpolate.curve_fits import make_splprep, make_splrep, splprep, splrep
from dualrev.scipy.interpolate.curves import *
from dualrev.scipy.interpolate.fitpack import *
from dualrev.scipy.interpolate.fits import *
from dualrev.scipy.interpolate.grid import *
from dualrev.scipy.interpolate.grid_surfaces import *
from dualrev.scipy.interpolate.piecewise import *
from dualrev.scipy.interpolate.radial import *
from dualrev.scipy.interpolate.rest import REST
from dualrev.scipy.interpolate.scattered import (
    CloughTocher2DInterpolator,
    LinearNDInterpolator,
    NearestNDInterpolator,
    griddata,
)
from dualrev.scipy.interpolate.scattered_surfaces import *
from dualrev.scipy.interpolate.spheres import *
from dualrev.scipy.interpolate.surfaces import BivariateSpline, bisplev
from dualrev.scipy.interpolate.univariate import *

__all__ = [
    *bspline.__all__,
    *cubic.__all__,
    *curves.__all__,
    *fitpack.__all__,
    *fits.__all__,
    *grid.__all__,
    *grid_surfaces.__all__,
    *piecewise.__all__,
    *radial.__all__,
    "CloughTocher2DInterpolator",
    "LinearNDInterpolator",
    "NearestNDInterpolator",
    "griddata",
    *scattered_surfaces.__all__,
    *spheres.__all__,
    *univariate.__all__,
    "BivariateSpline",
    "bisplev",
    "make_splprep",
    "make_splrep",
    "splprep",
    "splrep",
    *REST.names,
]

__getattr__ = REST
