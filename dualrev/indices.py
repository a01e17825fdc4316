"""Indices: whether one names an element twice, and one that does at once what each row's own does to it.

Must not know what a tracer does: who asks tells which parts of an index differ from row to row.
"""

import numpy as np

from dualrev.ways import lead

__all__ = ["is_mask", "led", "may_repeat"]

_ndarray = np.ndarray
#: Parts of an index that name an element once.
_SINGLE = (int, slice, np.integer, np.bool, type(None), type(Ellipsis))


def led(index, ndim, count, differs, with_rows=True):
    """The index of a batch that means ``index`` in each row.

    Parameters
    ----------
    index : object
        Of a row of ndim axes; what differs from row to row has a leading axis.
    ndim, count : int
        Number of axes of a row, and of rows.
    differs : list of bool
        Which parts of the index, as a tuple, differ.
    with_rows : bool
        Whether what is indexed is a batch; else the same array is indexed for all rows.

    Returns
    -------
    key : tuple
    moves : tuple or None
        ``x[key]`` has the rows along its first axis after ``np.moveaxis(x[key], *moves)``.

    NotImplemented instead where the shapes of rows depend on numbers.
    """
    parts = index if type(index) is tuple else (index,)
    if not any(isinstance(part, _ndarray) or hasattr(part, "dtype") for part in parts):
        if any(type(part) is bool for part in parts):
            return NotImplemented
        return (slice(None), *parts), None
    expanded = _expanded(parts, differs, ndim)
    if expanded is NotImplemented:
        return expanded
    parts, differs = expanded
    arrays = [i for i, part in enumerate(parts) if not _is_basic(part)]
    together = arrays[-1] - arrays[0] == len(arrays) - 1
    before = arrays[0] if together else 0
    depth = max(np.ndim(parts[i]) - differs[i] for i in arrays)
    if not any(differs):
        key = (slice(None), *parts)
        # NumPy puts the axes of arrays that do not stand together first, before the rows.
        return key, None if together else (depth, 0)
    parts = [lead(part, depth) if d else part for part, d in zip(parts, differs)]
    if not with_rows:
        return tuple(parts), (before, 0) if before else None
    rows = np.arange(count).reshape(-1, *(1,) * depth)
    key = (rows, *parts)
    if before and depth:
        return key, (range(1, 1 + depth), range(1 + before, 1 + before + depth))
    return key, None


def is_mask(part):
    """Whether a part of an index is an array of truth values, of any kind of array."""
    # A tuple within a tuple, as np.nonzero answers, has no dtype: it is an array of integers.
    return getattr(getattr(part, "dtype", None), "kind", "") == "b"


def may_repeat(key):
    """Whether an index may name an element twice: one with an array of integers."""
    parts = key if type(key) is tuple else (key,)
    several = (part for part in parts if not isinstance(part, _SINGLE) and np.ndim(part))
    return not all(map(is_mask, several))


def _is_basic(part):
    return part is None or type(part) is slice


def _expanded(parts, differs, ndim):
    """The parts, one an axis and one an axis of length 1: masks as numbers, no ellipsis."""
    out, flags = [], []
    for part, differ in zip(parts, differs):
        if type(part) is bool or type(part) is np.bool:
            return NotImplemented
        if is_mask(part):
            if differ or not isinstance(part, _ndarray | np.bool):
                return NotImplemented
            numbers = part.nonzero()
            out.extend(numbers)
            flags.extend([False] * len(numbers))
        else:
            out.append(part)
            flags.append(differ)
    named = sum(part is not None and part is not Ellipsis for part in out)
    place = next((i for i, part in enumerate(out) if part is Ellipsis), None)
    if place is not None:
        fill = ndim - named
        out[place : place + 1] = [slice(None)] * fill
        flags[place : place + 1] = [False] * fill
    return out, flags
