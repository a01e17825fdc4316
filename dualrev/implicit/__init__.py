"""Derivatives of what a solver found, from the equations that it satisfies."""

from dualrev.implicit.equations import root

__all__ = ["root"]
