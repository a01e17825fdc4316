"""Convolution, filters, resampling and spectra: :mod:`scipy.signal` with derivatives.

Owns the names only; what else SciPy has under this path serves plain arrays as it does there.
"""

import scipy.signal as _scipy

from dualrev.scipy.signal import (
    both_ways,
    convolution,
    filters,
    sampling,
    sections,
    smoothing,
    spectra,
)
from dualrev.scipy.signal.both_ways import *
from dualrev.scipy.signal.convolution import *
from dualrev.scipy.signal.filters import *
from dualrev.scipy.signal.sampling import *
from dualrev.scipy.signal.sections import *
from dualrev.scipy.signal.smoothing import *
from dualrev.scipy.signal.spectra import *
from dualrev.scipy.untraced import rest_of

__all__ = [
    *both_ways.__all__,
    *convolution.__all__,
    *filters.__all__,
    *sampling.__all__,
    *sections.__all__,
    *smoothing.__all__,
    *spectra.__all__,
]

__getattr__ = rest_of(_scipy)
