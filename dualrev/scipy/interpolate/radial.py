"""RBFInterpolator: sums of radial functions through scattered data.

Owns the kernels and the linear system of their coefficients.  Must not know how SciPy solves it.

Fasshauer (2007), "Meshfree approximation methods with MATLAB", chapters 6 to 8: with kernel k and a
polynomial p, ``f(x) = sum_j c[j] k(epsilon |x - y[j]|) + p(x)``, where
``[[K + diag(smoothing), P], [P^T, 0]] [c; p] = [d; 0]``.
"""

import itertools
from typing import Any

import numpy as np
import scipy.interpolate
from scipy.spatial import KDTree

from dualrev.axes import along
from dualrev.core.arrays import nowhere
from dualrev.core.binding import elements_of
from dualrev.core.operands import base_of
from dualrev.core.words import constant
from dualrev.rules.norms import norm_below
from dualrev.scipy.interpolate.held import Interpolator, datum
from dualrev.scipy.interpolate.points import as_points, real_points

__all__ = ["RBFInterpolator"]

#: The kernels, of the squared distance s > 0; of those that s = 0 is no place for, which multiple of
#: the norm stands for them there: one that has no second derivative either, or 0.
_KERNELS = {
    "linear": (lambda s: -np.sqrt(s), -1.0),
    "thin_plate_spline": (lambda s: 0.5 * s * np.log(s), 1.0),
    "cubic": (lambda s: s * np.sqrt(s), 0.0),
    "quintic": (lambda s: -s * s * np.sqrt(s), 0.0),
    "multiquadric": (lambda s: -np.sqrt(s + 1), None),
    "inverse_multiquadric": (lambda s: 1 / np.sqrt(s + 1), None),
    "inverse_quadratic": (lambda s: 1 / (s + 1), None),
    "gaussian": (lambda s: np.exp(-s), None),
}
_LEAST_DEGREES = {"multiquadric": 0, "linear": 0, "thin_plate_spline": 1, "cubic": 1, "quintic": 2}
_WITHOUT_SCALE = ("linear", "thin_plate_spline", "cubic", "quintic")


def _kernel_matrix(kernel, x, y, epsilon):
    difference = (x[..., :, None, :] - y[..., None, :, :]) * epsilon
    s = (difference**2).sum(axis=-1)
    formula, slope = _KERNELS[kernel]
    apart = base_of(s) > 0
    if slope is None or nowhere(~apart):
        return formula(s)
    # A site never moves away from itself.
    norm = slope * np.linalg.norm(difference, axis=-1) if slope and x is not y else 0.0
    return np.where(apart, formula(np.where(apart, s, 1.0)), norm)


def _monomials(x, degree):
    """All monomials of the coordinates up to a degree, one a column."""
    n = x.shape[-1]
    columns = []
    for total in range(degree + 1):
        for factors in itertools.combinations_with_replacement(range(n), total):
            column = np.ones(x.shape[:-1])
            for i in factors:
                column = column * x[..., i]
            columns.append(column)
    return np.stack(columns, axis=-1) if columns else np.zeros((*x.shape[:-1], 0))


def _nearest(x, y, count=1):
    """The numbers of the sites y that are nearest to each point, ascending."""
    _, found = KDTree(y).query(x, range(1, count + 1))
    return np.sort(found, axis=1)


_nearest = constant(_nearest, arity=2, name="RBFInterpolator")


class RBFInterpolator(Interpolator):
    """Radial functions through scattered data; equals :class:`scipy.interpolate.RBFInterpolator`.

    Differentiable in the points of evaluation, y, d, smoothing and epsilon.

    Parameters
    ----------
    y : array, shape (n, m)
        Sites.
    d : array, shape (n, ...)
        Values.
    neighbors : int, optional
        Use the nearest sites only: the derivative is that of the function through these, also where
        a point is about to have others, at which the values jump.
    smoothing : number or array, shape (n,)
        0 interpolates.
    kernel : str
        "linear", "thin_plate_spline", "cubic", "quintic", "multiquadric", "inverse_multiquadric",
        "inverse_quadratic" or "gaussian".
    epsilon : number, optional
        Factor of the distances.
    degree : int, optional
        Of the polynomial; -1 for none.

    Notes
    -----
    A gradient costs a dense solution, O(n^3), a call; with ``neighbors`` one of so many sites a
    point.  At a site itself the derivative of "linear",
    which has a kink there, is 0.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import RBFInterpolator
    >>> y = np.array([[0.0], [1.0], [2.0]])
    >>> dr.grad(lambda d: RBFInterpolator(y, d, kernel="linear")(np.array([[0.25]]))[0])(
    ...     np.ones(3)
    ... ).round(12) + 0.0
    array([0.75, 0.25, 0.  ])
    """

    def __init__(
        self,
        y,
        d,
        neighbors=None,
        smoothing=0.0,
        kernel="thin_plate_spline",
        epsilon=None,
        degree=None,
    ):
        self.neighbors = neighbors
        self.kernel = kernel.lower()
        self._degree = degree
        self._epsilon_given = epsilon is not None or self.kernel in _WITHOUT_SCALE
        epsilon = 1.0 if epsilon is None else epsilon
        self._hold(real_points(y), as_points(d), real_points(smoothing), real_points(epsilon))

    def _build(self, y, d, smoothing, epsilon):
        return scipy.interpolate.RBFInterpolator(
            y,
            d,
            self.neighbors,
            float(smoothing) if np.ndim(smoothing) == 0 else smoothing,
            self.kernel,
            float(epsilon) if self._epsilon_given else None,
            self._degree,
        )

    y = datum(0, "The sites.")
    smoothing = datum(2, "The smoothing parameters.")
    epsilon = datum(3, "The factor of the distances.")

    def __call__(self, x: Any) -> Any:
        """Values at the points x, of shape (k, m): an array of shape (k, ...)."""
        return self._at(real_points(x))

    def _strictly(self, ans, x, y, d, smoothing, epsilon):
        if self.kernel != "linear":
            return ans
        apart = norm_below(x[:, None] - y, axis=-1)
        return ans + 0.0 * along(np.sum(apart, axis=1), 0, d.ndim)

    def _program(self, x, y, d, smoothing, epsilon):
        n = y.shape[0]
        d = d.reshape(n, -1), d.shape[1:]
        smoothing = np.broadcast_to(smoothing, (n,))
        if self.neighbors is None:
            ans = self._through(x, y, d[0], smoothing, epsilon)
        else:
            near = _nearest(x, y, count=min(int(self.neighbors), n))
            sites = (elements_of(data, near) for data in (y, d[0], smoothing))
            ans = self._through(x[:, None], *sites, epsilon)
        return ans.reshape((x.shape[0], *d[1]))

    def _through(self, x, y, d, smoothing, epsilon):
        """Values at x, shape (..., k, m), of the function through (..., n, m): (..., k, columns)."""
        degree = self._degree
        if degree is None:
            degree = max(_LEAST_DEGREES.get(self.kernel, -1), 0)
        # The polynomials of all shifts and scales are the same: theirs are constants.
        sites = base_of(y)
        low, high = sites.min(axis=-2, keepdims=True), sites.max(axis=-2, keepdims=True)
        shift, scale = (low + high) / 2, np.where(high > low, (high - low) / 2, 1.0)
        p = _monomials((y - shift) / scale, degree)
        k = _kernel_matrix(self.kernel, y, y, epsilon)
        k = k + smoothing[..., None] * np.eye(y.shape[-2])
        added = p.shape[-1]
        zeros = [np.zeros((*y.shape[:-2], added, columns)) for columns in (added, d.shape[-1])]
        top = np.concatenate([k, p], axis=-1)
        bottom = np.concatenate([np.swapaxes(p, -1, -2), zeros[0]], axis=-1)
        c = np.linalg.solve(
            np.concatenate([top, bottom], axis=-2), np.concatenate([d, zeros[1]], axis=-2)
        )
        functions = [
            _kernel_matrix(self.kernel, x, y, epsilon),
            _monomials((x - shift) / scale, degree),
        ]
        return np.concatenate(functions, axis=-1) @ c
