"""What type checkers see of the class of all operators."""

from collections.abc import Callable
from typing import Any, Generic, ParamSpec, Self, TypeVar, overload

__all__ = ["Chunked", "Derivative", "named", "word_of"]

P = ParamSpec("P")
Y = TypeVar("Y")
W = TypeVar("W")

class Derivative(Generic[P, Y, W]):
    f: Callable[P, Y]
    argnums: int | tuple[int, ...] | None
    argnames: str | tuple[str, ...] | None
    has_aux: bool
    holomorphic: bool
    @overload
    def __get__(self, instance: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: Any = None) -> Callable[..., Any]: ...

class Chunked(Derivative[P, Y, W]):
    chunk_size: int | None

def word_of(derivative: Derivative[Any, Any, Any]) -> str: ...
def named(
    word: str,
    f: Callable[..., Any],
    argnums: int | tuple[int, ...] | None = None,
    argnames: str | tuple[str, ...] | None = None,
    holomorphic: bool = False,
    written: str = "",
) -> Any: ...
