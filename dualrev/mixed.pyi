"""What type checkers see of these operators; the letters are those of gradients.pyi."""

from collections.abc import Callable
from typing import Any, Literal, ParamSpec, SupportsIndex, TypeVar, overload

import numpy as np

from dualrev.selection import Derivative

__all__ = ["bilaplacian", "derivative_tensor", "partial"]

P = ParamSpec("P")
Y = TypeVar("Y")
W = TypeVar("W")
# Of one method: those above are the classes'.
Q = ParamSpec("Q")
Z = TypeVar("Z")

_First = Literal["first"]
_Others = Literal["others"]

class partial(Derivative[P, Y, Any]):
    orders: np.ndarray[Any, Any]
    chunk_size: int | None
    def __init__(
        self,
        f: Callable[P, Y],
        orders: Any,
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
        chunk_size: int | None = None,
    ) -> None: ...
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Y: ...

class derivative_tensor(Derivative[P, Y, Any]):
    order: int
    chunk_size: int | None
    def __init__(
        self,
        f: Callable[P, Y],
        order: SupportsIndex,
        argnums: int | None = None,
        argnames: str | None = None,
        *,
        has_aux: bool = False,
        chunk_size: int | None = None,
    ) -> None: ...
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any: ...

class bilaplacian(Derivative[P, Y, W]):
    chunk_size: int | None
    @overload
    def __init__(
        self: bilaplacian[..., Any, _Others], f: np.ufunc, *options: Any, **named: Any
    ) -> None: ...
    @overload
    def __init__(
        self: bilaplacian[Q, Z, _First],
        f: Callable[Q, Z],
        *,
        chunk_size: int | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self: bilaplacian[Q, Z, _Others],
        f: Callable[Q, Z],
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
        chunk_size: int | None = None,
    ) -> None: ...
    @overload
    def __call__(self: bilaplacian[Q, Z, _First], *args: Q.args, **kwargs: Q.kwargs) -> Z: ...
    @overload
    def __call__(self: bilaplacian[Q, Z, _Others], *args: Q.args, **kwargs: Q.kwargs) -> Any: ...
