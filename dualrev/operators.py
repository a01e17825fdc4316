"""laplacian, hessian_diagonal, divergence, curl: what differential equations are made of.

Owns which derivatives are added to what; must not know how one is computed.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors, trees
from dualrev.calls import own_results, unflatten
from dualrev.columns import at_once, columns_of, swept
from dualrev.core.cotangents import zeros_of
from dualrev.errors import name_of
from dualrev.flat import Unravel
from dualrev.readers.curvature import Bend, Curvature
from dualrev.selection import Chunked, word_of
from dualrev.traces import undetermined

__all__ = ["curl", "divergence", "hessian_diagonal", "laplacian"]


class _OfReal(Chunked):
    """A derivative by real arguments, of a result that may be complex."""

    def _by_elements(self, trace, sweep):
        """One number for each element of the arguments, or each chunk of them, in one vector."""
        count = self.chunk_size or at_once(trace.largest())
        (numbers,) = swept(trace.primals, [np.zeros(())], sweep, count=count)
        return numbers

    def _second_derivatives(self, args, kwargs, added):
        """``d^2 f / d x_i^2`` of all elements, or sums of them; the trace, and the treedef."""
        trace, treedef = self._trace(args, kwargs)
        self._check_scalar_of_real(trace.primals, trace.ans, trace.tree)

        def second(units, rows, start):
            kind = Curvature(rows, added)
            slopes = [None if t is None else rows.batch(t) for t in units]
            tangents = [
                None if t is None else Bend(t, zeros_of(x)) for x, t in zip(trace.primals, slopes)
            ]
            (t,) = trace.push(tangents, kind, check=not start)
            slopes = np.reshape(rows.spread(t.slopes), -1)
            bends = np.reshape(t.bend if added else rows.spread(t.bend), -1)
            # Where the first does not exist the second does not.
            return [undetermined(bends, np.sum(slopes, keepdims=True) if added else slopes)]

        return self._by_elements(trace, second), trace, treedef


class hessian_diagonal(_OfReal):
    """Diagonal of the Hessian matrix of a scalar function, without the matrix.

    Parameters
    ----------
    f : callable
        Function whose result is one number; of real arguments.  It may be complex.
    argnums : int or tuple of int, optional
        Positions of the arguments to differentiate by; by default the first.
    argnames : str or tuple of str, optional
        Names of arguments to differentiate by; a tuple gives a dict.
    has_aux : bool
        Whether f returns ``(value, aux)``; the answer is then ``(diagonal, aux)``.
    chunk_size : int, optional
        How many directions are pushed together: each intermediate result of f is held so many times.
        By default so many that the largest has 45 000 elements, at least one.

    Returns
    -------
    callable
        With the arguments of f; answers an array of the shape of x: entry i is ``d^2 f / d x_i^2``, in
        units of f over units of x squared.

    Raises
    ------
    NonScalarError
        Where f returns an array.
    ComplexError
        Where x is complex.

    See Also
    --------
    laplacian : the sum of it.

    Notes
    -----
    f runs once; then n directions (n the size of x) are pushed over its tape, together, to second
    order.  It costs six to eleven tenths of the Hessian matrix, and no memory for it.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.hessian_diagonal(lambda x: x[0] ** 2 * x[1] + x[1] ** 3)(np.array([1.0, 2.0]))
    array([ 4., 12.])
    """

    order = 2

    def __call__(self, *args, **kwargs) -> Any:
        diagonal, trace, treedef = self._second_derivatives(args, kwargs, added=False)
        leaves = trace.primals
        if diagonal.dtype.kind == "c":
            leaves = [x.astype(diagonal.dtype) for x in leaves]
        answer = unflatten(treedef, own_results(Unravel(treedef, leaves).leaves(diagonal)))
        return self._with_aux(answer, trace.aux)


class laplacian(_OfReal):
    """Laplacian of a scalar function: the sum of its second derivatives by each element of x.

    Parameters
    ----------
    f : callable
        Function whose result is one number; of real arguments.  It may be complex.
    argnums : int or tuple of int, optional
        Positions of the arguments to differentiate by; by default the first.  Of several, the sum is
        over the elements of all.
    argnames : str or tuple of str, optional
        Names of arguments to differentiate by.
    has_aux : bool
        Whether f returns ``(value, aux)``; the answer is then ``(laplacian, aux)``.
    chunk_size : int, optional
        How many directions are pushed together: each intermediate result of f is held so many times.
        By default so many that the largest has 45 000 elements, at least one.

    Returns
    -------
    callable
        With the arguments of f; answers a number, in units of f over units of x squared.

    Raises
    ------
    NonScalarError
        Where f returns an array.
    ComplexError
        Where x is complex.

    See Also
    --------
    hessian_diagonal, bilaplacian, divergence

    Notes
    -----
    f runs once; then n directions (n the size of x) are pushed over its tape, together, and with them
    one array that holds the sum of their second derivatives (Li et al. 2023, "Forward Laplacian: a new
    computational framework for neural network-based variational Monte Carlo").  It costs a tenth
    to ten tenths of the Hessian matrix, least where arrays are large, and no memory for it:
    :doc:`/howto/fields-and-uncertainty`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.laplacian(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    np.float64(18.0)

    The potential of a charge, which is harmonic:

    >>> potential = lambda x: 1 / np.sqrt(x @ x)
    >>> abs(dr.laplacian(potential)(np.array([1.0, 2.0, 2.0]))) < 1e-15
    np.True_
    """

    order = 2

    def __call__(self, *args, **kwargs) -> Any:
        seconds, trace, _ = self._second_derivatives(args, kwargs, added=True)
        answer = np.sum(seconds)
        return self._with_aux(answer, trace.aux)


class divergence(_OfReal):
    """Divergence of a vector field: the sum of ``d F_i / d x_i``, the trace of its Jacobian matrix.

    Parameters
    ----------
    f : callable
        Function whose result has the structure and the shapes of its argument, which is real.
    argnums : int or tuple of int, optional
        Positions of the arguments to differentiate by; by default the first.  Of several the result
        is a tuple of as many.
    argnames : str or tuple of str, optional
        Names of arguments to differentiate by; of a tuple the result is a dict.
    has_aux : bool
        Whether f returns ``(field, aux)``; the answer is then ``(divergence, aux)``.
    chunk_size : int, optional
        How many directions are pushed together: each intermediate result of f is held so many times.
        By default so many that the largest has 45 000 elements, at least one.

    Returns
    -------
    callable
        With the arguments of f; answers a number, in units of f over units of x.

    Raises
    ------
    ShapeError, StructureError
        Where the result has other shapes than the argument, or another structure.
    ComplexError
        Where x is complex.

    See Also
    --------
    curl, jacobian

    Notes
    -----
    f runs once; then n directions (n the size of x) are pushed over its tape, together.  It costs a
    Jacobian matrix, of which a chunk of columns is held at a time.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.divergence(lambda x: x**2)(np.array([1.0, 2.0, 3.0]))
    np.float64(12.0)
    """

    def __call__(self, *args, **kwargs) -> Any:
        trace = _trace_of_field(self, args, kwargs)

        def diagonal(units, rows, start):
            ts = trace.push([None if t is None else rows.batch(t) for t in units], check=not start)
            k = np.arange(rows.count)
            columns = [np.reshape(rows.spread(t), (rows.count, -1)) for t in ts]
            return [np.concatenate(columns, axis=1)[k, start + k]]

        answer = np.sum(self._by_elements(trace, diagonal))
        return self._with_aux(answer, trace.aux)


class curl(_OfReal):
    """Curl of a vector field of three components; of two, the number that is its third component.

    Parameters
    ----------
    f : callable
        Function of three numbers, an array of shape (3,) or a structure of three, whose result has the
        same structure; or of two.
    argnums : int or tuple of int, optional
        Positions of the arguments to differentiate by; by default the first.  Of several the result
        is a tuple of as many.
    argnames : str or tuple of str, optional
        Names of arguments to differentiate by; of a tuple the result is a dict.
    has_aux : bool
        Whether f returns ``(field, aux)``; the answer is then ``(curl, aux)``.

    Returns
    -------
    callable
        With the arguments of f; answers, in the structure of the result and in units of f over units
        of x, ``d F_2 / d x_1 - d F_1 / d x_2`` and so on in turn; in two dimensions the number
        ``d F_1 / d x_0 - d F_0 / d x_1``.

    Raises
    ------
    ShapeError, StructureError
        Where there are not three numbers, or two, or the result has other shapes than the argument.
    ComplexError
        Where x is complex.

    See Also
    --------
    divergence, jacobian

    Notes
    -----
    Costs a Jacobian matrix of three columns.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.curl(lambda x: np.array([-x[1], x[0], x[0] * x[1]]))(np.array([1.0, 2.0, 3.0]))
    array([ 1., -2.,  2.])
    """

    def __init__(
        self,
        f: Callable,
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
    ):
        super().__init__(f, argnums, argnames, has_aux=has_aux)

    def __call__(self, *args, **kwargs) -> Any:
        trace = _trace_of_field(self, args, kwargs)
        n = sum(x.size for x in trace.primals)
        if n not in (2, 3):
            raise errors.ShapeError(
                f"curl is of a field of three components, or two; `{name_of(self.f)}` has {n}.",
                where="",
                fix="dr.jacobian(f), of which it is J - J.T in any dimension",
            )
        columns = [np.reshape(ts, (n, -1)) for ts in columns_of(trace)]
        rows = np.concatenate(columns, axis=1)
        turning = rows.T - rows
        if n == 2:
            answer = turning[1, 0]
        else:
            vector = np.stack([turning[2, 1], turning[0, 2], turning[1, 0]])
            answer = unflatten(trace.tree, own_results(Unravel(None, trace.ans).leaves(vector)))
        return self._with_aux(answer, trace.aux)


# ------------------------------------------------------------------------------------ the parts


def _trace_of_field(operator, args, kwargs):
    """f on a tape, a map between spaces of one structure."""
    trace, treedef = operator._trace(args, kwargs)
    operator._check_real(
        trace.primals, "dr.jacobian(f, holomorphic=True)(z), if f is: the matrix of all df/dz"
    )
    word, name = word_of(operator), name_of(operator.f)
    given, made = (
        None if tree is None or tree.is_leaf() else tree for tree in (treedef, trace.tree)
    )
    if given != made:
        shown = ["an array" if tree is None else trees.shown(tree) for tree in (given, made)]
        raise errors.StructureError(
            f"{word} needs a result of the structure of its argument, {shown[0]}; `{name}` returned "
            f"{shown[1]}.",
            where="",
            fix="return np.stack([...]) of the components"
            if given is None
            else f"return the components as {shown[0]}",
        )
    for x, y in zip(trace.primals, trace.ans):
        if x.shape != y.shape:
            raise errors.ShapeError(
                f"{word} needs a result of the shape {x.shape} of its argument; `{name}` returned an "
                f"array of shape {y.shape}.",
                where="",
                fix="dr.jacobian(f) is the derivative of each element by each",
            )
    return trace
