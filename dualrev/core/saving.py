"""What a tape keeps of large arrays: only what a rule will read.

Owns how that is found out.  Must not know the tape, nor any function by name.
"""

import dis
import inspect

import numpy as np

__all__ = ["LARGE", "lightened", "reads_argument", "reads_of"]

#: Arrays above this size (bytes) are kept for the derivative only where it reads them.  Below it
#: they stay in the cache, and to find out costs more than it saves.
LARGE = 96 * 1024

_ndarray = np.ndarray
_EVERYTHING = -1  # a mask with every bit set


def lightened(rule, ans, args, parents):
    """``ans`` and ``args`` of an entry without the large arrays that its rule will not read.

    What it does not read is replaced by an array of the same shape and dtype without memory,
    filled with nan.  So a chain of large operations keeps only what its derivative needs, and the
    rest is free to be used again: the gradient of ``100 * (x[1:] - x[:-1]**2)**2`` keeps two arrays
    instead of seven.
    """
    needed = _needed(rule, [parent is not None for parent in parents])
    if not needed & 1:
        ans = _hollow(ans)
    kept = []
    for a in args:
        needed >>= 1
        kept.append(a if needed & 1 else _hollow(a))
    return ans, kept


def reads_argument(rule, i, wanted):
    """Whether the pair reads argument i for the derivatives by the wanted ones."""
    return bool(_needed(rule, wanted) >> i + 1 & 1)


def _needed(rule, wanted):
    """A mask of what the pair reads for the derivatives by the wanted arguments."""
    if rule.reads is None:
        rule.reads = _find_reads(rule)
    if rule.partials is None:
        return rule.reads
    needed = 0
    for reads, w in zip(rule.reads, wanted):
        if w:
            needed |= reads
    return needed


def _find_reads(rule):
    """A mask of what the pair reads: bit 0 is ans, bit i + 1 argument i."""
    if rule.partials is None:
        return _EVERYTHING if rule.keeps else 0
    return reads_of(rule.partials, rule.products)


def reads_of(partials, products):
    """What an elementwise function reads, one mask an argument: an unwanted partial reads nothing."""
    return [
        _mask_of_mentioned(partial, 0) | _mask_of_mentioned(product, 1)
        for partial, product in zip(partials, products)
    ]


def _mask_of_mentioned(body, skip):
    """Which parameters a rule body mentions, after the first ``skip``: ans, then the arguments."""
    if not callable(body):
        return 0
    code = getattr(body, "__code__", None)
    if code is None or code.co_flags & inspect.CO_VARARGS or code.co_cellvars:
        return _EVERYTHING
    mentioned = set()
    for instruction in dis.get_instructions(code):
        value = instruction.argval
        mentioned.update(value if isinstance(value, tuple) else (value,))
    parameters = code.co_varnames[skip : code.co_argcount]
    return sum(1 << i for i, name in enumerate(parameters) if name in mentioned)


_hollows: dict = {}


def _hollow(array):
    """An array of the same shape and dtype without memory: one nan, seen through zero strides."""
    if type(array) is not _ndarray or array.nbytes <= LARGE:
        return array
    key = array.shape, array.dtype
    hollow = _hollows.get(key)
    if hollow is None:
        shape, dtype = key
        if dtype.kind not in "fc":
            return array
        if len(_hollows) > 1000:
            _hollows.clear()
        nan = np.full(1, np.nan, dtype)
        hollow = _hollows[key] = _ndarray(shape, dtype, nan, 0, (0,) * len(shape))
    return hollow
