"""Convolution, filters, resampling and spectra: :mod:`scipy.signal` with derivatives.

Owns the names only; what else SciPy has under this path serves plain arrays as it does there.
"""

from dualrev.scipy.signal import (
    both_ways,
    coefficients,
    convolution,
    filters,
    fractions,
    peaks,
    planar,
    sampling,
    sections,
    smoothing,
    spectra,
    systems,  # noqa: F401
    windows,
)
from dualrev.scipy.signal.both_ways import *
from dualrev.scipy.signal.coefficients import *
from dualrev.scipy.signal.convolution import *
from dualrev.scipy.signal.filters import *
from dualrev.scipy.signal.fractions import *
from dualrev.scipy.signal.peaks import *
from dualrev.scipy.signal.planar import *
from dualrev.scipy.signal.rest import REST
from dualrev.scipy.signal.sampling import *
from dualrev.scipy.signal.sections import *
from dualrev.scipy.signal.smoothing import *
from dualrev.scipy.signal.spectra import *

__all__ = [
    *both_ways.__all__,
    *coefficients.__all__,
    *convolution.__all__,
    *filters.__all__,
    *fractions.__all__,
    *peaks.__all__,
    *planar.__all__,
    *sampling.__all__,
    *sections.__all__,
    *smoothing.__all__,
    *spectra.__all__,
    "windows",
    *REST.names,
]

__getattr__ = REST
