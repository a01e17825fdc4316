"""Surfaces of splines near scattered data: SmoothBivariateSpline, LSQBivariateSpline, bisplrep.

Owns the least squares of their fits, whose rows are products of the B-splines on both axes.  Must not
know how surfaces are evaluated.
"""

import numpy as np
import scipy.interpolate

from dualrev import errors
from dualrev.core.traced import is_traced
from dualrev.errors import no_rule
from dualrev.known import valued
from dualrev.readers.captured import owned
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.interpolate.knots import collocation, interior
from dualrev.scipy.interpolate.points import real_points
from dualrev.scipy.interpolate.smoothing import moved_knots
from dualrev.scipy.interpolate.surfaces import BivariateSpline, Surface
from dualrev.scipy.twin import like, twin

__all__ = ["LSQBivariateSpline", "SmoothBivariateSpline", "bisplrep"]


def _ends(at, low, high, reach):
    """The ends of an axis, where they are not given: the outermost sites, or beyond them.

    LSQBivariateSpline reaches as far as its knots and 0, and as their mean distance further.
    """
    if low is None:
        low = np.min(at) if reach is None else np.minimum(np.min(at), reach[0])
    if high is None:
        high = np.max(at) if reach is None else np.maximum(np.max(at), reach[1])
    return low, high


def _reach(inner, n):
    """Of n knots, of which those at the ends count as 0."""
    low, high = (np.append(inner, 0.0).min(), np.append(inner, 0.0).max())
    return low - (high - low) / n, high + (high - low) / n


def _scattered_fit(name, found, data, degrees, given=(None, None), reaches=False):
    """Least squares over scattered data that FITPACK solved, with its derivatives."""
    x, y, z, w, *limits = data
    tx, ty, c = found
    kx, ky = degrees
    if not is_traced(*data, *given):
        return Surface(tx, ty, c)
    if given[0] is None and (len(tx) > 2 * kx + 2 or len(ty) > 2 * ky + 2):
        raise no_rule(
            f"{name} with interior knots of its own, which move with all data,",
            "choose the knots: LSQBivariateSpline(x, y, z, tx, ty)",
        )
    knots = []
    for t, at, k, (low, high), inner in (
        (tx, x, kx, limits[:2], given[0]),
        (ty, y, ky, limits[2:], given[1]),
    ):
        ends = _ends(at, low, high, _reach(inner, len(t)) if reaches else None)
        knots.append(moved_knots(t, at, k, ends, interior(t, k) if inner is None else inner))
    tx, ty = knots
    rows = collocation(x, tx, kx)[:, :, None] * collocation(y, ty, ky)[:, None, :]
    rows = rows.reshape(x.shape[0], -1)
    weighed, right = (rows, z) if w is None else (rows * w[:, None], w * z)
    # FITPACK's is the shortest of several solutions, where there are.
    plain, values = numbers_under((weighed, right))
    determined = np.isfinite(plain).all()  # of knots outside of bbox they are not
    if determined:
        closest, _, rank, _ = np.linalg.lstsq(plain, values, rcond=1e-12)
        near = np.abs(closest - c).max() <= 1e-6 * np.abs(c).max()
        determined = near and rank == plain.shape[1]
    if not determined:
        raise errors.SingularError(
            f"{name} fitted a surface that the data do not determine: some coefficients have no data.",
            fix="give fewer knots, or more data",
        )
    q, r = np.linalg.qr(weighed)
    solution = np.linalg.solve(r, q.T @ right)
    return Surface(tx, ty, valued(solution, c), np.sum((weighed @ solution - right) ** 2))


class SmoothBivariateSpline(BivariateSpline):
    """A surface near scattered data; equals :class:`scipy.interpolate.SmoothBivariateSpline`.

    Differentiable in the points of evaluation and, where it is one polynomial, in x, y, z, w and bbox.

    Parameters
    ----------
    x, y, z : array, shape (m,)
        Sites and values.
    w : array, shape (m,), optional
        Weights.
    bbox, kx, ky, s, eps
        As SciPy has them.

    Raises
    ------
    MissingRuleError
        Where a derivative by data is asked for, and s is so small that there are interior knots: FITPACK
        places them by what is left of the data, which :class:`LSQBivariateSpline` does not.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import SmoothBivariateSpline
    >>> x, y = np.repeat(np.arange(3.0), 3), np.tile(np.arange(3.0), 3)
    >>> dr.grad(lambda z: SmoothBivariateSpline(x, y, z, kx=1, ky=1)(1.0, 1.0)[0, 0])(x).sum().round(12)
    np.float64(1.0)
    """

    @like(scipy.interpolate.SmoothBivariateSpline.__init__)
    def __init__(self, x, y, z, w=None, bbox=(None,) * 4, kx=3, ky=3, s=None, **options):
        def make(x, y, z, w, ends, tx, ty):
            return scipy.interpolate.SmoothBivariateSpline(x, y, z, w, ends, kx, ky, s, **options)

        self._fit(make, (x, y, z, w, *bbox), (kx, ky), (None, None))

    def _fit(self, make, data, degrees, inner):
        self.degrees = degrees
        data = map(real_points, (*data, *inner))

        def find(data):
            x, y, z, w, *ends, tx, ty = numbers_under(data)
            made = make(x, y, z, w, ends, tx, ty)
            residual = made.get_residual()
            found = *made.get_knots(), made.get_coeffs()
            name = type(self).__name__
            inner = data[-2:]
            reaches = inner[0] is not None
            surface = _scattered_fit(name, found, data[:-2], degrees, inner, reaches)
            left = residual
            if surface.residual is not None:
                left = valued(surface.residual, np.float64(residual))
            return surface._replace(residual=left)

        self._hold(find, tuple(map(owned, data)))


class LSQBivariateSpline(SmoothBivariateSpline):
    """The surface of given knots nearest to data; equals
    :class:`scipy.interpolate.LSQBivariateSpline`.

    Differentiable in the points of evaluation, and in x, y, z, the knots, w and bbox.

    Parameters
    ----------
    x, y, z : array, shape (m,)
        Sites and values.
    tx, ty : array
        Interior knots on both axes.
    w : array, shape (m,), optional
        Weights.
    bbox, kx, ky, eps
        As SciPy has them.

    Raises
    ------
    SingularError
        Where a derivative is asked for, and the data do not determine all coefficients.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import LSQBivariateSpline
    >>> x, y = np.repeat(np.arange(5.0), 5), np.tile(np.arange(5.0), 5)
    >>> f = lambda z: LSQBivariateSpline(x, y, z, [2.0], [2.0], kx=1, ky=1)(1.0, 1.0)[0, 0]
    >>> dr.grad(f)(x * y).sum().round(12)
    np.float64(1.0)
    """

    @like(scipy.interpolate.LSQBivariateSpline.__init__)
    def __init__(self, x, y, z, tx, ty, w=None, bbox=(None,) * 4, kx=3, ky=3, **options):
        def make(x, y, z, w, ends, tx, ty):
            return scipy.interpolate.LSQBivariateSpline(x, y, z, tx, ty, w, ends, kx, ky, **options)

        self._fit(make, (x, y, z, w, *bbox), (kx, ky), (tx, ty))


@twin(scipy.interpolate.bisplrep)
def bisplrep(x, y, z, w, xb, xe, yb, ye, tx, ty, /, *, kx, ky, task, full_output, **options):
    """``[tx, ty, c, kx, ky]`` of a surface near scattered data; equals
    :func:`scipy.interpolate.bisplrep`.

    Differentiable in the data as :class:`SmoothBivariateSpline` is and, with ``task=-1``, as
    :class:`LSQBivariateSpline`.

    Parameters
    ----------
    x, y, z : array, shape (m,)
        Sites and values.
    w, xb, xe, yb, ye, kx, ky, task, s, eps, tx, ty, full_output, nxest, nyest, quiet
        As SciPy has them; of traced data no ``full_output``.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import bisplev, bisplrep
    >>> x, y = np.repeat(np.arange(3.0), 3), np.tile(np.arange(3.0), 3)
    >>> dr.grad(lambda z: bisplev(1.0, 1.0, bisplrep(x, y, z, kx=1, ky=1)))(x).sum().round(12)
    np.float64(1.0)
    """
    if full_output:
        raise no_rule("bisplrep of traced data with full_output", "leave it out")
    data = tuple(map(real_points, (x, y, z, w, xb, xe, yb, ye, tx, ty)))
    tx, ty, c = _bisplrep(data, kx, ky, task, options)
    return [tx, ty, c, kx, ky]


#: From SciPy 1.18 on its bisplrep does not hand over knots that are given, and reads memory behind.
_LOSES_KNOTS = np.lib.NumpyVersion(scipy.__version__) >= "1.18.0"


@each_row
def _bisplrep(data, kx, ky, task, options):
    *plain, tx, ty = numbers_under(data)
    if task == -1 and _LOSES_KNOTS:
        x, y, z, w, *ends = plain
        knots = interior(tx, kx), interior(ty, ky)
        eps = options.get("eps", 1e-16)
        made = scipy.interpolate.LSQBivariateSpline(x, y, z, *knots, w, ends, kx, ky, eps=eps)
        found = *made.get_knots(), made.get_coeffs()
    else:
        found = scipy.interpolate.bisplrep(*plain, kx, ky, task, tx=tx, ty=ty, **options)
    x, y, z, w, *ends, tx, ty = data
    x, y, z = (part.reshape(-1) for part in (x, y, z))
    inner = (interior(tx, kx), interior(ty, ky)) if task == -1 else (None, None)
    made = _scattered_fit("bisplrep", found[:3], (x, y, z, w, *ends), (kx, ky), inner)
    return made.tx, made.ty, made.c
