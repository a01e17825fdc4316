"""Entries: what a step is in a table of loops.

Owns which loop computes a step, over which arguments.  Must not know engines.

NumPy's own loops compute, so answers are NumPy's to the bit.  All loops have one signature: a group
of steps becomes one entry as one step does.
"""

import operator
import re

import numpy as np

from dualrev.axes import along, part_of
from dualrev.program.llvm import driver
from dualrev.program.llvm.fusing import Fused
from dualrev.program.llvm.loops import loop_of
from dualrev.program.llvm.simpler import Otherwise
from dualrev.program.llvm.table import Table, nested
from dualrev.program.steps import Guard, Ref, Step, refs_in, view_of

__all__ = ["enter", "enter_guard"]

#: Bytes of the elements that are moved and compared as one.
_SIZES = (1, 2, 4, 8, 16)
_GETTING = (operator.getitem, np.ndarray.__getitem__)


def enter(table: Table, step: Step) -> bool:
    """Whether a step has been added to a table; if not, it must be called."""
    function, outputs = step.function, step.outputs
    if isinstance(function, Fused):
        starts = [(x.buffer, x.offset) for x in map(table.placed, step.args)]
        table.add(function.loop, starts, function.dims, function.steps, moves=False)
        return True
    if function is np.copyto:
        return _copy(table, *(table.placed(x) for x in reversed(step.args)))
    if function in _GETTING and len(step.args) == 2:
        return _gather(table, *step.args, *outputs)
    if function is operator.setitem:
        return _put(table, *step.args)
    if function == np.add.at:
        return _add_at(table, *step.args)
    if type(function) is Otherwise:
        return _check(table, step.args[1], function.limit)
    arrays = [*map(table.placed, step.args), *outputs]
    if None in arrays or not all(map(_is_aligned, arrays)):
        return False
    if function is np.copy:
        return _copy(table, *arrays)
    if function is np.where and len(arrays) == 4:
        return _select(table, *arrays)
    if isinstance(function, np.ufunc) and not step.kwargs and len(arrays) == function.nargs:
        enter_call = _elementwise if function.signature is None else _generalized
        return enter_call(table, function, arrays)
    ufunc, method = getattr(function, "__self__", None), function.__name__
    if isinstance(ufunc, np.ufunc) and len(arrays) == 2:
        if method == "reduce" and step.kwargs.keys() <= _REDUCED:
            return _reduction(table, ufunc, *arrays, **step.kwargs)
        if method == "accumulate" and step.kwargs.keys() <= {"axis"}:
            return _accumulation(table, ufunc, *arrays, **step.kwargs)
    return False


def enter_guard(table: Table, guard: Guard) -> bool:
    """Whether a guard has been added, as one entry at most."""
    ref = guard.ref
    dtype = ref.dtype
    if not _is_aligned(ref):
        return False
    if guard.seen is None:
        ref = _real(ref)
        if ref.dtype not in (np.float32, np.float64):
            return False
        loop, arrays = driver.finding_nan(ref.dtype), [ref]
    elif dtype.itemsize in _SIZES and dtype.char not in "gG":
        # of a long double some bytes may be anything
        loop = driver.differing(dtype.itemsize)
        arrays = [ref, table.placed(np.frombuffer(guard.seen, dtype).reshape(ref.shape))]
    else:
        return False
    table.map(loop, ref.shape, [*arrays, table.stop])
    return True


# ------------------------------------------------------------------------------ kinds of steps


def _elementwise(table, ufunc, arrays):
    loop = loop_of(ufunc, tuple(x.dtype for x in arrays))
    if loop is None or _overlap(arrays[: ufunc.nin], arrays[ufunc.nin :]):
        return False
    table.map(loop, arrays[-1].shape, arrays)
    return True


def _select(table, condition, x, y, ans):
    size = ans.dtype.itemsize
    if condition.dtype != bool or not x.dtype == y.dtype == ans.dtype or size not in _SIZES:
        return False
    table.map(driver.selecting(size), ans.shape, [condition, x, y, ans])
    return True


def _copy(table, source, target):
    """Enter a copy with conversion, as ``np.copyto(target, source, casting="unsafe")``."""
    if source is None or not (_is_aligned(source) and _is_aligned(target)):
        return False
    if source == target:
        return True
    if _overlap([source], [target]):
        return False
    if source.dtype == target.dtype:
        size = source.dtype.itemsize
        if size in _SIZES:
            table.map(driver.copying(size), target.shape, [source, target])
        return size in _SIZES
    if source.dtype.kind == "c":
        if target.dtype.kind == "c":
            return _copy(table, _real(source), _real(target))
        return target.dtype.kind != "b" and _copy(table, source.parts()[0], target)
    if target.dtype.kind == "c":
        real, imaginary = target.parts()
        zero = table.placed(np.zeros((), imaginary.dtype))
        return _copy(table, source, real) and _copy(table, zero, imaginary)
    loop = driver.converting(source.dtype, target.dtype)
    if loop is None:
        return False
    table.map(loop, target.shape, [source, target])
    return True


_REDUCED = {"axis", "keepdims", "dtype"}
#: Of these a second visit of the first element changes nothing.
_WITHOUT_IDENTITY = {np.maximum, np.minimum, np.fmax, np.fmin}


def _reduction(table, ufunc, x, ans, axis=0, keepdims=False, dtype=None):
    """Enter a loop of two arguments, of which one is also the answer, and stands still."""
    loop = loop_of(ufunc, (ans.dtype, x.dtype, ans.dtype))
    known = ufunc.identity is not None or (ufunc in _WITHOUT_IDENTITY and 0 not in x.shape)
    if loop is None or not known:
        return False
    ndim = len(x.shape)
    axes = range(ndim) if axis is None else axis if type(axis) is tuple else (axis,)
    reduced_axes = {k % ndim for k in axes}
    kept = [k for k in range(ndim) if k not in reduced_axes]
    strides = [ans.strides[k] for k in kept] if keepdims else ans.strides
    if ufunc.identity is not None:
        first = table.placed(np.asarray(ufunc.identity).astype(ans.dtype))
    else:
        first = x.shown(tuple(x.shape[k] for k in kept), tuple(x.strides[k] for k in kept))
    standing = dict(zip(kept, strides))
    whole = ans.shown(x.shape, tuple(standing.get(k, 0) for k in range(ndim)))
    if ans.dtype.kind in "fc" and ufunc not in _WITHOUT_IDENTITY:
        # NumPy adds what no one loop runs through by blocks of its buffer
        nest = nested(x.shape, [x.strides, whole.strides], [x.strides])
        if [steps[1] for _, steps in nest[:2]] == [0, 0]:
            return False
    if not _copy(table, first, ans.shown(tuple(x.shape[k] for k in kept), tuple(strides))):
        return False
    table.map(loop, x.shape, [whole, x, whole], by=x.strides)
    return True


def _accumulation(table, ufunc, x, ans, axis=0):
    """Enter a loop of which one argument is the answer, one element before."""
    loop = loop_of(ufunc, (ans.dtype, x.dtype, ans.dtype))
    if loop is None or 0 in x.shape:
        return loop is not None
    axis %= len(x.shape)
    first, rest = (part_of(axis, part, len(x.shape)) for part in (slice(1), slice(1, None)))
    here = view_of(ans, rest)
    before = Ref(ans.buffer, ans.offset, here.shape, ans.strides, ans.dtype)
    if not _copy(table, view_of(x, first), view_of(ans, first)):
        return False
    table.map(loop, here.shape, [before, view_of(x, rest), here], inner=axis)
    return True


# ------------------------------------------------------------- elements by their numbers, checks


def _gather(table, x, key, ans):
    places = _places(x, key)
    if places is None or x.dtype != ans.dtype or ans.dtype.itemsize not in _SIZES:
        return False
    loop = driver.gathering(ans.dtype.itemsize)
    table.map(loop, ans.shape, [table.placed(places), _first(table.placed(x)), ans])
    return True


def _put(table, x, key, value):
    places = _places(x, key)
    value = table.placed(value)
    if places is None or value is None or x.dtype != value.dtype:
        return False
    if x.dtype.itemsize not in _SIZES or len(value.shape) > places.ndim or _overlap([value], [x]):
        return False
    loop = driver.scattering(x.dtype.itemsize)
    arrays = [table.placed(places), _first(x), value]
    table.map(loop, places.shape, arrays, by=places.strides)  # the last at a place stays
    return True


def _add_at(table, x, key, value):
    places = _places(x, key)
    loop = driver.adding(x.parts()[0].dtype if x.dtype.kind == "c" else x.dtype)
    if places is None or loop is None or x.dtype != value.dtype:
        return False
    value = table.placed(value)
    pairs = zip(x.parts(), value.parts()) if x.dtype.kind == "c" else [(x, value)]
    for target, source in pairs:
        arrays = [table.placed(places), _first(target), source]
        table.map(loop, places.shape, arrays, by=places.strides)
    return True


def _places(x, key):
    """How many bytes after the first the elements lie that an index names, in the order of C.

    None where it may change.
    """
    if type(x) is not Ref or any(refs_in(key)) or not _is_aligned(x):
        return None
    places = np.zeros(x.shape, np.int64)
    for axis, (n, stride) in enumerate(zip(x.shape, x.strides)):
        places += along(np.arange(n) * stride, axis, len(x.shape))
    return np.ascontiguousarray(places[key])


def _first(x):
    return x.shown((), ())


def _check(table, x, least):
    if x.dtype.kind == "c":
        x = _real(x)
    if x.dtype not in (np.float64, np.float32):
        return False
    least = table.placed(np.asarray(least, x.dtype))
    table.map(driver.falling(x.dtype), x.shape, [x, least, table.stop])
    return True


def _generalized(table, ufunc, arrays):
    """Enter a loop that has dimensions of its own, as those of matmul and of numpy.linalg have."""
    loop = loop_of(ufunc, tuple(x.dtype for x in arrays))
    names = [part.split(",") if part else [] for part in _PARTS.findall(ufunc.signature)]
    if loop is None or _overlap(arrays[: ufunc.nin], arrays[ufunc.nin :]):
        return False
    short = [dims for x, dims in zip(arrays[: ufunc.nin], names) if len(x.shape) < len(dims)]
    missing = {name for dims in short for name in dims if name.endswith("?")}
    sizes: dict = {}
    steps, outer = [], []
    for x, dims in zip(arrays, names):
        count = len(x.shape) - sum(name not in missing for name in dims)
        core = zip(x.shape[count:], x.strides[count:])
        for name in dims:
            sizes[name], stride = (1, 0) if name in missing else next(core)
            steps.append(stride)
        outer.append(x.shown(x.shape[:count], x.strides[:count]))
    table.map(loop, outer[-1].shape, outer, core=(tuple(sizes.values()), tuple(steps)))
    return True


#: What stands in parentheses in a signature as "(n?,k),(k,m?)->(n?,m?)".
_PARTS = re.compile(r"\((.*?)\)")


# ----------------------------------------------------------------------------------- arrays


def _is_aligned(x):
    """Whether numbers lie as a loop expects them."""
    dtype = x.dtype
    return dtype.isnative and not any(n % dtype.alignment for n in (x.offset, *x.strides))


def _real(x):
    """The same memory as real numbers: of a complex array, with one more dimension."""
    if x.dtype.kind != "c":
        return x
    real, _ = x.parts()
    return real.shown((*x.shape, 2), (*x.strides, real.dtype.itemsize))


def _overlap(inputs, outputs):
    """Whether an answer shares memory with an argument, but for one that is the very same array."""
    return any(
        x.buffer == y.buffer and x.buffer is not None and x != y and _meet(x, y)
        for y in outputs
        for x in inputs
    )


def _meet(x, y):
    (low, high), (other_low, other_high) = x.extent(), y.extent()
    return low < other_high and other_low < high
