"""Kinds of tangent: what forward mode carries beside a primal.

Owns what the machine asks of a tangent, and the plain one.  Must not know who carries it.
"""

from dualrev.core.assignment import WRITE, own_copy, shares_memory
from dualrev.core.cotangents import zeros_of

__all__ = ["ONE", "Kind"]


class Kind:
    """What a tangent is to one transform: how it passes a primitive, is written, copied and read.

    A new kind says what ``push`` and ``zeros`` are, and ``each`` where a tangent is no array.

    Attributes
    ----------
    order : int
        The highest of the derivatives that a tangent holds.
    """

    __slots__ = ()
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

    def each(self, function, *tangents):
        """A tangent of what a function makes of each array of one, and of those of others beside it.

        None, in the place of an array, is a 0 that nothing can change.
        """
        return function(*tangents)

    def stirred(self, t, function):
        """The same with what a function makes of its first derivatives; of higher ones it may be too."""
        return self.each(function, t)

    def own_copy(self, t, strides=None):
        """A tangent that nobody else holds; with these strides in the axes of the primal."""
        return self.each(lambda part: None if part is None else own_copy(part, strides), t)

    def shares_memory(self, t, other):
        """Whether a tangent shows memory of another."""
        found = []
        self.each(lambda *parts: found.append(shares_memory(*parts)), t, other)
        return any(found)

    def parts(self, t):
        """The arrays of which a tangent consists."""
        parts = []
        self.each(parts.append, t)
        return tuple(part for part in parts if part is not None)


class One(Kind):
    """One direction: an array of the shape of its primal; tapes and duals push and write it alone."""

    __slots__ = ()

    def push(self, rule, tangents, ans, args, kwargs):
        return rule.jvp(tangents, ans, args, kwargs)

    def zeros(self, ans):
        return zeros_of(ans)

    own_copy = staticmethod(own_copy)
    shares_memory = staticmethod(shares_memory)


#: The plain kind.
ONE = One()
