"""Interpolator and Fitted: what the classes have in common that hold data, and SciPy's own object.

Owns how SciPy's object is built from plain data, which primitive a call is, and what a batch of data
is.  Must not know any method of interpolation.
"""

import numpy as np

from dualrev.closures import traced_in
from dualrev.core.binding import bind
from dualrev.core.operands import base_of, sample_of
from dualrev.core.primitive import RULES
from dualrev.core.traced import Traced, is_traced
from dualrev.core.words import computed_below_by
from dualrev.errors import CoercionError
from dualrev.readers.captured import owned
from dualrev.scipy.by_program import by_program
from dualrev.scipy.each_row import each_row

__all__ = ["Fitted", "Interpolator", "datum"]


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


class Fitted:
    """What is found by a search on data: once, or, of a batch, for each row and each question again.

    Rows may differ in how much is found, as in the number of knots.
    """

    def _hold(self, find, data):
        """Find ``find(data)``, which asks for plain numbers."""
        self._find, self._data = find, data
        try:
            self._found = find(data)
        except CoercionError:
            if not any(isinstance(base_of(x), Traced) for x in traced_in(data)):
                raise
            self._found = None

    def __getstate__(self):
        # How it was found is a function within others, which nobody asks again of plain data.
        return {name: part for name, part in vars(self).items() if name != "_find"}

    def _then(self, made, change):
        """Let another object hold a change of what is found."""
        made._data = self._data
        made._find = lambda data: change(self._find(data))
        made._found = None if self._found is None else change(self._found)
        return made

    def _ask(self, answer, *args):
        """An answer, of arrays, to a question about what is found."""
        if self._found is not None:
            return answer(self._found, *args)

        def answered(data, *args):
            return answer(self._find(data), *args)

        answered.__name__ = type(self).__name__
        return each_row(answered)(self._data, *args)
