"""Convolution, filters, resampling and spectra: :mod:`scipy.signal` with derivatives.

Owns the names only; what else SciPy has under this path serves plain arrays as it does there.
"""

import scipy.signal as _scipy

from dualrev.scipy.signal.both_ways import filtfilt, sosfiltfilt
from dualrev.scipy.signal.convolution import (
    convolve,
    convolve2d,
    correlate,
    correlate2d,
    fftconvolve,
    oaconvolve,
    upfirdn,
)
from dualrev.scipy.signal.filters import lfilter, lfilter_zi
from dualrev.scipy.signal.sampling import decimate, resample, resample_poly
from dualrev.scipy.signal.sections import sosfilt, sosfilt_zi
from dualrev.scipy.signal.smoothing import detrend, savgol_filter
from dualrev.scipy.signal.spectra import (
    csd,
    freqz,
    freqz_sos,
    hilbert,
    periodogram,
    welch,
)
from dualrev.scipy.untraced import rest_of

__all__ = [
    "convolve",
    "convolve2d",
    "correlate",
    "correlate2d",
    "csd",
    "decimate",
    "detrend",
    "fftconvolve",
    "filtfilt",
    "freqz",
    "freqz_sos",
    "hilbert",
    "lfilter",
    "lfilter_zi",
    "oaconvolve",
    "periodogram",
    "resample",
    "resample_poly",
    "savgol_filter",
    "sosfilt",
    "sosfilt_zi",
    "sosfiltfilt",
    "upfirdn",
    "welch",
]
__getattr__ = rest_of(_scipy)
