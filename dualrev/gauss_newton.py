"""gauss_newton_product: curvature of a loss through its residuals, times a vector.

Must not know how a derivative is computed.
"""

from collections.abc import Callable
from typing import Any

from dualrev import errors
from dualrev.calls import conjugated, flatten_tangents, noun_of, own_results, unflatten
from dualrev.errors import name_of
from dualrev.gradients import grad
from dualrev.selection import Derivative
from dualrev.transforms import jvp

__all__ = ["gauss_newton_product"]


class gauss_newton_product(Derivative):
    """Product of the Gauss-Newton matrix ``J^T H J`` with a vector, without the matrix.

    J is the Jacobian matrix of the residuals f at x, H the Hessian matrix of the loss at f(x): of the
    Hessian matrix of ``loss(f(x))`` the part that is positive semidefinite where the loss is convex
    (Schraudolph 2002, "Fast curvature matrix-vector products for second-order gradient descent").
    Serves ``scipy.optimize.minimize(..., method="trust-ncg", hessp=dr.gauss_newton_product(f))``.

    Parameters
    ----------
    f : callable
        The residuals: a function of arrays whose result is an array, or a structure of arrays.
    loss : callable, optional
        Function of what f returns; its result is one real number.  By default half of the sum of the
        squares, so that H is 1.
    argnums : int or tuple of int, optional
        Positions of the arguments to differentiate by; by default the first.
    argnames : str or tuple of str, optional
        Names of arguments to differentiate by; a tuple gives a dict.
    has_aux : bool
        Whether f returns ``(residuals, aux)``; the answer is then ``(product, aux)``.

    Returns
    -------
    callable
        ``(x, v, *args)`` where f has ``(x, *args)``: v has the shape of x and comes second, as in
        :class:`hvp`; so has the answer.

    Raises
    ------
    NonScalarError, ComplexError
        Where the loss does not return one real number.

    See Also
    --------
    hvp : of the whole Hessian matrix.

    Notes
    -----
    f runs once on a tape, which is pushed over once and pulled through once; the loss costs a
    :class:`hvp`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> residuals = lambda x: np.array([x[0] * x[1], x[0] ** 2])
    >>> dr.gauss_newton_product(residuals)(np.array([2.0, 3.0]), np.array([1.0, 0.0]))
    array([25.,  6.])
    """

    written = "dr.gauss_newton_product(f)(x, v)"

    def __init__(
        self,
        f: Callable,
        loss: Callable | None = None,
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
    ):
        super().__init__(f, argnums, argnames, has_aux)
        if loss is not None and not callable(loss):
            raise errors.ArgumentError(
                f"The loss of gauss_newton_product is a function; it was given as {noun_of(loss)}.",
                fix="write dr.gauss_newton_product(f, loss)(x, v)",
            )
        self.loss = loss

    def __call__(self, x: Any = None, v: Any = None, *args, **kwargs) -> Any:
        if x is None or v is None:
            raise errors.ArgumentError(
                f"The gauss_newton_product of `{name_of(self.f)}` was called without "
                f"{'x' if x is None else 'v'}: it is the product of a matrix at x and a vector v.",
                fix=f"write {self.written}",
            )
        trace, treedef = self._trace((x, *args), kwargs)
        cts = trace.push(flatten_tangents(v, treedef, trace.primals, "tangent"))
        if self.loss is not None:
            slope = grad(self.loss)
            slope.within = "gauss_newton_product"
            at, along = (unflatten(trace.tree, ys) for ys in (trace.ans, cts))
            cts = flatten_tangents(
                jvp(slope, (at,), (along,))[1], trace.tree, trace.ans, "cotangent"
            )
        pulled = trace.pull([conjugated(ct) for ct in cts], once=True)
        answer = unflatten(treedef, own_results([conjugated(ct) for ct in pulled]))
        return self._with_aux(answer, trace.aux)
