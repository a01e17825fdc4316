"""grad, value_and_grad, elementwise_grad, derivative, jacobian, hessian, hvp: function -> function.

Owns the choice of arguments and the shape of what comes back; must not know how it is computed.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev.calls import (
    call_user,
    call_with_shared,
    conjugated,
    flatten_arguments,
    is_single,
    own_results,
    unflatten,
)
from dualrev.columns import columns_of
from dualrev.core import errors
from dualrev.core.cotangents import zeros_of
from dualrev.core.errors import name_of
from dualrev.insides import name_for_pickle
from dualrev.progress import checked_progress, shown
from dualrev.transforms import Trace, jvp

__all__ = [
    "derivative",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "value_and_grad",
]

_ndarray = np.ndarray


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Derivative:
    """A function made from a function: picklable when f is, with f's name and docstring."""

    #: The transform that the user called, where that one makes this one: errors name it.
    within = ""

    def __new__(cls, *args, **kwargs):
        if not args and "f" not in kwargs:
            raise errors.ArgumentError(
                f"{cls.__name__} takes a function, it was given none.",
                fix=f"write dr.{cls.__name__}(f)(x)",
            )
        return super().__new__(cls)

    def __init__(self, f, argnums=None, argnames=None, has_aux=False, holomorphic=False):
        if not callable(f):
            raise errors.ArgumentError(
                f"{_word(self)} takes a function, it was given a {type(f).__name__}.",
                fix=f"write dr.{_word(self)}(f)(x), not dr.{_word(self)}(f(x))",
            )
        _check_argnums(_word(self), argnums)
        functools.update_wrapper(self, f, updated=())
        self.f = f
        self.argnums = 0 if argnums is None and argnames is None else argnums
        self.argnames = argnames
        self.has_aux = has_aux
        self.holomorphic = holomorphic

    def __repr__(self):
        return f"<{_word(self)} of {name_of(self.f)}>"

    def __get__(self, instance, owner=None):
        # As a decorator of a method, it binds self like a function does.
        return self if instance is None else functools.partial(self, instance)

    def __reduce__(self):
        return name_for_pickle(self) or super().__reduce__()

    # -- which arguments

    def _select(self, args, kwargs):
        """The arguments to differentiate by, and f as a function of them alone."""
        f, argnums = self.f, self.argnums
        if type(argnums) is int and self.argnames is None and 0 <= argnums < len(args):
            if argnums == 0 and len(args) == 1 and not kwargs and is_single(args[0]):
                return args[0], lambda x: call_user(f, (x,), kwargs)
            given = args, kwargs
            head, tail = args[:argnums], args[argnums + 1 :]
            return args[argnums], lambda x: call_with_shared(f, given, (*head, x, *tail), kwargs)
        numbers = self._positions(args, kwargs)
        names = self._names(args, kwargs)
        one_number, one_name = not isinstance(argnums, tuple | list), isinstance(self.argnames, str)
        by_number = tuple(args[i] for i in numbers)
        by_name = {name: kwargs[name] if i is None else args[i] for name, i in names.items()}

        def pack(by_number, by_name):
            """The chosen arguments in the structure in which argnums and argnames were given."""
            number = by_number[0] if one_number and by_number else by_number
            name = by_name[self.argnames] if one_name else by_name
            if self.argnames is None:
                return number
            return name if argnums is None else (number, name)

        def unpack(chosen):
            number, name = chosen, chosen
            if self.argnames is not None and argnums is not None:
                number, name = chosen
            by_number = (number,) if one_number else tuple(number)
            return by_number, {self.argnames: name} if one_name else name

        def call(chosen):
            by_number, by_name = unpack(chosen)
            new_args = list(args)
            new_kwargs = dict(kwargs)
            for i, x in zip(numbers, by_number):
                new_args[i] = x
            for name, i in names.items():
                if i is None:
                    new_kwargs[name] = by_name[name]
                else:
                    new_args[i] = by_name[name]
            return call_with_shared(f, (args, kwargs), tuple(new_args), new_kwargs)

        return pack(by_number, by_name), call

    def _positions(self, args, kwargs):
        argnums = self.argnums
        if argnums is None:
            return ()
        numbers = argnums if isinstance(argnums, tuple | list) else (argnums,)
        positions = []
        for number in numbers:
            if not -len(args) <= number < len(args):
                raise self._out_of_range(args, kwargs)
            positions.append(number % len(args))
        if len(set(positions)) != len(positions):
            raise errors.ArgumentError(
                f"argnums={argnums!r} names an argument twice.", fix="give each number once"
            )
        return tuple(positions)

    def _out_of_range(self, args, kwargs):
        if not args and not kwargs:
            return errors.ArgumentError(
                f"The {_word(self)} of `{name_of(self.f)}` was called without an argument.",
                fix=f"write dr.{_word(self)}(f)(x)",
            )
        return errors.ArgumentError(
            f"argnums={self.argnums!r} is out of range: `{name_of(self.f)}` was called with "
            f"{len(args)} positional argument{'s' * (len(args) != 1)}.",
            fix=f"name an argument that is given by keyword: argnames={next(iter(kwargs))!r}"
            if kwargs
            else f"count from 0: the last is argnums={len(args) - 1}",
        )

    def _names(self, args, kwargs):
        """Position of each named argument (None for one given by keyword)."""
        argnames = self.argnames
        if argnames is None:
            return {}
        names = {}
        for name in (argnames,) if isinstance(argnames, str) else argnames:
            if name in kwargs:
                names[name] = None
                continue
            parameters = inspect.signature(self.f).parameters
            by_position = [p.name for p in parameters.values() if p.kind in _POSITIONAL]
            position = by_position.index(name) if name in by_position else len(args)
            if position >= len(args):
                if name in parameters:
                    raise errors.ArgumentError(
                        f"The argument {name!r} of argnames was not given in the call.",
                        fix=f"give it: {name}=...",
                    )
                raise errors.ArgumentError(
                    f"The argument {name!r} of argnames is unknown.",
                    fix=f"choose among those of `{name_of(self.f)}`: {', '.join(parameters)}",
                )
            if position in self._positions(args, kwargs):
                raise errors.ArgumentError(
                    f"argnums and argnames both name {name!r}, which is taken twice.",
                    fix="leave out argnums",
                )
            names[name] = position
        return names

    # -- running f

    def _trace(self, args, kwargs):
        """f on a tape, and the treedef of the arguments it is differentiated by."""
        chosen, call = self._select(args, kwargs)
        leaves, treedef = flatten_arguments(chosen, "the argument")
        self._check_complex(leaves)

        def call_with(leaves):
            return call(leaves[0] if treedef is None else unflatten(treedef, leaves))

        return Trace(self.f, call_with, leaves, self.has_aux), treedef

    def _check_complex(self, leaves):
        if self.holomorphic and any(x.dtype.kind != "c" for x in leaves):
            raise errors.ComplexError(
                "holomorphic=True differentiates by complex arguments; this one is real.",
                fix="leave out holomorphic=True",
            )

    def _check_holomorphic(self, trace):
        if self.holomorphic and any(y.dtype.kind != "c" for y in trace.ans):
            raise errors.ComplexError(
                f"`{name_of(self.f)}` has a real result: it is not holomorphic.",
                where="",
                fix="leave out holomorphic=True",
            )


def _word(derivative):
    return derivative.within or type(derivative).__name__


def _check_argnums(word, argnums):
    if argnums is None:
        return
    numbers = argnums if isinstance(argnums, tuple | list) else (argnums,)
    if all(isinstance(number, int | np.integer) for number in numbers):
        return
    shown = f"an array of shape {argnums.shape}" if hasattr(argnums, "shape") else repr(argnums)
    named = any(isinstance(number, str) for number in numbers)
    raise errors.ArgumentError(
        f"argnums, the second argument of {word}, is the position of an argument of f, or a tuple of "
        f"positions; it is {shown}.",
        fix="give names by argnames=" if named else f"write dr.{word}(f)(x)",
    )


#: What to ask for where a function returns an array.
_OF_ARRAYS = {
    "grad": "dr.jacobian(f) is the derivative of each element",
    "value_and_grad": "dr.jacobian(f) is the derivative of each element",
    "elementwise_grad": "dr.jacobian(f) is the derivative of each element",
    "hessian": "dr.jacobian(dr.jacobian(f)) holds the second derivatives of each element",
    "hvp": "dr.jvp(dr.jacobian(f), (x,), (v,))[1] is the product for each element",
    "minimize": "return one real number, as np.sum(r**2) of residuals r is",
}


class value_and_grad(Derivative):
    """Value of a scalar function and its gradient, from one sweep.

    Serves ``scipy.optimize.minimize(dr.value_and_grad(f), x0, jac=True)``.

    Parameters
    ----------
    f : callable
        Function whose result is one real number.
    argnums : int or tuple of int, optional
        Positions of the arguments to differentiate by; by default the first.
    argnames : str or tuple of str, optional
        Names of arguments to differentiate by; a tuple gives a dict of gradients.
    has_aux : bool
        Whether f returns ``(value, aux)``; the result is then ``((value, aux), gradient)``.
    holomorphic : bool
        Whether f is a holomorphic function of complex arguments.

    Returns
    -------
    callable
        With the arguments of f; answers ``(value, gradient)``.

    Raises
    ------
    NonScalarError, ComplexError
        Where f does not return one real number.

    See Also
    --------
    grad

    Notes
    -----
    The value is free: it costs what :class:`grad` costs, :doc:`/explanation/cost`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.value_and_grad(lambda x: x @ x)(np.array([1.0, 2.0]))
    (np.float64(5.0), array([2., 4.]))
    """

    def __init__(
        self,
        f: Callable,
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        has_aux: bool = False,
        holomorphic: bool = False,
    ):
        super().__init__(f, argnums, argnames, has_aux, holomorphic)

    def __call__(self, *args, **kwargs) -> Any:
        value, gradient, aux = self._value_and_gradient(args, kwargs)
        return ((value, aux), gradient) if self.has_aux else (value, gradient)

    def _value_and_gradient(self, args, kwargs):
        trace, treedef = self._trace(args, kwargs)
        value = self._value(trace)
        ct = value.dtype.type(1)
        if value.shape:
            ct, value = np.ones_like(value), value.copy()
        cts = trace.pull([ct], once=True)
        if not self.holomorphic:
            cts = [conjugated(ct) for ct in cts]
        gradient = unflatten(treedef, own_results(cts))
        return value, gradient, trace.aux

    def _value(self, trace):
        """The one array that f returned, a real number unless f is holomorphic."""
        if trace.tree is not None and len(trace.ans) != 1:
            raise errors.NonScalarError(
                f"{_word(self)} needs a function with one result; `{name_of(self.f)}` returned a "
                f"structure of {len(trace.ans)} arrays.",
                where="",
                fix="return a pair (number, rest), with has_aux=True",
            )
        (value,) = trace.ans
        self._check_shape(value, trace.primals)
        if value.dtype.kind == "c" and not self.holomorphic:
            by_complex = any(x.dtype.kind == "c" for x in trace.primals)
            raise errors.ComplexError(
                f"{_word(self)} needs a real result; `{name_of(self.f)}` returned a complex number.",
                where="",
                fix="pass holomorphic=True, if f is: the result is then f'(z)"
                if by_complex
                else _OF_ARRAYS[_word(self)],
            )
        self._check_holomorphic(trace)
        return value if value.dtype.kind in "fc" else np.float64(value)

    def _check_shape(self, value, primals):
        """One number, in an array of any shape."""
        if value.size != 1:
            raise errors.NonScalarError(
                f"{_word(self)} needs a function with a scalar result; `{name_of(self.f)}` returned "
                f"an array of shape {value.shape}.",
                where="",
                fix=_OF_ARRAYS[_word(self)],
            )


class grad(value_and_grad):
    """Gradient of a scalar function.

    Serves ``scipy.optimize.minimize(f, x0, jac=dr.grad(f))``.  Reverse mode.  For complex
    ``z = x + iy`` and real f it is ``df/dx + i df/dy``.

    Parameters
    ----------
    f : callable
        Function whose result is one real number.
    argnums : int or tuple of int, optional
        Positions of the arguments to differentiate by; by default the first.
    argnames : str or tuple of str, optional
        Names of arguments to differentiate by; a tuple gives a dict of gradients.
    has_aux : bool
        Whether f returns ``(value, aux)``; the result is then ``(gradient, aux)``.
    holomorphic : bool
        Whether f is a holomorphic function of complex arguments; the result is then f'.

    Returns
    -------
    callable
        With the arguments of f; answers arrays of the shapes of the chosen arguments, in units of
        f over units of x.

    Raises
    ------
    NonScalarError, ComplexError
        Where f does not return one real number.

    Notes
    -----
    Costs about 5 evaluations of f where its arrays are large, 10 where they are small, 50 where it works
    number by number, whatever the size of x: :doc:`/explanation/cost`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.grad(lambda x: np.sum(np.sin(x) ** 2))(np.array([0.0, np.pi / 4]))
    array([0., 1.])
    """

    def __call__(self, *args, **kwargs) -> Any:
        _, gradient, aux = self._value_and_gradient(args, kwargs)
        return (gradient, aux) if self.has_aux else gradient


class elementwise_grad(grad):
    """Slope of each element of a function's result by the same element of its argument.

    For functions whose result has the shape of x, and whose element i depends on ``x[i]`` only: the
    diagonal of the Jacobian.  Reverse mode, by one pull of ones: the gradient of ``np.sum(f(x))``.

    Parameters
    ----------
    f : callable
        Function of arrays; its result is one array of real numbers.
    argnums : int or tuple of int, optional
        Positions of the arguments to differentiate by; by default the first.
    argnames : str or tuple of str, optional
        Names of arguments to differentiate by; a tuple gives a dict.
    has_aux : bool
        Whether f returns ``(result, aux)``; the answer is then ``(slopes, aux)``.
    holomorphic : bool
        Whether f is a holomorphic function of complex arguments.

    Returns
    -------
    callable
        With the arguments of f; answers an array of the shape of x, in units of f over units of x.

    Raises
    ------
    ShapeError
        Where the result has another shape than an argument it is differentiated by.

    See Also
    --------
    derivative, jacobian

    Notes
    -----
    That element i depends on ``x[i]`` only is not checked: where it depends on others too, as in
    ``np.cumsum``, the answer is the sum of each column of the Jacobian, as in autograd.  Costs what
    :class:`grad` costs.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.elementwise_grad(lambda x: x**3)(np.array([0.0, 1.0, 2.0]))
    array([ 0.,  3., 12.])
    """

    def _check_shape(self, value, primals):
        """That of each argument."""
        for x in primals:
            if x.shape != value.shape:
                raise errors.ShapeError(
                    f"elementwise_grad needs a result of the shape {x.shape} of its argument; "
                    f"`{name_of(self.f)}` returned an array of shape {value.shape}.",
                    where="",
                    fix="dr.jacobian(f) is the slope of each element by each",
                )


class derivative(Derivative):
    """Derivative of a function of one number: of each element of its result.

    Forward mode: one dual number.

    Parameters
    ----------
    f : callable
        Function of a scalar; its result is an array or a structure of arrays.
    argnums : int, optional
        Position of the argument to differentiate by; by default the first.
    argnames : str, optional
        Its name, instead of its position.
    has_aux : bool
        Whether f returns ``(result, aux)``; the answer is then ``(derivative, aux)``.
    holomorphic : bool
        Whether f is a holomorphic function of a complex argument.

    Returns
    -------
    callable
        With the arguments of f; answers in the shape of the result, in units of f over units of x.

    Notes
    -----
    Costs about 4 evaluations of f where its arrays are large, 8 where they are small, 40 where it works
    number by number, whatever the size of the result: :doc:`/explanation/cost`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.derivative(lambda t: np.array([t**2, np.exp(t)]))(1.0).round(3)
    array([2.   , 2.718])
    """

    def __init__(
        self,
        f: Callable,
        argnums: int | None = None,
        argnames: str | None = None,
        has_aux: bool = False,
        holomorphic: bool = False,
    ):
        super().__init__(f, argnums, argnames, has_aux, holomorphic)

    def __call__(self, *args, **kwargs) -> Any:
        chosen, call = self._select(args, kwargs)
        leaves, treedef = flatten_arguments(chosen, "the argument")
        self._check_complex(leaves)
        if leaves[0].dtype.kind == "c" and not self.holomorphic:
            raise errors.ComplexError(
                f"derivative of `{name_of(self.f)}` was asked at a complex number.",
                fix="pass holomorphic=True, if f is: the result is then f'(z)",
            )
        if len(leaves) != 1 or leaves[0].shape != ():
            raise errors.NonScalarError(
                f"derivative takes a function of one number; `{name_of(self.f)}` was called with "
                f"{'an array of shape ' + str(leaves[0].shape) if len(leaves) == 1 else 'several'}.",
                fix="dr.jacobian(f) takes several arguments"
                if len(leaves) != 1
                else "dr.elementwise_grad(f) where each element of the result depends on its own "
                "element of the argument, as in np.sin; dr.jacobian(f) otherwise",
            )
        (x,) = leaves

        def call_with(x):
            return call(unflatten(treedef, [x]))

        call_with.__name__ = name_of(self.f)
        answer = jvp(call_with, (x,), (x.dtype.type(1),), has_aux=self.has_aux)
        return answer[1:] if self.has_aux else answer[1]


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
    mode : {"auto", "forward", "reverse"}
        Columns by forward mode or rows by reverse mode; "auto" takes the fewer.
    holomorphic : bool
        Whether f is a holomorphic function of complex arguments.
    progress : bool or callable
        True shows a bar of tqdm's that counts the columns, or the rows.  A callable wraps an
        iterable, as tqdm does: it is given ``range(0, n, k)``, the first columns of the chunks of k
        columns that are pushed together, or ``range(m)``, the rows.
    matrix : bool
        Whether the answer is one matrix of shape (m, n) for all results and all arguments: their
        elements in the order of :func:`ravel`.

    Returns
    -------
    callable
        With the arguments of f; answers an array of shape ``result.shape + x.shape``, entry
        ``[i, j]`` is ``d f_i / d x_j``.  Structures of results hold structures of arguments.

    Notes
    -----
    f runs once; then n tangents (n the size of x) are pushed, together, or m cotangents (m the size
    of the result) pulled, one by one, over its tape.  A column costs about a third of an evaluation of
    f to two, a row nearly a gradient: :doc:`/explanation/cost`.

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
        has_aux: bool = False,
        mode: str = "auto",
        holomorphic: bool = False,
        progress: bool | Callable = False,
        matrix: bool = False,
    ):
        if mode not in ("auto", "forward", "reverse"):
            raise errors.ArgumentError(
                f"mode is {mode!r}.", fix='mode is one of "auto", "forward", "reverse"'
            )
        super().__init__(f, argnums, argnames, has_aux, holomorphic)
        self.mode = mode
        self.progress = checked_progress(progress)
        self.matrix = matrix

    def __call__(self, *args, **kwargs) -> Any:
        trace, treedef = self._trace(args, kwargs)
        blocks = self._blocks(trace)
        if self.matrix:
            (answer,) = own_results([_joined(blocks, trace)])
        else:
            rows = [unflatten(treedef, own_results(row)) for row in blocks]
            answer = unflatten(trace.tree, rows)
        return (answer, trace.aux) if self.has_aux else answer

    def _blocks(self, trace):
        """``blocks[i][j]``: derivative of result leaf i by argument leaf j."""
        primals, ans = trace.primals, trace.ans
        self._check_holomorphic(trace)
        n, m = sum(x.size for x in primals), sum(y.size for y in ans)
        complex_in = any(x.dtype.kind == "c" for x in primals)
        complex_out = any(y.dtype.kind == "c" for y in ans)
        if complex_in and complex_out and not self.holomorphic:
            raise errors.ComplexError(
                f"The {_word(self)} of `{name_of(self.f)}` would be a matrix of complex derivatives by "
                "complex arguments.",
                where="",
                fix="dr.hvp(f)(x, v) is its product with a direction v"
                if self.within == "hessian"
                else "pass holomorphic=True, if f is: the result is then the matrix of df/dz",
            )
        # One row of a complex result by a real argument would need two pulls, one column of a
        # real result by a complex argument two pushes.
        if complex_out and not complex_in:
            if self.mode == "reverse":
                raise errors.ComplexError(
                    f"`{name_of(self.f)}` has a complex result of real arguments.",
                    where="",
                    fix='use mode="forward"',
                )
            forward = True
        elif complex_in and not complex_out:
            if self.mode == "forward":
                raise errors.ComplexError(
                    f"`{name_of(self.f)}` has a real result of complex arguments.",
                    where="",
                    fix='use mode="reverse"',
                )
            forward = False
        else:
            forward = self.mode == "forward" or (self.mode == "auto" and n <= m)
        each = map
        if self.progress is not False:
            each = shown(self.progress, "column" if forward else "row", name_of(self.f))
        if forward:
            return [_split(columns, y, primals) for columns, y in zip(columns_of(trace, each), ans)]
        rows = _pulled(trace, each)
        if not self.holomorphic:
            rows = [[conjugated(block) for block in row] for row in rows]
        return rows


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


def _pulled(trace, each):
    """``blocks[i][j]``: derivative of result leaf i by argument leaf j, one pull a row."""
    zeros = [zeros_of(y) for y in trace.ans]
    cts = _unit_cotangents(zeros)
    pulled = list(
        each(lambda row: trace.pull(next(cts), check=not row), range(sum(y.size for y in zeros)))
    )
    blocks = []
    for zero in zeros:
        rows, pulled = pulled[: zero.size], pulled[zero.size :]
        blocks.append(
            [
                _number(np.stack(cts).reshape((*zero.shape, *x.shape)))
                if rows
                else np.zeros((*zero.shape, *x.shape), x.dtype)
                for x, cts in zip(trace.primals, zip(*rows) if rows else trace.primals)
            ]
        )
    return blocks


def _unit_cotangents(zeros):
    """For each element of each result the cotangents that ask for its row."""
    for i, zero in enumerate(zeros):
        units = np.eye(zero.size, dtype=zero.dtype).reshape(zero.size, *zero.shape)
        for unit in units:
            yield [*zeros[:i], unit, *zeros[i + 1 :]]


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
    progress : bool or callable
        True shows a bar of tqdm's that counts the columns.  A callable wraps an iterable, as tqdm
        does: it is given ``range(0, n, k)``, the first columns of the chunks of k columns that are
        pushed together.

    Returns
    -------
    callable
        With the arguments of f; answers an array of shape ``x.shape + x.shape``.

    Notes
    -----
    The gradient runs once; then n tangents (n the size of x) are pushed, together, over its tape.  A
    column costs about 3 to 10 evaluations of f: :doc:`/explanation/cost`.  A product with one vector
    is cheaper by :class:`hvp`.

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
        has_aux: bool = False,
        holomorphic: bool = False,
        progress: bool | Callable = False,
    ):
        super().__init__(f, argnums, argnames, has_aux, holomorphic)
        inner = grad(f, argnums, argnames, has_aux, holomorphic)
        inner.within = "hessian"
        self._jacobian = jacobian(
            inner, argnums, argnames, has_aux, "forward", holomorphic, progress
        )
        self._jacobian.within = "hessian"

    def __call__(self, *args, **kwargs) -> Any:
        return self._jacobian(*args, **kwargs)


class hvp(Derivative):
    """Product of the Hessian matrix with a vector, without the matrix.

    Serves ``scipy.optimize.minimize(f, x0, method="trust-ncg", jac=dr.grad(f),
    hessp=dr.hvp(f))``.  Forward over reverse: the derivative of the gradient in direction v.

    Parameters
    ----------
    f : callable
        Function whose result is one real number.
    argnums : int or tuple of int, optional
        Positions of the arguments to differentiate by; by default the first.
    argnames : str or tuple of str, optional
        Names of arguments to differentiate by; a tuple gives a dict.
    has_aux : bool
        Whether f returns ``(value, aux)``; the answer is then ``(product, aux)``.

    Returns
    -------
    callable
        ``(x, v, *args)`` where f has ``(x, *args)``: v has the shape of x and comes second, as
        SciPy calls it.  With other argnums v comes after the first argument all the same, in the
        structure of the chosen arguments.

    Notes
    -----
    Costs about 10 evaluations of f where its arrays are large, 40 where they are small, 170 where it
    works number by number, whatever the size of x; two to four gradients:
    :doc:`/explanation/cost`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.hvp(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([4., 2.])
    """

    def __init__(
        self,
        f: Callable,
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        has_aux: bool = False,
    ):
        super().__init__(f, argnums, argnames, has_aux)

    def __call__(self, x: Any = None, v: Any = None, *args, **kwargs) -> Any:
        if x is None or v is None:
            raise errors.ArgumentError(
                f"The hvp of `{name_of(self.f)}` was called without {'x' if x is None else 'v'}: it is "
                "the product of the Hessian at x and a vector v.",
                fix="write dr.hvp(f)(x, v)",
            )
        chosen, call = self._select((x, *args), kwargs)
        # An inner gradient of the chosen arguments only; jvp pushes v through it.
        gradient = grad(self.f, has_aux=self.has_aux)
        gradient.within = "hvp"
        gradient._select = lambda args, kwargs: (args[0], call)
        answer = jvp(gradient, (chosen,), (v,), has_aux=self.has_aux)
        return answer[1:] if self.has_aux else answer[1]
