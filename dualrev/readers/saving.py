"""What a tape keeps of large arrays: only what a rule will read.

Must not know the tape, nor any function by name.
"""

import numpy as np

__all__ = ["LARGE", "SMALL", "filled_in", "lightened", "outlined", "reads_argument"]

#: Arrays above this size (bytes) are kept for the derivative only where it reads them.  Below it
#: they stay in the cache, and to find out costs more than it saves.
LARGE = 96 * 1024
#: Of a tape without arrays above this size (bytes) all stay until its sweep has ended: to free them
#: earlier gains nothing.
SMALL = 64 * 1024

_ndarray = np.ndarray


def lightened(rule, ans, args, parents):
    """``ans`` and ``args`` of an entry without the large arrays that its rule will not read.

    What it does not read is replaced by an array of the same shape and dtype without memory,
    filled with nan.  So a chain of large operations keeps only what its derivative needs, and the
    rest is free to be used again: the gradient of ``100 * (x[1:] - x[:-1]**2)**2`` keeps two arrays
    instead of seven.
    """
    needed = rule.reads([parent is not None for parent in parents])
    if not needed & 1:
        ans = _hollow(ans)
    kept = []
    for a in args:
        needed >>= 1
        kept.append(a if needed & 1 else _hollow(a))
    return ans, kept


def outlined(rule, ans, args, parents, kwargs, entry):
    """An entry that has been pulled through, without the numbers that its activity does not need.

    Shape and dtype stand for the answer, None for traced arguments, which are answers of others.
    All stay where the pair may choose by them, as sort does.
    """
    if rule.chooses or (rule.reads_values and rule.word == "rule") or isinstance(ans, tuple):
        return rule, ans, args, parents, kwargs, entry
    if None in parents:
        args = [a if parent is None else None for a, parent in zip(args, parents)]
    else:
        args = (None,) * len(parents)
    return rule, ans.shape, ans.dtype, args, parents, kwargs, entry


def filled_in(entries, i):
    """An entry as a pull saw it, but with nan for the numbers that have been freed."""
    if len(entries[i]) == 6:
        return entries[i]
    rule, shape, dtype, args, parents, kwargs, entry = entries[i]
    args = [
        a if a is not None or parent is None else _answer(entries, parent)
        for a, parent in zip(args, parents)
    ]
    return rule, _blank(shape, dtype), args, parents, kwargs, entry


def _answer(entries, i):
    entry = entries[i]
    return entry[1] if len(entry) == 6 else _blank(*entry[1:3])


def reads_argument(rule, i, wanted):
    """Whether the pair reads argument i for the derivatives by the wanted ones."""
    return bool(rule.reads(wanted) >> i + 1 & 1)


_hollows: dict = {}


def _hollow(array):
    """An array of the same shape and dtype without memory, where it is large."""
    if type(array) is not _ndarray or array.nbytes <= LARGE or array.dtype.kind not in "fc":
        return array
    return _blank(array.shape, array.dtype)


def _blank(shape, dtype):
    """An array without memory: one nan, seen through zero strides."""
    key = shape, dtype
    hollow = _hollows.get(key)
    if hollow is None:
        if len(_hollows) > 1000:
            _hollows.clear()
        nan = np.full(1, np.nan, dtype)
        hollow = _hollows[key] = _ndarray(shape, dtype, nan, 0, (0,) * len(shape))
    return hollow
