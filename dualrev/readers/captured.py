"""Captured: what a tape reads again but did not make, as it was when the tape met it.

Owns when such an array is copied, when it is watched, and how a change is found: every byte counts.
Must not know entries, nor how sweeps read them.
"""

import weakref

import numpy as np
from xxhash import xxh3_128, xxh3_128_intdigest

from dualrev import errors
from dualrev.core.traced import Traced
from dualrev.insides.lines import user_line

__all__ = ["COPY_LIMIT", "Captured", "always_copy", "owned", "owner_of"]

_ndarray = np.ndarray
#: Arrays up to this size are copied, so that user code may write them; larger ones are watched, and
#: a change is an error (bytes).  A copy costs as much as the two digests of watching, and its memory.
COPY_LIMIT = 256 * 1024
#: From this size on a digest tells whether an array has changed; below, its bytes are as quick.
_DIGEST_FROM = 4 * 1024
#: Larger arrays that are copied too, by id.
_ALWAYS: set[int] = set()
#: Arrays whose memory is not in one piece are digested by pieces of so many elements.
_BLOCK = 2**14


class Captured:
    """The arrays of the user's code that one tape will read.

    Capturing an array again compares it with what it was: a small one that has changed is copied
    anew, a large one that has changed raises.
    """

    __slots__ = ("_copies", "_watched")

    def __init__(self):
        self._copies = {}
        self._watched = {}

    def own(self, x):
        """A constant or an option as it is now, whatever the user's code does to it later."""
        if isinstance(x, _ndarray):
            return self._own_array(x)
        # Of a lower level, where a write makes it stand for another value.
        if isinstance(x, Traced):
            return x.copy()
        if hasattr(x, "tocsr"):
            return self._own_sparse(x)
        return self.own_nested(x) if type(x) in _CONTAINERS else x

    def own_nested(self, x):
        """A list, tuple or dict whose parts are owned."""
        if type(x) is dict:
            return {key: self.own(part) for key, part in x.items()}
        return type(x)(map(self.own, x))

    def _own_array(self, array):
        size = array.nbytes
        if size > COPY_LIMIT and not array.dtype.hasobject and id(owner_of(array)) not in _ALWAYS:
            return self.watch(array)
        key = id(array)
        held = self._copies.get(key)
        if array.dtype.hasobject:
            mark = None
        else:
            mark = _mark_of(array)
            if held is not None and held[1] == mark:
                own = held[2]
                if own.shape == array.shape and own.dtype == array.dtype:  # both can be set
                    return own
        if type(mark) is bytes and size:
            # One copy is both: the bytes to compare with, and the array in C order on top of them.
            own = np.frombuffer(mark, array.dtype).reshape(array.shape)
        else:
            own = array.copy("K")
        # The array is held too: its id must stay its own.
        self._copies[key] = (array, mark, own)
        return own

    def watch(self, array, line=None):
        """The array itself; a change until the next check, or until it is watched again, raises.

        ``line`` is where it was captured, in words; by default the user's that is being executed.
        """
        if array.nbytes < _DIGEST_FROM:
            key = id(array), array.shape, array.dtype  # 1 us less
        else:
            # A view has a new identity each time that it is taken: memory and layout are the key.
            address = array.__array_interface__["data"][0]
            key = address, array.shape, array.strides, array.dtype
        mark = _mark_of(array)
        held = self._watched.get(key)
        if held is None:
            # A view of our own: the shape of the user's array can be set.
            held = self._watched[key] = (
                array.view(_ndarray),
                mark,
                user_line() if line is None else line,
                array,  # held: its id must stay its own
            )
        elif held[1] != mark:
            raise _changed(held)
        return held[0]

    def _own_sparse(self, matrix):
        """A copy of a matrix of scipy.sparse, whose index arrays SciPy itself sorts in place."""
        if matrix.format in ("dok", "lil"):  # whose numbers are no array; a product converts too
            return matrix.tocsr()
        key = id(matrix)
        held = self._copies.get(key)
        mark = [digest_of(array) for array in _arrays_of(matrix)]
        if held is not None and held[1] == mark and held[2].shape == matrix.shape:
            return held[2]
        own = matrix.copy()
        self._copies[key] = (matrix, mark, own)
        return own

    def check(self):
        """Raise where a watched array has changed since it was captured."""
        for held in self._watched.values():
            if _mark_of(held[0]) != held[1]:
                raise _changed(held)


def always_copy(array):
    """Have every tape copy what it captures of this memory: it is overwritten by design."""
    if array.nbytes > COPY_LIMIT:
        _ALWAYS.add(id(array))
        weakref.finalize(array, _ALWAYS.discard, id(array)).atexit = False


def owned(x):
    """A copy of an array, a matrix or a container of them: for who keeps it beyond any tape.

    Objects that compute later from what they were given, such as interpolators, and options of
    views, which are read again when a view is brought up to date.
    """
    if isinstance(x, _ndarray):
        return x.copy("K")  # BLAS sums in another order where the layout is another
    if isinstance(x, Traced) or hasattr(x, "tocsr"):
        return x.copy()
    return type(x)(map(owned, x)) if type(x) in (list, tuple) else x


#: What may hold arrays that a rule reads: options of several arrays, lists of bins.
_CONTAINERS = frozenset({list, tuple, dict})


def _changed(held):
    array, _, line, _ = held
    return errors.MutationError(
        f"An array of shape {array.shape} was overwritten before the derivative that "
        "needs its old content was taken.",
        where=line or None,
        fix="compute with a copy of it: array.copy()",
    )


def _arrays_of(matrix):
    """The arrays of a matrix of scipy.sparse: numbers, and where they stand."""
    parts = (getattr(matrix, name, ()) for name in ("indices", "indptr", "offsets", "coords"))
    yield matrix.data
    for part in parts:
        yield from part if isinstance(part, tuple) else (part,)


def _mark_of(array):
    """What tells whether an array has changed: its bytes, or where these are many their digest."""
    return array.tobytes() if array.nbytes < _DIGEST_FROM else digest_of(array)


def owner_of(array):
    """The array that holds the memory which another one shows."""
    base = array.base
    while base is not None:
        if isinstance(base, _ndarray):
            array = base
        base = getattr(base, "base", None)  # also of what as_strided puts between two arrays
    return array


def digest_of(array):
    """A digest of every byte, as fast as memory is read; one in 2**128 changes escapes it."""
    if array.flags.forc:
        contiguous = array if array.flags.c_contiguous else array.T
        return xxh3_128_intdigest(contiguous.reshape(-1).view(np.uint8))
    digest = xxh3_128()
    array = array[tuple(slice(1 if s == 0 else None) for s in array.strides)]  # broadcast axes
    flags = ["external_loop", "buffered", "zerosize_ok"]
    # In the order of memory; pieces that are not contiguous are copied.
    with np.nditer(array, flags, [["readonly", "contig"]], order="K", buffersize=_BLOCK) as pieces:
        for piece in pieces:
            digest.update(piece.view(np.uint8))
    return digest.intdigest()
