"""Filters, interpolation and geometry of images: :mod:`scipy.ndimage` with derivatives.

Owns the names only; what else SciPy has under this path serves plain arrays as it does there.
"""

from dualrev.scipy.ndimage import (
    averages,
    backgrounds,
    correlation,
    fourier,
    generic,
    geometry,
    moving_extrema,
    ranks,
    smoothing,
    splines,
)
from dualrev.scipy.ndimage.averages import *
from dualrev.scipy.ndimage.backgrounds import *
from dualrev.scipy.ndimage.correlation import *
from dualrev.scipy.ndimage.fourier import *
from dualrev.scipy.ndimage.generic import *
from dualrev.scipy.ndimage.geometry import *
from dualrev.scipy.ndimage.moving_extrema import *
from dualrev.scipy.ndimage.ranks import *
from dualrev.scipy.ndimage.rest import REST
from dualrev.scipy.ndimage.smoothing import *
from dualrev.scipy.ndimage.splines import *

__all__ = [
    *averages.__all__,
    *backgrounds.__all__,
    *correlation.__all__,
    *fourier.__all__,
    *generic.__all__,
    *geometry.__all__,
    *moving_extrema.__all__,
    *ranks.__all__,
    *smoothing.__all__,
    *splines.__all__,
    *REST.names,
]

__getattr__ = REST
