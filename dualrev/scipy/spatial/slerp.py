"""geometric_slerp: points of a great circle, with derivatives by its ends and by the place on it.

Must not know rotations.
"""

from math import comb, factorial

import numpy as np
import scipy.spatial

from dualrev.errors import ArgumentError
from dualrev.scipy.by_program import by_program
from dualrev.scipy.spatial.transform.quaternions import even
from dualrev.scipy.twin import twin

__all__ = ["geometric_slerp"]

# sin(z)/z in powers of z^2; the square of the angle over that of the chord, in powers of the latter:
# arcsin(y)^2 = 1/2 sum (2 y)^2n / (n^2 C(2n, n)) (Borwein and Chamberland, 2007).
_SINE = [(-1) ** k / factorial(2 * k + 1) for k in range(10)]
_ARC = [2 / (n * n * comb(2 * n, n)) for n in range(1, 16)]


def _program(start, end, t, tol=1e-7):
    chord = end - start
    s = np.sum(chord * chord)
    angle_squared = s * even(s, _ARC, lambda d: (2 * np.arcsin(d / 2) / d) ** 2, below=0.1)

    def sine(part):
        """sin(part angle) / part angle"""
        return even(part * part * angle_squared, _SINE, lambda z: np.sin(z) / z)

    t = np.expand_dims(t, -1)
    return ((1 - t) * sine(1 - t) * start + t * sine(t) * end) / sine(1.0)


def _check_place(start, end, t, **options):
    """Of equal points SciPy does not look at t."""
    if getattr(t, "dtype", np.dtype(type(t))).kind not in "biuf":
        raise ArgumentError(
            f"scipy.spatial.geometric_slerp was given t = {t!r}, which is no part of the way.",
            fix="give real numbers: t=np.linspace(0.0, 1.0, 5)",
        )


@twin(scipy.spatial.geometric_slerp, by_program, _program, check=_check_place)
def geometric_slerp(start, end, t):
    """Points of the great circle through two of the unit sphere, at parts of the way between them.

    Equals :func:`scipy.spatial.geometric_slerp`: of shape (d,) or (m, d), by that of t.  The derivative
    is that of ``(sin((1 - t) w) a + sin(t w) b) / sin(w)``, w the angle of the points a and b, smooth
    also where they coincide (Shoemake, 1985, "Animating rotation with quaternion curves").

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.spatial import geometric_slerp
    >>> f = lambda t: geometric_slerp([1.0, 0.0], [0.0, 1.0], t)
    >>> dr.derivative(f)(np.float64(0.5)).round(4)
    array([-1.1107,  1.1107])
    """
