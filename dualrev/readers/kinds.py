"""Kinds of tangent: what forward mode carries beside a primal.

Owns what the machine asks of a tangent, and the plain one.  Must not know who carries it.
"""

from dualrev.core.assignment import WRITE, own_copy, shares_memory
from dualrev.core.cotangents import zeros_of

__all__ = ["ONE", "Kind"]


class Kind:
    """What a tangent is to one transform: how it passes a primitive, is written, copied and read.

    A new kind says what ``push`` and ``zeros`` are, and the rest where a tangent is no array.

    Attributes
    ----------
    is_array : bool
        Whether a tangent is an array of the shape of its primal; else a tape does not look again at
        a 0 that hid an infinite partial.
    order : int
        The highest of the derivatives that a tangent holds.
    """

    __slots__ = ()
    is_array = False
    order = 1

    def push(self, rule, tangents, ans, args, kwargs):
        """The tangent of an answer, a tuple where the answer is, from those of the arguments.

        A tangent is None where its argument is constant, and where an answer of several is.
        """
        raise NotImplementedError

    def write(self, tangents, ans, args, kwargs):
        """The tangent of an array that was written; the first of the two given is free to be written."""
        return self.push(WRITE, tangents, ans, args, kwargs)

    def zeros(self, ans):
        """The tangent of what does not depend on the arguments."""
        raise NotImplementedError

    def own_copy(self, t, strides=None):
        """A tangent that nobody else holds; with these strides in the axes of the primal."""
        return own_copy(t)

    def shares_memory(self, t, other):
        """Whether a tangent shows memory of another."""
        return shares_memory(t, other)

    def parts(self, t):
        """The arrays of which a tangent consists."""
        return (t,)


class One(Kind):
    """One direction: an array of the shape of its primal; tapes and duals push and write it alone."""

    __slots__ = ()
    is_array = True

    def push(self, rule, tangents, ans, args, kwargs):
        return rule.jvp(tangents, ans, args, kwargs)

    def zeros(self, ans):
        return zeros_of(ans)

    own_copy = staticmethod(own_copy)


#: The plain kind.
ONE = One()
