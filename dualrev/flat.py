"""Structures as one flat vector, and back.

Owns the order of the elements: leaf after leaf as trees flattens them (dicts by sorted keys), each in
C order.  Must not know what the vector is for.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from dualrev import errors
from dualrev.calls import flatten_arguments, unflatten

__all__ = ["Unravel", "flat_vector", "ravel"]


_Tree = TypeVar("_Tree")


def ravel(tree: _Tree) -> tuple[np.ndarray, Callable[[Any], _Tree]]:
    """All numbers of a structure as one vector, and the function that goes back.

    For optimizers, solvers and samplers that know vectors only.  :func:`dualrev.scipy.optimize.minimize`
    and its siblings take structures themselves.

    Parameters
    ----------
    tree : array or structure of arrays
        Traced or plain.

    Returns
    -------
    flat : array
        Shape (n,), in the dtype that holds all of them; integers become float64.  The leaves lie one
        after the other, dicts by sorted keys, each in C order.
    unravel : callable
        ``unravel(flat)`` is the structure, in the shapes and dtypes of its leaves; of a traced vector it
        holds traced arrays.  A complex vector makes a structure of real arrays one of complex arrays;
        beside complex arrays, real ones take the real part.

    Raises
    ------
    ArgumentError, StructureError
        Where a leaf is no array of numbers.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> flat, unravel = dr.ravel({"W": [np.ones(2), np.zeros((1, 2))], "b": 1})
    >>> flat
    array([1., 1., 0., 0., 1.])
    >>> unravel(2 * flat)
    {'W': [array([2., 2.]), array([[0., 0.]])], 'b': np.float64(2.0)}
    >>> dr.grad(lambda flat: np.sum(unravel(flat)["W"][0]) * unravel(flat)["b"])(flat)
    array([1., 1., 0., 0., 2.])
    """
    leaves, treedef = flatten_arguments(tree, "the structure")
    return flat_vector(leaves), Unravel(treedef, leaves)


def flat_vector(arrays) -> Any:
    """The elements of arrays, one array after the other."""
    return np.concatenate([np.reshape(x, -1) for x in arrays])


class Unravel:
    """What makes a structure of a flat vector.

    Parameters
    ----------
    treedef : treedef
        None for a single array.
    leaves : list of array
        Samples, for shapes and dtypes.
    """

    def __init__(self, treedef, leaves):
        self.treedef = treedef
        self.shapes = [x.shape for x in leaves]
        self.dtypes = [x.dtype for x in leaves]
        self._holds_complex = any(dtype.kind == "c" for dtype in self.dtypes)
        self.stops = np.cumsum([x.size for x in leaves], dtype=int).tolist()

    def __call__(self, flat) -> Any:
        return unflatten(self.treedef, self.leaves(flat))

    def leaves(self, flat) -> list:
        """The leaves of the structure, each an array of its own."""
        if not hasattr(flat, "dtype"):
            flat = np.asarray(flat)
        n = self.stops[-1]
        if flat.shape != (n,):
            raise errors.ShapeError(
                f"A structure of {n} numbers was to be made of an array of shape {flat.shape}.",
                fix=f"give a vector of shape ({n},)",
            )
        leaves = []
        start = 0
        complex_instead = flat.dtype.kind == "c" and not self._holds_complex
        for shape, dtype, stop in zip(self.shapes, self.dtypes, self.stops):
            # A copy of its own: user code may write into an array, not into a view of the vector.
            leaf = flat[start:stop].reshape(shape).copy() if shape else flat[start]
            if leaf.dtype != dtype and not complex_instead:
                leaf = (leaf if dtype.kind == "c" else leaf.real).astype(dtype)
            leaves.append(leaf)
            start = stop
        return leaves
