"""Array creation: ranges with traced ends, and what makes arrays of shapes or of Python's objects.

Must not know ``zeros_like`` and its kind, which are made from an array (shape).
"""

import numpy as np

from dualrev.axes import beside
from dualrev.core.arrays import numbers_known
from dualrev.core.words import composition, linear
from dualrev.rules.refused import passes, without_arrays
from dualrev.ways import aligned, rows_ndim, shift

# ----------------------------------------------------------------------------- spaced numbers


def _linspace_vjp(ct, wanted, ans, start, stop, num=50, endpoint=True, axis=0):
    ct = np.moveaxis(ct, axis, 0)
    part = np.arange(num) / max(num - 1 if endpoint else num, 1)
    by_stop = (beside(part, ct.ndim) * ct).sum(axis=0)
    return ct.sum(axis=0) - by_stop if wanted[0] else None, by_stop


def _linspace_batch(call, batched, start, stop, num=50, endpoint=True, axis=0):
    axis = shift(axis, rows_ndim(batched, (start, stop)) + 1)
    return aligned(call, batched, start, stop, num=num, endpoint=endpoint, axis=axis)


_spaced = linear(
    lambda start, stop, num=50, endpoint=True, axis=0: np.linspace(
        start, stop, num, endpoint, axis=axis
    ),
    together=_linspace_vjp,
    batch=_linspace_batch,
    name="linspace",
)


def _linspace(
    start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None
):
    numbers = _spaced(start, stop, num=num, endpoint=endpoint, axis=axis)
    if dtype is not None:
        floor = np.dtype(dtype).kind in "iu"
        numbers = (np.floor(numbers) if floor else numbers).astype(dtype)
    if not retstep:
        return numbers
    intervals = num - 1 if endpoint else num
    return numbers, (stop - start) / intervals if intervals > 0 else np.nan


def _logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    if np.ndim(base):
        ends = np.broadcast_arrays(start, stop, base)
        start, stop, base = *ends[:2], np.expand_dims(ends[2], axis)
    numbers = np.power(base, _spaced(start, stop, num=num, endpoint=endpoint, axis=axis))
    return numbers if dtype is None else numbers.astype(dtype)


def _geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    zero = np.equal(start, 0) | np.equal(stop, 0)
    if numbers_known(zero) and zero.any():
        raise ValueError("Geometric sequence cannot include zero")
    kind = np.result_type(start, stop, float(num), np.zeros((), dtype))
    start, stop = (np.multiply(x, np.ones((), kind)) for x in (start, stop))
    sign = np.sign(start)
    start, stop = start / sign, stop / sign
    numbers = _logspace(np.log10(start), np.log10(stop), num, endpoint)
    if num > 0:  # the ends are kept as they are, not rounded through their logarithms
        start, stop = np.broadcast_arrays(start, stop)
        ends = stop[np.newaxis] if endpoint and num > 1 else numbers[num:]
        numbers = np.concatenate([start[np.newaxis], numbers[1 : num - len(ends)], ends])
    numbers = np.moveaxis(numbers * sign, 0, axis)
    return numbers if dtype is None else numbers.astype(dtype)


composition(np.linspace, _linspace, arity=2)
composition(np.logspace, _logspace, arity=2)
composition(np.geomspace, _geomspace, arity=2)

# ------------------------------------------------------------------- what needs no rule at all

# Traced elements are gathered in an array of objects, which is stacked as soon as it is used.
passes(np.array, np.asarray, np.asanyarray, np.asarray_chkfinite, np.require, np.full)
passes(np.ascontiguousarray, np.asfortranarray)
# Of these only kaiser takes a number that is no length, its beta.
passes(np.kaiser)
without_arrays(np.bartlett, np.blackman, np.hamming, np.hanning)
without_arrays(np.zeros, np.ones, np.empty, np.eye, np.identity, np.tri, np.indices)
without_arrays(np.diag_indices, np.mask_indices, np.tril_indices, np.triu_indices)
without_arrays(np.fromfile, np.fromregex, np.fromstring, np.genfromtxt, np.load, np.loadtxt)
without_arrays(np.fft.fftfreq, np.fft.rfftfreq)
