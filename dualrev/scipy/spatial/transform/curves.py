"""Curves through rotations: Slerp and RotationSpline, with derivatives by times and rotations.

Owns SciPy's names and arguments.  Must not know the forms of rotations.
"""

from typing import Any

import numpy as np
from scipy.spatial import transform

from dualrev.core.arrays import anywhere
from dualrev.core.traced import is_traced
from dualrev.implicit.solutions import solved
from dualrev.rules.indexing import picked
from dualrev.rules.matrices import times_vectors
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.spatial.transform.exponential import (
    acceleration_term,
    exponential_matrix,
    logarithm_matrix,
)
from dualrev.scipy.spatial.transform.rotation import Rotation, quaternions_of
from dualrev.scipy.spatial.transform.sequences import real

__all__ = ["RotationSpline", "Slerp"]


class _Curve:
    """Rotations at times, and the vectors that turn each to the next.

    Attributes
    ----------
    times, timedelta : array
        The times, and the steps between them.
    rotvecs : array
    """

    def __init__(self, times: Any, rotations: Any):
        if not isinstance(rotations, Rotation | transform.Rotation):
            raise TypeError("`rotations` must be a `Rotation` instance.")
        rotations = Rotation(quaternions_of(rotations), normalize=False)
        times = real(times)
        if rotations.single or len(rotations) == 1:
            raise ValueError("`rotations` must be a sequence of at least 2 rotations.")
        if times.shape != rotations.shape:
            raise ValueError(
                "Expected times to be 1-dimensional and as many as rotations, got "
                f"{times.shape} times and {rotations.shape} rotations."
            )
        steps = times[1:] - times[:-1]
        if anywhere(steps <= 0):
            raise ValueError("Times must be in strictly increasing order.")
        self.times, self.timedelta = times, steps
        self._from = rotations[:-1]
        self.rotvecs = (self._from.inv() * rotations[1:]).as_rotvec()

    def _places(self, times, places):
        """Of each time the elapsed part of the step, from its beginning and as a column."""
        return (times - picked(self.times, places))[..., None]

    def _turned(self, places, vectors):
        return Rotation(picked(self._from._quat, places), normalize=False) * (
            Rotation.from_rotvec(vectors)
        )


class Slerp(_Curve):
    """Rotations between others, each turned to the next at a constant rate.

    Equals :class:`scipy.spatial.transform.Slerp`.

    Parameters
    ----------
    times : array, shape (n,)
        Increasing; differentiated.
    rotations : Rotation
        n of them, of this library's class or of SciPy's.

    Notes
    -----
    Calling it with times gives rotations, differentiated by all.  At a time that was given the
    derivative by the time is that of the step before.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.spatial.transform import Rotation, Slerp
    >>> f = lambda angle: Slerp([0.0, 1.0], Rotation.from_euler("z", [[0.0], [angle]]))(0.25).magnitude()
    >>> dr.derivative(f)(1.0).round(12)
    np.float64(0.25)
    """

    @property
    def rotations(self) -> Rotation:
        """Where each step begins."""
        return self._from

    def __call__(self, times: Any) -> Rotation:
        """Rotations at times, a number or (m,)."""
        times = real(times)
        if times.ndim > 1:
            raise ValueError("`times` must be at most 1-dimensional.")
        places = np.searchsorted(self.times, times) - 1
        places = np.where(times == self.times[0], 0, places)
        if anywhere((places < 0) | (places > len(self._from) - 1)):
            raise ValueError(
                "Interpolation times must be within the range of those that were given."
            )
        part = self._places(times, places) / picked(self.timedelta, places)[..., None]
        return self._turned(places, picked(self.rotvecs, places) * part)


class RotationSpline(_Curve):
    """Rotations between others, of a continuous angular rate and acceleration.

    Equals :class:`scipy.spatial.transform.RotationSpline`; its angular rates solve a system of
    equations, and have the derivatives of the solution.

    Parameters
    ----------
    times : array, shape (n,)
        Increasing; differentiated.
    rotations : Rotation
        n of them, of this library's class or of SciPy's.

    Raises
    ------
    NotConvergedError
        Where something is traced, and SciPy's iteration for the rates has not converged.
    """

    def __init__(self, times: Any, rotations: Any):
        super().__init__(times, rotations)
        self.rotations = rotations
        vectors, steps = self.rotvecs, self.timedelta[:, None]
        rates = vectors / steps
        dots = rates
        if len(vectors) > 1:
            found = _rates(self.times, quaternions_of(rotations), vectors, self.timedelta)
            before = np.concatenate([found, rates[-1:]])
            dots = times_vectors(logarithm_matrix(vectors, -1), before)
            rates = np.concatenate([rates[:1], found])
        self._coefficients = (
            (-2 * vectors + steps * rates + steps * dots) / steps**3,
            (3 * vectors - 2 * steps * rates - steps * dots) / steps**2,
            rates,
        )

    def __call__(self, times: Any, order: int = 0) -> Any:
        """Rotations at times, a number or (m,); their angular rates or accelerations, by the order."""
        if order not in (0, 1, 2):
            raise ValueError("`order` must be 0, 1 or 2.")
        times = real(times)
        if times.ndim > 1:
            raise ValueError("`times` must be at most 1-dimensional.")
        last = len(self._from) - 1
        places = np.clip(np.searchsorted(self.times, times, side="right") - 1, 0, last)
        a, b, c = (picked(x, places) for x in self._coefficients)
        h = self._places(times, places)
        vectors = ((a * h + b) * h + c) * h
        if order == 0:
            return self._turned(places, vectors)
        dots = (3 * a * h + 2 * b) * h + c
        matrix = exponential_matrix(vectors, -1)
        if order == 1:
            return times_vectors(matrix, dots)
        return times_vectors(matrix, 6 * a * h + 2 * b) + acceleration_term(vectors, dots)


@each_row
def _rates(times, quaternions, vectors, steps):
    """The angular rates at the inner times, (n - 2, 3): SciPy's, the solution of its equations."""
    at, q = numbers_under((times, quaternions))
    plain = transform.RotationSpline(at, transform.Rotation(q, normalize=False))
    rates = plain.interpolator.c[2][1:]
    if not is_traced(times, quaternions):
        return rates
    backward, forward = exponential_matrix(vectors, -1), logarithm_matrix(vectors, -1)
    h = steps[:, None]
    first, last = vectors[:1] / h[:1], vectors[-1:] / h[-1:]
    bends = 6 * (vectors[:-1] / h[:-1] ** 2 + vectors[1:] / h[1:] ** 2)

    def equations(x):
        """The angular acceleration is continuous."""
        x = x.reshape(-1, 3)
        dots = times_vectors(forward[:-1], x)
        every = np.concatenate([first, x, last])
        before = times_vectors(backward[:-1], every[:-2]) * 2 / h[:-1]
        after = times_vectors(forward[1:], every[2:]) * 2 / h[1:]
        own = 4 * (1 / h[:-1] + 1 / h[1:]) * x
        left = before + own + after - bends + acceleration_term(vectors[:-1], dots)
        return left.reshape(-1)

    return solved(equations, rates.reshape(-1), name="RotationSpline").reshape(-1, 3)
