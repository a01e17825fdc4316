"""partial, derivative_tensor, bilaplacian: mixed derivatives, put together from those along directions.

Owns which directions are taken, and their weights.  Must not know how a series passes a primitive.

A derivative of order d along a direction u is the form ``(u . grad)^d``, and every mixed derivative is
a sum of such forms.  All directions are swept at once, as a batch of series of order d.
"""

import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.calls import flatten_result, own_results, split_aux, unflatten
from dualrev.columns import at_once
from dualrev.convolution import indices_of_sum
from dualrev.core.cotangents import cast, zeros_of
from dualrev.errors import name_of
from dualrev.higher import expanded, whole_number
from dualrev.readers.batch import Rows
from dualrev.selection import Chunked

__all__ = ["bilaplacian", "derivative_tensor", "partial"]


class _Mixed(Chunked):
    """A sum of derivatives along directions."""

    def _along(self, call, leaves, directions, order):
        """Of each result the last coefficient along each direction, a row of the elements of all leaves.

        Also the treedef of the result, and aux.
        """
        n = sum(x.size for x in leaves)
        places = np.cumsum([x.size for x in leaves])[:-1]
        count = self.chunk_size or at_once(n)
        chunks = [directions[i : i + count] for i in range(0, len(directions), count)]
        chunks = chunks or [np.zeros((1, n))]  # of no element: f says what there would be
        found = []
        for chunk in chunks:
            rows = Rows(len(chunk), quiet=True)
            series = []
            for part, x in zip(np.split(chunk, places, axis=1), leaves):
                direction = part.astype(zeros_of(x).dtype).reshape(len(chunk), *x.shape)
                series.append((rows.batch(direction), *[None] * (order - 1))[:order])
            try:
                results, tree, aux = expanded(self.f, call, leaves, series, order, self.has_aux)
                found.append([rows.spread(coefficients[-1]) for coefficients in results])
            finally:
                rows.close()
        return [np.concatenate(parts)[: len(directions)] for parts in zip(*found)], tree, aux


class partial(_Mixed):
    """One mixed partial derivative of any order, named by its multi-index.

    ``partial(f, (2, 1, 0))`` is ``d^3 f / dx_0^2 dx_1``.

    Parameters
    ----------
    f : callable
        Function of one array, or of several numbers; its result is an array, or a structure of arrays.
    orders : tuple of int
        How often it is differentiated by each element of the array, in the shape of the array; or by
        each of its arguments, which are numbers.
    argnums : int or tuple of int, optional
        Position of the array, by default the first, or those of the numbers.
    argnames : str or tuple of str, optional
        Their names, instead; orders are in the order of the names.
    has_aux : bool
        Whether f returns ``(result, aux)``; the answer is then ``(partial, aux)``.
    chunk_size : int, optional
        How many series run together: each intermediate result of f is held so many times.  By
        default so many that x has 45 000 elements in all, at least one.

    Returns
    -------
    callable
        With the arguments of f; answers what f does, differentiated.

    Raises
    ------
    ArgumentError
        Where an order is negative, or no whole number.
    ShapeError
        Where orders do not have one entry for each element, or each argument.

    See Also
    --------
    derivative_tensor : all of one order.

    Notes
    -----
    Of order d in all, from half of ``(i_0 + 1) (i_1 + 1) ...`` series of order d in one batch: with
    ``x^i = 2^-d / d! sum over k <= i of (-1)^|k| binom(i, k) ((i - 2k) . x)^d`` (Comon, Golub, Lim and
    Mourrain 2008, "Symmetric tensors and symmetric tensor rank", SIAM J. Matrix Anal. Appl. 30).

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.partial(lambda x: x[0] ** 2 * np.exp(x[1]), (2, 1))(np.array([3.0, 0.0]))
    np.float64(2.0)
    >>> dr.partial(lambda x, y: x**2 * y**3, (1, 2))(1.0, 2.0)
    np.float64(24.0)
    """

    written = "dr.partial(f, (1, 0))(x)"

    def __init__(
        self,
        f: Callable,
        orders,
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
        chunk_size: int | None = None,
    ):
        super().__init__(f, argnums, argnames, has_aux=has_aux, chunk_size=chunk_size)
        self.orders = _multi_index(orders)
        self._by_default = argnums is None and argnames is None

    def __call__(self, *args, **kwargs) -> Any:
        orders = self.orders
        if self._by_default and orders.ndim == 1 and len(args) > 1 and _is_number(args[0]):
            self._check_count(len(args))
            by_each = partial(
                self.f,
                orders,
                tuple(range(orders.size)),
                has_aux=self.has_aux,
                chunk_size=self.chunk_size,
            )
            return by_each(*args, **kwargs)
        leaves, treedef, call = self._at_leaves(args, kwargs)
        if treedef is None or len(leaves) == 1:
            self._check_shape(leaves[0].shape)
        elif any(x.shape for x in leaves):
            raise errors.ArgumentError(
                f"partial differentiates by one array or by several numbers, it was given "
                f"{len(leaves)} arrays.",
                fix="name one of them by argnums=",
            )
        else:
            self._check_shape((len(leaves),))
            orders = self._by_leaves(orders)
        d = int(orders.sum())
        directions, weights = _polarized(tuple(orders.ravel().tolist()))
        found, tree, aux = self._along(call, leaves, directions, d)
        answer = unflatten(tree, [_weighted(weights, y)[()] for y in found])
        return self._with_aux(answer, aux)

    def _by_leaves(self, orders):
        """The orders as the arguments lie: a dict of those that are named has its keys sorted."""
        if self.argnames is None or isinstance(self.argnames, str):
            return orders
        first = len(orders) - len(self.argnames)
        return np.concatenate([orders[:first], orders[first:][np.argsort(self.argnames)]])

    def _check_shape(self, shape):
        orders = self.orders
        if orders.shape != shape and not (orders.size == 1 and shape == ()):
            raise errors.ShapeError(
                f"The orders of partial have shape {orders.shape}, what `{name_of(self.f)}` is "
                f"differentiated by has shape {shape}.",
                fix="give one order for each element",
            )

    def _check_count(self, count):
        if self.orders.size > count:
            raise errors.ShapeError(
                f"partial was given {self.orders.size} orders; `{name_of(self.f)}` was called with "
                f"{count} arguments.",
                fix="give one order for each argument",
            )


#: As many axes as NumPy has for an array, less some for the result; of the entries several tables.
_AXES, _ENTRIES = 60, 2**28


def _is_number(x):
    return getattr(x, "shape", None) == () or isinstance(x, int | float | complex)


def _multi_index(orders):
    try:
        orders = np.array(orders)
    except ValueError:  # a list of which the rows differ in length
        orders = np.array(None)
    if not orders.size:
        return orders.astype(int)
    if orders.dtype.kind not in "iu":
        raise errors.ArgumentError(
            "The orders of partial are whole numbers, one for each element of x.",
            fix="write dr.partial(f, (2, 1, 0))(x)",
        )
    if (orders < 0).any():
        raise errors.ArgumentError(
            f"One of the orders of partial is negative: {orders.min()}.",
            fix="write 0 where it is not differentiated",
        )
    return orders


@functools.lru_cache(maxsize=256)
def _polarized(orders):
    """Directions, and the weights of the last coefficients along them, of one mixed derivative."""
    d = sum(orders)
    by_direction: dict = {}
    for k in itertools.product(*(range(i + 1) for i in orders)):
        u = [i - 2 * j for i, j in zip(orders, k)]
        # Only half of what is equal but for its sign; and parallel ones are one.
        size = math.gcd(*u)
        if next((part > 0 for part in u if part), d == 0):
            weight = (-1) ** sum(k) * math.prod(map(math.comb, orders, k)) * size**d
            u = tuple(part // max(size, 1) for part in u)
            by_direction[u] = by_direction.get(u, 0) + weight
    weights = [weight / 2 ** (d - 1) if d else 1.0 for weight in by_direction.values()]
    return np.array(list(by_direction), float), np.array(weights)


def _weighted(weights, y):
    return np.tensordot(cast(weights, y.dtype), y, 1)


class derivative_tensor(_Mixed):
    """All mixed partial derivatives of one order: a symmetric tensor.

    Parameters
    ----------
    f : callable
        Function whose result is an array, or a structure of arrays.
    order : int
        1 gives the Jacobian, 2 the Hessian of each element.
    argnums : int, optional
        Position of the array to differentiate by; by default the first.
    argnames : str, optional
        Its name.
    has_aux : bool
        Whether f returns ``(result, aux)``; the answer is then ``(tensor, aux)``.
    chunk_size : int, optional
        As of :class:`partial`.

    Returns
    -------
    callable
        With the arguments of f; answers arrays of shape ``result.shape + x.shape * order``.

    Raises
    ------
    ArgumentError
        Where order is negative, or no whole number; or where x is no single array.

    See Also
    --------
    partial : one of them.

    Notes
    -----
    From series of that order, k, along ``binom(n + k - 1, k)`` directions, for n elements of x, in one
    batch; each mixed derivative is a sum over few of them, with rational weights (Griewank, Utke and
    Walther 2000, "Evaluating higher derivative tensors by forward propagation of univariate Taylor
    series", Mathematics of Computation 69, equation 13).

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.derivative_tensor(lambda x: x[0] ** 2 * x[1], 3)(np.array([1.0, 2.0]))[0, 1, 0]
    np.float64(2.0)
    """

    written = "dr.derivative_tensor(f, 2)(x)"

    def __init__(
        self,
        f: Callable,
        order: int,
        argnums: int | None = None,
        argnames: str | None = None,
        *,
        has_aux: bool = False,
        chunk_size: int | None = None,
    ):
        super().__init__(f, argnums, argnames, has_aux=has_aux, chunk_size=chunk_size)
        self.order = whole_number("order", order)

    def __call__(self, *args, **kwargs) -> Any:
        leaves, treedef, call = self._at_leaves(args, kwargs)
        if len(leaves) > 1:
            raise errors.ArgumentError(
                f"derivative_tensor differentiates by one array, it was given {len(leaves)}.",
                fix="name one of them by argnums=",
            )
        (x,) = leaves
        if max(x.ndim, 1) * self.order > _AXES or x.size**self.order > _ENTRIES:
            raise errors.SizeError(
                f"The tensor of the derivatives of order {self.order} by {x.size} numbers is too large.",
                fix="take those along directions: dr.taylor(f, x, v, order)",
            )
        directions, weights, place = _of_tensor(x.size, self.order)
        found, tree, aux = self._along(call, leaves, directions, self.order)
        tensors = []
        for y in found:
            columns = y.reshape(len(y), math.prod(y.shape[1:]))
            of_entries = (weights @ columns).astype(y.dtype).reshape(y.shape)
            tensor = np.moveaxis(of_entries[place], 0, -1)
            tensors.append(tensor.reshape(y.shape[1:] + x.shape * self.order))
        return self._with_aux(unflatten(tree, own_results(tensors)), aux)


# Nine tenths of the time, for 20 variables and order 3.
@functools.lru_cache(maxsize=4)
def _of_tensor(n, k):
    """Directions; the weights of the last coefficients along them in each entry that differs from all
    others; and which of these each entry of the tensor is.
    """
    variables = np.sort(np.indices((n,) * k).reshape(k, n**k), axis=0)
    entries, place = np.unique(variables, axis=1, return_inverse=True)
    directions = (entries[..., None] == np.arange(n)).sum(0)
    return directions, _weights_of(entries), place.ravel()


def _weights_of(entries):
    """A sparse matrix: each different entry of a tensor from the last coefficients along directions."""
    from scipy import sparse  # not above: it takes as long to load as half of dualrev

    entries = [*map(tuple, entries.T.tolist())]
    row = {entry: i for i, entry in enumerate(entries)}
    places, columns, weights = [], [], []
    for i, entry in enumerate(entries):
        variables, orders = [], []
        for variable, group in itertools.groupby(entry):
            variables.append(variable)
            orders.append(len([*group]))
        for powers, weight in _interpolated(tuple(orders)).items():
            direction = itertools.chain(*([v] * p for v, p in zip(variables, powers)))
            places.append(i)
            columns.append(row[tuple(direction)])
            weights.append(weight)
    return sparse.csr_array((weights, (places, columns)), (len(entries),) * 2)


@functools.lru_cache(maxsize=256)
def _interpolated(orders):
    """The weights of one mixed derivative, by the direction whose last coefficient they multiply.

    ``sum over 0 < k <= i of (-1)^|i - k| binom(i, k) binom(d k / |k|, j) (|k| / d)^d``
    """
    from fractions import Fraction  # 2 ms, which importing dualrev need not take

    if not orders:  # the function itself
        return {(): 1.0}
    d = sum(orders)
    weights = {}
    for direction in indices_of_sum(d, len(orders)):
        total = Fraction(0)
        for k in itertools.product(*(range(i + 1) for i in orders)):
            if size := sum(k):
                weight = math.prod(map(math.comb, orders, k)) * Fraction(size, d) ** d
                for part, j in zip(k, direction):
                    weight *= _binomial(Fraction(d * part, size), j)
                total += (-1) ** (d - size) * weight
        if total:
            weights[direction] = float(total)
    return weights


def _binomial(x, j):
    return math.prod((x - i) / (i + 1) for i in range(j))


class bilaplacian(_Mixed):
    """Laplacian of the Laplacian: the sum of ``d^4 f / (d x_i^2 d x_j^2)`` over all i and j.

    The operator of plates and of thin films.

    Parameters
    ----------
    f : callable
        Function whose result is one number; of real arguments.  It may be complex.
    argnums : int or tuple of int, optional
        Positions of the arguments to differentiate by; by default the first.  Of several, the sums
        are over the elements of all.
    argnames : str or tuple of str, optional
        Names of arguments to differentiate by.
    has_aux : bool
        Whether f returns ``(value, aux)``; the answer is then ``(bilaplacian, aux)``.
    chunk_size : int, optional
        As of :class:`partial`.

    Returns
    -------
    callable
        With the arguments of f; answers a number, in units of f over units of x to the fourth.

    Raises
    ------
    NonScalarError
        Where f returns an array.
    ComplexError
        Where x is complex.

    See Also
    --------
    laplacian

    Notes
    -----
    f runs on a batch of ``n**2`` series of order 4: along each axis, and the diagonals between two.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.bilaplacian(lambda x: x[0] ** 4 + x[0] ** 2 * x[1] ** 2)(np.array([1.0, 2.0]))
    np.float64(32.0)
    """

    def __call__(self, *args, **kwargs) -> Any:
        leaves, _, call = self._at_leaves(args, kwargs)

        def number(given):
            result, aux = split_aux(call(given), self.f) if self.has_aux else (call(given), None)
            outputs, tree = flatten_result(result, self.f)
            self._check_scalar_of_real(leaves, outputs, tree)
            return (outputs[0], aux) if self.has_aux else outputs[0]

        directions, weights = _of_squares(sum(x.size for x in leaves))
        (fourth,), _, aux = self._along(number, leaves, directions, 4)
        return self._with_aux(_weighted(weights, fourth).reshape(())[()], aux)


def _of_squares(n):
    """Directions, and the weights of the fourth coefficients along them, of the bilaplacian.

    ``12 f_iijj = (e_i + e_j)^4 + (e_i - e_j)^4 - 2 e_i^4 - 2 e_j^4``, added up; a coefficient is the
    24th part of a derivative.
    """
    i, j = np.tril_indices(n, -1)
    axes = np.eye(n) if n else np.zeros((1, 0))
    directions = np.concatenate([axes, axes[i] + axes[j], axes[i] - axes[j]])
    weights = np.full(len(directions), 4.0)
    weights[: len(axes)] = 8.0 * (4 - n)
    return directions, weights
