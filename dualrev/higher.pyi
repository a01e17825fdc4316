"""What type checkers see of these operators; the letters are those of gradients.pyi."""

from collections.abc import Callable
from typing import Any, ParamSpec, SupportsIndex, TypeVar

from dualrev.selection import Derivative

__all__ = ["derivatives", "expanded", "taylor", "taylor_ode", "whole_number"]

P = ParamSpec("P")
Y = TypeVar("Y")

def taylor(f: Callable[..., Any], x: Any, v: Any, order: SupportsIndex) -> Any: ...
def taylor_ode(
    f: Callable[..., Any], y0: Any, order: SupportsIndex, t0: Any | None = None
) -> Any: ...

class derivatives(Derivative[P, Y, Any]):
    order: int
    def __init__(
        self,
        f: Callable[P, Y],
        order: SupportsIndex,
        argnums: int | None = None,
        argnames: str | None = None,
        *,
        has_aux: bool = False,
    ) -> None: ...
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any: ...

def expanded(
    f: Callable[..., Any],
    call: Callable[..., Any],
    primals: Any,
    series: Any,
    order: int,
    has_aux: bool = False,
) -> tuple[list[list[Any]], Any, Any]: ...
def whole_number(name: str, n: SupportsIndex) -> int: ...
