"""Filters, interpolation and geometry of images: :mod:`scipy.ndimage` with derivatives.

Owns the names only; what else SciPy has under this path serves plain arrays as it does there.
"""

import scipy.ndimage as _scipy

from dualrev.scipy.ndimage.averages import uniform_filter, uniform_filter1d
from dualrev.scipy.ndimage.correlation import convolve, convolve1d, correlate, correlate1d
from dualrev.scipy.ndimage.extrema import (
    maximum_filter,
    maximum_filter1d,
    minimum_filter,
    minimum_filter1d,
)
from dualrev.scipy.ndimage.geometry import affine_transform, map_coordinates, rotate, shift, zoom
from dualrev.scipy.ndimage.smoothing import (
    gaussian_filter,
    gaussian_filter1d,
    gaussian_gradient_magnitude,
    gaussian_laplace,
    laplace,
    prewitt,
    sobel,
)
from dualrev.scipy.ndimage.splines import spline_filter, spline_filter1d
from dualrev.scipy.untraced import rest_of

__all__ = [
    "affine_transform",
    "convolve",
    "convolve1d",
    "correlate",
    "correlate1d",
    "gaussian_filter",
    "gaussian_filter1d",
    "gaussian_gradient_magnitude",
    "gaussian_laplace",
    "laplace",
    "map_coordinates",
    "maximum_filter",
    "maximum_filter1d",
    "minimum_filter",
    "minimum_filter1d",
    "prewitt",
    "rotate",
    "shift",
    "sobel",
    "spline_filter",
    "spline_filter1d",
    "uniform_filter",
    "uniform_filter1d",
    "zoom",
]
__getattr__ = rest_of(_scipy)
