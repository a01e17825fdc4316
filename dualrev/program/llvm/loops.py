"""Loops: the compiled inner loops of NumPy's and SciPy's ufuncs, by their addresses.

Owns all that is read of a ufunc's memory.  Must not know programs.

All loops have one signature, ``void loop(char **args, npy_intp *dims, npy_intp *steps, void *data)``:
addresses of the first elements, how many there are, bytes from one to the next.
"""

import ctypes
import functools
from typing import NamedTuple

import numpy as np

__all__ = ["Loop", "loop_of"]


class _PyUFuncObject(ctypes.Structure):
    """The head of NumPy's struct of this name, public in numpy/ufuncobject.h, the same since 1.0.

    There is no call that tells a loop: NumPy chooses one and calls it, in 300 ns and more.
    """

    _fields_ = (
        ("object", ctypes.c_char * object.__basicsize__),
        ("nin", ctypes.c_int),
        ("nout", ctypes.c_int),
        ("nargs", ctypes.c_int),
        ("identity", ctypes.c_int),
        ("functions", ctypes.POINTER(ctypes.c_void_p)),
        ("data", ctypes.POINTER(ctypes.c_void_p)),
        ("ntypes", ctypes.c_int),
        ("flags", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("types", ctypes.POINTER(ctypes.c_byte)),
    )


class Loop(NamedTuple):
    """An inner loop: its address, and that of what it is handed as data."""

    function: int
    data: int


@functools.lru_cache(4096)
def loop_of(ufunc: np.ufunc, dtypes: tuple) -> Loop | None:
    """The loop of a ufunc for these dtypes of all its arguments and answers, or None.

    The first whose types are these, as NumPy looks for it.  A loop of objects calls Python, and is
    none.
    """
    if any(dtype.hasobject or not dtype.isnative for dtype in dtypes):
        return None
    struct = _PyUFuncObject.from_address(id(ufunc))
    if (struct.nin, struct.nout, struct.ntypes) != (ufunc.nin, ufunc.nout, ufunc.ntypes):
        return None
    wanted = [dtype.num for dtype in dtypes]
    for i in range(struct.ntypes):
        if struct.types[i * struct.nargs : (i + 1) * struct.nargs] == wanted:
            function = struct.functions[i]
            # NumPy keeps no function where a loop of another kind is registered
            return Loop(function, struct.data[i] or 0 if struct.data else 0) if function else None
    return None
