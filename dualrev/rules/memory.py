"""The memory of an array: views of it as other numbers, its layout, and what would bypass both.

Must not know how a write reaches an array through a view.
"""

import numpy as np

from dualrev.core.primitive import RULES
from dualrev.core.words import composition, constant, linear
from dualrev.errors import no_rule
from dualrev.rules.refused import refused, without_answer


def _as_pairs(a, dtype):
    """Which way a view leads between complex numbers and pairs of real ones; None: neither."""
    dtype = a.dtype if dtype is None or dtype is np.ndarray else np.dtype(dtype)
    if dtype == a.dtype:
        return None
    pair = np.result_type(a.dtype, dtype)
    if a.dtype.kind + dtype.kind not in ("cf", "fc") or pair not in (a.dtype, dtype):
        pair = None
    if pair is None or {a.itemsize, dtype.itemsize} != {pair.itemsize, pair.itemsize // 2}:
        raise no_rule(
            f"numpy.ndarray.view of {a.dtype} as {dtype}",
            f"use x.astype('{dtype}')",
            why="it reads numbers as other numbers",
        )
    return a.dtype.kind + dtype.kind


def _view(a, dtype=None):
    if _as_pairs(a, dtype) is None:
        return a.view()
    view = a.view(dtype)
    if type(view) is np.ndarray:
        view.flags.writeable = False  # the parts of a cotangent are not its view
    return view


def _view_transpose(ct, a, dtype=None):
    """Re(c (dx + i dy)) = Re(c) dx - Im(c) dy"""
    pairs = _as_pairs(a, dtype)
    if pairs is None:
        return ct
    ct = np.ascontiguousarray(ct) if type(ct) is np.ndarray else ct
    return np.conj(ct.view(a.dtype)) if pairs == "cf" else np.conj(ct).view(a.dtype)


def _view_batch(call, batched, a, dtype=None):
    if a.ndim == 1 and _as_pairs(a, dtype) is not None:
        return NotImplemented  # of a number, a pair
    return call(a, dtype=dtype)


def _to_device(a, device, /, *, stream=None):
    if device != "cpu" or stream is not None:
        raise ValueError(f'Unsupported device: {device}. Only "cpu" is accepted.')
    return a


def _setflags(a, write=None, align=None, uic=None):
    """A lock keeps others from memory that they share: of a traced array nobody has any."""
    if write is not False or align is not None or uic is not None:
        raise no_rule("numpy.ndarray.setflags, but for write=False,", "write into a copy, x.copy()")


_REMOVED = ("itemset", "newbyteorder", "tostring")

linear(np.ndarray.view, _view_transpose, call=_view, view=True, batch=_view_batch)
RULES[np.ndarray.view].parameters = ("a", "dtype"), frozenset({"dtype"})
composition(np.ndarray.to_device, _to_device)
composition(np.ndarray.setflags, _setflags)
constant(np.ndarray.flags, np.ndarray.strides, np.ndarray.device)
without_answer(np.ndarray.dump, np.ndarray.tofile)
_MEMORY = "it reads or writes the memory of an array"
refused(_MEMORY, "use np.lib.stride_tricks.sliding_window_view", np.lib.stride_tricks.as_strided)
refused(
    _MEMORY,
    "give it dualrev.stop_gradient(x), a plain array that carries no derivative",
    *(np.ndarray.byteswap, np.ndarray.getfield, np.ndarray.setfield),
    *(np.ndarray.tobytes, np.ndarray.dumps, np.ndarray.data, np.ndarray.ctypes, np.ndarray.base),
    *(np.from_dlpack, np.frombuffer),
    # Removed by NumPy 2.0, which keeps their names to say so.
    *(getattr(np.ndarray, name) for name in _REMOVED if hasattr(np.ndarray, name)),
)
