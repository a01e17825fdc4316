"""What type checkers see of these operators; the letters are those of gradients.pyi."""

from collections.abc import Callable
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, overload

import numpy as np

from dualrev.selection import Derivative

__all__ = ["gauss_newton_product"]

P = ParamSpec("P")
Y = TypeVar("Y")
W = TypeVar("W")
# Of one method: those above are the classes'.
Q = ParamSpec("Q")
Z = TypeVar("Z")
X = TypeVar("X")

_First = Literal["first"]
_Others = Literal["others"]

class gauss_newton_product(Derivative[P, Y, W]):
    loss: Callable[..., Any] | None
    @overload
    def __init__(
        self: gauss_newton_product[..., Any, _Others], f: np.ufunc, *options: Any, **named: Any
    ) -> None: ...
    @overload
    def __init__(
        self: gauss_newton_product[Q, Z, _First],
        f: Callable[Q, Z],
        loss: Callable[..., Any] | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self: gauss_newton_product[Q, Z, _Others],
        f: Callable[Q, Z],
        loss: Callable[..., Any] | None = None,
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
    ) -> None: ...
    @overload
    def __call__(
        self: gauss_newton_product[Concatenate[X, Q], Z, _First],
        x: X,
        v: Any,
        /,
        *args: Q.args,
        **kwargs: Q.kwargs,
    ) -> X: ...
    @overload
    def __call__(
        self: gauss_newton_product[Concatenate[X, Q], Z, _Others],
        x: X,
        v: Any,
        /,
        *args: Q.args,
        **kwargs: Q.kwargs,
    ) -> Any: ...
