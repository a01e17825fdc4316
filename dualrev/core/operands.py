"""Operands: what an argument of a call is to a rule, and what stands under its derivatives.

Owns lists and arrays of objects, which become one array, and indices.  Must not know which level acts.
"""

import warnings

import numpy as np

from dualrev import errors
from dualrev.core.arrays import foundation
from dualrev.core.primitive import RULES
from dualrev.core.traced import Fillable, Holder, Traced, is_traced, tracer_in
from dualrev.core.words import linear
from dualrev.indices import is_mask
from dualrev.insides.lines import user_place

_ndarray = np.ndarray
_generic = np.generic
_FLOAT = np.dtype(float)
#: Immutable scalars that need no coercion as an operand.
SCALARS = frozenset({float, int, bool, np.float64, np.float32, np.int64, np.complex128})
#: Subclasses of ndarray whose masks or operators would be lost by taking them for arrays.
#: And the ordinary array to take instead.
UNLIKE_ARRAYS = {"MaskedArray": "m.filled(0.0)", "matrix": "np.asarray(m)"}
STACK_WARNING, STACK_LIMIT = 1_000, 100_000


def base_of(x, level=0):
    """The array under all derivatives, plain or what stands for one; also inside lists and the like.

    With a level, what is under the tracers from that level on.
    """
    while isinstance(x, Traced) and x.level >= level:
        if not x.differentiates:
            return x if x.below is None else x.over(base_of(x.below, level))
        if x.alias is not None:
            x.settle()
        x = x.primal
    if isinstance(x, list | tuple):
        return like(x, [base_of(part, level) for part in x])
    if type(x) is dict:
        return {key: base_of(part, level) for key, part in x.items()}
    if isinstance(x, Fillable) or (type(x) is _ndarray and x.dtype == object):
        held = as_operand(x)
        return x if held is x else base_of(held, level)  # itself: of objects that are no numbers
    if isinstance(x, Holder):
        return x.over(base_of(x.data, level))
    return x


def under_all(x):
    """What is under all levels: of a batch the numbers of all rows; itself where they are not known."""
    x = base_of(x)
    while isinstance(x, Traced) and x.below is not None:
        x = base_of(x.below)
    return x


def like(sequence, parts):
    """A list or tuple of the same type, which may have names, of other parts."""
    return type(sequence)(*parts) if hasattr(sequence, "_fields") else type(sequence)(parts)


def sample_of(x):
    """What is under all derivatives; of a batch one row: for what asks shapes, types and options."""
    if isinstance(x, list | tuple):
        return type(x)(map(sample_of, x))
    x = base_of(x)
    return x.sample() if isinstance(x, Traced) and hasattr(type(x), "sample") else x


def numbers_of(x):
    """The plain numbers under all derivatives, for what searches with them, which no program does."""
    if isinstance(x, list | tuple):
        return type(x)(map(numbers_of, x))
    x = base_of(x)
    return x.numbers() if isinstance(x, Traced) else x


def is_array(x):
    """Whether NumPy would hold an array here, not a scalar, which nothing can write."""
    x = foundation(x)
    return x.stands_for_array() if isinstance(x, Traced) else not isinstance(x, _generic)


def as_operand(x, beside=None):
    """An argument as rules expect it: lists become arrays, object arrays of tracers traced ones.

    A complex number of Python's takes the precision of the array that it stands beside.
    """
    if type(x) is _ndarray:
        return stacked(x) if x.dtype.kind == "O" else x
    if isinstance(x, Traced) or type(x) in SCALARS:
        return x
    if type(x) is complex:
        # Python's own meets np.float64 in Python's way: no array comes out.
        dtype = np.complex128 if beside is None else np.result_type(beside.dtype, x).type
        return dtype(x)
    if isinstance(x, Fillable):
        return x.content()
    if isinstance(x, list | tuple):
        return gathered(x) if is_traced(x) else as_operand(np.array(x))
    if isinstance(x, _ndarray) and type(x).__name__ in UNLIKE_ARRAYS:
        raise errors.ArgumentError(
            f"A {type(x).__name__} met a traced array, which knows neither masks nor matrices.",
            fix=f"write {UNLIKE_ARRAYS[type(x).__name__]} for it"
            + ", and @ for its product" * (type(x).__name__ == "matrix"),
        )
    if isinstance(x, _ndarray) and (hasattr(x, "unit") or hasattr(x, "units")):
        raise errors.ArgumentError(
            f"A {type(x).__name__} met a traced array, which knows no units.",
            fix="write np.asarray(q) for it, its numbers",
        )
    is_tensor = hasattr(x, "__array__") and not isinstance(getattr(x, "dtype", _FLOAT), np.dtype)
    if is_tensor or hasattr(x, "to_numpy"):
        # So are columns of pandas and polars, and arrays of xarray: what they hold, without labels.
        return as_operand(np.asarray(x))
    return x


def gathered(nested):
    """The traced array that np.array would make of nested lists with traced elements."""
    leaves: list = []
    shape = _shape_of_numbers(nested, leaves)
    if shape is None:
        return np.stack([as_operand(part) for part in nested])
    one = tracer_in(leaves)._apply(RULES[gather_scalars], leaves, {})
    return one if len(shape) == 1 else one.reshape(shape)


def _shape_of_numbers(nested, leaves):
    """The shape of nested lists whose leaves, which are added, are numbers; None where one is not."""
    if type(nested) in SCALARS:
        leaves.append(nested)
        return ()
    if isinstance(nested, list | tuple):
        shapes = {_shape_of_numbers(part, leaves) for part in nested}
        return (len(nested), *shapes.pop()) if len(shapes) == 1 and None not in shapes else None
    leaf = as_operand(nested)
    if getattr(leaf, "ndim", 0):
        return None
    leaves.append(_as_number(leaf))
    return ()


def stacked(elements):
    """One traced array from an object array whose elements are tracers (or plain numbers)."""
    flat = [e.content() if isinstance(e, Fillable) else e for e in elements.flat]
    if not any(isinstance(e, Traced) for e in flat):
        if all(isinstance(e, int | float | complex | _generic) for e in flat):
            return np.array(elements.tolist())
        return elements
    if elements.flags.writeable:  # else np.asarray made it, and has warned
        check_gathered(len(flat))
    one = gather_scalars(*map(_as_number, flat))
    return one if elements.ndim == 1 else one.reshape(elements.shape)


def _as_number(element):
    """An element of an array of objects, or of nested lists, that holds traced numbers."""
    if type(element) is _ndarray and not element.ndim:
        return element[()]
    if not isinstance(element, int | float | complex | _generic | Traced):
        raise errors.ArgumentError(
            f"An array mixes traced numbers with an object of type {type(element).__name__}.",
            fix="put numbers only into this array",
        )
    return element


def check_gathered(count, repair="write np.stack([...])"):
    """Warn where many traced elements become an array one by one, and refuse too many."""
    if count <= STACK_WARNING:
        return
    what = f"{count} traced elements were gathered one by one into an array"
    if count > STACK_LIMIT:
        raise errors.ArgumentError(f"{what}: too many.", fix=repair)
    text = f"{what}, which is slow; {repair}."
    warnings.warn_explicit(text, errors.PerformanceWarning, *user_place())


def _gather_batch(call, batched, *elements):
    rows = len(next(x for x, b in zip(elements, batched) if b))
    if all(type(x) is _ndarray or not b for x, b in zip(elements, batched)):
        gathered = np.empty((rows, len(elements)), np.result_type(*elements))
        for i, x in enumerate(elements):
            gathered[:, i] = x
        return gathered
    return np.stack([x if b else np.broadcast_to(x, rows) for x, b in zip(elements, batched)], 1)


gather_scalars = linear(
    lambda *elements: np.array(elements),
    together=lambda ct, wanted, ans, *elements: list(ct),
    batch=_gather_batch,
    name="array",
)


def is_index(x):
    """Whether it is traced and chooses elements: by a level that does not differentiate."""
    return isinstance(x, Traced) and x.dtype.kind in "iub"


def chooses_view(index, ndim):
    """Whether the elements at an index, which is traced, are shown and not copied: as at numbers."""
    parts = index if type(index) is tuple else (index,)
    if any(map(is_recorded, parts)) and names_element(parts, ndim):
        return False  # a copy, which each replay chooses again
    return not any(np.ndim(part) or type(part) is bool or is_mask(part) for part in parts)


def names_element(parts, ndim):
    """Whether an index, of an array of so many dimensions, is a whole number for each."""
    return len(parts) == ndim and all(
        type(part) in (int, np.intp) or (is_index(part) and not part.ndim and not is_mask(part))
        for part in parts
    )


def is_recorded(part):
    """Whether a part of an index is a whole number of a program, which each replay computes."""
    return is_index(part) and part.below is None and not part.ndim and not is_mask(part)


def own_index(index):
    """An index that later writes cannot change, and whether it is basic (its result is a view)."""
    parts = index if type(index) is tuple else (index,)
    basic = True
    own = []
    for part in parts:
        if type(part) is bool or type(part) is np.bool:
            basic = False
        if isinstance(part, list | _ndarray | Traced):
            if not is_index(part):
                part = np.array(base_of(part))
            elif not is_recorded(part) or is_array(part):  # a number cannot be written
                part = part.copy()
            if not part.size and part.dtype.kind == "f":  # x[[]]
                part = part.astype(np.intp)
            if part.dtype.kind not in "iub":
                raise IndexError(
                    f"arrays used as indices must be of integer or boolean type, not {part.dtype}"
                )
            basic = False
        elif getattr(part, "ndim", 0):  # an array of another library
            basic = False
        own.append(part)
    return (tuple(own) if type(index) is tuple else own[0]), basic
