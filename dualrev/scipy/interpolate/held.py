"""Interpolator: what the interpolators have in common that are evaluated by SciPy's own object.

Owns how SciPy's object is built from plain data, and which primitive a call is.  Must not know any
method of interpolation.
"""

from dualrev.core.binding import base_of
from dualrev.core.captured import owned
from dualrev.core.primitive import computed_below_by
from dualrev.core.traced import is_traced
from dualrev.scipy.by_program import by_program

__all__ = ["Interpolator"]


class Interpolator:
    """A function of points and data: values by SciPy's object, derivatives by an equal program.

    A subclass has ``_build(*data)``, SciPy's object of plain data, and ``_program(at, *data)``.
    """

    def _hold(self, *data):
        self._data = data = tuple(map(owned, data))
        self._plain = self._build(*map(base_of, data))

    def _strictly(self, ans, at, *data):
        """The values without a derivative chosen at a kink; see kinked."""
        return ans

    def _at(self, at, **options):
        """SciPy's values at the points."""
        if is_traced(*self._data):
            return _of_points_and_data(at, *self._data, held=self, options=options)
        if is_traced(at):
            return _of_points(at, held=self, options=options)
        return self._plain(at, **options)


def _program_of_points(at, held=None, options=None):
    return held._program(at, *held._data, **options)


def _value_of_points(at, held=None, options=None):
    return held._plain(at, **options)


def _program_of_points_and_data(at, *data, held=None, options=None):
    return held._program(at, *data, **options)


def _value_of_points_and_data(at, *data, held=None, options=None):
    return held._build(*data)(at, **options)


def _strict_of_points(at, held=None, options=None):
    return held._strictly(_of_points(at, held=held, options=options), at, *held._data)


def _strict_of_points_and_data(at, *data, held=None, options=None):
    ans = _of_points_and_data(at, *data, held=held, options=options)
    return held._strictly(ans, at, *data)


_of_points = by_program(_value_of_points, _program_of_points)
_of_points_and_data = by_program(_value_of_points_and_data, _program_of_points_and_data)
computed_below_by(_strict_of_points, _of_points)
computed_below_by(_strict_of_points_and_data, _of_points_and_data)
