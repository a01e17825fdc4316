"""jvp, vjp, linearize and stop_gradient: the transforms from which every derivative is built.

Owns how a user's function is called with tracers and what comes out.  Must not know any rule.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev.core import errors, trees
from dualrev.core.cotangents import fit, zeros_of
from dualrev.core.errors import name_of
from dualrev.core.forward import Dual, Scope
from dualrev.core.tape import Tape, Var
from dualrev.core.tracer import UNLIKE_ARRAYS, Tracer, as_operand, base_of, check_alias

__all__ = ["LinearMap", "jvp", "linearize", "stop_gradient", "vjp"]

_ndarray = np.ndarray
_NUMBERS = (int, float, complex, np.generic)
# How NumPy's and SciPy's compiled functions refuse object arrays.
_OBJECT_ARRAY_REFUSED = (
    "dtype('O')",
    "loop of ufunc does not support argument",
    "not supported for the input types",
)


# ----------------------------------------------------------------- arguments, results, tangents


def as_primal(x, place="an argument"):
    """An argument to differentiate by: floating-point or complex array, scalar or tracer."""
    if type(x) is _ndarray:
        if x.dtype.kind in "fc":
            return x
        if x.dtype.kind in "iub":
            return x.astype(np.float64)
        if x.dtype == object:
            return as_primal(as_operand(x), place) if _holds_tracer(x) else _refuse(x, place)
        return _refuse(x, place)
    if isinstance(x, Tracer):
        return x.copy()  # the caller's own may be written while the transform runs
    if type(x) is float:
        return np.float64(x)
    if isinstance(x, _NUMBERS) and not isinstance(x, str | bytes):
        if isinstance(x, np.inexact):
            return x
        if isinstance(x, np.datetime64 | np.timedelta64 | np.void):
            return _refuse(x, place)
        return np.complex128(x) if isinstance(x, complex) else np.float64(x)
    if isinstance(x, _ndarray) and type(x).__name__ not in UNLIKE_ARRAYS:
        return as_primal(np.asarray(x), place)
    if hasattr(x, "dtype") and hasattr(x, "shape") and hasattr(x, "__array_ufunc__"):
        if not isinstance(x, _ndarray):
            return x  # a foreign array: CuPy, Dask
    return _refuse(x, place)


def _holds_tracer(array):
    return any(isinstance(element, Tracer) for element in array.flat)


def _refuse(x, place):
    kind = type(x).__name__
    if isinstance(x, str | bytes) or (isinstance(x, _ndarray) and x.dtype.kind in "USO"):
        what = f"a {kind}" if not isinstance(x, _ndarray) else f"an array of {x.dtype}"
        raise errors.ArgumentError(
            f"Derivatives are taken by arrays of numbers; {place} is {what}.",
            fix="name the arguments to differentiate by with argnums= or argnames=; in a dataclass, "
            'declare it field(metadata={"static": True})',
        )
    raise errors.StructureError(
        f"A {kind} is neither an array of numbers nor a known container ({place}).",
        fix=f"dualrev.register_container({kind}, flatten, unflatten), "
        "or pass arrays, numbers, dict, list, tuple or dataclass",
    )


def flatten_arguments(tree, place):
    """Leaves as primals, and the treedef (None for a single array)."""
    if type(tree) is _ndarray or type(tree) is float or isinstance(tree, Tracer):
        return [as_primal(tree, place)], None
    leaves, treedef = trees.flatten(tree)
    if not leaves:
        raise errors.ArgumentError(
            f"There is nothing to differentiate by: {place} is {tree!r}.",
            fix="give an array, a number, or a structure that holds some",
        )
    return [as_primal(leaf, place) for leaf in leaves], treedef


def flatten_result(tree, f):
    """Leaves of what the user's function returned, stacked where it returned object arrays."""
    if isinstance(tree, Tracer):
        return [_current(tree)], None
    leaves, treedef = trees.flatten(tree)
    if not leaves:
        raise errors.ArgumentError(
            f"`{name_of(f)}` returned {tree!r}: there is nothing to differentiate.",
            where="",
            fix="return an array or a number (is a `return` missing?)",
        )
    arrays = []
    for leaf in leaves:
        if type(leaf) is _ndarray:
            leaf = as_operand(leaf)
        if isinstance(leaf, Tracer):
            leaf = _current(leaf)
        elif isinstance(leaf, _NUMBERS):
            leaf = leaf if isinstance(leaf, np.generic) else np.asarray(leaf)[()]
        elif not hasattr(leaf, "dtype"):
            _refuse(leaf, f"the result of `{name_of(f)}`")
        if leaf.dtype.kind not in "fciub":
            _refuse(leaf, f"the result of `{name_of(f)}`")
        arrays.append(leaf)
    return arrays, treedef


def _current(tracer):
    """A tracer that is returned: of a transform that still runs, and no stale view."""
    tracer.check_open()
    if tracer.alias is not None:
        check_alias(tracer)
    return tracer


def unflatten(treedef, leaves):
    """The structure with these leaves; a single array where there was none."""
    return leaves[0] if treedef is None else trees.unflatten(treedef, leaves)


def flatten_tangents(tree, treedef, primals, what):
    """Leaves of tangents or cotangents, checked against their primals; copies, not the caller's."""
    leaves = [tree] if treedef is None else trees.flatten_like(treedef, tree, what)
    checked = []
    for leaf, primal in zip(leaves, primals):
        leaf = as_operand(leaf)
        if not isinstance(leaf, Tracer):
            leaf = np.array(leaf) if isinstance(primal.shape and leaf, list | _ndarray) else leaf
            if not hasattr(leaf, "dtype"):
                leaf = np.asarray(leaf)[()]
        if not hasattr(leaf, "dtype") or leaf.dtype.kind not in "fciub":
            _refuse(leaf, f"the {what}")
        if leaf.shape != primal.shape:
            raise errors.ShapeError(
                f"The {what} has shape {leaf.shape}, its primal has shape {primal.shape}.",
                fix=f"give a {what} of shape {primal.shape}",
            )
        if leaf.dtype.kind == "c" and primal.dtype.kind != "c":
            raise errors.ComplexError(
                f"The {what} is complex, its primal is real ({primal.dtype}).",
                fix=f"give the real part, or make the argument complex (astype('{leaf.dtype}'))",
            )
        checked.append(leaf if leaf.dtype == primal.dtype else leaf.astype(primal.dtype))
    return checked


def conjugated(ct):
    """The other side of the complex convention: transpose inside, adjoint for users."""
    return ct.conj() if ct.dtype.kind == "c" else ct


def own_results(results, arguments=()):
    """Plain, writeable, C-contiguous arrays that alias nothing, from what a sweep left."""
    seen = set(map(id, arguments))
    owned = []
    for result in results:
        if type(result) is _ndarray:
            if result.base is not None or not result.flags.carray:
                result = np.array(result, order="C")
            elif id(result) in seen:
                result = result.copy()
            seen.add(id(result))
        elif isinstance(result, Tracer):
            result = result.copy()
        owned.append(result)
    return owned


def detached(tree, is_own):
    """An auxiliary result without the tracers of the transform that ends."""
    leaves, treedef = trees.flatten(tree)
    leaves = [as_operand(x) if type(x) is _ndarray else x for x in leaves]
    return trees.unflatten(treedef, [x.primal if is_own(x) else x for x in leaves])


def call_user(f, args, kwargs):
    """Call the user's function.

    ``y = np.zeros(3); y[0] = x[0]`` makes NumPy raise a ValueError "from" our CoercionError; users
    see the latter, which says what to type.
    """
    try:
        return f(*args, **kwargs)
    except ValueError as error:
        if isinstance(error.__cause__, errors.CoercionError):
            raise error.__cause__ from None
        raise
    except errors.DualrevError:
        raise
    except TypeError as error:
        # np.linalg.solve, np.interp, scipy.special of an object array, which they do not know
        if any(text in str(error) for text in _OBJECT_ARRAY_REFUSED):
            raise errors.CoercionError(
                f"An object array of traced elements cannot be computed with: {error}",
                where=errors.line_in(error.__traceback__),
                fix="leave out np.asarray(x) and np.array(x) (x is an array already); to join "
                "elements write np.stack([x[0], 2 * x[1]])",
            ) from error
        raise


def split_aux(result, f):
    """``(ans, aux)`` of a function with has_aux=True."""
    if not isinstance(result, tuple) or len(result) != 2:
        raise errors.StructureError(
            f"`{name_of(f)}` must return a pair (result, aux) with has_aux=True, "
            f"it returned a {type(result).__name__}.",
            where="",
        )
    return result


# ------------------------------------------------------------------------------- the transforms


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
    Costs between one and three evaluations of f, whatever the number of results.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.jvp(lambda x: x**3, (2.0,), (1.0,))
    (np.float64(8.0), np.float64(12.0))
    """
    if not isinstance(primals, tuple | list) or not isinstance(tangents, tuple | list):
        raise errors.ArgumentError(
            "The primals and tangents of jvp are tuples, one entry an argument of f.",
            fix="dr.jvp(f, (x,), (t,))",
        )
    if len(primals) != len(tangents):
        raise errors.StructureError(
            f"jvp was given {len(primals)} primals and {len(tangents)} tangents.",
            fix="give one tangent an argument: dr.jvp(f, (x, y), (t_x, t_y))",
        )
    leaves, treedef = flatten_arguments(tuple(primals), "an argument")
    ts = flatten_tangents(tuple(tangents), treedef, leaves, "tangent")
    scope = Scope()
    try:
        duals = [Dual(x, t, scope) for x, t in zip(leaves, ts)]
        result = call_user(f, unflatten(treedef, duals), {})
        aux = None
        if has_aux:
            result, aux = split_aux(result, f)
            aux = detached(aux, lambda x: _is_of(x, scope))
        outputs, out_tree = flatten_result(result, f)
        ans = [y.primal if _is_of(y, scope) else y for y in outputs]
        pushed = [y.tangent if _is_of(y, scope) else zeros_of(y) for y in outputs]
    finally:
        scope.close()
    ans = unflatten(out_tree, own_results(ans, leaves))
    tangent = unflatten(out_tree, own_results(pushed, ts))
    return (ans, tangent, aux) if has_aux else (ans, tangent)


def _is_of(y, scope):
    return type(y) is Dual and y.scope is scope


class Trace:
    """A function that has run once on a tape: its result, and the sweeps between its ends.

    Attributes
    ----------
    ans : list of array
        The leaves of the result.
    tree : treedef
        Structure of the result, None for a single array.
    """

    __slots__ = ("ans", "aux", "inputs", "outputs", "primals", "tape", "tree")

    def __init__(self, f, call, primals, has_aux=False):
        tape = Tape()
        try:
            variables = [tape.input(x) for x in primals]
            result = call(variables)
            self.aux = None
            if has_aux:
                result, aux = split_aux(result, f)
                self.aux = detached(aux, lambda x: type(x) is Var and x.tape is tape)
            outputs, self.tree = flatten_result(result, f)
        finally:
            tape.close()
        self.tape = tape
        self.primals = primals
        self.inputs = range(len(primals))
        self.outputs = []
        self.ans = []
        for y in outputs:
            recorded = type(y) is Var and y.tape is tape
            self.outputs.append(y.index if recorded else None)
            self.ans.append(y.primal if recorded else y)

    def pull(self, cts, once=False):
        """Cotangents of the inputs from those of the outputs."""
        seeds = {}
        for i, ct in zip(self.outputs, cts):
            if i is not None and ct is not None:
                seeds[i] = seeds[i] + ct if i in seeds else ct
        pulled = self.tape.pull(seeds, self.inputs, once)
        return [zeros_of(x) if ct is None else ct for ct, x in zip(pulled, self.primals)]

    def push(self, tangents):
        """Tangents of the outputs from those of the inputs."""
        seeds = dict(zip(self.inputs, tangents))
        wanted = [i for i in self.outputs if i is not None]
        pushed = iter(self.tape.push(seeds, wanted))
        ts = [None if i is None else next(pushed) for i in self.outputs]
        return [zeros_of(y) if t is None else fit(t, y) for t, y in zip(ts, self.ans)]

    def push_many(self, tangents, jvp, count):
        """Tangents of the outputs in so many directions, along a leading axis; see Tape.push."""
        seeds = {i: t for i, t in zip(self.inputs, tangents) if t is not None}
        wanted = [i for i in self.outputs if i is not None]
        pushed = iter(self.tape.push(seeds, wanted, jvp))
        ts = [None if i is None else next(pushed) for i in self.outputs]
        zeros = [zeros_of(y) for y in self.ans]
        return [
            np.zeros((count, *zero.shape), zero.dtype) if t is None else t
            for t, zero in zip(ts, zeros)
        ]


def copied(leaves):
    """Copies of the inputs of a map that is used later, when the caller may have written them."""
    return [np.array(x) if type(x) is _ndarray else x for x in leaves]


def trace_with(f, primals, has_aux=False):
    """Trace ``f(*primals)``; also the treedef of the arguments."""
    leaves, treedef = flatten_arguments(tuple(primals), "an argument")

    def call(variables):
        return call_user(f, unflatten(treedef, variables), {})

    return Trace(f, call, copied(leaves), has_aux), treedef


def _kept(arrays):
    """Copies of the results, which the tape still needs and the user may write."""
    return [x.copy() if isinstance(x, _ndarray | Tracer) else x for x in arrays]


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

    Notes
    -----
    A call of the pullback costs two to four evaluations of f, whatever the number of arguments.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> y, pullback = dr.vjp(lambda a, b: a * b, np.array([1.0, 2.0]), 3.0)
    >>> pullback(np.array([1.0, 1.0]))
    (array([3., 3.]), np.float64(3.0))
    """
    trace, treedef = trace_with(f, primals, has_aux)
    ans = unflatten(trace.tree, _kept(trace.ans))
    pullback = LinearMap(trace, treedef).pull
    return (ans, pullback, trace.aux) if has_aux else (ans, pullback)


class LinearMap:
    """The derivative of a function at a point, as a linear map that can be used again and again.

    Made by :func:`linearize`.  Calling it is :meth:`push`.
    """

    def __init__(self, trace: Trace, treedef):
        self._trace = trace
        self._treedef = treedef

    def push(self, *tangents) -> Any:
        """``J t``: the tangent of the result, from one tangent an argument."""
        trace = self._trace
        if self._treedef is not None and len(tangents) != self._treedef.num_children:
            raise errors.StructureError(
                f"{len(tangents)} tangents were given for {self._treedef.num_children} arguments.",
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
        arguments and of ``ravel``.
        """
        import scipy.sparse.linalg as sparse_linalg

        trace = self._trace
        n, m = (sum(x.size for x in side) for side in (trace.primals, trace.ans))
        dtype = np.result_type(*(x.dtype for x in (*trace.primals, *trace.ans)))

        def matvec(t):
            return _joined(trace.push(_parted(t, trace.primals)))

        def rmatvec(ct):
            cts = [conjugated(c) for c in _parted(ct, trace.ans)]
            return _joined([conjugated(c) for c in trace.pull(cts)])

        return sparse_linalg.LinearOperator((m, n), matvec=matvec, rmatvec=rmatvec, dtype=dtype)


def _parted(vector, arrays):
    """Pieces of a vector, in the shapes and dtypes of the arrays."""
    vector = np.asarray(vector).reshape(-1)
    pieces = []
    start = 0
    for x in arrays:
        piece = vector[start : start + x.size].reshape(x.shape)
        if piece.dtype.kind == "c" and x.dtype.kind != "c":
            piece = piece.real
        pieces.append(piece.astype(x.dtype)[()])
        start += x.size
    return pieces


def _joined(arrays):
    return np.concatenate([np.reshape(x, -1) for x in arrays])


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

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from scipy.sparse.linalg import lsqr
    >>> y, linear = dr.linearize(np.cumsum, np.zeros(3))
    >>> lsqr(linear.operator, np.array([1.0, 3.0, 6.0]))[0].round(6)
    array([1., 2., 3.])
    """
    trace, treedef = trace_with(f, primals, has_aux)
    ans = unflatten(trace.tree, _kept(trace.ans))
    linear = LinearMap(trace, treedef)
    return (ans, linear, trace.aux) if has_aux else (ans, linear)


def stop_gradient(x: Any) -> Any:
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
