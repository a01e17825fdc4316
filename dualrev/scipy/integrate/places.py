"""One call of a function of a number for many places, each of them as if it were alone.

Owns when that is known: by what an operation is and the shapes it meets, never by numbers, which agree
by accident where a term is multiplied by 0.  Must not know what the function is for.
"""

from dualrev.core.operands import as_operand
from dualrev.readers.batch import Batch, Rows

__all__ = ["at_each"]


def at_each(f, places, *args):
    """``f(x, *args)`` at each place x, stacked; None where f does not act on each number alone.

    Parameters
    ----------
    f : callable
        Of a number.
    places : array, shape (n,)
        Where.
    *args
        Further arguments of f.
    """
    rows = _Places(len(places), quiet=True)
    try:
        y = as_operand(f(rows.batch(places), *args))
        if type(y) is _Each and y.rows is rows and not y.ndim and not rows.failed:
            return rows.spread(y)
    except Exception:  # whatever f raises: it was not asked to take such a number
        return None
    finally:
        rows.close()
    return None


class _Mixed(TypeError):
    """Something was to be done to a number that is not done to each place alone."""


class _Places(Rows):
    """The extent of one call: a row for each place, of which none is looked at by itself."""

    __slots__ = ("failed",)

    def __init__(self, count, quiet):
        super().__init__(count, quiet)
        self.failed = False

    def mixed(self, *args):
        """Raise; also where the function catches that, its answer is not taken."""
        self.failed = True
        raise _Mixed

    row_by_row = tell_rows = mixed


class _Each(Batch):
    """A number, which is another one at each place."""

    __slots__ = ()

    def _mixed(self, *args):
        self.rows.mixed()

    #: Nobody sees the numbers, so that nothing is decided by them.
    _coercion = numbers = __bool__ = __index__ = __len__ = __iter__ = _mixed
    __array__ = __hash__ = _mixed

    #: So that ``isinstance(x, float)`` answers what it does for each place.
    __class__ = property(lambda self: float)


_Places.kind = _Each
