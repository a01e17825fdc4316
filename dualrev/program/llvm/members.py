"""Members: what a step is among those that are computed together.

Owns which steps a kernel can hold, and how their operands lie.  Must not know groups.
"""

import functools
import math
from typing import NamedTuple

import numpy as np

from dualrev.program.llvm.kernels import is_fusible, is_reducible
from dualrev.program.llvm.lowering import reduced
from dualrev.program.steps import Guard, Ref, Step, broadcast_strides, span_of, strides_of

__all__ = ["Kind", "Member", "by_stride", "member_of"]


class Kind(NamedTuple):
    """What all steps have in common that do the same to arrays that lie alike.

    Attributes
    ----------
    number : int
        Equal for equal kinds.
    function : callable
        A ufunc, np.where, or np.copyto, which stands for copies and conversions.
    kinds : tuple of str
        Of arguments and answer.
    shape : tuple
        Of the elements that are computed, without dimensions of 1.
    strides : tuple
        Of each operand in that shape.
    size : int
        Of elements.
    dense : tuple of bool
        Whether each operand's elements lie one after the other.
    names : tuple
        What tells the turn of each operand's elements.
    spans : tuple
        First and last byte of each operand, from its first element.
    flat : bool
        Whether the shape does not matter: each operand is dense or a number.
    axes : tuple of int
        Over which it reduces; none where it does not.
    """

    number: int
    function: object
    kinds: tuple
    shape: tuple
    strides: tuple
    size: int
    dense: tuple
    names: tuple
    spans: tuple
    flat: bool
    axes: tuple


class Member(NamedTuple):
    """A step of a group.

    Attributes
    ----------
    step : Step
    kind : Kind
    operands : tuple
        Its arguments and its answer.
    names : tuple
        Of the elements of each operand in their turn; equal for equal ones only.  First the buffer,
        None of a constant.
    spans : tuple
        First and last byte of each operand in its buffer.
    """

    step: Step
    kind: Kind
    operands: tuple
    names: tuple
    spans: tuple


def member_of(step):
    """A step as a member of a group, or None where it is none."""
    if type(step) is Guard or len(step.outputs) != 1 or step.sized:
        return None
    function, args, options = step.function, step.args, ()
    if function is np.copyto:
        if step.kwargs.keys() - {"casting"} or len(args) != 2:
            return None
        args = args[1:]
    elif function is np.copy:
        function = np.copyto
    elif step.writes and not isinstance(function, np.ufunc):
        return None
    elif step.kwargs:
        if not reduced(function):
            return None
        options = tuple(step.kwargs.items())
    operands = (*args, *step.outputs)
    looks = []
    for x in operands:
        if type(x) is not Ref and type(x) is not np.ndarray:
            return None
        looks.append((x.shape, x.strides, x.dtype))
    kind = _kind(function, options, tuple(looks))
    if kind is None:
        return None
    names = []
    spans = []
    for x, name, (low, high) in zip(operands, kind.names, kind.spans):
        if type(x) is Ref:
            names.append((x.buffer, x.offset, *name))
            spans.append((x.offset + low, x.offset + high))
        else:
            names.append((None, id(x)))
            spans.append((0, 0))
    made, (low, high) = names[-1], spans[-1]
    for name, (begin, end) in zip(names, spans):
        if name[0] == made[0] and name != made and begin < high and low < end:
            return None  # it would read what it has written
    return Member(step, kind, operands, tuple(names), tuple(spans))


@functools.lru_cache(4096)
def _kind(function, options, looks):
    ufunc, shape = function, looks[-1][0]
    axes: tuple = ()
    kinds = tuple(dtype.str[1:] for _, _, dtype in looks)
    spread = [broadcast_strides(*look[:2], shape) for look in looks]
    if reduced(function):
        ufunc, shape = reduced(function), looks[0][0]
        axes, standing = _reduced_axes(dict(options), shape, looks[1])
        if not axes or kinds[0] != kinds[1] or not is_reducible(ufunc, kinds[0]):
            return None
        spread = [looks[0][1], standing]
    elif not is_fusible(ufunc, kinds):
        return None
    if 0 in shape or not all(dtype.isnative for _, _, dtype in looks):
        return None
    kept = [d for d, n in enumerate(shape) if n != 1]
    axes = tuple(k for k, d in enumerate(kept) if d in axes)
    shape = tuple(shape[d] for d in kept)
    strides = tuple(tuple(s[d] for d in kept) for s in spread)
    spans = tuple(span_of(shape, s, look[2].itemsize) for s, look in zip(strides, looks))
    dense = tuple(s == strides_of(shape, look[2].itemsize) for s, look in zip(strides, looks))
    flat = all(d or not any(s) for d, s in zip(dense, strides))
    if reduced(function):
        if not axes or not _is_in_numpys_order(shape, strides[0], axes, looks[0][2].itemsize):
            return None
        if len(axes) < len(shape):
            flat = False
        elif not dense[0]:
            return None
    if flat and len(shape) > 1:
        shape = (math.prod(shape),)
        strides = tuple((look[2].itemsize if d else 0,) for d, look in zip(dense, looks))
        axes = (0,) if axes else ()
    names = [(kind,) if d else (kind, shape, s) for kind, d, s in zip(kinds, dense, strides)]
    if axes:
        names[1] = ("reduced",)
    size = math.prod(shape)
    number = _NUMBERS.setdefault((ufunc, axes, kinds, shape, strides), len(_NUMBERS))
    return Kind(number, ufunc, kinds, shape, strides, size, dense, tuple(names), spans, flat, axes)


_NUMBERS: dict = {}


def _reduced_axes(options, shape, look):
    """The dimensions over which a reduction goes, none where it has an option that computes; and the
    strides of its answer in the shape of its argument.
    """
    ndim = len(shape)
    axis = options.get("axis", 0)
    if not options.keys() <= {"axis", "keepdims", "dtype"} or not ndim:
        return (), ()
    axes = range(ndim) if axis is None else axis if isinstance(axis, tuple | list) else (axis,)
    axes = tuple(sorted(d % ndim for d in axes))
    kept = [d for d in range(ndim) if d not in axes]
    strides = [look[1][d] for d in kept] if options.get("keepdims") else look[1]
    standing = dict(zip(kept, strides))
    return axes, tuple(standing.get(d, 0) for d in range(ndim))


def _is_in_numpys_order(shape, strides, axes, size):
    """Whether a reduction is over what lies innermost, or leaves that: NumPy's order is ours then."""
    order = by_stride(strides)
    if tuple(strides[d] for d in order) != strides_of([shape[d] for d in order], size):
        return False
    inner = order[len(order) - len(axes) :]
    return set(inner) == set(axes) or order[-1] not in axes


def by_stride(strides):
    """The dimensions from the outermost to the innermost."""
    return sorted(range(len(strides)), key=lambda d: -abs(strides[d]))
