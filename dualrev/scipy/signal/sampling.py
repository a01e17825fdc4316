"""Signals at another rate, with fewer elements or more.

Owns how each function filters.  Must not know how a filter is differentiated.
"""

import math

import numpy as np
import scipy.fft
import scipy.signal

from dualrev import errors
from dualrev.axes import sliced, with_length
from dualrev.scipy.by_program import by_program
from dualrev.scipy.fft import fft, ifft, irfft, rfft
from dualrev.scipy.lags import resized
from dualrev.scipy.signal.both_ways import sosfiltfilt
from dualrev.scipy.signal.convolution import upfirdn
from dualrev.scipy.signal.sections import sosfilt
from dualrev.scipy.twin import twin

__all__ = ["decimate", "resample", "resample_poly"]

# ---------------------------------------------------------------------------------------- resample


def _resample_program(x, *, num, axis, window):
    """The frequencies that both lengths have; of an even number the last is split, or joined."""
    x = np.moveaxis(x, axis, -1)
    n, m = x.shape[-1], min(num, x.shape[-1])
    half = m // 2
    split = m % 2 == 0 and num != n
    if x.dtype.kind == "c":
        spectrum = fft(x) * _window(window, n)
        last = sliced(spectrum, -1, half, half + 1)
        low, high = spectrum[..., : m - m // 2], spectrum[..., n - half :]
        between = np.zeros((*x.shape[:-1], max(num - m, 0)), spectrum.dtype)
        if split:
            high = spectrum[..., n - half + 1 :]
            if num < n:
                between = last + spectrum[..., n - half : n - half + 1]
            else:
                between = np.concatenate([last / 2, between[..., 1:], last / 2], -1)
        ans = ifft(np.concatenate([low, between, high], -1))
    else:
        weights = _window(window, n)
        weights = (weights + np.roll(np.flip(weights), 1)) / 2
        factors = np.broadcast_to(weights, n)[: half + 1] * 1.0
        if split:
            factors[-1] *= 2 if num < n else 0.5
        ans = irfft(rfft(x)[..., : half + 1] * factors, num)
    return np.moveaxis(ans * (num / n), -1, axis)


def _window(window, n):
    """The factor of each of n frequencies."""
    if window is None:
        return np.ones(n)
    if callable(window):
        return window(scipy.fft.fftfreq(n))
    if hasattr(window, "shape"):
        return window
    return scipy.fft.fftshift(scipy.signal.get_window(window, n))


_resample = by_program(scipy.signal.resample, _resample_program)


@twin(scipy.signal.resample)
def resample(x, t, *, num, axis, window, domain):
    """x with num elements along an axis, by its Fourier series.

    Equals :func:`scipy.signal.resample`; with t also the new positions, as there.  Linear in x; a
    gradient costs four transforms.

    Raises
    ------
    MissingRuleError
        Where x is traced, real, and given by its frequencies: domain is 'freq'.
    """
    if domain == "freq" and x.dtype.kind == "c":
        x = ifft(x, axis=axis)
    elif domain != "time":
        raise errors.no_rule(
            f"scipy.signal.resample with domain={domain!r}",
            "give the signal itself, with domain='time'",
        )
    y = _resample(x, num=num, axis=axis, window=window)
    if t is None:
        return y
    return y, t[0] + (t[1] - t[0]) * (x.shape[axis] / num) * np.arange(num)


# ----------------------------------------------------------------------------------- resample_poly

_BACKGROUNDS = {"mean": np.mean, "median": np.median, "minimum": np.min, "maximum": np.max}


def _resample_poly_program(
    x, up=1, down=1, axis=0, window=("kaiser", 5.0), padtype="constant", cval=None
):
    common = math.gcd(int(up), int(down))
    up, down = int(up) // common, int(down) // common
    if up == down:
        return x
    if padtype in _BACKGROUNDS:
        background = _BACKGROUNDS[padtype](x, axis=axis, keepdims=True)
        return background + _resample_poly_program(x - background, up, down, axis, window)
    if padtype != "constant" or cval:
        raise errors.no_rule(
            f"scipy.signal.resample_poly with padtype={padtype!r} and cval={cval!r}",
            f"use a padtype among {', '.join(_BACKGROUNDS)} and 'constant', without cval",
        )
    if isinstance(window, list | np.ndarray):
        h = np.asarray(window, float)
        half = (len(h) - 1) // 2
    else:
        half = 10 * max(up, down)
        h = scipy.signal.firwin(2 * half + 1, 1 / max(up, down), window=window)
    # The filter is centered: zeros before it let the center fall on an element that is kept.
    lead = -half % down
    h = np.concatenate([np.zeros(lead), up * h])
    y = upfirdn(h, x, up, down, axis)
    shape = with_length(x.shape, axis, -(-x.shape[axis] * up // down))
    return resized(sliced(y, axis, (half + lead) // down), shape)


@twin(scipy.signal.resample_poly, by_program, _resample_poly_program)
def resample_poly(x):
    """x at ``up / down`` of its rate along an axis, by a filter of finite length.

    Equals :func:`scipy.signal.resample_poly`.  Linear in x for a constant padding of 0, and else as
    the background is that is taken off; a gradient costs two more of :func:`upfirdn`.

    Raises
    ------
    MissingRuleError
        Where x is traced, and padtype is one that continues it beyond its ends.
    """


# ---------------------------------------------------------------------------------------- decimate


@twin(scipy.signal.decimate)
def decimate(x, *, q, n, ftype, axis, zero_phase):
    """Every q-th element along an axis, after a filter against aliases.

    Equals :func:`scipy.signal.decimate`.  Linear in x, by :func:`sosfiltfilt`, :func:`sosfilt`,
    :func:`resample_poly` or :func:`upfirdn`.

    Raises
    ------
    MissingRuleError
        Where x is traced, and ftype is a filter.
    """
    if ftype == "fir":
        b = scipy.signal.firwin((20 * q if n is None else n) + 1, 1.0 / q, window="hamming")
        b = b.astype(x.dtype)
        if zero_phase:
            return resample_poly(x, 1, q, axis, b)
        return sliced(upfirdn(b, x, 1, q, axis), axis, 0, -(-x.shape[axis] // q))
    if ftype != "iir":
        raise errors.no_rule(
            "scipy.signal.decimate with a filter of its own",
            "filter by filtfilt(b, a, x), and take y[::q]",
        )
    sos = scipy.signal.cheby1(8 if n is None else n, 0.05, 0.8 / q, output="sos")
    sos = sos.astype(x.dtype)
    y = sosfiltfilt(sos, x, axis) if zero_phase else sosfilt(sos, x, axis)
    return sliced(y, axis, step=q)
