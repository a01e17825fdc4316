"""Derivatives of what a solver found, from the equations that it satisfies."""

from dualrev.implicit.equations import fixed_point, linear_solve, minimum, root

__all__ = ["fixed_point", "linear_solve", "minimum", "root"]
