"""Interpolator: what the interpolators have in common that are evaluated by SciPy's own object.

Owns how SciPy's object is built from plain data, and which primitive a call is.  Must not know any
method of interpolation.
"""

import numpy as np

from dualrev.core.binding import bind, sample_of
from dualrev.core.captured import owned
from dualrev.core.primitive import RULES, computed_below_by
from dualrev.core.traced import is_traced
from dualrev.scipy.by_program import by_program

__all__ = ["Interpolator", "datum"]


class Interpolator:
    """A function of points and data: values by SciPy's object, derivatives by an equal program.

    A subclass has ``_build(*data)``, SciPy's object of plain data, and ``_program(at, *data)``.
    """

    def _hold(self, *data):
        self._data = data = tuple(map(owned, data))
        self._variables = data if is_traced(*data) else ()
        self._plain = self._build(*map(sample_of, data))

    def _strictly(self, ans, at, *data):
        """The values without a derivative chosen at a kink; see kinked."""
        return ans

    def _axis_of_rows(self, ndim, options):
        """Where in the values the first axis of the points lies, each row of which has ndim."""
        return None

    def _at(self, at, **options):
        """SciPy's values at the points."""
        if not self._variables and not is_traced(at):
            return self._plain(at, **options)
        return bind(RULES[_values], (at, *self._variables), {"held": self, "options": options})


def datum(place, doc):
    """One of the data, as an attribute of the interpolator."""
    return property(lambda self: self._data[place], doc=doc)


def _interpolator(at, *data, held=None, options=None):
    plain = held._build(*data) if data else held._plain
    return plain(at, **options)


def _value_program(at, *data, held=None, options=None):
    return held._program(at, *(data or held._data), **options)


def _strict_value(at, *data, held=None, options=None):
    ans = _values(at, *data, held=held, options=options)
    return held._strictly(ans, at, *(data or held._data))


def _values_batch(call, batched, at, *data, held=None, options=None):
    axis = None if data else held._axis_of_rows(at.ndim - 1, options)
    if axis is None:
        return NotImplemented
    return np.moveaxis(call(at, held=held, options=options), axis, 0)


_values = by_program(_interpolator, _value_program, batch=_values_batch)
computed_below_by(_strict_value, _values)
