"""What type checkers see of the operators: the parameters of f, and what comes back for which argument.

P holds the parameters of f and Y its result; W tells whether it is differentiated by its first
argument, of which the answer then has the type X, or by others.  Of ufuncs little is known: their
types are overloads, of which checkers take the first, for scalars.
"""

from collections.abc import Callable
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, overload

import numpy as np

from dualrev.selection import Derivative

__all__ = ["derivative", "elementwise_grad", "grad", "hvp", "value_and_grad"]

P = ParamSpec("P")
Y = TypeVar("Y")
W = TypeVar("W")
# Of one method: those above are the classes'.
Q = ParamSpec("Q")
Z = TypeVar("Z")
X = TypeVar("X")

_First = Literal["first"]
_Others = Literal["others"]
_Array = TypeVar("_Array", bound=np.ndarray[Any, Any])
_Plain = TypeVar("_Plain", bound=np.ndarray[Any, Any] | complex)

class value_and_grad(Derivative[P, Y, W]):
    @overload
    def __init__(
        self: value_and_grad[..., Any, _Others], f: np.ufunc, *options: Any, **named: Any
    ) -> None: ...
    @overload
    def __init__(
        self: value_and_grad[Q, Z, _First],
        f: Callable[Q, Z],
        *,
        has_aux: bool = False,
        holomorphic: bool = False,
    ) -> None: ...
    @overload
    def __init__(
        self: value_and_grad[Q, Z, _Others],
        f: Callable[Q, Z],
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
        holomorphic: bool = False,
    ) -> None: ...
    @overload
    def __call__(
        self: value_and_grad[Concatenate[X, Q], Z, _First],
        x: X,
        /,
        *args: Q.args,
        **kwargs: Q.kwargs,
    ) -> tuple[Z, X]: ...
    @overload
    def __call__(
        self: value_and_grad[Q, Z, _Others], *args: Q.args, **kwargs: Q.kwargs
    ) -> tuple[Z, Any]: ...

class grad(Derivative[P, Y, W]):
    @overload
    def __init__(
        self: grad[..., Any, _Others], f: np.ufunc, *options: Any, **named: Any
    ) -> None: ...
    @overload
    def __init__(
        self: grad[Q, Z, _First], f: Callable[Q, Z], *, holomorphic: bool = False
    ) -> None: ...
    @overload
    def __init__(
        self: grad[Q, Z, _Others],
        f: Callable[Q, Z],
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
        holomorphic: bool = False,
    ) -> None: ...
    @overload
    def __call__(
        self: grad[Concatenate[X, Q], Z, _First], x: X, /, *args: Q.args, **kwargs: Q.kwargs
    ) -> X: ...
    @overload
    def __call__(self: grad[Q, Z, _Others], *args: Q.args, **kwargs: Q.kwargs) -> Any: ...

class elementwise_grad(Derivative[P, Y, W]):
    @overload
    def __init__(
        self: elementwise_grad[..., Any, _Others], f: np.ufunc, *options: Any, **named: Any
    ) -> None: ...
    @overload
    def __init__(
        self: elementwise_grad[Q, Z, _First], f: Callable[Q, Z], *, holomorphic: bool = False
    ) -> None: ...
    @overload
    def __init__(
        self: elementwise_grad[Q, Z, _Others],
        f: Callable[Q, Z],
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
        holomorphic: bool = False,
    ) -> None: ...
    @overload
    def __call__(
        self: elementwise_grad[Concatenate[X, Q], Z, _First],
        x: X,
        /,
        *args: Q.args,
        **kwargs: Q.kwargs,
    ) -> X: ...
    @overload
    def __call__(
        self: elementwise_grad[Q, Z, _Others], *args: Q.args, **kwargs: Q.kwargs
    ) -> Any: ...

class derivative(Derivative[P, Y, W]):
    @overload
    def __init__(
        self: derivative[..., Any, _Others], f: np.ufunc, *options: Any, **named: Any
    ) -> None: ...
    @overload
    def __init__(
        self: derivative[Q, Z, _First],
        f: Callable[Q, Z],
        argnums: int | None = None,
        argnames: str | None = None,
        *,
        has_aux: bool = False,
        holomorphic: bool = False,
    ) -> None: ...
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Y: ...

class hvp(Derivative[P, Y, W]):
    @overload
    def __init__(
        self: hvp[..., Any, _Others], f: np.ufunc, *options: Any, **named: Any
    ) -> None: ...
    @overload
    def __init__(self: hvp[Q, Z, _First], f: Callable[Q, Z]) -> None: ...
    @overload
    def __init__(
        self: hvp[Q, Z, _Others],
        f: Callable[Q, Z],
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
    ) -> None: ...
    @overload
    def __call__(
        self: hvp[Concatenate[X, Q], Z, _First],
        x: X,
        v: Any,
        /,
        *args: Q.args,
        **kwargs: Q.kwargs,
    ) -> X: ...
    @overload
    def __call__(
        self: hvp[Concatenate[X, Q], Z, _Others],
        x: X,
        v: Any,
        /,
        *args: Q.args,
        **kwargs: Q.kwargs,
    ) -> Any: ...
