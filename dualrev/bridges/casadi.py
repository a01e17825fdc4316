"""Functions of NumPy in CasADi, and CasADi's in dualrev."""

import traceback
from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

import numpy as np

from dualrev import errors
from dualrev.bridges.arguments import (
    Spec,
    among,
    check_function,
    chosen,
    is_inexact,
    specs_of,
)
from dualrev.bridges.inward import Inward, inward
from dualrev.bridges.outward import Outward
from dualrev.bridges.packages import package
from dualrev.errors import name_of
from dualrev.jacobians import jacobian

casadi: Any = package("casadi", "casadi")

__all__ = ["from_casadi", "to_casadi"]


def to_casadi(f: Callable, *args):
    """A function of NumPy as a Function of CasADi, with its Jacobians.

    Parameters
    ----------
    f : callable
        Function of arrays that dualrev differentiates; its result is an array, or a tuple of them.
    *args
        An example of each argument, a number, a vector or a matrix: CasADi needs their shapes, and f is
        called with them once.

    Returns
    -------
    casadi.Callback
        A Function: of numbers, and of symbols of MX, in ``casadi.nlpsol`` and the like.  Vectors are
        columns.  Its derivatives are dualrev's, of any order.

    Notes
    -----
    A Jacobian is a full matrix, computed in one run of f, whatever CasADi needs of it.

    It must be held as long as an expression with it is used: assign it to a name.  What f raises CasADi
    prints, and raises a RuntimeError with its text and line.

    Examples
    --------
    >>> import casadi, numpy as np
    >>> from dualrev.bridges.casadi import to_casadi
    >>> energy = to_casadi(lambda x: np.sum(np.sin(x) ** 2), np.zeros(2))
    >>> x = casadi.MX.sym("x", 2)
    >>> gradient = casadi.Function("gradient", [x], [casadi.gradient(energy(x), x)])
    >>> gradient([0.0, np.pi / 4])
    DM([0, 1])
    """
    check_function(f)
    examples = [np.array(x, float)[()] for x in args]
    outward = _floats_of(f)
    outward.results(examples)
    name = casadi.Function.fix_name(name_of(f))
    return _Function(name, outward, list(map(_Place, specs_of(examples))))


_FLOAT = np.dtype(float)


class _Place(NamedTuple):
    """An input or result of a Function; where it is not used, it has no entries."""

    spec: Spec
    used: bool = True

    @property
    def sparsity(self):
        shape = _shape_of_matrix(self.spec)
        return casadi.Sparsity.dense(*shape) if self.used else casadi.Sparsity(*shape)


def _shape_of_matrix(x):
    if len(x.shape) > 2:
        raise errors.ArgumentError(
            f"CasADi has matrices, of two axes; an array has the shape {x.shape}.",
            fix="give the function a flat array, x.ravel(), which it reshapes",
        )
    return (*x.shape, 1, 1)[:2] if len(x.shape) < 2 else x.shape


def _floats_of(f):
    """f as an Outward whose results are floating-point numbers, as all are in CasADi."""

    def floats(*arrays):
        return tuple(map(_as_float, outward.leaves(*arrays)))

    outward = Outward(f)
    floats.__name__ = name_of(f)
    return Outward(floats)


def _as_float(y):
    if y.dtype.kind == "c":
        raise errors.ComplexError(
            "CasADi has no complex numbers, which a function returned.",
            fix="return real ones: np.real(y)",
        )
    return y if is_inexact(y) else y.astype(float)


class _Function(casadi.Callback):
    """An Outward as CasADi calls it, with its Jacobian as another one.

    That gets the results back besides, which it does not use.
    """

    def __init__(self, name, outward, inputs, outputs=None):
        casadi.Callback.__init__(self)
        self.outward = outward
        self.inputs = inputs
        self.specs = [place.spec for place in inputs if place.used]
        self.outputs = outputs or [_Place(spec) for spec in outward.specs(self.specs)]
        self.sparsities = [[x.sparsity for x in places] for places in (inputs, self.outputs)]
        self.derivatives = []  # CasADi does not hold them
        self.construct(name, {})

    def get_n_in(self):
        return len(self.inputs)

    def get_n_out(self):
        return len(self.outputs)

    def get_sparsity_in(self, i):
        return self.sparsities[0][i]

    def get_sparsity_out(self, i):
        return self.sparsities[1][i]

    def eval(self, given):
        used = [x for x, place in zip(given, self.inputs) if place.used]
        arrays = [x.full().reshape(spec.shape)[()] for x, spec in zip(used, self.specs)]
        try:
            answers = iter(self.outward.results(arrays))
        except Exception as error:  # of which CasADi hands on the text alone
            raise RuntimeError(_shown(error)) from error
        return [
            casadi.DM(next(answers).reshape(_shape_of_matrix(place.spec)))
            if place.used
            else casadi.DM(place.sparsity)
            for place in self.outputs
        ]

    def has_jacobian(self):
        return True

    # No products with it besides: CasADi would build each matrix from them, column by column, a run of f
    # each, where this takes one (a Hessian by 50 arguments in a tenth of the time).
    def get_jacobian(self, name, inames, onames, options):
        blocks = [
            _Place(Spec((prod(y.spec.shape), prod(x.spec.shape)), _FLOAT), y.used and x.used)
            for y in self.outputs
            for x in self.inputs
        ]
        results = [_Place(place.spec, False) for place in self.outputs]
        made = _Function(name, Outward(self._blocks), [*self.inputs, *results], blocks)
        self.derivatives.append(made)
        return made

    def _blocks(self, *arrays):
        """The Jacobian of each result by each argument, whose elements are numbered by columns."""
        by = tuple(range(len(arrays)))
        return tuple(
            _of_columns(block, x.shape)
            for of_result in jacobian(self.outward.leaves, argnums=by)(*arrays)
            for block, x in zip(of_result, arrays)
        )


def _shown(error):
    """An error as its last line shows it, and where it was raised."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    what = "".join(traceback.format_exception_only(error)).strip()
    return f"{what} ({place.filename}:{place.lineno}, in {place.name})"


def _of_columns(block, shape):
    inner = len(shape)
    outer = block.ndim - inner
    order = (*range(outer)[::-1], *range(outer, block.ndim)[::-1])
    return np.transpose(block, order).reshape(-1, prod(shape))


def from_casadi(g) -> Callable:
    """A Function of CasADi as a primitive of dualrev, in programs of NumPy.

    Parameters
    ----------
    g : casadi.Function
        Or a Python function of ``casadi.MX`` matrices.

    Returns
    -------
    callable
        With the arguments of g, arrays in the place of matrices.  Answers g's results as arrays: a
        column is a vector, one of a single element a number.

    Examples
    --------
    >>> import casadi, numpy as np, dualrev as dr
    >>> from dualrev.bridges.casadi import from_casadi
    >>> x = casadi.SX.sym("x", 2)
    >>> energy = from_casadi(casadi.Function("energy", [x], [casadi.sumsqr(casadi.sin(x))]))
    >>> dr.grad(energy)(np.array([0.0, np.pi / 4])).round(3)
    array([0., 1.])
    """
    return inward(g, _FromCasadi)


class _FromCasadi(Inward):
    def is_tensor(self, y):
        return isinstance(y, casadi.DM | casadi.MX | casadi.SX)

    def tensor(self, x):
        return casadi.DM(np.asarray(x, float).reshape(_shape_of_matrix(x)))

    def array(self, y):
        y = y.full()
        return y.reshape(y.shape[: (y.shape != (1, 1)) + (y.shape[1] != 1)])[()]

    def _function_at(self, tensors):
        symbols = [casadi.MX.sym(f"x{i}", *x.shape) for i, x in enumerate(tensors)]
        return casadi.Function("g", symbols, self.g(*symbols))

    def record(self, tensors, moving):
        answers = self.g(*tensors)
        return answers, lambda cts: self.vjp(tensors, moving, cts)

    def jvp(self, tensors, moving, ts):
        function = self._function_at(tensors)
        answers = function.call(list(tensors))
        ts = among(ts, moving, [casadi.DM(*x.shape) for x in tensors])
        return tuple(function.forward(1).call([*tensors, *answers, *ts]))

    def vjp(self, tensors, moving, cts):
        function = self._function_at(tensors)
        answers = function.call(list(tensors))
        return chosen(function.reverse(1).call([*tensors, *answers, *cts]), moving)
