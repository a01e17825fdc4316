"""What type checkers see of jacobian and hessian; the letters are those of gradients.pyi."""

from collections.abc import Callable
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from dualrev.selection import Derivative

__all__ = ["hessian", "jacobian"]

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

class jacobian(Derivative[P, Y, W]):
    mode: str
    progress: bool | Callable[..., Any]
    matrix: bool
    chunk_size: int | None
    @overload
    def __init__(
        self: jacobian[..., Any, _Others], f: np.ufunc, *options: Any, **named: Any
    ) -> None: ...
    @overload
    def __init__(
        self: jacobian[Q, Z, _First],
        f: Callable[Q, Z],
        *,
        holomorphic: bool = False,
        mode: str = "auto",
        matrix: bool = False,
        chunk_size: int | None = None,
        progress: bool | Callable[..., Any] = False,
    ) -> None: ...
    @overload
    def __init__(
        self: jacobian[Q, Z, _Others],
        f: Callable[Q, Z],
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
        holomorphic: bool = False,
        mode: str = "auto",
        matrix: bool = False,
        sparse: bool = False,
        chunk_size: int | None = None,
        progress: bool | Callable[..., Any] = False,
    ) -> None: ...
    @overload
    def __call__(
        self: jacobian[Concatenate[_Array, Q], _Plain, _First],
        x: _Array,
        /,
        *args: Q.args,
        **kwargs: Q.kwargs,
    ) -> NDArray[Any]: ...
    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any: ...

class hessian(Derivative[P, Y, W]):
    @overload
    def __init__(
        self: hessian[..., Any, _Others], f: np.ufunc, *options: Any, **named: Any
    ) -> None: ...
    @overload
    def __init__(
        self: hessian[Q, Z, _First],
        f: Callable[Q, Z],
        *,
        holomorphic: bool = False,
        chunk_size: int | None = None,
        progress: bool | Callable[..., Any] = False,
    ) -> None: ...
    @overload
    def __init__(
        self: hessian[Q, Z, _Others],
        f: Callable[Q, Z],
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
        holomorphic: bool = False,
        sparse: bool = False,
        chunk_size: int | None = None,
        progress: bool | Callable[..., Any] = False,
    ) -> None: ...
    @overload
    def __call__(
        self: hessian[Concatenate[_Array, Q], Z, _First],
        x: _Array,
        /,
        *args: Q.args,
        **kwargs: Q.kwargs,
    ) -> NDArray[Any]: ...
    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any: ...
