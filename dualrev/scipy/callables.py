"""The callables that SciPy's solvers are handed: objective, Jacobian matrix, their derivatives.

Owns when a derivative is computed and in which mode.  Must not know which method asks.
"""

import functools

import numpy as np
from scipy.sparse.linalg import LinearOperator

from dualrev.batches import vmap
from dualrev.calls import as_tuple
from dualrev.columns import push_columns
from dualrev.core.operands import as_operand
from dualrev.gradients import grad, hvp, value_and_grad
from dualrev.jacobians import hessian, jacobian
from dualrev.program.compiling import compile
from dualrev.selection import named
from dualrev.sparse.sparse_or_dense import sparse_matrix
from dualrev.transforms import linearize

__all__ = [
    "CompiledObjective",
    "Matrix",
    "Objective",
    "arguments_at",
    "compiled",
    "compiled_curvature",
    "compiled_matrix",
    "curvature",
    "hessian_matrix",
    "jacobian_matrix",
    "model_jacobian",
    "vector_valued",
    "weighted",
]

#: Directions that are pushed together: enough to forget the overhead, few enough for the memory.
_AT_ONCE = 32
#: Elements of an array of tangents beyond which memory, not calls, is the cost: 1 MiB.
_ELEMENTS = 2**17
#: Compiled derivatives that are kept for the next solve.
_KEPT = 32


class Objective:
    """A scalar function with its derivatives, each computed once at an x.

    SciPy asks for the value and then, at the same x, for the gradient; for many Hessian-vector
    products at one x likewise.  The bytes of x are the key: 0.2 us, against 9 us of the comparison
    that ``scipy.optimize.minimize(..., jac=True)`` makes.
    """

    def __init__(self, fun):
        self.fun = fun
        self._value_and_grad = _pair_of(fun)
        self._grad = grad(fun)
        self._grad.within = "minimize"
        self._at = self._curved_at = None

    def value(self, x, *args):
        """f(x)"""
        return self._sweep(x, args)[0]

    def gradient(self, x, *args):
        """f'(x)"""
        return self._sweep(x, args)[1].copy()

    def hessian_product(self, x, p, *args):
        """f''(x) p"""
        return self._curvature(x, args).push(p)

    def hessian(self, x, *args):
        """f''(x)"""
        return vmap(self._curvature(x, args).push)(np.eye(x.size))

    def _sweep(self, x, args):
        x = np.asarray(x, float)
        at = x.tobytes()
        if at != self._at:
            self._pair = self._value_and_grad(x, *args)
            self._at = at
        return self._pair

    def _curvature(self, x, args):
        """The Hessian at x as a linear map."""
        x = np.asarray(x, float)
        at = x.tobytes()
        if at != self._curved_at:
            self._linear = linearize(lambda x: self._grad(x, *args), x)[1]
            self._curved_at = at
        return self._linear


def compiled(fun, derivative=lambda fun: fun, *options):
    """A derivative of a function, or the function, recorded and replayed.

    Whoever solves with the same function again finds its programs.
    """
    try:
        hash(fun)
    except TypeError:
        return compile(derivative(fun, *options))
    return _compiled(fun, derivative, *options)


@functools.lru_cache(maxsize=_KEPT)
def _compiled(fun, derivative, *options):
    return compile(derivative(fun, *options))


def _pair_of(fun):
    pair = value_and_grad(fun)
    pair.within = "minimize"
    return pair


class CompiledObjective(Objective):
    """The same, replayed: a product of the Hessian costs so little that nothing is kept for the next."""

    def __init__(self, fun):
        super().__init__(fun)
        self._value_and_grad = compiled(fun, _pair_of)
        self._product = compiled(fun, hvp)
        self._hessian = compiled(fun, hessian)

    def hessian_product(self, x, p, *args):
        return self._product(x, p, *args)

    def hessian(self, x, *args):
        return self._hessian(x, *args)


class Matrix:
    """The Jacobian of residuals as a matrix (m, n), also where they are a list or one number.

    Its columns lie one after the other, like those of SciPy's finite differences.
    """

    def __init__(self, fun):
        self._fun = fun
        self._jacobian = jacobian(vector_valued(fun))
        self._rows = None

    def __call__(self, x, *args, **kwargs):
        x = np.asarray(x, float)
        rows, n = self._rows, x.size
        # Many variables and few residuals are for reverse mode; how many, the first call tells.
        if n > _AT_ONCE and (rows is None or rows * 4 <= n):
            matrix = self._jacobian(x, *args, **kwargs).reshape(-1, n)
        else:
            count = _AT_ONCE if rows is None else _directions_at_once(rows)
            matrix = _by_columns(lambda x: self._fun(x, *args, **kwargs), x, count)
        self._rows = len(matrix)
        return matrix


def jacobian_matrix(fun, at, kwargs, compiled=False, sparse=None, **use):
    """The Jacobian of residuals as a matrix, made sparsely where that pays, else by Matrix.

    Parameters
    ----------
    at, kwargs
        Arguments of fun, where the solver starts.
    compiled : bool
        Whether it is recorded and replayed.
    sparse, **use
        As of :func:`sparse_matrix`.
    """
    derivative = named("jacobian", vector_valued(fun))
    made = sparse_matrix(derivative, at, kwargs, sparse, compiled=compiled, **use)
    if made is not None:
        return made
    return compiled_matrix(fun) if compiled else Matrix(fun)


def hessian_matrix(fun, at, compiled=False, sparse=None, **use):
    """The Hessian of a scalar function made sparsely, or None where that does not pay."""
    gradient = grad(fun)
    gradient.within = "hessian"
    return sparse_matrix(named("hessian", gradient), at, {}, sparse, compiled=compiled, **use)


def compiled_matrix(fun):
    """The same as Matrix, replayed."""
    derivative = compiled(fun, _jacobian_of)

    def matrix(x, *args, **kwargs):
        x = np.asarray(x, float)
        return derivative(x, *args, **kwargs).reshape(-1, x.size)

    return matrix


def _jacobian_of(fun):
    return jacobian(vector_valued(fun))


def _by_columns(f, x, count):
    """Jacobian matrix of a function of one vector, so many columns at once."""
    directions = _unit_vectors(x.size)
    blocks = []
    for start in range(0, x.size, count):
        _, ts = push_columns(f, [x], [directions[start : start + count]])
        blocks.append(ts.reshape(len(ts), -1))
    return (_owned(blocks[0]) if len(blocks) == 1 else np.concatenate(blocks)).T


def _owned(ts):
    flags = ts.flags
    return ts if flags.owndata and flags.writeable and flags.c_contiguous else ts.copy("K")


def _directions_at_once(rows):
    return max(1, min(_AT_ONCE, _ELEMENTS // max(rows, 1)))


@functools.lru_cache(maxsize=8)
def _unit_vectors(n):
    """Kept: 4 us of the 30 of a small Jacobian."""
    made = np.eye(n)
    made.flags.writeable = False
    return made


def model_jacobian(f, rows):
    """``jac(xdata, *parameters)`` as curve_fit calls it.

    A constant model may answer one number for all the data: its Jacobian has one row, which is
    repeated.
    """

    def jac(xdata, *parameters):
        # One number a parameter, not one vector: no operations for taking it apart.
        n = len(parameters)
        if rows and rows * n > _ELEMENTS:
            # Each by itself: operations on the others alone are plain NumPy's.
            ts = np.stack([_by_parameter(f, xdata, parameters, k) for k in range(n)])
        else:
            _, ts = push_columns(lambda *p: f(xdata, *p), parameters, _unit_vectors(n))
        matrix = _owned(ts.reshape(n, -1)).T
        return np.repeat(matrix, rows, axis=0) if rows and len(matrix) == 1 else matrix

    return jac


def _by_parameter(f, xdata, parameters, k):
    before, after = parameters[:k], parameters[k + 1 :]
    _, ts = push_columns(
        lambda p: f(xdata, *before, p, *after), parameters[k : k + 1], [np.ones(1)]
    )
    return ts[0]


def weighted(fun):
    """``v @ fun(x)`` as a function of x and v."""
    vector = vector_valued(fun)
    return lambda x, v: np.sum(v * vector(x))


def curvature(fun):
    """``hess(x, v)``: the Hessian of ``v @ fun(x)`` as a LinearOperator."""
    gradient = grad(weighted(fun))

    def hess(x, v):
        return linearize(lambda x: gradient(x, v), x)[1].operator

    return hess


def compiled_curvature(fun):
    """The same as curvature, replayed."""
    product = compile(hvp(weighted(fun)))

    def hess(x, v):
        matvec = lambda p: product(x, np.ravel(p), v)  # noqa: E731
        return LinearOperator((x.size, x.size), matvec=matvec, rmatvec=matvec, dtype=float)

    return hess


def vector_valued(fun):
    """fun, with a list of numbers, which SciPy takes for a vector, as that vector."""

    def vector(x, *args, **kwargs):
        value = fun(x, *args, **kwargs)
        return as_operand(value) if isinstance(value, list | tuple) else value

    return functools.update_wrapper(vector, fun, updated=())


def arguments_at(x0, args):
    """The arguments of fun at the start."""
    return np.atleast_1d(x0), *as_tuple(args)
