"""Splines through data: make_interp_spline and make_lsq_spline.

Owns the coefficients as a linear function of the data, and its transpose.  Must not know how splines
are evaluated.

The coefficients solve ``A c = b``, with the values of the basis functions at the sites and their
derivatives at the ends in A, values and prescribed derivatives in b (de Boor, "A Practical Guide to
Splines", 2001, chapter XIII).  The derivative is one more solution, with A^T in reverse mode.
"""

from typing import Any

import numpy as np
import scipy.interpolate
from scipy.sparse import csr_array, vstack

from dualrev.core.operands import sample_of
from dualrev.core.traced import is_traced
from dualrev.core.words import linear, rule
from dualrev.errors import no_rule
from dualrev.known import valued
from dualrev.scipy.bodies import body
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.interpolate.bspline import BSpline, evaluate, spread
from dualrev.scipy.interpolate.knots import collocation
from dualrev.scipy.interpolate.points import as_points
from dualrev.scipy.interpolate.smoothing import fitted_coefficients, moved_knots
from dualrev.scipy.linalg import solve_banded
from dualrev.scipy.sparse.linalg import spsolve
from dualrev.scipy.twin import like
from dualrev.ways import behind

__all__ = ["make_interp_spline", "make_lsq_spline", "make_smoothing_spline"]

# ---------------------------------------------------------------------------- interpolation


def _ends_row(x, t, k, order):
    """The derivative of that order at x, as a function of the coefficients."""
    return spread(np.ones(1), np.array([x]), n=len(t) - k - 1, t=t, k=k, nu=order)


def _periodic_collocation(x, t, k):
    """Rows for the values, and for the k - 1 derivatives that agree at the ends."""
    values = scipy.interpolate.BSpline.design_matrix(x, t, k, True)
    rows = [_ends_row(x[0], t, k, j) - _ends_row(x[-1], t, k, j) for j in range(1, k)]
    return vstack([values, csr_array(np.reshape(rows, (k - 1, values.shape[1])))])


def _collocation(x, t, k, first, last):
    """The matrix A: rows for the derivatives at the first site, the values, those at the last."""
    values = scipy.interpolate.BSpline.design_matrix(x, t, k, True)
    if not first and not last:
        return values
    top = [csr_array(_ends_row(x[0], t, k, j)[None]) for j in first]
    bottom = [csr_array(_ends_row(x[-1], t, k, j)[None]) for j in last]
    return vstack([*top, values, *bottom])


def _interpolating(b, x=None, t=None, k=3, first=(), last=(), call=None):
    """Coefficients from the derivatives at the first site, the values, those at the last."""
    return call(b)


def _interpolating_transpose(ct, b, x=None, t=None, k=3, first=(), last=(), call=None):
    """A^-T ct"""
    n = len(t) - k - 1
    rows = len(x) + len(first) + len(last)
    columns = ct[:n].reshape(n, -1)
    if k < 2 and n == len(x):  # each coefficient is a value
        return ct[:n]
    entries = _collocation(x, t, k, first, last).tocoo()
    row, col, data = entries.row, entries.col, entries.data
    if first or last:  # whose rows hold zeros far from the diagonal
        near = np.abs(row - col) <= k
        row, col, data = row[near], col[near], data[near]
    bands = np.zeros((2 * k + 1, n))
    bands[k + col - row, row] = data
    u = solve_banded((k, k), bands, columns, check_finite=False)
    return u.reshape(rows, *ct.shape[1:])


_interpolating = linear(_interpolating, _interpolating_transpose, batch=behind)


def _closed(b, x=None, t=None, k=3):
    """A^-1 b, also of values that differ at the ends, which SciPy takes for none."""
    values = b.reshape(len(x), -1)
    rows = np.concatenate([values, np.zeros((k - 1, values.shape[1]))])
    return spsolve(_periodic_collocation(x, t, k).tocsc(), rows).reshape(-1, *b.shape[1:])


def _closed_transpose(ct, b, x=None, t=None, k=3):
    """A^-T ct"""
    rows = spsolve(_periodic_collocation(x, t, k).T.tocsc(), ct.reshape(len(ct), -1))
    return rows[: len(x)].reshape(b.shape)


_closed = linear(_closed, _closed_transpose, batch=behind)


_periodic = rule(
    lambda b, x=None, t=None, k=3, call=None: call(b),
    lambda tangents, ans, b, call=None, **knots: _closed(tangents[0], **knots),
    lambda ct, wanted, ans, b, call=None, **knots: (_closed_transpose(ct, b, **knots),),
    batch=behind,
    name="make_interp_spline",
)

_STRINGS = {"clamped": 1, "natural": 2}


def _prescribed(bc_type):
    """Orders and values of the derivatives at both ends."""
    ends = (bc_type, bc_type) if bc_type is None or isinstance(bc_type, str) else bc_type
    orders, values = [], []
    for end in ends:
        if end is None or isinstance(end, str):
            pairs = [(_STRINGS[end], 0.0)] if end in _STRINGS else []
        else:
            pairs = [(int(order), value) for order, value in end]
        orders.append(tuple(order for order, _ in pairs))
        values.append([as_points(value) for _, value in pairs])
    return orders, values


def make_interp_spline(x, y, k=3, t=None, bc_type=None, axis=0, check_finite=True):
    """The spline of degree k through data; equals :func:`scipy.interpolate.make_interp_spline`.

    Differentiable in y, in the values of the derivatives prescribed by ``bc_type`` and, but for
    ``bc_type="periodic"``, in x and t.

    Parameters
    ----------
    x : array, shape (n,)
        Sites, strictly increasing.
    y : array
        Values, of length n along ``axis``.
    k : int
        Degree.
    t : array, optional
        Knots; by default chosen among the sites, with which they move.
    bc_type : str or pair, optional
        "clamped", "natural", "not-a-knot", "periodic", or for both ends a list of
        ``(order, value)``.
    axis : int
        Of y along which x runs.
    check_finite : bool
        Whether nan and inf raise.

    Returns
    -------
    BSpline

    Raises
    ------
    MissingRuleError
        Where a derivative by the sites of a periodic spline is asked; :class:`CubicSpline` has it.

    Notes
    -----
    The derivative of c solves the same banded system, or its transpose: O(n k^2).  By x or t it is that
    of a dense solution, O(n^3).

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import make_interp_spline
    >>> x = np.arange(4.0)
    >>> dr.grad(lambda y: make_interp_spline(x, y)(1.5))(x**2)
    array([-0.0625,  0.5625,  0.5625, -0.0625])
    """
    x, y, t = map(as_points, (x, y, t))
    values: Any = ([], [])
    if not isinstance(bc_type, str) and bc_type is not None:
        _, values = _prescribed(bc_type)
    if not is_traced(x, y, t, *values[0], *values[1]):
        made = scipy.interpolate.make_interp_spline(x, y, k, t, bc_type, axis, check_finite)
        return BSpline._from(made)
    orders, values = _prescribed(bc_type)
    b = np.moveaxis(y, axis, 0)
    parts = [
        *(np.broadcast_to(value, b.shape[1:])[None] for value in values[0]),
        b,
        *(np.broadcast_to(value, b.shape[1:])[None] for value in values[1]),
    ]
    b = np.concatenate(parts) if len(parts) > 1 else b
    first, last = orders

    def make(x, b, t):
        ends = bc_type
        if not isinstance(bc_type, str) and bc_type is not None:
            n = len(b) - len(last)
            ends = (list(zip(first, b[: len(first)])) or None, list(zip(last, b[n:])) or None)
        inside = b[len(first) : len(b) - len(last)]
        return scipy.interpolate.make_interp_spline(x, inside, k, t, ends, 0, check_finite)

    if is_traced(x, t):
        if bc_type == "periodic":
            raise no_rule(
                "make_interp_spline with bc_type='periodic' and traced sites",
                "write CubicSpline(x, y, bc_type='periodic')",
            )
        t, c = _by_sites(x, b, t, k, first, last, make)
        return BSpline.construct_fast(t, c, k, True, axis % y.ndim)
    plain = make(x, sample_of(b), t)
    options = {"x": plain_sites(x), "t": plain.t, "k": k, "call": lambda b: make(x, b, t).c}
    if bc_type != "periodic":
        c = _interpolating(b, first=first, last=last, **options)
    else:
        c = _periodic(b, **options) if k > 1 else b
    return BSpline.construct_fast(plain.t, c, plain.k, plain.extrapolate, axis % y.ndim)


@each_row
def _by_sites(x, b, t, k, first, last, make):
    """Knots and coefficients, in all of sites, knots, and derivatives at the ends beside values."""
    plain = make(*numbers_under((x, b, t)))
    if t is None:
        t = moved_knots(plain.t, x, k)
        if k < 2:  # each coefficient is a value
            return t, b
    n = len(t) - k - 1
    top, bottom = (
        [evaluate(np.eye(n), x[end : end + 1 or None], t=t, k=k, nu=order) for order in orders]
        for end, orders in ((0, first), (-1, last))
    )
    matrix = np.concatenate([*top, collocation(x, t, k), *bottom])
    c = np.linalg.solve(matrix, b.reshape(n, -1))
    return t, valued(c.reshape(b.shape), plain.c[:n])


def plain_sites(x):
    """x as SciPy computes with it."""
    return np.ascontiguousarray(x, np.float64)


# ------------------------------------------------------------------------------ least squares


def _fitted(y, x=None, t=None, k=3, w=None, options=None):
    """Coefficients of the spline nearest to y: (B^T W^2 B)^-1 B^T W^2 y."""
    return scipy.interpolate.make_lsq_spline(x, y, t, k, w, 0, **options).c


def _fitted_transpose(ct, y, x=None, t=None, k=3, w=None, options=None):
    basis = scipy.interpolate.BSpline.design_matrix(x, t, k, True)
    squares = np.ones(len(x)) if w is None else np.square(w)
    normal = (basis.T @ (basis * squares[:, None])).tocsc()
    n = ct.shape[0]
    solution = spsolve(normal, ct.reshape(n, -1)).reshape(n, -1)
    return (squares[:, None] * (basis @ solution)).reshape(len(x), *ct.shape[1:])


_fitted = linear(_fitted, _fitted_transpose, batch=behind)


def linear_fit(x, t, k, w):
    """The coefficients as a function of y, where all else is plain; see ``fitted_coefficients``."""
    x = plain_sites(x)

    def call(y, interpolates):
        if interpolates:

            def through(y):
                return scipy.interpolate.make_interp_spline(x, y, k, t).c

            return _interpolating(y, x=x, t=t, k=k, call=through)
        return _fitted(y, x=x, t=t, k=k, w=w, options={})

    return call


@like(scipy.interpolate.make_lsq_spline)
def make_lsq_spline(x, y, t, k=3, w=None, axis=0, check_finite=True, **method):
    """The spline of given knots nearest to data; equals :func:`scipy.interpolate.make_lsq_spline`.

    Differentiable in y, x, t and w.

    Parameters
    ----------
    x : array, shape (m,)
        Sites, increasing.
    y : array
        Values, of length m along ``axis``.
    t : array, shape (n + k + 1,)
        Knots.
    k : int
        Degree.
    w : array, shape (m,), optional
        Weights of the residuals, which are squared with them.
    axis : int
        Of y along which x runs.
    check_finite : bool
        Whether nan and inf raise.
    **method
        ``method="qr"`` or ``"norm-eq"``, as SciPy has it from version 1.16 on.

    Returns
    -------
    BSpline

    Notes
    -----
    ``c = (B^T W^2 B)^-1 B^T W^2 y`` (de Boor 2001, "A Practical Guide to Splines", chapter XIV): its
    derivative is the fit of dy, in reverse mode one solution with the banded normal matrix.  By x, t
    and w it is that of a dense solution, O(m n^2).

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import make_lsq_spline
    >>> x, t = np.arange(5.0), np.array([0.0, 0.0, 4.0, 4.0])
    >>> dr.grad(lambda y: make_lsq_spline(x, y, t, k=1)(0.0))(x).round(12)
    array([ 0.6,  0.4,  0.2,  0. , -0.2])
    """
    x, y, t, w = map(as_points, (x, y, t, w))
    options = {"check_finite": check_finite, **method}
    if not is_traced(x, y, t, w):
        return BSpline._from(scipy.interpolate.make_lsq_spline(x, y, t, k, w, axis, **options))
    y = np.moveaxis(y, axis, 0)
    if is_traced(x, t, w):
        c = _fitted_by_sites(x, y, t, w, k, options)
        return BSpline.construct_fast(t, c, k, True, axis % y.ndim)
    plain = scipy.interpolate.make_lsq_spline(x, sample_of(y), t, k, w, 0, **options)
    weights = None if w is None else np.asarray(w, np.float64)
    c = _fitted(y, x=plain_sites(x), t=plain.t, k=k, w=weights, options=options)
    return BSpline.construct_fast(plain.t, c, plain.k, plain.extrapolate, axis % y.ndim)


@each_row
def _fitted_by_sites(x, y, t, w, k, options):
    plain = numbers_under((x, y, t, w))
    c = scipy.interpolate.make_lsq_spline(*plain[:3], k, plain[3], 0, **options).c
    return fitted_coefficients("make_lsq_spline", c, x, y, t, k, w)


_smoothing = body(scipy.interpolate.make_smoothing_spline)


@like(scipy.interpolate.make_smoothing_spline)
def make_smoothing_spline(x, y, w=None, lam=None, **options):
    """The cubic spline that smooths data by a penalty; equals
    :func:`scipy.interpolate.make_smoothing_spline`.

    ``sum w (y - f(x))^2 + lam * integral f''^2`` is least.  Differentiable in x, y, w and lam; where lam
    is that of the least generalized cross-validation, through this minimum, too.

    Parameters
    ----------
    x : array, shape (n,)
        Sites, increasing.
    y : array
        Values, of length n along ``axis``.
    w : array, shape (n,), optional
        Weights.
    lam : number, optional
        The weight of the penalty.
    axis : int
        Of y along which x runs.

    Returns
    -------
    BSpline

    Notes
    -----
    SciPy's own body on traced arrays: a gradient costs O(n) operations of Python.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.interpolate import make_smoothing_spline
    >>> x = np.arange(6.0)
    >>> dr.grad(lambda lam: make_smoothing_spline(x, x**2, lam=lam)(2.0))(1.0).round(4)
    np.float64(0.5759)
    """
    made = _smoothing(x, y, w, lam, **options)
    return made if isinstance(made, BSpline) else BSpline._from(made)
