"""root: the public words for solutions of your own solver.

Owns structures, and what users are asked.  Must not know how derivatives follow.
"""

from collections.abc import Callable
from typing import Any

from dualrev.calls import flatten_arguments
from dualrev.core.binding import as_operand, base_of
from dualrev.flat import Unravel, flat_vector
from dualrev.implicit.solutions import solved

__all__ = ["root"]


def root(residual: Callable, solution: Any, args: tuple = (), *, rtol=1e-4, atol=1e-8) -> Any:
    """A solution of equations, with its derivatives by all that they depend on."""
    leaves, treedef = flatten_arguments(solution, "the solution")
    leaves = [as_operand(base_of(x)) for x in leaves]
    unpack = Unravel(treedef, leaves)

    def flat_residual(x):
        r = residual(unpack(x), *args)
        parts, _ = flatten_arguments(r, "the residual")
        return flat_vector(parts)

    x = flat_vector(leaves)
    return unpack(solved(flat_residual, x, name="implicit.root", near=(rtol, atol)))
