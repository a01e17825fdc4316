"""Overlaps: writes into an array of what shows its memory too, of which some read what they wrote.

Must not know what an array holds: it asks where its elements lie.

NumPy copies a value first that shares memory with the place to which it is written, but where a mask
is that place, or both have one axis: then it reads numbers that it has written itself.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from dualrev.core.assignment import own_copy, steps_of
from dualrev.core.traced import Traced

__all__ = ["reads_what_it_writes"]


def reads_what_it_writes(array, index, value) -> bool:
    """Whether NumPy's ``array[index] = value``, of views of one array, is another than of a copy."""
    axes = [part for part in _parts(index) if getattr(part, "ndim", 0)]
    has_mask = any(part.dtype == bool for part in axes)
    if not value.ndim or (not has_mask and (axes or value.size != value.shape[-1])):
        return False
    owner, chain = (array, None) if array.alias is None else array.alias[:2]
    if not has_mask:
        place = _place(array, owner, chain, index)
        if place.ndim != 1 or place.strides == value.strides[-1:]:
            return False
    is_complex, itemsize = owner.dtype.kind == "c", owner.dtype.itemsize
    numbers = np.arange(owner.size).reshape(owner.shape) * (1 + 1j if is_complex else 1)
    numbers = own_copy(numbers, tuple(s // itemsize * numbers.itemsize for s in owner.strides))
    index, apart = _changed(_known, index), numbers.copy("K")
    _shown(_known, apart, chain)[index] = _shown(_known, numbers, value.alias[1]).copy()
    _shown(_known, numbers, chain)[index] = _shown(_known, numbers, value.alias[1])
    return not np.array_equal(numbers, apart)


def _place(array, owner, chain, index):
    """What a basic index shows, of memory that need not be there: nobody reads it."""
    while isinstance(array, Traced) and array.differentiates:
        array = array.primal
    if type(array) is np.ndarray:  # most
        return array[index]
    memory = as_strided(np.empty(1, owner.dtype), owner.shape, owner.strides)
    return _shown(_any, memory, chain)[_changed(_any, index)]


def _shown(change, x, chain):
    for rule, kwargs in steps_of(chain):
        x = rule.call(x, **{key: _changed(change, option) for key, option in kwargs.items()})
    return x


def _parts(index):
    return index if type(index) is tuple else (index,)


def _changed(change, x):
    """An index, or an option of a view, with numbers in the place of tracers."""
    if type(x) is tuple:
        return tuple(_changed(change, part) for part in x)
    return change(x) if isinstance(x, Traced) else x


def _known(x):
    return x.primal


def _any(x):
    """A number that every axis has: strides are the same wherever a row lies."""
    return 0
