"""Surfaces of splines on the sphere: the classes with Sphere in their names.

Owns how their coefficients follow from data.  Must not know how surfaces are evaluated.

At the poles all columns meet, which ties coefficients together in FITPACK's own way.  With the knots
held the coefficients are linear in the data, and the matrix is read off: one fit a datum.
"""

import numpy as np
import scipy.interpolate

from dualrev.core.traced import is_traced
from dualrev.errors import no_rule
from dualrev.known import valued
from dualrev.readers.captured import owned
from dualrev.scipy.each_row import numbers_under
from dualrev.scipy.interpolate.points import as_points
from dualrev.scipy.interpolate.surfaces import BivariateSpline, Surface
from dualrev.scipy.twin import like

__all__ = [
    "LSQSphereBivariateSpline",
    "RectSphereBivariateSpline",
    "SmoothSphereBivariateSpline",
]


class SphereBivariateSpline(BivariateSpline):
    """A surface r(theta, phi) of splines on the sphere.

    Differentiable in the points of evaluation.
    """

    _kind = scipy.interpolate.LSQSphereBivariateSpline
    degrees = 3, 3

    def __call__(self, theta, phi, dtheta=0, dphi=0, grid=True):
        """Values, or those of derivatives, on the grid of theta and phi or, without it, at points."""
        return super().__call__(theta, phi, dtheta, dphi, grid)

    def ev(self, theta, phi, dtheta=0, dphi=0):
        """Values at points, or those of derivatives."""
        return self(theta, phi, dtheta, dphi, grid=False)

    def _linear_in(
        self, r, make, held, fix="hold them constant: dualrev.stop_gradient(theta)", smooths=False
    ):
        """Hold the surface that ``make(r)`` fits, where all else is plain."""
        name = type(self).__name__
        if is_traced(*held):
            raise no_rule(f"{name} by anything but its values", fix)

        def find(r):
            plain = numbers_under(r)
            made = make(plain)
            c = made.get_coeffs()
            if is_traced(r):
                if smooths:
                    raise no_rule(
                        f"{name} with s > 0, whose knots move with the data,",
                        "choose the knots: LSQSphereBivariateSpline(theta, phi, r, tt, tp)",
                    )
                zero = make(np.zeros_like(plain)).get_coeffs()
                units = np.eye(plain.size).reshape(-1, *plain.shape)
                matrix = np.stack([make(unit).get_coeffs() - zero for unit in units], axis=1)
                c = valued(matrix @ r.reshape(-1) + zero, c)
            return Surface(*made.get_knots(), c, made.get_residual())

        self._hold(find, owned(as_points(r)))


class LSQSphereBivariateSpline(SphereBivariateSpline):
    """The surface of given knots on the sphere nearest to data; equals
    :class:`scipy.interpolate.LSQSphereBivariateSpline`.

    Differentiable in the points of evaluation and in r: a matrix of m fits.

    Parameters
    ----------
    theta, phi : array, shape (m,)
        Sites, held constant.
    r : array, shape (m,)
        Values.
    tt, tp, w, eps
        As SciPy has them, held constant.
    """

    @like(scipy.interpolate.LSQSphereBivariateSpline.__init__)
    def __init__(self, theta, phi, r, tt, tp, w=None, **options):
        def make(r):
            return scipy.interpolate.LSQSphereBivariateSpline(theta, phi, r, tt, tp, w, **options)

        self._linear_in(r, make, (theta, phi, tt, tp, w))


class SmoothSphereBivariateSpline(SphereBivariateSpline):
    """A smooth surface on the sphere near data; equals
    :class:`scipy.interpolate.SmoothSphereBivariateSpline`.

    Differentiable in the points of evaluation.

    Parameters
    ----------
    theta, phi, r, w, s, eps
        As SciPy has them; all held constant.
    """

    _kind = scipy.interpolate.SmoothSphereBivariateSpline

    @like(scipy.interpolate.SmoothSphereBivariateSpline.__init__)
    def __init__(self, theta, phi, r, w=None, s=0.0, **options):
        def make(r):
            return scipy.interpolate.SmoothSphereBivariateSpline(theta, phi, r, w, s, **options)

        self._linear_in(r, make, (theta, phi, w, s), smooths=True)


class RectSphereBivariateSpline(SphereBivariateSpline):
    """A surface through values on a grid on the sphere; equals
    :class:`scipy.interpolate.RectSphereBivariateSpline`.

    Differentiable in the points of evaluation and, with ``s=0``, in r: a matrix of m n fits.

    Parameters
    ----------
    u, v : array, shapes (m,) and (n,)
        Coordinates of the grid, held constant.
    r : array, shape (m, n)
        Values.
    s, pole_continuity, pole_values, pole_exact, pole_flat
        As SciPy has them, held constant.
    """

    _kind = scipy.interpolate.RectSphereBivariateSpline

    @like(scipy.interpolate.RectSphereBivariateSpline.__init__)
    def __init__(self, u, v, r, s=0.0, pole_continuity=False, pole_values=None, **options):
        def make(r):
            return scipy.interpolate.RectSphereBivariateSpline(
                u, v, r, s, pole_continuity, pole_values, **options
            )

        poles = pole_values if isinstance(pole_values, tuple | list) else (pole_values,)
        fix = "hold them constant: dualrev.stop_gradient(u)"
        smoothing = not is_traced(s) and s > 0
        self._linear_in(r, make, (u, v, s, *poles), fix, smoothing)
