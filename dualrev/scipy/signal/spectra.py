"""Spectra: the analytic signal, frequency responses, and power estimated from periodograms.

Owns their programs.  Must not know how a Fourier transform is differentiated.
"""

import numpy as np
import scipy.fft
import scipy.signal

from dualrev import errors
from dualrev.axes import along, sliced
from dualrev.core.binding import constant_of
from dualrev.core.traced import is_traced
from dualrev.core.words import linear
from dualrev.scipy.by_program import by_program
from dualrev.scipy.fft import fft, ifft, rfft
from dualrev.scipy.lags import framed, resized
from dualrev.scipy.signal.smoothing import detrend as _detrend
from dualrev.scipy.twin import twin
from dualrev.ways import in_line, named

__all__ = ["csd", "freqz", "freqz_sos", "hilbert", "periodogram", "welch"]


def _hilbert_transpose(ct, x, N=None, axis=-1):
    """The analytic signal is ``F^-1 H F``, H twice the step function; F and H are symmetric."""
    n = ct.shape[axis]
    weights = np.zeros(n, np.finfo(ct.dtype).dtype)
    weights[: (n + 1) // 2] = 2
    weights[0] = 1
    if n % 2 == 0:
        weights[n // 2] = 1
    return resized(fft(ifft(ct, axis=axis) * along(weights, axis, ct.ndim), axis=axis), x.shape)


@twin(scipy.signal.hilbert, linear, _hilbert_transpose)
def hilbert(x):
    """The analytic signal of x: without its negative frequencies, the others doubled.

    Equals :func:`scipy.signal.hilbert`.  Linear in x, which is real; a gradient costs two transforms.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.signal import hilbert
    >>> x = np.cos(np.arange(4.0) * np.pi / 2)
    >>> dr.grad(lambda x: np.sum(np.abs(hilbert(x)) ** 2))(x).round(12) + 0.0
    array([ 4.,  0., -4.,  0.])
    """


# ----------------------------------------------------------------------------- frequency responses

_ONE = np.ones(1)


def _response(b, a, **options):
    return scipy.signal.freqz(b, a, **options)[1]


def _polynomial_transpose(ct, c, z):
    """``sum_i ct_i z_i^k`` for every k, which is the first axis of c."""
    moments = []
    for _ in range(len(c)):
        moments.append(np.sum(ct, tuple(range(-z.ndim, 0))))
        ct = ct * z
    return np.stack(moments)


def _polynomial_batch(call, batched, c, z):
    return call(np.moveaxis(c, 0, -1), z=z)


_polynomial = linear(
    lambda c, z: np.polynomial.polynomial.polyval(z, c),
    _polynomial_transpose,
    batch=_polynomial_batch,
    name="polyval",
)


def _response_program(b, a, **options):
    """``sum_k b_k e^(-ikw) / sum_k a_k e^(-ikw)`` (Oppenheim and Schafer 2010, eq. 5.20)."""
    w, _ = scipy.signal.freqz(_ONE, _ONE, **options)
    z = np.exp(-2j * np.pi / options["fs"] * w)
    return _polynomial(b, z=z) / _polynomial(a, z=z)


_response = by_program(_response, _response_program, name="freqz")


@twin(scipy.signal.freqz)
def freqz(b, a, worN, *, plot, **options):
    """Frequencies w, and the response h of the filter b / a there.

    Equals :func:`scipy.signal.freqz`.  Differentiated in b and a, which are then vectors, and in
    frequencies that are given; others are constant.  A gradient costs ``len(w) * (len(b) + len(a))``
    multiplications.

    Raises
    ------
    MissingRuleError
        Where something is traced, and b or a is an array of filters.
    """
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    if b.ndim > 1 or a.ndim > 1:
        raise errors.no_rule(
            "scipy.signal.freqz of an array of filters", "call freqz for one filter after the other"
        )
    if is_traced(worN):
        w = np.atleast_1d(worN)
        z = np.exp(-2j * np.pi / options["fs"] * w)
        h = np.polyval(b[::-1], z) / np.polyval(a[::-1], z)
    else:
        w, _ = constant_of(scipy.signal.freqz, (b, a, worN), options)
        h = _response(b, a, worN=worN, **options)
    if plot is not None:
        plot(w, h)
    return w, h


@twin(scipy.signal.freqz_sos)
def freqz_sos(sos, worN, **options):
    """Frequencies w, and the response h of a cascade of sections of second order there.

    Equals :func:`scipy.signal.freqz_sos`.  Differentiated in sos (n, 6): the product of
    :func:`freqz` of each section, and in frequencies that are given.
    """
    h = 1.0
    for row in sos:
        w, factor = freqz(row[:3], row[3:], worN, **options)
        h = h * factor
    return w, h


# ------------------------------------------------------------------------------------------ power


def _plan(n, window, nperseg, nfft):
    """The window as an array, and the length of the transforms."""
    if isinstance(window, str | tuple):
        window = scipy.signal.get_window(window, min(256 if nperseg is None else nperseg, n))
    return np.asarray(window), len(window) if nfft is None else nfft


def _density_program(
    x,
    y,
    *,
    fs,
    window,
    nperseg,
    noverlap,
    nfft,
    detrend,
    return_onesided,
    scaling,
    axis,
    average,
):
    """The mean of ``conj(F x) F y`` over segments (Welch 1967, IEEE Trans. Audio Electroacoust. 15)."""
    same = y is x
    x, y = np.moveaxis(x, axis, -1), np.moveaxis(y, axis, -1)
    n = max(x.shape[-1], y.shape[-1])
    window, nfft = _plan(n, window, nperseg, nfft)
    length = len(window)
    step = length - (length // 2 if noverlap is None else noverlap)
    transform = rfft if return_onesided and x.dtype.kind != "c" else fft

    def spectra(x):
        x = resized(x, (*x.shape[:-1], n))
        segments = framed(x, length=length, step=step)
        if callable(detrend):
            segments = detrend(segments)
        elif detrend:
            segments = _detrend(segments, type=detrend)
        return transform(segments * window, nfft)

    of_x = spectra(x)
    power = np.conj(of_x) * (of_x if same else spectra(y))
    scale = fs * np.sum(window**2) if scaling == "density" else np.sum(window) ** 2
    factors = np.full(power.shape[-1], 1 / scale)
    if transform is rfft:
        factors[1 : None if nfft % 2 else -1] *= 2
    power = _average(power, average) * factors
    return np.moveaxis(power, -1, axis)


def _average(power, average):
    """The mean over segments, or the median, less its bias (Allen et al. 2012, appendix B)."""
    segments = power.shape[-2]
    if average == "mean" or segments == 1:
        return np.mean(power, axis=-2)
    even = 2 * np.arange(1, (segments - 1) // 2 + 1)
    bias = 1 + np.sum(1 / (even + 1) - 1 / even)
    median = np.median(power.real, axis=-2) + 1j * np.median(power.imag, axis=-2)
    return median / bias


def _power_program(x, **options):
    return _density_program(x, x, **options).real


def _density_batch(call, batched, x, y, **options):
    if x.ndim - batched[0] != y.ndim - batched[1]:
        return NotImplemented  # SciPy lets the others broadcast
    return in_line(-1)(call, batched, x, y, **options)


_density = by_program(
    lambda x, y, **options: scipy.signal.csd(x, y, **options)[1],
    _density_program,
    batch=_density_batch,
    name="csd",
)
_power = by_program(
    lambda x, **options: scipy.signal.welch(x, **options)[1],
    _power_program,
    batch=named(axis=-1),
    name="welch",
)


def _frequencies(x, y, *, fs, window, nperseg, nfft, return_onesided, axis, **others):
    _, nfft = _plan(max(x.shape[axis], y.shape[axis]), window, nperseg, nfft)
    onesided = return_onesided and x.dtype.kind != "c"
    return (scipy.fft.rfftfreq if onesided else scipy.fft.fftfreq)(nfft, 1 / fs)


@twin(scipy.signal.csd)
def csd(x, y, **options):
    """Frequencies, and the cross power of x and y there, averaged over segments.

    Equals :func:`scipy.signal.csd`.  Differentiated in x and y, as the mean of ``conj(F x) F y`` over
    segments (Welch 1967); frequencies are constant.  A gradient costs two estimates for each.
    """
    return _frequencies(x, y, **options), _density(x, y, **options)


@twin(scipy.signal.welch)
def welch(x, **options):
    """Frequencies, and the power of x there, averaged over segments.

    Equals :func:`scipy.signal.welch`.  Differentiated in x, as the mean of ``|F x|^2`` over segments
    (Welch 1967); frequencies are constant.  A gradient costs two estimates.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.signal import welch
    >>> x = np.sin(np.arange(32.0))
    >>> gradient = dr.grad(lambda x: np.sum(welch(x, nperseg=16)[1]))(x)
    >>> bool(np.allclose(gradient @ x, 2 * np.sum(welch(x, nperseg=16)[1])))
    True
    """
    return _frequencies(x, x, **options), _power(x, **options)


@twin(scipy.signal.periodogram)
def periodogram(x, *, window, nfft, axis, **options):
    """Frequencies, and the power of x there.

    Equals :func:`scipy.signal.periodogram`: :func:`welch` with one segment.
    """
    if nfft is not None and nfft < x.shape[axis]:
        x = sliced(x, axis, 0, nfft)
    options.update(window="boxcar" if window is None else window, nfft=nfft, axis=axis)
    return welch(x, nperseg=x.shape[axis], noverlap=0, **options)
