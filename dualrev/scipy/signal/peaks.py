"""Peaks of a signal: which they are is a search, how high and wide they are has derivatives.

Must not know how a peak is found: SciPy finds it, and its bases, in plain numbers.
"""

import functools

import numpy as np
import scipy.signal

from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.twin import twin

__all__ = ["find_peaks", "peak_prominences", "peak_widths"]


def _prominences(x, peaks, left, right):
    return x[peaks] - np.maximum(x[left], x[right])


@each_row
def _prominence_data(x, peaks, wlen):
    _, left, right = scipy.signal.peak_prominences(numbers_under(x), peaks, wlen)
    return _prominences(x, peaks, left, right), left, right


def _crossing(x, height, found, base, step):
    """Where x, seen from a peak by steps to one side, sinks to a height that it crosses."""
    plain, level = numbers_under((x, height))
    at = (np.floor(found) if step < 0 else np.ceil(found)).astype(int)
    # What has been rounded to the next element.
    at = np.where((plain[at] > level) & (at != base), at + step, at)
    crosses = plain[at] <= level
    # Of no prominence at an end, it stays there.
    before = np.where(crosses, np.clip(at - step, 0, len(plain) - 1), at)
    crosses = before != at
    slope = np.where(crosses, x[before] - x[at], 1.0)
    return np.where(crosses, at - step * (height - x[at]) / slope, found)


@each_row
def _width_data(x, peaks, rel_height, data):
    plain = scipy.signal.peak_widths(
        *numbers_under((x, peaks)), numbers_under(rel_height), numbers_under(data)
    )
    prominences, left, right = data
    height = x[peaks] - prominences * rel_height
    first = _crossing(x, height, plain[2], left, -1)
    last = _crossing(x, height, plain[3], right, 1)
    return last - first, height, first, last


@twin(scipy.signal.peak_prominences)
def peak_prominences(x, *, peaks, wlen):
    """How far peaks of a signal stand out of it, and the places of their bases.

    Equals :func:`scipy.signal.peak_prominences`: the height of each of the m peaks, less that of its
    higher base.  Differentiated in x (n,); peaks and bases are held.
    """
    return _prominence_data(x.astype(np.float64), np.asarray(peaks, dtype=np.intp), wlen)


@twin(scipy.signal.peak_widths)
@functools.partial(each_row, looks=True)
def peak_widths(prominence_data, /, x, rel_height, *, peaks, wlen):
    """Widths of peaks, the heights at which they are measured, and where a line there cuts the signal.

    Equals :func:`scipy.signal.peak_widths`.  Differentiated in x (n,), in rel_height and in the
    prominences, if they are given; peaks and bases are held.
    """
    x, peaks = x.astype(np.float64), np.asarray(peaks, dtype=np.intp)
    if prominence_data is None:
        prominence_data = _prominence_data(x, peaks, wlen)
    return _width_data(x, peaks, rel_height, tuple(prominence_data))


@each_row
def _found(x, options):
    peaks, properties = scipy.signal.find_peaks(numbers_under(x), **options)
    kinds = {
        "peak_heights": lambda: x[peaks],
        "left_thresholds": lambda: x[peaks] - x[peaks - 1],
        "right_thresholds": lambda: x[peaks] - x[peaks + 1],
    }
    properties |= {name: value() for name, value in kinds.items() if name in properties}
    if "prominences" in properties:
        left, right = properties["left_bases"], properties["right_bases"]
        properties["prominences"] = _prominences(x, peaks, left, right)
        if "widths" in properties:
            data = properties["prominences"], left, right
            names = "widths", "width_heights", "left_ips", "right_ips"
            properties |= zip(names, _width_data(x, peaks, options["rel_height"], data))
    return peaks, properties


@twin(scipy.signal.find_peaks)
def find_peaks(x, **options):
    """The places of the peaks of a signal, and a dictionary of what was asked about them.

    Equals :func:`scipy.signal.find_peaks`.  Places are constant; heights, thresholds, prominences and
    widths are differentiated in x (n,), for the peaks that are found.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.signal import find_peaks
    >>> x = np.array([0.0, 2.0, 1.0, 3.0, 0.5])
    >>> dr.jacobian(lambda x: find_peaks(x, prominence=0.1)[1]["prominences"])(x)
    array([[ 0.,  1., -1.,  0.,  0.],
           [ 0.,  0.,  0.,  1., -1.]])
    """
    return _found(x.astype(np.float64), options)
