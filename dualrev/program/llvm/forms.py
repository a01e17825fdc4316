"""Forms: what a kernel computes, from operands that lie how.

Owns their parts.  Must not know programs, nor how a kernel is written.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Apply", "Form", "Gather", "Load", "Reduce", "Store"]


class Load(NamedTuple):
    """The value of an operand."""

    operand: int


class Apply(NamedTuple):
    """What a function makes of values: the numbers of the parts that made them."""

    function: object
    kinds: tuple
    values: tuple


class Store(NamedTuple):
    """A value becomes that of an operand."""

    value: int
    operand: int


class Reduce(NamedTuple):
    """What a ufunc reduces the last dimension of a value to becomes an operand.

    By blocks of a row; or, of a row of at most 128 elements, in the loop that computes the value.
    """

    ufunc: np.ufunc
    kind: str
    value: int
    operand: int
    by_blocks: bool


class Gather(NamedTuple):
    """What a ufunc reduces some outer dimensions of a value to: an operand gathers it row by row."""

    ufunc: np.ufunc
    kind: str
    value: int
    operand: int
    axes: tuple  # of an outer dimension and more


class Form(NamedTuple):
    """What a kernel is written for; equal forms share one.

    Attributes
    ----------
    ndim : int
        Dimensions of the loop; 0 for numbers, which have no loop.
    operands : tuple
        Kind (``"f8"``) and layout of each: ``"dense"``, ``"strided"`` or ``"still"`` along the last
        dimension.
    parts : tuple of Load, Apply, Store, Reduce and Gather
        In the order of the steps.  With a loop, an operand that is stored is so once, and not loaded
        after it.
    """

    ndim: int
    operands: tuple
    parts: tuple
