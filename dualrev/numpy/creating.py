"""NumPy's functions that make arrays: within transforms, arrays that can take traced values.

Owns which functions these are, and what each makes of traced numbers in lists.  Must not know what
such an array is, nor who calls the functions by which name.
"""

import functools
import itertools
import threading

import numpy as np

from dualrev import errors
from dualrev.calls import RUNNING
from dualrev.core.binding import apply, constant_of
from dualrev.core.operands import as_operand, base_of, gathered
from dualrev.core.primitive import RULES
from dualrev.core.traced import Traced, is_traced, tracer_in
from dualrev.insides.askers import is_asked_by_library
from dualrev.numpy.filling import FillableArray, fillable
from dualrev.readers.captured import owner_of

__all__ = ["CREATING", "INDEXED", "outside"]

_ndarray = np.ndarray
# NumPy's own: while patch_numpy is in force others stand under np's names.
_array_of, _checked, _full_of, _rows_of = np.array, np.asarray_chkfinite, np.full, np.r_
_Columns = type(np.c_)
# How NumPy calls the first argument of a function that makes an array of it.
_FIRST = "object", "a", "array", "iter", "tup", "arrays"


def is_differentiated():
    """Whether this thread runs a function that is differentiated, and its own code is what asks."""
    return threading.get_ident() in RUNNING and not is_asked_by_library()


def outside(function, inside, options=True):
    """``function`` itself outside transforms, ``inside(function, *args, **kwargs)`` within.

    Where no transform runs it costs 0.2 us, and 0.1 us where the function has no options.
    """

    def with_options(*args, **kwargs):
        if not RUNNING or not is_differentiated():
            return function(*args, **kwargs)
        if not args:
            args = [kwargs.pop(name) for name in _FIRST if name in kwargs]
        return inside(function, *args, **kwargs)

    def without_options(*args):
        if not RUNNING or not is_differentiated():
            return function(*args)
        return inside(function, *args)

    call = functools.wraps(function)(with_options if options else without_options)
    # pickle finds it there, also where it stands in for NumPy's own.
    call.__module__ = "dualrev.numpy"
    call.inside = functools.partial(inside, function)
    return call


def _owned(ans, args):
    """An answer of NumPy's: fillable where it is an array that nobody else holds."""
    if type(ans) is not _ndarray:
        return type(ans)(_owned(part, args) for part in ans) if type(ans) in (list, tuple) else ans
    if ans.dtype.kind not in "fc":
        return _operand(ans)
    if ans.base is None:
        for a in args:
            if a is ans:
                return ans
        return fillable(ans)
    owner = owner_of(ans)
    if any(isinstance(a, _ndarray) and owner_of(a) is owner for a in _arrays(args)):
        return ans
    return ans if isinstance(owner.base, FillableArray) else fillable(ans)


def _arrays(args):
    for a in args:
        yield from a if type(a) in (list, tuple) else (a,)


# --------------------------------------------------------------------------- what is made of arguments


def _operand(x):
    """What holds traced numbers, and nothing else, as a traced array; anything else as it is."""
    if not isinstance(x, list | tuple | _ndarray) or not is_traced(x):
        return x
    try:
        return as_operand(x) if isinstance(x, _ndarray) else gathered(x)
    except errors.ArgumentError:  # other objects are among them: of these NumPy makes what it makes
        return x


def _new(function, *args, **kwargs):
    """A function of shapes and lengths."""
    ans = function(*args, **kwargs)
    return fillable(ans) if type(ans) is _ndarray and ans.dtype.kind in "fc" else ans


def _ranged(function, *args, **kwargs):
    """np.arange: its length would depend on a traced number."""
    if is_traced(*args, kwargs):
        raise RULES[function].error()
    return _new(function, *args, **kwargs)


def _made(function, *args, **kwargs):
    """A function of arrays: lists of traced numbers are arrays to it."""
    args = [_operand(a) for a in args]
    return _owned(function(*args, **kwargs), args)


def _unwritten(function, *args, **kwargs):
    """np.empty and np.empty_like: zeros, for a checkpoint compares what two runs meet."""
    ans = _made(function, *args, **kwargs)
    if type(ans) is FillableArray:
        ans.fill(0)
    return ans


def _joined(function, arrays, *args, **kwargs):
    """A function of a sequence of arrays, which may be lists themselves."""
    if isinstance(arrays, list | tuple):
        arrays = [_operand(a) for a in arrays]
    return _owned(function(arrays, *args, **kwargs), (arrays,))


def _nested(function, arrays):
    """np.block: of nested lists, whose elements are arrays and numbers."""
    return _owned(function(arrays), (arrays,))


def _viewed(function, *args, **kwargs):
    """A function whose answers are views: one of an array to fill is to be filled with it."""
    if any(type(a) is FillableArray for a in args):
        kwargs.setdefault("subok", True)
    return function(*args, **kwargs)


def _broadcast(function, *args, **kwargs):
    """np.broadcast_arrays: beside traced arrays copies of the others, to be written into."""
    arrays = _viewed(function, *args, **kwargs)
    if not is_traced(*args):
        return arrays
    return tuple(fillable(x.copy()) if type(x) is _ndarray else x for x in arrays)


def _full(function, shape, fill_value, dtype=None, order="C", **options):
    tracer = tracer_in(fill_value)
    if tracer is None:
        return _owned(function(shape, fill_value, dtype, order, **options), ())
    value = as_operand(fill_value)
    dtype = value.dtype if dtype is None else dtype
    return _in_order(np.full_like(tracer, value, dtype, shape=shape), order)


def _full_like(function, a, fill_value, dtype=None, order="K", subok=True, shape=None, **options):
    if not is_traced(fill_value) or is_traced(a):
        return _owned(function(a, fill_value, dtype, order, subok, shape, **options), ())
    like = function(a, 0, dtype, order, subok, shape, **options)
    return _full(_full_of, like.shape, fill_value, like.dtype)


def _fromiter(function, iterable, dtype, count=-1, **options):
    numbers = list(iterable if count < 0 else itertools.islice(iterable, count))
    ans = function(base_of(numbers), dtype, count, **options)
    return _array(_array_of, numbers, dtype) if is_traced(numbers) else _owned(ans, ())


def _enumerated(function, arr):
    """np.ndenumerate: each element as it is when its turn comes."""
    arr = _operand(arr)
    if not isinstance(arr, Traced | FillableArray):
        return function(arr)
    return zip(np.ndindex(arr.shape), arr.flat)


def _array(function, x, *args, **kwargs):
    """np.array, and what else makes one array of anything."""
    operand = _operand(x)
    if isinstance(operand, Traced):
        if operand is not x and not isinstance(x, _ndarray):  # made of a list just now
            kwargs["copy"] = False
        return _traced_array(function, operand, *args, **kwargs)
    ans = function(x, *args, **kwargs)
    if isinstance(x, FillableArray) and type(ans) is _ndarray and owner_of(ans) is owner_of(x):
        # NumPy's is a plain view: through it no traced value could be written.
        return x if ans.shape == x.shape else x.reshape(ans.shape)
    return _owned(ans, (x,))


def _traced_array(function, x, dtype=None, order=None, *, ndmin=0, **options):
    if dtype is not None:
        dtype = np.dtype(dtype)
        if dtype.kind == "O":
            return function(x, dtype)
        if dtype.kind not in "fc":
            return constant_of(function, (x, dtype))  # whole numbers: piecewise constant
    if function is _checked and not constant_of(np.isfinite, (x,)).all():
        raise ValueError("array must not contain infs or NaNs")
    if dtype is not None and x.dtype != dtype:
        x = x.astype(dtype)
    elif _copies(options.get("copy", function is _array_of)):
        x = x.copy()
    if x._is_scalar():
        x = x[...]  # an array, which can be written
    x = _in_order(x, _ORDER.get(function, order))
    ndmin = max(ndmin, function in _ORDER)
    return x if x.ndim >= ndmin else x.reshape((1,) * (ndmin - x.ndim) + x.shape)


def _copies(copy):
    # NumPy's own word for "if needed" is neither true nor false; array_api_compat says it.
    return bool(copy) if copy in (True, False, None) else copy.value is True


_ORDER = {np.ascontiguousarray: "C", np.asfortranarray: "F"}


def _in_order(x, order):
    if order not in ("C", "F") or x.flags[f"{order}_CONTIGUOUS"]:
        return x
    return x.copy(order)


# ------------------------------------------------------------------------------- which functions


def _of_first(original, a, *args, **kwargs):
    """NumPy asks the array alone whether it is traced: not the indices, nor what is put around it."""
    if is_traced(args, kwargs) and not is_traced(a):
        return apply(RULES[original], (a, *args), kwargs)
    return original(a, *args, **kwargs)


_HOW = {
    _array: "array asarray asanyarray asarray_chkfinite ascontiguousarray asfortranarray require",
    _new: "zeros ones eye identity tri",
    _unwritten: "empty empty_like",
    _ranged: "arange",
    _made: (
        "zeros_like ones_like linspace logspace geomspace "
        "fromfunction loadtxt genfromtxt copy diag diagflat tril triu vander meshgrid "
        "atleast_1d atleast_2d atleast_3d append tile repeat"
    ),
    _joined: "concatenate concat stack vstack row_stack hstack dstack column_stack",
    _nested: "block",
    _full: "full",
    _full_like: "full_like",
    _fromiter: "fromiter",
    _enumerated: "ndenumerate",
    _of_first: "take pad",
    _viewed: "broadcast_to",
    _broadcast: "broadcast_arrays",
}
_standing_in = functools.cache(outside)  # for one of two names, too, as concat and concatenate
#: By the name in NumPy: its functions that make arrays, and what stands in for each.
CREATING = {
    name: _standing_in(getattr(np, name), inside)
    for inside, names in _HOW.items()
    for name in names.split()
    if hasattr(np, name)  # row_stack is going to leave NumPy
}


class _Indexed:
    """What makes arrays of an index: np.mgrid, np.r_ and their kind."""

    def __init__(self, name, original, inside):
        self.name = name
        self.original = original
        self.__doc__ = original.__doc__
        self.__module__ = "dualrev.numpy"
        self._getitem = outside(original.__getitem__, inside)

    def __getitem__(self, key):
        return self._getitem(key)

    def __getattr__(self, name):
        return getattr(self.original, name)

    def __reduce__(self):
        return self.name


def _grid(getitem, key):
    return _owned(getitem(key), ())


def _rows(getitem, key):
    """np.r_[...] and np.c_[...]: pieces along an axis."""
    pieces = key if isinstance(key, tuple) else (key,)
    if not is_traced(pieces):
        return _owned(getitem(key), ())
    columns = isinstance(getitem.__self__, _Columns)
    if any(isinstance(piece, str) for piece in pieces):
        return _owned(getitem(key), ())  # an array of objects
    arrays = [
        np.atleast_1d(as_operand(piece)) if not isinstance(piece, slice) else _rows_of[piece]
        for piece in pieces
    ]
    if not columns:
        return np.concatenate(arrays)
    return np.concatenate([a[:, np.newaxis] if a.ndim == 1 else a for a in arrays], axis=-1)


#: The same of what is not called, but indexed.
INDEXED = {
    name: _Indexed(name, getattr(np, name), inside)
    for inside, names in {_grid: "mgrid ogrid", _rows: "r_ c_"}.items()
    for name in names.split()
}
