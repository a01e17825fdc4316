"""grad, value_and_grad, elementwise_grad, derivative, hvp: first derivatives along one direction.

Owns the shape of what comes back; must not know how it is computed.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.batches import vmap
from dualrev.calls import conjugated, flatten_arguments, own_results, place_of, unflatten
from dualrev.core.arrays import anywhere
from dualrev.errors import name_of
from dualrev.selection import Derivative, word_of
from dualrev.transforms import jvp

__all__ = ["derivative", "elementwise_grad", "grad", "hvp", "value_and_grad"]


#: What to ask for where a function returns a complex number of complex ones.
_HOLOMORPHIC = "pass holomorphic=True, if f is: the result is then f'(z)"
#: The same of those that have no such option.
_OF_COMPLEX = {
    "hvp": "dr.jvp(dr.grad(f, holomorphic=True), (z,), (v,))[1], if f is: the product for df/dz",
    "gauss_newton_product": "return one real number, as 0.5 * np.sum(abs(r) ** 2) of residuals r is",
}
#: What to ask for where a function returns an array.
_OF_ARRAYS = {
    "grad": "dr.jacobian(f) is the derivative of each element",
    "value_and_grad": "dr.jacobian(f) is the derivative of each element",
    "elementwise_grad": "dr.jacobian(f) is the derivative of each element",
    "hessian": "dr.jacobian(dr.jacobian(f)) holds the second derivatives of each element",
    "hvp": "dr.jvp(dr.jacobian(f), (x,), (v,))[1] is the product for each element",
    "gauss_newton_product": "return one real number, as 0.5 * np.sum(r**2) of residuals r is",
    "minimize": "return one real number, as np.sum(r**2) of residuals r is",
    "minimum": "return one real number, as np.sum(r**2) of residuals r is",
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
        *,
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
            for i, ct in enumerate(cts):
                if ct.dtype.kind != "f":
                    cts[i] = conjugated(ct)
        gradient = unflatten(treedef, own_results(cts))
        return value, gradient, trace.aux

    def _value(self, trace):
        """The one array that f returned, a real number unless f is holomorphic."""
        self._check_shape(trace)
        (value,) = trace.ans
        if type(value) is np.float64 and not self.holomorphic:  # most
            return value
        kind = value.dtype.kind
        if kind == "c" and not self.holomorphic:
            by_complex = any(x.dtype.kind == "c" for x in trace.primals)
            raise errors.ComplexError(
                f"{word_of(self)} needs a real result; `{name_of(self.f)}` returned a complex number.",
                where="",
                fix=_OF_COMPLEX.get(word_of(self), _HOLOMORPHIC)
                if by_complex
                else _OF_ARRAYS[word_of(self)],
            )
        self._check_holomorphic(trace)
        return value if kind in "fc" else np.float64(value)

    def _check_shape(self, trace):
        if trace.tree is not None or trace.ans[0].size != 1:
            self._check_scalar(trace.ans, trace.tree, _OF_ARRAYS[word_of(self)])


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
    Costs about 5 evaluations of f where its arrays are large, 8 where they are small, 40 where it works
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

    def _check_shape(self, trace):
        """That of each argument."""
        self._check_single(trace.ans, trace.tree)
        (value,) = trace.ans
        for x in trace.primals:
            if x.shape != value.shape:
                raise errors.ShapeError(
                    f"elementwise_grad needs a result of the shape {x.shape} of its argument; "
                    f"`{name_of(self.f)}` returned an array of shape {value.shape}.",
                    where="",
                    fix="dr.jacobian(f) is the slope of each element by each",
                )


class derivative(Derivative):
    """Derivative of a function of one number: of each element of its result.

    Forward mode: one dual number.  Of an elementwise function, as ``np.sin`` is, at each number of an
    array.

    Parameters
    ----------
    f : callable
        Function of a scalar; its result is an array or a structure of arrays.  Or elementwise: then
        it may be called with an array, and is called with each number in it (by :class:`vmap`).
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

    Raises
    ------
    NonScalarError
        Where the argument is an array, and f is not elementwise.

    See Also
    --------
    derivatives, jacobian, jvp

    Notes
    -----
    Costs about 5 evaluations of f where its arrays are large, 5 where they are small, 20 where it works
    number by number, whatever the size of the result: :doc:`/explanation/cost`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.derivative(lambda t: np.array([t**2, np.exp(t)]))(1.0).round(3)
    array([2.   , 2.718])
    >>> dr.derivative(np.exp)(np.array([0.0, 1.0])).round(3)
    array([1.   , 2.718])
    """

    def __init__(
        self,
        f: Callable,
        argnums: int | None = None,
        argnames: str | None = None,
        *,
        has_aux: bool = False,
        holomorphic: bool = False,
    ):
        super().__init__(f, argnums, argnames, has_aux, holomorphic)

    def __call__(self, *args, **kwargs) -> Any:
        chosen, call = self._select(args, kwargs)
        leaves, treedef = flatten_arguments(chosen, place_of(args, kwargs))
        self._check_complex(leaves)
        if leaves[0].dtype.kind == "c" and not self.holomorphic:
            raise errors.ComplexError(
                f"derivative of `{name_of(self.f)}` was asked at a complex number.",
                fix=_HOLOMORPHIC,
            )
        if len(leaves) != 1:
            raise errors.NonScalarError(
                f"derivative takes a function of one number; `{name_of(self.f)}` was called with "
                "several.",
                fix="dr.jacobian(f) takes several arguments",
            )
        (x,) = leaves

        def call_with(x):
            return call(unflatten(treedef, [x]))

        call_with.__name__ = name_of(self.f)
        if x.shape:
            return self._at_each_number(call_with, x)
        answer = jvp(call_with, (x,), (x.dtype.type(1),), has_aux=self.has_aux)
        return answer[1:] if self.has_aux else answer[1]

    def _at_each_number(self, f, x):
        """The slopes of an elementwise function; its values and a push tell that it is one."""
        # A direction that nobody would choose: slopes by other elements do not cancel along it.
        direction = (1.5 + 0.5 * np.cos(np.arange(x.size) ** 2)).reshape(x.shape).astype(x.dtype)
        whole, pushed = jvp(f, (x,), (direction,))
        slopes = np.zeros_like(x)
        # A list is no array, even if it is as long.
        is_elementwise = getattr(whole, "shape", None) == x.shape and not self.has_aux
        if is_elementwise and x.size:
            one = x.dtype.type(1)
            at_each = vmap(lambda number: jvp(f, (number,), (one,)))
            values, slopes = at_each(x.reshape(-1))
            is_elementwise = values.shape == (x.size,)
            if is_elementwise:
                slopes = slopes.reshape(x.shape)
                is_elementwise = _agree(values.reshape(x.shape), whole)
                is_elementwise = is_elementwise and _agree(slopes * direction, pushed)
        if not is_elementwise:
            raise errors.NonScalarError(
                f"derivative takes a function of one number, or of each element of an array; "
                f"`{name_of(self.f)}` of an array of shape {x.shape} is not that of each number in it.",
                fix="dr.jacobian(f) is the slope of each element of the result by each of the argument",
            )
        return slopes


def _agree(values, others):
    """Whether two ways to compute have the same result, also in all rows of a batch."""
    # NumPy rounds arrays otherwise than numbers, which cancellation may enlarge: far below what a
    # slope by another element adds.
    size = np.max(np.where(np.isfinite(values), np.absolute(values), 0))
    close = np.isclose(values, others, rtol=1e-6, atol=0, equal_nan=True)
    with np.errstate(invalid="ignore"):  # of equal infinities, which are close
        rounded = np.absolute(values - 1.0 * others) <= 1e-9 * size  # also of truth values
    return not anywhere(~(close | rounded))


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
        structure of the chosen arguments.  Answers in the shape of x.

    Raises
    ------
    NonScalarError, ComplexError
        Where f does not return one real number.
    ShapeError
        Where v does not have the shape of x.

    See Also
    --------
    hessian, gauss_newton_product

    Notes
    -----
    Costs about 10 evaluations of f where its arrays are large, 20 where they are small, 120 where it
    works number by number, whatever the size of x; two to four gradients:
    :doc:`/explanation/cost`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.hvp(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([4., 2.])
    """

    written = "dr.hvp(f)(x, v)"

    def __init__(
        self,
        f: Callable,
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
    ):
        super().__init__(f, argnums, argnames, has_aux)

    def __call__(self, x: Any = None, v: Any = None, *args, **kwargs) -> Any:
        if x is None or v is None:
            raise errors.ArgumentError(
                f"The hvp of `{name_of(self.f)}` was called without {'x' if x is None else 'v'}: it is "
                "the product of the Hessian at x and a vector v.",
                fix=f"write {self.written}",
            )
        chosen, call = self._select((x, *args), kwargs)
        # An inner gradient of the chosen arguments only; jvp pushes v through it.
        # Not by its __init__, which has checked f and taken its name already: 5 us less of 160.
        gradient = object.__new__(grad)
        vars(gradient).update(
            vars(self), within="hvp", argnums=None, _select=lambda args, kwargs: (args[0], call)
        )
        answer = jvp(gradient, (chosen,), (v,), has_aux=self.has_aux)
        return answer[1:] if self.has_aux else answer[1]
