"""jvp, vjp, linearize and stop_gradient: the transforms from which every derivative is built.

Must not know any rule, nor how arguments and results are taken apart.
"""

from collections.abc import Callable
from typing import Any, Literal, TypeVar, overload

import numpy as np

from dualrev import errors, trees
from dualrev.calls import (
    check_callable,
    conjugated,
    flatten_arguments,
    flatten_result,
    flatten_tangents,
    own_results,
    unflatten,
)
from dualrev.core.operands import base_of
from dualrev.core.tracer import Tracer
from dualrev.flat import Unravel, flat_vector
from dualrev.readers.batch import Rows
from dualrev.shared import is_single
from dualrev.traces import Trace, push_forward, run, trace_with

__all__ = ["LinearMap", "jvp", "linearize", "stop_gradient", "vjp"]

_ndarray = np.ndarray
_Result = TypeVar("_Result")
_Aux = TypeVar("_Aux")


@overload
def jvp(
    f: Callable[..., _Result], primals, tangents, *, has_aux: Literal[False] = False
) -> tuple[_Result, _Result]: ...


@overload
def jvp(
    f: Callable[..., tuple[_Result, _Aux]], primals, tangents, *, has_aux: bool
) -> tuple[_Result, _Result, _Aux]: ...


def jvp(f: Callable, primals, tangents, *, has_aux: bool = False) -> tuple:
    """Value of f and its derivative in one direction: ``f(x)`` and ``J(x) t``.

    Forward mode with dual numbers: ``f(x + t e) = f(x) + J t e`` with ``e**2 = 0``
    (Griewank and Walther 2008, section 3.1).

    Parameters
    ----------
    f : callable
        Function of arrays, or of structures of arrays.
    primals : tuple
        The arguments of f.
    tangents : tuple
        One an argument, of its structure and shapes.
    has_aux : bool
        Whether f returns ``(result, aux)``.

    Returns
    -------
    ans, tangent : arrays, or structures of arrays
        Of the structure and shapes of the result; then aux, if asked.

    Raises
    ------
    ShapeError
        Where a tangent does not have the shape of its primal.

    Notes
    -----
    Costs about 5 evaluations of f where its arrays are large, 5 where they are small, 20 where it works
    number by number, whatever the number of results: :doc:`/explanation/cost`.  Where a tangent that
    is 0 meets an infinite slope f runs once more, on a tape, which tells whether there is a derivative.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.jvp(lambda x: x**3, (2.0,), (1.0,))
    (np.float64(8.0), np.float64(12.0))
    """
    check_callable(f, "dr.jvp(f, (x,), (t,))")
    if not isinstance(primals, tuple | list) or not isinstance(tangents, tuple | list):
        raise errors.ArgumentError(
            "The primals and tangents of jvp are tuples, one entry an argument of f.",
            fix="write dr.jvp(f, (x,), (t,))",
        )
    if len(primals) != len(tangents):
        raise errors.StructureError(
            f"jvp was given {len(primals)} primals and {len(tangents)} tangents.",
            fix="give one tangent an argument: dr.jvp(f, (x, y), (t_x, t_y))",
        )
    one = len(primals) == 1 and is_single(primals[0])  # most calls: 3 us less
    given, place = (primals[0], "the only argument") if one else (tuple(primals), "the arguments")
    leaves, treedef = flatten_arguments(given, place)
    ts = flatten_tangents(tangents[0] if one else tuple(tangents), treedef, leaves, "tangent")

    def call(duals):
        return run(f, primals, duals if one else unflatten(treedef, duals))

    ans, pushed, out_tree, aux = push_forward(f, call, leaves, ts, has_aux=has_aux)
    ans = unflatten(out_tree, own_results(ans, leaves))
    tangent = unflatten(out_tree, own_results(pushed, ts))
    return (ans, tangent, aux) if has_aux else (ans, tangent)


def _kept(arrays):
    """Copies of the results, which the tape still needs and the user may write."""
    return [x.copy() if isinstance(x, _ndarray | Tracer) else x for x in arrays]


@overload
def vjp(
    f: Callable[..., _Result], *primals, has_aux: Literal[False] = False
) -> tuple[_Result, Callable[[Any], tuple]]: ...


@overload
def vjp(
    f: Callable[..., tuple[_Result, _Aux]], *primals, has_aux: bool
) -> tuple[_Result, Callable[[Any], tuple], _Aux]: ...


def vjp(f: Callable, *primals, has_aux: bool = False) -> tuple:
    """Value of f, and the function that pulls cotangents back through it.

    Reverse mode (Griewank and Walther 2008, section 3.2).  For complex arrays the pullback is the
    adjoint under ``Re <a, b>``.

    Parameters
    ----------
    f : callable
        Function of arrays, or of structures of arrays.
    *primals
        The arguments of f; copied, so that they may be overwritten later.
    has_aux : bool
        Whether f returns ``(result, aux)``.

    Returns
    -------
    ans : array or structure of arrays
        ``f(*primals)``.
    pullback : callable
        ``pullback(ct)``: a tuple with ``J^T ct`` for each argument.  May be called any number of
        times.
    aux
        If asked.

    Raises
    ------
    ShapeError
        By the pullback, where ct does not have the shape of the result.
    MutationError
        By the pullback, where an array that f has captured was overwritten meanwhile.

    Notes
    -----
    With one call of the pullback it costs about 5 evaluations of f where its arrays are large, 8 where
    they are small, 40 where it works number by number, whatever the number of arguments:
    :doc:`/explanation/cost`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> y, pullback = dr.vjp(lambda a, b: a * b, np.array([1.0, 2.0]), 3.0)
    >>> pullback(np.array([1.0, 1.0]))
    (array([3., 3.]), np.float64(3.0))
    """
    check_callable(f, "dr.vjp(f, x)")
    ans, linear, *aux = _linearized(f, primals, has_aux)
    return ans, linear.pull, *aux


class LinearMap:
    """The derivative of a function at a point, as a linear map that can be used again and again.

    Made by :func:`linearize`.  Calling it is :meth:`push`.  ``vmap(linear.push)(ts)`` pushes many
    vectors at once, ``vmap(linear.pull)(cts)`` pulls many.
    """

    def __init__(self, trace: Trace, treedef):
        self._trace = trace
        self._treedef = treedef

    def push(self, *tangents) -> Any:
        """``J t``: the tangent of the result, from one tangent an argument."""
        trace = self._trace
        if self._treedef is not None and len(tangents) != self._treedef.num_children:
            raise errors.StructureError(
                f"push takes {self._treedef.num_children} tangents, one an argument; it was given "
                f"{len(tangents)}.",
                fix="give one tangent an argument",
            )
        ts = flatten_tangents(tuple(tangents), self._treedef, trace.primals, "tangent")
        return unflatten(trace.tree, own_results(trace.push(ts)))

    __call__ = push

    def pull(self, ct) -> tuple:
        """``J^T ct``: a tuple with the cotangent of each argument, from that of the result."""
        trace = self._trace
        cts = flatten_tangents(ct, trace.tree, trace.ans, "cotangent")
        pulled = trace.pull([conjugated(c) for c in cts])
        return unflatten(self._treedef, own_results([conjugated(c) for c in pulled]))

    @property
    def operator(self):
        """A ``scipy.sparse.linalg.LinearOperator`` of shape (m, n), for lsqr, gmres or eigsh.

        m and n count the elements of the result and of the arguments, in the order of the
        arguments and of ``ravel``.  Where one side is complex and the other real it is linear over the
        reals, as :meth:`push` and :meth:`pull` are.
        """
        import scipy.sparse.linalg as sparse_linalg

        trace = self._trace
        n, m = (sum(x.size for x in side) for side in (trace.primals, trace.ans))
        dtype = np.result_type(*(x.dtype for x in (*trace.primals, *trace.ans)))
        of_arguments, of_results = Unravel(None, trace.primals), Unravel(None, trace.ans)

        def push(t):
            return flat_vector(trace.push(of_arguments.leaves(t)))

        def pull(ct):
            cts = trace.pull([conjugated(c) for c in of_results.leaves(ct)])
            return flat_vector([conjugated(c) for c in cts])

        def of_vector(product, given):
            return lambda x: product(_of_kind(given, x).reshape(-1))

        def of_columns(product, given, height):
            def of_matrix(x):
                x = _of_kind(given, x)
                if not x.size:
                    return np.zeros((height, x.shape[1]), dtype)
                rows = Rows(x.shape[1], quiet=True)
                try:
                    return rows.spread(product(rows.batch(x.T.copy()))).T
                finally:
                    rows.close()

            return of_matrix

        return sparse_linalg.LinearOperator(
            (m, n),
            matvec=of_vector(push, trace.primals),
            rmatvec=of_vector(pull, trace.ans),
            matmat=of_columns(push, trace.primals, m),
            rmatmat=of_columns(pull, trace.ans, n),
            dtype=dtype,
        )


def _of_kind(arrays, x):
    """What SciPy gives for the elements of arrays: of real ones real."""
    if x.dtype.kind != "c" or any(y.dtype.kind == "c" for y in arrays):
        return x
    if x.imag.any():
        raise errors.ComplexError(
            "A complex vector was given to a real linear map.",
            fix="give its real and its imaginary part, one after the other",
        )
    return x.real


@overload
def linearize(
    f: Callable[..., _Result], *primals, has_aux: Literal[False] = False
) -> tuple[_Result, LinearMap]: ...


@overload
def linearize(
    f: Callable[..., tuple[_Result, _Aux]], *primals, has_aux: bool
) -> tuple[_Result, LinearMap, _Aux]: ...


def linearize(f: Callable, *primals, has_aux: bool = False) -> tuple:
    """Value of f, and its derivative there as a linear map with push, pull and operator.

    f runs once; every push and pull after that only multiplies.

    Parameters
    ----------
    f : callable
        Function of arrays, or of structures of arrays.
    *primals
        The arguments of f; copied, so that they may be overwritten later.
    has_aux : bool
        Whether f returns ``(result, aux)``.

    Returns
    -------
    ans : array or structure of arrays
        ``f(*primals)``.
    linear : LinearMap
        ``linear.push(t)`` is ``J t``, ``linear.pull(ct)`` is ``(J^T ct,)``, ``linear.operator`` a
        ``scipy.sparse.linalg.LinearOperator``.
    aux
        If asked.

    See Also
    --------
    jvp, vjp : one direction of either kind.

    Notes
    -----
    A gradient by :class:`grad` is the unit: to record f costs four tenths of one, a push or a pull half
    of one each.  What f keeps on the tape is held as long as the map is.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from scipy.sparse.linalg import lsqr
    >>> y, linear = dr.linearize(np.cumsum, np.zeros(3))
    >>> lsqr(linear.operator, np.array([1.0, 3.0, 6.0]))[0].round(6)
    array([1., 2., 3.])
    """
    check_callable(f, "dr.linearize(f, x)")
    return _linearized(f, primals, has_aux)


def _linearized(f, primals, has_aux):
    """The value, the derivative as a linear map, and aux if asked: of them no array is the tape's."""
    trace, treedef = trace_with(f, primals, has_aux)
    ans, linear = unflatten(trace.tree, _kept(trace.ans)), LinearMap(trace, treedef)
    if not has_aux:
        return ans, linear
    leaves, aux_tree = trees.flatten(trace.aux)
    return ans, linear, trees.unflatten(aux_tree, _kept(leaves))


def stop_gradient(x: _Result) -> _Result:
    """The same values as plain arrays, which carry no derivative of any order.

    Parameters
    ----------
    x : array or structure of arrays

    Returns
    -------
    array or structure of arrays
        Copies, so that nothing done to them reaches a derivative.

    Examples
    --------
    >>> import dualrev as dr
    >>> dr.grad(lambda x: x * dr.stop_gradient(x))(3.0)
    np.float64(3.0)
    """
    leaves, treedef = flatten_result(x, stop_gradient)
    return unflatten(treedef, _kept([base_of(leaf) for leaf in leaves]))
