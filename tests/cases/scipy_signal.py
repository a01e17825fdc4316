"""Cases of dualrev.scipy.signal."""

import numpy as np
import scipy.signal

from dualrev.scipy import signal
from tests.cases import F, case, complex_, real, row

MODES = ("full", "same", "valid")
# Stable, and with a leading coefficient that is not 1.
B, A = np.array([0.5, 1.2, -0.3]), np.array([1.6, -0.7, 0.4, 0.1])
SOS = np.array([[0.5, 0.2, -0.1, 1, -0.4, 0.3], [0.7, -0.3, 0.2, 1, 0.5, -0.1]])


def sections(function):
    """A function of the coefficients that are not the column of ones."""

    def call(free, *args):
        return function(np.insert(free, 3, 1.0, axis=1), *args)

    return call


FREE = np.delete(SOS, 3, 1)

CONVOLUTIONS = [
    *(
        case(f, real(*n), real(*m), mode=mode, method=method)
        for f in (signal.convolve, signal.correlate)
        for n, m, method in (
            ((6,), (3,), "auto"),
            ((5,), (4,), "direct"),
            ((3,), (6,), "fft"),
            ((4, 3), (2, 3), "direct"),
        )
        for mode in MODES
    ),
    *(
        case(f, complex_(5), complex_(2), mode=mode, dtypes="F")
        for f in (signal.convolve, signal.correlate)
        for mode in MODES
    ),
    *(
        case(f, real(*n), real(*m), mode=mode, axes=axes)
        for f in (signal.fftconvolve, signal.oaconvolve)
        for n, m, axes in (
            ((6,), (3,), None),
            ((2, 5), (2, 4), 1),
            ((5, 1, 2), (2, 3, 2), (0, -1)),
        )
        for mode in MODES
    ),
    *(
        case(f, real(4, 5), real(*m), mode=mode, boundary=boundary, fillvalue=0.7)
        for f in (signal.convolve2d, signal.correlate2d)
        for m in ((2, 3), (3, 2))
        for mode in ("full", "same")
        for boundary in ("fill", "wrap", "symm")
    ),
    *(
        case(f, real(*n), real(*m), mode="valid")
        for f in (signal.convolve2d, signal.correlate2d)
        for n, m in (((4, 5), (2, 3)), ((2, 3), (4, 5)))
    ),
    *(
        case(f, complex_(*n), complex_(*m), mode=mode, dtypes="")
        for f in (signal.convolve2d, signal.correlate2d)
        for n, m, mode in (((2, 2), (3, 3), "valid"), ((3, 3), (2, 2), "full"))
    ),
    *(
        case(signal.upfirdn, real(n), real(5, 2), up, down, axis=0)
        for n in (1, 4)
        for up, down in ((1, 1), (3, 2), (1, 3), (2, 5))
    ),
    case(signal.upfirdn, complex_(3), complex_(4), 2, 3, dtypes="F"),
]
FILTERS = [
    *(case(signal.lfilter, *arrays, real(6)) for arrays in ((B, A), (B, A[:1]), (B[:1], A))),
    case(signal.lfilter, B, A / 1.6, real(6, 2), axis=0),
    case(signal.lfilter, [0.5, 1.0], [1.0, -0.5], complex_(5), dtypes="F"),
    case(signal.lfilter, B + 0.2j, A - 0.1j, complex_(5), dtypes=""),
    case(signal.lfilter, B, A, real(2, 6), -1, real(2, 3), dtypes="fD"),
    case(signal.lfilter, A, B, real(6, 2), 0, real(3, 1)),
    case(signal.lfilter, B, np.array([2.0]), real(6), -1, real(2)),
    case(signal.lfilter, B, A, real(2), -1, real(3)),
    case(signal.lfilter, [0.5, 1.0], [2.0, -0.5], real(5), -1, real(1)),
    case(signal.lfilter_zi, B, A),
    case(signal.lfilter_zi, A, B),
    case(signal.sosfilt, FREE, real(2, 6), call=sections(signal.sosfilt)),
    case(
        signal.sosfilt,
        FREE,
        real(6, 2),
        real(2, 2, 2),
        call=sections(lambda sos, x, zi: signal.sosfilt(sos, x, 0, zi)),
        label="sosfilt(zi)",
    ),
    case(signal.sosfilt, SOS.tolist(), complex_(6), dtypes="F"),
    case(signal.sosfilt_zi, FREE, call=sections(signal.sosfilt_zi)),
    *(
        case(signal.filtfilt, B, A, real(13, 2), axis=0, padtype=padtype, padlen=padlen)
        for padtype, padlen in (("odd", None), ("even", 3), ("constant", 4), (None, None))
    ),
    case(signal.filtfilt, [0.5, 0.5], [1.0, -0.3], real(7), padlen=6),
    case(signal.sosfiltfilt, SOS.tolist(), real(17)),
    case(
        signal.sosfiltfilt,
        FREE,
        real(9, 2),
        call=sections(lambda sos, x: signal.sosfiltfilt(sos, x, 0, "even", 3)),
        label="sosfiltfilt(even)",
    ),
]
SAMPLING = [
    *(
        case(signal.resample, x, num, axis=-1, dtypes="f" if x.dtype == float else "F")
        for x in (real(7), real(2, 8), complex_(7), complex_(2, 8))
        for num in (4, 5, 8, 12)
    ),
    *(
        case(signal.resample, x, 5, window=window, dtypes="")
        for x in (real(8), complex_(8))
        for window in ("hamming", np.cos)
    ),
    *(
        case(
            signal.resample,
            x,
            call=lambda x: signal.resample(x, 5, window=np.arange(8) / 7),
            dtypes="",
        )
        for x in (real(8), complex_(8))
    ),
    case(signal.resample, real(6), 4, np.arange(6.0)[:2].tolist()),
    *(
        case(signal.resample_poly, real(9, 2), up, down)
        for up, down in ((3, 2), (2, 3), (1, 4), (4, 2), (3, 3))
    ),
    case(signal.resample_poly, real(2, 9), 3, 2, axis=-1, window=[0.1, 0.5, 0.9, 0.5, 0.1]),
    *(
        case(signal.resample_poly, real(9), 2, 3, padtype=padtype)
        for padtype in ("mean", "median", "minimum", "maximum")
    ),
    case(signal.decimate, real(30), 2),
    case(signal.decimate, real(30, 2), 2, 3, axis=0, zero_phase=False),
    case(signal.decimate, real(25), 3, 4, ftype="fir"),
    case(signal.decimate, real(25), 3, 4, ftype="fir", zero_phase=False),
]
SMOOTHING = [
    *(
        case(signal.savgol_filter, real(8, 2), 5, 2, axis=0, mode=mode, cval=0.7)
        for mode in ("interp", "mirror", "constant", "nearest", "wrap")
    ),
    case(signal.savgol_filter, real(6), 4, 2, deriv=1, delta=0.5),
    case(signal.savgol_filter, real(2, 5), 5, 3, deriv=2),
    *(
        case(signal.detrend, real(7, 2), axis=0, type=type, bp=bp)
        for type, bp in (("linear", 0), ("constant", 0), ("linear", [3, 5]))
    ),
    case(signal.detrend, complex_(5), dtypes="F"),
]


def second(function):
    """The second of the results of a function: beside it are constant frequencies."""

    def call(*args, **options):
        return function(*args, **options)[1]

    call.__name__ = function.__name__
    return call


SPECTRA = [
    *(case(signal.hilbert, real(5, 2), n, 0) for n in (None, 4, 7)),
    case(signal.hilbert, real(2, 6)),
    case(second(signal.freqz), B, A, 5),
    case(second(signal.freqz), B, 1, 5, whole=True, include_nyquist=True),
    case(second(signal.freqz), complex_(2), A[:1], [0.1, 0.7], fs=2.0, dtypes=""),
    case(second(signal.freqz_sos), FREE, call=sections(lambda sos: signal.freqz_sos(sos, 4)[1])),
    *(
        case(second(signal.welch), x, nperseg=6, axis=axis, dtypes="", **options)
        for x, axis in ((real(2, 14), -1), (real(14, 2), 0))
        for options in (
            {},
            {"nfft": 9, "scaling": "spectrum", "detrend": "linear", "noverlap": 2},
            {"return_onesided": False, "detrend": False, "average": "median"},
        )
    ),
    case(second(signal.welch), real(14), fs=3.0, window=np.array([1, 4, 3, 1])),
    *(
        case(second(f), *args, nperseg=5, return_onesided=False, dtypes="")
        for f, args in (
            (signal.welch, (complex_(14),)),
            (signal.csd, (complex_(12), complex_(9))),
        )
    ),
    case(second(signal.csd), real(12), real(2, 12), nperseg=5),
    *(case(second(signal.periodogram), real(7), nfft=n, window="hann") for n in (None, 7, 9, 5)),
]


def first(function):
    """The first of the results of a function."""

    def call(*args, **options):
        return function(*args, **options)[0]

    call.__name__ = function.__name__
    return call


COEFFICIENTS = [
    row(first(signal.bilinear), B, A, F(2.3)),
    row(first(signal.lp2hp), B, A, F(1.3)),
    row(first(signal.lp2hp), B, A, np.array([1.3, 0.7])),
    row(first(signal.normalize), B, A),
    row(second(signal.normalize), B, A),
    row(second(signal.group_delay), (B, A), np.array([0.3, 0.7])),
    row(second(signal.group_delay), (B, A), np.float64(0.3)),
    row(second(signal.iircomb), 0.25, F(5.0)),
    row(signal.lfiltic, B, A, real(2), real(1)),
    row(first(signal.unique_roots), real(4)),
]
PLANAR = [
    row(signal.medfilt2d, real(4, 5), 3),
    row(signal.sepfir2d, real(4, 5), real(3), real(3, seed=1)),
    row(signal.symiirorder1, real(2, 20), 0.3, 0.1),
    row(signal.symiirorder2, real(30), 0.3, 0.4),
]
_RIDGE = real(20)
_PEAKS = scipy.signal.find_peaks(_RIDGE)[0].tolist()
PEAKS = [
    row(first(signal.peak_prominences), _RIDGE, _PEAKS),
    row(first(signal.peak_widths), _RIDGE, _PEAKS, rel_height=F(0.4)),
    case(
        signal.find_peaks,
        _RIDGE,
        call=lambda x: signal.find_peaks(x, prominence=0)[1]["prominences"],
    ),
]

CASES = [*COEFFICIENTS, *PLANAR, *PEAKS, *CONVOLUTIONS, *FILTERS, *SAMPLING, *SMOOTHING, *SPECTRA]
