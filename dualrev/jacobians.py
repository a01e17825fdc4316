"""jacobian and hessian: whole matrices of derivatives.

Owns their blocks and whether columns or rows are computed; must not know how one is.
"""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.calls import conjugated, own_results, unflatten
from dualrev.columns import checked_chunk_size, columns_of, rows_of
from dualrev.errors import name_of
from dualrev.gradients import grad
from dualrev.progress import checked_progress, shown
from dualrev.selection import Derivative, word_of

__all__ = ["hessian", "jacobian"]


class jacobian(Derivative):
    """Jacobian matrix of a function of arrays.

    Serves ``scipy.optimize.least_squares(r, x0, jac=dr.jacobian(r))`` and, for a model of three
    parameters, ``curve_fit(model, t, y, jac=dr.jacobian(model, argnums=(1, 2, 3), matrix=True))``.

    Parameters
    ----------
    f : callable
        Function of arrays, or of structures of arrays.
    argnums : int or tuple of int, optional
        Positions of the arguments to differentiate by; by default the first.
    argnames : str or tuple of str, optional
        Names of arguments to differentiate by; a tuple gives a dict.
    has_aux : bool
        Whether f returns ``(result, aux)``; the answer is then ``(jacobian, aux)``.
    holomorphic : bool
        Whether f is a holomorphic function of complex arguments.
    mode : {"auto", "forward", "reverse"}
        Columns by forward mode or rows by reverse mode; "auto" takes the fewer.
    matrix : bool
        Whether the answer is one matrix of shape (m, n) for all results and all arguments: their
        elements in the order of :func:`ravel`.
    sparse : bool
        Whether the answer is a sparse matrix, of shape (m, n) as with ``matrix``.  The pattern is found
        at the first call, and again where f makes other calls than before, or where one more product,
        with random numbers, differs from that with the matrix by more than rounding could (1e-10 of the
        row).  :func:`prepare_jacobian` leaves that out.
    chunk_size : int, optional
        How many columns, or rows, are computed together: each intermediate result of f is held so many
        times.  By default so many that the largest has 45 000 elements, at least one.
    progress : bool or callable
        True shows a bar of tqdm's that counts the columns, or the rows.  A callable wraps an
        iterable, as tqdm does: it is given ``range(0, n, k)``, the first columns, or rows, of the
        chunks of k that are computed together.

    Returns
    -------
    callable
        With the arguments of f; answers an array of shape ``result.shape + x.shape``, entry
        ``[i, j]`` is ``d f_i / d x_j``.  Structures of results hold structures of arguments.  With
        ``sparse`` a scipy.sparse.csr_array.

    Raises
    ------
    ComplexError
        Where argument and result are complex, without ``holomorphic``.
    SizeError
        Where a sparse pattern has too many entries to be held.

    See Also
    --------
    prepare_jacobian, linearize, elementwise_grad

    Notes
    -----
    f runs once; then n tangents (n the size of x) are pushed over its tape, or m cotangents (m the size
    of the result) pulled: together, as the rows of one batch.  A column costs about a third of an
    evaluation of f to two, and a row the same: :doc:`/explanation/cost`.  A complex argument of a real
    f, or a complex result of a real argument, counts twice where it is perturbed, once for each part.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.jacobian(lambda x: np.array([x[0] * x[1], x[0] ** 2]))(np.array([2.0, 3.0]))
    array([[3., 2.],
           [4., 0.]])
    >>> def line(t, slope, height):
    ...     return slope * t + height
    >>> dr.jacobian(line, argnums=(1, 2), matrix=True)(np.array([1.0, 2.0, 3.0]), 0.5, 4.0)
    array([[1., 1.],
           [2., 1.],
           [3., 1.]])
    """

    def __init__(
        self,
        f: Callable,
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
        holomorphic: bool = False,
        mode: str = "auto",
        matrix: bool = False,
        sparse: bool = False,
        chunk_size: int | None = None,
        progress: bool | Callable = False,
    ):
        if not isinstance(mode, str) or mode not in ("auto", "forward", "reverse"):
            raise errors.ArgumentError(
                f"mode is {mode!r}.", fix='mode is one of "auto", "forward", "reverse"'
            )
        super().__init__(f, argnums, argnames, has_aux, holomorphic)
        self.mode = mode
        self.progress = checked_progress(progress)
        self.matrix = matrix
        self.chunk_size = checked_chunk_size(chunk_size)
        self._sparse = _sparse_calls(self, sparse, mode)

    def __call__(self, *args, **kwargs) -> Any:
        if self._sparse is not None:
            return self._sparse(args, kwargs)
        trace, treedef = self._trace(args, kwargs)
        blocks = self._blocks(trace)
        if self.matrix:
            (answer,) = own_results([_joined(blocks, trace)])
        else:
            rows = [unflatten(treedef, own_results(row)) for row in blocks]
            answer = unflatten(trace.tree, rows)
        return self._with_aux(answer, trace.aux)

    def _blocks(self, trace):
        """``blocks[i][j]``: derivative of result leaf i by argument leaf j."""
        primals, ans = trace.primals, trace.ans
        self._check_holomorphic(trace)
        n, m = sum(x.size for x in primals), sum(y.size for y in ans)
        complex_in = any(x.dtype.kind == "c" for x in primals)
        complex_out = any(y.dtype.kind == "c" for y in ans)
        if complex_in and complex_out and not self.holomorphic:
            raise errors.ComplexError(
                f"The {word_of(self)} of `{name_of(self.f)}` would be a matrix of complex derivatives "
                "by complex arguments.",
                where="",
                fix="dr.hvp(f)(x, v) is its product with a direction v"
                if self.within == "hessian"
                else "pass holomorphic=True, if f is: the result is then the matrix of df/dz",
            )
        # Of a complex number on one side only, the real and the imaginary part are swept apart.
        halves = complex_in != complex_out
        columns_swept, rows_swept = n * (1 + halves * complex_in), m * (1 + halves * complex_out)
        forward = self.mode == "forward" or (self.mode == "auto" and columns_swept <= rows_swept)
        each = map
        if self.progress is not False:
            each = shown(self.progress, "column" if forward else "row", name_of(self.f))
        if forward:
            columns = columns_of(trace, each, self.chunk_size, halves)
            blocks = [_split(column, y, primals) for column, y in zip(columns, ans)]
        else:
            blocks = _by_results(rows_of(trace, each, self.chunk_size, halves), trace)
            if not complex_out:
                blocks = [[conjugated(block) for block in row] for row in blocks]
        if halves:  # one of several arrays that is real
            blocks = [
                [
                    b.real if "c" not in (y.dtype.kind, x.dtype.kind) else b
                    for b, x in zip(row, primals)
                ]
                for row, y in zip(blocks, ans)
            ]
        return blocks


def _sparse_calls(derivative, sparse, mode):
    """What answers sparse matrices of a derivative, or None."""
    if not sparse:
        return None
    if derivative.progress is not False or derivative.chunk_size is not None:
        raise errors.ArgumentError(
            f"A sparse {word_of(derivative)} has neither progress nor chunks: it takes few products.",
            fix="leave out progress and chunk_size",
        )
    from dualrev.sparse.preparing import SparseCalls  # with scipy.sparse, longer than the rest

    # A copy: what holds the calls, and their patterns, would wait for the garbage collector.
    return SparseCalls(copy.copy(derivative), mode)


def _joined(blocks, trace):
    """The blocks as one matrix."""
    rows = []
    for y, row in zip(trace.ans, blocks):
        row = [np.reshape(block, (y.size, x.size)) for x, block in zip(trace.primals, row)]
        rows.append(np.concatenate(row, axis=1))
    return np.concatenate(rows)


def _split(columns, y, primals):
    """The derivatives of y, of shape ``(n, *y.shape)``, as one block an argument."""
    blocks = []
    start = 0
    for x in primals:
        block = columns[start : start + x.size]
        blocks.append(_number(np.moveaxis(block, 0, -1).reshape((*y.shape, *x.shape))))
        start += x.size
    return blocks


def _by_results(rows, trace):
    """``blocks[i][j]``: derivative of result leaf i by argument leaf j."""
    blocks = []
    start = 0
    for y in trace.ans:
        stop = start + y.size
        blocks.append(
            [
                _number(ct[start:stop].reshape((*y.shape, *x.shape)))
                for ct, x in zip(rows, trace.primals)
            ]
        )
        start = stop
    return blocks


def _number(block):
    """As NumPy has it: a scalar instead of an array without dimensions."""
    return block if block.ndim else block[()]


class hessian(Derivative):
    """Hessian matrix of a scalar function.

    Serves ``scipy.optimize.minimize(f, x0, method="trust-exact", jac=dr.grad(f),
    hess=dr.hessian(f))``.  Forward over reverse.

    Parameters
    ----------
    f : callable
        Function whose result is one real number.
    argnums : int or tuple of int, optional
        Positions of the arguments to differentiate by; by default the first.
    argnames : str or tuple of str, optional
        Names of arguments to differentiate by; a tuple gives a dict.
    has_aux : bool
        Whether f returns ``(value, aux)``; the answer is then ``(hessian, aux)``.
    holomorphic : bool
        Whether f is a holomorphic function of complex arguments.
    sparse : bool
        Whether the answer is a sparse matrix (n, n), as of :class:`jacobian`.
        :func:`prepare_hessian` does once what need not be done at each call.
    chunk_size : int, optional
        How many columns are computed together: each intermediate result of f is held so many
        times.  By default so many that the largest has 45 000 elements, at least one.
    progress : bool or callable
        True shows a bar of tqdm's that counts the columns.  A callable wraps an iterable, as tqdm
        does: it is given ``range(0, n, k)``, the first columns of the chunks of k columns that are
        computed together.

    Returns
    -------
    callable
        With the arguments of f; answers an array of shape ``x.shape + x.shape``.  With ``sparse`` a
        scipy.sparse.csr_array, symmetric to the last bit.

    Raises
    ------
    NonScalarError
        Where f does not return one number.
    ComplexError
        Where that is complex, without ``holomorphic``, or x is.

    See Also
    --------
    hvp, prepare_hessian, hessian_diagonal

    Notes
    -----
    The gradient runs once; then n tangents (n the size of x) are pushed, together, over its tape.  A
    column costs about one evaluation of f to seven: :doc:`/explanation/cost`.  A product with one
    vector is cheaper by :class:`hvp`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """

    def __init__(
        self,
        f: Callable,
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
        holomorphic: bool = False,
        sparse: bool = False,
        chunk_size: int | None = None,
        progress: bool | Callable = False,
    ):
        super().__init__(f, argnums, argnames, has_aux, holomorphic)
        inner = grad(f, argnums, argnames, has_aux=has_aux, holomorphic=holomorphic)
        inner.within = "hessian"
        self._jacobian = jacobian(
            inner,
            argnums,
            argnames,
            has_aux=has_aux,
            holomorphic=holomorphic,
            mode="forward",
            chunk_size=chunk_size,
            progress=progress,
        )
        self._jacobian.within = "hessian"
        self._sparse = _sparse_calls(self._jacobian, sparse, "symmetric")

    def __call__(self, *args, **kwargs) -> Any:
        if self._sparse is not None:
            return self._sparse(args, kwargs)
        return self._jacobian(*args, **kwargs)
