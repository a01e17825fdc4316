"""Curves near data, whose knots FITPACK chooses: splrep, splprep, make_splrep, make_splprep.

Owns what of such a fit is differentiated.  Must not know the equations of a fit.
"""

import numpy as np
import scipy.interpolate

from dualrev.core.operands import as_operand, sample_of
from dualrev.core.traced import is_traced
from dualrev.errors import no_rule
from dualrev.known import valued
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.interpolate.bspline import BSpline
from dualrev.scipy.interpolate.fits import linear_fit, make_interp_spline
from dualrev.scipy.interpolate.knots import interior
from dualrev.scipy.interpolate.points import one_number, real_points
from dualrev.scipy.interpolate.smoothing import fitted_coefficients, moved_knots, sum_of_squares
from dualrev.scipy.lags import resized
from dualrev.scipy.twin import like, twin

__all__ = ["make_splprep", "make_splrep", "near_data", "splprep", "splrep"]


def near_data(name, found, x, y, k, w=None, s=None, ends=(None, None), inner=None):
    """A curve that was found on plain numbers, with its derivatives.

    Parameters
    ----------
    name : str
        What errors call the fit.
    found : pair of array
        Knots, shape (n + k + 1,), and coefficients, (n, ...).
    x, y : array, shapes (m,) and (m, ...)
        Sites and values.
    k : int
        Degree.
    w : array, shape (m,), optional
        Weights.
    s : number, optional
        The bound of the sum of squares of which the curve was asked.
    ends, inner
        What the knots are, where they are not chosen among the sites.

    Returns
    -------
    t, c, squares : array
        Knots, coefficients, and the sum of squares.
    """
    t, c = found
    sites, values, weights, bound = numbers_under((x, y, w, s))
    left = sum_of_squares(c, sites, values, t, k, weights)
    if s is not None:
        # It is met to a thousandth: the derivatives are those of the curve with the sum that was found.
        s = s * (left / bound) if bound > 0 else None
    call = linear_fit(sites, t, k, weights)
    t = moved_knots(t, x, k, ends, inner)
    c = fitted_coefficients(name, c, x, y, t, k, w, s, call)
    return t, c, valued(sum_of_squares(c, x, y, t, k, w), left)


def _refuse(name, **options):
    """What a fit to traced data is not asked for."""
    advice = {
        "full_output": "leave it out",
        "task": "leave it out",
        "per": "write CubicSpline(x, y, bc_type='periodic')",
        "bc_type": "write CubicSpline(x, y, bc_type='periodic')",
    }
    for option, given in options.items():
        if given:
            raise no_rule(f"{name} of traced data with {option}={given!r}", advice[option])


@twin(scipy.interpolate.splrep)
def splrep(x, y, w, xb, xe, t, s, /, *, k, quiet, task, full_output, per):
    """``(t, c, k)`` of a spline through or near data; equals :func:`scipy.interpolate.splrep`.

    Differentiable in x, y, w, s, t and the ends, as :class:`UnivariateSpline` is.

    Parameters
    ----------
    x, y : array, shape (m,)
        Sites and values.
    w : array, shape (m,), optional
        Weights.
    xb, xe : number, optional
        The ends.
    s : number, optional
        Bound of the sum of squares; 0 without w.
    t : array, optional
        Interior knots.
    k : int
        Degree.
    task, full_output, per, quiet
        As SciPy has them; of traced data no ``full_output``, no ``per``, and no ``task=1``.

    Returns
    -------
    tck : tuple

    Raises
    ------
    NotConvergedError
        Where FITPACK found no spline of that s.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import splev, splrep
    >>> x = np.arange(4.0)
    >>> dr.grad(lambda y: splev(1.5, splrep(x, y)))(x**2).round(12)
    array([-0.0625,  0.5625,  0.5625, -0.0625])
    """
    _refuse("splrep", full_output=full_output, task=task == 1, per=per)
    x, y, w, t = map(real_points, (x, y, w, t))
    t, c = _splrep(x, y, w, one_number(xb), one_number(xe), t, one_number(s), k, quiet)
    return t, c, k


@each_row
def _splrep(x, y, w, xb, xe, t, s, k, quiet):
    plain = numbers_under((x, y, w, xb, xe))
    knots, inner = numbers_under((s, t))
    found, c, _ = scipy.interpolate.splrep(*plain, k, s=knots, t=inner, quiet=quiet)
    n = len(found) - k - 1
    if t is not None:
        s = None
    elif s is None and w is not None:
        s = len(plain[0]) - np.sqrt(2.0 * len(plain[0]))
    t, c, _ = near_data("splrep", (found, c[:n]), x, y, k, w, s, (xb, xe), t)
    return t, resized(c, t.shape)


def _chord_lengths(points):
    """The share of the polygon up to each of the points (m, d)."""
    lengths = np.sqrt(np.sum(np.diff(points, axis=0) ** 2, axis=1))
    u = np.concatenate([np.zeros(1), np.cumsum(lengths)])
    return u / u[-1]


@twin(scipy.interpolate.splprep)
def splprep(x, w, u, ub, ue, s, t, /, *, k, nest, quiet, task, full_output, per):
    """``[t, c, k], u`` of a parametric curve near points; equals :func:`scipy.interpolate.splprep`.

    Differentiable in x, w, u, s, t and the ends.

    Parameters
    ----------
    x : list of d arrays, shape (m,)
        Coordinates of the points.
    w : array, shape (m,), optional
        Weights.
    u : array, shape (m,), optional
        The parameters of the points; by default the share of the polygon up to each.
    ub, ue : number, optional
        The ends of u.
    k : int
        Degree.
    s : number, optional
        Bound of the sum of squares, over all coordinates; ``m - sqrt(2 m)`` by default.
    t : array, optional
        Knots, with ``task=-1``.
    task, full_output, nest, per, quiet
        As SciPy has them; of traced data no ``full_output``, no ``per``, and no ``task=1``.

    Returns
    -------
    tck : list
        Its c is a list of d arrays.
    u : array, shape (m,)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import splev, splprep
    >>> def above(y):
    ...     tck, u = splprep([np.arange(4.0), y], s=0)
    ...     return splev(0.5, tck)[1]
    >>> dr.grad(above)(np.array([0.0, 1.0, 1.0, 0.0])).round(3)
    array([-0.008,  0.508,  0.508, -0.008])
    """
    _refuse("splprep", full_output=full_output, task=task == 1, per=per)
    points = (
        as_operand(x) if isinstance(x, np.ndarray) else np.stack([real_points(row) for row in x])
    )
    given = map(real_points, (w, u, ub, ue, s, t))
    t, c, u = _splprep(points, *given, k, nest, quiet, task)
    return [t, list(c), k], u


@each_row
def _splprep(points, w, u, ub, ue, s, t, k, nest, quiet, task):
    plain = numbers_under((points, w, u, ub, ue))
    bound, knots = numbers_under((s, t))
    (found, c, _), plain_u = scipy.interpolate.splprep(
        list(plain[0]), *plain[1:], k, task, bound, knots, nest=nest, quiet=quiet
    )
    if u is None:
        u, ends = valued(_chord_lengths(points.T), plain_u), (0.0, 1.0)
    else:
        ends = ub, ue
    if task == -1:
        s, inner = None, interior(t, k)
    else:
        m, inner = len(plain_u), None
        s = m - np.sqrt(2.0 * m) if s is None else s
    t, c, _ = near_data("splprep", (found, np.stack(c, axis=-1)), u, points.T, k, w, s, ends, inner)
    return t, c.T, u


def _near(name, made, x, y, k, w, s, ends, t):
    """The knots and coefficients of SciPy's BSpline, of a bound s or of knots t that were given."""
    found = made.t, made.c[: len(made.t) - k - 1]
    bound = s if t is None else None
    return near_data(name, found, x, y, k, w, bound, ends, interior(t, k))[:2]


def _periodic(bc_type):
    return bc_type if bc_type == "periodic" else None


@like(scipy.interpolate.make_splrep)
def make_splrep(x, y, *, w=None, xb=None, xe=None, k=3, s=0, t=None, nest=None, bc_type=None):
    """The smoothing spline near data; equals :func:`scipy.interpolate.make_splrep`.

    Differentiable in x, y, w, s, t and the ends, as :class:`UnivariateSpline` is.

    Parameters
    ----------
    x, y : array, shape (m,)
        Sites and values.
    w, xb, xe, k, s, t, nest, bc_type
        As SciPy has them; of traced data and with s > 0 not ``bc_type="periodic"``.

    Returns
    -------
    BSpline

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import make_splrep
    >>> x = np.linspace(0, 3, 20)
    >>> y = np.exp(-4 * (x - 1) ** 2)
    >>> dr.grad(lambda s: make_splrep(x, y, s=s)(1.0))(0.03).round(3)
    np.float64(-1.232)
    """
    x, y, w, xb, xe, s, t = map(real_points, (x, y, w, xb, xe, s, t))
    kind = {} if bc_type is None else {"bc_type": bc_type}
    if not is_traced(x, y, w, xb, xe, s, t):
        options = {"w": w, "xb": xb, "xe": xe, "k": k, "s": s, "t": t, "nest": nest, **kind}
        return BSpline._from(scipy.interpolate.make_splrep(x, y, **options))
    if sample_of(s) == 0:
        if any(part is not None for part in (w, t, nest)):
            raise ValueError("s==0 is for interpolation only")
        return make_interp_spline(x, y, k=k, **kind)
    _refuse("make_splrep", bc_type=_periodic(bc_type))
    return BSpline.construct_fast(*_make_splrep(x, y, w, xb, xe, s, t, k, nest, kind), k)


@each_row
def _make_splrep(x, y, w, xb, xe, s, t, k, nest, kind):
    plain = numbers_under((x, y, w, xb, xe, s, t))
    names = ("w", "xb", "xe", "s", "t")
    made = scipy.interpolate.make_splrep(
        *plain[:2], **dict(zip(names, plain[2:])), k=k, nest=nest, **kind
    )
    return _near("make_splrep", made, x, y, k, w, s, (xb, xe), t)


@like(scipy.interpolate.make_splprep)
def make_splprep(x, *, w=None, u=None, ub=None, ue=None, k=3, s=0, t=None, nest=None, bc_type=None):
    """A parametric curve near points, and their parameters; equals
    :func:`scipy.interpolate.make_splprep`.

    Differentiable in x, w, u, s, t and the ends.

    Parameters
    ----------
    x : list of d arrays, shape (m,)
        Coordinates of the points.
    w, u, ub, ue, k, s, t, nest, bc_type
        As SciPy has them; of traced data not ``bc_type="periodic"``.

    Returns
    -------
    spl : BSpline
        To arrays of shape (d, ...).
    u : array, shape (m,)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import make_splprep
    >>> def above(y):
    ...     curve, u = make_splprep([np.arange(4.0), y])
    ...     return curve(0.5)[1]
    >>> dr.grad(above)(np.array([0.0, 1.0, 1.0, 0.0])).round(3)
    array([-0.008,  0.508,  0.508, -0.008])
    """
    points = np.stack([real_points(row) for row in x])
    w, u, ub, ue, s, t = map(real_points, (w, u, ub, ue, s, t))
    if not is_traced(points, w, u, ub, ue, s, t):
        options = {"w": w, "u": u, "ub": ub, "ue": ue, "k": k, "s": s, "t": t, "nest": nest}
        options |= {} if bc_type is None else {"bc_type": bc_type}
        made, u = scipy.interpolate.make_splprep(list(points), **options)
        return BSpline._from(made), u
    _refuse("make_splprep", bc_type=_periodic(bc_type))
    u = _chord_lengths(points.T) if u is None else u
    if sample_of(s) == 0:
        if any(part is not None for part in (w, t, nest)):
            raise ValueError("s==0 is for interpolation only")
        return make_interp_spline(u, points, k=k, axis=1), u
    t, c = _make_splprep(points, w, u, ub, ue, s, t, k, nest)
    return BSpline.construct_fast(t, c, k, axis=1), u


@each_row
def _make_splprep(points, w, u, ub, ue, s, t, k, nest):
    plain = numbers_under((w, u, ub, ue, s, t))
    names = ("w", "u", "ub", "ue", "s", "t")
    made, _ = scipy.interpolate.make_splprep(
        list(numbers_under(points)), **dict(zip(names, plain)), k=k, nest=nest
    )
    return _near("make_splprep", made, u, points.T, k, w, s, (ub, ue), t)
