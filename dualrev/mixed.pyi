"""What type checkers see of these operators; the letters are those of gradients.pyi."""

from collections.abc import Callable
from typing import Any, ParamSpec, SupportsIndex, TypeVar

import numpy as np

from dualrev.selection import Derivative

__all__ = ["derivative_tensor", "partial"]

P = ParamSpec("P")
Y = TypeVar("Y")

class partial(Derivative[P, Y, Any]):
    orders: np.ndarray[Any, Any]
    def __init__(
        self, f: Callable[P, Y], orders: Any, argnums: int | tuple[int, ...] | None = None
    ) -> None: ...
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Y: ...

class derivative_tensor(Derivative[P, Y, Any]):
    k: int
    def __init__(
        self,
        f: Callable[P, Y],
        k: SupportsIndex,
        argnums: int | None = None,
        argnames: str | None = None,
    ) -> None: ...
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any: ...
