"""Where the arrays of a structured x lie in the one flat vector that SciPy works on.

Must not know the solvers.
"""

import functools
import inspect

import numpy as np

from dualrev import errors, trees
from dualrev.calls import flatten_arguments
from dualrev.core.operands import as_operand
from dualrev.flat import Unravel, flat_vector

__all__ = ["Layout", "layout_of"]


def layout_of(x0, place="x0"):
    """The layout of a structured x0; None for what SciPy itself takes for a vector."""
    if type(x0) in (list, tuple):
        plain = all(np.ndim(x) == 0 and _is_numeric(x) for x in x0)
    else:
        plain = _is_numeric(x0) and np.ndim(x0) <= 1
    return None if plain else Layout(x0, place)


def _is_numeric(x):
    """Whether it is of numbers, and real: of complex ones SciPy takes a minimum that is none."""
    known = isinstance(x, int | float) or hasattr(x, "__array__")
    return known and not np.iscomplexobj(x)


class Layout:
    """Flat vector and structure, each made from the other.

    The leaves come back as float64, whatever they were: the vector is.

    Parameters
    ----------
    tree : array or structure of arrays
        A sample.
    place : str
        What error messages call it.
    """

    def __init__(self, tree, place):
        leaves, self.treedef = flatten_arguments(tree, place)
        if any(leaf.dtype.kind == "c" for leaf in leaves):
            raise errors.ComplexError(
                f"SciPy optimizes by real numbers; {place} holds complex ones.",
                fix="make real and imaginary parts two entries of the structure",
            )
        leaves = [leaf.astype(float) for leaf in leaves]
        self.flat = flat_vector(leaves)
        #: The structure that holds a vector, which may be traced.
        self.unpack = Unravel(self.treedef, leaves)

    def pack(self, tree):
        """One array from a block for each leaf, of the leaf's shape with axes before it or none.

        So a gradient becomes a vector, and blocks of a Jacobian a matrix.  What is flat stays.
        """
        if self.treedef is not None and not isinstance(tree, np.ndarray):
            blocks = trees.flatten_like(self.treedef, tree, "derivative")
        elif self.treedef is None and _ends_in(tree, self.unpack.shapes[0]):
            blocks = [tree]
        else:
            return tree
        rows = []
        for block, shape in zip(blocks, self.unpack.shapes):
            block = np.asarray(block)
            rows.append(block.reshape((*block.shape[: block.ndim - len(shape)], -1)))
        return np.concatenate(rows, axis=-1)

    # The user's functions of the structure, as functions of the flat vector.

    def function(self, f):
        """A function of x."""

        def on_flat(x, *args, **kwargs):
            return f(self.unpack(x), *args, **kwargs)

        return functools.update_wrapper(on_flat, f, updated=())

    def residuals(self, f):
        """A function of x with arrays of any shape, or a structure of them, as its result."""

        def on_flat(x, *args, **kwargs):
            return _flattened(f(self.unpack(x), *args, **kwargs))

        return functools.update_wrapper(on_flat, f, updated=())

    def derivative(self, jac):
        """A gradient or Jacobian; what is not callable names another way, and stays."""
        if not callable(jac):
            return jac
        return lambda x, *args, **kwargs: self.pack(jac(self.unpack(x), *args, **kwargs))

    def product(self, hessp):
        """A product of a Hessian and a vector."""
        if hessp is None:
            return None
        return lambda x, p, *args: self.pack(hessp(self.unpack(x), self.unpack(p), *args))

    def pair(self, f):
        """A function that returns its value and its derivative."""

        def on_flat(x, *args):
            value, derivative = f(self.unpack(x), *args)
            return value if np.ndim(value) == 0 else _flattened(value), self.pack(derivative)

        return on_flat

    def model(self, f):
        """A model of data with its parameters one by one, as curve_fit calls it."""

        def on_flat(xdata, *parameters):
            tree = self.unpack(np.stack(parameters))
            return f(xdata, **tree) if isinstance(tree, dict) else f(xdata, *tree)

        return functools.update_wrapper(on_flat, f, updated=())

    def callback(self, callback):
        """The user's callback, which sees x in its structure."""
        # SciPy tells its two kinds of callback apart by the name of the only parameter.
        if set(inspect.signature(callback).parameters) == {"intermediate_result"}:

            def on_flat(intermediate_result):
                seen = type(intermediate_result)(intermediate_result)
                return callback(self.result(seen))

        else:

            def on_flat(x, *state):
                return callback(self.unpack(x), *state)

        return on_flat

    def result(self, result):
        """SciPy's result with x in its structure; its other fields stay flat."""
        result.x = self.unpack(as_operand(result.x))
        return result


def _flattened(value):
    if hasattr(value, "reshape"):
        return value.reshape(-1)
    leaves, _ = trees.flatten(value)
    return flat_vector(leaves)


def _ends_in(block, shape):
    return np.shape(block)[-len(shape) :] == shape
