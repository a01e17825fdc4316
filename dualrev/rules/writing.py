"""Functions that write into an array: each is an assignment, or a few.

Must not know how an assignment reaches views and derivatives.
"""

import numpy as np

from dualrev import errors, losses
from dualrev.core.arrays import somewhere
from dualrev.core.primitive import METHODS
from dualrev.core.traced import is_traced
from dualrev.core.words import composition, linear
from dualrev.rules.indexing import added, along_axis, elements, picked


def _check_holds(a, function, *values):
    """Raise where a plain array was to take traced values."""
    if type(a) is np.ndarray and a.dtype != object:
        raise losses.plain_array(f"numpy.{function}")


def _check_apart(a, function, values):
    """Raise where NumPy would change the values while it reads them."""
    if hasattr(a, "overlaps") and a.overlaps(values):  # an array of objects holds others
        raise errors.overlap(f"numpy.{function}")


def _at_numbers(a, numbers):
    """The index of elements by their numbers in C order."""
    return np.unravel_index(numbers, a.shape)


def _write_at(a, numbers, values):
    """Write values at elements by their numbers in C order; the last one stays where one is repeated."""
    if a.ndim:
        a[_at_numbers(a, numbers)] = values
    elif numbers.size:
        a[...] = values[-1] if np.ndim(values) else values


def _put(a, ind, v, mode="raise"):
    _check_holds(a, "put")
    ind, v = np.ravel(ind).astype(int), np.ravel(v)
    if not v.size or not ind.size:
        return
    if mode == "raise":
        if somewhere((ind < -a.size) | (ind >= a.size)):
            raise IndexError(f"an index of put is out of bounds for size {a.size}")
        ind = ind % a.size
    else:
        ind = ind % a.size if mode == "wrap" else np.clip(ind, 0, a.size - 1)
    _write_at(a, ind, v[np.arange(ind.size) % v.size])


def _place(arr, mask, vals):
    _check_holds(arr, "place")
    numbers = np.flatnonzero(mask)
    vals = np.ravel(vals)
    _check_apart(arr, "place", vals)
    if not numbers.size:
        return
    if not vals.size:
        raise ValueError("Cannot insert from an empty array!")
    _write_at(arr, numbers, vals[np.arange(numbers.size) % vals.size])


def _putmask(a, mask, values):
    _check_holds(a, "putmask")
    numbers = np.flatnonzero(mask)
    values = np.ravel(values)
    if numbers.size and values.size:
        _write_at(a, numbers, values[numbers % values.size])


def _copyto(dst, src, casting="same_kind", where=True):
    _check_holds(dst, "copyto")
    if src is dst:
        return  # nothing to do for NumPy too, which then takes even a read-only array
    source = _dtype_to_cast(src)
    if dst.dtype != object and not np.can_cast(source, dst.dtype, casting):
        raise TypeError(f"numpy.copyto cannot cast {source} to {dst.dtype} by the rule {casting!r}")
    if where is not True:
        if hasattr(dst, "overlaps") and dst.overlaps(src) and src.alias is not None:
            dst.check_order(Ellipsis, src, "numpy.copyto")
        src = np.where(where, src, dst)
    dst[...] = src


def _dtype_to_cast(x):
    # Python's numbers take the dtype of what they meet.
    return np.result_type(x) if hasattr(x, "dtype") else np.min_scalar_type(x)


def _put_along_axis(arr, indices, values, axis):
    _check_holds(arr, "put_along_axis")
    indices = indices if hasattr(indices, "shape") else np.asarray(indices)
    if axis is None:
        arr.flat[indices] = values
        return
    arr[along_axis(arr.shape, indices, axis)] = values


def _fill_diagonal(a, val, wrap=False):
    """As NumPy does it: every (columns + 1)-th element of the flat array, values in turn."""
    _check_holds(a, "fill_diagonal")
    if a.ndim < 2 or (a.ndim > 2 and len(set(a.shape)) > 1):
        raise ValueError("fill_diagonal takes a matrix, or an array whose dimensions are all equal")
    step = 1 + int(np.cumprod(a.shape[:0:-1]).sum())
    end = a.shape[1] ** 2 if a.ndim == 2 and not wrap else a.size
    places = np.arange(a.size)[:end:step]
    if np.ndim(val):
        _check_apart(a, "fill_diagonal", val)
        val = np.ravel(val)
        val = val[np.arange(places.size) % val.size]
    a[_at_numbers(a, places)] = val


composition(np.put, _put)
composition(np.place, _place)
composition(np.putmask, _putmask)
composition(np.copyto, _copyto)
composition(np.put_along_axis, _put_along_axis)
composition(np.fill_diagonal, _fill_diagonal)

# ------------------------------------------------------------- ufunc.at


def _add_at(a, b, places=None):
    out = a.copy()
    np.add.at(out, places, b)
    return out


def _add_at_vjp(ct, wanted, ans, a, b, places=None):
    return [ct, ct[places] if wanted[1] else None]


# NumPy's own order of additions, so that the sums are its to the bit.
add_at = linear(_add_at, together=_add_at_vjp)


def _at(ufunc):
    """``ufunc.at``: one application an index, also where an element is named several times."""

    def at(a, indices, *b):
        _check_holds(a, f"{ufunc.__name__}.at")
        if ufunc in (np.add, np.subtract) and is_traced(indices):
            (b,) = b
            shape = elements(np.empty(a.shape), index=indices).shape
            cts = [np.broadcast_to(b if ufunc is np.add else np.negative(b), shape)]
            a[...] = a + added(cts, [indices], a)
            return
        numbers = picked(np.arange(a.size).reshape(a.shape), indices)
        shape = numbers.shape
        numbers = numbers.reshape(-1)
        if not a.ndim:
            if numbers.size:
                a[...] = ufunc(a, *b)
            return
        b = [np.broadcast_to(x, shape).reshape(-1) for x in b]
        if ufunc is np.add or ufunc is np.subtract:
            distinct, places = np.unique(numbers, return_inverse=True)
            key = _at_numbers(a, distinct)
            a[key] = add_at(a[key], b[0] if ufunc is np.add else -b[0], places=places)
            return
        for chosen in range(numbers.size) if is_traced(numbers) else _rounds(numbers):
            key = _at_numbers(a, numbers[chosen])
            a[key] = ufunc(a[key], *(x[chosen] for x in b))

    return at


def _rounds(numbers):
    """Places of the numbers in rounds, in each of which no number stands twice."""
    order = np.argsort(numbers, kind="stable")
    sorted_numbers = numbers[order]
    first = np.r_[True, sorted_numbers[1:] != sorted_numbers[:-1]] if numbers.size else []
    begins = np.flatnonzero(first)
    counts = np.diff(np.append(begins, numbers.size))
    rank = np.arange(numbers.size) - np.repeat(begins, counts)
    return [order[rank == r] for r in range(counts.max(initial=0))]


def _declare_at(ufunc):
    if ufunc.nout == 1 and ufunc.signature is None:
        composition(ufunc.at, _at(ufunc))


METHODS["at"] = _declare_at
