"""What type checkers see of these operators; the letters are those of gradients.pyi."""

from collections.abc import Callable
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, overload

import numpy as np

from dualrev.selection import Derivative

__all__ = ["curl", "divergence", "hessian_diagonal", "laplacian"]

P = ParamSpec("P")
Y = TypeVar("Y")
W = TypeVar("W")
# Of one method: those above are the classes'.
Q = ParamSpec("Q")
Z = TypeVar("Z")
X = TypeVar("X")

_First = Literal["first"]
_Others = Literal["others"]

class hessian_diagonal(Derivative[P, Y, W]):
    chunk_size: int | None
    @overload
    def __init__(
        self: hessian_diagonal[..., Any, _Others], f: np.ufunc, *options: Any, **named: Any
    ) -> None: ...
    @overload
    def __init__(
        self: hessian_diagonal[Q, Z, _First],
        f: Callable[Q, Z],
        *,
        chunk_size: int | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self: hessian_diagonal[Q, Z, _Others],
        f: Callable[Q, Z],
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
        chunk_size: int | None = None,
    ) -> None: ...
    @overload
    def __call__(
        self: hessian_diagonal[Concatenate[X, Q], Z, _First],
        x: X,
        /,
        *args: Q.args,
        **kwargs: Q.kwargs,
    ) -> X: ...
    @overload
    def __call__(
        self: hessian_diagonal[Q, Z, _Others], *args: Q.args, **kwargs: Q.kwargs
    ) -> Any: ...

class laplacian(Derivative[P, Y, W]):
    chunk_size: int | None
    @overload
    def __init__(
        self: laplacian[..., Any, _Others], f: np.ufunc, *options: Any, **named: Any
    ) -> None: ...
    @overload
    def __init__(
        self: laplacian[Q, Z, _First],
        f: Callable[Q, Z],
        *,
        chunk_size: int | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self: laplacian[Q, Z, _Others],
        f: Callable[Q, Z],
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
        chunk_size: int | None = None,
    ) -> None: ...
    @overload
    def __call__(self: laplacian[Q, Z, _First], *args: Q.args, **kwargs: Q.kwargs) -> Z: ...
    @overload
    def __call__(self: laplacian[Q, Z, _Others], *args: Q.args, **kwargs: Q.kwargs) -> Any: ...

class divergence(Derivative[P, Y, W]):
    chunk_size: int | None
    @overload
    def __init__(
        self: divergence[..., Any, _Others], f: np.ufunc, *options: Any, **named: Any
    ) -> None: ...
    @overload
    def __init__(
        self: divergence[Q, Z, _First],
        f: Callable[Q, Z],
        *,
        chunk_size: int | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self: divergence[Q, Z, _Others],
        f: Callable[Q, Z],
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
        chunk_size: int | None = None,
    ) -> None: ...
    @overload
    def __call__(self: divergence[Q, Z, _First], *args: Q.args, **kwargs: Q.kwargs) -> Any: ...
    @overload
    def __call__(self: divergence[Q, Z, _Others], *args: Q.args, **kwargs: Q.kwargs) -> Any: ...

class curl(Derivative[P, Y, W]):
    @overload
    def __init__(
        self: curl[..., Any, _Others], f: np.ufunc, *options: Any, **named: Any
    ) -> None: ...
    @overload
    def __init__(
        self: curl[Q, Z, _First],
        f: Callable[Q, Z],
    ) -> None: ...
    @overload
    def __init__(
        self: curl[Q, Z, _Others],
        f: Callable[Q, Z],
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
    ) -> None: ...
    @overload
    def __call__(self: curl[Q, Z, _First], *args: Q.args, **kwargs: Q.kwargs) -> Any: ...
    @overload
    def __call__(self: curl[Q, Z, _Others], *args: Q.args, **kwargs: Q.kwargs) -> Any: ...
