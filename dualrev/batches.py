"""vmap: a function of one value as a function of many.

Owns which axes of the arguments and of the results hold the values.  Must not know how a batch is
computed with.
"""

import functools
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors, trees
from dualrev.calls import (
    check_callable,
    flatten_result,
    is_array_of_numbers,
    noun_of,
    own_results,
    unflatten,
)
from dualrev.core.operands import as_operand
from dualrev.core.tracer import Tracer
from dualrev.errors import name_of
from dualrev.insides.marks import name_for_pickle
from dualrev.readers.batch import Rows
from dualrev.shared import call_with_shared

__all__ = ["vmap"]

_ndarray = np.ndarray


class vmap:
    """The same function of many values at once: of each row of its arguments.

    f is written for one value; it runs once, and each of its NumPy calls computes all of them.

    Parameters
    ----------
    f : callable
        Function of arrays, or of structures of arrays.
    in_axes : int, None, or structure of them
        The axis of each argument along which its values lie; None for an argument that is the same
        for all.  One for all positional arguments, or a tuple with one an argument, which may be a
        structure as the argument is, or stand for all of it.  Arguments by keyword have theirs
        along axis 0.
    out_axes : int or structure of them
        The axis of the results along which the values will lie.

    Returns
    -------
    callable
        With the arguments of f; answers what f does, each array with one axis more, of length n
        where the arguments hold n values.

    Raises
    ------
    ShapeError
        Where the numbers of values differ, are 0, or an array does not have the axis.
    CoercionError
        Where f branches on a value, as ``if x > 0`` does: choose by ``np.where``.

    Warns
    -----
    PerformanceWarning
        Where a function is called value by value, as those of SciPy are that know no axes.

    See Also
    --------
    jacobian, linearize

    Notes
    -----
    Equals ``np.stack([f(x) for x in xs])``.  Costs one evaluation of f with arrays n times as large,
    and for each call of NumPy's in it 2 to 5 us.  Nests with all derivatives and with itself: the
    gradient for each sample of a batch is ``vmap(grad(loss), in_axes=(None, 0))``.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.vmap(np.dot)(np.array([[1.0, 2.0], [3.0, 4.0]]), np.ones((2, 2)))
    array([3., 7.])
    >>> def loss(w, x):
    ...     return np.sum((w * x) ** 2)
    >>> dr.vmap(dr.grad(loss), in_axes=(None, 0))(np.ones(2), np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[ 2.,  8.],
           [18., 32.]])
    """

    def __init__(self, f: Callable, in_axes: Any = 0, out_axes: Any = 0):
        check_callable(f, "dr.vmap(f)(xs)")
        functools.update_wrapper(self, f, updated=())
        self.f = f
        self.in_axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes
        self.out_axes = out_axes

    def __repr__(self):
        return f"<vmap of {name_of(self.f)}>"

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return vmap(self.f.__get__(instance, owner), self.in_axes, self.out_axes)

    def __reduce__(self):
        return name_for_pickle(self) or super().__reduce__()

    def __call__(self, *args, **kwargs) -> Any:
        f = self.f
        if isinstance(self.in_axes, tuple) and len(self.in_axes) != len(args):
            raise errors.ArgumentError(
                f"in_axes has {len(self.in_axes)} entries; `{name_of(f)}` was called with "
                f"{len(args)} positional arguments.",
                fix="give one entry an argument, or one number for all",
            )
        axes_of_args = (
            [self.in_axes] * len(args) if type(self.in_axes) is not tuple else self.in_axes
        )
        leaves, treedef = trees.flatten((args, kwargs))
        names = list(map(_name_of_leaf, trees.paths(treedef)))
        axes = [
            a for axis, x in zip(axes_of_args, args) for a in _axes_of_leaves(axis, x, "in_axes")
        ]
        axes += [0] * (len(leaves) - len(axes))
        leaves = [_leaf(x, axis, name) for x, axis, name in zip(leaves, axes, names)]
        rows = Rows(_count(leaves, axes, names, f))
        try:
            batched = [
                x if axis is None else rows.batch(_leading(x, axis))
                for x, axis in zip(leaves, axes)
            ]
            passed, named = trees.unflatten(treedef, batched)
            try:
                result = call_with_shared(f, (args, kwargs), passed, named)
            except (IndexError, errors.CoercionError) as error:
                if rows.refused is None or rows.refused is error:
                    raise
                raise rows.refused from None
            outputs, tree = flatten_result(result, f)
            out_axes = _axes_of_leaves(self.out_axes, result, "out_axes")
            answers = [
                _placed(rows.spread(y), axis, f) for y, axis in zip(outputs, out_axes, strict=True)
            ]
        finally:
            rows.close()
        return unflatten(tree, own_results(answers, leaves))


def _name_of_leaf(path):
    """What a leaf of the arguments is called in errors: "argument 0['w']", "argument y"."""
    return re.sub(r"^\[[01]\]\['?(\w+)'?\]", r"argument \1", path)


def _axes_of_leaves(axes, tree, what):
    """The axis of each leaf of an argument, from that of a part for all leaves of the part."""
    import optree

    try:
        whole = optree.broadcast_prefix(axes, tree, none_is_leaf=True, namespace=trees.NAMESPACE)
    except ValueError as error:
        raise errors.StructureError(
            f"{what} has another structure than what it is for: {axes!r}.",
            fix="give a number or None for an array, or for all arrays of a container",
        ) from error
    for axis in whole:
        if axis is not None and (isinstance(axis, bool) or not isinstance(axis, int | np.integer)):
            raise errors.ArgumentError(
                f"{what} holds {axis!r}, which is no axis.", fix="give whole numbers, or None"
            )
    leaves = optree.tree_leaves(tree, none_is_leaf=True, namespace=trees.NAMESPACE)
    return [axis for axis, leaf in zip(whole, leaves) if leaf is not None]


def _leaf(x, axis, name):
    """An argument as an array; what is the same for all rows stays what it is."""
    if axis is None:
        return x
    x = as_operand(x)
    if isinstance(x, Tracer):
        x = x.copy(None)  # the caller's own may be written while the transform runs
    elif not hasattr(x, "dtype"):
        x = np.asarray(x)
    if not is_array_of_numbers(x):
        raise errors.ArgumentError(
            f"vmap runs over arrays of numbers; {name} is {noun_of(x)}.",
            fix="write S.toarray() for the sparse matrix"
            if hasattr(x, "tocsr")
            else "give in_axes=None for it, if it is the same for all",
        )
    if not -x.ndim <= axis < x.ndim:
        same = "give in_axes=None for it, if it is the same for all"
        of_list = name.endswith("]") and not x.ndim
        raise errors.ShapeError(
            f"{name} has shape {x.shape}, without the axis {axis} that in_axes names.",
            fix="write np.array(xs) for a list of numbers, xs" if of_list else same,
        )
    return x


def _count(leaves, axes, names, f):
    """The number of rows, the same in all."""
    counts = {name: x.shape[axis] for x, axis, name in zip(leaves, axes, names) if axis is not None}
    if not counts:
        raise errors.ArgumentError(
            f"vmap of `{name_of(f)}` was called without an array to run over.",
            fix="give one argument an axis: in_axes=0 is the first",
        )
    (first, count), *others = counts.items()
    for name, other in others:
        if other != count:
            raise errors.ShapeError(
                f"vmap was given batches of different sizes: {first} has {count} values, {name} "
                f"has {other}.",
                fix="give each the same number, or in_axes=None for one that is the same for all",
            )
    if not count:
        raise errors.ShapeError(
            f"vmap of `{name_of(f)}` was called with a batch of no values ({first}): what f answers is "
            "not known.",
            fix="leave out the call where there are none",
        )
    return count


def _leading(x, axis):
    """The rows along the first axis, each in C order."""
    x = np.moveaxis(x, axis, 0) if axis else x
    return x if type(x) is not _ndarray or x.flags.c_contiguous else x.copy()


def _placed(x, axis, f):
    if axis is None:
        raise errors.ArgumentError(
            "out_axes is None for a result, of which there is one a value.",
            fix="give the axis along which they shall lie: 0 is the first",
        )
    if not -x.ndim <= axis < x.ndim:
        raise errors.ShapeError(
            f"`{name_of(f)}` returned an array of shape {x.shape[1:]}: there is no axis {axis} of "
            "out_axes to put the values along.",
            fix="out_axes=0 puts them along the first",
        )
    return np.moveaxis(x, 0, axis) if axis else x
