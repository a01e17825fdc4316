"""Histograms.  Which bin an element falls into is held constant, as np.floor is.

So counts carry no derivative; sums of weights, densities and edges that follow the data do.  Must not
know the names of binning rules: NumPy says how many bins they make.
"""

from functools import partial

import numpy as np

from dualrev.axes import along
from dualrev.core.arrays import anywhere, somewhere
from dualrev.core.words import composition, constant, linear
from dualrev.rules.indexing import picked
from dualrev.rules.shape import plain
from dualrev.ways import agreed


def _summed_transpose(ct, weights, places=None, compute=None, **fixed):
    """The cotangent of a weight is that of its bin; outside of all bins it is zero."""
    inside = places >= 0
    of_places = picked(np.ravel(ct), np.where(inside, places, 0))
    return np.where(inside, of_places, 0).reshape(weights.shape)


#: The weights in each bin together; ``compute`` is NumPy's own sum, ``places`` says which bin.
_summed = linear(
    lambda weights, places=None, compute=None, **fixed: compute(weights, **fixed),
    _summed_transpose,
    name="histogram",
)


def _in_one_dimension(weights, a, bins, range):
    weights = None if weights is None else weights.reshape(a.shape)
    return np.histogram(a, bins, range, weights=weights)[0]


def _in_several(weights, numbers, shape):
    # NumPy's histograms of several dimensions hold floating-point numbers, counts included.
    inside = numbers >= 0
    weights = None if weights is None else weights[inside]
    total = np.bincount(numbers[inside], weights, minlength=int(np.prod(shape)))
    return total.astype(float).reshape(shape)


@constant
def _counted(compute, fixed):
    return compute(None, **fixed)


@partial(constant, batch=agreed)
def _count_of_bins(a, bins, range, weights):
    return len(np.histogram_bin_edges(a, bins, range, weights)) - 1


def _bin_of(a, edges, equal=False):
    """Number of the bin of each element; -1 outside.  The last bin has both of its edges."""
    last = len(edges) - 2
    if equal:
        # A guess, at most one off by rounding: a fifth of the time of a search.
        with np.errstate(invalid="ignore"):
            guess = (a - edges[0]) * ((last + 1) / (edges[-1] - edges[0]))
            places = np.clip(np.nan_to_num(guess), 0, last).astype(np.intp)
        places -= a < np.take(edges, places)
        places += (a >= np.take(edges, places + 1)) & (places != last)
    else:
        places = np.minimum(np.searchsorted(edges, a, side="right") - 1, last)
    return np.where((a >= edges[0]) & (a <= edges[-1]), places, -1)


def _edges(low, high, count, dtype):
    """Equally wide bins from low to high, wider by one half where these are equal."""
    equal = np.equal(low, high)
    if anywhere(equal):
        low, high = np.where(equal, low - 0.5, low), np.where(equal, high + 0.5, high)
    return np.linspace(low, high, count + 1, dtype=dtype)


def _histogram_bin_edges(a, bins=10, range=None, weights=None):
    if np.ndim(bins) == 1:
        if somewhere(np.less(bins[1:], bins[:-1])):
            raise ValueError("`bins` must increase monotonically, when an array")
        return bins
    count = int(_count_of_bins(a, bins, range, weights))
    if range is not None:
        low, high = range
    elif a.size:
        low, high = np.min(a), np.max(a)
    else:
        low, high = 0.0, 1.0
    return _edges(low, high, count, np.result_type(low, high, a, 0.0))


def _histogram(a, bins=10, range=None, density=None, weights=None):
    edges = _histogram_bin_edges(a, bins, range, weights if isinstance(bins, str) else None)
    fixed, fixed_edges = plain(a), plain(edges)
    if weights is not None:  # whose tangents are summed later, when the caller may have written a
        fixed, fixed_edges = np.copy(fixed), np.copy(fixed_edges)
    # NumPy sums in another order where it is told the edges, not their number.
    if not np.ndim(bins):
        bins, range = len(fixed_edges) - 1, (fixed_edges[0], fixed_edges[-1])
    else:
        bins = fixed_edges
    options = {"a": fixed, "bins": bins, "range": range}
    if weights is None:
        n = _counted(_in_one_dimension, options)
    else:
        places = _bin_of(fixed.ravel(), fixed_edges, equal=not np.ndim(bins))
        n = _summed(np.ravel(weights), places=places, compute=_in_one_dimension, **options)
    return (n / np.diff(edges) / np.sum(n) if density else n), edges


def _histogramdd(sample, bins=10, range=None, density=None, weights=None):
    if hasattr(sample, "ndim"):  # a 1-d sample has one dimension
        columns = list(sample.T) if sample.ndim > 1 else [sample]
    elif np.ndim(sample[0]):
        columns = list(map(np.ravel, sample))
    else:  # a list of numbers, too
        columns = [np.stack(sample)]
    dimensions = len(columns)
    if not hasattr(bins, "__len__"):
        bins = [bins] * dimensions
    elif len(bins) != dimensions:
        raise ValueError("The dimension of bins must be equal to the dimension of the sample x.")
    ranges = [None] * dimensions if range is None else range
    edges = tuple(map(_histogram_bin_edges, columns, bins, ranges))
    shape = tuple(len(e) - 1 for e in edges)
    places = np.stack([_bin_of(plain(x), plain(e)) for x, e in zip(columns, edges)])
    inside = (places >= 0).all(axis=0)
    places = np.where(inside, np.ravel_multi_index(np.maximum(places, 0), shape), -1)
    options = {"numbers": places, "shape": shape}
    if weights is None:
        hist = _counted(_in_several, options)
    else:
        hist = _summed(np.ravel(weights), places=places, compute=_in_several, **options)
    if density:
        total = np.sum(hist)
        for axis, e in enumerate(edges):
            hist = hist / along(np.diff(e), axis, dimensions)
        hist = hist / total
    return hist, edges


def _histogram2d(x, y, bins=10, range=None, density=None, weights=None):
    # A list that does not have two parts holds the edges of both.
    if hasattr(bins, "__len__") and len(bins) not in (1, 2):
        bins = [bins, bins]
    hist, edges = _histogramdd([x, y], bins, range, density, weights)
    return hist, *edges


composition(np.histogram_bin_edges, _histogram_bin_edges, arity=1, judged=True)
composition(np.histogram, _histogram, arity=1, judged=True)
composition(np.histogram2d, _histogram2d, arity=2, judged=True)
composition(np.histogramdd, _histogramdd, judged=True)
